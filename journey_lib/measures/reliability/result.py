"""The reliability report's answer: its table, and the way to figure, table and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.result import Result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("items",)
PARTS = (*FIGURES, "scales")


@dataclass(frozen=True, eq=False, kw_only=True)
class ReliabilityResult(Result):
    """Whether the items of each scale belong together; what `reliability` returns.

    Attributes
    ----------
    study : Study
        Words and order of the questions.
    scales : tuple of str
        The scales looked at.
    """

    study: Study
    scales: tuple[str, ...] = ()

    stem = "reliability"
    evidence = "quality"
    keys = ("metric", "comparison", "question")

    def items(self, scale: str) -> list[str]:
        """Return the items of a scale, in the order of the study."""
        return [n.question for n in self.of("item_rest") if n.comparison == scale]

    @property
    def wide(self) -> pd.DataFrame:
        """One row an item: `item_rest alpha_without loading`; exact, for their owner."""
        own = self.rows[self.rows["question"] != ""]
        frame = own.pivot_table(index=["comparison", "question"], columns="metric", values="estimate")
        return frame.rename_axis(index=["scale", "item"], columns=None)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "items") -> Plot:  # noqa: FBT001, FBT002
        """Return how each item goes with the rest of its scale.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"items"}
            The only one.

        Raises
        ------
        ParamError
            If the kind is unknown.
        """
        from journey_lib.measures.reliability import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        chosen("kind", kind, FIGURES)
        return pictures.items(self, ax)

    def picture(self) -> str:
        """Return the figure, small."""
        return self.plot().thumbnail()

    def show(self, kind: str = "items") -> Block:
        """Return a part of the page: the figure of the items, or the table of all coefficients.

        Parameters
        ----------
        kind : {"items", "scales"}
            See above.
        """
        from journey_lib.measures.reliability import show

        return show.part(self, chosen("kind", kind, PARTS))
