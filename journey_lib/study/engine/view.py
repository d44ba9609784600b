"""What an analysis counts of some customers; it holds no log, so it can be sent to where the events are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from journey_lib.stats.kernels import Batch
from journey_lib.study.events.flags import EARLIEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_lib.study.events.identity import Coded
    from journey_lib.study.events.log import EventLog

_ALL: Any = slice(None)  # stands in for a mask without copying


class Counted(NamedTuple):
    """The customers of a log who count, and which of their events are observed."""

    log: EventLog
    offsets: np.ndarray
    kept: Any


@dataclass(frozen=True, eq=False)
class View:
    """Whose events count, from when to when, and the codes that hold for the whole log.

    Attributes
    ----------
    start, end : int
        First and last instant observed, in UTC microseconds.
    members : Index or None
        Ids inside the segment; None for everybody.
    visitors : str
        "all" counts visitors who never said who they are; "known" leaves them out.
    levels : mapping of str to tuple of str
        For each text column of the events that is wanted, its values in the whole log.
    ids : Index or None
        Customers whose attributes are known.
    people : mapping of str to Coded
        For each attribute that is wanted, its codes in the order of `ids`.
    history : bool
        Whether events before the window are handed over too, but for those of impossible clocks.
    """

    start: int
    end: int
    members: pd.Index | None = None
    visitors: str = "all"
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: pd.Index | None = None
    people: Mapping[str, Coded] = field(default_factory=dict)
    history: bool = False

    def batch(self, log: EventLog, columns: tuple[str, ...] = (), people: tuple[str, ...] = ()) -> Batch:
        """Return the observed part of a log of whole customers.

        Parameters
        ----------
        log : EventLog
            All customers, or a chunk of them.
        columns, people : tuple of str
            What the kernel asks for.
        """
        return self.batch_of(self.narrowed(log), columns, people)

    def batch_of(self, found: Counted, columns: tuple[str, ...], people: tuple[str, ...]) -> Batch:
        """Return customers who are known to count, with what the kernel asks for."""
        log, offsets, kept = found
        return Batch(
            offsets, log.time[kept], log.event[kept], log.customers, self.start,
            np.full(log.n_customers, self.end),
            {name: self._column(log, name)[kept] for name in columns},
            {name: self._codes(log, name) for name in people},
        )  # fmt: skip

    def narrowed(self, log: EventLog) -> Counted:
        """Return the customers who count, without those outside the segment and events outside the window."""
        counted = self.counted(log)
        if not counted.all():
            log = log.take(counted)
        inside = (log.time >= (EARLIEST if self.history else self.start)) & (log.time <= self.end)
        if inside.all():
            return Counted(log, log.offsets, _ALL)
        return Counted(log, np.append(0, np.cumsum(inside))[log.offsets], inside)

    def totals(self, log: EventLog) -> Totals:
        """Count whose events are observed, and who is left out and why."""
        kept, told = ~log.bots, {"bots": int(np.count_nonzero(log.bots))}
        for reason, inside in (("unknown", self._visitors(log)), ("segment", self._members(log))):
            told[reason] = int((kept & ~inside).sum())
            kept &= inside
        whose = np.repeat(kept, np.diff(log.offsets))
        events = int(np.count_nonzero(whose & (log.time >= self.start) & (log.time <= self.end)))
        return Totals(events, int(kept.sum()), int((kept & ~log.known).sum()), told)

    def counted(self, log: EventLog) -> np.ndarray:
        """Say for each customer of a log whether they count."""
        counted: np.ndarray = ~log.bots & self._visitors(log) & self._members(log)
        return counted

    def _visitors(self, log: EventLog) -> np.ndarray:
        return log.known if self.visitors == "known" else np.ones(log.n_customers, dtype=bool)

    def _members(self, log: EventLog) -> np.ndarray:
        if self.members is None:
            return np.ones(log.n_customers, dtype=bool)
        import pyarrow as pa  # pandas would turn every id into an object first: twenty times as long
        import pyarrow.compute as pc

        ids, members = (pa.array(index, pa.large_string()) for index in (log.customers, self.members))
        return np.asarray(pc.is_in(ids, value_set=members))

    def _column(self, log: EventLog, name: str) -> np.ndarray:
        values = log.column(name)
        if pd.api.types.is_numeric_dtype(values):
            return values.to_numpy(dtype=float)
        codes, labels = log.levels(name)
        place = pd.Index(self.levels[name], dtype="str").get_indexer(pd.Index(labels, dtype="str"))
        moved: np.ndarray = np.append(place, -1)[codes].astype(np.int32)
        return moved

    def _codes(self, log: EventLog, name: str) -> np.ndarray:
        assert self.ids is not None  # noqa: S101 - there is an attribute, so there are customers who have it
        row = self.ids.get_indexer(log.customers)
        codes: np.ndarray = np.append(self.people[name].codes, -1)[row]
        return codes


@dataclass(frozen=True)
class Totals:
    """How many events and customers are observed, how many of these are unknown, and who is left out."""

    events: int
    customers: int
    unknown: int
    left_out: dict[str, int]

    def merge(self, other: Totals) -> Totals:
        """Return the totals of both."""
        left_out = {reason: n + other.left_out[reason] for reason, n in self.left_out.items()}
        unknown = self.unknown + other.unknown
        return Totals(self.events + other.events, self.customers + other.customers, unknown, left_out)
