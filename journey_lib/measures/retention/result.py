"""The answer of the retention report: its table, its triangle, and the way to figures and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import chosen
from journey_lib.measures.retention import count
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.retention.count import Counted
    from journey_lib.measures.retention.plan import Plan
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("triangle", "curve", "groups")
PARTS = (*FIGURES, "cohorts", "active", "value", "readings")


@dataclass(frozen=True, eq=False, kw_only=True)
class RetentionResult(Result):
    """Who comes back, cohort by cohort; what `retention` returns.

    Attributes
    ----------
    study : Study
        Words of stages and levels.
    counted : Counted
        The counts behind the table.
    """

    study: Study
    counted: Counted = field(repr=False)

    stem = "retention"
    evidence = "retention"
    keys = ("metric", "wave", "group", "option", "comparison")

    @property
    def plan(self) -> Plan:
        """What was asked for."""
        return self.counted.plan

    @property
    def triangle(self) -> pd.DataFrame:
        """The share that came back, cohort by period, with `n` members; NaN where the period is not over.

        Exact, for its owner. Cohorts nobody entered are left out.
        """
        return count.triangle(self.counted)

    @property
    def counts(self) -> pd.DataFrame:
        """Numerators and denominators: group cohort period members followed retained complete.

        Exact, for its owner. Rows of a cell that is not complete hold what is known so far.
        """
        return count.counts(self.counted)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "triangle") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"triangle", "curve", "groups"}
            Cohorts by periods; the mean over cohorts with its band; the means of groups of `by`.

        Raises
        ------
        ParamError
            If the kind is unknown, or nothing was observed long enough to draw.
        """
        from journey_lib.measures.retention import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, ax)

    def picture(self) -> str:
        """Return the triangle, small."""
        from journey_lib.measures.retention import pictures

        made = pictures.triangle(self) or pictures.curve(self)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "triangle") -> Block:
        """Return a part of the page: the figure of this kind with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : {"triangle", "curve", "groups", "cohorts", "active", "value", "readings"}
            See `plot`; the others are tables: each cohort against the others, in how many of the first
            periods customers came back, value per member, and other ways to read the question.
        """
        from journey_lib.measures.retention import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)
