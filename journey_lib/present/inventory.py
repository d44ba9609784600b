"""An inventory in rows: two measures as dots on intervals side by side, with a plain number between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Layout, interval, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.sketches import Axis

_STEP, _NARROW_STEP, _BLOCK = 0.28, 0.5, 0.34  # inches from row to row, and for the heading of a block
_TOP, _BOTTOM = 0.42, 0.3
_MOST_LABEL = 2.2
_VALUE, _NUMBER = 0.46, 0.92  # room for a value beside its dot, and for the number between


@dataclass(frozen=True)
class Mark:
    """An estimate as it is drawn and written; `words` stand in its place where there is none."""

    low: float = math.nan
    estimate: float = math.nan
    high: float = math.nan
    words: str = ""
    thin: bool = False


@dataclass(frozen=True)
class InventoryRow:
    """One item: its name, two marks and the number between them; a heading opens a block."""

    label: str
    first: Mark
    number: str
    second: Mark
    heading: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Inventory:
    """Rows with two measures, each on an axis of its own.

    Attributes
    ----------
    rows : sequence of InventoryRow
        In an order the page explains.
    axes : (Axis, Axis)
        Of the first and the second measure.
    columns : (str, str, str)
        Names of first measure, number and second measure.
    """

    rows: Sequence[InventoryRow]
    axes: tuple[Axis, Axis]
    columns: tuple[str, str, str]

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows and headings; everything is placed in inches over the width."""
        return Layout(self._height(narrow=narrow), left=0, top=0, right=0, bottom=0)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw both panels, the rows and the words around them."""
        width, height = (theme.NARROW if narrow else theme.WIDE), self._height(narrow=narrow)
        ax.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)
        panels = self._panels(narrow=narrow)
        for axis, ends in zip(self.axes, panels, strict=True):
            self._scale(ax, axis, ends, height)
        self._heads(ax, panels, narrow=narrow)
        y = _TOP
        for row in self.rows:
            if row.heading:
                self._heading(ax, row.heading, y + _BLOCK / 2 + 0.03, narrow=narrow)
                y += _BLOCK
            (self._narrow_row if narrow else self._wide_row)(ax, row, y, panels)
            y += _NARROW_STEP if narrow else _STEP

    def _height(self, *, narrow: bool) -> float:
        blocks = sum(bool(row.heading) for row in self.rows)
        step = _NARROW_STEP if narrow else _STEP
        return _TOP + blocks * _BLOCK + step * len(self.rows) + _BOTTOM

    @property
    def _left(self) -> float:
        names = [text_width(row.label, 10, bold=row.strong) for row in self.rows]
        names += [text_width(row.heading, 9, bold=True) for row in self.rows if row.heading]
        return min(max([0.8, *names]) + 0.1, _MOST_LABEL)

    def _panels(self, *, narrow: bool) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return where both panels begin and end, in inches."""
        if narrow:
            return (0.14, 1.3), (2.02, 3.04)
        start = self._left + 0.18
        each = (theme.WIDE - start - 2 * _VALUE - _NUMBER - 0.32) / 2
        second = start + each + _VALUE + _NUMBER + 0.16
        return (start, start + each), (second, second + each)

    def _scale(self, ax: Axes, axis: Axis, ends: tuple[float, float], height: float) -> None:
        for tick, words in zip(axis.ticks, axis.labels, strict=True):
            x = _at(axis, ends, tick)
            ax.plot([x, x], [_TOP, height - _BOTTOM], color=theme.GRID, lw=0.8, zorder=0)
            ax.text(x, height - _BOTTOM + 0.12, words, ha="center", va="center", fontsize=9, color=theme.INK2)

    def _heads(self, ax: Axes, panels: tuple[tuple[float, float], ...], *, narrow: bool) -> None:
        first, number, second = self.columns
        for words, (start, _) in zip((first, second), panels, strict=True):
            ax.text(start, 0.2, words, va="center", fontsize=9, color=theme.INK3, fontweight=theme.BOLD)
        if not narrow:
            x = panels[1][0] - 0.34
            ax.text(x, 0.2, number, ha="right", va="center", fontsize=9, color=theme.INK3)

    def _heading(self, ax: Axes, words: str, y: float, *, narrow: bool) -> None:
        x, side = (0.1, "left") if narrow else (self._left, "right")
        ax.text(x, y, words, ha=side, va="center", fontsize=9, color=theme.INK3, fontweight=theme.BOLD)

    def _wide_row(
        self, ax: Axes, row: InventoryRow, top: float, panels: tuple[tuple[float, float], ...]
    ) -> None:
        y, weight, tone = top + _STEP / 2, theme.BOLD if row.strong else 400, _tone(row)
        ax.text(self._left, y, row.label, ha="right", va="center", fontsize=10, fontweight=weight, color=tone)
        ax.text(panels[1][0] - 0.34, y, row.number, ha="right", va="center", fontsize=9.5, color=theme.INK2)
        for mark, axis, ends in zip((row.first, row.second), self.axes, panels, strict=True):
            _draw(ax, mark, axis, ends, y, row=row)

    def _narrow_row(
        self, ax: Axes, row: InventoryRow, top: float, panels: tuple[tuple[float, float], ...]
    ) -> None:
        weight = theme.BOLD if row.strong else 400
        ax.text(0.1, top + 0.11, row.label, va="center", fontsize=9.5, fontweight=weight, color=_tone(row))
        if row.number and math.isfinite(row.first.estimate):
            words = f"{self.columns[1]} {row.number}"
            ax.text(3.5, top + 0.11, words, ha="right", va="center", fontsize=8.5, color=theme.INK3)
        for mark, axis, ends in zip((row.first, row.second), self.axes, panels, strict=True):
            _draw(ax, mark, axis, ends, top + 0.32, row=row)


def _draw(
    ax: Axes, mark: Mark, axis: Axis, ends: tuple[float, float], y: float, *, row: InventoryRow
) -> None:
    """Draw a mark with its value at the right of its panel, or words where there is no number."""
    if not math.isfinite(mark.estimate):
        ax.text(ends[0], y, mark.words, va="center", fontsize=8.5, color=theme.INK3)
        return
    places = [_at(axis, ends, v) for v in (mark.low, mark.estimate, mark.high)]
    color = theme.ALERT if row.strong else theme.MAIN
    if math.isfinite(mark.low):
        interval(ax, places[0], places[1], places[2], y, color=color, thin=mark.thin)
    x = ends[1] + _VALUE - 0.02
    ax.text(x, y, mark.words, ha="right", va="center", fontsize=9.5, color=_tone(row))


def _at(axis: Axis, ends: tuple[float, float], value: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * (value - axis.low) / (axis.high - axis.low)


def _tone(row: InventoryRow) -> str:
    return theme.ALERT if row.strong else theme.INK
