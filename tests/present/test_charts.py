"""Figures draw every label, stay small, and say in words what they show."""

from __future__ import annotations

import logging
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from journey_lib.present.charts import ALT_LIMIT, Plot, apart, text_width
from journey_lib.present.sketches import (
    DotRow,
    DotRows,
    LikertRow,
    LikertRows,
    Line,
    Trend,
    _folded,
    value_axis,
)
from tests.present.pages import plain

NAN = float("nan")
LAWS = settings(max_examples=100, deadline=None)
LABELS = (
    "결제",
    "공항 내부 표지와 안내 데스크",
    "Escalators, elevators and moving walkways",
    "$\\frac{1}$ & $5",
)


def dots(labels: tuple[str, ...] = LABELS) -> DotRows:
    rows = [
        DotRow(
            label, -30.0 + at, -20.0 + at, -5.0, "−20", "−30 to −5", "1,234*", thin=at == 1, heading="적응"
        )
        for at, label in enumerate(labels)
    ]
    return DotRows(rows, value_axis(-30, -5, ""), ("NPS", "n"), reference=-12.0)


def likert(labels: tuple[str, ...] = LABELS) -> LikertRows:
    rows = [LikertRow(label, (0.0, 0.1, 0.2, 0.3, 0.4), "−6", "1,234", alert=True) for label in labels]
    return LikertRows(rows, ("매우 불만", "불만", "보통", "만족", "매우 만족"), ("순만족", "n"))


def trend(labels: tuple[str, ...] = LABELS) -> Trend:
    lines = [
        Line(label, (-3.0, NAN, 2.0), (-5.0, NAN, 1.0), (-1.0, NAN, 3.0), ("−3", "–", "+2"), strong=not at)
        for at, label in enumerate(labels)
    ]
    return Trend(lines, ("2025년 6월", "8월", "11월"), value_axis(-5, 3, ""))


def plot(sketch: object, alt: str = "Dots.", **more: object) -> Plot:
    return Plot(sketch, plain("Title"), plain("Subtitle"), plain("Note"), plain(alt), "ko", **more)


def size(png: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(png)).size


@pytest.mark.parametrize("sketch", [dots(), likert(), trend()], ids=lambda s: type(s).__name__)
def test_korean_names_and_negative_numbers_are_drawn_in_both_widths(
    sketch: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        wide, narrow = plot(sketch).png(), plot(sketch).png(narrow=True)
    assert caplog.records == []  # a font that is not found is told to the log; a missing glyph is a warning
    assert (size(wide)[0], size(narrow)[0]) == (1440, 720)
    assert max(len(wide), len(narrow)) < 60_000
    assert Image.open(BytesIO(wide)).mode == "P"


@pytest.mark.parametrize("make", [dots, likert, trend])
@pytest.mark.parametrize("label", ["\N{ROCKET} 결제", "가" * 10_000, "<script>alert(1)</script>", "$x", ""])
def test_any_label_can_be_drawn(make: object, label: str) -> None:
    assert len(plot(make((label, "b"))).png()) < 60_000


def test_a_figure_of_one_row_can_be_drawn() -> None:
    alone = DotRows(
        [DotRow("a", NAN, NAN, NAN, "–", "", "0")], value_axis(0, 0, "%", scale=100), ("NPS", "n")
    )
    assert plot(alone).png()
    assert plot(LikertRows([LikertRow("a", (0.0,) * 7, "0", "0")], tuple("1234567"), ("Net", "n"))).png()


def test_no_name_is_cut_off_at_the_left() -> None:
    names = [name for name in LABELS if len(name) < 45]
    for sketch in (dots(tuple(names)), likert(tuple(names))):
        figure = plot(sketch).figure
        figure.draw_without_rendering()
        drawn = [text for text in figure.axes[0].texts if text.get_text() in names]
        assert len(drawn) == len(names)
        assert min(text.get_window_extent().x0 for text in drawn) >= 0


@pytest.mark.parametrize("narrow", [False, True])
def test_the_numbers_of_a_trend_touch_neither_axis_nor_another_line(narrow: bool) -> None:
    fall = Line("fall", (0.57, 0.41), (0.54, 0.375), (0.605, 0.43), ("57%", "41%"), strong=True)
    near = Line("near", (0.62, 0.63), (0.59, 0.60), (0.65, 0.655), ("62%", "63%"))
    figure = plot(Trend([fall, near], ("a", "b"), value_axis(0.375, 0.655, "%", scale=100)))._drawn(
        narrow=narrow
    )
    figure.draw_without_rendering()
    ax = figure.axes[0]
    boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
    assert boxes["41%"].y0 > ax.get_window_extent().y0
    marker = ax.transData.transform((0, 0.62))[1]
    assert not boxes["57%"].y0 - 4 < marker < boxes["57%"].y1 + 4


def test_drawing_changes_no_global_setting_and_shows_nothing() -> None:
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    plot(dots()).png()
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []


def test_the_figure_is_drawn_once_and_belongs_to_the_caller_who_gives_axes() -> None:
    own = plot(dots())
    assert own.figure is own.figure
    assert own.ax is own.figure.axes[0]
    ax = Figure().add_subplot()
    given = plot(dots(), given=ax)
    assert given.figure is ax.figure
    assert given.ax is ax
    assert len(ax.lines) > 0


def test_the_same_figure_is_the_same_bytes() -> None:
    assert plot(likert()).png() == plot(likert()).png()
    assert len(plot(likert()).thumbnail()) < len(plot(likert()).data_uri(narrow=True))
    assert plot(likert()).thumbnail().startswith("data:image/png;base64,")


@pytest.mark.parametrize("alt", ["Short.", "word " * 400, "가" * 10_000])
def test_alternative_texts_stay_short_enough_to_listen_to(alt: str) -> None:
    said = plot(dots(), alt).alternative()
    assert len(said) <= ALT_LIMIT == 250
    assert said == alt or said.endswith("…")


@LAWS
@given(st.lists(st.floats(-100, 100), max_size=8), st.floats(0.01, 20))
def test_names_keep_their_distance_and_their_order(positions: list[float], gap: float) -> None:
    moved = apart(positions, gap)
    order = np.argsort(positions, kind="stable")
    assert (np.diff(np.array(moved)[order]) >= gap - 1e-5).all()
    assert sum(moved) == pytest.approx(sum(positions), abs=1e-3)


@LAWS
@given(
    st.floats(-500, 500),
    st.floats(0, 500),
    st.sampled_from([(1.0, "", None), (100.0, "%", (0.0, 1.0))]),
)
def test_an_axis_holds_its_data_and_has_few_rising_ticks(
    low: float, span: float, kind: tuple[float, str, tuple[float, float] | None]
) -> None:
    scale, suffix, ends = kind
    if ends:
        low, span = abs(low) / 1000, min(span / 1000, 1 - abs(low) / 1000)
    axis = value_axis(low, low + span, suffix, scale=scale, ends=ends)
    slack = 0.02 * span + 1e-6
    assert axis.low <= low + slack
    assert axis.high >= low + span - slack
    assert 1 <= len(axis.ticks) == len(axis.labels) <= 6
    assert (np.diff(axis.ticks) > 0).all()
    assert len(set(axis.labels)) == len(axis.labels)
    assert axis.labels[-1].endswith(suffix)
    assert not any("-" in label for label in axis.labels)
    assert ends is None or (ends[0] <= axis.low < axis.high <= ends[1])


def test_names_are_folded_at_spaces_only() -> None:
    assert _folded("공항 내부 표지와 안내", 6) == "공항 내부\n표지와 안내"
    assert _folded("Anlieferungszeitfenster", 10) == "Anlieferungszeitfenster"


def test_longer_and_larger_names_are_wider() -> None:
    assert text_width("Pay") < text_width("Pay 결제") < text_width("Pay 결제", 12)
