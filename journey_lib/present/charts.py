"""Figures: a sketch draws marks into axes; a plot carries the words around them and shows both as HTML."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

import numpy as np

from journey_lib.present import theme
from journey_lib.present.palette import small_png
from journey_lib.present.wording import Message

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS_PER_INCH = 200
PREVIEW = 144  # pixels per inch of a figure that the next click replaces
ALT_LIMIT = 250


@dataclass(frozen=True)
class Layout:
    """Height of a figure and the margins of its axes, in inches."""

    height: float
    left: float = 0.1
    top: float = 0.1
    right: float = 0.1
    bottom: float = 0.35


class Sketch(Protocol):
    """What to draw: a layout for each width, and the marks."""

    def layout(self, *, narrow: bool) -> Layout:
        """Return height and margins for the wide or the phone figure."""

    def draw(self, ax: Axes, *, narrow: bool) -> None:
        """Draw the marks."""


@dataclass(frozen=True)
class Plot:
    """A figure with the words that belong to it.

    Attributes
    ----------
    sketch : Sketch
        Draws the marks.
    title, subtitle, note, alt : Message
        The finding; measure, unit and base; marks and method; and what a reader who cannot see it is told.
    lang : str
        Language of the words.
    given : Axes, optional
        Axes of the caller; without them the plot makes its own figure.
    """

    sketch: Sketch
    title: Message
    subtitle: Message
    note: Message
    alt: Message
    lang: str = "en"
    given: Axes | None = field(default=None, repr=False)

    @cached_property
    def figure(self) -> Figure:
        """The wide matplotlib figure."""
        if self.given is None:
            return self._drawn(narrow=False)
        with theme.drawing():
            self.sketch.draw(self.given, narrow=False)
        figure = self.given.get_figure(root=True)
        assert figure is not None  # noqa: S101 - axes always have one
        return figure

    @property
    def ax(self) -> Axes:
        """The axes of the wide figure, for anyone who wants matplotlib."""
        return self.given if self.given is not None and self.figure else self.figure.axes[0]

    def png(self, *, narrow: bool = False) -> bytes:
        """Return the figure as a small palette PNG, sharp on a screen of double density."""
        figure = self._drawn(narrow=True) if narrow else self.figure
        return _palette_png(figure)

    def data_uri(self, *, narrow: bool = False) -> str:
        """Return the PNG as a data address, so that a page needs no second file."""
        return "data:image/png;base64," + base64.b64encode(self.png(narrow=narrow)).decode()

    def preview(self) -> str:
        """Return the wide figure as a data address, drawn fast: several times as large as the palette."""
        raw = BytesIO()
        with theme.drawing():
            self.figure.savefig(
                raw, dpi=PREVIEW, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 1}
            )
        return "data:image/png;base64," + base64.b64encode(raw.getvalue()).decode()

    def thumbnail(self) -> str:
        """Return the phone figure at low density as a data address, for a card in a catalogue."""
        return (
            "data:image/png;base64," + base64.b64encode(_palette_png(self._drawn(narrow=True), 80)).decode()
        )

    def alternative(self) -> str:
        """Return the text for readers who cannot see the figure, never longer than screen readers bear."""
        text = self.alt.say(self.lang)
        return text if len(text) <= ALT_LIMIT else text[: ALT_LIMIT - 1].rsplit(" ", 1)[0] + "…"

    def _drawn(self, *, narrow: bool) -> Figure:
        from matplotlib.figure import Figure

        layout = self.sketch.layout(narrow=narrow)
        width = theme.NARROW if narrow else theme.WIDE
        with theme.drawing():
            figure = Figure(figsize=(width, layout.height))
            inner = layout.height - layout.top - layout.bottom
            across = width - layout.left - layout.right
            left, bottom = layout.left / width, layout.bottom / layout.height
            ax = figure.add_axes((left, bottom, across / width, inner / layout.height))
            self.sketch.draw(ax, narrow=narrow)
            for text in ax.texts:
                text.set_text(theme.drawable(text.get_text()))
        return figure

    def _repr_html_(self) -> str:
        from journey_lib.present import blocks

        return blocks.figure(self)._repr_html_()


def _palette_png(figure: Figure, density: int = PIXELS_PER_INCH) -> bytes:
    raw = BytesIO()
    with theme.drawing():
        figure.savefig(raw, dpi=density, format="rgba")
    width = int(figure.bbox_inches.width * density)
    return small_png(np.frombuffer(raw.getvalue(), np.uint8).reshape(-1, width, 4))


def interval(
    ax: Axes,
    low: float,
    estimate: float,
    high: float,
    at: float,
    *,
    color: str = theme.MAIN,
    thin: bool = False,
    vertical: bool = False,
    marker: str = "o",
) -> None:
    """Draw an estimate the one way it is drawn: a dot on its interval, hollow when few answered."""
    span: tuple[list[float], list[float]] = ([at, at], [low, high])
    point: tuple[float, float] = (at, estimate)
    if not vertical:
        span, point = (span[1], span[0]), (point[1], point[0])
    ax.plot(*span, color=color, lw=2, ls=(0, (2, 1.5)) if thin else "-", solid_capstyle="butt", zorder=3)
    fill = "white" if thin else color
    ax.plot(*point, marker, ms=6.5, mfc=fill, mec=color, mew=1.6, zorder=4)


@cache
def text_width(text: str, size: float = 10, *, bold: bool = False) -> float:
    """Return how wide a line of text is in the figure font, in inches.

    Examples
    --------
    >>> 0.4 < text_width("Payment") < 0.8
    True
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    with theme.drawing():
        families = [theme.FAMILY, theme.FALLBACK]
        font = FontProperties(family=families, size=size, weight=theme.BOLD if bold else 400)
        words = theme.drawable(text)
        width, _, _ = text_to_path.get_text_width_height_descent(words, font, False)  # noqa: FBT003 - no maths
    return float(width) / 72


def fitted(words: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return a name as it is, or as much of it as fits into so many inches.

    Examples
    --------
    >>> fitted("Start guide", 3.0, 9), fitted("Start guide", 0.4, 9)[-1]
    ('Start guide', '…')
    """
    if text_width(words, size, bold=bold) <= room:
        return words
    fits = (n for n in range(len(words) - 1, 1, -1) if text_width(words[:n] + "…", size, bold=bold) <= room)
    return words[: next(fits, 1)].rstrip() + "…"


def apart(positions: list[float], gap: float) -> list[float]:
    """Return label positions moved as little as needed so that neighbours keep their distance.

    Examples
    --------
    >>> apart([1.0, 1.1, 5.0], 1.0)
    [0.55, 1.55, 5.0]
    """
    order = sorted(range(len(positions)), key=positions.__getitem__)
    clusters: list[list[int]] = []
    for at in order:
        clusters.append([at])
        while (
            len(clusters) > 1
            and _bottom(clusters[-1], positions, gap) < _top(clusters[-2], positions, gap) + gap
        ):
            last = clusters.pop()
            clusters[-1] += last
    moved = list(positions)
    for cluster in clusters:
        start = _bottom(cluster, positions, gap)
        for step, at in enumerate(cluster):
            moved[at] = round(start + step * gap, 6)
    return moved


def _bottom(cluster: list[int], positions: list[float], gap: float) -> float:
    return sum(positions[i] for i in cluster) / len(cluster) - gap * (len(cluster) - 1) / 2


def _top(cluster: list[int], positions: list[float], gap: float) -> float:
    return _bottom(cluster, positions, gap) + gap * (len(cluster) - 1)
