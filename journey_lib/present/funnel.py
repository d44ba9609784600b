"""The shape of a funnel: a row a step, each 100 % wide, with the estimate and its target at the right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Layout, interval, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALE = "#E1E4E8"
_HATCH = "/////"
_STEP, _HEAD, _FOOT = 0.58, 0.72, 0.12  # inches: a row, the words above the rows, the room below
_NARROW_STEP, _NARROW_HEAD, _NARROW_FOOT = 0.98, 0.42, 0.34
_BAR, _NARROW_BAR = 0.32, 0.22
_TRACK, _VALUES, _GAP, _EDGE = 1.1, 0.92, 0.26, 0.14
_MOST_NAME, _LEAST_NAME = 1.85, 0.8
_LABEL_ROOM = 0.36  # a shorter piece of a bar carries no number


@dataclass(frozen=True)
class FunnelRow:
    """One step: what became of those who entered it, and the estimate of who goes on.

    Attributes
    ----------
    label, base : str
        The step and how many entered.
    color : str
        Of those who went on.
    shares : tuple of float
        Went on, still open, timed out; together 1.
    words : tuple of str
        The same as text.
    low, estimate, high : float
        The rate that allows for open windows; NaN leaves the place empty.
    value, bounds : str
        The same as text.
    target : float
        Where the tick stands; NaN for none.
    thin, strong : bool
        Few customers; the row the title speaks about.
    """

    label: str
    base: str
    color: str
    shares: tuple[float, float, float]
    words: tuple[str, str, str]
    low: float
    estimate: float
    high: float
    value: str
    bounds: str
    target: float = math.nan
    thin: bool = False
    strong: bool = False


@dataclass(frozen=True)
class FunnelRows:
    """Steps one under another; `legend` names went on, still open, timed out, `track` the estimate.

    Coordinates are inches from the upper left corner, so that words and marks keep their places.
    """

    rows: Sequence[FunnelRow]
    legend: tuple[str, str, str]
    track: str

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows; the sketch places everything itself."""
        head, step, foot = (_NARROW_HEAD, _NARROW_STEP, _NARROW_FOOT) if narrow else (_HEAD, _STEP, _FOOT)
        return Layout(head + step * len(self.rows) + foot, left=0, top=0, right=0, bottom=0)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bars, estimates and the words around them."""
        height = self.layout(narrow=narrow).height
        width = theme.NARROW if narrow else theme.WIDE
        ax.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)
        (self._narrow if narrow else self._wide)(ax)

    def _wide(self, ax: Axes) -> None:
        left, right = self._bar_ends()
        start = theme.WIDE - _VALUES - _TRACK
        end = _HEAD + _STEP * len(self.rows)
        self._words_above(ax, left, right, start)
        _scale(ax, start, _TRACK, _HEAD - 0.1, end - 0.08, labels_at=_HEAD - 0.2)
        for at, row in enumerate(self.rows):
            y = _HEAD + _STEP * (at + 0.5)
            name = _folded(row.label, left - 0.12 - _EDGE)
            ax.text(
                left - 0.12,
                y - 0.09,
                name,
                ha="right",
                va="center",
                fontsize=10,
                fontweight=theme.BOLD,
                linespacing=1.05,
            )
            drop = 0.2 if "\n" in name else 0.12
            ax.text(left - 0.12, y + drop, row.base, ha="right", va="center", fontsize=9, color=theme.INK3)
            _bar(ax, row, left, right - left, y, _BAR)
            _estimate(ax, row, start, _TRACK, y)
            tone = theme.ALERT if row.strong else theme.INK
            x = theme.WIDE - _EDGE
            ax.text(
                x,
                y - 0.09,
                row.value,
                ha="right",
                va="center",
                fontsize=10,
                color=tone,
                fontweight=theme.BOLD,
            )
            ax.text(x, y + 0.12, row.bounds, ha="right", va="center", fontsize=9, color=theme.INK3)

    def _words_above(self, ax: Axes, left: float, right: float, start: float) -> None:
        went, open_, lost = self.legend
        y = _HEAD - 0.2
        ax.text(left, y, went, va="center", fontsize=9.5, fontweight=theme.BOLD)
        ax.text((left + right) / 2, y, open_, ha="center", va="center", fontsize=9.5, color=theme.INK2)
        ax.text(right, y, lost, ha="right", va="center", fontsize=9.5, color=theme.INK3)
        ax.text(start - 0.04, 0.2, self.track, va="center", fontsize=9.5, fontweight=theme.BOLD)

    def _narrow(self, ax: Axes) -> None:
        left, length = _EDGE, theme.NARROW - 2 * _EDGE
        self._legend(ax, left)
        for at, row in enumerate(self.rows):
            y = _NARROW_HEAD + _NARROW_STEP * at
            tone = theme.ALERT if row.strong else theme.INK
            name = _cut(row.label, length - text_width(row.value, 10, bold=True) - 0.15)
            ax.text(left, y + 0.1, name, va="center", fontsize=10, fontweight=theme.BOLD)
            ax.text(left, y + 0.29, row.base, va="center", fontsize=8.5, color=theme.INK3)
            x = left + length
            ax.text(
                x, y + 0.1, row.value, ha="right", va="center", fontsize=10, color=tone, fontweight=theme.BOLD
            )
            ax.text(x, y + 0.29, row.bounds, ha="right", va="center", fontsize=8.5, color=theme.INK3)
            _bar(ax, row, left, length, y + 0.52, _NARROW_BAR)
            _estimate(ax, row, left, length, y + 0.76)
        end = _NARROW_HEAD + _NARROW_STEP * len(self.rows)
        _scale(ax, left, length, _NARROW_HEAD, end - 0.06, labels_at=end + 0.1)

    def _legend(self, ax: Axes, x: float) -> None:
        """Name the three pieces of a bar by small swatches, in their order."""
        from matplotlib.patches import Rectangle

        looks = ((theme.EDGE, ""), ("white", _HATCH), (PALE, ""))
        for word, (fill, hatch) in zip(self.legend, looks, strict=True):
            ax.add_patch(Rectangle((x, 0.11), 0.16, 0.13, fc=fill, ec=theme.EDGE, lw=0.6, hatch=hatch))
            ax.text(x + 0.22, 0.18, word, va="center", fontsize=8.5, color=theme.INK2)
            x += 0.22 + text_width(word, 8.5) + 0.2

    def _bar_ends(self) -> tuple[float, float]:
        """Return where bars begin and end: behind the longest name, before the estimates."""
        names = [text_width(row.label, 10, bold=True) for row in self.rows]
        names += [text_width(row.base, 9) for row in self.rows]
        left = min(max([_LEAST_NAME, *names]), _MOST_NAME) + _EDGE + 0.16
        return left, theme.WIDE - _VALUES - _TRACK - _GAP


def _bar(ax: Axes, row: FunnelRow, left: float, length: float, y: float, height: float) -> None:
    """Draw what became of those who entered, side by side."""
    looks = ((row.color, "", theme.on(row.color)), ("white", _HATCH, theme.INK), (PALE, "", theme.INK2))
    for share, words, (fill, hatch, tone) in zip(row.shares, row.words, looks, strict=True):
        wide = share * length
        if not wide > 0:
            continue
        edge = theme.EDGE if hatch else "white"
        ax.barh(y, wide, left=left, height=height, color=fill, hatch=hatch, ec=edge, lw=0.8, zorder=2)
        if wide > _LABEL_ROOM:
            plate = {"fc": "white", "ec": "none", "pad": 1.2} if hatch else None
            ax.text(
                left + wide / 2,
                y,
                words,
                ha="center",
                va="center",
                fontsize=9.5,
                color=tone,
                bbox=plate,
                zorder=4,
            )
        left += wide


def _estimate(ax: Axes, row: FunnelRow, left: float, length: float, y: float) -> None:
    """Draw the estimate on its interval, and the target as a tick."""
    if math.isfinite(row.target):
        x = left + row.target * length
        ax.plot([x, x], [y - 0.14, y + 0.14], color=theme.INK, lw=1.6, solid_capstyle="butt", zorder=2)
    if math.isfinite(row.estimate):
        low, middle, high = (left + value * length for value in (row.low, row.estimate, row.high))
        interval(ax, low, middle, high, y, color=row.color, thin=row.thin)


def _scale(ax: Axes, left: float, length: float, top: float, end: float, *, labels_at: float) -> None:
    """Draw the scale from nobody to everybody."""
    inward = length > _TRACK
    for share, word, side in ((0.0, "0", "left"), (0.5, "50", "center"), (1.0, "100%", "right")):
        x = left + share * length
        ax.plot([x, x], [top, end], color=theme.GRID, lw=0.8, zorder=0)
        ax.text(
            x, labels_at, word, ha=side if inward else "center", va="center", fontsize=9, color=theme.INK2
        )


def _folded(label: str, room: float) -> str:
    """Break a long name once, at the space that leaves the two lines most alike."""
    if text_width(label, 10, bold=True) <= room or " " not in label:
        return _cut(label, room)
    words = label.split(" ")
    ways = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    best = min(ways, key=lambda way: max(text_width(line, 10, bold=True) for line in way))
    return "\n".join(_cut(line, room) for line in best)


def _cut(words: str, room: float) -> str:
    """Shorten words until they fit; the table below the figure holds them whole."""
    while len(words) > 1 and text_width(words, 10, bold=True) > room:
        words = words[:-2].rstrip() + "…"
    return words
