"""Words in a cell wrap, and are escaped."""

from __future__ import annotations

import math

from journey_lib.present.cells import Words


def test_words_are_escaped_and_wrap() -> None:
    html = Words(math.nan, "", words="<b>").html("en", 10)
    assert "&lt;b&gt;" in html
    assert "white-space:normal" in html
