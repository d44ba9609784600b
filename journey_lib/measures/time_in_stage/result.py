"""The answer of the report on time in stages: its table, its curves, and the way to figures and sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import chosen
from journey_lib.measures.time_in_stage.count import EXITS, Counted
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("medians", "stages", "curve", "exits")
PARTS = (*FIGURES, "groups", "waiting")


@dataclass(frozen=True, eq=False, kw_only=True)
class TimeInStageResult(Result):
    """How long customers stay in each stage; what `time_in_stage` returns.

    Attributes
    ----------
    study : Study
        Words and order of the stages.
    counted : Counted
        The estimates behind the table.
    """

    study: Study
    counted: Counted = field(repr=False)

    stem = "time_in_stage"
    evidence = "time"
    keys = ("metric", "stage", "group", "option")

    @property
    def curves(self) -> pd.DataFrame:
        """The share that moved on over days: stage group time moved_on std_error ci_low ci_high at_risk.

        Exact, for its owner; `time` is in days, group "" is everybody.
        """
        return self.counted.curves.copy()

    @property
    def exits(self) -> pd.DataFrame:
        """Where customers were at the horizon: stage group horizon_days next other silence open.

        Shares add up to 1. Exact, for its owner.
        """
        rows = self.rows[self.rows["metric"].str.startswith("exit_")]
        rows = rows.assign(metric=rows["metric"].str.removeprefix("exit_"))
        wide = rows.pivot_table(
            index=["stage", "group", "option"], columns="metric", values="estimate", sort=False
        ).reset_index()
        wide["horizon_days"] = pd.to_numeric(wide.pop("option"))
        wide = wide.reindex(columns=["stage", "group", "horizon_days", *EXITS], fill_value=0.0)
        return wide.rename_axis(columns=None)

    def only(self, metric: str, stage: str, group: str = "") -> Number:
        """Return the one masked number of a metric and stage, whatever its option is called."""
        found = [n for n in self.of(metric) if (n.stage, n.group) == (stage, group)]
        return found[0] if len(found) == 1 else Number()

    @property
    def visited(self) -> tuple[str, ...]:
        """Stages that somebody entered and that something can follow, in journey order."""
        last = self.counted.stages[-1:]
        every = [self.number("spells", stage) for stage in self.counted.stages if stage not in last]
        return tuple(number.stage for number in every if number.n > 0)

    def plot(
        self,
        ax: Axes | None = None,
        narrow: bool = False,  # noqa: FBT001, FBT002
        *,
        kind: str = "medians",
        stage: str = "",
    ) -> Plot:
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"medians", "stages", "curve", "exits"}
            Days of half of the movers by stage; the curve of each stage; one stage in detail, with groups and
            numbers at risk; where customers were at the horizon.
        stage : str
            The stage of "curve"; "" takes where groups differ most clearly, else where fewest move on.

        Raises
        ------
        ParamError
            If the kind or the stage is unknown, or nothing was followed long enough to draw.
        """
        from journey_lib.measures.time_in_stage import pictures

        chosen("kind", kind, FIGURES)
        chosen("stage", stage, ("", *self.counted.stages))
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, stage, ax)

    def picture(self) -> str:
        """Return the days of the movers by stage, small."""
        from journey_lib.measures.time_in_stage import pictures

        made = pictures.medians(self) or pictures.stages(self)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "medians", *, stage: str = "") -> Block:
        """Return a part of the page: the figure of this kind with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : {"medians", "stages", "curve", "exits", "groups", "waiting"}
            See `plot`; `groups` and `waiting` are tables.
        stage : str
            The stage of "curve".
        """
        from journey_lib.measures.time_in_stage import show

        chosen("kind", kind, PARTS)
        chosen("stage", stage, ("", *self.counted.stages))
        return show.part(self, kind, stage)

    def horizon(self, stage: str) -> float:
        """Return the horizon of a stage in days, NaN where nothing was followed."""
        at = self.counted.stages.index(stage)
        return self.counted.tau.get(at, math.nan)
