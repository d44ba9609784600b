"""The map as people lay it out by hand, lanes down and stages across, for a spreadsheet or another tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.journey_map.columns import lanes
from journey_lib.present.sheets import Entry, Sheet
from journey_lib.present.wording import message

if TYPE_CHECKING:
    from journey_lib.measures.journey_map.result import JourneyMapResult
    from journey_lib.present.stage_grid import Cell
    from journey_lib.present.stage_grid import Entry as Said


def sheets(result: JourneyMapResult) -> tuple[Sheet, ...]:
    """Return the map: one column a stage, one row a lane, then one row an item with its evidence."""
    lang = result.context.language
    title = result.context.title.say(lang)
    _, rows = lanes(result)
    stages = [s.label.say(lang) for s in result.study.journey.stages]
    laid = [[lane.label.say(lang), *(_plain(cell) for cell in lane.cells)] for lane in rows]
    return (
        Sheet("map", title, [message("Lane").say(lang), *stages], laid),
        _items(result, title),
    )


def _plain(cell: Cell) -> str:
    return "\n".join(_line(entry) for entry in cell.entries)


def _line(entry: Said) -> str:
    quiet = f"({entry.quiet})" if entry.number and entry.quiet else entry.quiet
    return " ".join(part for part in (entry.number, entry.unit, entry.text, quiet) if part)


def _items(result: JourneyMapResult, title: str) -> Sheet:
    cells = result.cells
    numeric = ("estimate", "ci_low", "ci_high")
    rows: list[list[str | Entry]] = []
    for record in cells.to_dict("records"):
        units = {"n": "count", **dict.fromkeys(numeric, str(record["unit"]) or "score")}
        named = ((str(name), value) for name, value in record.items())
        rows.append([Entry(float(v), units[name]) if name in units else str(v) for name, v in named])
    return Sheet("items", title, [str(c) for c in cells], rows)
