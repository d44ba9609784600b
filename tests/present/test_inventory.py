"""Two measures in rows: everything drawn stands inside the figure, and nothing runs into its neighbour."""

from __future__ import annotations

import math

import pytest
from matplotlib.text import Text

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.inventory import Inventory, InventoryRow, Mark
from journey_lib.present.sketches import value_axis
from journey_lib.present.wording import message

SILENT = Mark(words="not measured")


def plot(*rows: InventoryRow) -> Plot:
    axes = (value_axis(0.0, 0.6, "%", scale=100), value_axis(0.4, 0.7, "%", scale=100))
    words = message("Result")
    return Plot(Inventory(rows, axes, ("Reached", "contacts each", "Satisfied")), words, words, words, words)


def mark(value: float, spread: float = 0.02) -> Mark:
    return Mark(value - spread, value, value + spread, f"{100 * value:.0f}%")


ROWS = (
    InventoryRow(
        "결제와 주문서 작성 화면 안내", mark(0.58), "12.3", mark(0.43), "Consideration", strong=True
    ),
    InventoryRow("A friend's recommendation", mark(0.03), "1.0", mark(0.68)),
    InventoryRow("Shop window", SILENT, "", Mark(words="not asked"), "Advocacy"),
)


def texts(made: Plot, *, narrow: bool) -> list[tuple[str, object]]:
    figure = made._drawn(narrow=narrow)
    with theme.drawing():
        figure.draw_without_rendering()
        words: list[Text] = figure.axes[0].texts
        return [(one.get_text(), one.get_window_extent()) for one in words if one.get_text()]


@pytest.mark.parametrize("narrow", [False, True])
def test_words_stand_inside_and_apart(narrow: bool) -> None:
    made = plot(*ROWS)
    found = texts(made, narrow=narrow)
    figure = made._drawn(narrow=narrow)
    width, height = figure.get_size_inches() * figure.dpi
    for words, box in found:
        assert box.x0 >= 0 <= box.y0, words
        assert box.x1 <= width, words
        assert box.y1 <= height, words
    for at, (words, box) in enumerate(found):
        for others, other in found[at + 1 :]:
            assert not box.overlaps(other), (words, others)


@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_not_measured_has_words_and_no_dot(narrow: bool) -> None:
    shown = [words for words, _ in texts(plot(*ROWS), narrow=narrow)]
    assert {"not measured", "not asked"} <= set(shown)
    lines = plot(ROWS[2])._drawn(narrow=narrow).axes[0].lines
    assert [line for line in lines if line.get_marker() not in ("None", "", None)] == []


def test_a_dot_stands_where_its_axis_says() -> None:
    made = plot(ROWS[1])
    dots = [line for line in made.figure.axes[0].lines if line.get_marker() == "o"]
    first, second = (float(line.get_xdata()[0]) for line in dots)
    panels = made.sketch._panels(narrow=False)
    axis = made.sketch.axes[0]
    wanted = panels[0][0] + (panels[0][1] - panels[0][0]) * (0.03 - axis.low) / (axis.high - axis.low)
    assert math.isclose(first, wanted, abs_tol=1e-9)
    assert panels[1][0] < second < panels[1][1]
