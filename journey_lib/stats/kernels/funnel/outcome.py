"""What became of every unit: which steps it reached, which it still may, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey_lib.stats.kernels.funnel import anyorder
from journey_lib.stats.kernels.funnel.attempts import attempts
from journey_lib.stats.kernels.funnel.chain import Chain, entries, first_of, follow, may_go_on
from journey_lib.stats.kernels.funnel.plan import Funnel
from journey_lib.stats.kernels.funnel.rows import Rows


@dataclass(frozen=True, eq=False)
class Outcome:
    """Units of a batch, step by step; every table is steps x units.

    Attributes
    ----------
    owner : ndarray of int
        The customer of each unit.
    entry : ndarray of int64
        Where in the batch each unit first enters; -1 for never.
    reached, open : ndarray of bool
        Whether a step was reached; whether it was not and still may be after the last instant observed.
    mature : ndarray of bool
        Whether it was reached from an entry whose whole window was observed.
    after : ndarray of int64
        Microseconds from the first entry to the step; -1 when not reached from there. Empty unless `timed`.
    pending : ndarray of bool
        Whether the step may still be reached from the first entry. Empty unless `timed`.
    followed : ndarray of int64
        Microseconds each unit was observed after its first entry.
    """

    owner: np.ndarray
    entry: np.ndarray
    reached: np.ndarray
    open: np.ndarray
    mature: np.ndarray
    after: np.ndarray
    pending: np.ndarray
    followed: np.ndarray


def outcome(funnel: Funnel, rows: Rows, *, timed: bool) -> Outcome:
    """Return what became of every unit of these rows.

    Parameters
    ----------
    funnel : Funnel
        The definition.
    rows : Rows
        What `own_rows` selects for it.
    timed : bool
        Whether to follow the clock from each first entry; `any` order has no clock that all steps share.
    """
    if funnel.order == "any":
        return _in_any_order(funnel, rows)
    owner = np.arange(rows.n_units)
    if funnel.entry == "all":
        rows, owner = attempts(funnel, rows)
    opened = entries(funnel, rows)
    firsts = first_of(rows, opened)
    opened = opened if funnel.entry == "any" else firsts
    chain = follow(funnel, rows, opened)
    reached = _units(rows, chain.rows)
    mature = _mature(funnel, rows, opened, reached)
    clock = follow(funnel, rows, firsts) if timed and funnel.entry == "any" else chain
    after, pending = _clock(funnel, rows, firsts, clock) if timed else _no_clock(rows)
    entry, followed = _first_entries(rows, firsts)
    still = np.array(may_go_on(funnel, rows, chain)) & ~reached
    return Outcome(owner, entry, reached, still, mature, after, pending, followed)


def _in_any_order(funnel: Funnel, rows: Rows) -> Outcome:
    opened = anyorder.anchors(funnel, rows)
    seen = anyorder.within(funnel, rows, opened)
    reached = _units(rows, [opened[one] for one in seen])
    watched = rows.until[rows.unit[opened]] - rows.time[opened]
    mature = _units(rows, [opened[one & (watched >= funnel.window)] for one in seen])
    lasting = _units(rows, [opened[watched < funnel.window]])[0]
    entry, followed = _first_entries(rows, first_of(rows, opened))
    after, pending = _no_clock(rows)
    owner = np.arange(rows.n_units)
    return Outcome(owner, entry, reached, ~reached & lasting, mature, after, pending, followed)


def _mature(funnel: Funnel, rows: Rows, opened: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Return what is reached when entries with less than the window to go are dropped first."""
    late = rows.until[rows.unit[opened]] - rows.time[opened] < funnel.window
    touched = _units(rows, [opened[late]])[0]
    if not touched.any():
        return reached
    found = reached & ~touched
    again = np.flatnonzero(touched[rows.unit])
    part = rows.take(again)
    early = np.searchsorted(again, opened[~late & touched[rows.unit[opened]]])
    both: np.ndarray = found | _units(part, follow(funnel, part, early).rows)
    return both


def _clock(funnel: Funnel, rows: Rows, firsts: np.ndarray, chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """Return for each step the time from a unit's first entry, and whether it may still come."""
    began = np.zeros(rows.n_units, dtype=np.int64)
    began[rows.unit[firsts]] = rows.time[firsts]
    after = np.full((funnel.size, rows.n_units), -1, dtype=np.int64)
    for step, reached in enumerate(chain.rows):
        arrived = first_of(rows, reached)
        unit = rows.unit[arrived]
        after[step, unit] = rows.time[arrived] - began[unit]
    return after, np.array(may_go_on(funnel, rows, chain)) & (after < 0)


def _no_clock(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    return np.empty((0, rows.n_units), dtype=np.int64), np.empty((0, rows.n_units), dtype=bool)


def _first_entries(rows: Rows, firsts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where in the batch each unit enters first, and how long it was observed from there."""
    entry, followed = np.full(rows.n_units, -1, dtype=np.int64), np.zeros(rows.n_units, dtype=np.int64)
    unit = rows.unit[firsts]
    entry[unit] = rows.source[firsts]
    followed[unit] = rows.until[unit] - rows.time[firsts]
    return entry, followed


def _units(rows: Rows, found: tuple[np.ndarray, ...] | list[np.ndarray]) -> np.ndarray:
    """Return for each of several sets of rows which units own one."""
    table = np.zeros((len(found), rows.n_units), dtype=bool)
    for at, some in enumerate(found):
        table[at, rows.unit[some]] = True
    return table
