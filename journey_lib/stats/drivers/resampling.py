"""How sure the shares of drivers are: a bootstrap over sampling units, done on their cross products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from journey_lib.errors import chosen
from journey_lib.stats.drivers.importance import MOST_EXACT, johnson_shares, lmg_shares
from journey_lib.stats.drivers.rows import Rows, complete, correlations, normalised
from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.stats.estimate import Sample

METHODS = ("lmg", "johnson")


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What resampling says of shares and ranks.

    Attributes
    ----------
    ci_low, ci_high : ndarray
        Percentile interval of each share of R².
    relative_error : ndarray
        Standard deviation of each share of what is explained.
    relative_low, relative_high : ndarray
        The same for shares of what is explained.
    rank_low, rank_high : ndarray of int
        Between which ranks the driver lies (1 is the strongest) at the level.
    first : ndarray
        Share of the draws in which it is the strongest.
    draws : int
        Draws that could be computed; others left a driver without spread.
    """

    ci_low: FloatArray
    ci_high: FloatArray
    relative_error: FloatArray
    relative_low: FloatArray
    relative_high: FloatArray
    rank_low: IntArray
    rank_high: IntArray
    first: FloatArray
    draws: int


def bootstrap(
    X: npt.ArrayLike | pd.DataFrame,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    psu: Labels | None = None,
    strata: Labels | None = None,
    method: Literal["lmg", "johnson"] = "lmg",
    draws: int = 500,
    seed: int = 0,
    level: float = 0.95,
    names: Sequence[str] = (),
    sample: Sample | None = None,
) -> Uncertainty:
    """Return intervals of shares and ranks from a rescaled bootstrap of the sampling units.

    Parameters
    ----------
    X, y, weights, names
        As in `lmg`.
    psu, strata : array-like, optional
        Sampling unit and stratum of each row; a row is its own unit, and all lie in one stratum, without.
    method : {"lmg", "johnson"}
        Whose shares; above 12 drivers it is always "johnson".
    draws, seed : int
        How many draws, and where they start.
    level : float
        Of the intervals.
    sample : Sample, optional
        Weights, sampling units and strata read before, in place of those above.

    Returns
    -------
    Uncertainty

    Raises
    ------
    DataError, ParamError
        As in `lmg`; an unknown method.

    Definition
    ----------
    In each stratum of n units, n − 1 are drawn with replacement; the weights of a unit drawn m times are
    multiplied by m n / (n − 1). A stratum of one unit stays as it is. Intervals are percentiles; a share near
    0 cannot fall below it, so its interval has no claim to coverage.

    Units and missing data
    ----------------------
    As in `lmg`; units without a complete row are still drawn.

    Source
    ------
    Rao, J. N. K. and Wu, C. F. J. (1988), Resampling inference with complex survey data, JASA 83.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> X = rng.normal(size=(300, 2))
    >>> found = bootstrap(X, X @ [2.0, 0.2] + rng.normal(size=300), draws=100)
    >>> found.rank_low.tolist(), found.rank_high.tolist()
    ([1, 2], [1, 2])
    """
    chosen("method", method, METHODS)
    rows = complete(X, y, weights if sample is None else sample.weights, names)
    correlations(rows)  # refuses drivers that say the same
    given = Inputs(len(rows.kept))
    level = given.level(level)
    unit = given.codes(psu, "psu")[0] if psu is not None else np.arange(given.length)
    stratum = given.codes(strata, "strata")[0] if strata is not None else np.zeros(given.length, np.intp)
    given.raise_all()
    if sample is not None:
        unit, stratum = sample.design.stages[0].unit, sample.design.stages[0].stratum
    times = _draws(unit, stratum, draws, np.random.default_rng(seed))
    found = _correlations(_products(rows, unit[rows.kept], times.shape[1]), times)
    usable = np.flatnonzero(np.isfinite(found).all(axis=(1, 2)))
    shares_of = lmg_shares if method == "lmg" and len(rows.names) <= MOST_EXACT else johnson_shares
    return _summary(shares_of(found[usable]), level)


def _draws(unit: IntArray, stratum: IntArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return by how much each draw multiplies the weights of each unit."""
    inside = np.zeros(int(unit.max()) + 1, np.intp)
    inside[unit] = stratum
    times = np.ones((draws, len(inside)))
    for code in range(int(stratum.max()) + 1):
        units = np.flatnonzero(inside == code)
        n = len(units)
        if n > 1:
            times[:, units] = rng.multinomial(n - 1, np.full(n, 1 / n), size=draws) * (n / (n - 1))
    return times


def _products(rows: Rows, unit: IntArray, units: int) -> FloatArray:
    """Return the weighted sums of 1, each column and each product of two columns, by unit."""
    table = np.column_stack([np.ones(len(rows.outcome)), rows.table - rows.table.mean(axis=0)])
    width = table.shape[1]
    upper = np.triu_indices(width)
    found = np.empty((units, len(upper[0])))
    for place, (one, other) in enumerate(zip(*upper, strict=True)):
        values = rows.weights * table[:, one] * table[:, other]
        found[:, place] = np.bincount(unit, values, minlength=units)
    return found


def _correlations(products: FloatArray, times: FloatArray) -> FloatArray:
    """Return the correlations of every draw."""
    sums = times @ products
    width = int((np.sqrt(8 * products.shape[1] + 1) - 1) / 2)
    full = np.empty((len(sums), width, width))
    one, other = np.triu_indices(width)
    full[:, one, other] = full[:, other, one] = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        full /= full[:, :1, :1]
    means = full[:, 0, 1:]
    return normalised(full[:, 1:, 1:] - means[:, :, None] * means[:, None, :])


def _summary(shares: FloatArray, level: float) -> Uncertainty:
    ends = [(1 - level) / 2, (1 + level) / 2]
    relative = shares / shares.sum(axis=1, keepdims=True)
    rank = (-shares).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1
    low, high = np.quantile(shares, ends, axis=0)
    relative_low, relative_high = np.quantile(relative, ends, axis=0)
    first, last = np.quantile(rank, ends, axis=0, method="inverted_cdf").astype(np.intp)
    top = (rank == 1).mean(axis=0)
    error = relative.std(axis=0, ddof=1)
    return Uncertainty(low, high, error, relative_low, relative_high, first, last, top, len(shares))
