"""Cronbach's alpha with Feldt's interval, and what each item does to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.stats.inputs import FloatArray, Inputs
from journey_lib.stats.reliability.items import Items, Missing, read_items


@dataclass(frozen=True, eq=False)
class Alpha:
    """How consistently items measure one thing.

    Attributes
    ----------
    alpha, ci_low, ci_high, ci_level : float
        Cronbach's alpha of the raw answers and Feldt's interval.
    standardised : float
        Alpha of the correlations, as if all items spread alike.
    spearman_brown : float
        For two items only, where it is the better number; NaN otherwise.
    items : DataFrame
        One row an item: `item_rest` (correlation with the sum of the others), `alpha_without`, `mean`,
        `std_dev`, `reverse`.
    constant : tuple of str
        Items left out because everybody gave the same answer.
    n : int
        Rows counted.
    n_effective : float
        Their effective size, which the interval rests on.
    """

    alpha: float
    ci_low: float
    ci_high: float
    ci_level: float
    standardised: float
    spearman_brown: float
    items: pd.DataFrame
    constant: tuple[str, ...]
    n: int
    n_effective: float

    @property
    def against(self) -> tuple[str, ...]:
        """Items that run against the others: probably keyed the other way, never turned by themselves."""
        return tuple(map(str, self.items.index[self.items["item_rest"] < 0]))


def alpha(
    items: npt.ArrayLike | pd.DataFrame,
    weights: npt.ArrayLike | None = None,
    *,
    reverse: Sequence[bool] | None = None,
    missing: Missing = "listwise",
    level: float = 0.95,
    names: Sequence[str] = (),
) -> Alpha:
    """Return how consistently the items of a scale measure one thing.

    Parameters
    ----------
    items : array-like or DataFrame, rows × items
        Answers; NaN where missing.
    weights : array-like, optional
        Survey weights; 1 each when left out.
    reverse : sequence of bool, optional
        Items keyed the other way round, by the codebook.
    missing : {"listwise", "pairwise"}
        Rows with all answers, or for each pair of items the rows with both.
    level : float
        Of Feldt's interval.
    names : sequence of str, optional
        Names of the items; the frame's columns when left out.

    Returns
    -------
    Alpha

    Raises
    ------
    DataError
        Fewer than two items that differ, fewer than three rows, text, infinities.
    ParamError
        An unknown rule for missing answers, or a level outside 0–1.

    Definition
    ----------
    k / (k − 1) · (1 − Σ variances of the items / variance of their sum). Feldt's interval takes the F
    distribution with n − 1 and (n − 1)(k − 1) degrees of freedom, n the effective size.

    Units and missing data
    ----------------------
    At most 1; below 0 when items run against each other. Rows with weight 0 are left out.

    Source
    ------
    Cronbach, L. (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16. Feldt, L.,
    Woodruff, D. and Salih, F. (1987), Statistical inference for coefficient alpha, Applied Psychological
    Measurement 11.

    Examples
    --------
    >>> answers = [[1, 2, 1], [2, 2, 3], [3, 4, 3], [4, 4, 5], [5, 4, 4]]
    >>> round(alpha(answers).alpha, 3)
    0.922
    """
    read = read_items(items, weights, reverse=reverse, missing=missing, names=names)
    given = Inputs(read.n)
    level = given.level(level)
    given.raise_all()
    covariance = read.covariance()
    found = of_covariance(covariance)
    low, high = _feldt(found, read, level)
    spread = np.sqrt(np.diag(covariance))
    together = of_covariance(covariance / np.outer(spread, spread))
    pair = together if len(read.names) == 2 else math.nan
    return Alpha(
        found, low, high, level, together, pair, _each(read, covariance), read.constant, read.n,
        read.n_effective,
    )  # fmt: skip


def of_covariance(covariance: FloatArray) -> float:
    """Return alpha of a matrix of covariances or correlations."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def _feldt(found: float, read: Items, level: float) -> tuple[float, float]:
    from scipy import special

    first, second = read.n_effective - 1, (read.n_effective - 1) * (len(read.names) - 1)
    if first <= 0 or not math.isfinite(found):
        return math.nan, math.nan
    upper, lower = (special.fdtri(first, second, at) for at in ((1 + level) / 2, (1 - level) / 2))
    return float(1 - (1 - found) * upper), float(1 - (1 - found) * lower)


def _each(read: Items, covariance: FloatArray) -> pd.DataFrame:
    """Return what each item does: its correlation with the rest of the sum, and alpha without it."""
    variance, k = np.diag(covariance), len(read.names)
    with_all = covariance.sum(axis=0) - variance
    rest = covariance.sum() - 2 * covariance.sum(axis=0) + variance
    without = [
        of_covariance(np.delete(np.delete(covariance, at, 0), at, 1)) if k > 2 else math.nan
        for at in range(k)
    ]
    turned = np.array(read.reverse)
    mean = np.array([np.average(c[~np.isnan(c)], weights=read.weights[~np.isnan(c)]) for c in read.answers.T])
    return pd.DataFrame(
        {
            "item_rest": with_all / np.sqrt(variance * rest), "alpha_without": without,
            "mean": np.where(turned, -mean, mean), "std_dev": np.sqrt(variance), "reverse": turned,
        },
        index=pd.Index(read.names, name="item"),
    )  # fmt: skip
