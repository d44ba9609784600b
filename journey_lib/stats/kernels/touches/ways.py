"""From events to paths: which touches stand before which conversion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from journey_lib.stats.attribution.paths import Flags, Floats, Ints, Paths

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch


class Plan(Protocol):
    """What `followed` needs to know; see `TouchPaths`."""

    @property
    def touches(self) -> tuple[int, ...]:
        """Codes of touches."""

    @property
    def conversions(self) -> tuple[int, ...]:
        """Codes of conversions."""

    @property
    def n_channels(self) -> int:
        """Channels of the log."""

    @property
    def lookback(self) -> int:
        """Microseconds."""

    @property
    def value(self) -> str:
        """Column with the value."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Every path of a batch, once for each time it was taken.

    Attributes
    ----------
    paths : Paths
        Channels touched.
    customer, entry, group : ndarray of int64
        Whose path it is, where its first touch stands in the batch, and its group.
    converts : ndarray of bool
        Whether it ended in a conversion.
    worth : ndarray of float
        Value of that conversion.
    age : ndarray of float
        Microseconds from each touch to the conversion.
    tally : mapping of str to int
        As in `Touched`.
    """

    paths: Paths
    customer: Ints
    entry: Ints
    group: Ints
    converts: Flags
    worth: Floats
    age: Floats
    tally: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.paths)

    def piece(self, low: int, high: int) -> Ways:
        """Return the paths from one number to another."""
        here = slice(low, min(high, len(self)))
        first, last = self.paths.offsets[[here.start, here.stop]]
        offsets = self.paths.offsets[here.start : here.stop + 1] - first
        codes = self.paths.codes[first:last]
        return Ways(
            Paths(offsets, codes, self.paths.n_channels), self.customer[here], self.entry[here],
            self.group[here], self.converts[here], self.worth[here], self.age[first:last], self.tally,
        )  # fmt: skip


def followed(plan: Plan, batch: Batch) -> Ways:
    """Return the paths of a batch.

    Definition
    ----------
    A touch belongs to the customer's next conversion, if that lies within the lookback (both ends included):
    so a conversion cuts the path of the next. A customer without any conversion has one path to nothing, the
    touches within the lookback of the last one; it counts once the lookback after that touch has passed
    unused, and is open before.
    """
    touch = np.flatnonzero(np.isin(batch.event, plan.touches))
    sale = np.flatnonzero(np.isin(batch.event, plan.conversions))
    owner, time = batch.codes, batch.time
    following = np.searchsorted(sale, touch)
    target = np.append(sale, -1)[following]
    leads = (target >= 0) & (owner[target] == owner[touch])
    near = leads & (time[target] - time[touch] <= plan.lookback)
    lost, still_open = _lost(plan, batch, touch, sale)
    kept = np.flatnonzero(near | lost)
    place = np.where(near, following, len(sale) + owner[touch])[kept]
    start = np.flatnonzero(np.diff(place, prepend=-1))
    leading, target, touch = near[kept], target[kept], touch[kept]
    converts = leading[start]
    tally = _tally(plan, batch, sale, int(converts.sum())) | {
        "open": still_open,
        "touches": len(kept),
    }
    worth = np.zeros(len(start))
    if plan.value:
        worth[converts] = np.nan_to_num(batch.columns[plan.value][target[start][converts]])
    codes = batch.columns["channel"][touch].astype(np.int64)
    paths = Paths(
        np.append(start, len(kept)), np.where(codes < 0, plan.n_channels, codes), plan.n_channels + 1
    )
    entry = touch[start]
    age = np.where(leading, time[target] - time[touch], 0).astype(float)
    customer = owner[entry].astype(np.int64)
    return Ways(paths, customer, entry, np.zeros_like(entry), converts, worth, age, tally)


def _tally(plan: Plan, batch: Batch, sale: Ints, reached: int) -> dict[str, int]:
    return {
        "conversions": len(sale),
        "untouched": len(sale) - reached,
        "cut": int((batch.time[sale] - plan.lookback < batch.start).sum()),
        "unvalued": int(np.isnan(batch.columns[plan.value][sale]).sum()) if plan.value else 0,
    }


def _lost(plan: Plan, batch: Batch, touch: Ints, sale: Ints) -> tuple[Flags, int]:
    """Tell which touches make up paths to nothing, and how many customers are still open."""
    owner, time = batch.codes[touch], batch.time[touch]
    idle = np.zeros(batch.n_customers, dtype=bool)
    idle[owner] = True
    idle[batch.codes[sale]] = False
    newest = np.full(batch.n_customers, batch.start, dtype=np.int64)
    newest[owner] = time  # the last one stays: touches are in order
    closed = idle & (newest + plan.lookback <= batch.until)
    lost = closed[owner] & (time >= newest[owner] - plan.lookback)
    return lost, int((idle & ~closed).sum())
