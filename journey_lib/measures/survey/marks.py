"""How a number of the survey stands in a figure and in a table; the same on every part of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.measures.survey import terms
from journey_lib.present import theme
from journey_lib.present.sketches import Axis, DotRow, value_axis
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, WaveName, interval

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number

UNITS = ("share", "points", "score", "seconds")


def dot(
    result: SurveyResult,
    label: str,
    number: Number,
    color: str,
    *,
    heading: str = "",
    twin: float = math.nan,
    decimals: int | None = None,
) -> DotRow:
    """Return a number as a row of a dot figure; a thin base has its mark."""
    lang = result.context.language
    thin = number.n < result.context.flag_cell
    base = Quantity(number.n).say(lang) + ("*" if thin else "")
    bounds = interval(number.ci_low, number.ci_high, number.unit, lang, decimals=decimals, compact=True)
    value = number.amount if decimals is None else replace(number.amount, decimals=decimals)
    return DotRow(
        label, number.ci_low, number.estimate, number.ci_high, value.say(lang), bounds, base, color,
        thin, color == theme.ALERT, heading, twin,
    )  # fmt: skip


def axis(
    known: Iterable[Number], *, low: float | None = None, within: tuple[float, float] | None = (0, 1)
) -> Axis:
    """Return an axis around these intervals; shares are written in percent."""
    every = list(known)
    share = every[0].unit == "share"
    least = min(number.ci_low for number in every) if low is None else low
    most = max(number.ci_high for number in every)
    return value_axis(least, most, "%" if share else "", scale=100 if share else 1, ends=within)


def cell(result: SurveyResult, number: Number, *, bounds: bool = True, absent: float = math.nan) -> Cell:
    """Return a number as a cell; `absent` is written where the table has no such row."""
    low, high = (number.ci_low, number.ci_high) if bounds else (math.nan, math.nan)
    flat = bounds and math.isfinite(number.estimate) and not math.isfinite(low)
    return Cell(
        number.estimate if number.metric else absent, number.unit if number.unit in UNITS else "share",
        low, high, number.n, masked=number.hidden, withheld=number.withheld,
        thin=bounds and number.n < result.context.flag_cell, signed=number.unit == "points", no_interval=flat,
    )  # fmt: skip


def thresholds(result: SurveyResult) -> dict[str, Quantity]:
    """Return the values of the sentence under a table that explains its marks."""
    return {
        "level": terms.confidence(result),
        "cell": Quantity(result.context.min_cell),
        "last": Quantity(result.context.flag_cell - 1),
    }


def tabled(
    result: SurveyResult,
    title: Message,
    base: Message,
    header: Sequence[Message | WaveName | str],
    rows: Sequence[Row],
    note: Message,
) -> Block | None:
    """Return rows as a table in the language of the page; None without rows."""
    lang = result.context.language
    words = [word if isinstance(word, str) else word.say(lang) for word in header]
    return table(title, base, words, rows, note, lang, result.context.min_cell) if rows else None
