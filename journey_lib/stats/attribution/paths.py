"""Paths of touches as arrays: channel codes one after another, and where each path begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from journey_lib.errors import ParamError, Problem

if TYPE_CHECKING:
    import numpy.typing as npt

Ints: TypeAlias = "npt.NDArray[np.int64]"
Floats: TypeAlias = "npt.NDArray[np.float64]"
Flags: TypeAlias = "npt.NDArray[np.bool_]"
Counts: TypeAlias = "Sequence[float] | Floats | Ints"


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths of touches, none of them empty.

    Attributes
    ----------
    offsets : ndarray of int64
        Path `i` holds the touches `offsets[i]` to `offsets[i + 1]`.
    codes : ndarray of int64
        Channel of each touch, as a place in `channels`.
    n_channels : int
        How many channels there are.

    Examples
    --------
    >>> paths = Paths(np.array([0, 2, 3]), np.array([0, 1, 1]), 2)
    >>> paths.path.tolist(), paths.place.tolist()
    ([0, 0, 1], [0, 1, 0])
    """

    offsets: Ints
    codes: Ints
    n_channels: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """How many touches each path has."""
        return np.diff(self.offsets)

    @cached_property
    def path(self) -> Ints:
        """The path of each touch."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def place(self) -> Ints:
        """The place of each touch in its path, from 0."""
        return np.arange(len(self.codes)) - self.offsets[:-1][self.path]

    @property
    def first(self) -> Ints:
        """Where each path's first touch stands."""
        return self.offsets[:-1]

    @property
    def last(self) -> Ints:
        """Where each path's last touch stands."""
        return self.offsets[1:] - 1

    def take(self, chosen: Flags | Ints) -> Paths:
        """Return some of the paths, in the order asked for."""
        rows = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        lengths = self.lengths[rows]
        offsets = np.append(0, np.cumsum(lengths))
        shift = np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        return Paths(offsets, self.codes[np.arange(offsets[-1]) + shift], self.n_channels)


def encode(paths: Sequence[Sequence[str]]) -> tuple[Paths, list[str]]:
    """Return paths of names as arrays, and the names in order.

    Raises
    ------
    ParamError
        If a path is empty, is one text instead of a sequence of names, or holds a touch without a name.

    Examples
    --------
    >>> encode([("web", "mail"), ("mail",)])[1]
    ['mail', 'web']
    """
    import pandas as pd

    if any(isinstance(path, str) for path in paths):
        raise ParamError(Problem("paths", "a path that is one text", 'names, such as ("search", "mail")'))
    lengths = np.fromiter(map(len, paths), dtype=np.int64, count=len(paths))
    empty = int((lengths == 0).sum())
    if empty:
        action = "Leave out conversions without a touch and count them apart"
        raise ParamError(Problem("paths", f"{empty:,} without a touch", "at least one each", action=action))
    flat = pd.Index(np.array(list(chain.from_iterable(paths)), dtype=object))
    codes, names = pd.factorize(flat, sort=True)
    if nameless := int((codes < 0).sum()):
        action = "Name them, such as no_channel, or leave them out"
        raise ParamError(Problem("paths", f"{nameless:,} touches without a channel", action=action))
    made = Paths(np.append(0, np.cumsum(lengths)), codes.astype(np.int64), len(names))
    return made, [str(name) for name in names]


def counted(given: Counts | None, n: int, where: str) -> Floats:
    """Return one count or sum a path, checked; zeros when nothing is given.

    Raises
    ------
    ParamError
        If there are more or fewer than paths, or one is negative or no number.
    """
    if given is None:
        return np.zeros(n)
    values = np.asarray(given, dtype=float)
    if values.shape != (n,):
        raise ParamError(Problem(where, f"{len(values):,} values for {n:,} paths", "one for each path"))
    if not np.isfinite(values).all() or (values < 0).any():
        raise ParamError(Problem(where, "a negative value or one that is no number", "0 or more"))
    return values


def numbered(paths: Paths, group: Ints) -> Ints:
    """Give each path a number: equal for equal paths of one group, from 0, in an order of their content.

    Definition
    ----------
    Exact: group and codes are packed into words of 62 bits and compared word by word, never hashed.

    Examples
    --------
    >>> paths = Paths(np.array([0, 2, 3, 5]), np.array([1, 0, 0, 1, 0]), 2)
    >>> numbered(paths, np.zeros(3, dtype=np.int64)).tolist()
    [1, 0, 1]
    """
    bits = int(paths.n_channels).bit_length()
    fit = max((62 - int(group.max(initial=0)).bit_length()) // max(bits, 1), 1)
    slot = paths.place % fit
    starts = np.flatnonzero(slot == 0)
    words = np.add.reduceat((paths.codes + 1) << (bits * slot), starts) if len(starts) else starts
    owner, which = paths.path[starts], paths.place[starts] // fit
    begin = which == 0
    numbers = _ranked((np.asarray(group, dtype=np.int64) << (bits * fit)) | words[begin])[1]
    for place in range(1, int(which.max(initial=0)) + 1):
        here = which == place
        rows = owner[here]
        numbers[rows] = int(numbers.max()) + 1 + _joined(numbers[rows], words[here])
    return numbers if begin.all() else _ranked(numbers)[1]


def firsts(numbers: Ints) -> Ints:
    """Return where each number from 0 stands first.

    Examples
    --------
    >>> firsts(np.array([1, 0, 1])).tolist()
    [1, 0]
    """
    found = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=np.int64)
    found[numbers[::-1]] = np.arange(len(numbers))[::-1]  # of several the last one written stays
    return found


def _joined(one: Ints, other: Ints) -> Ints:
    """Give equal pairs equal numbers, ordered by the first, then by the second."""
    (_, first), (distinct, second) = _ranked(one), _ranked(other)
    return _ranked(first * len(distinct) + second)[1]


def _ranked(values: Ints) -> tuple[Ints, Ints]:
    """Return the distinct values in order, and the rank of each value among them."""
    distinct, rank = np.unique(values, return_inverse=True)
    return distinct, rank.astype(np.int64)


def summed(weights: Floats, groups: Ints, n: int) -> Floats:
    """Add up rows of weights by group number; one row a group, in one or more columns.

    Examples
    --------
    >>> summed(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1, 0, 1]), 2).tolist()
    [[3.0, 4.0], [6.0, 8.0]]
    """
    if weights.ndim == 1:
        return np.bincount(groups, weights, minlength=n).astype(float)
    total = np.zeros((n, weights.shape[1]))
    if len(groups):
        order = np.argsort(groups, kind="stable")
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        total[groups[order][starts]] = np.add.reduceat(weights[order], starts, axis=0, dtype=float)
    return total
