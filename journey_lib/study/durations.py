"""Durations are text with a unit: a bare number means seconds to one reader and days to the next."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from journey_lib.errors import ParamError, Problem
from journey_lib.present.wording import Message, Quantity, plural

UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_ONE = Quantity(1)
_SAID = {
    "microsecond": plural("{n} microsecond", "{n} microseconds", n=_ONE),
    "millisecond": plural("{n} millisecond", "{n} milliseconds", n=_ONE),
    "second": plural("{n} second", "{n} seconds", n=_ONE),
    "minute": plural("{n} minute", "{n} minutes", n=_ONE),
    "hour": plural("{n} hour", "{n} hours", n=_ONE),
    "day": plural("{n} day", "{n} days", n=_ONE),
    "week": plural("{n} week", "{n} weeks", n=_ONE),
}
WANTED = 'a number and a unit, such as "30 days" or "2 hours"'
_SHAPE = re.compile(r"(\d+(?:\.\d+)?) ([a-z]+?)s?")


def microseconds(text: str, where: str = "duration") -> int:
    """Return how many microseconds a duration such as "30 minutes" lasts.

    Parameters
    ----------
    text : str
        A number, a space and a unit from microsecond to week, singular or plural. A day has 24 hours. Months
        and years are refused: they differ in length.
    where : str
        What a message calls it.

    Returns
    -------
    int
        The exact length, rounded to a whole microsecond.

    Raises
    ------
    ParamError
        A bare number, an unknown unit, or anything else.

    Examples
    --------
    >>> microseconds("1.5 hours"), microseconds("1 day") == 24 * microseconds("1 hour")
    (5400000000, True)
    >>> microseconds("30")
    Traceback (most recent call last):
    journey_lib.errors.ParamError: duration: '30'. Allowed: a number and a unit, such as "30 days" or ...
    """
    problem = duration_problem(text, where)
    if problem is not None:
        raise ParamError(problem)
    found = _SHAPE.fullmatch(text)
    return round(Fraction(found[1]) * UNITS[found[2]]) if found else 0


def duration_problem(text: str, where: str) -> Problem | None:
    """Say what is wrong with a duration; None when nothing is.

    Examples
    --------
    >>> duration_problem("30 days", "window") is None
    True
    >>> print(duration_problem("1 month", "window"))
    window: '1 month'. Allowed: a number and a unit, such as "30 days" or "2 hours". Months and years differ
    in length: say it in days or weeks.
    """
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if found and found[2] in UNITS:
        return None
    calendar = bool(found and found[2] in ("month", "year"))
    action = "Months and years differ in length: say it in days or weeks" if calendar else ""
    return Problem(where, f"'{text}'", WANTED, action=action)


def spoken(microseconds: int) -> str:
    """Write a length in microseconds as English text in its largest whole unit.

    Examples
    --------
    >>> spoken(1_800_000_000), spoken(1_000)
    ('30 minutes', '1 millisecond')
    """
    return str(length(microseconds))


def length(microseconds: int) -> Message:
    """Return a length in microseconds as words of every language, in its largest whole unit.

    Examples
    --------
    >>> length(1_800_000_000).say("ko")
    '30분'
    """
    unit = next(name for name in reversed(UNITS) if microseconds % UNITS[name] == 0)
    return replace(_SAID[unit], values={"n": Quantity(microseconds // UNITS[unit])})
