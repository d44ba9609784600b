"""Three readings of how many move on: as counted, from whole windows only, and allowing for open windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.intervals import wilson
from journey_lib.stats.survival.incidence import Incidence, log_log
from journey_lib.stats.survival.risk import RiskTable

if TYPE_CHECKING:
    from journey_lib.stats.kernels.funnel import Counted

_DAY = 86_400  # seconds
_FEW = 10  # moves and stays on either side that a normal test of a difference must rest on


@dataclass(frozen=True)
class Rate:
    """One share with its interval; NaN with the reason in `note`."""

    estimate: float = math.nan
    std_error: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    n: float = 0.0
    note: str = ""


def counted_share(part: float, whole: float, level: float, *, note: str = "nobody") -> Rate:
    """Return a plain share with Wilson's interval.

    Examples
    --------
    >>> round(counted_share(3, 4, 0.95).ci_low, 3)
    0.301
    """
    if whole <= 0:
        return Rate(note=note)
    share = np.array([part / whole])
    low, high = wilson(share, np.array([float(whole)]), level)
    error = math.sqrt(float(share[0] * (1 - share[0])) / whole)
    return Rate(float(share[0]), error, float(low[0]), float(high[0]), float(whole))


def waiting(counted: Counted, step: int, groups: list[int]) -> RiskTable:
    """Return how many waited for a step, second by second from their first entry."""
    seconds, reached, censored = counted.times(step, groups)
    nobody = np.zeros(len(seconds), dtype=np.int64)
    n = int(reached.sum() + censored.sum())
    return RiskTable(seconds.astype(float), reached[:, None], censored, nobody, n)


def allowing(counted: Counted, step: int, groups: list[int], level: float) -> Rate:
    """Return the share that reaches a step within the window, allowing for windows that are not over.

    Definition
    ----------
    1 − S(window) of Kaplan and Meier on the clock from each first entry; Greenwood's variance, interval on
    the scale of log(−log S). Where nobody or everybody got there that scale has no width: Wilson's interval
    on those watched to the end stands in. NaN where nobody was watched to the end.
    """
    table = waiting(counted, step, groups)
    if not table.n:
        return Rate(note="nobody")
    found = Incidence(table)
    stay = float(found.survival[-1])
    end = int(table.waiting(np.array([float(counted.window)]))[0])
    if not end and stay > 0:
        return Rate(n=float(table.n), note="no_whole_window")
    error = float(found.survival_error[-1])
    if 0 < stay < 1:
        low, high = log_log(np.array([stay]), np.array([error]), level)
        return Rate(1 - stay, error, 1 - float(high[0]), 1 - float(low[0]), float(table.n))
    watched = end if stay == 1 else int(table.left.sum())
    plain = counted_share((1 - stay) * watched, watched, level)
    return Rate(1 - stay, 0.0, plain.ci_low, plain.ci_high, float(table.n))


def days(counted: Counted, step: int, groups: list[int], share: float) -> Rate:
    """Return when this share of those who reached a step had done so, in days since their first entry.

    Definition
    ----------
    Quantile of the exact table of seconds, linear between neighbours (type 7 of Hyndman and Fan).
    """
    seconds, reached, _ = counted.times(step, groups)
    n = int(reached.sum())
    if not n:
        return Rate(note="nobody_moved")
    place = (n - 1) * share
    upto = np.cumsum(reached)
    low, high = (float(seconds[np.searchsorted(upto, at, side="right")])
                 for at in (math.floor(place), math.ceil(place)))  # fmt: skip
    found = low + (high - low) * (place - math.floor(place))
    return Rate(found / _DAY, n=float(n))


def difference(one: Rate, other: Rate) -> Rate:
    """Return one rate less another of different customers, with the interval their own intervals make.

    Source
    ------
    Newcombe (1998), Statistics in Medicine 17, method 10; Zou and Donner (2008), Statistics in Medicine 27.

    Examples
    --------
    >>> one, other = counted_share(56, 70, 0.95), counted_share(48, 80, 0.95)
    >>> gap = difference(one, other)
    >>> round(gap.estimate, 4), round(gap.ci_low, 4), round(gap.ci_high, 4)
    (0.2, 0.0524, 0.3339)
    """
    gap = one.estimate - other.estimate
    if not math.isfinite(gap):
        return Rate(n=one.n, note=one.note or other.note)
    low = gap - math.hypot(one.estimate - one.ci_low, other.ci_high - other.estimate)
    high = gap + math.hypot(one.ci_high - one.estimate, other.estimate - other.ci_low)
    return Rate(gap, math.hypot(one.std_error, other.std_error), low, high, one.n)


def p_value(one: Rate, other: Rate, whole: list[tuple[int, int]]) -> float:
    """Return the p-value of no difference: by the standard errors, or exactly where moves or stays are few.

    Parameters
    ----------
    one, other : Rate
        The two rates.
    whole : list of (int, int)
        Moves and stays of either side within whole windows, for Fisher's exact test.
    """
    from scipy.special import ndtr

    error = math.hypot(one.std_error, other.std_error)
    if min(min(pair) for pair in whole) >= _FEW and error > 0:
        return float(2 * ndtr(-abs(one.estimate - other.estimate) / error))
    if not all(map(sum, whole)):
        return math.nan
    from scipy.stats import fisher_exact

    return float(fisher_exact(np.array(whole)).pvalue)
