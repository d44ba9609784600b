"""Many intervals that hold together, and what they say about the order of groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray


def sidak_level(level: float, comparisons: int) -> float:
    """Return the level each of some intervals needs so that all of them hold together.

    Parameters
    ----------
    level : float
        Chance that every interval covers its truth, between 0 and 1.
    comparisons : int
        How many intervals there are.

    Returns
    -------
    float
        The level of each single interval; the joint level itself where there is one interval or none.

    Raises
    ------
    ParamError
        A level outside 0 to 1, or a negative number of comparisons.

    Definition
    ----------
    level ** (1 / comparisons). For intervals around normal estimates the promise holds whatever their
    correlations are; independent ones reach it exactly, so for groups that share nothing no joint interval of
    equal width is shorter.

    Source
    ------
    Šidák, Z. (1967), Rectangular confidence regions for the means of multivariate normal distributions,
    Journal of the American Statistical Association 62.

    Examples
    --------
    >>> round(sidak_level(0.95, 6), 5)
    0.99149
    """
    if not 0 < level < 1:
        raise ParamError(Problem("level", f"{level:g}", "between 0 and 1, such as 0.95"))
    if comparisons < 0:
        raise ParamError(Problem("comparisons", f"{comparisons}", "0 or more"))
    return float(level ** (1 / max(comparisons, 1)))


def sidak(p_values: npt.ArrayLike, comparisons: int = 0) -> FloatArray:
    """Return p-values that agree with Šidák's joint intervals: below 1 − level where the interval misses 0.

    Parameters
    ----------
    p_values : array_like of float
        One a comparison; NaN is a comparison that could not be made.
    comparisons : int
        How many the joint intervals were made for; 0 for as many as there are p-values.

    Returns
    -------
    ndarray of float
        1 − (1 − p) ** comparisons in the order given; NaN stays NaN.

    Units and missing data
    ----------------------
    Comparisons that could not be made do not count among the p-values.

    Source
    ------
    Šidák (1967), as `sidak_level`.

    Examples
    --------
    >>> sidak([0.01, 0.5, float("nan")]).round(4).tolist()
    [0.0199, 0.75, nan]
    """
    given = np.asarray(p_values, dtype=float)
    m = comparisons or int((~np.isnan(given)).sum())
    with np.errstate(divide="ignore"):
        adjusted: FloatArray = -np.expm1(m * np.log1p(-given))
    return adjusted


@dataclass(frozen=True, eq=False)
class Ranks:
    """What `joint_ranks` returns, in the order given; 1 is the largest.

    Attributes
    ----------
    rank : ndarray of float
        Place by the estimate alone, ties sharing the best place; NaN for a group without an interval.
    best, worst : ndarray of float
        First and last place the group may truly hold.
    """

    rank: FloatArray
    best: FloatArray
    worst: FloatArray


def joint_ranks(estimates: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> Ranks:
    """Say between which places of a ranking each group may truly stand, all groups at once.

    Parameters
    ----------
    estimates : array_like of float
        One a group.
    low, high : array_like of float
        Their joint intervals, such as those of `sidak_level`.

    Returns
    -------
    Ranks

    Raises
    ------
    DataError
        Columns of different lengths, or an interval upside down.

    Definition
    ----------
    A group can be no better than the number of groups wholly above it plus one, and no worse than the number
    of groups less those wholly below it. Where the intervals hold together at a level, so do all the places.

    Units and missing data
    ----------------------
    Places from 1. Groups without an interval take no place and push nobody.

    Source
    ------
    Klein, M., Wright, T. and Wieczorek, J. (2020), A joint confidence region for an overall ranking of
    populations, Journal of the Royal Statistical Society C 69.

    Examples
    --------
    >>> found = joint_ranks([0.9, 0.5, 0.4], [0.8, 0.4, 0.3], [0.95, 0.6, 0.5])
    >>> found.best.tolist(), found.worst.tolist()
    ([1.0, 2.0, 2.0], [1.0, 3.0, 3.0])
    """
    middle, lower, upper = (np.asarray(column, dtype=float) for column in (estimates, low, high))
    if not middle.shape == lower.shape == upper.shape or middle.ndim != 1:
        raise DataError(Problem("low, high", "differ in length from the estimates", "one of each a group"))
    if (lower > upper).any():
        raise DataError(Problem("low, high", "an interval ends before it begins", "low at most high"))
    known = np.flatnonzero(np.isfinite(middle + lower + upper))
    rank, best, worst = np.full((3, middle.size), np.nan)
    above = lower[known][None, :] > upper[known][:, None]
    below = upper[known][None, :] < lower[known][:, None]
    rank[known] = 1 + (middle[known][None, :] > middle[known][:, None]).sum(axis=1)
    best[known] = 1 + above.sum(axis=1)
    worst[known] = known.size - below.sum(axis=1)
    return Ranks(rank, best, worst)
