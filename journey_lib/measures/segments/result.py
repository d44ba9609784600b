"""The segments report's answer: its table, its members for their owner, and the way to figures and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import chosen
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from journey_lib.measures.segments.moved import Moved
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.stats.clusters.choose import Criteria
    from journey_lib.stats.clusters.matching import Match
    from journey_lib.stats.clusters.stability import Stability
    from journey_lib.stats.clusters.typing_tool import Judged
    from journey_lib.study.clustering import Kept
    from journey_lib.study.clustering.fit import Fitted
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

FIGURES = ("choice", "sizes", "profiles", "stages", "stability")
PARTS = (*FIGURES, "verdict", "traits", "others", "typing", "moves")


@dataclass(frozen=True, eq=False, kw_only=True)
class SegmentsResult(Result):
    """Groups and every doubt about them; what `segments` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages and columns.
    found : Fitted
        Everything computed.
    moved : Moved or None
        Who moved since an earlier day.
    data : Data or None
        Whose people were grouped; what `save` needs.
    """

    study: Study
    found: Fitted = field(repr=False)
    moved: Moved | None = field(default=None, repr=False)
    data: Data | None = field(default=None, repr=False)

    stem = "segments"
    evidence = "segment"
    keys = ("metric", "question", "option", "stage", "segment", "group", "comparison")

    @property
    def verdict(self) -> str:
        """Whether there are groups: "clear", "unsure", "none"; "rule" where rules made them."""
        return self.found.verdict

    @property
    def k(self) -> int:
        """How many groups there are; 0 for none."""
        return self.found.k

    @property
    def members(self) -> pd.DataFrame:
        """Who is in which segment, for their owner alone: `id`, `segment` ("" for none), `certainty`.

        `certainty` is the probability of the segment where the method gives one, else NaN.
        """
        found = self.found
        labels = np.full(len(found.whom.ids), -1)
        labels[found.kept] = found.labels
        certainty = np.full(len(labels), np.nan)
        posterior = getattr(found.fit, "posterior", None)
        if posterior is not None:
            certainty[found.kept] = posterior.max(axis=1)
        names = np.array([*found.names, ""], dtype=object)[labels]
        return pd.DataFrame(
            {"id": found.whom.ids.to_numpy(), "segment": names, "certainty": certainty}
        ).astype({"id": "str", "segment": "str"})

    @property
    def typical(self) -> dict[str, str]:
        """For each segment the id of the member nearest to its middle, for their owner alone."""
        found = self.found
        if not found.k or not found.table.numeric.shape[1]:
            return {}
        values = np.nan_to_num(found.table.numeric)
        made = {}
        for at, name in enumerate(found.names):
            rows = np.flatnonzero(found.labels == at)
            away = np.square(values[rows] - values[rows].mean(axis=0)).sum(axis=1)
            made[name] = str(found.whom.ids[found.kept[rows[int(away.argmin())]]])
        return made

    @property
    def profiles(self) -> pd.DataFrame:
        """One row a segment and column or value: `mean` or `share` with bounds, `distance` or `index`."""
        wanted = self.rows["metric"].isin(["mean", "share", "distance", "index"]) & (
            self.rows["segment"] != ""
        )
        keys = ["segment", "question", "option"]
        own = self.rows[wanted]
        wide = own.pivot_table(index=keys, columns="metric", values="estimate", sort=False).reset_index()
        level = own[own["metric"].isin(["mean", "share"])]
        bounds = level[[*keys, "ci_low", "ci_high", "n"]]
        return wide.merge(bounds, on=keys).rename_axis(columns=None)

    @property
    def criteria(self) -> pd.DataFrame:
        """One row a number of groups, one column a criterion."""
        told: Criteria | None = self.found.criteria
        if told is None:
            return pd.DataFrame()
        columns = ("silhouette", "gap", "bic", "icl", "strength", "agreement", "smallest")
        frame = pd.DataFrame({name: pd.Series(getattr(told, name), dtype=float) for name in columns})
        return frame.rename_axis("k").sort_index()

    @property
    def picks(self) -> dict[str, int]:
        """How many groups each criterion asks for; 1 means none."""
        return dict(self.found.criteria.picks) if self.found.criteria else {}

    @property
    def stability(self) -> pd.DataFrame:
        """One row a segment: mean Jaccard, its word, resamples in which it dissolved and came back."""
        told: Stability | None = self.found.stability
        if told is None:
            return pd.DataFrame(columns=["segment", "jaccard", "word", "dissolved", "recovered", "draws"])
        return pd.DataFrame(
            {
                "segment": self.found.names, "jaccard": told.mean, "word": told.words,
                "dissolved": told.dissolved, "recovered": told.recovered, "draws": len(told.jaccard),
            }
        )  # fmt: skip

    @property
    def typing_tool(self) -> str:
        """The typing tool as JSON for `classify`; "" where there is none."""
        return self.found.judged[0] if self.found.judged else ""

    @property
    def judged(self) -> Judged | None:
        """How often the typing tool is right about people it did not learn from."""
        return self.found.judged[1] if self.found.judged else None

    def matched(self, other: SegmentsResult) -> Match:
        """Match the segments of another result to these by the people both have grouped.

        Names belong to the matched segment, never to a number; below half an overlap the name is dropped.
        """
        from journey_lib.stats.clusters.matching import matched

        mine, theirs = (one.members.set_index("id")["segment"] for one in (self, other))
        both = mine.index.intersection(theirs.index)
        codes = [one[both].replace("", "0").astype(int).to_numpy() - 1 for one in (mine, theirs)]
        return matched(*codes)

    def save(self, names: Sequence[str] = (), *, description: str = "", author: str = "") -> Kept:
        """Save every group as a list of people, to be used like any saved segment.

        Parameters
        ----------
        names : sequence of str
            Names of the groups that have none yet, the largest first. Without them each is called by what
            sets it apart. When groups were saved before, those found again keep their names and get a new
            version; only the others need one.
        description, author : str
            Why, and who.

        Returns
        -------
        Kept
            The lists, and which names were found again, given, or dropped.

        Raises
        ------
        ParamError
            If there are no groups, or the names are too many, too few, taken or no names.
        """
        from journey_lib.measures.segments import words
        from journey_lib.study.clustering import keep

        assert self.data is not None  # noqa: S101 - every result of `segments` carries its data
        proposed = words.proposed(self)
        return keep(
            self.study,
            self.data,
            self.found,
            names,
            proposed=proposed,
            description=description,
            author=author,
        )

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "choice") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"choice", "sizes", "profiles", "stages", "stability"}
            Criteria by number of groups; sizes; what sets segments apart; stages reached; how stable each is.

        Raises
        ------
        ParamError
            If the kind is unknown, or there is nothing of it to draw.
        """
        from journey_lib.measures.segments import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, chosen("kind", kind, FIGURES), ax)

    def picture(self) -> str:
        """Return the main figure, small."""
        return self.plot(kind="profiles" if self.k else "choice").thumbnail()

    def show(self, kind: str = "choice") -> Block:
        """Return a part of the page: a figure, or a table.

        Parameters
        ----------
        kind : {"choice", "sizes", "profiles", "stages", "stability", "verdict", "traits", "typing", "moves"}
            See `plot`; the last four are tables, `others` the table of what only describes the segments.
        """
        from journey_lib.measures.segments import show

        return show.part(self, chosen("kind", kind, PARTS))
