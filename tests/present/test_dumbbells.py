"""Dumbbells draw every reading, join the first two, and keep their words inside the figure."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.dumbbells import DumbbellRow, Dumbbells, Reading, Series
from journey_lib.present.sketches import value_axis
from tests.present.pages import plain

NAN = float("nan")
LABELS = ("이메일", "Display adverts", "A channel with a rather long name of its own", "$\\frac{1}$")


def sketch(labels: tuple[str, ...] = LABELS, words: str = "") -> Dumbbells:
    rows = [
        DumbbellRow(
            label,
            (Reading(0.5), Reading(0.2, 0.15, 0.3), Reading(NAN), Reading(0.25, 0.2, 0.3)),
            ("50%", "20%", "+30"), strong=at == 0, thin=at == 1,
        )
        for at, label in enumerate(labels)
    ]  # fmt: skip
    names = [f"{name}{words}" for name in ("Last touch", "Removal effect", "First touch", "Shapley")]
    series = tuple(
        Series(name, "osD^"[at], theme.MAIN, filled=at > 0, lane=at // 2) for at, name in enumerate(names)
    )
    return Dumbbells(
        rows, series, value_axis(0, 0.5, "%", scale=100, ends=(0, 1)), ("Last", "Removal", "Gap")
    )


def drawn(one: Dumbbells, *, narrow: bool) -> Figure:
    return Plot(one, plain("t"), plain("s"), plain("n"), plain("a"))._drawn(narrow=narrow)


@pytest.mark.parametrize("narrow", [False, True])
def test_every_reading_is_one_mark_and_a_missing_one_is_none(narrow: bool) -> None:
    ax = drawn(sketch(), narrow=narrow).axes[0]
    marks = [line for line in ax.lines if line.get_marker() not in ("", "None") and line.get_ydata()[0] > 0]
    assert len(marks) == 3 * len(LABELS)
    bars = [line for line in ax.lines if line.get_linewidth() == 5]
    assert [sorted(np.asarray(bar.get_xdata(), float)) for bar in bars] == [[0.2, 0.5]] * len(LABELS)
    assert bars[0].get_color() == theme.ALERT != bars[1].get_color()


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("words", ["", " with a longer name"])
def test_all_words_are_inside_the_figure_and_none_overlap(narrow: bool, words: str) -> None:
    figure = drawn(sketch(LABELS[:3], words), narrow=narrow)
    with theme.drawing():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
        boxes = [t.get_window_extent(renderer) for t in figure.axes[0].texts if t.get_text()]
    width, height = figure.get_size_inches() * figure.dpi
    slack = 0.09 * figure.dpi
    for box in boxes:
        assert -slack <= box.x0
        assert box.x1 <= width + slack
        assert -slack <= box.y0
        assert box.y1 <= height + slack
    for at, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[at + 1 :])


def test_the_row_of_a_few_is_hollow() -> None:
    ax = drawn(sketch(), narrow=False).axes[0]
    rows = {round(float(line.get_ydata()[0]), 2): line for line in ax.lines if line.get_marker() == "s"}
    faces = [line.get_markerfacecolor() for y, line in sorted(rows.items()) if y > 0]
    assert faces == [theme.MAIN, "white", theme.MAIN, theme.MAIN]
