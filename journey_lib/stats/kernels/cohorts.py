"""Who comes back: customers by the calendar unit of their first event, period after period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from itertools import pairwise

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.units import Units

COHORTS = ("calendar", "rolling")
MODES = ("on", "on_or_after", "bracket")
PIECE = 1 << 17  # events at a time
FEW = 6  # codes that are compared one by one, which is faster than a table


@dataclass(frozen=True, eq=False)
class CohortCounts:
    """Counts of customers by group, cohort and window; the answers of two batches add.

    Attributes
    ----------
    members : ndarray of int64, shape (groups, cohorts)
        Customers who entered.
    ended : ndarray of int64, shape (groups, cohorts, windows)
        Of these, for whom the whole window lies before the end of the log.
    followed : ndarray of int64, shape (groups, cohorts, windows)
        Of these, who were themselves observed to the end of the window: the denominator.
    retained : ndarray of int64, shape (groups, cohorts, windows)
        Of these, who came back: the numerator.
    active : ndarray of int64, shape (groups, sticky + 1)
        Customers by the number of the first `sticky` periods after period 0 in which they came back, where
        all of these were observed.
    amount, squares : ndarray of float, shape (groups, cohorts, windows)
        Sums of the value of each customer in a window, and of its square, over those followed.
    moved : int
        Members whose cohort is another one by the other calendar.
    """

    members: np.ndarray
    ended: np.ndarray
    followed: np.ndarray
    retained: np.ndarray
    active: np.ndarray
    amount: np.ndarray
    squares: np.ndarray
    moved: int


@dataclass(frozen=True, eq=False)
class Cohorts:
    """The members of each cohort, and how many of them came back in each window.

    Attributes
    ----------
    entry : tuple of int
        Event codes whose first one makes a customer a member; () for the first event of all.
    back : tuple of int
        Event codes that count as coming back; () for every event.
    edges : ndarray of int64
        Where each calendar unit begins in the zone of the study, sorted, and where the last one ends; they
        must reach beyond the last event.
    windows : tuple of (int, int)
        First and last period of each window, ascending and apart: (0, 0), (1, 1), … or brackets.
    end : int
        Last instant of the log.
    names : int
        How many event names the log has.
    block : int
        Microseconds of a period that begins with the customer's own entry; 0 for periods of the calendar.
    later : bool
        Whether coming back after the window counts too ("on or after").
    by, where : str
        What splits the counts, "" for nothing: an attribute of "people", or one of "columns" at the entry.
    levels : int
        How many values it has; those unknown are one more group.
    value : str
        Number of the events that is added up, "" for none.
    sticky : int
        Of how many periods after period 0 the active ones are counted.
    other : ndarray of int64
        Edges of the same units in another zone, or empty.

    Notes
    -----
    Only events from the entry on count, in the order of the log. The entry itself counts as coming back in
    period 0 when its event is one of `back`. A window counts for those observed to its end; whole periods
    are counted from entry, so one number a customer says which.
    """

    entry: tuple[int, ...]
    back: tuple[int, ...]
    edges: np.ndarray
    windows: tuple[tuple[int, int], ...]
    end: int
    names: int
    block: int = 0
    later: bool = False
    by: str = ""
    where: str = ""
    levels: int = 0
    value: str = ""
    sticky: int = 0
    other: np.ndarray = field(default_factory=partial(np.empty, 0, np.int64))

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        own = (self.by,) if self.where == "columns" else ()
        return tuple(dict.fromkeys((*own, *((self.value,) if self.value else ()))))

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""
        return (self.by,) if self.where == "people" else ()

    def measure(self, batch: Batch) -> CohortCounts:
        """Return the answer for the customers of one batch."""
        return reduce(self.merge, (self._measured(piece) for piece in pieces(batch)))

    def merge(self, one: CohortCounts, other: CohortCounts) -> CohortCounts:
        """Return the answer for both."""
        names = CohortCounts.__dataclass_fields__
        return CohortCounts(**{name: getattr(one, name) + getattr(other, name) for name in names})

    def _measured(self, batch: Batch) -> CohortCounts:
        members = self._entries(batch)
        back = self._returns(batch, members)
        cell, whole = members.cell, self._whole(members, batch.until[members.who])
        over = self._whole(members, np.full(len(members.who), self.end))
        amount, squares = self._sums(batch, members, back, whole)
        return CohortCounts(
            np.bincount(cell, minlength=self._cells).reshape(-1, self._cohorts), self._until(cell, over),
            self._until(cell, whole), self._retained(members, back, whole),
            self._active(members, back, whole), amount, squares, self._moved(members),
        )  # fmt: skip

    @property
    def _cohorts(self) -> int:
        return len(self.edges) - 1

    @property
    def _cells(self) -> int:
        return (self.levels + 1) * self._cohorts

    @cached_property
    def _units(self) -> Units:
        return Units(self.edges)

    @cached_property
    def _window_of(self) -> np.ndarray:
        """The window of each period, −1 for none; the last place stands for all later periods."""
        found = np.full(self.windows[-1][1] + 2, -1)
        for place, (first, last) in enumerate(self.windows):
            found[first : last + 1] = place
        return found

    def _entries(self, batch: Batch) -> _Members:
        """Return the members, each with the event of the entry."""
        if self.entry:
            hits = np.flatnonzero(_marked(batch.event, self.entry, self.names))
            owner = np.searchsorted(batch.offsets, hits, side="right") - 1
            first = _changes(owner)
            who, row = owner[first], hits[first]
        else:
            who = np.flatnonzero(np.diff(batch.offsets))
            row = batch.offsets[who]
        time = batch.time[row]
        unit = self._unit(time)
        cell = self._groups(batch, who, row) * self._cohorts + unit
        return _Members(who, row, time, unit, cell)

    def _returns(self, batch: Batch, members: _Members) -> _Back:
        """Return the events from entry on that count as coming back, in the order of the log."""
        low, high = members.row, batch.offsets[members.who + 1]
        hits = np.flatnonzero(_marked(batch.event, self.back, self.names)) if self.back else None
        if hits is not None:
            low, high = np.searchsorted(hits, low), np.searchsorted(hits, high)
        length = high - low
        at = np.repeat(np.arange(len(length)), length)
        place = np.arange(len(at)) + np.repeat(low - np.cumsum(length) + length, length)
        rows = place if hits is None else hits[place]
        time = batch.time[rows]
        if self.block:
            period = (time - np.repeat(members.time, length)) // self.block
        else:
            period = self._unit(time) - np.repeat(members.unit, length)
        return _Back(at, period, rows)

    def _unit(self, time: np.ndarray) -> np.ndarray:
        return self._units.of(time)

    def _groups(self, batch: Batch, who: np.ndarray, row: np.ndarray) -> np.ndarray:
        if not self.by:
            return np.zeros(len(who), dtype=np.int64)
        code = batch.people[self.by][who] if self.where == "people" else batch.columns[self.by][row]
        return np.where(code < 0, self.levels, code).astype(np.int64)

    def _whole(self, members: _Members, until: np.ndarray) -> np.ndarray:
        """Return how many windows are over for each member; the last instant observed is a whole one."""
        if self.block:
            periods = (until + 1 - members.time) // self.block
        else:
            periods = self._unit(until + 1) - members.unit
        ends = np.array([last for _, last in self.windows])
        found: np.ndarray = np.searchsorted(ends, periods, side="left")
        return found

    def _until(self, cell: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """Count the members of each cell whose number of windows goes beyond each window."""
        size = len(self.windows) + 1
        counts = np.bincount(cell * size + whole, minlength=self._cells * size).reshape(-1, size)
        later = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
        return later[:, 1:].reshape(-1, self._cohorts, size - 1)

    def _retained(self, members: _Members, back: _Back, whole: np.ndarray) -> np.ndarray:
        if self.later:
            last = np.full(len(members.who), -1)
            last[back.at] = back.period  # events are in order, so that the last one stays
            reached = np.minimum(last, len(self.windows) - 1) + 1
            return self._until(members.cell, np.minimum(reached, whole))
        window = self._windows(back.period)
        once = (window >= 0) & (window < whole[back.at]) & _changes(back.at, window)
        size = len(self.windows)
        place = members.cell[back.at[once]] * size + window[once]
        return np.bincount(place, minlength=self._cells * size).reshape(-1, self._cohorts, size)

    def _windows(self, period: np.ndarray) -> np.ndarray:
        found: np.ndarray = self._window_of[np.minimum(period, len(self._window_of) - 1)]
        return found

    def _active(self, members: _Members, back: _Back, whole: np.ndarray) -> np.ndarray:
        """Count the members by how many of the first periods they came back in."""
        groups, size = self.levels + 1, self.sticky + 1
        if not self.sticky:
            return np.zeros((groups, 1), dtype=np.int64)
        near = (back.period > 0) & (back.period <= self.sticky)
        new = _changes(back.at[near], back.period[near])
        times = np.bincount(back.at[near][new], minlength=len(members.who))
        needed = next(place for place, (_, last) in enumerate(self.windows) if last >= self.sticky)
        seen = whole > needed
        place = (members.cell // self._cohorts * size + times)[seen]
        return np.bincount(place, minlength=groups * size).reshape(groups, size)

    def _sums(
        self, batch: Batch, members: _Members, back: _Back, whole: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Add up the value of each member in each window: of what came back, and of the entry itself."""
        size = len(self.windows)
        shape = (self.levels + 1, self._cohorts, size)
        if not self.value:
            return np.zeros(shape), np.zeros(shape)
        given = np.nan_to_num(batch.columns[self.value])
        window = self._windows(back.period)
        kept = (window >= 0) & (back.rows != members.row[back.at])
        place = back.at[kept] * size + window[kept]
        paid = np.bincount(place, given[back.rows[kept]], minlength=len(members.who) * size)
        paid = paid.astype(float).reshape(-1, size)  # of nothing, whole numbers come back
        if self.windows[0][0] == 0:
            paid[:, 0] += given[members.row]
        paid *= np.arange(size) < whole[:, None]
        places = (members.cell[:, None] * size + np.arange(size)).ravel()
        one, two = (np.bincount(places, x.ravel(), minlength=self._cells * size) for x in (paid, paid * paid))
        return one.reshape(shape), two.reshape(shape)

    def _moved(self, members: _Members) -> int:
        if not len(self.other):
            return 0
        there = np.searchsorted(self.other, members.time, side="right") - 1
        return int(np.count_nonzero(there != members.unit))


@dataclass(frozen=True, eq=False)
class _Members:
    """Who entered: customer, event, instant, calendar unit, and cell of group and cohort."""

    who: np.ndarray
    row: np.ndarray
    time: np.ndarray
    unit: np.ndarray
    cell: np.ndarray


@dataclass(frozen=True, eq=False)
class _Back:
    """Events that came back: whose, in which period after the entry, and which."""

    at: np.ndarray
    period: np.ndarray
    rows: np.ndarray


def pieces(batch: Batch, most: int = PIECE) -> Iterator[Batch]:
    """Yield a batch in pieces of whole customers, small enough to stay near the processor.

    Examples
    --------
    >>> import pandas as pd
    >>> time = np.arange(5)
    >>> batch = Batch(np.array([0, 2, 3, 5]), time, time, pd.Index(["a", "b", "c"]), 0, np.full(3, 9))
    >>> [piece.time.tolist() for piece in pieces(batch, 3)]
    [[0, 1, 2], [3, 4]]
    """
    wanted = np.arange(most, batch.n_events, most)
    cuts = np.searchsorted(batch.offsets, wanted, side="right") - 1
    bounds = np.unique(np.concatenate([[0], cuts, [batch.n_customers]]))
    bounds = bounds if len(bounds) > 1 else np.array([0, 0])
    for one, other in pairwise(bounds.tolist()):
        first, last = batch.offsets[one], batch.offsets[other]
        yield Batch(
            batch.offsets[one : other + 1] - first, batch.time[first:last], batch.event[first:last],
            batch.ids[one:other], batch.start, batch.until[one:other],
            {name: values[first:last] for name, values in batch.columns.items()},
            {name: codes[one:other] for name, codes in batch.people.items()},
        )  # fmt: skip


def _marked(event: np.ndarray, codes: tuple[int, ...], names: int) -> np.ndarray:
    """Return which events have one of some codes."""
    if len(codes) <= FEW:
        return reduce(np.logical_or, (event == code for code in codes))
    wanted = np.zeros(names, dtype=bool)
    wanted[list(codes)] = True
    return np.asarray(wanted[event])


def _changes(*columns: np.ndarray) -> np.ndarray:
    """Return where a row differs from the one before it; the first one does."""
    new = np.zeros(len(columns[0]), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return new
