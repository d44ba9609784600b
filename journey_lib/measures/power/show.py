"""The parts of the page on sample sizes: two figures, sizes by way of reading, and prices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.power import pictures
from journey_lib.measures.power.count import ARMS, COVARIATES, LOOKS, SEGMENTS
from journey_lib.measures.power.plan import MODES
from journey_lib.measures.power.words import change, mode_words
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.power.result import PowerResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number


def part(result: PowerResult, kind: str) -> Block:
    """Return a part of the page."""
    return {
        "curve": lambda: blocks.figure(pictures.curve(result)),
        "weeks": lambda: blocks.figure(pictures.weeks(result)),
        "sizes": lambda: _sizes(result),
        "prices": lambda: _prices(result),
    }[kind]()


def _sizes(result: PowerResult) -> Block:
    lang, plan = result.context.language, result.plan
    header = [
        "",
        *(
            head.say(lang)
            for head in (
                message("Customers needed"), message("Used on average"), message("Days"),
                message("Found with {n}", n=Quantity(result.counted.total)),
            )
        ),
    ]  # fmt: skip
    rows = []
    for mode in MODES:
        cells: list[Cell | str] = [
            _cell(result.number("sample_size", mode), "count"),
            _cell(result.number("expected_size", mode), "count"),
            _cell(result.number("duration", mode), "days", decimals=0),
            _percent(result.number("detectable", mode, "total"), lang),
        ]
        rows.append(Row(mode_words(plan, mode).say(lang), cells))
    note = message(
        "Second line: over the {level} interval of the baseline. Used on average: if the change is as large "
        "as assumed, for it stops early.",
        level=Quantity(plan.asked.level, "share"),
    )
    title = message("Customers and days by way of reading")
    base = message(
        "To find {change} in {power} of experiments",
        change=change(result.counted.lift), power=Quantity(plan.asked.power, "share"),
    )  # fmt: skip
    return table(title, base, header, rows, note, lang, result.context.min_cell)


def _prices(result: PowerResult) -> Block:
    lang = result.context.language
    header = ["", message("Number").say(lang)]
    rows = [*_arms(result), *_looks(result), *_segments(result), *_covariates(result), *_guards(result)]
    note = message(
        "Arms of one size, each against the control, Bonferroni. Looks: O'Brien–Fleming over one look. "
        "A part of the customers finds only larger changes; a difference between segments needs more again."
    )
    two, three = (result.number("arms_size", "", str(arms)).estimate for arms in ARMS[:2])
    title = message("A third arm takes {more} more customers", more=Quantity(three / two - 1, "share"))
    base = message("All else as planned")
    return table(title, base, header, rows, note, lang, result.context.min_cell)


def _arms(result: PowerResult) -> list[Row]:
    lang = result.context.language
    return [
        Row(
            message("Customers with {n} arms", n=Quantity(arms)).say(lang),
            [_cell(result.number("arms_size", "", str(arms)), "count")],
            message("Arms").say(lang) if at == 0 else "",
        )
        for at, arms in enumerate(ARMS)
    ]


def _looks(result: PowerResult) -> list[Row]:
    lang = result.context.language
    rows = []
    for at, looks in enumerate(LOOKS[1:]):
        factor = result.number("looks_factor", "", str(looks)).estimate
        more = Quantity(factor - 1, "share", 1, signed=True).say(lang)
        name = message("More customers for {n} planned looks", n=Quantity(looks)).say(lang)
        rows.append(Row(name, [more], message("Looks").say(lang) if at == 0 else ""))
    return rows


def _segments(result: PowerResult) -> list[Row]:
    lang = result.context.language
    return [
        Row(
            message("Change found in {part} of the customers", part=Quantity(part, "share")).say(lang),
            [_percent(result.number("segment_detectable", "", f"{part:g}"), lang)],
            message("Segments").say(lang) if at == 0 else "",
        )
        for at, part in enumerate(SEGMENTS)
    ]


def _covariates(result: PowerResult) -> list[Row]:
    lang = result.context.language
    rows = []
    for at, r in enumerate(COVARIATES):
        left = result.number("covariate_factor", "", f"{r:g}").estimate - 1
        name = message("Customers with a covariate that correlates {r}", r=Quantity(r, "score", 1)).say(lang)
        words = Quantity(left, "share", signed=True).say(lang)
        rows.append(Row(name, [words], message("Known before").say(lang) if at == 0 else ""))
    return rows


def _guards(result: PowerResult) -> list[Row]:
    lang = result.context.language
    rows = []
    for at, (stage, margin) in enumerate(result.plan.guardrails):
        number = result.number("guardrail_size", stage=stage)
        if not number.metric:
            continue
        name: Message = message(
            "Customers to show that {stage} does not fall by {margin}",
            stage=result.study.stage(stage).label, margin=Quantity(margin, "share", 1),
        )  # fmt: skip
        heading = message("Guardrails").say(lang) if at == 0 else ""
        rows.append(Row(name.say(lang), [_cell(number, "count")], heading))
    return rows


def _cell(number: Number, unit: str, *, decimals: int | None = None) -> Cell | str:
    return Cell(number.estimate, unit, number.ci_low, number.ci_high, masked=number.hidden, decimals=decimals)


def _percent(number: Number, lang: str) -> str:
    return (
        change(number.estimate).say(lang) if math.isfinite(number.estimate) else Quantity(math.nan).say(lang)
    )
