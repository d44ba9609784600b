"""Colours, fonts and drawing context of every figure: seaborn's white style, our ink, a Korean font."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

INK, INK2, INK3 = "#1B2430", "#46505C", "#5F6975"
EDGE, GRID, FAINT = "#848D99", "#E4E7EA", "#F3F4F5"
MAIN, ALERT = "#22398F", "#BB390E"
STAGES = ("#9373DC", "#22398F", "#1DA298", "#277565", "#B88903", "#BB390E", "#6B2649")
GROUPS = ("#1DA298", "#22398F", "#B88903", "#BB390E")
DASHES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (3, 1.5, 1, 1.5)), (0, (1.5, 1.5)))
MARKERS = ("o", "s", "D", "^")
LIKERT = ("#A33A12", "#EDB496", "#E4E4E0", "#A9BCE8", "#2B47A0")
SEQUENTIAL = ("#F2F5FB", "#D3DCF2", "#ABBCE6", "#7F97D6", "#5672C0", "#3450A5", "#1C2F78")
FAMILY, FALLBACK = "journey_lib Nanum Gothic", "DejaVu Sans"  # the second supplies U+2212
LONGEST = 80  # characters of one text in a figure; the page around it has room for more
BOLD = 700
WIDE, NARROW = 7.2, 3.6  # inches; one inch is shown as 100 CSS pixels


@contextmanager
def drawing() -> Iterator[None]:
    """Hold the house style while a figure is drawn or saved; nothing global is left behind.

    Examples
    --------
    >>> import matplotlib
    >>> with drawing():
    ...     matplotlib.rcParams["font.family"]
    ['journey_lib Nanum Gothic', 'DejaVu Sans']
    """
    import matplotlib as mpl

    with mpl.rc_context(_settings()):
        yield


def drawable(words: str) -> str:
    """Return what a figure can show of a text: only characters its fonts have, and not more than fit.

    Examples
    --------
    >>> drawable("결제 \N{ROCKET}"), len(drawable("x" * 10_000))
    ('결제 ', 80)
    """
    known = _characters()
    kept = "".join(c for c in words[: 4 * LONGEST] if c == "\n" or (ord(c) in known and c.isprintable()))
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1] + "…"


def on(fill: str) -> str:
    """Return the text colour that reaches a contrast of 4.5 on a fill.

    Examples
    --------
    >>> on("#22398F"), on("#E4E4E0")
    ('#FFFFFF', '#0B0F14')
    """
    return "#FFFFFF" if 1.05 / (luminance(fill) + 0.05) >= 4.5 else "#0B0F14"


def luminance(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2).

    Examples
    --------
    >>> luminance("#FFFFFF")
    1.0
    """
    from matplotlib.colors import to_rgb

    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def _characters() -> frozenset[int]:
    """Return the characters that the figure fonts have."""
    from matplotlib import font_manager

    _register_fonts()
    files = [font_manager.findfont(family) for family in (FAMILY, FALLBACK)]
    return frozenset(code for file in files for code in font_manager.get_font(file).get_charmap())


@cache
def _settings() -> Any:  # noqa: ANN401 - matplotlib types its settings key by key
    import seaborn as sns

    _register_fonts()
    return {
        **sns.axes_style("white"),
        "font.family": [FAMILY, FALLBACK],
        "font.size": 10,
        "text.parse_math": False,  # "$" in a label is a dollar
        "text.color": INK,
        "axes.edgecolor": EDGE,
        "axes.labelcolor": INK2,
        "axes.labelsize": 9.5,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.color": INK2,
        "ytick.color": INK2,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "hatch.linewidth": 0.8,
        "hatch.color": EDGE,
        "lines.linewidth": 1.8,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
    }


@cache
def _register_fonts() -> None:
    """Take the font files the install brought; their package is never imported (it needs distutils)."""
    from matplotlib import font_manager

    spec = find_spec("koreanize_matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("The Korean font is missing: install 'koreanize-matplotlib'.")
    folder = Path(spec.submodule_search_locations[0]) / "fonts"
    # Under a name of their own, so that no other copy on the machine is drawn instead; the bold file calls
    # itself 600, DejaVu's 700: one number for both, or a missing weight is reported.
    for name, weight in (("NanumGothic.ttf", 400), ("NanumGothicBold.ttf", BOLD)):
        font_manager.fontManager.addfont(folder / name)
        known = font_manager.fontManager.ttflist
        known[-1] = replace(known[-1], name=FAMILY, weight=weight)
