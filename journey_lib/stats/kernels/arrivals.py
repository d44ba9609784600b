"""How many customers come to a stage week by week, and which stages they reach within a window after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.tally import runs

WEEK = 7 * 86_400_000_000  # microseconds


@dataclass(frozen=True, eq=False)
class Arrived:
    """Counts of customers; those of two batches add up.

    Attributes
    ----------
    weeks : ndarray of int64
        Customers by the week of their first arrival, counted from the first instant observed.
    mature : int
        Those observed to the end of their window.
    reached : ndarray of int64
        Of these, how many reached each outcome inside it.
    """

    weeks: np.ndarray
    mature: int
    reached: np.ndarray

    @property
    def n(self) -> int:
        """Customers who arrived."""
        return int(self.weeks.sum())


@dataclass(frozen=True)
class Arrivals:
    """First arrivals at a stage, and outcomes within a window after them.

    Attributes
    ----------
    entry : tuple of int
        Event codes that are an arrival.
    outcomes : tuple of tuple of int
        Event codes of each outcome.
    window : int
        Microseconds from arrival in which an outcome counts.
    names : int
        How many event names the log has.
    weeks : int
        How many weeks were observed, the last one perhaps in part.
    """

    entry: tuple[int, ...]
    outcomes: tuple[tuple[int, ...], ...]
    window: int
    names: int
    weeks: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log: none."""
        return ()

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers: none."""
        return ()

    def measure(self, batch: Batch) -> Arrived:
        """Return the answer for the customers of one batch."""
        hits = np.flatnonzero(self._is(batch, self.entry))
        first = hits[runs(batch.codes[hits])]
        who, begun = batch.codes[first], batch.time[first]
        weeks = np.bincount((begun - batch.start) // WEEK, minlength=self.weeks).astype(np.int64)
        followed = batch.until[who] - begun >= self.window
        start = np.full(batch.n_customers, np.iinfo(np.int64).max // 2)
        start[who[followed]] = begun[followed]
        since = batch.time - start[batch.codes]
        inside = (since >= 0) & (since <= self.window)
        reached = [self._customers(batch, inside & self._is(batch, codes)) for codes in self.outcomes]
        return Arrived(weeks, int(followed.sum()), np.array(reached, dtype=np.int64))

    def merge(self, one: Arrived, other: Arrived) -> Arrived:
        """Return the answer for both."""
        return Arrived(one.weeks + other.weeks, one.mature + other.mature, one.reached + other.reached)

    def _is(self, batch: Batch, codes: tuple[int, ...]) -> np.ndarray:
        wanted = np.zeros(self.names, dtype=bool)
        wanted[list(codes)] = True
        found: np.ndarray = wanted[batch.event]
        return found

    @staticmethod
    def _customers(batch: Batch, events: np.ndarray) -> int:
        return len(runs(batch.codes[events]))
