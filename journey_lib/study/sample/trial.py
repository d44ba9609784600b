"""The experiment on onboarding: who got which arm, and the effects a correct analysis should find."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import ndtr

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Column, Floats, Ints, instants, numbered
from journey_lib.study.sample.journey import ADOPT, BUY, CONSIDER, KEEP, Journey, transition_matrix
from journey_lib.study.sample.people import People, lost_units

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = "onboarding"
WINDOW_DAYS: Final = 60.0
SECOND_AFTER: Final = 2.0  # days between the two assignments of a customer of both arms
OUTCOMES: Final = ("purchase", "adoption", "retention")
STEP: Final = 0.2  # days; grid of the renewal equation
MEDIANS: Final = (*design.DWELL_MEDIAN, design.WIN_BACK_MEDIAN, design.WIN_BACK_MEDIAN)


def assignments_table(
    rng: np.random.Generator, people: People, journey: Journey, variant: design.Variant
) -> dict[str, Column]:
    """Return who was put into which arm, when, and what was known about them before.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the experiment.
    people, journey : People, Journey
        The block; everybody enters at the first stay in consideration.
    variant : Variant
        The switch in force.

    Returns
    -------
    dict
        Column name → values, in order of time. A customer of both arms has a row for each.
    """
    first = journey.first[:, CONSIDER]
    who = np.flatnonzero(np.isfinite(first) & ~lost_units(rng, people, variant))
    minutes = np.round(np.maximum(0.5, 18 + 6 * people.affinity), 1)
    again = in_both_arms(rng, who, first[who], variant)
    at = np.concatenate([first[who], first[again] + SECOND_AFTER])
    arm = np.concatenate([people.arm[who], (people.arm[again] + 1) % len(variant.arms)])
    order = np.argsort(at, kind="stable")
    row, at, arm = np.concatenate([who, again])[order], at[order], arm[order]
    visit = np.array(["new", "returning"], dtype=object)[people.returning[row].astype(int)]
    region = np.array(design.REGIONS, dtype=object)[people.region[row]]
    return {
        "experiment": np.full(len(row), NAME, dtype=object),
        "customer_id": numbered("C", people.number[row], 7),
        "household_id": numbered("H", people.household[row], 7),
        "arm": np.array(variant.arms, dtype=object)[arm],
        "assigned_at": instants(np.floor(at * 86400).astype(np.int64)),
        "stratum": np.asarray(region + "|" + visit, dtype=object),
        "minutes_before": minutes[row],
    }


def in_both_arms(rng: np.random.Generator, who: Ints, first: Floats, variant: design.Variant) -> Ints:
    """Draw who is logged in the next arm, too, some days after their own: a fault of the log alone.

    Examples
    --------
    >>> half = design.Variant(both_arms=0.5)
    >>> len(in_both_arms(np.random.default_rng(1), np.arange(8), np.full(8, 40.0), half))
    4
    """
    if not variant.both_arms:
        return who[:0]
    early = who[first < design.DAYS - SECOND_AFTER]
    wanted = min(max(1, round(variant.both_arms * len(who))), len(early))
    return np.sort(rng.choice(early, wanted, replace=False))


def twice(table: Mapping[str, Column]) -> list[str]:
    """Return the customers that stand twice in the assignments of a block, in the order of their second row.

    Examples
    --------
    >>> twice({"customer_id": np.array(["C2", "C1", "C2"])})
    ['C2']
    """
    _, first = np.unique(table["customer_id"], return_index=True)
    again = np.setdiff1d(np.arange(len(table["customer_id"])), first)
    return [str(name) for name in table["customer_id"][again]]


def reach_within(moves: Floats, goals: Ints, days: float = WINDOW_DAYS) -> Floats:
    """Return the chance of reaching a stage within some days of first consideration.

    Solves the renewal equation of the semi-Markov walk on a grid of a fifth of a day.

    Parameters
    ----------
    moves : array of shape (cases, 9, 9)
        Chances of the next state, one matrix for each case.
    goals : array of int
        Position of the stage to reach, for each case.
    days : float
        How long a customer is followed.

    Returns
    -------
    array
        Chance of a first visit to the stage, for each case.

    Examples
    --------
    >>> base = transition_matrix()[None, :, :9]
    >>> soon, later = (float(reach_within(base, np.array([BUY]), d)[0]) for d in (14.0, 60.0))
    >>> soon < later < 0.6
    True
    """
    cases = np.arange(len(moves))
    direct = moves[cases, :, goals]
    onward = moves.copy()
    onward[cases, :, goals] = 0.0
    grid = np.arange(0.0, days + STEP / 2, STEP)
    below = ndtr(np.log(np.maximum(grid, 1e-12)[:, None] / np.asarray(MEDIANS)) / design.DWELL_LOG_SD)
    mass = np.diff(below, axis=0)
    # reach[k, case, state]: chance of having reached the goal k steps after entering a state. A stay that
    # ends within a step is taken to end at its beginning or its end with equal chance.
    reach = np.zeros((len(grid), len(moves), 9))
    for k in range(1, len(grid)):
        later = reach[k - 1 :: -1] if k > 1 else reach[:1]
        past = ((later + reach[k:0:-1]) / 2).reshape(k, -1)
        meet = (mass[:k].T @ past).reshape(9, len(moves), 9)
        reach[k] = below[k] * direct + np.einsum("sct,cst->cs", meet, onward)
    return np.asarray(reach[-1, :, CONSIDER])


def effects(variant: design.Variant) -> dict[str, object]:
    """Return the intention-to-treat effects within the window, in closed form.

    The drivers of leaving are left out; they make the effect on retention about a twentieth smaller.

    Parameters
    ----------
    variant : Variant
        The switch in force; without effect, everything is zero.

    Returns
    -------
    dict
        Control rates, effects, and the adoption effect by true segment and by contacts before.
    """
    shares = np.asarray(design.SEGMENT_SHARES)
    control, treated = _reached(0.0), _reached(variant.effect)
    change = treated - control
    often = shares * _often()
    rare = shares * (1 - _often())
    return {
        "window_days": WINDOW_DAYS,
        "control": dict(zip(OUTCOMES, (control @ shares).tolist(), strict=True)),
        "effect": dict(zip(OUTCOMES, (change @ shares).tolist(), strict=True)),
        "adoption_by_segment": dict(zip(design.SEGMENTS, change[1].tolist(), strict=True)),
        "adoption_by_contacts": {
            "0-1": float(change[1] @ rare / rare.sum()),
            "2+": float(change[1] @ often / often.sum()),
        },
    }


@lru_cache(maxsize=4)
def _reached(effect: float) -> Floats:
    """Return the chance of each outcome (rows) in each segment (columns), over all regions."""
    regions = np.asarray(design.REGION_SHARES)
    missing = float(regions[np.asarray(design.REGION_PURCHASE) < 0].sum())
    places = ((1 - missing, 0.0), (missing, min(design.REGION_PURCHASE)))
    goals = (BUY, ADOPT, KEEP)
    cases = [
        transition_matrix(purchase=shift + effect * design.EFFECT_PURCHASE, adoption=effect * change)[:, :9]
        for _, shift in places
        for _ in goals
        for change in design.EFFECT_ADOPTION
    ]
    wanted = np.tile(np.repeat(goals, len(design.SEGMENTS)), len(places))
    reached = reach_within(np.stack(cases), wanted).reshape(len(places), len(goals), len(design.SEGMENTS))
    total: Floats = np.tensordot([share for share, _ in places], reached, axes=1)
    return total


def _often() -> Floats:
    """Return the share of each segment with two or more contacts before: Poisson."""
    rate = np.asarray(design.CONTACTS_BEFORE)
    several: Floats = 1 - np.exp(-rate) * (1 + rate)
    return several
