"""Which new group is which old one: names belong to people found together again, never to a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey_lib.stats.clusters.table import Floats, Ints

KEPT = 0.5  # share of an old group found together again below which its name is dropped


@dataclass(frozen=True, eq=False)
class Match:
    """Old groups and the new ones that hold most of their members.

    Attributes
    ----------
    new_of_old : ndarray of int
        The new group of each old one, -1 where its name is dropped or nothing is left for it.
    overlap : ndarray of float
        Share of each old group's members inside the new group matched to it.
    agreement : float
        Adjusted Rand index of the two divisions.
    """

    new_of_old: Ints
    overlap: Floats
    agreement: float

    @property
    def dropped(self) -> tuple[int, ...]:
        """Old groups whose name is dropped."""
        return tuple(int(at) for at in np.flatnonzero(self.new_of_old < 0))


def matched(old: npt.ArrayLike, new: npt.ArrayLike) -> Match:
    """Match new groups to old ones by the largest total overlap.

    Parameters
    ----------
    old, new : array_like of int
        Groups of the same rows from 0; rows with -1 in either are left out.

    Source
    ------
    Kuhn, H. (1955), The Hungarian method. Hubert, L. and Arabie, P. (1985) for the agreement.

    Examples
    --------
    >>> found = matched([0, 0, 0, 1, 1], [1, 1, 1, 0, 0])
    >>> found.new_of_old.tolist(), found.agreement
    ([1, 0], 1.0)
    """
    from scipy.optimize import linear_sum_assignment

    first, second = np.asarray(old, np.intp), np.asarray(new, np.intp)
    known = (first >= 0) & (second >= 0)
    first, second = first[known], second[known]
    counts = crossed(first, second)
    rows, columns = linear_sum_assignment(-counts)
    sizes = counts.sum(axis=1)
    overlap = np.zeros(len(counts))
    overlap[rows] = counts[rows, columns] / np.maximum(sizes[rows], 1)
    place = np.full(len(counts), -1)
    place[rows] = columns
    place[overlap < KEPT] = -1
    return Match(place, overlap, agreement(first, second))


def crossed(first: Ints, second: Ints) -> Floats:
    """Return how many rows lie in each pair of groups."""
    rows, columns = int(first.max(initial=0)) + 1, int(second.max(initial=0)) + 1
    counts = np.bincount(first * columns + second, minlength=rows * columns).reshape(rows, columns)
    return counts.astype(np.float64)


def agreement(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return the adjusted Rand index: 1 for the same division, about 0 for chance.

    Source
    ------
    Hubert, L. and Arabie, P. (1985), Comparing partitions, Journal of Classification 2.

    Examples
    --------
    >>> round(agreement([0, 0, 1, 1], [0, 0, 1, 2]), 4)
    0.5714
    """
    counts = crossed(np.unique(first, return_inverse=True)[1], np.unique(second, return_inverse=True)[1])
    together, rows, columns = (
        float((part * (part - 1) / 2).sum()) for part in (counts, counts.sum(axis=1), counts.sum(axis=0))
    )
    n = float(counts.sum())
    if n < 2:
        return float("nan")
    expected = rows * columns / (n * (n - 1) / 2)
    most = (rows + columns) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))
