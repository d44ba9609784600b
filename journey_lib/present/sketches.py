"""Shapes of figures: rows of dots on intervals, stacked answers around neutral, lines over waves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from journey_lib.present import theme
from journey_lib.present.charts import Layout, apart, interval, text_width
from journey_lib.present.wording import MINUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_STEP, _NARROW_STEP, _BLOCK = 0.3, 0.46, 0.4  # inches from row to row, and above a block
_VISIBLE = 0.022  # of the axis: nearer twins would hide the dot
_RIGHT, _MOST_LEFT = 1.75, 3.0


@dataclass(frozen=True)
class Axis:
    """Ends and ticks of a value axis; the unit stands on the last tick."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class DotRow:
    """One estimate with its interval, its name and its words at the right."""

    label: str
    low: float
    estimate: float
    high: float
    value: str
    bounds: str
    base: str
    color: str = theme.MAIN
    thin: bool = False
    strong: bool = False
    heading: str = ""
    twin: float = math.nan


@dataclass(frozen=True)
class DotRows:
    """Estimates one under another on a common axis; a heading opens each block.

    `twin` of a row, the same estimate computed the other way, is drawn as a small open diamond where it would
    not lie on the dot itself.
    """

    rows: Sequence[DotRow]
    axis: Axis
    columns: tuple[str, str]
    reference: float | None = None

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows and headings, and room for names at left and numbers at right."""
        step = _NARROW_STEP if narrow else _STEP
        height = 0.68 + step * len(self.rows) + _BLOCK * self._headings()
        if narrow:
            return Layout(height, left=0.14, top=0.3, right=0.92, bottom=0.34)
        return Layout(height, left=self._left, top=0.32, right=_RIGHT, bottom=0.34)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw grid, rows and the numbers beside them."""
        step = _NARROW_STEP if narrow else _STEP
        y = 0.0
        for row in self.rows:
            if row.heading:
                y += _BLOCK
                self._heading(ax, row.heading, y - (0.36 if narrow else 0.29), narrow=narrow)
            self._row(ax, row, y, narrow=narrow)
            y += step
        self._frame(ax, y - step / 2, step, narrow=narrow)

    def _headings(self) -> int:
        return sum(bool(row.heading) for row in self.rows)

    def _heading(self, ax: Axes, words: str, y: float, *, narrow: bool) -> None:
        x, side = (self.axis.low, "left") if narrow else (self._beside(-0.12), "right")
        ax.text(x, y, words, ha=side, fontsize=9, color=theme.INK3, va="center", fontweight=theme.BOLD)

    @property
    def _left(self) -> float:
        """Room for the longest name or heading, in inches."""
        names = [text_width(row.label, 10, bold=row.strong) for row in self.rows]
        names += [text_width(row.heading, 9, bold=True) for row in self.rows if row.heading]
        return min(max([1.0, *names]) + 0.24, _MOST_LEFT)

    def _beside(self, inches: float) -> float:
        """Return the data position this many inches right of the axis' low end (wide figure)."""
        inner = theme.WIDE - self._left - _RIGHT
        return self.axis.low + (self.axis.high - self.axis.low) * inches / inner

    def _after(self, inches: float, *, narrow: bool = False) -> float:
        """Return the data position this many inches right of the axis' high end."""
        inner = theme.NARROW - 0.14 - 0.92 if narrow else theme.WIDE - self._left - _RIGHT
        return self.axis.high + (self.axis.high - self.axis.low) * inches / inner

    def _row(self, ax: Axes, row: DotRow, y: float, *, narrow: bool) -> None:
        mark = y + (0.1 if narrow else 0)
        if math.isfinite(row.estimate):
            interval(ax, row.low, row.estimate, row.high, mark, color=row.color, thin=row.thin)
        if abs(row.twin - row.estimate) > _VISIBLE * (self.axis.high - self.axis.low):
            ax.plot(row.twin, mark, "D", ms=4, mfc="white", mec=theme.INK2, mew=1, zorder=5)
        (self._words_around if narrow else self._words_beside)(ax, row, y)

    def _words_beside(self, ax: Axes, row: DotRow, y: float) -> None:
        """Write the name at left and the numbers at right, all on the line of the mark."""
        strong = _emphasis(row)
        ax.text(self._beside(-0.12), y, row.label, ha="right", va="center", fontsize=10, **strong)
        ax.text(self._after(0.52), y, row.value, ha="right", va="center", fontsize=10, **strong)
        ax.text(self._after(0.6), y, row.bounds, va="center", fontsize=9, color=theme.INK3)
        ax.text(self._after(1.68), y, row.base, ha="right", va="center", fontsize=9, color=theme.INK2)

    def _words_around(self, ax: Axes, row: DotRow, y: float) -> None:
        """Write the name above the mark and the numbers behind it: a phone has no room beside."""
        strong, x = _emphasis(row), self._after(0.1, narrow=True)
        ax.text(self.axis.low, y - 0.1, row.label, va="center", fontsize=9.5, **strong)
        ax.text(x, y + 0.02, row.value, va="center", fontsize=10, **strong)
        ax.text(x, y + 0.2, row.bounds, va="center", fontsize=8.5, color=theme.INK3)

    def _frame(self, ax: Axes, end: float, step: float, *, narrow: bool) -> None:
        for tick in self.axis.ticks:
            ax.axvline(tick, color=theme.GRID, lw=0.8, zorder=0)
        if self.reference is not None:
            ax.axvline(self.reference, color=theme.INK2, lw=0.9, ls=(0, (2, 2)), zorder=1)
        start = -step / 2
        ax.set(xlim=(self.axis.low, self.axis.high), ylim=(end, start), yticks=[])
        ax.set_xticks(self.axis.ticks, self.axis.labels)
        ax.spines["bottom"].set_visible(False)
        head = start - 0.12
        if not narrow:
            ax.text(
                self._after(0.52),
                head,
                self.columns[0],
                ha="right",
                va="center",
                fontsize=9,
                color=theme.INK3,
            )
            ax.text(
                self._after(1.68),
                head,
                self.columns[1],
                ha="right",
                va="center",
                fontsize=9,
                color=theme.INK3,
            )


def _emphasis(row: DotRow) -> dict[str, Any]:
    tone = theme.ALERT if row.color == theme.ALERT else theme.INK
    return {"fontweight": theme.BOLD if row.strong else 400, "color": tone}


@dataclass(frozen=True)
class LikertRow:
    """Shares of the levels of one item, lowest level first, with its net and base."""

    label: str
    shares: tuple[float, ...]
    net: str
    base: str
    alert: bool = False


@dataclass(frozen=True)
class LikertRows:
    """Stacked answers around the middle of neutral; a level nobody chose keeps its place as 0."""

    rows: Sequence[LikertRow]
    levels: tuple[str, ...]
    columns: tuple[str, str]

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all items and room for names at left."""
        if narrow:
            return Layout(0.95 + 0.5 * len(self.rows), left=0.1, top=0.72, right=0.1, bottom=0.05)
        return Layout(0.7 + 0.33 * len(self.rows), left=self._left, top=0.55, right=1.15, bottom=0.05)

    @property
    def _left(self) -> float:
        names = [text_width(row.label, 10, bold=row.alert) for row in self.rows]
        return min(max([1.0, *names]) + 0.16, _MOST_LEFT)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw each item's levels, then its words, then the legend of the scale."""
        low, high = self._reach()
        for at, row in enumerate(self.rows):
            self._bars(ax, row, at + (0.2 if narrow else 0), narrow=narrow)
            self._words(ax, row, at, (low, high), narrow=narrow)
        ax.axvline(0, color=theme.INK, lw=0.9, zorder=0)
        ax.set(xlim=(low, high), ylim=(len(self.rows) - 0.5, -0.5), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)
        self._legend(ax, (low, high), narrow=narrow)

    def _reach(self) -> tuple[float, float]:
        """Return symmetric-free ends: just past the longest bar on each side."""
        starts = [self._start(row) for row in self.rows]
        ends = [start + 100 * sum(row.shares) for start, row in zip(starts, self.rows, strict=True)]
        return min(starts, default=-50) - 4, max(ends, default=50) + 2

    def _start(self, row: LikertRow) -> float:
        """Return where the lowest level begins, so that zero is the middle of the scale."""
        half, odd = divmod(len(row.shares), 2)
        return -100 * (sum(row.shares[:half]) + (row.shares[half] / 2 if odd else 0))

    def _bars(self, ax: Axes, row: LikertRow, y: float, *, narrow: bool) -> None:
        left, height = self._start(row), 0.5 if narrow else 0.66
        for share, color in zip(row.shares, self._colors(), strict=True):
            width = 100 * share
            ax.barh(y, width, left=left, height=height, color=color, ec=theme.EDGE, lw=0.4)
            if width >= (8 if narrow else 5.5):
                ax.text(
                    left + width / 2,
                    y,
                    f"{width:.0f}",
                    ha="center",
                    va="center",
                    fontsize=9,
                    color=theme.on(color),
                )
            elif width == 0 and left == self._start(row):
                ax.text(left - 1.2, y, "0", ha="right", va="center", fontsize=9, color=color)
            left += width

    def _words(self, ax: Axes, row: LikertRow, y: float, ends: tuple[float, float], *, narrow: bool) -> None:
        weight, tone = (theme.BOLD, theme.ALERT) if row.alert else (400, theme.INK)
        low, high = ends
        if narrow:
            ax.text(low, y - 0.24, row.label, va="center", fontsize=9.5, fontweight=weight, color=tone)
            words = f"n = {row.base}   {self.columns[0]} {row.net}"
            ax.text(high, y - 0.24, words, ha="right", va="center", fontsize=9, color=theme.INK2)
            return
        inch = (high - low) / (theme.WIDE - self._left - 1.15)
        ax.text(low, y, row.label, ha="right", va="center", fontsize=10, fontweight=weight, color=tone)
        ax.text(
            high + 0.45 * inch,
            y,
            row.net,
            ha="right",
            va="center",
            fontsize=10,
            fontweight=weight,
            color=tone,
        )
        ax.text(high + 1.08 * inch, y, row.base, ha="right", va="center", fontsize=9.5, color=theme.INK2)

    def _legend(self, ax: Axes, ends: tuple[float, float], *, narrow: bool) -> None:
        low, high = ends
        inch = (high - low) / (theme.NARROW - 0.2 if narrow else theme.WIDE - self._left - 1.15)
        x, y = (low, -1.3) if narrow else (low - (self._left - 0.1) * inch, -1.55)
        for place, (level, color) in enumerate(zip(self.levels, self._colors(), strict=True)):
            width = (0.36 + text_width(level, 9)) * inch
            if narrow and (x + width > high and place):
                x, y = low, y + 0.42
            ax.plot(x + 0.06 * inch, y, "s", ms=7, color=color, mec=theme.EDGE, mew=0.5, clip_on=False)
            ax.text(x + 0.17 * inch, y, level, va="center", fontsize=9, color=theme.INK2, clip_on=False)
            x += width
        if not narrow:
            for shift, word in zip((0.45, 1.08), self.columns, strict=True):
                ax.text(
                    high + shift * inch, -0.85, word, ha="right", va="center", fontsize=9, color=theme.INK3
                )

    def _colors(self) -> tuple[str, ...]:
        count = len(self.levels)
        if count == len(theme.LIKERT):
            return theme.LIKERT
        from matplotlib.colors import LinearSegmentedColormap, to_hex

        ramp = LinearSegmentedColormap.from_list("likert", theme.LIKERT)
        return tuple(to_hex(ramp(i / (count - 1))) for i in range(count))


@dataclass(frozen=True)
class Line:
    """One series over waves with its band; a gap is NaN."""

    label: str
    estimate: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    values: tuple[str, ...]
    color: str = theme.EDGE
    marker: str = "s"
    strong: bool = False


@dataclass(frozen=True)
class Trend:
    """Lines over waves with 95 % bands, named at their right ends."""

    lines: Sequence[Line]
    waves: tuple[str, ...]
    axis: Axis

    def layout(self, *, narrow: bool) -> Layout:
        """Return a fixed height and room for names at the right."""
        return Layout(3.0, left=0.5, top=0.16, right=1.05 if narrow else 1.95, bottom=0.38)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bands, lines, the numbers of the strong line and the names."""
        x = list(range(len(self.waves)))
        for line in self.lines:
            ax.fill_between(x, line.low, line.high, color=line.color, alpha=0.15, lw=0)
            ax.plot(x, line.estimate, "-", marker=line.marker, color=line.color, ms=6, zorder=3 + line.strong)
        reach = self.axis.high - self.axis.low
        written = [y for line in self.lines if line.strong for y in self._numbers(ax, line, narrow=narrow)]
        low = min([self.axis.low, *(y - 0.05 * reach for y in written)])
        high = max([self.axis.high, *(y + 0.05 * reach for y in written)])
        ax.set(xlim=(-0.3, len(x) - 0.85), ylim=(low, high))
        ax.set_xticks(*self._ticks(narrow=narrow))
        ax.set_yticks(self.axis.ticks, self.axis.labels)
        ax.yaxis.grid(visible=True)
        self._names(ax, narrow=narrow)

    def _ticks(self, *, narrow: bool) -> tuple[list[int], list[str]]:
        """Return wave names where they fit; on a phone the first, the last and what lies halfway."""
        x = list(range(len(self.waves)))
        limit = 4 if narrow else 8
        step = max(1, math.ceil(len(x) / limit))
        chosen = sorted({*x[::-1][::step]})
        return chosen, [theme.drawable(self.waves[i]) for i in chosen]

    def _numbers(self, ax: Axes, line: Line, *, narrow: bool) -> list[float]:
        """Write the ends of a line and its largest step beside it; return how high each number stands."""
        known = [i for i, value in enumerate(line.estimate) if math.isfinite(value)]
        if not known:
            return []
        drops = [line.estimate[b] - line.estimate[a] for a, b in pairwise(known)]
        at = max(range(len(drops)), key=lambda i: abs(drops[i])) if drops else 0
        wanted = (
            {known[0], known[-1]} if narrow or not drops else {known[0], known[at], known[at + 1], known[-1]}
        )
        middle = sum(line.estimate[i] for i in known) / len(known)
        places = {i: self._beside(line, i, above=line.estimate[i] >= middle) for i in sorted(wanted)}
        for i, y in places.items():
            ax.text(
                i,
                y,
                line.values[i],
                ha="left" if narrow and i == 0 else "center",  # a phone has no room left of the axis
                va="center",
                color=line.color,
                fontsize=9.5,
                fontweight=theme.BOLD,
            )
        return list(places.values())

    def _beside(self, line: Line, at: int, *, above: bool) -> float:
        """Return how high a number stands: past the band, on the other side where a line is in the way."""
        room = 0.05 * (self.axis.high - self.axis.low)
        sides = [line.high[at] + room, line.low[at] - room][:: 1 if above else -1]
        others = [other.estimate[at] for other in self.lines if other is not line]
        clear = [min((abs(y - o) for o in others if math.isfinite(o)), default=math.inf) for y in sides]
        return sides[0] if clear[0] >= min(1.4 * room, clear[1]) else sides[1]

    def _names(self, ax: Axes, *, narrow: bool) -> None:
        ends = [
            next((v for v in reversed(line.estimate) if math.isfinite(v)), math.nan) for line in self.lines
        ]
        shown = [i for i, end in enumerate(ends) if math.isfinite(end)]
        names = [_folded(line.label, 11 if narrow else 24) for line in self.lines]
        most = max((names[i].count("\n") + 1 for i in shown), default=1)
        gap = (0.02 + 0.062 * most) * (self.axis.high - self.axis.low)
        places = apart([ends[i] for i in shown], gap)
        edge = len(self.waves) - 0.78
        for i, y in zip(shown, places, strict=True):
            line = self.lines[i]
            tone = line.color if line.strong else theme.INK2
            ax.text(
                edge,
                y,
                names[i],
                color=tone,
                fontweight=theme.BOLD if line.strong else 400,
                va="center",
                fontsize=9.5,
                linespacing=1.15,
            )


def value_axis(
    low: float, high: float, suffix: str, *, scale: float = 1, ends: tuple[float, float] | None = None
) -> Axis:
    """Return a readable axis around the data: 3–5 ticks, unit on the last one.

    Parameters
    ----------
    low, high : float
        Extremes of what is drawn.
    suffix : str
        Unit for the last tick.
    scale : float
        Factor from data to what is written (100 for shares).
    ends : (float, float), optional
        Limits the axis may not pass, such as the ends of the rating scale.

    Examples
    --------
    >>> value_axis(0.31, 0.62, "%", scale=100).labels
    ('30', '40', '50', '60%')
    """
    span = max(high - low, 1e-6)
    step = next(s for s in _steps(scale) if span / s <= 4.2)
    first, last = math.floor(low / step + 0.4), math.ceil(high / step - 0.4)
    ticks = tuple(round(step * i, 10) for i in range(first, last + 1))
    places = max(0, -math.floor(math.log10(step * scale) + 1e-9))
    words = [f"{abs(t * scale):.{places}f}" for t in ticks]
    labels = [(MINUS if t < 0 else "") + w for t, w in zip(ticks, words, strict=True)]
    labels[-1] += suffix
    pad = span * 0.06
    floor, roof = ends or (-math.inf, math.inf)
    return Axis(
        max(floor, min(low - pad, ticks[0])), min(roof, max(high + pad, ticks[-1])), ticks, tuple(labels)
    )


def _steps(scale: float) -> list[float]:
    return [m * 10.0**e / scale for e in range(-3, 6) for m in (1, 2, 5)]


def _folded(words: str, width: int) -> str:
    """Break a name at spaces only, never inside a Korean word."""
    lines = [""]
    for word in words.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
