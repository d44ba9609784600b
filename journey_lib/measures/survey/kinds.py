"""What is estimated from usability tests and rankings: scores of questionnaires, tasks, times and ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.present.result import Check
from journey_lib.present.wording import Quantity, message
from journey_lib.stats import usability
from journey_lib.study.definition import Question, Text
from journey_lib.study.definition.scales import scored
from journey_lib.study.questions import Item

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.estimate.cells import Estimates
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

    Floats = npt.NDArray[np.float64]

MAIN = ("sus", "umux_lite", "success", "time", "mean_rank")  # the number that stands for such a question
TOP = 3
UNTIDY = 0.1  # share of incomplete or tied rankings worth a warning
_NAMES = {"sus": "SUS", "umux_lite": "UMUX-Lite"}
_SCORES: dict[str, dict[str, Callable[[Floats], Floats]]] = {
    "sus": {"sus": usability.sus},
    "umux_lite": {
        "umux_lite": usability.umux_lite,
        "umux_lite_regressed": usability.umux_lite_regressed,
    },
}


def items(study: Study, data: Data) -> Iterator[Item]:
    """Yield the numbers of questionnaires with a published score, of tasks and times, and of rankings.

    Definition
    ----------
    A score needs every item of its questionnaire; `complete` is the share who gave them all among those who
    gave any. A time counts where its task succeeded. A mean rank is of those who ranked the option; ranked
    first and among the first three are shares of all who ranked anything, and two options may share a rank.
    """
    frame = data.require("responses", by="survey")
    for question, members in questionnaires(study):
        answers = np.column_stack([frame[q.id].to_numpy(float) for q in members])
        for metric, score in _SCORES[question.kind].items():
            yield Item(question, metric, "mean", "score", score(answers))
        missing = np.isnan(answers)
        complete = np.where(missing.all(axis=1), np.nan, ~missing.any(axis=1))
        yield Item(question, "complete", "proportion", "share", complete)
    for question in study.questions:
        if question.kind == "task":
            yield Item(question, "success", "proportion", "share", frame[question.id].to_numpy(float))
        elif question.kind == "time":
            seconds = frame[question.id].to_numpy(float)
            if question.task:
                seconds = np.where(frame[question.task].to_numpy(float) == 1, seconds, np.nan)
            yield Item(question, "time", "mean", "seconds", np.log(seconds))
        elif question.kind == "ranking":
            yield from _ranked(question, data)


def questionnaires(study: Study) -> Iterator[tuple[Question, list[Question]]]:
    """Yield each SUS and UMUX-Lite as one question, beside its items."""
    for (kind, name), members in scored(study.questions).items():
        called, short = study.scale_label(name), _NAMES[kind]
        named = Text(en=f"{short}, {called.say('en')}", ko=f"{short}, {called.say('ko')}")
        stages, points = {q.stage for q in members}, {q.touchpoint for q in members}
        one = Question(
            id=name or kind, kind=members[0].kind, label=named if name else Text(en=short),
            scale=members[0].scale, stage=stages.pop() if len(stages) == 1 else "",
            touchpoint=points.pop() if len(points) == 1 else "",
        )  # fmt: skip
        yield one, members


def ranks(question: Question, data: Data) -> Floats:
    """Return the rank each respondent gave each option, NaN where none."""
    frame = data.require("responses", by="survey")
    return np.column_stack([frame[f"{question.id}.{option}"].to_numpy(float) for option in question.columns])


def _ranked(question: Question, data: Data) -> Iterator[Item]:
    given = ranks(question, data)
    nobody = np.isnan(given).all(axis=1)
    for place, option in enumerate(question.columns):
        rank = given[:, place]
        yield Item(question, "mean_rank", "mean", "score", rank, option)
        yield Item(
            question, "ranked_first", "proportion", "share", np.where(nobody, np.nan, rank == 1), option
        )
        if len(question.columns) > TOP:
            top = np.where(nobody, np.nan, rank <= TOP)
            yield Item(question, "ranked_top3", "proportion", "share", top, option)


def finished(item: Item, found: Estimates) -> dict[str, Floats]:
    """Return estimate and interval where they are not those of a mean or a share; nothing elsewhere.

    Definition
    ----------
    Success: adjusted Wald on the number of attempts of equal weight that would be as sure, which is
    share (1 − share) / variance + 1, or Kish's effective n where everybody or nobody succeeded. Without
    weights and clusters both are the number of attempts. Time: mean and t interval of the logarithms turned
    back into seconds; the standard error by the delta method.
    """
    if item.metric == "time":
        seconds = np.exp(found.estimate)
        low, high = np.exp(found.ci_low), np.exp(found.ci_high)
        error = seconds * found.std_error
        return {"estimate": seconds, "std_error": error, "ci_low": low, "ci_high": high}
    if item.metric != "success":
        return {}
    share, error = found.estimate, found.std_error
    spread = np.isfinite(error) & (error > 0)
    size = np.where(
        spread, share * (1 - share) / np.square(np.where(spread, error, 1)) + 1, found.n_effective
    )
    known = np.isfinite(share) & (size > 0)
    low, high = np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    level = float(found.ci_level.flat[0]) if len(found) else 0.95
    _, low[known], high[known] = usability.task_success(share[known] * size[known], size[known], level=level)
    return {"ci_low": low, "ci_high": high}


def rankings_check(study: Study, data: Data, mask: npt.NDArray[np.bool_]) -> tuple[Check, ...]:
    """Return how many rankings leave an option out or give two options one rank; none without rankings."""
    given = [ranks(q, data)[mask] for q in study.questions if q.kind == "ranking"]
    if not given:
        return ()
    made = sum(int((~np.isnan(one).all(axis=1)).sum()) for one in given)
    untidy = sum(int(_untidy(one).sum()) for one in given)
    watch = untidy > UNTIDY * made
    title = (
        message("Many rankings are incomplete or tied")
        if watch
        else message("Few rankings are incomplete or tied")
    )
    if untidy < study.thresholds.min_cell:
        text = message(
            "Fewer than {cell} rankings leave an option out or give two options one rank.",
            cell=Quantity(study.thresholds.min_cell),
        )
        return (Check("rankings", "watch" if watch else "passed", title, text),)
    text = message(
        "{n} of {all} rankings leave an option out or give two options one rank. They count as given: a mean "
        "rank is of those who ranked the option.",
        n=Quantity(untidy), all=Quantity(made),
    )  # fmt: skip
    return (Check("rankings", "watch" if watch else "passed", title, text),)


def _untidy(given: Floats) -> npt.NDArray[np.bool_]:
    """Tell which rankings are begun but incomplete, or use a rank twice."""
    missing = np.isnan(given)
    sorted_ranks = np.sort(given, axis=1)
    tied = (np.diff(sorted_ranks, axis=1) == 0).any(axis=1)
    untidy: npt.NDArray[np.bool_] = ~missing.all(axis=1) & (missing.any(axis=1) | tied)
    return untidy
