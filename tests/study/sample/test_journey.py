"""The walk over the stages follows its matrix, its stays and its hazards."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from journey_lib.study.sample import design, journey, leaving, people, trial
from journey_lib.study.sample.journey import (
    ADOPT,
    BUY,
    CONSIDER,
    KEEP,
    LEFT,
    OPEN,
    Journey,
    transition_matrix,
)

PLAIN = design.VARIANTS[""]
NO_EFFECT = design.VARIANTS["aa"]


@cache
def block(name: str = "", n: int = 40_000, seed: int = 5) -> tuple[people.People, Journey]:
    variant = design.VARIANTS[name]
    crowd = people.draw_people(seed, n, variant)
    return crowd, journey.walk(seed, crowd, variant)


def arms(name: str, stage: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who was exposed, in which arm, and whether the stage was reached."""
    crowd, went = block(name)
    exposed = np.isfinite(went.first[:, CONSIDER])
    return exposed, crowd.arm[exposed], np.isfinite(went.first[exposed, stage])


def test_early_moves_follow_the_matrix() -> None:
    crowd, went = block("aa")
    matrix = transition_matrix()
    for stage in (0, CONSIDER, BUY):
        base = crowd.region[went.customer] != design.REGIONS.index("BR")
        quiet = (went.entry < 240) | (went.entry > 270)
        closed = (went.stage == stage) & (went.to != OPEN) & base & quiet & (went.entry < 480)
        moved = np.bincount(went.to[closed], minlength=9)[:9] / closed.sum()
        assert moved[:7] == pytest.approx(matrix[stage, :7], abs=0.015)


def test_stays_are_log_normal_with_the_planted_medians() -> None:
    _, went = block("aa")
    for stage in (0, CONSIDER, BUY):
        stays = (went.stage == stage) & (went.entry < 400)
        length = (went.end - went.entry)[stays]
        assert np.median(length) == pytest.approx(design.DWELL_MEDIAN[stage], rel=0.03)
        assert np.log(length).std() == pytest.approx(design.DWELL_LOG_SD, abs=0.03)


def test_six_in_a_hundred_step_back_and_four_skip() -> None:
    _, went = block("aa")
    same = np.diff(went.customer) == 0
    real = (went.stage[:-1] <= 6) & (went.stage[1:] <= 6)
    step = np.diff(went.stage)
    back = np.unique(went.customer[1:][same & real & (step == -1)])
    skip = np.unique(went.customer[1:][same & real & (step == 2)])
    assert len(back) / 40_000 == pytest.approx(0.06, abs=0.008)
    assert len(skip) / 40_000 == pytest.approx(0.04, abs=0.006)


def test_stays_follow_each_other_without_gaps() -> None:
    _, went = block()
    same = np.diff(went.customer) == 0
    assert (went.end[:-1][same] == went.entry[1:][same]).all()
    assert (went.to[:-1][same] == went.stage[1:][same]).all()
    assert (went.end <= design.DAYS).all()


@pytest.mark.parametrize(("stage", "name"), [(BUY, "purchase"), (ADOPT, "adoption"), (KEEP, "retention")])
def test_the_closed_form_of_the_effects_meets_a_large_walk(stage: int, name: str) -> None:
    crowd, went = block("", 200_000, 11)
    since = went.first[:, stage] - went.first[:, CONSIDER]
    seen = went.first[:, CONSIDER] < design.DAYS - trial.WINDOW_DAYS
    reached = np.where(since >= 0, since, np.inf) <= trial.WINDOW_DAYS
    new, old = (reached[seen & (crowd.arm == arm)].mean() for arm in (1, 0))
    told = trial.effects(PLAIN)
    effect = told["effect"]
    control = told["control"]
    assert isinstance(effect, dict)
    assert isinstance(control, dict)
    error = np.sqrt(0.5 / (seen.sum() / 2))
    assert new - old == pytest.approx(effect[name], abs=3.5 * error)
    assert old == pytest.approx(control[name], abs=0.012)


def test_support_heavy_gain_most_and_contacts_show_it() -> None:
    exposed, arm, adopted = arms("", ADOPT)
    crowd, _ = block("")
    often = crowd.contacts[exposed] >= 2
    gain = {k: adopted[g & (arm == 1)].mean() - adopted[g & (arm == 0)].mean() for k, g in
            (("often", often), ("rare", ~often))}  # fmt: skip
    told = trial.effects(PLAIN)["adoption_by_contacts"]
    assert isinstance(told, dict)
    assert gain["often"] == pytest.approx(told["2+"], abs=0.045)
    assert gain["rare"] == pytest.approx(told["0-1"], abs=0.025)
    assert gain["often"] > gain["rare"]


def test_without_effect_the_arms_are_alike() -> None:
    assert trial.effects(NO_EFFECT)["effect"] == pytest.approx(
        {"purchase": 0.0, "adoption": 0.0, "retention": 0.0}, abs=1e-12
    )
    _, arm, adopted = arms("aa", ADOPT)
    assert adopted[arm == 1].mean() - adopted[arm == 0].mean() == pytest.approx(0, abs=0.02)


def test_three_arms_are_a_third_each_and_the_third_does_nothing() -> None:
    _, arm, adopted = arms("three_arms", ADOPT)
    assert np.bincount(arm) / len(arm) == pytest.approx(np.full(3, 1 / 3), abs=0.01)
    rates = [adopted[arm == a].mean() for a in range(3)]
    assert rates[2] - rates[0] == pytest.approx(0, abs=0.025)
    assert rates[1] - rates[0] == pytest.approx(0.042, abs=0.025)


def test_novelty_fades_within_ten_days() -> None:
    crowd, went = block("novelty")
    bought = np.isfinite(went.first[:, CONSIDER]) & (went.first[:, BUY] > went.first[:, CONSIDER])
    wait = went.first[:, BUY] - went.first[:, CONSIDER]
    reached = np.isfinite(went.first[:, ADOPT])

    def gain(rows: np.ndarray) -> float:
        both = bought & rows
        return float(reached[both & (crowd.arm == 1)].mean() - reached[both & (crowd.arm == 0)].mean())

    assert gain(wait < 3) > 0.05
    assert gain(wait > 10) == pytest.approx(0, abs=0.035)


def test_households_share_luck_only_in_the_clustered_variant() -> None:
    def likeness(name: str) -> float:
        crowd, went = block(name)
        pair = np.flatnonzero(np.diff(crowd.household) == 0)
        seen = np.isfinite(went.first[:, CONSIDER])
        pair = pair[seen[pair] & seen[pair + 1]]
        bought = np.isfinite(went.first[:, BUY]).astype(float)
        return float(np.corrcoef(bought[pair], bought[pair + 1])[0, 1])

    assert likeness("clustered") > 0.1
    assert abs(likeness("aa")) < 0.05
    crowd, _ = block("clustered")
    same = np.diff(crowd.household) == 0
    assert (crowd.arm[:-1][same] == crowd.arm[1:][same]).all()


def test_two_unresolved_tickets_multiply_the_hazard_by_two_and_a_half() -> None:
    """Among regulars without another driver, the second week of a stay has 2.5 times the hazard."""
    crowd, went = block("aa", 200_000, 11)
    plain = ~crowd.usage_falls & (crowd.plan != design.PLANS.index(design.PRICE_PLAN))
    length = went.end - went.entry
    rows = np.flatnonzero((went.stage == KEEP) & plain[went.customer] & (went.entry < 480) & (length > 7))
    tickets = went.tickets_at[went.customer[rows]] - went.entry[rows]
    has = tickets <= 7
    rows, has = rows[has | ~(tickets < 21)], has[has | ~(tickets < 21)]
    leaves = (went.to[rows] == LEFT) & (length[rows] <= 21)
    rate = {value: -np.log1p(-leaves[has == value].mean()) for value in (True, False)}
    assert rate[True] / rate[False] == pytest.approx(design.TICKETS_HAZARD, rel=0.12)


def test_early_exit_is_exact_for_one_driver() -> None:
    """With ratio h and leaving share p, the extra exit survives like S(t) to the power (h - 1) p."""
    n = 20_000
    starts = np.full((3, n), np.inf)
    starts[0] = 0.0
    drawn = np.random.default_rng(3).exponential(size=n)
    times = leaving.early_exit(starts, np.full(n, 0.4), np.full(n, 9.0), drawn)
    survival = stats.lognorm(s=design.DWELL_LOG_SD, scale=9.0).sf(9.0) ** ((design.TICKETS_HAZARD - 1) * 0.4)
    assert (times > 9.0).mean() == pytest.approx(survival, abs=0.01)


def test_the_arms_are_balanced_within_strata() -> None:
    crowd, _ = block()
    stratum = crowd.region * 2 + crowd.returning
    counts = np.array([np.bincount(crowd.arm[stratum == s], minlength=2) for s in range(12)])
    assert np.abs(counts[:, 0] - counts[:, 1]).max() <= 1
