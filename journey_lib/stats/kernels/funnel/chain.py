"""Following steps in order: for every row of a step, the latest entry that leads there within all limits.

The latest feasible entry is the best one, because only the time of entry limits what may still follow; it
never falls from row to row of a step, so one running maximum a step finds it (journeys in O(rows x steps)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.funnel.plan import Funnel
from journey_lib.stats.kernels.funnel.rows import Rows, among


@dataclass(frozen=True, eq=False)
class Chain:
    """Where each step can be reached.

    Attributes
    ----------
    rows : tuple of ndarray
        For each step, the rows that reach it, rising.
    entry : tuple of ndarray
        The latest entry row that leads to each of them.
    """

    rows: tuple[np.ndarray, ...]
    entry: tuple[np.ndarray, ...]


def entries(funnel: Funnel, rows: Rows) -> np.ndarray:
    """Return the rows that may open the funnel: its first step within the report period."""
    opens = among(rows.event, funnel.steps[0])
    if len(rows):
        opens &= (rows.time >= funnel.first) & (rows.time <= funnel.last)
    return np.flatnonzero(opens)


def first_of(rows: Rows, found: np.ndarray) -> np.ndarray:
    """Return the first of the rows found of each unit that has one; rising."""
    if not len(found):
        return found
    unit = rows.unit[found]
    first: np.ndarray = found[np.append(True, unit[1:] != unit[:-1])]
    return first


def follow(funnel: Funnel, rows: Rows, opened: np.ndarray) -> Chain:
    """Return where each step can be reached from these entry rows."""
    ways = _Ways(funnel, rows)
    reached, entry = [opened], [opened]
    for step in range(1, funnel.size):
        came = funnel.before(step)
        here = np.flatnonzero(among(rows.event, funnel.steps[step]))
        row, whence = ways.onward(step, here, reached[came])
        whose = _latest(entry[came], reached[came], whence)
        within = rows.time[row] - rows.time[whose] <= funnel.window
        reached.append(row[within])
        entry.append(whose[within])
    return Chain(tuple(reached), tuple(entry))


def may_go_on(funnel: Funnel, rows: Rows, chain: Chain) -> list[np.ndarray]:
    """Return for each step which units could still reach it after the last instant observed."""
    ways = _Ways(funnel, rows)
    found = [np.zeros(rows.n_units, dtype=bool)]
    for step in range(1, funnel.size):
        came = funnel.before(step)
        open_ = found[came].copy()
        reached, entry = chain.rows[came], chain.entry[came]
        if len(reached):
            unit = rows.unit[reached]
            last = np.append(unit[1:] != unit[:-1], True)
            row, whose, unit = reached[last], entry[last], unit[last]
            until = rows.until[unit]
            lasting = (until - rows.time[whose] < funnel.window) & (
                until - rows.time[row] < funnel.limit(step)
            )
            open_[unit[lasting & ways.alive(step, row)]] = True
        found.append(open_)
    return found


class _Ways:
    """What may lie between a step and the one before it."""

    def __init__(self, funnel: Funnel, rows: Rows) -> None:
        self.funnel, self.rows = funnel, rows
        self.starts = rows.starts()
        self.moments = rows.moments() if funnel.ties == "strict_time" else None
        self.void = [_last(np.flatnonzero(among(rows.event, x.events)), len(rows)) for x in funnel.exclude]

    def onward(self, step: int, here: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows of a step follow a row of the one before, and the latest such row of each."""
        funnel, time = self.funnel, self.rows.time
        limit = self._limit(step, here)
        whence = np.full(len(here), -1, dtype=np.int64)
        inside = limit >= 0
        whence[inside] = _last(before, len(self.rows))[limit[inside]]
        fits = whence >= self.starts[here]
        for at in funnel.voids(step):
            fits &= whence > self.void[at][here]
        here, whence = here[fits], whence[fits]
        kept = time[here] - time[whence] <= funnel.limit(step)
        if funnel.order == "strict":
            kept &= self.rows.place[here] - self.rows.place[whence] == 1
        return here[kept], whence[kept]

    def alive(self, step: int, row: np.ndarray) -> np.ndarray:
        """Tell which rows nothing has voided by the end, each the last of its unit."""
        fits = np.ones(len(row), dtype=bool)
        unit = self.rows.unit[row]
        if self.funnel.voids(step):
            ends = np.searchsorted(self.rows.unit, unit, side="right") - 1
            for at in self.funnel.voids(step):
                fits &= row > self.void[at][ends]
        if self.funnel.order == "strict":
            fits &= self.rows.place[row] == self.rows.final[unit]
        return fits

    def _limit(self, step: int, here: np.ndarray) -> np.ndarray:
        """Return the last row that may be the step before."""
        if self.funnel.gap(step):
            moment = self.rows.time[here] - self.funnel.gap(step)
            return self.rows.up_to(here, moment, self.starts)
        if self.moments is not None:
            here = self.moments[here].astype(np.int64)
        before: np.ndarray = here - 1
        return before


def _last(found: np.ndarray, size: int) -> np.ndarray:
    """Return for each row the last of `found` at or before it; -1 before the first."""
    last = np.full(size, -1, dtype=np.int32 if size < 2**31 else np.int64)
    last[found] = found
    return np.maximum.accumulate(last) if size else last


def _latest(entry: np.ndarray, reached: np.ndarray, whence: np.ndarray) -> np.ndarray:
    """Return the entries of the rows a step was reached from."""
    found: np.ndarray = entry[np.searchsorted(reached, whence)]
    return found
