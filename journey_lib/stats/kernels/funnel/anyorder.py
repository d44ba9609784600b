"""Steps in any order: all of them within the window that opens at the first of them, whichever it is."""

from __future__ import annotations

import numpy as np

from journey_lib.stats.kernels.funnel.chain import first_of
from journey_lib.stats.kernels.funnel.plan import Funnel
from journey_lib.stats.kernels.funnel.rows import Rows, among


def anchors(funnel: Funnel, rows: Rows) -> np.ndarray:
    """Return the rows of a required step within the report period: each may open the window."""
    codes = tuple({code for step in funnel.required for code in funnel.steps[step]})
    opens = among(rows.event, codes)
    if len(rows):
        opens &= (rows.time >= funnel.first) & (rows.time <= funnel.last)
    found = np.flatnonzero(opens)
    return first_of(rows, found) if funnel.entry == "first" else found


def within(funnel: Funnel, rows: Rows, opened: np.ndarray) -> list[np.ndarray]:
    """Return for each step which of the anchors see it, and every required step before it, in time."""
    found: list[np.ndarray] = []
    every = np.ones(len(opened), dtype=bool)
    for step in range(funnel.size):
        seen = every & _seen(funnel, rows, opened, step)
        found.append(seen)
        every = every if step in funnel.optional else seen
    return found


def _seen(funnel: Funnel, rows: Rows, opened: np.ndarray, step: int) -> np.ndarray:
    """Tell which anchors are followed in time by this step; a step named twice needs two events."""
    alike = [k for k in funnel.required if k < step and set(funnel.steps[k]) == set(funnel.steps[step])]
    where = np.flatnonzero(among(rows.event, funnel.steps[step]))
    at = np.searchsorted(where, rows.moments()[opened]) + len(alike)  # order within a moment says nothing
    seen: np.ndarray = at < len(where)
    row, anchor = where[at[seen]], opened[seen]
    inside = rows.unit[row] == rows.unit[anchor]
    inside &= rows.time[row] - rows.time[anchor] <= funnel.window
    seen[seen] = inside
    return seen
