"""One arm of an experiment as every comparison sees it: estimate, variance, size and degrees of freedom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias, runtime_checkable

import numpy as np

from journey_lib.errors import DataError, Problem
from journey_lib.stats.moments import Comoments, Moments

# Why a number is missing. The code travels with the result, the sentence is what a page says.
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_units": "An arm has no unit.",
        "one_unit": "An arm has one unit only, so that its spread is not known.",
        "not_a_number": "An estimate or its variance is not a finite number.",
        "no_variance": "Nothing varies in either arm, so that no error can be stated.",
        "no_denominator": "The denominator of the ratio is 0 in an arm.",
        "few_clusters": "An arm has fewer than two clusters.",
        "too_early": "Too early for a look: fewer than 100 units or 25 successes in an arm.",
        "no_spending": "All of the error rate was spent at earlier looks.",
        "control_zero": "The control is 0 or below: no relative change.",
        "control_noisy": "The control is within five standard errors of 0: no relative change.",
        "unbounded": "The relative interval is unbounded: the control may be 0.",
        "ties": "The quantile falls on a value that many units share: no error can be stated.",
    }
)


@dataclass(frozen=True)
class Arm:
    """What is enough to know of one arm to compare it in every mode.

    Attributes
    ----------
    estimate : float
        What is compared: a mean, a share, a ratio, a quantile, an NPS.
    variance : float
        Variance of the estimate, its squared standard error.
    n : float
        Units the estimate rests on.
    df : float
        Degrees of freedom of the variance; infinity for the normal distribution.
    successes : float
        Units that are 1 where all are 0 or 1; NaN otherwise. Rare ones are compared by exact methods.
    base : float
        What a change is divided by to become relative; NaN for the estimate itself.
    base_variance : float
        Variance of the base.
    base_covariance : float
        Covariance of estimate and base.
    reason : str
        Why there is no estimate, a key of `REASONS`; "" where there is one.
    warnings : tuple of str
        What to say beside it, such as "thin_denominator".

    Examples
    --------
    >>> Arm(0.5, 0.0025, 100, 99).std_error
    0.05
    """

    estimate: float
    variance: float
    n: float
    df: float = math.inf
    successes: float = math.nan
    base: float = math.nan
    base_variance: float = math.nan
    base_covariance: float = math.nan
    reason: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def std_error(self) -> float:
        """Square root of the variance; NaN where there is none."""
        return math.sqrt(self.variance) if self.variance >= 0 else math.nan

    @property
    def scale(self) -> tuple[float, float, float]:
        """Value, variance and covariance with the estimate of what a relative change is divided by."""
        if math.isnan(self.base):
            return self.estimate, self.variance, self.variance
        return self.base, self.base_variance, self.base_covariance


@runtime_checkable
class Measured(Protocol):
    """Any estimate with its standard error, such as a weighted mean or NPS of `stats.estimate`."""

    @property
    def estimate(self) -> float:
        """The estimate."""
        ...

    @property
    def std_error(self) -> float:
        """Its standard error."""
        ...

    @property
    def df(self) -> float:
        """Degrees of freedom of the standard error."""
        ...

    @property
    def n(self) -> int:
        """Rows it rests on."""
        ...


Comparable: TypeAlias = Arm | Moments | Measured


def arm(given: Comparable) -> Arm:
    """Return one arm from the moments of a metric or from an estimate of a survey.

    Parameters
    ----------
    given : Arm, Moments or Estimate
        Moments must be of a single cell.

    Returns
    -------
    Arm
        With a reason instead of numbers where there are none.

    Raises
    ------
    DataError
        Moments of several cells.

    Definition
    ----------
    A mean of n units with variance v has variance v / n and n − 1 degrees of freedom; an estimate of a survey
    keeps its own standard error and degrees of freedom.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    Welch (1947), Biometrika 34.

    Examples
    --------
    >>> from journey_lib.stats.moments import moments
    >>> arm(moments([1.0, 2.0, 3.0])).estimate, arm(moments([1.0])).reason
    (2.0, 'one_unit')
    """
    if isinstance(given, Arm):
        return given
    if isinstance(given, Moments):
        return _of_moments(given)
    found = Arm(given.estimate, given.std_error**2, float(given.n), given.df)
    return found if math.isfinite(found.estimate + found.variance) else missing("not_a_number", found.n)


def missing(reason: str, n: float = 0.0, estimate: float = math.nan) -> Arm:
    """Return an arm that says why its error, or all of it, is not known."""
    return Arm(estimate, math.nan, n, math.nan, reason=reason)


def _of_moments(given: Moments) -> Arm:
    if given.shape != ():
        raise DataError(
            Problem("moments", f"hold cells of shape {given.shape}", "one cell", "", "Add them up")
        )
    n, mean, var = (float(part) for part in (given.n, given.mean, given.var))
    if n < 1:
        return missing("no_units")
    if not math.isfinite(mean):
        return missing("not_a_number", n)
    if n < 2:
        return missing("one_unit", n, mean)
    if not math.isfinite(var):
        return missing("not_a_number", n, mean)
    successes = float(given.total) if given.binary else math.nan
    return Arm(mean, var / n, n, n - 1, successes)


def ratio_arm(given: Comoments) -> Arm:
    """Return the ratio of the mean of one metric to that of another, with the delta method's variance.

    Parameters
    ----------
    given : Comoments
        Numerator and denominator of the units, in this order.

    Returns
    -------
    Arm
        Reason "no_denominator" where the denominator is 0; warning "thin_denominator" where its mean is
        within ten standard errors of 0.

    Definition
    ----------
    R = mean y / mean x; variance (v_y − 2 R c_xy + R² v_x) / (n mean x²).

    Units and missing data
    ----------------------
    Units of y for one unit of x.

    Source
    ------
    Deng, Knoblich and Lu (2018), Applying the delta method in metric analytics, KDD.

    Examples
    --------
    >>> from journey_lib.stats.moments import comoments
    >>> ratio_arm(comoments([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])).estimate
    0.5
    """
    two_metrics(given, "a numerator and a denominator")
    n = float(given.n)
    if n < 1:
        return missing("no_units")
    (y, x), cov = given.mean, given.cov
    if x == 0:
        return missing("no_denominator", n)
    if n < 2:
        return missing("one_unit", n, float(y / x))
    share = y / x
    gradient = np.array([1.0, -share])
    variance = max(float(gradient @ cov @ gradient), 0.0) / (n * x * x)
    if not math.isfinite(variance):
        return missing("not_a_number", n)
    thin = cov[1, 1] > 0 and abs(x) / math.sqrt(cov[1, 1] / n) < 10
    return Arm(float(share), variance, n, n - 1, warnings=("thin_denominator",) if thin else ())


def two_metrics(given: Comoments, what: str) -> None:
    """Refuse moments that are not of one cell and two metrics."""
    if given.shape != () or given.mean.size != 2:
        raise DataError(
            Problem("comoments", f"hold means of shape {given.mean.shape}", f"one cell of {what}")
        )
