"""The funnel report's answer: its table, and the way to figures, tables, sentences and audiences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, chosen
from journey_lib.measures.funnel import terms
from journey_lib.present.masking import conceal
from journey_lib.present.result import Result
from journey_lib.present.vocabulary import HIDDEN, WITHHELD

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.funnel.count import Numbers
    from journey_lib.measures.funnel.plan import Plan, Step
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

FIGURES = ("steps", "whole", "groups", "definitions")
PARTS = (*FIGURES, "times", "detours")
STATUSES = ("entered", "reached", "converted", "timed_out", "still_open")


@dataclass(frozen=True, eq=False, kw_only=True)
class FunnelResult(Result):
    """Who goes on from step to step; what `funnel` returns.

    Attributes
    ----------
    study : Study
        Words and order of the stages.
    plan : Plan
        The steps and the exact definitions.
    observed : Observed
        Whose events were read, for lists of customers.
    numbers : Numbers
        What the kernels counted.
    """

    study: Study
    plan: Plan
    observed: Observed = field(repr=False)
    numbers: Numbers = field(repr=False)

    stem = "funnel"
    evidence = "conversion"
    keys = ("option", "metric", "group", "comparison")

    @property
    def masked(self) -> pd.DataFrame:
        """The table as others may see it; where few reached a step, its shares of all would tell how few."""
        shown = super().masked
        hidden, metric = shown["note"].isin(HIDDEN), shown["metric"]
        places = pd.MultiIndex.from_frame(shown[["option", "group"]])
        few = places.isin(places[hidden & (metric == "reached")])
        conceal(shown, np.asarray(metric.str.startswith("whole_") & few & ~hidden), WITHHELD)
        return shown

    @property
    def leading(self) -> str:
        """The rate that leads: allowing for open windows, or mature where the steps share no clock."""
        return "rate_mature" if self.plan.whole.order == "any" else "rate_km"

    @property
    def pairs(self) -> list[tuple[Step, Step]]:
        """Each required step with the next."""
        steps = self.plan.steps
        return [(steps[at], steps[to]) for at, to in self.plan.pairs]

    @property
    def by(self) -> str:
        """What splits the result; "" for nothing."""
        return self.plan.by.column

    @property
    def wide(self) -> pd.DataFrame:
        """One row a step and group, exact, for its owner: what became of those who entered the funnel.

        Columns `group step reached timed_out still_open` and, with limits `_low` and `_high`,
        `rate_naive rate_mature rate_km`: shares of those who entered. One clock runs from the first step, so
        reached, timed out and still open add up to those who entered.
        """
        return terms.wide(self)

    @property
    def onward(self) -> pd.DataFrame:
        """The same from each step that must be passed to the next, each on a clock of its own.

        Columns `group step entered moved_on timed_out still_open` and the rates: shares of those who came to
        the step, on whatever way. The last step leads nowhere.
        """
        return terms.onward(self)

    def customers(self, step: str, status: str = "timed_out", *, after: str = "") -> pd.Index:
        """Return the ids of the customers behind a cell, sorted; for the owner of the data only.

        Parameters
        ----------
        step : str
            As in `wide`.
        status : {"entered", "reached", "converted", "timed_out", "still_open"}
            What became of them on the way to the step; who converted has reached it.
        after : str
            The step just before, where the clock starts anew as in `onward`; "" is the first, as in `wide`.

        Returns
        -------
        Index of str

        Raises
        ------
        ParamError
            For an unknown step or status, or a step that does not come just before.
        """
        from journey_lib.stats.kernels.funnel import FunnelMembers

        chosen("status", status, STATUSES)
        at, definition = self._place("step", step), self.plan.whole
        if after:
            pair = self._place("after", after), at
            if pair not in self.plan.pairs:
                raise ParamError(Problem("after", f"'{after}'", f"the step to pass before '{step}'"))
            definition, at = definition.only(pair), 1
        kind = {"entered": "reached", "converted": "reached", "still_open": "open"}.get(status, status)
        members = FunnelMembers(definition, at if status != "entered" else 0, kind)
        return self.observed.run(members).unique().sort_values()

    def _place(self, where: str, step: str) -> int:
        known = [one.id for one in self.plan.steps]
        return known.index(chosen(where, step, known))

    def kinds(self, rows: pd.DataFrame) -> str | pd.Series[str]:
        """Return `conversion` for rates, `time` for times, `quality` for definitions and detours."""
        return rows["metric"].map(_kind)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "steps") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"steps", "whole", "groups", "definitions"}
            From each step to the next; the whole way from the first; the groups of `by` where they differ
            most; the same rates under other definitions.

        Raises
        ------
        ParamError
            If the kind is unknown, or the result holds nothing for it.
        """
        from journey_lib.measures.funnel import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, ax)

    def picture(self) -> str:
        """Return the main figure, small."""
        from journey_lib.measures.funnel import pictures

        made = pictures.steps(self)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "steps") -> Block:
        """Return a part of the page: the figure of this kind with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : {"steps", "whole", "groups", "definitions", "times", "detours"}
            See `plot`; `times` and `detours` are tables.
        """
        from journey_lib.measures.funnel import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)


def _kind(metric: str) -> str:
    if metric.startswith("time_"):
        return "time"
    return "quality" if metric.startswith("definition") else "conversion"
