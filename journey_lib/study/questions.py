"""What is estimated from each question: one item per number, as a column of scores over all respondents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.estimate.cells import Kind
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

TOP = 2  # of five points: satisfied and very satisfied
SCALED = ("rating", "csat", "ces", "likert", "slider")
KEPT = 1 << 22  # answers up to which all numbers of a study stay in memory for the next who asks
REPORTED = ("nps", "csat", "rating", "ces")  # kinds with rows of their own in the page's tables


@dataclass(frozen=True)
class Item:
    """One number of one question.

    Attributes
    ----------
    question : Question
        Where it comes from; stage, touchpoint and words follow.
    metric : str
        `nps`, `promoters`, `passives`, `detractors`, `mean`, `top2`, `bottom2`, `selected` or `level`;
        further ones of usability tests and rankings.
    kind : {"nps", "mean", "proportion"}
        Which estimator.
    unit : str
        Unit of the estimate.
    scores : ndarray of float
        One score a respondent; NaN leaves the base.
    option : str
        Level or answer option, "" for the question as a whole.
    """

    question: Question
    metric: str
    kind: Kind
    unit: str
    scores: npt.NDArray[np.float64]
    option: str = ""


def items(study: Study, data: Data) -> Iterator[Item]:
    """Return every number the survey report gives, question by question, in the order of the study file."""
    frame = data.require("responses", by="survey")
    if len(frame) * len(study.questions) > KEPT:
        return _items(study, frame)
    return iter(data.once("items", (study.questions, frame), lambda: tuple(_items(study, frame))))


def _items(study: Study, frame: pd.DataFrame) -> Iterator[Item]:
    for question in study.questions:
        if question.kind == "multi":
            for option in question.columns:
                scores = frame[f"{question.id}.{option}"].to_numpy(float)
                yield Item(question, "selected", "proportion", "share", scores, option)
        elif question.kind == "single":
            yield from _single(question, frame[question.id].to_numpy())
        elif question.id in frame and question.kind in (*SCALED, "nps"):
            yield from _scaled(question, frame[question.id].to_numpy(float))


def main_metric(question: Question) -> str:
    """Return the number that stands for a question where only one fits.

    NPS for recommendation, the mean for effort and sliders, the share of the top two levels for satisfaction.
    """
    if question.kind == "nps":
        return "nps"
    return "mean" if question.kind in ("ces", "slider", "likert") else "top2"


def overall(study: Study) -> Question | None:
    """Return the question that speaks for the whole journey: recommendation first, then satisfaction."""
    asked = [q for q in study.questions if q.kind in REPORTED]
    return min(asked, key=lambda q: (q.kind != "nps", bool(q.stage), REPORTED.index(q.kind)), default=None)


def higher_is_better(question: Question) -> bool:
    """Tell whether the upper end of a question's scale is the good one, also of an item worded in reverse."""
    return (question.direction == "higher_is_better") != question.reverse


def satisfied(question: Question, y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return 1 for an answer in the two good levels of the scale, 0 for another, NaN for none."""
    good, _ = _ends(question)
    return _between(y, *good)


def _ends(question: Question) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the two good and the two bad levels of a scale, each as its lowest and highest code."""
    low, high = question.scale or (1, 5)
    above, below = (high - TOP + 1, high), (low, low + TOP - 1)
    return (above, below) if higher_is_better(question) else (below, above)


def _scaled(question: Question, y: npt.NDArray[np.float64]) -> Iterator[Item]:
    if question.kind == "nps":
        yield Item(question, "nps", "nps", "points", y)
        for metric, low, high in (("promoters", 9, 10), ("passives", 7, 8), ("detractors", 0, 6)):
            yield Item(question, metric, "proportion", "share", _between(y, low, high))
        return
    low, high = question.scale or (1, 5)
    yield Item(question, "mean", "mean", "score", y)
    if question.kind == "slider":
        return
    good, bad = _ends(question)
    yield Item(question, "top2", "proportion", "share", _between(y, *good))
    yield Item(question, "bottom2", "proportion", "share", _between(y, *bad))
    for level in range(low, high + 1):
        yield Item(question, "level", "proportion", "share", _between(y, level, level), str(level))


def _single(question: Question, answers: npt.NDArray[np.object_]) -> Iterator[Item]:
    place, given = pd.factorize(answers)
    codes = [*map(code_of, given), ""]  # the last is that of no answer, whose place is −1
    missing = np.asarray([code == "" for code in codes])[place]
    levels = list(question.labels) or sorted({c for c in codes if c})
    for level in levels:
        chosen = np.where(missing, np.nan, np.asarray([code == level for code in codes])[place])
        yield Item(question, "selected", "proportion", "share", chosen, level)


def code_of(answer: object) -> str:
    """Return the code of an answer as the study file writes it.

    Examples
    --------
    >>> code_of(2.0), code_of("yes"), code_of(float("nan"))
    ('2', 'yes', '')
    """
    if isinstance(answer, float | np.floating):
        return "" if np.isnan(answer) else f"{answer:g}"
    return "" if answer is None else str(answer)


def points(y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return +100 for promoters, 0 for passives, −100 for detractors; NaN stays NaN.

    Examples
    --------
    >>> points(np.array([9.0, 8.0, 6.0])).tolist()
    [100.0, 0.0, -100.0]
    """
    return np.where(np.isnan(y), np.nan, 100.0 * (y >= 9) - 100.0 * (y <= 6))


def _between(y: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.float64]:
    return np.where(np.isnan(y), np.nan, (y >= low) & (y <= high))
