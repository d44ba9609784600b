"""Whether the same groups come back when other people of the same kind had been observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from journey_lib.stats.clusters.matching import agreement, crossed
from journey_lib.stats.clusters.table import Fitter, Floats, Ints, Mixed, child, each, sample_rows, seed_of

# Mean Jaccard from which a group deserves the word (Hennig 2007, and his remarks in the R package fpc).
WORDS = ((0.85, "stable"), (0.75, "valid"), (0.6, "pattern"), (0.5, "doubtful"), (-1.0, "dissolved"))
VETO = 0.6  # mean Jaccard below which a group must not be used
DISSOLVED, RECOVERED = 0.5, 0.75  # of one resample
MOST_ROWS = 3_000


@dataclass(frozen=True, eq=False)
class Stability:
    """How far groups come back in resamples.

    Attributes
    ----------
    jaccard : ndarray of float, resamples by groups
        Overlap of each group with the most similar one of each resample.
    agreement : ndarray of float
        Adjusted Rand index of successive resamples on the rows they share.
    rows : int
        Rows that were resampled.
    """

    jaccard: Floats
    agreement: Floats
    rows: int

    @cached_property
    def mean(self) -> Floats:
        """Mean overlap of each group."""
        return np.asarray(self.jaccard.mean(axis=0), dtype=np.float64)

    @property
    def words(self) -> tuple[str, ...]:
        """What each group may be called: stable, valid, pattern, doubtful, dissolved."""
        return tuple(word_of(value) for value in self.mean)

    @property
    def vetoed(self) -> tuple[int, ...]:
        """Groups that must not be used."""
        return tuple(int(at) for at in np.flatnonzero(self.mean < VETO))

    @property
    def dissolved(self) -> Ints:
        """In how many resamples each group fell apart."""
        return np.asarray((self.jaccard < DISSOLVED).sum(axis=0), dtype=np.intp)

    @property
    def recovered(self) -> Ints:
        """In how many resamples each group came back."""
        return np.asarray((self.jaccard >= RECOVERED).sum(axis=0), dtype=np.intp)


def word_of(value: float) -> str:
    """Return the word for a mean Jaccard.

    Examples
    --------
    >>> word_of(0.86), word_of(0.4)
    ('stable', 'dissolved')
    """
    return next(word for least, word in WORDS if value >= least)


def stability(
    table: Mixed,
    labels: Ints,
    k: int,
    fitter: Fitter,
    seed: int,
    *,
    draws: int = 100,
    jobs: int = 1,
    tick: Callable[[], None] | None = None,
) -> Stability:
    """Resample people with replacement, group them again, and see which groups come back.

    Parameters
    ----------
    table : Mixed
        What was grouped.
    labels : ndarray of int
        The group of each row.
    k : int
        How many groups.
    fitter : callable
        The method, as `fitter(table, k, seed)`.
    seed : int
        Where the resampling starts.
    draws : int
        Resamples.
    jobs : int
        Resamples at a time; the answer does not depend on it.
    tick : callable, optional
        Called after each resample, for a progress bar.

    Definition
    ----------
    Of each resample the distinct rows; for each group of the original the largest Jaccard index with a group
    of the resample, the original taken on those rows. At most 3,000 rows, drawn once, are resampled.

    Source
    ------
    Hennig, C. (2007), Cluster-wise assessment of cluster stability, CSDA 52. Ben-Hur, Elisseeff and Guyon
    (2002) for the agreement.

    Examples
    --------
    >>> from journey_lib.stats.clusters.centres import kmeans
    >>> from journey_lib.stats.clusters.table import mixed
    >>> rows = mixed(np.repeat([[0.0], [9.0]], 20, axis=0) + np.arange(40)[:, None] / 100)
    >>> stability(rows, kmeans(rows, 2, 1).labels, 2, kmeans, 1, draws=5).words
    ('stable', 'stable')
    """
    kept = sample_rows(len(table), MOST_ROWS, seed, 9)
    part, own = table.take(kept), labels[kept]

    def once(at: int) -> Ints:
        drawn = np.sort(child(seed, 10, at).integers(len(part), size=len(part)))
        fit = fitter(part.take(drawn), min(k, part.take(drawn).distinct), seed_of(seed, 11, at))
        found = np.full(len(part), -1)
        found[drawn] = fit.labels
        if tick:
            tick()
        return found

    runs = each(once, range(draws), jobs)
    overlaps = np.array([jaccard(own, found, k) for found in runs])
    pairs = zip(runs[::2], runs[1::2], strict=False)
    return Stability(overlaps, np.array([_on_both(one, other) for one, other in pairs]), len(kept))


def jaccard(old: Ints, new: Ints, k: int) -> Floats:
    """Return the best overlap of each old group with a new one, on the rows that have a new one.

    Examples
    --------
    >>> jaccard(np.array([0, 0, 1, 1]), np.array([0, 0, 0, -1]), 2).round(2).tolist()
    [0.67, 0.33]
    """
    seen = new >= 0
    both = crossed(np.append(old[seen], k - 1), np.append(new[seen], 0))
    both[k - 1, 0] -= 1  # the extra row only makes sure that every group has its line
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return np.asarray((both / np.maximum(union, 1)).max(axis=1), dtype=np.float64)


def _on_both(one: Ints, other: Ints) -> float:
    both = (one >= 0) & (other >= 0)
    return agreement(one[both], other[both])
