"""What the log says of each customer in one row: how much, from when to when, in how many visits, how far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch

NEVER: Final = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class Summaries:
    """One row a customer observed, those without an event inside the window included.

    Attributes
    ----------
    ids : Index of str
        Who.
    events, sessions : ndarray of int64
        How many.
    first, last : ndarray of int64
        UTC microseconds; `NEVER` without an event.
    stage : ndarray of int64
        The furthest stage entered, by its place; -1 for none.
    """

    ids: pd.Index
    events: np.ndarray
    sessions: np.ndarray
    first: np.ndarray
    last: np.ndarray
    stage: np.ndarray


@dataclass(frozen=True)
class SummaryKernel:
    """One row of facts for each customer.

    Attributes
    ----------
    place : tuple of int
        For each event code the place of the stage it enters; -1 for none.
    gap : int
        A longer pause, in microseconds, begins a new session; one of exactly this length does not.

    Examples
    --------
    >>> from journey_lib.stats.kernels.batch import Batch
    >>> time, event = np.array([0, 5, 50]), np.array([1, 0, 1])
    >>> batch = Batch(np.array([0, 3, 3]), time, event, pd.Index(["a", "b"]), 0, np.array([99, 99]))
    >>> found = SummaryKernel((0, 2), gap=10).measure(batch)
    >>> found.events.tolist(), found.sessions.tolist(), found.stage.tolist()
    ([3, 0], [2, 0], [2, -1])
    """

    place: tuple[int, ...]
    gap: int

    @property
    def columns(self) -> tuple[str, ...]:
        """No further column is needed."""
        return ()

    @property
    def people(self) -> tuple[str, ...]:
        """No attribute is needed."""
        return ()

    def measure(self, batch: Batch) -> Summaries:
        """Return the rows of one batch."""
        sizes = np.diff(batch.offsets)
        some = sizes > 0
        begins, ends = batch.offsets[:-1][some], batch.offsets[1:][some] - 1
        first, last = (np.full(batch.n_customers, NEVER, dtype=np.int64) for _ in range(2))
        first[some], last[some] = batch.time[begins], batch.time[ends]
        stage = np.full(batch.n_customers, -1, dtype=np.int64)
        if len(begins):
            stage[some] = np.maximum.reduceat(self._places()[batch.event], begins)
        return Summaries(batch.ids, sizes.astype(np.int64), self._sessions(batch, begins), first, last, stage)

    def merge(self, one: Summaries, other: Summaries) -> Summaries:
        """Return the rows of both: nobody is in two batches."""
        arrays = [
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("events", "sessions", "first", "last", "stage")
        ]
        return Summaries(one.ids.append(other.ids), *arrays)

    def _places(self) -> np.ndarray:
        return np.array(self.place or (-1,), dtype=np.int64)

    def _sessions(self, batch: Batch, begins: np.ndarray) -> np.ndarray:
        new = np.zeros(batch.n_events, dtype=bool)
        new[1:] = np.diff(batch.time) > self.gap
        new[begins] = True
        return np.bincount(batch.codes[new], minlength=batch.n_customers).astype(np.int64)
