"""The behavioural half of the truth: journeys, payment, channels, experiment, leaving, actions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from journey_lib.study.sample import channels, commerce, design, dirt, trial
from journey_lib.study.sample.journey import (
    BUY,
    OPEN,
    Journey,
    eventually_paid,
    transition_matrix,
    walk,
)
from journey_lib.study.sample.people import People, draw_people
from journey_lib.study.sample.sessions import active_at, active_since

Told = dict[str, Any]
LARGE_DRAW: Final = 60_000
LARGE_SEED: Final = 540_007
STATES: Final = (*design.STAGES, "lapsed", "left")
OUTCOMES: Final = (*STATES, "gone", "stays")


def structural() -> Told:
    """Return the planted parameters of behaviour."""
    matrix = transition_matrix()
    return {
        "transitions": {
            state: {to: float(p) for to, p in zip(OUTCOMES, row, strict=True) if p > 0}
            for state, row in zip(STATES, matrix, strict=True)
        },
        "dwell_median_days": dict(zip(design.STAGES, design.DWELL_MEDIAN, strict=True)),
        "dwell_log_sd": design.DWELL_LOG_SD,
        "payment": {
            "success": design.PAY_SUCCESS,
            "give_up": design.PAY_GIVE_UP,
            "fault_success": design.FAULT_SUCCESS,
            "fault_region": design.FAULT_REGION,
            "fault_first_day": str(design.START + design.FAULT_START),
            "fault_days": design.FAULT_DAYS,
        },
        "leaving": {
            "hazard_ratios": {
                "two_unresolved_tickets": design.TICKETS_HAZARD,
                "falling_usage": design.USAGE_HAZARD,
                "price_rise": design.PRICE_HAZARD,
            },
            "price_rise_day": str(design.START + design.PRICE_DAY),
            "price_rise_plan": design.PRICE_PLAN,
            "says_so": design.CANCELS,
        },
        "log": {
            "anonymous": dirt.ANONYMOUS,
            "stitched": dirt.STITCHED,
            "bots": dirt.BOTS,
            "clock_skew": dirt.SKEWED,
            "duplicates": dirt.REPEATED,
            "late": dirt.LATE,
        },
        "experiment": {
            "purchase": design.EFFECT_PURCHASE,
            "adoption": dict(zip(design.SEGMENTS, design.EFFECT_ADOPTION, strict=True)),
        },
        "products": {"groups": commerce.GROUPS, "own_group": commerce.OWN_GROUP, "count": commerce.PRODUCTS},
    }


def expected(variant: design.Variant) -> Told:
    """Return what the behavioural measures should find.

    Parameters
    ----------
    variant : Variant
        The switch in force.

    Returns
    -------
    dict
        Closed forms where there is one; otherwise values of one draw of 60,000 customers, whose own error
        is about half a point on a share of a fifth.
    """
    people, journey = _large(variant)
    visits = np.isfinite(journey.first).mean(axis=0)
    unlinked = dirt.ANONYMOUS * (1 - dirt.STITCHED)
    return {
        "journey": {
            "visited": dict(zip(design.STAGES, visits.tolist(), strict=True)),
            "moved_on": _moved_on(journey),
            "contact_not_linked": unlinked,
            "ids_per_customer": 1 + unlinked + dirt.BOTS,
        },
        "attribution": {
            "orders": float(visits[BUY]),
            "removal_effect": channels.removal_effects(float(visits[BUY])),
            "last_touch": channels.last_touch_shares(),
            "incremental": channels.incremental_effects(),
        },
        "payment": _payment(people, journey),
        "experiment": trial.effects(variant),
        "regions": {"purchase_gap": dict(zip(design.REGIONS, design.REGION_PURCHASE, strict=True))},
        "leaving": {"two_tickets_share_of_adopters": _tickets(journey)},
        "actions": commerce.policy_values(),
    }


@lru_cache(maxsize=4)
def _large(variant: design.Variant) -> tuple[People, Journey]:
    people = draw_people(LARGE_SEED, LARGE_DRAW, variant)
    return people, walk(LARGE_SEED, people, variant)


def _moved_on(journey: Journey) -> dict[str, float]:
    """Return the share of closed stays in each stage that ended in the next stage."""
    shares = {}
    for number, stage in enumerate(design.STAGES[:-1]):
        closed = (journey.stage == number) & (journey.to != OPEN)
        shares[stage] = float((journey.to[closed] == number + 1).mean())
    return shares


def _payment(people: People, journey: Journey) -> Told:
    rounds = journey.attempts
    into = rounds.time - design.FAULT_START
    korea = people.region[rounds.customer] == design.REGIONS.index(design.FAULT_REGION)
    fault = korea & (into >= 0) & (into < design.FAULT_DAYS)
    tries = rounds.failed + rounds.paid
    quiet = korea & (np.abs(into) < 84) & ~fault
    per_day = float(tries[quiet].sum()) / (168 - design.FAULT_DAYS) / LARGE_DRAW * 20_000
    return {
        "attempts_a_day_in_korea_at_demo": per_day,
        "success_outside": design.PAY_SUCCESS,
        "success_inside": design.FAULT_SUCCESS,
        "eventually_paid_outside": eventually_paid(design.PAY_SUCCESS),
        "eventually_paid_inside": eventually_paid(design.FAULT_SUCCESS),
    }


def _tickets(journey: Journey) -> float:
    adopted = np.isfinite(active_since(journey))
    return float(active_at(journey, journey.tickets_at)[adopted].mean())
