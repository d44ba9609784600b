"""How many units an experiment needs, what it can find, and how surely: the questions before the start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.experiment_design import Design, Looking, outside, z_quantile

__all__ = [
    "Design",
    "Looking",
    "SampleSize",
    "design_effect",
    "margin_size",
    "mde",
    "power",
    "sample_size",
]

_MOST_LIFT: Final = 1e4


@dataclass(frozen=True)
class SampleSize:
    """What `sample_size` returns.

    Attributes
    ----------
    total : float
        Units of all arms together, exact.
    arms : tuple of float
        Units of each arm, the control first, exact.
    expected : float
        Units of all arms when the experiment stops, on average, if the effect is as assumed; `total` in
        fixed mode.
    """

    total: float
    arms: tuple[float, ...]
    expected: float

    @property
    def units(self) -> tuple[int, ...]:
        """Whole units of each arm, rounded to the nearest."""
        return tuple(round(arm) for arm in self.arms)


def sample_size(
    baseline: float, lift: float, design: Design | None = None, *, sd: float | None = None, power: float = 0.8
) -> SampleSize:
    """Say how many units find a relative change of this size, with this power.

    Parameters
    ----------
    baseline : float
        The control's share, or its mean when `sd` is given.
    lift : float
        Relative change of the treatment, such as 0.03; below 0 for a fall.
    design : Design, optional
        How the experiment is run; two equal arms and one look without it.
    sd : float, optional
        Standard deviation of a mean's units, or of a ratio's: the root of units times the delta method's
        variance.
    power : float
        Chance to find it.

    Returns
    -------
    SampleSize

    Raises
    ------
    ParamError
        A share outside 0 to 1 in either arm, no change, a power that is not between alpha and 1.

    Definition
    ----------
    N = (drift / d)² (V₁ / w₁ + V₀ / w₀) · design effect · (1 − r²), with d = baseline · lift and shares w. In
    fixed mode drift = z(1 − alpha/2) + z(power); in the others the expected z value at the end at which the
    boundaries are crossed with this power. Pooled: z(1 − alpha/2) takes the variance under no effect.

    Units and missing data
    ----------------------
    Units of assignment. Normal quantiles: for fewer than about 30 an arm it is too few.

    Source
    ------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, chapter 4; Jennison and
    Turnbull (2000), Group Sequential Methods.

    Examples
    --------
    >>> sample_size(0.190201, 0.03).units
    (75105, 75105)
    >>> sample_size(0.190201, 0.03, Design(convention="pooled")).units[0]
    75108
    """
    asked = design or Design()
    _checked(baseline, lift, sd)
    _power(power, asked)
    drift, size = asked.drift(power), abs(baseline * lift)
    under_none, under_effect = _variances(baseline, lift, sd, asked)
    if under_none == under_effect:
        needed = drift * math.sqrt(under_effect)
    else:
        quantile = z_quantile(power)
        needed = (drift - quantile) * math.sqrt(under_none) + quantile * math.sqrt(under_effect)
    total = (needed / size) ** 2
    return SampleSize(total, tuple(total * share for share in asked.shares), total * asked.part_used(power))


def power(
    baseline: float, lift: float, total: float, design: Design | None = None, *, sd: float | None = None
) -> float:
    """Say how surely a relative change is found with so many units.

    Parameters
    ----------
    baseline, lift, design, sd
        As in `sample_size`.
    total : float
        Units of all arms together.

    Returns
    -------
    float
        Chance of a significant difference on the side of the change; alpha / 2 without a change.

    Raises
    ------
    ParamError
        As `sample_size`; a number of units that is not above 0.

    Definition
    ----------
    The inverse of `sample_size`.

    Units and missing data
    ----------------------
    A probability.

    Source
    ------
    As `sample_size`.

    Examples
    --------
    >>> round(power(0.190201, 0.03, 2 * 75_105.23), 4)
    0.8
    """
    asked = design or Design()
    _checked(baseline, lift, sd, change=False)
    _total(total)
    under_none, under_effect = _variances(baseline, lift, sd, asked)
    ratio = math.sqrt(under_none / under_effect)
    drift = abs(baseline * lift) * math.sqrt(total / under_effect)
    if asked.mode == "fixed":
        from scipy.special import ndtr

        return float(ndtr(drift - float(asked.bounds[0]) * ratio))
    return asked.reached(drift)


def mde(
    baseline: float,
    total: float,
    design: Design | None = None,
    *,
    sd: float | None = None,
    power: float = 0.8,
    fall: bool = False,
) -> float:
    """Say how small a relative change so many units can find.

    Parameters
    ----------
    baseline, design, sd, power
        As in `sample_size`.
    total : float
        Units of all arms together.
    fall : bool
        A change downwards instead of upwards.

    Returns
    -------
    float
        Relative change above 0, below 0 for a fall; NaN where no possible change is large enough.

    Raises
    ------
    ParamError
        As `sample_size`.

    Definition
    ----------
    The change at which `sample_size` is `total`.

    Units and missing data
    ----------------------
    Parts of the baseline.

    Source
    ------
    As `sample_size`.

    Examples
    --------
    >>> round(mde(0.190201, 90_000), 5)
    0.03882
    """
    from scipy.optimize import brentq

    asked = design or Design()
    _checked(baseline, 0.0, sd, change=False)
    _total(total)
    sign = -1 if fall else 1
    most = 1.0 if fall else _MOST_LIFT
    if sd is None:
        most = 1.0 if fall else (1 - baseline) / baseline
    most *= 1 - 1e-9

    def gap(log_lift: float) -> float:
        needed = sample_size(baseline, sign * math.exp(log_lift), asked, sd=sd, power=power)
        return math.log(needed.total / total)

    if gap(math.log(most)) > 0:
        return math.nan
    return float(sign * math.exp(brentq(gap, math.log(1e-9), math.log(most), xtol=1e-10)))


def margin_size(
    baseline: float,
    margin: float,
    design: Design | None = None,
    *,
    sd: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
) -> SampleSize:
    """Say how many units show that a guardrail is safe, when nothing changes at all.

    Parameters
    ----------
    baseline, design, sd, power
        As in `sample_size`; the mode does not matter, a margin is tested once.
    margin : float
        The largest relative harm that is no harm.
    alpha : float
        One-sided error rate.

    Returns
    -------
    SampleSize

    Raises
    ------
    ParamError
        As `sample_size`; a margin that is not above 0.

    Definition
    ----------
    N = ((z(1 − alpha) + z(power)) / (baseline · margin))² (V / w₁ + (1 − margin)² V / w₀).

    Units and missing data
    ----------------------
    Units of assignment.

    Source
    ------
    Rothmann, Wiens and Chan (2012), Design and Analysis of Non-Inferiority Trials.

    Examples
    --------
    >>> round(margin_size(0.2, 0.02).total)
    242406
    """
    asked = design or Design()
    _checked(baseline, margin, sd, change=False)
    problems = outside("margin", margin, 0, 1) + outside("alpha", alpha, 0, 1)
    if problems:
        raise ParamError(problems)
    variance = _one(baseline, sd) * asked.design_effect * (1 - asked.correlation**2)
    control, least = asked.shares[0], min(asked.shares[1:])
    spread = variance / least + (1 - margin) ** 2 * variance / control
    total = ((z_quantile(1 - alpha) + z_quantile(power)) / (baseline * margin)) ** 2 * spread
    return SampleSize(total, tuple(total * share for share in asked.shares), total)


def design_effect(cluster_size: float, correlation: float, variation: float = 0.0) -> float:
    """Say how many times more units are needed when whole groups are assigned together.

    Parameters
    ----------
    cluster_size : float
        Units a cluster on average.
    correlation : float
        Between units of one cluster.
    variation : float
        Standard deviation of the cluster sizes over their mean.

    Returns
    -------
    float

    Raises
    ------
    ParamError
        Clusters below one unit, a correlation outside 0 to 1.

    Definition
    ----------
    1 + ((1 + variation²) m − 1) ρ.

    Units and missing data
    ----------------------
    A factor on the number of units.

    Source
    ------
    Eldridge, Ashby and Kerry (2006), Sample size for cluster randomized trials, International Journal of
    Epidemiology 35.

    Examples
    --------
    >>> round(design_effect(10, 0.05), 6)
    1.45
    """
    problems = outside("cluster_size", cluster_size, 1 - 1e-12, math.inf)
    if not 0 <= correlation <= 1:
        problems.append(Problem("correlation", f"is {correlation}", "a number from 0 to 1"))
    if not 0 <= variation < math.inf:
        problems.append(Problem("variation", f"is {variation}", "a number of 0 or more"))
    if problems:
        raise ParamError(problems)
    return 1 + ((1 + variation**2) * cluster_size - 1) * correlation


def _variances(baseline: float, lift: float, sd: float | None, design: Design) -> tuple[float, float]:
    """Return the variance of the difference times all units: under no effect, and under this one."""
    control, least = design.shares[0], min(design.shares[1:])
    one, other = _one(baseline, sd), _one(baseline * (1 + lift), sd)
    scale = design.design_effect * (1 - design.correlation**2)
    if design.convention == "control":
        other = one
    under_effect = scale * (other / least + one / control)
    if design.convention != "pooled" or sd is not None:
        return under_effect, under_effect
    both = _one(baseline * (1 + lift * least / (least + control)), None)
    return scale * both * (1 / least + 1 / control), under_effect


def _one(mean: float, sd: float | None) -> float:
    return mean * (1 - mean) if sd is None else sd * sd


def _checked(baseline: float, lift: float, sd: float | None, *, change: bool = True) -> None:
    problems: list[Problem] = []
    if sd is None:
        problems += outside("baseline", baseline, 0, 1)
        if not problems and not 0 < baseline * (1 + lift) < 1:
            least, most = -1.0, (1 - baseline) / baseline
            problems += outside("lift", lift, least, most)
    else:
        problems += outside("sd", sd, 0, math.inf)
        if not (math.isfinite(baseline) and baseline != 0):
            problems.append(Problem("baseline", f"is {baseline}", "a mean other than 0"))
    if change and not (math.isfinite(lift) and lift != 0):
        problems.append(Problem("lift", f"is {lift}", "a relative change other than 0, such as 0.03"))
    if problems:
        raise ParamError(problems)


def _power(power: float, design: Design) -> None:
    problems = outside("power", power, design.each_alpha, 1)
    if problems:
        raise ParamError(problems)


def _total(total: float) -> None:
    problems = outside("total", total, 0, math.inf)
    if problems:
        raise ParamError(problems)
