"""Small multiples: every panel on one scale, names that fit, on a desktop and on a phone."""

from __future__ import annotations

import math

import pytest

from journey_lib.present.charts import Plot, text_width
from journey_lib.present.multiples import Multiples, Panel
from journey_lib.present.sketches import value_axis
from journey_lib.present.wording import message


def drawn(n: int, label: str = "Start guide") -> Multiples:
    panels = [
        Panel(
            f"{label} {k}",
            (0.1, math.nan, 0.2),
            (0.05, math.nan, 0.15),
            (0.15, math.nan, 0.25),
            "10%",
            "20%",
            k == 0,
        )
        for k in range(n)
    ]
    return Multiples(panels, ("2025", "2026"), value_axis(0, 0.25, "%", scale=100, ends=(0, 1)))


@pytest.mark.parametrize("narrow", [False, True])
def test_names_never_reach_the_numbers(narrow: bool) -> None:
    plot = Plot(drawn(5, "시작 가이드에 관한 아주 긴 이름의 주제"), *[message("x")] * 4, "ko")
    figure = plot._drawn(narrow=narrow)
    ax = figure.axes[0]
    renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
    boxes = [t.get_window_extent(renderer) for t in ax.texts if t.get_text()]
    width = figure.bbox.width
    assert all(box.x0 >= -1 and box.x1 <= width + 1 for box in boxes)
    overlapping = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]
    assert overlapping == []


def test_rows_follow_the_number_of_panels_and_a_gap_is_left_open() -> None:
    assert drawn(3).layout(narrow=False).height < drawn(4).layout(narrow=False).height
    assert drawn(2).layout(narrow=True).height < drawn(3).layout(narrow=True).height
    ax = Plot(drawn(1), *[message("x")] * 4).ax
    (line,) = [one for one in ax.lines if len(one.get_xdata()) == 3]
    assert [math.isnan(y) for y in line.get_ydata()] == [False, True, False]


def test_the_one_the_page_speaks_about_is_bold() -> None:
    ax = Plot(drawn(2), *[message("x")] * 4).ax
    bold = {t.get_text() for t in ax.texts if t.get_fontweight() == 700}
    assert bold == {"Start guide 0", "10% → 20%"}
    assert text_width("Start guide 0", 9, bold=True) < 2
