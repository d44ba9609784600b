"""The attribution report's answer: its table, wide accessors, the way to figures, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import chosen
from journey_lib.measures.attribution.count import MODELS, RATE
from journey_lib.measures.attribution.plan import NO_CHANNEL
from journey_lib.present.masking import conceal
from journey_lib.present.result import Result
from journey_lib.present.vocabulary import HIDDEN, WITHHELD

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.attribution.show import Kind
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("channels",)
PARTS = (*FIGURES, "effects", "costs", "groups")
COSTS = ("cost", "cost_per_conversion", "return")


@dataclass(frozen=True, eq=False, kw_only=True)
class AttributionResult(Result):
    """Which channels each model credits with the conversions; what `attribution` returns.

    Attributes
    ----------
    study : Study
        Words and currency.
    channels, groups : tuple of str
        Channels by removal effect, largest first; values of `by` somebody has.
    stage : str
        The stage a conversion enters; "" when none.
    by : str
        Column that splits the result.
    """

    study: Study
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    stage: str = ""
    by: str = ""

    stem = "attribution"
    evidence = "attribution"
    keys = ("metric", "option", "weighting", "group")

    @property
    def masked(self) -> pd.DataFrame:
        """The table as others may see it; shares of channels sum to 1, so one hidden channel hides another.

        Beside the small cells of every result, a channel is withheld where exactly one other is hidden among
        the numbers of one model: the smallest of those shown.
        """
        shown = super().masked
        hidden = shown["note"].isin(HIDDEN).to_numpy()
        family = shown.groupby(["metric", "weighting", "comparison", "group"], sort=False).ngroup().to_numpy()
        alone = np.bincount(family[hidden], minlength=int(family.max(initial=-1)) + 1) == 1
        open_ = np.flatnonzero(alone[family] & ~hidden & (shown["option"] != "").to_numpy())
        open_ = open_[np.argsort(self.rows["n"].to_numpy()[open_], kind="stable")]
        first = open_[np.unique(family[open_], return_index=True)[1]]
        conceal(shown, np.isin(np.arange(len(shown)), first), WITHHELD)
        return shown

    @property
    def wide(self) -> pd.DataFrame:
        """Conversions credited, one row a channel and one column a model; each sums to those with a touch.

        Exact, for its owner; `shapley_rate` holds differences of rates instead.
        """
        rows = self.rows[(self.rows["group"] == "") & self.rows["metric"].isin(["credit", "rate_gain"])]
        return self._wide(rows, "weighting", (*MODELS, RATE))

    @property
    def costs(self) -> pd.DataFrame:
        """One row a channel: cost, and by model cost per conversion and return, such as `return_markov`.

        Exact, for its owner; without columns where the study has no costs.
        """
        rows = self.rows[self.rows["metric"].isin(COSTS)]
        names = rows["metric"] + rows["weighting"].map(lambda model: f"_{model}" if model else "")
        return self._wide(rows.assign(name=names), "name", tuple(names.unique()))

    def _wide(self, rows: pd.DataFrame, columns: str, order: tuple[str, ...]) -> pd.DataFrame:
        wide = rows.pivot_table(index="option", columns=columns, values="estimate", aggfunc="first")
        return wide.reindex(index=list(self.channels), columns=list(order)).rename_axis(
            index="channel", columns=None
        )

    @property
    def real(self) -> tuple[str, ...]:
        """Channels by removal effect, without touches that name none."""
        return tuple(name for name in self.channels if name != NO_CHANNEL)

    def findings(self) -> pd.DataFrame:
        """Return the masked rows for the ledger, with the channel under its own name too."""
        return super().findings().assign(channel=lambda rows: rows["option"])

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "channels") -> Plot:  # noqa: FBT001, FBT002
        """Return the figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"channels"}
            Share of conversions by channel under last touch, removal effect, first touch and Shapley.

        Raises
        ------
        ParamError
            If the kind is unknown, or nobody met a channel.
        """
        from journey_lib.measures.attribution import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, ax)

    def picture(self) -> str:
        """Return the figure, small."""
        from journey_lib.measures.attribution import pictures

        made = pictures.channels(self)
        return made.thumbnail() if made else ""

    def show(self, kind: Kind = "channels") -> Block:
        """Return a part of the page: a figure with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : {"channels", "effects", "costs", "groups"}
            See `plot`; the others are tables: effects and gaps, costs, groups of `by`.

        Raises
        ------
        ParamError
            If the kind is unknown.
        """
        from journey_lib.measures.attribution import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)
