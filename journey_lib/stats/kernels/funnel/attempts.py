"""Attempts: entries taken one after another, the next one after the last is over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from journey_lib.stats.kernels.funnel.chain import entries, first_of, follow
from journey_lib.stats.kernels.funnel.plan import Funnel
from journey_lib.stats.kernels.funnel.rows import Rows, among


def attempts(funnel: Funnel, rows: Rows) -> tuple[Rows, np.ndarray]:
    """Return the rows cut into attempts as units of their own, and the customer of each attempt.

    An attempt opens at the first entry after the one before is over: completed, at its earliest possible
    completion, or out of time.
    """
    opened = entries(funnel, rows)
    begins = _taken(rows, opened, _successor(funnel, rows, opened))
    mark = np.zeros(len(rows), dtype=bool)
    mark[begins] = True
    number = np.cumsum(mark) - 1
    owner = rows.unit[begins]
    kept = np.flatnonzero(number >= 0)
    kept = kept[owner[number[kept]] == rows.unit[kept]] if len(kept) else kept
    cut = replace(rows.take(kept), unit=number[kept], until=rows.until[owner], final=rows.final[owner])
    return cut, owner


def completions(funnel: Funnel, rows: Rows, opened: np.ndarray) -> np.ndarray:
    """Return the row at which the funnel is complete earliest from each entry; -1 where it never is.

    The mirror image of following: read backwards, the latest feasible start is the earliest completion.
    """
    mirror, size = rows.mirrored(), len(rows)
    backwards = funnel.backwards()
    ends = np.flatnonzero(among(mirror.event, backwards.steps[0]))
    found = follow(backwards, mirror, ends)
    done = np.full(size, -1, dtype=np.int64)
    done[size - 1 - found.rows[-1]] = size - 1 - found.entry[-1]
    complete: np.ndarray = done[opened]
    return complete


def _successor(funnel: Funnel, rows: Rows, opened: np.ndarray) -> np.ndarray:
    """Return for each entry the place of the next one among `opened`, were it taken; -1 for none."""
    done = completions(funnel, rows, opened)
    timed_out = rows.up_to_later(opened, rows.time[opened] + funnel.window)
    after = np.searchsorted(opened, np.where(done >= 0, done, timed_out), side="right")
    inside = after < len(opened)
    unit = rows.unit[opened]
    inside[inside] = unit[after[inside]] == unit[inside]
    return np.where(inside, after, -1)


def _taken(rows: Rows, opened: np.ndarray, successor: np.ndarray) -> np.ndarray:
    """Return the entries that open an attempt: every customer's first, and from each on to its successor."""
    taken = np.zeros(len(opened), dtype=bool)
    at = np.searchsorted(opened, first_of(rows, opened))
    while len(at):  # once for every attempt of the busiest customer, never for every customer
        taken[at] = True
        at = successor[at]
        at = at[at >= 0]
    return opened[taken]
