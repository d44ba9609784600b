"""A grid draws every name and number, never cuts one, and marks what has no number."""

from __future__ import annotations

import logging
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.heat import Heat, HeatCell, HeatRow, evenly, folded, shade
from tests.present.pages import plain

NAMES = ("visit", "checkout_started", "상품 상세 보기", "payment failed at last", "$x", "END")
OPEN, MASKED, MISSING, NONE = (HeatCell(kind) for kind in ("open", "masked", "missing", "none"))


def share(value: float, **more: object) -> HeatCell:
    return HeatCell("value", value, f"{100 * value:.0f}", **more)


def triangle(**more: object) -> Heat:
    rows = [
        HeatRow("2025년 1월", "1,234", (share(0.6), share(0.4), share(0.2))),
        HeatRow("2025년 2월", "987", (share(0.5), share(0.3, alert=True), OPEN), alert=True),
        HeatRow("2025년 3월", "< 10", (MASKED, MASKED, NONE)),
    ]
    mean = HeatRow("평균", "", (share(0.55), share(0.35), MISSING))
    words = {"open_word": "open", "masked_word": "n < 10", "unit": "%", "summary": mean, "heading": "Months"}
    return Heat(rows, ("1", "2", "3"), (0.0, 0.7), **(words | more))


def matrix(names: tuple[str, ...] = NAMES) -> Heat:
    cells = tuple(share(1 / len(names)) for _ in names)
    return Heat([HeatRow(name, "12,345", cells) for name in names], names, unit="%")


def drawn(sketch: Heat, *, narrow: bool = False) -> Figure:
    plot = Plot(sketch, plain("T"), plain("S"), plain("N"), plain("A"))
    figure = plot._drawn(narrow=narrow)
    figure.draw_without_rendering()
    return figure


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def boxes(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def test_every_name_number_and_mark_is_written_once() -> None:
    seen = words(drawn(triangle()))
    assert [w for w in seen if w.endswith("%")] == ["60%", "40%", "20%", "50%", "30%", "55%", "35%"]
    assert seen.count("open") == 1
    assert seen.count("n < 10") == 1  # two cells are masked: the word stands once a row
    assert seen.count("–") == 1
    assert [w for w in seen if "월" in w] == ["2025년 1월", "2025년 2월", "2025년 3월"]
    assert {"1,234", "987", "< 10", "n", "Months", "평균"} <= set(seen)


def test_cells_without_a_number_have_marks_of_their_own_and_the_summary_none() -> None:
    found = boxes(drawn(triangle()))
    assert len(found) == 8  # five numbers, one open, two masked; neither the summary nor the empty one
    assert [box.get_hatch() for box in found].count("////") == 1
    assert [to_hex(box.get_facecolor()).upper() for box in found].count(theme.FAINT) == 2
    assert [to_hex(box.get_edgecolor()).upper() for box in found].count(theme.ALERT) == 1


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("sketch", [triangle(), matrix(), matrix(NAMES * 2)], ids=["few", "six", "twelve"])
def test_nothing_is_cut_at_an_edge_and_no_two_names_of_rows_touch(sketch: Heat, narrow: bool) -> None:
    figure = drawn(sketch, narrow=narrow)
    page = figure.bbox
    spans = {text: text.get_window_extent() for text in figure.axes[0].texts if text.get_text()}
    for text, span in spans.items():
        inside = page.x0 <= span.x0 and span.x1 <= page.x1 and page.y0 <= span.y0 and span.y1 <= page.y1
        assert inside, text.get_text()
    rows = [s for t, s in spans.items() if t.get_ha() == "right" and t.get_fontsize() == 10]
    tops = sorted((s.y0, s.y1) for s in rows)
    assert all(upper[0] >= lower[1] - 0.5 for lower, upper in pairwise(tops))


def test_numbers_stay_inside_their_cells() -> None:
    for narrow in (False, True):
        figure = drawn(matrix(NAMES * 2), narrow=narrow)
        cell = boxes(figure)[0].get_window_extent()
        numbers = [t for t in figure.axes[0].texts if t.get_text().rstrip("%").isdigit()]
        assert len(numbers) >= 12
        assert max(t.get_window_extent().width for t in numbers) <= cell.width


def test_a_phone_shows_the_columns_it_is_told_or_those_that_fit() -> None:
    told = Heat(matrix(NAMES * 2).rows, NAMES * 2, on_phone=(0, 5))
    assert len(boxes(drawn(told, narrow=True))) == 2 * 12
    alone = boxes(drawn(matrix(NAMES * 2), narrow=True))
    assert 12 < len(alone) < 12 * 12
    assert len(boxes(drawn(matrix(NAMES * 2)))) == 12 * 12


def test_names_too_wide_for_their_cells_are_turned_and_short_ones_not() -> None:
    def angles(figure: Figure) -> set[float]:
        return {text.get_rotation() for text in figure.axes[0].texts}

    assert angles(drawn(triangle())) == {0.0}
    assert angles(drawn(matrix())) == {0.0}  # six columns leave room for two lines
    assert angles(drawn(matrix(NAMES * 2))) == {0.0, 45.0}


@pytest.mark.parametrize("label", ["가" * 500, "x" * 500, "\N{ROCKET} 결제", "", "<b>", "a b " * 90])
def test_any_name_can_be_drawn(label: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for narrow in (False, True):
            figure = drawn(matrix((label, "b")), narrow=narrow)
            assert min(t.get_window_extent().x0 for t in figure.axes[0].texts) >= -1
    assert caplog.records == []


def test_a_grid_of_one_cell_and_one_without_bases_can_be_drawn() -> None:
    alone = Heat([HeatRow("a", "", (MISSING,))], ("1",), (0.0, 0.0), base="")
    assert words(drawn(alone)) == ["a", "–", "1"]


@given(st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_darker_is_more_and_numbers_can_be_read(one: float, other: float) -> None:
    fills = [shade(value, (0.0, 1.0))[0] for value in sorted((one, other))]
    assert theme.luminance(fills[0]) >= theme.luminance(fills[1])
    fill, ink = shade(one, (0.0, 1.0))
    bright, dark = sorted((theme.luminance(fill), theme.luminance(ink)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


@given(st.integers(0, 60), st.integers(2, 12))
def test_columns_of_a_phone_begin_with_the_first_and_end_with_the_last(count: int, most: int) -> None:
    chosen = evenly(count, most)
    assert len(chosen) == min(count, most)
    assert list(chosen) == sorted(set(chosen))
    assert not count or (chosen[0], chosen[-1]) == (0, count - 1)


def test_names_break_at_spaces_and_underscores_only() -> None:
    assert folded("결제 수단 선택", 0.5, 10).split("\n") == ["결제", "수단", "선택"]
    assert folded("payment_failed", 0.75, 10) == "payment_\nfailed"
    assert folded("payment", 0.2, 10) == "payment"
    assert folded("payment", 0.2, 10, longest=0.3).endswith("…")
