"""The crosstab as sheets: every item by the columns of each block, with letters, bases and tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.crosstab.checks import basis_words
from journey_lib.present.sheets import Entry, Sheet
from journey_lib.present.wording import Inside, message
from journey_lib.stats.tables.lettering import letter
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.crosstab.banners import Block
    from journey_lib.measures.crosstab.result import CrosstabResult
    from journey_lib.present.numbers import Number

ASSOCIATION = "association"


def sheets(result: CrosstabResult) -> tuple[Sheet, ...]:
    """Return a sheet for each block, and one with the tests of whole questions."""
    return (*(_block(result, block) for block in result.blocks), _tests(result))


def _block(result: CrosstabResult, block: Block) -> Sheet:
    lang = result.context.language
    lead = (message("Item"), message("Metric"), message("Option"), message("Unit"))
    header = [*(word.say(lang) for word in lead), message("Total").say(lang), "n"]
    for place, label in enumerate(block.labels):
        header += [f"{label} ({letter(place)})", message("Letters").say(lang), "n"]
    rows = [
        _row(result, block, metric, question, option)
        for metric, question, segment, group, option in result.shown
        if segment == block.name and group == "" and metric != ASSOCIATION
    ]
    title = message("Every question by {by}", by=Inside(block.title)).say(lang)
    return Sheet(block.name, title, header, rows, [words.say(lang) for words in basis_words(result.how)])


def _row(result: CrosstabResult, block: Block, metric: str, question: str, option: str) -> list[str | Entry]:
    lang = result.context.language
    total = result.number(metric, question, block.name, option=option)
    name = naming.name(result.study, result.study.item(question)).say(lang)
    cells: list[str | Entry] = [name, metric, option, total.unit, *_pair(result, total)]
    for value in block.values:
        number = result.number(metric, question, block.name, value, option)
        entry, base = _pair(result, number)
        cells += [entry, result.mark(number), base]
    return cells


def _pair(result: CrosstabResult, number: Number) -> tuple[Entry, Entry]:
    """Return a number and its base; words where others may not see them."""
    words = ""
    if number.hidden:
        low = message("n below {cell}", cell=result.context.min_cell)
        words = (message("masked") if number.withheld else low).say(result.context.language)
    return Entry(number.estimate, number.unit, words), Entry(number.n, "count", words)


def _tests(result: CrosstabResult) -> Sheet:
    lang = result.context.language
    header = [
        message("Item").say(lang), message("Banner").say(lang), message("Cramér's V").say(lang),
        message("p (Holm)").say(lang), "n",
    ]  # fmt: skip
    rows: list[list[str | Entry]] = []
    for block in result.blocks:
        for question in result.asked:
            number = result.number(ASSOCIATION, question.id, block.name)
            if math.isfinite(number.p_value):
                name = naming.name(result.study, question).say(lang)
                values = (Entry(number.estimate, "score"), Entry(number.p_value, "p"), Entry(number.n))
                rows.append([name, block.title.say(lang), *values])
    return Sheet(message("Tests").say(lang), message("Which questions differ at all").say(lang), header, rows)
