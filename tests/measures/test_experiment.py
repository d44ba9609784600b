"""Experiments: counted by hand, decided by their rules, refused with one clear sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import journey_lib as jl
from journey_lib.errors import DataError, JourneyError, ParamError
from journey_lib.measures.attribution import attribution
from journey_lib.measures.experiment import experiment
from journey_lib.measures.experiment.decision import Decision, Facts, decide, overall
from journey_lib.measures.experiment.result import PARTS, ExperimentResult
from journey_lib.measures.experiment.validity import independence
from journey_lib.study.definition import Metric
from journey_lib.study.definition.experiments import plan_hash
from journey_lib.study.load import quick_study
from journey_lib.study.trials.first_look import first_look
from tests.measures.trials import asked, crowd, fact, loaded, number, people, plan

# Decisions

CASES = [
    (Facts(valid=False, guardrails=("harmed",), primary=("positive",)), "INVALID", "invalid"),
    (Facts(valid=True, guardrails=("safe", "harmed"), primary=("positive",)), "DO NOT SHIP",
     "guardrail_harmed"),
    (Facts(valid=True, guardrails=("safe",), primary=("negative",)), "DO NOT SHIP", "primary_harmed"),
    (Facts(valid=True, guardrails=("safe",), primary=("positive",)), "SHIP", "gain"),
    (Facts(valid=True, guardrails=("undecided",), primary=("positive",)), "KEEP RUNNING",
     "guardrail_undecided"),
    (Facts(valid=True, guardrails=("not_estimable",), primary=("positive",)), "KEEP RUNNING",
     "guardrail_undecided"),
    (Facts(valid=True, guardrails=("undecided",), primary=("positive",), reached=True), "KEEP RUNNING",
     "owner_decides"),
    (Facts(valid=True, primary=("undecided",), reached=True, capped=True, within=True), "DO NOT SHIP",
     "no_worthwhile_effect"),
    (Facts(valid=True, primary=("undecided",), reached=True, capped=True), "UNDERPOWERED", "underpowered"),
    (Facts(valid=True, primary=("undecided",), within=True), "KEEP RUNNING", "undecided"),
    (Facts(valid=True, primary=("negative",), early=True), "KEEP RUNNING", "too_early"),
    (Facts(valid=True, guardrails=("harmed",), early=True), "DO NOT SHIP", "guardrail_harmed"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "word", "rule"), CASES)
def test_the_first_rule_that_holds_decides(facts: Facts, word: str, rule: str) -> None:
    found = decide(facts, 1)
    assert (found.word, found.rule, found.arm) == (word, rule, 1)


def test_of_several_arms_the_best_one_that_may_ship_decides() -> None:
    ship, stop, run = (
        Decision("SHIP", "gain", 1),
        Decision("DO NOT SHIP", "x", 2),
        Decision("KEEP RUNNING", "x", 3),
    )
    assert overall([stop, ship], [9.0, 0.1]) is ship
    assert overall([stop, run], [9.0, math.nan]) is run
    assert overall([ship, Decision("SHIP", "gain", 4)], [0.1, 0.2]).arm == 4


# Counted by hand


def test_a_stage_counts_after_exposure_in_order_and_over_everybody() -> None:
    arms = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", "b3": "b", "b4": "b"}
    events = [
        ("a1", "bought", "2024-12-31"),  # before exposure
        ("a2", "seen", "2025-01-02"), ("a2", "bought", "2025-01-03"),
        ("a3", "bought", "2025-01-02"),  # without having seen
        ("b1", "seen", "2025-01-02"), ("b1", "bought", "2025-01-02"),  # at one moment
        ("b2", "bought", "2025-01-02"), ("b2", "seen", "2025-01-03"),  # the other way round
        ("b3", "seen", "2025-01-02"),
        ("z", "seen", "2025-01-20"),  # not in the experiment; the log ends here
    ]  # fmt: skip
    result = asked(people(arms), events, trial=plan(primary=("bought",), stages=("seen", "bought")))
    rates = {(s, a): number(result, "value", s, group=a) for s in ("seen", "bought") for a in "ab"}
    assert rates == {
        ("seen", "a"): pytest.approx(1 / 3), ("seen", "b"): 0.75,
        ("bought", "a"): pytest.approx(1 / 3), ("bought", "b"): 0.25,
    }  # fmt: skip
    assert number(result, "conditional_rate", "bought", group="b") == pytest.approx(1 / 3)
    assert number(result, "value", "bought", "n", group="b") == 4


def test_only_units_whose_window_is_over_count_and_only_events_inside_it() -> None:
    assigned = people({"a1": "a", "a2": "a", "b1": "b", "b2": "b"})
    assigned["assigned_at"] = ["2025-01-01", "2025-01-08", "2025-01-01", "2025-01-08"]
    events = [("a1", "bought", "2025-01-08"), ("b1", "bought", "2025-01-09"), ("z", "bought", "2025-01-10")]
    result = asked(assigned, events, trial=plan(primary=("bought",), window="7 days"), stages=["bought"])
    assert [number(result, "value", "bought", c, group="a") for c in ("estimate", "n")] == [1.0, 1.0]
    assert number(result, "value", "bought", group="b") == 0.0  # a day too late
    assert next(f for f in result.facts if f.name == "immature").numbers["n"] == 2


MONEY = (
    Metric(id="orders", kind="count", events=("bought",)),
    Metric(id="spend", kind="mean", events=("bought",), value="value"),
    Metric(id="basket", kind="ratio", numerator="spend", denominator="orders"),
    Metric(id="minutes", kind="mean", column="minutes"),
    Metric(id="middle", kind="quantile", column="minutes"),
)


def test_counts_sums_ratios_and_columns() -> None:
    assigned = people({"a1": "a", "a2": "a", "b1": "b", "b2": "b"}).assign(minutes=[1.0, 2.0, 3.0, 6.0])
    log = pd.DataFrame({
        "customer_id": ["a1", "a1", "b1", "b2"], "event": "bought", "time": "2025-01-02",
        "value": [10.0, 20.0, 5.0, 7.0],
    })  # fmt: skip
    study, data = quick_study(events=log, assignments=assigned, journey=["bought"])
    trial = plan(primary=("spend",), secondary=("orders", "basket", "minutes"))
    result = experiment(study.model_copy(update={"experiments": (trial,), "metrics": MONEY}), data)
    found = {name: [number(result, "value", name, group=arm) for arm in "ab"] for name in trial.named}
    assert found == {"spend": [15.0, 6.0], "orders": [1.0, 1.0], "basket": [15.0, 6.0], "minutes": [1.5, 4.5]}
    assert number(result, "primary_effect", "spend") == -9.0


def test_a_missing_number_is_out_of_the_count_and_said() -> None:
    rng = np.random.default_rng(1)
    minutes = rng.normal(10, 1, 400)
    minutes[:20] = np.nan  # the first twenty of arm a
    result = asked(
        crowd(200, 200).assign(minutes=minutes), trial=plan(primary=("minutes",)), metrics=MONEY[3:4]
    )
    assert number(result, "value", "minutes", "n", group="a") == 180
    assert fact(result, "nulls") == "failed"  # and only of one arm: whom it lost is not known
    assert result.decision.word == "INVALID"
    minutes[200:220] = np.nan
    fair = asked(
        crowd(200, 200).assign(minutes=minutes), trial=plan(primary=("minutes",)), metrics=MONEY[3:4]
    )
    assert (fact(fair, "nulls"), fair.valid) == ("watch", True)


def test_less_may_be_better() -> None:
    calls = Metric(id="calls", kind="mean", column="calls", higher_is_better=False)
    rng = np.random.default_rng(2)
    given_ = crowd(500, 500).assign(calls=np.r_[rng.normal(5, 1, 500), rng.normal(4, 1, 500)])
    result = asked(given_, trial=plan(primary=("calls",)), metrics=(calls,))
    assert result.decision.word == "SHIP"
    assert number(result, "primary_effect", "calls") < 0


def test_who_met_the_change_and_what_that_makes_for_everybody() -> None:
    events = [(f"{arm}{k}", "opened", "2025-01-02") for arm in "ab" for k in range(100)]
    events += [(f"a{k}", "bought", "2025-01-03") for k in range(40)]
    events += [(f"b{k}", "bought", "2025-01-03") for k in range(60)]
    trial = plan(primary=("bought",), trigger=("opened",))
    result = asked(crowd(200, 200), events, trial=trial, stages=["bought"])
    assert number(result, "triggered_effect", "bought") == pytest.approx(0.2)
    assert number(result, "diluted_effect", "bought") == pytest.approx(0.1)
    assert number(result, "primary_effect", "bought") == pytest.approx(0.1)
    assert fact(result, "trigger") == "passed"
    silent = [event for event in events if not (event[0].startswith("a") and event[1] == "opened")]
    assert fact(asked(crowd(200, 200), silent, trial=trial, stages=["bought"]), "trigger") == "failed"


def test_answers_after_exposure_make_a_weighted_score() -> None:
    assigned = people({name: name[0] for name in ("a1", "a2", "a3", "b1", "b2", "b3")})
    answers = pd.DataFrame({
        "customer_id": ["a1", "a1", "a2", "b1", "b2", "b3"], "q": [10, 0, 3, 9, 7, 10],
        "date": ["2025-02-01", "2025-02-02", "2025-02-01", "2025-02-01", "2025-02-01", "2024-12-01"],
    })  # fmt: skip
    study, data = quick_study(responses=answers, assignments=assigned, questions={"q": "nps"})
    result = experiment(study.model_copy(update={"experiments": (plan(primary=("q",)),)}), data)
    assert [number(result, "value", "q", group=arm) for arm in "ab"] == [0.0, 50.0]  # first answers after it


def test_waiting_times_count_those_who_never_get_there() -> None:
    """Of ten in each arm five arrive after two days, and after four: restricted to day ten 6 and 7 days."""
    events = [(f"{arm}{k}", "bought", day) for arm, day in (("a", "2025-01-05"), ("b", "2025-01-03"))
              for k in range(10)]  # fmt: skip
    trial = plan(primary=("bought",), window="10 days")
    result = asked(crowd(20, 20), [*events, ("z", "bought", "2025-02-01")], trial=trial, stages=["bought"])
    assert number(result, "wait_difference", "bought") == pytest.approx(-1.0)
    assert number(result, "reached_by", "bought", wave="7") == 0.5
    assert number(result, "reached_by", "bought", wave="1") == 0.0
    (wait,) = result.waits
    assert wait.tau == 10.0


# Laws


@settings(max_examples=5, deadline=None, phases=[Phase.generate])  # shrinking 600 rows takes minutes
@given(seed=st.integers(0, 10**6), data=st.data())
def test_order_and_names_of_rows_change_nothing(seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    n = 300
    y, z = rng.normal(size=(2, 2 * n))
    table = crowd(n, n).assign(side=rng.choice(["x", "y"], 2 * n), y=y + z, z=z)
    trial = plan(primary=("m",), segments=("side",), covariates=("z",))
    metric = Metric(id="m", kind="mean", column="y")
    one = asked(table, trial=trial, metrics=(metric,)).table
    order = data.draw(st.randoms(use_true_random=False)).sample(range(2 * n), 2 * n)
    other = asked(table.iloc[order].reset_index(drop=True), trial=trial, metrics=(metric,)).table
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-12)


def test_cells_of_segments_add_up_to_everybody() -> None:
    rng = np.random.default_rng(3)
    table = crowd(400, 500).assign(side=rng.choice(["x", "y", None], 900), y=rng.normal(size=900))
    table["assigned_at"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 20, 900), unit="D")
    metric = Metric(id="m", kind="mean", column="y")
    result = asked(table, trial=plan(primary=("m",), segments=("side",)), metrics=(metric,))
    sums = result.counted.sums
    levels = sums.by_level("m", "side", 3)
    days = sums.until("m", [4, 99])
    for whole, part in ((sums.by_arm("m"), levels.sum(0)), (sums.by_arm("m"), days[1])):
        np.testing.assert_allclose(whole.n, part.n)
        np.testing.assert_allclose(whole.mean, part.mean)
        np.testing.assert_allclose(whole.cov, part.cov)
    y = table.loc[table["arm"] == "b", "y"]
    assert result.aggregate.query("arm == 'b'")["n"].sum() == 500
    np.testing.assert_allclose(sums.by_arm("m").cov[1, 0, 0], y.var())


def test_more_secondary_metrics_change_no_primary_one() -> None:
    rng = np.random.default_rng(4)
    table = crowd(300, 300).assign(**{name: rng.normal(size=600) for name in ("p", "q", "r")})
    metrics = [Metric(id=name, kind="mean", column=name) for name in ("p", "q", "r")]
    few = asked(table, trial=plan(primary=("p",)), metrics=metrics)
    many = asked(table, trial=plan(primary=("p",), secondary=("q", "r")), metrics=metrics)
    for metric in ("primary_effect", "adjusted_p"):
        assert number(few, metric, "p") == number(many, metric, "p")


def test_the_interval_of_each_step_of_holm_agrees_with_its_decision() -> None:
    """Three arms with p of .02, .03 and .5: Holm rejects none, and none of the intervals leaves 0."""
    rng = np.random.default_rng(5)
    table = pd.concat([people({f"{arm}{k}": arm for k in range(400)}) for arm in "abcd"], ignore_index=True)
    shift = {"a": 0.0, "b": 0.166, "c": 0.155, "d": 0.02}
    noise = rng.normal(size=400)
    noise = (noise - noise.mean()) / noise.std()
    table["y"] = np.concatenate([noise + shift[arm] for arm in "abcd"])
    trial = plan(arms=("a", "b", "c", "d"), primary=("m",))
    result = asked(table, trial=trial, metrics=(Metric(id="m", kind="mean", column="y"),))
    for one in result.counted.of("primary"):
        outside = one.effect.ci_low > 0 or one.effect.ci_high < 0
        assert one.rejected == outside == (one.p_adjusted <= 0.05)
    assert [one.rejected for one in result.counted.of("primary")] == [False, False, False]
    assert min(one.effect.p_value for one in result.counted.of("primary")) < 0.05


# The plan


def test_a_plan_changed_after_the_first_look_is_said(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("", "utf-8")
    study, data = loaded(crowd(200, 200).assign(y=1.0), trial=plan(primary=("m",)), metrics=(
        Metric(id="m", kind="mean", column="y"), Metric(id="n", kind="mean", column="y")))  # fmt: skip
    study = study.placed(tmp_path)
    assert fact(experiment(study, data), "plan") == "passed"
    again = study.model_copy(update={"experiments": (plan(primary=("n",)),)}).placed(tmp_path)
    result = experiment(again, data)
    assert (fact(result, "plan"), result.decision.word) == ("failed", "INVALID")
    assert "The plan was changed after the first look" in result.explain("long")
    assert fact(experiment(study, data), "plan") == "passed"  # put back


def test_labels_are_no_part_of_the_plan_and_margins_are() -> None:
    study, _ = loaded(crowd(2, 2), trial=plan(primary=("seen",)))
    one = study.experiments[0]
    other = one.model_copy(update={"label": jl_text("New")})
    wider = one.model_copy(update={"alpha": 0.1})
    assert plan_hash(study, one) == plan_hash(study, other) != plan_hash(study, wider)


def jl_text(words: str) -> Any:
    from journey_lib.study.definition import Text

    return Text(en=words)


def test_the_first_look_survives_a_broken_or_forbidden_file(tmp_path: Path) -> None:
    study, _ = loaded(crowd(2, 2))
    (tmp_path / "study.toml").write_text("", "utf-8")
    placed = study.placed(tmp_path)
    assert first_look(study, "x", "one", "d").kept is False  # no folder of a study
    assert first_look(placed, "x", "one", "d").plan == "one"
    assert first_look(placed, "x", "two", "d").plan == "one"
    assert first_look(placed, "x", "two", "other data").plan == "two"
    (tmp_path / "derived" / "experiments.json").write_text("{not json", "utf-8")
    assert first_look(placed, "x", "three", "d").plan == "three"
    assert json.loads((tmp_path / "derived" / "experiments.json").read_text("utf-8"))["x"]["plan"] == "three"


def test_parameters_that_replace_the_plan_are_a_departure_from_it() -> None:
    table = crowd(200, 200).assign(y=np.random.default_rng(6).normal(size=400))
    study, data = loaded(table, trial=plan(primary=("m",), window="1 day"), metrics=(
        Metric(id="m", kind="mean", column="y"),))  # fmt: skip
    result = experiment(study, data, control="b")
    assert result.counted.plan.overridden == ("control",)
    assert fact(result, "plan") == "watch"


def test_frames_without_a_plan_are_explored() -> None:
    events = [(f"b{k}", "bought", "2025-01-02") for k in range(40)] + [("a1", "bought", "2025-01-02")]
    result = asked(crowd(100, 100), events, stages=["bought"])
    assert result.counted.plan.trial.primary == ("bought",)
    assert fact(result, "plan") == "watch"
    assert "registers no plan" in result.explain("long")


# Validity


def test_equal_arms_that_differ_block_an_aa_test() -> None:
    y = np.r_[np.zeros(300), np.ones(300)] + np.random.default_rng(7).normal(size=600)
    table, metric = crowd(300, 300).assign(y=y), Metric(id="m", kind="mean", column="y")
    result = asked(table, trial=plan(primary=("m",), aa=True), metrics=(metric,))
    assert (fact(result, "aa"), result.decision.word) == ("failed", "INVALID")


def test_an_outcome_before_the_assignment_is_no_outcome() -> None:
    events = [(f"{arm}{k}", "bought", "2024-12-01") for arm in "ab" for k in range(90)]
    events += [("b1", "bought", "2025-02-01")]
    result = asked(crowd(100, 100), events, trial=plan(primary=("bought",)), stages=["bought"])
    assert number(result, "value", "bought", group="a") == 0.0
    assert (fact(result, "outcome_before"), result.decision.word) == ("failed", "INVALID")


def test_units_of_another_experiment_are_counted() -> None:
    table = crowd(100, 100).assign(y=np.random.default_rng(8).normal(size=200))
    other = table.head(50).assign(experiment="other")
    metric = Metric(id="m", kind="mean", column="y")
    study, data = loaded(pd.concat([table, other]), trial=plan(primary=("m",)), metrics=(metric,))
    result = experiment(study, data)
    assert fact(result, "overlap") == "watch"
    assert next(f for f in result.facts if f.name == "overlap").numbers["n"] == 50


def test_what_was_known_before_must_not_depend_on_the_arm() -> None:
    table = crowd(500, 500).assign(
        y=np.random.default_rng(9).normal(size=1000), age=[30.0] * 500 + [40.0] * 500
    )
    table["age"] += np.random.default_rng(10).normal(size=1000)
    trial = plan(primary=("m",), covariates=("age",))
    result = asked(table, trial=trial, metrics=(Metric(id="m", kind="mean", column="y"),))
    assert (fact(result, "balance"), result.decision.word) == ("failed", "INVALID")


def test_independence_is_the_chi_square_of_a_table() -> None:
    """scipy 1.17: chi2_contingency([[10, 20], [30, 25]], correction=False).pvalue."""
    assert independence(np.array([[10, 20], [30, 25]])) == pytest.approx(0.0611509, abs=1e-6)
    assert math.isnan(independence(np.array([[5, 0], [7, 0]])))


# Bad input: a stated status, or one clear error

GOOD = crowd(3, 3).assign(y=1.0)
Y = (Metric(id="m", kind="mean", column="y"),)
WRONG: list[tuple[pd.DataFrame, dict[str, Any], str]] = [
    (crowd(3, 0).assign(y=1.0), {"trial": plan(primary=("m",))}, "no unit in b"),
    (crowd(3, 0).assign(y=1.0), {}, "only the arm 'a'"),
    (GOOD.replace({"arm": {"b": "c"}}), {"trial": plan(primary=("m",))}, "1 arms that the plan"),
    (GOOD, {"trial": plan(id="other", primary=("m",))}, "no row of 'other'"),
    (GOOD, {"trial": plan(primary=("n",))}, "no column 'nothing'"),
    (GOOD.assign(y="words"), {"trial": plan(primary=("m",))}, "'y' holds text"),
    (GOOD, {"trial": plan(primary=("bought",))}, "is a stage, and this study has no events"),
    (GOOD, {"trial": plan(primary=("vague",))}, "does not say where its value comes from"),
    (GOOD, {"trial": plan(primary=("m",), unit="house")}, "no column 'house' or 'house_id'"),
    (GOOD, {"trial": plan(primary=("m",), segments=("colour",))}, "no column 'colour'"),
    (GOOD.assign(side="x", side_at="2025-02-01"), {"trial": plan(primary=("m",), segments=("side",))},
     "'side' was settled after exposure for 6 units"),
    (GOOD.assign(y=[2.0, 1, 0, 1, 1, 0]), {"trial": plan(primary=("s",))}, "neither 0 nor 1"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "options", "words"), WRONG, ids=[w[2][:30] for w in WRONG])
def test_a_mistake_is_one_clear_sentence(table: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    metrics = (
        *Y, Metric(id="n", kind="mean", column="nothing"), Metric(id="vague"), Metric(id="s", column="y"),
    )  # fmt: skip
    with pytest.raises(JourneyError) as caught:
        asked(table, metrics=metrics, **options)
    assert words in str(caught.value)


def test_unknown_words_come_all_at_once() -> None:
    study, data = loaded(GOOD, trial=plan(primary=("m",)), metrics=Y)
    with pytest.raises(ParamError) as caught:
        experiment(study, data, control="z", primary=["nope"], window="soon")
    assert len(caught.value.items) == 3
    with pytest.raises(ParamError, match="no experiment 'y'"):
        experiment(study, data, experiment="y")
    with pytest.raises(DataError, match="assignments"):
        experiment(*quick_study(responses=pd.DataFrame({"q": [1]}), questions={"q": "number"}))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0, 2.0, 3.0, 4.0], "one_unit"),  # three in a, one in b
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], "no_variance"),
    ],
)
def test_too_little_is_a_reason_and_never_a_number(values: Sequence[float], reason: str) -> None:
    result = asked(crowd(3, len(values) - 3).assign(y=values), trial=plan(primary=("m",)), metrics=Y)
    rows = result.table.query("metric == 'primary_effect'")
    assert rows["note"].tolist() == [reason]
    assert rows[["estimate", "ci_low", "ci_high", "p_value"]].isna().all(axis=None)
    assert result.decision.word == "KEEP RUNNING"
    assert all(result.show(part)._repr_html_() for part in PARTS)


def test_a_control_of_zero_has_no_relative_change() -> None:
    y = np.r_[np.zeros(100), np.random.default_rng(11).normal(5, 1, 100)]
    result = asked(crowd(100, 100).assign(y=y), trial=plan(primary=("m",)), metrics=Y)
    rows = result.table.query("metric == 'lift'")
    assert rows["note"].tolist() == ["control_zero"]
    assert math.isfinite(number(result, "primary_effect", "m"))


# The page


@pytest.fixture(scope="module")
def page() -> ExperimentResult:
    rng = np.random.default_rng(12)
    n = 1500
    table = pd.concat([people({f"{arm}{k}": arm for k in range(n)}) for arm in "abc"], ignore_index=True)
    table["assigned_at"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 28, 3 * n), unit="D")
    table["side"], table["before"] = rng.choice(["x", "y"], 3 * n), rng.normal(size=3 * n)
    rate = table["arm"].map({"a": 0.2, "b": 0.3, "c": 0.2}).to_numpy()
    seen = rng.random(3 * n) < 0.6
    bought = seen & (rng.random(3 * n) < rate)
    frame = table.assign(when=table["assigned_at"] + pd.to_timedelta(rng.exponential(3, 3 * n), unit="D"))
    parts = [frame[mask].assign(event=name) for mask, name in ((seen, "seen"), (bought, "bought"))]
    log = pd.concat(parts).rename(columns={"when": "time"})[["customer_id", "event", "time"]]
    log = pd.concat(
        [log, pd.DataFrame({"customer_id": ["z"], "event": "seen", "time": pd.Timestamp("2025-04-01")})]
    )
    study, data = quick_study(events=log, assignments=table, journey=["seen", "bought"])
    trial = plan(
        arms=("a", "b", "c"), primary=("bought",), guardrails=[{"metric": "seen", "margin": 0.2}],
        window="14 days", mode="group_sequential", looks=3, planned_n=4000, segments=("side",),
        covariates=("before",),
    )  # fmt: skip
    return experiment(study.model_copy(update={"experiments": (trial,)}), data)


def test_every_part_speaks_both_languages(page: ExperimentResult) -> None:
    assert (page.decision.word, page.decision.arm) == ("SHIP", 1)
    assert page.opening("en").text != page.opening("ko").text
    assert "배포" in page.opening("ko").inner
    for part in PARTS:
        assert page.show(part).inner
    for kind in ("looks", "segments", "waiting", "novelty"):
        plot = page.plot(kind=kind)
        assert plot.alternative()
    long = page.explain("long")
    assert "Ship: bought improves, and no guardrail is harmed" in long
    assert "{" not in long + page.explain("long", "ko")


def test_words_repeat_the_numbers_of_the_table(page: ExperimentResult) -> None:
    effect = number(page, "primary_effect", "bought", group="b")
    assert f"+{100 * effect:.1f} points" in page.explain()


def test_the_ledger_gets_effects_that_say_what_they_are(page: ExperimentResult) -> None:
    rows = page.findings()
    assert set(rows["kind"]) == {"effect"}
    assert set(rows.query("metric == 'primary_effect'")["stage"]) == {"bought"}
    assert set(rows.query("metric == 'primary_effect'")["comparison"]) == {"a"}


def test_a_figure_nobody_can_draw_is_refused(page: ExperimentResult) -> None:
    with pytest.raises(ParamError, match="kind"):
        page.plot(kind="pie")
    alone = asked(GOOD.assign(y=[1.0, 2, 3, 4, 5, 6]), trial=plan(primary=("m",)), metrics=Y)
    with pytest.raises(ParamError, match="holds nothing"):
        alone.plot(kind="looks")


# A holdout beside attribution


def test_a_holdout_stands_beside_the_channel_it_held_back() -> None:
    who = [f"{arm}{k}" for arm in "ab" for k in range(200)]
    touched = pd.DataFrame({"customer_id": who[200:] + who[:50], "event": "visit", "channel": "email"})
    touched["time"] = "2025-01-02"
    sold = [f"a{k}" for k in range(50)] + [f"b{k}" for k in range(90)]
    bought = pd.DataFrame({"customer_id": sold, "event": "bought", "channel": None, "time": "2025-01-05"})
    last = pd.DataFrame({"customer_id": ["z"], "event": "visit", "channel": "ad", "time": "2025-03-05"})
    study, data = quick_study(
        events=pd.concat([touched, bought, last]), assignments=crowd(200, 200), journey=["bought"]
    )
    trial = plan(primary=("bought",), channel="email")
    result = attribution(study.model_copy(update={"experiments": (trial,)}), data, conversion="bought")
    row = result.table.query("metric == 'holdout_lift'").iloc[0]
    assert (row["option"], row["estimate"], row["n"]) == ("email", pytest.approx(0.2), 400)
    check = next(c for c in result.checks if c.name == "not_incremental")
    assert (check.status, "+20.0 points" in check.text.say("en")) == ("passed", True)
    assert "Holdout" in result.show("effects").inner
    lone = attribution(study, data, conversion="bought")
    assert next(c for c in lone.checks if c.name == "not_incremental").status == "not_assessable"
    assert jl.attribution is attribution
