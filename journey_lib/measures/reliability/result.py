"""The reliability report's answer: its table, and the way to figure, table and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.numbers import Number, numbers
from journey_lib.present.result import Finding, Result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.present.wording import Message
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

    @cached_property
    def shown(self) -> dict[tuple[str, ...], Number]:
        """The masked rows, read once for figure, tables and sentences."""
        return {number.at("metric", "comparison", "question"): number for number in numbers(self.masked)}

    def number(self, metric: str, scale: str, item: str = "") -> Number:
        """Return one masked number; a `Number` without values where there is none."""
        return self.shown.get((metric, scale, item), Number())

    def items(self, scale: str) -> list[str]:
        """Return the items of a scale, in the order of the study."""
        return [item for metric, name, item in self.shown if metric == "item_rest" and name == scale]

    @property
    def wide(self) -> pd.DataFrame:
        """One row an item: `item_rest alpha_without loading`; exact, for their owner."""
        own = self.rows[self.rows["question"] != ""]
        frame = own.pivot_table(index=["comparison", "question"], columns="metric", values="estimate")
        return frame.rename_axis(index=["scale", "item"], columns=None)

    def headlines(self) -> tuple[Finding, ...]:
        """Return alpha of up to three scales, the least consistent first, or of one and its worst item."""
        from journey_lib.measures.reliability import words

        return words.headlines(self)

    def meanings(self) -> tuple[Message, ...]:
        """Return what to do with each scale."""
        from journey_lib.measures.reliability import words

        return words.meanings(self)

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
