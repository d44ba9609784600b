"""A funnel in plain Python: every subsequence of a short log is tried, as the definition says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from journey_lib.stats.kernels.funnel import Funnel


@dataclass(frozen=True)
class Event:
    """One event of one customer; `row` is its place in the customer's order."""

    row: int
    time: int
    name: int


@dataclass(frozen=True)
class Match:
    """Events that make the required steps up to one of them."""

    events: tuple[Event, ...]

    @property
    def entry(self) -> Event:
        return self.events[0]

    @property
    def end(self) -> Event:
        return self.events[-1]


def history(names: list[tuple[int, int]]) -> list[Event]:
    """Return (time, name) pairs in the customer's order as events."""
    return [Event(row, time, name) for row, (time, name) in enumerate(names)]


def follows(funnel: Funnel, events: list[Event], a: Event, b: Event) -> bool:
    """Tell whether the rules let `b` be the step right after `a`, limits of time aside."""
    if funnel.ties == "either":
        return a.time <= b.time and a != b
    if funnel.ties == "strict_time" and a.time == b.time:
        return False
    if funnel.order == "strict":
        kept = [e for e in events if e.name not in funnel.ignored]
        return kept.index(b) - kept.index(a) == 1
    return a.row < b.row


def between(funnel: Funnel, x: Event, a: Event, b: Event | None) -> bool:
    """Tell whether `x` lies strictly between two events, or after the first where there is no second."""
    if funnel.ties == "either":
        return a.time < x.time and (b is None or x.time <= b.time)
    return a.row < x.row and (b is None or x.row < b.row)


def matches(funnel: Funnel, events: list[Event], entry: Event, step: int) -> Iterator[Match]:
    """Yield every match of the required steps before `step`, and of `step`, from one entry."""
    if step == 0:
        yield Match((entry,))
        return
    came = funnel.before(step)
    for match in matches(funnel, events, entry, came):
        for event in events:
            if event.name in funnel.steps[step] and allowed(funnel, events, match, came, event, step):
                yield Match((*match.events, event))


def allowed(funnel: Funnel, events: list[Event], match: Match, came: int, event: Event, step: int) -> bool:
    """Tell whether an event can be the next step of a match."""
    if event in match.events or not follows(funnel, events, match.end, event):
        return False
    since = event.time - match.end.time
    if not funnel.gap(step) <= since <= funnel.limit(step):
        return False
    if event.time - match.entry.time > funnel.window:
        return False
    return not void(funnel, events, match, came, event, step)


def void(
    funnel: Funnel, events: list[Event], match: Match, came: int, event: Event | None, step: int
) -> bool:
    """Tell whether an exclusion lies between the last step of a match and the next, or the end of the log."""
    for x in funnel.exclude:
        spans = x.after <= came and step <= x.before
        if spans and any(e.name in x.events and between(funnel, e, match.end, event) for e in events):
            return True
    return False


def entries(funnel: Funnel, events: list[Event], until: int, *, mature: bool = False) -> list[Event]:
    """Return the entries that count, by the rule of the funnel."""
    found = [e for e in events if e.name in funnel.steps[0] and funnel.first <= e.time <= funnel.last]
    if funnel.entry == "first":
        found = found[:1]
    if funnel.entry == "all":
        found = attempts(funnel, events, found)
    return [e for e in found if not mature or until - e.time >= funnel.window]


def attempts(funnel: Funnel, events: list[Event], found: list[Event]) -> list[Event]:
    """Return entries one after another, each after the one before is complete or out of time."""
    taken: list[Event] = []
    for entry in found:
        if taken:
            last = taken[-1]
            done = [m.end for m in matches(funnel, events, last, max(funnel.required))]
            if done:
                end = min(done, key=lambda e: (e.time, e.row))
                over = _order(funnel, entry, 0) > _order(funnel, end, max(funnel.required))
            else:
                over = entry.time > last.time + funnel.window
            if not over:
                continue
        taken.append(entry)
    return taken


def _order(funnel: Funnel, event: Event, step: int) -> tuple[int, int, int]:
    """Return what orders events: their rows, or where ties suit the funnel their time and step."""
    return (event.time, step, event.row) if funnel.ties == "either" else (event.row, 0, 0)


def reached(funnel: Funnel, events: list[Event], entry: Event, step: int) -> bool:
    return any(True for _ in matches(funnel, events, entry, step))


def may_reach(funnel: Funnel, events: list[Event], entry: Event, step: int, until: int) -> bool:
    """Tell whether events after the last instant observed could still lead from an entry to a step."""
    if step == 0:
        return False
    came = funnel.before(step)
    for match in matches(funnel, events, entry, came):
        in_time = until - match.entry.time < funnel.window and until - match.end.time < funnel.limit(step)
        kept = [e for e in events if e.name not in funnel.ignored]
        last = funnel.order != "strict" or (bool(kept) and kept[-1] == match.end)
        if in_time and last and not void(funnel, events, match, came, None, step):
            return True
    return may_reach(funnel, events, entry, came, until)


def anchors(funnel: Funnel, events: list[Event], until: int, *, mature: bool = False) -> list[Event]:
    """Return what may open the window when the order is free."""
    codes = {code for k in funnel.required for code in funnel.steps[k]}
    found = [e for e in events if e.name in codes and funnel.first <= e.time <= funnel.last]
    found = found[:1] if funnel.entry == "first" else found
    return [e for e in found if not mature or until - e.time >= funnel.window]


def seen_from(funnel: Funnel, events: list[Event], anchor: Event, step: int) -> bool:
    """Tell whether the required steps up to `step` find events of their own in the anchor's window."""
    inside = [e for e in events if anchor.time <= e.time <= anchor.time + funnel.window]
    wanted = [k for k in funnel.required if k < step] + [step]

    def place(steps: list[int], free: list[Event]) -> bool:
        if not steps:
            return True
        return any(
            place(steps[1:], [f for f in free if f != e]) for e in free if e.name in funnel.steps[steps[0]]
        )

    return place(wanted, inside)
