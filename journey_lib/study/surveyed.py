"""What every measure that reads answers shares: the sample as it was designed and weighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from journey_lib.stats.estimate import Sample

if TYPE_CHECKING:
    from journey_lib.stats.weights import Weights
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


def panel(study: Study, data: Data) -> bool:
    """Tell whether people answered in several waves and no clusters are declared: then each is a cluster."""
    frame = data.require("responses", by="survey")
    return not study.design.psu and bool(frame["respondent_id"].duplicated().any())


def sample_of(study: Study, data: Data, level: float, *, weighted: bool = True) -> Sample:
    """Return the responses as designed: strata, clusters, weights and the calibration behind them.

    Its degrees of freedom are equivalent ones: those that count people make the intervals of small groups
    with uneven weights too short (docs/calibration.md).

    Parameters
    ----------
    study, data : Study, Data
        The declared design, and the responses with their weights.
    level : float
        Confidence level.
    weighted : bool
        Whether answers count by their weight; without, each counts once.

    Returns
    -------
    Sample
    """
    frame, plan = data.require("responses", by="survey"), study.design
    weights = data.weights if weighted else None
    return data.once(
        f"sample {level} {weighted}", (plan, frame, weights), lambda: _sample(study, data, level, weights)
    )


def _sample(study: Study, data: Data, level: float, weights: Weights | None) -> Sample:
    frame, plan = data.require("responses", by="survey"), study.design
    declared = [name for name in ("strata", "psu", "fpc") if getattr(plan, name)]
    taken: dict[str, Any] = {name: frame[name].to_numpy() for name in declared}
    if panel(study, data):
        taken["psu"] = pd.factorize(frame["respondent_id"])[0]
    shared = {**taken, "lonely": plan.lonely, "level": level, "degrees": "equivalent"}
    if weights is None:
        return Sample(len(frame), **shared)
    calibration = weights if weights.margins is not None else None
    return Sample(len(frame), weights.values, calibration=calibration, **shared)
