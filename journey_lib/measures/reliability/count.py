"""The coefficients of each scale and of each of its items, one row each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.stats import reliability as stats

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.reliability import Alpha, Omega
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study, Text

FEWEST = 3  # items below which one factor cannot be fitted


@dataclass(frozen=True, eq=False)
class Measured:
    """One scale with its coefficients.

    Attributes
    ----------
    name : str
        The scale, as in `scale_of`.
    label : Text
        What readers call it.
    items : tuple of Question
        Items that are in the coefficients, those of one answer left out.
    alpha, omega : Alpha, Omega
        Coefficients on the answers as given.
    ordinal : float
        Alpha of the attitudes behind the answers.
    """

    name: str
    label: Text
    items: tuple[Question, ...]
    alpha: Alpha
    omega: Omega
    ordinal: float


def scales(study: Study) -> dict[str, tuple[Question, ...]]:
    """Return the items of every scale of at least two, in the order of the study."""
    named = dict.fromkeys(q.scale_of for q in study.questions if q.scale_of)
    found = {name: tuple(q for q in study.questions if q.scale_of == name) for name in named}
    return {name: items for name, items in found.items() if len(items) > 1}


def measured(
    study: Study,
    data: Data,
    name: str,
    items: tuple[Question, ...],
    mask: npt.NDArray[np.bool_],
    missing: Any,  # noqa: ANN401 - one word of a closed list, checked by the caller
    level: float,
) -> Measured:
    """Return the coefficients of one scale; an item without any answer is an error that names it."""
    frame = data.require("responses", by="reliability")
    names = [q.id for q in items]
    answers = pd.DataFrame(np.where(mask[:, None], frame[names].to_numpy(float), np.nan), columns=names)
    silent = [f"'{item}'" for item in names if answers[item].isna().all()]
    if silent:
        given = f"nobody who is counted answered {', '.join(silent)}"
        action = "Take it out of the scale, or choose a wave or segment that answered it"
        raise DataError(Problem(f"scale '{name}'", given, action=action))
    weights = data.weights.values if data.weights is not None else None
    reverse = [q.reverse for q in items]
    alpha = stats.alpha(answers, weights, reverse=reverse, missing=missing, level=level)
    kept = tuple(q for q in items if q.id not in alpha.constant)
    omega = stats.omega(answers, weights, reverse=reverse, missing=missing)
    ordinal = stats.ordinal_alpha(answers, weights, reverse=reverse, missing=missing)
    return Measured(name, study.scale_label(name), kept, alpha, omega, ordinal)


def rows(found: list[Measured], level: float) -> pd.DataFrame:
    """Return every coefficient as a tidy row."""
    return pd.DataFrame([row for one in found for row in _of_scale(one, level)])


def _of_scale(one: Measured, level: float) -> Iterator[dict[str, Any]]:
    base = {
        "comparison": one.name, "unit": "score", "n": one.alpha.n, "n_effective": one.alpha.n_effective,
        "ci_level": level, "weighting": "weighted",
    }  # fmt: skip
    stages = {q.stage for q in one.items}
    whole = {**base, "stage": next(iter(stages)) if len(stages) == 1 else ""}
    bounds = {"ci_low": one.alpha.ci_low, "ci_high": one.alpha.ci_high}
    yield {**whole, "metric": "alpha", "estimate": one.alpha.alpha, **bounds}
    yield {**whole, "metric": "alpha_standardised", "estimate": one.alpha.standardised}
    yield {**whole, "metric": "alpha_ordinal", "estimate": one.ordinal}
    yield {**whole, "metric": "omega", "estimate": one.omega.omega, "note": one.omega.reason}
    if math.isfinite(one.alpha.spearman_brown):
        yield {**whole, "metric": "spearman_brown", "estimate": one.alpha.spearman_brown}
    for item in one.items:
        keys = {**base, "question": item.id, "stage": item.stage, "touchpoint": item.touchpoint}
        at = one.alpha.items.index.get_loc(item.id)
        rest = float(one.alpha.items["item_rest"].to_numpy()[at])
        yield {**keys, "metric": "item_rest", "estimate": rest, **_fisher(rest, one.alpha.n_effective, level)}
        without = float(one.alpha.items["alpha_without"].to_numpy()[at])
        reason = "" if math.isfinite(without) else "two_items"
        yield {**keys, "metric": "alpha_without", "estimate": without, "note": reason}
        loading = float(one.omega.items["loading"].to_numpy()[at])
        yield {
            **keys, "metric": "loading", "estimate": loading,
            "note": "" if math.isfinite(loading) else one.omega.reason,
        }  # fmt: skip


def _fisher(correlation: float, n_effective: float, level: float) -> dict[str, float]:
    """Return the interval of a correlation on Fisher's scale; none for fewer than four answers."""
    from scipy import special

    if n_effective <= 3 or abs(correlation) >= 1:
        return {}
    reach = special.ndtri((1 + level) / 2) / math.sqrt(n_effective - 3)
    low, high = (math.tanh(math.atanh(correlation) + sign * reach) for sign in (-1, 1))
    return {"ci_low": low, "ci_high": high}
