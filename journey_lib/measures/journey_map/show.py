"""The parts of the map's page: the grid, its side ways, and every item with its evidence."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.measures.journey_map import words
from journey_lib.measures.journey_map.columns import lane_name, lanes, spoken
from journey_lib.measures.journey_map.lanes import FLOW
from journey_lib.present import blocks
from journey_lib.present import stage_grid as grids
from journey_lib.present.numbers import Number, numbers
from journey_lib.present.stage_grid import Grid, Point, Stop, grade_words, grid
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Quantity, day, message

if TYPE_CHECKING:
    from collections.abc import Collection

    from journey_lib.measures.journey_map.lanes import Item
    from journey_lib.measures.journey_map.result import JourneyMapResult
    from journey_lib.present.blocks import Block

HOME = ("entered", "feeling", "pain", "idea")  # lanes that are read at a glance
_LISTS = ("pain", "idea")  # of these the first alone


def part(result: JourneyMapResult, kind: str) -> Block:
    """Return a part of the page."""
    if kind == "map":
        return _map(result)
    if kind == "edges":
        return _edges(result)
    if kind == "evidence":
        return _evidence(result)
    return blocks.figure(result.plot(kind=kind))


def _map(result: JourneyMapResult) -> Block:
    lang = result.context.language
    head = words.title(result)
    note = message(
        "Go on: allows for customers still inside the window, 95% interval; the bar shows plain counts. "
        "Feeling: mean "
        "satisfaction with the stage moved to −2…+2, weighted. Dashed line and hollow dot: few answers."
    )
    inner = Markup(
        '<section class="jl-broad"><h2 id="map" class="jl-map-title">{}</h2>{}<p class="jl-note">{}</p>'
        "</section>"
    ).format(head.say(lang), grid(laid(result), lang), note.say(lang))
    return blocks.Block(inner, lang, head.say(lang))


def laid(result: JourneyMapResult, only: Collection[str] = (), page: str = "") -> Grid:
    """Return the map as a grid: all lanes, or some of them for a page that links to the whole map."""
    lang = result.context.language
    names, rows = lanes(result, only)
    if page:
        rows = [replace(lane, cells=tuple(map(_first, lane.cells))) if name in _LISTS else lane
                for name, lane in zip(names, rows, strict=True)]  # fmt: skip
    if "feeling" not in names:
        return Grid(_stops(result, lang), rows, page=page)
    curve = [_point(result, s.id) for s in result.study.journey.stages]
    return Grid(_stops(result, lang), rows, curve, names.index("feeling"), page)


def _first(cell: grids.Cell) -> grids.Cell:
    return replace(cell, entries=cell.entries[:1])


def home_fragment(result: JourneyMapResult, page: str) -> Markup:
    """Return the map in four lanes, for a page that links to the whole one."""
    lang = result.context.language
    return Markup(
        '<section class="jl-home-map" aria-labelledby="home-map"><h2 id="home-map">{}</h2>{}'
        '<p><a href="{}">{}</a></p></section>'
    ).format(
        words.title(result).say(lang), grid(laid(result, HOME, page), lang), page,
        message("The whole map").say(lang),
    )  # fmt: skip


def _stops(result: JourneyMapResult, lang: str) -> list[Stop]:
    return [
        Stop(s.id, s.label.say(lang), result.written.at(s.id).goal.say(lang), place)
        for place, s in enumerate(result.study.journey.stages)
    ]


def _point(result: JourneyMapResult, stage: str) -> Point:
    number = result.number("feeling", stage)
    if not math.isfinite(number.estimate):
        return Point(math.nan, math.nan, math.nan)
    thin = number.n < result.context.flag_cell
    return Point(number.ci_low, number.estimate, number.ci_high, thin, hot=words.broken(result) == stage)


def _edges(result: JourneyMapResult) -> Block:
    """Return the moves beside the straight line; a journey is no line."""
    lang = result.context.language
    edges = [n for n in numbers(result.masked) if n.metric == "edge"]
    if not edges:
        return blocks.together([], message("No report of this study counts moves between stages."), lang)
    rows = [_edge_row(result, edge, lang) for edge in edges]
    words_of = (message("From"), message("To"), message("Way"), message("Share of moves, %"), message("n"))
    note = message("n: customers who were at the stage. Moves to the next stage are on the map itself.")
    return table(
        message("Ways beside the straight line"),
        message("Share of all moves out of the stage, by customers; the most frequent first"),
        [w.say(lang) for w in words_of], rows, note, lang, result.context.min_cell,
    )  # fmt: skip


def _edge_row(result: JourneyMapResult, edge: Number, lang: str) -> Row:
    to = result.study.stage(edge.comparison).label.say(lang)
    share = Cell(edge.estimate, "share", edge.ci_low, edge.ci_high, edge.n, masked=edge.hidden)
    n = "" if edge.hidden else Quantity(edge.n).say(lang)
    return Row(result.study.stage(edge.stage).label.say(lang), (to, _way(edge.option).say(lang), share, n))


def _way(option: str) -> Message:
    ways = {"back": message("back"), "ahead": message("skips ahead"), "again": message("again")}
    return ways[option]


def _evidence(result: JourneyMapResult) -> Block:
    """Return every item of the map with its grade, its base and where it comes from."""
    lang = result.context.language
    words_of = (message("Lane"), message("Says"), message("Evidence"), message("n"), message("Source"))
    rows = []
    for place, stage in enumerate(result.study.journey.stages):
        own = [i for i in result.items if i.stage == stage.id and i.lane not in FLOW]
        for at, item in enumerate(own):
            rows.append(_item_row(item, result, stage.label.say(lang) if at == 0 else "", place))
    return table(
        message("Every cell and what it rests on"),
        message("Grade, number of people, and the report or person behind each item"),
        [w.say(lang) for w in words_of], rows,
        message("Reports lie beside this page; notes are in the study's map.toml."), lang,
        result.context.min_cell,
    )  # fmt: skip


def _item_row(item: Item, result: JourneyMapResult, heading: str, place: int) -> Row:
    lang = result.context.language
    n = Quantity(item.number.n).say(lang) if math.isfinite(item.number.n) else DASH
    source = ", ".join(w for w in (item.report or item.source, day(_date(item.as_of), lang)) if w)
    grade = grade_words(item.grade).say(lang)
    return Row(lane_name(item.lane).say(lang), (spoken(item, lang), grade, n, source), heading, place)


def _date(as_of: str) -> object:
    return dt.date.fromisoformat(as_of) if as_of else None
