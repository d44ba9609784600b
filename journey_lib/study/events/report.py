"""What was met while a log was put in order: counts, and the sentences of the load report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.study.durations import length

if TYPE_CHECKING:
    from collections.abc import Iterator

REPEATED = message("equal to another row in every column").key


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
        What settles ties: "file_order", "seq" or "priority"; "content" on a cluster without either.
    pairs, ties, unsettled : int
        Neighbouring events of one customer; those of one moment with different names; those of one moment
        that the declared rule leaves equal and a fixed rule of ours settled.
    tick : int
        The coarsest step of all times, in microseconds.
    naive, twice, skipped, finer : int
        Times read in the zone; in an hour the clocks show twice, or never; finer than a microsecond.
    bot_customers, bot_events : int
        Customers of inhuman speed and their events; -1 when times are too coarse to say.
    before, after, ahead, impossible, future : int
        Events before the study's window, after its end, later than their receipt, before 1990, or later than
        the moment of reading.
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
    future: int = 0
    joined_ids: int = 0
    joined_events: int = 0
    left_ids: int = 0
    left_events: int = 0
    shared_ids: int = 0
    first: int = 0
    last: int = 0
    time_zone: str = "UTC"
    further: tuple[Message | str, ...] = field(default=())

    @property
    def dropped(self) -> dict[str, int]:
        """Rows dropped by reason."""
        return {REPEATED: self.repeats} if self.repeats and not self.repeats_kept else {}

    @property
    def tie_share(self) -> float:
        """Share of neighbouring events of a customer whose order is not settled by time; NaN without any."""
        return self.ties / self.pairs if self.pairs else float("nan")

    def notes(self) -> list[Message | str]:
        """Say everything worth knowing, one sentence each."""
        return [*self._time(), *self._order(), *self._people(), *self._clocks(), *self.further]

    def _time(self) -> Iterator[Message]:
        first, last = (
            pd.Timestamp(at, unit="us", tz="UTC").tz_convert(self.time_zone).strftime("%Y-%m-%d %H:%M:%S")
            for at in (self.first, self.last)
        )
        yield message(
            "from {first} to {last} ({zone}), in steps of {step}",
            first=first, last=last, zone=self.time_zone, step=length(self.tick),
        )  # fmt: skip
        if self.naive:
            yield self._naive()
        with_offset = self.rows_read - self.outside - self.naive
        if self.naive and with_offset > 0:
            yield message(
                "two kinds of clock in one log: {n} times do carry an offset", n=Quantity(with_offset)
            )
        if self.finer:
            yield plural("{n} time finer than a microsecond, cut to it",
                         "{n} times finer than a microsecond, cut to it", n=Quantity(self.finer))  # fmt: skip

    def _naive(self) -> Message:
        words = plural("{n} time without an offset, read in the declared zone",
                       "{n} times without an offset, read in the declared zone",
                       n=Quantity(self.naive))  # fmt: skip
        twice = message("{n} in an hour shown twice", n=Quantity(self.twice))
        skipped = message("{n} in an hour that never was", n=Quantity(self.skipped))
        if not (self.twice or self.skipped):
            return words
        odd = skipped if not self.twice else twice
        if self.twice and self.skipped:
            odd = message("{a} and {b}", a=twice, b=skipped)
        return message("{times}; {odd}, read with the offset before the change", times=words, odd=odd)

    def _order(self) -> Iterator[Message]:
        if self.repeats and self.repeats_kept:
            yield plural("{n} row equal to another row in every column, kept",
                         "{n} rows equal to another row in every column, kept",
                         n=Quantity(self.repeats))  # fmt: skip
        if self.pairs:
            yield message(
                "neighbouring events of one moment: {ties} of {pairs} ({share}), ordered by {rule}",
                ties=Quantity(self.ties), pairs=Quantity(self.pairs),
                share=Quantity(self.tie_share, "share", 1), rule=RULES[self.order],
            )  # fmt: skip
        if self.unsettled:
            yield plural("{n} event shares even that, ordered by name and content",
                         "{n} events share even that, ordered by name and content",
                         n=Quantity(self.unsettled))  # fmt: skip

    def _people(self) -> Iterator[Message]:
        if self.joined_ids or self.left_ids or self.shared_ids:
            yield message(
                "{joined} joined to a customer ({events}), {left} not ({others}), kept as visitors of "
                "their own",
                joined=_ids(self.joined_ids), events=_events(self.joined_events),
                left=Quantity(self.left_ids + self.shared_ids), others=_events(self.left_events),
            )  # fmt: skip
        if self.shared_ids:
            yield message("{ids} of several customers, not joined", ids=_ids(self.shared_ids))
        if self.bot_customers > 0:
            bots = plural("{n} likely bot", "{n} likely bots", n=Quantity(self.bot_customers))
            yield message("{bots} ({events}), flagged and kept", bots=bots, events=_events(self.bot_events))
        elif self.bot_customers < 0:
            yield message("bots cannot be told: times are not finer than a minute")

    def _clocks(self) -> Iterator[Message]:
        said = (
            (self.before, message("{n} before the study's window", n=Quantity(self.before))),
            (self.after, message("{n} after its end", n=Quantity(self.after))),
            (self.ahead, message("{n} later than their receipt", n=Quantity(self.ahead))),
            (self.impossible, message("{n} before 1990", n=Quantity(self.impossible))),
            (self.future, message("{n} later than this reading", n=Quantity(self.future))),
        )
        found = Names(tuple(words for n, words in said if n))
        if found.names:
            yield message("clocks: events {found}, flagged and kept", found=found)


RULES: Final = {
    "file_order": message("file order"),
    "seq": message("the numbers in seq"),
    "priority": message("priority"),
    "content": message("name and content"),
}


def _ids(n: int) -> Message:
    return plural("{n} anonymous id", "{n} anonymous ids", n=Quantity(n))


def _events(n: int) -> Message:
    return plural("{n} event", "{n} events", n=Quantity(n))
