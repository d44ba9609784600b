"""Counts by period: events of each name, and customers who entered a stage and went on in time, by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.kernels.units import Units

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Counts:
    """Whole numbers that add up over customers.

    Attributes
    ----------
    events : ndarray of int64, shape (periods, groups, names)
        Events by the period they happened in.
    entered, moved : ndarray of int64, shape (periods, groups, stages)
        Customers by the period of their first entry into a stage, and those of them who were in the next
        stage within the window.
    """

    events: np.ndarray
    entered: np.ndarray
    moved: np.ndarray

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.events + other.events, self.entered + other.entered, self.moved + other.moved)


@dataclass(frozen=True)
class Periods:
    """Count a log by period.

    Attributes
    ----------
    edges : tuple of int
        Where each period begins, and where the last one ends, in microseconds.
    names : int
        How many event names the log has.
    stages : tuple of tuple of int
        Codes of the events that enter each stage, in the journey's order.
    window : int
        Microseconds from entering a stage within which the next one counts.
    column : str
        Attribute of customers or events that groups; "" for none.
    groups : int
        How many values it has; unknown ones are counted after the last.
    of_people : bool
        Whether the attribute belongs to customers.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels.batch import Batch
    >>> batch = Batch(np.array([0, 2, 3]), np.array([1, 4, 11]), np.array([0, 1, 0]), pd.Index(["a", "b"]), 0,
    ...               np.array([99, 99]))
    >>> found = Periods((0, 10, 20), 2, ((0,), (1,)), 5).measure(batch)
    >>> found.events[:, 0].tolist(), found.entered[:, 0].tolist(), found.moved[:, 0].tolist()
    ([[1, 1], [1, 0]], [[1, 1], [1, 0]], [[1, 0], [0, 0]])
    """

    edges: tuple[int, ...]
    names: int
    stages: tuple[tuple[int, ...], ...]
    window: int
    column: str = ""
    groups: int = 0
    of_people: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The grouping column, where it belongs to events."""
        return (self.column,) if self.column and not self.of_people else ()

    @property
    def people(self) -> tuple[str, ...]:
        """The grouping column, where it belongs to customers."""
        return (self.column,) if self.column and self.of_people else ()

    def measure(self, batch: Batch) -> Counts:
        """Return the counts of the customers of one batch."""
        period = Units(np.asarray(self.edges)).of(batch.time)
        inside = (period >= 0) & (period < len(self.edges) - 1)
        group = self._group_of_events(batch)
        size = (len(self.edges) - 1, self.groups + 1, self.names)
        keys = np.ravel_multi_index((period[inside], group[inside], batch.event[inside]), size)
        events = np.bincount(keys, minlength=int(np.prod(size))).reshape(size).astype(np.int64)
        entered, moved = self._stages(batch, period, group)
        return Counts(events, entered, moved)

    def merge(self, one: Counts, other: Counts) -> Counts:
        """Return the counts of both."""
        return one + other

    def _group_of_events(self, batch: Batch) -> np.ndarray:
        if not self.column:
            return np.zeros(batch.n_events, dtype=np.int64)
        of = batch.people[self.column][batch.codes] if self.of_people else batch.columns[self.column]
        codes = np.asarray(of)
        return np.where(codes < 0, self.groups, codes).astype(np.int64)

    def _stages(self, batch: Batch, period: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Count first entries by period and group, and those followed by the next stage in time."""
        size = (len(self.edges) - 1, self.groups + 1, len(self.stages))
        entered, moved = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        firsts = [self._first(batch, codes) for codes in self.stages]
        for stage, (time, at) in enumerate(firsts):
            there = np.flatnonzero(at >= 0)
            there = there[(period[at[there]] >= 0) & (period[at[there]] < size[0])]
            where = (period[at[there]], group[at[there]])
            np.add.at(entered[:, :, stage], where, 1)
            if stage + 1 < len(firsts):
                after = firsts[stage + 1][0][there]
                on = (after >= time[there]) & (after != _NEVER) & (after - time[there] <= self.window)
                np.add.at(moved[:, :, stage], (where[0][on], where[1][on]), 1)
        return entered, moved

    @staticmethod
    def _first(batch: Batch, codes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Return for each customer when and at which event a stage was first entered; never and -1 if not."""
        time = np.full(batch.n_customers, _NEVER, dtype=np.int64)
        at = np.full(batch.n_customers, -1, dtype=np.int64)
        hits = np.flatnonzero(np.isin(batch.event, np.asarray(codes, dtype=batch.event.dtype)))[::-1]
        time[batch.codes[hits]] = batch.time[hits]  # the last write, the earliest event, stays
        at[batch.codes[hits]] = hits
        return time, at
