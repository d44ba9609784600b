"""Ratings by region, as given and without rating habits, and the habits themselves."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.regions.rows import Family, Line, family, of_estimate, of_gap, single_level, too_few
from journey_lib.stats.response_style import FEWEST, response_style, within_person
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    from journey_lib.measures.regions.plan import Plan, Whom
    from journey_lib.stats.estimate import Sample
    from journey_lib.stats.inputs import FloatArray, IntArray
    from journey_lib.stats.response_style import Style
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

RATED = ("rating", "csat", "likert", "ces")
STYLES = {"extreme_use": "extreme", "middle_use": "middle", "own_spread": "spread", "agreement": "agreement"}
SHARES = ("extreme_use", "middle_use")


@dataclass(frozen=True, eq=False)
class Asked:
    """The ratings of a survey that share a scale.

    Attributes
    ----------
    questions : tuple of Question
        The questions on the commonest scale, in the order of the study.
    ratings : ndarray, people × questions
        Answers as given.
    scale : (int, int)
        Lowest and highest answer.
    people : ndarray of int
        Region of each row, −1 for none.
    """

    questions: tuple[Question, ...]
    ratings: FloatArray
    scale: tuple[int, int]
    people: IntArray

    @cached_property
    def style(self) -> Style:
        """How each person uses the scale."""
        return response_style(self.ratings, self.scale)

    @property
    def too_short(self) -> int:
        """People inside with some ratings, but too few to tell their habit."""
        n = self.style.answered[self.people >= 0]
        return int(((n > 0) & (n < FEWEST)).sum())

    @property
    def adjustable(self) -> bool:
        """Whether enough questions share the scale to take a habit out."""
        return len(self.questions) >= FEWEST

    @property
    def one_valued(self) -> int:
        """People inside whose answers are all equal, so that they have no spread."""
        return int((self.style.spread[self.people >= 0] == 0).sum())


@dataclass(frozen=True)
class _Item:
    """One column of scores."""

    metric: str
    scores: FloatArray
    unit: str = "score"
    question: str = ""
    stage: str = ""
    touchpoint: str = ""
    ranked: bool = False


def asked(study: Study, data: Data, whom: Whom) -> Asked | None:
    """Return the ratings on the commonest scale; None without answers by region."""
    if data.responses is None or whom.answers is None:
        return None
    rated = [q for q in study.questions if q.kind in RATED and q.scale and q.id in data.responses]
    if not rated:
        return None
    scale = Counter(q.scale for q in rated).most_common(1)[0][0]
    assert scale is not None  # noqa: S101 - questions without a scale are not rated
    own = tuple(q for q in rated if q.scale == scale)
    return Asked(own, data.responses[[q.id for q in own]].to_numpy(float), scale, whom.answers)


def families(study: Study, data: Data, whom: Whom, plan: Plan, found: Asked) -> Iterator[Family]:
    """Yield ratings as given, the same without habits, and the habits; each family holds together."""
    groups = [_raw(found), _habits(found)]
    if plan.adjust == "style" and found.adjustable:
        groups.insert(1, _adjusted(found))
    for items in groups:
        comparisons = sum(len(_eligible(item.scores, whom, plan)) for item in items)
        sample = sample_of(study, data, single_level(plan, comparisons))
        lines = (_line(item, sample, whom, plan) for item in items)
        yield family(plan, whom.names, lines, comparisons)


def _raw(found: Asked) -> list[_Item]:
    level = _Item("rating", found.style.level, ranked=True)
    return [level, *_each("rating", found, found.ratings)] if found.adjustable else [
        *_each("rating", found, found.ratings)
    ]  # fmt: skip


def _adjusted(found: Asked) -> list[_Item]:
    own = _Item("standardised", found.style.own_level, ranked=True)
    return [own, *_each("standardised", found, within_person(found.ratings))]


def _habits(found: Asked) -> list[_Item]:
    values = {metric: getattr(found.style, name) for metric, name in STYLES.items()}
    return [
        _Item(metric, scores, "share" if metric in SHARES else "score")
        for metric, scores in values.items()
        if np.isfinite(scores).any()
    ]


def _each(metric: str, found: Asked, table: FloatArray) -> Iterator[_Item]:
    for at, q in enumerate(found.questions):
        yield _Item(metric, table[:, at], question=q.id, stage=q.stage, touchpoint=q.touchpoint)


def _eligible(scores: FloatArray, whom: Whom, plan: Plan) -> list[int]:
    """Return the regions with enough answers that also have enough others to be compared with."""
    assert whom.answers is not None  # noqa: S101 - there are ratings by region
    known = np.isfinite(scores) & (whom.answers >= 0)
    n = np.bincount(whom.answers[known], minlength=len(whom))
    return [at for at, own in enumerate(n) if own >= plan.least and n.sum() - own >= plan.least]


def _line(item: _Item, sample: Sample, whom: Whom, plan: Plan) -> Line:
    assert whom.answers is not None  # noqa: S101 - there are ratings by region
    codes: IntArray = whom.answers
    limits = (0.0, 1.0) if item.metric in SHARES else (-math.inf, math.inf)
    each = sample.by_domain("mean", item.scores, codes, len(whom))
    able = set(_eligible(item.scores, whom, plan))
    inside = item.scores[np.isfinite(item.scores) & (codes >= 0)]
    keys = {"metric": item.metric, "unit": item.unit, "question": item.question, "stage": item.stage,
            "touchpoint": item.touchpoint, "weighting": "weighted"}  # fmt: skip
    gaps = [
        of_gap(sample.difference(item.scores, codes == at, (codes >= 0) & (codes != at)), float(each.n[at]))
        if at in able else too_few(float(each.n[at]))
        for at in range(len(whom))
    ]  # fmt: skip
    return Line(
        keys, [of_estimate(each.one(at), limits) for at in range(len(whom))], gaps,
        of_estimate(sample.one("mean", item.scores, codes >= 0), limits),
        float(inside.std(ddof=1)) if item.unit == "score" and inside.size > 1 else math.nan, item.ranked,
    )  # fmt: skip
