"""Regression of an outcome on its drivers under the survey's design: linear, and proportional odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.stats.drivers.rows import Rows, complete, correlations
from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels
from journey_lib.stats.linearisation import Design, Lonely
from journey_lib.stats.sampling import design

if TYPE_CHECKING:
    from journey_lib.stats.estimate import Sample
    from journey_lib.stats.weights import Weights

_STEPS, _CLOSE = 100, 1e-10
_SEPARATED = 15.0  # a coefficient this large on the logit scale means that the data part completely


class Sampling(NamedTuple):
    """How the rows were drawn, as the caller gave it."""

    psu: Labels | None
    strata: Labels | None
    fpc: npt.ArrayLike | None
    calibration: Weights | None
    lonely: Lonely


@dataclass(frozen=True, eq=False)
class Model:
    """Coefficients with errors that know the design.

    Attributes
    ----------
    names : tuple of str
        Terms; a linear model starts with the intercept, an ordinal one ends with its thresholds "2|3".
    coefficient, std_error, ci_low, ci_high, p_value : ndarray
        Of each term; an ordinal model's are log odds.
    df : float
        Sampling units less strata, plus one, less the terms.
    r_squared : float
        Weighted share of variance explained; McFadden's for an ordinal model.
    n, dropped : int
        Complete rows, and rows left out because an answer is missing.
    parallel : ndarray
        p-value, for each driver of an ordinal model, that its odds are the same at every threshold; NaN where
        it cannot be tested. Empty for a linear model.
    """

    names: tuple[str, ...]
    coefficient: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: FloatArray
    df: float
    r_squared: float
    n: int
    dropped: int
    parallel: FloatArray = field(default_factory=lambda: np.zeros(0))

    @property
    def table(self) -> pd.DataFrame:
        """One row a term: `coefficient std_error ci_low ci_high p_value`."""
        columns = ("coefficient", "std_error", "ci_low", "ci_high", "p_value")
        frame = {name: getattr(self, name) for name in columns}
        return pd.DataFrame(frame, index=pd.Index(self.names, name="term"))


def linear(
    X: npt.ArrayLike | pd.DataFrame,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    psu: Labels | None = None,
    strata: Labels | None = None,
    fpc: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
    names: Sequence[str] = (),
    sample: Sample | None = None,
) -> Model:
    """Return how many points the outcome moves with one point of each driver, the others held.

    Parameters
    ----------
    X, y, weights, names
        As in `lmg`.
    psu, strata, fpc, calibration, lonely
        The design, as in `estimate.mean`.
    level : float
        Of the intervals.
    sample : Sample, optional
        Weights and design read before, in place of those above.

    Returns
    -------
    Model

    Raises
    ------
    DataError
        As in `lmg`, and as in `estimate.mean` for the design.

    Definition
    ----------
    Weighted least squares. The error of a coefficient is the linearised error of the sum of its influences
    w (X'WX)⁻¹ x e; t with sampling units − strata + 1 − terms degrees of freedom.

    Units and missing data
    ----------------------
    Points of the outcome per point of the driver. Incomplete rows stay in the design with influence 0.

    Source
    ------
    Binder, D. (1983), On the variances of asymptotically normal estimators from complex surveys,
    International Statistical Review 51. Agrees with `survey::svyglm`.

    Examples
    --------
    >>> linear([[1.0], [2.0], [3.0], [4.0]], [2.1, 3.9, 6.1, 7.9]).coefficient.round(2).tolist()
    [0.1, 1.96]
    """
    rows = complete(X, y, weights if sample is None else sample.weights, names)
    correlations(rows)
    sampled = _design(rows, weights, Sampling(psu, strata, fpc, calibration, lonely), sample)
    table = np.column_stack([np.ones(len(rows.outcome)), rows.drivers])
    weighted = table * rows.weights[:, None]
    bread = np.linalg.inv(weighted.T @ table)
    found = bread @ (weighted.T @ rows.outcome)
    left = rows.outcome - table @ found
    centre = rows.weights @ rows.outcome / rows.weights.sum()
    explained = 1 - rows.weights @ left**2 / (rows.weights @ (rows.outcome - centre) ** 2)
    influence = (weighted * left[:, None]) @ bread
    return _model(("intercept", *rows.names), found, influence, rows, sampled, level, float(explained))


def ordinal(
    X: npt.ArrayLike | pd.DataFrame,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    psu: Labels | None = None,
    strata: Labels | None = None,
    fpc: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
    names: Sequence[str] = (),
    sample: Sample | None = None,
) -> Model:
    """Return the log odds of a higher answer for one point of each driver, the others held.

    Parameters
    ----------
    X, y, weights, psu, strata, fpc, calibration, lonely, level, names, sample
        As in `linear`; the outcome has at least three ordered levels.

    Returns
    -------
    Model
        `parallel` tests driver by driver whether one odds ratio holds at every threshold.

    Raises
    ------
    DataError
        As in `linear`; fewer than three levels, or answers that the drivers part completely.

    Definition
    ----------
    Proportional odds: logit P(y ≤ k) = threshold k − x'β, fitted by weighted maximum likelihood; errors are
    linearised as in `linear`. The test of one driver is a Wald test between binary models at all thresholds.

    Units and missing data
    ----------------------
    Log odds per point of the driver. Incomplete rows stay in the design with influence 0.

    Source
    ------
    McCullagh, P. (1980), Regression models for ordinal data, JRSS B 42. Brant, R. (1990), Assessing
    proportionality in the proportional odds model, Biometrics 46. Agrees with `MASS::polr` and
    `survey::svyolr`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 1))
    >>> y = np.digitize(x[:, 0] + rng.logistic(size=400), [-1, 1])
    >>> ordinal(x, y).names
    ('driver 1', '0|1', '1|2')
    """
    rows = complete(X, y, weights if sample is None else sample.weights, names)
    correlations(rows)
    levels, code = np.unique(rows.outcome, return_inverse=True)
    if len(levels) < 3:
        raise DataError(Problem("y", f"has {len(levels)} levels", "at least 3", action="Use linear"))
    sampled = _design(rows, weights, Sampling(psu, strata, fpc, calibration, lonely), sample)
    fit = _fitted(rows, code)
    thresholds = tuple(f"{one:g}|{other:g}" for one, other in pairwise(levels))
    counts = np.bincount(code, rows.weights)
    empty = float(counts @ np.log(counts / counts.sum()))
    parallel = _parallel(rows, code, len(levels), sampled)
    return _model(
        (*rows.names, *thresholds), fit.values, fit.influence, rows, sampled, level,
        1 - fit.likelihood / empty, parallel,
    )  # fmt: skip


def _design(rows: Rows, weights: npt.ArrayLike | None, sampling: Sampling, sample: Sample | None) -> Design:
    if sample is not None:
        return sample.design
    given = Inputs(len(rows.kept))
    found = given.weights(weights)
    margins = sampling.calibration.margins if sampling.calibration is not None else None
    return design(
        given, found, strata=sampling.strata, psu=sampling.psu, fpc=sampling.fpc, lonely=sampling.lonely,
        margins=margins,
    )  # fmt: skip


def _covariance(influence: FloatArray, rows: Rows, sampled: Design) -> FloatArray:
    """Return the linearised covariance of the columns' sums over the complete rows."""
    table = np.zeros((len(rows.kept), influence.shape[1]))
    table[rows.kept] = influence
    return sampled.covariance(table)


def _model(
    names: tuple[str, ...],
    found: FloatArray,
    influence: FloatArray,
    rows: Rows,
    sampled: Design,
    level: float,
    explained: float,
    parallel: FloatArray | None = None,
) -> Model:
    from scipy import special

    error: FloatArray = np.sqrt(np.diag(_covariance(influence, rows, sampled)))
    everywhere: IntArray = np.where(rows.kept, 0, -1)
    df = float(sampled.degrees_of_freedom(everywhere, 1)[0]) + 1 - len(found)
    if df < 1:
        raise DataError(
            Problem("X", f"{len(found)} terms leave no degree of freedom", action="Use fewer drivers")
        )
    reach = special.stdtrit(df, (1 + level) / 2) * error
    p = np.asarray(2 * special.stdtr(df, -np.abs(found / error)), np.float64)
    n = len(rows.outcome)
    return Model(
        names, found, error, found - reach, found + reach, p, df, explained, n, len(rows.kept) - n,
        np.zeros(0) if parallel is None else parallel,
    )  # fmt: skip


class _Fit(NamedTuple):
    """A maximum of the likelihood: slopes then thresholds, its value, and each row's influence."""

    values: FloatArray
    likelihood: float
    influence: FloatArray


def _fitted(rows: Rows, code: IntArray) -> _Fit:
    """Return the weighted proportional odds fit by Newton steps that are halved until they climb."""
    centre = rows.weights @ rows.drivers / rows.weights.sum()
    scale = rows.drivers.std(axis=0)
    x = (rows.drivers - centre) / scale
    below = np.cumsum(np.bincount(code, rows.weights))[:-1] / rows.weights.sum()
    values = np.concatenate([np.zeros(x.shape[1]), np.log(below / (1 - below))])
    height, slope, bend = _likelihood(values, x, code, rows.weights)
    for _ in range(_STEPS):
        step = np.linalg.solve(bend, (rows.weights[:, None] * slope).sum(axis=0))
        while True:
            tried = _likelihood(values + step, x, code, rows.weights)
            if tried[0] >= height - 1e-12 * abs(height):
                break
            step = step / 2
        values, (height, slope, bend) = values + step, tried
        if np.abs(values[: x.shape[1]]).max() > _SEPARATED:
            problem = Problem("X", "the drivers part the answers completely", action="Drop a driver")
            raise DataError(problem)
        if np.abs(step).max() < _CLOSE:
            break
    influence = (rows.weights[:, None] * slope) @ np.linalg.inv(bend)
    turned = np.eye(len(values))
    drivers = x.shape[1]
    turned[:drivers, :drivers] = np.diag(1 / scale)
    turned[drivers:, :drivers] = centre / scale
    return _Fit(turned @ values, height, influence @ turned.T)


def _likelihood(
    values: FloatArray, x: FloatArray, code: IntArray, weights: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Return log likelihood, each row's gradient, and minus the weighted second derivative."""
    from scipy import special

    drivers = x.shape[1]
    edges = np.concatenate([[-np.inf], values[drivers:], [np.inf]])
    if (np.diff(values[drivers:]) <= 0).any():
        return -np.inf, np.zeros((len(x), len(values))), np.eye(len(values))
    at = x @ values[:drivers]
    upper, lower = special.expit(edges[code + 1] - at), special.expit(edges[code] - at)
    chance = upper - lower
    du, dl = upper * (1 - upper), lower * (1 - lower)
    columns = np.arange(len(values) - drivers)
    up, down = code[:, None] == columns, code[:, None] - 1 == columns  # thresholds above and below the answer
    one = np.concatenate([-x * du[:, None], up * du[:, None]], axis=1)
    other = np.concatenate([-x * dl[:, None], down * dl[:, None]], axis=1)
    slope = (one - other) / chance[:, None]
    above = np.concatenate([-x, up.astype(float)], axis=1)
    beneath = np.concatenate([-x, down.astype(float)], axis=1)
    curve_up, curve_down = du * (1 - 2 * upper) / chance, dl * (1 - 2 * lower) / chance
    bend = (
        (slope * weights[:, None]).T @ slope
        - (above * (weights * curve_up)[:, None]).T @ above
        + (beneath * (weights * curve_down)[:, None]).T @ beneath
    )
    return float(weights @ np.log(np.maximum(chance, 1e-300))), slope, bend


def _parallel(rows: Rows, code: IntArray, levels: int, sampled: Design) -> FloatArray:
    """Return, driver by driver, the p-value that its binary slopes agree at all thresholds."""
    from scipy import special

    drivers = rows.drivers.shape[1]
    slopes, influence = [], []
    for threshold in range(1, levels):
        try:
            fit = _fitted(rows, (code >= threshold).astype(np.intp))
        except (DataError, np.linalg.LinAlgError):
            return np.full(drivers, np.nan)
        slopes.append(fit.values[:drivers])
        influence.append(fit.influence[:, :drivers])
    found = np.empty(drivers)
    apart = np.diff(np.eye(levels - 1), axis=0)
    for driver in range(drivers):
        spread = _covariance(np.column_stack([one[:, driver] for one in influence]), rows, sampled)
        gap = apart @ np.array([one[driver] for one in slopes])
        distance = gap @ np.linalg.solve(apart @ spread @ apart.T, gap)
        found[driver] = special.chdtrc(levels - 2, distance)
    return found
