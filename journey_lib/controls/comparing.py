"""How far the leading number of a result lies from the same number of other people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from journey_lib.present.numbers import numbers
from journey_lib.present.wording import Quantity, message

if TYPE_CHECKING:
    from journey_lib.present.numbers import Number
    from journey_lib.present.result import Result
    from journey_lib.present.wording import Message

LEVEL: Final = 0.95
_ABOUT: Final = (
    "metric", "question", "option", "stage", "touchpoint", "segment", "group", "wave", "comparison",
    "weighting", "unit",
)  # fmt: skip
_GAP: Final = {"share": ("share_points", 1), "points": ("points", 1), "score": ("score", 2)}


def difference(here: Result, there: Result, *, apart: bool) -> Message | None:
    """Say how far the number of the first finding lies from the same number there.

    Parameters
    ----------
    here, there : Result
        The same measure of two groups of people.
    apart : bool
        Whether nobody is in both groups. Only then does the difference have an interval.

    Returns
    -------
    Message or None
        None where the first finding has no row of the table, or the other table lacks that row.

    Definition
    ----------
    The difference of two independent estimates with a 95 % interval of 1.96 root summed squared standard
    errors. Weights of both groups come from one raking, so that the interval is slightly too wide.
    """
    own = _leading(here)
    other = None if own is None or own.unit not in _GAP else _same(there, own)
    if own is None or other is None:
        return None
    unit, decimals = _GAP[own.unit]
    told = {
        "here": _said(own), "there": _said(other),
        "gap": Quantity(own.estimate - other.estimate, unit, decimals, signed=True),
    }  # fmt: skip
    if not (apart and own.known and other.known):
        return message("The first number is {here} here and {there} there: {gap}.", **told)
    reach = 1.959964 * math.hypot(own.std_error, other.std_error)
    low, high = (own.estimate - other.estimate + side for side in (-reach, reach))
    ends = [Quantity(end, unit, decimals, signed=True, bare=True) for end in (low, high)]
    told |= {"low": ends[0], "high": ends[1], "level": Quantity(LEVEL, "share")}
    if low <= 0 <= high:
        return message(
            "The first number is {here} here and {there} there: {gap} ({level} interval {low} to {high}), no "
            "clear difference.",
            **told,
        )
    return message(
        "The first number is {here} here and {there} there: {gap} ({level} interval {low} to {high}). "
        "Exploratory: it was not chosen beforehand.",
        **told,
    )


def _leading(result: Result) -> Number | None:
    """Return the row of the table that the first finding repeats; of several it may be, all must be alike."""
    first = next(iter(result.headlines()), None)
    if first is None:
        return None
    wanted = (first.estimate, first.low, first.high, first.unit)
    rows = (n for n in numbers(result.masked) if n.weighting != "unweighted")
    hits = [n for n in rows if (n.estimate, n.ci_low, n.ci_high, n.unit) == wanted]
    return hits[0] if len({(n.n, n.std_error) for n in hits}) == 1 else None


def _same(result: Result, number: Number) -> Number | None:
    hits = [n for n in numbers(result.masked) if n.at(*_ABOUT) == number.at(*_ABOUT)]
    return hits[0] if len(hits) == 1 and math.isfinite(hits[0].estimate) else None


def _said(number: Number) -> Quantity:
    if number.unit == "points":
        return number.amount
    return Quantity(number.estimate, number.unit, _GAP[number.unit][1])
