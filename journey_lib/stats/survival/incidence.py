"""From a count table to shares still waiting and shares gone by cause, with variances and crossings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inputs import FloatArray

if TYPE_CHECKING:
    from journey_lib.stats.survival.risk import RiskTable

NOISE = 1e-13  # of the parts of a sum: less is rounding
TOLERANCE = math.sqrt(np.finfo(float).eps)  # as R: a share this near to one half is one half


@dataclass(frozen=True, eq=False)
class Incidence:
    """Shares still waiting and gone at each time of a table.

    Attributes
    ----------
    table : RiskTable
        Exits, censorings and numbers at risk.

    Definition
    ----------
    S(t) = product over times up to t of 1 − d/n. F_j(t) = sum of S(before) · d_j/n: exits of different causes
    at one time share what was left before it, so F over all causes and S always add up to 1.
    Variances come from the multinomial draws at each time (Greenwood's formula for S).
    """

    table: RiskTable

    @cached_property
    def rates(self) -> FloatArray:
        """Share of those at risk that left at each time, by cause."""
        waiting = np.maximum(self.table.at_risk, 1)[:, None]
        rates: FloatArray = self.table.exits / waiting
        return rates

    @cached_property
    def rate(self) -> FloatArray:
        """Share of those at risk that left at each time, for whatever cause."""
        rate: FloatArray = self.table.left / np.maximum(self.table.at_risk, 1)
        return rate

    @cached_property
    def survival(self) -> FloatArray:
        """Share still waiting after each time."""
        return np.asarray(np.cumprod(1 - self.rate), dtype=float)

    @cached_property
    def before(self) -> FloatArray:
        """Share still waiting just before each time."""
        return np.concatenate([[1.0], self.survival[:-1]]) if len(self.survival) else self.survival

    @cached_property
    def shares(self) -> FloatArray:
        """Share gone by each time, by cause."""
        return np.asarray(np.cumsum(self.before[:, None] * self.rates, axis=0))

    @cached_property
    def _steps(self) -> FloatArray:
        """Greenwood's terms d/(n(n−d)); nothing can follow a time at which all left."""
        waiting, left = self.table.at_risk.astype(float), self.table.left.astype(float)
        kept = waiting - left
        return np.asarray(np.divide(left, waiting * kept, out=np.zeros(len(left)), where=kept > 0))

    @cached_property
    def survival_error(self) -> FloatArray:
        """Standard error of the share still waiting (Greenwood)."""
        return np.asarray(self.survival * np.sqrt(np.cumsum(self._steps)))

    def error(self, cause: int) -> FloatArray:
        """Return the standard error of the share gone by one cause (from 1)."""
        a, b, c, g, h, k = self._sums(cause)
        share = self.shares[:, cause - 1]
        parts = (a, -2 * (share * b - c), share**2 * g, -2 * share * h, k)
        return _root(parts)

    def error_of_part(self, cause: int, part: float, until: int) -> FloatArray:
        """Return the standard error of F(t) − part · F(end) at each time t up to the end.

        Parameters
        ----------
        cause : int
            From 1.
        part : float
            Such as one half.
        until : int
            Row of the table that is the end.
        """
        share, own = self.shares[: until + 1, cause - 1], self.error(cause)[: until + 1]
        last = share[until] if len(share) else 0.0
        a, b, c, g, h, k = (column[: until + 1] for column in self._sums(cause))
        both = a - ((last + share) * b - 2 * c) + share * last * g - (share + last) * h + k
        return _root((own**2, np.full(until + 1, part**2 * own[until] ** 2), -2 * part * both))

    def _sums(self, cause: int) -> tuple[FloatArray, ...]:
        """Return the running sums that variances of F(t) are made of."""
        waiting = np.maximum(self.table.at_risk, 1)
        rate, share = self.rates[:, cause - 1], self.shares[:, cause - 1]
        draw, steps = self.before * rate / waiting, self._steps
        terms = (self.before * draw * (1 - rate), draw, draw * share, steps, steps * share, steps * share**2)
        return tuple(np.cumsum(term) for term in terms)

    def at(self, column: FloatArray, time: float, start: float = 0.0) -> float:
        """Return the value of a step column at any time."""
        row = self.row(time)
        return float(column[row]) if row >= 0 else start

    def row(self, time: float) -> int:
        """Return the last row not after a time, −1 before the first."""
        return int(np.searchsorted(self.table.time, time, side="right")) - 1

    def area(self, tau: float) -> tuple[float, float]:
        """Return the mean time spent waiting up to tau, and its standard error; NaN where tau is too far.

        Definition
        ----------
        The area under S(t) from 0 to tau. Its variance is the sum over times of the squared area still to
        come times d/(n(n−d)).
        """
        time, survival = self.table.time, self.survival
        reached = len(time) > 0 and (tau <= time[-1] or survival[-1] == 0)
        if not reached or not tau >= 0:
            return math.nan, math.nan
        rows = self.row(tau) + 1
        marks = np.concatenate([[0.0], time[:rows], [tau]])
        heights = np.concatenate([[1.0], survival[:rows]])
        pieces = heights * np.diff(marks)
        rest = pieces.sum() - np.cumsum(pieces)[:rows]  # area from each time on
        return float(pieces.sum()), math.sqrt(float((rest**2 * self._steps[:rows]).sum()))


def _root(parts: Sequence[FloatArray]) -> FloatArray:
    """Return the root of a sum of large parts that may cancel: what is left of rounding is nothing."""
    total, size = np.sum(parts, axis=0), np.sum(np.abs(parts), axis=0)
    return np.asarray(np.sqrt(np.where(total > NOISE * size, total, 0.0)))


def log_log(share: FloatArray, error: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return an interval of a falling share on the scale of log(−log): never below 0 or above 1.

    Parameters
    ----------
    share, error : ndarray of float
        Share still waiting and its standard error.
    level : float
        Confidence level.

    Definition
    ----------
    share^exp(±z · error / (share · log share)). NaN where the share is 0 or 1, as in R: there the scale has
    no width.

    Examples
    --------
    >>> low, high = log_log(np.array([0.5]), np.array([0.1]), 0.95)
    >>> low.round(4).item(), high.round(4).item()
    (0.2952, 0.6745)
    """
    from scipy.special import ndtri

    inside = (share > 0) & (share < 1)
    known = np.where(inside, share, 0.5)
    width = ndtri(0.5 + level / 2) * error / (known * np.abs(np.log(known)))
    low, high = known ** np.exp(width), known ** np.exp(-width)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def crossing(time: FloatArray, falling: FloatArray, level: float) -> float:
    """Return when a falling step line first reaches a level, NaN if it never does.

    Where it lies exactly on the level for a while, the middle of that while, as R.

    Examples
    --------
    >>> crossing(np.array([1.0, 2.0, 4.0]), np.array([0.75, 0.5, 0.25]), 0.5)
    3.0
    """
    low = np.flatnonzero(~np.isnan(falling) & (falling < level + TOLERANCE))
    if not len(low):
        return math.nan
    first = low[0]
    if abs(falling[first] - level) < TOLERANCE:
        below = low[falling[low] < falling[first]]
        if len(below):
            return float(time[first] + time[below[0]]) / 2
    return float(time[first])
