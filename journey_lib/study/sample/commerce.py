"""Orders, channel costs and logged actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.study.sample import design, ratings
from journey_lib.study.sample.draws import Column, Floats, Ints, instants, numbered, pick_rows
from journey_lib.study.sample.journey import ADOPT, ADVOCATE, BUY, Journey
from journey_lib.study.sample.people import People
from journey_lib.study.sample.sessions import EVENTS, Log, active_since, stage_at

if TYPE_CHECKING:
    from collections.abc import Iterator

PRICES: Final = (0.0, 32_000.0, 54_000.0, 89_000.0)
PRICE_RISE: Final = 1.12
EVERY_DAYS: Final = 7.0
KEPT_BOXES: Final = 0.72
REFUNDED: Final = 0.025
PRODUCTS: Final = 24
GROUPS: Final = 3
OWN_GROUP: Final = 0.75
COST: Final = (410.0, 260.0, 95.0, 18.0, 900.0, 60.0, 9.0, 1_500.0, 2_800.0)  # KRW a touch

ACTIONS: Final = ("none", "offer_email", "tip_push", "call")
# Propensities of each action for those with fewer than two contacts before, and for the others.
PROPENSITY: Final = ((0.40, 0.30, 0.20, 0.10), (0.10, 0.20, 0.10, 0.60))
ACTION_BASE: Final = 0.10
ACTION_LIFT: Final = (0.0, 0.03, 0.06, 0.05)
ACTION_TWICE: Final = 2.0  # people with two or more contacts respond twice as much
ACTION_COST: Final = (0.0, 150.0, 20.0, 4_200.0)
ACTION_EVERY: Final = 30.0


def order_amounts(rng: np.random.Generator, plan: Ints, time: Floats, variant: design.Variant) -> Floats:
    """Draw the amount of each order; one variant gives a few buyers very large orders."""
    price = np.asarray(PRICES)[np.maximum(plan, 1)]
    price = price * np.where(
        (plan == design.PLANS.index(design.PRICE_PLAN)) & (time >= design.PRICE_DAY), PRICE_RISE, 1.0
    )
    spread = 2.0 if variant.heavy_tails else 0.18
    amount: Floats = np.round(price * np.exp(spread * rng.standard_normal(len(plan)) - spread**2 / 2), -2)
    return np.maximum(amount, 100.0)


def orders_table(
    rng: np.random.Generator,
    people: People,
    journey: Journey,
    first_amounts: Floats,
    variant: design.Variant,
    *,
    part: int,
) -> dict[str, Column]:
    """Return the orders of one block: the paid first orders and the weekly boxes of active customers.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the orders.
    people, journey : People, Journey
        The block.
    first_amounts : array
        Amount of each successful round of paying, as in the event log.
    variant : Variant
        The switch in force.
    part : int
        Number of the block.

    Returns
    -------
    dict
        Column name → values, in order of time within the block.
    """
    paid = journey.attempts.paid
    weekly, moments = _weekly(rng, journey)
    who = np.concatenate([journey.attempts.customer[paid], weekly])
    time = np.concatenate([journey.attempts.time[paid], moments])
    later = order_amounts(rng, people.plan[weekly], moments, variant)
    amount = np.concatenate([first_amounts, later])
    order = np.lexsort((who, time))
    who, time, amount = who[order], time[order], amount[order]
    allowed = ratings.PAY_PREFERRED * ratings.offered()
    method = pick_rows(rng, allowed[people.region[who]])
    return {
        "order_id": numbered("O", np.arange(len(who)) + part * 10_000_000, 9),
        "customer_id": numbered("C", people.number[who], 7),
        "time": instants(np.floor(time * 86400).astype(np.int64)),
        "amount": amount,
        "currency": np.full(len(who), "KRW", dtype=object),
        "items": _items(rng, people.number[who]),
        "payment_method": np.array(ratings.PAYMENTS, dtype=object)[method],
        "refund": np.where(rng.random(len(who)) < REFUNDED, amount, 0.0),
    }


def _weekly(rng: np.random.Generator, journey: Journey) -> tuple[Ints, Floats]:
    """Draw the weekly boxes: every seven days of each active stay, some skipped, more once usage falls."""
    at = np.flatnonzero((journey.stage >= ADOPT) & (journey.stage <= ADVOCATE))
    since = active_since(journey)[journey.customer[at]]
    # Boxes come on a weekly beat counted from the first meal, so a new stage does not restart the week.
    low = np.ceil((journey.entry[at] - since) / EVERY_DAYS + 1e-9)
    high = np.floor((journey.end[at] - since) / EVERY_DAYS - 1e-9)
    count = np.maximum(high - low + 1, 0).astype(np.int64)
    row = np.repeat(np.arange(len(at)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    who = journey.customer[at][row]
    time = since[row] + EVERY_DAYS * (low[row] + place)
    fallen = time > np.nan_to_num(journey.usage_at[who], nan=np.inf)
    kept = rng.random(len(row)) < KEPT_BOXES * np.where(fallen, 0.55, 1.0)
    kept &= (low[row] + place > 0) & (time < design.DAYS)
    return who[kept], time[kept]


def _items(rng: np.random.Generator, number: Ints) -> Column:
    """Draw three recipes for each box, mostly from the customer's own group of eight."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = PRODUCTS // GROUPS
    group = number % GROUPS
    own = rng.random((len(number), 3)) < OWN_GROUP
    chosen = np.where(own, group[:, None], rng.integers(0, GROUPS, own.shape))
    # Distinct places within a group keep the three recipes of one box different.
    start = rng.integers(0, size, len(number))[:, None]
    item = chosen * size + (start + np.array([0, 2, 5])) % size + 1
    names = pa.array([f"P{n:02d}" for n in range(PRODUCTS + 1)])
    columns = [names.take(pa.array(column)) for column in np.sort(item, axis=1).T]
    joined = pc.binary_join_element_wise(*columns, pa.scalar(";"))
    items: Column = joined.to_numpy(zero_copy_only=False)
    return items


def cost_counts(log: Log) -> Ints:
    """Count the touches of each channel and day, to be paid for."""
    touch = (log.event == EVENTS.index("visit")) & (log.channel >= 0) & (log.time < design.DAYS)
    day = np.floor(log.time[touch]).astype(np.int64)
    width = len(design.CHANNELS)
    counted = np.bincount(day * width + log.channel[touch], minlength=design.DAYS * width)
    return counted.reshape(design.DAYS, width).astype(np.int64)


def cost_rows(rng: np.random.Generator, counts: Ints) -> Iterator[tuple[str, str, float, int]]:
    """Yield date, channel, cost and touches of each day."""
    noise = np.exp(0.15 * rng.standard_normal(counts.shape))
    cost = np.round(counts * np.asarray(COST) * noise)
    for day in range(counts.shape[0]):
        date = str(design.START + np.timedelta64(day, "D"))
        for number, name in enumerate(design.CHANNELS):
            yield date, name, float(cost[day, number]), int(counts[day, number])


def actions_table(
    rng: np.random.Generator, people: People, journey: Journey, *, part: int
) -> dict[str, Column]:
    """Return the logged actions: every thirty days each active customer got one, by known odds.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the actions.
    people, journey : People, Journey
        The block.
    part : int
        Number of the block.

    Returns
    -------
    dict
        Column name → values. `response` is an extra order within a week.
    """
    since = active_since(journey)
    who = np.flatnonzero(np.isfinite(since))
    left = np.maximum(design.DAYS - 1 - since[who], 0.0)  # somebody may start on the very last day
    count = np.floor(left / ACTION_EVERY).astype(np.int64)
    row = np.repeat(who, count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    time = since[row] + ACTION_EVERY * (place + 1)
    stage = stage_at(journey, row, time)
    active = (stage >= BUY) & (stage <= ADVOCATE)
    row, time, stage = row[active], time[active], stage[active]
    often = (people.contacts[row] >= 2).astype(int)
    odds = np.asarray(PROPENSITY)[often]
    action = pick_rows(rng, odds)
    lift = np.asarray(ACTION_LIFT)[action] * np.where(often, ACTION_TWICE, 1.0)
    return {
        "action_id": numbered("N", np.arange(len(row)) + part * 10_000_000, 9),
        "customer_id": numbered("C", people.number[row], 7),
        "time": instants(np.floor(time * 86400).astype(np.int64)),
        "stage": np.array(design.STAGES, dtype=object)[stage],
        "action": np.array(ACTIONS, dtype=object)[action],
        "propensity": odds[np.arange(len(row)), action],
        "cost": np.asarray(ACTION_COST)[action],
        "response": (rng.random(len(row)) < ACTION_BASE + lift).astype(np.int64),
    }


def policy_values() -> dict[str, dict[str, float]]:
    """Return the true response of always taking each action, for both groups of customers.

    Examples
    --------
    >>> round(policy_values()["two_or_more_contacts"]["tip_push"], 3)
    0.22
    """
    lifts = np.asarray(ACTION_LIFT)
    groups = {"fewer_contacts": 1.0, "two_or_more_contacts": ACTION_TWICE}
    return {
        name: dict(zip(ACTIONS, (ACTION_BASE + lifts * factor).tolist(), strict=True))
        for name, factor in groups.items()
    }
