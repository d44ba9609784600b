"""What sets groups apart: effect sizes first, tests corrected for their number second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey_lib.stats.clusters.table import Floats, Ints
from journey_lib.stats.intervals import wilson

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Numeric:
    """How groups differ in a number.

    Attributes
    ----------
    mean, std_error, n : ndarray of float
        Of each group, and of everybody last.
    omega_squared, epsilon_squared : float
        Share of the spread that lies between groups, of values and of ranks; below 0 is chance and set to 0.
    p_value : float
        Welch's test of equal means.
    """

    mean: Floats
    std_error: Floats
    n: Floats
    omega_squared: float
    epsilon_squared: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Categorical:
    """How groups differ in a category.

    Attributes
    ----------
    share, ci_low, ci_high : ndarray of float, groups by categories
        Share of the group, everybody last, with Wilson's interval.
    n : ndarray of float
        Rows of each group with a category, everybody last.
    index, index_low, index_high : ndarray of float, groups by categories
        100 × the group's share / everybody's share.
    residual : ndarray of float, groups by categories
        Adjusted standardised residual; beyond ±2 the cell differs.
    cramers_v : float
        Bias-corrected, from 0 to 1.
    p_value : float
        Pearson's chi-square.
    """

    share: Floats
    ci_low: Floats
    ci_high: Floats
    n: Floats
    index: Floats
    index_low: Floats
    index_high: Floats
    residual: Floats
    cramers_v: float
    p_value: float


def numeric(values: npt.ArrayLike, labels: Ints, k: int, weights: npt.ArrayLike | None = None) -> Numeric:
    """Return how much of a number's spread lies between groups.

    Parameters
    ----------
    values : array_like of float
        NaN where missing.
    labels : ndarray of int
        Group of each row, -1 outside all groups.
    k : int
        How many groups.
    weights : array_like, optional
        Scaled to the effective number of rows. Ranks take no weights.

    Definition
    ----------
    Welch's F; ω² = (SSB - (k - 1) MSW) / (SST + MSW); ε² = H / (n - 1) with Kruskal and Wallis' H.

    Source
    ------
    Welch (1951), Biometrika 38. Hays (1963). Tomczak and Tomczak (2014), Trends in Sport Sciences 21.

    Examples
    --------
    >>> found = numeric([1, 2, 3, 7, 8, 9], np.array([0, 0, 0, 1, 1, 1]), 2)
    >>> round(found.omega_squared, 3), round(found.p_value, 4)
    (0.898, 0.0018)
    """
    y = np.asarray(values, dtype=float)
    kept = ~np.isnan(y) & (labels >= 0)
    y, group = y[kept], labels[kept]
    w = effective(np.ones(len(y)) if weights is None else np.asarray(weights, float)[kept])
    n = np.bincount(group, w, minlength=k).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(group, w * y, minlength=k) / n
        squares = np.bincount(group, w * np.square(y - mean[group]), minlength=k)
        variance = np.asarray(squares / (n - 1), dtype=np.float64)
        error = np.sqrt(np.where(variance >= 0, variance, np.nan) / n)
    total = w.sum()
    overall = float((w * y).sum() / total) if total else NAN
    spread = float((w * np.square(y - overall)).sum())
    own = np.sqrt(spread / max(total - 1, 1) / total) if total > 1 else NAN
    rows = np.append(np.bincount(group, minlength=k), len(y)).astype(float)
    return Numeric(
        np.append(mean, overall), np.append(error, own), rows, _omega(spread, n, variance),
        _epsilon(y, group, k), _welch(mean, variance, n),
    )  # fmt: skip


def effective(weights: Floats) -> Floats:
    """Return weights that add up to the effective number of rows (Kish).

    Examples
    --------
    >>> effective(np.array([1.0, 1.0, 2.0])).sum().round(4)
    np.float64(2.6667)
    """
    total = weights.sum()
    found: Floats = weights * (total / np.square(weights).sum()) if total else weights
    return found


def _omega(spread: float, n: Floats, variance: Floats) -> float:
    full = n > 1
    groups, total = int(full.sum()), float(n.sum())
    if groups < 2 or total <= groups or spread <= 0:
        return NAN
    inside = float(((n - 1) * variance)[full].sum())
    mean_square = inside / (total - groups)
    return max((spread - inside - (groups - 1) * mean_square) / (spread + mean_square), 0.0)


def _welch(mean: Floats, variance: Floats, n: Floats) -> float:
    from scipy.special import fdtrc

    full = (n > 1) & (variance > 0)
    k = int(full.sum())
    if k < 2:
        return NAN
    precision = n[full] / variance[full]
    centre = (precision * mean[full]).sum() / precision.sum()
    between = (precision * np.square(mean[full] - centre)).sum() / (k - 1)
    slack = (np.square(1 - precision / precision.sum()) / (n[full] - 1)).sum()
    f = between / (1 + 2 * (k - 2) / (k * k - 1) * slack)
    return float(fdtrc(k - 1, (k * k - 1) / (3 * slack), f))


def _epsilon(y: Floats, group: Ints, k: int) -> float:
    n = len(y)
    if n < 3 or np.ptp(y) == 0:
        return NAN
    _, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[inverse]
    sizes = np.bincount(group, minlength=k)
    sums = np.bincount(group, ranks, minlength=k)
    full = sizes > 0
    h = 12 / (n * (n + 1)) * (np.square(sums[full]) / sizes[full]).sum() - 3 * (n + 1)
    ties = 1 - float((counts.astype(float) ** 3 - counts).sum()) / (float(n) ** 3 - n)
    return float(max(h / ties / (n - 1), 0.0))


def categorical(
    codes: Ints,
    levels: int,
    labels: Ints,
    k: int,
    weights: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Categorical:
    """Return how groups differ in a category.

    Parameters
    ----------
    codes : ndarray of int
        Categories from 0, -1 where missing.
    levels : int
        How many categories there are.
    labels : ndarray of int
        Group of each row, -1 outside all groups.
    k : int
        How many groups.
    weights : array_like, optional
        Scaled to the effective number of rows.
    level : float
        Confidence level.

    Definition
    ----------
    The interval of the index is linearised on the log scale; it knows that the group is part of everybody.

    Source
    ------
    Bergsma (2013), Journal of the Korean Statistical Society 42, for V. Haberman (1973), Biometrics 29, for
    residuals.

    Examples
    --------
    >>> found = categorical(np.array([0, 0, 1, 1]), 2, np.array([0, 0, 1, 1]), 2)
    >>> found.index.tolist()
    [[200.0, 0.0], [0.0, 200.0]]
    """
    kept = (codes >= 0) & (labels >= 0)
    w = effective(np.ones(int(kept.sum())) if weights is None else np.asarray(weights, float)[kept])
    cell = labels[kept] * levels + codes[kept]
    counts = np.bincount(cell, w, minlength=k * levels).reshape(k, levels).astype(np.float64)
    rows = np.append(np.bincount(labels[kept], minlength=k), kept.sum()).astype(float)
    return _compared(counts, rows, level)


def _compared(counts: Floats, rows: Floats, level: float) -> Categorical:
    n, sizes, columns = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.vstack([counts, columns]) / np.append(sizes, n)[:, None]
        low, high = wilson(share, np.append(sizes, n)[:, None], level)
        expected = sizes[:, None] * columns / n
        residual = (counts - expected) / np.sqrt(expected * (1 - sizes[:, None] / n) * (1 - columns / n))
    v, p = _association(counts, expected)
    return Categorical(share, low, high, rows, *_index(counts, level), residual, v, p)


def _association(counts: Floats, expected: Floats) -> tuple[float, float]:
    from scipy.special import gammaincc

    n = float(counts.sum())
    kept = expected[np.ix_(counts.sum(axis=1) > 0, counts.sum(axis=0) > 0)]
    seen = counts[np.ix_(counts.sum(axis=1) > 0, counts.sum(axis=0) > 0)]
    r, c = seen.shape
    if min(r, c) < 2 or n < 2:
        return NAN, NAN
    chi2, df = float((np.square(seen - kept) / kept).sum()), (r - 1) * (c - 1)
    phi = max(chi2 / n - df / (n - 1), 0.0)
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1))
    return float(np.sqrt(phi / (smaller - 1))), float(gammaincc(df / 2, chi2 / 2))


def _index(counts: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    from scipy.special import ndtri

    n, sizes, columns = counts.sum(), counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, total, part = counts / sizes, columns / n, sizes / n
        rest = (columns - counts) / (n - sizes)
        own = np.square(1 / share - part / total) * share * (1 - share) / sizes
        other = np.square((1 - part) / total) * rest * (1 - rest) / (n - sizes)
        error = np.sqrt(own + np.where(np.isfinite(other), other, 0.0))
        index = 100 * share / total
        half = float(ndtri(0.5 + level / 2)) * error
        low, high = index * np.exp(-half), index * np.exp(half)
    bad = ~np.isfinite(low) | ~np.isfinite(high)
    return index, np.where(bad, np.nan, low), np.where(bad, np.nan, high)


def mean_index(told: Numeric, part: float, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return 100 × the first group's mean / everybody's mean, with its interval.

    Parameters
    ----------
    told : Numeric
        Of two groups: the one spoken about, and the rest.
    part : float
        Share of the first group among everybody with a value.
    level : float
        Confidence level.

    Definition
    ----------
    Linearised on the log scale like the index of a share; it knows that the group is part of everybody.

    Source
    ------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, ch. 5.

    Examples
    --------
    >>> found = numeric([1, 2, 3, 7, 8, 9], np.array([0, 0, 0, 1, 1, 1]), 2)
    >>> [round(value, 1) for value in mean_index(found, 0.5)]
    [40.0, 25.1, 63.8]
    """
    from scipy.special import ndtri

    own, _, total = (float(value) for value in told.mean)
    if not own > 0 or not total > 0:
        return NAN, NAN, NAN
    first = (1 / own - part / total) * float(told.std_error[0])
    second = (1 - part) / total * float(told.std_error[1])
    half = float(ndtri(0.5 + level / 2)) * float(np.hypot(first, second))
    index = 100 * own / total
    return index, float(index * np.exp(-half)), float(index * np.exp(half))
