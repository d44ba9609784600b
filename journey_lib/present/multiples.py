"""Small multiples: one little line a thing over the same periods, all on one scale."""

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

_COLUMNS, _NARROW_COLUMNS = 3, 2
_HEIGHT, _HEAD, _NARROW_HEAD, _GAP = (
    0.86,
    0.34,
    0.5,
    0.26,
)  # inches: of a panel, of its name, between panels across
_SIDE, _FOOT, _EDGE = 0.36, 0.3, 0.1


@dataclass(frozen=True)
class Panel:
    """One thing over the periods; a gap is NaN.

    Attributes
    ----------
    label : str
        Its name.
    estimate, low, high : tuple of float
        One value a period.
    first, last : str
        The first and the last value as they are written.
    strong : bool
        The one the page speaks about.
    """

    label: str
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    first: str = ""
    last: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Multiples:
    """Panels in rows, read like text, on one scale from its low end.

    Attributes
    ----------
    panels : sequence of Panel
        In an order the page explains.
    periods : tuple of str
        Names of the first and the last period.
    axis : Axis
        Values of every panel.
    """

    panels: Sequence[Panel]
    periods: tuple[str, str]
    axis: Axis

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows of panels."""
        return Layout(self._tall(narrow=narrow) + 0.1, top=0.05, bottom=0.05)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw every panel; both axes of the figure are inches, downwards from its top."""
        width = (theme.NARROW if narrow else theme.WIDE) - 2 * _EDGE
        head = _NARROW_HEAD if narrow else _HEAD
        ax.set(xlim=(0, width), ylim=(self._tall(narrow=narrow), 0), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)
        columns = _NARROW_COLUMNS if narrow else _COLUMNS
        room = (width - _SIDE - _GAP * (columns - 1)) / columns
        for at, panel in enumerate(self.panels):
            row, column = divmod(at, columns)
            left = _SIDE + column * (room + _GAP)
            top = row * (_HEIGHT + head) + head
            self._grid(ax, left, top, room, labelled=column == 0)
            self._line(ax, panel, left, top, room)
            self._words(ax, panel, left, top, room, narrow=narrow)
            if at + columns >= len(self.panels):
                self._ends(ax, left, top + _HEIGHT + 0.12, room)

    def _tall(self, *, narrow: bool) -> float:
        rows = math.ceil(len(self.panels) / (_NARROW_COLUMNS if narrow else _COLUMNS))
        return rows * (_HEIGHT + (_NARROW_HEAD if narrow else _HEAD)) + _FOOT

    def _y(self, value: float, top: float) -> float:
        share = (value - self.axis.low) / (self.axis.high - self.axis.low)
        return top + _HEIGHT * (1 - min(max(share, 0), 1))

    def _grid(self, ax: Axes, left: float, top: float, room: float, *, labelled: bool) -> None:
        for tick, words in zip(self.axis.ticks, self.axis.labels, strict=True):
            y = self._y(tick, top)
            ax.plot([left, left + room], [y, y], color=theme.GRID, lw=0.8, zorder=0)
            if labelled:
                ax.text(left - 0.07, y, words, ha="right", va="center", fontsize=8, color=theme.INK3)

    def _line(self, ax: Axes, panel: Panel, left: float, top: float, room: float) -> None:
        tone = theme.ALERT if panel.strong else theme.MAIN
        n = len(panel.estimate)
        x = [left + 0.06 + (room - 0.12) * (at / max(n - 1, 1)) for at in range(n)]
        y, low, high = (
            [self._y(v, top) if math.isfinite(v) else math.nan for v in values]
            for values in (panel.estimate, panel.low, panel.high)
        )
        ax.fill_between(x, low, high, color=tone, alpha=0.15, lw=0, zorder=1)
        ax.plot(x, y, "-o", color=tone, ms=3, lw=1.5, zorder=3)

    def _words(self, ax: Axes, panel: Panel, left: float, top: float, room: float, *, narrow: bool) -> None:
        """Write the name and the two numbers above a panel, on a phone one above the other."""
        words = f"{panel.first} → {panel.last}"
        weight, color = (theme.BOLD, theme.ALERT) if panel.strong else (400, theme.INK)
        free = room if narrow else room - text_width(words, 8.5, bold=panel.strong) - 0.08
        label, y = fitted(panel.label, free, 9, bold=panel.strong), top - (0.3 if narrow else 0.13)
        ax.text(left, y, label, va="center", fontsize=9, fontweight=weight, color=color)
        x, side = (left, "left") if narrow else (left + room, "right")
        tone = color if panel.strong else theme.INK2
        ax.text(x, top - 0.13, words, ha=side, va="center", fontsize=8.5, fontweight=weight, color=tone)

    def _ends(self, ax: Axes, left: float, y: float, room: float) -> None:
        first, last = self.periods
        ax.text(left, y, first, va="center", fontsize=8, color=theme.INK3)
        ax.text(left + room, y, last, ha="right", va="center", fontsize=8, color=theme.INK3)
