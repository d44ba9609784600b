"""Curves along the stages, one a segment, over that of everybody: together on a page, apart on a phone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journey_lib.present import theme
from journey_lib.present.charts import Layout, apart, fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.sketches import Axis

MOST = 4  # curves that stay apart in one panel
_TALL, _SMALL = 2.3, 0.95  # inches: height of the one panel, and of each of many
_SIDE, _NAMES, _HEAD, _FOOT = 0.36, 1.25, 0.34, 0.3
_SHIFT = 0.05  # of a stage, by which curves stand beside one another so that intervals can be told apart
_NAMED = 0.2  # inches between names at the ends of curves


@dataclass(frozen=True)
class Curve:
    """One segment along the stages; NaN is a gap, and the line stops there.

    Attributes
    ----------
    label : str
        Name of the segment.
    estimate, low, high : tuple of float
        One value a stage.
    thin : tuple of bool
        Stages where few answered: a hollow dot.
    """

    label: str
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    thin: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Overlaid:
    """Curves of segments over that of everybody.

    Attributes
    ----------
    everybody : Curve
        Drawn in grey behind each of the others.
    curves : sequence of Curve
        In the order of the colours.
    stages : tuple of str
        Names under the one panel; under small ones stand their numbers.
    axis : Axis
        Values of every panel.
    """

    everybody: Curve
    curves: Sequence[Curve]
    stages: tuple[str, ...]
    axis: Axis

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height: one panel, or one under another."""
        if self._together(narrow=narrow):
            return Layout(_TALL + 0.5, left=0.05, top=0.05, right=0.05, bottom=0.05)
        return Layout(
            len(self.curves) * (_HEAD + _SMALL) + _FOOT + 0.1, left=0.05, top=0.05, right=0.05, bottom=0.05
        )

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw curves and names; both axes are inches from the top left."""
        width = (theme.NARROW if narrow else theme.WIDE) - 0.1
        ax.set(xlim=(0, width), ylim=(self.layout(narrow=narrow).height - 0.1, 0), xticks=[], yticks=[])
        for side in ("left", "right", "top", "bottom"):
            ax.spines[side].set_visible(False)
        if self._together(narrow=narrow):
            panel = _Panel(ax, self, _SIDE, 0.08, width - _SIDE - _NAMES, _TALL)
            panel.frame(self.stages)
            panel.all_curves()
            return
        for at, curve in enumerate(self.curves):
            top = at * (_HEAD + _SMALL) + _HEAD
            panel = _Panel(ax, self, _SIDE, top, width - _SIDE - 0.1, _SMALL)
            last = at == len(self.curves) - 1
            panel.frame(tuple(str(n) for n in range(1, len(self.stages) + 1)) if last else ())
            panel.draw(self.everybody, **_GREY)
            panel.draw(curve, color=theme.GROUPS[at % len(theme.GROUPS)], marker=theme.MARKERS[at % 4])
            label = fitted(curve.label, width - _SIDE, 9.5, bold=True)
            ax.text(
                _SIDE, top - 0.12, label, fontsize=9.5, fontweight=theme.BOLD, va="center", color=theme.INK
            )

    def _together(self, *, narrow: bool) -> bool:
        return not narrow and len(self.curves) < MOST


_GREY: dict[str, Any] = {"color": theme.EDGE, "marker": ""}


class _Panel:
    """One frame with stages across and values up."""

    def __init__(
        self, ax: Axes, figure: Overlaid, left: float, top: float, width: float, tall: float
    ) -> None:
        self.ax, self.figure = ax, figure
        self.left, self.top, self.width, self.tall = left, top, width, tall

    def x(self, at: float) -> float:
        """Return where a stage lies."""
        pitch = self.width / max(len(self.figure.stages), 1)
        return self.left + pitch * (at + 0.5)

    def y(self, value: float) -> float:
        """Return where a value lies; one outside the axis lies on its end."""
        axis = self.figure.axis
        share = (value - axis.low) / (axis.high - axis.low)
        return self.top + self.tall * (1 - min(max(share, 0.0), 1.0)) if math.isfinite(value) else math.nan

    def frame(self, names: Sequence[str]) -> None:
        """Draw grid, values at left and stages below."""
        axis, right = self.figure.axis, self.left + self.width
        for tick, words in zip(axis.ticks, axis.labels, strict=True):
            zero = tick == 0
            self.ax.plot([self.left, right], [self.y(tick)] * 2, color=theme.EDGE if zero else theme.GRID,
                         lw=0.9, ls=(0, (1.5, 2)) if zero else "-", zorder=0)  # fmt: skip
            self.ax.text(
                self.left - 0.06, self.y(tick), words, ha="right", va="center", fontsize=8.5, color=theme.INK3
            )
        room = self.width / max(len(names), 1) - 0.03
        for at, name in enumerate(names):
            self.ax.text(
                self.x(at), self.top + self.tall + 0.16, fitted(name, room, 8), ha="center", va="center",
                fontsize=8, color=theme.INK2,
            )  # fmt: skip

    def draw(self, curve: Curve, color: str, marker: str = "o", dash: Any = "-", shift: float = 0.0) -> None:  # noqa: ANN401
        """Draw a line with dots on their intervals; everybody has a band and no dots."""
        x = [self.x(at + shift) for at in range(len(curve.estimate))]
        low, middle, high = (
            [self.y(v) for v in values] for values in (curve.low, curve.estimate, curve.high)
        )
        if not marker:
            self.ax.fill_between(x, low, high, color=color, alpha=0.3, lw=0, zorder=1)
        self.ax.plot(x, middle, color=color, lw=1.8, ls=dash, zorder=2)
        for at in range(len(x) if marker else 0):
            if math.isfinite(middle[at]):
                thin = bool(curve.thin and curve.thin[at])
                self.ax.plot([x[at]] * 2, [low[at], high[at]], color=color, lw=1.6, zorder=3)
                self.ax.plot(
                    x[at], middle[at], marker, ms=6, mfc="white" if thin else color, mec=color, zorder=4
                )

    def all_curves(self) -> None:
        """Draw everybody and all segments, and write their names at their ends."""
        figure = self.figure
        self.draw(figure.everybody, **_GREY)
        shown = [(figure.everybody, theme.INK2)]
        for at, curve in enumerate(figure.curves):
            color, shift = theme.GROUPS[at], _SHIFT * (at - (len(figure.curves) - 1) / 2) * 2
            self.draw(curve, color, theme.MARKERS[at], theme.DASHES[at], shift)
            shown.append((curve, color))
        known = [(c, tone, _end(c)) for c, tone in shown if math.isfinite(_end(c))]
        places = apart([self.y(end) for *_, end in known], _NAMED)
        for (curve, tone, _), y in zip(known, places, strict=True):
            self.ax.plot(self.left + self.width + 0.06, y, "s", ms=5, color=tone)
            words = fitted(curve.label, _NAMES - 0.2, 9)
            self.ax.text(self.left + self.width + 0.16, y, words, va="center", fontsize=9, color=theme.INK)


def _end(curve: Curve) -> float:
    return next((v for v in reversed(curve.estimate) if math.isfinite(v)), math.nan)
