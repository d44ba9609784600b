"""Touchpoint by touchpoint: who meets it, how it feels, what it asks of people, what its channel costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.measures.journey_map import lanes
from journey_lib.measures.journey_map.lanes import Item
from journey_lib.present import blocks
from journey_lib.present.stage_grid import grade_words, sign
from journey_lib.present.tables import Row, table
from journey_lib.present.wording import Message, Quantity, interval, message

if TYPE_CHECKING:
    from journey_lib.measures.journey_map.result import JourneyMapResult
    from journey_lib.present.blocks import Block
    from journey_lib.study.definition import Study, Touchpoint
    from journey_lib.study.published.evidence import Evidence

LANES = ("met", "felt", "asked", "spent")


def items_of(study: Study, evidence: Evidence, wave: str) -> Iterator[Item]:
    """Yield what the reports know of each touchpoint; what the channel costs stands for all that use it."""
    for point in study.journey.touchpoints:
        met = evidence.one("touchpoints", "share_of_stage", stage=point.stage, touchpoint=point.id, group="")
        if met:
            yield lanes.item_from(met, "met", channel=point.channel)
        yield from _asked(study, evidence, point, wave)
        spent = evidence.one("attribution", "cost", group="", option=point.channel) if point.channel else None
        if spent:
            # Of the whole channel: touchpoints that share one share its costs.
            yield lanes.item_from(
                spent, "spent", "inferred", stage=point.stage, touchpoint=point.id, channel=point.channel
            )


def _asked(study: Study, evidence: Evidence, point: Touchpoint, wave: str) -> Iterator[Item]:
    """Yield feeling and effort: of the touchpoint itself, effort of its stage where nobody asked closer."""
    for question in (q for q in study.questions if q.touchpoint == point.id and q.kind in ("rating", "csat")):
        fact = lanes.answered(evidence, question, "mean", wave)
        if fact and question.scale:
            mapped = lanes.on_feeling_scale(fact.number, question)
            yield lanes.item_from(fact, "felt", number=mapped, channel=point.channel)
            break
    for question in (q for q in study.questions if q.touchpoint == point.id and q.kind == "ces"):
        fact = lanes.answered(evidence, question, "mean", wave)
        if fact:
            yield lanes.item_from(fact, "asked", channel=point.channel)
            break


def one_by_one(result: JourneyMapResult) -> Block:
    """Return the touchpoints of every stage with what is known of each, and on which evidence."""
    lang = result.context.language
    points = result.study.journey.touchpoints
    if not points:
        return blocks.together([], message("The study declares no touchpoints."), lang)
    shown = [lane for lane in LANES if any(i.lane == lane for i in result.items)]
    rows = []
    for place, stage in enumerate(result.study.journey.stages):
        own = [p for p in points if p.stage == stage.id]
        for at, point in enumerate(own):
            channel = result.study.channel_label(point.channel).say(lang) if point.channel else ""
            cells = [channel, *(_told(result, lane, point) for lane in shown)]
            heading = stage.label.say(lang) if at == 0 else ""
            rows.append(Row(point.label.say(lang), cells, heading, place))
    heads = [message("Touchpoint"), message("Channel"), *(lane_words(lane) for lane in shown)]
    note = message(
        "Feeling −2 to +2. Second line: 95% interval, number of people, and the report it comes from. Spent: "
        "on the whole channel, so touchpoints of one channel share it."
    )
    return table(
        message("Touchpoint by touchpoint"), message("What the reports know of each, with its evidence"),
        [h.say(lang) for h in heads], rows, note, lang, result.context.min_cell,
    )  # fmt: skip


def lane_words(lane: str) -> Message:
    """Return the name of a column."""
    words = {
        "met": message("Met by, of the stage"),
        "felt": message("Feeling there"),
        "asked": message("Effort there"),
        "spent": message("Spent on the channel"),
    }
    return words[lane]


def _told(result: JourneyMapResult, lane: str, point: Touchpoint) -> str:
    lang = result.context.language
    item = next((i for i in result.items if i.lane == lane and i.touchpoint == point.id), None)
    if item is None:
        return message("– not measured").say(lang)
    number = item.number
    if not math.isfinite(number.estimate):
        return message("masked").say(lang) if number.hidden else message("– not measured").say(lang)
    bounds = ""
    if math.isfinite(number.ci_low) and math.isfinite(number.ci_high):
        bounds = interval(number.ci_low, number.ci_high, number.unit, lang, compact=number.unit != "score")
    n = message("n = {n}", n=Quantity(number.n)).say(lang)
    return Markup(
        '<span class="jl-grade">{}<span class="jl-hidden">{}: </span>{}</span>'
        '<span class="jl-range">{} <a href="{}">{}</a></span>'
    ).format(
        sign(item.grade), grade_words(item.grade).say(lang),
        Quantity(number.estimate, number.unit, signed=lane == "felt").say(lang),
        ", ".join(word for word in (bounds, n) if word), quote(item.report), item.as_of,
    )  # fmt: skip
