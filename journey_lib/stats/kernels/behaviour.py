"""What each customer did, one row a customer: events by group, channel and hour, visits, days, amounts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from journey_lib.stats.kernels.batch import Batch

PARTS = ("night", "morning", "afternoon", "evening")  # six hours each, from midnight
_HOUR = 3_600_000_000  # microseconds
DAY = 24 * _HOUR


@dataclass(frozen=True, eq=False)
class Behaved:
    """Rows of customers; two of them add up.

    Attributes
    ----------
    ids : Index of str
        The customers, those without an event included.
    groups, channels, parts : ndarray of int, customers by kinds
        Events of each group, of each channel, and in each quarter of the local day.
    entered : ndarray of int64, customers by stages
        Microseconds since 1970 of the first event that enters each stage, -1 where there is none.
    events, visits, days : ndarray of int
        Events, runs of events without a long pause, and days with an event.
    amounts : ndarray of float
        Values of the events that carry one, added up by customer.
    first, last : ndarray of int64
        First and last event, -1 without one.
    """

    ids: pd.Index
    groups: np.ndarray
    channels: np.ndarray
    parts: np.ndarray
    entered: np.ndarray
    events: np.ndarray
    visits: np.ndarray
    days: np.ndarray
    amounts: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: Behaved) -> Behaved:
        names = [field.name for field in fields(self) if field.name != "ids"]
        joined = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        return Behaved(self.ids.append(other.ids), **joined)

    def settled(self) -> Behaved:
        """Return the rows sorted by customer id, so that the order of merging leaves no trace."""
        order = np.asarray(self.ids.argsort())
        names = [field.name for field in fields(self) if field.name != "ids"]
        return Behaved(self.ids.take(order), **{name: getattr(self, name)[order] for name in names})


@dataclass(frozen=True)
class Behaviour:
    """Ask what each customer did between two instants.

    Attributes
    ----------
    group : tuple of int
        For each event name of the log the group it belongs to, -1 for none.
    groups : int
        How many groups there are.
    stages : tuple of tuple of int
        For each stage the codes of the events that enter it.
    channel : str
        Column of the log with the channel; "" for none.
    channels : int
        How many channels there are.
    amount : str
        Column of the log with a value; "" for none.
    pause : int
        Microseconds without an event that end a visit.
    zone : tuple of (int, int)
        Instants from which a distance of the local clock from UTC holds, in microseconds; the first is before
        all events.
    until : int
        Events after this instant do not count.
    """

    group: tuple[int, ...]
    groups: int
    stages: tuple[tuple[int, ...], ...]
    channel: str = ""
    channels: int = 0
    amount: str = ""
    pause: int = 30 * _HOUR // 60
    zone: tuple[tuple[int, int], ...] = ((-(2**62), 0),)
    until: int = 2**62

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        return tuple(name for name in (self.channel, self.amount) if name)

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers: none."""
        return ()

    def measure(self, batch: Batch) -> Behaved:
        """Return the rows of one batch."""
        kept = batch.time <= self.until
        who, time, event = batch.codes[kept].astype(np.int64), batch.time[kept], batch.event[kept]
        n = batch.n_customers
        local = time + self._distance(time)
        opens = np.diff(who, prepend=-1) != 0
        pause = np.diff(time, prepend=time[:1]) > self.pause
        new_day = np.diff(local // DAY, prepend=0) != 0
        group = np.append(np.asarray(self.group, dtype=np.int64), -1)[event]
        first, last = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
        first[who[opens]] = time[opens]
        last[who] = time  # the last assignment wins, and events stand in order of time
        return Behaved(
            pd.Index(batch.ids),
            _table(who, group, n, self.groups),
            _table(who, self._column(batch, self.channel, kept), n, self.channels),
            _table(who, local % DAY // (6 * _HOUR), n, len(PARTS)),
            self._entered(who, time, event, n),
            np.bincount(who, minlength=n),
            np.bincount(who[opens | pause], minlength=n),
            np.bincount(who[opens | new_day], minlength=n),
            self._amounts(batch, kept, who, n),
            first,
            last,
        )

    def merge(self, one: Behaved, other: Behaved) -> Behaved:
        """Return the rows of both."""
        return one + other

    def _distance(self, time: np.ndarray) -> np.ndarray:
        since = np.array([instant for instant, _ in self.zone], dtype=np.int64)
        distance = np.array([shift for _, shift in self.zone], dtype=np.int64)
        found: np.ndarray = distance[np.maximum(np.searchsorted(since, time, side="right") - 1, 0)]
        return found

    def _column(self, batch: Batch, name: str, kept: np.ndarray) -> np.ndarray:
        return batch.columns[name][kept].astype(np.int64) if name else np.full(int(kept.sum()), -1)

    def _amounts(self, batch: Batch, kept: np.ndarray, who: np.ndarray, n: int) -> np.ndarray:
        if not self.amount:
            return np.zeros(n)
        values = np.nan_to_num(batch.columns[self.amount][kept].astype(float))
        return np.bincount(who, values, minlength=n).astype(float)

    def _entered(self, who: np.ndarray, time: np.ndarray, event: np.ndarray, n: int) -> np.ndarray:
        found = np.full((n, len(self.stages)), -1, np.int64)
        for place, codes in enumerate(self.stages):
            hits = np.flatnonzero(np.isin(event, codes))[::-1]  # backwards, so that the first one stays
            found[who[hits], place] = time[hits]
        return found


def _table(who: np.ndarray, kind: np.ndarray, n: int, kinds: int) -> np.ndarray:
    known = kind >= 0
    counts = np.bincount(who[known] * kinds + kind[known], minlength=n * kinds) if kinds else np.zeros(0, int)
    return counts.reshape(n, kinds)
