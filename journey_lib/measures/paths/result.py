"""The answer about paths: its table, the same as wide tables, and the way to figures and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from journey_lib.measures.paths.count import Walked
    from journey_lib.measures.paths.drivers import Drivers
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("flow", "backward", "matrix", "dropoff", "drivers")
PARTS = ("flow", "backward", "matrix", "dropoff", "astray", "ways", "groups", "drivers")
MATRICES = ("share", "count", "customers", "median_days")
EVIDENCE = {
    "transition": "edge", "transitions": "edge", "time_to_next": "time", "dropoff": "conversion",
    "transition_difference": "segment", "driver": "driver", "driver_odds": "driver", "driver_with": "driver",
    "driver_without": "driver",
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class PathsResult(Result):
    """Which ways customers take; what `paths` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages and touchpoints.
    walked : Walked
        What was counted; exact, for the wide tables.
    drivers : Drivers
        Marks before the landmark and the outcome after it.
    by : str
        Column that splits the result.
    top : int
        Most nodes a step of the figure shows.
    """

    study: Study
    walked: Walked = field(repr=False)
    drivers: Drivers = field(repr=False)
    by: str = ""
    top: int = 7

    stem = "paths"
    evidence = "path"
    keys = ("metric", "stage", "touchpoint", "option", "comparison", "group")

    def transitions(self, kind: str = "share", group: str = "") -> pd.DataFrame:
        """Return the matrix of transitions: from in the rows, to in the columns, then END and OPEN.

        Parameters
        ----------
        kind : {"share", "count", "customers", "median_days"}
            Share of the visits to a node, moves, customers who made the move, or the median days to the next
            step.
        group : str
            One value of `by`; "" for everybody. There is no median of a group.

        Returns
        -------
        DataFrame
            Exact numbers for their owner; pages mask small ones.
        """
        from journey_lib.measures.paths import wide

        chosen("kind", kind, MATRICES)
        chosen("group", group, ("", *self.walked.groups))
        return wide.transitions(self.walked, kind, group)

    def step_matrix(self, n: int = 0) -> pd.DataFrame:
        """Return the share of all paths that stand at each node at each step; every column sums to 1.

        Parameters
        ----------
        n : int
            The first so many steps; 0 for all that were followed.
        """
        from journey_lib.measures.paths import wide

        return wide.step_matrix(self.walked, n)

    @property
    def variants(self) -> pd.DataFrame:
        """The different whole paths, most frequent first: path, steps, times taken, customers, share."""
        from journey_lib.measures.paths import wide

        return wide.variants(self.walked)

    @property
    def loops(self) -> pd.DataFrame:
        """Returns over one other step and repeats in place: from, over, times and customers."""
        from journey_lib.measures.paths import wide

        return wide.loops(self.walked)

    def move(self, metric: str, one: str = "", other: str = "", *, group: str = "") -> Number:
        """Return one masked number about a node, or about a move from it to another."""
        about = {name: values[0] for name, values in self.walked.nodes.keys([one]).items()} if one else {}
        return self.number(metric, comparison=other, group=group, **about)

    def node(self, number: Number) -> str:
        """Return the node a number is about."""
        own = {"stages": number.stage, "touchpoints": number.touchpoint, "events": number.option}
        return own[self.walked.nodes.of]

    def kinds(self, rows: pd.DataFrame) -> pd.Series[str]:
        """Return `edge` for moves, and what the other rows are evidence of."""
        return rows["metric"].map(lambda metric: EVIDENCE.get(metric, self.evidence))

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "flow") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"flow", "backward", "matrix", "dropoff", "drivers"}
            First steps forward from the start; last steps before the outcome; where each step leads; drop-off
            at each node; what goes with the outcome.

        Raises
        ------
        ParamError
            If the kind is unknown, or there is nothing for it.
        """
        from journey_lib.measures.paths import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, ax)

    def picture(self) -> str:
        """Return the flow, small."""
        from journey_lib.measures.paths import pictures

        made = pictures.flow(self)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "flow") -> Block:
        """Return a part of the page: the figure or table of this kind, or a sentence why there is none.

        Parameters
        ----------
        kind : {"flow", "backward", "matrix", "dropoff", "astray", "ways", "groups", "drivers"}
            See `plot`; `matrix` is the transitions, `astray` what does not go from one stage to the next,
            `ways` whole paths, `groups` where the values of `by` differ.
        """
        from journey_lib.measures.paths import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)
