"""What every log of events can do, wherever its events lie: in memory, on disk or on a cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from journey_lib.study.durations import UNITS
from journey_lib.study.events.digest import Digest, digest_of
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from journey_lib.study.events.log import EventLog
    from journey_lib.study.events.report import EventReport

    P = TypeVar("P")

_SLICE = 1 << 16


@dataclass(frozen=True, eq=False)
class Facts:
    """What a log is known by; the facts of two logs of different customers add up with `+`.

    Attributes
    ----------
    events, customers : int
        How many there are.
    first, last : int
        First and last moment in UTC microseconds; the first is later than the last where there is none.
    by_name : ndarray of int64
        How many events each name has.
    """

    events: int
    customers: int
    first: int
    last: int
    by_name: np.ndarray

    def __add__(self, other: Facts) -> Facts:
        return Facts(
            self.events + other.events, self.customers + other.customers,
            min(self.first, other.first), max(self.last, other.last), self.by_name + other.by_name,
        )  # fmt: skip


class Log(ABC):
    """A log of events of whole customers in one settled order.

    Attributes
    ----------
    names, channels : tuple of str
        Event names and channels, sorted; codes point into them.
    time_zone : str
        Zone of calendar days and hours.
    report : EventReport
        What was met while reading.
    """

    names: tuple[str, ...]
    channels: tuple[str, ...]
    time_zone: str
    report: EventReport

    @abstractmethod
    def fold(self, measure: Callable[[EventLog], P], merge: Callable[[P, P], P]) -> P:
        """Return what `measure` says of the whole log: asked of each chunk of customers, then merged.

        Parameters
        ----------
        measure : callable
            Answers for a log of some customers, each of them whole; one without customers too.
        merge : callable
            Adds two answers.
        """

    @abstractmethod
    def chunks(self) -> Iterator[EventLog]:
        """Yield the log in memory, some customers at a time; at least once."""

    @abstractmethod
    def columns(self) -> list[str]:
        """Return the names of its columns."""

    @abstractmethod
    def numeric(self, name: str) -> bool:
        """Say whether a column holds numbers."""

    @abstractmethod
    def labels(self, name: str) -> tuple[str, ...]:
        """Return the sorted distinct values of a column as text."""

    def telling(self, report: EventReport) -> Self:
        """Return the same log with another report."""
        return replace(self, report=report)  # type: ignore[type-var]  # every log is a frozen dataclass

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return self.facts.events

    @property
    def n_customers(self) -> int:
        """How many customers have at least one event, unknown visitors and bots included."""
        return self.facts.customers

    @property
    def span(self) -> tuple[int, int]:
        """First and last moment in UTC microseconds; (0, 0) without any event."""
        return (self.facts.first, self.facts.last) if self.n_events else (0, 0)

    @cached_property
    def facts(self) -> Facts:
        """How many events and customers there are, from when to when, under which names."""
        return self.fold(facts_of, _added)

    @cached_property
    def whole_days(self) -> bool:
        """Whether all times are midnights of the time zone: the log says on which day, not when."""
        if not self.n_events or self.report.tick < UNITS["hour"]:
            return False
        import pandas as pd

        moments = pd.DatetimeIndex(self.fold(_moments, np.union1d).view("datetime64[us]"), tz="UTC")
        local = moments.tz_convert(self.time_zone)
        return bool((local == local.normalize()).all())

    @cached_property
    def fingerprint(self) -> str:
        """Twelve characters that change when, and only when, an event of the log does.

        The order in which rows were read does not count where `seq` orders ties, nor does where the log lies.
        """
        return self.fold(digest_of, Digest.merge).text

    def __len__(self) -> int:
        return self.n_events

    def __repr__(self) -> str:
        whose = f"{counted(self.n_events, 'event')} of {counted(self.n_customers, 'customer')}"
        return f"{type(self).__name__}: {whose}, {counted(len(self.names), 'name')}{self._days()}"

    def _days(self) -> str:
        if not self.n_events:
            return ""
        import pandas as pd

        moments = pd.DatetimeIndex(np.array(self.span).view("datetime64[us]"), tz="UTC")
        days = moments.tz_convert(self.time_zone).strftime("%Y-%m-%d").to_list()
        return f", {' to '.join(dict.fromkeys(days))} ({self.time_zone})"


def facts_of(log: EventLog) -> Facts:
    """Return what a log in memory is known by."""
    bounds = np.iinfo(np.int64)
    first, last = (int(log.time.min()), int(log.time.max())) if len(log.time) else (bounds.max, bounds.min)
    by_name = np.zeros(len(log.names), dtype=np.int64)
    for start in range(0, len(log.event), _SLICE):  # it widens what it counts
        by_name += np.bincount(log.event[start : start + _SLICE], minlength=len(log.names))
    return Facts(len(log.time), len(log.customers), first, last, by_name)


def labels_known(log: Log, name: str) -> tuple[str, ...]:
    """Return the sorted distinct values of a column over all chunks of a log."""
    found: frozenset[str] = log.fold(partial(_labels_of, name=name), _both)
    return tuple(sorted(found))


def _labels_of(log: EventLog, name: str) -> frozenset[str]:
    return frozenset(log.labels(name))


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    return one | other


def _moments(log: EventLog) -> np.ndarray:
    return np.unique(log.time)


def _added(one: Facts, other: Facts) -> Facts:
    return one + other
