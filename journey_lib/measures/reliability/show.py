"""The parts of the reliability page: the items as a figure, the coefficients as a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.reliability import pictures
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.reliability.result import ReliabilityResult
    from journey_lib.present.blocks import Block


def part(result: ReliabilityResult, kind: str) -> Block:
    """Return a part of the page."""
    return blocks.figure(pictures.items(result)) if kind == "items" else _scales(result)


def _scales(result: ReliabilityResult) -> Block:
    lang = result.context.language
    heads = (message("Alpha"), message("Item–rest"), message("Alpha without"), message("Loading"))
    header = ["", *(head.say(lang) for head in heads)]
    rows = []
    for scale in result.scales:
        whole: list[Cell | str] = [_cell(result, "alpha", scale), "", "", ""]
        rows.append(Row(message("All items").say(lang), whole, result.study.scale_label(scale).say(lang)))
        for metric, name in whole_names():
            if result.number(metric, scale).metric:
                rows.append(Row(name.say(lang), [_cell(result, metric, scale, bounds=False), "", "", ""]))
        for item in result.items(scale):
            cells: list[Cell | str] = [
                "", _cell(result, "item_rest", scale, item),
                _cell(result, "alpha_without", scale, item, bounds=False),
                _cell(result, "loading", scale, item, bounds=False),
            ]  # fmt: skip
            rows.append(Row(result.study.item(item).label.say(lang), cells))
    note = message(
        "Second line: {level} interval. Alpha: consistency of the raw answers. Ordinal alpha: of the "
        "attitudes "
        "behind them. Omega: lets items weigh differently. Loading: on one common factor. En dash: too few "
        "items.",
        level=Quantity(result.level, "share"),
    )
    base = message("Weighted, n = {n}", n=Quantity(result.basis.n))
    return table(message("Every coefficient"), base, header, rows, note, lang, result.context.min_cell)


def whole_names() -> tuple[tuple[str, Message], ...]:
    """Return the coefficients of a whole scale beside alpha, with their names."""
    return (
        ("alpha_standardised", message("Standardised alpha")),
        ("alpha_ordinal", message("Ordinal alpha")),
        ("omega", message("Omega total")),
        ("spearman_brown", message("Spearman–Brown")),
    )


def _cell(result: ReliabilityResult, metric: str, scale: str, item: str = "", *, bounds: bool = True) -> Cell:
    number = result.number(metric, scale, item)
    low, high = (number.ci_low, number.ci_high) if bounds else (math.nan, math.nan)
    return Cell(number.estimate, "score", low, high, number.n, masked=number.hidden, withheld=number.withheld)
