"""What a page of synthesis needs to know of its study: its sources are the reports it was built from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.present.result import Context, StageLabel
from journey_lib.present.wording import Message, day, message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_lib.study.definition import Study
    from journey_lib.study.published.evidence import Evidence


def context_of_reports(study: Study, evidence: Evidence, segment: str) -> Context:
    """Return the study as results show it, with the plainest run of each report as its sources."""
    window = (day(value, study.language) for value in (study.window.start, study.window.end))
    return Context(
        study=study.id, title=study.title,
        stages=tuple(StageLabel(s.id, s.label, place) for place, s in enumerate(study.journey.stages)),
        language=study.language, fingerprint=study.fingerprint, min_cell=study.thresholds.min_cell,
        flag_cell=study.thresholds.flag_cell, synthetic=study.synthetic, segment=segment,
        sources=tuple(f"{report}, {as_of}" for report, as_of in reports_of(evidence)),
        read=(), period=" – ".join(word for word in window if word), time_zone=study.time_zone,
    )  # fmt: skip


def named_reports(evidence: Evidence) -> tuple[Message, ...]:
    """Return what readers call the reports that a synthesis was built from."""
    return tuple(report_name(stem) for stem, facts in sorted(evidence.base.items()) if facts)


def report_name(stem: str) -> Message:
    """Return what readers call a report."""
    names = {
        "survey": message("Survey"), "funnel": message("Funnel"), "time_in_stage": message("Time in stage"),
        "touchpoints": message("Touchpoints"), "comments": message("Comments"), "monitor": message("Monitor"),
        "opportunities": message("Opportunities"), "experiment": message("Experiment"),
        "attribution": message("Attribution"), "crosstab": message("Crosstab"), "drivers": message("Drivers"),
        "paths": message("Customer paths"), "personas": message("Personas"), "power": message("Sample size"),
        "regions": message("Regions"), "reliability": message("Reliability"), "segments": message("Segments"),
        "retention": message("Retention"), "journey_map": message("Journey map"),
    }  # fmt: skip
    return names.get(stem, message("Report"))


def reports_of(evidence: Evidence) -> list[tuple[str, str]]:
    """Return file and day of the plainest run of each report, by name."""
    used: Iterable[tuple[str, str]] = (
        (facts[0].report, facts[0].as_of) for facts in evidence.base.values() if facts
    )
    return sorted(used)
