"""Profiles of behaviour: a customer's shares of events as a mixture of a few typical profiles (NMF)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from journey_lib.errors import DataError, Problem
from journey_lib.stats.clusters.centres import NEAR
from journey_lib.stats.clusters.table import (
    Floats,
    Ints,
    Mixed,
    Starts,
    enough,
    order_of,
    renumbered,
    seed_of,
    single_threaded,
)


@dataclass(frozen=True, eq=False)
class Profiles:
    """Typical profiles, and how much each row has of them.

    Attributes
    ----------
    profiles : ndarray of float, groups by columns
        Share of each column in each profile; a profile adds up to 1.
    parts : ndarray of float, rows by groups
        How much of each profile is in a row; a row adds up to 1.
    labels : ndarray of int
        The profile a row has most of, 0 the most frequent.
    loss : float
        Frobenius norm of what the profiles leave unexplained.
    starts : Starts
        How often the best was found.
    """

    profiles: Floats
    parts: Floats
    labels: Ints
    loss: float
    starts: Starts

    @property
    def k(self) -> int:
        """How many profiles there are."""
        return len(self.profiles)

    def assign(self, table: Mixed) -> Ints:
        """Return the profile each row has most of."""
        from scipy.optimize import nnls

        return np.array([nnls(self.profiles.T, row)[0].argmax() for row in of_rows(table)], dtype=np.intp)


def of_rows(table: Mixed) -> Floats:
    """Return counts as shares of their row.

    Raises
    ------
    DataError
        For a category, a missing or a negative number, or a row that adds up to 0.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> of_rows(mixed([[1.0, 3.0]])).tolist()
    [[0.25, 0.75]]
    """
    values = table.numeric
    wrong = int((np.isnan(values) | (values < 0)).any(axis=1).sum())
    if table.codes.shape[1] or wrong:
        given = "a category" if table.codes.shape[1] else f"{wrong} rows with a missing or negative number"
        raise DataError(Problem("columns", given, "counts or shares of 0 or more, complete"))
    total = values.sum(axis=1)
    if (total <= 0).any():
        given = f"{int((total <= 0).sum())} rows add up to 0"
        raise DataError(Problem("columns", given, action="Leave out customers without an event"))
    return np.asarray(values / total[:, None], dtype=np.float64)


def nmf(table: Mixed, k: int, seed: int, *, starts: int = 5) -> Profiles:
    """Return typical profiles of behaviour, and the one each row has most of.

    Parameters
    ----------
    table : Mixed
        Counts or shares of events, not scaled.
    k : int
        How many profiles.
    seed : int
        Where the starts begin.
    starts : int
        One from the singular vectors, the others at random; the best is kept.

    Raises
    ------
    ParamError
        More profiles than different rows.
    DataError
        If a row is no profile, see `of_rows`.

    Source
    ------
    Lee, D. and Seung, S. (1999), Nature 401.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> nmf(mixed([[8.0, 1.0], [9.0, 1.0], [1.0, 9.0]]), 2, 1).labels.tolist()
    [0, 0, 1]
    """
    enough(table, k)
    values = of_rows(table)
    runs = [_factored(values, k, seed_of(seed, 8, at), at > 0) for at in range(starts)]
    losses = np.array([loss for loss, _, _ in runs])
    loss, parts, profiles = runs[int(losses.argmin())]
    height = profiles.sum(axis=1)
    parts, profiles = parts * height, profiles / np.where(height > 0, height, 1)[:, None]
    total = parts.sum(axis=1, keepdims=True)
    parts = np.where(total > 0, parts / np.where(total > 0, total, 1), 1 / k)
    labels = parts.argmax(axis=1)
    order = order_of(labels, table.weights, k, profiles[:, 0])
    near = int((losses <= losses.min() * (1 + NEAR) + 1e-12).sum())
    told = Starts(starts, near)
    return Profiles(profiles[order], parts[:, order], renumbered(labels, order), float(loss), told)


def _factored(values: Floats, k: int, seed: int, random: bool) -> tuple[float, Floats, Floats]:  # noqa: FBT001 - one of two beginnings
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    wide = k <= min(values.shape)
    init = "random" if random or not wide else "nndsvda"
    with single_threaded(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the best of several starts is kept anyway
        model: Any = NMF(k, init=init, random_state=seed, max_iter=500, tol=1e-4)
        parts = model.fit_transform(values)
    return float(model.reconstruction_err_), parts, model.components_
