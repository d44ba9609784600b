"""What each unit of an experiment did after exposure: stages in order, events and sums in their windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.hashed import hashes
from journey_lib.stats.kernels.tally import runs

NEVER = -1
_FAR = np.iinfo(np.int64).max // 4  # later than anything observed, and still safe to subtract


@dataclass(frozen=True)
class Total:
    """Something to add up for each unit.

    Attributes
    ----------
    events : tuple of int
        Event codes that count.
    column : str
        Number to add up; "" counts the events. A missing number adds nothing.
    window : int
        Microseconds from exposure, the last one included; 0 for as long as the unit is observed.
    """

    events: tuple[int, ...]
    column: str = ""
    window: int = 0


@dataclass(frozen=True, eq=False)
class UnitRows:
    """One row a unit that has events, in the order the batches came.

    Attributes
    ----------
    place : ndarray of int64
        Which unit, as a place in the list the kernel was given.
    reached : ndarray of int64, rows × stages
        Microseconds from exposure to the first qualifying visit, `NEVER` where there is none.
    before : ndarray of bool, rows × stages
        Whether the stage had been entered before exposure.
    totals : ndarray of float, rows × totals
        Sums and counts inside their windows.
    triggered : ndarray of int64
        Microseconds from exposure to the first trigger, `NEVER` where there is none.
    followed : ndarray of int64
        Microseconds from exposure to the last look at the unit.
    """

    place: np.ndarray
    reached: np.ndarray
    before: np.ndarray
    totals: np.ndarray
    triggered: np.ndarray
    followed: np.ndarray

    def __len__(self) -> int:
        return len(self.place)

    def settled(self, followed: np.ndarray) -> UnitRows:
        """Return one row for each unit of the list, in its order; those without an event did nothing.

        Parameters
        ----------
        followed : ndarray of int64
            How long each unit of the list was observed if it has no event at all.
        """
        n = len(followed)
        reached = np.full((n, self.reached.shape[1]), NEVER, dtype=np.int64)
        before = np.zeros((n, self.before.shape[1]), dtype=bool)
        totals = np.zeros((n, self.totals.shape[1]))
        triggered, until = np.full(n, NEVER, dtype=np.int64), followed.astype(np.int64, copy=True)
        reached[self.place], before[self.place], totals[self.place] = self.reached, self.before, self.totals
        triggered[self.place], until[self.place] = self.triggered, self.followed
        return UnitRows(np.arange(n), reached, before, totals, triggered, until)


@dataclass(frozen=True, eq=False)
class Exposure:
    """First time of each stage after exposure, in order, and sums in their windows, for each exposed unit.

    Attributes
    ----------
    who : ndarray of uint64
        Hashes of the units' ids (`hashed.hashes`), ascending.
    at : ndarray of int64
        Moment of exposure of each, in UTC microseconds.
    names : int
        How many event names the log has.
    stages : tuple of tuple of int
        Event codes that enter each stage, in the order of the journey.
    required : tuple of bool
        Whether a later stage may only count after this one.
    windows : tuple of int
        Most microseconds from the anchor of a stage to its visit; 0 for any.
    horizon : int
        Most microseconds from exposure to any visit; 0 for any.
    totals : tuple of Total
        Sums and counts.
    trigger : tuple of int
        Event codes that mean a unit met the change.

    Notes
    -----
    A stage counts at its first event not before its anchor: the visit of the required stage before it that
    counted, or exposure. Events of one moment may follow each other in either order.
    """

    who: np.ndarray
    at: np.ndarray
    names: int
    stages: tuple[tuple[int, ...], ...] = ()
    required: tuple[bool, ...] = ()
    windows: tuple[int, ...] = ()
    horizon: int = 0
    totals: tuple[Total, ...] = ()
    trigger: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log: the numbers to add up."""
        return tuple(dict.fromkeys(total.column for total in self.totals if total.column))

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers: none."""
        return ()

    def measure(self, batch: Batch) -> UnitRows:
        """Return the answer for the customers of one batch."""
        place, exposed = self._places(batch)
        rows = np.flatnonzero(exposed)
        number = np.full(batch.n_customers, NEVER)
        number[rows] = np.arange(len(rows))
        events = np.flatnonzero(exposed[batch.codes]) if len(rows) else np.zeros(0, dtype=np.int64)
        owner = number[batch.codes[events]]
        start = self.at[place[rows]]
        seen = _Seen(owner, batch.time[events] - start[owner], batch.event[events], len(rows), self.names)
        reached, before = self._stages(seen)
        values = {name: np.nan_to_num(batch.columns[name][events]) for name in self.columns}
        totals = [seen.total(total, values.get(total.column)) for total in self.totals]
        return UnitRows(
            place[rows], reached, before,
            np.stack(totals, axis=1) if totals else np.zeros((len(rows), 0)),
            seen.first(self.trigger, np.zeros(len(rows), dtype=np.int64), _FAR), batch.until[rows] - start,
        )  # fmt: skip

    def merge(self, one: UnitRows, other: UnitRows) -> UnitRows:
        """Return the answer for both."""
        joined = [
            np.concatenate([a, b]) for a, b in zip(vars(one).values(), vars(other).values(), strict=True)
        ]
        return UnitRows(*joined)

    def _places(self, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
        """Return where each customer of the batch stands in the list, and whether it stands there at all."""
        if not len(self.who) or not batch.n_customers:
            return np.zeros(batch.n_customers, dtype=np.int64), np.zeros(batch.n_customers, dtype=bool)
        own = hashes(batch.ids)
        place = np.minimum(np.searchsorted(self.who, own), len(self.who) - 1)
        return place, self.who[place] == own

    def _stages(self, seen: _Seen) -> tuple[np.ndarray, np.ndarray]:
        reached = np.full((seen.units, len(self.stages)), NEVER, dtype=np.int64)
        before = np.zeros((seen.units, len(self.stages)), dtype=bool)
        anchor = np.zeros(seen.units, dtype=np.int64)
        horizon = self.horizon or _FAR
        for k, events in enumerate(self.stages):
            latest = np.minimum(anchor + (self.windows[k] or _FAR), horizon)
            reached[:, k] = seen.first(events, anchor, latest)
            before[seen.owner[seen.of(events) & (seen.since < 0)], k] = True
            if self.required[k]:
                anchor = np.where(reached[:, k] == NEVER, _FAR, reached[:, k])
        return reached, before


@dataclass(frozen=True, eq=False)
class _Seen:
    """The events of exposed units: whose, how long after exposure, what."""

    owner: np.ndarray
    since: np.ndarray
    event: np.ndarray
    units: int
    names: int

    def of(self, events: tuple[int, ...]) -> np.ndarray:
        wanted = np.zeros(self.names, dtype=bool)
        wanted[list(events)] = True
        found: np.ndarray = wanted[self.event]
        return found

    def first(self, events: tuple[int, ...], earliest: np.ndarray, latest: np.ndarray | int) -> np.ndarray:
        """Return when each unit had one of the events for the first time in its window."""
        found = np.full(self.units, NEVER, dtype=np.int64)
        last = np.broadcast_to(np.asarray(latest), (self.units,))
        own = np.flatnonzero(self.of(events))
        owner, since = self.owner[own], self.since[own]
        inside = (since >= earliest[owner]) & (since <= last[owner])
        owner, since = owner[inside], since[inside]
        starts = runs(owner)
        found[owner[starts]] = since[starts]
        return found

    def total(self, total: Total, values: np.ndarray | None) -> np.ndarray:
        inside = self.of(total.events) & (self.since >= 0) & (self.since <= (total.window or _FAR))
        weights = None if values is None else values[inside]
        return np.bincount(self.owner[inside], weights, self.units).astype(float)
