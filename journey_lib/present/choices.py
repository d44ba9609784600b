"""Small panels side by side: one criterion each, by the number of groups, with the number it asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journey_lib.present import theme
from journey_lib.present.charts import Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANEL, _GAP, _TOP = 1.15, 0.62, 0.3  # inches: a panel, what is between rows, and the name above


@dataclass(frozen=True)
class Curve:
    """One criterion.

    Attributes
    ----------
    name : str
        Above the panel.
    values : mapping of int to float
        By the number of groups.
    pick : int or None
        The number the criterion asks for; None where it chooses nothing.
    share : bool
        Whether its axis runs from 0 to 1.
    """

    name: str
    values: Mapping[int, float]
    pick: int | None = None
    share: bool = False


@dataclass(frozen=True)
class Choices:
    """Panels of criteria, three in a row, two on a phone.

    Attributes
    ----------
    curves : tuple of Curve
    chosen : int or None
        The number of groups used, as a line through all panels.
    """

    curves: tuple[Curve, ...]
    chosen: int | None = None

    def layout(self, *, narrow: bool) -> Layout:
        """Return the height for all rows of panels."""
        rows = math.ceil(len(self.curves) / self._across(narrow=narrow))
        return Layout(rows * (_PANEL + _GAP) + 0.05, left=0.12, top=_TOP, right=0.12, bottom=0.32)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw every panel into its place."""
        across = self._across(narrow=narrow)
        rows = math.ceil(len(self.curves) / across)
        layout = self.layout(narrow=narrow)
        height = layout.height - layout.top - layout.bottom
        ax.set(xlim=(0, across), ylim=(height, 0), xticks=[], yticks=[])
        ax.spines["bottom"].set_visible(False)
        step = (height + _GAP) / rows
        for at, curve in enumerate(self.curves):
            row, column = divmod(at, across)
            self._panel(ax, curve, column + 0.04, row * step, 0.9, step - _GAP)

    @staticmethod
    def _across(*, narrow: bool) -> int:
        return 2 if narrow else 3

    def _panel(self, ax: Axes, curve: Curve, left: float, top: float, width: float, height: float) -> None:
        ks = sorted(curve.values)
        first, last = min(ks[0], 1), max(ks[-1], 2)
        finite = [curve.values[k] for k in ks]
        low, high = (0.0, 1.0) if curve.share else (min(finite), max(finite))
        room = (high - low) or 1.0

        def x(k: float) -> float:
            return left + width * (0.05 + 0.9 * (k - first) / (last - first))

        def y(value: float) -> float:
            return top + height * (0.94 - 0.88 * (value - low) / room)

        ax.text(
            left, top - 0.1, curve.name, fontsize=9.5, color=theme.INK, va="bottom", fontweight=theme.BOLD
        )
        ax.plot([left, left + width], [top + height] * 2, color=theme.EDGE, lw=0.8, clip_on=False)
        if self.chosen:
            at = [x(self.chosen)] * 2
            ax.plot(at, [top, top + height], color=theme.GRID, lw=6, zorder=0, solid_capstyle="butt")
        ax.plot([x(k) for k in ks], [y(curve.values[k]) for k in ks], "o-", color=theme.MAIN, ms=3.2, lw=1.4,
                clip_on=False)  # fmt: skip
        if curve.pick in curve.values:
            assert curve.pick is not None  # noqa: S101 - None is no key
            ring: dict[str, Any] = {
                "ms": 9.5,
                "mfc": "none",
                "mec": theme.ALERT,
                "mew": 1.8,
                "clip_on": False,
                "zorder": 5,
            }
            ax.plot(x(curve.pick), y(curve.values[curve.pick]), "o", **ring)
        for k in range(first, last + 1):
            strong = k in (curve.pick, self.chosen)
            ax.text(x(k), top + height + 0.06, str(k), ha="center", va="top", fontsize=8.5,
                    color=theme.INK if strong else theme.INK3,
                    fontweight=theme.BOLD if strong else 400)  # fmt: skip
