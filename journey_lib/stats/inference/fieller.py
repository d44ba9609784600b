"""How large a change is in parts of the control, with an interval that agrees with the test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

STEADY: Final = 5.0  # standard errors from 0 that a control needs before something is divided by it


@dataclass(frozen=True)
class Lift:
    """A relative change.

    Attributes
    ----------
    estimate, ci_low, ci_high : float
        1 is as much again; NaN where there is a reason.
    reason : str
        A key of `REASONS`; "" where all is known.
    """

    estimate: float
    ci_low: float
    ci_high: float
    reason: str = ""


def fieller(
    difference: float,
    variance: float,
    base: float,
    base_variance: float,
    covariance: float,
    multiplier: float,
) -> Lift:
    """Say how large a difference is in parts of a base that has an error of its own.

    Parameters
    ----------
    difference, variance : float
        The difference and its variance.
    base, base_variance : float
        What it is divided by, and its variance.
    covariance : float
        Of difference and base; minus the variance of the control where that is the base.
    multiplier : float
        How many standard errors the interval of the difference reaches.

    Returns
    -------
    Lift
        With reason "control_zero" where the base is not above 0, "control_noisy" within five standard errors
        of it, "unbounded" where the interval is, and then without numbers.

    Definition
    ----------
    The r with (d − r b)² ≤ c² (V_d − 2 r C + r² V_b): between the roots of a quadratic. r = 0 lies inside
    exactly when d² ≤ c² V_d, so this interval and that of the difference never contradict each other.

    Units and missing data
    ----------------------
    Parts of the base.

    Source
    ------
    Fieller, E. C. (1954), Some problems in interval estimation, JRSS B 16.

    Examples
    --------
    >>> found = fieller(0.1, 0.0008, 1.0, 0.0004, -0.0004, 1.96)
    >>> round(found.ci_low, 4), round(found.ci_high, 4)
    (0.0433, 0.16)
    """
    nan = math.nan
    if not (math.isfinite(base) and base > 0):
        return Lift(nan, nan, nan, "control_zero" if math.isfinite(base) else "not_a_number")
    if base < STEADY * math.sqrt(base_variance):
        return Lift(nan, nan, nan, "control_noisy")
    square = multiplier * multiplier
    a = base * base - square * base_variance
    if not a > 0:
        return Lift(nan, nan, nan, "unbounded")
    half = base * difference - square * covariance
    rest = difference * difference - square * variance
    root = math.sqrt(max(half * half - a * rest, 0.0))
    return Lift(difference / base, (half - root) / a, (half + root) / a)
