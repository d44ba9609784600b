"""A journey along days: stages one under another, each bar beginning where the one before ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Layout, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.sketches import Axis

_STEP, _NARROW_STEP = 0.36, 0.52  # inches from row to row
_HALF = 0.2  # of a row: half the height of a bar


@dataclass(frozen=True)
class Stretch:
    """One stage on the line.

    Attributes
    ----------
    label, words : str
        Its name, and how long it takes, or why nobody knows.
    days : float
        Length of the bar; NaN where unknown.
    place : int
        Its stop on the journey, for the colour.
    """

    label: str
    words: str
    days: float
    place: int


@dataclass(frozen=True)
class Timeline:
    """Stages as bars laid end to end; a stage without a length leaves a gap with its reason."""

    rows: Sequence[Stretch]
    axis: Axis

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows, and room for the names at left."""
        step = _NARROW_STEP if narrow else _STEP
        height = 0.5 + step * len(self.rows)
        if narrow:
            return Layout(height, left=0.14, top=0.1, right=0.3, bottom=0.34)
        return Layout(height, left=self._left, top=0.1, right=1.5, bottom=0.34)

    @property
    def _left(self) -> float:
        return max([0.8, *(text_width(row.label) for row in self.rows)]) + 0.2

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bars, names and words."""
        start = 0.0
        for y, row in enumerate(self.rows):
            self._row(ax, row, y, start, narrow=narrow)
            start += row.days if math.isfinite(row.days) else 0.0
        ax.set_ylim(len(self.rows) - 0.5, -0.55)
        ax.set_xlim(self.axis.low, self.axis.high)
        ax.set_xticks(self.axis.ticks, self.axis.labels)
        ax.set_yticks([])
        ax.grid(visible=True, axis="x", color=theme.GRID, lw=0.8)
        ax.set_axisbelow(True)
        for side in ("left", "right", "top", "bottom"):
            ax.spines[side].set_visible(False)

    def _row(self, ax: Axes, row: Stretch, y: float, start: float, *, narrow: bool) -> None:
        bar = y + (0.14 if narrow else 0.0)
        known = math.isfinite(row.days)
        end = start + (row.days if known else 0.0)
        if known:
            ax.barh(bar, row.days, left=start, height=2 * _HALF * (0.7 if narrow else 1), zorder=3,
                    color=theme.STAGES[row.place % len(theme.STAGES)])  # fmt: skip
        width = self.axis.high - self.axis.low
        if narrow:
            ax.text(
                self.axis.low,
                y - 0.24,
                f"{row.label} · {row.words}",
                fontsize=9,
                va="center",
                color=theme.INK,
            )
            return
        ax.text(-0.015 * width, y, row.label, ha="right", va="center", fontsize=10, color=theme.INK)
        tone = theme.INK if known else theme.INK3
        ax.text(end + 0.01 * width, y, row.words, va="center", fontsize=9, color=tone, zorder=4)
