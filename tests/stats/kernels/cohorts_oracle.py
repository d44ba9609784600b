"""Retention as a person would count it, customer by customer and event by event."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

from journey_lib.stats.kernels.cohorts import Cohorts

Logs = dict[str, list[tuple[int, int, float]]]  # time, event, value; in the order of the log


@dataclass
class Counted:
    """What the kernel counts, by group, cohort and window; cells nobody is in are left out."""

    members: Counter = field(default_factory=Counter)
    ended: Counter = field(default_factory=Counter)
    followed: Counter = field(default_factory=Counter)
    retained: Counter = field(default_factory=Counter)
    active: Counter = field(default_factory=Counter)
    amount: Counter = field(default_factory=Counter)
    squares: Counter = field(default_factory=Counter)
    moved: int = 0


def counted(kernel: Cohorts, logs: Logs, until: dict[str, int], groups: dict[str, int]) -> Counted:
    """Return the counts of some customers."""
    found = Counted()
    for name, events in logs.items():
        entries = [at for at, (_, event, _) in enumerate(events) if not kernel.entry or event in kernel.entry]
        if entries:
            one(kernel, events, entries[0], until[name], groups.get(name, -1), found)
    return found


def one(
    kernel: Cohorts, events: list[tuple[int, int, float]], entry: int, until: int, code: int, found: Counted
) -> None:
    """Add one customer to the counts."""
    edges = kernel.edges.tolist()
    start = events[entry][0]
    unit = bisect_right(edges, start) - 1
    group = (kernel.levels if code < 0 else code) if kernel.by else 0
    found.members[group, unit] += 1
    if len(kernel.other) and bisect_right(kernel.other.tolist(), start) - 1 != unit:
        found.moved += 1

    def period(time: int) -> int:
        return (time - start) // kernel.block if kernel.block else bisect_right(edges, time) - 1 - unit

    def over(last: int, end: int) -> bool:
        """Whether the last instant of a period is not later than an instant."""
        after = (
            start + (last + 1) * kernel.block if kernel.block else (edges + [10**18] * 99)[unit + last + 1]
        )
        return after - 1 <= end

    later = [
        (at, event, value) for at, event, value in events[entry:] if not kernel.back or event in kernel.back
    ]
    came = {period(at) for at, _, _ in later}
    paid: Counter = Counter()
    for place, (at, event, value) in enumerate(events[entry:]):
        if place == 0 or not kernel.back or event in kernel.back:
            paid[period(at)] += 0.0 if value != value else value
    for window, (low, high) in enumerate(kernel.windows):
        found.ended[group, unit, window] += over(high, kernel.end)
        if over(high, until):
            inside = any(low <= k for k in came) if kernel.later else any(low <= k <= high for k in came)
            amount = sum(paid[k] for k in range(low, high + 1))
            found.followed[group, unit, window] += 1
            found.retained[group, unit, window] += inside
            found.amount[group, unit, window] += amount
            found.squares[group, unit, window] += amount * amount
    if kernel.sticky and over(kernel.sticky, until):
        found.active[group, sum(k in came for k in range(1, kernel.sticky + 1))] += 1
