"""What the funnel says: where customers are lost, who differs, which target is missed; and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.measures.funnel import terms
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.funnel.plan import Step
    from journey_lib.measures.funnel.result import FunnelResult
    from journey_lib.present.numbers import Number

_ALPHA = 0.05


@dataclass(frozen=True)
class Move:
    """One step and the next, with its leading rate and how many were lost on the way."""

    step: Step
    onward: Step
    rate: Number
    lost: Number

    @property
    def n_lost(self) -> float:
        """Customers who timed out."""
        return self.lost.estimate * self.lost.n


def moves(result: FunnelResult) -> list[Move]:
    """Return every step that leads on, with numbers that may be shown."""
    return [
        Move(step, onward, result.number(step.id, result.leading), result.number(step.id, "timed_out"))
        for step, onward in result.pairs
    ]


def verdict(result: FunnelResult, step: str) -> str:
    """Say whether a target was met, missed or is unclear by its interval; "" without one."""
    gap = result.number(step, "target_gap")
    if not gap.known:
        return ""
    return "met" if gap.ci_low >= 0 else "missed" if gap.ci_high < 0 else "unclear"


def worst_gap(result: FunnelResult) -> Number | None:
    """Return the group that differs most clearly from all others, after correction; None when none does."""
    clear = [
        one for one in result.shown.values()
        if one.metric == "group_gap" and one.known and one.p_value < _ALPHA
    ]  # fmt: skip
    return max(clear, key=lambda one: abs(one.estimate) / one.std_error, default=None)


def biggest_loss(result: FunnelResult) -> Move | None:
    """Return the step at which most customers timed out, among those with a full base."""
    full = [
        m for m in moves(result) if m.rate.known and m.rate.n >= result.context.flag_cell and m.n_lost > 0
    ]
    return max(full, key=lambda m: m.n_lost, default=None)


def missed_most(result: FunnelResult) -> Number | None:
    """Return the target missed by most, by a whole interval."""
    gaps = [result.number(step.id, "target_gap") for step, _ in result.pairs]
    missed = [g for g in gaps if g.known and g.ci_high < 0 and g.n >= result.context.flag_cell]
    return min(missed, key=lambda g: g.estimate, default=None)


def headlines(result: FunnelResult) -> tuple[Finding, ...]:
    """Return the biggest loss, the clearest group, the target missed by most."""
    if result.doubted:
        return ()
    found = (_loss(result), _group(result), _target(result))
    return tuple(f for f in found if f is not None)


def meanings(result: FunnelResult) -> tuple[Message, ...]:
    """Return what to look into, and how to read rates that depend on the window."""
    if result.doubted:
        return ()
    found = (_look_into(result), _compare(result), _wait(result), _agree(result))
    return tuple(m for m in found if m is not None)


def _loss(result: FunnelResult) -> Finding | None:
    move = biggest_loss(result)
    if move is None:
        return None
    sentence = message(
        "**{step}** loses most: {lost} did not go on to {onward} within {window}.",
        step=move.step.label, onward=move.onward.label, lost=terms.who(result.plan, round(move.n_lost)),
        window=terms.window(result.plan),
    )  # fmt: skip
    base = message("went on; n = {n}, {reading}", n=Quantity(move.rate.n), reading=terms.reading(result))
    target = result.number(move.step.id, "target").estimate
    return result.finding(
        move.rate, sentence, base, (0, 1), reference=target if target == target else None, alert=True
    )


def _group(result: FunnelResult) -> Finding | None:
    gap = worst_gap(result)
    if gap is None:
        return None
    step, onward = _pair(result, gap.option)
    rate = result.number(gap.option, result.leading, group=gap.group)
    facts = {
        "group": terms.group_name(result, gap.group), "step": step.label, "onward": onward.label,
        "rate": rate.amount, "by": terms.split_name(result),
    }  # fmt: skip
    sentence = (
        message("**{group}**: fewer go on from {step} to {onward}, {rate} against the rest of {by}.", **facts)
        if gap.estimate < 0
        else message(
            "**{group}**: more go on from {step} to {onward}, {rate} against the rest of {by}.", **facts
        )
    )
    base = message("n = {n}, all steps and groups compared (Holm)", n=Quantity(gap.n))
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    return result.finding(
        gap, sentence, base, (-reach, reach), reference=0.0, signed=True, alert=gap.estimate < 0
    )


def _target(result: FunnelResult) -> Finding | None:
    gap = missed_most(result)
    if gap is None:
        return None
    step, onward = _pair(result, gap.option)
    sentence = message(
        "**{onward}** misses its target: {rate} came from {step} within {window}, {target} should.",
        onward=onward.label, step=step.label, rate=result.number(gap.option, result.leading).amount,
        target=result.number(gap.option, "target").amount, window=terms.window(result.plan),
    )  # fmt: skip
    base = message("difference from the target; n = {n}", n=Quantity(gap.n))
    reach = 1.25 * max(abs(gap.ci_low), abs(gap.ci_high))
    return result.finding(gap, sentence, base, (-reach, reach), reference=0.0, signed=True)


def _look_into(result: FunnelResult) -> Message | None:
    move = biggest_loss(result)
    if move is None:
        return None
    return message(
        "**Look at the way from {step} to {onward} first.** Most customers are lost there; the funnel says "
        "where, not why, so read paths and comments of this step next.",
        step=move.step.label, onward=move.onward.label,
    )  # fmt: skip


def _compare(result: FunnelResult) -> Message | None:
    gap = worst_gap(result)
    if gap is None:
        return None
    step, onward = _pair(result, gap.option)
    return message(
        "**Ask what is different for {group}** between {step} and {onward}. The groups were not drawn by "
        "lot, so the gap is a lead, not a cause.",
        group=terms.group_name(result, gap.group), step=step.label, onward=onward.label,
    )  # fmt: skip


def _wait(result: FunnelResult) -> Message | None:
    later = [one for one in result.of("definition_later") if one.estimate > 0.05]
    if not later:
        return None
    slow = max(later, key=lambda one: one.estimate)
    step, onward = _pair(result, slow.option)
    return message(
        "**Choose a longer window before judging {onward}.** {later} more come from {step} in a second "
        "window of the same length.",
        onward=onward.label, step=step.label, later=Quantity(slow.estimate, "share_points"),
    )  # fmt: skip


def _agree(result: FunnelResult) -> Message | None:
    unclear = [onward.label for step, onward in result.pairs if verdict(result, step.id) == "unclear"]
    if not unclear:
        return None
    return message(
        "**Keep counting before calling the target of {onward} met or missed.** Its interval covers the "
        "target.",
        onward=unclear[0],
    )


def _pair(result: FunnelResult, option: str) -> tuple[Step, Step]:
    return next(pair for pair in result.pairs if pair[0].id == option)
