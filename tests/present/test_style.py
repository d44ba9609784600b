"""One style sheet, small enough to inline, that asks nobody else for anything."""

from __future__ import annotations

import re

from journey_lib.present import style


def test_the_element_can_be_recognised_and_holds_the_sheet() -> None:
    assert re.fullmatch(r"<style data-journey>(.*)</style>", style.element(), re.DOTALL)[1] == style.sheet()
    assert "</" not in style.sheet()


def test_the_sheet_is_whole_and_loads_nothing() -> None:
    sheet = style.sheet()
    assert 0 < sheet.count("{") == sheet.count("}")
    assert not re.search(r"@import|url\(|https?:|expression|javascript", sheet)
    assert len(sheet) < 30_000


def test_every_token_that_is_used_is_declared() -> None:
    sheet = style.sheet()
    declared = set(re.findall(r"(--[\w-]+):", sheet))
    used = set(re.findall(r"var\((--[\w-]+)[,)]", sheet))
    assert used - declared - {"--stop"} == set()  # --stop is set by the element itself
    assert {f"--stage-{n}" for n in range(1, 8)} <= declared
