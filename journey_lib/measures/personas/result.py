"""The personas report's answer: its table, every comparison for its owner, and the way to the cards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.result import Result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from journey_lib.measures.personas.count import Counted, Plan
    from journey_lib.measures.personas.groups import Persona, Whom
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("stages",)
PARTS = ("cards", *FIGURES, "satisfaction")


@dataclass(frozen=True, eq=False, kw_only=True)
class PersonasResult(Result):
    """Evidence cards; what `personas` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages and columns.
    whom : Whom
        The people and their segments.
    counted : Counted
        Everything counted.
    plan : Plan
        How lines were chosen.
    """

    study: Study
    whom: Whom = field(repr=False)
    counted: Counted = field(repr=False)
    plan: Plan

    stem = "personas"
    evidence = "segment"
    keys = ("metric", "question", "option", "stage", "segment")

    @property
    def personas(self) -> tuple[Persona, ...]:
        """The segments, the largest first."""
        return self.whom.personas

    @property
    def tested(self) -> pd.DataFrame:
        """Every comparison that was tested, for its owner: one row a segment and statement, p corrected."""
        return self.counted.tested.copy()

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "stages") -> Plot:  # noqa: FBT001, FBT002
        """Return the figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"stages"}
            Stages that each segment reached.

        Raises
        ------
        ParamError
            If the kind is unknown, or there is nothing of it to draw.
        """
        from journey_lib.measures.personas import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, chosen("kind", kind, FIGURES), ax)

    def picture(self) -> str:
        """Return the main figure, small."""
        from journey_lib.measures.personas import pictures

        made = pictures.stages(self)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "cards") -> Block:
        """Return a part of the page.

        Parameters
        ----------
        kind : {"cards", "stages", "satisfaction"}
            The cards; how far each segment gets; what each said in the newest wave.
        """
        from journey_lib.measures.personas import show

        return show.part(self, chosen("kind", kind, PARTS))
