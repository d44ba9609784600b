"""Groups of mixed rows: means of numbers, modes of categories, missing values left out of the distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey_lib.stats.clusters.centres import MANY, NEAR
from journey_lib.stats.clusters.table import (
    Floats,
    Ints,
    Mixed,
    Starts,
    child,
    enough,
    order_of,
    renumbered,
    sample_rows,
)

_MOST = 200  # rounds of one start


@dataclass(frozen=True, eq=False)
class Prototypes:
    """Groups around prototypes.

    Attributes
    ----------
    means : ndarray of float, groups by numbers
    modes : ndarray of int, groups by categories
    penalty : float
        What one category that differs costs, in squared units of the numbers.
    labels : ndarray of int
        The group of each row, 0 the largest.
    loss : float
        Weighted sum of the distances.
    starts : Starts
        How many starts came within 0.1 % of the best.
    """

    means: Floats
    modes: Ints
    penalty: float
    labels: Ints
    loss: float
    starts: Starts

    @property
    def k(self) -> int:
        """How many groups there are."""
        return len(self.means)

    def assign(self, table: Mixed) -> Ints:
        """Return the nearest prototype of each row."""
        found = distances(table, self.means, self.modes, self.penalty)
        return np.asarray(found.argmin(axis=1), dtype=np.intp)


def default_penalty(table: Mixed) -> float:
    """Return how much a category that differs counts, so that numbers and categories weigh alike.

    Definition
    ----------
    Mean variance of the numbers divided by the mean chance that two random rows differ in a category. Without
    numbers, or without categories, it is 1.

    Source
    ------
    Huang, Z. (1998), Data Mining and Knowledge Discovery 2; Szepannek, G. (2018), R Journal 10 (2).

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> default_penalty(mixed([[0.0], [2.0]], [[0], [1]]))
    4.0
    """
    if not table.numeric.shape[1] or not table.codes.shape[1]:
        return 1.0
    known = ~np.isnan(table.numeric)
    weights = known * table.weights[:, None]
    filled = np.where(known, table.numeric, 0.0)
    middle = (weights * filled).sum(axis=0) / weights.sum(axis=0)
    n = known.sum(axis=0)
    variance = (weights * np.square(filled - middle)).sum(axis=0) / weights.sum(axis=0) * n / (n - 1)
    pairs = zip(table.codes.T, table.levels, strict=True)
    differ = [_differ(codes, table.weights, count) for codes, count in pairs]
    return float(variance.mean() / np.mean(differ)) if np.mean(differ) > 0 else 1.0


def _differ(codes: Ints, weights: Floats, levels: int) -> float:
    known = codes >= 0
    shares = np.bincount(codes[known], weights[known], minlength=levels)
    return float(1 - np.square(shares / shares.sum()).sum())


def distances(table: Mixed, means: Floats, modes: Ints, penalty: float) -> Floats:
    """Return the distance of every row to every prototype, as if nothing were missing.

    Definition
    ----------
    Squared differences of the numbers plus `penalty` for each category that differs. What is missing adds
    nothing, and the sum is multiplied by columns / columns observed.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> rows = mixed([[1.0, np.nan]], [[1]])
    >>> distances(rows, np.array([[3.0, 9.0]]), np.array([[0]]), 2.0).tolist()
    [[9.0]]
    """
    known = ~np.isnan(table.numeric)
    filled = np.where(known, table.numeric, 0.0)
    found = np.square(filled).sum(axis=1)[:, None] - 2 * filled @ means.T
    found = np.maximum(found + known.astype(float) @ np.square(means).T, 0.0)
    for codes, mode in zip(table.codes.T, modes.T, strict=True):
        found += penalty * ((codes[:, None] != mode) & (codes >= 0)[:, None])
    return np.asarray(found * _rescale(table)[:, None], dtype=np.float64)


def _rescale(table: Mixed) -> Floats:
    observed = (~np.isnan(table.numeric)).sum(axis=1) + (table.codes >= 0).sum(axis=1)
    return np.asarray(table.columns / np.maximum(observed, 1), dtype=np.float64)


def prototypes(
    table: Mixed, k: int, seed: int, *, starts: int = 10, penalty: float | None = None
) -> Prototypes:
    """Return groups of rows that hold numbers and categories, with missing values and weights.

    Parameters
    ----------
    table : Mixed
        Numbers on comparable scales; a row may lack values.
    k : int
        How many groups.
    seed : int
        Where the starts begin.
    starts : int
        How many; above 50,000 rows they are tried on 20,000 of them, and the best is finished on all.
    penalty : float, optional
        What a category that differs costs; `default_penalty` when left out.

    Raises
    ------
    ParamError
        More groups than different rows.

    Source
    ------
    Huang, Z. (1998), Extensions to the k-means algorithm for clustering large data sets with categorical
    values.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> rows = mixed([[0.0], [0.1], [np.nan], [9.0]], [[0], [0], [0], [1]])
    >>> prototypes(rows, 2, 1).labels.tolist()
    [0, 0, 0, 1]
    """
    enough(table, k)
    cost = default_penalty(table) if penalty is None else penalty
    part = table if len(table) <= MANY else table.take(sample_rows(len(table), 20_000, seed, 0))
    runs = [_run(part, _seeds(part, k, cost, child(seed, 4, at)), cost) for at in range(starts)]
    losses = np.array([run.loss for run in runs])
    best = runs[int(losses.argmin())]
    if len(part) < len(table):
        best = _run(table, (best.means, best.modes), cost)
    near = int((losses <= losses.min() * (1 + NEAR) + 1e-12).sum())
    first = best.means[:, 0] if best.means.shape[1] else best.modes[:, 0].astype(float)
    order = order_of(best.labels, table.weights, k, first)
    return Prototypes(
        best.means[order], best.modes[order], cost, renumbered(best.labels, order), best.loss,
        Starts(starts, near),
    )  # fmt: skip


def _seeds(table: Mixed, k: int, penalty: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Draw rows far from each other (as k-means++ does), what they lack filled from the whole."""
    means, modes = _update(table, np.zeros(len(table), np.intp), 1)
    rows = [int(rng.choice(len(table), p=table.weights / table.weights.sum()))]
    nearest = np.full(len(table), np.inf)
    while True:
        numeric = np.where(np.isnan(table.numeric[rows]), means, table.numeric[rows])
        codes = np.where(table.codes[rows] < 0, modes, table.codes[rows])
        if len(rows) == k:
            return numeric, codes
        nearest = np.minimum(nearest, distances(table, numeric[-1:], codes[-1:], penalty)[:, 0])
        chance = nearest * table.weights
        even = table.weights / table.weights.sum()
        rows.append(int(rng.choice(len(table), p=chance / chance.sum() if chance.sum() > 0 else even)))


def _run(table: Mixed, start: tuple[Floats, Ints], penalty: float) -> Prototypes:
    means, modes = start
    labels = np.full(len(table), -1)
    loss, k = np.inf, len(means)
    for _ in range(_MOST):
        found = distances(table, means, modes, penalty)
        new = _filled(found.argmin(axis=1), found, k)
        loss = float((table.weights * found[np.arange(len(table)), new]).sum())
        if (new == labels).all():
            break
        labels = new
        means, modes = _update(table, labels, k)
    return Prototypes(means, modes, penalty, labels, loss, Starts(1, 1))


def _filled(labels: Ints, found: Floats, k: int) -> Ints:
    """Give an empty group the row that lies worst, so that k stays k."""
    for group in np.flatnonzero(np.bincount(labels, minlength=k) == 0):
        alone = np.bincount(labels, minlength=k)[labels] == 1
        worst = np.where(alone, -np.inf, found[np.arange(len(labels)), labels])
        labels[int(worst.argmax())] = group
    return labels


def _update(table: Mixed, labels: Ints, k: int) -> tuple[Floats, Ints]:
    """Return means and modes; rows that lack values count for what they have, as in the distance."""
    weights = table.weights * _rescale(table)
    means = np.zeros((k, table.numeric.shape[1]))
    for at, column in enumerate(table.numeric.T):
        known = ~np.isnan(column)
        total = np.bincount(labels[known], weights[known], minlength=k)
        added = np.bincount(labels[known], weights[known] * column[known], minlength=k)
        overall = added.sum() / total.sum()
        means[:, at] = np.where(total > 0, added / np.where(total > 0, total, 1), overall)
    modes = np.zeros((k, table.codes.shape[1]), np.intp)
    for at, (codes, count) in enumerate(zip(table.codes.T, table.levels, strict=True)):
        known = codes >= 0
        cell = labels[known] * count + codes[known]
        modes[:, at] = np.bincount(cell, weights[known], minlength=k * count).reshape(k, count).argmax(axis=1)
    return means, modes


def gower(
    table: Mixed,
    *,
    ordered: tuple[int, ...] = (),
    asymmetric: tuple[int, ...] = (),
) -> Floats:
    """Return how unlike every pair of rows is, from 0 to 1.

    Parameters
    ----------
    table : Mixed
        At most a few thousand rows: the answer has a number for every pair.
    ordered : tuple of int
        Columns of `codes` whose categories stand in an order; they are compared by rank.
    asymmetric : tuple of int
        Columns of `codes` with 0 and 1 where two zeros say nothing.

    Definition
    ----------
    Mean over the columns both rows have: |a - b| / range of a number (or rank), 1 for categories that differ.
    NaN where they have none in common.

    Source
    ------
    Gower, J. (1971), Biometrics 27. Podani, J. (1999), Taxon 48, for ranks.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> gower(mixed([[0.0], [5.0], [10.0]], [[0], [0], [1]]))[0].tolist()
    [0.0, 0.25, 1.0]
    """
    n = len(table)
    total, counted = np.zeros((n, n)), np.zeros((n, n))
    for column in table.numeric.T:
        _add(total, counted, column)
    for at, codes in enumerate(table.codes.T):
        known = codes >= 0
        if at in ordered:
            _add(total, counted, np.where(known, _ranks(codes), np.nan))
            continue
        both = known[:, None] & known
        if at in asymmetric:
            both &= (codes[:, None] > 0) | (codes > 0)
        total += both & (codes[:, None] != codes)
        counted += both
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(counted > 0, total / counted, np.nan), dtype=np.float64)


def _add(total: Floats, counted: Floats, column: Floats) -> None:
    known = ~np.isnan(column)
    width = np.ptp(column[known]) if known.any() else 0.0
    both = known[:, None] & known
    if width > 0:
        total += np.where(both, np.abs(column[:, None] - column), 0.0) / width
    counted += both


def _ranks(codes: Ints) -> Floats:
    _, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - (counts - 1) / 2)[inverse], dtype=np.float64)
