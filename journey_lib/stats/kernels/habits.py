"""What groups of customers use, and when: customers by value, and events by the hour where they happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch

HOUR: Final = 3_600_000_000  # microseconds
_MINUTE: Final = 60_000_000


@dataclass(frozen=True)
class Used:
    """Ask how many customers of each group ever had each value of a text column of the log.

    The answer is a table, groups × (values + 1); the last column counts customers with any event at all.

    Attributes
    ----------
    by : str
        Attribute of the customers that makes the groups; customers without one do not count.
    groups : int
        How many groups there are.
    column : str
        Column of the log.
    values : int
        How many values it has.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels import Batch
    >>> batch = Batch(np.array([0, 2, 3]), np.array([1, 2, 3]), np.zeros(3, int), pd.Index(["a", "b"]), 0,
    ...               np.array([9, 9]), {"channel": np.array([0, 0, 1])}, {"town": np.array([0, 0])})
    >>> Used("town", 1, "channel", 2).measure(batch).tolist()
    [[1, 1, 2]]
    """

    by: str
    groups: int
    column: str
    values: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The column of the log."""
        return (self.column,)

    @property
    def people(self) -> tuple[str, ...]:
        """The attribute that makes the groups."""
        return (self.by,)

    def measure(self, batch: Batch) -> np.ndarray:
        """Return the table of one batch."""
        group = batch.people[self.by].astype(np.int64)
        width = self.values + 1
        code, who = batch.columns[self.column].astype(np.int64), batch.codes.astype(np.int64)
        kept = (code >= 0) & (group[who] >= 0)
        pairs = np.unique(who[kept] * width + code[kept])
        table = np.bincount(group[pairs // width] * width + pairs % width, minlength=self.groups * width)
        present = np.flatnonzero((np.diff(batch.offsets) > 0) & (group >= 0))
        table += np.bincount(group[present] * width + self.values, minlength=self.groups * width)
        return table.reshape(self.groups, width)

    def merge(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Add two tables."""
        return np.asarray(one + other)


@dataclass(frozen=True)
class LocalHours:
    """Ask how many events fall into each hour on the clock of the place where they happened.

    The answer is a table, groups × (hours + 1); the last column counts events whose local time is unknown or
    outside the hours.

    Attributes
    ----------
    by : str
        Attribute of the customers that makes the groups; customers without one do not count.
    groups : int
        How many groups there are.
    first : int
        Microseconds since 1970 on the local clock at which hour 0 begins.
    hours : int
        How many hours there are.
    offset : str
        Column of the log with the minutes the local clock is ahead of UTC; "" to use `zones`.
    zones : tuple of tuple of (int, int)
        In its place, for each group, the instants from which a distance from UTC holds, in microseconds; the
        first is before all events.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels import Batch
    >>> batch = Batch(np.array([0, 2]), np.array([0, HOUR]), np.zeros(2, int), pd.Index(["a"]), 0,
    ...               np.array([9]), {"shift": np.array([60.0, np.nan])}, {"town": np.array([0])})
    >>> LocalHours("town", 1, 0, 3, "shift").measure(batch).tolist()
    [[0, 1, 0, 1]]
    """

    by: str
    groups: int
    first: int
    hours: int
    offset: str = ""
    zones: tuple[tuple[tuple[int, int], ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The column with the offset, if there is one."""
        return (self.offset,) if self.offset else ()

    @property
    def people(self) -> tuple[str, ...]:
        """The attribute that makes the groups."""
        return (self.by,)

    def measure(self, batch: Batch) -> np.ndarray:
        """Return the table of one batch."""
        group = batch.people[self.by][batch.codes].astype(np.int64)
        kept = group >= 0
        group, time = group[kept], batch.time[kept]
        ahead = self._ahead(group, time, batch.columns[self.offset][kept] if self.offset else None)
        hour = (time + np.nan_to_num(ahead).astype(np.int64) - self.first) // HOUR
        unknown = np.isnan(ahead) | (hour < 0) | (hour >= self.hours)
        cell = group * (self.hours + 1) + np.where(unknown, self.hours, hour)
        return np.bincount(cell, minlength=self.groups * (self.hours + 1)).reshape(self.groups, -1)

    def merge(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Add two tables."""
        return np.asarray(one + other)

    def _ahead(self, group: np.ndarray, time: np.ndarray, minutes: np.ndarray | None) -> np.ndarray:
        """Return how far the local clock is ahead of UTC at each event, in microseconds."""
        if minutes is not None:
            return np.asarray(minutes.astype(float) * _MINUTE)
        ahead = np.full(len(time), np.nan)
        for at, zone in enumerate(self.zones):
            own = group == at
            turns, shifts = np.array(zone, dtype=np.int64).reshape(-1, 2).T
            ahead[own] = shifts[np.searchsorted(turns, time[own], side="right") - 1]
        return ahead
