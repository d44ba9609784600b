"""Dumbbells: several readings of one thing on a line, and the distance between two of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Layout, fitted, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.sketches import Axis

_STEP, _NARROW_STEP = 0.4, 0.64  # inches from row to row
_TOP, _NARROW_TOP, _BOTTOM = 0.62, 0.5, 0.32
_LINE = 0.24  # inches from one line of the legend to the next
_COLUMNS = (0.62, 1.26, 1.92)  # where the numbers at the right end, in inches after the axis
_RIGHT, _MOST_LEFT, _EDGE = 2.0, 2.4, 0.14
_LANES = (-0.09, 0.09)  # inches above and below the middle of a row


@dataclass(frozen=True)
class Series:
    """How one reading is drawn: its name, marker and colour, filled or open, in the upper or lower lane."""

    name: str
    marker: str
    color: str
    filled: bool = True
    lane: int = 0


@dataclass(frozen=True)
class Reading:
    """A value with its interval, where it has one."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class DumbbellRow:
    """One thing: its name, a reading for each series, and three numbers as they are written."""

    label: str
    readings: tuple[Reading, ...]
    numbers: tuple[str, str, str]
    strong: bool = False
    thin: bool = False


@dataclass(frozen=True)
class Dumbbells:
    """Readings of several things, one row each; a bar joins the first two series.

    Attributes
    ----------
    rows : sequence of DumbbellRow
        In an order the page explains.
    series : tuple of Series
        In the order of the readings.
    axis : Axis
        Of all readings.
    columns : (str, str, str)
        Heads of the numbers at the right.
    """

    rows: Sequence[DumbbellRow]
    series: tuple[Series, ...]
    axis: Axis
    columns: tuple[str, str, str]

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows, and room for names and numbers."""
        if narrow:
            top = _NARROW_TOP - _LINE + _LINE * self._legend_lines()
            height = top + _BOTTOM + _NARROW_STEP * len(self.rows)
            return Layout(height, left=_EDGE, top=top, right=_EDGE, bottom=_BOTTOM)
        height = _TOP + _BOTTOM + _STEP * len(self.rows)
        return Layout(height, left=self._left, top=_TOP, right=_RIGHT, bottom=_BOTTOM)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw grid, legend and rows; y runs downwards in inches from the first row."""
        step = _NARROW_STEP if narrow else _STEP
        for tick in self.axis.ticks:
            ax.axvline(tick, color=theme.GRID, lw=0.8, zorder=0)
        for at, row in enumerate(self.rows):
            self._row(ax, row, step * (at + 0.5) + (0.13 if narrow else 0), narrow=narrow)
        ax.set(xlim=(self.axis.low, self.axis.high), ylim=(step * len(self.rows), 0), yticks=[])
        ax.set_xticks(self.axis.ticks, self.axis.labels)
        ax.spines["bottom"].set_visible(False)
        self._legend(ax, narrow=narrow)
        if not narrow:
            for place, head in zip(_COLUMNS, self.columns, strict=True):
                self._text(ax, self._after(place), -0.1, head, 9, theme.INK3, side="right")

    @property
    def _left(self) -> float:
        names = [text_width(row.label, 10, bold=row.strong) for row in self.rows]
        return min(max([0.9, *names]) + 0.24, _MOST_LEFT)

    def _inch(self, *, narrow: bool) -> float:
        """Return how much of the axis one inch is."""
        inner = theme.NARROW - 2 * _EDGE if narrow else theme.WIDE - self._left - _RIGHT
        return (self.axis.high - self.axis.low) / inner

    def _after(self, inches: float) -> float:
        return self.axis.high + inches * self._inch(narrow=False)

    def _row(self, ax: Axes, row: DumbbellRow, y: float, *, narrow: bool) -> None:
        ends = [reading.value for reading in row.readings[:2]]
        if all(map(math.isfinite, ends)):
            tone = theme.ALERT if row.strong else theme.EDGE
            ax.plot(ends, [y + _LANES[0]] * 2, color=tone, lw=5, alpha=0.3, solid_capstyle="butt", zorder=1)
        # The first series lies on top: where two agree, it is the open one and shows both.
        for series, reading in reversed(list(zip(self.series, row.readings, strict=True))):
            self._mark(ax, series, reading, y + _LANES[series.lane], thin=row.thin)
        tone, weight = (theme.ALERT, theme.BOLD) if row.strong else (theme.INK, 400)
        if narrow:
            words = " → ".join(row.numbers[:2]) + f"  ({row.numbers[2]})"
            room = theme.NARROW - 2 * _EDGE - text_width(words, 9) - 0.2
            label = fitted(row.label, room, 9.5, bold=row.strong)
            self._text(ax, self.axis.low, y - 0.31, label, 9.5, tone, weight=weight)
            self._text(ax, self.axis.high, y - 0.31, words, 9, theme.INK2, side="right")
            return
        before = self.axis.low - 0.12 * self._inch(narrow=False)
        label = fitted(row.label, self._left - 0.18, 10, bold=row.strong)
        self._text(ax, before, y, label, 10, tone, side="right", weight=weight)
        for place, number in zip(_COLUMNS, row.numbers, strict=True):
            self._text(ax, self._after(place), y, number, 10, tone, side="right", weight=weight)

    def _mark(self, ax: Axes, series: Series, reading: Reading, y: float, *, thin: bool) -> None:
        if not math.isfinite(reading.value):
            return
        if math.isfinite(reading.low) and math.isfinite(reading.high):
            style = (0, (2, 1.5)) if thin else "-"
            ax.plot([reading.low, reading.high], [y, y], color=series.color, lw=2, ls=style, zorder=3)
        face = series.color if series.filled and not thin else "white"
        ax.plot(
            reading.value, y, series.marker, ms=6.5, mfc=face, mec=series.color, mew=1.5, zorder=4,
            clip_on=False,
        )  # fmt: skip

    def _legend_lines(self) -> int:
        return 1 + max(line for line, _, _ in self._placed(narrow=True))

    def _placed(self, *, narrow: bool) -> list[tuple[int, float, Series]]:
        """Return line and place of each name in the legend, in inches from its left."""
        room = theme.NARROW - 2 * _EDGE if narrow else theme.WIDE
        found, line, x = [], 0, 0.0
        for series in self.series:
            width = 0.42 + text_width(series.name, 9)
            if x and x + width > room:
                line, x = line + 1, 0.0
            found.append((line, x, series))
            x += width
        return found

    def _legend(self, ax: Axes, *, narrow: bool) -> None:
        inch = self._inch(narrow=narrow)
        left = self.axis.low - (0 if narrow else self._left - 0.1) * inch
        placed = self._placed(narrow=narrow)
        top = -(_NARROW_TOP - 0.2 - _LINE + _LINE * self._legend_lines()) if narrow else -(_TOP - 0.16)
        for line, x, series in placed:
            y, at = top + line * _LINE, left + (x + 0.08) * inch
            face = series.color if series.filled else "white"
            ax.plot(
                at, y, series.marker, ms=6.5, mfc=face, mec=series.color, mew=1.5, clip_on=False, zorder=4
            )
            self._text(ax, at + 0.12 * inch, y, series.name, 9, theme.INK2)

    def _text(
        self, ax: Axes, x: float, y: float, words: str, size: float, color: str, *, side: str = "left",
        weight: int = 400,
    ) -> None:  # fmt: skip
        ax.text(x, y, words, ha=side, va="center", fontsize=size, color=color, fontweight=weight)
