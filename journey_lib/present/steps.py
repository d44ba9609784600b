"""Estimates one after another, each on its upright interval: looks at an experiment, days since exposure."""

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

_UNDER = 0.2  # inches of a line of words under the axis


@dataclass(frozen=True)
class Step:
    """One estimate with its interval and what stands beside and under it.

    Attributes
    ----------
    estimate, low, high : float
        NaN leaves a gap.
    value : str
        Written beside the dot; "" for nothing.
    under : tuple of str
        Lines under the axis.
    color : str
        Of dot and line.
    limits : (float, float)
        Boundaries drawn as short dashes; NaN for none.
    """

    estimate: float
    low: float
    high: float
    value: str = ""
    under: tuple[str, ...] = ()
    color: str = theme.MAIN
    limits: tuple[float, float] = (math.nan, math.nan)


@dataclass(frozen=True)
class Steps:
    """Upright intervals side by side over a common axis, with an optional straight line through them.

    Attributes
    ----------
    steps : sequence of Step
        In order.
    axis : Axis
        Values.
    heading : str
        What the steps are, under the axis.
    line : (float, float)
        Ends of a line from the first to the last step; NaN for none.
    """

    steps: Sequence[Step]
    axis: Axis
    heading: str
    line: tuple[float, float] = (math.nan, math.nan)

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height, with room for the words under the axis."""
        lines = max((len(step.under) for step in self.steps), default=0)
        del narrow
        return Layout(2.7 + _UNDER * lines, left=0.62, top=0.14, right=0.3, bottom=0.42 + _UNDER * lines)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw grid, intervals, boundaries and words."""
        across = (theme.NARROW if narrow else theme.WIDE) - 0.92
        room = across / max(len(self.steps), 1)
        ends = (-0.5, len(self.steps) - 0.5)
        ax.axhline(0, color=theme.INK, lw=0.9, zorder=1)
        if all(map(math.isfinite, self.line)):
            ax.plot((0, len(self.steps) - 1), self.line, color=theme.EDGE, lw=1.4, ls=(0, (3, 2)), zorder=2)
        for x, step in enumerate(self.steps):
            self._one(ax, x, step, beside=room > 0.75)
        ax.set(xlim=ends, ylim=(self.axis.low, self.axis.high), xticks=[])
        ax.set_yticks(self.axis.ticks, self.axis.labels)
        ax.yaxis.grid(visible=True)
        ax.spines["bottom"].set_visible(False)
        self._under(ax, room, narrow=narrow)

    def _one(self, ax: Axes, x: int, step: Step, *, beside: bool) -> None:
        if not math.isfinite(step.estimate):
            return
        low, high = max(step.low, self.axis.low), min(step.high, self.axis.high)
        interval(ax, low, step.estimate, high, x, color=step.color, vertical=True)
        for limit in step.limits:
            if self.axis.low <= limit <= self.axis.high:
                ax.plot(
                    (x - 0.22, x + 0.22),
                    (limit, limit),
                    color=theme.ALERT,
                    lw=1.4,
                    ls=(0, (2, 1.2)),
                    zorder=2,
                )
        if beside and step.value:
            ax.annotate(step.value, (x, step.estimate), (9, 0), textcoords="offset points", va="center",
                        fontsize=9.5, fontweight=theme.BOLD, color=step.color)  # fmt: skip

    def _under(self, ax: Axes, room: float, *, narrow: bool) -> None:
        """Write what each step is; where there is no room, only every so many."""
        layout = self.layout(narrow=narrow)
        inside = layout.height - layout.top - layout.bottom
        widest = max((text_width(line, 9) for step in self.steps for line in step.under), default=0.0)
        every = max(1, math.ceil((widest + 0.1) / room))
        for x, step in enumerate(self.steps):
            if x % every:
                continue
            for place, line in enumerate(step.under):
                y = -(0.14 + _UNDER * place) / inside
                ax.text(x, y, line, transform=ax.get_xaxis_transform(), ha="center", va="center", fontsize=9,
                        color=theme.INK2 if place else theme.INK)  # fmt: skip
        lines = max((len(step.under) for step in self.steps), default=0)
        ax.text(0.5, -(0.2 + _UNDER * lines) / inside, self.heading, transform=ax.transAxes, ha="center",
                va="center", fontsize=9, color=theme.INK2)  # fmt: skip
