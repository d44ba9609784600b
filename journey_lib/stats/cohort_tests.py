"""Whether cohorts differ: each against the others, and along their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.intervals import symmetric
from journey_lib.stats.multiplicity import holm
from journey_lib.stats.sums import Columns, difference

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of shares with their intervals, and the adjusted p-value of each."""

    gap: Columns
    p_value: FloatArray


def against_others(part: npt.ArrayLike, n: npt.ArrayLike, level: float) -> Differences:
    """Return how much the share of each cohort lies above that of all others together.

    Parameters
    ----------
    part, n : array_like of int
        Customers with the property and all customers, cohort by cohort.
    level : float
        Confidence level of each interval.

    Definition
    ----------
    Share of the cohort less the share of the other cohorts pooled, with Newcombe's interval; z test with the
    pooled share, Holm-adjusted over the cohorts.

    Units and missing data
    ----------------------
    A cohort of nobody, or all of them, cannot be compared: NaN. Intervals are not adjusted.

    Source
    ------
    Newcombe (1998), Statistics in Medicine 17, method 10. Holm (1979), Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> found = against_others([30, 50, 52], [100, 100, 100], 0.95)
    >>> found.gap.estimate.round(3).tolist(), found.p_value.round(4).tolist()
    ([-0.21, 0.09, 0.12], [0.0017, 0.1388, 0.0968])
    """
    came, every = np.asarray(part, dtype=float), np.asarray(n, dtype=float)
    return against(came.sum() - came, every.sum() - every, came, every, level)


def against(
    base: npt.ArrayLike, base_n: npt.ArrayLike, part: npt.ArrayLike, n: npt.ArrayLike, level: float
) -> Differences:
    """Return how much shares lie above those they are compared with, pair by pair.

    Parameters
    ----------
    base, base_n : array_like of int
        Customers with the property and all customers, of what is compared with.
    part, n : array_like of int
        The same of what is compared; the two share no customer.
    level : float
        Confidence level of each interval.

    Definition
    ----------
    As `against_others`.

    Examples
    --------
    >>> against([102], [200], [30], [100], 0.95).p_value.round(5).tolist()
    [0.00055]
    """
    from scipy.special import ndtr

    pairs = np.array([np.broadcast_to(base, np.shape(part)), part], dtype=float)
    sizes = np.array([np.broadcast_to(base_n, np.shape(n)), n], dtype=float)
    sizes = np.where(sizes > 0, sizes, np.nan)
    gap = difference(pairs, sizes, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = pairs.sum(axis=0) / sizes.sum(axis=0)
        z = gap.estimate / np.sqrt(pooled * (1 - pooled) * (1 / sizes).sum(axis=0))
    p = np.where(np.isfinite(z), 2 * ndtr(-np.abs(z)), np.nan)
    return Differences(gap, holm(p))


def trend(part: npt.ArrayLike, n: npt.ArrayLike, place: npt.ArrayLike, level: float) -> Columns:
    """Return how much the share rises from one cohort to the next.

    Parameters
    ----------
    part, n : array_like of int
        Customers with the property and all customers, cohort by cohort.
    place : array_like of float
        Where each cohort stands, one unit apart.
    level : float
        Confidence level.

    Returns
    -------
    Columns
        One entry; its p-value is that of estimate over standard error with cohorts − 2 degrees of freedom.

    Definition
    ----------
    Slope of the weighted regression of the shares on their place, weights n: the estimate behind the
    Cochran–Armitage test. Its variance is the binomial one, times the mean square of what the line leaves
    where that is above 1: cohorts may differ more than their sizes explain.

    Units and missing data
    ----------------------
    NaN with fewer than three cohorts, or without any spread of shares or places.

    Source
    ------
    Armitage (1955), Tests for linear trends in proportions and frequencies, Biometrics 11. McCullagh and
    Nelder (1989), Generalized Linear Models, section 4.5, for the inflation.

    Examples
    --------
    >>> found = trend([50, 40, 30], [100, 100, 100], [0, 1, 2], 0.95)
    >>> found.estimate.round(3).tolist(), found.std_error.round(4).tolist()
    ([-0.1], [0.0346])
    """
    came, size, at = (np.asarray(values, dtype=float) for values in (part, n, place))
    kept = size > 0
    came, size, at = came[kept], size[kept], at[kept]
    nothing = np.full(1, np.nan)
    if len(size) < 3:
        return Columns(nothing, nothing, nothing, nothing)
    share, mean = came / size, came.sum() / size.sum()
    middle = np.average(at, weights=size)
    spread = (size * (at - middle) ** 2).sum()
    if not spread or not 0 < mean < 1:
        return Columns(nothing, nothing, nothing, nothing)
    slope = (size * (at - middle) * (share - mean)).sum() / spread
    left = (size * (share - mean - slope * (at - middle)) ** 2).sum() / (mean * (1 - mean)) / (len(size) - 2)
    error = np.sqrt(mean * (1 - mean) / spread * max(1.0, left))
    estimate, errors = np.array([slope]), np.array([error])
    return Columns(estimate, errors, *symmetric(estimate, errors, np.array([len(size) - 2.0]), level))
