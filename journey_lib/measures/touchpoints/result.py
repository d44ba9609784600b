"""The touchpoint report's answer: its table, wide accessors, and the way to figures, tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import chosen
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from journey_lib.measures.touchpoints.show import Kind
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("inventory", "channels", "switching", "effort", "groups")
PARTS = (*FIGURES, "order", "mix", "satisfaction")
INVENTORY = (
    "reach", "customers_reached", "share_of_stage", "contacts", "contacts_per_customer", "median_contacts",
    "first_share", "last_share", "repeat_share", "loops_per_customer", "satisfied",
)  # fmt: skip
CHANNELS = ("channel_reach", "channel_visits", "visits_per_customer", "median_visits")
EFFORT = (
    "entered", "moved_on", "days_to_move_on", "median_steps", "steps", "repeated_steps", "loops",
    "repeated_share",
)  # fmt: skip
MOVES = {"share": "next_channel", "count": "moves", "customers": "movers"}


@dataclass(frozen=True, eq=False, kw_only=True)
class TouchpointsResult(Result):
    """What customers meet along the journey; what `touchpoints` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages and touchpoints.
    groups, channel_names : tuple of str
        Values of `by`, and the channels.
    mixes : mapping of str to tuple of str
        Columns whose mix is known, with their values.
    by : str
        Column that splits the result.
    gap : str
        How far apart two visits may lie to follow each other.
    unmapped : float
        Share of the events that belong to no touchpoint.
    """

    study: Study
    groups: tuple[str, ...] = ()
    channel_names: tuple[str, ...] = ()
    mixes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by: str = ""
    gap: str = "30 days"
    unmapped: float = 0.0

    stem = "touchpoints"
    evidence = "behaviour"
    keys = ("metric", "stage", "touchpoint", "option", "comparison", "group")

    @property
    def inventory(self) -> pd.DataFrame:
        """One row a touchpoint in the order of the study: reach, frequency, order, repeats, satisfaction.

        Exact, for its owner. NaN is not zero: `note` says why nothing is known.
        """
        points = self.study.journey.touchpoints
        about = pd.DataFrame(
            {
                "stage": [p.stage for p in points],
                "touchpoint": [p.id for p in points],
                "channel": [p.channel for p in points],
                "owner": [p.owner for p in points],
            }
        )
        rows = self.rows[self.rows["option"] == ""]
        notes = rows[rows["metric"] == "reach"].drop_duplicates("touchpoint").set_index("touchpoint")["note"]
        wide = about.join(self._wide("touchpoint", INVENTORY, rows), on="touchpoint")
        return wide.assign(note=about["touchpoint"].map(notes))

    @property
    def channels(self) -> pd.DataFrame:
        """One row a channel: share of customers who came through it, visits, visits per customer."""
        rows = self.rows[(self.rows["stage"] == "") & (self.rows["comparison"] == "")]
        about = pd.DataFrame({"channel": pd.Series(self.channel_names, dtype="str")})
        return about.join(self._wide("option", CHANNELS, rows), on="channel")

    def switching(self, kind: str = "share") -> pd.DataFrame:
        """Return moves from channel (rows) to channel (columns).

        Parameters
        ----------
        kind : {"share", "count", "customers"}
            Share of all moves out of the row's channel, moves, or customers with such a move.

        Raises
        ------
        ParamError
            For another word.
        """
        chosen("kind", kind, tuple(MOVES))
        names = list(self.channel_names)
        rows = self.rows[self.rows["metric"] == MOVES[kind]]
        wide = rows.pivot_table(index="option", columns="comparison", values="estimate", aggfunc="first")
        wide = wide.reindex(index=names, columns=names)
        gone = wide.notna().any(axis=1)
        wide.loc[gone] = wide.loc[gone].fillna(0.0)
        return wide.rename_axis(index="from", columns="to")

    @property
    def effort(self) -> pd.DataFrame:
        """One row a stage: who moved on, in how many days and steps, and which repeated or went back."""
        about = pd.DataFrame({"stage": [stage.id for stage in self.study.journey.stages]})
        return about.join(self._wide("stage", EFFORT, self.rows), on="stage")

    def _wide(self, index: str, metrics: Sequence[str], rows: pd.DataFrame) -> pd.DataFrame:
        total = rows[(rows["group"] == "") & rows["metric"].isin(metrics)]
        wide = total.pivot_table(index=index, columns="metric", values="estimate", aggfunc="first")
        return wide.reindex(columns=list(metrics)).rename_axis(columns=None)

    def number(self, *at: str, **about: str) -> Number:
        """Return one masked number as every result does; a touchpoint brings its stage."""
        if point := about.get("touchpoint"):
            about.setdefault("stage", self.study.touchpoint(point).stage)
        return super().number(*at, **about)

    def kinds(self, rows: pd.DataFrame) -> str | pd.Series[str]:
        """Return `satisfaction` for answers, `behaviour` for everything the log tells."""
        asked = rows["metric"].str.startswith("satisfied")
        return asked.map({True: "satisfaction", False: "behaviour"})

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "inventory") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"inventory", "channels", "switching", "effort", "groups"}
            Touchpoints in journey order; channels; moves between them; repeated steps by stage; groups of
            `by`.

        Raises
        ------
        ParamError
            If the kind is unknown, or the study holds nothing for it.
        """
        from journey_lib.measures.touchpoints import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, ax)

    def picture(self) -> str:
        """Return the inventory figure, small."""
        from journey_lib.measures.touchpoints import pictures

        made = pictures.inventory(self) or pictures.channels(self)
        return made.thumbnail() if made else ""

    def show(self, kind: Kind = "inventory") -> Block:
        """Return a part of the page: a figure with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : {"inventory", "order", "mix", "satisfaction", "channels", "switching", "effort", "groups"}
            See `plot`; `order`, `mix` and `satisfaction` are tables.
        """
        from journey_lib.measures.touchpoints import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)
