"""On which days of the window anything happened at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.kernels.units import Units

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch

_SLICE = 1 << 17


@dataclass(frozen=True, eq=False)
class DayCounts:
    """How many events each day has.

    Attributes
    ----------
    edges : ndarray of int64
        Where each day begins, in UTC microseconds, and where the last one ends.
    """

    edges: np.ndarray
    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> np.ndarray:
        """Count the events of each day; those outside all days do not count."""
        units, counts = Units(self.edges), np.zeros(len(self.edges) + 1, dtype=np.int64)
        for start in range(0, batch.n_events, _SLICE):
            unit = units.of(batch.time[start : start + _SLICE])
            counts += np.bincount(unit + 1, minlength=len(counts))
        return counts[1:-1]

    def merge(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the counts of both."""
        return np.asarray(one + other)


def empty_runs(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where runs of days without any event begin, and how long they are.

    Examples
    --------
    >>> starts, lengths = empty_runs(np.array([0, 3, 0, 0, 1, 0]))
    >>> starts.tolist(), lengths.tolist()
    ([0, 2, 5], [1, 2, 1])
    """
    empty = np.concatenate([[False], np.asarray(counts) == 0, [False]])
    edges = np.flatnonzero(empty[1:] != empty[:-1])
    return edges[::2], edges[1::2] - edges[::2]
