"""The ranking's answer: ideas in order, ideas that cannot be ranked yet, findings nobody has an idea for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.numbers import Number, numbers
from journey_lib.present.result import Result

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup
    from matplotlib.axes import Axes

    from journey_lib.measures.opportunities.measured import Outcome
    from journey_lib.measures.opportunities.weigh import Weighed
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes import Idea
    from journey_lib.study.published.signals import Signal

FIGURES = ("impact", "quadrant")
PARTS = (*FIGURES, "ranking", "unranked", "measured", "once", "order", "findings")


@dataclass(frozen=True, eq=False, kw_only=True)
class OpportunitiesResult(Result):
    """Ideas ranked by what they would bring; what `opportunities` returns.

    Attributes
    ----------
    study : Study
        Names of stages and questions.
    ranked, unranked : tuple of Weighed
        Ideas with everything they rest on; the second lack something.
    open_findings : tuple of Signal
        Bad news that no idea speaks to.
    outcomes : tuple of Outcome
        What came of ideas that were tested or changed.
    draws : int
        How many draws the probabilities rest on.
    """

    study: Study
    ranked: tuple[Weighed, ...] = ()
    unranked: tuple[Weighed, ...] = ()
    open_findings: tuple[Signal, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    draws: int = 1

    stem = "opportunities"
    evidence = "opportunity"
    keys = ("metric", "option", "comparison", "question")

    def measured(self, idea: str) -> list[Number]:
        """Return what came of an idea: `effect`, or `before`, `after` and `shift`; masked."""
        metrics = ("effect", "before", "after", "shift")
        return [n for n in numbers(self.masked) if n.option == idea and n.metric in metrics]

    @cached_property
    def order(self) -> tuple[Idea, ...]:
        """The ranked ideas, the first first."""
        return tuple(sorted((w.idea for w in self.ranked), key=lambda i: self.number("place", i.id).estimate))

    @property
    def wide(self) -> pd.DataFrame:
        """One row an idea in order: impact, first, score, feasibility, in_pain; exact."""
        metrics = ("place", "impact", "first", "score", "feasibility", "in_pain", "customers")
        own = self.rows[self.rows["metric"].isin(metrics)]
        frame = own.pivot_table(index="option", columns="metric", values="estimate")
        known = [m for m in metrics if m in frame]
        return frame[known].sort_values("place").rename_axis(index="idea", columns=None)

    def home_fragment(self, page: str) -> Markup:
        """Return the first ideas as HTML, for the study's home page.

        Parameters
        ----------
        page : str
            Address of this report as it is written into links.
        """
        from journey_lib.measures.opportunities import show

        return show.home_fragment(self, page)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "impact") -> Plot:  # noqa: FBT001, FBT002
        """Return the gains with their intervals, or gains against feasibility.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"impact", "quadrant"}
            Which figure.

        Raises
        ------
        ParamError
            If the kind is unknown.
        """
        from journey_lib.measures.opportunities import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, chosen("kind", kind, FIGURES), ax)

    def picture(self) -> str:
        """Return the gains, small; "" where nothing is ranked."""
        return self.plot().thumbnail() if self.ranked else ""

    def show(self, kind: str = "ranking") -> Block:
        """Return a part of the page.

        Parameters
        ----------
        kind : {"impact", "quadrant", "ranking", "unranked", "measured", "once", "order", "findings"}
            Gains, gains against feasibility, the table, ideas that lack something, what came of those that
            were tested or changed, pains that count once, what would change the order, findings without an
            idea.
        """
        from journey_lib.measures.opportunities import show

        return show.part(self, chosen("kind", kind, PARTS))
