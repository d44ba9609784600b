"""A control chart: a share period by period, the band its past expects, and the periods that left it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.sketches import Axis

_TICKS, _NARROW_TICKS = 6, 3


@dataclass(frozen=True)
class ControlChart:
    """One series.

    Attributes
    ----------
    names : sequence of str
        Periods, oldest first.
    values, low, high : sequence of float
        The share, and the band expected before it was seen; NaN where there is none.
    alerts : sequence of int
        Numbers of the periods that stand out.
    words : str
        Written at the first of the clearest alerts.
    axis : Axis
        Of the shares.
    """

    names: Sequence[str]
    values: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    alerts: Sequence[int]
    words: str
    axis: Axis

    def layout(self, *, narrow: bool) -> Layout:
        """Return height and margins."""
        return Layout(2.0, left=0.5, top=0.15, right=0.2 if narrow else 0.3, bottom=0.34)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw band, line, alerts and their words."""
        x = range(len(self.names))
        ax.fill_between(x, self.low, self.high, color=theme.GRID, lw=0, zorder=1)
        ax.plot(x, self.values, color=theme.INK, lw=1.6, zorder=3)
        for at in self.alerts:
            ax.plot(at, self.values[at], "o", ms=6.5, color=theme.ALERT, zorder=4)
        self._label(ax)
        every = max(1, math.ceil(len(self.names) / (_NARROW_TICKS if narrow else _TICKS)))
        shown = list(range(0, len(self.names), every))
        ax.set_xticks(shown, [self.names[at] for at in shown])
        ax.set_yticks(self.axis.ticks, self.axis.labels)
        ax.set_ylim(self.axis.low, self.axis.high)
        ax.set_xlim(-0.5, len(self.names) - 0.5)
        ax.grid(visible=True, axis="y", color=theme.GRID, lw=0.8)
        ax.set_axisbelow(True)
        for side in ("left", "right", "top"):
            ax.spines[side].set_visible(False)

    def _label(self, ax: Axes) -> None:
        """Write what happened beside the farthest alert, on the side where there is room."""
        if not self.alerts:
            return
        at = max(self.alerts, key=lambda a: self._distance(a))
        left = at > len(self.names) / 2
        gap = 0.015 * len(self.names) + 0.3
        ax.text(
            at - gap if left else at + gap, self.values[at], self.words, ha="right" if left else "left",
            va="center", fontsize=9, color=theme.ALERT, fontweight=theme.BOLD, zorder=5,
        )  # fmt: skip

    def _distance(self, at: int) -> float:
        return max(self.low[at] - self.values[at], self.values[at] - self.high[at], 0.0)
