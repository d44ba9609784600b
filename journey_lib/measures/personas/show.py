"""The parts of the personas page: the cards, the figure, and what each segment said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.measures.personas import card, pictures, terms
from journey_lib.present import blocks, cards
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, message, wave_name
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.personas.result import PersonasResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number


def part(result: PersonasResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    lang = result.context.language
    if kind == "cards":
        made = [card.card(result, one) for one in result.personas]
        return cards.cards(made, lang) if made else _none(lang)
    if kind == "stages":
        plot = pictures.stages(result)
        why = message("No event tells which stages these people reached.")
        return blocks.together([blocks.figure(plot) if plot else None], why, lang)
    why = message("Nobody was asked how satisfied they are.")
    return blocks.together([_satisfaction(result)], why, lang)


def _none(lang: str) -> Block:
    """Say that there are no cards; an empty part would leave the page without its heading."""
    text = message("The criteria see no segments in these people, so there are no cards.").say(lang)
    return blocks.Block(Markup("<p><b>{}</b></p>").format(text), lang, text)


def _satisfaction(result: PersonasResult) -> Block | None:
    lang, asked = result.context.language, card.questions(result)
    if not asked or not result.personas:
        return None
    rows = []
    for name, label in [
        *((p.name, p.label.say(lang)) for p in result.personas),
        ("", message("All").say(lang)),
    ]:
        rows.append(Row(label, [_cell(card.answer(result, q, name), result) for q in asked]))
    names = [f"{naming.name(result.study, q).say(lang)}, {naming.measure(q)}" for q in asked]
    header = [message("Segment").say(lang), *names]
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
