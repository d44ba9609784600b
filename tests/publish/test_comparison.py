"""The page beside the reports of --each: one column a segment, linked to its report."""

from __future__ import annotations

import re

import pytest

from journey_lib.publish.comparison import compare_each
from journey_lib.publish.run import run
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
