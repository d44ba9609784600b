"""Names that wrap are escaped."""

from __future__ import annotations

from journey_lib.present.cells import wrapped


def test_names_that_wrap_are_escaped() -> None:
    assert "&lt;b&gt;" in wrapped("<b>")
    assert "white-space:normal" in wrapped("a")
