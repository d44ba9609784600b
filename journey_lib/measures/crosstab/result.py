"""The crosstab's answer: its table with letters, and the way to figures, tables, sentences and sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import chosen
from journey_lib.measures.crosstab.count import KEYS
from journey_lib.present.numbers import Number
from journey_lib.present.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from journey_lib.measures.crosstab.banners import Block as Banner
    from journey_lib.measures.crosstab.count import Settings
    from journey_lib.present.blocks import Block
    from journey_lib.present.charts import Plot
    from journey_lib.present.sheets import Sheet
    from journey_lib.study.definition import Question, Study

FIGURES = ("differences",)
PARTS = (*FIGURES, "items", "answers", "tests")


@dataclass(frozen=True, eq=False, kw_only=True)
class CrosstabResult(Result):
    """How groups differ; what `crosstab` returns.

    Attributes
    ----------
    study : Study
        Words and order of questions.
    blocks : tuple of Banner
        The banner's columns.
    marks : mapping
        Letters by metric, question, option, block and column.
    how : Settings
        What columns are compared with, and how.
    """

    study: Study
    blocks: tuple[Banner, ...]
    marks: Mapping[tuple[str, ...], str] = field(repr=False)
    how: Settings

    stem = "crosstab"
    evidence = "satisfaction"
    keys = ("metric", "question", "segment", "group", "option")

    def mark(self, number: Number) -> str:
        """Return the letters of a cell; none where the cell is hidden."""
        return "" if number.hidden else self.marks.get(number.at(*KEYS), "")

    @property
    def letters(self) -> pd.DataFrame:
        """One row a cell: `metric question option segment group letters`, in the order of the table."""
        frame = pd.DataFrame(list(self.marks), columns=list(KEYS))
        return frame.assign(letters=list(self.marks.values()))

    @property
    def wide(self) -> pd.DataFrame:
        """One row an item, one column a category (`block: value`), "total" first; exact, for its owner."""
        own = self.rows[self.rows["metric"] != "association"]
        names = np.where(own["group"] == "", "total", own["segment"] + ": " + own["group"])
        frame = own.assign(column=names).pivot_table(
            index=["question", "metric", "option"], columns="column", values="estimate", sort=False
        )
        return frame[["total", *[name for name in frame if name != "total"]]].rename_axis(columns=None)

    @property
    def asked(self) -> list[Question]:
        """The questions of the rows, in the order of the study."""
        found = set(self.rows["question"])
        return [question for question in self.study.questions if question.id in found]

    def plot(self, ax: Axes | None = None, narrow: bool = False, *, kind: str = "differences") -> Plot:  # noqa: FBT001, FBT002
        """Return the questions that differ most, column by column.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw into; the plot makes its own figure without them.
        narrow : bool
            Draw the phone figure (the page always carries both).
        kind : {"differences"}
            The only one.

        Raises
        ------
        ParamError
            If the kind is unknown, or nothing can be drawn.
        """
        from journey_lib.measures.crosstab import pictures

        del narrow  # a page carries both widths; the argument is part of the promised signature
        chosen("kind", kind, FIGURES)
        return pictures.required(self, ax)

    def picture(self) -> str:
        """Return the figure, small."""
        from journey_lib.measures.crosstab import pictures

        made = pictures.differences(self)
        return made.thumbnail() if made else ""

    def sheets(self) -> tuple[Sheet, ...]:
        """Return one sheet a block, letters in a column of their own, and the tests of whole questions."""
        from journey_lib.measures.crosstab import workbook

        return workbook.sheets(self)

    def show(self, kind: str = "items") -> Block:
        """Return a part of the page.

        Parameters
        ----------
        kind : {"differences", "items", "answers", "tests"}
            The figure; one line a question with letters; every answer of the questions that have no single
            number; and the tests of whole questions.
        """
        from journey_lib.measures.crosstab import show

        return show.part(self, chosen("kind", kind, PARTS))
