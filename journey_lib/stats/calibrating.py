"""Linear calibration to population totals: the general regression estimator's weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from journey_lib.errors import DataError, Problem
from journey_lib.stats.inputs import FloatArray, Inputs
from journey_lib.stats.margins import Margins, from_columns


def fit_linear(
    X: npt.ArrayLike, totals: npt.ArrayLike, start: npt.ArrayLike | None, names: Sequence[str]
) -> tuple[FloatArray, FloatArray, Margins, float]:
    """Return final weights, starting weights, margins and the largest relative error of a total.

    Parameters
    ----------
    X : array-like, rows × variables
        Calibration variables.
    totals : array-like
        Population total of each variable.
    start : array-like or None
        Starting weights above 0; 1 each when None.
    names : sequence of str
        Names of the variables, for messages; may be empty.

    Returns
    -------
    tuple of ndarray, ndarray, Margins, float
        What a `Weights` value is made of.

    Raises
    ------
    DataError
        Shapes that do not fit, missing values, totals that contradict each other, and weights that
        would have to be 0 or negative.
    """
    matrix, wanted = _inputs(X, totals, names)
    given = Inputs(matrix.shape[0])
    first = given.weights(start, "start", zero=False)
    given.raise_all()
    held = from_columns(matrix, first)
    values = first * (1 + matrix @ (held.inverse @ (wanted - first @ matrix)))
    off = np.abs(values @ matrix - wanted) / np.maximum(np.abs(wanted), 1.0)
    _check(values, off, names)
    return values, first, held, float(off.max(initial=0.0))


def _inputs(X: npt.ArrayLike, totals: npt.ArrayLike, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    matrix, wanted = np.asarray(X, np.float64), np.asarray(totals, np.float64)
    if matrix.ndim != 2 or wanted.shape != matrix.shape[1:] or (names and len(names) != wanted.size):
        given = f"have shapes {matrix.shape}, {wanted.shape} and {len(names)} names"
        raise DataError(Problem("X, totals, names", given, "rows × variables, one total and name each"))
    if not (np.isfinite(matrix).all() and np.isfinite(wanted).all()):
        raise DataError(Problem("X, totals", "hold missing or infinite values", "finite numbers"))
    return matrix, wanted


def _check(values: FloatArray, off: FloatArray, names: Sequence[str]) -> None:
    problems = [
        Problem(f"total of '{names[int(i)] if names else i}'", "cannot be met together with the others")
        for i in np.flatnonzero(off > 1e-8)
    ]
    below = int((values <= 0).sum())
    if below:
        action = "Rake instead, or drop a calibration variable"
        problems.append(Problem("totals", f"{below} rows would get a weight of 0 or less", "", "", action))
    if problems:
        raise DataError(problems)
