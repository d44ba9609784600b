"""The survey report's answer: its table, and the way to figures, tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.errors import chosen
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from journey_lib.measures.survey.show import Kind
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.study.definition import Study

FIGURES = ("touchpoints", "stages", "trend", "groups", "choices", "scores", "rankings")
QUALITY = ("item_nonresponse", "response_rate", "representativity", "flagged")
PARTS = (*FIGURES, "waves", "changes", "unanswered", "careless")


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
    keys = ("question", "metric", "option", "group", "wave", "comparison", "weighting")

    @property
    def wave(self) -> str:
        """The wave the totals are about; "" when all are pooled."""
        return str(self.settings.get("wave", ""))

    @property
    def usual(self) -> Mapping[str, str]:
        """The wave the totals are about, weighted."""
        return {"wave": self.wave, "weighting": "weighted"}

    @property
    def changes(self) -> list[Number]:
        """The changes from one wave to the next, with p-values where they can be tested."""
        return self.of("change")

    def kinds(self, rows: pd.DataFrame) -> str | pd.Series[str]:
        """Return `satisfaction` for answers, `quality` for what was not answered."""
        return rows["metric"].map(lambda m: "quality" if m in QUALITY else "satisfaction")

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "touchpoints") -> Plot:  # noqa: FBT001, FBT002
        """Return a figure of the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"touchpoints", "stages", "trend", "groups", "choices", "scores", "rankings"}
            Answers by touchpoint; satisfaction along the journey, weighted and raw; waves; groups of `by`;
            awareness and consideration; SUS, UMUX-Lite and sliders from 0 to 100; mean ranks.

        Raises
        ------
        ParamError
            If the kind is unknown, or the study holds nothing for it.
        """
        from journey_lib.measures.survey import pictures

        chosen("kind", kind, FIGURES)
        del narrow  # a page carries both widths; the argument is part of the promised signature
        return pictures.draw(self, kind, ax)

    def picture(self) -> str:
        """Return the touchpoint figure, small."""
        from journey_lib.measures.survey import pictures

        made = pictures.touchpoints(self) or pictures.stages(self) or pictures.choices(self)
        return made.thumbnail() if made else ""

    def show(self, kind: Kind = "touchpoints") -> Block:
        """Return a part of the page: the figure of this kind with its table, or a sentence why there is none.

        Parameters
        ----------
        kind : str
            As for `plot`, or "waves", "changes", "unanswered" or "careless", which are tables; "scores" holds
            tasks and times too.
        """
        from journey_lib.measures.survey import show

        chosen("kind", kind, PARTS)
        return show.part(self, kind)
