"""Where on the journey each event happens: stays by the furthest stage reached, repeats and loops in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.kernels.touchpoints.tally import changes, pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels import Batch


@dataclass(frozen=True, eq=False)
class Spells:
    """Stays of customers at one furthest stage, customer by customer in order of time.

    Attributes
    ----------
    customer, stage : ndarray of int
        Whose stay, and at which stage; -1 is before any stage.
    start, end : ndarray of int
        First event of the stay, and the one after its last; where `closed` that event enters a further stage.
    closed : ndarray of bool
        Whether the customer moved on.
    of_event : ndarray of int
        The stay of each event.
    """

    customer: npt.NDArray[Any]
    stage: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    closed: npt.NDArray[np.bool_]
    of_event: npt.NDArray[np.int64]

    def table(self, values: npt.NDArray[Any], customers: int, stages: int) -> npt.NDArray[np.int64]:
        """Lay a value of the stays out as customers × stages; -1 where there is no such stay."""
        laid = np.full((customers, stages), -1, np.int64)
        at = self.stage >= 0
        laid[self.customer[at], self.stage[at]] = values[at]
        return laid


def spells(batch: Batch, stage_of: Sequence[int], stages: int) -> Spells:
    """Cut every customer's events into stays.

    Parameters
    ----------
    batch : Batch
        Whole customers.
    stage_of : sequence of int
        The stage that each event name enters, as its place in the journey; -1 for none.
    stages : int
        How many stages there are.

    Definition
    ----------
    The stage of an event is the furthest stage entered so far by the customer, this event included. A stay is
    a run of events of one stage, so a customer has at most one stay at each, and steps back do not end it.
    A skipped stage has no stay.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels import Batch
    >>> names = np.array([2, 0, 2, 1, 0])  # other, enter first, other, enter second, enter first
    >>> batch = Batch(np.array([0, 5]), np.arange(5), names, pd.Index(["a"]), 0, np.array([9]))
    >>> found = spells(batch, (0, 1, -1), 2)
    >>> found.stage.tolist(), found.start.tolist(), found.closed.tolist()
    ([-1, 0, 1], [0, 1, 3], [True, True, False])
    """
    entered = np.asarray(stage_of, np.int64)[batch.event]
    base = batch.codes.astype(np.int64) * (stages + 1)
    furthest = np.maximum.accumulate(base + entered + 1) if batch.n_events else base
    new = changes(furthest)
    start = np.flatnonzero(new)
    end = np.append(start[1:], batch.n_events)[: len(start)]
    customer = batch.codes[start]
    closed = np.append(customer[1:] == customer[:-1], False)[: len(start)]
    return Spells(customer, furthest[start] - base[start] - 1, start, end, closed, np.cumsum(new) - 1)


def repeated(
    event: npt.NDArray[Any], place: npt.NDArray[Any], stay: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Tell which contacts repeat a step: the same event, at a touchpoint, earlier in the same stay.

    Examples
    --------
    >>> again = repeated(np.array([4, 5, 4, 4]), np.array([0, 0, 0, -1]), np.zeros(4, int))
    >>> again.tolist()
    [False, False, True, False]
    """
    found = pairs(np.where(place >= 0, event, -1), stay)
    again = place >= 0
    again[found.first] = False
    return again


def returned(place: npt.NDArray[Any], stay: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell which contacts go back: to a touchpoint met before in the same stay, from another one.

    Examples
    --------
    >>> returned(np.array([0, 0, 1, -1, 0, 1]), np.zeros(6, int)).tolist()
    [False, False, False, False, True, True]
    """
    met = np.flatnonzero(place >= 0)
    here, where = place[met], stay[met]
    seen = np.ones(len(met), dtype=bool)
    seen[pairs(here, where).first] = False
    back = np.zeros(len(place), dtype=bool)
    back[met] = seen & changes(here) & ~changes(where)
    return back
