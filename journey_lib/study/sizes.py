"""Amounts of memory are text with a unit, like durations."""

from __future__ import annotations

import re
from fractions import Fraction

from journey_lib.errors import ParamError, Problem

UNITS = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
WANTED = 'a number and a unit, such as "2 GB" or "500 MB"'
_SHAPE = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]+)")


def amount(text: str, where: str = "memory") -> int:
    """Return how many bytes an amount such as "2 GB" is.

    Parameters
    ----------
    text : str
        A number and a unit: kB, MB, GB, TB count in thousands; KiB, MiB, GiB, TiB in 1024s.
    where : str
        What a message calls it.

    Raises
    ------
    ParamError
        A bare number, an unknown unit, or anything else.

    Examples
    --------
    >>> amount("1.5 GB"), amount("64 MiB")
    (1500000000, 67108864)
    >>> amount("2")
    Traceback (most recent call last):
    journey_lib.errors.ParamError: memory: '2'. Allowed: a number and a unit, such as "2 GB" or "500 MB".
    """
    problem = amount_problem(text, where)
    if problem is not None:
        raise ParamError(problem)
    found = _SHAPE.fullmatch(text)
    return round(Fraction(found[1]) * UNITS[found[2]]) if found else 0


def amount_problem(text: str, where: str) -> Problem | None:
    """Say what is wrong with an amount of memory; None when nothing is."""
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    return None if found and found[2] in UNITS else Problem(where, f"'{text}'", WANTED)


def spoken(size: float) -> str:
    """Write a number of bytes as people say it.

    Examples
    --------
    >>> spoken(1_500_000_000), spoken(64e6), spoken(900)
    ('1.5 GB', '64 MB', '1 kB')
    """
    unit = next((name for name in ("TB", "GB", "MB") if size >= UNITS[name]), "kB")
    count = max(size / UNITS[unit], 1)
    return f"{count:.1f} {unit}" if count < 10 and count % 1 > 0.05 else f"{count:,.0f} {unit}"
