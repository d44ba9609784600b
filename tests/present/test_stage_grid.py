"""The grid of the journey map: which cell stands where, what is read aloud, and where the curve runs."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from journey_lib.present.stage_grid import Cell, Entry, Flow, Grid, Lane, Point, Stop, grid
from journey_lib.present.wording import message

UNKNOWN = Point(math.nan, math.nan, math.nan)


def drawn(*points: Point, cell: Cell | None = None) -> str:
    stops = [Stop(f"s{at}", f"Stage {at}", "", at) for at in range(len(points))]
    cells = tuple(cell or Cell((Entry(number=str(at)),)) for at in range(len(points)))
    return str(grid(Grid(stops, [Lane(message("Feeling"), None, cells)], points, 0), "en"))


def test_the_map_is_well_formed_and_reads_stage_by_stage() -> None:
    html = drawn(Point(0.1, 0.2, 0.3), Point(-0.3, -0.2, -0.1), UNKNOWN)
    tree = ElementTree.fromstring(f"<div>{html}</div>")  # noqa: S314 - our own
    columns = tree.findall(".//section")
    assert [c.find("header/h3").text for c in columns] == ["Stage 0", "Stage 1", "Stage 2"]  # type: ignore[union-attr]
    assert [c.find(".//b").text for c in columns] == ["0", "1", "2"]  # type: ignore[union-attr]
    assert len(tree.findall("nav/a")) == 3


def test_the_curve_joins_only_stages_that_are_known() -> None:
    known, gap = Point(0.1, 0.2, 0.3), UNKNOWN
    assert drawn(known, known, known).count('stroke-width="2.5"') == 2
    assert drawn(known, gap, known).count('stroke-width="2.5"') == 0


def test_higher_feeling_is_drawn_higher() -> None:
    html = drawn(Point(0.8, 0.9, 1.0), Point(-1.0, -0.9, -0.8))
    heights = [float(y) for y in re.findall(r'd="M\d+ ([\d.]+)h\.01" stroke="var\(--link\)"', html)]
    assert len(heights) == 2
    assert heights[0] < heights[1]


@pytest.mark.parametrize(("high", "limit"), [(0.4, 1.0), (1.2, 1.5), (1.9, 2.0), (2.0, 2.0)])
def test_the_axis_is_as_high_as_it_must_be(high: float, limit: float) -> None:
    assert Grid([], [], [Point(0.0, 0.1, high)]).limit == limit


def test_a_grade_is_a_word_too_and_words_of_people_are_escaped() -> None:
    html = drawn(UNKNOWN, cell=Cell((Entry(text="<b>x</b>", grade="assumed"), Entry(text="y", quoted=True))))
    assert '<span class="jl-hidden">assumed: </span>' in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<q>y</q>" in html


def test_the_bar_is_named_for_whoever_cannot_see_it() -> None:
    cell = Cell((Entry(number="10"), Entry(text="later")), Flow(0.5, 0.1, 0.4, "Moved on 50%"))
    html = drawn(UNKNOWN, cell=cell)
    assert 'role="img" aria-label="Moved on 50%"' in html
    assert html.index("10") < html.index("jl-flow") < html.index("later")
