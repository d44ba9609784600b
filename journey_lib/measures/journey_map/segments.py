"""Segments side by side: what each does and feels at each stage, and what nobody measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from journey_lib.measures.journey_map.beside import COMPARED
from journey_lib.measures.journey_map.columns import lane_name
from journey_lib.present import blocks
from journey_lib.present.stage_grid import Cell, Entry, Grade, Grid, Lane, Stop, grid
from journey_lib.present.wording import Message, Names, Quantity, interval, message

if TYPE_CHECKING:
    from journey_lib.measures.journey_map.result import JourneyMapResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number

_LANES = {metric: lane for lane, metric in COMPARED.items()}


def side_by_side(result: JourneyMapResult) -> Block:
    """Return the stages with a lane for each segment under everybody's, one number after another."""
    lang = result.context.language
    if not result.segments:
        why = message("No report speaks about a segment yet. Run: journey run all --each segment")
        return blocks.together([], why, lang)
    missing = {(gap.segment, gap.metric) for gap in result.gaps}  # told below, with the command
    names = ("", *result.segments)
    rows = [
        _lane(result, metric, name) for metric in _LANES for name in names if (name, metric) not in missing
    ]
    stops = [Stop(s.id, s.label.say(lang), "", at) for at, s in enumerate(result.study.journey.stages)]
    note = message(
        "Each number comes from a report about just that segment, with its 95% interval. Segments may "
        "overlap; differences are not tested here. * few people."
    )
    more = message("Not shown: {names}.", names=Names(result.others)).say(lang) if result.others else ""
    inner = Markup('<div class="jl-beside">{}</div>{}<p class="jl-note">{} {}</p>').format(
        grid(Grid(stops, rows, prefix="beside"), lang), _gaps(result), note.say(lang), more
    )
    return blocks.Block(inner, lang, note.say(lang))


def felt(result: JourneyMapResult) -> bool:
    """Return whether any segment has a feeling at any stage."""
    return any(
        result.number("feeling", stage.id, name).known
        for name in result.segments
        for stage in result.study.journey.stages
    )


def no_feeling() -> Message:
    """Return what to do where no survey speaks about a segment."""
    return message("No survey report speaks about a segment yet. Run: journey run survey --each segment")


def _lane(result: JourneyMapResult, metric: str, segment: str) -> Lane:
    lang = result.context.language
    cells = tuple(_cell(result, metric, s.id, segment, lang) for s in result.study.journey.stages)
    name = message(
        "{lane}: {segment}", lane=lane_name(_LANES[metric]), segment=segment or message("everybody")
    )
    return Lane(name, None, cells)


def _cell(result: JourneyMapResult, metric: str, stage: str, segment: str, lang: str) -> Cell:
    number = result.number(metric, stage, segment)
    if number.hidden:
        return Cell((Entry(quiet=message("masked").say(lang)),))
    if not math.isfinite(number.estimate):
        last = metric == "go_on" and stage == result.study.journey.stages[-1].id
        words = message("end of the journey") if last else message("– not measured")
        return Cell((Entry(quiet=words.say(lang)),))
    return Cell((_entry(number, lang, thin=number.n < result.context.flag_cell),))


def _entry(number: Number, lang: str, *, thin: bool) -> Entry:
    unit = number.unit
    decimals = {"share": 1, "days": 1}.get(unit)
    words = Quantity(number.estimate, unit, decimals, signed=unit == "score", bare=unit == "days").say(lang)
    bounds = ""
    if math.isfinite(number.ci_low) and math.isfinite(number.ci_high):
        bounds = interval(
            number.ci_low, number.ci_high, unit, lang, decimals=decimals, compact=unit != "score"
        )
    share = number.estimate if unit == "share" else math.nan
    grade: Grade | Literal[""] = "inferred" if number.option == "inferred" else ""
    return Entry(number=words + ("*" if thin else ""), quiet=bounds, grade=grade, share=share)


def _gaps(result: JourneyMapResult) -> Markup:
    """Say what nobody measured for a segment, each with the command that does."""
    lang = result.context.language
    if not result.gaps:
        return Markup("")
    items = Markup("").join(
        Markup("<li>{} <code>{}</code></li>").format(
            message(
                "{lane} is not measured for {segment}: run",
                lane=lane_name(_LANES[gap.metric]),
                segment=gap.segment,
            ).say(lang),
            gap.command,
        )
        for gap in result.gaps
    )
    return Markup('<ul class="jl-gaps">{}</ul>').format(items)
