"""Who did what before a landmark, and what came after it: the counts behind drivers of an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.tally import Tally, runs, summed

OFTEN = (1, 2)  # marks of an event: happened at least once, at least twice


@dataclass(frozen=True, eq=False)
class Marked:
    """Counts of people at risk at the landmark.

    Attributes
    ----------
    numbers : mapping of str to int
        `entered`; of these `already` (had the outcome before the landmark), `open` (not observed to the end
        of the window) and `at_risk`; of these `cases` with the outcome.
    marks : Tally
        By event, twice the code for at least once and one more for at least twice: people, and cases.
    groups : Tally
        By group: people, and cases.
    """

    numbers: Mapping[str, int]
    marks: Tally
    groups: Tally


@dataclass(frozen=True)
class Landmark:
    """What people at risk at a landmark had done before it, and whether the outcome came after it.

    Attributes
    ----------
    entry : tuple of int
        Event codes whose first one starts the clock; empty for the first event of all.
    outcome : tuple of int
        Event codes that are the outcome; empty for silence: no event at all in the window.
    wait, window : int
        Microseconds from entry to the landmark, and from there to the end of the window.
    names : int
        How many event names the log has.
    by : str
        Attribute of customers that is a mark as well; "" for none.
    levels : int
        How many values it has; those unknown are one more group.

    Notes
    -----
    Marks are read up to the landmark, the outcome after it, and whoever had the outcome between entry and
    landmark is not at risk any more. So no mark can be owed to having stayed long enough to get it.
    """

    entry: tuple[int, ...]
    outcome: tuple[int, ...]
    wait: int
    window: int
    names: int
    by: str = ""
    levels: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log: none."""
        return ()

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""
        return (self.by,) if self.by else ()

    def measure(self, batch: Batch) -> Marked:
        """Return the answer for the customers of one batch."""
        begin = self._entries(batch)
        entered = begin >= 0
        mark = np.append(batch.time, 0)[begin] + self.wait
        place, at = np.arange(batch.n_events), batch.codes
        since = batch.time - mark[at]
        mine = entered[at]
        had = self._is(batch, self.outcome)
        already = _anyone(batch, mine & had & (since <= 0) & (place > begin[at]))
        followed = batch.until - mark >= self.window
        risk = entered & ~already & followed
        after = (since > 0) & (since <= self.window)
        came = _anyone(batch, after & had) if self.outcome else ~_anyone(batch, after)
        cases = risk & came
        numbers = {
            "entered": entered.sum(), "already": already.sum(),
            "open": (entered & ~already & ~followed).sum(), "at_risk": risk.sum(), "cases": cases.sum(),
        }  # fmt: skip
        marks = self._marks(batch, risk[at] & (since <= 0), cases)
        groups = self._groups(batch, risk, cases)
        return Marked({name: int(n) for name, n in numbers.items()}, marks, groups)

    def merge(self, one: Marked, other: Marked) -> Marked:
        """Return the answer for both."""
        numbers = {name: n + other.numbers[name] for name, n in one.numbers.items()}
        return Marked(numbers, one.marks + other.marks, one.groups + other.groups)

    def _entries(self, batch: Batch) -> np.ndarray:
        """Return where each customer's clock starts, -1 for those who never enter."""
        begin = np.full(batch.n_customers, -1)
        hits = np.flatnonzero(self._is(batch, self.entry)) if self.entry else np.arange(batch.n_events)
        owner = batch.codes[hits]
        first = runs(owner)
        begin[owner[first]] = hits[first]
        return begin

    def _is(self, batch: Batch, codes: tuple[int, ...]) -> np.ndarray:
        wanted = np.zeros(self.names, dtype=bool)
        wanted[list(codes)] = True
        found: np.ndarray = wanted[batch.event]
        return found

    def _marks(self, batch: Batch, counted: np.ndarray, cases: np.ndarray) -> Tally:
        key = batch.codes[counted].astype(np.int64) * self.names + batch.event[counted]
        key.sort()
        starts = runs(key)
        often = np.diff(np.append(starts, len(key)))
        who, event = np.divmod(key[starts], self.names)
        rows = [(often >= least, place) for place, least in enumerate(OFTEN)]
        keys = np.concatenate([event[kept] * len(OFTEN) + place for kept, place in rows])
        case = np.concatenate([cases[who[kept]] for kept, _ in rows])
        return summed(keys, np.stack([np.ones_like(keys), case], axis=1), self.names * len(OFTEN))

    def _groups(self, batch: Batch, risk: np.ndarray, cases: np.ndarray) -> Tally:
        group = batch.people[self.by] if self.by else np.zeros(batch.n_customers, dtype=np.int64)
        group = np.where(group < 0, self.levels, group)[risk].astype(np.int64)
        return summed(group, np.stack([np.ones_like(group), cases[risk]], axis=1), self.levels + 1)


def _anyone(batch: Batch, events: np.ndarray) -> np.ndarray:
    """Return which customers own one of the events marked."""
    found = np.zeros(batch.n_customers, dtype=bool)
    found[batch.codes[events]] = True
    return found
