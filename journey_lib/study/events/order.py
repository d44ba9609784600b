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
_FEW = 1000  # enough to rule out most ticks before all times are divided


def tick_of(time: np.ndarray) -> int:
    """Return the coarsest of day, hour … microsecond in which all times differ by whole numbers.

    Examples
    --------
    >>> tick_of(np.array([1_500_000, 2_500_000])), tick_of(np.array([0, 1_001_000]))
    (1000000, 1000)
    """
    if not len(time):
        return 1
    since = time - time.min()
    return next(
        tick for tick in TICKS if tick == 1 or not ((since[:_FEW] % tick).any() or (since % tick).any())
    )


def event_order(customer: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Return the rows sorted by customer, then time; equal ones stay in the order they came.

    Parameters
    ----------
    customer : ndarray of int
        Customer codes from 0.
    ticks : ndarray of int
        Time since the first event, from 0, in its coarsest unit.

    Returns
    -------
    ndarray of int

    Definition
    ----------
    One composite key of customer and time where both fit into 63 bits beside the row number; else two stable
    passes, time first; else `lexsort`. All three give the same order.

    Examples
    --------
    >>> event_order(np.array([1, 0, 1, 0]), np.array([5, 7, 5, 2])).tolist()
    [3, 1, 0, 2]
    """
    if not len(customer):
        return np.empty(0, dtype=np.int64)
    last, row = int(ticks.max()), _bits(len(ticks))
    if _bits((int(customer.max()) + 1) * (last + 1)) + row <= _BITS:
        key = customer.astype(np.int64)
        key *= last + 1
        key += ticks
        return stable_order(key, spend=True)
    if _bits(last) + row <= _BITS:
        by_time = stable_order(ticks)
        return np.take(by_time, stable_order(customer[by_time].astype(np.int64)))
    return np.asarray(np.lexsort((ticks, customer)))


def stable_order(key: np.ndarray, *, spend: bool = False) -> np.ndarray:
    """Return the order of keys from 0, equal ones as they came.

    Sorting values that carry their row number in the lowest bits is several times faster than a stable
    argsort; it needs room for both in one integer. `spend` allows the keys to be overwritten.
    """
    row = _bits(len(key))
    if len(key) < 2 or bool((key[1:] >= key[:-1]).all()):
        return np.arange(len(key), dtype=_row_kind(len(key)))
    if _bits(int(key.max())) + row > _BITS:
        return np.argsort(key, kind="stable")
    key = key if spend else key.copy()
    key <<= row
    for start in range(0, len(key), _SLICE):
        part = key[start : start + _SLICE]
        part |= np.arange(start, start + len(part), dtype=np.int64)
    key.sort()
    key &= (1 << row) - 1
    return key.astype(_row_kind(len(key)))


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
    run = np.cumsum(starts)[tied]
    done = order.copy()
    done[tied] = order[tied][np.lexsort((*reversed(rules), run))]
    return done
