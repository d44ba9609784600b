"""What the survey says of each touchpoint, and what those say whom the log saw there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.touchpoints.rows import Block
from journey_lib.stats.kernels.touchpoints import Met
from journey_lib.study.questions import items
from journey_lib.study.surveyed import sample_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.touchpoints.plan import Plan
    from journey_lib.stats.estimate import Estimate, Sample
    from journey_lib.stats.kernels.touchpoints import Seen
    from journey_lib.study.data import Data
    from journey_lib.study.questions import Item

_BLANK = ("estimate", "std_error", "ci_low", "ci_high", "n_effective", "n")


@dataclass(frozen=True, eq=False)
class Asked:
    """The answers about touchpoints, joined to the log where customer ids allow it.

    Attributes
    ----------
    plan : Plan
        Touchpoints and the log.
    data : Data
        Responses, weights and segment.
    level : float
        Confidence level.
    """

    plan: Plan
    data: Data = field(repr=False)
    level: float

    @cached_property
    def questions(self) -> dict[str, Item]:
        """Who is satisfied with each touchpoint, by the first question about it."""
        if self.data.responses is None:
            return {}
        rated = [i for i in items(self.plan.study, self.data) if i.metric == "top2" and i.question.touchpoint]
        return {item.question.touchpoint: item for item in reversed(rated)}

    @cached_property
    def ids(self) -> pd.Index:
        """The customer of each response, "" where unknown."""
        frame = self.data.require("responses", by="touchpoints")
        named = frame["customer_id"] if "customer_id" in frame else pd.Series("", index=frame.index)
        return pd.Index(named.fillna("").astype("str"))

    @cached_property
    def seen(self) -> Seen | None:
        """What the log knows of those who answered; None where no answer can be joined."""
        asked = self.ids.unique().drop("", errors="ignore")
        if not len(asked):
            return None
        plan = self.plan
        kernel = Met(asked, plan.place, plan.entered, len(plan.stages), len(plan.points))
        found = plan.observed.run(kernel)
        return found if len(found.ids) else None

    @cached_property
    def joined(self) -> float:
        """Share of the answers inside the segment whose customer the log knows."""
        inside = self.data.mask()
        if self.seen is None or not inside.any():
            return math.nan
        return float(self.ids[inside].isin(self.seen.ids).mean())

    @cached_property
    def sample(self) -> Sample:
        """The responses as designed and weighted."""
        return sample_of(self.plan.study, self.data, self.level)

    def blocks(self) -> Iterator[Block]:
        """Yield a row for the answers about each touchpoint, and rows for those whom the log saw there."""
        seen = self.seen.of(self.ids) if self.questions and self.seen else None
        for at, point in enumerate(self.plan.points):
            keys = {"stage": point.stage, "touchpoint": point.id}
            item = self.questions.get(point.id)
            if item is None:
                blank = {key: [math.nan] for key in _BLANK}
                yield {**keys, **blank, "metric": "satisfied", "unit": "share", "note": "no_question"}
                continue
            yield from self._answered(item, keys, seen, at)

    def _answered(self, item: Item, keys: dict[str, Any], seen: Seen | None, at: int) -> Iterator[Block]:
        scores, inside = item.scores, self.data.mask()
        keys = keys | {"question": item.question.id, "weighting": "weighted"}
        yield self._row(self.sample.one("proportion", scores, inside), keys)
        if seen is None or not seen.contacts[:, at].any():
            return
        met = inside & (seen.contacts[:, at] > 0)
        again = met & (seen.repeats[:, at] > 0)
        yield self._row(self.sample.one("proportion", scores, met), keys | {"option": "met"})
        yield from self._compared(scores, again, met & ~again, keys)

    def _compared(
        self,
        scores: npt.NDArray[np.float64],
        again: npt.NDArray[np.bool_],
        once: npt.NDArray[np.bool_],
        keys: dict[str, Any],
    ) -> Iterator[Block]:
        """Yield both sides and their difference; with one side too small to show, the other would tell it."""
        fewer = min(_answers(scores, again), _answers(scores, once))
        told = {"option": "repeated", "comparison": "not_repeated"}
        if fewer < max(self.plan.study.thresholds.min_cell, 2):
            blank = {key: [math.nan] for key in _BLANK} | {"metric": "satisfied_difference"}
            yield {**keys, **blank, **told, "unit": "share_points", "note": "small_side"}
            return
        for option, rows in (("repeated", again), ("not_repeated", once)):
            yield self._row(self.sample.one("proportion", scores, rows), keys | {"option": option})
        gap = self.sample.difference(scores, again, once, kind="proportion")
        difference = self._row(gap, keys | told | {"metric": "satisfied_difference"}, unit="share_points")
        yield difference | {"n": [fewer]}

    def _row(self, found: Estimate, keys: dict[str, Any], *, unit: str = "share") -> Block:
        doubt = "few_answers" if math.isnan(found.std_error) else ""
        return {
            "metric": "satisfied", "unit": unit, "ci_level": self.level,
            "note": "no_answers" if math.isnan(found.estimate) else doubt,
            **{name: [getattr(found, name)] for name in _BLANK}, **keys,
        }  # fmt: skip


def _answers(scores: npt.NDArray[np.float64], rows: npt.NDArray[np.bool_]) -> int:
    return int((~np.isnan(scores) & rows).sum())
