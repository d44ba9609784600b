"""The models: shares of what is explained, coefficients, odds and performance, one row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.drivers import groups
from journey_lib.measures.drivers.choose import Plan, scores
from journey_lib.stats import drivers as models
from journey_lib.study.questions import satisfied
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.drivers import Importance, Model, Uncertainty
    from journey_lib.stats.estimate import Sample
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

MOST_ORDINAL = 11  # levels of an outcome whose odds are modelled


@dataclass(frozen=True, eq=False)
class Fitted:
    """What the models say about one outcome.

    Attributes
    ----------
    plan : Plan
        Outcome and drivers.
    importance, uncertainty : Importance, Uncertainty
        Shares of R² and their intervals.
    linear : Model
        Points of the outcome per point of a driver.
    ordinal : Model or None
        Log odds of a higher answer; none for outcomes with many levels or few answers.
    largest_inflation : float
        Variance inflation of the driver that the others say most of.
    """

    plan: Plan
    importance: Importance
    uncertainty: Uncertainty
    linear: Model
    ordinal: Model | None
    largest_inflation: float
    answers: npt.NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """How the shares are computed and how sure they shall be."""

    method: Any
    draws: int
    seed: int
    level: float
    replaced: bool = False  # the method asked for cannot be computed for so many drivers


def feasible(method: str, planned: Sequence[Plan]) -> str:
    """Return the method asked for, or Johnson's weights where a plan has too many drivers for exact shares.

    One method serves the whole report: shares by two methods on one page would be compared.
    """
    most = max(len(plan.drivers) for plan in planned)
    return "johnson" if method == "lmg" and most > models.MOST_EXACT else method


def fit(study: Study, data: Data, plan: Plan, mask: npt.NDArray[np.bool_], how: Settings) -> Fitted:
    """Return shares, their resampling, and the regression models of one outcome."""
    sample = sample_of(study, data, how.level)
    X = np.column_stack([scores(q, data) for q in plan.drivers])
    X = np.where(mask[:, None], X, np.nan)
    y = scores(plan.outcome, data)
    names = [q.id for q in plan.drivers]
    share = models.lmg if how.method == "lmg" else models.johnson
    importance = share(X, y, sample.weights, names=names)
    sure = models.bootstrap(
        X, y, sample=sample, method=how.method, draws=how.draws, seed=how.seed, level=how.level, names=names
    )
    line = models.linear(X, y, sample=sample, names=names)
    correlation = np.corrcoef(X[~np.isnan(X).any(axis=1)].T)
    inflation = float(np.diag(np.linalg.inv(correlation)).max())
    return Fitted(plan, importance, sure, line, _ordinal(X, y, sample, names), inflation, X)


def _ordinal(X: npt.NDArray[Any], y: npt.NDArray[Any], sample: Sample, names: list[str]) -> Model | None:
    from journey_lib.errors import DataError

    if len(np.unique(y[~np.isnan(y)])) > MOST_ORDINAL:
        return None
    try:
        return models.ordinal(X, y, sample=sample, names=names)
    except (DataError, np.linalg.LinAlgError):
        return None


def rows(
    study: Study,
    data: Data,
    fitted: list[Fitted],
    split: tuple[groups.Group, ...],
    mask: npt.NDArray[np.bool_],
    how: Settings,
) -> pd.DataFrame:
    """Return every number of the report as tidy rows."""
    found: list[dict[str, Any]] = []
    for one in fitted:
        found += _of_model(one, how.level)
        if one.plan.main:
            found += _performance(study, data, one, mask, how.level)
    found += groups.rows(split, fitted[0].plan, how.level)
    frame = pd.DataFrame(found)
    if "group" in frame:
        frame["group"] = frame["group"].fillna("")
    frame["weighting"] = "weighted"
    return frame


def _of_model(one: Fitted, level: float) -> Iterator[dict[str, Any]]:
    outcome, found, sure = one.plan.outcome, one.importance, one.uncertainty
    base = {"comparison": outcome.id, "n": found.n, "ci_level": level}
    yield {
        **base, "metric": "explained", "question": outcome.id, "stage": outcome.stage, "unit": "share",
        "estimate": found.r_squared,
    }  # fmt: skip
    rank = (-found.shares).argsort(kind="stable").argsort(kind="stable") + 1
    for at, driver in enumerate(one.plan.drivers):
        keys = {**base, **_keys(driver)}
        share = float(found.relative[at])
        low, high = float(sure.relative_low[at]), float(sure.relative_high[at])
        inside = low <= share <= high
        yield {
            **keys, "metric": "importance", "unit": "share", "estimate": share,
            "std_error": float(sure.relative_error[at]), "ci_low": low if inside else np.nan,
            "ci_high": high if inside else np.nan, "note": "" if inside else "near_zero",
        }  # fmt: skip
        yield {
            **keys, "metric": "rank", "unit": "count", "estimate": float(rank[at]),
            "ci_low": float(min(sure.rank_low[at], rank[at])),
            "ci_high": float(max(sure.rank_high[at], rank[at])),
        }  # fmt: skip
        yield {**keys, "metric": "correlation", "unit": "score", "estimate": float(found.correlation[at])}
        yield {**keys, "metric": "coefficient", "unit": "score", **_term(one.linear, driver.id)}
        if one.ordinal is not None:
            yield {**keys, "metric": "odds_ratio", "unit": "score", **_odds(one.ordinal, driver.id)}


def _keys(driver: Question) -> dict[str, str]:
    return {"question": driver.id, "stage": driver.stage, "touchpoint": driver.touchpoint}


def _term(model: Model, name: str) -> dict[str, float]:
    at = model.names.index(name)
    columns = {"estimate": model.coefficient, "std_error": model.std_error, "ci_low": model.ci_low,
               "ci_high": model.ci_high, "p_value": model.p_value}  # fmt: skip
    return {key: float(values[at]) for key, values in columns.items()}


def _odds(model: Model, name: str) -> dict[str, float]:
    found = _term(model, name)
    odds = {key: float(np.exp(found[key])) for key in ("estimate", "ci_low", "ci_high")}
    return {**odds, "p_value": found["p_value"]}


def _performance(
    study: Study, data: Data, one: Fitted, mask: npt.NDArray[np.bool_], level: float
) -> Iterator[dict[str, Any]]:
    """Return the share satisfied with each driver, of everybody who rated it."""
    sample, frame = sample_of(study, data, level), data.require("responses", by="drivers")
    for driver in one.plan.drivers:
        good = satisfied(driver, frame[driver.id].to_numpy(float))
        found = sample.one("proportion", good, mask)
        known = np.isfinite(found.estimate)
        yield {
            **_keys(driver), "metric": "satisfied", "unit": "share", "estimate": found.estimate,
            "std_error": found.std_error, "ci_low": found.ci_low, "ci_high": found.ci_high,
            "ci_level": level, "n": found.n, "n_effective": found.n_effective,
            "note": "" if known else "no_answers", "comparison": one.plan.outcome.id,
        }  # fmt: skip
