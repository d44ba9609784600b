"""What the reliability report says: how consistent each scale is, and which item disturbs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.reliability.checks import ACCEPTABLE, GAIN
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.reliability.result import ReliabilityResult
    from journey_lib.present.numbers import Number


def headlines(result: ReliabilityResult) -> tuple[Finding, ...]:
    """Return each scale's alpha, least consistent first, and the item that disturbs the first one."""
    scales = sorted(result.scales, key=lambda name: result.number("alpha", name).estimate)
    found = [_of_scale(result, name) for name in scales[:2]]
    return tuple(f for f in (*found[:1], _of_item(result, scales[0]), *found[1:]) if f)


def meanings(result: ReliabilityResult) -> tuple[Message, ...]:
    """Return for each scale whether to use its mean, and which item to look at."""
    actions = []
    for name in result.scales:
        alpha = result.number("alpha", name)
        if alpha.ci_low >= ACCEPTABLE:
            actions.append(
                message(
                    "**Use the mean of “{scale}” for groups.** Its items measure one thing well.",
                    scale=result.study.scale_label(name),
                )
            )
        elif alpha.estimate < ACCEPTABLE:
            actions.append(
                message(
                    "**Report the items of “{scale}” one by one.** A mean would hide that they differ.",
                    scale=result.study.scale_label(name),
                )
            )
        worst = disturbing(result, name)
        if worst:
            actions.append(
                message(
                    "**Read the wording of “{item}”.** Without it the scale would be more consistent; it may "
                    "ask about something else.",
                    item=result.study.item(worst.question).label,
                )
            )
    return tuple(actions[:4])


def disturbing(result: ReliabilityResult, scale: str) -> Number | None:
    """Return the item without which alpha would rise most, if it would rise enough."""
    alpha = result.number("alpha", scale).estimate
    found = [result.number("alpha_without", scale, item) for item in result.items(scale)]
    worst = max(found, key=lambda n: n.estimate if n.estimate == n.estimate else -1, default=None)
    return worst if worst and worst.estimate - alpha > GAIN else None


def _of_scale(result: ReliabilityResult, scale: str) -> Finding | None:
    number = result.number("alpha", scale)
    if not (number.ci_low <= number.estimate <= number.ci_high):
        return None
    sentence = message(
        "**{scale}**: {k} items, alpha; from {line} their mean can stand for groups.",
        scale=result.study.scale_label(scale), k=Quantity(len(result.items(scale))),
        line=Quantity(ACCEPTABLE, "score", 1),
    )  # fmt: skip
    return _finding(result, number, sentence, alert=number.estimate < ACCEPTABLE)


def _of_item(result: ReliabilityResult, scale: str) -> Finding | None:
    worst = disturbing(result, scale)
    if worst is None:
        return None
    rest = result.number("item_rest", scale, worst.question)
    if not (rest.ci_low <= rest.estimate <= rest.ci_high):
        return None
    sentence = message(
        "“{item}” correlates weakly with the rest of **{scale}**; without it alpha would be {without}.",
        item=result.study.item(worst.question).label, scale=result.study.scale_label(scale),
        without=Quantity(worst.estimate, "score"),
    )  # fmt: skip
    return _finding(result, rest, sentence, alert=True)


def _finding(result: ReliabilityResult, number: Number, sentence: Message, *, alert: bool) -> Finding:
    base = message("n = {n}, weighted", n=Quantity(number.n))
    low = min(0.0, number.ci_low)
    return result.finding(number, sentence, base, (low, 1.0), reference=ACCEPTABLE, alert=alert)
