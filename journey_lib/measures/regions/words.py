"""What the regions report says: the differences that hold, the habits that look like one, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.regions.conversion import MOVED
from journey_lib.measures.regions.preferences import CHOSEN, METHOD, PAID
from journey_lib.measures.regions.result import RATING
from journey_lib.measures.regions.rows import GAP
from journey_lib.measures.regions.satisfaction import SHARES
from journey_lib.present.result import Finding
from journey_lib.present.wording import Inside, Message, Names, Quantity, Says, message, plural
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.regions.result import RegionsResult
    from journey_lib.present.numbers import Number

_MOST = 3


def headlines(result: RegionsResult) -> tuple[Finding, ...]:
    """Return the surest gap on the journey and in ratings, the widest unmet wish, the strongest habit."""
    if result.doubted:
        return ()
    found = (_moving(result), _rated(result), _unmet(result), _habit(result), _preferred(result))
    return tuple(finding for finding in found if finding)[:_MOST]


def meanings(result: RegionsResult) -> tuple[Message, ...]:
    """Return what to look into, what to test, and what not to compare."""
    found = (_try(result), _look(result), _no_ranking(result), _calendar(result), _nothing(result))
    return tuple(action for action in found if action)[:4]


def candidate(result: RegionsResult) -> tuple[Number, Number] | None:
    """Return a gap on the journey with an unmet wish of the same region at the stage it leads to or from."""
    order = [stage.id for stage in result.study.journey.stages]
    for gap in result.gaps(MOVED + GAP):
        near = order[order.index(gap.stage) : order.index(gap.stage) + 2]
        for wish in result.unmet():
            if gap.estimate < 0 and wish.group == gap.group and wish.stage in near:
                return gap, wish
    return None


def option_of(result: RegionsResult, number: Number) -> Says:
    """Return what a reader calls an option of a preference."""
    column = number.question or (METHOD if number.metric.startswith(PAID) else "channel")
    return result.study.value_label(column, number.option)


def subject_of(result: RegionsResult, number: Number) -> Says:
    """Return what a rating is about; all ratings together where it is no single question."""
    if not number.question:
        return message("All ratings together")
    return naming.name(result.study, result.study.item(number.question))


def region_of(result: RegionsResult, number: Number) -> Says:
    """Return what a reader calls a region."""
    return result.study.value_label(result.plan.region, number.group)


def _stage(result: RegionsResult, stage: str) -> Says:
    return Inside(result.study.stage(stage).label)


def _joint(number: Number) -> Message:
    return message("n = {n}; against all other regions, intervals that hold together", n=Quantity(number.n))


def _moving(result: RegionsResult) -> Finding | None:
    gap = next(iter(result.gaps(MOVED + GAP)), None)
    if gap is None:
        return None
    facts = {
        "region": region_of(result, gap), "stage": _stage(result, gap.stage),
        "own": result.number(MOVED, stage=gap.stage, group=gap.group).amount,
        "all": result.number(MOVED, stage=gap.stage).amount,
    }  # fmt: skip
    sentence = (
        message(
            "**{region}**: fewer customers move on from {stage} than elsewhere, {own}; in all regions {all}.",
            **facts,
        )
        if gap.estimate < 0
        else message(
            "**{region}**: more customers move on from {stage} than elsewhere, {own}; in all regions {all}.",
            **facts,
        )
    )
    return _gap(result, gap, sentence, alert=gap.estimate < 0)


def _rated(result: RegionsResult) -> Finding | None:
    gap = next(iter(result.gaps(RATING)), None)
    if gap is None:
        return None
    facts = {"region": region_of(result, gap), "name": subject_of(result, gap)}
    sentence = (
        message("**{region}** is less satisfied than others: {name}, also without rating habits.", **facts)
        if gap.estimate < 0
        else message(
            "**{region}** is more satisfied than others: {name}, also without rating habits.", **facts
        )
    )
    return _gap(result, gap, sentence, alert=gap.estimate < 0)


def _unmet(result: RegionsResult) -> Finding | None:
    wish = next(iter(result.unmet()), None)
    if wish is None:
        return None
    wanted = result.number(CHOSEN, question=wish.question, option=wish.option, stage=wish.stage,
                           group=wish.group)  # fmt: skip
    paid = wanted.estimate - wish.estimate
    facts = {
        "region": region_of(result, wish),
        "option": Inside(option_of(result, wish)),
        "wanted": wanted.amount,
    }
    sentence = (
        message("**{region}**: {wanted} prefer {option}, and no order there was paid that way.", **facts)
        if paid < 0.0005
        else message("**{region}**: {wanted} prefer {option}, and {paid} of orders there were paid that way.",
                     **facts, paid=Quantity(paid, "share"))
    )  # fmt: skip
    base = message("share that prefers it less share of orders; n = {n}", n=Quantity(wish.n))
    return _finding(result, wish, sentence, base, alert=True)


def _habit(result: RegionsResult) -> Finding | None:
    found = [one for metric in SHARES for one in result.gaps(metric + GAP)]
    if not found:
        return None
    gap = max(found, key=lambda one: abs(one.estimate) / one.std_error)
    ends, more = gap.metric.startswith("extreme"), gap.estimate > 0
    sentence = _habit_words(region_of(result, gap), ends=ends, more=more)
    return _gap(result, gap, sentence, alert=False)


def _habit_words(region: Says, *, ends: bool, more: bool) -> Message:
    if ends and more:
        return message("**{region}** uses the ends of the rating scale more than others: a habit, not an "
                       "opinion.", region=region)  # fmt: skip
    if ends:
        return message("**{region}** uses the ends of the rating scale less than others: a habit, not an "
                       "opinion.", region=region)  # fmt: skip
    if more:
        return message("**{region}** uses the middle of the rating scale more than others: a habit, not an "
                       "opinion.", region=region)  # fmt: skip
    return message("**{region}** uses the middle of the rating scale less than others: a habit, not an "
                   "opinion.", region=region)  # fmt: skip


def _preferred(result: RegionsResult) -> Finding | None:
    found = result.gaps(CHOSEN + GAP) or result.gaps(PAID + GAP)
    if not found:
        return None
    gap = max(found, key=lambda one: one.estimate)
    metric = gap.metric.removesuffix(GAP)
    own = result.number(metric, question=gap.question, option=gap.option, stage=gap.stage, group=gap.group)
    sentence = message("**{region}** stands out by {option}: {own} choose it.", region=region_of(result, gap),
                       option=Inside(option_of(result, gap)), own=own.amount)  # fmt: skip
    return _gap(result, gap, sentence, alert=False)


def _gap(result: RegionsResult, gap: Number, sentence: Message, *, alert: bool) -> Finding:
    return _finding(result, gap, sentence, _joint(gap), alert=alert)


def _finding(result: RegionsResult, gap: Number, sentence: Message, base: Message, *, alert: bool) -> Finding:
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    return result.finding(gap, sentence, base, (-reach, reach), reference=0.0, alert=alert, signed=True)


def _try(result: RegionsResult) -> Message | None:
    """Return the unmet wish that lies where customers are lost, as something to test."""
    found = candidate(result)
    if found is None:
        return None
    gap, wish = found
    return message(
        "**Test {option} in {region}.** It is missing where {region} loses customers, after {stage}. That "
        "makes it a candidate cause, not a proof: offer it to a random half and compare.",
        option=Inside(option_of(result, wish)), region=region_of(result, gap),
        stage=_stage(result, gap.stage),
    )  # fmt: skip


def _look(result: RegionsResult) -> Message | None:
    found = candidate(result)
    others = [gap for gap in result.gaps(MOVED + GAP)
              if gap.estimate < 0 and not (found and gap is found[0])]  # fmt: skip
    if not others:
        return None
    gap = others[0]
    return message(
        "**Ask customers in {region} what stops them after {stage}.** The gap is clear, its reason is not.",
        region=region_of(result, gap), stage=_stage(result, gap.stage),
    )  # fmt: skip


def _no_ranking(result: RegionsResult) -> Message | None:
    found = [one for metric in SHARES for one in result.gaps(metric + GAP)]
    if not found:
        return None
    names = tuple(dict.fromkeys(one.group for one in found))
    regions = Names(tuple(result.study.value_label(result.plan.region, name) for name in names))
    return message(
        "**Do not rank regions by average satisfaction.** {names} use the scale in a way of their own; "
        "follow each region over time, or compare which touchpoints it rates above others.",
        names=regions,
    )


def _calendar(result: RegionsResult) -> Message | None:
    moved = result.counted.rhythm.moved if result.counted.rhythm else ()
    if not moved:
        return None
    names = Names(tuple(dict.fromkeys(holiday.label or holiday.id for _, holiday, _, _ in moved)))
    return message(
        "**Line up holidays before you compare with last year.** {names} lay in other months.", names=names
    )


def _nothing(result: RegionsResult) -> Message | None:
    if not result.real.empty:
        return None
    n = result.counted.families
    return plural(
        "**Treat regions alike for now.** No difference holds in {n} part of this report.",
        "**Treat regions alike for now.** No difference holds in the {n} parts of this report.",
        n=Quantity(len(n)),
    )
