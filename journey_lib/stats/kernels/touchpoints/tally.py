"""Counting per customer without a loop, and partials that add: sums by cell and exact tables of counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels import Batch

_SMALL = np.iinfo(np.int16).max  # codes up to here are sorted by radix, in time proportional to their number


@dataclass(frozen=True, eq=False)
class Table:
    """How often each whole number occurs in each cell: what exact medians are read from.

    Attributes
    ----------
    cell, value, n : ndarray of int64
        One row for each number that occurs in a cell, sorted by cell and number.
    """

    cell: npt.NDArray[np.int64]
    value: npt.NDArray[np.int64]
    n: npt.NDArray[np.int64]

    @staticmethod
    def of(cell: npt.NDArray[Any], value: npt.NDArray[Any], n: npt.NDArray[Any] | None = None) -> Table:
        """Count the numbers of each cell; rows that occur again are added up.

        Examples
        --------
        >>> made = Table.of(np.array([1, 0, 1]), np.array([7, 2, 7]))
        >>> made.cell.tolist(), made.value.tolist(), made.n.tolist()
        ([0, 1], [2, 7], [1, 2])
        """
        order = np.lexsort((value, cell))
        cells, values = cell[order].astype(np.int64), value[order].astype(np.int64)
        start = np.flatnonzero(changes(cells) | changes(values))
        weight = np.ones(len(order), np.int64) if n is None else n[order].astype(np.int64)
        counts = np.add.reduceat(weight, start) if len(start) else weight
        return Table(cells[start], values[start], counts)

    def __add__(self, other: Table) -> Table:
        parts = [np.concatenate(pair) for pair in zip(self._columns(), other._columns(), strict=True)]
        return Table.of(*parts)

    def quantiles(self, cells: range, ranks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the numbers at some ranks, counted from 1, among all numbers of neighbouring cells together.

        Examples
        --------
        >>> Table.of(np.array([0, 0, 1]), np.array([5, 9, 7])).quantiles(range(2), [2])
        array([7.])
        """
        first, last = np.searchsorted(self.cell, [cells.start, cells.stop])
        values, n = self.value[first:last], self.n[first:last]
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(n[order])
        found: npt.NDArray[np.float64] = values[order][np.searchsorted(reached, ranks)].astype(float)
        return found

    def _columns(self) -> tuple[npt.NDArray[np.int64], ...]:
        return self.cell, self.value, self.n


@dataclass(frozen=True, eq=False)
class Sums:
    """A partial that merges by adding: arrays cell by cell, tables row by row.

    Attributes
    ----------
    arrays : mapping of str to ndarray
        Counts and sums of whole numbers, hence exact in any order.
    tables : mapping of str to Table
        Exact tables.
    """

    arrays: Mapping[str, npt.NDArray[Any]]
    tables: Mapping[str, Table] = field(default_factory=dict)

    def __add__(self, other: Sums) -> Sums:
        arrays = {name: mine + other.arrays[name] for name, mine in self.arrays.items()}
        return Sums(arrays, {name: mine + other.tables[name] for name, mine in self.tables.items()})

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.arrays[name]


@dataclass(frozen=True)
class Split:
    """A column whose values split what is counted.

    Attributes
    ----------
    name : str
        Column; "" for none.
    where : {"people", "columns"}
        Of customers, or of events.
    levels : int
        How many values it has; code `levels` stands for unknown.
    """

    name: str = ""
    where: str = "people"
    levels: int = 0

    @property
    def size(self) -> int:
        """How many cells it makes, the unknown among them."""
        return self.levels + 1

    def of_customers(self, batch: Batch) -> npt.NDArray[np.int64]:
        """Return each customer's cell: the attribute, or the value at the customer's first event."""
        if not self.name:
            return np.zeros(batch.n_customers, np.int64)
        if self.where == "people":
            return self._known(batch.people[self.name])
        found = np.full(batch.n_customers, -1, np.int64)
        busy = np.diff(batch.offsets) > 0
        found[busy] = batch.columns[self.name][batch.offsets[:-1][busy]]
        return self._known(found)

    def of_events(self, batch: Batch) -> npt.NDArray[np.int64]:
        """Return each event's cell."""
        return self._known(batch.columns[self.name])

    def _known(self, codes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        known: npt.NDArray[np.int64] = np.where(codes < 0, self.levels, codes).astype(np.int64)
        return known


NO_SPLIT = Split()


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every pair of a code and a customer that occurs among some rows, ordered by code, then customer.

    Attributes
    ----------
    code, customer, count : ndarray
        One entry a pair: how many rows it has.
    rows : ndarray
        The rows, pair after pair, in their old order within a pair.
    start : ndarray
        Where each pair begins among `rows`.
    """

    code: npt.NDArray[np.int64]
    customer: npt.NDArray[Any]
    count: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]

    @property
    def first(self) -> npt.NDArray[np.int64]:
        """The first row of each pair."""
        return np.asarray(self.rows[self.start])

    @property
    def last(self) -> npt.NDArray[np.int64]:
        """The last row of each pair."""
        return np.asarray(self.rows[self.start + self.count - 1])

    def number(self, length: int) -> npt.NDArray[np.int64]:
        """Return the pair of each of `length` rows; -1 for rows without a code."""
        found = np.full(length, -1, np.int64)
        found[self.rows] = np.repeat(np.arange(len(self.code)), self.count)
        return found

    def sums(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return the sum of a value over the rows of each pair."""
        if not len(self.start):
            return np.zeros(0, np.int64)
        added: npt.NDArray[np.int64] = np.add.reduceat(values[self.rows].astype(np.int64), self.start)
        return added


def pairs(code: npt.NDArray[Any], customer: npt.NDArray[Any]) -> Pairs:
    """Return how often each code occurs with each customer.

    Parameters
    ----------
    code : ndarray of int
        One a row; -1 leaves the row out.
    customer : ndarray of int
        Never falling.

    Examples
    --------
    >>> made = pairs(np.array([1, 0, 1, -1, 1]), np.array([0, 0, 0, 1, 1]))
    >>> made.code.tolist(), made.customer.tolist(), made.count.tolist()
    ([0, 1, 1], [0, 0, 1], [1, 2, 1])
    """
    rows = np.flatnonzero(code >= 0)
    codes = code[rows]
    small = codes.astype(np.int16) if codes.max(initial=0) <= _SMALL else codes
    rows = rows[np.argsort(small, kind="stable")]
    codes, who = code[rows].astype(np.int64), customer[rows]
    start = np.flatnonzero(changes(codes) | changes(who))
    return Pairs(codes[start], who[start], np.diff(np.append(start, len(rows))), rows, start)


def changes(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which entries differ from the one before; the first one does.

    Examples
    --------
    >>> changes(np.array([3, 3, 1])).tolist()
    [True, False, True]
    """
    differ = np.ones(len(values), dtype=bool)
    differ[1:] = values[1:] != values[:-1]
    return differ


def added(cell: npt.NDArray[Any], shape: tuple[int, ...], value: npt.NDArray[Any] | None = None) -> Any:  # noqa: ANN401 - counts or sums
    """Return how many rows, or how much of a value, each cell of a shape holds.

    Examples
    --------
    >>> added(np.array([0, 3, 3]), (2, 2)).tolist()
    [[1, 0], [0, 2]]
    """
    size = int(np.prod(shape))
    counts = np.bincount(cell, minlength=size)
    if value is not None:
        counts = np.bincount(cell, weights=value, minlength=size).round().astype(np.int64)
    return counts.reshape(shape)


def moments(
    name: str, cell: npt.NDArray[Any], shape: tuple[int, ...], value: npt.NDArray[Any]
) -> dict[str, npt.NDArray[Any]]:
    """Return number, sum and sum of squares by cell, under a name."""
    wide = value.astype(float)
    return {
        f"{name}_n": added(cell, shape),
        f"{name}_sum": added(cell, shape, wide),
        f"{name}_squares": added(cell, shape, wide * wide),
    }
