"""Flows from step to step: nodes as bars, what goes from one to the next as bands, nothing lost between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.present import theme
from journey_lib.present.charts import Layout, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REST, OVER, OPEN = "#AAB1BA", "#5F6975", "#FFFFFF"  # other nodes, ended, still open
_BAND, _LINE, _STRONG = "#E1E4E8", "#D0D5DB", "#DB8A6B"  # opaque: a small palette holds few mixtures
_THIN = 0.01  # share below which a band is drawn as a line
_BAR, _PAD = 0.11, 0.035  # inches a bar is wide; the space between two nodes
_NARROW_STEPS, _SLACK = 3, 1e-6
_HEAD, _LEFT, _WIDEST = 0.34, 0.08, 1.75


@dataclass(frozen=True)
class Node:
    """One bar: where some of the paths stand at a step."""

    label: str
    share: float
    value: str
    color: str
    hatched: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Flow:
    """One band: the share of all paths that goes from a node of a step to a node of the next one."""

    step: int
    source: int
    target: int
    share: float
    strong: bool = False


@dataclass(frozen=True)
class Alluvial:
    """Steps from left to right; the figure for a phone keeps the first three, or the last when `backward`.

    Raises
    ------
    ValueError
        If what flows into or out of a node is not what stands there: a fault of the measure.

    Examples
    --------
    >>> all_of = (Node("a", 1.0, "100%", "#22398F"),)
    >>> Alluvial((all_of, all_of), (Flow(0, 0, 0, 0.9),), ("1", "2"))
    Traceback (most recent call last):
    ...
    ValueError: step 1, node 1: 0.9 flows out of 1.0
    """

    steps: Sequence[Sequence[Node]]
    flows: Sequence[Flow]
    heads: Sequence[str]
    backward: bool = False

    def __post_init__(self) -> None:
        for step, nodes in enumerate(self.steps):
            for at, node in enumerate(nodes):
                out = sum(flow.share for flow in self.flows if (flow.step, flow.source) == (step, at))
                into = sum(flow.share for flow in self.flows if (flow.step + 1, flow.target) == (step, at))
                for word, share, there in (
                    ("out of", out, step < len(self.steps) - 1),
                    ("into", into, step > 0),
                ):
                    if there and abs(share - node.share) > _SLACK:
                        where = f"step {step + 1}, node {at + 1}"
                        raise ValueError(f"{where}: {share:.6g} flows {word} {node.share}")

    def layout(self, *, narrow: bool) -> Layout:
        """Return height and room for the names at the last step."""
        size = 8.5 if narrow else 9.5
        last = self._shown(narrow=narrow)[-1]
        names = [text_width(self._words(node), size, bold=node.strong) for node in self.steps[last]]
        right = min(max([0.6, *names]) + 0.14, 1.25 if narrow else _WIDEST)
        return Layout(4.3 if narrow else 4.4, left=_LEFT, top=_HEAD, right=right, bottom=0.08)

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw bands, bars and names; positions across are inches."""
        shown = self._shown(narrow=narrow)
        layout = self.layout(narrow=narrow)
        width = (theme.NARROW if narrow else theme.WIDE) - layout.left - layout.right
        pitch = (width - _BAR) / max(len(shown) - 1, 1)
        most = max(len(self.steps[step]) for step in shown)
        tall = 1 + _PAD * (most - 1)
        tops = {step: self._tops(step) for step in shown}
        ax.set(xlim=(0, width), ylim=(tall + 0.02, 0), xticks=[], yticks=[])
        for flow in sorted(self.flows, key=lambda flow: (flow.strong, -flow.share)):
            if flow.step in shown[:-1]:
                self._band(ax, flow, tops, (flow.step - shown[0]) * pitch, pitch)
        line = (0.18 if narrow else 0.2) / (layout.height - layout.top - layout.bottom) * tall
        for place, step in enumerate(shown):
            room = layout.right - 0.1 if place == len(shown) - 1 else pitch - _BAR - 0.12
            self._bars(ax, step, tops[step], place * pitch)
            self._names(ax, step, tops[step], place * pitch, room, line, narrow=narrow)
            ax.text(
                place * pitch, -0.035 * tall, self.heads[step], fontsize=9 if narrow else 9.5,
                fontweight=theme.BOLD, color=theme.INK2, va="bottom",
            )  # fmt: skip
        ax.spines["bottom"].set_visible(False)

    def _shown(self, *, narrow: bool) -> list[int]:
        every = list(range(len(self.steps)))
        if not narrow:
            return every
        return every[-_NARROW_STEPS:] if self.backward else every[:_NARROW_STEPS]

    def _tops(self, step: int) -> list[float]:
        """Return where each bar of a step begins, from the top."""
        shares = [node.share for node in self.steps[step]]
        return [sum(shares[:at]) + _PAD * at for at in range(len(shares))]

    def _band(self, ax: Axes, flow: Flow, tops: dict[int, list[float]], x: float, pitch: float) -> None:
        """Draw one band between two bars, as high at either end as the share it stands for."""
        leaves = [
            other.share
            for other in self.flows
            if (other.step, other.source) == (flow.step, flow.source) and other.target < flow.target
        ]
        comes = [
            other.share
            for other in self.flows
            if (other.step, other.target) == (flow.step, flow.target) and other.source < flow.source
        ]
        one = tops[flow.step][flow.source] + sum(leaves)
        other = tops[flow.step + 1][flow.target] + sum(comes)
        at = np.linspace(0, 1, 40)
        bend = one + (other - one) * at * at * (3 - 2 * at)
        along = x + _BAR + (pitch - _BAR) * at
        thin = flow.share < _THIN
        tone = _STRONG if flow.strong else _LINE if thin else _BAND
        edge = tone if thin else "white"
        ax.fill_between(along, bend, bend + flow.share, fc=tone, ec=edge, lw=0.4, zorder=1)

    def _bars(self, ax: Axes, step: int, tops: list[float], x: float) -> None:
        for node, top in zip(self.steps[step], tops, strict=True):
            ax.bar(
                x, max(node.share, 0.003), _BAR, top, align="edge", color=node.color, zorder=3, lw=0.7,
                edgecolor=theme.EDGE if node.hatched else node.color, hatch="////" if node.hatched else None,
            )  # fmt: skip

    def _names(
        self, ax: Axes, step: int, tops: list[float], x: float, room: float, line: float, *, narrow: bool
    ) -> None:
        nodes, size = self.steps[step], 8.5 if narrow else 9.5
        middles = [top + node.share / 2 for node, top in zip(nodes, tops, strict=True)]
        two = {at for at, node in enumerate(nodes) if text_width(self._words(node), size) > room}
        heights = [line * (1.75 if at in two else 1.0) for at in range(len(nodes))]
        for at, y in enumerate(_within(middles, heights, sum(ax.get_ylim()))):
            node = nodes[at]
            words = _cut(node.label, room, size) + "\n" + node.value if at in two else self._words(node)
            ax.text(
                x + _BAR + 0.05, y, words, va="center", fontsize=size, linespacing=1.1, zorder=6,
                fontweight=theme.BOLD if node.strong else 400,
                bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 0.7},
            )  # fmt: skip

    @staticmethod
    def _words(node: Node) -> str:
        return f"{node.label} {node.value}"


def _within(middles: list[float], heights: list[float], tall: float) -> list[float]:
    """Move labels from the top down, then from the bottom up, until none covers another or sticks out.

    Examples
    --------
    >>> _within([0.05, 0.1, 0.95], [0.2, 0.2, 0.2], 1.0)
    [0.1, 0.3, 0.9]
    """
    places = list(middles)
    for at, height in enumerate(heights):
        above = places[at - 1] + heights[at - 1] / 2 if at else 0.0
        places[at] = max(places[at], above + height / 2)
    for at in reversed(range(len(places))):
        below = places[at + 1] - heights[at + 1] / 2 if at + 1 < len(places) else tall
        places[at] = min(places[at], below - heights[at] / 2)
    return [round(place, 6) for place in places]


def _cut(words: str, room: float, size: float) -> str:
    """Shorten a name to the room it has, in inches."""
    kept = words
    while len(kept) > 1 and text_width(kept + ("…" if kept != words else ""), size) > room:
        kept = kept[:-1]
    return words if kept == words else kept.rstrip() + "…"
