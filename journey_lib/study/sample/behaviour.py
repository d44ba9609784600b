"""The behavioural half of the truth: journeys, payment, channels, experiment, leaving, actions.

`python -m journey_lib.study.sample.behaviour` derives `expected.json` anew; run it after any change of the
design. It takes a few minutes, which is why a study only reads the file.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from journey_lib.study.sample import channels, commerce, design, dirt, trial
from journey_lib.study.sample.draws import Floats
from journey_lib.study.sample.journey import (
    BUY,
    CONSIDER,
    OPEN,
    eventually_paid,
    transition_matrix,
    walk,
)
from journey_lib.study.sample.people import draw_people
from journey_lib.study.sample.sessions import active_at, active_since

Told = dict[str, Any]
LARGE_BLOCKS: Final = 20
QUIET_REACH: Final = 84
QUIET_DAYS: Final = 2 * QUIET_REACH - design.FAULT_DAYS
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
        What `derive` found when the design was last changed; a test derives it again and compares.
    """
    table = json.loads(files("journey_lib.study.sample").joinpath("expected.json").read_text("utf-8"))
    told: Told = table[variant.name]
    return told


def derive(variant: design.Variant, blocks: int) -> Told:
    """Derive what the behavioural measures should find: closed forms, and one large draw for the rest.

    Parameters
    ----------
    variant : Variant
        The switch in force.
    blocks : int
        Size of the draw in blocks of 50,000 customers.

    Returns
    -------
    dict
        Expected values by subject.
    """
    total = sum((_counted(variant, part) for part in range(blocks)), start=np.zeros((6, 7)))
    visits = total[0] / (blocks * design.BLOCK)
    unlinked = dirt.ANONYMOUS * (1 - dirt.STITCHED)
    orders = float(visits[BUY])
    return {
        "journey": {
            "visited": dict(zip(design.STAGES, visits.tolist(), strict=True)),
            "moved_on": dict(zip(design.STAGES[:-1], (total[1] / total[2])[:-1].tolist(), strict=True)),
            "contact_not_linked": unlinked,
            "ids_per_customer": 1 + unlinked + dirt.BOTS,
            "customers_drawn": blocks * design.BLOCK,
        },
        "attribution": {
            "orders": orders,
            "removal_effect": channels.removal_effects(orders),
            "last_touch": channels.last_touch_shares(),
            "incremental": channels.incremental_effects(),
        },
        "payment": {
            "attempts_a_day_in_korea_at_demo": float(
                total[3, 0] / QUIET_DAYS / (blocks * design.BLOCK / 20_000)
            ),
            "success_outside": design.PAY_SUCCESS,
            "success_inside": design.FAULT_SUCCESS,
            "eventually_paid_outside": eventually_paid(design.PAY_SUCCESS),
            "eventually_paid_inside": eventually_paid(design.FAULT_SUCCESS),
        },
        "experiment": _experiment(variant, total),
        "regions": {"purchase_gap": dict(zip(design.REGIONS, design.REGION_PURCHASE, strict=True))},
        "leaving": {"two_tickets_share_of_adopters": float(total[3, 1] / total[3, 2])},
        "actions": commerce.policy_values(),
    }


def _counted(variant: design.Variant, part: int) -> Floats:
    """Count one block: visits, moves on, closed stays, single counts, and both arms' outcomes."""
    people = draw_people(LARGE_SEED, design.BLOCK, variant, part=part)
    went = walk(LARGE_SEED, people, variant, part=part)
    counts = np.zeros((6, 7))
    counts[0] = np.isfinite(went.first).sum(axis=0)
    for stage in range(len(design.STAGES)):
        closed = (went.stage == stage) & (went.to != OPEN)
        counts[1, stage] = (went.to[closed] == stage + 1).sum()
        counts[2, stage] = closed.sum()
    rounds = went.attempts
    into = rounds.time - design.FAULT_START
    korea = people.region[rounds.customer] == design.REGIONS.index(design.FAULT_REGION)
    quiet = korea & (np.abs(into) < QUIET_REACH) & ~((into >= 0) & (into < design.FAULT_DAYS))
    adopted = np.isfinite(active_since(went))
    counts[3, 0] = (rounds.failed + rounds.paid)[quiet].sum()
    counts[3, 1] = active_at(went, went.tickets_at)[adopted].sum()
    counts[3, 2] = adopted.sum()
    wait = went.first[:, BUY : BUY + 3] - went.first[:, [CONSIDER]]
    followed = went.first[:, CONSIDER] < design.DAYS - trial.WINDOW_DAYS
    for arm in (0, 1):
        here = followed & (people.arm == arm)
        counts[4 + arm, :3] = ((wait[here] >= 0) & (wait[here] <= trial.WINDOW_DAYS)).sum(axis=0)
        counts[4 + arm, 3] = here.sum()
    return counts


def _experiment(variant: design.Variant, total: Floats) -> Told:
    """Put the closed form beside the draw, which also knows the drivers of leaving and fading effects."""
    rates = total[4:, :3] / total[4:, [3]]
    drawn = dict(zip(trial.OUTCOMES, (rates[1] - rates[0]).tolist(), strict=True))
    error = float(np.sqrt((0.25 / total[4:, 3]).sum()))
    closed = {} if variant.novelty_days else trial.effects(variant)
    return {"drawn_effect": drawn, "drawn_error_at_most": error, **closed}


def main() -> None:
    """Derive the expected values of every variant again and write them beside this module."""
    told = {name: rounded(derive(variant, LARGE_BLOCKS)) for name, variant in design.VARIANTS.items()}
    place = Path(__file__).with_name("expected.json")
    place.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")


def rounded(value: object) -> object:
    """Round every number to ten significant digits, the precision of the truth file.

    Examples
    --------
    >>> rounded({"share": 1 / 3, "n": 2})
    {'share': 0.3333333333, 'n': 2}
    """
    if isinstance(value, dict):
        return {str(k): rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.10g}")
    return int(value) if isinstance(value, np.integer) else value


if __name__ == "__main__":
    main()
