"""Estimates with their intervals from sums that merge: means, ratios, medians and differences of shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.intervals import at_the_ends, logit, symmetric, wilson

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray


@dataclass(frozen=True, eq=False)
class Columns:
    """Estimates of many cells with their intervals; NaN where something cannot be said.

    Attributes
    ----------
    estimate, std_error, ci_low, ci_high : ndarray of float
        One entry a cell.
    """

    estimate: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray


def shares(part: npt.ArrayLike, n: npt.ArrayLike, level: float) -> Columns:
    """Return the share of units with a property, with Wilson's interval.

    Parameters
    ----------
    part, n : array_like
        Units with the property, and all of them.
    level : float
        Confidence level.

    Definition
    ----------
    part / n; no unit gives NaN, never 0.

    Examples
    --------
    >>> found = shares([3, 0], [10, 0], 0.95)
    >>> found.estimate.tolist(), found.ci_low.round(4).tolist()
    ([0.3, nan], [0.1078, nan])
    """
    some, every = _floats(part), _floats(n)
    every = np.where(every > 0, every, np.nan)
    share = some / every
    low, high = wilson(share, every, level)
    return Columns(share, np.sqrt(share * (1 - share) / every), low, high)


def means(n: npt.ArrayLike, total: npt.ArrayLike, squares: npt.ArrayLike, level: float) -> Columns:
    """Return the mean per unit from number, sum and sum of squares, with Student's interval.

    Parameters
    ----------
    n, total, squares : array_like
        Units, the sum of their values, and of the squares of these.
    level : float
        Confidence level.

    Definition
    ----------
    total / n with variance (squares − total² / n) / (n − 1) / n: the linearised variance of a ratio whose
    denominator counts the units, given their number. Without two units, or without any spread, the mean
    stands alone.

    Examples
    --------
    >>> found = means([3, 1], [6, 2], [14, 4], 0.95)  # values 1, 2, 3 and a single 2
    >>> found.estimate.tolist(), found.std_error.round(4).tolist()
    ([2.0, 2.0], [0.5774, nan])
    """
    count, added, squared = _floats(n), _floats(total), _floats(squares)
    count = np.where(count > 0, count, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (squared - added**2 / count) / _less_one(count) / count
    error = _spread(variance, squared / count)
    return Columns(added / count, error, *symmetric(added / count, error, count - 1, level))


def ratios(
    part: npt.ArrayLike,
    whole: npt.ArrayLike,
    part_squares: npt.ArrayLike,
    whole_squares: npt.ArrayLike,
    products: npt.ArrayLike,
    n: npt.ArrayLike,
    level: float,
) -> Columns:
    """Return the share one sum has of another, when both come unit by unit.

    Parameters
    ----------
    part, whole : array_like
        Sums over the units; each unit's part lies between 0 and its whole.
    part_squares, whole_squares, products : array_like
        Sums of squares, and of part times whole.
    n : array_like
        Units with a whole above 0.
    level : float
        Confidence level.

    Definition
    ----------
    R = Σa / Σb with the linearised variance n / (n − 1) Σ(a − R b)² / (Σb)² and an interval on the logit
    scale with n − 1 degrees of freedom; where all or nothing is part, the exact one-sided limit for n units.

    Source
    ------
    Cochran (1977), Sampling Techniques, 3rd ed., section 6.3.

    Examples
    --------
    >>> found = ratios([3], [6], [5], [14], [7], [3], 0.95)  # a = 1, 0, 2 of b = 1, 2, 3
    >>> found.estimate.tolist(), found.std_error.round(4).tolist()
    ([0.5], [0.25])
    """
    some, every, count = _floats(part), _floats(whole), _floats(n)
    every = np.where(every > 0, every, np.nan)
    share = some / every
    residual = _floats(part_squares) - 2 * share * _floats(products) + share**2 * _floats(whole_squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = count / _less_one(count) * residual / every**2
        error = _spread(variance, share)
        low, high = logit(share, error**2, count - 1, level)
    ends = (share == 0) | (share == 1)
    edge_low, edge_high = at_the_ends(share, np.fmax(count, 1), count, count - 1, level)
    error = np.where(ends, np.nan, error)
    return Columns(share, error, np.where(ends, edge_low, low), np.where(ends, edge_high, high))


def _less_one(count: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return one less; NaN for a single unit, whose residual is 0 only up to rounding."""
    return np.where(count > 1, count - 1, np.nan)


def median_ranks(n: int, level: float) -> tuple[int, int, int]:
    """Return the ranks of the median and of its distribution-free interval, counted from 1.

    Parameters
    ----------
    n : int
        How many numbers there are.
    level : float
        Confidence level, reached or passed; with too few numbers both ends are 0.

    Definition
    ----------
    The median is the number at rank (n + 1) // 2, the lower of the two middle ones of an even count. The
    interval from rank l to n + 1 − l covers the median of a continuous distribution with probability
    1 − 2 P(B < l), B binomial (n, 1/2); l is the largest rank that keeps the level.

    Source
    ------
    Conover (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2.

    Examples
    --------
    >>> median_ranks(10, 0.95), median_ranks(5, 0.95)
    ((5, 2, 9), (3, 0, 0))
    """
    from scipy.special import bdtr

    middle = (n + 1) // 2
    candidates = np.arange(1, middle + 1)
    low = int(np.count_nonzero(bdtr(candidates - 1, n, 0.5) <= (1 - level) / 2))
    return (middle, low, n + 1 - low) if low else (middle, 0, 0)


def difference(part: npt.ArrayLike, n: npt.ArrayLike, level: float) -> Columns:
    """Return the second share less the first, for two separate groups of units, with Newcombe's interval.

    Parameters
    ----------
    part, n : array_like of shape (2, cells)
        Units with the property and all units, first and second group.
    level : float
        Confidence level.

    Source
    ------
    Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17, method 10.

    Examples
    --------
    >>> found = difference([[48], [56]], [[80], [70]], 0.95)  # table II of the paper, with the sign turned
    >>> [round(float(end[0]), 4) for end in (found.estimate, found.ci_low, found.ci_high)]
    [0.2, 0.0524, 0.3339]
    """
    every = shares(part, n, level)
    (first, second), (low1, low2), (high1, high2) = every.estimate, every.ci_low, every.ci_high
    gap = second - first
    below = np.hypot(second - low2, high1 - first)
    above = np.hypot(high2 - second, first - low1)
    return Columns(gap, np.hypot(*every.std_error), gap - below, gap + above)


def _spread(variance: FloatArray, scale: FloatArray) -> FloatArray:
    """Return the standard error; NaN where there is no spread beyond rounding."""
    found: FloatArray = np.sqrt(np.where(variance > 1e-12 * np.abs(scale), variance, np.nan))
    return found


def _floats(values: Any) -> FloatArray:  # noqa: ANN401 - counts of any integer type
    found: FloatArray = np.asarray(values, float)
    return found
