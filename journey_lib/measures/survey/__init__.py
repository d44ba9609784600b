"""How satisfied customers are along the journey, and how sure we can be: NPS, CSAT, CES, awareness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.measures.survey import checks, count, waves
from journey_lib.measures.survey.result import SurveyResult
from journey_lib.study.context import context_of
from journey_lib.study.data import waves as waves_of
from journey_lib.study.params import RunParams

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

_NOT_GROUPS = ("respondent_id", "customer_id", "date", "wave", "base_weight", "duration_s", "comment")
_MOST_GROUPS = 30


class SurveyParams(RunParams):
    """Parameters of the survey report."""

    by: str = Field("", description='Column whose values split the result, such as "region"; "" for none.')
    wave: str = Field("", description='Wave the totals are about; "" pools all waves.')
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def survey(study: Study, data: Data, *, by: str = "", wave: str = "", level: float = 0.95) -> SurveyResult:
    """Return how satisfied customers are at each stage and touchpoint, weighted and unweighted.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs a `responses` source.
    by : str
        Column of the responses (or of the customers) whose values split the result; "" for none.
    wave : str
        Wave the totals and groups are about; "" pools all waves. Every wave has its own rows either way.
    level : float
        Confidence level of every interval.

    Returns
    -------
    SurveyResult
        `.table` holds NPS, shares of the top two levels, means, level shares, multi-select shares, changes
        from wave to wave and item non-response; SUS, UMUX-Lite, task success, times and ranks where asked.

    Raises
    ------
    DataError
        If the study has no responses.
    ParamError
        If `by` or `wave` is not known to the data.

    Definition
    ----------
    NPS is the weighted mean of +100 (9–10), 0 (7–8) and −100 (0–6). Satisfied is the share of the top two
    levels. Standard errors are linearised under the declared design and know the calibration of the weights.
    Changes come from one joint linearisation of the waves; people who answer in several waves are clusters
    and, beside that, compared with themselves. A trend is a straight line whose error grows where waves have
    ups and downs of their own (`stats.estimate.joint`). Degrees of freedom are equivalent ones, as few as
    uneven weights leave (`stats.degrees.equivalent`).
    SUS and UMUX-Lite need every item of a respondent; task success has the adjusted Wald interval, a time its
    geometric mean over successful attempts, a mean rank the people who ranked the option (`stats.usability`).

    Units and missing data
    ----------------------
    Shares are 0–1, NPS is in points, times in seconds, means in the units of their scale. Answers declared
    missing leave the base and are counted by reason; questions not asked leave the base of non-response too.

    Source
    ------
    Lumley, T. (2010), Complex Surveys: A Guide to Analysis Using R. Särndal, Swensson and Wretman (1992),
    Model Assisted Survey Sampling. Reichheld, F. (2003), The One Number You Need to Grow, Harvard Business
    Review 81.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> answers = pd.DataFrame({"q1": [10, 9, 9, 8, 7, 6, 3, 10, 9, 8]})
    >>> study, data = quick_study(responses=answers, questions={"q1": "nps"})
    >>> table = survey(study, data).table
    >>> float(table.query("metric == 'nps' and weighting == 'weighted'")["estimate"].iloc[0])
    30.0
    """
    data.require("responses", by="survey")
    order = waves_of(data)
    _known(data, order, by=by, wave=wave)
    waves.unknown_changes(study, order)
    counted = count.count(study, data, order, by=by, wave=wave, level=level)
    return SurveyResult(
        rows=counted.rows,
        basis=checks.basis(study, data, counted),
        checks=checks.checks(study, data, counted),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "by": by,
            "wave": wave,
            "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        waves=tuple(order),
        groups=counted.groups,
        by=by,
    )


def _known(data: Data, order: Sequence[str], *, by: str, wave: str) -> None:
    """Refuse a wave or a column the data does not have, both at once."""
    problems = []
    if wave and wave not in order:
        problems.append(
            Problem("wave", f"'{wave}' is not a wave of this study", ", ".join(order), nearest(wave, order))
        )
    columns = _splitting(data) if by else []
    if by and by not in columns:
        allowed = f"a column with at most {_MOST_GROUPS} values: {', '.join(columns[:12])}"
        problems.append(Problem("by", f"'{by}' cannot split the answers", allowed, nearest(by, columns)))
    if problems:
        raise ParamError(problems)


def _splitting(data: Data) -> list[str]:
    """Return the columns whose values are few enough to be groups."""
    named = [column for column in data.columns() if column not in _NOT_GROUPS]
    return [column for column in named if data.column(column).nunique() <= _MOST_GROUPS]
