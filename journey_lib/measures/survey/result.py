"""The survey report's answer: its table, and the way to figures, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.present.result import Finding, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.survey.show import Kind
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.present.wording import Message
    from journey_lib.study.definition import Question, Study

FIGURES = ("touchpoints", "stages", "trend", "groups", "choices")
TABLES = ("touchpoints", "waves", "groups", "choices", "unanswered")


@dataclass(frozen=True, eq=False, kw_only=True)
class SurveyResult(Result):
    """How satisfied customers are along the journey; what `survey` returns.

    Attributes
    ----------
    study : Study
        Words and order of stages, touchpoints and questions.
    waves, groups : tuple of str
        Names of the waves in order, and of the groups of `by`.
    by : str
        Column that splits the result.
    """

    study: Study
    waves: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    by: str = ""

    stem = "survey"
    evidence = "satisfaction"

    @property
    def wave(self) -> str:
        """The wave the totals are about; "" when all are pooled."""
        return str(self.settings.get("wave", ""))

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The masked table, computed once for all figures and tables."""
        return self.masked

    def rows_of(
        self, metric: str, *, weighting: str = "weighted", over: Literal["total", "wave", "group"] = "total"
    ) -> pd.DataFrame:
        """Return the shown rows of one metric: the total, every wave, or every group."""
        rows = self.shown[(self.shown["metric"] == metric) & (self.shown["weighting"] == weighting)]
        if over == "wave":
            return rows[(rows["group"] == "") & (rows["comparison"] == "") & rows["wave"].isin(self.waves)]
        in_group = rows["group"] != ""
        at = rows["wave"] == self.wave
        kept = rows[at & (in_group if over == "group" else ~in_group)]
        return kept.drop_duplicates(["question", "option", "group"], keep="first")

    def label(self, question: Question) -> str:
        """Return what a reader calls the question: its touchpoint where it rates one."""
        if question.touchpoint and question.kind == "rating":
            return self.study.touchpoint(question.touchpoint).label.say(self.context.language)
        return question.label.say(self.context.language)

    def stop(self, stage: str) -> int:
        """Return the place of a stage on the journey, −1 where the question has none."""
        return next((s.place for s in self.context.stages if s.id == stage), -1)

    def kinds(self, rows: pd.DataFrame) -> str | pd.Series[str]:
        """Return `satisfaction` for answers, `quality` for what was not answered."""
        return rows["metric"].map(lambda m: "quality" if m == "item_nonresponse" else "satisfaction")

    def headlines(self) -> tuple[Finding, ...]:
        """Return the clearest fall or rise, the recommendation, and the touchpoint that satisfies fewest."""
        from journey_lib.measures.survey import words

        return words.headlines(self)

    def meanings(self) -> tuple[Message, ...]:
        """Return the actions the findings support."""
        from journey_lib.measures.survey import words

        return words.meanings(self)

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "touchpoints") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"touchpoints", "stages", "trend", "groups", "choices"}
            Answers by touchpoint; satisfaction along the journey, weighted and raw; waves; groups of `by`;
            awareness and consideration.

        Raises
        ------
        ParamError
            If the kind is unknown, or the study holds nothing for it.
        """
        from journey_lib.measures.survey import pictures

        _allowed("kind", kind, FIGURES)
        return pictures.draw(self, kind, ax, narrow=narrow)

    def picture(self) -> str:
        """Return the touchpoint figure, small."""
        from journey_lib.measures.survey import pictures

        made = pictures.touchpoints(self) or pictures.stages(self) or pictures.choices(self)
        return pictures.plot_of(made, self).thumbnail() if made else ""

    def show(self, kind: Kind = "touchpoints") -> Block:
        """Return a part of the page: the figure of this kind with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : {"touchpoints", "stages", "trend", "waves", "groups", "choices", "unanswered"}
            See `plot`; `waves` and `unanswered` are tables.
        """
        from journey_lib.measures.survey import show

        _allowed("kind", kind, (*FIGURES, *TABLES))
        return show.part(self, kind)


def _allowed(where: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        words = ", ".join(dict.fromkeys(allowed))
        raise ParamError(Problem(where, f"'{given}'", words, nearest(given, allowed)))
