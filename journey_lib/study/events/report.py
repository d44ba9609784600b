"""What was met while a log was put in order: counts, and the sentences of the load report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.study.durations import spoken
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

REPEATED = "equal to another row in every column"


@dataclass(frozen=True)
class EventReport:
    """How a log was read and ordered; the counts describe the whole log, also after `take`.

    Attributes
    ----------
    files : tuple of str
        Where the rows came from.
    rows_read, rows_kept : int
        Before and after exact repeats were dropped.
    outside : int
        Rows the study leaves out with `where`.
    repeats : int
        Rows equal to another row in every column; dropped unless `repeats_kept`.
    repeats_kept : bool
        Whether the study keeps them.
    order : str
        What settles ties: "file_order", "seq" or "priority".
    pairs, ties, unsettled : int
        Neighbouring events of one customer; those of one moment with different names; those of one moment
        that the declared rule leaves equal and a fixed rule of ours settled.
    tick : int
        The coarsest step of all times, in microseconds.
    naive, twice, skipped, finer : int
        Times read in the zone; in an hour the clocks show twice, or never; finer than a microsecond.
    bot_customers, bot_events : int
        Customers of inhuman speed and their events; -1 when times are too coarse to say.
    before, after, ahead, impossible : int
        Events before the study's window, after its end, later than their receipt, or before 1990.
    joined_ids, joined_events, left_ids, left_events, shared_ids : int
        Anonymous ids joined to a customer, left as visitors of their own, or belonging to several customers.
    first, last : int
        First and last moment, UTC microseconds.
    time_zone : str
        The zone that days and hours are counted in.
    """

    files: tuple[str, ...] = ()
    rows_read: int = 0
    rows_kept: int = 0
    outside: int = 0
    repeats: int = 0
    repeats_kept: bool = False
    order: str = "file_order"
    pairs: int = 0
    ties: int = 0
    unsettled: int = 0
    tick: int = 1
    naive: int = 0
    twice: int = 0
    skipped: int = 0
    finer: int = 0
    bot_customers: int = 0
    bot_events: int = 0
    before: int = 0
    after: int = 0
    ahead: int = 0
    impossible: int = 0
    joined_ids: int = 0
    joined_events: int = 0
    left_ids: int = 0
    left_events: int = 0
    shared_ids: int = 0
    first: int = 0
    last: int = 0
    time_zone: str = "UTC"
    further: tuple[str, ...] = field(default=())

    @property
    def dropped(self) -> dict[str, int]:
        """Rows dropped by reason."""
        return {REPEATED: self.repeats} if self.repeats and not self.repeats_kept else {}

    @property
    def tie_share(self) -> float:
        """Share of neighbouring events of a customer whose order is not settled by time; NaN without any."""
        return self.ties / self.pairs if self.pairs else float("nan")

    def notes(self) -> list[str]:
        """Say everything worth knowing, one sentence each."""
        return [*self._time(), *self._order(), *self._people(), *self._clocks(), *self.further]

    def _time(self) -> Iterator[str]:
        first, last = (
            pd.Timestamp(at, unit="us", tz="UTC").tz_convert(self.time_zone).strftime("%Y-%m-%d %H:%M:%S")
            for at in (self.first, self.last)
        )
        yield f"from {first} to {last} ({self.time_zone}), in steps of {spoken(self.tick)}"
        if self.naive:
            odd = [f"{self.twice:,} in an hour shown twice"] if self.twice else []
            odd += [f"{self.skipped:,} in an hour that never was"] if self.skipped else []
            rule = f"; {' and '.join(odd)}, read with the offset before the change" if odd else ""
            yield f"{counted(self.naive, 'time')} without an offset, read in the declared zone{rule}"
        if self.finer:
            yield f"{counted(self.finer, 'time')} finer than a microsecond, cut to it"

    def _order(self) -> Iterator[str]:
        if self.repeats and self.repeats_kept:
            yield f"{counted(self.repeats, 'row')} {REPEATED}, kept"
        if self.pairs:
            rule = self.order.replace("_", " ")
            share = f"{self.ties:,} of {self.pairs:,} ({self.tie_share:.1%})"
            yield f"neighbouring events of one moment: {share}, ordered by {rule}"
        if self.unsettled:
            yield f"{counted(self.unsettled, 'event')} share even that, ordered by name and content"

    def _people(self) -> Iterator[str]:
        if self.joined_ids or self.left_ids or self.shared_ids:
            yield (
                f"{counted(self.joined_ids, 'anonymous id')} joined to a customer "
                f"({counted(self.joined_events, 'event')}), {self.left_ids + self.shared_ids:,} not "
                f"({counted(self.left_events, 'event')}), kept as visitors of their own"
            )
        if self.shared_ids:
            yield f"{counted(self.shared_ids, 'anonymous id')} of several customers, not joined"
        if self.bot_customers > 0:
            events = counted(self.bot_events, "event")
            yield f"{counted(self.bot_customers, 'likely bot')} ({events}), flagged and kept"
        elif self.bot_customers < 0:
            yield "bots cannot be told: times are not finer than a minute"

    def _clocks(self) -> Iterator[str]:
        said = {
            "before the study's window": self.before,
            "after its end": self.after,
            "later than their receipt": self.ahead,
            "before 1990": self.impossible,
        }
        found = [f"{n:,} {words}" for words, n in said.items() if n]
        if found:
            yield f"clocks: events {', '.join(found)}, flagged and kept"
