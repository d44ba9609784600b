"""What the cards call things: statements, columns, and numbers in their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.personas.variables import AGREE, SEEN, USED
from journey_lib.present.wording import Message, Quantity, Says, message, number
from journey_lib.study.behaviour import CHANNEL, SHARE
from journey_lib.study.segments.words import level_of, title_of

if TYPE_CHECKING:
    from journey_lib.measures.personas.result import PersonasResult
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Study


def statement(study: Study, column: str, option: str) -> Message:
    """Return what a line of a card says of people."""
    if option == USED:
        point = study.touchpoint(column.removeprefix(SHARE))
        return message("Met {point}, %", point=point.label)
    if option == SEEN:
        return message(
            "Seen in the channel {channel}, %", channel=study.channel_label(column.removeprefix(CHANNEL))
        )
    if option == AGREE:
        return message("{column}: 6 or 7 of 7, %", column=title(study, column))
    if option:
        return message(
            "{column}: {value}, %", column=title(study, column), value=level_of(study, column, option)
        )
    return message("{column}, mean", column=title(study, column))


def title(study: Study, column: str) -> Says:
    """Return what a column is called."""
    if column == "visits":
        return message("visits")
    return title_of(study, column)


def told(value: float, unit: str, lang: str) -> str:
    """Return a number of a line: shares without their sign, means as exact as their size needs."""
    if unit == "share":
        return Quantity(value, "share", 1, bare=True).say(lang)
    return number(value, lang, decimals=0 if abs(value) >= 100 else 1)


def size(number_: Number) -> Message:
    """Return a base."""
    return message("n = {n}", n=Quantity(number_.n))


def confidence(result: PersonasResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.plan.level, "share")
