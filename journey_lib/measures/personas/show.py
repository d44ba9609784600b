"""The parts of the personas page: the cards, the figure, and what each segment said."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from journey_lib.measures.personas import pictures, terms, words
from journey_lib.measures.personas.count import BUILT, GOES, Line
from journey_lib.present import blocks, cards
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import (
    DASH,
    Message,
    Names,
    Quantity,
    day,
    interval,
    message,
    plural,
    wave_name,
)
from journey_lib.study import naming
from journey_lib.study.questions import main_metric

if TYPE_CHECKING:
    from journey_lib.measures.personas.groups import Persona
    from journey_lib.measures.personas.result import PersonasResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Question


def part(result: PersonasResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    lang = result.context.language
    if kind == "cards":
        return cards.cards([card(result, one) for one in result.personas], lang)
    if kind == "stages":
        plot = pictures.stages(result)
        why = message("No event tells which stages these people reached.")
        return blocks.together([blocks.figure(plot) if plot else None], why, lang)
    why = message("Nobody was asked how satisfied they are.")
    return blocks.together([_satisfaction(result)], why, lang)


def card(result: PersonasResult, one: Persona) -> cards.Card:
    """Return the card of one segment."""
    lang = result.context.language
    unlike = words.unlike(result, one)
    told = message("Unlike everybody in: {names}", names=Names(tuple(unlike))).say(lang) if unlike else ""
    groups = (
        (message("Built from (describes, does not test)").say(lang), _lines(result, one, BUILT)),
        (message("Goes with (not part of the rule)").say(lang), _lines(result, one, GOES)),
    )
    head = (message("What differs"), message("Here"), message("All"), message("Index"))
    small = [_journey(result, one), _said(result, one)]
    return cards.Card(
        title=one.label.say(lang),
        rule=one.rule.say(lang),
        unlike=told,
        facts=_facts(result, one),
        header=(head[0].say(lang), head[1].say(lang), head[2].say(lang), head[3].say(lang)),
        groups=groups,
        tables=[made for made in small if made[1]],
        notes_title=message("What we do not know").say(lang),
        notes=[note.say(lang) for note in _unknown(result, one)],
        foot=message(
            "Data until {day}. Shown: effects of {effect} standard deviations or more, n ≥ 30.",
            day=day(result.whom.who.snapshot, lang),
            effect=Quantity(result.plan.effect, "score"),
        ).say(lang),
    )


def _facts(result: PersonasResult, one: Persona) -> list[cards.CardFact]:
    lang, least = result.context.language, result.context.min_cell
    size = result.number("size", segment=one.name)
    name = message("Size").say(lang)
    if size.hidden or not size.known:
        return [cards.CardFact(name, _hidden(size, least, lang))]
    bounds = interval(size.ci_low, size.ci_high, "share", lang, decimals=1, compact=True)
    value = Quantity(size.estimate, "share", 1).say(lang)
    found = [cards.CardFact(name, value, f"{bounds}, {terms.size(size).say(lang)}")]
    asked = result.counted.answered.get(one.name, 0)
    if asked >= least:
        found.append(cards.CardFact(message("Answered").say(lang), Quantity(asked).say(lang),
                                    message("people, any wave").say(lang)))  # fmt: skip
    if one.saved is not None:
        age = message("version {version}, saved for {day}", version=one.saved.version,
                      day=day(date.fromisoformat(one.saved.snapshot), lang))  # fmt: skip
        word = message("frozen list") if one.saved.frozen else message("live rule")
        found.append(cards.CardFact(message("Rule").say(lang), word.say(lang), age.say(lang)))
    stable = message("not assessed")
    why = message("a rule, not a cluster")
    found.append(
        cards.CardFact(message("Stability").say(lang), stable.say(lang), why.say(lang), "not_assessable")
    )
    return found


def _hidden(number: Number, least: int, lang: str) -> str:
    return message("masked").say(lang) if number.withheld else f"n < {least}"


def _lines(result: PersonasResult, one: Persona, kind: str) -> list[cards.CardLine]:
    return [_line(result, line) for line in result.counted.lines[one.name] if line.kind == kind]


def _line(result: PersonasResult, line: Line) -> cards.CardLine:
    lang, variable = result.context.language, line.variable
    where = {"question": variable.column, "option": variable.option, "segment": line.persona}
    value, total, index = (result.number(metric, **where) for metric in ("value", "total", "index"))
    statement = terms.statement(result.study, variable.column, variable.option).say(lang)
    if value.hidden:
        shown = _hidden(value, result.context.min_cell, lang)
        return cards.CardLine(statement, "", "", math.nan, math.nan, math.nan, "", shown)
    return cards.CardLine(
        statement, terms.told(value.estimate, value.unit, lang), terms.told(total.estimate, total.unit, lang),
        index.estimate, index.ci_low, index.ci_high, terms.size(value).say(lang),
    )  # fmt: skip


def _journey(result: PersonasResult, one: Persona) -> tuple[list[str], list[list[str]]]:
    lang = result.context.language
    rows = []
    for stage in result.context.stages:
        own, total = (result.number("reached", stage=stage.id, segment=name) for name in (one.name, ""))
        if own.known and total.known:
            bounds = interval(own.ci_low, own.ci_high, "share", lang, compact=True)
            rows.append([stage.label.say(lang), _percent(own, lang), _percent(total, lang), bounds])
    head = (message("Reached, %"), message("Here"), message("All"), message("Interval"))
    return [word.say(lang) for word in head], rows


def _said(result: PersonasResult, one: Persona) -> tuple[list[str], list[list[str]]]:
    lang = result.context.language
    rows = []
    for question in questions(result):
        own, total = (_answer(result, question, name) for name in (one.name, ""))
        if own.known and total.known and own.n >= result.context.flag_cell:
            places = 1 if own.unit == "score" else 0
            bounds = interval(own.ci_low, own.ci_high, own.unit, lang, decimals=places, compact=True)
            label = f"{_asked(result, question)}, {naming.measure(question)}"
            rows.append([label, _value(own, lang), _value(total, lang), bounds])
    wave = wave_name(result.counted.wave, lang) if result.counted.wave else ""
    first = message("Said, {wave}", wave=wave) if wave else message("Said")
    head = (first, message("Here"), message("All"), message("Interval"))
    return [word.say(lang) for word in head], rows


def questions(result: PersonasResult) -> list[Question]:
    """Return the questions satisfaction is shown of, in the order of the table."""
    asked = {question.id: question for question in result.study.questions}
    named = dict.fromkeys(
        number.question for number in result.shown.values() if number.metric in ("top2", "nps", "mean")
    )
    return [asked[name] for name in named]


def _answer(result: PersonasResult, question: Question, segment: str) -> Number:
    metric = main_metric(question)
    return result.number(metric, question=question.id, stage=question.stage, segment=segment)


def _asked(result: PersonasResult, question: Question) -> str:
    return naming.name(result.study, question).say(result.context.language)


def _percent(number: Number, lang: str) -> str:
    return Quantity(number.estimate, "share", bare=True).say(lang)


def _value(number: Number, lang: str) -> str:
    places = 1 if number.unit == "score" else 0
    signed = number.unit == "points"
    return Quantity(number.estimate, number.unit, places, signed=signed, bare=True).say(lang)


def _unknown(result: PersonasResult, one: Persona) -> list[Message]:
    """Return what the card cannot say: causes, people who were not asked, blocks without a column."""
    said = [message("Why: every line is an association, none a cause.")]
    size, asked = result.number("size", segment=one.name), result.counted.answered.get(one.name, 0)
    silent = 0 if size.hidden else int(size.n) - asked
    if min(asked, silent) >= result.context.min_cell:
        said.append(
            plural(
                "What the {n} member who never answered the survey thinks.",
                "What the {n} members who never answered the survey think.",
                n=Quantity(silent),
            )
        )
    blocks_ = set(result.counted.tested["block"])
    if "psychographic" not in blocks_:
        said.append(message("What they value: no scale item was asked of enough of them."))
    if not any(line.kind == GOES for line in result.counted.lines[one.name]):
        said.append(message("What goes with it: no difference is large and sure enough."))
    if one.unknown >= result.context.min_cell:
        said.append(
            message("Whether {n} more people belong here: a value is missing.", n=Quantity(one.unknown))
        )
    said.append(message("Needs and fears in their own words: run the comments report for this segment."))
    return said


def _satisfaction(result: PersonasResult) -> Block | None:
    lang, asked = result.context.language, questions(result)
    if not asked:
        return None
    rows = []
    for name, label in [
        *((p.name, p.label.say(lang)) for p in result.personas),
        ("", message("All").say(lang)),
    ]:
        rows.append(Row(label, [_cell(_answer(result, q, name), result) for q in asked]))
    header = [
        message("Segment").say(lang), *(f"{_asked(result, q)}, {naming.measure(q)}" for q in asked)
    ]  # fmt: skip
    wave = wave_name(result.counted.wave, lang) if result.counted.wave else DASH
    title = message("What each segment said")
    base = message("Wave {wave}, weighted; members among those who answered", wave=wave)
    note = message(
        "Second line: {level} interval. * fewer than {n} answers. Segments answer at different rates, so a "
        "difference may be who answered.",
        level=terms.confidence(result), n=result.context.flag_cell,
    )  # fmt: skip
    return table(title, base, header, rows, note, lang, result.context.min_cell)


def _cell(number: Number, result: PersonasResult) -> Cell:
    low, high = (number.ci_low, number.ci_high) if number.known else (math.nan, math.nan)
    return Cell(
        number.estimate, number.unit or "score", low, high, number.n, masked=number.hidden,
        thin=number.n < result.context.flag_cell, withheld=number.withheld, signed=number.unit == "points",
    )  # fmt: skip
