"""Numbered files of one series: which number is missing between the first and the last."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEW = 3


def gaps(names: Sequence[str]) -> Iterator[str]:
    """Yield the names that a numbered series of files lacks.

    Parameters
    ----------
    names : sequence of str
        Files that were found.

    Definition
    ----------
    Files that differ in one number only are a series when at least three of them follow one another and fewer
    numbers are missing than there are.

    Examples
    --------
    >>> list(gaps(["part-1.parquet", "part-2.parquet", "part-3.parquet", "part-5.parquet"]))
    ['part-4.parquet']
    >>> list(gaps(["2024.csv", "2030.csv"]))
    []
    """
    series: dict[tuple[str, str], dict[int, str]] = {}
    for name in names:
        for found in re.finditer(r"\d+", name):
            series.setdefault((name[: found.start()], name[found.end() :]), {})[int(found[0])] = found[0]
    for (before, after), numbers in series.items():
        held = sorted(numbers)
        whole = held[-1] - held[0] + 1
        if len(held) < FEW or whole >= 2 * len(held) or not any(b - a == 1 for a, b in pairwise(held)):
            continue
        width = min(map(len, numbers.values()))
        missing = sorted(set(range(held[0], held[-1])) - set(held))
        yield from (f"{before}{number:0{width}}{after}" for number in missing)
