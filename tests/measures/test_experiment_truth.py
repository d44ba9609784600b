"""Experiments whose answer is known: every switch of the sample study, and two real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.experiment import experiment
from journey_lib.measures.experiment.result import ExperimentResult
from journey_lib.study.definition.read import study_from
from journey_lib.study.load import load_data, quick_study
from tests.measures.trials import drawn, fact, number, plan

EXPECTED = json.loads(files("journey_lib.study.sample").joinpath("expected.json").read_text("utf-8"))
FAR = 3.3  # standard errors; a true value is further away once in a thousand


@cache
def read(switch: str) -> ExperimentResult:
    study, data = drawn(switch)
    if switch == "daily_looks":  # 28 boundaries for one metric, not for five
        trial = study.experiments[0].model_copy(update={"secondary": (), "guardrails": ()})
        stages = tuple(s for s in study.journey.stages if s.id in ("purchase", "adoption"))
        journey = study.journey.model_copy(update={"stages": stages})
        study = study.model_copy(update={"experiments": (trial,), "journey": journey})
    return experiment(study, data)


SWITCHES = ["", "aa", "three_arms", "heavy_tails", "novelty", "clustered", "daily_looks", "double_assigned"]


@pytest.mark.parametrize(
    ("switch", "stage"),
    [
        (s, stage)
        for stage in ("adoption", "purchase")
        for s in SWITCHES
        if (s, stage) != ("daily_looks", "purchase")
    ],
)
def test_every_switch_gives_what_was_planted(switch: str, stage: str) -> None:
    planted = EXPECTED[switch]["experiment"]
    effect = planted.get("effect", planted["drawn_effect"])[stage]
    kind = "primary_effect" if stage == "adoption" else "guardrail_effect"
    result = read(switch)
    found, error = (number(result, kind, stage, column, group="new") for column in ("estimate", "std_error"))
    assert abs(found - effect) < FAR * error + planted["drawn_error_at_most"]
    assert error < 0.012


def test_the_true_experiment_raises_adoption_and_harms_purchase() -> None:
    result = read("")
    assert (result.decision.word, result.decision.rule) == ("DO NOT SHIP", "guardrail_harmed")
    (adoption,) = result.counted.of("primary")
    assert adoption.status == "positive"
    assert [one.status for one in result.counted.of("guardrail")] == ["harmed"]
    assert result.valid
    assert [f.name for f in result.facts if f.state != "passed"] == []


def test_the_gain_is_larger_for_those_who_had_asked_for_help() -> None:
    result = read("")
    wanted = EXPECTED[""]["experiment"]["adoption_by_contacts"]
    split = next(s for s in result.splits if s.rule == "contacts_before >= 2" and s.name == "adoption")
    assert split.flagged
    for level, effect in zip(split.levels, split.effects, strict=True):
        truth = wanted["2+" if level.startswith(">=") else "0-1"]
        assert effect is not None
        assert abs(effect.estimate - truth) < FAR * effect.std_error
    shrunk = [number(result, "segment_shrunk", "adoption", group="new", segment=split.rule, option=level)
              for level in split.levels]  # fmt: skip
    effects = [effect.estimate for effect in split.effects if effect]
    assert abs(shrunk[1] - shrunk[0]) < abs(effects[1] - effects[0])
    assert not next(s for s in result.splits if s.rule == "region" and s.name == "adoption").flagged


def test_the_covariate_sharpens_as_its_correlation_says() -> None:
    """Of purchase it explains about a quarter; the answer stays the same."""
    result = read("")
    one = next(c for c in result.counted.contrasts if c.name == "purchase" and c.role == "plain")
    assert one.cuped is not None
    assert one.cuped.variance_ratio == pytest.approx(0.75, abs=0.04)
    assert one.cuped.adjusted.status == one.effect.status == "negative"


def test_a_lost_part_of_one_arm_blocks_the_decision() -> None:
    result = read("ratio_mismatch")
    assert (result.decision.word, result.headlines()) == ("INVALID", ())
    assert fact(result, "sample_ratio") == fact(result, "ratio_by_day") == "failed"
    assert result.counted.sizes.sum() == pytest.approx(20_000, rel=0.05)
    assert "Blocked" in result.opening("en").inner
    assert "<details>" in result.show("primary").inner
    assert "<details>" not in result.show("appendix").inner


def test_three_arms_are_corrected_and_told_apart() -> None:
    result = read("three_arms")
    one, other = result.counted.of("primary")
    assert (one.status, other.status) == ("positive", "undecided")
    assert one.p_adjusted == pytest.approx(2 * one.effect.p_value)  # Holm: the smallest of two
    assert (one.effect.ci_level, other.effect.ci_level) == (0.975, 0.95)
    assert {d.arm for d in result.decisions} == {1, 2}


def test_a_few_large_amounts_are_cut_for_all_arms_at_one_value() -> None:
    result = read("heavy_tails")
    spend = next(c for c in result.counted.of("secondary") if c.name == "spend_60")
    assert spend.uncut is not None
    assert spend.effect.std_error < 0.8 * spend.uncut.std_error
    assert abs(spend.effect.estimate) < FAR * spend.effect.std_error
    calm = next(c for c in read("").counted.of("secondary") if c.name == "spend_60")
    assert calm.uncut is not None
    assert calm.effect.std_error == pytest.approx(calm.uncut.std_error, rel=0.01)


def test_a_fading_effect_is_not_taken_for_a_gain() -> None:
    (adoption,) = read("novelty").counted.of("primary")
    assert adoption.status == "undecided"


def test_clusters_widen_the_error_of_what_a_household_shares() -> None:
    result = read("clustered")
    who = result.counted.who
    assert who is not None
    assert who.cluster is not None
    outcome = result.counted.sums.outcomes["adoption"]
    y = outcome.value[outcome.eligible]
    side = who.arm[outcome.eligible] == 1
    plain = np.sqrt(y[side].var(ddof=1) / side.sum() + y[~side].var(ddof=1) / (~side).sum())
    assert 1.0 < number(result, "primary_effect", "adoption", "std_error", group="new") / plain < 1.3
    assert result.counted.sizes.sum() < len(who)
    assert fact(result, "clusters") == "passed"


def test_daily_looks_are_paid_for_by_their_boundary() -> None:
    path = read("daily_looks").counted.paths["adoption", 1]
    assert len(path) == 28
    bounds = [effect.bound for effect in path]
    assert bounds[0] > 8 > 4 > bounds[8] > bounds[-1] > 2.1  # 1.96 without looks
    five = read("").counted.paths["adoption", 1]
    assert five[-1].bound == pytest.approx(2.031, abs=0.02)  # Lan–DeMets, O'Brien–Fleming, five equal looks


def test_units_in_two_arms_are_dropped_and_counted() -> None:
    result = read("double_assigned")
    who = result.counted.who
    assert who is not None
    assert fact(result, "double_assignment") == "watch"
    assert who.numbers["doubled"] == round(0.002 * who.numbers["known"])
    assert len(who) == who.numbers["known"] - who.numbers["doubled"]


def test_a_free_trial_funnel_from_its_daily_totals(real_data: Callable[[str], Path]) -> None:
    """Numbers of its README: 23 complete days; the last two columns are empty for the last 14."""
    raw = pd.read_csv(real_data("ab_free_trial_funnel/free_trial_screener_daily.csv"))
    frame = pd.DataFrame({
        "experiment": "x", "arm": raw["group"], "clicks": raw["Clicks"], "enrolled": raw["Enrollments"],
        "paid": raw["Payments"], "date": pd.to_datetime(raw["Date"] + " 2014", format="%a, %b %d %Y"),
    })  # fmt: skip
    metrics = [{"id": name, "column": name} for name in ("enrolled", "paid")]
    trial = plan(
        control="control", arms=("control", "experiment"), unit="clicks", primary=("enrolled",),
        secondary=("paid",),
    )  # fmt: skip
    study, data = quick_study(totals=frame, journey=["enrolled_stage"])
    full = study_from({"id": "x", "title": "x", "journey": {"preset": "funnel3"}, "metrics": metrics})
    study = study.model_copy(update={"experiments": (trial,), "metrics": full.metrics})
    result = experiment(study, data)
    cells = result.counted.sums.by_arm("enrolled")
    assert cells.n.tolist() == [17_293, 17_260]
    assert (cells.n * cells.mean[:, 0]).round().tolist() == [3_785, 3_423]
    effect = {name: [number(result, kind, name, column, group="experiment")
                     for column in ("estimate", "ci_low", "ci_high")]
              for name, kind in (("enrolled", "primary_effect"), ("paid", "secondary_effect"))}  # fmt: skip
    assert effect["enrolled"] == pytest.approx([-0.02055, -0.02912, -0.01199], abs=6e-6)
    assert effect["paid"] == pytest.approx([-0.00487, -0.01160, 0.00186], abs=6e-6)
    assert fact(result, "sample_ratio") == "passed"
    assert result.decision.rule == "primary_harmed"


@pytest.mark.parametrize(
    ("factor", "unit", "sizes", "effect", "error"),
    [
        ("intensive", "customer", [717, 693], 0.0016, None),
        ("default", "customer", [727, 683], 0.1056, 0.0264),
        ("default", "address", [727, 683], 0.1056, 0.0337),
    ],
)
def test_a_village_experiment_plain_and_clustered(
    real_data: Callable[[str], Path], factor: str, unit: str, sizes: list[int], effect: float, error: float
) -> None:
    raw = pd.read_csv(real_data("ab_insurance_takeup/social_insure.csv"))
    given = pd.DataFrame({
        "customer_id": raw.index.astype(str), "experiment": "x", "assigned_at": "2010-01-01",
        "arm": raw[factor].map({0: "a", 1: "b"}), "address": raw["address"],
        "takeup": raw["takeup_survey"].astype(float),
    })  # fmt: skip
    study, data = quick_study(assignments=given)
    full = study_from({
        "id": "x", "title": "x", "journey": {"preset": "funnel3"},
        "metrics": [{"id": "takeup", "column": "takeup"}],
    })  # fmt: skip
    trial = plan(unit=unit, primary=("takeup",))
    result = experiment(study.model_copy(update={"experiments": (trial,), "metrics": full.metrics}), data)
    assert result.counted.who is not None
    assert result.counted.who.counts.tolist() == sizes
    assert number(result, "primary_effect", "takeup") == pytest.approx(effect, abs=5e-5)
    if error:  # the README pools the variances of both arms, Welch does not: .02645 for .0264
        assert number(result, "primary_effect", "takeup", "std_error") == pytest.approx(error, abs=1e-4)


def test_the_sample_on_disk_gives_the_same_as_its_drawn_journeys(tmp_path: Path) -> None:
    """At the small size: sessions, bots and clocks around the stages move the effect by next to nothing."""
    from journey_lib.study.definition import read_study
    from journey_lib.study.sample import write

    write(tmp_path, "tiny")
    study = read_study(tmp_path)
    whole = experiment(study, load_data(study))
    part = experiment(*drawn(customers=1_000))
    for stage, kind in (("adoption", "primary_effect"), ("purchase", "guardrail_effect")):
        one, other = (number(result, kind, stage, group="new") for result in (whole, part))
        assert one == pytest.approx(other, abs=0.01)
    assert whole.plan_hash == experiment(study, load_data(study)).plan_hash
    assert (tmp_path / "derived" / "experiments.json").is_file()
