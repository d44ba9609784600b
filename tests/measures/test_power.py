"""The report on sample sizes: hand-made logs, the registered plan, the sample study, honest refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.measures.power import power
from journey_lib.measures.power.result import PowerResult
from journey_lib.measures.power.words import short
from journey_lib.stats.power import Design, mde, sample_size
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study

Planted = tuple[Study, Data, dict[str, Any]]
GIVEN = {"exposure": "visit", "outcome": "sign_up", "window": "7 days"}


def log(weeks: int = 10, a_week: int = 40, share: float = 0.25) -> pd.DataFrame:
    """Return visitors evenly over weeks, of whom each fourth signs up a day later."""
    rows = []
    start = pd.Timestamp("2025-01-06")
    for at in range(weeks * a_week):
        moment = start + pd.Timedelta(days=7 * at / a_week)
        rows.append((f"c{at}", "visit", moment))
        if at % round(1 / share) == 0:
            rows.append((f"c{at}", "sign_up", moment + pd.Timedelta(days=1)))
    frame = pd.DataFrame(rows, columns=["customer_id", "event", "time"])
    return frame.assign(time=frame["time"].astype(str))


def asked(frame: pd.DataFrame | None = None, **options: Any) -> PowerResult:
    frame = log() if frame is None else frame
    return power(*quick_study(events=frame, journey=["visit", "sign_up"]), **{**GIVEN, **options})


@pytest.fixture(scope="module")
def planted_plan(planted: Planted) -> PowerResult:
    return power(*planted[:2], per_week=700.0)


def test_baseline_and_traffic_are_counted_from_the_log() -> None:
    """400 visitors in ten weeks, the last event at day 70.3: 362 visits are followed for seven days."""
    found = asked()
    base, traffic = found.number("baseline"), found.number("per_week", stage="visit")
    assert traffic.estimate == pytest.approx(40)
    assert base.n == 362
    assert base.estimate == pytest.approx(91 / 362)
    assert base.ci_low < 0.25 < base.ci_high


def test_sizes_are_those_of_the_statistics() -> None:
    found = asked(lift=0.2, split=["2", "1"], design_effect=1.5, correlation=0.3)
    share = found.number("baseline").estimate
    for mode in ("fixed", "group_sequential"):
        design = Design(split=(2, 1), mode=mode, design_effect=1.5, correlation=0.3)  # type: ignore[arg-type]
        expected = sum(sample_size(share, 0.2, design).units)
        assert found.number("sample_size", mode).estimate == expected


def test_a_known_number_from_parameters_alone() -> None:
    """A share of .190201, +3 %, 75,105 an arm; at 20,000 a week eight weeks and the window of 14 days."""
    study, data = quick_study(journey=["visit", "sign_up"])
    found = power(
        study, data, exposure="visit", outcome="sign_up", baseline=0.190201, per_week=20_000.0, lift=0.03,
        window="14 days", total=90_000,
    )  # fmt: skip
    assert found.number("sample_size", "fixed").estimate == 150_210
    assert found.number("duration", "fixed").estimate == 8 * 7 + 14
    assert found.number("detectable", "fixed", "total").estimate == pytest.approx(0.03882, abs=5e-6)
    assert found.basis.n == 0
    assert "as given" in found.headlines()[0].base.say("en")


def test_more_weeks_find_less_and_looks_cost() -> None:
    found = asked(lift=0.2)
    for mode in ("fixed", "group_sequential", "always_valid"):
        sizes = [found.number("detectable", mode, str(weeks)).estimate for weeks in (8, 12, 16)]
        assert sizes == sorted(sizes, reverse=True)
    at = [
        found.number("sample_size", mode).estimate for mode in ("fixed", "group_sequential", "always_valid")
    ]
    assert at == sorted(at)
    chance = [found.number("power", "fixed", f"{0.2 * step:g}").estimate for step in range(1, 11)]
    assert chance == sorted(chance)
    assert chance[4] == pytest.approx(0.8, abs=0.001)  # as many as needed, at the change itself


def test_a_change_too_small_for_the_traffic_is_missing_with_a_reason() -> None:
    row = asked(log(weeks=10, a_week=8), lift=0.2).table.query("metric == 'detectable' and option == '1'")
    assert row["estimate"].isna().all()
    assert set(row["note"]) == {"too_few"}


def test_a_figure_without_a_change_for_four_weeks_says_so() -> None:
    plot = asked(log(weeks=10, a_week=3), lift=0.2).plot(kind="weeks")
    assert plot.title.say("en") == "Four weeks find no change below a doubling"


def test_a_fall_is_sized_too() -> None:
    found = asked(lift=-0.2)
    assert found.number("detectable", "fixed", "total").estimate == pytest.approx(-0.2, abs=1e-3)


# The registered plan


def test_the_registered_plan_fills_in_what_is_left_out(planted_plan: PowerResult) -> None:
    plan = planted_plan.plan
    assert plan.trial is not None
    assert (plan.exposure, plan.outcome, plan.mode) == ("consideration", "adoption", "group_sequential")
    assert plan.total == plan.trial.planned_n
    assert plan.guardrails == (("purchase", 0.02),)
    assert planted_plan.number("guardrail_size", stage="purchase").estimate > 30_000


def test_the_baseline_of_the_sample_is_near_the_planted_adoption(planted_plan: PowerResult) -> None:
    """Both arms of the planted experiment together: between .35 and .45 reach adoption within 60 days."""
    base = planted_plan.number("baseline")
    assert 0.35 < base.ci_low < base.estimate < base.ci_high < 0.45
    expected = mde(base.estimate, planted_plan.plan.total, planted_plan.plan.designs["group_sequential"])
    assert planted_plan.number("detectable", "group_sequential", "total").estimate == pytest.approx(expected)


def test_an_unregistered_change_is_said_and_a_small_plan_too(
    planted: Planted, planted_plan: PowerResult
) -> None:
    assert (
        planted_plan.counted.lift == planted_plan.number("detectable", "group_sequential", "total").estimate
    )
    needed = planted_plan.number("sample_size", "group_sequential").estimate
    assert needed == pytest.approx(planted_plan.plan.total, abs=2)
    checks = {check.name: check for check in planted_plan.checks}
    assert checks["planned_size"].title.say("en") == "The change worth finding is not registered"
    assert checks["already_running"].status == "watch"
    small = power(*planted[:2], lift=0.03, per_week=700.0)
    checks = {check.name: check for check in small.checks}
    assert checks["planned_size"].title.say("en") == "The plan is too small for its change"
    assert short(small)
    assert small.headlines()[0].alert
    large = power(*planted[:2], lift=0.03, total=1_000_000, per_week=700.0)
    assert {check.name: check.status for check in large.checks}["planned_size"] == "passed"
    assert not short(large)


def test_traffic_that_has_changed_is_seen() -> None:
    busy = log(weeks=10)
    fading = busy[pd.to_datetime(busy["time"], format="mixed") < "2025-02-20"]
    late = pd.DataFrame({"customer_id": ["z"], "event": ["visit"], "time": ["2025-03-17"]})
    checks = {c.name: c.status for c in asked(pd.concat([fading, late], ignore_index=True)).checks}
    assert checks["traffic"] == "watch"
    assert {c.name: c.status for c in asked().checks}["traffic"] == "passed"


def test_sentences_figures_and_tables_speak_both_languages(planted_plan: PowerResult) -> None:
    assert len(planted_plan.headlines()) == 2
    assert len(asked(lift=0.1, total=500).headlines()) == 3
    assert 1 <= len(planted_plan.meanings()) <= 4
    for lang in ("en", "ko"):
        assert planted_plan.explain("long", lang)
    korean = planted_plan.explain("long", "ko")
    assert "실험" in korean
    assert "customers" not in korean
    for kind in ("sizes", "prices"):
        assert "<table" in planted_plan.show(kind)._repr_html_()


# Refusals


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"outcome": "signup"}, "Did you mean 'sign_up'"),
        ({"outcome": ""}, "outcome: is not given"),
        ({"exposure": "sign_up"}, "is the outcome, too"),
        ({"experiment": "x"}, "'x' is not registered"),
        ({"split": ["0.5"]}, "two shares above 0"),
        ({"split": ["a", "b"]}, "two shares above 0"),
        ({"window": ""}, "window: is not given"),
        ({"window": "7"}, "window"),
    ],
)
def test_bad_parameters_are_one_clear_error(options: dict, words: str) -> None:
    with pytest.raises(ParamError, match=words):
        asked(**options)


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (log().query("event == 'visit'"), {}, "hold none that enters the stage 'sign_up'"),
        (log(share=1.0), {}, "365 of 365 reached 'sign_up'"),
        (log(weeks=1, a_week=5), {"baseline": 0.2, "window": "1 day"}, "no whole week"),
        (log(), {"lift": 4.0}, "beyond 0 to 1"),
    ],
)
def test_a_log_that_cannot_say_it_is_one_clear_error(frame: pd.DataFrame, options: dict, words: str) -> None:
    with pytest.raises(DataError, match=words):
        asked(frame, **options)


def test_no_events_and_no_numbers_is_an_error() -> None:
    study, data = quick_study(journey=["visit", "sign_up"])
    with pytest.raises(DataError):
        power(study, data, **GIVEN)  # type: ignore[arg-type]


def test_no_number_contradicts_its_interval() -> None:
    table = asked(lift=0.1).table
    known = table.dropna(subset=["ci_low"])
    assert (known["ci_low"] <= known["estimate"] + 1e-9).all()
    assert (known["estimate"] <= known["ci_high"] + 1e-9).all()
    assert not np.isinf(table["estimate"]).any()
    assert math.isfinite(asked(lift=0.1).number("expected_size", "always_valid").estimate)
