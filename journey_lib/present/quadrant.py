"""A plane of two measures with a cross-hair: points on ellipses, hollow where the corner is unclear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from journey_lib.present import theme
from journey_lib.present.charts import Layout, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.sketches import Axis

JOINT = 2.4477  # root of the 95 % point of chi-squared with 2 degrees: half axes of a joint ellipse
_HEIGHT, _LEFT, _BOTTOM = 4.3, 0.62, 0.55
MOST_NAMED = 10  # points whose names find room on the plane
_MOST_COLUMNS = 3  # of the list of names on a wide page
_LINE = 0.2  # inches from label to label, and height of a name in the phone's list


@dataclass(frozen=True)
class Point:
    """A point, its standard errors, its name and the stop that colours it."""

    name: str
    x: float
    y: float
    error_x: float
    error_y: float
    color: str = theme.MAIN
    strong: bool = False

    def corner(self, across: float, up: float) -> str:
        """Return in which corner the whole ellipse lies, such as "top left"; "" where it crosses a line.

        A point on a line counts to the right and below: better performance, lower importance.

        Examples
        --------
        >>> Point("a", 1.0, 9.0, 0.1, 0.1).corner(5.0, 5.0), Point("b", 4.9, 9.0, 0.1, 0.1).corner(5.0, 5.0)
        ('top left', '')
        """
        clear = abs(self.x - across) > JOINT * self.error_x and abs(self.y - up) > JOINT * self.error_y
        side = "left" if self.x < across else "right"
        return f"{'top' if self.y > up else 'bottom'} {side}" if clear else ""


class _Box(NamedTuple):
    """A rectangle in inches."""

    left: float
    low: float
    right: float
    high: float

    def overlap(self, other: _Box) -> float:
        """Return the area two rectangles share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        up = min(self.high, other.high) - max(self.low, other.low)
        return max(across, 0) * max(up, 0)


@dataclass(frozen=True)
class Quadrant:
    """Points on a plane, a cross-hair, and a word in each corner (top left, top right, bottom right, left).

    On a phone, and where there are more than ten points, they carry numbers, and the names stand in a list
    below. `marked` is the corner to look
    at first, 0 for top left or 1 for top right.
    """

    points: Sequence[Point]
    across: float
    up: float
    x: Axis
    y: Axis
    corners: tuple[str, str, str, str]
    names: tuple[str, str]
    marked: int = 0

    def layout(self, *, narrow: bool) -> Layout:
        """Return height and margins, with room for the list of names where there is one."""
        listed = self._listed_height(narrow=narrow)
        if narrow:
            return Layout(3.3 + listed, left=0.5, top=0.1, right=0.3, bottom=_BOTTOM + listed)
        return Layout(_HEIGHT + listed, left=_LEFT, top=0.08, right=0.15, bottom=_BOTTOM + listed)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw cross-hair, corner words, ellipses, points and names."""
        self._frame(ax, narrow=narrow)
        for point in self.points:
            self._ellipse(ax, point)
        ranked = sorted(self.points, key=lambda p: -p.y)
        if narrow:
            self._numbered(ax, ranked)
            self._list(ax, ranked, inner=3.3 - 0.1 - _BOTTOM, columns=1)
        elif self._crowded:
            self._labelled(ax, [(point, str(at)) for at, point in enumerate(ranked, start=1)])
            self._list(ax, ranked, inner=_HEIGHT - 0.08 - _BOTTOM, columns=self._columns)
        else:
            self._labelled(ax, [(point, point.name) for point in ranked])

    @property
    def _crowded(self) -> bool:
        return len(self.points) > MOST_NAMED

    @property
    def _columns(self) -> int:
        """How many columns of names a wide page holds without one running into the next."""
        longest = max((text_width(f"16  {point.name}", 9) for point in self.points), default=1.0)
        return max(1, min(_MOST_COLUMNS, int((theme.WIDE - _LEFT - 0.15) / (longest + 0.2))))

    def _listed_height(self, *, narrow: bool) -> float:
        """Return the inches that the list of names takes below the axes."""
        if not narrow and not self._crowded:
            return 0.0
        return _LINE * math.ceil(len(self.points) / (1 if narrow else self._columns)) + 0.15

    def _frame(self, ax: Axes, *, narrow: bool) -> None:
        from matplotlib.patches import Rectangle

        ax.set(xlim=(self.x.low, self.x.high), ylim=(self.y.low, self.y.high))
        ax.set_xticks(self.x.ticks, self.x.labels)
        ax.set_yticks(self.y.ticks, self.y.labels)
        ax.set_xlabel(self.names[0])
        ax.set_ylabel(self.names[1])
        left, right = ((self.x.low, self.across), (self.across, self.x.high))[self.marked]
        size = (right - left, self.y.high - self.up)
        ax.add_patch(Rectangle((left, self.up), *size, fc="#FBF0EB", ec="none", zorder=0))
        ax.axvline(self.across, color=theme.EDGE, lw=0.9, zorder=1)
        ax.axhline(self.up, color=theme.EDGE, lw=0.9, zorder=1)
        places = ((0.01, 0.985), (0.99, 0.985), (0.99, 0.015), (0.01, 0.015))
        for place, ((x, y), word) in enumerate(zip(places, self.corners, strict=True)):
            ax.text(
                x, y, word, transform=ax.transAxes, ha="left" if x < 0.5 else "right",
                va="top" if y > 0.5 else "bottom", fontsize=8 if narrow else 9, fontweight=theme.BOLD,
                color=theme.ALERT if place == self.marked else theme.INK3, zorder=2,
            )  # fmt: skip

    def _ellipse(self, ax: Axes, point: Point) -> None:
        from matplotlib.patches import Ellipse

        clear = bool(point.corner(self.across, self.up))
        at, size = (point.x, point.y), (2 * JOINT * point.error_x, 2 * JOINT * point.error_y)
        ax.add_patch(Ellipse(at, *size, fc=point.color, alpha=0.1, ec="none", zorder=2))
        dash = "-" if clear else (0, (3, 2))
        ax.add_patch(Ellipse(at, *size, fc="none", ec=point.color, lw=0.9, ls=dash, zorder=3))
        fill = point.color if clear else "white"
        ax.plot(*at, "o", ms=7, mfc=fill, mec=point.color, mew=1.7, zorder=4)

    def _numbered(self, ax: Axes, ranked: Sequence[Point]) -> None:
        """Give the points of a small plane their place from the top."""
        for number, point in enumerate(ranked, start=1):
            ax.annotate(
                str(number), (point.x, point.y), xytext=(6, 5), textcoords="offset points", fontsize=9,
                fontweight=theme.BOLD, zorder=6, bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 0.4},
            )  # fmt: skip

    def _list(self, ax: Axes, ranked: Sequence[Point], *, inner: float, columns: int) -> None:
        """Write the names of the numbered points below the axes, column by column."""
        rows = math.ceil(len(ranked) / columns)
        for at, point in enumerate(ranked):
            y = -(_BOTTOM + 0.05 + _LINE * (at % rows + 1)) / inner
            ax.text(
                at // rows / columns, y, f"{at + 1}  {point.name}", transform=ax.transAxes, fontsize=9,
                color=theme.INK2,
            )  # fmt: skip

    def _labelled(self, ax: Axes, labels: Sequence[tuple[Point, str]]) -> None:
        """Write each name where it hides least: other names first, then points."""
        dots = [self._box(point, 0, 0, 0.14) for point in self.points]
        taken: list[_Box] = []
        for point, label in labels:
            width = text_width(label, 9.5, bold=point.strong) + 0.06
            beside = (width / 2 + 0.13, -width / 2 - 0.13)
            near = [(dx, dy) for dy in (0.0, 0.17, -0.17) for dx in (*beside, 0.0) if dx or dy]
            far = [
                (dx, dy) for dy in (0.32, -0.32, 0.47, 0.62) for dx in (0.0, width / 4, -width / 4, *beside)
            ]
            places = near + far
            spots = [self._box(point, dx, dy, width, 0.17) for dx, dy in places]
            costs = [self._cost(spot, taken, dots) for spot in spots]
            best = min(range(len(spots)), key=lambda at: (round(costs[at], 3), at))
            taken.append(spots[best])
            dx, dy = places[best]
            line = {"arrowstyle": "-", "color": theme.EDGE, "lw": 0.7, "shrinkA": 0, "shrinkB": 4}
            ax.annotate(
                label, (point.x, point.y), xytext=(dx * 72, dy * 72), textcoords="offset points",
                ha="center", va="center", fontsize=9.5, zorder=5, arrowprops=line if abs(dy) > 0.25 else None,
                fontweight=theme.BOLD if point.strong else 400,
                bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 0.4},
            )  # fmt: skip

    def _box(self, point: Point, dx: float, dy: float, width: float, height: float = 0.0) -> _Box:
        """Return a rectangle around a point, moved and in inches of the wide figure's axes."""
        inner_x, inner_y = theme.WIDE - _LEFT - 0.15, _HEIGHT - 0.08 - _BOTTOM
        x = (point.x - self.x.low) / (self.x.high - self.x.low) * inner_x + dx
        y = (point.y - self.y.low) / (self.y.high - self.y.low) * inner_y + dy
        height = height or width
        return _Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def _cost(self, spot: _Box, names: Sequence[_Box], dots: Sequence[_Box]) -> float:
        """Return how much a label would hide, and how far it would leave the axes."""
        inner_x, inner_y = theme.WIDE - _LEFT - 0.15, _HEIGHT - 0.08 - _BOTTOM
        outside = max(-spot.left, 0) + max(spot.right - inner_x, 0) + max(-spot.low, 0)
        outside += max(spot.high - inner_y, 0)
        corners = [
            _Box(left, low, left + 0.8, low + 0.2)
            for left in (0, inner_x - 0.8)
            for low in (0, inner_y - 0.2)
        ]
        hidden = math.fsum(spot.overlap(box) for box in (*names, *corners))
        return hidden + 10 * math.fsum(spot.overlap(dot) for dot in dots) + 5 * outside
