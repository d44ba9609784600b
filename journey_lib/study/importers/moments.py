"""How an export writes its moments: ISO, one date format that fits them all, or a count since 1970."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:.*)?")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
_DAYS = ("%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d")
FORMATS = tuple(day + clock for day in _DAYS for clock in _CLOCKS)
# The moment 1990 to 2100 tells the unit of a count since 1970.
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800
_SAMPLE = 2_000


def is_iso(cells: Iterable[str]) -> bool:
    """Say whether every cell is ISO time.

    Examples
    --------
    >>> is_iso(["2025-01-31", "2025-01-31T10:00:00Z"]), is_iso(["31.01.2025"])
    (True, False)
    """
    return all(_ISO.fullmatch(cell.strip()) for cell in cells)


def formats_of(cells: Iterable[str]) -> list[str]:
    """Return each date format that reads all cells; more than one when day and month cannot be told apart.

    Examples
    --------
    >>> formats_of(["01/02/2025 10:00", "01/13/2025 11:00"])
    ['%m/%d/%Y %H:%M']
    >>> formats_of(["01/02/2025"])
    ['%m/%d/%Y', '%d/%m/%Y']
    """
    distinct = pd.Series(pd.unique(pd.Series(list(cells), dtype="str")), dtype="str").str.strip()
    start = distinct.iloc[:_SAMPLE]
    fitting = [form for form in FORMATS if _reads(start, form)]
    return [form for form in fitting if _reads(distinct, form)]


def _reads(cells: pd.Series, form: str) -> bool:
    read = pd.to_datetime(cells, format=form, errors="coerce")
    return bool(len(cells)) and bool(read.notna().all())


def unit_of(numbers: pd.Series) -> str:
    """Return in which unit numbers count since 1970, "" when they cannot be moments.

    Examples
    --------
    >>> unit_of(pd.Series([1735689600000, 1735689601000])), unit_of(pd.Series([7.0, 8.0]))
    ('ms', '')
    """
    known = numbers.dropna()
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    fitting = [u for u, per in _UNITS.items() if _EARLIEST * per <= low and high <= _LATEST * per]
    return fitting[0] if len(fitting) == 1 else ""
