"""What every event measure says of its base, and the doubts that all of them share."""

from __future__ import annotations

import time
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.present.result import Check, Status
from journey_lib.present.wording import Message, Quantity, day, message, plural
from journey_lib.stats.kernels.coverage import DayCounts, empty_runs
from journey_lib.study.calendar import calendar

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.engine.observed import Observed
    from journey_lib.study.events import EventReport

EVERYBODY = message("All customers")
MANY_TIES, MANY_UNKNOWN, MANY_BOTS, WRONG_CLOCKS = 0.05, 0.10, 0.05, 0.01  # shares from which to watch
LONG_GAP, MISSED = 3, 20  # days in a row without any event, and how many of them were to be expected


def basis_lines(study: Study, observed: Observed) -> list[tuple[Message, Message]]:
    """Return unit, counted, left out, window, order and time zone, as the first lines of a basis.

    Parameters
    ----------
    study : Study
        Its language writes the days.
    observed : Observed
        Whose events count.

    Returns
    -------
    list of (Message, Message)
        Term and description.
    """
    return [
        (message("Unit"), message("One customer, with all events in the window")),
        (message("Counted"), _counted(observed)),
        (message("Left out"), _left_out(observed)),
        (message("Window"), _window(study, observed)),
        (message("Order"), _order(observed.log.report)),
        (message("Time"), message("Calendar days in {zone}", zone=observed.time_zone)),
    ]


def common_checks(study: Study, observed: Observed) -> tuple[Check, ...]:
    """Return what may be wrong with any reading of a log: ties, visitors, bots, clocks, holes, window.

    Parameters
    ----------
    study : Study
        Its language writes the days.
    observed : Observed
        Whose events count.

    Returns
    -------
    tuple of Check
    """
    report = observed.log.report
    found = (
        _ties(report), _unknown(observed), _bots(report), _clocks(observed), _coverage(study, observed),
        _assumed(study, observed),
    )  # fmt: skip
    return tuple(check for check in found if check)


def customers(observed: Observed) -> int:
    """Return how many customers are counted."""
    return observed.log.n_customers - sum(observed.left_out.values())


def _counted(observed: Observed) -> Message:
    n, unknown = customers(observed), observed.unknown
    words = plural("{n} customer", "{n} customers", n=Quantity(n))
    if not unknown:
        return words
    return message("{customers}; {unknown} of them never said who they are",
                   customers=words, unknown=Quantity(unknown))  # fmt: skip


def _left_out(observed: Observed) -> Message:
    told = observed.left_out
    bots, unknown, outside = (Quantity(told.get(name, 0)) for name in ("bots", "unknown", "segment"))
    parts = [
        words
        for n, words in (
            (bots, plural("{n} bot, by its inhuman speed", "{n} bots, by their inhuman speed", n=bots)),
            (unknown, plural("{n} unknown visitor", "{n} unknown visitors", n=unknown)),
            (
                outside,
                plural("{n} customer outside the segment", "{n} customers outside the segment", n=outside),
            ),
        )
        if n.value
    ]  # fmt: skip
    return reduce(lambda one, two: message("{a}; {b}", a=one, b=two), parts) if parts else message("Nobody")


def _window(study: Study, observed: Observed) -> Message:
    first, last = (_day(study, observed, at) for at in (observed.start, observed.end))
    if observed.assumed:
        return message("{first} to {last}, from first to last event", first=first, last=last)
    if study.ended_early:
        return message("{first} to {last}, the day this run speaks for", first=first, last=last)
    return message("{first} to {last}, as declared", first=first, last=last)


def _day(study: Study, observed: Observed, at: int) -> str:
    moment = pd.Timestamp(at, unit="us", tz="UTC").tz_convert(observed.time_zone)
    return day(moment.date(), study.language)


def _order(report: EventReport) -> Message:
    rules = {
        "file_order": message("By time, then by the order in the files"),
        "seq": message("By time, then by the numbers in seq"),
        "priority": message("By time, then by the declared priority of events"),
        "content": message("By time, then by name and content of the event"),
    }
    return rules[report.order]


def _ties(report: EventReport) -> Check | None:
    if not report.pairs:
        return None
    share = report.ties / report.pairs
    status: Status = "watch" if report.unsettled or share > MANY_TIES else "passed"
    title = (
        message("The order of events is settled") if status == "passed" else message("Some order is a rule")
    )
    text = message(
        "{share} of neighbouring events carry the same time. Rule: {rule}.",
        share=Quantity(share, "share", 1), rule=_order(report),
    )  # fmt: skip
    if report.unsettled:
        left = message("{n} events share even that and stand by name.", n=Quantity(report.unsettled))
        text = message("{a} {b}", a=text, b=left)
    return Check("ties", status, title, text)


def _unknown(observed: Observed) -> Check:
    n, unknown = customers(observed), observed.unknown
    share = unknown / n if n else 0.0
    status: Status = "watch" if share > MANY_UNKNOWN else "passed"
    title = (
        message("Many visitors never said who they are")
        if status == "watch"
        else message("Few visitors never said who they are")
    )
    text = message(
        "{share} of those counted were never joined to a customer; who came back under a name counts twice. "
        "Set `visitors` to known to see the result without them.",
        share=Quantity(share, "share", 1),
    )
    return Check("unknown_visitors", status, title, text)


def _bots(report: EventReport) -> Check:
    if report.bot_customers < 0:
        words = message("Times are not finer than a minute, so inhuman speed does not show.")
        return Check("bots", "not_assessable", message("Bots cannot be told"), words)
    share = report.bot_events / report.rows_kept if report.rows_kept else 0.0
    status: Status = "watch" if share > MANY_BOTS else "passed"
    text = message(
        "{n} likely bots with {share} of all events are left out.",
        n=Quantity(report.bot_customers), share=Quantity(share, "share", 1),
    )  # fmt: skip
    return Check("bots", status, message("Bots are left out"), text)


def _clocks(observed: Observed) -> Check:
    report = observed.log.report
    wrong = report.ahead + report.impossible + report.future
    share = wrong / report.rows_kept if report.rows_kept else 0.0
    sure = report.impossible + report.future
    status: Status = "watch" if sure or share > WRONG_CLOCKS else "passed"
    title = message("Clocks agree") if status == "passed" else message("Some clocks are wrong")
    text = message(
        "{ahead} events are later than their receipt, {future} in the future, {impossible} before 1990, "
        "{outside} outside the window.",
        ahead=Quantity(report.ahead), future=Quantity(report.future), impossible=Quantity(report.impossible),
        outside=Quantity(report.before + report.after),
    )  # fmt: skip
    if sure and observed.assumed:
        text = message("{a} {b}", a=text, b=message("Those of the future and before 1990 do not count."))
    return Check("clocks", status, title, text)


def _coverage(study: Study, observed: Observed) -> Check | None:
    """Say whether the log ends before its window does, or misses days in between."""
    until = min(observed.end, time.time_ns() // 1000)
    if not observed.n_events or until <= observed.start:
        return None
    days = calendar(observed.start, until, "day", observed.time_zone)
    counts = observed.run(DayCounts(days.edges))
    busy = float(np.median(counts[counts > 0])) if counts.any() else 0.0
    starts, lengths = empty_runs(counts)
    long = (lengths >= LONG_GAP) & (lengths * busy >= MISSED)
    if not len(lengths):
        text = message("Each of {days} days has events.", days=Quantity(len(counts)))
        return Check("coverage", "passed", message("The log has no holes"), text)
    at = int(np.argmax(np.where(long, lengths, 0) if long.any() else lengths))
    first, last = (
        _day(study, observed, int(days.edges[place])) for place in (starts[at], starts[at] + lengths[at] - 1)
    )
    empty = plural("{n} of {days} days has no event", "{n} of {days} days have no event",
                   n=Quantity(int(lengths.sum())), days=Quantity(len(counts)))  # fmt: skip
    text = message(
        "{empty}; the longest stretch without any is {length}, {first} to {last}.",
        empty=empty, length=_days(int(lengths[at])), first=first, last=last,
    )  # fmt: skip
    if lengths.max() == 1:
        text = message("{empty}, never two in a row.", empty=empty)
    if not long.any():
        return Check("coverage", "passed", message("The log has no long holes"), text)
    if long[-1] and starts[-1] + lengths[-1] == len(counts):
        cut = message(
            "The window goes on for {length} after the last event: who came back then counts as gone.",
            length=_days(int(lengths[-1])),
        )
        text = cut if at == len(lengths) - 1 else message("{a} {b}", a=cut, b=text)
        return Check("coverage", "watch", message("The log ends before the window does"), text)
    return Check("coverage", "watch", message("The log has a hole"), text)


def _days(n: int) -> Message:
    return plural("{n} day", "{n} days", n=Quantity(n))


def _assumed(study: Study, observed: Observed) -> Check | None:
    if not observed.assumed:
        return None
    text = message(
        "The study declares no window, so its first and last event stand in: {first} to {last}. What "
        "happened before or after is unknown.",
        first=_day(study, observed, observed.start), last=_day(study, observed, observed.end),
    )  # fmt: skip
    return Check("window", "watch", message("The observation window is assumed"), text)
