"""Estimates of many groups, each pulled towards their centre as far as its own luck asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import DataError, Problem, chosen

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray

METHODS: Final = ("paule_mandel", "dersimonian_laird")
_ROUNDS: Final = 200  # halvings: far below the last digit of any share


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What `shrink` returns, in the order given.

    Attributes
    ----------
    tau : float
        Standard deviation of the true values between groups; 0 where chance explains all of it.
    centre, centre_std_error : float
        Mean over groups, weighted by precision and tau.
    weight : ndarray of float
        How much of a group's own estimate is kept: 1 all of it, 0 none.
    estimate, std_error : ndarray of float
        The pulled estimates, and their errors with that of the centre. NaN where there was none.
    """

    tau: float
    centre: float
    centre_std_error: float
    weight: FloatArray
    estimate: FloatArray
    std_error: FloatArray


def shrink(estimates: npt.ArrayLike, std_errors: npt.ArrayLike, *, method: str = "paule_mandel") -> Shrunk:
    """Return the estimates of groups without their luck: the best linear guess of each true value.

    Parameters
    ----------
    estimates, std_errors : array_like of float
        One a group; groups do not overlap.
    method : {"paule_mandel", "dersimonian_laird"}
        How the spread between groups is estimated. The first keeps its promise with few groups of unequal
        size; the second is the classic moment estimate.

    Returns
    -------
    Shrunk

    Raises
    ------
    DataError
        Columns of different lengths.
    ParamError
        An unknown method.

    Definition
    ----------
    y_i normal around theta_i with variance v_i, theta_i normal around mu with variance tau². Shrunk: mu +
    w_i (y_i − mu), w_i = tau² / (tau² + v_i), variance w_i v_i + (1 − w_i)² var(mu). Paule and Mandel: the
    tau² at which Σ (y_i − mu)² / (v_i + tau²) is the number of groups less 1, or 0. DerSimonian and Laird:
    max(0, (Q − (G − 1)) / (Σ1/v − Σ1/v² / Σ1/v)).

    Units and missing data
    ----------------------
    Unit of the estimates. Groups without an estimate or an error do not count; below two there is nothing to
    pull towards and all is NaN. The error leaves out the doubt about tau, as empirical Bayes does.

    Source
    ------
    Paule and Mandel (1982), Journal of Research of the National Bureau of Standards 87. DerSimonian and
    Laird (1986), Controlled Clinical Trials 7. Efron and Morris (1975), Journal of the American Statistical
    Association 70.

    Examples
    --------
    >>> found = shrink([0.30, 0.50, 0.70], [0.05, 0.05, 0.20])
    >>> found.estimate.round(3).tolist(), found.weight.round(2).tolist()
    ([0.315, 0.495, 0.54], [0.9, 0.9, 0.36])
    """
    chosen("method", method, METHODS)
    y, error = (np.asarray(column, dtype=float) for column in (estimates, std_errors))
    if y.shape != error.shape or y.ndim != 1:
        raise DataError(Problem("std_errors", "differ in length from the estimates", "one a group"))
    known = np.isfinite(y + error) & (error > 0)
    weight, pulled, left = np.full((3, y.size), np.nan)
    if known.sum() < 2:
        return Shrunk(math.nan, math.nan, math.nan, weight, pulled, left)
    own, variance = y[known], np.square(error[known])
    tau2 = _paule_mandel(own, variance) if method == METHODS[0] else _moments(own, variance)
    centre, centre_variance = _centre(own, variance + tau2)
    kept = tau2 / (tau2 + variance)
    weight[known], pulled[known] = kept, centre + kept * (own - centre)
    left[known] = np.sqrt(kept * variance + np.square(1 - kept) * centre_variance)
    return Shrunk(math.sqrt(tau2), centre, math.sqrt(centre_variance), weight, pulled, left)


def _centre(y: FloatArray, variance: FloatArray) -> tuple[float, float]:
    precision = 1 / variance
    return float(precision @ y / precision.sum()), float(1 / precision.sum())


def _distance(y: FloatArray, variance: FloatArray) -> float:
    """Return Cochran's Q of estimates with these variances."""
    centre, _ = _centre(y, variance)
    return float((np.square(y - centre) / variance).sum())


def _moments(y: FloatArray, variance: FloatArray) -> float:
    w = 1 / variance
    spare = _distance(y, variance) - (y.size - 1)
    return max(0.0, float(spare / (w.sum() - np.square(w).sum() / w.sum())))


def _paule_mandel(y: FloatArray, variance: FloatArray) -> float:
    """Halve towards the root: the distance falls steadily as tau² grows."""
    wanted = y.size - 1
    if _distance(y, variance) <= wanted:
        return 0.0
    low, high = 0.0, float(np.square(y - y.mean()).sum() / wanted + variance.max())
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if _distance(y, variance + middle) > wanted else (low, middle)
    return (low + high) / 2
