"""The page beside the reports of --each: one column a segment, linked to its report."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from journey_lib.publish.comparison import _name, _side, compare_each
from journey_lib.publish.ledger import COLUMNS
from journey_lib.publish.run import run
from journey_lib.study.load import quick_study
from tests.publish import mini


def text(project: mini.Project, name: str) -> str:
    return (project.reports / name).read_text(encoding="utf-8")


@pytest.fixture
def outcomes(project: mini.Project, swift: object) -> list[object]:
    return [run("mini", study="data/shop", segment=f"region={name}", lang="ko") for name in ("KR", "JP")]


def test_each_segment_is_a_column_linked_to_its_report(project: mini.Project, outcomes: list) -> None:
    (page,) = compare_each(outcomes, "data/shop", "region")
    html = text(project, page.name)
    assert page.name == "mini--each-region.ko.html"
    links = re.findall(r'<li><a href="([^"]+)">', html)
    assert links == [outcome.report.name for outcome in outcomes]
    assert html.count('<th scope="col">') == 3


def test_the_page_asks_for_nothing_and_stands_in_the_index(project: mini.Project, outcomes: list) -> None:
    (page,) = compare_each(outcomes, "data/shop", "region")
    assert "<script" not in text(project, page.name)
    assert "http" not in text(project, page.name).replace('http-equiv="Content-Security-Policy"', "")
    assert page.name in text(project, "index.html")


def test_one_report_alone_is_compared_with_nothing(project: mini.Project, swift: object) -> None:
    alone = [run("mini", study="data/shop", segment="region=KR")]
    assert compare_each(alone, "data/shop", "region") == []
    assert compare_each([], "data/shop", "region") == []


def test_each_stage_keeps_its_own_numbers_under_its_own_name() -> None:
    """Rows of a funnel differ by stage alone, and a step's option is the stage it opens."""
    log = pd.DataFrame({"customer_id": ["a"], "event": ["paid"], "time": ["2026-01-01"]})
    study, _ = quick_study(events=log, journey="funnel3")
    stages = [stage.id for stage in study.journey.stages]
    rows = pd.DataFrame(columns=list(COLUMNS), index=range(len(stages) + 1)).fillna("")
    rows["run_id"], rows["metric"], rows["stage"] = "r", "moved_on", [*stages, stages[0]]
    rows["option"], rows["estimate"] = [*stages, "another step"], [0.1, 0.2, 0.3, 0.9]
    rows[["n", "ci_low", "ci_high"]] = 100.0
    side = _side({"run_id": "r", "segment": "KR", "file": "f.html", "n": 5}, rows)
    assert [number["estimate"] for number in side.numbers.values()] == [0.1, 0.2, 0.3]
    names = [_name(study, key, "en") for key in side.numbers]
    assert names == [f"{stage.label.say('en')} · Went on" for stage in study.journey.stages]
