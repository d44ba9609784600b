"""Rising curves: one to four with bands and numbers at risk, or small ones side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.present import theme
from journey_lib.present.charts import Layout, apart, text_width

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

MOST_POINTS, MOST_TICKS = 400, 12  # of a line, and marks of open spells on it
_ROW, _TABLE = 0.24, 0.62  # inches of a row of numbers at risk, and from the axis to the first
_MOST_NAME = 1.9
_LABEL = 9.0


@dataclass(frozen=True, eq=False)
class Curve:
    """A share that rises with time, with its band.

    Attributes
    ----------
    label : str
        Name at the end of the line.
    time, share, low, high : ndarray of float
        Steps: the share holds from its time on. Limits may be NaN.
    last_seen : ndarray of float
        When spells were last seen open; drawn as thin marks, not all of them.
    at_risk : tuple of str
        What stands under each tick of the axis.
    color : str
        Of line and band.
    dash : Any
        Line style, as matplotlib takes it.
    """

    label: str
    time: npt.NDArray[np.float64]
    share: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    last_seen: npt.NDArray[np.float64]
    at_risk: tuple[str, ...] = ()
    color: str = theme.MAIN
    dash: Any = "-"


@dataclass(frozen=True)
class TimeAxis:
    """A time axis from 0: its end, its ticks in days, what is written there, and the unit."""

    end: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    unit: str


@dataclass(frozen=True)
class RiskCurves:
    """One to four curves on a common axis, with the numbers at risk aligned under its ticks."""

    curves: Sequence[Curve]
    axis: TimeAxis
    axis_label: str
    risk_label: str

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for curves and table, and room for names at both sides."""
        rows = len(self.curves) * (2 if narrow else 1) + 1
        below = _TABLE + _ROW * rows
        if narrow:
            return Layout(2.5 + below + self._legend_height, left=0.5, top=0.12 + self._legend_height,
                          right=0.3, bottom=below)  # fmt: skip
        right = 0.3 if len(self.curves) == 1 else self._names + 0.2
        return Layout(
            3.1 + below, left=max(self._names + self._clear + 0.12, 0.9), top=0.14, right=right, bottom=below
        )

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bands, lines and marks, then the words around them."""
        for curve in self.curves:
            _line(ax, curve, self.axis.end)
        roof = _roof(self.curves)
        _frame(ax, self.axis, roof)
        inches = self.layout(narrow=narrow)
        height = inches.height - inches.top - inches.bottom
        ax.text(0.5, -0.4 / height, self.axis_label, transform=ax.transAxes, ha="center", va="center",
                fontsize=_LABEL, color=theme.INK2)  # fmt: skip
        if len(self.curves) > 1:
            (self._legend if narrow else self._ends)(ax, height)
        self._risk(ax, height, narrow=narrow)

    @property
    def _names(self) -> float:
        """Room for the longest name, in inches."""
        names = [text_width(curve.label, 9.5, bold=True) for curve in self.curves]
        return min(max([*names, text_width(self.risk_label, _LABEL, bold=True)]), _MOST_NAME)

    @property
    def _clear(self) -> float:
        """Room between the axis and the names in the table: half of the widest first number, and a gap."""
        return max(text_width(curve.at_risk[0], 9.5) for curve in self.curves if curve.at_risk) / 2 + 0.16

    @property
    def _legend_height(self) -> float:
        return 0.22 * len(self.curves) + 0.06 if len(self.curves) > 1 else 0.0

    def _ends(self, ax: Axes, height: float) -> None:
        """Write each name at the end of its line."""
        roof = _roof(self.curves)
        ends = [_at(curve, self.axis.end) for curve in self.curves]
        places = apart(ends, 0.2 / height * roof)
        for curve, y in zip(self.curves, places, strict=True):
            tone: dict[str, Any] = {"color": _readable(curve.color), "fontweight": theme.BOLD}
            ax.text(self.axis.end * 1.015, y, curve.label, va="center", fontsize=9.5, **tone)

    def _legend(self, ax: Axes, height: float) -> None:
        """Write the names above: a phone has no room at the ends."""
        for at, curve in enumerate(self.curves):
            y = 1 + (self._legend_height - 0.14 - 0.22 * at) / height
            ax.plot(
                [0, 0.09],
                [y, y],
                transform=ax.transAxes,
                color=curve.color,
                ls=curve.dash,
                lw=2,
                clip_on=False,
            )
            ax.text(0.11, y, curve.label, transform=ax.transAxes, va="center", fontsize=9.5, color=theme.INK)

    def _risk(self, ax: Axes, height: float, *, narrow: bool) -> None:
        y = -(_TABLE + 0.04) / height
        left = 0.0 if narrow else -self._clear / self._across
        side = "left" if narrow else "right"
        ax.text(left, y, self.risk_label, transform=ax.transAxes, ha=side, va="center", fontsize=_LABEL,
                color=theme.INK3, fontweight=theme.BOLD)  # fmt: skip
        for curve in self.curves:
            y -= _ROW / height
            if len(self.curves) > 1:
                ax.text(left, y, curve.label, transform=ax.transAxes, ha=side, va="center", fontsize=9.5,
                        color=_readable(curve.color))  # fmt: skip
            if narrow and len(self.curves) > 1:
                y -= _ROW / height
            for tick, words in zip(self.axis.ticks, curve.at_risk, strict=True):
                ax.text(tick / self.axis.end, y, words, transform=ax.transAxes, ha="center", va="center",
                        fontsize=9 if narrow else 9.5, color=theme.INK2)  # fmt: skip

    @property
    def _across(self) -> float:
        """Width of the axes in inches (wide figure)."""
        inches = self.layout(narrow=False)
        return theme.WIDE - inches.left - inches.right


@dataclass(frozen=True)
class Panel:
    """A small figure: its heading, the line under it, its curve and its own time axis."""

    title: str
    base: str
    curve: Curve
    axis: TimeAxis


@dataclass(frozen=True)
class Panels:
    """Curves side by side on one share axis; each has a time axis of its own."""

    panels: Sequence[Panel]

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows of panels."""
        return Layout(
            self._rows(narrow=narrow) * (1.85 if narrow else 2.05), left=0, top=0, right=0, bottom=0
        )

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw each panel into axes of its own."""
        ax.set_axis_off()
        across = 2 if narrow else 3
        rows = self._rows(narrow=narrow)
        width, height = theme.NARROW if narrow else theme.WIDE, self.layout(narrow=narrow).height
        left, cell = 0.5, (width - 0.5 - 0.1) / across
        roof = _roof([panel.curve for panel in self.panels])
        for at, panel in enumerate(self.panels):
            row, column = divmod(at, across)
            x, y = left + column * cell, height - (row + 1) * height / rows + 0.34
            box = (x / width, y / height, (cell - 0.34) / width, (height / rows - 0.34 - 0.5) / height)
            inner = ax.inset_axes(box)
            _line(inner, panel.curve, panel.axis.end)
            _frame(inner, panel.axis, roof, labels=column == 0)
            self._words(ax, panel, x / width, (y + height / rows - 0.34 - 0.5) / height, height)

    def _rows(self, *, narrow: bool) -> int:
        return math.ceil(len(self.panels) / (2 if narrow else 3))

    @staticmethod
    def _words(ax: Axes, panel: Panel, x: float, top: float, height: float) -> None:
        place: dict[str, Any] = {"transform": ax.transAxes, "va": "center"}
        ax.text(x, top + 0.31 / height, panel.title, fontsize=10, fontweight=theme.BOLD, **place)
        ax.text(x, top + 0.13 / height, panel.base, fontsize=8.5, color=theme.INK3, **place)


def time_axis(end: float, units: tuple[str, str, str], *, most: int = 5) -> TimeAxis:
    """Return a readable time axis that reaches at least to an end, in days, hours or minutes.

    Parameters
    ----------
    end : float
        Days that must fit.
    units : (str, str, str)
        What days, hours and minutes are called.
    most : int
        Most ticks.

    Examples
    --------
    >>> axis = time_axis(26, ("days", "hours", "minutes"))
    >>> axis.labels, axis.unit, axis.end
    (('0', '7', '14', '21', '28'), 'days', 28.0)
    >>> time_axis(0.4, ("days", "hours", "minutes")).labels
    ('0', '3', '6', '9', '12')
    """
    each, name = next(
        ((size, unit) for size, unit in zip((1.0, 1 / 24), units, strict=False) if end >= 2 * size),
        (1 / 1440, units[2]),
    )
    whole = max(end / each, 1e-9)
    step = next(s for s in _steps(name == units[0]) if math.ceil(round(whole / s, 9)) <= most - 1)
    count = max(math.ceil(round(whole / step, 9)), 1)
    ticks = [step * at for at in range(count + 1)]
    labels = tuple(f"{tick:,.10g}" for tick in ticks)
    return TimeAxis(ticks[-1] * each, tuple(tick * each for tick in ticks), labels, name)


def _steps(of_days: bool) -> list[float]:  # noqa: FBT001 - one question, one answer
    small = [0.5, 1, 2, 7, 14, 30, 60, 90, 180, 365] if of_days else [1, 2, 3, 5, 6, 10, 12, 15, 20, 30]
    return [*small, *(float(small[-1] * 2**power) for power in range(1, 30))]


def _roof(curves: Sequence[Curve]) -> float:
    """Return the top of the share axis: everything, or half where no band rises above it."""
    highest = max((float(np.nanmax([*curve.share, *curve.high, 0])) for curve in curves), default=1.0)
    return 0.5 if highest <= 0.45 else 1.0


def _frame(ax: Axes, axis: TimeAxis, roof: float, *, labels: bool = True) -> None:
    ticks = [roof * part for part in ((0, 0.25, 0.5, 0.75, 1) if roof == 1 else (0, 0.2, 0.4, 0.6, 0.8, 1))]
    for tick in ticks[1:]:
        half = abs(tick - 0.5) < 1e-9
        ax.axhline(
            tick, color=theme.INK3 if half else theme.GRID, lw=0.8, ls=(0, (2, 2)) if half else "-", zorder=0
        )
    words = [f"{100 * tick:.0f}" for tick in ticks]
    words[-1] += "%"
    ax.set(xlim=(0, axis.end), ylim=(0, roof * 1.02))
    ax.set_xticks(axis.ticks, axis.labels)
    ax.set_yticks(ticks, words if labels else [""] * len(ticks))


def _line(ax: Axes, curve: Curve, end: float) -> None:
    """Draw a band, its steps and some marks of open spells."""
    time, share, low, high = _thinned(curve, end)
    known = ~np.isnan(low)
    ax.fill_between(time, low, high, where=known.tolist(), step="post", color=curve.color, alpha=0.16, lw=0)
    ax.plot(
        time, share, drawstyle="steps-post", color=curve.color, ls=curve.dash, lw=2, solid_capstyle="butt"
    )
    inside = np.sort(curve.last_seen[curve.last_seen <= end])
    if len(inside):
        marks = inside[np.unique(np.linspace(0, len(inside) - 1, MOST_TICKS).astype(int))]
        heights = np.append(0.0, curve.share)[np.searchsorted(curve.time, marks, side="right")]
        ax.plot(marks, heights, "|", ms=6, mew=1, color=_readable(curve.color), zorder=4)


def _thinned(curve: Curve, end: float) -> tuple[npt.NDArray[np.float64], ...]:
    """Return a line from 0 to the end with no more points than can be seen."""
    inside = np.flatnonzero(curve.time <= end)
    if len(inside) > MOST_POINTS:
        inside = inside[np.unique(np.linspace(0, len(inside) - 1, MOST_POINTS).astype(int))]
    last = inside[-1:] if len(inside) else inside
    time = np.concatenate([[0.0], curve.time[inside], [min(end, float(curve.time[-1]))] if len(last) else []])
    columns = [
        np.concatenate([[0.0], column[inside], column[last]])
        for column in (curve.share, curve.low, curve.high)
    ]
    return (time, *columns)


def _at(curve: Curve, time: float) -> float:
    """Return the share at a time."""
    row = int(np.searchsorted(curve.time, time, side="right")) - 1
    return float(curve.share[row]) if row >= 0 else 0.0


def _readable(color: str) -> str:
    """Return a colour that words can be read in; the two light ones of four give way to a darker tone."""
    darker = {"#1DA298": "#0F746C", "#B88903": "#7A5B00"}
    return darker.get(color, color)
