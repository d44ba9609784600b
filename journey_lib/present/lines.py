"""Curves over periods with their bands: one mean, or up to four groups by colour, dash and marker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journey_lib.present import theme
from journey_lib.present.charts import Layout, apart, text_width
from journey_lib.present.heat import folded
from journey_lib.present.sketches import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 4
_DARKER = {"#1DA298": "#0F746C", "#B88903": "#7A5B00"}  # colours of marks that are too light for words
_NAME, _KEY, _STEP, _TICK = 1.7, 0.34, 0.21, 0.34  # inches: longest name, its mark, lines of names, ticks


@dataclass(frozen=True)
class Series:
    """A line over periods with its band; NaN is a gap.

    Attributes
    ----------
    label : str
        Name at its end; "" for a line that needs none.
    estimate, low, high : tuple of float
        One value a period.
    values : tuple of str
        What is written at the points, "" for nothing.
    """

    label: str
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeriodLines:
    """One to four series over the same periods.

    Attributes
    ----------
    series : sequence of Series
        In the order of the colours.
    periods : tuple of str
        What stands under the axis.
    axis : Axis
        Values.
    heading : str
        What the periods count, under the axis.
    """

    series: Sequence[Series]
    periods: tuple[str, ...]
    axis: Axis
    heading: str

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height, and room for names at the right or, on a phone, above."""
        names = [one.label for one in self.series if one.label]
        above = _STEP * len(names) + 0.08 if narrow and names else 0.0
        right = (
            0.16 if narrow or not names else min(max(text_width(n, 9.5) for n in names), _NAME) + _KEY + 0.1
        )
        return Layout(2.75 + above, left=0.52, top=0.24 + above, right=right, bottom=0.56)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bands, lines, numbers and names."""
        several = len(self.series) > 1
        for at, one in enumerate(self.series):
            color, dash, marker = _look(at, several=several)
            x = range(len(self.periods))
            ax.fill_between(x, one.low, one.high, color=color, alpha=0.15, lw=0)
            ax.plot(x, one.estimate, ls=dash, marker=marker, color=color, ms=5.5, zorder=3)
            self._numbers(ax, one, color)
        self._frame(ax, narrow=narrow)
        if any(one.label for one in self.series):
            (self._above if narrow else self._beside)(ax)

    def _numbers(self, ax: Axes, one: Series, color: str) -> None:
        lift = 0.055 * (self.axis.high - self.axis.low)
        for x, (words, high) in enumerate(zip(one.values, one.high, strict=False)):
            if words:
                side = "left" if x == 0 else "right" if x == len(self.periods) - 1 else "center"
                ax.text(x, high + lift, words, ha=side, va="center", fontsize=9.5, fontweight=theme.BOLD,
                        color=_DARKER.get(color, color))  # fmt: skip

    def _frame(self, ax: Axes, *, narrow: bool) -> None:
        last = len(self.periods) - 1
        ax.set(xlim=(-0.03 * last - 0.1, last + 0.03 * last + 0.1), ylim=(self.axis.low, self.axis.high))
        shown = self._ticks(narrow=narrow)
        ax.set_xticks(shown, [self.periods[x] for x in shown])
        ax.set_yticks(self.axis.ticks, self.axis.labels)
        ax.yaxis.grid(visible=True)
        ax.text(0, -0.44 / self._inside(narrow=narrow), self.heading, transform=ax.transAxes, va="center",
                fontsize=9, color=theme.INK2)  # fmt: skip

    def _ticks(self, *, narrow: bool) -> list[int]:
        """Return the periods whose names fit side by side; the first and the last are among them."""
        inches = self.layout(narrow=narrow)
        across = (theme.NARROW if narrow else theme.WIDE) - inches.left - inches.right
        widest = max(text_width(words, 9.5) for words in self.periods) + 0.12
        last = len(self.periods) - 1
        step = max(1, math.ceil(widest * last / across)) if last else 1
        shown = list(range(0, last + 1, step))
        return shown if shown[-1] == last else [*shown[: -1 if last - shown[-1] < step else None], last]

    def _inside(self, *, narrow: bool) -> float:
        inches = self.layout(narrow=narrow)
        return inches.height - inches.top - inches.bottom

    def _beside(self, ax: Axes) -> None:
        """Write each name near the end of its line, behind its mark."""
        reach = self.axis.high - self.axis.low
        ends = [
            next((v for v in reversed(one.estimate) if math.isfinite(v)), math.nan) for one in self.series
        ]
        shown = [at for at, end in enumerate(ends) if math.isfinite(end)]
        places = apart([ends[at] for at in shown], _STEP / self._inside(narrow=False) * reach)
        for at, y in zip(shown, places, strict=True):
            self._name(ax, at, 1 + 0.06 / self._across, (y - self.axis.low) / reach, _NAME)

    @property
    def _across(self) -> float:
        inches = self.layout(narrow=False)
        return theme.WIDE - inches.left - inches.right

    def _above(self, ax: Axes) -> None:
        """Write the names above: a phone has no room beside the lines."""
        inside, across = self._inside(narrow=True), theme.NARROW - 0.68
        for at in range(len(self.series)):
            y = 1 + (0.2 + _STEP * (len(self.series) - at) - 0.08) / inside
            self._name(ax, at, 0, y, across - _KEY)

    def _name(self, ax: Axes, at: int, x: float, y: float, most: float) -> None:
        color, dash, marker = _look(at, several=len(self.series) > 1)
        inches = ax.get_position().width * ax.get_figure(root=True).get_size_inches()[0]  # type: ignore[union-attr]
        key: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False, "color": color}
        ax.plot([x, x + 0.25 / inches], [y, y], ls=dash, lw=1.8, **key)
        ax.plot([x + 0.125 / inches], [y], marker=marker, ms=5.5, ls="", **key)
        words = folded(self.series[at].label, 99, 9.5, longest=most)
        ax.text(x + _KEY / inches, y, words, transform=ax.transAxes, va="center", fontsize=9.5,
                color=_DARKER.get(color, color))  # fmt: skip


def _look(at: int, *, several: bool) -> tuple[str, Any, str]:
    """Return colour, dash and marker of a line."""
    if not several:
        return theme.MAIN, "-", "o"
    return theme.GROUPS[at], theme.DASHES[at], theme.MARKERS[at]
