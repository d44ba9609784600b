"""What people do on site, app and phone: the events of one block of customers, before the log gets dirty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from journey_lib.study.sample import design, ratings, rhythm
from journey_lib.study.sample.channels import Touches
from journey_lib.study.sample.draws import Bools, Floats, Ints, pick_rows
from journey_lib.study.sample.journey import ADOPT, ADVOCATE, BUY, LEFT, Journey
from journey_lib.study.sample.people import People

EVENTS: Final = (
    "brand_seen", "plan_viewed", "order_paid", "first_meal_cooked", "third_box_kept", "addon_ordered",
    "friend_joined",
    "visit", "page_view", "signed_in", "ad_clicked", "invite_opened", "menu_viewed", "recipe_searched",
    "checkout_opened", "payment_started", "payment_failed", "confirmation_read", "guide_opened",
    "guide_finished", "helper_asked", "first_box_delivered", "recipe_card_opened", "box_delivered",
    "support_contacted", "ticket_opened", "ticket_resolved", "addon_viewed", "invite_sent", "cancelled",
    "question_sent",
)  # fmt: skip
CODE: Final = {name: number for number, name in enumerate(EVENTS)}
# Visits a day after buying, by stage; before buying a visit is a marketing touch.
VISITS: Final = (0.0, 0.0, 0.6, 0.42, 0.28, 0.26, 0.20)
# What a visit leaves besides `visit`, by stage: event and mean number.
DOES: Final = (
    (("page_view", 0.9), ("ad_clicked", 0.35), ("invite_opened", 0.12)),
    (("menu_viewed", 0.9), ("recipe_searched", 0.6), ("page_view", 0.6)),
    (("confirmation_read", 0.5), ("page_view", 0.5)),
    (("guide_opened", 0.6), ("guide_finished", 0.2), ("helper_asked", 0.15), ("page_view", 0.4)),
    (("recipe_card_opened", 0.8), ("box_delivered", 0.35), ("page_view", 0.4)),
    (("addon_viewed", 0.8), ("page_view", 0.6)),
    (("invite_sent", 0.3), ("page_view", 0.7)),
)
LATER_CHANNELS: Final = (0.10, 0.04, 0.0, 0.14, 0.03, 0.17, 0.46, 0.02, 0.04)
NO_CHANNEL: Final = -1
USAGE_KEPT: Final = 0.4
HELP_SHARE: Final = 0.045


@dataclass
class Log:
    """Events as parallel arrays; `time` is in days of the study's time zone, -1 means empty."""

    customer: Ints
    time: Floats
    event: Ints
    session: Ints
    channel: Ints
    value: Floats
    method: Ints

    def __len__(self) -> int:
        return len(self.customer)


class Events:
    """Collects the events of one block; sessions are numbered as they are added."""

    def __init__(self, rng: np.random.Generator, people: People, journey: Journey) -> None:
        self.rng, self.people, self.journey = rng, people, journey
        self.sessions = 0
        self.parts: list[Log] = []

    def add(
        self,
        name: str,
        customer: Ints,
        time: Floats,
        session: Ints,
        channel: Ints | int = NO_CHANNEL,
        value: Floats | float = np.nan,
        method: Ints | int = -1,
    ) -> None:
        """Add one kind of event for many customers at once."""
        n = len(customer)
        event = np.full(n, CODE[name])
        wide = [np.broadcast_to(np.asarray(x), n) for x in (channel, value, method)]
        self.parts.append(Log(customer, time, event, session, wide[0], wide[1], wide[2]))

    def new_sessions(self, n: int) -> Ints:
        """Return the numbers of `n` new sessions."""
        self.sessions += n
        return np.arange(self.sessions - n, self.sessions, dtype=np.int64)

    def collect(self) -> Log:
        """Return everything in order of customer and time; what falls outside the window is gone."""
        fields = ("customer", "time", "event", "session", "channel", "value", "method")
        whole = [np.concatenate([getattr(p, f) for p in self.parts]) for f in fields]
        inside = (whole[1] >= 0) & (whole[1] < design.DAYS)
        whole = [column[inside] for column in whole]
        order = np.lexsort((whole[1], whole[0]))
        return Log(*(column[order] for column in whole))


def draw_log(
    rng: np.random.Generator, people: People, journey: Journey, touches: Touches, amounts: Floats
) -> Log:
    """Draw the events of one block of customers.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the events.
    people, journey, touches
        The block.
    amounts : array
        Amount of each round of paying that succeeded, in the order of `journey.attempts`.

    Returns
    -------
    Log
        Events in order of customer and time.
    """
    log = Events(rng, people, journey)
    _touches(log, touches)
    _entries(log)
    _payments(log, amounts)
    _visits(log)
    _help(log)
    _leaving(log)
    return log.collect()


def first_order(journey: Journey) -> Floats:
    """Return when each customer first paid, NaN where never; a gift box is no order."""
    return journey.first[:, BUY]


def _touches(log: Events, touches: Touches) -> None:
    """Place the path of touches between first contact and the first order, or the end of interest."""
    start = log.people.arrival
    end = np.fmin(first_order(log.journey), _interest_ends(log.journey, len(start)))
    spread = log.rng.random(len(touches.customer))
    order = np.lexsort((spread, touches.customer))
    spread = np.where(touches.place == 0, 0.0, spread[order])
    time = start[touches.customer] + spread * (end - start)[touches.customer] * 0.98
    session = log.new_sessions(len(time))
    log.add("visit", touches.customer, time, session, touches.channel)
    _activity(log, touches.customer, time, session, touches.channel)


def _interest_ends(journey: Journey, n: int) -> Floats:
    """Return the end of the last stay before buying, or the window's end."""
    end = np.zeros(n)
    early = journey.stage < BUY
    np.maximum.at(end, journey.customer[early], journey.end[early])
    return np.minimum(end, design.DAYS - 1e-6)


def stage_at(journey: Journey, customer: Ints, time: Floats) -> Ints:
    """Return the state each customer was in at a time.

    Examples
    --------
    >>> from journey_lib.study.sample import journey as j, people as p
    >>> someone = p.draw_people(1, 10, design.VARIANTS[""])
    >>> went = j.walk(1, someone, design.VARIANTS[""])
    >>> stage_at(went, np.arange(10), someone.arrival).tolist() == [0] * 10
    True
    """
    width = design.DAYS + 1.0
    keys = journey.customer * width + journey.entry
    at = np.searchsorted(keys, customer * width + time, side="right") - 1
    return journey.stage[at]


def _activity(log: Events, customer: Ints, time: Floats, session: Ints, channel: Ints) -> None:
    """Add what a visit leaves, by the stage the customer is in."""
    stage = stage_at(log.journey, customer, time)
    for number, does in enumerate(DOES):
        here = stage == number
        for name, mean in does:
            count = log.rng.poisson(mean, int(here.sum()))
            who = np.repeat(customer[here], count)
            minute = log.rng.exponential(4.0, len(who)) + 0.2
            moment = np.repeat(time[here], count) + minute / 1440
            log.add(name, who, moment, np.repeat(session[here], count), np.repeat(channel[here], count))


def _entries(log: Events) -> None:
    """Add the event that enters each stay in a stage, at exactly the time the stay begins."""
    stays = log.journey
    for stage in range(ADVOCATE + 1):
        if stage == BUY:
            continue
        here = stays.stage == stage
        who, time = stays.customer[here], stays.entry[here]
        session = log.new_sessions(len(who))
        log.add(EVENTS[stage], who, time, session, value=np.nan)
        if stage == ADOPT:
            log.add("first_box_delivered", who, time - 0.15 * log.rng.random(len(who)) - 0.01, session)


def _payments(log: Events, amounts: Floats) -> None:
    """Add each round of paying: the form, attempts a few minutes apart, the failures, the order."""
    rounds = log.journey.attempts
    who, paid = rounds.customer, rounds.paid
    methods = ratings.PAY_PREFERRED[log.people.region[who]] * ratings.offered()[log.people.region[who]]
    method = pick_rows(log.rng, methods)
    session = log.new_sessions(len(who))
    tries = rounds.failed + paid
    back = np.repeat(tries, tries) - _counter(tries)
    row = np.repeat(np.arange(len(who)), tries)
    started = rounds.time[row] - (back * 6.0 + 1.0) / 1440
    log.add("checkout_opened", who, rounds.time - (tries * 6.0 + 6.0) / 1440, session)
    log.add("payment_started", who[row], started, session[row], method=method[row])
    bad = _counter(tries) < rounds.failed[row]
    log.add(
        "payment_failed", who[row[bad]], started[bad] + 0.5 / 1440, session[row[bad]], method=method[row[bad]]
    )
    log.add("order_paid", who[paid], rounds.time[paid], session[paid], value=amounts, method=method[paid])


def _counter(counts: Ints) -> Ints:
    """Return 0, 1, … within each group of the given sizes.

    Examples
    --------
    >>> _counter(np.array([2, 0, 3]))
    array([0, 1, 0, 1, 2])
    """
    starts = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) - np.repeat(starts, counts)


def _visits(log: Events) -> None:
    """Add the visits of customers who have bought: by stage, by local hour, fewer once usage falls."""
    stays = log.journey
    rate = np.asarray((*VISITS, 0.0, 0.0))[stays.stage]
    count = log.rng.poisson(rate * (stays.end - stays.entry))
    row = np.repeat(np.arange(len(count)), count)
    who = stays.customer[row]
    day = np.floor(stays.entry[row] + log.rng.random(len(row)) * (stays.end - stays.entry)[row])
    time = day + rhythm.local_hour(log.rng, log.people.region[who])
    kept = (time > stays.entry[row]) & (time < stays.end[row])
    fallen = time > np.nan_to_num(stays.usage_at[who], nan=np.inf)
    kept &= ~fallen | (log.rng.random(len(row)) < USAGE_KEPT)
    who, time = who[kept], time[kept]
    channel = pick_rows(log.rng, np.tile(np.asarray(LATER_CHANNELS), (len(who), 1)))
    session = log.new_sessions(len(who))
    log.add("visit", who, time, session, channel)
    _activity(log, who, time, session, channel)


def _help(log: Events) -> None:
    """Add questions before the first exposure, tickets that were solved, and the two that were not."""
    people, stays = log.people, log.journey
    who = np.repeat(np.arange(len(people)), people.contacts)
    end = np.fmin(stays.first[:, 1], stays.end[np.searchsorted(stays.customer, np.arange(len(people)))])
    span = (end - people.arrival)[who]
    time = people.arrival[who] + log.rng.random(len(who)) * span
    log.add("question_sent", who, time, log.new_sessions(len(who)))
    busy = np.flatnonzero((stays.stage >= ADOPT) & (stays.stage <= ADVOCATE))
    count = log.rng.poisson(HELP_SHARE / 4 * (stays.end - stays.entry)[busy])
    row = np.repeat(busy, count)
    opened = stays.entry[row] + log.rng.random(len(row)) * (stays.end - stays.entry)[row]
    session = log.new_sessions(len(row))
    log.add("support_contacted", stays.customer[row], opened, session)
    log.add("ticket_opened", stays.customer[row], opened + 2 / 1440, session)
    solved = opened + 0.1 + log.rng.exponential(0.8, len(row))
    log.add("ticket_resolved", stays.customer[row], solved, session)
    stuck = np.flatnonzero(active_at(stays, stays.tickets_at))
    second = stays.tickets_at[stuck]
    first = np.maximum(second - log.rng.uniform(1, 6, len(stuck)), active_since(stays)[stuck])
    for moment in (first, second):
        log.add("ticket_opened", stuck, moment, log.new_sessions(len(stuck)))


def active_since(journey: Journey) -> Floats:
    """Return when each customer first cooked a meal or went beyond, NaN where never."""
    since: Floats = np.fmin.reduce(journey.first[:, ADOPT:], axis=1)
    return since


def active_at(journey: Journey, time: Floats) -> Bools:
    """Tell who is an active customer at a time of their own."""
    known = np.flatnonzero(np.isfinite(time) & (time < design.DAYS))
    stage = stage_at(journey, known, time[known])
    active = np.zeros(len(time), dtype=bool)
    active[known] = (stage >= ADOPT) & (stage <= ADVOCATE)
    return active


def _leaving(log: Events) -> None:
    """Half of the buyers who leave say so; the others just fall silent."""
    stays = log.journey
    left = np.flatnonzero((stays.stage == LEFT) & (stays.entry < design.DAYS))
    told = left[log.rng.random(len(left)) < design.CANCELS]
    log.add("cancelled", stays.customer[told], stays.entry[told], log.new_sessions(len(told)))
