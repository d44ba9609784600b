"""From checked raw columns to an `EventLog`: ids, order, ties, repeats, flags."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.study.durations import UNITS
from journey_lib.study.events import flags as odd
from journey_lib.study.events import order as ordering
from journey_lib.study.events.digest import hashed
from journey_lib.study.events.identity import Coded, Stitched, clash_problems, stitch
from journey_lib.study.events.later import Columns
from journey_lib.study.events.log import EventLog, Further
from journey_lib.study.events.pool import Pool
from journey_lib.study.events.prepare import Prepared, type_problems
from journey_lib.study.events.read import release
from journey_lib.study.events.report import EventReport
from journey_lib.study.events.times import Times, added, check_zone, midnight

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

TIES = ("file_order", "seq", "priority")


@dataclass(frozen=True)
class Plan:
    """How a log is put in order; `start` and `end` are the window in UTC microseconds, `end` outside it.

    `ordered` says that rows come in an order of their own: those of files do, those of a cluster do not. What
    it and the rule for ties leave open is settled by the content of the events. `now` is the moment of
    reading; nothing can have happened later.
    """

    time_zone: str = "UTC"
    ties: str = "file_order"
    priority: tuple[str, ...] = ()
    keep_repeats: bool = False
    start: int | None = None
    end: int | None = None
    id_map: pd.DataFrame | None = None
    ordered: bool = True
    now: int = 0

    @property
    def rule(self) -> str:
        """What settles ties, as the report names it."""
        return self.ties if self.ordered or self.ties != "file_order" else "content"


def planned(
    time_zone: str,
    ties: str = "file_order",
    priority: Sequence[str] = (),
    duplicates: str = "drop",
    as_of: str = "",
    id_map: pd.DataFrame | None = None,
) -> Plan:
    """Return the plan these words describe, or say which of them are unknown."""
    check_zone(time_zone)
    problems = []
    for name, given, known in (("ties", ties, TIES), ("duplicates", duplicates, ("drop", "keep"))):
        if given not in known:
            problems.append(Problem(name, f"'{given}'", ", ".join(known), nearest(given, known)))
    if (ties == "priority") != bool(priority):
        problems.append(Problem("priority", "stands without ties = priority, or is missing beside it"))
    missing = [c for c in ("anonymous_id", "customer_id") if id_map is not None and c not in id_map]
    problems += [Problem("id_map", f"has no column '{name}'") for name in missing]
    if problems:
        raise ParamError(problems)
    end = midnight(_day(as_of), time_zone, days_later=1) if as_of else None
    now = time.time_ns() // 1000
    return Plan(time_zone, ties, tuple(priority), duplicates == "keep", None, end, id_map, now=now)


class Options(TypedDict, total=False):
    """What a caller may say about a frame or a file; `EventLog.from_frame` explains each."""

    customer: str
    event: str
    time: str
    seq: str | None
    ties: str
    priority: Sequence[str]
    duplicates: str
    as_of: str
    id_map: pd.DataFrame | None
    channel: str
    anonymous: str
    received: str


def settled(time_zone: str, given: Options) -> tuple[dict[str, str], Plan]:
    """Return canonical name = column, and the plan; a column `seq` that is named is the rule for ties."""
    seq = given.get("seq") or ("seq" if given.get("ties") == "seq" else "")
    plan = planned(
        time_zone,
        "seq" if seq else given.get("ties", "file_order"),
        given.get("priority", ()),
        given.get("duplicates", "drop"),
        given.get("as_of", ""),
        given.get("id_map"),
    )
    names = {
        "customer_id": given.get("customer", "customer_id"),
        "event": given.get("event", "event"),
        "time": given.get("time", "time"),
        "channel": given.get("channel", "channel"),
        "anonymous_id": given.get("anonymous", "anonymous_id"),
        "received_at": given.get("received", "received_at"),
    }
    return names | ({"seq": seq} if seq else {}), plan


def _day(text: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(pd.to_datetime(text, format="%Y-%m-%d"))
    except ValueError:
        raise ParamError(Problem("as_of", f"'{text}'", "an ISO date such as 2025-01-31")) from None


@dataclass
class Rows:
    """Rows of whole customers, coded; in the order they were read, or with `row`, their places in it."""

    people: Stitched
    event: Coded
    channel: Coded
    times: Times
    received: np.ndarray | None
    further: Further
    seq: pd.Series | None
    row: np.ndarray | None = None


def build(parts: Sequence[Prepared], plan: Plan, pool: Pool, report: EventReport | None = None) -> EventLog:
    """Put the rows of all parts in order, once.

    Parameters
    ----------
    parts : sequence of Prepared
        Files in the order in which their rows count.
    plan : Plan
        Zone, tie rule, window.
    pool : Pool
        What the parts were prepared with.
    report : EventReport, optional
        What reading the files already told.

    Raises
    ------
    DataError
        Everything wrong with the parts, at once.
    """
    problems = [problem for part in parts for problem in part.problems]
    if not problems and not any(map(len, parts)):
        problems.append(Problem("events", "holds no events", action="Put the export there again"))
    problems = problems or list(type_problems(parts))
    if problems:
        raise DataError(problems)
    rows = _coded([part for part in parts if len(part)], plan, pool)
    del parts
    return assemble(rows, plan, report or EventReport(), ordering.tick_of(rows.times.values))


def assemble(rows: Rows, plan: Plan, told: EventReport, tick: int) -> EventLog:
    """Put rows of whole customers in order, drop repeats, flag what is odd.

    Parameters
    ----------
    rows : Rows
        All of the log, or some customers of it.
    plan : Plan
        Tie rule, window, repeats.
    told : EventReport
        What reading told.
    tick : int
        The step in which all times of the whole log are whole.
    """
    order, starts, unsettled = _ordered(rows, tick, plan)
    repeat = _repeats(rows, order, starts)
    del starts
    told = _counts(told, rows, tick, plan, int(repeat.sum()), unsettled)
    kept = order if plan.keep_repeats or not told.repeats else order[~repeat]
    del order, repeat
    return _log(rows, kept, plan, told)


def _coded(parts: Sequence[Prepared], plan: Plan, pool: Pool) -> Rows:
    customer, event = pool.coded("customer_id"), pool.coded("event")
    assert customer is not None  # noqa: S101  # `prepare` refuses a part without them
    assert event is not None  # noqa: S101
    people = stitch(customer, pool.coded("anonymous_id"), plan.id_map)
    problems = list(clash_problems(people, "events, column 'anonymous_id'"))
    if problems:
        raise DataError(problems)
    nowhere = Coded(np.full(len(people.joined), -1, dtype=np.int16), pd.Index([], dtype="str"))
    moments = pool.moments("time")
    assert moments is not None  # noqa: S101
    times = Times(moments, **added(part.times for part in parts))
    rows = Rows(
        people, event, pool.coded("channel") or nowhere, times, pool.moments("received_at"), *_further(parts)
    )
    release()
    return rows


def _further(parts: Sequence[Prepared]) -> tuple[Further, pd.Series | None]:
    """Return the further columns of all parts, and the numbers that order ties."""
    if any(part.later for part in parts):
        numbers = [part.frame["seq"] for part in parts if "seq" in part.frame]
        further = Columns([(part.frame, part.later) for part in parts])
        return further, pd.concat(numbers, ignore_index=True) if len(numbers) == len(parts) else None
    frame = pd.concat([part.frame for part in parts]) if len(parts) > 1 else parts[0].frame
    frame = frame.reset_index(drop=True)
    return frame[[name for name in frame.columns if name != "seq"]], frame.get("seq")


def _ordered(rows: Rows, tick: int, plan: Plan) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the order, where customer or time changes in it, and how many rows the rule leaves equal."""
    moment = rows.times.values
    order, starts = ordering.event_order(
        rows.people.customer.codes, moment, first=int(moment.min()), tick=tick
    )
    where = ordering.tied_rows(starts)
    order = ordering.settle(order, starts, _declared(rows, order[where], plan))
    if (plan.ordered and plan.ties != "seq") or not len(where):
        return order, starts, 0
    finer = starts.copy()
    finer[where] = ordering.starts_of(np.cumsum(starts[where]), *_declared(rows, order[where], plan))
    alike = ordering.tied_rows(finer)
    tied = order[alike]
    content = [rows.event.codes[tied], rows.channel.codes[tied], rows.people.joined[tied]]
    content += [hashed(_peek(rows.further, name).take(tied)) for name in rows.further if len(tied)]
    return ordering.settle(order, finer, content), starts, int(np.count_nonzero(~finer[where]))


def _peek(further: Further, name: Hashable) -> pd.Series:
    """Return a further column without keeping it in memory."""
    return further.read(str(name)) if isinstance(further, Columns) else further[str(name)]


def _declared(rows: Rows, which: np.ndarray, plan: Plan) -> list[np.ndarray]:
    """Return what the declared rule says of some rows; nothing when it is the order in which they came."""
    if plan.ties == "seq" and rows.seq is not None:
        return [rows.seq.to_numpy()[which]]
    placed = [] if rows.row is None or not plan.ordered else [rows.row[which]]
    if plan.ties != "priority":
        return placed
    rank = {name: place for place, name in enumerate(plan.priority)}
    ranks = np.array([rank.get(name, len(rank)) for name in rows.event.labels])
    return [ranks[rows.event.codes[which]], *placed]


def _repeats(rows: Rows, order: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Mark, in order, rows equal to an earlier one in every column; only tied rows can be."""
    tied = ordering.tied_rows(starts)
    where = order[tied]
    found = np.zeros(len(order), dtype=bool)
    run = np.cumsum(starts[tied])
    columns = pd.DataFrame({"run": run, "event": rows.event.codes[where]}, index=pd.RangeIndex(len(tied)))
    columns = columns.assign(channel=rows.channel.codes[where], joined=rows.people.joined[where])
    if rows.seq is not None:
        columns["seq"] = rows.seq.to_numpy()[where]
    columns = columns[columns.duplicated(keep=False)]
    for name in rows.further:  # one after the other: few rows are still alike after the first
        if columns.empty:
            return found
        column = _peek(rows.further, name).take(where[columns.index])
        values = (column.astype("str") if column.dtype == object else column).array
        columns = columns.assign(**{f"x:{name}": values})
        columns = columns[columns.duplicated(keep=False)]
    found[tied[columns.index[columns.duplicated()]]] = True
    return found


def _counts(
    told: EventReport, rows: Rows, tick: int, plan: Plan, repeats: int, unsettled: int
) -> EventReport:
    times, people = rows.times, rows.people
    read = len(times.values)
    left = 0 if people.known.all() else int(np.count_nonzero(~people.known[people.customer.codes]))
    return replace(
        told, rows_read=told.rows_read or read, rows_kept=read - (0 if plan.keep_repeats else repeats),
        repeats=repeats, repeats_kept=plan.keep_repeats, order=plan.rule, tick=tick,
        unsettled=unsettled if plan.keep_repeats else max(unsettled - repeats, 0),
        naive=times.naive, twice=times.twice, skipped=times.skipped, finer=times.finer,
        joined_ids=people.ids_joined, joined_events=int(people.joined.sum()), left_ids=people.ids_left,
        left_events=left, shared_ids=people.ids_shared,
        first=int(times.values.min()), last=int(times.values.max()), time_zone=plan.time_zone,
    )  # fmt: skip


def _log(rows: Rows, order: np.ndarray, plan: Plan, report: EventReport) -> EventLog:
    """Bring one column after the other into order, and let go of it as it was read."""
    offsets = _offsets(rows.people.customer, order)
    rows.people = people = rows.people.without_codes()
    moment = rows.times.values[order]
    rows.times = Times(moment[:0])
    rows.event = event = _narrow(rows.event, order)
    rows.channel = channel = _narrow(rows.channel, order)
    received = None if rows.received is None else rows.received[order]
    flags = odd.clock_flags(moment, start=plan.start, end=plan.end, received=received)
    if people.joined.any():
        flags[people.joined[order]] |= np.uint8(odd.Flag.JOINED)
    fine = report.tick < UNITS["minute"]
    bots = odd.bots(offsets, moment) if fine else np.zeros(len(offsets) - 1, dtype=bool)
    told = replace(
        report, pairs=max(len(moment) - int(np.count_nonzero(np.diff(offsets))), 0),
        ties=_ties(offsets, moment, event.codes),
        bot_customers=int(bots.sum()) if fine else -1, bot_events=int(np.diff(offsets)[bots].sum()),
        before=_met(flags, odd.Flag.BEFORE_START), after=_met(flags, odd.Flag.AFTER_END),
        ahead=_met(flags, odd.Flag.AFTER_RECEIPT), impossible=_met(flags, odd.Flag.IMPOSSIBLE),
        future=int(np.count_nonzero(moment > plan.now)),
    )  # fmt: skip
    return EventLog(
        customers=people.customer.labels, offsets=offsets, time=moment, event=event.codes,
        channel=channel.codes, names=tuple(event.labels), channels=tuple(channel.labels), flags=flags,
        row=order, bots=bots, known=people.known, time_zone=plan.time_zone, report=told,
        _further=rows.further,
    )  # fmt: skip


def _offsets(customer: Coded, order: np.ndarray) -> np.ndarray:
    """Return where the events of each customer begin once they are in order."""
    kept = customer.codes if len(order) == len(customer.codes) else customer.codes[order]
    sizes = np.bincount(kept, minlength=len(customer.labels))
    return np.append(0, np.cumsum(sizes)).astype(np.int64)


def _ties(offsets: np.ndarray, moment: np.ndarray, event: np.ndarray) -> int:
    """Count neighbouring events of one customer and one moment with different names."""
    tied = moment[1:] == moment[:-1]
    tied &= event[1:] != event[:-1]
    others = offsets[1:-1]
    tied[others[(others > 0) & (others < len(moment))] - 1] = False
    return int(np.count_nonzero(tied))


def _met(flags: np.ndarray, flag: odd.Flag) -> int:
    return int(np.count_nonzero(flags & np.uint8(flag)))


def _narrow(coded: Coded, order: np.ndarray) -> Coded:
    """Return a coded column in order, in as few bytes as its labels need."""
    kind = np.int16 if len(coded.labels) < 2**15 else np.int32
    if not len(coded.labels):
        return Coded(np.full(len(order), -1, dtype=kind), coded.labels)
    return Coded(coded.codes[order].astype(kind, copy=False), coded.labels)
