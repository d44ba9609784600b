"""What the log knows of a few known customers, so that their answers can be set beside what they met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.kernels.touchpoints.spells import repeated, spells
from journey_lib.stats.kernels.touchpoints.tally import pairs

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from journey_lib.stats.kernels import Batch


@dataclass(frozen=True, eq=False)
class Seen:
    """Contacts of single customers.

    Attributes
    ----------
    ids : Index of str
        Who.
    contacts, repeats : ndarray of int64, customers × touchpoints
        How many contacts, and how many of them repeat a step of the same stay.
    """

    ids: pd.Index
    contacts: npt.NDArray[np.int64]
    repeats: npt.NDArray[np.int64]

    def of(self, ids: pd.Index) -> Seen:
        """Return the same for other ids, in their order; whom the log does not know has no contact."""
        at = self.ids.get_indexer(ids)
        blank = np.zeros((1, self.contacts.shape[1]), np.int64)
        parts = [np.concatenate([values, blank])[at] for values in (self.contacts, self.repeats)]
        return Seen(ids, *parts)


@dataclass(frozen=True, eq=False)
class Met:
    """Contacts and repeats at each touchpoint of the customers asked about.

    Attributes
    ----------
    asked : Index of str
        Their ids; the answer is never longer than this list.
    place, stage : tuple of int
        Touchpoint of each event name, and the stage it enters; -1 for none.
    stages, places : int
        How many there are.
    """

    asked: pd.Index
    place: tuple[int, ...]
    stage: tuple[int, ...]
    stages: int
    places: int

    columns: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def measure(self, batch: Batch) -> Seen:
        """Return the customers of one batch that were asked about."""
        place = np.asarray(self.place, np.int64)[batch.event]
        stay = spells(batch, self.stage, self.stages).of_event
        found = pairs(place, batch.codes)
        again = found.sums(repeated(batch.event, place, stay))
        wanted = batch.ids.isin(self.asked)
        row = np.cumsum(wanted) - 1
        kept = wanted[found.customer]
        laid = []
        for values in (found.count, again):
            cells = np.zeros((int(wanted.sum()), self.places), np.int64)
            cells[row[found.customer[kept]], found.code[kept]] = values[kept]
            laid.append(cells)
        return Seen(batch.ids[wanted], *laid)

    def merge(self, one: Seen, other: Seen) -> Seen:
        """Return the customers of both."""
        contacts = np.concatenate([one.contacts, other.contacts])
        repeats = np.concatenate([one.repeats, other.repeats])
        return Seen(one.ids.append(other.ids), contacts, repeats)
