"""Puts events in order once: customer, then time, then whatever settles ties; and finds what repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.study.durations import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

TICKS = tuple(UNITS[unit] for unit in ("day", "hour", "minute", "second", "millisecond", "microsecond"))
_BITS = 63
_SLICE = 1 << 20
_FEW = 1 << 10
_FEW_BITS = 8  # of time in a key; fewer would leave most rows to be sorted again


def tick_of(time: np.ndarray) -> int:
    """Return the coarsest of day, hour … microsecond in which all times differ by whole numbers.

    Examples
    --------
    >>> tick_of(np.array([1_500_000, 2_500_000])), tick_of(np.array([0, 1_001_000]))
    (1000000, 1000)
    """
    if not len(time):
        return 1
    first = time.min()
    some = time[:_FEW]  # most of what is not whole shows there
    ticks = [tick for tick in TICKS if not ((some - first) % tick).any()]
    return next(tick for tick in ticks if tick == 1 or _whole(time, first, tick))


def _whole(time: np.ndarray, first: int, tick: int) -> bool:
    """Say whether all times are whole steps after the first; most that are not show it early."""
    return all(
        not ((time[start : start + _SLICE] - first) % tick).any() for start in range(0, len(time), _SLICE)
    )


def event_order(
    customer: np.ndarray, time: np.ndarray, *, first: int = 0, tick: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows sorted by customer, then time, and where either changes; equal rows stay as they came.

    Parameters
    ----------
    customer : ndarray of int
        Customer codes from 0.
    time : ndarray of int
        Moments.
    first, tick : int
        The earliest moment, and the step in which all of them are whole since then.

    Returns
    -------
    ndarray of int, ndarray of bool

    Definition
    ----------
    One integer holds customer, time and row number, and integers are sorted by value. Where its 63 bits do
    not hold the time whole, they hold its leading bits; rows that share these are sorted again by the rest.
    Where they do not even hold those, `lexsort`. All give the same order.

    Examples
    --------
    >>> order, starts = event_order(np.array([1, 0, 1, 0]), np.array([5, 7, 5, 2]))
    >>> order.tolist(), starts.tolist()
    ([3, 1, 0, 2], [True, True, True, False])
    """
    if not len(customer):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    last, people = (int(time.max()) - first) // tick, int(customer.max()) + 1
    room = _BITS - _bits(len(time)) - _bits(people)
    if _bits(people * (last + 1)) + _bits(len(time)) <= _BITS:
        return _sorted(_keys(customer, time, first, tick, last + 1, 0))
    if room < _FEW_BITS:
        order = np.lexsort((time, customer))
        return order, starts_of(customer[order], time[order])
    rest = _bits(last) - room
    order, starts = _sorted(_keys(customer, time, first, tick, 1 << room, rest))
    tied = tied_rows(starts)
    if len(tied):
        alike, run = order[tied], np.cumsum(starts[tied]) - 1
        left = (time[alike] - first) // tick & ((1 << rest) - 1)
        again, starts[tied] = event_order(run, left)
        order[tied] = alike[again]
    return order, starts


def _keys(customer: np.ndarray, time: np.ndarray, first: int, tick: int, times: int, rest: int) -> np.ndarray:
    """Return one number for each row that rises with its customer and the leading bits of its time."""
    key = np.empty(len(time), dtype=np.int64)
    for start in range(0, len(key), _SLICE):
        part = slice(start, start + _SLICE)
        since = time[part] - first
        if tick > 1:
            since //= tick
        since >>= rest
        np.multiply(customer[part], times, out=key[part], dtype=np.int64)
        key[part] += since
    return key


def _changes(key: np.ndarray, below: int) -> np.ndarray:
    """Mark where sorted keys change above their lowest bits."""
    starts = np.ones(len(key), dtype=bool)
    for start in range(1, len(key), _SLICE):
        part = key[start : start + _SLICE]
        starts[start : start + _SLICE] = (part ^ key[start - 1 : start - 1 + len(part)]) >> below != 0
    return starts


def _sorted(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the order of keys, equal ones as they came, and where they change; the keys are spent.

    Sorting values that carry their row number in the lowest bits is several times faster than a stable
    argsort; the caller leaves room for both in one integer.
    """
    if _rising(key):
        return np.arange(len(key), dtype=_row_kind(len(key))), _changes(key, 0)
    row = _bits(len(key))
    for start in range(0, len(key), _SLICE):
        part = key[start : start + _SLICE]
        part <<= row
        part |= np.arange(start, start + len(part), dtype=np.int64)
    key.sort()
    starts = _changes(key, row)
    return _rows_of(key, row), starts


def _rising(key: np.ndarray) -> bool:
    """Say whether keys are in order as they came; most that are not show it early."""
    return all(
        bool(
            (key[start + 1 : start + 1 + _SLICE] >= key[start : start + _SLICE][: len(key) - 1 - start]).all()
        )
        for start in range(0, len(key) - 1, _SLICE)
    )


def _rows_of(key: np.ndarray, row: int) -> np.ndarray:
    """Return the row numbers in the lowest bits of sorted keys, written over them."""
    kind, rows = _row_kind(len(key)), len(key)
    order = key.view(kind)[:rows]
    for start in range(0, rows, _SLICE):
        order[start : start + _SLICE] = key[start : start + _SLICE] & ((1 << row) - 1)
    del order
    if kind.itemsize < key.itemsize:
        key.resize(rows // 2 + 1, refcheck=False)  # gives the other half back
    return key.view(kind)[:rows]


def _row_kind(rows: int) -> np.dtype:
    return np.dtype(np.int32 if rows < 2**31 else np.int64)


def _bits(largest: int) -> int:
    return int(largest).bit_length()


def starts_of(*columns: np.ndarray) -> np.ndarray:
    """Mark rows that differ from the row before in any column; the first row always does."""
    first = np.ones(len(columns[0]), dtype=bool)
    if len(first) > 1:
        first[1:] = False
        for column in columns:
            first[1:] |= column[1:] != column[:-1]
    return first


def tied_rows(starts: np.ndarray) -> np.ndarray:
    """Return the positions of rows that share their customer and time with a neighbour."""
    alone = starts.copy()
    alone[:-1] &= starts[1:]
    return np.flatnonzero(~alone)


def settle(order: np.ndarray, starts: np.ndarray, rules: Sequence[np.ndarray]) -> np.ndarray:
    """Return the order with tied rows sorted by rules, the first rule counting most.

    Parameters
    ----------
    order : ndarray of int
        Rows by customer and time.
    starts : ndarray of bool
        Where a new customer or time begins, in that order.
    rules : sequence of ndarray
        One value for each *tied* position, in that order.
    """
    if not rules:
        return order
    tied = tied_rows(starts)
    run = np.cumsum(starts[tied])
    done = order.copy()
    done[tied] = order[tied][np.lexsort((*reversed(rules), run))]
    return done
