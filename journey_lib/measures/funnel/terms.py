"""What the funnel page calls things: customers or attempts, groups, windows; and its wide tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.measures.funnel.calendar import CALENDAR
from journey_lib.measures.funnel.count import grouped, readings
from journey_lib.present.wording import Message, Quantity, Says, WaveName, day, message, plural
from journey_lib.study import naming
from journey_lib.study.durations import UNITS

if TYPE_CHECKING:
    from journey_lib.measures.funnel.plan import Plan
    from journey_lib.measures.funnel.result import FunnelResult
    from journey_lib.stats.kernels.funnel import Counted

_RATES = {"rate_naive": "whole_reached", "rate_mature": "whole_mature", "rate_km": "whole_km"}
_ONWARD = {"rate_naive": "moved_on", "rate_mature": "rate_mature", "rate_km": "rate_km"}


def wide(result: FunnelResult) -> pd.DataFrame:
    """Return one row a step and group: what became of those who entered first, on the clock of the entry."""
    counted, values, level = result.numbers.whole, _values(result), result.level
    rows = []
    for name, groups in grouped(result.plan):
        for at, step in enumerate(result.plan.steps):
            tables = (counted.reached, counted.timed_out, counted.open)
            n = [int(part[groups].sum(axis=0)[at]) for part in tables]
            shares = _rates(values, step.id, name, _RATES) if at else _entering(counted, groups, level)
            rows.append((name, step.id, *n, *shares))
    return _frame(rows, ["reached", "timed_out", "still_open"])


def onward(result: FunnelResult) -> pd.DataFrame:
    """Return one row a required step and group, with what became of those who came there, on a new clock."""
    counted, values = result.numbers, _values(result)
    rows = []
    for name, groups in grouped(result.plan):
        for (at, _), pair in zip(result.plan.pairs, counted.pairs, strict=True):
            n = [int(part[groups].sum(axis=0)[k]) for part, k in
                 ((pair.reached, 0), (pair.reached, 1), (pair.timed_out, 1), (pair.open, 1))]  # fmt: skip
            step = result.plan.steps[at].id
            rows.append((name, step, *n, *_rates(values, step, name, _ONWARD)))
        last = max(result.plan.whole.required)
        n_last = int(counted.last.reached[groups, 0].sum())
        rows.append((name, result.plan.steps[last].id, n_last, *[pd.NA] * 3, *[float("nan")] * 9))
    return _frame(rows, ["entered", "moved_on", "timed_out", "still_open"])


def _entering(counted: Counted, groups: list[int], level: float) -> list[float]:
    """Return the rates of the first step, which everybody makes who enters."""
    found = readings(counted, groups, level, 0)
    rates = (found[name] for name in ("moved_on", "rate_mature", "rate_km"))
    return [value for rate in rates for value in (rate.estimate, rate.ci_low, rate.ci_high)]


def _frame(rows: list[tuple[object, ...]], counts: list[str]) -> pd.DataFrame:
    ends = [name + end for name in _RATES for end in ("", "_low", "_high")]
    frame = pd.DataFrame(rows, columns=["group", "step", *counts, *ends])
    return frame.astype(dict.fromkeys(counts, "Int64"))


def _values(result: FunnelResult) -> dict[tuple[str, ...], tuple[float, float, float]]:
    names = ["metric", "option", "group", "estimate", "ci_low", "ci_high"]
    plain = result.rows[result.rows["comparison"] == ""]
    return {row[:3]: row[3:] for row in plain[names].itertuples(index=False, name=None)}


def _rates(
    values: dict[tuple[str, ...], tuple[float, float, float]], step: str, group: str, metrics: dict[str, str]
) -> list[float]:
    none = (float("nan"),) * 3
    return [v for metric in metrics.values() for v in values.get((metric, step, group), none)]


def who(plan: Plan, n: float) -> Message:
    """Return so many customers, or attempts, in words."""
    if plan.whole.entry == "all":
        return plural("{n} attempt", "{n} attempts", n=Quantity(n))
    return plural("{n} customer", "{n} customers", n=Quantity(n))


def at_least(result: FunnelResult, n: float) -> Message:
    """Return so many customers in words; a count too small to tell is only bounded."""
    least = result.context.min_cell
    if 0 < round(n) < least:
        return message("fewer than {least}", least=Quantity(least))
    return who(result.plan, round(n))


def places(share: float) -> int:
    """Return how many decimals a share in percent needs not to look like nothing.

    Examples
    --------
    >>> places(0.2), places(0.02), places(0.0002)
    (0, 1, 2)
    """
    return 0 if not 0 < share < 0.1 else 1 if share >= 0.001 else 2


def units(plan: Plan) -> Message:
    """Return what is counted."""
    return message("of attempts") if plan.whole.entry == "all" else message("of customers")


def duration(length: int) -> Message:
    """Return a length of time in words.

    Examples
    --------
    >>> duration(2_592_000_000_000).say("ko"), duration(3_600_000_000).say("en")
    ('30일', '1 hour')
    """
    unit = next(name for name in reversed(UNITS) if length % UNITS[name] == 0 and name != "week")
    n = Quantity(length // UNITS[unit])
    words = {
        "day": plural("{n} day", "{n} days", n=n),
        "hour": plural("{n} hour", "{n} hours", n=n),
        "minute": plural("{n} minute", "{n} minutes", n=n),
        "second": plural("{n} second", "{n} seconds", n=n),
        "millisecond": plural("{n} millisecond", "{n} milliseconds", n=n),
        "microsecond": plural("{n} microsecond", "{n} microseconds", n=n),
    }
    return words[unit]


def window(plan: Plan) -> Message:
    """Return the window in words."""
    return duration(plan.whole.window)


def group_name(result: FunnelResult, group: str) -> Says | str:
    """Return what a reader calls a group."""
    if result.plan.by.where and group == result.plan.groups[-1]:
        return message("Not known")
    if result.plan.by.where == "calendar":
        return WaveName(group) if result.by == "month" else DayName(group)
    return result.study.level(result.by, group)


@dataclass(frozen=True)
class DayName:
    """An ISO day, written only when the language is known.

    Examples
    --------
    >>> DayName("2025-09-08").say("en")
    '8 Sep 2025'
    """

    iso: str

    def say(self, lang: str) -> str:
        """Return the day as a reader writes it."""
        return day(dt.date.fromisoformat(self.iso), lang)


def split_name(result: FunnelResult) -> Says:
    """Return what splits the result, in words."""
    words = {
        "day": message("day of entry"),
        "week": message("week of entry"),
        "month": message("month of entry"),
    }
    if result.plan.by.where == "calendar" and result.by in CALENDAR:
        return words[result.by]
    return naming.column(result.study, result.by)


def confidence(result: FunnelResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.level, "share")


def reading(result: FunnelResult) -> Message:
    """Return which reading of the rate leads."""
    if result.leading == "rate_km":
        return message("allowing for windows that are not over (Kaplan–Meier)")
    return message("entries with a whole window only")
