"""Two arms compared in every mode: by hand, against other tools, and where nothing can be said."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import estimate
from journey_lib.stats.inference import MODES, REASONS, Arm, Effect, Plan, compare, cuped, ratio
from journey_lib.stats.moments import Moments, comoments, moments
from tests.references.experiments import rows

REFERENCES = Path(__file__).parents[2] / "references" / "experiments.json"
PLAN = Plan(planned_n=20_000)


@pytest.fixture(scope="module")
def others() -> dict:
    return json.loads(REFERENCES.read_text("utf-8"))


def binary(n: float, successes: float) -> Moments:
    share = successes / n
    return Moments(n, share, n / (n - 1) * share * (1 - share), binary=True)


def asked(mode: str) -> dict:
    return {"mode": mode, "margin": 0.02 if mode == "margin" else None, "plan": PLAN}


# Fixed


def test_a_difference_counted_by_hand() -> None:
    """Means 2 and 4, variances 1 and 1 over 3 units: error √(2/3), 4 degrees of freedom, t.975 = 2.7764."""
    found = compare(moments([1, 2, 3]), moments([3, 4, 5]))
    assert found.estimate == 2
    assert found.std_error == pytest.approx(math.sqrt(2 / 3))
    assert found.df == pytest.approx(4)
    assert found.ci_high - 2 == pytest.approx(2.7764451 * math.sqrt(2 / 3), rel=1e-7)


def by_arm(*columns: str) -> list:
    frame = rows()
    return [comoments(frame.loc[frame["variant"] == arm, list(columns)]) for arm in (0, 1)]


def test_means_agree_with_scipy_and_tea_tasting(others: dict) -> None:
    control, treatment = (side.one(0) for side in by_arm("y", "x"))
    found, tea = compare(control, treatment), others["tea_tasting"]["mean"]
    assert found.p_value == pytest.approx(others["welch"]["p"], rel=1e-9)
    assert found.df == pytest.approx(others["welch"]["df"], rel=1e-9)
    assert (found.ci_low, found.ci_high) == pytest.approx(others["welch"]["interval"], rel=1e-9)
    assert found.lift == pytest.approx(tea["rel_effect_size"], rel=1e-9)
    # Relative intervals differ on purpose: tea-tasting's is symmetric on the log of the ratio and can
    # contradict the test beside it, Fieller's cannot. Here it is .0107 to .2935, and ours .0111 to .2951.
    assert (found.lift_low, found.lift_high) == pytest.approx((0.0111, 0.2951), abs=1e-4)


def test_ratios_agree_with_tea_tasting(others: dict) -> None:
    found, tea = ratio(*by_arm("num", "den")), others["tea_tasting"]["ratio"]
    assert found.estimate == pytest.approx(tea["effect_size"], rel=1e-9)
    assert found.p_value == pytest.approx(tea["pvalue"], rel=1e-9)
    assert (found.ci_low, found.ci_high) == pytest.approx(
        (tea["effect_size_ci_lower"], tea["effect_size_ci_upper"]), rel=1e-9
    )


def test_cuped_agrees_with_tea_tasting_but_for_the_relative_change(others: dict) -> None:
    found, tea = cuped(*by_arm("y", "x")), others["tea_tasting"]["cuped"]
    assert found.adjusted.estimate == pytest.approx(tea["effect_size"], rel=1e-9)
    assert found.adjusted.p_value == pytest.approx(tea["pvalue"], rel=1e-6)
    assert found.raw.estimate == pytest.approx(others["tea_tasting"]["mean"]["effect_size"], rel=1e-9)
    # Ours divides by the raw control's mean, 3.904673; tea-tasting by the adjusted one, 3.903075.
    assert found.adjusted.lift == pytest.approx(tea["effect_size"] / 3.9046726889166736, rel=1e-9)


def test_a_survey_estimate_keeps_its_own_error_and_degrees() -> None:
    scores = np.tile([0.0, 6, 8, 9, 10], 20)
    one, other = estimate.nps(scores, np.tile([1.0, 2.0], 50)), estimate.nps(scores)
    found = compare(other, one)
    assert found.estimate == pytest.approx(one.estimate - other.estimate)
    assert found.std_error == pytest.approx(math.hypot(one.std_error, other.std_error))
    assert found.n_treatment == 100


def test_rare_shares_go_to_exact_methods() -> None:
    assert compare(binary(1000, 29), binary(1000, 300)).method == "score and boschloo"
    assert compare(binary(1000, 30), binary(1000, 300)).method == "welch"
    assert compare(binary(1000, 971), binary(1000, 700)).method == "score and boschloo"
    found = compare(binary(500, 0), binary(500, 8))
    assert found.lift_reason == "control_zero"
    assert found.status == "positive"


# Relative change


MEANS = st.tuples(st.floats(0.5, 50), st.floats(0.01, 30), st.integers(20, 5000))


def made(part: tuple) -> Moments:
    mean, sd, n = part
    return Moments(n, mean, sd * sd)


@settings(max_examples=200, deadline=None)
@given(MEANS, MEANS, st.sampled_from(["fixed", "group_sequential", "always_valid"]))
def test_interval_p_value_and_relative_interval_never_contradict_each_other(
    one: tuple, other: tuple, mode: str
) -> None:
    found = compare(made(one), made(other), mode=mode, plan=Plan(planned_n=20_000))
    if found.reason:
        return
    assert found.ci_low <= found.estimate <= found.ci_high
    excluded = not found.ci_low <= 0 <= found.ci_high
    if abs(found.p_value - 0.05) > 1e-4:
        assert excluded == (found.p_value < 0.05)
    if not found.lift_reason:
        assert found.lift_low <= found.lift <= found.lift_high
        if min(abs(found.ci_low), abs(found.ci_high)) > 1e-9:
            assert excluded == (not found.lift_low <= 0 <= found.lift_high)


def test_fieller_is_the_set_that_a_test_of_each_ratio_does_not_reject() -> None:
    found = compare(Moments(100, 2.0, 4.0), Moments(120, 2.5, 5.0))
    for end in (found.lift_low, found.lift_high):
        gap = 2.5 - (1 + end) * 2.0
        error = math.sqrt(5 / 120 + (1 + end) ** 2 * 4 / 100)
        assert abs(gap / error) == pytest.approx(found.multiplier, rel=1e-9)


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (Moments(100, 0.0, 1.0), "control_zero"),
        (Moments(100, -3.0, 1.0), "control_zero"),
        (Moments(100, 0.4, 1.0), "control_noisy"),
    ],
)
def test_no_relative_change_without_a_steady_control(control: Moments, reason: str) -> None:
    found = compare(control, Moments(100, 1.0, 1.0))
    assert found.lift_reason == reason
    assert math.isnan(found.lift)
    assert math.isfinite(found.p_value)


def test_an_unbounded_relative_interval_is_said_to_be_unbounded() -> None:
    """Two units each: the control is 6 errors from 0, but t.995 with 2 degrees of freedom is 9.9."""
    found = compare(Moments(2, 6.0, 2.0), Moments(2, 9.0, 2.0), level=0.99)
    assert found.lift_reason == "unbounded"
    assert math.isnan(found.lift_low)


# Where nothing can be said


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        (moments([1.0]), moments([1.0, 2.0, 3.0]), "one_unit"),
        (Moments(0, math.nan, math.nan), moments([1.0, 2.0]), "no_units"),
        (moments([2.0, 2.0, 2.0]), moments([3.0, 3.0]), "no_variance"),
        (Moments(10, math.nan, 1.0), moments([1.0, 2.0]), "not_a_number"),
        (Moments(10, 1.0, math.inf), moments([1.0, 2.0]), "not_a_number"),
        (Arm(math.inf, 1.0, 10), Arm(1.0, 1.0, 10), "not_a_number"),
    ],
)
def test_no_plausible_number_where_there_is_none(
    control: Moments, treatment: Moments, reason: str, mode: str
) -> None:
    found = compare(control, treatment, **asked(mode))
    assert found.reason == reason
    assert reason in REASONS
    assert found.status == "not_estimable"
    numbers = (found.p_value, found.ci_low, found.ci_high, found.lift, found.chance_to_win, found.risk)
    assert all(math.isnan(number) for number in numbers)
    assert not found.stop


def test_all_successes_in_both_arms_is_no_difference_with_an_honest_interval() -> None:
    found = compare(binary(50, 50), binary(50, 50))
    assert (found.estimate, found.p_value, found.status) == (0, 1, "undecided")
    assert -0.1 < found.ci_low < 0 < found.ci_high < 0.1


def test_a_ratio_without_denominator_has_no_value() -> None:
    empty = comoments([[0.0, 0.0], [0.0, 0.0]])
    assert ratio(empty, comoments([[1.0, 2.0], [2.0, 3.0]])).reason == "no_denominator"
    thin = comoments([[1.0, 0.0], [2.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    assert ratio(thin, thin).warnings == ("thin_denominator",)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"mode": "fix"}, "Did you mean 'fixed'"),
        ({"level": 95}, "between 0 and 1"),
        ({"mode": "margin"}, "margin: is None"),
        ({"mode": "margin", "margin": -0.1}, "above 0 in margin mode"),
        ({"margin": 0.1}, "none but in margin mode"),
        ({"mode": "group_sequential"}, "has no planned_n"),
        ({"mode": "always_valid", "plan": Plan()}, "has no planned_n"),
        ({"mode": "group_sequential", "plan": Plan(planned_n=500, taken=(300,))}, "now there are 200"),
    ],
)
def test_bad_questions_are_one_clear_error(more: dict, words: str) -> None:
    arm = Moments(100, 1.0, 1.0)
    with pytest.raises(ParamError, match=words):
        compare(arm, arm, **more)


def test_several_cells_are_no_arm() -> None:
    cells = moments([1.0, 2.0], cell=[0, 1])
    with pytest.raises(DataError, match="Add them up"):
        compare(cells, cells)


@pytest.mark.parametrize(
    "wrong", [{"planned_n": 0.0}, {"taken": (5.0, 5.0)}, {"prior_sd": 0.0}, {"harm_level": 1.0}]
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict) -> None:
    with pytest.raises(ParamError):
        Plan(**wrong)


# Direction


@pytest.mark.parametrize("mode", MODES)
def test_less_is_better_turns_the_words_and_never_the_numbers(mode: str) -> None:
    control, treatment = binary(5000, 1000), binary(5000, 1200)
    up = compare(control, treatment, **asked(mode))
    down = compare(control, treatment, higher_is_better=False, **asked(mode))
    assert (up.estimate, up.ci_low, up.ci_high, up.lift) == (
        down.estimate,
        down.ci_low,
        down.ci_high,
        down.lift,
    )
    assert {up.status, down.status} in ({"positive", "negative"}, {"safe", "harmed"})
    assert up.status in ("positive", "safe")


# Sequential modes


def test_a_look_before_the_first_is_not_offered() -> None:
    few = compare(binary(5000, 20), binary(5000, 60), mode="group_sequential", plan=PLAN)
    assert few.reason == "too_early"
    assert few.information == 0.5
    assert compare(binary(99, 40), binary(99, 60), mode="always_valid", plan=PLAN).reason == "too_early"


def test_the_repeated_interval_is_wider_early_and_nearly_the_fixed_one_at_the_end() -> None:
    early = compare(
        Moments(2000, 1.0, 4.0), Moments(2000, 1.1, 4.0), mode="group_sequential", plan=Plan(planned_n=20_000)
    )
    late = compare(
        Moments(10_000, 1.0, 4.0),
        Moments(10_000, 1.1, 4.0),
        mode="group_sequential",
        plan=Plan(planned_n=20_000, taken=(4000, 8000, 12_000, 16_000)),
    )
    assert early.bound == pytest.approx(4.8769, abs=5e-5)
    assert late.bound == pytest.approx(2.0310, abs=5e-5)
    assert early.status == "undecided"
    assert late.stop
    assert late.z == pytest.approx(3.5355, abs=1e-4)


def test_a_look_after_the_plan_was_reached_has_nothing_to_spend() -> None:
    arm = Moments(6000, 1.0, 1.0)
    found = compare(arm, arm, mode="group_sequential", plan=Plan(planned_n=10_000, taken=(5000, 10_000)))
    assert found.reason == "no_spending"
    few = compare(
        Moments(200, 1.0, 1.0), Moments(200, 9.0, 1.0), mode="group_sequential", plan=Plan(planned_n=1e6)
    )
    assert few.reason == "too_early"
    assert math.isnan(few.bound)


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(*[st.sampled_from([0.0, 1e-12, 1.0, -1.0, 1e9])] * 2),
    st.tuples(*[st.sampled_from([0.0, 1e-12, 1.0, 1e12])] * 2),
    st.tuples(*[st.sampled_from([2, 50, 150, 10**6])] * 2),
    st.sampled_from(MODES),
    st.booleans(),
)
def test_extreme_arms_give_whole_answers_or_reasons(
    means: tuple, variances: tuple, sizes: tuple, mode: str, better: bool
) -> None:
    arms = [Moments(n, mean, var) for n, mean, var in zip(sizes, means, variances, strict=True)]
    more = asked(mode) | {"plan": Plan(planned_n=3e6), "higher_is_better": better}
    found = compare(*arms, **more)
    shown = (found.ci_low, found.ci_high, found.lift_low, found.lift_high, found.p_value, found.risk)
    assert not any(math.isinf(number) for number in shown)
    if found.reason:
        assert all(math.isnan(number) for number in shown)
    else:
        assert found.ci_low <= found.estimate <= found.ci_high
        assert mode == "bayes" or 0 <= found.p_value <= 1


def test_always_valid_is_the_formula_of_the_definition() -> None:
    control, treatment = binary(7000, 700), binary(7000, 770)
    found = compare(control, treatment, mode="always_valid", plan=Plan(planned_n=28_000))
    n, a = 14_000, 0.05
    rho2 = (-2 * math.log(a) + math.log(1 - 2 * math.log(a))) / 28_000
    s = math.sqrt(n) * found.std_error
    half = s * math.sqrt(2 * (n * rho2 + 1) * math.log(math.sqrt(n * rho2 + 1) / a) / (n * n * rho2))
    assert found.ci_high - found.estimate == pytest.approx(half, rel=1e-12)


# Bayes


def test_flat_chance_to_win_is_that_of_exact_beta_posteriors() -> None:
    """Beta(1 + x, 1 + n − x) of each arm, integrated; the tolerance is that of the definition."""
    from scipy.stats import beta

    for x0, x1, n in ((1000, 1050, 10_000), (200, 230, 2000), (60, 75, 1500)):
        grid = np.linspace(0, 1, 200_001)
        exact = np.trapezoid(beta.pdf(grid, 1 + x1, 1 + n - x1) * beta.cdf(grid, 1 + x0, 1 + n - x0), grid)
        found = compare(binary(n, x0), binary(n, x1), mode="bayes", plan=Plan(prior_sd=math.inf))
        assert found.chance_to_win == pytest.approx(exact, abs=0.002)


def test_the_posterior_adds_precisions() -> None:
    """Control 2, prior sd .3 · 2 = .6; difference 1 with variance .36: halfway, variance .18."""
    found = compare(Arm(2.0, 0.16, 1000), Arm(3.0, 0.2, 1000), mode="bayes")
    assert found.estimate == pytest.approx(0.5)
    assert found.std_error == pytest.approx(math.sqrt(0.18))
    assert found.lift == pytest.approx(0.25)
    draws = np.random.default_rng(1).normal(0.5, math.sqrt(0.18), 1_000_000)
    assert found.risk == pytest.approx(np.maximum(-draws, 0).mean(), rel=0.02)
    assert found.chance_to_win == pytest.approx((draws > 0).mean(), abs=0.002)


# Margins


def guard(control: float, treatment: float, n: int = 50_000, **more: object) -> Effect:
    return compare(binary(n, control), binary(n, treatment), mode="margin", margin=0.02, **more)  # type: ignore[arg-type]


def test_the_three_words_of_a_guardrail() -> None:
    """A fifth of 50,000: the error of the relative change is about 1.3 %."""
    assert guard(10_000, 10_200).status == "safe"
    assert guard(10_000, 10_000).status == "undecided"
    assert guard(10_000, 9_500).status == "harmed"
    assert guard(10_000, 10_500, higher_is_better=False).status == "harmed"
    assert guard(10_000, 9_700, higher_is_better=False).status == "safe"


def test_a_margin_is_tested_with_the_controls_noise() -> None:
    found = guard(10_000, 9_950)
    p0, p1, n = 0.2, 0.199, 50_000
    gap = p1 - 0.98 * p0
    error = math.sqrt((p1 * (1 - p1) + 0.98**2 * p0 * (1 - p0)) / (n - 1))
    assert found.p_value == pytest.approx(0.5 * math.erfc(gap / error / math.sqrt(2)), rel=1e-4)


@settings(max_examples=100, deadline=None)
@given(st.integers(9_000, 11_000), st.booleans())
def test_safe_is_when_the_one_sided_bound_lies_within_the_margin(x1: int, higher: bool) -> None:
    found = guard(10_000, x1, higher_is_better=higher)
    bound = found.lift_low if higher else -found.lift_high
    if abs(bound + 0.02) > 1e-9:
        assert (found.status == "safe") == (bound > -0.02)


def test_an_absolute_margin() -> None:
    plan = Plan(relative_margin=False)
    assert guard(10_000, 10_000, plan=plan).status == "safe"  # .02 of all is a tenth of the control
    assert (
        compare(Arm(0.0, 1.0, 900), Arm(0.5, 1.0, 900), mode="margin", margin=3.0, plan=plan).status == "safe"
    )


def test_harm_stops_at_any_time_only_when_it_is_beyond_doubt() -> None:
    plan = Plan(planned_n=200_000)
    assert guard(10_000, 9_000, plan=plan).stop
    assert not guard(10_000, 9_700, plan=plan).stop
    assert not guard(10_000, 9_000).stop


def test_a_margin_of_a_rare_outcome_uses_scores() -> None:
    found = compare(binary(5000, 20), binary(5000, 10), mode="margin", margin=0.02, higher_is_better=False)
    assert found.method == "score"
    assert found.status == "safe"
    assert compare(binary(5000, 0), binary(5000, 10), mode="margin", margin=0.02).reason == "control_zero"
