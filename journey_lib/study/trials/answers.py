"""Answers of exposed customers: the first one after exposure, with its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.study.trials.exposed import DAY, moments_of

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Metric, Study
    from journey_lib.study.trials.exposed import Exposed


def answered(
    study: Study, data: Data, who: Exposed, metric: Metric, window: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted answer of each unit and its weight; NaN for those who did not answer.

    Parameters
    ----------
    study, data : Study, Data
        Answers and their weights.
    who : Exposed
        The units.
    metric : Metric
        Its `question`. A recommendation becomes −100, 0 or 100, so that its mean is the net promoter score.
    window : int
        Microseconds from exposure in which an answer counts; 0 for ever.

    Raises
    ------
    DataError
        No responses, no customer ids in them, no such column.
    """
    responses = data.require("responses", by="experiment")
    where = f"'{metric.id}'"
    lacking = [name for name in ("customer_id", metric.question) if name not in responses]
    if lacking:
        raise DataError(Problem(where, f"the responses have no column '{lacking[0]}'"))
    score = responses[metric.question].to_numpy(float)
    if study.item(metric.question).kind == "nps":
        score = np.where(np.isnan(score), np.nan, np.select([score >= 9, score <= 6], [100.0, -100.0], 0.0))
    weight = np.ones(len(responses)) if data.weights is None else np.asarray(data.weights.values, dtype=float)
    frame = pd.DataFrame({"customer_id": responses["customer_id"], "score": score, "weight": weight})
    frame = frame[frame["score"].notna() & frame["customer_id"].notna()]
    if "date" in responses and responses["date"].notna().all():
        told = moments_of(responses.loc[frame.index, "date"], study.time_zone)
        frame = frame.assign(since=told - frame["customer_id"].map(pd.Series(who.at, index=who.ids)))
        # A date without an hour may be the day of the exposure itself: that answer counts.
        frame = frame[(frame["since"] > -DAY) & (frame["since"] <= (window or np.inf))]
        frame = frame.sort_values("since", kind="stable")
    first = frame.drop_duplicates("customer_id").set_index("customer_id")
    found = first.reindex(who.ids)
    weights = found["weight"].to_numpy(float)
    return found["score"].to_numpy(float) * weights, weights
