"""Which scale may be declared the wrong way round: it runs against what the whole journey is rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.present.result import Check
from journey_lib.present.wording import Names, message
from journey_lib.study import naming
from journey_lib.study.questions import SCALED, higher_is_better, overall

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

AGAINST = -0.15  # correlation with the overall question
FEWEST = 50  # people who answered both
CLEAR = -4.0  # standard errors below zero


def check(study: Study, data: Data, mask: npt.NDArray[np.bool_]) -> tuple[Check, ...]:
    """Return which scales run against the overall question once all are turned so that more is better.

    Definition
    ----------
    Weighted correlation with the overall question below −0.15 and at least four standard errors below 0,
    taking answers as many as the weights make them worth, of 50 people or more.
    """
    whole = overall(study)
    asked = [q for q in study.questions if q.kind in (*SCALED, "nps") and (whole is None or q.id != whole.id)]
    if whole is None or not asked:
        return ()
    weights = data.weights.values if data.weights is not None else np.ones(len(mask))
    target = _turned(whole, data, mask)
    found = {q.id: _correlation(_turned(q, data, mask), target, weights) for q in asked}
    known = {name: r for name, r in found.items() if np.isfinite(r[0])}
    if not known:
        return ()
    against = [q for q in asked if q.id in known and known[q.id][0] < AGAINST and known[q.id][1] < CLEAR]
    if not against:
        text = message("Every scale runs with {name}, or at least not against it.", name=whole.label)
        return (Check("direction", "passed", message("No scale seems the wrong way round"), text),)
    text = message(
        "{names}: who rates it better rates {name} worse. If a low answer is the good one, or the item is "
        "worded in reverse, say so with `direction` or `reverse` in the study; until then its numbers may be "
        "upside down.",
        names=Names(tuple(naming.name(study, q) for q in against), limit=4), name=whole.label,
    )  # fmt: skip
    table = pd.DataFrame(
        {"question": [q.id for q in against], "correlation": [known[q.id][0] for q in against]}
    )
    return (Check("direction", "watch", message("Some scales may be the wrong way round"), text, table),)


def _turned(question: Question, data: Data, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return answers so that more is better, NaN outside the segment."""
    answers = data.require("responses", by="survey")[question.id].to_numpy(float)
    turned = answers if higher_is_better(question) else -answers
    return np.where(mask, turned, np.nan)


def _correlation(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Return the weighted correlation and how many standard errors it lies from 0."""
    both = ~np.isnan(one) & ~np.isnan(other) & (weights > 0)
    a, b, w = one[both], other[both], weights[both]
    if both.sum() < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan, np.nan
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    r = float((w * a * b).sum() / np.sqrt((w * a * a).sum() * (w * b * b).sum()))
    n = float(w.sum() ** 2 / (w * w).sum())
    return r, float(np.arctanh(np.clip(r, -0.999999, 0.999999)) * np.sqrt(max(n - 3, 0)))
