"""The shape of a funnel: pieces of a bar add up, words stand apart and inside the figure, both widths."""

from __future__ import annotations

import math

import pytest
from matplotlib.patches import Rectangle

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.funnel import FunnelRow, FunnelRows
from journey_lib.present.wording import message

LEGEND = ("Went on", "Still open", "Timed out")


Shares = tuple[float, float, float]


def row(label: str = "Purchase", shares: Shares = (0.5, 0.2, 0.3), **more: object) -> FunnelRow:
    words = tuple(f"{100 * share:.0f}%" for share in shares)
    plain = {"low": 0.45, "estimate": 0.55, "high": 0.65, "value": "55%", "bounds": "45–65"}
    return FunnelRow(label, "n = 1,234", theme.STAGES[2], shares, words, **(plain | more))


def drawn(*rows: FunnelRow, narrow: bool = False) -> object:
    some = message("Some")
    plot = Plot(FunnelRows(rows, LEGEND, "Went on, estimate"), some, some, some, some)
    return plot._drawn(narrow=narrow)


def bars(figure: object) -> list[Rectangle]:
    return [p for p in figure.axes[0].patches if p.get_height() > 0.2]


@pytest.mark.parametrize("narrow", [False, True])
def test_the_pieces_of_a_bar_fill_it(narrow: bool) -> None:
    pieces = bars(drawn(row(), narrow=narrow))
    widths = [piece.get_width() for piece in pieces]
    assert [w / sum(widths) for w in widths] == pytest.approx([0.5, 0.2, 0.3])
    assert [bool(piece.get_hatch()) for piece in pieces] == [False, True, False]


def test_an_empty_piece_leaves_no_mark() -> None:
    assert len(bars(drawn(row(shares=(0.4, 0.0, 0.6))))) == 2


@pytest.mark.parametrize("narrow", [False, True])
def test_no_word_lies_on_another_or_outside(narrow: bool) -> None:
    rows = [row(f"Stage number {at}") for at in range(6)]
    figure = drawn(*rows, row("A step with a name that is much too long for one line"), narrow=narrow)
    figure.canvas.draw()
    texts = [t for t in figure.axes[0].texts if t.get_text()]
    placed = [t.get_window_extent() for t in texts]
    for at, box in enumerate(placed):
        assert box.x0 >= -1, texts[at].get_text()
        assert box.x1 <= figure.bbox.width + 1, texts[at].get_text()
        crossing = [texts[k].get_text() for k in range(at) if placed[k].padded(-1).overlaps(box.padded(-1))]
        assert crossing == [], texts[at].get_text()


def test_the_target_is_a_tick_and_a_missing_estimate_no_dot() -> None:
    def marks(figure: object) -> int:
        return sum(line.get_zorder() >= 2 for line in figure.axes[0].lines)

    assert marks(drawn(row(target=0.6))) == marks(drawn(row())) + 1
    nothing = {"low": math.nan, "estimate": math.nan, "high": math.nan}
    assert marks(drawn(row(**nothing))) == 0


def test_few_customers_make_a_hollow_dot() -> None:
    figure = drawn(row(thin=True))
    (dot,) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert dot.get_markerfacecolor() == "white"


def test_every_row_adds_to_the_height() -> None:
    sketch = [FunnelRows([row()] * n, LEGEND, "x") for n in (1, 2, 3)]
    for narrow in (False, True):
        heights = [one.layout(narrow=narrow).height for one in sketch]
        assert heights[2] - heights[1] == pytest.approx(heights[1] - heights[0])
