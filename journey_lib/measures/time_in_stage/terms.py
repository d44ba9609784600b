"""What the report on time in stages calls things: stages, groups, days; the same in figures and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.measures.time_in_stage.plan import UNKNOWN
from journey_lib.present.wording import Message, Quantity, Says, interval, message

if TYPE_CHECKING:
    from journey_lib.measures.time_in_stage.result import TimeInStageResult
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Study


def places(value: float) -> int:
    """Return the decimals a number of days is written with: none for whole ones, more for parts of a day.

    Examples
    --------
    >>> places(0.04), places(3.21), places(31.0), places(0.997)
    (2, 1, 0, 1)
    """
    return 0 if value == int(value) else 1 if round(abs(value), 2) >= 1 else 2


def days(value: float) -> Says:
    """Return a length of time in words: days, or a smaller unit below half a day.

    Examples
    --------
    >>> days(3.21).say("en"), days(0.2).say("en"), days(0.0005).say("en")
    ('3.2 days', '4.8 hours', '43 seconds')
    """
    factor, unit = scale(value)
    if not unit:
        return Quantity(value, "days", places(value) if value == value else 0)
    n = Quantity(value * factor, decimals=_few(value * factor))
    return {
        "h": message("{n} hours", n=n), "min": message("{n} minutes", n=n), "s": message("{n} seconds", n=n),
    }[unit]  # fmt: skip


def scale(value: float) -> tuple[float, str]:
    """Return how many of a unit make a day, and the unit: "" for days, h, min, s for parts of one.

    Examples
    --------
    >>> scale(0.7), scale(0.2), scale(0.01), scale(0.0005)
    ((1.0, ''), (24.0, 'h'), (1440.0, 'min'), (86400.0, 's'))
    """
    for most, factor, unit in ((1 / 720, 86_400.0, "s"), (1 / 12, 1_440.0, "min"), (0.5, 24.0, "h")):
        if 0 < value < most:
            return factor, unit
    return 1.0, ""


def beside(number: Number, lang: str) -> tuple[str, str]:
    """Return days and their interval as a column of days writes them; parts of a day carry their unit."""
    factor, unit = scale(number.estimate)
    if not unit:
        least = decimals(number)
        value = Quantity(number.estimate, "days", least, bare=True).say(lang)
        return value, interval(number.ci_low, number.ci_high, "days", lang, decimals=least, compact=True)
    least = _few(number.estimate * factor)
    short = {"h": message("{n} h"), "min": message("{n} min"), "s": message("{n} s")}[unit]
    value = replace(short, values={"n": Quantity(number.estimate * factor, decimals=least)}).say(lang)
    ends = (number.ci_low * factor, number.ci_high * factor)
    return value, interval(*ends, "count", lang, decimals=least, compact=True)


def _few(value: float) -> int:
    return 0 if value >= 10 else 1


def decimals(number: Number) -> int:
    """Return the decimals of a number of days beside its interval: enough to tell the limits apart."""
    least = places(number.estimate)
    low, high = (round(limit, least) for limit in (number.ci_low, number.ci_high))
    return least + 1 if low == high else least


def stage(result: TimeInStageResult, name: str) -> Says:
    """Return the label of a stage."""
    return result.study.stage(name).label


def following(result: TimeInStageResult, name: str) -> Says:
    """Return the label of the stage after a stage."""
    stops = result.counted.stages
    return stage(result, stops[min(stops.index(name) + 1, len(stops) - 1)])


def group(result: TimeInStageResult, name: str) -> Says | str:
    """Return what a reader calls a group."""
    return level(result.study, result.counted.plan.by, name)


def level(study: Study, by: str, name: str) -> Says | str:
    """Return what a reader calls a value of a column."""
    return message("Unknown") if name == UNKNOWN else study.level(by, name)


def confidence(result: TimeInStageResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.counted.plan.level, "share")


def exit_names() -> dict[str, Message]:
    """Return what the ways out of a stage are called."""
    return {
        "next": message("Moved on"),
        "other": message("To another stage"),
        "silence": message("Fell silent"),
        "open": message("Still there"),
    }
