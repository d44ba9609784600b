"""What the personas report says: where segments part, what goes with them, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.personas import terms
from journey_lib.measures.personas.count import BUILT, GOES
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, Says, message

if TYPE_CHECKING:
    from journey_lib.measures.personas.groups import Persona
    from journey_lib.measures.personas.result import PersonasResult
    from journey_lib.present.numbers import Number

_TRAITS = 3


def headlines(result: PersonasResult) -> tuple[Finding, ...]:
    """Return the widest gap on the journey, the strongest line, the largest segment."""
    if result.doubted:
        return ()
    found = (_parting(result), _strongest(result), _largest(result))
    return tuple(finding for finding in found if finding)


def meanings(result: PersonasResult) -> tuple[Message, ...]:
    """Return what to do with the cards."""
    if not result.personas:
        return (
            message("**Do not build segments on these columns.** Sort people by one number instead."),
            message("**Look for other columns.** Groups show where people do different things for reasons."),
        )
    said = []
    gap = parting(result)
    if gap:
        said.append(
            message(
                "**Ask {name} why they stop before {stage}.** The card says that they do, not why.",
                name=label(result, gap[0].segment),
                stage=stage_of(result, gap[0].stage),
            )
        )
    said.append(message("**Talk to people before you design for a card.** A card says what was counted."))
    said.append(
        message("**Do not treat a member as the card.** Most lines overlap; many members are unlike it.")
    )
    said.append(message("**Test a treatment within a segment.** A difference between segments is no effect."))
    return tuple(said)


def label(result: PersonasResult, name: str) -> Says:
    """Return what a reader calls a segment."""
    return next(one.label for one in result.personas if one.name == name)


def stage_of(result: PersonasResult, stage: str) -> Says:
    """Return what a reader calls a stage."""
    return next(one.label for one in result.context.stages if one.id == stage)


def unlike(result: PersonasResult, one: Persona) -> list[Message]:
    """Return the largest differences of a segment: of what built it where it is a cluster, else the rest."""
    kind = BUILT if one.cluster is not None else GOES
    found = [
        result.number("index", question=line.variable.column, option=line.variable.option, segment=one.name)
        for line in result.counted.lines[one.name]
        if line.kind == kind
    ]
    return [
        message(
            "{statement} (index {index})",
            statement=terms.statement(result.study, number.question, number.option)
            if number.option
            else terms.title(result.study, number.question),
            index=Quantity(number.estimate),
        )
        for number in [number for number in found if number.known][:_TRAITS]
    ]


def parting(result: PersonasResult) -> tuple[Number, Number] | None:
    """Return the segment and everybody, at the stage where a segment lies farthest below everybody."""
    best: tuple[float, Number, Number] | None = None
    for stage in result.context.stages:
        total = result.number("reached", stage=stage.id)
        for one in result.personas:
            own = result.number("reached", stage=stage.id, segment=one.name)
            if not own.known or own.n < result.context.flag_cell or own.ci_high >= total.estimate:
                continue
            gap = total.estimate - own.estimate
            if best is None or gap > best[0]:
                best = (gap, own, total)
    return best[1:] if best else None


def _parting(result: PersonasResult) -> Finding | None:
    gap = parting(result)
    if gap is None:
        return None
    own, total = gap
    sentence = message(
        "**{name}** reached {stage} least: {share}, against {other} of everybody.",
        name=label(result, own.segment), stage=stage_of(result, own.stage), share=own.amount,
        other=total.amount,
    )  # fmt: skip
    base = message("n = {n} people of the segment; line: everybody", n=Quantity(own.n))
    return result.finding(own, sentence, base, reference=total.estimate, alert=True)


def _strongest(result: PersonasResult) -> Finding | None:
    """Return the line that goes with a segment and differs most, as an index."""
    lines = [n for n in result.of("effect") if n.n >= result.context.flag_cell]
    best = max(lines, key=lambda number: abs(number.estimate), default=None)
    if best is None:
        return None
    index = result.number("index", question=best.question, option=best.option, segment=best.segment)
    if not index.known:
        return None
    sentence = message(
        "**{name}** differs most in “{statement}”: index {index}, where everybody is 100.",
        name=label(result, best.segment), index=Quantity(index.estimate),
        statement=terms.statement(result.study, best.question, best.option),
    )  # fmt: skip
    base = message("n = {n} people of the segment; line: everybody", n=Quantity(best.n))
    axis = (0.0, max(200.0, index.ci_high))
    return result.finding(index, sentence, base, axis, reference=100.0, decimals=0)


def _largest(result: PersonasResult) -> Finding | None:
    sizes = [result.number("size", segment=one.name) for one in result.personas]
    number = max((one for one in sizes if one.known), key=lambda one: one.estimate, default=None)
    if number is None:
        return None
    sentence = message(
        "**{name}** is the largest of {k} segments: {share} of everybody.",
        name=label(result, number.segment), k=len(result.personas), share=number.amount,
    )  # fmt: skip
    base = message("n = {n} members", n=Quantity(number.n))
    return result.finding(number, sentence, base)
