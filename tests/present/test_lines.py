"""Curves over periods: every name beside its mark, nothing cut, one colour for one series."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.lines import MOST, PeriodLines, Series
from journey_lib.present.sketches import value_axis
from tests.present.pages import plain

NAN = float("nan")
NAMES = ("서울과 수도권", "A rather long name of a region", "JP", "")


def series(label: str, shift: float = 0.0, values: tuple[str, ...] = ()) -> Series:
    middle = tuple(0.6 / k + shift for k in range(1, 13))
    return Series(label, middle, tuple(v - 0.02 for v in middle), tuple(v + 0.02 for v in middle), values)


def lines(*made: Series, periods: int = 12) -> PeriodLines:
    axis = value_axis(0.03, 0.7, "%", scale=100, ends=(0.0, 1.0))
    return PeriodLines(made, tuple(str(k) for k in range(1, periods + 1)), axis, "첫 구매부터 지난 달")


def drawn(sketch: PeriodLines, *, narrow: bool = False) -> Figure:
    figure = Plot(sketch, plain("T"), plain("S"), plain("N"), plain("A"))._drawn(narrow=narrow)
    figure.draw_without_rendering()
    return figure


GROUPS = lines(*(series(name or "KR", at / 20) for at, name in enumerate(NAMES)))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("sketch", [GROUPS, lines(series("", values=("60%", *[""] * 10, "5%")))])
def test_nothing_is_cut_at_an_edge_and_names_do_not_touch(sketch: PeriodLines, narrow: bool) -> None:
    figure = drawn(sketch, narrow=narrow)
    page, spans = figure.bbox, [t.get_window_extent() for t in figure.axes[0].texts if t.get_text()]
    assert all(page.x0 <= s.x0 and s.x1 <= page.x1 and page.y0 <= s.y0 and s.y1 <= page.y1 for s in spans)
    names = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text() in NAMES]
    ordered = sorted((s.y0, s.y1) for s in names)
    assert all(one[1] <= other[0] + 0.5 for one, other in pairwise(ordered))


def test_every_group_has_a_colour_a_marker_and_a_mark_beside_its_name() -> None:
    axes = drawn(GROUPS).axes[0]
    curves = [line for line in axes.lines if len(line.get_xdata()) == 12]
    assert [line.get_color() for line in curves] == list(theme.GROUPS[:MOST])
    assert [line.get_marker() for line in curves] == list(theme.MARKERS[:MOST])
    assert len(axes.lines) == 3 * MOST  # a curve, and a dash and a marker beside the name
    assert {t.get_text() for t in axes.texts} >= {"KR", "JP", "서울과 수도권", "첫 구매부터 지난 달"}


def test_one_mean_is_in_the_main_colour_and_carries_its_numbers() -> None:
    axes = drawn(lines(series("", values=("60%", *[""] * 10, "5%")))).axes[0]
    assert [line.get_color() for line in axes.lines] == [theme.MAIN]
    assert [t.get_text() for t in axes.texts] == ["60%", "5%", "첫 구매부터 지난 달"]


def test_ticks_that_do_not_fit_are_left_out_but_for_the_first_and_the_last() -> None:
    def ticks(periods: int, *, narrow: bool) -> list[str]:
        many = Series("", *([tuple(0.5 for _ in range(periods))] * 3))
        return [
            t.get_text() for t in drawn(lines(many, periods=periods), narrow=narrow).axes[0].get_xticklabels()
        ]

    assert ticks(12, narrow=False) == [str(k) for k in range(1, 13)]
    phone = ticks(60, narrow=True)
    assert (phone[0], phone[-1]) == ("1", "60")
    assert 4 < len(phone) < 20
    assert ticks(1, narrow=True) == ["1"]


def test_gaps_and_a_group_without_any_number_can_be_drawn() -> None:
    broken = Series("KR", (0.5, NAN, 0.3), (0.4, NAN, 0.2), (0.6, NAN, 0.4))
    nothing = Series("JP", (NAN,) * 3, (NAN,) * 3, (NAN,) * 3)
    axes = drawn(lines(broken, nothing, periods=3)).axes[0]
    assert [t.get_text() for t in axes.texts if t.get_text() in ("KR", "JP")] == ["KR"]
    assert math.isnan(axes.lines[0].get_ydata()[1])
