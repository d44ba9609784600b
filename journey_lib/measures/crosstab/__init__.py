"""How groups differ: every question by the columns of a banner, with letters for what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, chosen, nearest
from journey_lib.measures.crosstab import banners, checks, count
from journey_lib.measures.crosstab.result import CrosstabResult
from journey_lib.stats.tables.lettering import CORRECTIONS
from journey_lib.study.context import context_of
from journey_lib.study.data import waves as waves_of
from journey_lib.study.params import RunParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

TESTS = ("effective", "linearised")
VERSUS = ("columns", "rest", "previous")


class CrosstabParams(RunParams):
    """Parameters of the crosstab report."""

    banner: list[str] = Field(
        [], description='Columns whose values are compared, such as "region"; "wave" works too.'
    )
    nested: bool = Field(
        default=False, description="Cross the columns of the banner instead of setting them side by side."
    )
    items: list[str] = Field([], description="Questions to show; all of them when empty.")
    stage: str = Field("", description='Stage whose questions are shown; "" for all.')
    wave: str = Field("", description='Wave the report is about; "" pools all waves.')
    versus: str = Field(
        "columns",
        description="What a column is compared with: every other one, everybody else, or the one before it.",
        json_schema_extra={"choices": list(VERSUS)},
    )
    test: str = Field(
        "effective",
        description="Test behind the letters: on effective bases, or linearised under the design.",
        json_schema_extra={"choices": list(TESTS)},
    )
    correction: str = Field(
        "none",
        description="Correction for many comparisons.",
        json_schema_extra={"choices": list(CORRECTIONS)},
    )
    level: float = Field(0.95, ge=0.5, lt=1, description="Confidence level of intervals and capital letters.")
    second: float = Field(0.90, ge=0, lt=1, description="Confidence level of small letters; 0 for none.")


def crosstab(
    study: Study,
    data: Data,
    *,
    banner: Sequence[str] = (),
    nested: bool = False,
    items: Sequence[str] = (),
    stage: str = "",
    wave: str = "",
    versus: str = "columns",
    test: str = "effective",
    correction: str = "none",
    level: float = 0.95,
    second: float = 0.90,
) -> CrosstabResult:
    """Return every question by the columns of a banner, weighted, with the letters of larger columns.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`; the study needs a `responses` source.
    banner : sequence of str
        Columns of the responses or the customers; the first raking column with few values when empty.
    nested : bool
        Cross them instead of setting them side by side.
    items : sequence of str
        Questions to show; all that can be tabled when empty.
    stage : str
        Stage whose questions are shown; "" for all.
    wave : str
        Wave the report is about; "" pools all waves.
    versus : {"columns", "rest", "previous"}
        Letters between all columns; each column against everybody else ("+" and "−"); or against the column
        before it, such as the previous wave.
    test : {"effective", "linearised"}
        z and Welch tests on effective bases, or the joint linearisation of the design.
    correction : {"none", "bonferroni", "holm", "benjamini_hochberg"}
        Bonferroni within the row of a question, the others over a question's whole table.
    level, second : float
        Confidence of intervals and capital letters, and of small letters (0 for none).

    Returns
    -------
    CrosstabResult
        `.table` holds shares, means and NPS by column; `.letters` the letters, `.wide` one row an item.

    Raises
    ------
    DataError
        No responses.
    ParamError
        A column, question, stage or wave the study does not have; a column with too many values.

    Definition
    ----------
    Each cell is the weighted estimate of a domain under the design; nobody is dropped before the variance.
    Letters: see `stats.tables.letters`. Whole questions are tested by Rao and Scott's second-order F; Holm
    over the questions of a banner.

    Units and missing data
    ----------------------
    Shares 0–1, NPS in points, means in the units of their scale. Answers declared missing leave the base of
    their question. Of a question with several answers, everybody asked is the base; options may add up to
    more than 100 %.

    Source
    ------
    Rao, J. N. K. and Scott, A. J. (1984), Annals of Statistics 12. Lumley, T. (2010), Complex Surveys.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> scores, shops = [5] * 40 + [2] * 60 + [5] * 70 + [2] * 30, ["a"] * 100 + ["b"] * 100
    >>> answers = pd.DataFrame({"q": scores, "shop": shops})
    >>> study, data = quick_study(responses=answers, questions={"q": "csat"})
    >>> crosstab(study, data, banner=["shop"]).letters.query("metric == 'top2'")["letters"].tolist()
    ['', 'A']
    """
    frame = data.require("responses", by="crosstab")
    for where, given, allowed in (
        ("versus", versus, VERSUS), ("test", test, TESTS), ("correction", correction, CORRECTIONS),
    ):  # fmt: skip
        chosen(where, given, allowed)
    known = waves_of(data)
    if wave and wave not in known:
        raise ParamError(
            Problem("wave", f"'{wave}' is not a wave of this study", ", ".join(known), nearest(wave, known))
        )
    mask = data.mask() & ((frame["wave"].astype(str) == wave).to_numpy() if wave else True)
    blocks = banners.blocks(study, data, mask, banner, nested=nested)
    asked = banners.asked(study, items, stage)
    how = count.Settings(versus, test, correction, level, second or None)
    counted = count.count(study, data, asked, blocks, mask, how)
    return CrosstabResult(
        rows=counted.rows,
        basis=checks.basis(study, data, mask, how),
        checks=checks.checks(study, counted, blocks, how),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "banner": [block.name for block in blocks], "items": list(items), "stage": stage, "wave": wave,
            "level": level, "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        blocks=blocks,
        marks=counted.marks,
        how=how,
    )  # fmt: skip
