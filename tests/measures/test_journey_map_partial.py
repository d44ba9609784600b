"""Maps of studies that know only a part: empty cells say so, none is zero, and the map is drawn anyway."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journey_lib.measures.funnel import funnel
from journey_lib.measures.journey_map import journey_map
from journey_lib.measures.journey_map.result import JourneyMapResult
from journey_lib.measures.paths import paths
from journey_lib.measures.survey.result import SurveyResult
from journey_lib.measures.time_in_stage import time_in_stage
from journey_lib.present.result import Result
from journey_lib.present.vocabulary import NUMBERS
from journey_lib.publish.ledger import COLUMNS
from journey_lib.study.definition import Study
from journey_lib.study.events import EventLog
from journey_lib.study.load import load_study, quick_study

STATES = ["A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK", "A_ACTIVATED"]
PARTS = ("map", "timeline", "flow", "edges", "segments", "touchpoints", "evidence")


def published(study: Study, *results: Result) -> pd.DataFrame:
    """Return the ledger that publishing these results would leave."""
    parts = []
    for one in results:
        empty = {
            **dict.fromkeys(COLUMNS, ""),
            **dict.fromkeys((*NUMBERS, "numerator", "denominator"), math.nan),
        }
        about: dict[str, Any] = {
            "run_id": f"{one.stem}-1", "as_of": "2026-02-01", "study": study.id, "stem": one.stem,
            "params": "{}", "report": f"{one.stem}.html", "fingerprint": study.fingerprint,
        }  # fmt: skip
        parts.append(one.masked.assign(**{k: v for k, v in (empty | about).items() if k not in one.masked}))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def unknown_is_never_zero(found: JourneyMapResult) -> None:
    gaps = found.table[found.table["note"] == "not_measured"]
    assert len(gaps)
    assert gaps[["estimate", "ci_low", "ci_high", "n"]].isna().all(axis=None)
    assert "– not measured" in found.show("map").inner
    coverage = next(c for c in found.checks if c.name == "coverage")
    assert coverage.status == "watch"
    assert "unknown, not zero" in coverage.text.say("en")


@pytest.fixture(scope="module")
def airport_map(airport: Path, airport_survey: SurveyResult) -> JourneyMapResult:
    study, _ = load_study(airport)
    return journey_map(study, published(study, airport_survey))


def test_a_survey_alone_gives_feeling_and_pain_and_says_that_the_rest_is_unknown(
    airport_map: JourneyMapResult,
) -> None:
    unknown_is_never_zero(airport_map)
    felt = airport_map.table.query("metric == 'feeling' and estimate == estimate")
    assert set(felt["stage"]) >= {"consideration", "adoption", "purchase", "retention"}
    assert felt["estimate"].between(-2, 2).all()
    assert set(airport_map.cells.query("lane == 'feeling'")["evidence"]) <= {"inferred", "measured"}
    behaviour = airport_map.table.query("metric in ['customers', 'go_on', 'median_days']")
    assert behaviour["estimate"].isna().all()
    assert "<b>0</b>" not in airport_map.show("map").inner
    touchpoints = airport_map.cells.query("lane == 'touchpoint'")
    assert set(touchpoints["evidence"]) == {"assumed"}


def test_a_log_alone_gives_counts_and_days_and_says_that_nobody_asked(
    real_data: Callable[[str], Path],
) -> None:
    log = EventLog.from_file(
        real_data("events_loan_application") / "bpic2012_events.csv.gz", customer="case_id",
        event="activity", time="timestamp", time_zone="Europe/Amsterdam",
    )  # fmt: skip
    study, data = quick_study(events=log, journey=STATES)
    found = journey_map(study, published(
        study, funnel(study, data, window="365 days"), time_in_stage(study, data, tau="30 days"),
        paths(study, data),
    ))  # fmt: skip
    unknown_is_never_zero(found)
    counted = found.table.query("metric == 'customers'").set_index("stage")["estimate"]
    assert counted["A_SUBMITTED"] == 13_087
    assert found.table.query("metric == 'feeling'")["estimate"].isna().all()
    assert "jl-curve" not in found.show("map").inner
    assert "No report speaks about a segment yet" in found.show("segments").inner
    assert found.plot(kind="flow").png()


def test_every_part_of_a_partial_map_is_drawn_or_says_why_not(airport_map: JourneyMapResult) -> None:
    for kind in PARTS:
        assert len(airport_map.show(kind).inner) > 50
    assert airport_map.home_fragment()
    assert airport_map.show("flow").empty


def test_a_study_with_a_funnel_of_a_few_people_is_drawn_without_any_other_report() -> None:
    events = pd.DataFrame({
        "customer_id": [f"c{n}" for n in range(40)] * 2, "event": ["seen"] * 40 + ["paid"] * 40,
        "time": ["2025-01-01"] * 40 + ["2025-01-03"] * 40,
    })  # fmt: skip
    study, data = quick_study(events=events, journey=["seen", "paid"])
    found = journey_map(study, published(study, funnel(study, data, window="2 days")))
    unknown_is_never_zero(found)
    assert found.number("customers", "seen").estimate == 40
    for kind in PARTS:
        assert len(found.show(kind).inner) > 50
