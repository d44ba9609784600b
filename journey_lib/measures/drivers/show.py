"""The parts of the drivers page: figures, the models as a table, and each stage's own drivers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.drivers import pictures, words
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Quantity, message, say
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.drivers.result import DriversResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number


def part(result: DriversResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    lang = result.context.language
    found: Block | None
    if kind in ("models", "stages"):
        found = _models(result) if kind == "models" else _stages(result)
    else:
        found = blocks.figure(pictures.draw(result, kind, None))
    why = message("No stage has a question of its own and two touchpoints that enough people rated.")
    return blocks.together([found], why, lang)


def _models(result: DriversResult) -> Block:
    lang = result.context.language
    ordinal = any(n.metric == "odds_ratio" for n in result.shown.values())
    header = [
        message("Driver"), message("Share, %"), message("Rank"), message("Coefficient"),
        message("Correlation"), message("Satisfied, %"),
    ]  # fmt: skip
    if ordinal:
        header.insert(4, message("Odds ratio"))
    rows = []
    for number in result.drivers_of():
        cells = [
            _cell(result, "importance", number), _rank(result, number), _cell(result, "coefficient", number),
            _cell(result, "correlation", number, bounds=False), _cell(result, "satisfied", number),
        ]  # fmt: skip
        if ordinal:
            cells.insert(3, _cell(result, "odds_ratio", number))
        rows.append(Row(words.name(result, number).say(lang), cells))
    outcome = naming.name(result.study, result.study.item(result.outcome))
    explained = result.number("explained", result.outcome)
    base = message(
        "Outcome: {outcome}; weighted, n = {n}; all drivers together explain {share}",
        outcome=outcome, n=Quantity(explained.n), share=explained.amount,
    )  # fmt: skip
    note = message(
        "Sorted by share. Second line: {level} interval. Share: of what all drivers explain. Coefficient: "
        "points of the outcome per point of the rating, the others held. Odds ratio: odds of a higher answer "
        "per point. Satisfied: everybody who rated the touchpoint.",
        level=Quantity(float(str(result.settings["level"])), "share"),
    )
    words_ = [say(one, lang) for one in header]
    return table(
        message("The same drivers, number by number"), base, words_, rows, note, lang, result.context.min_cell
    )


def _stages(result: DriversResult) -> Block | None:
    lang, places = result.context.language, {s.id: s.place for s in result.context.stages}
    rows = []
    for outcome in result.outcomes[1:]:
        question = result.study.item(outcome)
        explained = result.number("explained", outcome, outcome)
        heading = naming.heading(result.study, question.stage).say(lang)
        for at, number in enumerate(result.drivers_of(outcome)):
            cells: list[Cell | str] = [
                _cell(result, "importance", number, outcome), _cell(result, "coefficient", number, outcome),
                Quantity(explained.estimate, "share", bare=True).say(lang) if at == 0 else "",
                Cell(number.n, "count"),
            ]  # fmt: skip
            opens = heading if at == 0 else ""
            rows.append(
                Row(words.name(result, number).say(lang), cells, opens, places.get(question.stage, -1))
            )
    if not rows:
        return None
    header = [
        message("Driver"),
        message("Share, %"),
        message("Coefficient"),
        message("Explained, %"),
        "n",
    ]
    base = message("Satisfaction with each stage as a whole, by the ratings of its touchpoints; weighted")
    note = message(
        "Sorted by share within a stage. Second line: {level} interval. Explained: what the stage's "
        "touchpoints say together; where it is small, the stage is judged by something not asked.",
        level=Quantity(float(str(result.settings["level"])), "share"),
    )
    title = message("What goes with satisfaction inside each stage")
    return table(title, base, [say(one, lang) for one in header], rows, note, lang, result.context.min_cell)


def _cell(
    result: DriversResult, metric: str, driver: Number, outcome: str = "", *, bounds: bool = True
) -> Cell:
    number = result.number(metric, driver.question, outcome)
    low, high = (number.ci_low, number.ci_high) if bounds else (math.nan, math.nan)
    return Cell(
        number.estimate, number.unit or "score", low, high, number.n, masked=number.hidden,
        withheld=number.withheld, signed=metric == "coefficient",
        no_interval=bounds and math.isfinite(number.estimate) and not math.isfinite(low),
    )  # fmt: skip


def _rank(result: DriversResult, driver: Number) -> Cell:
    number = result.number("rank", driver.question)
    same = number.ci_low == number.ci_high
    low, high = (math.nan, math.nan) if same else (number.ci_low, number.ci_high)
    return Cell(number.estimate, "count", low, high, number.n, masked=number.hidden)
