"""Drivers and outcome as complete weighted rows, and what makes them unusable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.stats.inputs import BoolArray, FloatArray, Inputs

SINGULAR = 1e-10  # of the largest eigenvalue: below, two drivers say the same


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with an answer to every driver and to the outcome.

    Attributes
    ----------
    drivers : ndarray, rows × drivers
        Complete rows only.
    outcome, weights : ndarray
        Of the same rows.
    kept : ndarray of bool
        Which of the rows given they are.
    names : tuple of str
        Names of the drivers.
    """

    drivers: FloatArray
    outcome: FloatArray
    weights: FloatArray
    kept: BoolArray
    names: tuple[str, ...]

    @property
    def table(self) -> FloatArray:
        """Drivers and, as the last column, the outcome."""
        return np.column_stack([self.drivers, self.outcome])


def complete(
    X: npt.ArrayLike | pd.DataFrame,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    names: Sequence[str] = (),
) -> Rows:
    """Read drivers, outcome and weights; rows that lack any of them, or have weight 0, are left out.

    Raises
    ------
    DataError
        Text, infinities, lengths that differ, negative weights, too few rows, a column without spread.
    """
    found = np.asarray(X, dtype=object if isinstance(X, pd.DataFrame) else None)
    if found.ndim != 2 or found.shape[1] == 0:
        raise DataError(Problem("X", f"has shape {found.shape}", "rows × drivers, at least one driver"))
    given = Inputs(found.shape[0])
    labels = tuple(map(str, names)) or _labels(X, found.shape[1])
    columns = [given.numbers(found[:, at], name) for at, name in enumerate(labels)]
    outcome, weighting = given.numbers(y, "y"), given.weights(weights)
    given.raise_all()
    table = np.column_stack([*columns, outcome])
    kept = ~np.isnan(table).any(axis=1) & (weighting > 0)
    rows = Rows(table[kept, :-1], table[kept, -1], weighting[kept], kept, labels)
    _usable(rows)
    return rows


def _labels(X: object, count: int) -> tuple[str, ...]:
    if isinstance(X, pd.DataFrame):
        return tuple(map(str, X.columns))
    return tuple(f"driver {at + 1}" for at in range(count))


def _usable(rows: Rows) -> None:
    n, needed = len(rows.outcome), len(rows.names) + 2
    if n < needed:
        given = f"{n} rows answer every driver and the outcome"
        raise DataError(Problem("X", given, f"at least {needed}", action="Use fewer drivers"))
    flat = [
        name for name, column in zip((*rows.names, "y"), rows.table.T, strict=True) if np.ptp(column) == 0
    ]
    if flat:
        raise DataError([Problem(name, "has one value in all complete rows", "two or more") for name in flat])


def correlations(rows: Rows) -> FloatArray:
    """Return the weighted correlations of drivers and outcome (last row and column).

    Raises
    ------
    DataError
        When one driver is a combination of others, naming the pair that is closest.
    """
    share = rows.weights / rows.weights.sum()
    centred = rows.table - share @ rows.table
    covariance = (centred * share[:, None]).T @ centred
    found = normalised(covariance)
    refuse_singular(found[:-1, :-1], rows.names)
    return found


def normalised(covariance: FloatArray) -> FloatArray:
    """Return correlations of covariances; further axes in front are kept."""
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = covariance / (spread[..., :, None] * spread[..., None, :])
    return found


def refuse_singular(among: FloatArray, names: Sequence[str]) -> None:
    """Raise when the drivers' correlations cannot be inverted."""
    values = np.linalg.eigvalsh(among)
    if values[0] > SINGULAR * values[-1]:
        return
    apart = np.abs(among) - 2 * np.eye(len(among))
    first, second = sorted(int(at) for at in np.unravel_index(apart.argmax(), apart.shape))
    given = f"'{names[first]}' and '{names[second]}' (or a group around them) say the same"
    raise DataError(Problem("X", given, "drivers that are not combinations of others", action="Drop one"))
