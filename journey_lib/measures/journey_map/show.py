"""The parts of the map's page: the grid, its side ways, and every item with its evidence."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from journey_lib.measures.journey_map import points, segments, words
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
    if kind == "touchpoints":
        return points.one_by_one(result)
    if kind == "segments":
        return segments.side_by_side(result)
    if kind == "curves" and not segments.felt(result):
        return blocks.together([], segments.no_feeling(), result.context.language)
    if kind == "flow" and not any(
        n.metric == "moves" and math.isfinite(n.estimate) for n in numbers(result.masked)
    ):
        return blocks.together([], _no_moves(), result.context.language)
    return blocks.figure(result.plot(kind=kind))


def _no_moves() -> Message:
    return message("No report of this study counts moves between stages. Run: journey run paths")


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
    curve = [_point(result, s.id) for s in result.study.journey.stages]
    if "feeling" not in names or not any(math.isfinite(p.middle) for p in curve):
        return Grid(_stops(result, lang), rows, page=page)
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
    """Return every way out of a stage as a table: what the figure shows, and what it leaves out."""
    lang = result.context.language
    every = numbers(result.masked)
    moves = [n for n in every if n.metric == "moves"]
    edges = [n for n in every if n.metric in ("edge", "move")]
    if not edges:
        return blocks.together([], _no_moves(), lang)
    rows = []
    for place, stage in enumerate(result.study.journey.stages):
        own = sorted((n for n in edges if n.stage == stage.id), key=lambda n: -_finite(n.estimate))
        own += [n for n in every if n.metric == "came_back" and n.stage == stage.id]
        for at, edge in enumerate(own):
            rows.append(_edge_row(result, edge, moves, stage.label.say(lang) if at == 0 else "", place))
    words_of = (message("To"), message("Way"), message("Share of moves, %"), message("Moves"),
                message("Customers who were here"))  # fmt: skip
    return table(
        message("Every way out of a stage"),
        message("Share of all moves out of the stage, by customers; the most frequent first"),
        [w.say(lang) for w in words_of], rows,
        message("Second line: 95% interval. Left: nothing came after. Open: the path may still go on."), lang,
        result.context.min_cell,
    )  # fmt: skip


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _edge_row(result: JourneyMapResult, edge: Number, moves: list[Number], heading: str, place: int) -> Row:
    lang = result.context.language
    ends = {"left": DASH, "open": DASH}
    to = ends.get(edge.option) or result.study.stage(edge.comparison).label.say(lang)
    if edge.metric == "came_back":  # a count of its own, not a share of the moves
        count = Cell(edge.estimate, "count", n=edge.n, masked=edge.hidden)
        return Row(to, (message("back after leaving").say(lang), DASH, count, ""), heading, place)
    share = Cell(edge.estimate, "share", edge.ci_low, edge.ci_high, edge.n, masked=edge.hidden)
    taken = next(
        (n for n in moves if n.at("stage", "comparison") == edge.at("stage", "comparison")), Number()
    )
    count = Cell(taken.estimate, "count", n=taken.n, masked=taken.hidden)
    n = "" if edge.hidden else Quantity(edge.n).say(lang)
    return Row(to, (_way(edge.option).say(lang), share, count, n), heading, place)


def _way(option: str) -> Message:
    ways = {
        "next": message("next"),
        "back": message("back"),
        "ahead": message("skips ahead"),
        "again": message("again"),
        "left": message("left"),
        "open": message("open"),
    }
    return ways[option]


def _evidence(result: JourneyMapResult) -> Block:
    """Return every item of the map with its grade, its base and where it comes from."""
    lang = result.context.language
    words_of = (message("Lane"), message("Says"), message("Evidence"), message("n"), message("Source"))
    rows = []
    for place, stage in enumerate(result.study.journey.stages):
        own = [i for i in result.items if i.stage == stage.id and i.lane not in (*FLOW, *points.LANES)]
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
    source: str = ", ".join(w for w in (item.report or item.source, day(_date(item.as_of), lang)) if w)
    if item.report:
        source = Markup('<a href="{}">{}</a>').format(quote(item.report), source)
    grade = grade_words(item.grade).say(lang)
    return Row(lane_name(item.lane).say(lang), (spoken(item, lang), grade, n, source), heading, place)


def _date(as_of: str) -> object:
    return dt.date.fromisoformat(as_of) if as_of else None
