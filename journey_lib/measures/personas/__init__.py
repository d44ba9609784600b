"""What is known of each segment, line by line against everybody: evidence cards, no invented people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, chosen
from journey_lib.measures.personas import checks
from journey_lib.measures.personas.count import Plan, count
from journey_lib.measures.personas.groups import SOURCES, whom_of
from journey_lib.measures.personas.result import PersonasResult
from journey_lib.study.context import context_of
from journey_lib.study.params import RunParams

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


class PersonasParams(RunParams):
    """Parameters of the personas report."""

    source: str = Field(
        "saved", description="What a card is about: a saved segment, a value of a column, or a found group.",
        json_schema_extra={"choices": list(SOURCES)},
    )  # fmt: skip
    column: str = Field(
        "", description='Column whose values are the cards; "" for saved segments, or a fitting column.'
    )
    top: int = Field(8, ge=3, le=10, description="Most lines on a card.")
    effect: float = Field(
        0.2, ge=0, le=2, description="Smallest difference worth a line, in standard deviations."
    )
    level: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of every interval, between 0.5 and 1."
    )


def personas(
    study: Study,
    data: Data,
    *,
    source: str = "saved",
    column: str = "",
    top: int = 8,
    effect: float = 0.2,
    level: float = 0.95,
) -> PersonasResult:
    """Return an evidence card for each segment: what it is built from, what goes with it, what is not known.

    Parameters
    ----------
    study, data : Study, Data
        From `load_study` or `quick_study`.
    source : {"saved", "column", "clusters"}
        The saved segments of the study, the values of a column, or the groups of a cluster analysis: those
        saved last, else those k-means finds now. A study without saved segments takes the column of its
        people that has the fewest values, three or more.
    column : str
        Column whose values are the cards; naming one takes it whatever the source.
    top : int
        Most lines on a card, 3 to 10.
    effect : float
        Smallest difference worth a line, in standard deviations of everybody.
    level : float
        Confidence level of every interval.

    Returns
    -------
    PersonasResult
        `.table`, and `.tested` with every comparison for its owner.

    Raises
    ------
    ParamError
        No segment to be found, an unknown column, or one with too many values.

    Definition
    ----------
    A line compares members with everybody: index = 100 × the segment's value / everybody's. Lines of the
    rule's own columns describe. All others are tested against everybody else (chi-square, Welch), corrected
    by Benjamini and Hochberg over all cards, and shown where at least 30 members have a value and the
    difference is at least `effect` standard deviations: the largest of each block first, then the rest.
    Reached is the share that ever entered a stage, went on the share of those who entered the next one; the
    median days allow for those still there. Satisfaction is of the newest wave, by its design. A theme counts
    when an open answer of any wave holds one of its words; quotes are verbatim, of unmasked answers on themes
    that `min_cell` members share. The typical member is the medoid, told by traits at least 30 members share.

    Units and missing data
    ----------------------
    Shares 0–1, means in the column's own unit. People without a value leave that line. People whom a missing
    value leaves undecided are outside. Touchpoints and channels are of people with an event.

    Source
    ------
    Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57. Pruitt, J. and
    Adlin, T. (2006), The Persona Lifecycle.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.study.load import quick_study
    >>> frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(90)],
    ...                       "plan": ["free"] * 45 + ["paid"] * 45,
    ...                       "calls": [1.0, 2.0, 3.0] * 15 + [6, 8, 7] * 15})
    >>> found = personas(*quick_study(customers=frame), column="plan")
    >>> found.tested[["segment", "column", "index"]].round(0).values.tolist()
    [['free', 'calls', 44.0], ['paid', 'calls', 156.0]]
    """
    chosen("source", source, SOURCES)
    if not 3 <= top <= 10:
        raise ParamError(Problem("top", str(top), "3 to 10 lines"))
    plan = Plan(top, effect, level)
    whom = whom_of(study, data, source, column)
    counted = count(study, data, whom, plan)
    return PersonasResult(
        rows=counted.rows,
        basis=checks.basis(study, whom, counted, plan),
        checks=checks.checks(study, whom, counted),
        notes=checks.notes(),
        context=context_of(study, data),
        settings={
            "source": whom.source, "column": whom.column, "top": top, "effect": effect, "level": level,
            "segment": data.segment.rule if data.segment else "",
        },
        study=study,
        whom=whom,
        counted=counted,
        plan=plan,
    )  # fmt: skip
