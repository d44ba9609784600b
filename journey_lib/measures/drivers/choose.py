"""Which ratings may explain which outcome: the whole journey's, and each stage's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem, nearest
from journey_lib.study.questions import SCALED, higher_is_better, overall

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

LEAST = 2 / 3  # of those who answer the outcome must answer a rating, or it would cost the model its rows
FEWEST = 2  # drivers of one outcome


@dataclass(frozen=True)
class Plan:
    """One outcome and the ratings that may explain it.

    Attributes
    ----------
    outcome : Question
        What is explained.
    drivers : tuple of Question
        What may explain it, in journey order.
    left_out : tuple of Question
        Ratings that too few of those who answer the outcome gave.
    main : bool
        The report's own question; the others are those of single stages.
    """

    outcome: Question
    drivers: tuple[Question, ...]
    left_out: tuple[Question, ...] = ()
    main: bool = True


def plans(
    study: Study, data: Data, mask: npt.NDArray[np.bool_], outcome: str, named: Sequence[str]
) -> list[Plan]:
    """Return the main plan and, where a stage has a question of its own, one for each such stage.

    Raises
    ------
    ParamError
        A question the study does not have, or one without a scale.
    DataError
        No outcome, or fewer than two ratings that may explain it.
    """
    asked = _outcome(study, outcome)
    drivers = _named(study, named, asked) if named else _ratings(study, asked)
    _heard(data, mask, "outcome", [asked])
    _heard(data, mask, "drivers", drivers if named else [])
    kept, left = (tuple(drivers), ()) if named else _answered(data, mask, asked, drivers)
    if len(kept) < FEWEST:
        given = f"{len(kept)} ratings were given by {LEAST:.0%} of those who answered '{asked.id}'"
        action = "Name the drivers yourself, or ask more people for each rating"
        raise DataError(Problem("drivers", given, f"at least {FEWEST}", action=action))
    main = Plan(asked, kept, left)
    return [main] if named or outcome else [main, *_of_stages(study, data, mask)]


def _heard(data: Data, mask: npt.NDArray[np.bool_], where: str, asked: Sequence[Question]) -> None:
    """Raise an error that names the questions nobody answered."""
    silent = [f"'{q.id}'" for q in asked if np.isnan(scores(q, data)[mask]).all()]
    if silent:
        given = f"nobody who is counted answered {', '.join(silent)}"
        raise DataError(Problem(where, given, action="Choose questions that were answered"))


def scores(question: Question, data: Data) -> npt.NDArray[np.float64]:
    """Return the answers to a question, turned so that more is better."""
    answers = data.require("responses", by="drivers")[question.id].to_numpy(float)
    low, high = question.scale or (0, 0)
    return answers if higher_is_better(question) else low + high - answers


def _outcome(study: Study, outcome: str) -> Question:
    if outcome:
        return _scaled(study, outcome, "outcome")
    found = overall(study)
    if found is None:
        action = "Ask a recommendation or satisfaction question, or name one with `outcome`"
        raise DataError(Problem("outcome", "the study asks nothing about the whole journey", action=action))
    return found


def _named(study: Study, named: Sequence[str], outcome: Question) -> list[Question]:
    found = [_scaled(study, name, "drivers") for name in dict.fromkeys(named)]
    if outcome.id in [question.id for question in found]:
        raise ParamError(Problem("drivers", f"'{outcome.id}' is the outcome", "other questions"))
    return found


def _scaled(study: Study, name: str, where: str) -> Question:
    known = [q.id for q in study.questions if q.kind in (*SCALED, "nps")]
    if name not in known:
        raise ParamError(
            Problem(where, f"'{name}' is no question with a scale", ", ".join(known), nearest(name, known))
        )
    return study.item(name)


def _ratings(study: Study, outcome: Question) -> list[Question]:
    return [q for q in study.questions if q.kind == "rating" and q.touchpoint and q.id != outcome.id]


def _answered(
    data: Data, mask: npt.NDArray[np.bool_], outcome: Question, drivers: Sequence[Question]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Part the ratings into those that enough of the outcome's people gave, and the others."""
    base = mask & ~np.isnan(scores(outcome, data))
    shares = [float((~np.isnan(scores(q, data)[base])).mean()) if base.any() else 0.0 for q in drivers]
    kept = tuple(q for q, share in zip(drivers, shares, strict=True) if share >= LEAST)
    return kept, tuple(q for q in drivers if q not in kept)


def _of_stages(study: Study, data: Data, mask: npt.NDArray[np.bool_]) -> Iterator[Plan]:
    for stage in study.journey.stages:
        own = [q for q in study.questions if q.kind == "csat" and q.stage == stage.id and not q.touchpoint]
        drivers = [q for q in study.questions if q.kind == "rating" and q.touchpoint and q.stage == stage.id]
        for question in own[:1]:
            kept, left = _answered(data, mask, question, drivers)
            if len(kept) >= FEWEST:
                yield Plan(question, kept, left, main=False)
