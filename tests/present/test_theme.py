"""Colours that can be read, fonts that come with the install, and nothing global left behind."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib import font_manager

from journey_lib.present import theme


def test_drawing_leaves_no_setting_behind_even_when_it_fails() -> None:
    before = dict(mpl.rcParams)
    with theme.drawing():
        assert mpl.rcParams["font.family"] == [theme.FAMILY, theme.FALLBACK]
        assert mpl.rcParams["text.parse_math"] is False
    with pytest.raises(ZeroDivisionError), theme.drawing():
        1 / 0  # noqa: B018
    assert dict(mpl.rcParams) == before


def contrast(one: str, other: str) -> float:
    light, dark = sorted((theme.luminance(one), theme.luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("color", [*theme.LIKERT, *theme.STAGES, *theme.GROUPS, *theme.SEQUENTIAL])
def test_text_on_every_fill_reaches_the_contrast_of_wcag(color: str) -> None:
    assert contrast(color, theme.on(color)) >= 4.5


@pytest.mark.parametrize("color", [theme.INK, theme.INK2, theme.INK3, theme.MAIN, theme.ALERT])
def test_text_on_paper_reaches_the_contrast_of_wcag(color: str) -> None:
    assert contrast(color, "#FFFFFF") >= 4.5


def test_luminance_agrees_with_the_ends_of_wcag() -> None:
    # WCAG 2.2, "relative luminance": 0 for black, 1 for white, 0.2126 for red.
    found = [theme.luminance(c) for c in ("#000000", "#FFFFFF", "#FF0000")]
    assert found == pytest.approx([0, 1, 0.2126])


@pytest.mark.parametrize(("weight", "file"), [(400, "NanumGothic.ttf"), (theme.BOLD, "NanumGothicBold.ttf")])
def test_the_korean_font_is_the_one_that_was_installed(weight: int, file: str) -> None:
    with theme.drawing():
        wanted = font_manager.FontProperties(family=theme.FAMILY, weight=weight)
        path = font_manager.findfont(wanted, fallback_to_default=False)
    assert path.endswith(f"koreanize_matplotlib/fonts/{file}")


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        ("결제 −3 to 5%", "결제 −3 to 5%"),
        ("two\nlines", "two\nlines"),
        ("\N{ROCKET}결제\x00\x1b", "결제"),
        ("a" * 80, "a" * 80),
        ("a" * 10_000, "a" * 79 + "…"),
        ("", ""),
    ],
)
def test_only_what_the_fonts_have_and_what_fits_is_drawn(words: str, drawn: str) -> None:
    assert theme.drawable(words) == drawn
