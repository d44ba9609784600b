"""Rising curves and wholes: labels that keep apart, axes in fitting units, lines that stay steps."""

from collections.abc import Sequence

import numpy as np
import pytest

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.curves import MOST_POINTS, Curve, Panel, Panels, RiskCurves, _thinned, time_axis
from journey_lib.present.wholes import Stack, Stacks
from journey_lib.present.wording import message

UNITS = ("days", "hours", "minutes")


def curve(label: str = "Everybody", *, n: int = 30, top: float = 0.8, at: int = 0) -> Curve:
    time = np.linspace(1, 28, n)
    share = np.linspace(0.02, top, n)
    low, high = share - 0.02, share + 0.02
    return Curve(label, time, share, low, high, time[::3], ("1,234", "56", "7", "5", "0"),
                 theme.GROUPS[at], theme.DASHES[at])  # fmt: skip


def plot(sketch: object) -> Plot:
    words = message("Words")
    return Plot(sketch, words, words, words, words)


def texts(sketch: object, *, narrow: bool) -> list:
    made = plot(sketch)
    figure = made._drawn(narrow=narrow)
    figure.canvas.draw()
    return [(text, text.get_window_extent()) for ax in figure.axes for text in ax.texts if text.get_text()]


def overlaps(boxes: Sequence) -> list[tuple[str, str]]:
    found = []
    for at, (one, box) in enumerate(boxes):
        for other, more in boxes[at + 1 :]:
            if box.overlaps(more):
                found.append((one.get_text(), other.get_text()))
    return found


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("count", [1, 4])
def test_words_around_curves_keep_apart_and_inside(count: int, narrow: bool) -> None:
    names = ["Convenience", "Price-driven", "소식을 자주 듣는 고객", "Enthusiast"]
    curves = [curve(name, top=0.8 + at / 1000, at=at) for at, name in enumerate(names[:count])]
    sketch = RiskCurves(curves, time_axis(28, UNITS), "Days since entering", "Still in the stage")
    boxes = texts(sketch, narrow=narrow)
    assert overlaps(boxes) == []
    width = 100 * (theme.NARROW if narrow else theme.WIDE)
    assert all(box.x0 >= 0 and box.x1 <= width for _, box in boxes)
    if count == 4:
        assert {text.get_text() for text, _ in boxes} >= set(names)


def test_numbers_at_risk_stand_under_their_ticks() -> None:
    sketch = RiskCurves([curve()], time_axis(28, UNITS), "Days", "Still there")
    figure = plot(sketch).figure
    figure.canvas.draw()
    ax = figure.axes[0]
    places = {
        t.get_text(): t.get_position()[0] for t in ax.texts if t.get_text() in ("1,234", "56", "7", "5")
    }
    assert places == pytest.approx({"1,234": 0.0, "56": 0.25, "7": 0.5, "5": 0.75})


def test_half_is_dotted_and_low_curves_get_a_closer_look() -> None:
    tall, low = (RiskCurves([curve(top=top)], time_axis(28, UNITS), "Days", "n") for top in (0.8, 0.3))
    assert plot(tall).ax.get_ylim()[1] == pytest.approx(1.02)
    assert plot(low).ax.get_ylim()[1] == pytest.approx(0.51)
    dotted = [line for line in plot(tall).ax.lines if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dotted] == [0.5]


def test_a_long_line_is_thinned_and_keeps_its_ends() -> None:
    many = curve(n=5_000)
    time, share, low, high = _thinned(many, 20.0)
    assert len(time) <= MOST_POINTS + 2
    assert (time[0], share[0]) == (0.0, 0.0)
    inside = many.time <= 20
    assert share[-1] == many.share[inside][-1]
    assert time[-1] == 20.0
    assert len(low) == len(high) == len(time)


@pytest.mark.parametrize(
    ("end", "unit", "labels"),
    [
        (26, "days", ("0", "7", "14", "21", "28")),
        (2, "days", ("0", "0.5", "1", "1.5", "2")),
        (1, "hours", ("0", "6", "12", "18", "24")),
        (0.02, "minutes", ("0", "10", "20", "30")),
        (900, "days", ("0", "365", "730", "1,095")),
    ],
)
def test_time_axes_speak_in_fitting_units(end: float, unit: str, labels: tuple[str, ...]) -> None:
    axis = time_axis(end, UNITS)
    assert (axis.unit, axis.labels) == (unit, labels)
    assert axis.end >= end
    assert axis.ticks[-1] == axis.end


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("count", [1, 2, 6, 7])
def test_panels_stand_side_by_side_without_touching(count: int, narrow: bool) -> None:
    panels = [
        Panel(f"Stage {at}", "Days, n = 12,345", curve(), time_axis(28, UNITS, most=4)) for at in range(count)
    ]
    figure = plot(Panels(panels))._drawn(narrow=narrow)
    figure.canvas.draw()
    inner = [ax for parent in figure.axes for ax in parent.child_axes]
    assert len(inner) == count
    boxes = [ax.get_tightbbox() for ax in inner]
    for at, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[at + 1 :])
        assert one.x0 >= 0
        assert one.x1 <= figure.bbox.width + 1


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_add_up_and_their_words_keep_apart(narrow: bool) -> None:
    rows = [
        Stack("Consideration", (0.52, 0.02, 0.41, 0.05), "n = 12,294"),
        Stack("구매", (0.7, 0.0, 0.0, 0.3), "n = 7,093"),
    ]
    names = ("Moved on", "To another stage", "Fell silent", "Still there")
    sketch = Stacks(rows, names, (theme.MAIN, theme.STAGES[2], "#D5D9DD", "#FFFFFF"), 3)
    boxes = texts(sketch, narrow=narrow)
    assert overlaps(boxes) == []
    said = [text.get_text() for text, _ in boxes]
    assert {"52", "41", "70", "30"} <= set(said)
    assert "2" not in said  # too small a part for its number
    made = plot(sketch)
    assert sum(bar.get_width() for bar in made.ax.patches[:4]) == pytest.approx(1.0)
    assert [bar.get_hatch() for bar in made.ax.patches[:4]] == [None, None, None, "////"]
