"""The drivers report's answer: its table, and the way to figures, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import chosen
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("importance", "quadrant")
PARTS = (*FIGURES, "models", "stages", "groups")


@dataclass(frozen=True, eq=False, kw_only=True)
class DriversResult(Result):
    """What goes with an outcome; what `drivers` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages, touchpoints and questions.
    outcome : str
        The question explained.
    first : tuple of float
        For each driver, the share of resamples in which it comes first.
    by : str
        Column whose groups are compared; "" for none.
    groups : tuple of str
        Its values.
    """

    study: Study
    outcome: str
    first: tuple[float, ...] = ()
    by: str = ""
    groups: tuple[str, ...] = ()

    stem = "drivers"
    evidence = "driver"
    keys = ("metric", "question", "comparison", "group")

    @property
    def usual(self) -> Mapping[str, str]:
        """The outcome of the report."""
        return {"comparison": self.outcome}

    def drivers_of(self, outcome: str = "") -> list[Number]:
        """Return the drivers of an outcome, the most important first."""
        wanted = outcome or self.outcome
        whole = (n for n in self.of("importance") if not n.group)
        found = [n for n in whole if n.comparison == wanted]
        return sorted(found, key=lambda number: -number.estimate)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The questions explained, the report's own first."""
        return tuple(n.question for n in self.of("explained") if not n.group)

    @property
    def wide(self) -> pd.DataFrame:
        """One row a driver of the report's outcome, the most important first; exact, for their owner."""
        own = self.rows[(self.rows["comparison"] == self.outcome) & (self.rows["metric"] != "explained")]
        own = own[own["group"] == ""] if "group" in own else own
        frame = own.pivot_table(index="question", columns="metric", values="estimate")
        return frame.sort_values("importance", ascending=False).rename_axis(columns=None)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "importance") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"importance", "quadrant"}
            Shares of what is explained; or importance against the share satisfied.

        Raises
        ------
        ParamError
            If the kind is unknown.
        """
        from journey_lib.measures.drivers import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, chosen("kind", kind, FIGURES), ax)

    def picture(self) -> str:
        """Return the figure of shares, small."""
        return self.plot().thumbnail()

    def show(self, kind: str = "importance") -> Block:
        """Return a part of the page: a figure, or a table.

        Parameters
        ----------
        kind : {"importance", "quadrant", "models", "stages", "groups"}
            See `plot`; `models`, `stages` and `groups` are tables.
        """
        from journey_lib.measures.drivers import show

        return show.part(self, chosen("kind", kind, PARTS))
