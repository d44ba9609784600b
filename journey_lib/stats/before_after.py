"""A share before and after a day, period by period: a description of what moved, never of what moved it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEWEST = 4  # periods either side


@dataclass(frozen=True)
class Shift:
    """The same share before and after a day, and the difference with its interval; NaN where unknown.

    Attributes
    ----------
    before, after : float
        Shares over all periods of a side.
    difference, std_error, ci_low, ci_high : float
        After less before.
    n_before, n_after : float
        Customers of each side.
    periods : int
        Periods of each side.
    """

    before: float
    after: float
    difference: float
    std_error: float
    ci_low: float
    ci_high: float
    n_before: float
    n_after: float
    periods: int


def shift(
    before: npt.ArrayLike, n_before: npt.ArrayLike, after: npt.ArrayLike, n_after: npt.ArrayLike,
    *, level: float = 0.95,
) -> Shift:  # fmt: skip
    """Return how a share differs between the periods before and after a day.

    Parameters
    ----------
    before, after : array-like of float
        Share of each period, those nearest to the day first.
    n_before, n_after : array-like of float
        Customers of each period.
    level : float
        Confidence level.

    Returns
    -------
    Shift
        Over as many periods after as before; NaN with fewer than four either side.

    Definition
    ----------
    A side's share is the sum of those who did it over the sum of all. Its variance is that of a ratio over
    periods, k / (k − 1) × Σ (x − r n)² / (Σ n)², so that weeks which differ more than chance widen the
    interval. The difference has a t interval with Welch's degrees of freedom.

    Units and missing data
    ----------------------
    Shares 0–1. Periods without a share or without customers must be left out by the caller.

    Source
    ------
    Cochran, W. G. (1977), Sampling Techniques, section 6.3. Welch, B. L. (1947), Biometrika 34.

    Examples
    --------
    >>> found = shift([0.5, 0.4, 0.6, 0.5], [100] * 4, [0.7, 0.6, 0.8, 0.7], [100] * 4)
    >>> round(found.difference, 3), found.ci_low > 0, found.periods
    (0.2, True, 4)
    """
    sides = [np.array([p, n], dtype=float) for p, n in ((before, n_before), (after, n_after))]
    periods = min(side.shape[1] for side in sides)
    one, other = (_side(side[0, :periods], side[1, :periods]) for side in sides)
    if periods < FEWEST:
        nothing = math.nan
        return Shift(nothing, nothing, nothing, nothing, nothing, nothing, one[2], other[2], periods)
    error = math.hypot(one[1], other[1])
    gap = other[0] - one[0]
    reach = _quantile(one[1], other[1], periods, level) * error
    return Shift(one[0], other[0], gap, error, gap - reach, gap + reach, one[2], other[2], periods)


def _side(share: npt.NDArray[np.float64], n: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Return share, standard error and customers of one side."""
    total, k = float(n.sum()), len(n)
    if k < FEWEST or total <= 0:
        return math.nan, math.nan, total
    ratio = float((share * n).sum() / total)
    spread = ((share - ratio) * n) ** 2
    return ratio, math.sqrt(k / (k - 1) * float(spread.sum())) / total, total


def _quantile(one: float, other: float, periods: int, level: float) -> float:
    """Return the factor of the standard error, by Welch's degrees of freedom."""
    from scipy.special import stdtrit

    total = one**2 + other**2
    if total == 0:
        return 0.0
    df = total**2 * (periods - 1) / (one**4 + other**4)
    return float(stdtrit(df, (1 + level) / 2))
