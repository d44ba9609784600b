"""What the map says in sentences: where the journey breaks, and what to look at first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.study.published.signals import label_of

if TYPE_CHECKING:
    from journey_lib.measures.journey_map.result import JourneyMapResult
    from journey_lib.present.numbers import Number
    from journey_lib.study.published.signals import Signal


def broken(result: JourneyMapResult) -> str:
    """Return the stage where the journey breaks, "" where none stands out.

    The first that applies: the clearest fall in satisfaction, the lowest feeling that is surely negative, the
    goal missed by most.
    """
    falls = [s for s in result.signals if s.kind == "change" and s.worse]
    if falls:
        return falls[0].stage
    negative = [n for n in _feelings(result) if n.ci_high < 0]
    if negative:
        return min(negative, key=lambda n: n.estimate).stage
    missed = _missed(result)
    return missed[0].stage if missed else ""


def title(result: JourneyMapResult) -> Message:
    """Return the heading of the map: where the journey breaks, and by which evidence."""
    stage = broken(result)
    if not stage:
        return message("The journey shows no single breaking point")
    label = result.study.stage(stage).label
    fall = next((s for s in result.signals if s.kind == "change" and s.worse and s.stage == stage), None)
    if fall:
        name = label_of(result.study, fall.fact)
        return message("The journey breaks at {stage}: satisfaction fell ({name})", stage=label, name=name)
    if result.number("feeling", stage).ci_high < 0:
        return message("The journey breaks at {stage}: feeling is negative there", stage=label)
    return message("The journey is furthest from its goal at {stage}", stage=label)


def headlines(result: JourneyMapResult) -> tuple[Finding, ...]:
    """Return the fall, the goal missed by most and the weakest feeling, as far as they are known."""
    found = [_fall(result), _goal(result), _weakest(result)]
    return tuple(f for f in found if f is not None)


def meanings(result: JourneyMapResult) -> tuple[Message, ...]:
    """Return what to look into first, and which stages nobody measures."""
    actions: list[Message] = []
    stage = broken(result)
    if stage:
        actions.append(_start(result, stage))
    blank = [s.label for s in result.study.journey.stages if not result.number("feeling", s.id).known]
    if blank:
        actions.append(message("**Ask customers at {stages}.** Nobody has measured how they feel there.",
                               stages=Names(tuple(blank))))  # fmt: skip
    if any(i.grade == "assumed" and i.source != "study" for i in result.items):
        actions.append(
            message("**Test what is only assumed.** Dashed rings mark beliefs; each could be a question.")
        )
    return tuple(actions)


def _start(result: JourneyMapResult, stage: str) -> Message:
    """Return where to begin, and how much evidence meets there."""
    causes = [s for s in result.signals if s.stage == stage and s.kind in ("change", "theme", "after")]
    label = result.study.stage(stage).label
    if len(causes) > 1:
        return message(
            "**Start at {stage}.** {n} findings of different reports meet there; read them side by side "
            "before choosing a remedy.",
            stage=label,
            n=Quantity(len(causes)),
        )
    if causes:
        return message(
            "**Start at {stage}.** Read the report behind the finding before choosing a remedy.", stage=label
        )
    return message(
        "**Ask why at {stage}.** The map shows that customers are lost there, not why.", stage=label
    )


def _feelings(result: JourneyMapResult) -> list[Number]:
    found = [result.number("feeling", s.id) for s in result.study.journey.stages]
    return [n for n in found if n.known]


def _missed(result: JourneyMapResult) -> list[Number]:
    """Return the shares that go on whose goal lies above their interval, the furthest first."""
    found = []
    for stage in result.study.journey.stages:
        rate, goal = result.number("go_on", stage.id), result.number("goal", stage.id)
        if math.isfinite(rate.ci_high) and rate.ci_high < goal.estimate:
            found.append((goal.estimate - rate.estimate, rate))
    return [rate for _, rate in sorted(found, key=lambda pair: -pair[0])]


def _fall(result: JourneyMapResult) -> Finding | None:
    fall = next((s for s in result.signals if s.kind == "change" and s.worse), None)
    if fall is None:
        return None
    number = fact(fall)
    reach = max(abs(number.ci_low), abs(number.ci_high)) * 1.2
    return Finding(
        number.estimate, number.ci_low, number.ci_high, number.unit,
        message("At {stage}: {words}.", stage=result.study.stage(fall.stage).label, words=fall.words),
        message("n = {n}, from the survey report", n=Quantity(number.n)), (-reach, reach), 0.0, alert=True,
        signed=True,
    )  # fmt: skip


def _goal(result: JourneyMapResult) -> Finding | None:
    missed = _missed(result)
    if not missed:
        return None
    rate = missed[0]
    goal = result.number("goal", rate.stage)
    sentence = message(
        "**Of customers at {stage}** this share goes on; the goal is {goal}.",
        stage=result.study.stage(rate.stage).label, goal=Quantity(goal.estimate, "share"),
    )  # fmt: skip
    base = message("n = {n}, from the funnel report", n=Quantity(rate.n))
    return Finding(
        rate.estimate, rate.ci_low, rate.ci_high, "share", sentence, base, (0.0, 1.0), goal.estimate
    )


def _weakest(result: JourneyMapResult) -> Finding | None:
    """Return the lowest feeling, if it lies below every other stage's by more than both intervals."""
    known = sorted(_feelings(result), key=lambda n: n.estimate)
    if len(known) < 2:
        return None
    lowest = known[0]
    tied = [n for n in known[1:] if n.ci_low <= lowest.ci_high]
    stage = result.study.stage(lowest.stage).label
    words = message("**Feeling is lowest at {stage}**, on −2 to +2.", stage=stage)
    if tied:
        others = Names(tuple(result.study.stage(n.stage).label for n in tied))
        words = message("**Feeling is lowest at {stage}**, on −2 to +2, but {others} could be as low.",
                        stage=stage, others=others)  # fmt: skip
    base = message("n = {n}, from the survey report", n=Quantity(lowest.n))
    return Finding(
        lowest.estimate, lowest.ci_low, lowest.ci_high, "score", words, base, (-2.0, 2.0), 0.0, signed=True
    )


def fact(signal: Signal) -> Number:
    """Return the number behind a signal."""
    return signal.fact.number
