"""Guardrails: is harm smaller than what was agreed to be none? Three answers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.stats import sequential
from journey_lib.stats.inference.pairs import Pair, effect_of, not_estimable, rare_lift, t_value
from journey_lib.stats.inference.rare import score_difference

if TYPE_CHECKING:
    from journey_lib.stats.inference.effect import Effect, Plan, Status


def margin_test(pair: Pair, level: float, margin: float, plan: Plan) -> Effect:
    """Say whether a guardrail is safe, harmed or undecided.

    Parameters
    ----------
    pair : Pair
        The arms.
    level : float
        Level of each one-sided bound.
    margin : float
        The largest harm that is no harm.
    plan : Plan
        Whether the margin is relative, and the always-valid stop for harm where there is a planned size.

    Returns
    -------
    Effect
        `ci_low` and `ci_high` are one-sided bounds; `p_value` tests that the harm is the margin or more.

    Definition
    ----------
    Safe: the bound on the side of harm lies within the margin. Harmed: the other bound lies on the side of
    harm, and the estimate is beyond the margin. Undecided otherwise: no proof of harm is no proof of safety.
    With a relative margin m of a metric of which more is better the test is that of treatment − (1 − m)
    control, with variance V₁ + (1 − m)² V₀.

    Units and missing data
    ----------------------
    The margin in parts of the control, or in the unit of the metric.

    Source
    ------
    Rothmann, Wiens and Chan (2012), Design and Analysis of Non-Inferiority Trials, chapter 5; Farrington and
    Manning (1990), Statistics in Medicine 9, for rare events.
    """
    part = margin if plan.relative_margin else 0.0
    base = pair.control.scale[0]
    if plan.relative_margin and not base > 0:
        return not_estimable(pair, "margin", level, "control_zero")
    times = t_value(level, math.inf if pair.counts else pair.df)
    p_value = _p(pair, margin, plan)
    if pair.counts is not None:
        found = effect_of(pair, "margin", level, "score", rare_lift(pair.counts, times))
        low, high = score_difference(pair.counts, times)
    else:
        found = effect_of(pair, "margin", level, pair.method, pair.lift(times))
        low, high = (pair.estimate + side * times * found.std_error for side in (-1, 1))
    beyond = -pair.sign * pair.estimate > (part * base if plan.relative_margin else margin)
    harmful = (high < 0) if pair.higher_is_better else (low > 0)
    status: Status = "safe" if p_value < 1 - level else "harmed" if harmful and beyond else "undecided"
    return replace(
        found, ci_low=low, ci_high=high, p_value=p_value, status=status,
        multiplier=math.nan if pair.counts else times, stop=_stop(pair, plan),
    )  # fmt: skip


def _p(pair: Pair, margin: float, plan: Plan) -> float:
    """Return the one-sided p-value of the hypothesis that the harm is the margin or more."""
    from scipy.special import ndtr, stdtr

    least = 1 - pair.sign * margin
    if pair.counts is not None:
        counts = pair.counts
        z = counts.ratio_z(least) if plan.relative_margin else counts.difference_z(-pair.sign * margin)
        return float(ndtr(-pair.sign * z))
    if plan.relative_margin:
        base, variance, covariance = pair.control.scale
        gap = pair.estimate + pair.sign * margin * base
        spread = pair.variance - 2 * pair.sign * margin * covariance + margin**2 * variance
    else:
        gap, spread = pair.estimate + pair.sign * margin, pair.variance
    if not spread > 0:
        return math.nan
    t = -pair.sign * gap / math.sqrt(spread)
    return float(ndtr(t) if math.isinf(pair.df) else stdtr(pair.df, t))


def _stop(pair: Pair, plan: Plan) -> bool:
    """Say whether an interval that holds at every look lies wholly on the side of harm."""
    if math.isnan(plan.planned_n) or pair.too_early or pair.variance <= 0:
        return False
    half = float(
        sequential.sequence_half_width(math.sqrt(pair.variance), pair.n, plan.planned_n, plan.harm_level)
    )
    return pair.sign * pair.estimate < -half
