"""What the drivers report says: the first driver, the most to gain, and what only looks like a driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, Says, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.drivers.result import DriversResult
    from journey_lib.present.numbers import Number

ALPHA = 0.05
SURE = 0.9  # share of the resamples in which the first driver comes first


def headlines(result: DriversResult) -> tuple[Finding, ...]:
    """Return the first driver, the clear driver that satisfies fewest, and a driver by correlation only."""
    if result.doubted:
        return ()
    found = (_first(result), _to_gain(result), _only_looks(result))
    return tuple(finding for finding in found if finding)


def meanings(result: DriversResult) -> tuple[Message, ...]:
    """Return what to do about the first driver, the weakest clear driver and the look-alike."""
    if result.doubted:
        return ()
    actions = []
    gain, look = to_gain(result), only_looks(result)
    if gain:
        actions.append(
            message(
                "**Improve {name} first.** It goes clearly with the outcome and satisfies fewer people than "
                "any other clear driver.",
                name=name(result, gain),
            )
        )
    first = first_driver(result)
    if first and is_sure(result) and (gain is None or gain.question != first.question):
        actions.append(
            message("**Protect {name}.** Nothing goes more with the outcome.", name=name(result, first))
        )
    if look:
        actions.append(
            message(
                "**Do not invest in {name} for this outcome.** Its correlation is borrowed from other "
                "touchpoints.",
                name=name(result, look),
            )
        )
    actions.append(
        message(
            "**Test before you roll out.** These are associations; an experiment on one touchpoint proves."
        )
    )
    return tuple(actions)


def first_driver(result: DriversResult) -> Number | None:
    """Return the driver with the largest share."""
    ranked = [number for number in result.drivers_of() if number.known]
    return ranked[0] if ranked else None


def is_sure(result: DriversResult) -> bool:
    """Return whether the first driver comes first in nearly all resamples."""
    return max(result.first, default=0.0) >= SURE


def notable(result: DriversResult) -> float:
    """Return the share that makes a driver worth a sentence: a tenth, or an equal part of more than ten."""
    return min(0.1, 1 / max(len(result.drivers_of()), 1))


def clear_drivers(result: DriversResult) -> list[Number]:
    """Return drivers with a notable share whose coefficient is clearly above zero, most important first."""
    found = []
    least = notable(result)
    for number in result.drivers_of():
        slope = result.number("coefficient", number.question)
        if number.known and number.estimate >= least and slope.p_value < ALPHA and slope.estimate > 0:
            found.append(number)
    return found


def to_gain(result: DriversResult) -> Number | None:
    """Return the clear driver that satisfies fewest, if there are at least two to choose from."""
    clear = [n for n in clear_drivers(result) if result.number("satisfied", n.question).known]
    if len(clear) < 2:
        return None
    return min(clear, key=lambda n: result.number("satisfied", n.question).estimate)


def only_looks(result: DriversResult) -> Number | None:
    """Return the driver whose correlation ranks clearly above what its coefficient supports, or None."""
    drivers = result.drivers_of()
    by_correlation = sorted(drivers, key=lambda n: -result.number("correlation", n.question).estimate)
    clear = {number.question for number in clear_drivers(result)}
    for place, number in enumerate(by_correlation[: max(len(clear), 1) + 1]):
        slope = result.number("coefficient", number.question)
        flat = slope.known and slope.ci_low <= 0 <= slope.ci_high
        beaten = any(other.question in clear for other in by_correlation[place + 1 :]) or place < len(clear)
        if flat and beaten:
            return number
    return None


def name(result: DriversResult, number: Number) -> Says:
    """Return what a reader calls the driver of a row."""
    return naming.name(result.study, result.study.item(number.question))


def _outcome(result: DriversResult) -> Says:
    return naming.name(result.study, result.study.item(result.outcome))


def _first(result: DriversResult) -> Finding | None:
    number = first_driver(result)
    if number is None:
        return None
    facts = {"name": name(result, number), "outcome": _outcome(result), "share": number.amount}
    sentence = message(
        "**{name}** goes most with **{outcome}**: {share} of what all ratings together explain.", **facts
    )
    if not is_sure(result):
        sentence = message(
            "**{name}** has the largest share of what goes with **{outcome}**, {share}, but others could "
            "come first.",
            **facts,
        )
    return result.finding(number, sentence, _base(result, number), (0, 1))


def _to_gain(result: DriversResult) -> Finding | None:
    number = to_gain(result)
    if number is None:
        return None
    good = result.number("satisfied", number.question)
    slope = result.number("coefficient", number.question)
    sentence = message(
        "Only {share} are satisfied with **{name}**, fewer than with any other clear driver; one point more "
        "goes with {slope} points of the outcome.",
        share=good.amount, name=name(result, number), slope=Quantity(slope.estimate, "score", signed=True),
    )  # fmt: skip
    base = message("n = {n}, share of the top two levels, weighted", n=Quantity(good.n))
    return result.finding(good, sentence, base, (0, 1), alert=True)


def _only_looks(result: DriversResult) -> Finding | None:
    number = only_looks(result)
    if number is None:
        return None
    slope = result.number("coefficient", number.question)
    correlation = result.number("correlation", number.question)
    sentence = message(
        "**{name}** correlates with the outcome ({correlation}) but adds nothing once the other ratings are "
        "held: points of the outcome per point of the rating.",
        name=name(result, number), correlation=Quantity(correlation.estimate, "score"),
    )  # fmt: skip
    reach = 1.25 * max(abs(slope.ci_low), abs(slope.ci_high), 0.4)
    return result.finding(slope, sentence, _base(result, slope), (-reach, reach), reference=0.0, signed=True)


def _base(result: DriversResult, number: Number) -> Message:
    explained = result.number("explained", result.outcome)
    return message(
        "n = {n}, weighted; all ratings together explain {share} of the outcome's variance",
        n=Quantity(number.n), share=explained.amount,
    )  # fmt: skip
