"""Cells with a look of their own keep the marks of small cells, and stay readable."""

from __future__ import annotations

import math

import pytest

from journey_lib.present import theme
from journey_lib.present.cells import Shaded, Words


@pytest.mark.parametrize(("share", "shade"), [(0.06, 0), (0.2, 1), (0.4, 2), (0.6, 3), (0.9, 4)])
def test_shades_grow_with_the_share_and_the_text_stays_readable(share: float, shade: int) -> None:
    html = Shaded(share, "share", share - 0.01, share + 0.01, 50).html("en", 10)
    fill = theme.SEQUENTIAL[shade]
    assert f"background:{fill}" in html
    ink = html.split(";color:")[1].split(";")[0]
    light, dark = sorted((theme.luminance(fill), theme.luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_small_and_missing_cells_are_not_shaded() -> None:
    assert "background" not in Shaded(0.9, "share", n=4, masked=True).html("en", 10)
    assert "n &lt; 10" in Shaded(0.9, "share", n=4, masked=True).html("en", 10)
    assert "background" not in Shaded(math.nan, "share").html("en", 10)
    assert "background" not in Shaded(0.01, "share").html("en", 10)


def test_words_are_escaped() -> None:
    assert "&lt;b&gt;" in Words(math.nan, "", words="<b>").html("en", 10)
