"""Whole paths and how often each is taken: one key and one specimen a path, nothing cut before merging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.paths.moves import by_customer
from journey_lib.stats.kernels.paths.plan import Steps
from journey_lib.stats.kernels.tally import runs, summed

SPECIMEN = 40  # steps of a path that are kept to show it; its key knows all of them
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


@dataclass(frozen=True, eq=False)
class Variants:
    """Different paths, in ascending order of their keys.

    Attributes
    ----------
    keys : ndarray of uint64
        A hash of all steps, their number and how the path stands; two of a million different paths share
        one with a chance below 10⁻⁷.
    sums : ndarray of int64
        For each path: times taken, customers, and over customers the sums of n² and of n times all their
        paths.
    lengths : ndarray of int64
        Steps of the whole path.
    ended : ndarray of bool
        Whether it has ended; else it is open.
    offsets, codes : ndarray of int
        The first steps of path `i`: `codes[offsets[i]:offsets[i + 1]]`.
    """

    keys: np.ndarray
    sums: np.ndarray
    lengths: np.ndarray
    ended: np.ndarray
    offsets: np.ndarray
    codes: np.ndarray

    def __add__(self, other: Variants) -> Variants:
        return Variants.total([self, other])

    @staticmethod
    def total(parts: Sequence[Variants]) -> Variants:
        """Add up many at once."""
        if len(parts) == 1:
            return parts[0]
        every = np.concatenate([part.keys for part in parts])
        keys, first, place = np.unique(every, return_index=True, return_inverse=True)
        sums = np.zeros((len(keys), parts[0].sums.shape[1]), dtype=np.int64)
        np.add.at(sums, place, np.concatenate([part.sums for part in parts]))
        lengths, ended, codes = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("lengths", "ended", "codes")
        )
        kept = np.concatenate([np.diff(part.offsets) for part in parts])
        offsets = np.append(0, np.cumsum(kept))
        return Variants(keys, sums, lengths[first], ended[first], *_taken(codes, offsets, first))

    def steps(self, number: int) -> tuple[tuple[int, ...], bool]:
        """Return the kept steps of one path, and whether there are more."""
        kept = self.codes[self.offsets[number] : self.offsets[number + 1]]
        return tuple(int(code) for code in kept), bool(self.lengths[number] > len(kept))

    def top(self, most: int) -> np.ndarray:
        """Return the numbers of the paths taken most often; ties go by customers, then length, then steps."""
        first = np.lexsort((self.keys, self.lengths, -self.sums[:, 1], -self.sums[:, 0]))
        return first[:most]


def variants_of(steps: Steps) -> Variants:
    """Count the different paths of a batch.

    Examples
    --------
    >>> none = np.zeros(4, dtype=int)
    >>> steps = Steps(np.array([0, 1, 0, 1]), none, np.array([0, 2, 4]), np.array([0, 1]),
    ...               np.array([True, True]), none, none, 2)
    >>> variants_of(steps).sums.tolist()
    [[2, 2, 2, 2]]
    """
    hashes = hashed(steps)
    keys, first, place = np.unique(hashes, return_index=True, return_inverse=True)
    who, what, count = by_customer(steps.customer, place, max(len(keys), 1))
    starts = runs(who)
    own = np.add.reduceat(count, starts) if len(starts) else count
    all_own = np.repeat(own, np.diff(np.append(starts, len(who))))
    sums = summed(what, np.stack([count, np.ones_like(count), count**2, count * all_own], axis=1), len(keys))
    kept = _taken(steps.code.astype(np.int32), steps.offsets, first)
    return Variants(keys, sums.sums, steps.lengths[first], steps.ended[first], *kept)


def hashed(steps: Steps) -> np.ndarray:
    """Return one number a path that depends on every step, their order, and whether it has ended.

    Source
    ------
    Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators, OOPSLA: the mixing function.
    """
    place = (np.arange(len(steps.code)) - steps.each(steps.offsets[:-1])).astype(np.uint64)
    single = _mixed(_mixed(place + np.uint64(1)) + steps.code.astype(np.uint64))
    whole = np.add.reduceat(single, steps.offsets[:-1]) if steps.paths else single
    return _mixed(whole + steps.lengths.astype(np.uint64) * np.uint64(2) + steps.ended.astype(np.uint64))


def _mixed(value: np.ndarray) -> np.ndarray:
    """Spread numbers over all 64 bits; whole numbers wrap around on purpose."""
    value = (value + np.uint64(1)) * _GOLDEN
    value = (value ^ (value >> np.uint64(30))) * _MIX[0]
    value = (value ^ (value >> np.uint64(27))) * _MIX[1]
    mixed: np.ndarray = value ^ (value >> np.uint64(31))
    return mixed


def _taken(codes: np.ndarray, offsets: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return offsets and codes of some rows of ragged lists, each cut to what a specimen holds."""
    lengths = np.minimum(np.diff(offsets)[rows], SPECIMEN)
    ends = np.append(0, np.cumsum(lengths))
    within = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    return ends, codes[np.repeat(offsets[:-1][rows], lengths) + within]
