"""A plane of points keeps its words apart: names beside few points, numbers and a list for many."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.quadrant import MOST_NAMED, Point, Quadrant
from journey_lib.present.sketches import value_axis
from tests.present.pages import plain

LONG = "Escalators, elevators and moving walkways"


def plane(n: int, name: str = "Touchpoint") -> Quadrant:
    """Return n points on a diagonal, the first of them on top and with the longest name."""
    at = [(index + 1) / (n + 1) for index in range(n)]
    points = [
        Point(LONG if not index else f"{name} {index}", x, 1 - x, 0.02, 0.02) for index, x in enumerate(at)
    ]
    axis = value_axis(0, 1, "%", scale=100, ends=(0, 1))
    return Quadrant(points, 0.5, 0.5, axis, axis, ("A", "B", "C", "D"), ("across", "up"))


def words(one: Quadrant, *, narrow: bool) -> tuple[list[str], list[tuple[Text, Text]]]:
    """Return every word on the plane, and the pairs of them that lie over each other."""
    figure = Plot(one, plain("t"), plain("s"), plain("n"), plain("a"))._drawn(narrow=narrow)
    with theme.drawing():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        texts = [text for text in figure.axes[0].texts if text.get_text()]
        boxes = [text.get_window_extent(renderer) for text in texts]
    pairs = [
        (texts[a], texts[b])
        for a in range(len(texts))
        for b in range(a)
        if boxes[a].overlaps(boxes[b]) and boxes[a].width and boxes[b].width
    ]
    return [text.get_text() for text in texts], pairs


def test_few_points_carry_their_names() -> None:
    said, pairs = words(plane(MOST_NAMED), narrow=False)
    assert LONG in said
    assert "1" not in said
    assert pairs == []


@pytest.mark.parametrize("narrow", [False, True])
def test_many_points_carry_numbers_that_a_list_below_explains(narrow: bool) -> None:
    said, pairs = words(plane(16), narrow=narrow)
    assert {str(place) for place in range(1, 17)} <= set(said)
    assert f"1  {LONG}" in said
    assert "16  Touchpoint 15" in said
    assert pairs == []


@pytest.mark.parametrize(("name", "columns"), [("Short", 3), (LONG, 2), (f"{LONG} {LONG}", 1)])
def test_the_list_has_as_many_columns_as_its_longest_name_leaves_room_for(name: str, columns: int) -> None:
    points = [Point(f"{name} {at}", at / 13, at / 13, 0.02, 0.02) for at in range(1, 13)]
    one = replace(plane(12), points=points)
    _, pairs = words(one, narrow=False)
    assert one._columns == columns
    assert pairs == []
