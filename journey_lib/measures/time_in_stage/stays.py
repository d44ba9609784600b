"""One stage and group: the curve of moving on, and every number that is read off it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from journey_lib.measures.time_in_stage.plan import SECONDS
from journey_lib.stats.kernels.spells import NEXT
from journey_lib.stats.survival import Clustered, Incidence, RiskTable
from journey_lib.stats.survival.incidence import crossing, log_log

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels.spells import Cells

FEWEST = 10  # at risk: below that a curve says little
GRID = 30  # times at which errors are compared with those that know whose the spells are
CAUSES = 3
Floats: TypeAlias = "npt.NDArray[np.float64]"
Ints: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True, eq=False)
class Own:
    """Spells one by one, where customers have several.

    Attributes
    ----------
    days, cause, customer : ndarray
        How long, what ended it, and whose it was, as a number from 0.
    """

    days: Floats
    cause: Ints
    customer: Ints


@dataclass(frozen=True)
class Read:
    """A number read off a curve, with its interval.

    Attributes
    ----------
    estimate, std_error, low, high : float
        NaN where there is none.
    why : str
        Reason code of what is missing.
    """

    estimate: float = math.nan
    std_error: float = math.nan
    low: float = math.nan
    high: float = math.nan
    why: str = ""


@dataclass(frozen=True, eq=False)
class Stay:
    """The spells of one group in one stage.

    Attributes
    ----------
    found : Incidence
        Shares gone by cause over days.
    customers : int
        Different customers.
    level : float
        Confidence level.
    own : Own or None
        The spells one by one; None where each customer has one.
    waiting, waiters : ndarray
        Days in the stage so far of those in it at the last look, ascending, and how many of each.
    prepared : dict
        Errors that know whose the spells are, by cause; filled when asked for.
    """

    found: Incidence
    customers: int
    level: float
    own: Own | None
    waiting: Floats
    waiters: Ints
    prepared: dict[int, Clustered] = field(default_factory=dict, repr=False)

    @property
    def table(self) -> RiskTable:
        """Exits, censorings and numbers at risk."""
        return self.found.table

    @property
    def spells(self) -> int:
        """How many spells there are."""
        return self.table.n

    @cached_property
    def share(self) -> Floats:
        """Share that moved on to the next stage by each time."""
        return np.asarray(self.found.shares[:, NEXT - 1])

    @cached_property
    def errors(self) -> Floats:
        """Standard error of that share."""
        return self.found.error(NEXT) * self._wider(self.found.error(NEXT), 0.0)

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """Interval of that share at each time."""
        low, high = log_log(1 - self.share, self.errors, self.level)
        return 1 - high, 1 - low

    @cached_property
    def followed(self) -> float:
        """The last time at which enough are at risk, or nothing that came before is unknown."""
        time, lost = self.table.time, np.flatnonzero(self.table.censored)
        if self.spells < FEWEST:
            return math.nan
        limit = self.table.followed(FEWEST)
        if not len(lost) or time[lost[-1]] <= limit:
            return float(time[-1])
        return max(limit, float(time[lost[0]]))

    @property
    def settled(self) -> bool:
        """Whether everybody was followed until they left, so that nothing is unknown at any time."""
        time = self.table.time
        return len(time) > 0 and self.followed == time[-1] and self.found.survival[-1] == 0

    def share_by(self, days: float, cause: int = NEXT) -> Read:
        """Return the share gone for a cause by some day; cause 0 is the share still there."""
        if not self.spells:
            return Read(why="no_spells")
        if not (days <= self.followed or self.settled):
            return Read(why="too_few_followed")
        column = self.found.shares[:, cause - 1] if cause else self.found.survival
        estimate = self.found.at(column, days, 0.0 if cause else 1.0)
        error = self._error_at(days, cause)
        falling = np.array([1 - estimate if cause else estimate])
        low, high = (float(v[0]) for v in log_log(falling, np.array([error]), self.level))
        return Read(estimate, error, *((1 - high, 1 - low) if cause else (low, high)))

    def moved_by(self, share: float) -> Read:
        """Return the days by which a share of all who entered had moved on."""
        if not self.spells:
            return Read(why="no_spells")
        time, (low, high) = self.table.time, self.bounds
        return self._days(
            crossing(time, 1 - self.share, 1 - share),
            crossing(time, 1 - high, 1 - share),
            crossing(time, 1 - low, 1 - share),
            "not_reached",
        )

    def typical(self, part: float = 0.5) -> Read:
        """Return the days by which a part of those who moved on while followed had done so."""
        if not self.spells:
            return Read(why="no_spells")
        end = self._end
        if end < 0:
            return Read(why="nobody_moved")
        from scipy.special import ndtri

        z = float(ndtri(0.5 + self.level / 2))
        time, gap = self._gap(part, end)
        error = self.found.error_of_part(NEXT, part, end)
        error = error * self._wider(error, part)[: end + 1]
        early, late = crossing(time, gap - z * error, 0.0), crossing(time, gap + z * error, 0.0)
        return self._days(crossing(time, gap, 0.0), early, late, "nobody_moved")

    def typical_days(self, part: float = 0.5) -> float:
        """Return the days of `typical` without their interval, which takes much longer."""
        return crossing(*self._gap(part, self._end), 0.0) if self._end >= 0 else math.nan

    @property
    def _end(self) -> int:
        """Row up to which movers are counted; −1 where nobody moved."""
        end = self.found.row(self.followed) if not math.isnan(self.followed) else -1
        return end if end >= 0 and self.share[end] > 0 else -1

    def _gap(self, part: float, end: int) -> tuple[Floats, Floats]:
        """Return how much is missing to a part of all movers, falling over time."""
        return self.table.time[: end + 1], part * self.share[end] - self.share[: end + 1]

    def mean(self, tau: float) -> Read:
        """Return the mean days in the stage up to tau, whatever ended the stay."""
        if not self.spells:
            return Read(why="no_spells")
        area, error = self.found.area(tau) if tau > 0 else (math.nan, math.nan)
        if math.isnan(area):
            return Read(why="too_few_followed")
        if self.own is not None:
            error = self._clustered(0).area_error(tau)
        from scipy.special import ndtri

        margin = float(ndtri(0.5 + self.level / 2)) * error
        return Read(area, error, max(area - margin, 0.0), min(area + margin, tau))

    def waiting_by(self, share: float) -> float:
        """Return the days so far below which this share of those in the stage now have waited."""
        total = np.cumsum(self.waiters)
        if not len(total):
            return math.nan
        return float(self.waiting[np.searchsorted(total, share * total[-1])])

    def waiting_longer(self, days: float) -> float:
        """Return the share of those in the stage now who have waited longer than this."""
        total = int(self.waiters.sum())
        return float(self.waiters[self.waiting > days].sum()) / total if total else math.nan

    def _days(self, estimate: float, early: float, late: float, why: str) -> Read:
        """Return a time with its limits; its error is the half width over z, as R's for quantiles."""
        if math.isnan(estimate):
            return Read(why=why)
        from scipy.special import ndtri

        error = (late - early) / (2 * float(ndtri(0.5 + self.level / 2)))
        return Read(estimate, error, early, late, "unbounded" if math.isnan(late) else "")

    def _error_at(self, days: float, cause: int) -> float:
        if self.own is not None:
            return float(self._clustered(cause).error(np.array([days]))[0])
        column = self.found.error(cause) if cause else self.found.survival_error
        return self.found.at(column, days)

    def _clustered(self, cause: int) -> Clustered:
        """Return the errors of one cause that know whose the spells are, prepared once."""
        if cause not in self.prepared:
            own = self.own
            assert own is not None  # noqa: S101 - asked for only where there are spells one by one
            self.prepared[cause] = Clustered(self.found, own.days, own.cause, own.customer, which=cause)
        return self.prepared[cause]

    def _wider(self, plain: Floats, part: float) -> Floats:
        """Return at each time how much wider errors are that know whose the spells are.

        They are computed at some times only, and joined by straight lines: the ratio moves slowly.
        """
        rows = len(self.table.time)
        if self.own is None or not rows:
            return np.ones(rows)
        end = self.followed if part else 0.0
        last = self.found.row(end) if part else rows - 1
        at = np.unique(np.linspace(0, last, GRID).astype(int))
        times = self.table.time[at]
        known = self._clustered(NEXT).error(times, part, end)
        ratio = np.divide(known, plain[at], out=np.ones(len(at)), where=plain[at] > 0)
        return np.asarray(np.interp(self.table.time, times, ratio))


def days_of(seconds: Ints) -> Floats:
    """Return whole seconds as days."""
    return np.asarray(seconds / SECONDS)


def chosen(table: Cells, here: npt.NDArray[np.bool_]) -> tuple[Floats, Ints, Ints]:
    """Return days, causes and counts of some rows of a table."""
    return days_of(table.seconds[here]), table.cause[here], table.count[here]
