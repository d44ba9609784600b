"""What the numbers say: at most three findings and four actions, each from a row of the table."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from journey_lib.measures.touchpoints import terms
from journey_lib.measures.touchpoints.checks import MANY_UNMAPPED
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.touchpoints.result import TouchpointsResult
    from journey_lib.present.numbers import Number

_FEWEST_RANKED = 3


def headlines(result: TouchpointsResult) -> tuple[Finding, ...]:
    """Return the weak spot among what most customers meet, the most repeated, the most frequent change."""
    if result.doubted:
        return ()
    found = (_weak(result), _repeated(result), _switch(result))
    return tuple(f for f in found if f is not None)


def meanings(result: TouchpointsResult) -> tuple[Message, ...]:
    """Return actions for the weak spot, the repeats, the change of channel, and a map with holes."""
    weak, again, move = weakest(result), most_repeated(result), most_frequent_move(result)
    actions = []
    if weak:
        actions.append(
            message(
                "**Look at {name} first.** Many meet it and few are satisfied; read their comments, then "
                "test a change.",
                name=terms.point(result, weak.touchpoint),
            )
        )
    if again:
        actions.append(
            message(
                "**Find out why customers repeat {name}.** A repeat can be use or trouble; the log alone "
                "does not tell which.",
                name=terms.point(result, again.touchpoint),
            )
        )
    if move:
        actions.append(
            message(
                "**Make {origin} and {target} fit together.** Customers change between them more often than "
                "between any others; the data do not say that they wanted to.",
                origin=terms.channel(result, move.option),
                target=terms.channel(result, move.comparison),
            )
        )
    if result.unmapped > MANY_UNMAPPED:
        actions.append(
            message(
                "**Give the unused events a touchpoint.** What the map does not name, this report cannot see."
            )
        )
    return tuple(actions)


def weakest(result: TouchpointsResult) -> Number | None:
    """Return the least satisfying touchpoint among the half that reaches most; None where too few are rated.

    Definition
    ----------
    Touchpoints with reach and satisfaction on a full base, three or more of them; those that reach at least
    the median of their reaches; of these the smallest share satisfied.
    """
    pairs = []
    for point in result.study.journey.touchpoints:
        reach, rated = (result.number(name, touchpoint=point.id) for name in ("reach", "satisfied"))
        if reach.known and rated.known and rated.n >= result.context.flag_cell:
            pairs.append((reach.estimate, rated))
    if len(pairs) < _FEWEST_RANKED:
        return None
    middle = median(reach for reach, _ in pairs)
    return min((rated for reach, rated in pairs if reach >= middle), key=lambda rated: rated.estimate)


def most_repeated(result: TouchpointsResult) -> Number | None:
    """Return the touchpoint with the largest share of repeated contacts, on a full base."""
    found = [result.number("repeat_share", touchpoint=p.id) for p in result.study.journey.touchpoints]
    full = [number for number in found if number.known and number.n >= result.context.flag_cell]
    return max(full, key=lambda number: number.estimate, default=None)


def most_frequent_move(result: TouchpointsResult) -> Number | None:
    """Return the share of the most frequent move from one channel to another, on a full base."""
    moves = [n for n in result.of("moves") if n.option != n.comparison]
    full = [n for n in moves if n.n >= result.context.flag_cell]
    top = max(full, key=lambda number: number.estimate, default=None)
    if top is None:
        return None
    share = result.number("next_channel", option=top.option, comparison=top.comparison)
    return share if share.known else None


def _weak(result: TouchpointsResult) -> Finding | None:
    rated = weakest(result)
    if rated is None:
        return None
    reach = result.number("reach", touchpoint=rated.touchpoint)
    sentence = message(
        "**{name}** satisfies fewest people among the touchpoints that most customers meet; {reach} of "
        "customers met it.",
        name=terms.point(result, rated.touchpoint), reach=reach.amount,
    )  # fmt: skip
    base = message("n = {n}, share of the top two levels, weighted", n=Quantity(rated.n))
    return result.finding(rated, sentence, base, alert=True)


def _repeated(result: TouchpointsResult) -> Finding | None:
    again = most_repeated(result)
    if again is None:
        return None
    each = result.number("contacts_per_customer", touchpoint=again.touchpoint)
    sentence = message(
        "**{name}** is repeated most: {share} of the contacts there repeat a step already taken at that "
        "stage. Customers who met it had {each} contacts.",
        name=terms.point(result, again.touchpoint), share=again.amount,
        each=Quantity(each.estimate, "count", 1),
    )  # fmt: skip
    base = message("n = {n} customers reached", n=Quantity(again.n))
    return result.finding(again, sentence, base)


def _switch(result: TouchpointsResult) -> Finding | None:
    move = most_frequent_move(result)
    if move is None:
        return None
    count = result.number("moves", option=move.option, comparison=move.comparison)
    sentence = message(
        "From **{origin}** to **{target}** is the most frequent change of channel: {count} times, {share} of "
        "the next visits after {origin}.",
        origin=terms.channel(result, move.option), target=terms.channel(result, move.comparison),
        count=Quantity(count.estimate), share=move.amount,
    )  # fmt: skip
    base = message("n = {n} customers who came again within {gap}", n=Quantity(move.n), gap=terms.gap(result))
    return result.finding(move, sentence, base)
