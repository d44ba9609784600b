"""The flow figure: nothing lost between steps, names apart and inside, both widths, Korean."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from journey_lib.present import theme
from journey_lib.present.alluvial import Alluvial, Flow, Node
from journey_lib.present.charts import Plot
from journey_lib.present.wording import message

WORDS = message("All customers")


def node(label: str, share: float, **more: bool) -> Node:
    return Node(label, share, f"{share:.0%}", theme.MAIN, **more)


def crowded(word: str) -> Alluvial:
    """Seven nodes a step, most of them thin, at the top and at the bottom."""
    shares = [0.004, 0.002, 0.003, 0.976, 0.005, 0.004, 0.006]
    step = tuple(node(f"{word} {at}", share, hatched=at == 6) for at, share in enumerate(shares))
    flows = tuple(Flow(k, at, at, share, strong=at == 3) for k in range(4) for at, share in enumerate(shares))
    return Alluvial((step,) * 5, flows, tuple("12345"))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "word", ["Step", "아주 긴 한국어 단계 이름", "a name that is far too long for its column"]
)
def test_names_keep_apart_and_inside(word: str, narrow: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure: Figure = Plot(crowded(word), WORDS, WORDS, WORDS, WORDS)._drawn(narrow=narrow)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    ax, renderer = figure.axes[0], canvas.get_renderer()
    names = [text for text in ax.texts if text.get_bbox_patch() is not None]
    boxes = [text.get_window_extent(renderer) for text in names]
    assert len(names) == (21 if narrow else 35)
    for at, box in enumerate(boxes):
        assert not [one for one in boxes[at + 1 :] if one.overlaps(box)]
        assert box.x1 <= figure.bbox.width
        assert box.y0 >= -2
        assert box.y1 <= figure.bbox.height


def test_what_does_not_add_up_is_refused() -> None:
    one, two = (node("a", 0.6), node("b", 0.4)), (node("c", 1.0),)
    good = (Flow(0, 0, 0, 0.6), Flow(0, 1, 0, 0.4))
    assert Alluvial((one, two), good, ("1", "2")).flows == good
    with pytest.raises(ValueError, match=r"step 1, node 2: 0\.3 flows out of"):
        Alluvial((one, two), (good[0], Flow(0, 1, 0, 0.3)), ("1", "2"))
    with pytest.raises(ValueError, match=r"step 2, node 1: 1 flows into 0\.9"):
        Alluvial((one, (node("c", 0.9),)), good, ("1", "2"))


def test_a_phone_keeps_the_end_of_a_backward_figure() -> None:
    shown = crowded("x")
    assert shown._shown(narrow=True) == [0, 1, 2]
    assert Alluvial(shown.steps, shown.flows, shown.heads, backward=True)._shown(narrow=True) == [2, 3, 4]


def test_bands_are_as_high_as_their_share() -> None:
    sketch = Alluvial(
        ((node("a", 1.0),), (node("b", 0.7), node("c", 0.3))), (Flow(0, 0, 0, 0.7), Flow(0, 0, 1, 0.3)), "12"
    )
    figure = Plot(sketch, WORDS, WORDS, WORDS, WORDS).figure
    for shape, share in zip(figure.axes[0].collections, (0.7, 0.3), strict=True):
        y = shape.get_paths()[0].vertices[:, 1]
        assert np.ptp(y) >= share
    tops = [bar.get_y() for bar in figure.axes[0].patches[1:]]
    assert tops == pytest.approx([0, 0.735])
