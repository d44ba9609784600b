"""The style sheet of every component, for a page to inline once or a cell to carry along."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

MARK = "data-journey"
EMPTY = "data-empty"  # on a block that says there is nothing to show


@cache
def sheet() -> str:
    """Return the CSS of tokens and components, comments and spare space removed.

    Examples
    --------
    >>> ".jl-figure" in sheet() and "/*" not in sheet()
    True
    """
    text = Path(__file__).with_name("components.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


@cache
def element() -> str:
    """Return the sheet as an element that a publisher recognises and takes out again.

    Examples
    --------
    >>> element().startswith("<style data-journey>")
    True
    """
    return f"<style {MARK}>{sheet()}</style>"
