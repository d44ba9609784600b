"""Sums by key, kept sparse: the partial answer that paths are counted in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_DENSE = 1 << 22  # cells up to which an array of all keys is cheaper than sorting


@dataclass(frozen=True, eq=False)
class Tally:
    """Whole numbers summed by key; two of them add up to the same third one in either order.

    Attributes
    ----------
    keys : ndarray of int64
        Distinct and ascending.
    sums : ndarray of int64
        One row a key, one column a sum.

    Examples
    --------
    >>> one = counted(np.array([5, 2, 5]))
    >>> (one + one).keys.tolist(), (one + one).sums.tolist()
    ([2, 5], [[2], [4]])
    """

    keys: np.ndarray
    sums: np.ndarray

    def __add__(self, other: Tally) -> Tally:
        return Tally.total([self, other])

    @staticmethod
    def total(tallies: Sequence[Tally]) -> Tally:
        """Add up many at once."""
        kept = [tally for tally in tallies if len(tally.keys)]
        if len(kept) < 2:
            return kept[0] if kept else tallies[0]
        keys = np.concatenate([tally.keys for tally in kept])
        return summed(keys, np.concatenate([tally.sums for tally in kept]))

    def dense(self, size: int) -> np.ndarray:
        """Return the sums of the keys 0 to `size` − 1, one row each."""
        full = np.zeros((size, self.sums.shape[1]), dtype=np.int64)
        full[self.keys] = self.sums
        return full


def counted(keys: np.ndarray, size: int = 0) -> Tally:
    """Count how often each key occurs; `size` is one more than the largest possible key, 0 if unknown."""
    if 0 < size <= _DENSE:
        full = np.bincount(keys, minlength=size)
        found = np.flatnonzero(full)
        return Tally(found, full[found].astype(np.int64)[:, None])
    ordered = np.sort(keys)
    starts = runs(ordered)
    lengths = np.diff(np.append(starts, len(ordered)))
    return Tally(ordered[starts].astype(np.int64), lengths.astype(np.int64)[:, None])


def summed(keys: np.ndarray, values: np.ndarray, size: int = 0) -> Tally:
    """Sum rows of whole numbers by key.

    Parameters
    ----------
    keys : ndarray of int
        One a row.
    values : ndarray of int
        One row a key; one column for each sum.
    size : int
        One more than the largest possible key, 0 if unknown.
    """
    if 0 < size <= _DENSE:
        there = np.flatnonzero(np.bincount(keys, minlength=size))
        # Sums of whole numbers in floats are exact below 2 ** 53, far beyond any log.
        parts = [np.bincount(keys, column, size)[there] for column in values.T]
        return Tally(there, np.stack(parts, axis=1).astype(np.int64))
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = runs(ordered)
    if not len(starts):
        return Tally(ordered.astype(np.int64), values.astype(np.int64))
    return Tally(ordered[starts].astype(np.int64), np.add.reduceat(values[order], starts).astype(np.int64))


def runs(ordered: np.ndarray) -> np.ndarray:
    """Return where each run of equal values begins.

    Examples
    --------
    >>> runs(np.array([3, 3, 7])).tolist()
    [0, 2]
    """
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(new)
