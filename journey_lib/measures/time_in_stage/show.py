"""The parts of the page on time in stages: a figure with the table of its numbers, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journey_lib.measures.time_in_stage import pictures, terms
from journey_lib.measures.time_in_stage.count import EXITS, HORIZONS
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.numbers import Number
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message, say
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.time_in_stage.result import TimeInStageResult


def part(result: TimeInStageResult, kind: str, stage: str = "") -> Block:
    """Return figure and table of a kind as one block."""
    drawers = {"medians": pictures.medians, "stages": pictures.stages, "exits": pictures.exits}
    listers = {"stages": _shares, "medians": _days, "exits": _exits, "groups": _groups, "waiting": _waiting}
    plot = (
        pictures.curve(result, stage)
        if kind == "curve"
        else drawers[kind](result)
        if kind in drawers
        else None
    )
    listed = listers[kind](result) if kind in listers else None
    why = {
        "groups": message("This run does not split the customers. Set `by` to a column, such as region."),
        "waiting": message("Nobody is in a stage now."),
    }.get(kind, message("Too few were followed long enough to say how long they stay."))
    return blocks.together([blocks.figure(plot) if plot else None, listed], why, result.context.language)


def _days(result: TimeInStageResult) -> Block | None:
    def cells(stage: str) -> list[Cell | str]:
        entered = result.number("spells", stage)
        read = [result.number("quartile_days", stage, option="25"), result.number("median_days", stage)]
        return [_count(entered), *(_cell(result, x) for x in (result.number("mover_days", stage), *read))]

    note = message(
        "Second line: {level} interval; en dash in place of an estimate: so many never moved on while they "
        "were followed. Order: the journey.",
        level=terms.confidence(result),
    )
    return _table(
        result,
        message("Half of the movers, and of all who entered"),
        message("Days since entering the stage"),
        [message("Stage"), message("Entered"), message("Half of those who moved on"),
         message("A quarter of all"), message("Half of all")],
        [Row(_name(result, stage), cells(stage)) for stage in result.visited],
        note,
    )  # fmt: skip


def _shares(result: TimeInStageResult) -> Block | None:
    def cells(stage: str) -> list[Cell | str]:
        read = [result.number("moved_on", stage, option=str(days)) for days in HORIZONS]
        return [_count(result.number("spells", stage)), *(_cell(result, x) for x in read)]

    header = [message("{n} days", n=Quantity(d)) if d > 1 else message("1 day") for d in HORIZONS]
    note = message(
        "Second line: {level} interval; none where nobody had moved. En dash: fewer than 10 were followed.",
        level=terms.confidence(result),
    )
    return _table(
        result,
        message("Who had moved on by when"),
        message("Share of those who entered that had moved on to the next stage, in %"),
        [message("Stage"), message("Entered"), *header],
        [Row(_name(result, stage), cells(stage)) for stage in result.visited],
        note,
    )


def _exits(result: TimeInStageResult) -> Block | None:
    names = [name for name in EXITS if name != "silence" or result.counted.plan.silence]
    said = terms.exit_names()

    def cells(stage: str) -> list[Cell | str]:
        days = terms.days(result.horizon(stage)).say(result.context.language)
        read = [result.only(f"exit_{name}", stage) for name in names]
        return [
            days,
            *(_cell(result, x) for x in read),
            _cell(result, result.only("mean_days", stage)),
        ]

    note = message(
        "Second line: {level} interval. The shares of a row add up to 100. Mean days: time in the stage up "
        "to the horizon, whatever ended it.",
        level=terms.confidence(result),
    )
    return _table(
        result,
        message("Where they were at the horizon"),
        message("Share of those who entered, in %; mean in days"),
        [message("Stage"), message("Horizon"), *(said[name] for name in names), message("Mean days")],
        [Row(_name(result, stage), cells(stage)) for stage in result.visited],
        note,
    )


def _groups(result: TimeInStageResult) -> Block | None:
    if not result.counted.groups:
        return None
    rows: list[Row] = []
    for place, stage in enumerate(result.visited):
        test = next((n for n in result.of("groups_differ") if n.stage == stage), None)
        heading = _heading(result, stage, test)
        for group in result.counted.groups:
            if (entered := result.number("spells", stage, group=group)).metric:
                name = say(terms.group(result, group), result.context.language)
                rows.append(
                    Row(name, _compared(result, stage, group, entered), heading, place if heading else -1)
                )
                heading = ""
    note = message(
        "Second line: {level} interval. Differences and ratios compare with the largest group, in the row "
        "without them; a ratio above 1 is faster. p: Holm-corrected over stages. Hatched: masked.",
        level=terms.confidence(result),
    )
    return _table(
        result,
        message("Time in stage by {by}", by=naming.column(result.study, result.counted.plan.by)),
        message("Days; moved on in % at the horizon of the stage"),
        [message("Group"), message("Entered"), message("Moved on, %"), message("Half of movers"),
         message("Mean days"), message("Difference"), message("Speed ratio")],
        rows,
        note,
    )  # fmt: skip


def _compared(result: TimeInStageResult, stage: str, group: str, entered: Number) -> list[Cell | str]:
    metrics = ("exit_next", "mover_days", "mean_days", "mean_difference", "hazard_ratio")
    read = [result.only(metric, stage, group) for metric in metrics]
    return [_count(entered), *(_cell(result, x, signed=x.metric == "mean_difference") for x in read)]


def _heading(result: TimeInStageResult, stage: str, test: Number | None) -> str:
    lang = result.context.language
    name = _name(result, stage)
    if test is None or not math.isfinite(test.p_value):
        return name
    p_value = "< 0.001" if test.p_value < 0.001 else f"= {test.p_value:.3f}"
    said = (
        message("{stage}: log-rank p {p}", stage=name, p=p_value)
        if test.option == "logrank"
        else message("{stage}: joint test of the ratios, p {p}", stage=name, p=p_value)
    )
    return said.say(lang)


def _waiting(result: TimeInStageResult) -> Block | None:
    rows = []
    lang = result.context.language
    for stage in result.counted.stages:
        now = result.number("in_stage_now", stage)
        if not now.metric or now.estimate == 0:
            continue
        longer = result.only("overdue", stage)
        limit = terms.days(float(longer.option)).say(lang) if longer.option and not longer.hidden else "–"
        rows.append(
            Row(
                _name(result, stage),
                [
                    _count(now),
                    _cell(result, result.number("waiting_days", stage)),
                    limit,
                    _cell(result, longer),
                ],
            )
        )
    note = message(
        "The third column is the time by which 19 of 20 of those who moved on had done so. Who has waited "
        "longer may have left without a word. Order: the journey."
    )
    return _table(
        result,
        message("Who is in each stage now, and for how long"),
        message("Customers at the end of the window; days since they entered"),
        [message("Stage"), message("There now"), message("Half have waited"), message("19 of 20 moved by"),
         message("Waiting longer, %")],
        rows,
        note,
    )  # fmt: skip


def _name(result: TimeInStageResult, stage: str) -> str:
    return terms.stage(result, stage).say(result.context.language)


def _count(number: Number) -> Cell:
    return Cell(number.n, "count", masked=number.hidden, withheld=number.withheld)


def _cell(result: TimeInStageResult, number: Number, *, signed: bool = False) -> Cell | str:
    """Return a number as a cell; parts of a day carry their unit, because the column is in days."""
    days = number.unit == "days" and number.estimate == number.estimate
    if days and not signed and terms.scale(number.estimate)[1]:
        value, bounds = terms.beside(number, result.context.language)
        return f"{value} ({bounds})" if number.ci_low == number.ci_low else value
    return Cell(
        number.estimate, number.unit or "score", number.ci_low, number.ci_high, number.n,
        masked=number.hidden, withheld=number.withheld, signed=signed,
        decimals=terms.decimals(number) if days else None,
    )  # fmt: skip


def _table(
    result: TimeInStageResult,
    title: Message,
    base: Message,
    header: Sequence[Message],
    rows: Sequence[Row],
    note: Message,
) -> Block | None:
    """Return rows as a table in the language of the page; None without rows."""
    lang = result.context.language
    names = [name.say(lang) for name in header]
    return table(title, base, names, rows, note, lang, result.context.min_cell) if rows else None
