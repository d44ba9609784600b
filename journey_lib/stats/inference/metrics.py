"""Ratios of totals, and means from which earlier differences are taken out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import DataError, Problem
from journey_lib.stats.inference.arms import Arm, arm, missing, ratio_arm
from journey_lib.stats.inference.comparing import checked, compare, compared
from journey_lib.stats.inference.pairs import Pair

if TYPE_CHECKING:
    from journey_lib.stats.inference.effect import Effect, Mode, Plan
    from journey_lib.stats.inputs import FloatArray
    from journey_lib.stats.moments import Comoments


def ratio(
    control: Comoments,
    treatment: Comoments,
    *,
    mode: Mode = "fixed",
    level: float = 0.95,
    margin: float | None = None,
    plan: Plan | None = None,
    higher_is_better: bool = True,
) -> Effect:
    """Say by how much a ratio of two totals differs, when units contribute to both.

    Parameters
    ----------
    control, treatment : Comoments
        Numerator and denominator of the units of each arm, in this order.
    mode, level, margin, plan, higher_is_better
        As in `compare`.

    Returns
    -------
    Effect
        Reason "no_denominator" where the denominator is 0.

    Raises
    ------
    ParamError, DataError
        As `compare`; moments that are not of two metrics.

    Definition
    ----------
    R = sum of y over sum of x in each arm, variance by the delta method over units, then as `compare`. Events
    of one unit hang together: an error that counts them as independent is too small.

    Units and missing data
    ----------------------
    Units of y for one unit of x. A unit without any x counts with 0 in both.

    Source
    ------
    Deng, Knoblich and Lu (2018), Applying the delta method in metric analytics, KDD.

    Examples
    --------
    >>> from journey_lib.stats.moments import comoments
    >>> control = comoments([[1.0, 10.0], [3.0, 10.0], [2.0, 10.0]])
    >>> found = ratio(control, comoments([[3.0, 10.0], [5.0, 10.0], [4.0, 10.0]]))
    >>> round(found.estimate, 6), round(found.std_error, 6)
    (0.2, 0.08165)
    """
    checked(mode, level, margin, plan)
    pair = Pair(ratio_arm(control), ratio_arm(treatment), higher_is_better, method="delta")
    return compared(pair, mode, level, margin, plan)


@dataclass(frozen=True)
class Adjusted:
    """What `cuped` returns.

    Attributes
    ----------
    adjusted, raw : Effect
        With and without what was known before.
    balance : Effect
        The covariate itself compared between the arms: a difference is a warning about the assignment.
    theta : float
        Slope of the metric on the (first) covariate, both arms pooled; 0 where the covariate does not vary.
    variance_ratio : float
        Variance of the adjusted difference over that of the raw one.
    missing_share : float
        Share of units without a covariate, as the caller counted it.
    """

    adjusted: Effect
    raw: Effect
    balance: Effect
    theta: float
    variance_ratio: float
    missing_share: float


def cuped(
    control: Comoments,
    treatment: Comoments,
    *,
    pooled: Comoments | None = None,
    missing_share: float = 0.0,
    mode: Mode = "fixed",
    level: float = 0.95,
    margin: float | None = None,
    plan: Plan | None = None,
    higher_is_better: bool = True,
) -> Adjusted:
    """Say by how much a mean differs once differences that were there before are taken out.

    Parameters
    ----------
    control, treatment : Comoments
        The metric first, then one covariate or more from before the exposure. A unit without a covariate has
        its pooled mean.
    pooled : Comoments, optional
        All arms together where there are more than two; the slopes come from them.
    missing_share : float
        Share of units whose covariate was filled in, to be told beside the result.
    mode, level, margin, plan, higher_is_better
        As in `compare`.

    Returns
    -------
    Adjusted
        Adjusted and raw effects side by side.

    Raises
    ------
    ParamError, DataError
        As `compare`; moments of one metric only.

    Definition
    ----------
    θ = cov(y, x) / var(x) over all arms; y − θ (x − pooled mean of x) is compared. The relative change
    divides by the raw control's mean, with the covariance of the two in Fieller's interval, so that it
    excludes 0 exactly when the adjusted test does.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    Deng, Xu, Kohavi and Walker (2013), Improving the sensitivity of online controlled experiments by
    utilizing pre-experiment data, WSDM.

    Examples
    --------
    >>> from journey_lib.stats.moments import comoments
    >>> rng = np.random.default_rng(1)
    >>> before = rng.normal(size=2000)
    >>> after = 5 + before + rng.normal(size=2000)
    >>> both = np.column_stack([after, before])
    >>> found = cuped(comoments(both[:1000]), comoments(both[1000:]))
    >>> bool(abs(found.theta - 1) < 0.1), bool(found.variance_ratio < 0.6)
    (True, True)
    """
    k = control.mean.shape[-1]
    if k < 2 or treatment.mean.shape[-1] != k:
        raise DataError(Problem("comoments", "hold no covariate", "the metric and one covariate or more"))
    together = control + treatment if pooled is None else pooled
    slopes = _slopes(together)
    checked(mode, level, margin, plan)
    plain = Pair(arm(control.one(0)), arm(treatment.one(0)), higher_is_better)
    one, other = (_adjusted(side, together, slopes) for side in (control, treatment))
    raw = compared(plain, mode, level, margin, plan)
    adjusted = compared(Pair(one, other, higher_is_better, method="cuped"), mode, level, margin, plan)
    balance = compare(control.one(1), treatment.one(1), level=level)
    shrunk = adjusted.std_error**2 / raw.std_error**2 if raw.std_error > 0 else math.nan
    return Adjusted(adjusted, raw, balance, float(slopes[0]), shrunk, missing_share)


def _slopes(together: Comoments) -> FloatArray:
    """Return the slopes on the covariates; 0 for one that does not vary."""
    cov = np.nan_to_num(together.cov)
    varies = np.flatnonzero(np.diag(cov)[1:] > 0) + 1
    slopes = np.zeros(cov.shape[0] - 1)
    if varies.size:
        slopes[varies - 1] = np.linalg.lstsq(cov[np.ix_(varies, varies)], cov[varies, 0], rcond=None)[0]
    return slopes


def _adjusted(side: Comoments, together: Comoments, slopes: FloatArray) -> Arm:
    n = float(side.n)
    if n < 2:
        return missing("one_unit" if n else "no_units", n, float(side.mean[0]))
    gradient = np.concatenate([[1.0], -slopes])
    estimate = float(side.mean[0] - slopes @ (side.mean[1:] - together.mean[1:]))
    variance = max(float(gradient @ side.cov @ gradient), 0.0) / n
    if not math.isfinite(estimate + variance):
        return missing("not_a_number", n)
    raw, along = float(side.cov[0, 0]) / n, float(gradient @ side.cov[:, 0]) / n
    return Arm(
        estimate, variance, n, n - 1, base=float(side.mean[0]), base_variance=raw, base_covariance=along
    )
