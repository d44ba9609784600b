"""A shaded grid: cohorts by periods, or what came before by what came next, with the number in every cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from journey_lib.present import theme
from journey_lib.present.charts import Layout, text_width
from journey_lib.present.wording import DASH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["value", "open", "masked", "missing", "none"]
INK_STEPS = 4  # of the sequential palette carry ink, the darker ones white
_SIZE, _SMALL, _NOTE = 10.0, 8.5, 9.0  # points: numbers, numbers in narrow cells, words around
_TIGHT = 16  # rows from which they stand closer
_PAD, _GUTTER = 0.06, 0.14  # inches inside a cell, and between names, n and cells
_LEAST = 0.4  # inches a cell needs on a phone
_LINE = 0.15  # inches of a further line of a folded name
_SPLIT = " _-/·"  # a name may break after these


@dataclass(frozen=True)
class HeatCell:
    """One cell of a grid.

    Attributes
    ----------
    kind : {"value", "open", "masked", "missing", "none"}
        A number; a window that is not over; a cell too small to show; a number that does not exist; nothing.
    value : float
        Decides the shade.
    words : str
        The number as it is written, without its unit; in an open or masked cell, a word of its own.
    alert : bool
        Outlined: the cell that the title speaks about.
    """

    kind: Kind = "none"
    value: float = math.nan
    words: str = ""
    alert: bool = False


@dataclass(frozen=True)
class HeatRow:
    """A row: its name, its base and one cell a column."""

    label: str
    n: str
    cells: tuple[HeatCell, ...]
    alert: bool = False


@dataclass(frozen=True)
class Heat:
    """Rows of shaded cells with their names and bases at left and the columns named above.

    Attributes
    ----------
    rows : sequence of HeatRow
        From top to bottom.
    columns : tuple of str
        Names of the columns; they are folded or turned where a cell is too narrow for them.
    scale : (float, float)
        Values of the palest and the darkest shade.
    heading : str
        What the columns count, above their names.
    base : str
        Name of the column of bases; "" leaves it out.
    open_word, masked_word : str
        What stands in a cell whose window is not over, and in one too small to show.
    unit : str
        Follows each number where there is room.
    summary : HeatRow or None
        A row of its own under a line, such as the mean; it is not shaded.
    on_phone : tuple of int
        Columns of the phone figure; () takes as many as fit, the first of them and then evenly.
    """

    rows: Sequence[HeatRow]
    columns: tuple[str, ...]
    scale: tuple[float, float] = (0.0, 1.0)
    heading: str = ""
    base: str = "n"
    open_word: str = ""
    masked_word: str = ""
    unit: str = ""
    summary: HeatRow | None = None
    on_phone: tuple[int, ...] = ()

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows and room for names at left and above."""
        return _Grid(self, narrow).layout

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw the cells and the words around them."""
        _Grid(self, narrow).draw(ax)


def shade(value: float, scale: tuple[float, float]) -> tuple[str, str]:
    """Return the fill of a cell and the colour of the number on it.

    Parameters
    ----------
    value : float
        What the cell shows.
    scale : (float, float)
        Values of the palest and the darkest of the seven shades; beyond them the shade stays.

    Examples
    --------
    >>> shade(0.0, (0, 1)), shade(0.57, (0, 1)), shade(0.58, (0, 1))
    (('#F2F5FB', '#1B2430'), ('#7F97D6', '#1B2430'), ('#5672C0', '#FFFFFF'))
    """
    low, high = scale
    steps = len(theme.SEQUENTIAL)
    part = (value - low) / (high - low) if high > low else 0.0
    step = min(max(int(part * steps), 0), steps - 1)
    return theme.SEQUENTIAL[step], theme.INK if step < INK_STEPS else "#FFFFFF"


def evenly(count: int, most: int) -> tuple[int, ...]:
    """Return which of many columns to show: the first few, and then evenly to the last.

    Examples
    --------
    >>> evenly(4, 6), evenly(12, 6)
    ((0, 1, 2, 3), (0, 1, 2, 5, 8, 11))
    """
    if count <= most:
        return tuple(range(count))
    near = most // 2
    step = (count - near) / (most - near)
    return (*range(near), *(round(near + step * at) - 1 for at in range(1, most - near + 1)))


@dataclass(frozen=True)
class _Grid:
    """Where everything of a grid stands at one width, in inches."""

    heat: Heat
    narrow: bool

    @cached_property
    def layout(self) -> Layout:
        summary = 0.16 + self.step if self.heat.summary else 0.0
        height = self.top + self.step * len(self.heat.rows) + summary + 0.06
        return Layout(height, left=self.left, top=self.top, right=self.right, bottom=0.06)

    @cached_property
    def width(self) -> float:
        return theme.NARROW if self.narrow else theme.WIDE

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Columns of this width."""
        if not self.narrow:
            return tuple(range(len(self.heat.columns)))
        fit = max(int((self.width - self.left - 0.1) / _LEAST), 1)
        chosen = self.heat.on_phone or evenly(len(self.heat.columns), fit)
        return chosen[:fit]

    @cached_property
    def across(self) -> float:
        """Width of a cell."""
        return (self.width - self.left - self.right) / max(len(self.shown), 1)

    @cached_property
    def size(self) -> float:
        """Points of a number in a cell: as large as the widest allows."""
        widest = max((text_width(c.words, _SIZE) for row in self._lines for c in row.cells), default=0.0)
        return _SIZE if widest <= self.across - _PAD else _SMALL

    @cached_property
    def unit(self) -> str:
        """The unit, where the widest number leaves it room."""
        words = [c.words + self.heat.unit for row in self._lines for c in row.cells if c.kind == "value"]
        fits = max((text_width(w, self.size) for w in words), default=0.0) <= self.across - _PAD
        return self.heat.unit if fits else ""

    @cached_property
    def _lines(self) -> tuple[HeatRow, ...]:
        return (*self.heat.rows, *((self.heat.summary,) if self.heat.summary else ()))

    # names of rows

    @cached_property
    def labels(self) -> dict[str, str]:
        """Names as they stand: folded where one line would take too much room."""
        most = 1.12 if self.narrow else 2.0
        return {row.label: folded(row.label, most, _SIZE, longest=1.2 * most) for row in self._lines}

    @cached_property
    def names(self) -> float:
        """Room for the names."""
        bold = {row.label for row in self._lines if row.alert or row is self.heat.summary}
        widths = [_widest(lines, _SIZE, bold=label in bold) for label, lines in self.labels.items()]
        return max([0.4, *widths])

    @cached_property
    def bases(self) -> float:
        """Room for the bases."""
        if not self.heat.base:
            return 0.0
        words = [self.heat.base, *(row.n for row in self._lines)]
        return max(text_width(w, 9.5) for w in words) + _GUTTER

    @cached_property
    def left(self) -> float:
        return 0.04 + self.names + self.bases + _GUTTER

    @cached_property
    def step(self) -> float:
        """Height of a row: room for its folded name."""
        lines = max((label.count("\n") for label in self.labels.values()), default=0)
        return (0.24 if len(self.heat.rows) > _TIGHT else 0.32) + _LINE * lines

    # names of columns

    @cached_property
    def turned(self) -> bool:
        """Whether a column name is too wide for its cell, folded too."""
        inside = (self.width - self.left - 0.1) / max(len(self.shown), 1) - 0.04
        return any(_widest(folded(self.heat.columns[k], inside, _NOTE), _NOTE) > inside for k in self.shown)

    @cached_property
    def right(self) -> float:
        """Room at right: turned names lean over the cells after them, the last ones over the edge."""
        if not self.turned:
            return 0.1
        room, n = self.width - self.left, len(self.shown)
        ends = [((after + 0.5) / n, width) for after, width in enumerate(reversed(self._leaning))]
        return max(0.1, *((0.71 * width + 0.12 - room * part) / (1 - part) for part, width in ends))

    @cached_property
    def top(self) -> float:
        heading = 0.26 if self.heat.heading else 0.0
        if self.turned:
            return heading + 0.71 * max(self._leaning) + 0.26
        lines = max((self._column(k).count("\n") for k in self.shown), default=0)
        return heading + 0.3 + _LINE * lines

    @cached_property
    def _leaning(self) -> list[float]:
        return [text_width(self._column(k), _NOTE) for k in self.shown]

    def _column(self, k: int) -> str:
        name = self.heat.columns[k]
        if self.turned:  # a second line would run into the next name
            return _cut(theme.drawable(name), 1.3 if self.narrow else 1.9, _NOTE)
        return folded(name, self.across - 0.04, _NOTE)

    # drawing

    def draw(self, ax: Axes) -> None:
        for at, row in enumerate(self.heat.rows):
            self._row(ax, row, at)
        end = len(self.heat.rows) - 0.5
        if self.heat.summary:
            line = end + 0.08 / self.step
            ax.plot([self._x(-self.left + 0.04), self._last], [line, line], color=theme.EDGE, lw=0.8,
                    clip_on=False)  # fmt: skip
            end += 0.16 / self.step + 1
            self._row(ax, self.heat.summary, end - 0.5, summary=True)
        self._heads(ax)
        ax.set(xlim=(-0.5, self._last), ylim=(end, -0.5), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)

    @cached_property
    def _last(self) -> float:
        return len(self.shown) - 0.5

    def _x(self, inches: float) -> float:
        """Return the data position this many inches right of the first cell."""
        return -0.5 + inches / self.across

    def _heads(self, ax: Axes) -> None:
        tone: dict[str, Any] = {"fontsize": _NOTE, "color": theme.INK2, "va": "bottom", "linespacing": 1.1}
        y = -0.5 - 0.08 / self.step
        for at, k in enumerate(self.shown):
            if self.turned:
                ax.text(at, y, self._column(k), ha="left", rotation=45, rotation_mode="anchor", **tone)
            else:
                ax.text(at, y, self._column(k), ha="center", **tone)
        if self.heat.base:
            ax.text(self._x(-_GUTTER), y, self.heat.base, ha="right", **tone)
        if self.heat.heading:
            over = -0.5 - (self.top - 0.2) / self.step
            words = self.heat.heading
            wide = text_width(words, _NOTE) > self.width - self.left - 0.06
            x = self._x(self.width - self.left - 0.06) if wide else -0.5
            ax.text(x, over, words, ha="right" if wide else "left", **tone | {"color": theme.INK3})

    def _row(self, ax: Axes, row: HeatRow, y: float, *, summary: bool = False) -> None:
        strong = summary or row.alert
        tone: dict[str, Any] = {"va": "center", "fontweight": theme.BOLD if strong else 400}
        color = theme.ALERT if row.alert else theme.INK
        name = self._x(-self.bases - _GUTTER)
        label = self.labels[row.label]
        ax.text(name, y, label, ha="right", fontsize=_SIZE, color=color, linespacing=1.1, **tone)
        if self.heat.base:
            ax.text(self._x(-_GUTTER), y, row.n, ha="right", va="center", fontsize=9.5, color=theme.INK2)
        said: set[str] = set()
        for at, k in enumerate(self.shown):
            if k < len(row.cells):
                self._cell(ax, row.cells[k], at, y, plain=summary, first=row.cells[k].kind not in said)
                said.add(row.cells[k].kind)

    def _cell(self, ax: Axes, cell: HeatCell, x: int, y: float, *, plain: bool, first: bool) -> None:
        if cell.kind == "none":
            return
        fill, ink = shade(cell.value, self.heat.scale) if cell.kind == "value" else ("white", theme.INK3)
        if not plain:
            self._box(ax, cell, fill, x, y)
        words = {
            "value": cell.words + self.unit,
            "open": cell.words or self.heat.open_word,
            "masked": cell.words or self.heat.masked_word,
            "missing": DASH,
        }[cell.kind]
        quiet = cell.kind in ("open", "masked")
        size = _SMALL if quiet else self.size
        if quiet and (not first or text_width(words, size) > self.across - _PAD):
            return  # the mark alone says it; the word stands once a row, where it fits
        weight = theme.BOLD if plain or cell.alert else 400
        ground = {"fc": "white" if cell.kind == "open" else theme.FAINT, "ec": "none", "pad": 1.0}
        ax.text(x, y, words, ha="center", va="center", fontsize=size, fontweight=weight, zorder=4,
                color=theme.INK if plain else theme.INK2 if quiet else ink,
                bbox=ground if quiet and not plain else None)  # fmt: skip

    def _box(self, ax: Axes, cell: HeatCell, fill: str, x: int, y: float) -> None:
        from matplotlib.patches import Rectangle

        gap_x, gap_y = 0.025 / self.across, 0.02 / self.step
        looks: dict[str, dict[str, Any]] = {
            "value": {"fc": fill, "ec": "none"},
            "open": {"fc": "white", "ec": theme.EDGE, "hatch": "////", "lw": 0.6},
            "masked": {"fc": theme.FAINT, "ec": theme.EDGE, "lw": 0.6, "ls": (0, (1, 2))},
            "missing": {"fc": "white", "ec": theme.GRID, "lw": 0.6},
        }
        look = looks[cell.kind] | ({"ec": theme.ALERT, "lw": 1.8, "zorder": 3} if cell.alert else {})
        corner = (x - 0.5 + gap_x, y - 0.5 + gap_y)
        ax.add_patch(Rectangle(corner, 1 - 2 * gap_x, 1 - 2 * gap_y, **look))


def folded(words: str, inches: float, size: float, *, longest: float = math.inf) -> str:
    """Return a name in lines no wider than some inches, broken where words end; cut only beyond `longest`.

    Examples
    --------
    >>> folded("payment_failed", 0.75, 10).split()
    ['payment_', 'failed']
    """
    lines = [""]
    for piece in _pieces(theme.drawable(words)):
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > inches:
            lines.append("")
        lines[-1] += piece
    return "\n".join(_cut(line.rstrip(), longest, size) for line in lines)


def _pieces(words: str) -> list[str]:
    """Split words after each sign at which a line may break."""
    pieces = [""]
    for sign in words.replace("\n", " "):
        pieces[-1] += sign
        if sign in _SPLIT:
            pieces.append("")
    return [piece for piece in pieces if piece]


def _cut(line: str, inches: float, size: float) -> str:
    """Return a line without the end that no name needs: only words of more than thirty letters lose it."""
    while len(line) > 1 and text_width(line, size) > inches:
        line = line[:-2] + "…"
    return line


def _widest(lines: str, size: float, *, bold: bool = False) -> float:
    return max(text_width(line, size, bold=bold) for line in lines.split("\n"))
