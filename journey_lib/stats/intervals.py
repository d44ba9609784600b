"""Confidence limits from an estimate, its variance and its degrees of freedom; all work on whole columns."""

from __future__ import annotations

import numpy as np

from journey_lib.stats.inputs import FloatArray


def t_quantile(level: float, df: FloatArray) -> FloatArray:
    """Return the two-sided t quantile; NaN where there is no degree of freedom.

    Examples
    --------
    >>> t_quantile(0.95, np.array([10.0, 0.0])).round(4).tolist()
    [2.2281, nan]
    """
    from scipy.special import stdtrit

    found = np.full(df.shape, np.nan)
    known = df > 0
    found[known] = stdtrit(df[known], 0.5 + level / 2)
    return found


def symmetric(
    estimate: FloatArray, std_error: FloatArray, df: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return estimate ± t × standard error."""
    margin = t_quantile(level, df) * std_error
    return estimate - margin, estimate + margin


def wilson(share: FloatArray, n: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return Wilson's score interval for an unweighted share.

    Source
    ------
    Wilson (1927), Journal of the American Statistical Association 22.

    Examples
    --------
    >>> low, high = wilson(np.array([0.0]), np.array([10.0]), 0.95)
    >>> low.item(), high.round(4).item()
    (0.0, 0.2775)
    """
    from scipy.special import ndtri

    z = ndtri(0.5 + level / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = np.where(share == 0, 0.0, np.maximum(middle - half, 0.0))
    return low, np.where(share == 1, 1.0, np.minimum(middle + half, 1.0))


def logit(
    share: FloatArray, variance: FloatArray, df: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return a t interval on the log odds, turned back into shares strictly between 0 and 1."""
    from scipy.special import expit

    odds = np.log(share) - np.log1p(-share)
    margin = t_quantile(level, df) * np.sqrt(variance) / (share * (1 - share))
    return np.asarray(expit(odds - margin)), np.asarray(expit(odds + margin))


def korn_graubard(
    share: FloatArray, variance: FloatArray, n: FloatArray, df: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return the beta interval at the size a simple random sample of this precision would have.

    Source
    ------
    Korn and Graubard (1998), Survey Methodology 24, as R's `svyciprop(method = "beta")`.
    """
    from scipy.special import betaincinv

    size = share * (1 - share) / variance * _df_factor(n, df, level)
    tail = (1 - level) / 2
    low = betaincinv(size * share, size * (1 - share) + 1, tail)
    return np.asarray(low), np.asarray(betaincinv(size * share + 1, size * (1 - share), 1 - tail))


def at_the_ends(
    share: FloatArray, n_effective: FloatArray, n: FloatArray, df: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return the exact one-sided limit where every answer agrees and the variance is 0.

    Examples
    --------
    >>> ten = np.array([10.0])
    >>> at_the_ends(np.array([0.0]), ten, ten, ten - 1, 0.95)[1].round(4).item()
    0.3085
    """
    size = np.minimum(n_effective * _df_factor(n, df, level), n)
    tail = ((1 - level) / 2) ** (1 / size)
    return np.where(share >= 0.5, tail, 0.0), np.where(share >= 0.5, 1.0, 1 - tail)


def _df_factor(n: FloatArray, df: FloatArray, level: float) -> FloatArray:
    factor: FloatArray = (t_quantile(level, n - 1) / t_quantile(level, df)) ** 2
    return factor
