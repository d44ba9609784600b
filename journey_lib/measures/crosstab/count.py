"""The weighted pass: shares, means and NPS by column of the banner, and the letters between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.present.numbers import stacked
from journey_lib.stats import tables
from journey_lib.stats.multiplicity import benjamini_hochberg, holm
from journey_lib.stats.tables.crosstab import Crosstab
from journey_lib.stats.tables.lettering import Means
from journey_lib.study.questions import Item, items, points
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.crosstab.banners import Block
    from journey_lib.present.numbers import Columns
    from journey_lib.stats.estimate import Sample
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

INTERVAL = ("estimate", "std_error", "ci_low", "ci_high")
PLUS, MINUS = "+", "−"
KEYS = ("metric", "question", "option", "segment", "group")


@dataclass(frozen=True)
class Settings:
    """What columns are compared with, and how."""

    versus: Any
    test: Any
    correction: Any
    level: float
    second: float | None


@dataclass(frozen=True, eq=False)
class Counted:
    """Rows of the table, the letters of its cells, and how many comparisons were made.

    Attributes
    ----------
    rows : DataFrame
        Tidy rows.
    marks : mapping of (metric, question, option, segment, group) to str
        Letters, or the sign against the rest.
    comparisons : int
        Pairs tested.
    thin : int
        Columns of a question with fewer than ten effective answers.
    """

    rows: pd.DataFrame
    marks: dict[tuple[str, ...], str]
    comparisons: int
    thin: int


def count(
    study: Study,
    data: Data,
    asked: Sequence[Question],
    blocks: Sequence[Block],
    mask: npt.NDArray[np.bool_],
    how: Settings,
) -> Counted:
    """Return every number of the report and the letters between the columns."""
    sample, names = sample_of(study, data, how.level), {q.id for q in asked}
    made = [item for item in items(study, data) if item.question.id in names]
    rows: list[Columns] = []
    marks: dict[tuple[str, ...], str] = {}
    comparisons = thin = 0
    for block in blocks:
        tested: list[dict[str, Any]] = []
        for question in asked:
            own = [item for item in made if item.question.id == question.id]
            for one in _tables(own, block, sample, mask):
                rows += one.rows(how.level)
                letters, pairs = one.marks(how)
                marks |= letters
                comparisons += pairs
                thin += one.thin
            tested += _association(question, own, block, sample)
        rows += _adjusted(tested)
    return Counted(stacked(rows), marks, comparisons, thin)


@dataclass(frozen=True, eq=False)
class _Table:
    """Items of one question with one base, by the columns of a block and in total."""

    items: tuple[Item, ...]
    block: Block
    made: Crosstab | Means
    total: dict[str, npt.NDArray[np.float64]]

    @property
    def thin(self) -> int:
        """Columns with some answers, but fewer effective ones than letters need."""
        return int(((self.made.n > 0) & (self.made.n_effective < tables.lettering.TOO_FEW)).sum())

    def rows(self, level: float) -> Iterator[Columns]:
        """Yield the cells and the total of each item."""
        groups = np.asarray(self.block.values, dtype=object)
        for place, item in enumerate(self.items):
            keys = {
                "metric": item.metric, "question": item.question.id, "option": item.option,
                "stage": item.question.stage, "touchpoint": item.question.touchpoint, "unit": item.unit,
                "segment": self.block.name, "weighting": "weighted", "ci_level": level,
            }  # fmt: skip
            bases = {"n": self.made.n, "n_effective": self.made.n_effective}
            cells = {**{name: self._values(name, place) for name in INTERVAL}, **bases}
            whole = {name: values[place : place + 1] for name, values in self.total.items()}
            for columns, group in ((cells, groups), (whole, "")):
                note = np.where(np.isnan(columns["estimate"]), "no_answers", "")
                yield {**keys, **columns, "group": group, "note": note}

    def marks(self, how: Settings) -> tuple[dict[tuple[str, ...], str], int]:
        """Return the letters of every cell, and how many pairs were tested."""
        cells, tested = _compared(self.made, how)
        found: dict[tuple[str, ...], str] = {
            (item.metric, item.question.id, item.option, self.block.name, value): str(cells[row, column])
            for row, item in enumerate(self.items)
            for column, value in enumerate(self.block.values)
        }
        return found, tested

    def _values(self, name: str, place: int) -> npt.NDArray[np.float64]:
        if isinstance(self.made, Crosstab):
            found: npt.NDArray[np.float64] = getattr(self.made, "share" if name == "estimate" else name)[
                place
            ]
            return found
        values: npt.NDArray[np.float64] = getattr(self.made, "mean" if name == "estimate" else name)
        return values


def _compared(made: Crosstab | Means, how: Settings) -> tuple[npt.NDArray[Any], int]:
    """Return the letters or signs of every cell, and how many pairs were tested."""
    if how.versus == "rest":
        return _signs(made, how)
    letters = tables.letters(
        made, level=how.level, second=how.second, test=how.test, correction=how.correction,
        pairs="adjacent" if how.versus == "previous" else "all",
    )  # fmt: skip
    return letters.cells, int((~np.isnan(letters.p_value)).sum()) // 2


def _tables(
    own: Sequence[Item], block: Block, sample: Sample, mask: npt.NDArray[np.bool_]
) -> Iterator[_Table]:
    """Yield one table for the shares of a question, and one for each mean."""
    shares = [item for item in own if item.kind == "proportion"]
    inside = np.where(mask, 0, -1)
    names = (*INTERVAL, "n", "n_effective")
    if shares:
        matrix = np.column_stack([item.scores for item in shares])
        made = tables.crosstab(
            matrix, np.where(block.codes >= 0, block.codes, np.nan), rows=range(len(shares)),
            columns=range(len(block.values)), sample=sample,
        )  # fmt: skip
        total = sample.by_domain_of_each("proportion", [item.scores for item in shares], inside, 1)
        yield _Table(tuple(shares), block, made, _whole(total, names))
    for item in own:
        if item.kind != "proportion":
            scores = points(item.scores) if item.kind == "nps" else item.scores
            found = tables.means(scores, block.codes, block.values, sample)
            yield _Table((item,), block, found, _whole([sample.by_domain("mean", scores, inside, 1)], names))


def _whole(total: Sequence[Any], names: Sequence[str]) -> dict[str, npt.NDArray[np.float64]]:
    return {name: np.array([getattr(one, name)[0] for one in total], dtype=float) for name in names}


def _signs(made: Crosstab | Means, how: Settings) -> tuple[npt.NDArray[np.object_], int]:
    """Return "+" or "−" where a column differs from everybody else."""
    gap, _, p = tables.versus_rest(made)
    if how.correction == "bonferroni":
        p = np.minimum(p * (~np.isnan(p)).sum(axis=1, keepdims=True), 1.0)
    elif how.correction != "none":
        p = {"holm": holm, "benjamini_hochberg": benjamini_hochberg}[how.correction](p.ravel()).reshape(
            p.shape
        )
    cells = np.where(p < 1 - how.level, np.where(gap > 0, PLUS, MINUS), "")
    return cells, int((~np.isnan(p)).sum())


def _association(
    question: Question, own: Sequence[Item], block: Block, sample: Sample
) -> Iterator[dict[str, Any]]:
    """Yield the test of a whole question against the block, where its answers exclude each other."""
    if question.kind == "multi":
        return
    levels = [item for item in own if item.metric in ("level", "selected")]
    parts = levels or [item for item in own if item.metric in ("promoters", "passives", "detractors")]
    if len(parts) < 2:
        return
    matrix = np.column_stack([item.scores for item in parts])
    known = ~np.isnan(matrix).any(axis=1) & (block.codes >= 0)
    rows = np.where(known, np.nan_to_num(matrix).argmax(axis=1), -1)
    found = tables.rao_scott(rows, np.where(known, block.codes, -1), sample=sample)
    yield {
        "metric": "association", "question": question.id, "stage": question.stage, "group": "",
        "touchpoint": question.touchpoint, "segment": block.name, "unit": "share", "weighting": "weighted",
        "estimate": found.cramers_v, "p_value": found.p_value, "n": found.n,
        "note": "not_tested" if np.isnan(found.cramers_v) else "",
    }  # fmt: skip


def _adjusted(tested: list[dict[str, Any]]) -> Iterator[Columns]:
    """Correct the tests of whole questions for their number, by Holm."""
    corrected = holm([row["p_value"] for row in tested])
    for row, p in zip(tested, corrected, strict=True):
        yield {**row, "estimate": np.array([row["estimate"]]), "p_value": p}
