"""The table of the segments report: one tidy row for every number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.stats.clusters import profiles
from journey_lib.stats.clusters.stability import Stability
from journey_lib.stats.intervals import wilson
from journey_lib.stats.multiplicity import benjamini_hochberg
from journey_lib.study.clustering.fit import _is_number, _levels, _words

if TYPE_CHECKING:
    from journey_lib.measures.segments.moved import Moved
    from journey_lib.stats.clusters.choose import Criteria
    from journey_lib.study.clustering.fit import Fitted
    from journey_lib.study.definition import Study

Row = dict[str, Any]
CRITERIA = ("silhouette", "gap", "bic", "icl", "strength", "agreement", "smallest")
ACTIVE, PASSIVE = "active", "passive"
NAN = math.nan


def table(study: Study, found: Fitted, moved: Moved | None) -> pd.DataFrame:
    """Return all rows; only the criteria where there are no groups."""
    rows = list(_criteria(found.criteria)) if found.criteria else []
    if found.k:
        rows += [*_sizes(found), *_described(found), *_stages(study, found), *_typed(found)]
        if found.stability:
            rows += list(_stable(found, found.stability))
    if moved:
        rows += list(_moves(found, moved))
    return pd.DataFrame(rows)


def _criteria(told: Criteria) -> Iterator[Row]:
    for name in CRITERIA:
        for k, value in getattr(told, name).items():
            error = told.gap_error.get(k, NAN) if name == "gap" else NAN
            unit = "share" if name == "smallest" else "score"
            yield {
                "metric": name, "option": str(k), "estimate": value, "std_error": error, "n": told.rows,
                "unit": unit,
            }  # fmt: skip
    if math.isfinite(told.one_cloud):
        p = told.one_cloud
        yield {"metric": "one_cloud", "estimate": p, "p_value": p, "n": told.rows, "unit": "score"}


def _sizes(found: Fitted) -> Iterator[Row]:
    weights = profiles.effective(found.whom.weights[found.kept][found.labels >= 0])
    n, labels = weights.sum(), found.labels[found.labels >= 0]
    shares = np.bincount(labels, weights, minlength=found.k) / n
    low, high = wilson(shares, np.full(found.k, n), found.plan.level)
    for at, name in enumerate(found.names):
        yield {
            "metric": "size", "segment": name, "estimate": shares[at], "ci_low": low[at], "ci_high": high[at],
            "std_error": math.sqrt(shares[at] * (1 - shares[at]) / n), "ci_level": found.plan.level,
            "n": len(labels), "n_effective": n, "unit": "share",
        }  # fmt: skip


def _stable(found: Fitted, told: Stability) -> Iterator[Row]:
    tail = (1 - found.plan.level) / 2
    for at, name in enumerate(found.names):
        replicates, mean = told.jaccard[:, at], float(told.mean[at])
        low, high = np.quantile(replicates, [tail, 1 - tail])
        yield {
            "metric": "jaccard", "segment": name, "estimate": mean, "ci_low": min(low, mean),
            "ci_high": max(high, mean), "std_error": float(replicates.std(ddof=1)), "unit": "score",
            "ci_level": found.plan.level, "n": int(found.sizes[at]),
        }  # fmt: skip


def _described(found: Fitted) -> Iterator[Row]:
    """Yield what each column says of each group; effects get one correction for all columns."""
    rows, effects = [], []
    for name in (*found.active, *found.whom.passive):
        values = found.whom.frame[name].iloc[found.kept].reset_index(drop=True)
        numeric = _is_number(values)
        own, effect = (_numbers if numeric else _categories)(found, name, values)
        rows += own
        effects += effect
    tested = [row for row in effects if row["option"] != "epsilon_squared"]
    for row, p in zip(tested, benjamini_hochberg([r["p_value"] for r in tested]), strict=True):
        row["p_value"] = p
    yield from rows
    yield from effects


def _numbers(found: Fitted, name: str, values: pd.Series) -> tuple[list[Row], list[Row]]:
    weights = found.whom.weights[found.kept]
    told = profiles.numeric(values.to_numpy(float), found.labels, found.k, weights)
    z = _z(found.plan.level)
    total, spread = told.mean[-1], float(np.nanstd(values.to_numpy(float), ddof=1))
    rows = []
    for at, segment in enumerate((*found.names, "")):
        mean, error, n = told.mean[at], told.std_error[at], told.n[at]
        base = {"question": name, "segment": segment, "n": n, "ci_level": found.plan.level, "unit": "score"}
        rows.append(base | {"metric": "mean"} | _interval(mean, error, z))
        if segment and spread > 0:
            rows.append(base | {"metric": "distance"} | _interval((mean - total) / spread, error / spread, z))
    kind = ACTIVE if name in found.active else PASSIVE
    shared = {"metric": "effect", "question": name, "comparison": kind, "n": told.n[-1], "unit": "score"}
    return rows, [
        shared | _effect("omega_squared", told.omega_squared, told.p_value),
        shared | _effect("epsilon_squared", told.epsilon_squared, NAN),
    ]


def _interval(estimate: float, error: float, z: float) -> Row:
    if not math.isfinite(estimate):
        return {"estimate": NAN, "note": "nobody"}
    if not math.isfinite(error):
        return {"estimate": estimate, "note": "one_person"}
    return {
        "estimate": estimate, "std_error": error, "ci_low": estimate - z * error,
        "ci_high": estimate + z * error,
    }  # fmt: skip


def _effect(option: str, estimate: float, p_value: float) -> Row:
    note = "" if math.isfinite(estimate) else "no_spread"
    return {"option": option, "estimate": estimate, "p_value": p_value, "note": note}


def _categories(found: Fitted, name: str, values: pd.Series) -> tuple[list[Row], list[Row]]:
    levels = _levels(values)
    place = {word: at for at, word in enumerate(levels)}
    codes = _words(values).map(place).to_numpy(dtype=float, na_value=-1.0).astype(np.intp)
    weights = found.whom.weights[found.kept]
    told = profiles.categorical(codes, len(levels), found.labels, found.k, weights, level=found.plan.level)
    rows = []
    for at, segment in enumerate((*found.names, "")):
        for option, word in enumerate(levels):
            base = {
                "question": name, "option": word, "segment": segment, "n": told.n[at],
                "ci_level": found.plan.level,
            }  # fmt: skip
            share = told.share[at, option]
            rows.append(base | {
                "metric": "share", "unit": "share", "estimate": share, "ci_low": told.ci_low[at, option],
                "ci_high": told.ci_high[at, option], "note": "" if math.isfinite(share) else "nobody",
                "std_error": math.sqrt(share * (1 - share) / told.n[at]) if told.n[at] else NAN,
            })  # fmt: skip
            if segment:
                rows.append(base | _index(told, at, option))
    kind = ACTIVE if name in found.active else PASSIVE
    shared = {"metric": "effect", "question": name, "comparison": kind, "n": told.n[-1], "unit": "score"}
    return rows, [shared | _effect("cramers_v", told.cramers_v, told.p_value)]


def _index(told: profiles.Categorical, at: int, option: int) -> Row:
    index = told.index[at, option]
    low, high = told.index_low[at, option], told.index_high[at, option]
    known = math.isfinite(index)
    return {
        "metric": "index", "unit": "score", "estimate": index, "ci_low": low if known else NAN,
        "ci_high": high if known else NAN, "note": "" if known else "nobody",
    }  # fmt: skip


def _stages(study: Study, found: Fitted) -> Iterator[Row]:
    entered = found.whom.entered
    if entered is None:
        return
    inside = found.labels >= 0
    rows, labels = entered[found.kept][inside], found.labels[inside]
    for place, stage in enumerate(study.journey.stages):
        if not stage.enter:
            continue
        for at, name in [*enumerate(found.names), (-1, "")]:
            own = rows[labels == at, place] if name else rows[:, place]
            share, n = float(own.mean()), len(own)
            low, high = wilson(np.array([share]), np.array([float(n)]), found.plan.level)
            yield {
                "metric": "reached", "segment": name, "stage": stage.id, "estimate": share, "unit": "share",
                "ci_low": low[0], "ci_high": high[0], "std_error": math.sqrt(share * (1 - share) / n),
                "ci_level": found.plan.level, "n": n,
            }  # fmt: skip


def _typed(found: Fitted) -> Iterator[Row]:
    if found.judged is None:
        return
    told = found.judged[1]
    for metric, value, unit in (
        ("accuracy", told.accuracy, "share"), ("kappa", told.kappa, "score"),
        ("calibration", told.calibration, "score"), ("unclassified", told.unclassified, "share"),
    ):  # fmt: skip
        note = "" if math.isfinite(value) else "nobody"
        yield {"metric": metric, "estimate": value, "unit": unit, "n": told.n, "note": note}
    for questions, added, accuracy in told.curve:
        yield {
            "metric": "accuracy_by_questions", "option": str(questions), "question": added,
            "estimate": accuracy, "unit": "share", "n": told.n,
        }  # fmt: skip
    for metric, values in (("recall", told.recall), ("precision", told.precision)):
        for name, value in zip(found.names, values, strict=True):
            note = "" if math.isfinite(value) else "nobody"
            yield {
                "metric": metric, "segment": name, "estimate": value, "unit": "share", "n": told.n,
                "note": note,
            }  # fmt: skip


def _moves(found: Fitted, moved: Moved) -> Iterator[Row]:
    for kind, told in (("frozen", moved.frozen), ("refitted", moved.refitted)):
        n = float(told.counts.sum())
        note = "" if math.isfinite(told.stayed[0]) else "nobody"
        keys = {"group": kind, "ci_level": found.plan.level, "unit": "share"}
        yield keys | {
            "metric": "stayed", "estimate": told.stayed[0], "ci_low": told.stayed[1],
            "ci_high": told.stayed[2], "n": n, "note": note,
        }  # fmt: skip
        for metric, value, p in (
            ("move_kappa", told.kappa, NAN), ("move_agreement", told.agreement, NAN),
            ("asymmetry", told.bowker[0], told.bowker[2]),
        ):  # fmt: skip
            blank = "" if math.isfinite(value) else "nobody"
            row = {"metric": metric, "group": kind, "estimate": value, "p_value": p, "n": n, "unit": "score"}
            yield row | {"note": blank}
        for one, before in enumerate(found.names):
            size = float(told.counts[one].sum())
            for other, after in enumerate(found.names):
                share = told.share[one, other]
                known = math.isfinite(share)
                yield keys | {
                    "metric": "moved", "segment": before, "comparison": after, "estimate": share,
                    "ci_low": told.ci_low[one, other] if known else NAN,
                    "ci_high": told.ci_high[one, other] if known else NAN,
                    "n": size, "note": "" if known else "nobody",
                }  # fmt: skip


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))
