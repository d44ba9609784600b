"""Raking, post-stratification, calibration and joining: by hand, what is refused, what is reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import estimate, weights

AGE = ["young", "young", "young", "old"]
PLAN = ["free", "paid", "free", "paid"]
HALVES = {"age": {"young": 0.5, "old": 0.5}, "plan": {"free": 0.4, "paid": 0.6}}


def big_sample(n: int = 600) -> tuple[dict[str, np.ndarray], dict[str, dict[str, float]]]:
    rng = np.random.default_rng(5)
    groups = {
        "age": rng.choice(["18-29", "30-49", "50+"], n, p=[0.6, 0.3, 0.1]),
        "region": rng.choice(list("NSWE"), n),
    }
    targets = {
        "age": {"18-29": 0.3, "30-49": 0.4, "50+": 0.3},
        "region": {"N": 0.1, "S": 0.2, "W": 0.3, "E": 0.4},
    }
    return groups, targets


def shares(group: np.ndarray, values: np.ndarray) -> dict[str, float]:
    return {label: values[group == label].sum() / values.sum() for label in np.unique(group)}


# By hand


def test_effective_size_and_design_effect_by_hand() -> None:
    # (1 + 1 + 2)² / (1 + 1 + 4) = 16/6; design effect 3 × 6 / 16. A weight of 0 does not count as a row.
    assert weights.effective_n([1, 1, 2]) == pytest.approx(16 / 6)
    assert weights.design_effect([1, 1, 2]) == pytest.approx(18 / 16)
    assert weights.design_effect([1, 1, 2, 0]) == pytest.approx(18 / 16)
    assert np.isnan(weights.effective_n([0, 0]))


def test_rake_one_margin_by_hand() -> None:
    made = weights.rake({"age": AGE}, {"age": HALVES["age"]})
    assert made.values.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])


def test_rake_keeps_the_proportions_of_starting_weights() -> None:
    made = weights.rake({"age": AGE}, {"age": HALVES["age"]}, [1, 2, 1, 9])
    assert made.values.tolist() == pytest.approx([0.5, 1, 0.5, 2])
    assert made.start.tolist() == [1, 2, 1, 9]


def test_rake_two_margins_by_hand() -> None:
    # The one old row pays, so old = 2 fixes its weight; free rows share 1.6 and the young paid row takes .4.
    made = weights.rake({"age": AGE, "plan": PLAN}, HALVES)
    assert made.values.tolist() == pytest.approx([0.8, 0.4, 0.8, 2], rel=1e-7)


def test_totals_give_weights_that_sum_to_the_population() -> None:
    made = weights.rake({"age": AGE}, {"age": {"young": 300, "old": 100}})
    assert made.values.sum() == pytest.approx(400)
    assert made.diagnostics["mean"] == pytest.approx(100)


def test_post_stratification_crosses_its_variables() -> None:
    sizes = {("young", "free"): 10, ("young", "paid"): 20, ("old", "paid"): 30}
    made = weights.post_stratify({"age": AGE, "plan": PLAN}, sizes)
    assert made.values.tolist() == pytest.approx([5, 20, 5, 30])
    nested = weights.post_stratify({"age": AGE}, {"age": {"young": 6, "old": 4}})
    assert nested.values.tolist() == pytest.approx([2, 2, 2, 4])


def test_calibration_by_hand() -> None:
    # Ones and an indicator: the general regression estimator is post-stratification.
    made = weights.calibrate([[1, 0], [1, 0], [1, 1]], [10, 4], names=["all", "paid"])
    assert made.values.tolist() == pytest.approx([3, 3, 4])
    assert made.diagnostics["margin_error"] < 1e-12


def test_plain_weights_have_no_margins() -> None:
    plain = weights.of([1.0, 2.0])
    assert plain.margins is None
    assert plain.values.tolist() == plain.start.tolist() == [1, 2]


def test_weights_cannot_be_written_to() -> None:
    given = np.ones(2)
    made = weights.of(given)
    with pytest.raises(ValueError, match="read-only"):
        made.values[0] = 5
    given[0] = 7
    assert made.values[0] == 1


# Missing categories, limits, diagnostics


def test_missing_category_is_an_error_or_keeps_its_share() -> None:
    age = [*AGE, None]
    with pytest.raises(DataError, match="1 of 5 rows have no value"):
        weights.rake({"age": age}, {"age": HALVES["age"]})
    made = weights.rake({"age": age}, {"age": HALVES["age"]}, missing="own level")
    assert made.values.tolist() == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2, 1])


def test_trimmed_weights_meet_margins_and_limit() -> None:
    groups, targets = big_sample()
    free = weights.rake(groups, targets)
    made = weights.rake(groups, targets, trim=3.5)
    assert free.diagnostics["max"] > 3.5
    assert made.diagnostics["max"] <= 3.5 * (1 + 1e-8)
    assert 0 < made.diagnostics["share_trimmed"] < 0.2
    assert shares(groups["age"], made.values) == pytest.approx(targets["age"], rel=1e-7)
    assert made.values.mean() == pytest.approx(1)


def test_bounds_hold_the_factor_from_start_to_final() -> None:
    groups, targets = big_sample()
    start = np.random.default_rng(6).uniform(0.5, 1.5, 600)
    made = weights.rake(groups, targets, start, bounds=(0.25, 4))
    factor = made.values / (made.start / made.start.mean())
    assert factor.min() >= 0.25 * (1 - 1e-7)
    assert factor.max() <= 4 * (1 + 1e-7)


def test_limits_that_cannot_hold_are_an_error() -> None:
    with pytest.raises(DataError, match="cannot be met inside these limits"):
        weights.rake({"age": AGE}, {"age": HALVES["age"]}, trim=1.5)
    with pytest.raises(ParamError, match=r"trim: is \(0\.0, 0\.5\)"):
        weights.rake({"age": AGE}, {"age": HALVES["age"]}, trim=0.5)
    with pytest.raises(ParamError, match="bounds"):
        weights.rake({"age": AGE}, {"age": HALVES["age"]}, bounds=(2, 3))


def test_diagnostics() -> None:
    groups, targets = big_sample()
    made = weights.rake(groups, targets).diagnostics
    assert made["n_effective"] == pytest.approx(600 / made["design_effect"])
    assert made["ratio"] == pytest.approx(made["max"] / made["min"])
    assert made["margin_error"] < 1e-8
    assert made["sweeps"] > 1
    assert made["notes"] == ()
    assert weights.rake({"age": AGE}, {"age": HALVES["age"]}).diagnostics["notes"] == (
        "margin 'age': category 'young' has 3 rows, under 20; consider merging it",
        "margin 'age': category 'old' has 1 rows, under 20; consider merging it",
    )


# Contradictions

BAD = {
    "target for an absent category": (
        {"age": {"young": 0.5, "old": 0.3, "elder": 0.2}},
        "no row has category 'elder', whose target is 0.2",
    ),
    "category without a target": (
        {"age": {"young": 1.0}},
        r"margin 'age': 1 category has no target, in 1 row\. Allowed: .* there are targets for 'young'",
    ),
    "target 0 with rows": (
        {"age": {"young": 1.0, "old": 0.0}},
        "category 'old' has rows but its target is 0",
    ),
    "shares that miss 1": ({"age": {"young": 0.5, "old": 0.4}}, "targets sum to 0.9"),
    "negative": ({"age": {"young": 1.5, "old": -0.5}}, "a target is negative or missing"),
    "no targets": ({"plan": {"free": 1.0}}, "margin 'age': has no targets"),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses_targets_that_contradict_the_rows(case: str) -> None:
    targets, message = BAD[case]
    with pytest.raises(DataError, match=message):
        weights.rake({"age": AGE}, targets)


def test_a_category_is_quoted_only_when_ten_rows_share_it() -> None:
    """What stands in a margin's column may be what somebody wrote."""
    rows = ["young"] * 5 + ["my own words"] * 9 + ["others"] * 10 + ["mine"]
    with pytest.raises(DataError) as caught:
        weights.rake({"age": rows}, {"age": {"young": 1.0}})
    assert [problem.given for problem in caught.value.items] == [
        "category 'others' (10 rows) has no target",
        "2 categories have no target, in 10 rows",
    ]


def test_target_of_0_without_rows_is_fine() -> None:
    made = weights.rake({"age": AGE}, {"age": {"young": 0.5, "old": 0.5, "elder": 0.0}})
    assert made.values.sum() == pytest.approx(4)


def test_refuses_margins_with_different_totals() -> None:
    targets = {"age": {"young": 50, "old": 50}, "plan": {"free": 60, "paid": 50}}
    with pytest.raises(DataError, match=r"margin 'plan': targets sum to 110. Allowed: 100"):
        weights.rake({"age": AGE, "plan": PLAN}, targets)


def test_names_the_worst_margin_when_margins_contradict_each_other() -> None:
    # Every old row pays and every paying row is old, so the two shares cannot differ.
    groups = {"age": ["young", "old"] * 5, "plan": ["free", "paid"] * 5}
    with pytest.raises(DataError, match=r"margin 'age': category '\w+' is still .* after 500 sweeps"):
        weights.rake(groups, HALVES)


def test_lists_every_empty_post_stratum() -> None:
    with pytest.raises(DataError) as caught:
        weights.post_stratify(AGE, {"young": 5, "old": 5, "elder": 5, "child": 5})
    assert len(caught.value.problems) == 2


def test_refuses_starting_weights_that_are_not_above_0() -> None:
    for start in ([1, 1, 1, 0], [1, 1, 1, -2], [1, 1, 1, np.nan], [1, 1]):
        with pytest.raises(DataError, match="start"):
            weights.rake({"age": AGE}, {"age": HALVES["age"]}, start)


def test_refuses_nothing_to_weight() -> None:
    with pytest.raises(DataError, match="no row to weight"):
        weights.rake({"age": []}, {"age": {}})
    with pytest.raises(DataError):
        weights.rake({}, {})


def test_refuses_calibration_that_cannot_be() -> None:
    with pytest.raises(DataError, match="total of 'twice': cannot be met"):
        weights.calibrate([[1, 2], [1, 2]], [10, 25], names=["once", "twice"])
    with pytest.raises(DataError, match="1 rows would get a weight of 0 or less"):
        weights.calibrate([[1, 0], [1, 1], [1, 5]], [3, 0.5])
    with pytest.raises(DataError, match="shapes"):
        weights.calibrate([[1, 0]], [1, 2, 3])
    with pytest.raises(DataError, match="missing or infinite"):
        weights.calibrate([[1, np.nan]], [1, 2])


# Joining


def test_waves_raked_apart_keep_their_own_regressions() -> None:
    rng = np.random.default_rng(9)
    wave = rng.integers(0, 2, 400)
    age = rng.choice(["a", "b"], 400)
    goals = [{"age": {"a": 0.7, "b": 0.3}}, {"age": {"a": 0.2, "b": 0.8}}]
    parts = [(wave == k, weights.rake({"age": age[wave == k]}, goals[k])) for k in range(2)]
    glued = weights.combine(parts, 400)
    # The same as post-stratifying on wave × age at once.
    n = [int((wave == k).sum()) for k in range(2)]
    sizes = {(k, label): n[k] * share for k in range(2) for label, share in goals[k]["age"].items()}
    at_once = weights.post_stratify({"wave": wave, "age": age}, sizes)
    y = rng.normal(size=400) + (age == "a") * 3 + wave
    np.testing.assert_allclose(glued.values, at_once.values, rtol=1e-10)
    one, two = (estimate.mean(y, calibration=made) for made in (glued, at_once))
    assert one.std_error == pytest.approx(two.std_error, rel=1e-10)
    assert glued.values[wave == 0].mean() == pytest.approx(1)


def test_a_part_without_margins_keeps_plain_errors() -> None:
    rng = np.random.default_rng(2)
    y = rng.normal(size=60)
    raked = weights.rake({"age": ["a", "b"] * 15}, {"age": {"a": 0.7, "b": 0.3}})
    glued = weights.combine([(np.arange(30), raked), (np.arange(30, 60), weights.of(np.ones(30)))], 60)
    inside = np.arange(60) >= 30
    found = estimate.mean(y, calibration=glued, domain=inside).std_error
    assert found == pytest.approx(estimate.mean(y, glued.values, domain=inside).std_error, rel=1e-12)


def test_joining_plain_parts_gives_plain_weights() -> None:
    glued = weights.combine([([1, 0], weights.of([1.0, 2.0]))], 2)
    assert glued.margins is None
    assert glued.values.tolist() == [2, 1]


@pytest.mark.parametrize("rows", [[0, 1], [0, 0, 1], [0, 1, 3], [0.5, 1, 2]])
def test_joining_refuses_rows_that_do_not_fit(rows: list[float]) -> None:
    with pytest.raises(DataError, match="part"):
        weights.combine([(rows, weights.of([1.0, 1.0, 1.0]))], 3)


def test_categories_may_be_of_any_kind() -> None:
    series = pd.Series([1, 1, 2, 2], index=[9, 9, 8, 7])
    made = weights.rake({"number": series, "word": pd.Categorical(["x", "y", "x", "y"])},
                        {"number": {1: 0.4, 2: 0.6}, "word": {"x": 0.5, "y": 0.5}})  # fmt: skip
    assert made.values.tolist() == pytest.approx([0.8, 0.8, 1.2, 1.2])
