"""The journey map's answer: its numbers, its items with their evidence, and the way to the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.result import Result
from journey_lib.study.map_notes import MapNotes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from markupsafe import Markup
    from matplotlib.axes import Axes

    from journey_lib.measures.journey_map.beside import Gap
    from journey_lib.measures.journey_map.lanes import Item
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.present.sheets import Sheet
    from journey_lib.study.definition import Study
    from journey_lib.study.published.signals import Signal

FIGURES = ("timeline", "flow", "curves")
PARTS = ("map", *FIGURES, "edges", "segments", "touchpoints", "evidence")


@dataclass(frozen=True, eq=False, kw_only=True)
class JourneyMapResult(Result):
    """The journey stage by stage; what `journey_map` returns.

    Attributes
    ----------
    study : Study
        Names and order of the stages.
    items : tuple of Item
        Everything the cells hold.
    signals : tuple of Signal
        What stands out, the clearest first.
    written : MapNotes
        What people wrote.
    wave : str
        Wave whose satisfaction is shown.
    segments, others : tuple of str
        Segments laid beside everybody, and those that found no room.
    gaps : tuple of Gap
        What no report measured for a segment, with the command that does.
    """

    study: Study
    items: tuple[Item, ...] = ()
    signals: tuple[Signal, ...] = ()
    written: MapNotes = field(default_factory=MapNotes)
    wave: str = ""
    segments: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()

    stem = "journey_map"
    evidence = "map"
    keys = ("metric", "stage", "segment")

    @property
    def cells(self) -> pd.DataFrame:
        """One row an item: stage, touchpoint, channel, lane, words, number, evidence and source; exact."""
        from journey_lib.measures.journey_map.count import cells_of

        return cells_of(list(self.items), self.context.language)

    @property
    def edges(self) -> pd.DataFrame:
        """Moves that are not the next step: from `stage` to `comparison`, `option` says which way."""
        own = self.masked[self.masked["metric"] == "edge"]
        columns = ["stage", "comparison", "option", "estimate", "ci_low", "ci_high", "n"]
        return own[columns].reset_index(drop=True)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "timeline") -> Plot:  # noqa: FBT001, FBT002
        """Return the journey along days, or the ways customers take through it.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"timeline", "flow", "curves"}
            How long customers stay, which ways they take, or what segments feel; the map itself is text, see
            `show`.
        """
        from journey_lib.measures.journey_map import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        draw = {"timeline": pictures.timeline, "flow": pictures.flow, "curves": pictures.curves}
        return draw[chosen("kind", kind, FIGURES)](self, ax)

    def picture(self) -> str:
        """Return the timeline, small."""
        return self.plot().thumbnail()

    def show(self, kind: str = "map") -> Block:
        """Return a part of the page: the map, days, ways, segments, touchpoints, or all evidence.

        Parameters
        ----------
        kind : {"map", "timeline", "flow", "curves", "edges", "segments", "touchpoints", "evidence"}
            See above; "curves" is what segments feel.
        """
        from journey_lib.measures.journey_map import show

        return show.part(self, chosen("kind", kind, PARTS))

    def home_fragment(self, page: str = "journey_map.html") -> Markup:
        """Return the map in four lanes as HTML, for a page that links to the whole one; no kernel is needed.

        The page that takes it carries the sheet of `present.style`, and puts it inside class "jl".

        Parameters
        ----------
        page : str
            Address of the published map, as it is written into a link; stages lead to their columns.

        Examples
        --------
        `journey_map(study, read_ledger(study), read_map(study)).home_fragment("journey_map.html")`
        """
        from journey_lib.measures.journey_map import show

        return show.home_fragment(self, page)

    def sheets(self) -> Sequence[Sheet]:
        """Return the map as people lay it out by hand (lanes down, stages across), then every item."""
        from journey_lib.measures.journey_map import sheets

        return (*sheets.sheets(self), *super().sheets())
