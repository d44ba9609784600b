"""Whose events count, from when to when, and how a kernel meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, chosen, nearest
from journey_lib.stats.kernels import Batch, Kernel
from journey_lib.study.events.identity import code
from journey_lib.study.events.times import midnight

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study
    from journey_lib.study.events import EventLog

P = TypeVar("P")
_ALL: Any = slice(None)  # stands in for a mask without copying
VISITORS = ("all", "known")


@dataclass(frozen=True, eq=False)
class Observed:
    """The part of a log that an analysis speaks about.

    Made by `observe`. Bots are out, so are customers outside the segment and events outside the window.

    Attributes
    ----------
    log : EventLog
        The whole log.
    start, end : int
        First and last instant observed, in UTC microseconds.
    assumed : bool
        Whether the study declares no window, so that the first and last event stand in for it.
    people : DataFrame or None
        Attributes of customers by customer id: the customers table.
    members : Index or None
        Ids inside the segment; None for everybody.
    visitors : str
        "all" counts visitors who never said who they are, each as one customer; "known" leaves them out.
    """

    log: EventLog
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
        return self.log.levels(column)[1]

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

    def run(self, kernel: Kernel[P]) -> P:
        """Return the answer of a kernel for all customers observed."""
        return reduce(kernel.merge, (kernel.measure(batch) for batch in self.batches(kernel)))

    def batches(self, kernel: Kernel[P]) -> Iterator[Batch]:
        """Yield the customers observed with what the kernel asks for; at least one batch."""
        yield self.batch(self.log, kernel.columns, kernel.people)

    def batch(self, log: EventLog, columns: tuple[str, ...] = (), people: tuple[str, ...] = ()) -> Batch:
        """Return the observed part of a log of whole customers."""
        counted = self._counted(log)
        if not counted.all():
            log = log.take(counted)
        inside = (log.time >= self.start) & (log.time <= self.end)
        offsets, kept = log.offsets, _ALL
        if not inside.all():
            offsets, kept = np.append(0, np.cumsum(inside))[log.offsets], inside
        return Batch(
            offsets, log.time[kept], log.event[kept], log.customers, self.start,
            np.full(log.n_customers, self.end),
            {name: self._column(log, name)[kept] for name in columns},
            {name: self._codes(log, name) for name in people},
        )  # fmt: skip

    @property
    def left_out(self) -> dict[str, int]:
        """How many customers are not counted, by reason: bots, unknown visitors, outside the segment."""
        log, kept = self.log, ~self.log.bots
        told = {"bots": int(log.bots.sum())}
        for reason, inside in (("unknown", self._visitors(log)), ("segment", self._members(log))):
            told[reason] = int((kept & ~inside).sum())
            kept &= inside
        return told

    @property
    def unknown(self) -> int:
        """How many of the customers counted are visitors who never said who they are."""
        return int((self._counted(self.log) & ~self.log.known).sum())

    def _counted(self, log: EventLog) -> np.ndarray:
        counted: np.ndarray = ~log.bots & self._visitors(log) & self._members(log)
        return counted

    def _visitors(self, log: EventLog) -> np.ndarray:
        return log.known if self.visitors == "known" else np.ones(log.n_customers, dtype=bool)

    def _members(self, log: EventLog) -> np.ndarray:
        if self.members is None:
            return np.ones(log.n_customers, dtype=bool)
        return np.asarray(log.customers.isin(self.members))

    def _column(self, log: EventLog, name: str) -> np.ndarray:
        values = log.column(name)
        if pd.api.types.is_numeric_dtype(values):
            return values.to_numpy(dtype=float)
        codes, labels = log.levels(name)
        place = pd.Index(self.levels(name)).get_indexer(pd.Index(labels))
        moved: np.ndarray = np.append(place, -1)[codes].astype(np.int32)
        return moved

    def _attribute(self, name: str) -> pd.Series:
        assert self.people is not None  # noqa: S101 - `where` found the column there
        return self.people[name]

    def _codes(self, log: EventLog, name: str) -> np.ndarray:
        assert self.people is not None  # noqa: S101 - `where` found the column there
        row = pd.Index(self.people["customer_id"]).get_indexer(log.customers)
        codes: np.ndarray = np.append(code(self._attribute(name)).codes, -1)[row]
        return codes


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
    seen = (int(log.time.min()), int(log.time.max())) if log.n_events else (0, 0)
    start = midnight(first, log.time_zone) if first else seen[0]
    end = midnight(last, log.time_zone, days_later=1) - 1 if last else seen[1]
    members = None if data.segment is None else data.segment.customers
    made = Observed(log, start, end, not (first and last), data.customers, members, visitors)
    return replace(made, end=max(made.start, made.end))
