"""Marketing touches before the first order: a Markov chain over channels, and what it implies in closed form.

Whether somebody buys is settled by the journey; the path of touches is then drawn from the chain given that
outcome, which is the same joint distribution as walking the chain first. The closing e-mail is added to
finished paths: it is often the last touch and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Bools, Floats, Ints, pick

EMAIL: Final = design.CHANNELS.index("email")
CLOSING: Final = (0.22, 0.52)  # share of paths ended by an e-mail: without and with an order
LONGEST: Final = 25
# search social display email referral messenger push store call_centre
START: Final = (0.27, 0.23, 0.20, 0.0, 0.10, 0.08, 0.0, 0.08, 0.04)
NEXT: Final = (
    (0.20, 0.07, 0.04, 0.0, 0.06, 0.06, 0.09, 0.03, 0.03),
    (0.16, 0.16, 0.08, 0.0, 0.05, 0.07, 0.05, 0.02, 0.01),
    (0.12, 0.09, 0.17, 0.0, 0.02, 0.03, 0.03, 0.01, 0.01),
    (0.00, 0.00, 0.00, 0.0, 0.00, 0.00, 0.00, 0.00, 0.00),
    (0.14, 0.05, 0.02, 0.0, 0.10, 0.08, 0.08, 0.03, 0.02),
    (0.12, 0.04, 0.02, 0.0, 0.06, 0.14, 0.10, 0.02, 0.04),
    (0.10, 0.03, 0.02, 0.0, 0.04, 0.08, 0.16, 0.01, 0.02),
    (0.13, 0.04, 0.02, 0.0, 0.04, 0.05, 0.04, 0.12, 0.05),
    (0.10, 0.02, 0.01, 0.0, 0.03, 0.07, 0.04, 0.05, 0.12),
)
ORDERS: Final = (0.17, 0.08, 0.03, 0.0, 0.26, 0.19, 0.21, 0.18, 0.22)


@dataclass(frozen=True)
class Touches:
    """Touches of one block, ordered by customer and place in the path."""

    customer: Ints
    place: Ints
    channel: Ints
    length: Ints


@lru_cache(maxsize=2)
def conditional_chains() -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return start and transition shares of the chain, given no order and given an order.

    Each transition matrix has one more column: the path ends here.
    """
    inner, start, buys = np.asarray(NEXT), np.asarray(START), np.asarray(ORDERS)
    chance = np.linalg.solve(np.eye(len(start)) - inner, buys)
    ends = 1 - inner.sum(axis=1) - buys
    ends[EMAIL] = 1.0
    chains = []
    for reach, stop in ((1 - chance, ends), (chance, buys)):
        steps = np.column_stack([inner * reach, stop])
        total = steps.sum(axis=1, keepdims=True)
        first = start * reach
        chains.append((first / first.sum(), steps / np.where(total > 0, total, 1.0)))
    return chains[0], chains[1]


def draw_touches(rng: np.random.Generator, bought: Bools) -> Touches:
    """Draw each customer's path of touches, given whether the customer bought.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the touches.
    bought : array of bool
        Who has a first order.

    Returns
    -------
    Touches
        At least one touch for everybody.
    """
    n = len(bought)
    paths = np.full((n, LONGEST + 1), -1, dtype=np.int64)
    for outcome, (start, steps) in enumerate(conditional_chains()):
        who = np.flatnonzero(bought == bool(outcome))
        now = pick(rng, start, len(who))
        paths[who, 0] = now
        edges = np.cumsum(steps, axis=1)
        for place in range(1, LONGEST):
            now = (rng.random(len(who))[:, None] >= edges[now][:, :-1]).sum(axis=1)
            going = now < len(start)
            who, now = who[going], now[going]
            paths[who, place] = now
    length = (paths >= 0).sum(axis=1)
    closing = rng.random(n) < np.asarray(CLOSING)[bought.astype(int)]
    paths[np.flatnonzero(closing), length[closing]] = EMAIL
    length = length + closing
    customer, places = np.nonzero(paths >= 0)
    return Touches(customer, places, paths[customer, places], length)


def removal_effects(orders: float) -> dict[str, float]:
    """Return the removal effect of each channel in the observed chain, in closed form.

    Parameters
    ----------
    orders : float
        Share of paths that end in an order.

    Returns
    -------
    dict
        Channel → share of orders lost when every transition into the channel ends the path instead.

    Examples
    --------
    >>> found = removal_effects(0.35)
    >>> len(found), max(found, key=found.get)
    (9, 'email')
    """
    start, inner, wins = _observed(orders)
    base = _chance(start, inner, wins)
    effects = {}
    for number, name in enumerate(design.CHANNELS):
        kept = np.arange(len(start)) != number
        effects[name] = 1 - _chance(start * kept, inner * kept, wins) / base
    return effects


def incremental_effects() -> dict[str, float]:
    """Return the share of orders really lost with each channel; the closing e-mail costs none."""
    start, inner, wins = np.asarray(START), np.asarray(NEXT), np.asarray(ORDERS)
    base = _chance(start, inner, wins)
    effects = {}
    for number, name in enumerate(design.CHANNELS):
        kept = np.arange(len(start)) != number
        effects[name] = 1 - _chance(start * kept, inner * kept, wins) / base
    return effects


def last_touch_shares() -> dict[str, float]:
    """Return the share of orders each channel touched last.

    Examples
    --------
    >>> max(last_touch_shares(), key=last_touch_shares().get)
    'email'
    """
    counts = _path_counts()[1]
    last = counts[1][:, -1] * (1 - CLOSING[1])
    last[EMAIL] += CLOSING[1]
    return dict(zip(design.CHANNELS, last.tolist(), strict=True))


def _chance(start: Floats, inner: Floats, wins: Floats) -> float:
    return float(start @ np.linalg.solve(np.eye(len(start)) - inner, wins))


def _path_counts() -> list[tuple[Floats, Floats]]:
    """Count starts and transitions expected in one path, by outcome; the last column ends the path."""
    counts = []
    for start, steps in conditional_chains():
        visits = np.linalg.solve((np.eye(len(start)) - steps[:, :-1]).T, start)
        counts.append((start, visits[:, None] * steps))
    return counts


def _observed(orders: float) -> tuple[Floats, Floats, Floats]:
    """Transition shares an analyst would count: both outcomes mixed, the closing e-mail included."""
    size = len(design.CHANNELS)
    start, inner, wins, ends = np.zeros(size), np.zeros((size, size)), np.zeros(size), np.zeros(size)
    for outcome, (share, (first, steps)) in enumerate(zip((1 - orders, orders), _path_counts(), strict=True)):
        start += share * first
        inner += share * steps[:, :-1]
        stop = share * steps[:, -1]
        inner[:, EMAIL] += CLOSING[outcome] * stop
        target = wins if outcome else ends
        target += (1 - CLOSING[outcome]) * stop
        target[EMAIL] += CLOSING[outcome] * stop.sum()
    total = inner.sum(axis=1) + wins + ends
    return start, inner / total[:, None], wins / total
