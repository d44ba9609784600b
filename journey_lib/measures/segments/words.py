"""What the segments report says: sizes and traits, where segments part on the journey, what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from journey_lib.measures.segments import terms
from journey_lib.present.result import Finding
from journey_lib.present.wording import Inside, Message, Names, Quantity, Says, message

if TYPE_CHECKING:
    from journey_lib.measures.segments.result import SegmentsResult
    from journey_lib.present.numbers import Number

NOTABLE = 0.5  # standard deviations from everybody's mean, from which a trait names a segment
NOTABLE_INDEX = 130.0
WIDE = 0.05  # share by which segments must part at a stage to call for action
_TRAITS = 2


class Trait(NamedTuple):
    """What a segment is unlike everybody in."""

    question: str
    option: str
    distance: float
    words: Message


def headlines(result: SegmentsResult) -> tuple[Finding, ...]:
    """Return the largest segment, the widest gap on the journey, the least stable segment."""
    if not result.k or result.doubted:
        return ()
    found = (_largest(result), _parting(result), _shakiest(result))
    return tuple(finding for finding in found if finding)


def meanings(result: SegmentsResult) -> tuple[Message, ...]:
    """Return what to do with the segments, or without."""
    if result.verdict == "none":
        return (
            message("**Do not build segments on these columns.** Sort people by one number instead."),
            message("**Look for other columns.** Groups show where people do different things for reasons."),
        )
    if result.doubted:
        return (message("**Do not use these segments yet.** A check failed; see above."),)
    said = [message("**Give each segment a name.** Read its traits first; a number is no name.")]
    gap = parting(result)
    if gap:
        low, _ = gap
        said.append(
            message(
                "**Find out why {name} stops before {stage}.** The log says that, not why.",
                name=name(result, low.segment),
                stage=stage_of(result, low.stage),
            )
        )
    said.append(message("**Test a treatment within a segment.** A difference between segments is no effect."))
    return tuple(said)


def traits(result: SegmentsResult, segment: str, most: int = _TRAITS) -> list[Trait]:
    """Return what sets a segment apart from everybody, the farthest first."""
    found = []
    for number in result.shown.values():
        if number.segment != segment or not math.isfinite(number.estimate):
            continue
        if number.metric == "distance" and number.question in result.found.active:
            found.append(_far(result, number))
        elif number.metric == "index" and number.question in result.found.active:
            found += _often(result, number)
    notable = [trait for trait in found if abs(trait.distance) >= NOTABLE]
    return sorted(notable, key=lambda trait: -abs(trait.distance))[:most]


def name(result: SegmentsResult, segment: str) -> Message:
    """Return a segment with what it is unlike everybody in."""
    told = traits(result, segment)
    if not told:
        return message("Segment {name} (near the middle)", name=segment)
    words = Names(tuple(trait.words for trait in told))
    return message("Segment {name} ({traits})", name=segment, traits=words)


def proposed(result: SegmentsResult) -> list[str]:
    """Return a name for each segment made of what it is unlike everybody in, in the study's language."""
    lang, near = result.study.language, message("Near the middle")
    told = [[trait.words.say(lang) for trait in traits(result, one)] for one in result.found.names]
    joined = [" · ".join(own) for own in told]
    return [name[:1].upper() + name[1:] or near.say(lang) for name in joined]


def parting(result: SegmentsResult) -> tuple[Number, Number] | None:
    """Return the lowest and the highest segment at the stage where their shares lie farthest apart."""
    best: tuple[float, Number, Number] | None = None
    for stage in result.context.stages:
        found = [result.number("reached", stage=stage.id, segment=one) for one in result.found.names]
        full = [number for number in found if number.known and number.n >= result.context.flag_cell]
        if len(full) < 2:
            continue
        low, high = min(full, key=lambda n: n.estimate), max(full, key=lambda n: n.estimate)
        gap = high.estimate - low.estimate
        if low.ci_high < high.ci_low and (best is None or gap > best[0]):
            best = (gap, low, high)
    return best[1:] if best else None


def _far(result: SegmentsResult, number: Number) -> Trait:
    label = Inside(terms.bare(result.study, number.question))
    words = (
        message("high {column}", column=label)
        if number.estimate > 0
        else message("low {column}", column=label)
    )
    return Trait(number.question, "", number.estimate, words)


def _often(result: SegmentsResult, number: Number) -> list[Trait]:
    """Return a value that a segment has more often than everybody; rare values say little."""
    share = result.number("share", question=number.question, option=number.option, segment=number.segment)
    total = result.number("share", question=number.question, option=number.option)
    if number.estimate < NOTABLE_INDEX or not share.known or not 0 < total.estimate < 1:
        return []
    spread = math.sqrt(total.estimate * (1 - total.estimate))
    words = message(
        "{column}: {value}", column=terms.column(result.study, number.question),
        value=terms.value(result.study, number.question, number.option),
    )  # fmt: skip
    return [Trait(number.question, number.option, (share.estimate - total.estimate) / spread, words)]


def stage_of(result: SegmentsResult, stage: str) -> Says:
    """Return what a reader calls a stage."""
    return next(one.label for one in result.context.stages if one.id == stage)


def _largest(result: SegmentsResult) -> Finding | None:
    number = result.number("size", segment=result.found.names[0])
    if not number.known:
        return None
    sentence = message(
        "**{name}** is the largest of {k} segments: {share} of all.",
        name=name(result, number.segment), k=result.k, share=number.amount,
    )  # fmt: skip
    base = message("n = {n} grouped", n=Quantity(number.n))
    return result.finding(number, sentence, base)


def _parting(result: SegmentsResult) -> Finding | None:
    gap = parting(result)
    if gap is None:
        return None
    low, high = gap
    sentence = message(
        "**{name}** reaches {stage} least: {share}, against {other} of {best}.",
        name=name(result, low.segment), stage=stage_of(result, low.stage), share=low.amount,
        other=high.amount, best=terms.segment(high.segment),
    )  # fmt: skip
    base = message("n = {n} customers of the segment", n=Quantity(low.n))
    return result.finding(low, sentence, base, alert=high.estimate - low.estimate >= WIDE)


def _shakiest(result: SegmentsResult) -> Finding | None:
    found = [result.number("jaccard", segment=one) for one in result.found.names]
    known = [number for number in found if number.known]
    if not known:
        return None
    number = min(known, key=lambda one: one.estimate)
    sentence = message(
        "**{name}** is the least stable: its mean overlap with the same group in other samples is {value}.",
        name=terms.segment(number.segment), value=Quantity(number.estimate, "score"),
    )  # fmt: skip
    base = message(
        "n = {n} members; 1 is the same people every time, 0.6 the least to be used", n=Quantity(number.n)
    )
    return result.finding(number, sentence, base)
