"""How far a journey is from a straight line: stages jumped over, and steps back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.kernels.funnel.rows import among

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch


@dataclass(frozen=True, eq=False)
class Detours:
    """Customers by step.

    Attributes
    ----------
    reached : ndarray of int64
        Customers with the step.
    skipped : ndarray of int64
        Of these, customers without the step before it until then; 0 at the first step.
    back : ndarray of int64
        Of these, customers with an earlier step afterwards.
    """

    reached: np.ndarray
    skipped: np.ndarray
    back: np.ndarray


@dataclass(frozen=True)
class DetourKernel:
    """How many customers jump over a step or come back from it.

    Attributes
    ----------
    steps : tuple of tuple of int
        Codes of the events that make each step.
    """

    steps: tuple[tuple[int, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Nothing further."""
        return ()

    @property
    def people(self) -> tuple[str, ...]:
        """Nothing further."""
        return ()

    def measure(self, batch: Batch) -> Detours:
        """Return the counts of one batch."""
        rows = [np.flatnonzero(among(batch.event, step)) for step in self.steps]
        first = [_edge(batch, found[::-1], batch.n_events) for found in rows]
        last = np.array([_edge(batch, found, -1) for found in rows])
        earlier = np.maximum.accumulate(last, axis=0)
        tables = np.zeros((3, len(rows)), dtype=np.int64)
        for step, at in enumerate(first):
            here = at < batch.n_events
            tables[0, step] = here.sum()
            if step:
                tables[1, step] = (here & (first[step - 1] > at)).sum()
                tables[2, step] = (here & (earlier[step - 1] > at)).sum()
        return Detours(*tables)

    def merge(self, one: Detours, other: Detours) -> Detours:
        """Add the counts of two batches."""
        return Detours(one.reached + other.reached, one.skipped + other.skipped, one.back + other.back)


def _edge(batch: Batch, found: np.ndarray, none: int) -> np.ndarray:
    """Return for each customer the last of the rows in the order they come; `none` without one."""
    edge = np.full(batch.n_customers, none, dtype=np.int64)
    edge[batch.codes[found]] = found
    return edge
