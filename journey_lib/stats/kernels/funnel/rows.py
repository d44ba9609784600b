"""The rows of a batch that a funnel looks at, as arrays in the order it reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.stats.kernels.batch import Batch
    from journey_lib.stats.kernels.funnel.plan import Funnel

_FEW = 12  # codes up to which comparing with each is faster than a table


@dataclass(frozen=True, eq=False)
class Rows:
    """Events in order, each of a unit: a customer, or one attempt of a customer.

    Attributes
    ----------
    unit : ndarray of int32
        Rising; units may own no row.
    time : ndarray of int64
        Microseconds.
    event : ndarray of int
        Codes.
    place : ndarray of int64
        Place in the batch; for `strict`, among the rows that are not ignored.
    source : ndarray of int
        Place in the batch.
    until : ndarray of int64
        Last instant observed, one a unit.
    final : ndarray of int64
        The last `place` each unit owns, events outside the funnel included.
    """

    unit: np.ndarray
    time: np.ndarray
    event: np.ndarray
    place: np.ndarray
    source: np.ndarray
    until: np.ndarray
    final: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self.until)

    def starts(self) -> np.ndarray:
        """Return for each row where its unit begins."""
        new = np.ones(len(self), dtype=bool)
        new[1:] = self.unit[1:] != self.unit[:-1]
        return _running(np.flatnonzero(new), len(self))

    def moments(self) -> np.ndarray:
        """Return for each row where its unit's moment begins."""
        new = np.ones(len(self), dtype=bool)
        new[1:] = (self.unit[1:] != self.unit[:-1]) | (self.time[1:] != self.time[:-1])
        return _running(np.flatnonzero(new), len(self))

    def take(self, chosen: np.ndarray) -> Rows:
        """Return some rows, of the same units."""
        names = ("unit", "time", "event", "place", "source")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def mirrored(self) -> Rows:
        """Return the rows from last to first, with time running backwards."""
        flip = slice(None, None, -1)
        return replace(
            self, unit=(self.n_units - 1 - self.unit)[flip], time=-self.time[flip], event=self.event[flip],
            place=-self.place[flip], source=self.source[flip], until=self.until[flip],
            final=self.final[flip],
        )  # fmt: skip

    def up_to(self, rows: np.ndarray, moment: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Return the last row, not after each of `rows`, whose time is at most `moment`; or the one before.

        The result may lie before the unit's first row.
        """
        return self._last_until(starts[rows].astype(np.int64) - 1, rows.astype(np.int64), moment)

    def up_to_later(self, rows: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """Return the last row of the same unit, not before each of `rows`, whose time is at most `moment`."""
        ends = np.searchsorted(self.unit, self.unit[rows], side="right") - 1
        return self._last_until(rows.astype(np.int64), ends, moment)

    def _last_until(self, low: np.ndarray, high: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """Halve the room between `low`, which fits or means none, and `high`, until one row is left."""
        while (open_ := low < high).any():
            middle = (low + high + 1) // 2
            fits = self.time[middle] <= moment
            low = np.where(open_ & fits, middle, low)
            high = np.where(open_ & ~fits, middle - 1, high)
        return low


def base_rows(batch: Batch, funnels: Sequence[Funnel]) -> Rows:
    """Return the rows of a batch that any of these funnels looks at."""
    codes = sorted({code for funnel in funnels for code in funnel.codes})
    source = np.flatnonzero(among(batch.event, codes))
    ends = batch.offsets[1:]
    return Rows(
        batch.codes[source], batch.time[source], batch.event[source], source, source, batch.until, ends - 1
    )


def own_rows(base: Rows, batch: Batch, funnel: Funnel) -> Rows:
    """Return the rows one funnel looks at, in the order its tie rule reads them."""
    rows = base.take(np.flatnonzero(among(base.event, funnel.codes)))
    if funnel.banned:
        banned = np.zeros(rows.n_units, dtype=bool)
        banned[rows.unit[among(rows.event, funnel.banned)]] = True
        rows = rows.take(np.flatnonzero(~banned[rows.unit]))
    if funnel.order == "strict" and funnel.ignored:
        kept = np.cumsum(~among(batch.event, funnel.ignored))
        final = np.append(0, kept)[batch.offsets[1:]] - 1
        rows = replace(rows, place=kept[rows.source] - 1, final=final)
    return _by_step(rows, funnel) if funnel.ties == "either" else rows


def among(event: np.ndarray, codes: Sequence[int]) -> np.ndarray:
    """Mark the events with one of these codes.

    Examples
    --------
    >>> among(np.array([3, 1, 2]), (1, 3)).tolist()
    [True, True, False]
    """
    found = np.zeros(len(event), dtype=bool)
    if len(codes) <= _FEW:
        for code in codes:
            found |= event == code
        return found
    table = np.zeros(max(int(event.max(initial=0)), *codes) + 1, dtype=bool)
    table[[code for code in codes if code >= 0]] = True
    marked: np.ndarray = table[event]
    return marked


def _by_step(rows: Rows, funnel: Funnel) -> Rows:
    """Put the rows of one moment in the order of the steps, what voids a match before them."""
    rank = np.zeros(len(rows), dtype=np.int64)
    for place, step in enumerate(funnel.steps, start=1):
        rank[among(rows.event, step)] = place
    key = np.cumsum(rows.moments() == np.arange(len(rows))) * (funnel.size + 1) + rank
    return rows.take(np.argsort(key, kind="stable"))


def _running(firsts: np.ndarray, size: int) -> np.ndarray:
    """Return for each row the last of `firsts` at or before it."""
    found = np.zeros(size, dtype=np.int32 if size < 2**31 else np.int64)
    found[firsts] = firsts
    return np.maximum.accumulate(found) if size else found
