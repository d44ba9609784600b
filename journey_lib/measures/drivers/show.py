"""The parts of the drivers page: figures, the models as a table, and each stage's own drivers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.measures.drivers import pictures, words
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Names, Quantity, message, say
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.drivers.result import DriversResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number


def part(result: DriversResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    lang = result.context.language
    listers = {"models": _models, "stages": _stages, "groups": _groups}
    found = listers[kind](result) if kind in listers else blocks.figure(pictures.draw(result, kind, None))
    why = (
        message("This run compares no groups. Set `by` to a column, such as region.")
        if kind == "groups"
        else message("No stage has a question of its own and two touchpoints that enough people rated.")
    )
    return blocks.together([found], why, lang)


def _models(result: DriversResult) -> Block:
    lang = result.context.language
    ordinal = bool(result.of("odds_ratio"))
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
        level=Quantity(result.level, "share"),
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
        level=Quantity(result.level, "share"),
    )
    title = message("What goes with satisfaction inside each stage")
    return table(title, base, [say(one, lang) for one in header], rows, note, lang, result.context.min_cell)


def _groups(result: DriversResult) -> Block | None:
    """List each driver's coefficient in every group; signs where it differs from everybody else's."""
    if not result.groups:
        return None
    lang = result.context.language
    known = [g for g in result.groups if math.isfinite(_explained(result, g).estimate)]
    few = [g for g in result.groups if g not in known]
    header = [message("Driver").say(lang), message("Everybody").say(lang)]
    header += [result.study.level(result.by, group) for group in known]
    rows = []
    for metric, heading in (
        ("importance", message("Share, %")), ("coefficient", message("Coefficient")),
    ):  # fmt: skip
        for at, number in enumerate(result.drivers_of()):
            cells: list[Cell | str] = [_cell(result, metric, number)]
            cells += [_of_group(result, metric, number, group) for group in known]
            rows.append(Row(words.name(result, number).say(lang), cells, "" if at else heading.say(lang)))
    every = [_explained(result, group) for group in ("", *known)]
    explained = [Cell(n.estimate, "share", n=n.n, masked=n.hidden) for n in every]
    rows.append(Row(message("Explained, %").say(lang), explained, message("All drivers").say(lang)))
    rows.append(Row("n", [Cell(n.n, "count", masked=n.hidden, withheld=n.withheld) for n in every]))
    note = message(
        "Second line: {level} interval. {plus} and {minus}: the coefficient is higher or lower than that of "
        "everybody else, Holm over groups and drivers. Shares of groups with few answers are unsure; a "
        "missing sign is not “equal”.",
        level=Quantity(result.level, "share"), plus="+", minus="−",
    )  # fmt: skip
    if few:
        less = message(
            "Too few complete answers: {names}.",
            names=Names(tuple(result.study.level(result.by, g) for g in few)),
        )
        note = message("{a} {b}", a=note, b=less)
    outcome = naming.name(result.study, result.study.item(result.outcome))
    title = message(
        "What goes with {outcome}, by {by}", outcome=outcome, by=naming.column(result.study, result.by)
    )
    base = message("Shares of what all ratings explain, and points of the outcome per point; weighted")
    return table(title, base, header, rows, note, lang, result.context.min_cell)


def _explained(result: DriversResult, group: str) -> Number:
    return result.number("explained", result.outcome, group=group)


def _of_group(result: DriversResult, metric: str, driver: Number, group: str) -> Cell:
    gap = result.number("coefficient_gap", driver.question, group=group)
    clear = metric == "coefficient" and gap.p_value < words.ALPHA and not gap.hidden
    made = _cell(result, metric, driver, group=group)
    return replace(made, letters=("+" if gap.estimate > 0 else "−") if clear else "")


def _cell(
    result: DriversResult,
    metric: str,
    driver: Number,
    outcome: str = "",
    *,
    bounds: bool = True,
    group: str = "",
) -> Cell:
    number = result.number(metric, driver.question, outcome or result.outcome, group=group)
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
