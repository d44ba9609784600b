"""Whose events count, from when to when, and how a kernel meets them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, chosen, nearest
from journey_lib.study.engine.view import Counted, Totals, View
from journey_lib.study.events.flags import EARLIEST
from journey_lib.study.events.identity import code
from journey_lib.study.events.log import EventLog
from journey_lib.study.events.times import midnight

if TYPE_CHECKING:
    from journey_lib.stats.kernels import Batch, Kernel
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.events.base import Log

P = TypeVar("P")
VISITORS = ("all", "known")


@dataclass(frozen=True, eq=False)
class Observed:
    """The part of a log that an analysis speaks about.

    Made by `observe`. Bots are out, so are customers outside the segment and events outside the window.

    Attributes
    ----------
    log : Log
        The whole log: in memory, on disk or on a cluster.
    start, end : int
        First and last instant observed, in UTC microseconds.
    assumed : bool
        Whether the study declares no window, so that the first and last event stand in for it. Clocks that
        cannot be right do not bound it; where times are whole days, the last of them counts to its end.
    people : DataFrame or None
        Attributes of customers by customer id: the customers table.
    members : Index or None
        Ids inside the segment; None for everybody.
    visitors : str
        "all" counts visitors who never said who they are, each as one customer; "known" leaves them out.
    """

    log: Log
    start: int
    end: int
    assumed: bool
    people: pd.DataFrame | None = field(default=None, repr=False)
    members: pd.Index | None = field(default=None, repr=False)
    visitors: str = "all"

    @property
    def names(self) -> tuple[str, ...]:
        """Event names of the whole log; `Batch.event` holds codes into them."""
        return self.log.names

    @property
    def time_zone(self) -> str:
        """Zone of calendar cuts."""
        return self.log.time_zone

    def code(self, name: str) -> int:
        """Return the code of an event name, -1 when the log does not hold it."""
        return self.names.index(name) if name in self.names else -1

    def levels(self, column: str) -> tuple[str, ...]:
        """Return the sorted values of an attribute of customers, or of a text column of the log.

        Raises
        ------
        ParamError
            When neither has this column.
        """
        if self.where(column) == "people":
            return tuple(code(self._attribute(column)).labels)
        return self.log.labels(column)

    def where(self, column: str) -> str:
        """Say whether a column describes customers ("people") or events ("columns").

        Raises
        ------
        ParamError
            When neither has it, with the nearest name.
        """
        own = [] if self.people is None else [str(name) for name in self.people if name != "customer_id"]
        of_events = self.log.columns()
        if column in own:
            return "people"
        if column in of_events:
            return "columns"
        known = [*own, *of_events]
        given = f"no column '{column}' in the customers or the events"
        raise ParamError(Problem("by", given, ", ".join(known), nearest(column, known)))

    def numeric(self, column: str) -> bool:
        """Say whether a column of the events holds numbers; only those have no levels."""
        return self.where(column) == "columns" and self.log.numeric(column)

    def run(self, kernel: Kernel[P]) -> P:
        """Return the answer of a kernel for all customers observed, wherever their events lie."""
        view = self._asked(kernel)
        if self._at_hand is not None and not view.history:
            return kernel.measure(view.batch_of(self._at_hand, kernel.columns, kernel.people))
        return self.log.fold(partial(_measured, view, kernel), kernel.merge)

    def batches(self, kernel: Kernel[P]) -> Iterator[Batch]:
        """Yield the customers observed with what the kernel asks for; at least one batch."""
        view = self._asked(kernel)
        return (view.batch(chunk, kernel.columns, kernel.people) for chunk in self.log.chunks())

    def batch(self, log: EventLog, columns: tuple[str, ...] = (), people: tuple[str, ...] = ()) -> Batch:
        """Return the observed part of a log of whole customers."""
        return self._view(columns, people).batch(log, columns, people)

    @property
    def n_events(self) -> int:
        """How many events are observed: of customers who count, inside the window."""
        return self._totals.events

    @property
    def n_customers(self) -> int:
        """How many customers count, those without an event inside the window included."""
        return self._totals.customers

    @property
    def left_out(self) -> dict[str, int]:
        """How many customers are not counted, by reason: bots, unknown visitors, outside the segment."""
        return dict(self._totals.left_out)

    @property
    def unknown(self) -> int:
        """How many of the customers counted are visitors who never said who they are."""
        return self._totals.unknown

    @cached_property
    def _at_hand(self) -> Counted | None:
        """Who counts, worked out once for all kernels; None where the log does not lie in one piece."""
        pieces = self.log.chunks() if isinstance(self.log, EventLog) else iter(())
        return self._view().narrowed(self.log) if next(pieces, None) is self.log else None

    @cached_property
    def _totals(self) -> Totals:
        return self.log.fold(self._view().totals, Totals.merge)

    def _asked(self, kernel: Kernel[P]) -> View:
        """Return what a kernel asks for; with what lies before the window where there is such a thing."""
        history = getattr(kernel, "history", False) and self.log.span[0] < self.start
        return replace(self._view(kernel.columns, kernel.people), history=history)

    def _view(self, columns: tuple[str, ...] = (), people: tuple[str, ...] = ()) -> View:
        """Return what is needed to count a chunk of the log, without the log."""
        levels = {name: self.log.labels(name) for name in columns if not self.log.numeric(name)}
        ids = None if self.people is None else pd.Index(self.people["customer_id"])
        coded = {name: code(self._attribute(name)) for name in people}
        return View(self.start, self.end, self.members, self.visitors, levels, ids, coded)

    def _attribute(self, name: str) -> pd.Series:
        assert self.people is not None  # noqa: S101 - `where` found the column there
        return self.people[name]


def _measured(view: View, kernel: Kernel[P], log: EventLog) -> P:
    return kernel.measure(view.batch(log, kernel.columns, kernel.people))


def observe(study: Study, data: Data, *, by: str = "", visitors: str = "all") -> Observed:
    """Return the customers and the time that an analysis of events speaks about.

    Parameters
    ----------
    study, data : Study, Data
        The study's window bounds the time; the segment of the data bounds the customers.
    by : str
        The analysis that asks, for the message when the study has no events.
    visitors : {"all", "known"}
        Whether visitors who never said who they are count, each as one customer.

    Returns
    -------
    Observed

    Raises
    ------
    DataError
        If the study has no events.
    ParamError
        If `visitors` is neither word.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": ["a", "a"], "event": ["cart", "paid"],
    ...                       "time": ["2025-01-01", "2025-01-02"]})
    >>> study, data = quick_study(events=frame, journey=["cart", "paid"])
    >>> observe(study, data).assumed
    True
    """
    log = data.require_events(by=by or "this analysis")
    chosen("visitors", visitors, VISITORS)
    first, last = study.window.start, study.window.end
    span = log.span if first and last else _sure_span(log)
    start = midnight(first, log.time_zone) if first else span[0]
    end = midnight(last, log.time_zone, days_later=1) - 1 if last else _last_instant(log, span[1])
    members = None if data.segment is None else data.segment.customers
    made = Observed(log, start, end, not (first and last), data.customers, members, visitors)
    return replace(made, end=max(made.start, made.end))


def _sure_span(log: Log) -> tuple[int, int]:
    """Return the first and last moment of a log; one wrong clock must not stretch it by decades."""
    if not (log.report.impossible or log.report.future):
        return log.span
    sure = log.fold(partial(_span_until, until=time.time_ns() // 1000), _wider)
    return sure if sure[0] <= sure[1] else log.span


def _span_until(log: EventLog, until: int) -> tuple[int, int]:
    sure = log.time[(log.time >= EARLIEST) & (log.time <= until)]
    bounds = np.iinfo(np.int64)
    return (int(sure.min()), int(sure.max())) if len(sure) else (bounds.max, bounds.min)


def _wider(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return min(one[0], other[0]), max(one[1], other[1])


def _last_instant(log: Log, last: int) -> int:
    """Return the last moment of a log; of one that knows days only, the end of the last of them."""
    if not log.whole_days:
        return last
    day = pd.Timestamp(last, unit="us", tz="UTC").tz_convert(log.time_zone).date()
    return midnight(day, log.time_zone, days_later=1) - 1
