"""Segments beside everybody: the same numbers from their own runs, and the command where there is none."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from journey_lib.errors import Problem
from journey_lib.measures.journey_map import lanes
from journey_lib.study.published.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_lib.study.definition import Study

MOST = 6  # segments beside one another
COMPARED = {"go_on": "go_on", "time": "median_days", "feeling": "feeling"}  # lane and metric of each number
REPORTS = {"go_on": "funnel", "median_days": "time_in_stage", "feeling": "survey"}
_UNITS = {"go_on": "share", "median_days": "days", "feeling": "score"}


@dataclass(frozen=True)
class Gap:
    """A number that no run measures for a segment, and the command that would."""

    segment: str
    metric: str
    command: str


def known_segments(evidence: Evidence) -> list[str]:
    """Return the segments that a report on conversion, time or satisfaction was run for."""
    import json

    runs = evidence.rows.drop_duplicates("run_id")
    runs = runs[runs["stem"].isin([*REPORTS.values()])]
    named = {str(json.loads(text or "{}").get("segment", "")) for text in runs["params"]}
    return sorted(named - {""})


def rows_of(study: Study, evidence: Evidence, segments: Sequence[str], wave: str) -> Iterator[dict[str, Any]]:
    """Yield the compared numbers of each segment; one that no run measures with the reason `not_measured`."""
    stages = [s.id for s in study.journey.stages]
    for segment in segments:
        own = Evidence(evidence.rows, segment)
        found = {
            (COMPARED[item.lane], item.stage): item
            for item in lanes.compared(study, own, wave)
            if item.lane in COMPARED
        }
        for metric, unit in _UNITS.items():
            for stage in stages[:-1] if metric == "go_on" else stages:
                item = found.get((metric, stage))
                base = {"metric": metric, "stage": stage, "segment": segment}
                if item is None:
                    yield {**base, "unit": unit, "note": "not_measured"}
                    continue
                number = asdict(item.number)
                missing = not math.isfinite(number["estimate"])
                note = (number["note"] or "not_measured") if missing else ""
                yield {**number, **base, "option": item.grade, "note": note}


def gaps_of(evidence: Evidence, segments: Sequence[str]) -> list[Gap]:
    """Return what nobody measured for a segment, with the command that does."""
    found = []
    for segment in segments:
        measured = Evidence(evidence.rows, segment).base
        for metric, stem in REPORTS.items():
            if stem not in measured:
                found.append(Gap(segment, metric, f"journey run {stem} --segment '{segment}'"))
    return found


def unknown(given: Sequence[str], known: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the segments to compare: too many of them, or one twice."""
    problems = []
    if len(given) > MOST:
        problems.append(Problem("beside", f"{len(given)} segments", f"at most {MOST}"))
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        problems.append(Problem("beside", f"'{twice[0]}' stands there twice", ", ".join(known)))
    return problems
