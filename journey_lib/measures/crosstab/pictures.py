"""The figure of the crosstab: the questions that differ most, column by column around their total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.crosstab import words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wording import Inside, Quantity, interval, message, plural
from journey_lib.study import naming

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.crosstab.banners import Block
    from journey_lib.measures.crosstab.result import CrosstabResult
    from journey_lib.present.numbers import Number

MOST = 3  # questions drawn


def required(result: CrosstabResult, ax: Axes | None) -> Plot:
    """Return the figure, or say that nothing differs."""
    made = differences(result)
    if made is None:
        raise ParamError(Problem("kind", "no question differs clearly between the columns of the banner"))
    return made if ax is None else replace(made, given=ax)


def differences(result: CrosstabResult) -> Plot | None:
    """Draw the questions of one unit that differ most; None where nothing differs."""
    found = words.differing(result)
    if not found:
        return None
    units = [numbers[0].unit for _, numbers in found]
    unit = max(dict.fromkeys(units), key=lambda one: min(units.count(one), MOST))  # the first of equals
    chosen = [(block, numbers) for block, numbers in found if numbers[0].unit == unit][:MOST]
    rows = [row for block, numbers in chosen for row in _rows(result, block, numbers)]
    every = [number for _, numbers in chosen for number in numbers]
    share = unit == "share"
    axis = value_axis(
        min(n.ci_low for n in every), max(n.ci_high for n in every), "%" if share else "",
        scale=100 if share else 1, ends=(0, 1) if share else None,
    )  # fmt: skip
    block, numbers = chosen[0]
    low, high = numbers[0], numbers[-1]
    facts = {
        "name": naming.name(result.study, result.study.item(low.question)), "by": Inside(block.title),
        "low": low.amount, "worst": block.labels[block.values.index(low.group)], "high": high.amount,
        "best": block.labels[block.values.index(high.group)],
    }  # fmt: skip
    title = message("{name} runs from {low} ({worst}) to {high} ({best})", **facts)
    subtitle = plural(
        "The {n} question of its unit that differs most by {by}, weighted; lowest first",
        "The {n} questions of one unit that differ most by {by}, weighted; lowest first",
        n=Quantity(len(chosen)),
        by=Inside(block.title),
    )
    note = message(
        "Dot and line: estimate and {level} interval. Questions are chosen by Rao–Scott tests with Holm "
        "correction; columns below n = {cell} are left out.",
        level=Quantity(result.how.level, "share"), cell=Quantity(result.context.flag_cell),
    )  # fmt: skip
    alt = message(
        "Dots with intervals for {n} questions by {by}. {name}: lowest {worst}, {low}; highest {best}, "
        "{high}.",
        n=Quantity(len(chosen)), **facts,
    )  # fmt: skip
    columns = (message("Value").say(result.context.language), "n")
    return Plot(DotRows(rows, axis, columns), title, subtitle, note, alt, result.context.language)


def _rows(result: CrosstabResult, block: Block, numbers: list[Number]) -> list[DotRow]:
    lang = result.context.language
    heading = naming.name(result.study, result.study.item(numbers[0].question)).say(lang)
    return [
        DotRow(
            block.labels[block.values.index(number.group)], number.ci_low, number.estimate, number.ci_high,
            number.amount.say(lang), interval(number.ci_low, number.ci_high, number.unit, lang, compact=True),
            Quantity(number.n).say(lang), theme.ALERT if at == 0 else theme.MAIN, strong=at == 0,
            heading="" if at else heading,
        )
        for at, number in enumerate(numbers)
    ]  # fmt: skip
