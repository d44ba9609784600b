"""The drivers report: planted drivers in their order, a look-alike exposed, and honest refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.drivers import drivers
from journey_lib.measures.drivers.result import DriversResult
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study

Planted = tuple[Study, Data, dict[str, Any]]


def answers(rows: int = 400, seed: int = 1) -> pd.DataFrame:
    """Return three ratings of which the first two move the recommendation, and one twin of the first."""
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=(rows, 3))
    rating = np.digitize(mood, [-1.2, -0.4, 0.4, 1.2]) + 1
    twin = np.digitize(mood[:, 0] * 0.8 + rng.normal(size=rows) * 0.6, [-1.2, -0.4, 0.4, 1.2]) + 1
    nps = np.clip(np.round(1 + rating[:, 0] + 0.5 * rating[:, 1] + rng.normal(size=rows)), 0, 10)
    return pd.DataFrame(
        {"help": rating[:, 0], "price": rating[:, 1], "box": rating[:, 2], "twin": twin, "nps": nps}
    )


def explained(frame: pd.DataFrame, **options: Any) -> DriversResult:
    kinds = {name: "nps" if name == "nps" else "csat" for name in frame}
    study, data = quick_study(responses=frame, questions=kinds)
    return drivers(study, data, **{"drivers": ["help", "price", "box", "twin"], "draws": 100, **options})


@pytest.fixture(scope="module")
def planted_drivers(planted: Planted) -> DriversResult:
    return drivers(*planted[:2], draws=200)


# Planted truth


def test_the_planted_drivers_come_in_their_order(planted: Planted, planted_drivers: DriversResult) -> None:
    aim = [f"tp_{name}" for name in planted[2]["expected"]["survey"]["driver_order"]]
    found = [number.question for number in planted_drivers.drivers_of() if number.question in aim]
    assert found == aim
    assert planted_drivers.number("explained", "nps").n >= 2_500
    assert planted_drivers.headlines()[0].sentence.say("en").startswith("First-week helper")


def test_the_look_alike_ranks_third_by_correlation_and_is_exposed(
    planted: Planted, planted_drivers: DriversResult
) -> None:
    wide = planted_drivers.wide
    assert list(wide.sort_values("correlation", ascending=False).index).index("tp_first_box") == 2
    assert wide.loc["tp_first_box", "rank"] >= 4
    slope = planted_drivers.number("coefficient", "tp_first_box")
    assert slope.ci_low < 0 < slope.ci_high
    words = [finding.sentence.say("en") for finding in planted_drivers.headlines()]
    assert any("First delivery" in sentence and "adds nothing" in sentence for sentence in words)
    assert "first_box" in planted[2]["expected"]["survey"]["driver_beta"]


def test_standardised_coefficients_meet_the_planted_ones(
    planted: Planted, planted_drivers: DriversResult
) -> None:
    study, data, truth = planted
    frame = data.responses
    assert frame is not None
    for name, beta in truth["expected"]["survey"]["driver_beta"].items():
        slope = planted_drivers.number("coefficient", f"tp_{name}")
        if slope.metric:
            scale = frame[f"tp_{name}"].std() / frame["nps"].std()
            assert slope.estimate * scale == pytest.approx(beta, abs=0.08), name
    assert study.id == "sample"


def test_rarely_used_touchpoints_are_left_out_and_named(planted_drivers: DriversResult) -> None:
    check = next(c for c in planted_drivers.checks if c.name == "left_out")
    assert check.status == "watch"
    assert "Invite a friend" in check.text.say("en")
    assert planted_drivers.outcomes == ("nps", "csat_consideration", "csat_purchase", "csat_adoption")


# Small surveys


def test_shares_add_up_and_every_number_has_its_row() -> None:
    found = explained(answers())
    own = found.table.query("comparison == 'nps' and metric == 'importance'")
    assert own["estimate"].sum() == pytest.approx(1)
    assert set(found.table["metric"]) == {
        "explained", "importance", "rank", "correlation", "coefficient", "odds_ratio", "satisfied",
    }  # fmt: skip
    assert found.drivers_of()[0].question == "help"
    assert found.wide.loc["twin", "correlation"] > 0.4
    assert abs(found.wide.loc["twin", "coefficient"]) < 0.15


def test_a_driver_that_is_better_when_low_is_turned() -> None:
    frame = answers()
    frame["effort"] = 8 - frame["help"] * 1.0
    study, data = quick_study(
        responses=frame[["effort", "price", "nps"]],
        questions={"effort": {"kind": "ces", "direction": "lower_is_better"}, "price": "csat", "nps": "nps"},
    )
    found = drivers(study, data, drivers=["effort", "price"], draws=100)
    assert found.wide.loc["effort", "coefficient"] > 0


def test_a_seed_gives_the_same_table_and_johnson_the_same_order() -> None:
    one, two = explained(answers()), explained(answers())
    pd.testing.assert_frame_equal(one.table, two.table)
    johnson = explained(answers(), method="johnson")
    assert [n.question for n in johnson.drivers_of()][:2] == [n.question for n in one.drivers_of()][:2]
    assert johnson.definition_hash != one.definition_hash


def test_a_segment_speaks_only_of_its_own_people() -> None:
    frame = answers(800).assign(region=["n", "s"] * 400)
    frame.loc[frame["region"] == "s", "nps"] = 5.0 + np.arange(400) % 2
    kinds = {"help": "csat", "price": "csat", "nps": "nps"}
    study, data = quick_study(responses=frame, questions=kinds)
    from dataclasses import replace

    from journey_lib.study.segments import segment_of

    north = replace(data, segment=segment_of(study, data, "region=n"))
    found = drivers(study, north, drivers=["help", "price"], draws=100)
    assert found.number("explained", "nps").n == 400
    assert (
        found.number("explained", "nps").estimate
        > drivers(study, data, drivers=["help", "price"], draws=100).number("explained", "nps").estimate
    )


def test_too_few_complete_answers_fail_and_keep_the_summary_empty() -> None:
    found = explained(answers(60))
    assert {c.name: c.status for c in found.checks}["complete_rows"] == "failed"
    assert found.headlines() == ()
    assert found.meanings() == ()


# What it refuses


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"outcome": "nsp"}, "(?s)'nsp' is no question with a scale.*Did you mean 'nps'"),
        ({"drivers": ["help", "nps"]}, "'nps' is the outcome"),
        ({"drivers": ["helpp", "price"]}, "Did you mean 'help'"),
        ({"method": "shapley"}, "lmg, johnson"),
        ({"wave": "7"}, "'7' is not a wave"),
    ],
)
def test_unknown_names_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ParamError, match=words):
        explained(answers(), **options)


def test_data_that_cannot_answer_is_refused() -> None:
    frame = answers()
    study, data = quick_study(responses=frame[["help", "nps"]], questions={"help": "csat", "nps": "nps"})
    with pytest.raises(DataError, match="at least 2"):
        drivers(study, data)
    with pytest.raises(DataError, match="say the same"):
        explained(frame.assign(twin=frame["help"]))
    study, data = quick_study(
        events=pd.DataFrame({"customer_id": ["a"], "event": ["x"], "time": ["2025-01-01"]}), journey=["x"]
    )
    with pytest.raises(DataError, match="responses"):
        drivers(study, data)


def test_questions_nobody_answered_are_named() -> None:
    with pytest.raises(DataError, match="outcome: nobody who is counted answered 'nps'"):
        explained(answers().assign(nps=np.nan))
    with pytest.raises(DataError, match="drivers: nobody who is counted answered 'box'"):
        explained(answers().assign(box=np.nan))


# Groups


def two_shops(few: int = 0) -> pd.DataFrame:
    """Help moves recommending in one shop, price in the other; a third shop has only a few people."""
    one, other = answers(400, seed=3), answers(400, seed=4)
    noise = np.random.default_rng(5).normal(size=400)
    other["nps"] = np.clip(np.round(1 + 0.2 * other["help"] + 1.3 * other["price"] + noise), 0, 10)
    third = answers(few or 1, seed=6).head(few)
    frame = pd.concat([one, other, third], ignore_index=True)
    return frame.assign(shop=["a"] * 400 + ["b"] * 400 + ["c"] * few)


def in_shops(frame: pd.DataFrame, **options: Any) -> DriversResult:
    kinds = {name: "nps" if name == "nps" else "csat" for name in frame if name != "shop"}
    study, data = quick_study(responses=frame, questions=kinds)
    return drivers(study, data, drivers=["help", "price", "box"], draws=100, **options)


def test_each_group_has_its_own_drivers_and_the_difference_is_marked() -> None:
    found = in_shops(two_shops(), by="shop")
    alone = in_shops(two_shops().query("shop == 'a'"))
    for metric in ("importance", "coefficient"):
        mine, own = (r.number(metric, "help", group=g) for r, g in ((found, "a"), (alone, "")))
        assert mine.estimate == pytest.approx(own.estimate, rel=1e-9)
    assert found.number("importance", "help", group="a").estimate > 0.6
    assert found.number("importance", "price", group="b").estimate > 0.6
    gap = {g: found.number("coefficient_gap", "price", group=g) for g in "ab"}
    assert gap["a"].estimate == pytest.approx(-gap["b"].estimate)
    assert max(gap["a"].p_value, gap["b"].p_value) < 1e-6
    assert found.number("coefficient_gap", "box", group="a").p_value > 0.05
    html = found.show("groups")._repr_html_()
    assert "<sup>+</sup>" in html
    assert "<sup>−</sup>" in html


def test_groups_leave_the_total_as_it_was() -> None:
    split, whole = in_shops(two_shops(), by="shop"), in_shops(two_shops())
    assert [n.estimate for n in split.drivers_of()] == [n.estimate for n in whole.drivers_of()]
    assert split.outcomes == whole.outcomes
    pd.testing.assert_frame_equal(split.wide, whole.wide)
    assert whole.show("groups").empty


def test_a_group_too_small_for_a_model_is_named_and_has_none() -> None:
    found = in_shops(two_shops(few=25), by="shop")
    assert found.number("explained", "nps", group="c").note == "few_rows"
    assert "Too few complete answers: c." in found.show("groups")._repr_html_()


def test_a_column_that_cannot_split_is_named() -> None:
    with pytest.raises(ParamError, match=r"'shup' cannot split the answers.*Did you mean 'shop'"):
        in_shops(two_shops(), by="shup")


# Pictures


@pytest.mark.parametrize(("share", "sure"), [(0.95, True), (0.6, False)])
def test_first_place_is_claimed_only_where_it_holds_in_the_resamples(
    planted_drivers: DriversResult, share: float, sure: bool
) -> None:
    """Title, headline and action speak of one first driver, or of none."""
    from dataclasses import replace

    found = replace(planted_drivers, first=(share, 1 - share))
    title = found.plot(kind="importance").title.say("en")
    assert ("more than any other touchpoint" in title) is sure
    assert ("others could come first" in found.headlines()[0].sentence.say("en")) is not sure


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("kind", ["importance", "quadrant", "models", "stages"])
def test_every_part_shows_itself_in_both_languages(
    planted_drivers: DriversResult, kind: str, lang: str
) -> None:
    from dataclasses import replace

    spoken = replace(planted_drivers, context=replace(planted_drivers.context, language=lang))
    html = spoken.show(kind)._repr_html_()
    assert f'lang="{lang}"' in html
    assert ("첫 주 도우미" if lang == "ko" else "First-week helper") in html
    assert not spoken.show(kind).empty
