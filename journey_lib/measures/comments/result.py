"""The comments report's answer: its table, its quotes, and the way to figures, tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import chosen
from journey_lib.measures.comments.count import SURVEY
from journey_lib.present.result import Result
from journey_lib.present.vocabulary import MASKED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.comments.quotes import Quote
    from journey_lib.measures.comments.reading import Reading, Theme
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("themes", "scores", "waves")
PARTS = (*FIGURES, "numbers", "quotes", "feedback", "tone", "contradictions")
_PAIN = ("gap", "mean_mentioned", "mean_rest", "positive", "positive_gap")


@dataclass(frozen=True, eq=False, kw_only=True)
class CommentsResult(Result):
    """What customers say; what `comments` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages, touchpoints and questions.
    reading : Reading
        The masked comments with themes and tones.
    waves, channels : tuple of str
        Waves of the survey; channels of feedback, the largest first.
    mentions : mapping
        (theme, wave, channel) → how many people mention it.
    quotes : mapping
        Theme → masked quotes, where at least five people share it.
    contradictions : tuple of Quote
        Comments that sound positive beside a low score.
    """

    study: Study
    reading: Reading = field(repr=False)
    waves: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    mentions: Mapping[tuple[str, str, str], int] = field(default_factory=dict, repr=False)
    quotes: Mapping[str, tuple[Quote, ...]] = field(default_factory=dict, repr=False)
    contradictions: tuple[Quote, ...] = field(default=(), repr=False)

    stem = "comments"
    evidence = "theme"
    keys = ("metric", "option", "question", "wave", "group", "weighting")

    @property
    def masked(self) -> pd.DataFrame:
        """The table as others may see it: also shares that few people stand behind are hidden."""
        shown = super().masked
        few = self._few(shown)
        shown.loc[few, ["estimate", "std_error", "ci_low", "ci_high", "p_value"]] = np.nan
        shown.loc[few & ~shown["note"].isin(["withheld"]), "note"] = MASKED
        return shown

    def _few(self, rows: pd.DataFrame) -> pd.Series[bool]:
        """Tell which shares and changes count fewer people than a cell needs."""
        least = self.context.min_cell

        def small(option: str, wave: str, group: str) -> bool:
            return 0 < self.mentions.get((option, wave, group), 0) < least

        columns = ["metric", "option", "wave", "comparison", "group"]
        return pd.Series(
            [
                bool(option)
                and metric in ("share", "change")
                and any(small(option, each, group) for each in dict.fromkeys((wave, comparison or wave)))
                for metric, option, wave, comparison, group in rows[columns].itertuples(index=False)
            ],
            index=rows.index,
            dtype=bool,
        )

    @property
    def wave(self) -> str:
        """The wave the totals are about, "" for all."""
        return str(self.settings["wave"])

    @property
    def score(self) -> str:
        """The question whose answers stand beside the comments, "" for none."""
        return str(self.settings["score"])

    @property
    def usual(self) -> Mapping[str, str]:
        """Comments of the survey in the wave the totals are about, weighted."""
        return {"question": SURVEY, "wave": self.wave, "weighting": "weighted"}

    @property
    def ranked(self) -> list[Theme]:
        """The themes with a share that may be shown, the most mentioned first."""
        known = [theme for theme in self.reading.themes if self.number("share", theme.id).estimate > 0]
        return sorted(known, key=lambda theme: -self.number("share", theme.id).estimate)

    def theme(self, name: str) -> Theme:
        """Return the theme of this id."""
        return next(theme for theme in self.reading.themes if theme.id == name)

    @property
    def wide(self) -> pd.DataFrame:
        """One row a theme, the most mentioned first; exact, for their owner."""
        rows = self.rows[(self.rows["option"] != "") & (self.rows["weighting"] == "weighted")]
        rows = rows[(rows["wave"] == self.wave) & rows["question"].isin([SURVEY, self.score])]
        frame = rows.pivot_table(index="option", columns="metric", values="estimate")
        return frame.sort_values("share", ascending=False).rename_axis(index="theme", columns=None)

    def kinds(self, rows: pd.DataFrame) -> pd.Series[str] | str:
        """Return `pain` for scores and tone, `theme` for how often something is mentioned."""
        return rows["metric"].map(lambda metric: "pain" if metric in _PAIN else "theme")

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "themes") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"themes", "scores", "waves"}
            Share of commenters by theme; scores of those who mention it; shares by wave.

        Raises
        ------
        ParamError
            If the kind is unknown, or the study has nothing for it.
        """
        from journey_lib.measures.comments import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, chosen("kind", kind, FIGURES), ax)

    def picture(self) -> str:
        """Return the figure of shares, small; none where the study has only feedback."""
        return self.plot().thumbnail() if self.ranked else ""

    def show(self, kind: str = "themes") -> Block:
        """Return a part of the page: a figure, a table, or quotes.

        Parameters
        ----------
        kind : {"themes", "scores", "waves", "numbers", "quotes", "feedback", "tone", "contradictions"}
            See `plot`; the others are tables and quotes.
        """
        from journey_lib.measures.comments import show

        return show.part(self, chosen("kind", kind, PARTS))
