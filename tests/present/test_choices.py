"""Panels of criteria: one each, two in a row on a phone, a ring around the number asked for."""

from __future__ import annotations

from matplotlib.figure import Figure

from journey_lib.present import theme
from journey_lib.present.choices import Choices, Curve

CURVES = (
    Curve("one", {1: 5.0, 2: 9.0, 3: 7.0}, 2),
    Curve("two", {2: 0.1, 3: 0.4}, None, share=True),
    Curve("three", {1: 1.0}, 1),
)


def test_panels_need_more_rows_on_a_phone() -> None:
    assert Choices(CURVES).layout(narrow=True).height > Choices(CURVES).layout(narrow=False).height


def test_every_pick_has_one_ring_at_its_value() -> None:
    ax = Figure().add_subplot()
    Choices(CURVES, 2).draw(ax, narrow=False)
    rings = [line for line in ax.lines if line.get_markeredgecolor() == theme.ALERT]
    assert len(rings) == 2
    curve = next(line for line in ax.lines if len(line.get_xdata()) == 3)
    assert rings[0].get_xdata()[0] == curve.get_xdata()[1]
    assert rings[0].get_ydata()[0] == min(curve.get_ydata())  # the largest value stands highest
    words = {text.get_text(): text.get_fontweight() for text in ax.texts}
    assert {"one", "two", "three"} <= words.keys()
