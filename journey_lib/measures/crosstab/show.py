"""The parts of the crosstab page: one line a question with letters, every answer, and the tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.crosstab import pictures
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Inside, Message, Quantity, message, say
from journey_lib.stats.tables.lettering import letter
from journey_lib.study import naming
from journey_lib.study.questions import main_metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.measures.crosstab.banners import Block as Banner
    from journey_lib.measures.crosstab.result import CrosstabResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Question

MOST_SHOWN = 12  # columns of one table


def part(result: CrosstabResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    lang = result.context.language
    made: list[Block | None]
    if kind == "differences":
        plot = pictures.differences(result)
        made = [blocks.figure(plot) if plot else None]
    elif kind == "tests":
        made = [_tests(result)]
    else:
        lister = _items if kind == "items" else _answers
        made = [lister(result, block) for block in result.blocks]
    return blocks.together(made, _why_not(kind), lang)


def _why_not(kind: str) -> Message:
    if kind == "differences":
        return message("No question differs between these columns by more than chance makes.")
    return message("This report holds no question for this part.")


def _items(result: CrosstabResult, block: Banner) -> Block | None:
    asked = [q for q in result.asked if q.kind not in ("single", "multi")]
    rows = []
    for question, heading, stop in naming.along_the_journey(result.study, asked):
        cells = _line(result, block, main_metric(question), question)
        name = naming.row_name(result.study, question).say(result.context.language)
        rows.append(Row(name, [naming.measure(question), *cells], heading, stop))
    title = message("Every question by {by}", by=Inside(block.title))
    base = message("Share satisfied (top 2) in %, NPS in points, effort as a mean; weighted")
    return _table(result, block, title, base, [message("Item"), message("Measure")], rows)


def _answers(result: CrosstabResult, block: Banner) -> Block | None:
    rows = []
    for question in result.asked:
        if question.kind not in ("single", "multi"):
            continue
        heading = question.label.say(result.context.language)
        options = dict.fromkeys(
            option for metric, q, segment, group, option in result.shown
            if metric == "selected" and q == question.id and segment == block.name and group == ""
        )  # fmt: skip
        for at, option in enumerate(options):
            cells = _line(result, block, "selected", question, option)
            rows.append(Row(_option(result, question, option), cells, "" if at else heading))
    title = message("Every answer by {by}", by=Inside(block.title))
    base = message(
        "Share of those asked in %; where several answers are possible they add up to more than 100%"
    )
    return _table(result, block, title, base, [message("Answer")], rows)


def _option(result: CrosstabResult, question: Question, option: str) -> str:
    label = question.options.get(option) or question.labels.get(option)
    return label.say(result.context.language) if label else option


def _line(
    result: CrosstabResult, block: Banner, metric: str, question: Question, option: str = ""
) -> list[Cell | str]:
    total = result.number(metric, question.id, block.name, option=option)
    cells = [
        result.number(metric, question.id, block.name, value, option) for value in block.values[:MOST_SHOWN]
    ]
    return [_cell(result, total), *(_cell(result, number) for number in cells)]


def _cell(result: CrosstabResult, number: Number) -> Cell:
    flat = math.isfinite(number.estimate) and not math.isfinite(number.ci_low)
    return Cell(
        number.estimate, number.unit or "share", number.ci_low, number.ci_high, number.n,
        masked=number.hidden,
        withheld=number.withheld, thin=number.n < result.context.flag_cell, signed=number.unit == "points",
        no_interval=flat, letters=result.mark(number),
    )  # fmt: skip


def _tests(result: CrosstabResult) -> Block | None:
    lang, rows = result.context.language, []
    for block in result.blocks:
        found = [result.number("association", q.id, block.name) for q in result.asked]
        found = sorted((n for n in found if math.isfinite(n.p_value)), key=lambda n: (n.p_value, -n.estimate))
        for at, number in enumerate(found):
            p = number.p_value
            words = "< 0.001" if p < 0.001 else Quantity(p, "score", 3).say(lang)
            cells: list[Cell | str] = [
                Cell(number.estimate, "score", n=number.n),
                words,
                Cell(number.n, "count"),
            ]
            name = naming.name(result.study, result.study.item(number.question)).say(lang)
            rows.append(Row(name, cells, "" if at else block.title.say(lang)))
    if not rows:
        return None
    header = [message("Item"), message("Cramér's V"), message("p (Holm)"), "n"]
    note = message(
        "Rao–Scott test of all answers of a question by all columns, under the design; Holm over the "
        "questions. "
        "V: 0 no association, 1 complete."
    )
    title = message("Which questions differ at all")
    base = message("Smallest p first")
    return table(title, base, [say(h, lang) for h in header], rows, note, lang, result.context.min_cell)


def _table(
    result: CrosstabResult,
    block: Banner,
    title: Message,
    base: Message,
    lead: Sequence[Message],
    rows: Sequence[Row],
) -> Block | None:
    if not rows:
        return None
    lang, shown = result.context.language, block.labels[:MOST_SHOWN]
    letters = result.how.versus != "rest"
    columns = [f"{label} ({letter(at)})" if letters else label for at, label in enumerate(shown)]
    header = [*(say(h, lang) for h in lead), message("Total").say(lang), *columns]
    return table(title, base, header, rows, _note(result, block), lang, result.context.min_cell)


def _note(result: CrosstabResult, block: Banner) -> Message:
    sign = (
        message("+ and −: higher or lower than everybody else.")
        if result.how.versus == "rest"
        else message(
            "A letter names a column that this one is larger than; capitals are surer than small ones."
        )
    )
    words = message(
        "{sign} Second line: {level} interval. * n {cell} to {last}. Hatched: masked. A missing letter is "
        "not "
        "“equal”.",
        sign=sign, level=Quantity(result.how.level, "share"), cell=Quantity(result.context.min_cell),
        last=Quantity(result.context.flag_cell - 1),
    )  # fmt: skip
    if len(block.values) <= MOST_SHOWN:
        return words
    more = message("{shown} of {all} columns are shown.", shown=MOST_SHOWN, all=len(block.values))
    return message("{a} {b}", a=words, b=more)
