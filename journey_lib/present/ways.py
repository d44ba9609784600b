"""A journey as it is walked: stages as bars, the straight way as bands, steps back and ahead as arcs.

The journey runs to the right, on a phone downwards; across it lie the arcs on one side, leavers on the
other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from journey_lib.present import theme
from journey_lib.present.charts import Layout, fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND, LEFT = "#E1E4E8", "#AAB1BA"  # the straight way; those who leave
_TONES = {"ahead": theme.MAIN, "back": theme.ALERT, "again": theme.INK2}
_THICK, _STUB = 0.13, 0.16  # inches: a bar along the journey, the piece that leaves
_TALLEST, _WIDEST = 1.2, 1.2  # inches across of the fullest stage, on a page and on a phone
_LEAST = 0.012  # inches across of the emptiest
_ARCS, _NARROW_ARCS = 0.92, 0.72  # inches for arcs
_HEAD, _FOOT, _STEP = 0.42, 0.5, 0.94  # names above, arrows of those who come back below; a step on a phone
_EDGE = 0.12
_POINTS = 72.0

Kind = Literal["next", "ahead", "back", "again"]


@dataclass(frozen=True)
class Station:
    """A stage: how many moves start there, and how many of them lead away from the journey.

    Attributes
    ----------
    label, value : str
        Its name and its count.
    share : float
        Moves that start here, as a share of the fullest stage.
    left, open : float
        Moves into leaving and into an open end, on the same scale.
    left_words, returned_words : str
        How many leave, and how many come back here after they had left; "" for nothing to say.
    color : str
        Of the bar.
    """

    label: str
    value: str
    share: float
    left: float
    open: float
    left_words: str
    returned_words: str
    color: str


@dataclass(frozen=True)
class Way:
    """Moves between two stages, as a share of the fullest stage; `words` stand beside the line."""

    source: int
    target: int
    share: float
    words: str
    kind: Kind


@dataclass(frozen=True)
class Ways:
    """The whole journey with its ways; every width is drawn on one scale."""

    stations: Sequence[Station]
    ways: Sequence[Way]

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height: of the page's figure as tall as its arcs and bars, on a phone a step a stage."""
        if narrow:
            return Layout(_STEP * len(self.stations) + 0.25, left=0.05, top=0.05, right=0.05, bottom=0.05)
        return Layout(_HEAD + _ARCS + _TALLEST + _FOOT + 0.1, left=0.05, top=0.05, right=0.05, bottom=0.05)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bands, bars, arcs and words; both axes are inches from the top left."""
        layout = self.layout(narrow=narrow)
        width = (theme.NARROW if narrow else theme.WIDE) - 0.1
        ax.set(xlim=(0, width), ylim=(layout.height - 0.1, 0), xticks=[], yticks=[])
        for side in ("left", "right", "top", "bottom"):
            ax.spines[side].set_visible(False)
        pen = _Pen(ax, narrow=narrow, count=len(self.stations), room=width)
        for way in sorted(self.ways, key=lambda way: -way.share):
            if way.kind == "next":
                self._band(pen, way)
            else:
                pen.arc(way)
        for at, station in enumerate(self.stations):
            pen.station(at, station)

    def _band(self, pen: _Pen, way: Way) -> None:
        """Draw the straight way between two neighbours, as wide at either end as the share it stands for."""
        start, end = pen.along(way.source) + _THICK, pen.along(way.target)
        wide = max(way.share * pen.most, _LEAST)
        pen.fill([start, end, end, start], [0, 0, wide, wide], BAND)
        middle, inside = (start + end) / 2, wide > (0.36 if pen.narrow else 0.17)
        if inside:
            pen.text(middle, wide / 2, way.words)
        elif pen.narrow:
            pen.text(end - 0.14, wide + 0.06, way.words, ha="left")
        else:
            pen.text(middle, -0.09, way.words)


class _Pen:
    """Draws along and across the journey, whichever way it runs."""

    def __init__(self, ax: Axes, *, narrow: bool, count: int, room: float) -> None:
        self.ax, self.narrow = ax, narrow
        self.most = _WIDEST if narrow else _TALLEST
        self.zero = _NARROW_ARCS if narrow else _HEAD + _ARCS  # where bars begin, across
        self.step = _STEP if narrow else (room - 2 * _EDGE - _THICK - 0.62) / max(count - 1, 1)
        self.first = 0.22 if narrow else _EDGE + 0.12
        self.end = room

    def along(self, at: int) -> float:
        """Return where a stage begins."""
        return self.first + at * self.step

    def _xy(self, along: float, across: float) -> tuple[float, float]:
        return (self.zero + across, along) if self.narrow else (along, self.zero + across)

    def fill(self, along: Sequence[float], across: Sequence[float], color: str, hatch: str = "") -> None:
        """Fill a shape."""
        points = [self._xy(a, b) for a, b in zip(along, across, strict=True)]
        edge = theme.EDGE if hatch else color
        self.ax.fill(*zip(*points, strict=True), fc="white" if hatch else color, ec=edge, lw=0.6,
                     hatch=hatch or None, zorder=1)  # fmt: skip

    def text(self, along: float, across: float, words: str, **options: object) -> None:
        """Write a few words."""
        given: dict[str, object] = {
            "ha": "center",
            "va": "center",
            "fontsize": 8.5,
            "color": theme.INK2,
            "zorder": 6,
        }
        self.ax.text(*self._xy(along, across), words, **{**given, **options})  # type: ignore[arg-type]

    def station(self, at: int, station: Station) -> None:
        """Draw a stage: its bar, its name, what leaves and what comes back."""
        start, tall = self.along(at), max(station.share * self.most, _LEAST)
        self.fill([start, start + _THICK, start + _THICK, start], [0, 0, tall, tall], station.color)
        self._leaving(start, tall, station)
        if self.narrow:
            self._beside(start, tall, station)
            return
        label = fitted(station.label, min(self.step - 0.06, self.end - start), 9.5, bold=True)
        self.ax.text(start, 0.1, label, va="center", fontsize=9.5, fontweight=theme.BOLD, color=theme.INK)
        self.ax.text(start, 0.28, station.value, va="center", fontsize=8.5, color=theme.INK2)
        if station.left_words:
            wide = station.left * self.most
            place = (
                (start + _THICK + _STUB + 0.05, tall - wide / 2)
                if wide > 0.2
                else (start + _THICK, tall + 0.1)
            )
            self.text(*place, station.left_words, ha="left")
        if station.returned_words:
            self._returning(start, tall, station.returned_words)

    def _beside(self, start: float, tall: float, station: Station) -> None:
        """Write everything about a stage at the right of its bar, line by line."""
        lines = [station.label, station.value, station.left_words, station.returned_words]
        for line, words in enumerate(word for word in lines if word):
            weight, tone, size = (400, theme.INK2, 8.5) if line else (theme.BOLD, theme.INK, 9.5)
            self.ax.text(
                self.zero + tall + 0.08, start + _THICK / 2 + 0.17 * line, words, va="center", zorder=7,
                fontsize=size, fontweight=weight, color=tone,
            )  # fmt: skip

    def _leaving(self, start: float, tall: float, station: Station) -> None:
        """Draw the piece of the bar that leaves or is still open, and stops there."""
        wide, still = station.left * self.most, station.open * self.most
        a, b = start + _THICK, start + _THICK + _STUB
        if wide > 0:
            self.fill([a, b, b, a], [tall - wide, tall - wide, tall, tall], LEFT)
        if still > 0.02:
            top = tall - wide - still
            self.fill([a, b, b, a], [top, top, top + still, top + still], theme.EDGE, hatch="////")

    def _returning(self, start: float, tall: float, words: str) -> None:
        """Draw an arrow of those who come back to a stage after they had left."""
        arrow = {
            "arrowstyle": "-|>",
            "color": theme.EDGE,
            "ls": (0, (1.5, 1.5)),
            "lw": 1,
            "mutation_scale": 7,
        }
        foot, at = self.zero + _TALLEST + 0.34, start + _THICK / 2
        self.ax.annotate("", (at, self.zero + tall + 0.03), (at, foot), arrowprops=arrow, zorder=2)
        self.ax.text(start, foot + 0.1, words, fontsize=8, color=theme.INK2, va="center")

    def arc(self, way: Way) -> None:
        """Draw steps back, ahead or again as an arc whose line is as wide as its share."""
        span = abs(way.target - way.source)
        reach = min(0.02 + 0.34 * span, (_NARROW_ARCS if self.narrow else _ARCS) - 0.14)
        start, end = self._ends(way)
        at = np.linspace(0, 1, 60)
        along = start + (end - start) * at
        across = -reach * np.sin(np.pi * at) ** 0.8
        if way.kind == "again":
            turn = 2 * np.pi * at
            along = start + 0.09 * np.sin(turn)
            across, reach = -0.1 * (1 - np.cos(turn)), 0.3
        tone, wide = _TONES[way.kind], max(0.8, way.share * self.most * _POINTS)
        points = [self._xy(a, b) for a, b in zip(along, across, strict=True)]
        self.ax.plot(*zip(*points, strict=True), color=tone, lw=wide, solid_capstyle="butt", zorder=4)
        arrow = {"arrowstyle": "-|>", "color": tone, "lw": 0, "mutation_scale": 7 + wide}
        self.ax.annotate("", self._xy(end if span else start, 0.0), points[-5], arrowprops=arrow, zorder=4)
        box = {"fc": "white", "ec": "none", "pad": 0.5} if span else None
        self.text((start + end) / 2, -reach, way.words, color=tone, fontsize=8, bbox=box)

    def _ends(self, way: Way) -> tuple[float, float]:
        """Return where an arc starts and ends, so that those of one bar do not meet in one point."""
        shift = {"back": (0.02, _THICK - 0.02), "ahead": (_THICK - 0.02, 0.02), "again": (_THICK / 2,) * 2}
        one, other = shift[way.kind]
        return self.along(way.source) + one, self.along(way.target) + other
