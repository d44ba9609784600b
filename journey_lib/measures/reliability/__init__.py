"""Whether the items of a scale belong together, so that one score may stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import AbsentError, ParamError, Problem, chosen, nearest
from journey_lib.measures.reliability import checks, count
from journey_lib.measures.reliability.result import ReliabilityResult
from journey_lib.study.context import context_of
from journey_lib.study.data import waves as waves_of
from journey_lib.study.params import RunParams

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

MISSING = ("listwise", "pairwise")


class ReliabilityParams(RunParams):
    """Parameters of the reliability report."""

    scale: str = Field("", description='Scale to look at, as in `scale_of` of its items; "" for all.')
    wave: str = Field("", description='Wave the report is about; "" pools all waves.')
    missing: str = Field(
        "listwise",
        description="Rows that count: those with all answers, or for each pair of items those with both.",
        json_schema_extra={"choices": list(MISSING)},
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def reliability(
    study: Study,
    data: Data,
    *,
    scale: str = "",
    wave: str = "",
    missing: str = "listwise",
    level: float = 0.95,
) -> ReliabilityResult:
    """Return how consistently the items of each scale measure one thing, and what each item does to it.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; questions with the same `scale_of` are the items of a scale.
    scale : str
        One scale; "" for all.
    wave : str
        Wave the report is about; "" pools all waves.
    missing : {"listwise", "pairwise"}
        Rows with all answers, or for each pair of items the rows with both.
    level : float
        Confidence level of every interval.

    Returns
    -------
    ReliabilityResult
        `.table` holds alpha, its standardised and ordinal form, omega, and for each item the correlation with
        the rest, alpha without it and its loading.

    Raises
    ------
    DataError
        No responses, no scale of two items, too few rows.
    ParamError
        A scale, wave or rule the study does not have.

    Definition
    ----------
    Alpha on weighted covariances with Feldt's interval on the effective number of rows; omega total from one
    factor fitted by maximum likelihood; item–rest correlations with Fisher's interval. Items keyed the other
    way round are turned by the codebook, never by the data.

    Units and missing data
    ----------------------
    Coefficients of at most 1. Answers declared missing leave the rows they are in.

    Source
    ------
    Cronbach, L. (1951), Psychometrika 16. Feldt, L., Woodruff, D. and Salih, F. (1987), Applied Psychological
    Measurement 11. McDonald, R. (1999), Test Theory.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> rng = np.random.default_rng(1)
    >>> ease = rng.normal(size=(200, 1)) + rng.normal(size=(200, 3))
    >>> items = pd.DataFrame(np.digitize(ease, [-1, 0, 1]) + 1, columns=["a", "b", "c"])
    >>> kind = {"kind": "likert", "scale": [1, 4], "scale_of": "ease"}
    >>> study, data = quick_study(responses=items, questions={name: kind for name in items})
    >>> table = reliability(study, data).table
    >>> bool(table.query("metric == 'alpha'")["estimate"].between(0.6, 0.9).all())
    True
    """
    frame = data.require("responses", by="reliability")
    chosen("missing", missing, MISSING)
    problems = []
    known = waves_of(data)
    if wave and wave not in known:
        problems.append(
            Problem("wave", f"'{wave}' is not a wave of this study", ", ".join(known), nearest(wave, known))
        )
    scales = count.scales(study)
    if scale and scale not in scales:
        given = f"'{scale}' is no scale of this study"
        problems.append(Problem("scale", given, ", ".join(scales) or "none", nearest(scale, scales)))
    if problems:
        raise ParamError(problems)
    if not scales:
        action = 'Give the items of a scale the same `scale_of = "…"` in study.toml'
        raise AbsentError(Problem("questions", "no two questions belong to one scale", action=action))
    mask = data.mask() & ((frame["wave"].astype(str) == wave).to_numpy() if wave else True)
    names = (scale,) if scale else tuple(scales)
    found = [count.measured(study, data, name, scales[name], mask, missing, level) for name in names]
    return ReliabilityResult(
        rows=count.rows(found, level),
        basis=checks.basis(data, found, mask, missing, level),
        checks=checks.checks(study, found),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "scale": scale, "wave": wave, "missing": missing, "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        scales=names,
    )  # fmt: skip
