"""What the report on time in stages calls things: stages, groups, days; the same in figures and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.time_in_stage.plan import UNKNOWN
from journey_lib.present.wording import Message, Quantity, Says, message

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


def days(value: float) -> Quantity:
    """Return a number of days with the decimals it is written with."""
    return Quantity(value, "days", places(value) if value == value else 0)


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


def column(by: str) -> str:
    """Return a column as words."""
    return by.replace("_", " ")


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
