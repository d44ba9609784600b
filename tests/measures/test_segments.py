"""The segments report: planted groups, no groups, real data, and every way to ask for the impossible."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.segments import SegmentsResult, segments
from journey_lib.stats.clusters import choose
from journey_lib.stats.clusters.choose import criteria
from journey_lib.stats.clusters.latent import Classes
from journey_lib.stats.clusters.matching import agreement
from journey_lib.stats.clusters.typing_tool import classify
from journey_lib.study.clustering import fit
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.sample import write

Loaded = tuple[Study, Data]
FEW = 5  # draws where only members, notices or other columns are asserted: stability is not looked at


@pytest.fixture(autouse=True)
def _fewer_doubts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Look at fewer numbers of groups, less often: the planted and the null file are looked at in full."""
    if "null" not in request.node.name:
        monkeypatch.setattr(fit, "criteria", partial(criteria, ks=range(1, 4), draws=8))
        monkeypatch.setattr(choose, "_one_cloud", lambda *_: 0.01)


Truth = np.ndarray


def sample(folder: Path, variant: str = "") -> tuple[Study, Data, Truth]:
    write(folder, "tiny", variant=variant)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["true_segments"]
    return (*load_study(folder), np.array([int(digit) for digit in truth]))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Data, Truth]:
    return sample(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def found(tiny: tuple[Study, Data, Truth]) -> SegmentsResult:
    return segments(tiny[0], tiny[1], draws=20)


def groups(n: int = 120, **columns: Any) -> Loaded:
    """Customers in two clear groups of calls and minutes, with further columns."""
    rng = np.random.default_rng(1)
    calls = np.repeat([2.0, 12.0], n // 2) + rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{at:04d}" for at in range(n)],
            "calls": calls,
            "minutes": 2 * calls + 3 * rng.normal(size=n),
            **columns,
        }
    )
    return quick_study(customers=frame)


def check(result: SegmentsResult, name: str) -> Any:
    return next(one for one in result.checks if one.name == name)


# Planted truth


def truth_of(result: SegmentsResult, truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    members = result.members
    return truth[members["id"].str[1:].astype(int)], members["segment"].astype(int).to_numpy() - 1


def test_the_planted_segments_are_found(found: SegmentsResult, tiny: tuple[Study, Data, Truth]) -> None:
    truth, said = truth_of(found, tiny[2])
    assert found.verdict == "clear"
    assert 3 <= found.k <= 5
    assert agreement(truth, said) >= 0.75
    assert found.stability["word"].isin(["stable", "valid"]).all()


def test_the_planted_traits_stand_in_the_profiles(
    found: SegmentsResult, tiny: tuple[Study, Data, Truth]
) -> None:
    truth, said = truth_of(found, tiny[2])
    # price-driven, convenience, support-heavy, enthusiast: what each is planted to do more than anybody
    planted = {0: "discount_share_pct", 2: "help_minutes_per_month", 3: "new_recipes_pct"}
    profiles = found.profiles[found.profiles["distance"].notna()]
    for segment, trait in planted.items():
        name = str(int(np.bincount(said[truth == segment]).argmax()) + 1)
        own = profiles[(profiles["segment"] == name) & profiles["question"].isin(found.found.active)]
        assert own.loc[own["distance"].idxmax(), "question"] == trait


def test_what_was_planted_beside_the_behaviours_is_found_among_the_others(found: SegmentsResult) -> None:
    effects = found.table.query("metric == 'effect' and comparison == 'passive'").set_index("question")
    assert effects.loc[["contacts_before", "values_price", "values_time"], "p_value"].max() < 0.001
    assert effects.loc["region", "p_value"] > 0.05


def test_the_null_file_gives_no_segments(tmp_path: Path) -> None:
    study, data, _ = sample(tmp_path, "null")
    result = segments(study, data, draws=20)
    assert (result.verdict, result.k) == ("none", 0)
    assert result.members["segment"].eq("").all()
    assert check(result, "verdict").status == "failed"
    assert result.headlines() == ()
    assert "Do not build segments" in result.explain("long")
    assert result.typing_tool == ""
    assert result.plot(kind="choice").title.say("en") == "The criteria see no segments"


# What the result gives


def test_the_table_adds_up(found: SegmentsResult) -> None:
    table = found.table
    assert table.query("metric == 'size'")["estimate"].sum() == pytest.approx(1)
    members = found.members["segment"].value_counts()
    assert members.tolist() == sorted(members, reverse=True)
    assert members.index.tolist() == [str(at + 1) for at in range(found.k)]
    reached = table.query("metric == 'reached' and stage == 'consideration'").set_index("segment")
    parts = reached.drop("")
    total = (parts["estimate"] * parts["n"]).sum() / parts["n"].sum()
    assert total == pytest.approx(reached.loc["", "estimate"])


def test_the_stages_are_those_the_log_tells(found: SegmentsResult, tiny: tuple[Study, Data, Truth]) -> None:
    _, data, _ = tiny
    assert data.events is not None
    frame = pd.read_parquet(next(Path(tiny[0].folder).glob("raw/events*")))
    bought = set(frame.loc[frame["event"] == "order_paid", "customer_id"].dropna())
    members = found.members
    share = members["id"].isin(bought).groupby(members["segment"]).mean()
    told = found.table.query("metric == 'reached' and stage == 'purchase'").set_index("segment")["estimate"]
    # the log joins some anonymous visits to customers and leaves out what lies outside the window
    assert told[share.index].to_numpy() == pytest.approx(share.to_numpy(), abs=0.03)


def test_people_can_be_typed_with_the_tool(found: SegmentsResult, tiny: tuple[Study, Data, Truth]) -> None:
    customers = tiny[1].require("customers", by="test").set_index("customer_id")
    said = classify(found.typing_tool, customers.loc[found.members["id"]])["segment"]
    known = said != ""
    assert known.mean() > 0.9
    assert (said[known].to_numpy() == found.members["segment"][known.to_numpy()].to_numpy()).mean() > 0.95
    assert found.judged is not None
    assert found.judged.accuracy > 0.9


def test_the_order_of_the_rows_changes_nothing() -> None:
    study, data = groups()
    customers = data.require("customers", by="test")
    shuffled = customers.sample(frac=1, random_state=3)
    one = segments(study, data, draws=20)
    other = segments(*quick_study(customers=shuffled), draws=20)
    pd.testing.assert_frame_equal(one.members, other.members)
    pd.testing.assert_frame_equal(one.table, other.table)


def test_every_figure_and_part_is_drawn_in_both_languages(found: SegmentsResult) -> None:
    for kind in (
        "choice",
        "sizes",
        "profiles",
        "stages",
        "stability",
        "verdict",
        "traits",
        "others",
        "typing",
    ):
        assert not found.show(kind).empty
    assert found.show("moves").empty
    assert "세그먼트" in found.explain("long", "ko")
    assert len(found.headlines()) <= 3


def test_a_segment_of_the_study_bounds_the_people(tiny: tuple[Study, Data, Truth]) -> None:
    study, data = load_study(tiny[0].folder, segment="region=KR")
    result = segments(study, data, k=2, draws=FEW)
    customers = data.require("customers", by="test").set_index("customer_id")
    assert customers.loc[result.members["id"], "region"].eq("KR").all()


# Other methods


def test_mixtures_and_prototypes_find_the_same_two_groups() -> None:
    loaded = groups(plan=["basic"] * 60 + ["plus"] * 60, note=[None, "x"] * 60)
    truth = np.repeat([0, 1], 60)
    for method in ("mixture", "prototypes"):
        result = segments(*loaded, method=method, columns=["calls", "minutes"], k=2, draws=FEW)
        assert agreement(truth, result.members["segment"]) > 0.9
    mixed = segments(*loaded, method="prototypes", k=2, draws=FEW)
    assert mixed.found.active == ("calls", "minutes", "plan")  # `note` has one value only
    assert result.members["segment"].ne("").all()


def test_prototypes_group_people_who_lack_values() -> None:
    calls = np.where(np.arange(120) % 5 == 0, np.nan, np.repeat([1.0, 9.0], 60))
    loaded = groups(more=calls)
    result = segments(*loaded, method="prototypes", columns=["calls", "more"], k=2, draws=FEW)
    assert result.members["segment"].ne("").all()
    lost = segments(*loaded, columns=["calls", "more"], k=2, draws=FEW)
    assert lost.members["segment"].eq("").sum() == 24
    assert check(lost, "left_out").status == "watch"


def test_shares_of_events_make_profiles_and_show_who_moved() -> None:
    rng = np.random.default_rng(1)
    rows = []
    for at in range(80):
        before, after = (0.9, 0.9) if at < 40 else (0.1, 0.1 if at < 60 else 0.9)
        for month, chance in ((1, before), (6, after)):
            days = rng.integers(1, 28, 20)
            names = np.where(rng.random(20) < chance, "read", "buy")
            rows += [(f"c{at:02d}", n, f"2025-{month:02d}-{d:02d}") for n, d in zip(names, days, strict=True)]
    log = pd.DataFrame(rows, columns=["customer_id", "event", "time"])
    study, data = quick_study(events=log, journey=["read", "buy"])
    study = study.model_copy(update={"journey": study.journey.model_copy(update={"touchpoints": points()})})
    columns = ["share_reading", "share_buying"]
    result = segments(study, data, method="nmf", columns=columns, k=2, draws=FEW, earlier="2025-01-31")
    sizes = result.members["segment"].value_counts().tolist()
    assert sum(sizes) == 80
    assert result.moved is not None
    assert result.moved.frozen.counts.sum() == 80
    # forty always read, twenty never do, twenty begin to: they stand in the middle of both profiles now
    assert 0.7 < result.moved.frozen.stayed[0] <= 1
    assert not result.show("moves").empty
    with pytest.raises(ParamError, match="no day"):
        segments(study, data, method="nmf", columns=columns, k=2, earlier="January")


def points() -> tuple[Any, ...]:
    from journey_lib.study.definition.parts import Touchpoint

    return (
        Touchpoint(id="reading", stage="read", events=("read",)),
        Touchpoint(id="buying", stage="buy", events=("buy",)),
    )


def test_latent_classes_of_answers_take_weights_and_missing_values() -> None:
    rng = np.random.default_rng(2)
    truth = (np.arange(300) >= 180).astype(int)
    answers = {f"q{at}": np.where(rng.random(300) < 0.85, 5 - 3 * truth, 2 + 3 * truth) for at in range(5)}
    frame = pd.DataFrame({"respondent_id": np.arange(300).astype(str), **answers})
    frame.loc[::9, "q0"] = np.nan
    study, data = quick_study(responses=frame, questions=dict.fromkeys(answers, "rating"))
    result = segments(study, data, method="latent", columns=list(answers), draws=20)
    assert result.k == 2
    assert agreement(truth[np.argsort(frame["respondent_id"])], result.members["segment"]) > 0.9
    assert check(result, "certainty").status == "passed"
    assert result.members["certainty"].between(0.5, 1).all()
    assert result.basis.lines[0][1].say("en") == "One answered questionnaire"


def test_recency_and_frequency_make_four_rules(tiny: tuple[Study, Data, Truth]) -> None:
    result = segments(tiny[0], tiny[1], method="rfm")
    assert result.verdict == "rule"
    assert 2 <= result.k <= 4
    means = result.table.query("metric == 'mean' and question == 'recency_score' and segment != ''")
    assert means["estimate"].max() > means["estimate"].min() + 1
    assert result.show("choice").empty
    assert not result.show("sizes").empty


# Doubts


def test_notices_of_columns_and_sizes() -> None:
    calls = np.repeat([2.0, 12.0], 60) + np.random.default_rng(1).normal(size=120)
    loaded = groups(same=7, twice=3 * calls + 1)
    result = segments(*loaded, columns=["calls", "minutes", "same", "twice"], k=2, draws=FEW)
    assert "same: the same for everybody" in check(result, "constant").text.say("en")
    assert "calls and twice" in check(result, "same").text.say("en")
    assert result.found.active == ("calls", "minutes", "twice")
    assert check(result, "circular").status == "not_assessable"
    assert check(result, "size").status == "passed"


def test_a_segment_of_three_people_fails_and_is_not_shown() -> None:
    calls = np.r_[np.zeros(57), np.ones(60), np.full(3, 90.0)] + np.random.default_rng(1).normal(size=120)
    loaded = groups(far=calls, near=calls * 2 + np.random.default_rng(2).normal(size=120))
    result = segments(*loaded, columns=["far", "near"], k=2, draws=FEW)
    assert result.found.sizes.tolist() == [117, 3]
    told = check(result, "size")
    assert told.status == "failed"
    assert "fewer than 10 people" in told.text.say("en")
    assert result.headlines() == ()
    hidden = result.masked.query("segment == '2' and metric == 'mean'")
    assert hidden["note"].eq("masked").all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": ["calls", "minute"]}, "no column 'minute'.*Did you mean 'minutes'"),
        ({"columns": ["calls", "calls"]}, "a column is named twice"),
        ({"columns": ["calls", "word"]}, "word: holds words"),
        ({"method": "kmean"}, "Did you mean 'kmeans'"),
        ({"k": 1}, "k: 1"),
        ({"k": 15, "columns": ["calls", "few"]}, "15 groups of"),
        ({"earlier": "2025-01-01"}, "cannot be seen at an earlier day"),
        ({"threshold": 2.0}, "threshold: 2.0"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(options: dict[str, Any], words: str) -> None:
    if "few" in options.get("columns", []):
        frame = {
            "customer_id": [f"c{at}" for at in range(60)],
            "calls": [1.0, 2] * 30,
            "few": [1.0, 2, 3] * 20,
        }
        loaded = quick_study(customers=pd.DataFrame(frame))
    else:
        loaded = groups(word=["a", "b"] * 60)
    with pytest.raises(ParamError, match=words):
        segments(*loaded, **({"draws": 20} | options))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(calls=np.nan), "calls: has no value at all"),
        (lambda f: f.assign(calls=1.0, minutes=2.0), "all columns are the same for everybody"),
        (lambda f: f.assign(calls=f["calls"].where(f.index > 2, np.inf)), "calls: 3 rows are infinite"),
        (lambda f: f.assign(calls=f["calls"].where(f.index % 2 == 0)).assign(
            minutes=f["minutes"].where(f.index % 2 == 1)), "no row has a value in every column"),
    ],
)  # fmt: skip
def test_bad_columns_are_one_clear_error(change: Callable[[pd.DataFrame], pd.DataFrame], words: str) -> None:
    study, data = groups()
    data = replace(data, customers=change(data.require("customers", by="test")))  # past the loader's checks
    with pytest.raises(DataError, match=words):
        segments(study, data, columns=["calls", "minutes"], draws=20)


def test_an_id_twice_is_an_error() -> None:
    frame = pd.DataFrame({"respondent_id": ["a", "c", "b"], "q1": [1.0, 2, 3], "q2": [1.0, 2, 3]})
    study, data = quick_study(responses=frame, questions={"q1": "rating", "q2": "rating"})
    data = replace(data, responses=data.require("responses", by="test").assign(respondent_id=["a", "a", "b"]))
    with pytest.raises(DataError, match="1 rows repeat an id"):
        segments(study, data, columns=["q1", "q2"])


def test_nobody_inside_the_segment_is_an_error(tiny: tuple[Study, Data, Truth]) -> None:
    with pytest.raises(DataError, match="fewer than two columns fit"):
        segments(*quick_study(customers=pd.DataFrame({"customer_id": ["a", "b"], "region": ["x", "y"]})))


# Real data


def test_web_sessions_part_by_time_spent(real_data: Callable[[str], Path]) -> None:
    frame = pd.read_csv(real_data("segmentation_online_shoppers") / "online_shoppers_intention.csv.gz")
    bought = frame["Revenue"].astype(str).str.lower().eq("true").to_numpy()
    assert bought.mean() == pytest.approx(0.1547, abs=5e-5)
    frame = frame.head(2000).assign(
        customer_id=[f"s{at:05d}" for at in range(2000)], bought=bought[:2000] * 1.0
    )
    columns = ["Administrative", "Informational", "ProductRelated", "BounceRates", "ExitRates", "PageValues"]
    kept = frame[["customer_id", *columns, "VisitorType", "bought"]]
    result = segments(*quick_study(customers=kept), columns=columns, k=3, draws=FEW)
    members = result.members.set_index("id")["segment"]
    rates = kept.set_index("customer_id")["bought"].groupby(members).mean()
    assert rates.max() > 3 * rates.min()
    effects = result.table.query("metric == 'effect' and comparison == 'passive'").set_index("question")
    assert effects.loc["bought", "p_value"].min() < 1e-6


def test_hotel_guests_part_by_how_they_book(real_data: Callable[[str], Path]) -> None:
    frame = pd.read_csv(
        real_data("segmentation_hotel_bookings") / "hotel_rates.csv.gz", keep_default_na=False
    )
    assert frame["market_segment"].value_counts().tolist()[:3] == [6742, 3076, 2895]
    part = frame.iloc[::16].assign(customer_id=lambda f: [f"g{at:05d}" for at in range(len(f))])
    columns = ["lead_time", "total_of_special_requests", "distribution_channel", "customer_type"]
    result = segments(*quick_study(customers=part[["customer_id", "market_segment", *columns]]),
                      method="prototypes", columns=columns, k=3, draws=20)  # fmt: skip
    effect = result.table.query("metric == 'effect' and question == 'market_segment'")["estimate"].iloc[0]
    assert effect > 0.25  # Cramér's V: groups of travellers book otherwise than single guests
    assert result.stability["jaccard"].min() > 0


def test_passengers_fall_into_classes_of_ratings(airport: Path) -> None:
    study, data = load_study(airport, segment="wave=2017")
    columns = ["SCREENS", "SIGN", "CLEAN", "ALL"]
    known = [name for name in data.columns() if name in columns]
    result = segments(study, data, method="latent", columns=known, k=3, draws=20, starts=10)
    assert result.k == 3
    assert result.members["segment"].ne("").mean() > 0.9
    classes = result.found.fit
    assert isinstance(classes, Classes)
    overall = classes.chances[-1] @ np.arange(classes.chances[-1].shape[1])  # mean rating of each class
    assert np.ptp(overall) > 0.8
