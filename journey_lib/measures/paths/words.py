"""What the paths say: at most three findings and four actions, each from a row of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.paths import terms
from journey_lib.measures.paths.nodes import END, OPEN
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, Says, message

if TYPE_CHECKING:
    from journey_lib.measures.paths.result import PathsResult
    from journey_lib.present.numbers import Number

_ALPHA, _WORTH_TELLING = 0.05, 0.05


def headlines(result: PathsResult) -> tuple[Finding, ...]:
    """Return the largest loss, the clearest driver or difference, and how many leave the straight line."""
    if result.doubted:
        return ()
    found = (_lost(result), _drives(result), _differs(result), _wanders(result))
    return tuple(f for f in found if f is not None)[:3]


def meanings(result: PathsResult) -> tuple[Message, ...]:
    """Return what to look into, what to test, and what to draw."""
    actions = []
    loss, driver, back = largest_loss(result), clearest_driver(result), busiest_return(result)
    if loss:
        actions.append(
            message(
                "**Look at what {name} asks of people.** More paths end there than anywhere else; watch ten "
                "of them before changing anything.",
                name=name_of(result, loss),
            )
        )
    if driver:
        actions.append(
            message(
                "**Test what lies behind {mark}.** It goes with {outcome}; only an experiment tells whether "
                "changing it helps.",
                mark=terms.mark(result, driver.option, driver.comparison), outcome=terms.outcome(result),
            )
        )  # fmt: skip
    if back:
        actions.append(
            message(
                "**Draw the way back from {one} to {other} into the journey map.** Customers take it, and a "
                "straight funnel does not show it.",
                one=name_of(result, back), other=result.walked.nodes.label(back.comparison),
            )
        )  # fmt: skip
    return tuple(actions)


def largest_loss(result: PathsResult) -> Number | None:
    """Return the drop-off of the node where most paths end, short of the goal and on a full base."""
    goals = goal_nodes(result)
    full = [n for n in result.of("dropoff") if n.known and not n.group and n.n >= result.context.flag_cell]
    full = [n for n in full if result.node(n) not in goals]

    def lost(number: Number) -> float:
        ends = result.move("transitions", result.node(number), END).estimate
        return ends if ends == ends else 0.0

    worst = max(full, key=lost, default=None)
    return worst if worst and lost(worst) > 0 else None


def goal_nodes(result: PathsResult) -> set[str]:
    """Return the nodes of the last stage, and the outcome: who ends there has arrived and is no loss."""
    nodes = result.walked.nodes
    last = max(nodes.places, default=-1)
    goals = {name for name, place in zip(nodes.ids, nodes.places, strict=True) if place == last >= 0}
    target = result.walked.plan.target
    return goals | ({nodes.ids[target]} if target >= 0 else set())


def clearest_driver(result: PathsResult) -> Number | None:
    """Return the driver that stands out most, if any does: Benjamini–Hochberg below 5 %."""
    clear = [n for n in result.of("driver") if n.known and n.p_value < _ALPHA]
    return min(clear, key=lambda n: (n.p_value, -abs(n.estimate)), default=None)


def clearest_difference(result: PathsResult) -> Number | None:
    """Return the transition in which a group differs most clearly from the others, if any does."""
    clear = [n for n in result.of("transition_difference") if n.known and n.p_value < _ALPHA]
    clear = [n for n in clear if n.comparison != OPEN]
    return max(clear, key=lambda n: abs(n.estimate) / n.std_error, default=None)


def busiest_return(result: PathsResult) -> Number | None:
    """Return the step back along the journey that most customers take; None under a full base."""
    nodes = result.walked.nodes
    place = dict(zip(nodes.ids, nodes.places, strict=True))
    back = [
        n
        for n in result.of("transitions")
        if 0 <= place.get(n.comparison, -1) < place.get(result.node(n), -1)
        and n.n >= result.context.flag_cell
    ]
    return max(back, key=lambda n: n.estimate, default=None)


def name_of(result: PathsResult, number: Number) -> Says | str:
    """Return the words of the node a number is about."""
    return result.walked.nodes.label(result.node(number))


def _lost(result: PathsResult) -> Finding | None:
    number = largest_loss(result)
    if number is None:
        return None
    sentence = message(
        "More paths end at **{name}** than anywhere else: after {share} of the visits there, nothing "
        "followed for {span}.",
        name=name_of(result, number), share=number.amount, span=terms.Span(result.walked.plan.silence),
    )  # fmt: skip
    base = message("n = {n} customers, visits old enough to tell", n=Quantity(number.n))
    return result.finding(number, sentence, base, (0, 1), alert=True)


def _wanders(result: PathsResult) -> Finding | None:
    number = next(iter(result.of("astray")), None)
    thin = number is None or not number.known or number.n < result.context.flag_cell
    if number is None or thin or number.estimate < _WORTH_TELLING or result.walked.plan.gap:
        return None
    back, skip, again = (next(iter(result.of(kind))).amount for kind in ("back", "skip", "win_back"))
    sentence = message(
        "**The journey is no straight line** for these customers: {back} stepped back, {skip} skipped a "
        "stage, {again} came back after a long silence; some started late.",
        back=back, skip=skip, again=again,
    )  # fmt: skip
    base = message("n = {n} customers", n=Quantity(number.n))
    return result.finding(number, sentence, base, (0, 1))


def _drives(result: PathsResult) -> Finding | None:
    number = clearest_driver(result)
    if number is None:
        return None
    risks = {
        n.metric: n
        for n in result.shown.values()
        if (n.option, n.comparison) == (number.option, number.comparison)
    }
    one, other = risks.get("driver_with"), risks.get("driver_without")
    if one is None or other is None or one.hidden or other.hidden:
        return None
    sentence = message(
        "**{mark}**, within {wait} of {entry}, goes with {outcome}: {one} with it, {other} without.",
        mark=terms.mark(result, number.option, number.comparison), wait=terms.Span(result.drivers.wait),
        entry=terms.entry(result), outcome=terms.outcome(result), one=one.amount, other=other.amount,
    )  # fmt: skip
    reach = 1.25 * max(abs(number.ci_low), abs(number.ci_high))
    return result.finding(
        number,
        sentence,
        terms.of_drivers(result.drivers),
        (-reach, reach),
        reference=0.0,
        signed=True,
    )


def _differs(result: PathsResult) -> Finding | None:
    number = clearest_difference(result)
    if number is None:
        return None
    share = result.move("transition", result.node(number), number.comparison, group=number.group)
    sentence = message(
        "**{group}** goes from {one} to {other} after {share} of the visits, unlike everybody else.",
        group=result.study.level(result.by, number.group), one=name_of(result, number),
        other=result.walked.nodes.label(number.comparison), share=share.amount,
    )  # fmt: skip
    base = message("n = {n} customers on the smaller side; against all others", n=Quantity(number.n))
    reach = 1.25 * max(abs(number.ci_low), abs(number.ci_high))
    return result.finding(number, sentence, base, (-reach, reach), reference=0.0, signed=True)
