"""The journey on one page: what customers do, feel and run into, each with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.measures.journey_map import beside as aside
from journey_lib.measures.journey_map import checks, count, lanes, points
from journey_lib.measures.journey_map.result import JourneyMapResult
from journey_lib.study.map_notes import MapNotes
from journey_lib.study.params import RunParams
from journey_lib.study.published.context import context_of_reports
from journey_lib.study.published.evidence import Evidence, evidence_of
from journey_lib.study.published.signals import signals_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from journey_lib.study.definition import Study

_NONE: tuple[str, ...] = ()


class JourneyMapParams(RunParams):
    """Parameters of the journey map."""

    wave: str = Field("", description='Wave whose satisfaction is shown; "" for the newest.')
    beside: list[str] = Field(
        [], description="Segments laid beside everybody, as reports were run; [] for all of them."
    )


def journey_map(
    study: Study,
    ledger: pd.DataFrame,
    notes: MapNotes | None = None,
    *,
    segment: str = "",
    wave: str = "",
    beside: Sequence[str] = _NONE,
) -> JourneyMapResult:
    """Return the map of the journey: stage by stage what is measured, concluded and only believed.

    Parameters
    ----------
    study : Study
        Its stages are the columns.
    ledger : DataFrame
        What the study's published reports found, from `read_ledger`.
    notes : MapNotes, optional
        What people wrote, from `read_map`.
    segment : str
        Whom the map is about, as the other reports were run; "" for everybody.
    wave : str
        Wave whose satisfaction is shown; "" for the newest.
    beside : sequence of str
        Segments laid beside everybody, named as the other reports were run; () for those that any report on
        conversion, time or satisfaction speaks about.

    Returns
    -------
    JourneyMapResult
        `.table` holds every number, `.cells` every item with evidence and source, `.edges` the ways beside
        the straight line.

    Raises
    ------
    DataError
        The ledger holds nothing of this study, or nothing about this segment.
    ParamError
        A wave that the survey report does not have; too many segments, or one twice.

    Definition
    ----------
    Each lane repeats a number of the plainest and newest run of one report, with its interval; nothing is
    computed anew but the scale of feeling: a mean from the lowest to the highest answer is moved to −2…+2, +2
    the good end. *Measured* is what a report counted for just this cell; *inferred* what it counted for
    something near it, such as one touchpoint for its stage; *assumed* is what people wrote. A cell without
    any is empty and says so; it is never zero.

    Units and missing data
    ----------------------
    Shares 0–1, times in days, feeling −2…+2. Cells that were masked in their report stay masked.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.present.vocabulary import NUMBERS
    >>> from journey_lib.publish.ledger import COLUMNS
    >>> from journey_lib.study.load import quick_study
    >>> study, _ = quick_study(journey="funnel3")
    >>> empty = {**dict.fromkeys(COLUMNS, ""), **dict.fromkeys(NUMBERS, float("nan"))}
    >>> row = {**empty, "run_id": "1", "study": study.id, "stem": "funnel", "params": "{}",
    ...        "report": "funnel.html", "metric": "entered", "stage": "awareness",
    ...        "estimate": 120.0, "n": 120.0, "unit": "count"}
    >>> journey_map(study, pd.DataFrame([row])).number("customers", "awareness").estimate
    120.0
    """
    evidence = evidence_of(study, ledger, segment, without=("journey_map",))
    chosen = _wave(evidence, wave)
    known = aside.known_segments(evidence)
    if problems := aside.unknown(beside, known):
        raise ParamError(problems)
    laid = tuple(beside) or tuple(known[: aside.MOST])
    written = notes or MapNotes()
    items = [*lanes.items_of(study, evidence, written, chosen), *points.items_of(study, evidence, chosen)]
    return JourneyMapResult(
        rows=count.rows_of(study, items, evidence, list(aside.rows_of(study, evidence, laid, chosen))),
        basis=checks.basis(study, evidence, written, items, chosen),
        checks=checks.checks(study, evidence, items),
        notes=checks.notes(),
        context=context_of_reports(study, evidence, segment),
        settings={"wave": wave, "beside": list(beside), "segment": segment},
        study=study,
        items=tuple(items),
        signals=tuple(signals_of(study, evidence)),
        written=written,
        wave=chosen,
        segments=laid,
        others=tuple(name for name in known if name not in laid),
        gaps=tuple(aside.gaps_of(evidence, laid)),
    )


def _wave(evidence: Evidence, wave: str) -> str:
    known = list(dict.fromkeys(f.number.wave for f in evidence.find("survey", "mean") if f.number.wave))
    if wave and wave not in known:
        raise ParamError(
            Problem(
                "wave", f"'{wave}' is no wave of the survey report", ", ".join(known), nearest(wave, known)
            )
        )
    return wave or lanes.newest_wave(evidence)
