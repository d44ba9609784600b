"""What to do first: what each idea would bring, how hard it is, and how sure that order is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import AbsentError, Problem, chosen
from journey_lib.measures.opportunities import checks, count, measured, weigh
from journey_lib.measures.opportunities.result import OpportunitiesResult
from journey_lib.study.durations import microseconds
from journey_lib.study.map_notes import MapNotes
from journey_lib.study.params import RunParams
from journey_lib.study.published.context import context_of_reports
from journey_lib.study.published.evidence import evidence_of
from journey_lib.study.published.signals import signals_of

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.study.definition import Study

COUNTS = ("customers", "money")


class OpportunitiesParams(RunParams):
    """Parameters of the ranking of opportunities."""

    first: int = Field(3, ge=1, le=20, description="How many opportunities there is room for.")
    horizon: str = Field(
        "30 days",
        description="Time over which a gain is counted.",
        json_schema_extra={"unit": "duration"},
    )
    counted: str = Field(
        "customers",
        description="What a gain is counted in: customers who go on, or money in the study's currency.",
        json_schema_extra={"choices": list(COUNTS)},
    )
    draws: int = Field(4000, ge=200, le=200_000, description="How many draws the probabilities rest on.")
    seed: int = Field(1, ge=0, description="Start of the draws; the same seed gives the same numbers.")


def opportunities(
    study: Study,
    ledger: pd.DataFrame,
    notes: MapNotes | None = None,
    *,
    segment: str = "",
    first: int = 3,
    horizon: str = "30 days",
    counted: str = "customers",
    draws: int = 4000,
    seed: int = 1,
) -> OpportunitiesResult:
    """Return the ideas of the study in the order of what they would bring, and how sure that order is.

    Parameters
    ----------
    study : Study
        Stages and the observed window.
    ledger : DataFrame
        What the study's published reports found, from `read_ledger`.
    notes : MapNotes, optional
        From `read_map`; its opportunities are ranked.
    segment : str
        Whose pains and stages count, as the other reports were run; "" for everybody.
    first : int
        How many opportunities there is room for.
    horizon : str
        Time over which a gain is counted, such as "30 days".
    counted : {"customers", "money"}
        Customers who go on, or money in the study's currency.
    draws, seed : int
        How many draws, and where they start.

    Returns
    -------
    OpportunitiesResult
        `.table` holds impact with interval, score, feasibility and the probability to be among the first.

    Raises
    ------
    DataError
        The ledger holds nothing of this study.
    AbsentError
        Nobody has written an idea down.
    ParamError
        A duration or word that is not known.

    Definition
    ----------
    Impact = customers at the stage in one horizon × share in pain × severity / 5 × recoverable share (× value
    of one customer). The share in pain is drawn from its estimate and standard error; several pains overlap
    anywhere between "all the same people" and "nobody twice"; the recoverable share is drawn evenly between
    the ends people gave. Score = E[impact] over the largest × feasibility / 5; feasibility is six less the
    mean of effort, risk and dependency. An idea that lacks an input is listed apart, never filled in; one
    that is done or dropped is not ranked. What came of an idea is the effect its experiment measured; without
    one, the share that goes on (or the mean of a question) before and after its day of change: no cause.

    Units and missing data
    ----------------------
    Impact is in customers or money a horizon, probabilities and shares 0–1, feasibility 1–5.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.present.vocabulary import NUMBERS
    >>> from journey_lib.publish.ledger import COLUMNS
    >>> from journey_lib.study.map_notes import Idea
    >>> from journey_lib.study.load import quick_study
    >>> study, _ = quick_study(journey="funnel3")
    >>> empty = {**dict.fromkeys(COLUMNS, ""), **dict.fromkeys(NUMBERS, float("nan"))}
    >>> row = {**empty, "run_id": "1", "study": study.id, "stem": "funnel", "params": "{}"}
    >>> idea = Idea(id="a", label="Shorten the form", stage="purchase")
    >>> found = opportunities(study, pd.DataFrame([row]), MapNotes(opportunities=(idea,)))
    >>> [one.missing[:2] for one in found.unranked]
    [('no_pain', 'no_customers')]
    """
    chosen("counted", counted, COUNTS)
    microseconds(horizon, "horizon")
    evidence = evidence_of(study, ledger, segment)
    written = notes or MapNotes()
    if not written.opportunities:
        action = "Write ideas as [[opportunities]] into map.toml, or start from what stands out on the map"
        raise AbsentError(Problem("map.toml", "nobody has written an opportunity down", action=action))
    open_ideas = [one for one in written.opportunities if one.status not in ("done", "dropped")]
    ideas = [weigh.weighed(study, evidence, one, horizon, counted) for one in open_ideas]
    known, gains, order = weigh.ranked(ideas, counted, draws, seed, first)
    signals = tuple(signals_of(study, evidence))
    came_of = tuple(measured.outcomes(study, evidence, written.opportunities))
    return OpportunitiesResult(
        rows=count.rows_of(known, gains, order, ideas, counted, seed, came_of),
        basis=checks.basis(evidence, ideas, horizon, counted, draws),
        checks=checks.checks(known, gains, order, ideas, first),
        notes=checks.notes(),
        context=context_of_reports(study, evidence, segment),
        settings={"first": first, "horizon": horizon, "counted": counted, "segment": segment},
        study=study,
        ranked=tuple(known),
        unranked=tuple(one for one in ideas if one not in known),
        open_findings=tuple(count.without_idea(signals, written)),
        outcomes=came_of,
        draws=draws,
    )
