"""Text patterns of a study file, such as "{year}-{row}": checked when read, filled in for whole columns."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAD = re.compile(r"0\d{1,2}|")


def pattern_problem(pattern: str) -> str:
    """Say what is wrong with a pattern; "" when nothing is.

    Examples
    --------
    >>> pattern_problem("{year}-{row}"), pattern_problem("2017-05-{INTDATE:02}")
    ('', '')
    >>> pattern_problem("{year")
    "'{year' is no pattern"
    """
    try:
        fields = list(Formatter().parse(pattern))
    except ValueError:
        return f"'{pattern}' is no pattern"
    for _, name, pad, conversion in fields:
        if name is not None and (not name or conversion or _PAD.fullmatch(pad or "") is None):
            return f"'{pattern}' is no pattern"
    return ""


def pieces(pattern: str) -> Iterator[tuple[str, str, int]]:
    """Yield (literal text, column name or "", width padded with zeros) for each piece of a pattern.

    Examples
    --------
    >>> list(pieces("{year}-{row:05}"))
    [('', 'year', 0), ('-', 'row', 5)]
    """
    for literal, name, pad, _ in Formatter().parse(pattern):
        yield literal, name or "", int(pad or 0)
