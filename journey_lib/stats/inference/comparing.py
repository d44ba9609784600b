"""The one door of every comparison: two arms in, their difference with its uncertainty out, in five modes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from journey_lib.errors import ParamError, Problem, chosen
from journey_lib.stats import sequential
from journey_lib.stats.inference.arms import Comparable, arm
from journey_lib.stats.inference.effect import MODES, Effect, Mode, Plan
from journey_lib.stats.inference.exact import exact_p
from journey_lib.stats.inference.fieller import Lift, fieller
from journey_lib.stats.inference.margins import margin_test
from journey_lib.stats.inference.p_values import two_sided_p
from journey_lib.stats.inference.pairs import Pair, direction, effect_of, not_estimable, rare_lift, t_value
from journey_lib.stats.inference.rare import Counts, score_difference

FEWEST_DEGREES: Final = 39  # below: a sequence of intervals that is right in the long run only is not offered


def compare(
    control: Comparable,
    treatment: Comparable,
    *,
    mode: Mode = "fixed",
    level: float = 0.95,
    margin: float | None = None,
    plan: Plan | None = None,
    higher_is_better: bool = True,
) -> Effect:
    """Say by how much a treatment differs from the control, and how sure that is.

    Parameters
    ----------
    control, treatment : Moments, Arm or Estimate
        What is known of each arm: moments of one cell, what `ratio_arm` and its like return, or a weighted
        estimate of a survey.
    mode : {"fixed", "group_sequential", "always_valid", "bayes", "margin"}
        One look at the planned end; a few planned looks; as many looks as one likes; probabilities under a
        prior; or the test that harm is smaller than a margin.
    level : float
        Confidence level; of each one-sided bound in margin mode.
    margin : float, optional
        Margin mode: the largest harm that is no harm, above 0, as a part of the control unless the plan
        says otherwise.
    plan : Plan, optional
        Sequential modes need its `planned_n`.
    higher_is_better : bool
        Whether more of the metric is better; turns status, margin and chance to win, never the numbers.

    Returns
    -------
    Effect
        With status "not_estimable" and a reason where nothing can be said; never with a guess.

    Raises
    ------
    ParamError
        An unknown mode, a level outside 0 to 1, a margin missing or superfluous, a plan missing.
    DataError
        Moments of several cells.

    Definition
    ----------
    d = treatment − control with variance V₁ + V₀ and Welch–Satterthwaite's degrees of freedom. The interval
    is d ± c √V with the mode's c: Student's t (fixed), the boundary of this look (group-sequential; the
    repeated interval), the width of an asymptotic confidence sequence (always-valid). Bayesian: a normal
    prior around no effect, its standard deviation a part of the control's estimate. Margin: one-sided t of
    d + margin · control, to which the control's noise adds. Shares with fewer than 30 successes or failures
    in an arm: score intervals, and Boschloo's p-value in fixed mode. The relative change is Fieller's.

    Units and missing data
    ----------------------
    In the unit of the metric; the lift in parts of the control. Missing values were dealt with before.

    Source
    ------
    Welch (1947), Biometrika 34; Fieller (1954), JRSS B 16; Lan and DeMets (1983), Biometrika 70;
    Waudby-Smith et al. (2024), Annals of Statistics 52; Miettinen and Nurminen (1985), Statistics in
    Medicine 4.

    Examples
    --------
    >>> from journey_lib.stats.moments import Moments
    >>> found = compare(Moments(1000, 0.10, 0.09), Moments(1000, 0.13, 0.1131))
    >>> round(found.estimate, 4), round(found.p_value, 4), found.status
    (0.03, 0.0354, 'positive')
    >>> compare(Moments(1, 2.0, float("nan")), Moments(10, 3.0, 1.0)).reason
    'one_unit'
    """
    checked(mode, level, margin, plan)
    return compared(
        Pair(arm(control), arm(treatment), higher_is_better=higher_is_better), mode, level, margin, plan
    )


def compared(pair: Pair, mode: Mode, level: float, margin: float | None, plan: Plan | None) -> Effect:
    """Return the comparison of a pair in one mode."""
    if pair.reason:
        return not_estimable(pair, mode, level, pair.reason)
    return _MODES[mode](pair, level, margin, plan or Plan())


def checked(mode: str, level: float, margin: float | None, plan: Plan | None) -> None:
    """Refuse what no comparison can be asked for."""
    chosen("mode", mode, MODES)
    problems = []
    if not 0 < level < 1:
        problems.append(Problem("level", f"is {level}", "a number between 0 and 1, such as 0.95"))
    if mode == "margin" and not (margin is not None and 0 < margin < math.inf):
        problems.append(Problem("margin", f"is {margin}", "a number above 0 in margin mode, such as 0.02"))
    if mode != "margin" and margin is not None:
        problems.append(Problem("margin", f"is given in mode '{mode}'", "none but in margin mode"))
    if mode in ("group_sequential", "always_valid") and (plan is None or math.isnan(plan.planned_n)):
        action = "Say how many units both arms shall have together"
        problems.append(Problem("plan", f"has no planned_n, which mode '{mode}' needs", "", "", action))
    if problems:
        raise ParamError(problems)


def _around(pair: Pair, found: Effect, multiplier: float, p_value: float) -> Effect:
    """Put an interval of so many standard errors around the estimate."""
    reach = multiplier * found.std_error
    low, high = found.estimate - reach, found.estimate + reach
    return replace(
        found, ci_low=low, ci_high=high, p_value=p_value, multiplier=multiplier,
        status=direction(pair, low, high),
    )  # fmt: skip


def _fixed(pair: Pair, level: float, _margin: float | None, _plan: Plan) -> Effect:
    counts = pair.counts
    if counts is not None:
        return _rare(pair, counts, level)
    times = t_value(0.5 + level / 2, pair.df)
    found = effect_of(pair, "fixed", level, pair.method, pair.lift(times))
    return _around(pair, found, times, two_sided_p(found.estimate, found.std_error, found.df))


def _rare(pair: Pair, counts: Counts, level: float) -> Effect:
    z = t_value(0.5 + level / 2, math.inf)
    p_value, method = exact_p(counts)
    low, high = score_difference(counts, z)
    found = effect_of(pair, "fixed", level, method, rare_lift(counts, z))
    sure = p_value < 1 - level
    return replace(
        found, ci_low=low, ci_high=high, p_value=p_value, status=direction(pair, low, high, sure=sure)
    )


def _group_sequential(pair: Pair, level: float, _margin: float | None, plan: Plan) -> Effect:
    part = pair.n / plan.planned_n
    if pair.too_early:
        return not_estimable(pair, "group_sequential", level, "too_early", information=part)
    looks = _looks(pair, plan)
    bound = float(
        sequential.boundaries(looks, plan.planned_n, 1 - level, spending=plan.spending, final=plan.final)[-1]
    )
    if math.isinf(bound):  # next to nothing was due yet, or all of it is gone
        reason = "too_early" if pair.n < plan.planned_n else "no_spending"
        return not_estimable(pair, "group_sequential", level, reason, information=part)
    times = _as_t(bound, pair.df)
    found = effect_of(pair, "group_sequential", level, pair.method, pair.lift(times))
    z = _as_z(found.z, found.df)
    p_value = sequential.repeated_p(z, looks, plan.planned_n, spending=plan.spending, final=plan.final)
    found = replace(_around(pair, found, times, p_value), information=part, bound=bound)
    return replace(found, stop=found.status != "undecided")


def _looks(pair: Pair, plan: Plan) -> tuple[float, ...]:
    if plan.taken and not plan.taken[-1] < pair.n:
        action = "List only looks before this one"
        raise ParamError(
            Problem(
                "plan",
                f"took a look at {plan.taken[-1]:,.0f} units, now there are {pair.n:,.0f}",
                "",
                "",
                action,
            )
        )
    return (*plan.taken, pair.n)


def _always_valid(pair: Pair, level: float, _margin: float | None, plan: Plan) -> Effect:
    part = pair.n / plan.planned_n
    if pair.too_early or pair.df < FEWEST_DEGREES:
        return not_estimable(pair, "always_valid", level, "too_early", information=part)
    half = float(sequential.sequence_half_width(math.sqrt(pair.variance), pair.n, plan.planned_n, 1 - level))
    times = half / math.sqrt(pair.variance)
    found = effect_of(pair, "always_valid", level, pair.method, pair.lift(times))
    p_value = float(sequential.sequence_p(found.z, pair.n, plan.planned_n, 1 - level))
    found = replace(_around(pair, found, times, p_value), information=part)
    return replace(found, stop=found.status != "undecided")


def _bayes(pair: Pair, level: float, _margin: float | None, plan: Plan) -> Effect:
    from scipy.special import ndtr

    base = pair.control.scale[0]
    if math.isfinite(plan.prior_sd) and not base > 0:
        return not_estimable(pair, "bayes", level, "control_zero")
    if pair.variance <= 0:
        return not_estimable(pair, "bayes", level, "no_variance")
    prior = 1 / (plan.prior_sd * base) ** 2 if math.isfinite(plan.prior_sd) else 0.0
    precision = 1 / pair.variance + prior
    mean, sd = pair.estimate / pair.variance / precision, math.sqrt(1 / precision)
    times = t_value(0.5 + level / 2, math.inf)
    low, high = mean - times * sd, mean + times * sd
    noisy = fieller(mean, sd * sd, base, pair.control.scale[1], 0.0, 0.0).reason
    parts = (math.nan,) * 3 if noisy else (mean / base, low / base, high / base)
    found = effect_of(pair, "bayes", level, "normal posterior", Lift(*parts, reason=noisy))
    gain = pair.sign * mean / sd
    density = math.exp(-gain * gain / 2) / math.sqrt(2 * math.pi)
    return replace(
        found, estimate=mean, std_error=sd, df=math.inf, ci_low=low, ci_high=high, multiplier=times,
        status=direction(pair, low, high), chance_to_win=float(ndtr(gain)),
        risk=sd * (density - gain * float(ndtr(-gain))),
        warnings=(*found.warnings, "few_successes") if pair.counts is not None else found.warnings,
    )  # fmt: skip


def _margin(pair: Pair, level: float, margin: float | None, plan: Plan) -> Effect:
    if margin is None:  # refused before
        raise ParamError(Problem("margin", "is missing"))
    return margin_test(pair, level, margin, plan)


def _as_t(z: float, df: float) -> float:
    """Return the t value as far out as a z value: boundaries are made for normal paths."""
    from scipy.special import ndtr, stdtrit

    return z if math.isinf(df) else -float(stdtrit(df, float(ndtr(-z))))


def _as_z(t: float, df: float) -> float:
    from scipy.special import ndtri, stdtr

    return t if math.isinf(df) else math.copysign(float(ndtri(float(stdtr(df, -abs(t))))), t)


_Run = Callable[[Pair, float, float | None, Plan], Effect]
_MODES: Final[dict[str, _Run]] = {
    "fixed": _fixed,
    "group_sequential": _group_sequential,
    "always_valid": _always_valid,
    "bayes": _bayes,
    "margin": _margin,
}
