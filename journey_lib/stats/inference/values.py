"""Means of heavy-tailed metrics with extreme values cut, and quantiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.stats.inference.arms import Arm, arm, missing, ratio_arm
from journey_lib.stats.inference.clusters import cluster_totals
from journey_lib.stats.inference.comparing import checked, compared
from journey_lib.stats.inference.pairs import Pair
from journey_lib.stats.moments import moments

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inference.effect import Effect, Mode, Plan
    from journey_lib.stats.inputs import FloatArray

CAP: Final = 0.999  # share of values other than 0 that are never cut


@dataclass(frozen=True)
class Capped:
    """What `winsorised` returns.

    Attributes
    ----------
    capped, uncapped : Effect
        Side by side: one extreme unit can own a whole difference.
    cap : float
        The largest value that was kept; infinity where no value is other than 0.
    n_capped : int
        Units whose value was cut down to it.
    """

    capped: Effect
    uncapped: Effect
    cap: float
    n_capped: int


def cap_of(*arms: npt.ArrayLike, share: float = CAP) -> float:
    """Say where to cut extreme values: one cap for all arms.

    Parameters
    ----------
    *arms : array_like of float
        The values of each arm.
    share : float
        Share of values other than 0 that are not cut.

    Returns
    -------
    float
        Infinity where every value is 0.

    Raises
    ------
    ParamError
        A share outside 0 to 1.
    DataError
        Missing or infinite values.

    Definition
    ----------
    The percentile, linearly interpolated, of the values other than 0 of all arms together.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 22.

    Examples
    --------
    >>> cap_of([0, 1, 2], [0, 3, 100], share=0.5)
    2.5
    """
    if not 0 < share < 1:
        raise ParamError(Problem("share", f"is {share}", "a number between 0 and 1, such as 0.999"))
    every = np.concatenate([_finite(values) for values in arms])
    some = every[every != 0]
    return float(np.quantile(some, share)) if some.size else math.inf


def winsorised(
    control: npt.ArrayLike,
    treatment: npt.ArrayLike,
    *,
    share: float = CAP,
    mode: Mode = "fixed",
    level: float = 0.95,
    margin: float | None = None,
    plan: Plan | None = None,
    higher_is_better: bool = True,
) -> Capped:
    """Say by how much a mean differs with extreme values cut, beside the mean with all of them.

    Parameters
    ----------
    control, treatment : array_like of float
        One value a unit.
    share : float
        As in `cap_of`.
    mode, level, margin, plan, higher_is_better
        As in `compare`.

    Returns
    -------
    Capped
        Both effects, the cap and how many were cut.

    Raises
    ------
    ParamError, DataError
        As `compare` and `cap_of`.

    Definition
    ----------
    Values above the cap count as the cap; the cap is found once, over both arms.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 22.

    Examples
    --------
    >>> found = winsorised([1.0, 2.0, 3.0], [1.0, 2.0, 300.0], share=0.5)
    >>> found.cap, found.n_capped, found.capped.estimate
    (2.0, 2, 0.0)
    """
    checked(mode, level, margin, plan)
    one, other = _finite(control), _finite(treatment)
    cap = cap_of(one, other, share=share)
    found = []
    for most in (cap, math.inf):
        first, second = (arm(moments(np.minimum(side, most))) for side in (one, other))
        found.append(compared(Pair(first, second, higher_is_better), mode, level, margin, plan))
    capped, uncapped = found
    return Capped(capped, uncapped, cap, int((one > cap).sum() + (other > cap).sum()))


def quantile(
    control: npt.ArrayLike,
    treatment: npt.ArrayLike,
    q: float = 0.5,
    *,
    clusters: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    mode: Mode = "fixed",
    level: float = 0.95,
    margin: float | None = None,
    plan: Plan | None = None,
    higher_is_better: bool = True,
) -> Effect:
    """Say by how much a quantile differs, such as the median or the slowest tenth.

    Parameters
    ----------
    control, treatment : array_like of float
        One value a row: a unit, or an event of a unit when `clusters` says whose.
    q : float
        Share below, between 0 and 1.
    clusters : pair of array_like, optional
        The unit of each row of control and treatment.
    mode, level, margin, plan, higher_is_better
        As in `compare`.

    Returns
    -------
    Effect
        Reason "ties" where the interval of an arm collapses on one value.

    Raises
    ------
    ParamError
        A share outside 0 to 1, and as `compare`.
    DataError
        Missing or infinite values.

    Definition
    ----------
    The outer interval: the share at or below the quantile has a binomial error, over clusters that of a
    ratio; the values at that share plus and minus 1.96 errors are read back, and their distance over twice
    1.96 is the standard error. No bootstrap.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    Woodruff (1952), JASA 47; Deng, Knoblich and Lu (2018), KDD, section 4.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> found = quantile(rng.exponential(1, 4000), rng.exponential(1, 4000))
    >>> found.status, round(found.std_error, 2)
    ('undecided', 0.02)
    """
    checked(mode, level, margin, plan)
    whose = clusters or (None, None)
    one, other = quantile_arm(control, q, whose[0]), quantile_arm(treatment, q, whose[1])
    return compared(Pair(one, other, higher_is_better, method="quantile"), mode, level, margin, plan)


def quantile_arm(values: npt.ArrayLike, q: float, cluster: npt.ArrayLike | None = None) -> Arm:
    """Return a quantile of one arm with its variance, for `compare`.

    Parameters
    ----------
    values : array_like of float
        One value a row.
    q : float
        Share below.
    cluster : array_like, optional
        The unit of each row.

    Returns
    -------
    Arm
        As described at `quantile`.

    Raises
    ------
    ParamError, DataError
        As `quantile`.

    Definition
    ----------
    As `quantile`, from the 95 % interval of the share.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    As `quantile`.

    Examples
    --------
    >>> quantile_arm(np.arange(101.0), 0.5).estimate, quantile_arm([0.0] * 50, 0.5).reason
    (50.0, 'ties')
    """
    if not 0 < q < 1:
        raise ParamError(Problem("q", f"is {q}", "a number between 0 and 1, such as 0.5"))
    ordered = np.sort(_finite(values))
    rows = ordered.size
    if rows < 2:
        return missing("one_unit" if rows else "no_units", rows)
    estimate = _at(ordered, q)
    error, n = math.sqrt(q * (1 - q) / rows), float(rows)
    if cluster is not None:
        below = ratio_arm(cluster_totals(_finite(values) <= estimate, cluster))
        if below.reason:
            return missing("few_clusters", n, estimate)
        error, n = below.std_error, below.n
    low, high = _at(ordered, q - 1.96 * error), _at(ordered, q + 1.96 * error)
    if not high > low:
        return missing("ties", n, estimate)
    return Arm(estimate, ((high - low) / (2 * 1.96)) ** 2, n, n - 1)


def _at(ordered: FloatArray, share: float) -> float:
    place = math.ceil(round(share * ordered.size, 9)) - 1
    return float(ordered[min(max(place, 0), ordered.size - 1)])


def _finite(values: npt.ArrayLike) -> FloatArray:
    found = np.asarray(values, dtype=float).ravel()
    wrong = int(found.size - np.isfinite(found).sum())
    if wrong:
        action = "Give each unit a value by a stated rule, or leave it out of every arm"
        raise DataError(Problem("values", f"{wrong:,} are missing or infinite", "finite numbers", "", action))
    return found
