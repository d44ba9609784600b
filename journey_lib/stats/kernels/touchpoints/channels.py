"""Visits through channels, and what follows them: the same channel again, or another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.kernels.touchpoints.contacts import shares
from journey_lib.stats.kernels.touchpoints.spells import Spells, spells
from journey_lib.stats.kernels.touchpoints.tally import (
    NO_SPLIT,
    Split,
    Sums,
    Table,
    added,
    changes,
    moments,
    pairs,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels import Batch

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Channels:
    """Who comes through which channel, how often, in which stage, and where the next visit comes from.

    Attributes
    ----------
    stage : tuple of int
        Stage that each event name enters, -1 for none.
    stages, channels : int
        How many there are.
    column : str
        Column of the log that holds the channel.
    declared : tuple of int
        In its place, the channel of each event name, -1 for none.
    pause : int
        Microseconds: a longer pause, or another channel, starts a new visit.
    gap : int
        Microseconds: visits further apart do not follow each other.
    group : Split
        What splits the customers.
    mixes : tuple of Split
        As in `Contacts`, of visits (by their first event) or of customers.

    Definition
    ----------
    A visit is a run of one customer's events that have a channel, all with the same one, none more than
    `pause` after the one before; events without a channel neither end nor lengthen it. With `c` a channel:
    `events` are all events and those with a channel. `visits_*[c, g]` over customers reached, with the
    table `visits`. `users[g]` customers with a visit; table `used` the number of their channels.
    `through[s, c]`, `reached[s, c]` visits begun in a stay at stage `s`, and customers with one;
    `present[s]` customers with any. `first[s, c]`, `last[s, c]` of those who moved on, the channel of the
    first and last visit begun in the stay; `present_moved[s]` their base.
    A move is a pair of neighbouring visits of one customer, the second begun at most `gap` after the last
    event of the first. `moves[a, b]` from channel to channel, `movers[a, b]` customers with one,
    `moves_squares` and `moves_rows` sums of n_ab² and n_ab·n_a; `rows[a]`, `rows_squares[a]`,
    `row_movers[a]` sums of n_a and n_a², and customers with any move out of `a`.
    `followers` are customers with any move, and with one to another channel. `after[s, k, done]` stays
    whose first two visits make a move, to the same channel (k = 0) or to another (k = 1), not moved on from
    (done = 0) or moved on from (done = 1).
    """

    stage: tuple[int, ...]
    stages: int
    channels: int
    column: str = ""
    declared: tuple[int, ...] = ()
    pause: int = 1_800_000_000
    gap: int = 2_592_000_000_000
    group: Split = NO_SPLIT
    mixes: tuple[Split, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        named = [split.name for split in (self.group, *self.mixes) if split.name and split.where == "columns"]
        return tuple(dict.fromkeys([self.column, *named] if self.column else named))

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""
        named = [split.name for split in (self.group, *self.mixes) if split.name and split.where == "people"]
        return tuple(dict.fromkeys(named))

    def measure(self, batch: Batch) -> Sums:
        """Return the sums for the customers of one batch."""
        channel = self._channel(batch)
        seen = visits(batch, channel, self.pause)
        stays = spells(batch, self.stage, self.stages)
        arrays = {**_switching(self, seen), **_stages(self, seen, stays)}
        reach, tables = _reach(self, batch, seen)
        for mix in self.mixes:
            arrays |= _mix(self, batch, seen, mix)
        events = np.array([batch.n_events, int((channel >= 0).sum())])
        return Sums({"events": events, **reach, **arrays}, tables)

    def merge(self, one: Sums, other: Sums) -> Sums:
        """Return the sums of both."""
        return one + other

    def _channel(self, batch: Batch) -> npt.NDArray[np.int64]:
        if self.column:
            return np.asarray(batch.columns[self.column]).astype(np.int64)
        declared: npt.NDArray[np.int64] = np.asarray(self.declared, np.int64)[batch.event]
        return declared


@dataclass(frozen=True, eq=False)
class Visits:
    """One entry a visit, customer by customer in order of time.

    Attributes
    ----------
    customer, channel : ndarray of int
        Whose, and through which channel.
    row : ndarray of int
        First event.
    begin, end : ndarray of int64
        Time of first and last event.
    """

    customer: npt.NDArray[Any]
    channel: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    begin: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]

    def followed(self, gap: int) -> npt.NDArray[np.int64]:
        """Return the visits that another one of the same customer follows within `gap`."""
        same = self.customer[1:] == self.customer[:-1]
        near = self.begin[1:] - self.end[:-1] <= gap
        return np.flatnonzero(same & near)


def visits(batch: Batch, channel: npt.NDArray[np.int64], pause: int) -> Visits:
    """Join neighbouring events of one customer and channel into visits.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels import Batch
    >>> time, ids = np.array([0, 5, 6, 20]), pd.Index(["a"])
    >>> batch = Batch(np.array([0, 4]), time, np.zeros(4, int), ids, 0, np.array([20]))
    >>> found = visits(batch, np.array([0, 0, 1, 1]), pause=10)
    >>> found.channel.tolist(), found.begin.tolist(), found.end.tolist()
    ([0, 1, 1], [0, 6, 20], [5, 6, 20])
    """
    rows = np.flatnonzero(channel >= 0)
    who, through, time = batch.codes[rows], channel[rows], batch.time[rows]
    new = changes(who) | changes(through)
    new[1:] |= np.diff(time) > pause
    start = np.flatnonzero(new)
    last = np.append(start[1:], len(rows))[: len(start)] - 1
    return Visits(who[start], through[start], rows[start], time[start], time[last])


def _reach(kernel: Channels, batch: Batch, seen: Visits) -> tuple[Arrays, dict[str, Table]]:
    group, size = kernel.group.of_customers(batch), kernel.group.size
    found = pairs(seen.channel, seen.customer)
    cell = found.code * size + group[found.customer]
    used = np.bincount(found.customer, minlength=batch.n_customers)
    users = np.flatnonzero(used)
    arrays = {
        **moments("visits", cell, (kernel.channels, size), found.count),
        "users": added(group[users], (size,)),
    }
    return arrays, {"visits": Table.of(cell, found.count), "used": Table.of(group[users], used[users])}


def _switching(kernel: Channels, seen: Visits) -> Arrays:
    size = kernel.channels
    left = seen.followed(kernel.gap)
    origin, target, who = seen.channel[left], seen.channel[left + 1], seen.customer[left]
    rows, cells = pairs(origin, who), pairs(origin * size + target, who)
    total = rows.count[rows.number(len(left))[cells.first]]
    row, cell = moments("rows", rows.code, (size,), rows.count), (size, size)
    changers = who[origin != target]
    return {
        "followers": np.array([changes(who).sum(), changes(changers).sum()]),
        "moves": added(cells.code, cell, cells.count),
        "movers": added(cells.code, cell),
        "moves_squares": added(cells.code, cell, cells.count.astype(float) ** 2),
        "moves_rows": added(cells.code, cell, cells.count * total),
        "rows": row["rows_sum"],
        "rows_squares": row["rows_squares"],
        "row_movers": row["rows_n"],
    }


def _stages(kernel: Channels, seen: Visits, stays: Spells) -> Arrays:
    stay = stays.of_event[seen.row]
    here = np.flatnonzero(stays.stage[stay] >= 0)
    stay, channel = stay[here], seen.channel[here]
    shape = (kernel.stages, kernel.channels)
    begun = pairs(channel, stay)
    cell = stays.stage[begun.customer] * kernel.channels + begun.code
    opens = np.flatnonzero(changes(stay))
    closes = np.append(opens[1:], len(stay))[: len(opens)] - 1
    stage, moved = stays.stage[stay[opens]], stays.closed[stay[opens]]
    ends = {"first": opens[moved], "last": closes[moved]}
    return {
        "through": added(cell, shape, begun.count),
        "reached": added(cell, shape),
        "present": added(stage, (kernel.stages,)),
        "present_moved": added(stage[moved], (kernel.stages,)),
        **{name: added(stage[moved] * kernel.channels + channel[at], shape) for name, at in ends.items()},
        "after": _after(kernel, seen, stays, here[opens]),
    }


def _after(kernel: Channels, seen: Visits, stays: Spells, opening: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Count stays by whether their second visit changed the channel, and whether the customer moved on."""
    follows = np.zeros(len(seen.row) + 1, dtype=bool)
    follows[seen.followed(kernel.gap)] = True
    stay = np.append(stays.of_event[seen.row], -1)
    first = opening[follows[opening] & (stay[opening] == stay[opening + 1])]
    switched = (seen.channel[first] != seen.channel[np.minimum(first + 1, len(seen.row) - 1)]).astype(
        np.int64
    )
    own = stay[first]
    cell = (stays.stage[own] * 2 + switched) * 2 + stays.closed[own]
    counts: npt.NDArray[Any] = added(cell, (kernel.stages, 2, 2))
    return counts


def _mix(kernel: Channels, batch: Batch, seen: Visits, mix: Split) -> Arrays:
    shape, found = (kernel.channels, mix.size), pairs(seen.channel, seen.customer)
    if mix.where == "people":
        level = mix.of_customers(batch)[found.customer]
        return {f"mix_{mix.name}": added(found.code * mix.size + level, shape)}
    level = mix.of_events(batch)[seen.row]
    return dict(shares(f"mix_{mix.name}", seen.channel, level, found, seen.customer, shape))
