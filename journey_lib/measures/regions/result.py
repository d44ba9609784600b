"""The regions report's answer: its table, what of it is real, and the way to figures and sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import chosen
from journey_lib.measures.regions.conversion import MOVED
from journey_lib.measures.regions.preferences import CHANNELS, CHOSEN, PAID, UNMET, Preferences
from journey_lib.measures.regions.rows import GAP
from journey_lib.measures.regions.satisfaction import STYLES
from journey_lib.present.masking import conceal, small_cells
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result
from journey_lib.present.vocabulary import MASKED, WITHHELD

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.regions.plan import Plan, Whom
    from journey_lib.measures.regions.rhythm import Rhythm
    from journey_lib.measures.regions.rows import Family, Row
    from journey_lib.measures.regions.satisfaction import Asked
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("conversion", "preferences", "ratings", "style", "rhythm")
RATING, ADJUSTED, SPREAD = "rating" + GAP, "standardised" + GAP, "own_spread" + GAP


@dataclass(frozen=True, eq=False)
class Counted:
    """Every number of the report, part by part; a part the study has no data for is empty.

    Attributes
    ----------
    ratings : tuple of Family
        Ratings as given, without habits, and the habits.
    conversion : Family or None
        Who moves on from stage to stage.
    preferences : Preferences
        What people prefer, pay with and use.
    rhythm : Rhythm or None
        When events happen.
    asked : Asked or None
        The ratings behind the first part.
    """

    ratings: tuple[Family, ...]
    conversion: Family | None
    preferences: Preferences
    rhythm: Rhythm | None
    asked: Asked | None

    @property
    def families(self) -> tuple[Family, ...]:
        """All families of comparisons."""
        moved = () if self.conversion is None else (self.conversion,)
        return (*moved, *self.ratings, *self.preferences.families)

    @property
    def rows(self) -> list[Row]:
        """All rows of the table."""
        rhythm = [] if self.rhythm is None else self.rhythm.rows
        return [*(row for one in self.families for row in one.rows), *rhythm]


@dataclass(frozen=True, eq=False, kw_only=True)
class RegionsResult(Result):
    """How regions differ; what `regions` returns.

    Attributes
    ----------
    study : Study
        Words of regions, stages and questions.
    plan : Plan
        What counts as a difference.
    whom : Whom
        Everybody by region.
    counted : Counted
        Numbers part by part.
    """

    study: Study
    plan: Plan
    whom: Whom = field(repr=False)
    counted: Counted = field(repr=False)

    stem = "regions"
    evidence = "segment"
    keys = ("metric", "question", "option", "stage", "group")

    @property
    def masked(self) -> pd.DataFrame:
        """The table as others may see it; of preferences also without cells that few people stand behind."""
        shown = super().masked
        keys = shown[["metric", "question", "option", "group"]].itertuples(index=False, name=None)
        notes = np.array([self._secret.get(key, "") for key in keys], dtype=object)
        hidden = notes != ""
        conceal(shown, hidden, notes[hidden])
        return shown

    @cached_property
    def _secret(self) -> dict[tuple[str, str, str, str], str]:
        """Why cells of preferences are hidden, by metric, question, option and region."""
        found: dict[tuple[str, str, str, str], str] = {}
        for matrix in self.counted.preferences.matrices:
            hidden = small_cells(matrix.people, self.context.min_cell, exclusive=matrix.exclusive)
            for at, to in np.argwhere(hidden):
                small = matrix.people[at, to] < self.context.min_cell
                group = (*self.whom.names, "")[to]
                for metric in (matrix.metric, matrix.metric + GAP, UNMET):
                    key = (metric, matrix.question, matrix.options[at], group)
                    found[key] = MASKED if small else WITHHELD
        return found

    def label(self, region: str) -> str:
        """Return what a reader calls a region, in the language of the page."""
        return self.study.level(self.plan.region, region)

    def least_told(self, number: Number) -> float:
        """Return the smallest difference worth telling, in the unit of a gap."""
        spreads = {key: s for one in self.counted.families for key, s in one.spreads.items()}
        spread = spreads.get((number.metric, number.question), math.nan)
        return self.plan.effect if math.isnan(spread) else self.plan.effect_sd * spread

    def clear(self, number: Number) -> bool:
        """Tell whether a gap is there together with all others of its family, and large enough to tell."""
        large = abs(number.estimate) >= self.least_told(number)
        return number.known and number.p_value < self.plan.alpha and large

    def gaps(self, metric: str) -> list[Number]:
        """Return the gaps of a metric that hold, the surest first; of ratings those that are no habit."""
        own = [one for one in self.of(metric) if self.clear(one)]
        if metric == RATING and self.plan.adjust == "style":
            own = [one for one in own if self._also_adjusted(one)]
        return sorted(own, key=lambda one: -abs(one.estimate) / one.std_error)

    def habits(self) -> list[Number]:
        """Return the gaps of ratings that hold as given and are gone without rating habits."""
        if self.plan.adjust != "style":
            return []
        own = [one for one in self.of(RATING) if self.clear(one)]
        return [one for one in own if not self._also_adjusted(one)]

    def unmet(self) -> list[Number]:
        """Return what clearly more people of a region want than have, the widest first."""
        own = [one for one in self.of(UNMET) if one.known]
        return sorted((o for o in own if o.ci_low >= self.plan.effect), key=lambda one: -one.estimate)

    def _also_adjusted(self, number: Number) -> bool:
        other = self.number(ADJUSTED, question=number.question, stage=number.stage, group=number.group)
        told = self.clear(other) and other.estimate * number.estimate > 0
        # Where answers are cut off at the ends of a scale, a wider spread moves even adjusted levels.
        unlike = not number.question and self.clear(self.number(SPREAD, group=number.group))
        return told and not unlike

    @property
    def real(self) -> pd.DataFrame:
        """The differences that hold, as shown to others: metric, what it is about, region, gap, interval."""
        metrics = (MOVED + GAP, RATING, CHOSEN + GAP, PAID + GAP, CHANNELS + GAP)
        found = [one for metric in metrics for one in self.gaps(metric)]
        return _framed([*found, *self.unmet()])

    @property
    def habit(self) -> pd.DataFrame:
        """How regions use the scale, and the differences in ratings that are gone without that."""
        styles = [one for metric in STYLES for one in self.gaps(metric + GAP)]
        return _framed([*styles, *self.habits()])

    def kinds(self, rows: pd.DataFrame) -> pd.Series[str]:
        """Return the kind of evidence of each row."""
        return rows["metric"].map(_kind)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "conversion") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"conversion", "preferences", "ratings", "style", "rhythm"}
            Who moves on where regions differ most; the choice that differs most; ratings as given beside
            adjusted ones; how the scale is used; hours of the local day.

        Raises
        ------
        ParamError
            If the kind is unknown, or the result holds nothing for it.
        """
        from journey_lib.measures.regions import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.required(self, chosen("kind", kind, FIGURES), ax)

    def picture(self) -> str:
        """Return the main figure, small."""
        from journey_lib.measures.regions import pictures

        made = next((plot for kind in FIGURES for plot in pictures.drawn(self, kind)), None)
        return made.thumbnail() if made else ""

    def show(self, kind: str = "conversion") -> Block:
        """Return a part of the page: figures with their table, or a sentence why there are none.

        Parameters
        ----------
        kind : {"conversion", "preferences", "ratings", "style", "rhythm"}
            See `plot`.
        """
        from journey_lib.measures.regions import show

        return show.part(self, chosen("kind", kind, FIGURES))


def _framed(found: list[Number]) -> pd.DataFrame:
    columns = [*RegionsResult.keys, "estimate", "ci_low", "ci_high", "p_value", "n"]
    return pd.DataFrame([[getattr(one, name) for name in columns] for one in found], columns=columns)


def _kind(metric: str) -> str:
    if metric.startswith(MOVED):
        return "conversion"
    if metric.startswith(("rating", "standardised")):
        return "satisfaction"
    return "quality" if metric.removesuffix(GAP) in STYLES else "behaviour"
