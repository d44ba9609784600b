"""Who of all customers answered, by the furthest stage they reached, and what that does to the result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.survey import marks
from journey_lib.present.result import Check, Status
from journey_lib.present.tables import Cell, Row
from journey_lib.present.wording import Message, Quantity, Says, message
from journey_lib.stats.estimate import Sample
from journey_lib.stats.response import Response, by_group
from journey_lib.study.events.log import EventLog
from journey_lib.study.questions import items, main_metric, overall

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.survey.design import Block, Design
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.blocks import Block as Part
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

NO_STAGE = "none"
INVITED = "invited"
_NO = ("0", "0.0", "false", "no", "n", "")
_GAP = 1  # visits do not matter here; any pause begins one


@dataclass(frozen=True, eq=False)
class Frame:
    """Everybody who could have answered, with the furthest stage they reached.

    Attributes
    ----------
    stages : tuple of str
        Groups: people without a stage first, then the stages of the journey.
    response : Response
        Who answered, by group.
    of_answer : ndarray of int
        Group of each row of the responses; −1 for people outside the frame.
    """

    stages: tuple[str, ...]
    response: Response
    of_answer: npt.NDArray[np.intp] = field(repr=False)


def frame_of(study: Study, data: Data, mask: npt.NDArray[np.bool_], level: float) -> Frame | None:
    """Return who could have answered; None where customers, their ids in the answers or the log are missing.

    Definition
    ----------
    Everybody in `customers`, those with `invited` = no left out where that column exists; inside the segment.
    Answered: at least one questionnaire. Stage: the furthest one entered by the end of the log.
    """
    responses, customers = data.require("responses", by="survey"), data.customers
    if customers is None or "customer_id" not in responses or not isinstance(data.events, EventLog):
        return None
    ids = pd.Index(customers["customer_id"].astype(str)).unique()
    if INVITED in customers:
        asked = ~customers[INVITED].astype(str).str.lower().isin(_NO)
        ids = pd.Index(customers.loc[asked, "customer_id"].astype(str)).unique()
    if data.segment is not None and data.segment.customers is not None:
        ids = ids.intersection(data.segment.customers)
    at = ids.get_indexer(pd.Index(responses["customer_id"].astype(str)))
    inside = mask & (at >= 0)
    if not len(ids) or not inside.any():
        return None
    stage = _furthest(study, data).reindex(ids).fillna(-1).to_numpy(np.intp) + 1
    answered = np.zeros(len(ids), bool)
    answered[at[inside]] = True
    names = (NO_STAGE, *(s.id for s in study.journey.stages))
    return Frame(names, by_group(answered, stage, len(names), level=level), np.where(at >= 0, stage[at], -1))


def rows(frame: Frame | None, level: float) -> Iterator[Block]:
    """Yield the share of everybody who answered, in total and by stage, and how alike the two are."""
    if frame is None:
        return
    found = frame.response
    some = np.flatnonzero(found.asked > 0)
    whole = by_group(np.arange(found.asked.sum()) < found.answered.sum(), np.zeros(found.asked.sum(), int), 1)
    rate = np.concatenate([whole.rate, found.rate[some]])
    n = np.concatenate([whole.asked, found.asked[some]])
    names = np.asarray(["", *(frame.stages[at] for at in some)], object)
    base = {"weighting": "unweighted", "ci_level": level, "question": ""}
    yield {
        **base, "metric": "response_rate", "unit": "share", "option": names, "estimate": rate, "n": n,
        "stage": np.where(names == NO_STAGE, "", names), "n_effective": n.astype(float),
        "std_error": np.sqrt(rate * (1 - rate) / n),
        "ci_low": np.concatenate([whole.ci_low, found.ci_low[some]]),
        "ci_high": np.concatenate([whole.ci_high, found.ci_high[some]]),
    }  # fmt: skip
    yield {
        **base, "metric": "representativity", "unit": "score", "estimate": np.array([found.representativity]),
        "p_value": np.array([found.p_value]), "n": int(found.asked.sum()),
        "n_effective": float(found.asked.sum()),
    }  # fmt: skip


def check(
    study: Study, data: Data, design: Design, mask: npt.NDArray[np.bool_], frame: Frame | None
) -> Check:
    """Say whether those who answered stand where everybody stands, and what weighting by stage would do."""
    if frame is None:
        words = message(
            "The study holds nobody who was invited and stayed silent, so only the weighting variables can "
            "be mended."
        )
        return Check(
            "unit_nonresponse", "not_assessable", message("Who did not answer at all is unknown"), words
        )
    found, question = frame.response, overall(study)
    some = np.flatnonzero(found.asked >= study.thresholds.flag_cell).tolist()
    low, high = (pick(some, key=lambda at: found.rate[at], default=0) for pick in (min, max))
    text = message(
        "{rate} of {all} customers answered at least once: from {low} ({least}) to {high} ({most}), by the "
        "furthest stage reached. Representativity {r} of 1.",
        rate=Quantity(float(found.answered.sum() / found.asked.sum()), "share"),
        all=Quantity(int(found.asked.sum())), low=Quantity(float(found.rate[low]), "share"),
        least=_stage(study, frame.stages[low]), high=Quantity(float(found.rate[high]), "share"),
        most=_stage(study, frame.stages[high]), r=Quantity(found.representativity, "score"),
    )  # fmt: skip
    status: Status = "passed"
    if question is not None:
        wanted = (question.id, main_metric(question))
        item = next(i for i in items(study, data) if (i.question.id, i.metric) == wanted)
        now = design.weighted.one(item.kind, item.scores, mask)
        staged = Sample(len(mask), design.weighted.weights * _factors(frame, design, mask))
        then = staged.one(item.kind, item.scores, mask)
        moved = abs(then.estimate - now.estimate) > now.std_error
        status = "watch" if moved else "passed"
        unit = item.unit
        text = message(
            "{text} Weighted to the stages of all customers, {name} reads {then} instead of {now}.",
            text=text, name=question.label,
            then=Quantity(then.estimate, unit, 1, bare=unit == "points"),
            now=Quantity(now.estimate, unit, 1, bare=unit == "points"),
        )  # fmt: skip
    title = (
        message("Who answers depends on the stage, and it matters")
        if status == "watch"
        else message("Who answers by stage does not carry the result")
    )
    return Check("unit_nonresponse", status, title, text, pd.DataFrame(list(_listed(frame))))


def table(result: SurveyResult) -> Part | None:
    """List how many of all customers answered, by the furthest stage reached."""
    lang = result.context.language
    found = result.of("response_rate")
    if not found:
        return None
    listed = []
    for number in sorted(found, key=lambda n: n.option == ""):
        name: Says = message("All customers")
        if number.option:
            name = _stage(result.study, number.option)
        if number.option == NO_STAGE:
            name = message("No stage yet")
        cells: list[Cell | str] = [
            Cell(number.n, "count", masked=number.hidden), replace(marks.cell(result, number), decimals=1),
        ]  # fmt: skip
        listed.append(Row(name.say(lang), cells))
    note = message(
        "Second line: {level} interval. Everybody in the customer table counts, those marked as not invited "
        "left out; stage reached by the end of the log.",
        level=marks.thresholds(result)["level"],
    )
    return marks.tabled(
        result,
        message("Who answered at all, by the furthest stage reached"),
        message("Customers who answered at least one questionnaire, in %; unweighted"),
        [message("Stage"), message("Customers"), message("Answered, %")],
        listed,
        note,
    )


def _furthest(study: Study, data: Data) -> pd.Series[int]:
    """Return the place of the furthest stage each customer entered, −1 for none."""
    known = study.journey, study.window, data.events, data.customers
    return data.once("furthest stage", known, lambda: _seen(study, replace(data, segment=None)))


def _seen(study: Study, data: Data) -> pd.Series[int]:
    from journey_lib.stats.kernels.summary import SummaryKernel
    from journey_lib.study.engine.observed import observe

    observed = observe(study, data, by="survey")
    entered = {name: place for place, stage in enumerate(study.journey.stages) for name in stage.enter}
    found = observed.run(SummaryKernel(tuple(entered.get(name, -1) for name in observed.names), _GAP))
    return pd.Series(found.stage, index=found.ids)


def _factors(frame: Frame, design: Design, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return by how much each answer counts more or less once stages count as among all customers."""
    groups, weights = len(frame.stages), design.weighted.weights
    known = mask & (frame.of_answer >= 0)
    held = np.bincount(frame.of_answer[known], weights[known], groups)
    wanted = np.where(held > 0, frame.response.asked, 0)
    factor = np.divide(wanted / wanted.sum(), held / held.sum(), out=np.ones(groups), where=held > 0)
    return np.where(known, factor[frame.of_answer], 1.0)


def _stage(study: Study, name: str) -> Says:
    if name == NO_STAGE:
        return message("no stage yet")
    label: Message | Says = next(s.label for s in study.journey.stages if s.id == name)
    return label


def _listed(frame: Frame) -> Iterator[dict[str, object]]:
    found = frame.response
    for at, name in enumerate(frame.stages):
        rate = float(found.rate[at])
        if math.isfinite(rate):
            yield {"stage": name, "n": int(found.asked[at]), "estimate": rate, "unit": "share"}
