"""What a set of weights is: the values, where they came from, and what they cost in precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy.typing as npt

from journey_lib.stats.inputs import FloatArray, Inputs, frozen, row_count
from journey_lib.stats.margins import Margins


class Diagnostics(TypedDict):
    """What a reader must know about a set of weights before trusting it.

    Attributes
    ----------
    n_effective, design_effect : float
        Kish's effective size and design effect.
    min, max, ratio, mean : float
        Extremes of the weights above 0, the largest over the smallest, and the mean of all.
    share_trimmed : float
        Share of rows whose weight was clipped at a limit on the way.
    margin_error : float
        Largest relative distance of a category, or total, from its target.
    sweeps : int
        Passes over all margins.
    notes : tuple of str
        What to look at, such as categories of fewer than 20 rows.
    """

    n_effective: float
    design_effect: float
    min: float
    max: float
    ratio: float
    share_trimmed: float
    margin_error: float
    sweeps: int
    mean: float
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Weights:
    """Final weights with what a standard error needs to know of their making.

    Attributes
    ----------
    values : ndarray
        Final weights (read-only).
    start : ndarray
        Weights before calibration (read-only).
    margins : Margins or None
        What the weights were calibrated to; None for plain weights.
    diagnostics : dict
        Effective sample size, design effect, extremes, share trimmed, margin error, notes.

    Examples
    --------
    >>> of([1, 1, 2]).diagnostics["n_effective"].__round__(3)
    2.667
    """

    values: FloatArray
    start: FloatArray
    margins: Margins | None
    diagnostics: Diagnostics


def effective_n(weights: npt.ArrayLike) -> float:
    """Say how many equally weighted rows would be as precise as these.

    Parameters
    ----------
    weights : array-like
        Weights of 0 or more.

    Returns
    -------
    float
        Effective sample size; NaN when no weight is above 0.

    Raises
    ------
    DataError
        Weights that are negative, missing or infinite.

    Definition
    ----------
    (sum of w)² / sum of w².

    Units and missing data
    ----------------------
    In rows; rows of weight 0 do not count, missing weights are an error.

    Source
    ------
    Kish (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> effective_n([1, 1, 1, 1])
    4.0
    """
    read = _read(weights)
    squares = float(read @ read)
    return float(read.sum()) ** 2 / squares if squares > 0 else float("nan")


def design_effect(weights: npt.ArrayLike) -> float:
    """Say by what factor unequal weighting alone inflates the variance of a mean.

    Parameters
    ----------
    weights : array-like
        Weights of 0 or more.

    Returns
    -------
    float
        Rows of positive weight over the effective sample size; NaN when there is none.

    Raises
    ------
    DataError
        Weights that are negative, missing or infinite.

    Definition
    ----------
    Number of rows × sum of w² / (sum of w)² = 1 + squared coefficient of variation of w.

    Units and missing data
    ----------------------
    A ratio of 1 or more; missing weights are an error.

    Source
    ------
    Kish (1992), Weighting for unequal P_i, Journal of Official Statistics 8.

    Examples
    --------
    >>> design_effect([1, 1, 2])
    1.125
    """
    read = _read(weights)
    return int((read > 0).sum()) / effective_n(read)


def of(values: npt.ArrayLike) -> Weights:
    """Take weights as they are, calibrated to nothing.

    Parameters
    ----------
    values : array-like
        Weights of 0 or more.

    Returns
    -------
    Weights
        With `margins` None.

    Raises
    ------
    DataError
        Weights that are negative, missing or infinite.

    Definition
    ----------
    The final weights are the starting weights.

    Units and missing data
    ----------------------
    In rows, or population units; missing weights are an error.

    Source
    ------
    Kish (1965), Survey Sampling, for the diagnostics.

    Examples
    --------
    >>> of([1.0, 3.0]).diagnostics["ratio"]
    3.0
    """
    read = _read(values)
    return described(read, read, None)


def described(
    values: FloatArray,
    start: FloatArray,
    margins: Margins | None,
    *,
    share_trimmed: float = 0.0,
    error: float = 0.0,
    sweeps: int = 0,
    notes: tuple[str, ...] = (),
) -> Weights:
    """Put final weights and their making together, with diagnostics."""
    used = values[values > 0]
    low, high = (float(used.min()), float(used.max())) if used.size else (float("nan"), float("nan"))
    told = Diagnostics(
        n_effective=effective_n(values),
        design_effect=design_effect(values),
        min=low,
        max=high,
        ratio=high / low,
        share_trimmed=share_trimmed,
        margin_error=error,
        sweeps=sweeps,
        mean=float(values.mean()) if values.size else float("nan"),
        notes=notes,
    )
    return Weights(frozen(values), frozen(start), margins, told)


def _read(values: npt.ArrayLike) -> FloatArray:
    given = Inputs(row_count(values, "weights"))
    read = given.weights(values)
    given.raise_all()
    return read
