"""What the report on sample sizes says: how many, how long, and what to settle before the start."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message, plural

if TYPE_CHECKING:
    from journey_lib.measures.power.plan import Plan
    from journey_lib.measures.power.result import PowerResult

LONG = 12 * 7.0  # days of entering from which a plan is long


def mode_words(plan: Plan, mode: str) -> Message:
    """Return what a way of reading is called."""
    return {
        "fixed": message("One look at the end"),
        "group_sequential": plural("{n} planned look", "{n} planned looks", n=Quantity(plan.looks)),
        "always_valid": message("Looks at any time"),
    }[mode]


def change(lift: float) -> Quantity:
    """Return a relative change in per cent."""
    return Quantity(lift, "share", 0 if abs(lift) >= 0.1 or round(lift * 1000) % 10 == 0 else 1, signed=True)


def headlines(result: PowerResult) -> tuple[Finding, ...]:
    """Return how many customers, how long, and what the planned ones find."""
    size = _size(result) if result.plan.change_given or not result.plan.total else None
    return tuple(one for one in (size, _found(result), _duration(result)) if one)


def _stage(result: PowerResult) -> object:
    return result.study.stage(result.plan.outcome).label


def _base(result: PowerResult) -> Message:
    base = Quantity(result.counted.baseline[0], "share", 1)
    if not result.counted.n:
        return message("Share without a change: {share}, as given", share=base)
    return plural(
        "Share without a change: {share} of {n} customer",
        "Share without a change: {share} of {n} customers",
        share=base, n=Quantity(result.counted.n),
    )  # fmt: skip


def _size(result: PowerResult) -> Finding | None:
    plan = result.plan
    number = result.number("sample_size", plan.mode)
    sentence = message(
        "**{n} customers** find a change of {change} in {stage} in {power} of experiments; {mode}.",
        n=Quantity(number.estimate),
        change=change(result.counted.lift), stage=_stage(result), power=Quantity(plan.asked.power, "share"),
        mode=mode_words(plan, plan.mode),
    )  # fmt: skip
    axis = (0.0, 1.15 * max(number.ci_high, number.estimate, float(plan.total)))
    return Finding(
        number.estimate, number.ci_low, number.ci_high, "count", sentence, _base(result), axis,
        reference=float(plan.total) if plan.total else None, alert=short(result), level=plan.asked.level,
    )  # fmt: skip


def _found(result: PowerResult) -> Finding | None:
    plan, number = result.plan, result.number("detectable", result.plan.mode, "total")
    if not plan.total or not math.isfinite(number.ci_low + number.ci_high):
        return None
    sentence = message(
        "A change of {change} is the smallest that the planned {n} customers find in {power} of experiments.",
        n=Quantity(plan.total), power=Quantity(plan.asked.power, "share"), change=change(number.estimate),
    )  # fmt: skip
    lift = result.counted.lift
    reach = 1.3 * max(abs(number.estimate), abs(lift))
    return Finding(
        number.estimate, number.ci_low, number.ci_high, "share", sentence, _base(result),
        (0.0, reach) if lift > 0 else (-reach, 0.0), reference=lift, signed=True, decimals=1,
        level=plan.asked.level,
    )  # fmt: skip


def _duration(result: PowerResult) -> Finding:
    plan, number = result.plan, result.number("duration", result.plan.mode)
    sentence = message(
        "until as many have come to {stage} and the last one's {window} are over.",
        stage=result.study.stage(plan.exposure).label, window=Quantity(plan.window_days, "days", 0),
    )  # fmt: skip
    base = message(
        "{n} customers a week enter {stage}",
        n=Quantity(result.counted.per_week[0]), stage=result.study.stage(plan.exposure).label,
    )  # fmt: skip
    return Finding(
        number.estimate, number.ci_low, number.ci_high, "days", sentence, base,
        (0.0, 1.15 * number.ci_high), level=plan.asked.level, decimals=0,
    )  # fmt: skip


def short(result: PowerResult) -> bool:
    """Say whether the planned customers are fewer than needed, by more than the baseline leaves open."""
    if not result.plan.change_given:
        return False
    return 0 < result.plan.total < result.number("sample_size", result.plan.mode).ci_low


def meanings(result: PowerResult) -> tuple[Message, ...]:
    """Return what to settle before the start."""
    plan = result.plan
    actions = [_enough(result)]
    guards = [name for name, _ in plan.guardrails if _unsafe(result, name)]
    if guards:
        actions.append(
            message(
                "**Plan for the guardrail, too.** Showing that {stage} is safe takes more customers than the "
                "main question.",
                stage=result.study.stage(guards[0]).label,
            )
        )
    fixed, anytime = (result.number("sample_size", mode).estimate for mode in ("fixed", "always_valid"))
    actions.append(
        message(
            "**Decide now how you will look.** Looking at any time costs {more} more customers; a few "
            "planned looks cost almost none.",
            more=Quantity(anytime / fixed - 1, "share"),
        )
    )
    if result.number("duration", plan.mode).estimate - plan.window_days > LONG:
        actions.append(
            message(
                "**Look for a larger change, or an earlier stage.** A plan of many weeks meets seasons and "
                "other changes on its way."
            )
        )
    return tuple(actions[:4])


def _enough(result: PowerResult) -> Message:
    plan = result.plan
    if not plan.total:
        return message(
            "**Register the plan before the start.** Write customers, change, looks and guardrails into "
            "study.toml; the plan's hash then stands on the result."
        )
    if not plan.change_given:
        return message(
            "**Register the change worth finding.** With {n} customers it has to be {change} at least.",
            n=Quantity(plan.total), change=change(result.number("detectable", plan.mode, "total").estimate),
        )  # fmt: skip
    if short(result):
        return message(
            "**Raise the planned number, or plan for a larger change.** With {n} customers a change of "
            "{change} would mostly be missed or not settled.",
            n=Quantity(plan.total), change=change(result.counted.lift),
        )  # fmt: skip
    return message(
        "**Keep the plan of {n} customers.** It can find a change of {change}.",
        n=Quantity(plan.total), change=change(result.counted.lift),
    )  # fmt: skip


def _unsafe(result: PowerResult, stage: str) -> bool:
    need = result.number("guardrail_size", stage=stage).estimate
    return need > result.number("sample_size", result.plan.mode).estimate
