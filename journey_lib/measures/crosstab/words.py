"""What the crosstab says: which questions differ between the columns more than chance makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.present.result import Finding
from journey_lib.present.wording import Inside, Message, Quantity, message
from journey_lib.study import naming
from journey_lib.study.questions import main_metric

if TYPE_CHECKING:
    from journey_lib.measures.crosstab.banners import Block
    from journey_lib.measures.crosstab.result import CrosstabResult
    from journey_lib.present.numbers import Number

_ALPHA = 0.05
_AXES = {"share": (0.0, 1.0), "points": (-100.0, 100.0)}


def headlines(result: CrosstabResult) -> tuple[Finding, ...]:
    """Return the lowest column of the three questions that differ most."""
    return tuple(_finding(result, block, numbers) for block, numbers in differing(result)[:3])


def meanings(result: CrosstabResult) -> tuple[Message, ...]:
    """Return where to look, and what would make the letters firmer."""
    found = differing(result)
    actions = []
    if found:
        block, numbers = found[0]
        low = numbers[0]
        actions.append(
            message(
                "**Ask why {name} differs by {by}.** {worst} is lowest; read its comments, and check that "
                "the "
                "question means the same there.",
                name=_name(result, low), by=Inside(block.title), worst=_label(block, low),
            )
        )  # fmt: skip
    if any(check.name == "comparisons" and check.status == "watch" for check in result.checks):
        actions.append(
            message(
                "**Do not act on a single letter.** With this many comparisons some stand here by chance."
            )
        )
    return tuple(actions)


def differing(result: CrosstabResult) -> list[tuple[Block, list[Number]]]:
    """Return the questions whose columns differ after correction, widest first, lowest column first."""
    found = []
    for block in result.blocks:
        for question in result.asked:
            tested = result.number("association", question.id, block.name)
            if question.kind in ("single", "multi") or not tested.p_value < _ALPHA:
                continue
            cells = [result.number(main_metric(question), question.id, block.name, v) for v in block.values]
            full = [n for n in cells if n.known and n.n >= result.context.flag_cell]
            if len(full) > 1:
                found.append((tested.estimate, block, sorted(full, key=lambda n: n.estimate)))
    found.sort(key=lambda one: -one[0])
    return [(block, numbers) for _, block, numbers in found]


def _name(result: CrosstabResult, number: Number) -> object:
    return naming.name(result.study, result.study.item(number.question))


def _label(block: Block, number: Number) -> str:
    return block.labels[block.values.index(number.group)]


def _finding(result: CrosstabResult, block: Block, numbers: list[Number]) -> Finding:
    low, high = numbers[0], numbers[-1]
    sentence = message(
        "**{name}** differs by {by}: lowest in {worst}; highest in {best}, {high}.",
        name=_name(result, low), by=Inside(block.title), worst=_label(block, low), best=_label(block, high),
        high=high.amount,
    )  # fmt: skip
    base = message("n = {low} / {high}, weighted", low=Quantity(low.n), high=Quantity(high.n))
    total = result.number(low.metric, low.question, block.name)
    reference = total.estimate if total.known else None
    axis = _AXES.get(low.unit) or tuple(float(v) for v in result.study.item(low.question).scale or (1, 5))
    signed = low.unit == "points"
    return result.finding(low, sentence, base, (axis[0], axis[1]), reference=reference, signed=signed)
