"""Which attributes go with leaving sooner: Cox regression with Efron's ties and clustered errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels, row_count
from journey_lib.stats.survival.comparison import around
from journey_lib.stats.survival.risk import yes_or_no

if TYPE_CHECKING:
    import numpy.typing as npt

ROUNDS, NEAR, FAR, STEEP = 30, 1e-11, 20.0, 200.0  # steps, gain that ends them, log ratios nobody believes
NOT_ESTIMABLE = "not_estimable"


@dataclass(frozen=True, eq=False)
class Cox:
    """What `cox` returns.

    Attributes
    ----------
    table : DataFrame
        Per covariate: covariate log_ratio std_error hazard_ratio ci_low ci_high p_value note; the interval is
        that of the ratio. NaN with note `not_estimable` where the data do not bound it.
    log_likelihood : float
        At the estimate, after Efron.
    covariance : ndarray
        Of the log ratios; clustered where clusters were given.
    """

    table: pd.DataFrame
    log_likelihood: float
    covariance: FloatArray


def cox(
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    covariates: pd.DataFrame,
    *,
    entry: npt.ArrayLike | None = None,
    cluster: Labels | None = None,
    level: float = 0.95,
) -> Cox:
    """Return how many times faster one leaves per unit of each covariate, the others being equal.

    Parameters
    ----------
    duration : array_like of float
        Time until the event, or until the last look.
    event : array_like of bool
        Whether it happened.
    covariates : DataFrame
        Numbers, one column a covariate, known before the wait begins.
    entry : array_like of float, optional
        When each came under observation (left truncation); 0 and before is the beginning.
    cluster : array_like, optional
        Whose rows go together, such as the customer; errors then allow for their likeness.
    level : float
        Confidence level.

    Returns
    -------
    Cox

    Raises
    ------
    DataError
        As `kaplan_meier`; covariates that are no numbers or missing.
    ParamError
        A level outside 0 to 1.

    Definition
    ----------
    Maximum of Cox's partial likelihood with Efron's treatment of ties. Without clusters the covariance is
    the inverse information; with clusters it is the sandwich of the score residuals added up by cluster.

    Units and missing data
    ----------------------
    Ratios of hazards, 1 for no difference. Rows with anything missing are refused, never dropped.

    Source
    ------
    Cox, D. R. (1972), Regression models and life-tables, Journal of the Royal Statistical Society B 34,
    187–220. Efron, B. (1977), Journal of the American Statistical Association 72, 557–565. Lin, D. Y. and
    Wei, L. J. (1989), The robust inference for the Cox proportional hazards model, Journal of the American
    Statistical Association 84, 1074–1078.

    Examples
    --------
    >>> slow = pd.DataFrame({"slow": [0, 0, 1, 1, 0, 1]})
    >>> found = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], slow)
    >>> round(found.table["hazard_ratio"].item(), 6)
    0.57735
    """
    time, happened, x, start, whose = _read(duration, event, covariates, entry, cluster, level)
    names = [str(name) for name in covariates.columns]
    if not happened.any():
        return _nothing(names)
    model = _Model(time, happened, x - x.mean(axis=0), start)
    beta, bounded = _climb(model, x.shape[1])
    if not bounded:
        return _nothing(names)
    logged, _, information = model.at(beta)
    covariance = np.asarray(np.linalg.inv(information), dtype=float)
    if whose is not None:
        moved = model.residuals(beta) @ covariance
        sums = np.zeros((int(whose.max()) + 1, x.shape[1]))
        np.add.at(sums, whose, moved)
        covariance = sums.T @ sums
    return Cox(_table(names, beta, np.sqrt(np.diag(covariance)), level), logged, covariance)


class _Model:
    """The partial likelihood of some rows: every event of a tie has its own place in Efron's sum."""

    def __init__(self, time: FloatArray, happened: IntArray, x: FloatArray, start: FloatArray | None) -> None:
        self.x, self.happened, self.start = x, happened.astype(bool), start
        self.times, self.tie, self.deaths = np.unique(
            time[self.happened], return_inverse=True, return_counts=True
        )
        first = np.cumsum(self.deaths) - self.deaths
        self.step = np.repeat(np.arange(len(self.times)), self.deaths)  # the time of each place
        self.part = (np.arange(len(self.step)) - first[self.step]) / self.deaths[self.step]
        # Rows leave the risk set after their last time and join it after their entry.
        self.last = np.searchsorted(self.times, time, side="right")
        late = np.zeros(len(time), dtype=bool) if start is None else start > 0
        begun = 0 if start is None else np.searchsorted(self.times, start, side="right")
        self.first = np.where(late, begun, 0)

    def at(self, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return log-likelihood, score and information."""
        risk = self._risk(beta)
        zero, mean = self._means(risk)
        own = self.x[self.happened]
        logged = float((own @ beta).sum() - np.log(zero).sum())
        weight = self._weights(risk, zero)
        information = (self.x * weight[:, None]).T @ self.x - mean.T @ mean
        return logged, own.sum(axis=0) - mean.sum(axis=0), information

    def residuals(self, beta: FloatArray) -> FloatArray:
        """Return the score residual of each row; they add up to the score."""
        risk = self._risk(beta)
        zero, mean = self._means(risk)
        average = self._by_time(mean) / self.deaths[:, None]
        found: FloatArray = -self.x * self._weights(risk, zero)[:, None]
        running = np.vstack([np.zeros(mean.shape[1]), np.cumsum(self._by_time(mean / zero[:, None]), axis=0)])
        found += risk[:, None] * (running[self.last] - running[np.minimum(self.first, self.last)])
        spared = self._by_time(mean * (self.part / zero)[:, None])[self.tie]
        found[self.happened] += self.x[self.happened] - average[self.tie]
        found[self.happened] -= risk[self.happened, None] * spared
        return found

    def _risk(self, beta: FloatArray) -> FloatArray:
        return np.asarray(np.exp(np.clip(self.x @ beta, -STEEP, STEEP)))

    def _means(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the risk sum and the mean covariates of each place."""
        columns = np.column_stack([risk, self.x * risk[:, None]])
        all_, own = self._waiting(columns), self._own(columns)
        sums = all_[self.step] - self.part[:, None] * own[self.step]
        return sums[:, 0], sums[:, 1:] / sums[:, [0]]

    def _waiting(self, columns: FloatArray) -> FloatArray:
        """Add columns up over those at risk at each event time."""
        size = len(self.times) + 1
        joined = np.zeros((size, columns.shape[1]))
        for at in range(columns.shape[1]):
            joined[:, at] = np.bincount(np.minimum(self.first, self.last), columns[:, at], size)
            joined[:, at] -= np.bincount(self.last, columns[:, at], size)
        # From the far end, so that the many who left early do not blur the few who stay.
        return -np.cumsum(joined[::-1], axis=0)[::-1][1:]

    def _own(self, columns: FloatArray) -> FloatArray:
        size = len(self.times)
        own = columns[self.happened]
        return np.column_stack([np.bincount(self.tie, column, size) for column in own.T])

    def _weights(self, risk: FloatArray, zero: FloatArray) -> FloatArray:
        """Return each row's summed hazard: its risk times what it went through."""
        full = self._by_time((1 / zero)[:, None])[:, 0]
        running = np.append(0.0, np.cumsum(full))
        through = running[self.last] - running[np.minimum(self.first, self.last)]
        through[self.happened] -= self._by_time((self.part / zero)[:, None])[self.tie, 0]
        weight: FloatArray = risk * through
        return weight

    def _by_time(self, places: FloatArray) -> FloatArray:
        size = len(self.times)
        return np.column_stack([np.bincount(self.step, column, size) for column in places.T])


def _climb(model: _Model, size: int) -> tuple[FloatArray, bool]:
    """Return the maximum by Newton's steps, halved while they go down, and whether there is one."""
    beta = np.zeros(size)
    logged, score, information = model.at(beta)
    for _ in range(ROUNDS):
        if np.linalg.matrix_rank(information) < size:
            return beta, False
        step = np.linalg.solve(information, score)
        tried = model.at(beta + step)
        while not tried[0] >= logged - NEAR * abs(logged) and np.abs(step).max() > NEAR:
            step = step / 2
            tried = model.at(beta + step)
        beta, gain = beta + step, tried[0] - logged
        logged, score, information = tried
        if np.abs(beta * _spread(model.x)).max() > FAR:
            return beta, False
        if abs(gain) <= NEAR * abs(logged) and np.abs(step).max() < math.sqrt(NEAR):
            return beta, True
    return beta, False


def _spread(x: FloatArray) -> FloatArray:
    return np.asarray(np.ptp(x, axis=0))


def _table(names: Sequence[str], beta: FloatArray, error: FloatArray, level: float) -> pd.DataFrame:
    rows = []
    for name, b, e in zip(names, beta.tolist(), error.tolist(), strict=True):
        low, high = around(b, e, level)
        p_value = two_sided_p(b, e, math.inf)
        rows.append((name, b, e, math.exp(b), math.exp(low), math.exp(high), p_value, ""))
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = ["covariate", "log_ratio", "std_error", "hazard_ratio", "ci_low", "ci_high", "p_value", "note"]


def _nothing(names: Sequence[str]) -> Cox:
    rows = [(name, *[math.nan] * 6, NOT_ESTIMABLE) for name in names]
    size = len(names)
    return Cox(pd.DataFrame(rows, columns=_COLUMNS), math.nan, np.full((size, size), np.nan))


def _read(
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    covariates: pd.DataFrame,
    entry: npt.ArrayLike | None,
    cluster: Labels | None,
    level: float,
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray | None, IntArray | None]:
    given = Inputs(row_count(duration, "duration"))
    happened = np.asarray(yes_or_no(event)).astype(np.int64)
    columns = [_complete(given, covariates[name], str(name)) for name in covariates]
    time = _complete(given, duration, "duration")
    start = None if entry is None else _complete(given, entry, "entry")
    if time.min(initial=0) < 0:
        given.fault("duration", "holds negative numbers", "numbers of 0 or more")
    if start is not None and bool(((start > 0) & (start >= time)).any()):
        given.fault("entry", "is not before the end of its duration in some rows", "entry below duration")
    whose = None if cluster is None else given.codes(cluster, "cluster")[0]
    given.level(level)
    given.raise_all()
    return time, happened, np.column_stack(columns), start, whose


def _complete(given: Inputs, values: npt.ArrayLike, where: str) -> FloatArray:
    found = given.numbers(values, where)
    missing = int(np.isnan(found).sum())
    if missing:
        given.fault(where, f"{missing} of {found.size} rows are missing", "a number in every row")
    return found
