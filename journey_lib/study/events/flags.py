"""Marks what looks wrong in an ordered log, without dropping any of it: clocks and bots."""

from __future__ import annotations

from enum import IntFlag

import numpy as np

from journey_lib.study.durations import UNITS

EARLIEST = int(np.datetime64("1990-01-01", "us").astype(np.int64))
BOT_MOMENTS = 30
_MINUTE = UNITS["minute"]
_SLICE = 1 << 20


class Flag(IntFlag):
    """What is odd about an event; several may hold.

    Examples
    --------
    >>> Flag(3)
    <Flag.AFTER_END|BEFORE_START: 3>
    """

    AFTER_END = 1
    BEFORE_START = 2
    AFTER_RECEIPT = 4
    IMPOSSIBLE = 8
    JOINED = 16


def clock_flags(
    time: np.ndarray, *, start: int | None = None, end: int | None = None, received: np.ndarray | None = None
) -> np.ndarray:
    """Return for each event which clocks it contradicts, as bits of `Flag`.

    Parameters
    ----------
    time : ndarray of int
        UTC microseconds.
    start, end : int, optional
        The window; `end` itself is already outside.
    received : ndarray of int, optional
        When each event arrived; events without are not judged.

    Examples
    --------
    >>> clock_flags(np.array([EARLIEST - 1, EARLIEST, EARLIEST + 5]), end=EARLIEST + 5).tolist()
    [8, 0, 1]
    """
    flags = np.zeros(len(time), dtype=np.uint8)
    flags[time < EARLIEST] |= np.uint8(Flag.IMPOSSIBLE)
    if start is not None:
        flags[time < start] |= np.uint8(Flag.BEFORE_START)
    if end is not None:
        flags[time >= end] |= np.uint8(Flag.AFTER_END)
    if received is not None:
        flags[(received > EARLIEST) & (time > received)] |= np.uint8(Flag.AFTER_RECEIPT)
    return flags


def bots(offsets: np.ndarray, time: np.ndarray, *, moments: int = BOT_MOMENTS) -> np.ndarray:
    """Mark customers who act at `moments` or more different moments within one minute.

    Parameters
    ----------
    offsets : ndarray of int
        Where the events of each customer begin, and the end.
    time : ndarray of int
        UTC microseconds, rising within a customer.
    moments : int
        How many moments within 60 seconds no person reaches.

    Definition
    ----------
    Moments, not events: a basket of forty lines booked in one second is a person.

    Examples
    --------
    >>> bots(np.array([0, 3]), np.array([0, 20_000_000, 60_000_000]), moments=3).tolist()
    [True]
    """
    found, sizes = np.zeros(len(offsets) - 1, dtype=bool), np.diff(offsets)
    busy = _suspects(offsets, time, moments - 1)
    first = 0
    while first < len(busy):  # some customers at a time, so that the search takes no memory of the log's size
        last = first + 1 + int(np.searchsorted(np.cumsum(sizes[busy[first + 1 : first + _SLICE]]), _SLICE))
        some = busy[first:last]
        who = np.repeat(some, sizes[some])
        rows = np.arange(len(who)) + np.repeat(
            offsets[some] - np.append(0, np.cumsum(sizes[some])[:-1]), sizes[some]
        )
        found[_fast(who, time[rows], moments - 1)] = True
        first = last
    return found


def _suspects(offsets: np.ndarray, time: np.ndarray, ahead: int) -> np.ndarray:
    """Return the customers with an event within a minute of the one `ahead` events before."""
    close = []
    for start in range(0, max(len(time) - ahead, 0), _SLICE):
        before = time[start : min(start + _SLICE, len(time) - ahead)]
        since = time[start + ahead : start + ahead + len(before)] - before
        close.append(start + np.flatnonzero(since.view(np.uint64) <= _MINUTE))  # never negative within one
    rows = np.concatenate([np.empty(0, dtype=np.int64), *close])
    who = np.searchsorted(offsets, rows, side="right") - 1
    return np.unique(who[rows + ahead < offsets[who + 1]])


def _fast(customer: np.ndarray, time: np.ndarray, ahead: int) -> np.ndarray:
    """Return who acts again within a minute of the moment `ahead` moments before."""
    new = np.ones(len(time), dtype=bool)
    new[1:] = (time[1:] != time[:-1]) | (customer[1:] != customer[:-1])
    who, when = customer[new], time[new]
    before = slice(0, max(len(who) - ahead, 0))
    close = (who[ahead:] == who[before]) & (when[ahead:] - when[before] <= _MINUTE)
    return np.asarray(who[ahead:][close])
