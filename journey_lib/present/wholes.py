"""Wholes and their parts: one bar a row, what is still open hatched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Layout, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Stack:
    """A whole and its parts, in the order of the legend."""

    label: str
    parts: tuple[float, ...]
    base: str


@dataclass(frozen=True)
class Stacks:
    """What became of each whole: one bar a row, parts side by side; what is still open is hatched."""

    rows: Sequence[Stack]
    names: tuple[str, ...]
    colors: tuple[str, ...]
    hatched: int

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows and room for names at left."""
        if narrow:
            return Layout(0.3 + self._legend(narrow=True)[1] + 0.5 * len(self.rows), left=0.1,
                          top=self._legend(narrow=True)[1] + 0.1, right=0.1, bottom=0.1)  # fmt: skip
        return Layout(0.52 + 0.36 * len(self.rows), left=self._left, top=0.4, right=0.85, bottom=0.08)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw the bars, their numbers, their names, and the legend in one line."""
        for at, row in enumerate(self.rows):
            y = at + (0.18 if narrow else 0)
            start = 0.0
            for place, part in enumerate(row.parts):
                self._bar(ax, y, start, part, place, narrow=narrow)
                start += part
            self._around(ax, row, at, narrow=narrow)
        ax.set(xlim=(0, 1), ylim=(len(self.rows) - 0.5, -0.5), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)
        for x, y, place in self._legend(narrow=narrow)[0]:
            self._key(ax, x, y, place, narrow=narrow)

    def _bar(self, ax: Axes, y: float, start: float, part: float, place: int, *, narrow: bool) -> None:
        open_ = place == self.hatched
        height = 0.44 if narrow else 0.62
        ax.barh(y, part, left=start, height=height, color="white" if open_ else self.colors[place],
                hatch="////" if open_ else None, ec=theme.EDGE, lw=0.6)  # fmt: skip
        if part >= (0.09 if narrow else 0.05):
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2} if open_ else None
            ink = theme.INK if open_ else theme.on(self.colors[place])
            ax.text(
                start + part / 2,
                y,
                f"{100 * part:.0f}",
                ha="center",
                va="center",
                fontsize=9,
                color=ink,
                bbox=box,
            )

    def _around(self, ax: Axes, row: Stack, at: int, *, narrow: bool) -> None:
        if narrow:
            ax.text(0, at - 0.24, row.label, va="center", fontsize=9.5)
            ax.text(1, at - 0.24, row.base, ha="right", va="center", fontsize=8.5, color=theme.INK3)
            return
        across = theme.WIDE - self._left - 0.85
        ax.text(-0.12 / across, at, row.label, ha="right", va="center", fontsize=10)
        ax.text(1 + 0.8 / across, at, row.base, ha="right", va="center", fontsize=9, color=theme.INK2)

    @property
    def _left(self) -> float:
        return min(max([1.0, *(text_width(row.label, 10) for row in self.rows)]) + 0.2, 2.6)

    def _legend(self, *, narrow: bool) -> tuple[list[tuple[float, float, int]], float]:
        """Return where the keys stand, in inches from the left and above the bars, and their height."""
        room = theme.NARROW - 0.2 if narrow else theme.WIDE - self._left - 0.1
        places, x, row = [], 0.0, 0
        for place, name in enumerate(self.names):
            width = 0.4 + text_width(name, 9)
            if x + width > room and x:
                x, row = 0.0, row + 1
            places.append((x, float(row), place))
            x += width
        lines = row + 1
        return [
            (x, 0.16 + 0.22 * (lines - 1 - line), place) for x, line, place in places
        ], 0.22 * lines + 0.06

    def _key(self, ax: Axes, x: float, y: float, place: int, *, narrow: bool) -> None:
        from matplotlib.patches import Rectangle

        inches = self.layout(narrow=narrow)
        across = (theme.NARROW if narrow else theme.WIDE) - inches.left - inches.right
        height = inches.height - inches.top - inches.bottom
        open_ = place == self.hatched
        corner = (x / across, 1 + (y - 0.055) / height)
        fill = {"facecolor": "white" if open_ else self.colors[place], "hatch": "////" if open_ else ""}
        patch = Rectangle(corner, 0.15 / across, 0.11 / height, edgecolor=theme.EDGE, lw=0.6)
        patch.set(**fill, transform=ax.transAxes, clip_on=False)
        ax.add_patch(patch)
        ax.text((x + 0.2) / across, 1 + y / height, self.names[place], transform=ax.transAxes, va="center",
                fontsize=9, color=theme.INK2)  # fmt: skip
