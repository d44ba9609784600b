"""Tables as readers meet them: finding first, base in one line, small cells hatched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from journey_lib.present.blocks import Block
from journey_lib.present.vocabulary import HIDDEN, WITHHELD
from journey_lib.present.wording import DASH, Message, Quantity, interval, message, say

if TYPE_CHECKING:
    import pandas as pd

ROWS_SHOWN = 60  # of a frame
MOST_ROWS = 100  # of a table that readers meet
LONGEST = 28  # characters of words that stay on one line


@dataclass(frozen=True)
class Cell:
    """A value with its interval; masked, withheld for another's sake, thin and missing each have one mark.

    `letters` name the columns that this cell is larger than.
    """

    estimate: float
    unit: str
    low: float = math.nan
    high: float = math.nan
    n: float = math.nan
    masked: bool = False
    thin: bool = False
    decimals: int | None = None
    signed: bool = False
    withheld: bool = False
    no_interval: bool = False
    letters: str = ""

    def html(self, lang: str, min_cell: int) -> Markup:
        """Return the cell."""
        if self.masked and self.withheld:
            return Markup('<td class="jl-masked"><span>{}</span></td>').format(message("masked").say(lang))
        if self.masked:
            return Markup('<td class="jl-masked"><span>n &lt; {}</span></td>').format(min_cell)
        if not math.isfinite(self.estimate):
            return Markup("<td>{}</td>").format(DASH)
        places = _places(self.unit) if self.decimals is None else self.decimals
        text = Quantity(self.estimate, self.unit, places, signed=self.signed, bare=True).say(lang)
        star = Markup("*") if self.thin else Markup("")
        if self.letters:
            star += Markup("<sup>{}</sup>").format(self.letters)
        range_ = Markup("")
        if self.no_interval:
            range_ = Markup('<span class="jl-range">{}</span>').format(message("no interval").say(lang))
        elif math.isfinite(self.low) and math.isfinite(self.high):
            bounds = interval(self.low, self.high, self.unit, lang, decimals=places, compact=True)
            range_ = Markup('<span class="jl-range">{}</span>').format(bounds)
        return Markup("<td{}>{}{}{}</td>").format(
            Markup(' class="jl-thin"') if self.thin else "", text, star, range_
        )


@dataclass(frozen=True)
class Row:
    """A table row: its name, its cells, and a heading that opens a block."""

    name: str
    cells: Sequence[Cell | str]
    heading: str = ""
    stop: int = -1


def table(
    title: Message,
    base: Message,
    header: Sequence[str],
    rows: Sequence[Row],
    note: Message,
    lang: str,
    min_cell: int,
) -> Block:
    """Return a table with its finding above it and its marks explained below.

    Parameters
    ----------
    title, base, note : Message
        The finding, the base in one line, and what the marks mean.
    header : sequence of str
        Column names with their units; the first names the rows.
    rows : sequence of Row
        In an order the note explains.
    lang : {"en", "ko"}
        Language of the page.
    min_cell : int
        Written into masked cells.

    Returns
    -------
    Block
        Scrolls inside its own region on a phone; the first column stays. Of many rows the first are shown,
        and the note says so.
    """
    words = title.say(lang)
    if len(rows) > MOST_ROWS:
        more = message(
            "{shown} of {all} rows are shown; choose fewer to see others, or read .table.",
            shown=MOST_ROWS, all=len(rows),
        )  # fmt: skip
        note, rows = message("{a} {b}", a=note, b=more), rows[:MOST_ROWS]
    sides = _sides(rows, len(header))
    head = Markup("").join(_heading(name, side) for name, side in zip(header, sides, strict=True))
    body = Markup("").join(_row(row, sides, lang, min_cell) for row in rows)
    label = message("Table: {title}", title=words).say(lang)
    inner = Markup(
        '<div class="jl-caption"><h3>{}</h3><p>{}</p></div>'
        '<div class="jl-scroll" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        '<tbody>{}</tbody></table></div><p class="jl-note">{}</p>'
    ).format(title.html(lang), base.html(lang), label, head, body, note.html(lang))
    return Block(inner, lang, words)


def rows_table(rows: pd.DataFrame, lang: str, min_cell: int) -> Markup:
    """Return tidy rows as a plain table, without the columns that say nothing."""
    shown = rows.head(ROWS_SHOWN)
    names = [
        c
        for c in ("metric", "question", "option", "stage", "group", "wave", "comparison", "weighting")
        if (shown[c] != "").any()
    ]
    header = Markup("").join(
        Markup('<th scope="col">{}</th>').format(c) for c in [*names, "n", "estimate", "unit"]
    )
    body = Markup("").join(_tidy(record, names, lang, min_cell) for record in shown.to_dict("records"))
    rest = len(rows) - len(shown)
    more = message("{n} more rows in .table", n=Quantity(rest)).say(lang) if rest > 0 else ""
    return Markup(
        '<div class="jl-scroll" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        '<tbody>{}</tbody></table></div><p class="jl-note">{}</p>'
    ).format(message("Result").say(lang), header, body, more)


def _sides(rows: Sequence[Row], width: int) -> list[Markup]:
    """Return the class of each column: words stand at the left, numbers at the right, one under another."""
    left, right = Markup(' class="jl-left"'), Markup("")
    columns = list(zip(*(row.cells for row in rows), strict=False))[: width - 1]
    sides = [left if _spoken(column) else right for column in columns]
    return [right, *sides, *[right] * (width - 1 - len(sides))]


def _spoken(column: Sequence[Cell | str]) -> bool:
    if any(isinstance(cell, Cell) for cell in column):
        return False
    said = [words for words in map(_read, column) if words not in {"", DASH}]
    return bool(said) and all(words[0].isalpha() for words in said)


def _read(cell: Cell | str) -> str:
    """Return what a reader sees of a cell of words."""
    return cell.striptags() if isinstance(cell, Markup) else str(cell)


def _heading(name: str, side: Markup) -> Markup:
    if not name:
        return Markup("<td></td>")  # an empty heading names nothing
    return Markup('<th scope="col"{}>{}</th>').format(side, name)


def _row(row: Row, sides: Sequence[Markup], lang: str, min_cell: int) -> Markup:
    lead = Markup("")
    if row.heading:
        dot = Markup("")
        if row.stop >= 0:
            dot = Markup('<span class="jl-dot" style="--stop:var(--stage-{})"></span>').format(
                row.stop % 7 + 1
            )
        lead = Markup('<tr class="jl-block"><th scope="rowgroup" colspan="{}">{}{}</th></tr>').format(
            len(sides), dot, row.heading
        )
    shown = (
        c.html(lang, min_cell) if isinstance(c, Cell) else _words(c, side)
        for c, side in zip(row.cells, sides[1:], strict=False)
    )
    cells = Markup("").join(shown)
    return Markup('{}<tr><th scope="row">{}</th>{}</tr>').format(lead, row.name, cells)


def _words(cell: str | Markup, side: Markup) -> Markup:
    """Return a cell of words; long ones break into lines, so that no column pushes others off the page."""
    long = Markup(' class="jl-words"')
    return Markup("<td{}>{}</td>").format(long if len(_read(cell)) > LONGEST else side, cell)


def _tidy(record: Mapping[object, object], names: Sequence[str], lang: str, min_cell: int) -> Markup:
    numbers = {k: float(str(record[k])) for k in ("estimate", "ci_low", "ci_high", "n")}
    masked = record["note"] in HIDDEN
    cell = Cell(
        numbers["estimate"], str(record["unit"]) or "none", numbers["ci_low"], numbers["ci_high"],
        numbers["n"], masked=masked, withheld=record["note"] == WITHHELD,
        decimals=None if record["unit"] else 2,
    )  # fmt: skip
    count = DASH if masked else Quantity(numbers["n"]).say(lang)
    lead = Markup("").join(
        Markup('<td style="text-align:left">{}</td>').format(say(record[c], lang)) for c in names[1:]
    )
    first = Markup('<th scope="row">{}</th>').format(record[names[0]]) if names else Markup("")
    return Markup("<tr>{}{}<td>{}</td>{}<td>{}</td></tr>").format(
        first, lead, count, cell.html(lang, min_cell), record["unit"]
    )


def _places(unit: str) -> int:
    return {"share": 1, "share_points": 1, "points": 1, "score": 2, "days": 1, "seconds": 1}.get(unit, 0)
