"""The regions report: planted truth, habits that look like differences, hand counts, masking, bad input."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import AbsentError, ParamError
from journey_lib.measures.funnel import funnel
from journey_lib.measures.regions import RegionsResult, regions
from journey_lib.measures.regions.words import candidate
from journey_lib.study.data import Data
from journey_lib.study.definition import Study, study_from
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.sample import write

Loaded = tuple[Study, Data]
ITEMS = [f"q{at}" for at in range(10)]
PAYING = {"pay": {"kind": "single", "labels": {"1": {"en": "Card"}, "2": {"en": "Instant transfer"}}}}


@pytest.fixture(scope="module")
def demo(planted: tuple[Study, Data, dict[str, Any]]) -> RegionsResult:
    study, data, _ = planted
    return regions(study, data)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("tiny")
    write(folder, "tiny")
    return load_study(folder)


@pytest.fixture(scope="module")
def small(tiny: Loaded) -> RegionsResult:
    return regions(*tiny)


def rated(
    stretch: dict[str, float], lower: dict[str, float] | None = None, things: int = 1, level: float = 3.9
) -> RegionsResult:
    """Ratings of ten things; a region stretches its answers about the middle, or likes some less."""
    n = 400
    rng = np.random.default_rng(5)
    frames = []
    for region, factor in stretch.items():
        latent = level + 0.5 * rng.standard_normal((n, 1)) + 0.9 * rng.standard_normal((n, len(ITEMS)))
        latent[:, :things] -= (lower or {}).get(region, 0.0)
        answers = np.clip(np.round(3 + factor * (latent - 3)), 1, 5)
        frames.append(pd.DataFrame(answers, columns=ITEMS).assign(region=region))
    return regions(*quick_study(responses=pd.concat(frames), questions=dict.fromkeys(ITEMS, "rating")))


def asked(cells: dict[str, dict[str, int]], **options: Any) -> RegionsResult:
    """One question about paying: for each region how many gave each answer."""
    rows = [(r, a) for r, given in cells.items() for a, times in given.items() for _ in range(times)]
    frame = pd.DataFrame(rows, columns=["region", "pay"])
    return regions(*quick_study(responses=frame, questions={"pay": "single"}), **options)


def check(result: RegionsResult, name: str) -> Any:
    return next(one for one in result.checks if one.name == name)


# Planted


def test_the_missing_way_to_pay_is_found_where_it_costs_customers(demo: RegionsResult) -> None:
    gaps = demo.real.query("metric == 'moved_on_gap'")
    assert gaps[["stage", "group"]].values.tolist() == [
        ["consideration", "BR"]
    ]  # the planted −.09, nothing else
    low, high = gaps[["ci_low", "ci_high"]].iloc[0]
    assert low < -0.09 < high < -0.03
    wishes = demo.real.query("metric == 'unmet'")
    assert wishes[["option", "group"]].values.tolist() == [["7", "BR"]]  # instant transfer
    assert demo.table.query("metric == 'paid_with' and option == 'instant_transfer' and group == 'BR'")[
        "estimate"
    ].tolist() == [0.0]
    found = candidate(demo)
    assert found is not None
    assert (found[0].group, found[1].option) == ("BR", "7")
    assert "candidate cause, not a proof" in demo.explain("long", "en")


def test_preferences_are_those_that_were_planted(demo: RegionsResult) -> None:
    from journey_lib.study.sample import design, ratings

    cells = demo.table.query("metric == 'preferred'").set_index(["question", "option", "group"])
    for name, table in (
        ("pay_preferred", ratings.PAY_PREFERRED),
        ("support_preferred", ratings.SUPPORT_PREFERRED),
    ):
        for at, region in enumerate(design.REGIONS):
            for code, share in enumerate(table[at], start=1):
                own = cells.loc[(name, str(code), region)]
                assert own["ci_low"] <= share <= own["ci_high"]


def test_a_region_gap_that_is_a_habit_of_rating_is_told_as_a_habit(demo: RegionsResult) -> None:
    assert not demo.real["metric"].str.startswith("rating").any()
    habits = demo.habit.query("metric == 'extreme_use_gap'").set_index("group")["estimate"]
    assert habits["JP"] < 0 < habits["BR"]
    assert set(demo.habit["group"]) == {"JP", "BR"}
    adjusted = demo.table.query("metric == 'standardised_gap'")
    assert (adjusted["p_value"].dropna() > 0.05).all()


def test_hours_are_local_and_holidays_stand_out(demo: RegionsResult) -> None:
    hours = demo.table.query("metric == 'hour_share'").pivot_table(
        index="group", columns="option", values="estimate"
    )
    assert (hours.loc[:, "19":"22"].sum(axis=1) > 0.25).all()  # planted: evenings are busiest everywhere
    assert (hours.loc[:, "01":"05"].sum(axis=1) < 0.10).all()
    assert np.allclose(hours.sum(axis=1), 1)
    ratio = demo.table.query("metric == 'holiday_ratio'").set_index(["option", "group"])["estimate"]
    assert ratio["black_friday", "US"] > 1.1
    moved = {(region, one.id) for region, one, _, _ in demo.counted.rhythm.moved}  # type: ignore[union-attr]
    assert moved == {("KR", "seollal"), ("BR", "carnival")}
    assert "2025-01" in check(demo, "holidays").text.say("en")


def test_ranks_admit_what_is_not_known(demo: RegionsResult) -> None:
    ranks = demo.table.query("metric == 'moved_on_rank' and stage == 'consideration'").set_index("group")
    assert ranks.loc["BR", ["ci_low", "ci_high"]].tolist() == [6, 6]
    assert ranks.drop("BR")["ci_low"].eq(1).all()
    assert ranks.drop("BR")["ci_high"].eq(5).all()


# Ratings


def test_a_stretched_scale_makes_a_raw_difference_and_no_adjusted_one() -> None:
    found = rated({"a": 1.0, "b": 1.0, "c": 1.3})
    assert "c" in {one.group for one in found.habits()}
    assert found.gaps("rating_gap") == []
    assert {one.group for one in found.gaps("extreme_use_gap")} >= {"c"}
    assert all("a habit, not an opinion" in f.sentence.say("en") for f in found.headlines())


def test_something_one_region_likes_less_is_no_habit() -> None:
    found = rated({"a": 1.0, "b": 1.0, "c": 1.0}, {"c": 0.8})
    assert {(one.question, one.group) for one in found.gaps("rating_gap")} >= {("q0", "c")}
    assert all(one.question == "q0" for one in found.gaps("rating_gap"))


def test_a_region_that_likes_everything_less_is_told_where_it_spreads_its_answers_as_others_do() -> None:
    found = rated({"a": 1.0, "b": 1.0, "c": 1.0}, {"c": 0.5}, things=len(ITEMS), level=3.3)
    assert "c" in {one.group for one in found.gaps("rating_gap") if not one.question}
    assert not found.clear(found.number("own_spread_gap", group="c"))
    assert "less satisfied" in found.explain("short", "en")


def test_with_too_few_questions_no_rating_is_called_real() -> None:
    frame = pd.DataFrame({"region": ["a"] * 60 + ["b"] * 60, "q": [5] * 50 + [1] * 10 + [1] * 50 + [5] * 10})
    loaded = quick_study(responses=frame, questions={"q": "rating"})
    careful, trusting = regions(*loaded), regions(*loaded, adjust="none")
    assert careful.gaps("rating_gap") == []
    assert check(careful, "response_style").status == "watch"
    assert {one.group for one in trusting.gaps("rating_gap")} == {"a", "b"}


def test_ratings_of_a_small_region_are_shown_and_not_compared() -> None:
    frame = pd.DataFrame({"region": ["a"] * 60 + ["b"] * 60 + ["c"] * 12, "q": [5, 4, 2] * 44})
    found = regions(*quick_study(responses=frame, questions={"q": "rating"}), adjust="none")
    rows = found.table.set_index(["metric", "group"])
    assert rows.loc[("rating", "c"), "estimate"] == pytest.approx(11 / 3)
    assert rows.loc[("rating_gap", "c"), "note"] == "too_few"
    assert found.counted.ratings[0].comparisons == 2


# Counted by hand


def test_shares_and_gaps_can_be_counted() -> None:
    found = asked(
        {"n": {"card": 75, "cash": 25}, "s": {"card": 20, "cash": 80}, "w": {"card": 30, "cash": 70}}
    )
    shares = found.table.query("metric == 'preferred' and option == 'card'").set_index("group")["estimate"]
    assert shares.round(12).to_dict() == {"": round(125 / 300, 12), "n": 0.75, "s": 0.2, "w": 0.3}
    gap = found.table.query("metric == 'preferred_gap' and option == 'card'").set_index("group")["estimate"]
    assert gap["n"] == pytest.approx(0.75 - 50 / 200)
    assert found.counted.families[0].comparisons == 6


def test_a_difference_too_small_to_matter_is_not_told() -> None:
    cells = {"n": {"card": 5200, "cash": 4800}, "s": {"card": 5000, "cash": 5000}}
    assert asked(cells).real.empty
    assert not asked(cells, effect=0.01).real.empty
    assert "Treat regions alike" in asked(cells).explain("long", "en")


def test_conversion_is_that_of_the_funnel(tiny: Loaded, small: RegionsResult) -> None:
    study, data = tiny
    own = small.table.query("metric == 'moved_on'").set_index(["stage", "group"])["estimate"]
    other = funnel(study, data, by="region").table.query("metric == 'rate_km'").set_index(["stage", "group"])
    for at, share in own.items():
        if at[1]:
            assert share == pytest.approx(other.loc[at, "estimate"], rel=1e-12, nan_ok=True)


# Masking


def test_a_share_that_few_stand_behind_is_hidden_with_another_that_would_give_it_away() -> None:
    found = asked(
        {"n": {"a": 60, "b": 37, "c": 3}, "s": {"a": 40, "b": 30, "c": 30}, "w": {"a": 30, "b": 40, "c": 30}}
    )
    shown = found.masked.query("metric == 'preferred'").set_index(["option", "group"])
    assert shown.loc[("c", "n"), "note"] == "masked"
    assert shown.loc[("b", "n"), "note"] == "withheld"  # the smallest other answer of that region
    for line in (shown.xs("n", level="group"), shown.xs("c", level="option").drop("", errors="ignore")):
        assert line["estimate"].isna().sum() >= 2  # so that no subtraction tells the hidden one
    gaps = found.masked.query("metric == 'preferred_gap'").set_index(["option", "group"])["estimate"]
    assert np.isnan(gaps["c", "n"])
    assert not found.table["estimate"].isna().any()  # its owner sees everything
    assert found.findings()["estimate"].isna().sum() == found.masked["estimate"].isna().sum()


def test_an_answer_nobody_gave_is_shown_as_zero() -> None:
    found = asked({"n": {"a": 60, "b": 40}, "s": {"a": 50, "b": 30, "c": 20}})
    shown = found.masked.query("metric == 'preferred' and option == 'c' and group == 'n'")
    assert shown["estimate"].tolist() == [0.0]


def test_a_region_of_one_customer_is_named_nowhere() -> None:
    found = asked({"n": {"a": 60, "b": 40}, "s": {"a": 50, "b": 50}, "lone": {"a": 1}})
    rows = found.masked.query("group == 'lone' and metric != 'rating_rank'")
    assert rows["estimate"].isna().all()
    assert (found.table.query("metric == 'preferred_gap' and group == 'lone'")["note"] == "too_few").all()
    assert check(found, "thin_regions").status == "watch"
    assert "lone" not in found.explain("long", "en")


# Clocks


def log_of(zone_hours: dict[str, int], **columns: Any) -> pd.DataFrame:
    """One visit a day at noon UTC for sixty days and forty customers a region, in summer time of 2025."""
    start = datetime(2025, 6, 2, 12)  # noqa: DTZ001 - written with its zone below
    rows = [
        {"customer_id": f"{region}{who}", "event": "seen", "time": f"{start + timedelta(days=day)}Z"}
        for region in zone_hours for who in range(40) for day in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**columns)


def clocked(zones: list[dict[str, str]]) -> RegionsResult:
    people = pd.DataFrame({"customer_id": [f"{r}{w}" for r in ("BE", "SE") for w in range(40)],
                           "region": [r for r in ("BE", "SE") for _ in range(40)]})  # fmt: skip
    study, data = quick_study(events=log_of({"BE": 2, "SE": 9}), customers=people, journey=["seen", "paid"])
    raw = study.model_dump(mode="json", exclude_defaults=True) | {"regions": zones, "time_zone": "Asia/Seoul"}
    return regions(study_from(raw), data)


def test_hours_follow_the_zone_of_each_region() -> None:
    found = clocked([{"id": "BE", "time_zone": "Europe/Berlin"}, {"id": "SE", "time_zone": "Asia/Seoul"}])
    busy = found.table.query("metric == 'hour_share' and estimate == 1").set_index("group")["option"]
    assert busy.to_dict() == {"BE": "14", "SE": "21"}  # Berlin keeps summer time in June
    assert check(found, "local_time").status == "passed"


def test_a_region_without_a_zone_is_said_to_borrow_one() -> None:
    found = clocked([{"id": "BE", "time_zone": "Europe/Berlin"}])
    assert check(found, "local_time").status == "watch"
    assert "SE" in check(found, "local_time").text.say("en")


# Parts and bad input


def test_each_part_stands_without_the_others(tiny: Loaded) -> None:
    study, data = tiny
    only = {
        "answers": Data(responses=data.responses, missing=data.missing, weights=data.weights),
        "events": Data(events=data.events, customers=data.customers),
        "orders": Data(orders=data.orders, customers=data.customers),
    }
    for name, part in only.items():
        found = regions(study, part)
        assert check(found, "parts").status == "not_assessable"
        kinds = set(found.table["metric"])
        assert ("moved_on" in kinds) == (name == "events")
        assert ("preferred" in kinds) == (name == "answers")
        assert ("paid_with" in kinds) == (name in ("orders", "events"))  # the log knows ways to pay too
        absent = "conversion" if name != "events" else "style"
        assert "<img" not in found.show(absent)._repr_html_()  # a sentence says why there is no figure
        with pytest.raises(ParamError, match="holds nothing"):
            found.plot(kind=absent)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_part_shows_itself_in_both_languages(small: RegionsResult, lang: str) -> None:
    found = replace(small, study=small.study.speak(lang), context=replace(small.context, language=lang))
    for kind in ("conversion", "preferences", "ratings", "style", "rhythm"):
        html = found.show(kind)._repr_html_()
        assert html.count("<img") == html.count("alt=") > 0
        assert found.plot(kind=kind).title.say(lang)
    assert found.opening()._repr_html_()
    assert found.picture().startswith("data:image/png")


def test_columns_that_cannot_split_are_refused() -> None:
    towns = [str(at) for at in range(80)]
    frame = pd.DataFrame({"region": ["a", "b"] * 40, "town": towns, "one": "x", "pay": ["1", "2"] * 40})
    loaded = quick_study(responses=frame, questions={"pay": "single"})
    with pytest.raises(ParamError, match="Did you mean 'region'"):
        regions(*loaded, region="regoin")
    with pytest.raises(ParamError, match="one value, so nothing can be compared"):
        regions(*loaded, region="one")
    with pytest.raises(ParamError, match="'town' has 80 values"):
        regions(*loaded, region="town")
    with pytest.raises(ParamError, match=r"(?s)effect.+least"):
        regions(*loaded, effect=3, least=1)
    with pytest.raises(ParamError, match="adjust"):
        regions(*loaded, adjust="styl")


def test_a_study_without_regions_is_not_applicable() -> None:
    frame = pd.DataFrame({"pay": ["1", "2"] * 40})
    with pytest.raises(AbsentError, match="no column 'region'"):
        regions(*quick_study(responses=frame, questions={"pay": "single"}))
    with pytest.raises(AbsentError, match="nothing that can be compared"):
        regions(*quick_study(customers=pd.DataFrame({"customer_id": ["1", "2"], "region": ["a", "b"]})))


def test_passengers_by_destination_of_the_real_airport(airport: Path) -> None:
    study, data = load_study(airport)
    known = data.require("responses", by="test")
    known = known[known["region"].notna() & (known["region"] != "")].reset_index(drop=True)
    found = regions(study, Data(responses=known))
    assert found.counted.asked is not None
    assert found.counted.asked.adjustable
    assert len(found.whom) == 9
    assert {"rating_gap", "standardised_gap", "extreme_use_gap"} <= set(found.table["metric"])
    assert found.label("1") == "US West"
