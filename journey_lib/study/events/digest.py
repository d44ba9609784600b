"""A fingerprint of a log that does not depend on how its customers were dealt into chunks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from journey_lib.study.events.log import EventLog

_SLICE = 1 << 18  # few rows at a time, so that a fingerprint needs no memory of the log's size
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST = np.uint64(31)


@dataclass(frozen=True)
class Digest:
    """The hashes of all events of a log, added up twice, and how many there are.

    Definition
    ----------
    Each event is hashed with its customer, its place among that customer's events, its time, name, channel
    and further columns. Sums do not depend on the order of adding, so chunks add up to the whole.
    """

    one: int = 0
    two: int = 0
    events: int = 0
    columns: tuple[str, ...] = ()

    def merge(self, other: Digest) -> Digest:
        """Return the digest of both."""
        columns = tuple(sorted({*self.columns, *other.columns}))
        one, two = ((a + b) % 2**64 for a, b in ((self.one, other.one), (self.two, other.two)))
        return Digest(one, two, self.events + other.events, columns)

    @property
    def text(self) -> str:
        """Twelve characters."""
        whole = "\x00".join([*map(str, (self.one, self.two, self.events)), *self.columns])
        return hashlib.sha256(whole.encode()).hexdigest()[:12]


def digest_of(log: EventLog) -> Digest:
    """Return the digest of a log in memory."""
    names, channels = (hashed(pd.Series(words, dtype="str")) for words in (log.names, log.channels))
    channels = np.append(channels, np.uint64(0))
    people = hashed(pd.Series(log.customers, dtype="str"))
    further = [str(name) for name in log.further()]
    found = Digest(columns=tuple(sorted(further)))
    for start in range(0, len(log.time), _SLICE):
        rows = slice(start, min(start + _SLICE, len(log.time)))
        who = np.searchsorted(log.offsets, np.arange(rows.start, rows.stop), side="right") - 1
        place = np.arange(rows.start, rows.stop) - log.offsets[who]
        key = mixed(people[who], place.astype(np.uint64))
        for values in (log.time[rows].astype(np.uint64), names[log.event[rows]], channels[log.channel[rows]]):
            key = mixed(key, values)
        found = found.merge(_summed(key))
    return found.merge(Digest(one=sum(_further(log, name) for name in further) % 2**64))


def _further(log: EventLog, name: str) -> int:
    """Return the hashes of one further column, bound to customer and place, added up."""
    column, total = log.column(name), 0
    people = hashed(pd.Series(log.customers, dtype="str"))
    own = hashed(pd.Series([name], dtype="str"))[0]
    for start in range(0, len(column), _SLICE):
        rows = np.arange(start, min(start + _SLICE, len(column)))
        who = np.searchsorted(log.offsets, rows, side="right") - 1
        key = mixed(people[who] ^ own, (rows - log.offsets[who]).astype(np.uint64))
        total += _summed(mixed(key, hashed(column.iloc[rows[0] : rows[-1] + 1]))).one
    return total


def _summed(keys: np.ndarray) -> Digest:
    with np.errstate(over="ignore"):
        two = int(mixed(keys, keys).sum(dtype=np.uint64))
        return Digest(int(keys.sum(dtype=np.uint64)), two, len(keys))


def mixed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return a hash of two numbers, by the finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        key = one * _STEP + other + _STEP
        for shift, factor in _MIX:
            key = (key ^ (key >> shift)) * factor
        return np.asarray(key ^ (key >> _LAST))


def hashed(column: pd.Series) -> np.ndarray:
    """Return a number for each value that depends on nothing but the value."""
    plain = column.astype("str") if column.dtype == object else column
    return np.asarray(pd.util.hash_pandas_object(plain, index=False, categorize=True), dtype=np.uint64)
