"""Counting a funnel batch by batch: exact counts that add, and exact tables of times that join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.kernels.funnel.outcome import Outcome, outcome
from journey_lib.stats.kernels.funnel.plan import Funnel
from journey_lib.stats.kernels.funnel.rows import base_rows, own_rows

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.stats.kernels.batch import Batch

SECOND = 1_000_000
STATUSES = ("reached", "timed_out", "open")


@dataclass(frozen=True)
class By:
    """What splits a funnel: an attribute of customers, or of the first entry, or the calendar of entries.

    Attributes
    ----------
    column : str
        Name of the attribute; "" for none.
    where : {"people", "columns", "calendar"}
        What it describes.
    levels : int
        How many values it has; one more group holds those without.
    edges : tuple of int
        For the calendar: the instant at which each period begins, rising, and the end of the last.
    """

    column: str = ""
    where: str = ""
    levels: int = 0
    edges: tuple[int, ...] = ()

    @property
    def groups(self) -> int:
        """How many groups there are; the last holds those without a value."""
        return self.levels + 1 if self.where else 1

    def of(self, batch: Batch, found: Outcome) -> np.ndarray:
        """Return the group of each unit."""
        if not self.where:
            return np.zeros(len(found.owner), dtype=np.int64)
        if self.where == "people":
            codes = batch.people[self.column][found.owner].astype(np.int64)
        elif self.where == "columns":
            values = np.append(batch.columns[self.column], -1)
            codes = values[found.entry].astype(np.int64)
        else:
            moment = np.append(batch.time, self.edges[0] - 1)[found.entry]
            codes = np.searchsorted(self.edges, moment, side="right") - 1
        return np.where((codes < 0) | (codes >= self.levels), self.levels, codes)


@dataclass(frozen=True, eq=False)
class Counted:
    """A funnel's counts; all tables are groups x steps.

    Attributes
    ----------
    window : int
        Whole seconds of the funnel's window.
    reached, open, mature : ndarray of int64
        Units that reached each step; that did not and still may; that reached it from an entry whose whole
        window was observed. Step 0 counts the entries.
    keys, counts : ndarray of int64
        Sparse table of times from the first entry, rising: how many units of each group left the wait for
        each step at each second, by reaching it or by the end of observation.
    """

    window: int
    reached: np.ndarray
    open: np.ndarray
    mature: np.ndarray
    keys: np.ndarray
    counts: np.ndarray

    @property
    def timed_out(self) -> np.ndarray:
        """Units that entered, did not reach the step and cannot any more."""
        rest: np.ndarray = self.reached[:, :1] - self.reached - self.open
        return rest

    def times(self, step: int, groups: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rising seconds since entry with the units that reached a step then, and those lost to view.

        Parameters
        ----------
        step : int
            Counted from 0.
        groups : list of int
            Which groups to pool.

        Returns
        -------
        seconds, reached, censored : ndarray of int64
            Units that can no longer reach the step are censored at the end of the window.
        """
        second, rest = self.keys % (self.window + 1), self.keys // (self.window + 1)
        arrived, cell = rest % 2, rest // 2
        steps = self.reached.shape[1]
        kept = (cell % steps == step) & np.isin(cell // steps, groups)
        seconds, at = np.unique(second[kept], return_inverse=True)
        left = np.bincount(at, self.counts[kept], len(seconds)).astype(np.int64)
        reached = np.bincount(at, self.counts[kept] * arrived[kept], len(seconds)).astype(np.int64)
        return seconds, reached, left - reached


@dataclass(frozen=True)
class FunnelKernel:
    """How many customers reach each step of one or several funnels.

    Attributes
    ----------
    funnels : tuple of Funnel
        Read from the same batch in one pass.
    by : By
        What splits them.
    timed : bool
        Whether to keep the tables of times.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels import Batch
    >>> time, event, until = np.array([10, 20, 15]), np.array([0, 1, 0]), np.array([99, 99])
    >>> batch = Batch(np.array([0, 2, 3]), time, event, pd.Index(["a", "b"]), 0, until)
    >>> FunnelKernel((Funnel(steps=((0,), (1,)), window=50),)).measure(batch)[0].reached.tolist()
    [[2, 1]]
    """

    funnels: tuple[Funnel, ...]
    by: By = By()
    timed: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The column of the log that splits, if one does."""
        return (self.by.column,) if self.by.where == "columns" else ()

    @property
    def people(self) -> tuple[str, ...]:
        """The attribute of customers that splits, if one does."""
        return (self.by.column,) if self.by.where == "people" else ()

    def measure(self, batch: Batch) -> tuple[Counted, ...]:
        """Return the counts of one batch, funnel by funnel."""
        base = base_rows(batch, self.funnels)
        return tuple(
            self._counted(funnel, batch, outcome(funnel, own_rows(base, batch, funnel), timed=self.timed))
            for funnel in self.funnels
        )

    def merge(self, one: tuple[Counted, ...], other: tuple[Counted, ...]) -> tuple[Counted, ...]:
        """Add the counts of two batches."""
        return tuple(_added(a, b) for a, b in zip(one, other, strict=True))

    def _counted(self, funnel: Funnel, batch: Batch, found: Outcome) -> Counted:
        group, groups = self.by.of(batch, found), self.by.groups
        reached, open_, mature = (
            np.stack([np.bincount(group[step], minlength=groups) for step in table], axis=1)
            for table in (found.reached, found.open & found.reached[0], found.mature)
        )
        window = funnel.window // SECOND
        keys, counts = np.unique(_keys(found, group, window), return_counts=True)
        return Counted(window, reached, open_, mature, keys, counts)


@dataclass(frozen=True)
class FunnelMembers:
    """Who reached a step, can no longer, or still may; sort the ids and drop repeats when all is merged.

    Attributes
    ----------
    funnel : Funnel
        The definition.
    step : int
        Counted from 0.
    status : {"reached", "timed_out", "open"}
        Of those who entered.
    """

    funnel: Funnel
    step: int
    status: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Nothing further."""
        return ()

    @property
    def people(self) -> tuple[str, ...]:
        """Nothing further."""
        return ()

    def measure(self, batch: Batch) -> pd.Index:
        """Return the ids of one batch."""
        rows = own_rows(base_rows(batch, (self.funnel,)), batch, self.funnel)
        found = outcome(self.funnel, rows, timed=False)
        reached, open_ = found.reached[self.step], found.open[self.step]
        chosen = {"reached": reached, "open": open_, "timed_out": ~reached & ~open_}[self.status]
        return batch.ids.take(np.unique(found.owner[chosen & found.reached[0]]))

    def merge(self, one: pd.Index, other: pd.Index) -> pd.Index:
        """Join two lists."""
        return one.append(other)


def _keys(found: Outcome, group: np.ndarray, window: int) -> np.ndarray:
    """Write each unit's wait for each step as one number: group, step, whether it ended, seconds."""
    steps = len(found.after)
    pieces = [np.empty(0, dtype=np.int64)]
    entered = np.flatnonzero(found.entry >= 0)
    for step in range(steps):
        after, pending = found.after[step, entered], found.pending[step, entered]
        second = np.where(pending, found.followed[entered] // SECOND, window)
        second = np.where(after >= 0, after // SECOND, second)
        cell = group[entered] * steps + step
        pieces.append((cell * 2 + (after >= 0)) * (window + 1) + np.minimum(second, window))
    return np.concatenate(pieces)


def _added(one: Counted, other: Counted) -> Counted:
    keys, at = np.unique(np.concatenate([one.keys, other.keys]), return_inverse=True)
    counts = np.bincount(at, np.concatenate([one.counts, other.counts]), len(keys)).astype(np.int64)
    return Counted(
        one.window, one.reached + other.reached, one.open + other.open, one.mature + other.mature, keys,
        counts,
    )  # fmt: skip
