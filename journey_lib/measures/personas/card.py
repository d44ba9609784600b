"""The card of one segment: facts, lines, journey, answers, own words, the typical member, what is unknown."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from journey_lib.measures.personas import terms, words
from journey_lib.measures.personas.count import BUILT, FEWEST, GOES, Line
from journey_lib.measures.personas.variables import AGREE, SEEN, USED
from journey_lib.present import cards
from journey_lib.present.wording import (
    DASH,
    Message,
    Names,
    Quantity,
    Says,
    day,
    interval,
    message,
    plural,
    wave_name,
)
from journey_lib.study import naming
from journey_lib.study.behaviour import CHANNEL, SHARE
from journey_lib.study.questions import main_metric, overall
from journey_lib.study.segments.words import level_of

if TYPE_CHECKING:
    from journey_lib.measures.personas.groups import Persona
    from journey_lib.measures.personas.result import PersonasResult
    from journey_lib.measures.personas.typical import Trait
    from journey_lib.present.numbers import Number
    from journey_lib.present.result import Status
    from journey_lib.study.definition import Question

PARTED, CHANNELS = 3, 4  # stages whose satisfaction stands on a card, and channels
BADGES: dict[str, Status] = {
    "stable": "passed", "valid": "passed", "pattern": "watch", "doubtful": "failed", "dissolved": "failed",
    "": "not_assessable",
}  # fmt: skip


def card(result: PersonasResult, one: Persona) -> cards.Card:
    """Return the card of one segment."""
    lang = result.context.language
    head = (message("What differs"), message("Here"), message("All"), message("Index"))
    unlike = words.unlike(result, one) if one.saved is None or one.saved.is_list else []
    tables = [_journey(result, one), _said(result, one), _themes(result, one)]
    return cards.Card(
        title=one.label.say(lang),
        rule=one.rule.say(lang),
        unlike=_unlike(unlike).say(lang) if unlike else "",
        facts=_facts(result, one),
        header=(head[0].say(lang), head[1].say(lang), head[2].say(lang), head[3].say(lang)),
        groups=_groups(result, one),
        tables=[table for table in tables if table.rows],
        asides=[aside for aside in (_typical(result, one), _channels(result, one)) if aside],
        quotes=_quotes(result, one),
        notes_title=message("What we do not know").say(lang),
        notes=[note.say(lang) for note in _unknown(result, one)],
        foot=message(
            "Data until {day}. Shown: effects of {effect} standard deviations or more, n ≥ 30.",
            day=day(result.whom.who.snapshot, lang), effect=Quantity(result.plan.effect, "score"),
        ).say(lang),
    )  # fmt: skip


def _unlike(names: list[Message]) -> Message:
    return message("Unlike everybody in: {names}", names=Names(tuple(names)))


# Facts


def _facts(result: PersonasResult, one: Persona) -> list[cards.CardFact]:
    lang, least = result.context.language, result.context.min_cell
    size = result.number("size", segment=one.name)
    name = message("Size").say(lang)
    if size.hidden or not size.known:
        return [cards.CardFact(name, hidden(size, least, lang))]
    bounds = interval(size.ci_low, size.ci_high, "share", lang, decimals=1, compact=True)
    value = Quantity(size.estimate, "share", 1).say(lang)
    found = [cards.CardFact(name, value, f"{bounds}, {terms.size(size).say(lang)}")]
    asked = result.counted.answered.get(one.name, 0)
    if asked >= least:
        found.append(cards.CardFact(message("Answered").say(lang), Quantity(asked).say(lang),
                                    message("people, any wave").say(lang)))  # fmt: skip
    return [*found, _origin(one, lang), _badge(one, lang)]


def _origin(one: Persona, lang: str) -> cards.CardFact:
    """Say what made the segment, and of what day it is."""
    saved = one.saved
    if saved is None:
        word = message("cluster") if one.cluster else message("value of a column")
        return cards.CardFact(message("Made by").say(lang), word.say(lang), message("not saved").say(lang))
    word = message("live rule")
    if saved.frozen:
        word = message("list") if saved.is_list else message("frozen list")
    age = message("version {version}, saved for {day}", version=saved.version,
                  day=day(date.fromisoformat(saved.snapshot), lang))  # fmt: skip
    return cards.CardFact(message("Made by").say(lang), word.say(lang), age.say(lang))


def _badge(one: Persona, lang: str) -> cards.CardFact:
    name, found = message("Stability").say(lang), one.cluster
    if found is None or not found.stability:
        why = message("a rule, not a cluster") if found is None else message("nobody looked")
        return cards.CardFact(name, message("not assessed").say(lang), why.say(lang), "not_assessable")
    word = {
        "stable": message("stable"), "valid": message("valid"), "pattern": message("a pattern"),
        "doubtful": message("doubtful"), "dissolved": message("dissolves"),
    }[found.stability]  # fmt: skip
    told = message("mean overlap {value}", value=Quantity(found.jaccard or 0.0, "score"))
    return cards.CardFact(name, word.say(lang), told.say(lang), BADGES[found.stability])


def hidden(number: Number, least: int, lang: str) -> str:
    """Return what stands in place of a number that is not shown."""
    return message("masked").say(lang) if number.withheld else f"n < {least}"


# Lines


def _groups(result: PersonasResult, one: Persona) -> list[tuple[str, list[cards.CardLine]]]:
    """Return lines under their headings; a base all lines of a heading share stands there once."""
    lang = result.context.language
    heads = {
        BUILT: message("Built from (describes, does not test)"),
        GOES: message("Goes with (not part of the rule)"),
    }
    if one.cluster is not None:
        heads[GOES] = message("Goes with (had no part in building it)")
    found = []
    for kind, head in heads.items():
        lines = [_line(result, line) for line in result.counted.lines[one.name] if line.kind == kind]
        bases = {line.base for line in lines}
        title = head.say(lang)
        if len(bases) == 1 and (base := bases.pop()):
            title, lines = f"{title} · {base}", [cards.without_base(line) for line in lines]
        found.append((title, lines))
    return found


def _line(result: PersonasResult, line: Line) -> cards.CardLine:
    lang, variable = result.context.language, line.variable
    where = {"question": variable.column, "option": variable.option, "segment": line.persona}
    value, total, index = (result.number(metric, **where) for metric in ("value", "total", "index"))
    statement = terms.statement(result.study, variable.column, variable.option).say(lang)
    if value.hidden:
        shown = hidden(value, result.context.min_cell, lang)
        return cards.CardLine(statement, "", "", math.nan, math.nan, math.nan, "", shown)
    return cards.CardLine(
        statement, terms.told(value.estimate, value.unit, lang), terms.told(total.estimate, total.unit, lang),
        index.estimate, index.ci_low, index.ci_high, terms.size(value).say(lang),
    )  # fmt: skip


# Tables


def _journey(result: PersonasResult, one: Persona) -> cards.CardTable:
    lang = result.context.language
    rows = []
    for stage in result.context.stages:
        own, total = _both(result, "reached", one.name, stage=stage.id)
        if not (own.known and total.known):
            continue
        bar = cards.CardBar(own.estimate, own.ci_low, own.ci_high, total.estimate)
        went, days = (_both(result, name, one.name, stage=stage.id) for name in ("went_on", "median_days"))
        cells = [_pair(own, total, lang), _pair(*went, lang), _pair(*days, lang)]
        rows.append(cards.CardRow(stage.label.say(lang), cells, bar))
    head = (message("Journey"), message("Reached, %"), message("Went on, %"), message("Days, median"))
    return cards.CardTable([word.say(lang) for word in head], rows, _key(lang))


def _said(result: PersonasResult, one: Persona) -> cards.CardTable:
    """Return the overall question, and the stages where the segment lies farthest from everybody."""
    lang, whole = result.context.language, overall(result.study)
    found = []
    for question in questions(result):
        own, total = (answer(result, question, name) for name in (one.name, ""))
        if own.known and total.known and own.n >= result.context.flag_cell:
            found.append((question, own, total))
    first = [entry for entry in found if whole is not None and entry[0].id == whole.id]
    rest = sorted((e for e in found if e not in first), key=lambda e: -abs(e[1].estimate - e[2].estimate))
    rows = []
    for question, own, total in [*first, *rest[:PARTED]]:
        bounds = interval(
            own.ci_low, own.ci_high, own.unit, lang, decimals=int(own.unit == "score"), compact=True
        )
        label = f"{naming.name(result.study, question).say(lang)}, {naming.measure(question)}"
        rows.append(cards.CardRow(label, [_pair(own, total, lang), bounds, Quantity(own.n).say(lang)]))
    wave = wave_name(result.counted.wave, lang) if result.counted.wave else ""
    title = message("Said, {wave}", wave=wave) if wave else message("Said")
    heads = [title, message("Here / all"), message("Interval"), message("n")]
    return cards.CardTable([word.say(lang) for word in heads], rows)


def _themes(result: PersonasResult, one: Persona) -> cards.CardTable:
    """Return what members write about, and how those who do rate the whole journey."""
    lang, whole = result.context.language, overall(result.study)
    labels = {theme.id: theme.label or theme.id for theme in result.study.themes}
    rows = []
    for theme in result.counted.voices.themes.get(one.name, ()):
        own, total = _both(result, "mentioned", one.name, option=theme)
        if not (own.known and total.known) or own.n < result.context.flag_cell:
            continue
        score = _rated(result, whole, theme, one.name)
        told = _value(score, lang) if score.known and score.n >= result.context.flag_cell else DASH
        rows.append(
            cards.CardRow(say_label(labels[theme], lang), [_pair(own, total, lang), told, _n(score, result)])
        )
    measure = naming.measure(whole) if whole is not None else ""
    heads = [message("Writes about").say(lang), message("Here / all, %").say(lang), measure,
             message("n").say(lang)]  # fmt: skip
    return cards.CardTable(heads, rows)


def _rated(result: PersonasResult, whole: Question | None, theme: str, segment: str) -> Number:
    """Return how members who mention a theme rate the whole journey."""
    if whole is None:
        return result.number("theme_none")
    metric = f"theme_{main_metric(whole)}"
    return result.number(metric, question=whole.id, option=theme, segment=segment)


def _n(number: Number, result: PersonasResult) -> str:
    if not number.known or number.n < result.context.flag_cell:
        return f"< {result.context.flag_cell}"
    return Quantity(number.n).say(result.context.language)


def say_label(label: Says | str, lang: str) -> str:
    """Return what a theme is called."""
    return label if isinstance(label, str) else label.say(lang)


def _both(result: PersonasResult, metric: str, name: str, **where: str) -> tuple[Number, Number]:
    return result.number(metric, segment=name, **where), result.number(metric, **where)


def _pair(own: Number, total: Number, lang: str) -> str:
    """Return the segment's value and everybody's, as "62 / 58"."""
    if not own.metric:
        return ""
    told = [_value(one, lang) if one.known else DASH for one in (own, total)]
    return DASH if set(told) == {DASH} else " / ".join(told)


def _value(number: Number, lang: str) -> str:
    places = 1 if number.unit in ("score", "days") else 0
    signed = number.unit == "points"
    if number.unit == "days":
        places = 0 if number.estimate >= 10 else 1
        return Quantity(number.estimate, "score", places, bare=True).say(lang)
    return Quantity(number.estimate, number.unit, places, signed=signed, bare=True).say(lang)


def _key(lang: str) -> str:
    return message("First number here, second everybody; the tick on a bar is everybody.").say(lang)


# Words


def _typical(result: PersonasResult, one: Persona) -> tuple[str, str, str] | None:
    """Return the typical member by statements that many members share."""
    lang, found = result.context.language, result.counted.typical.get(one.name)
    if found is None or not found.traits or found.sharing < FEWEST:
        return None
    told = "; ".join(trait(result, each).say(lang) for each in found.traits)
    small = message(
        "The member nearest to the middle, told by what {n} members share. No row of a person is shown.",
        n=Quantity(found.sharing),
    )
    return message("Typical member").say(lang), told, small.say(lang)


def trait(result: PersonasResult, one: Trait) -> Message:
    """Return a trait in words."""
    study, title = result.study, terms.title(result.study, one.column)
    if one.option == USED:
        return message("met {point}", point=study.touchpoint(one.column.removeprefix(SHARE)).label)
    if one.option == SEEN:
        return message("seen in {channel}", channel=study.channel_label(one.column.removeprefix(CHANNEL)))
    if one.option == AGREE:
        return message("{column}: 6 or 7 of 7", column=title)
    if one.third == "upper":
        return message("{column}: highest third", column=title)
    if one.third:
        return message("{column}: lowest third", column=title)
    return message("{column}: {value}", column=title, value=level_of(study, one.column, one.option))


def _channels(result: PersonasResult, one: Persona) -> tuple[str, str, str] | None:
    lang = result.context.language
    found = [n for n in result.of("seen") if n.segment == one.name and n.known]
    ranked = sorted(found, key=lambda number: (-number.estimate, number.option))[:CHANNELS]
    if not ranked:
        return None
    told = [
        message(
            "{channel} {share} ({total})", channel=result.study.channel_label(number.option),
            share=_value(number, lang), total=_value(result.number("seen", option=number.option), lang),
        ).say(lang)
        for number in ranked
    ]  # fmt: skip
    small = message("Share of members with an event there, in %; everybody in brackets.")
    return message("Channels").say(lang), ", ".join(told), small.say(lang)


def _quotes(result: PersonasResult, one: Persona) -> list[cards.CardQuote]:
    if result.number("size", segment=one.name).hidden:
        return []
    found = result.counted.voices.quotes.get(one.name, ())
    labels = {theme.id: theme.label or theme.id for theme in result.study.themes}
    lang = result.context.language
    return [
        cards.CardQuote(quote.text, quote.author, quote.language, say_label(labels[quote.theme], lang))
        for quote in found
    ]


def _unknown(result: PersonasResult, one: Persona) -> list[Message]:
    """Return what the card cannot say: causes, people who were not asked, blocks without a column."""
    said = [message("Why: every line is an association, none a cause.")]
    size, asked = result.number("size", segment=one.name), result.counted.answered.get(one.name, 0)
    silent = 0 if size.hidden else int(size.n) - asked
    if min(asked, silent) >= result.context.min_cell:
        said.append(
            plural(
                "What the {n} member who never answered the survey thinks.",
                "What the {n} members who never answered the survey think.", n=Quantity(silent),
            )
        )  # fmt: skip
    if "psychographic" not in set(result.counted.tested["block"]):
        said.append(message("What they value: no scale item was asked of enough of them."))
    if not any(line.kind == GOES for line in result.counted.lines[one.name]):
        said.append(message("What goes with it: no difference is large and sure enough."))
    if one.unknown >= result.context.min_cell:
        said.append(
            message("Whether {n} more people belong here: a value is missing.", n=Quantity(one.unknown))
        )
    if not result.counted.voices.themes.get(one.name):
        said.append(message("Needs and fears in their own words: no open answer speaks of a declared theme."))
    return said


def questions(result: PersonasResult) -> list[Question]:
    """Return the questions satisfaction is shown of, in the order of the table."""
    asked = {question.id: question for question in result.study.questions}
    named = dict.fromkeys(
        number.question for number in result.shown.values() if number.metric in ("top2", "nps", "mean")
    )
    return [asked[name] for name in named]


def answer(result: PersonasResult, question: Question, segment: str) -> Number:
    """Return the number that stands for a question."""
    metric = main_metric(question)
    return result.number(metric, question=question.id, stage=question.stage, segment=segment)
