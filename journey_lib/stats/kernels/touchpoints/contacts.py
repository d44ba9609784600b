"""Contacts at touchpoints, and the steps and time that stages take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.kernels.touchpoints.spells import Spells, repeated, returned, spells
from journey_lib.stats.kernels.touchpoints.tally import (
    NO_SPLIT,
    Pairs,
    Split,
    Sums,
    Table,
    added,
    moments,
    pairs,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels import Batch

SECOND = 1_000_000
Arrays = dict[str, Any]


@dataclass(frozen=True)
class Contacts:
    """Who meets which touchpoint, how often, in which order; and what it takes to get through a stage.

    Attributes
    ----------
    place : tuple of int
        Touchpoint of each event name, -1 for none. A contact is an event that has one.
    home : tuple of int
        Stage of each touchpoint.
    stage : tuple of int
        Stage that each event name enters, -1 for none.
    stages : int
        How many stages there are.
    group : Split
        What splits the customers; a customer stands in one cell.
    mixes : tuple of Split
        Columns whose mix is wanted at each touchpoint: of contacts for a column of events, of customers for
        an attribute.

    Definition
    ----------
    With `p` a touchpoint, `s` a stage and `g` a group (the last one unknown):
    `events[name]` events; `customers[g]` customers with at least one event; `visited[s, g]` with an event
    that enters `s`;
    `met[p, g]` with an event that enters the stage of `p` and a contact at `p`.
    `contacts_*[p, g]` over customers reached: number, sum and sum of squares of contacts per customer; the
    table `contacts` holds their exact distribution. `repeats_*` and `loops_*[p, g]` likewise for contacts
    that repeat or go back (see `spells.repeated`, `spells.returned`), with the sum of products
    `repeats_contacts`.
    `first[p, g]`, `last[p, g]`: of customers who had a stay at the stage of `p` and moved on, those whose
    first (last) contact with any touchpoint of this stage, before moving on, was at `p`;
    `touched[s, g]` those who had any.
    `entered[s, g]`, `moved[s, g]` stays, and stays that ended with a further stage. Over the latter:
    `steps_*` contacts (at any touchpoint) from entering to moving on, `again_*` repeats and `back_*` loops
    among them, with `again_steps`, `back_steps` sums of products; tables `steps`, and `seconds` of whole
    seconds from entering to moving on.
    Mixes: `mix_<column>[p, level]` contacts, with squares and products with the contacts of the customer
    (`_squares`, `_contacts`); for attributes customers.
    """

    place: tuple[int, ...]
    home: tuple[int, ...]
    stage: tuple[int, ...]
    stages: int
    group: Split = NO_SPLIT
    mixes: tuple[Split, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        return self._named("columns")

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""
        return self._named("people")

    def _named(self, where: str) -> tuple[str, ...]:
        asked = (self.group, *self.mixes)
        return tuple(dict.fromkeys(split.name for split in asked if split.name and split.where == where))

    def measure(self, batch: Batch) -> Sums:
        """Return the sums for the customers of one batch."""
        seen = _Batch(self, batch)
        arrays = {**_reach(seen), **_order(seen), **_effort(seen)}
        for mix in self.mixes:
            arrays |= _mix(seen, mix)
        return Sums(arrays, _tables(seen))

    def merge(self, one: Sums, other: Sums) -> Sums:
        """Return the sums of both."""
        return one + other


@dataclass(frozen=True, eq=False)
class _Batch:
    """One batch with what all parts of the count look at."""

    kernel: Contacts
    batch: Batch

    @cached_property
    def place(self) -> npt.NDArray[np.int64]:
        placed: npt.NDArray[np.int64] = np.asarray(self.kernel.place, np.int64)[self.batch.event]
        return placed

    @cached_property
    def group(self) -> npt.NDArray[np.int64]:
        return self.kernel.group.of_customers(self.batch)

    @cached_property
    def pairs(self) -> Pairs:
        return pairs(self.place, self.batch.codes)

    @cached_property
    def stays(self) -> Spells:
        return spells(self.batch, self.kernel.stage, self.kernel.stages)

    @cached_property
    def again(self) -> npt.NDArray[np.bool_]:
        return repeated(self.batch.event, self.place, self.stays.of_event)

    @cached_property
    def back(self) -> npt.NDArray[np.bool_]:
        return returned(self.place, self.stays.of_event)

    @property
    def by_place(self) -> tuple[int, int]:
        return len(self.kernel.home), self.kernel.group.size

    @property
    def by_stage(self) -> tuple[int, int]:
        return self.kernel.stages, self.kernel.group.size

    @cached_property
    def pair_cell(self) -> npt.NDArray[np.int64]:
        """The touchpoint and group of each pair of touchpoint and customer."""
        return self.cell(self.pairs.code, self.pairs.customer)

    @cached_property
    def moved(self) -> npt.NDArray[np.int64]:
        """The stays at a stage that ended with a further one."""
        return np.flatnonzero((self.stays.stage >= 0) & self.stays.closed)

    @cached_property
    def moved_cell(self) -> npt.NDArray[np.int64]:
        return self.cell(self.stays.stage[self.moved], self.stays.customer[self.moved])

    def cell(self, code: npt.NDArray[Any], customer: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return code and group as one number."""
        found: npt.NDArray[np.int64] = code * self.kernel.group.size + self.group[customer]
        return found

    def per_stay(self, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Count marked events in each stay that was moved on from."""
        counts = np.bincount(self.stays.of_event[marked], minlength=len(self.stays.stage))
        found: npt.NDArray[np.int64] = counts[self.moved]
        return found


def _reach(seen: _Batch) -> Arrays:
    kernel, batch, found = seen.kernel, seen.batch, seen.pairs
    entered = np.asarray(kernel.stage, np.int64)[batch.event]
    visits = pairs(entered, batch.codes)
    visited = np.zeros((batch.n_customers, kernel.stages), dtype=bool)
    visited[visits.customer, visits.code] = True
    at_home = visited[found.customer, np.asarray(kernel.home, np.int64)[found.code]]
    busy = np.flatnonzero(np.diff(batch.offsets) > 0)
    again = found.sums(seen.again)
    shape, cell = seen.by_place, seen.pair_cell
    return {
        "events": added(batch.event, (len(kernel.place),)),
        "customers": added(seen.group[busy], (kernel.group.size,)),
        "visited": added(seen.cell(visits.code, visits.customer), seen.by_stage),
        "met": added(cell[at_home], shape),
        **moments("contacts", cell, shape, found.count),
        **moments("repeats", cell, shape, again),
        **moments("loops", cell, shape, found.sums(seen.back)),
        "repeats_contacts": added(cell, shape, again * found.count),
    }


def _order(seen: _Batch) -> Arrays:
    """Count first and last contacts with the touchpoints of a stage before it was left for a further one."""
    kernel, batch, stays = seen.kernel, seen.batch, seen.stays
    ends = stays.table(np.where(stays.closed, stays.end, -1), batch.n_customers, kernel.stages)
    met = np.flatnonzero(seen.place >= 0)
    home = np.asarray(kernel.home, np.int64)[seen.place[met]]
    before = met < ends[batch.codes[met], home]
    met, home = met[before], home[before]
    touched = pairs(home, batch.codes[met])
    ways = {"first": met[touched.first], "last": met[touched.last]}
    return {
        "touched": added(seen.cell(touched.code, touched.customer), seen.by_stage),
        **{
            name: added(seen.cell(seen.place[row], batch.codes[row]), seen.by_place)
            for name, row in ways.items()
        },
    }


def _effort(seen: _Batch) -> Arrays:
    stays, cell, shape = seen.stays, seen.moved_cell, seen.by_stage
    at = np.flatnonzero(stays.stage >= 0)
    steps, again, back = (seen.per_stay(marked) for marked in (seen.place >= 0, seen.again, seen.back))
    return {
        "entered": added(seen.cell(stays.stage[at], stays.customer[at]), shape),
        "moved": added(cell, shape),
        **moments("steps", cell, shape, steps),
        **moments("again", cell, shape, again),
        **moments("back", cell, shape, back),
        "again_steps": added(cell, shape, again * steps),
        "back_steps": added(cell, shape, back * steps),
    }


def _tables(seen: _Batch) -> dict[str, Table]:
    stays, moved, cell = seen.stays, seen.moved, seen.moved_cell
    time = seen.batch.time
    seconds = (time[stays.end[moved]] - time[stays.start[moved]]) // SECOND
    return {
        "contacts": Table.of(seen.pair_cell, seen.pairs.count),
        "steps": Table.of(cell, seen.per_stay(seen.place >= 0)),
        "seconds": Table.of(cell, seconds),
    }


def _mix(seen: _Batch, mix: Split) -> Arrays:
    shape, found = (len(seen.kernel.home), mix.size), seen.pairs
    if mix.where == "people":
        level = mix.of_customers(seen.batch)[found.customer]
        return {f"mix_{mix.name}": added(found.code * mix.size + level, shape)}
    level = mix.of_events(seen.batch)
    return dict(shares(f"mix_{mix.name}", seen.place, level, found, seen.batch.codes, shape))


def shares(
    name: str,
    code: npt.NDArray[Any],
    level: npt.NDArray[Any],
    whole: Pairs,
    customer: npt.NDArray[Any],
    shape: tuple[int, int],
) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the sums that a share of rows needs for its linearised variance over customers.

    Parameters
    ----------
    name : str
        What the sums are called.
    code, level, customer : ndarray of int
        One entry a row.
    whole : Pairs
        The pairs of code and customer: how many rows each has in all.
    shape : (int, int)
        How many codes and levels.
    """
    parts = pairs(np.where(code >= 0, code * shape[1] + level, -1), customer)
    total = whole.count[whole.number(len(code))[parts.first]]
    yield name, added(parts.code, shape, parts.count)
    yield f"{name}_squares", added(parts.code, shape, parts.count.astype(float) ** 2)
    yield f"{name}_contacts", added(parts.code, shape, parts.count * total)
