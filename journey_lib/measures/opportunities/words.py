"""What the ranking says in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.study.durations import length, microseconds

if TYPE_CHECKING:
    from journey_lib.measures.opportunities.result import OpportunitiesResult
    from journey_lib.study.map_notes import Idea

SURE, UNSURE = 0.9, 0.1  # probabilities between these cannot be told apart


def headlines(result: OpportunitiesResult) -> tuple[Finding, ...]:
    """Return the leader's probability, its gain, and how many the draws cannot order."""
    if not result.order:
        return ()
    return (_leader(result, result.order[0]), _gain(result, result.order[0]))


def tied(result: OpportunitiesResult) -> list[Idea]:
    """Return ideas that may or may not be among the first."""
    return [i for i in result.order if UNSURE < result.number("first", i.id).estimate < SURE]


def meanings(result: OpportunitiesResult) -> tuple[Message, ...]:
    """Return what to start, what to choose otherwise, and which fact is missing."""
    actions: list[Message] = []
    if result.order and result.number("first", result.order[0].id).estimate >= SURE:
        actions.append(_lead(result.order[0]))
    unsure = tied(result)
    if len(unsure) > 1:
        names = Names(tuple(i.label for i in unsure))
        actions.append(
            message("**Choose by cost among these: {ideas}.** The data do not order them.", ideas=names)
        )
    if result.unranked:
        names = Names(tuple(w.idea.label for w in result.unranked))
        actions.append(
            message("**Find the missing facts of: {ideas}.** They may still be the best.", ideas=names)
        )
    if result.open_findings:
        actions.append(message(
            "**Think about what nobody has an idea for.** {n} of the findings stand below without one.",
            n=Quantity(len(result.open_findings)),
        ))  # fmt: skip
    return tuple(actions)


def _lead(leader: Idea) -> Message:
    """Return what to do with an idea that is surely among the first."""
    if leader.status == "running":
        return message(
            "**Finish the test of {idea}.** It leads, and a test measures what is only assumed here.",
            idea=leader.label,
        )
    return message("**Start with {idea}.** It stays among the first whatever is drawn.", idea=leader.label)


def _leader(result: OpportunitiesResult, idea: Idea) -> Finding:
    chance, first = result.number("first", idea.id), int(str(result.settings["first"]))
    ranked = len(result.order)
    sentence = message(
        "**{idea}** is among the first {first} in {share} of draws.",
        idea=idea.label, first=first, share=Quantity(chance.estimate, "share"),
    )  # fmt: skip
    base = message(
        "line: {share}, any order of {n} ideas", share=Quantity(min(1.0, first / ranked), "share"), n=ranked
    )
    error = math.sqrt(chance.estimate * (1 - chance.estimate) / result.draws)
    low, high = max(0.0, chance.estimate - 2 * error), min(1.0, chance.estimate + 2 * error)
    return Finding(
        chance.estimate, low, high, "share", sentence, base, (0.0, 1.0), min(1.0, first / ranked),
        alert=chance.estimate >= SURE,
    )  # fmt: skip


def _gain(result: OpportunitiesResult, idea: Idea) -> Finding:
    gain = result.number("impact", idea.id)
    most = max(result.number("impact", i.id).ci_high for i in result.order)
    horizon = length(microseconds(str(result.settings["horizon"])))
    sentence = message(
        "more customers would go on in {horizon} with **{idea}**.", horizon=horizon, idea=idea.label
    )
    if gain.unit == "currency":
        sentence = message("{currency} in {horizon} is what **{idea}** would bring.", idea=idea.label,
                           horizon=horizon, currency=result.study.currency)  # fmt: skip
    base = message("{n} customers come to {stage} in that time",
                   n=Quantity(result.number("customers", idea.id).estimate),
                   stage=result.study.stage(idea.stage).label)  # fmt: skip
    return Finding(gain.estimate, gain.ci_low, gain.ci_high, gain.unit, sentence, base, (0.0, most), 0.0)
