"""Shares, differences, medians and steps of counted paths: by hand, against others, and as laws."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.api import OLS

from journey_lib.stats import transitions
from journey_lib.stats.kernels.paths import Counted, Paths, Plan, Tally
from journey_lib.stats.kernels.tally import counted
from tests.stats.kernels.test_paths import DAY, LEVELS, PLAN, SECOND, batch, drawn
from tests.stats.kernels.test_paths import HAND as TWO

A_TO_B, A_TO_END = 1, 3


def grouped(people: list[Any]) -> Counted:
    return Paths(PLAN, by="plan", levels=LEVELS).measure(batch(people))


def test_shares_counted_with_fingers() -> None:
    found = transitions.edges(grouped(TWO), PLAN, np.array([A_TO_B, A_TO_END, 2]))
    assert (found.n.tolist(), found.visits.tolist(), found.walkers.tolist()) == ([1, 1, 0], [3] * 3, [1] * 3)
    assert found.shares(0.95).estimate.tolist() == pytest.approx([1 / 3, 1 / 3, 0])
    assert np.isnan(found.shares(0.95).std_error).all()  # one customer says nothing about others
    other = transitions.edges(grouped(TWO), PLAN, np.array([A_TO_B]), group=1)
    assert (other.visits.tolist(), np.isnan(other.shares(0.95).estimate).tolist()) == ([0], [True])


def walks(rng: np.random.Generator, group: int, n: int, chance: float) -> list[Any]:
    """Draw customers who come to a and go on to b or c; each has a habit of their own, so visits cluster."""
    people = []
    for _ in range(n):
        habit = np.clip(chance + rng.normal(0, 0.2), 0.02, 0.98)
        to = np.where(rng.random(rng.integers(1, 6)) < habit, 1, 2)
        steps = [code for one in to for code in (0, one)]
        people.append(([(at * SECOND, code) for at, code in enumerate(steps)], 90 * DAY, group))
    return people


def test_differences_agree_with_a_cluster_robust_regression() -> None:
    # statsmodels 0.15.0: OLS of "this visit went on to b" on the group, covariance clustered by customer.
    rng = np.random.default_rng(5)
    people = walks(rng, 0, 80, 0.5) + walks(rng, 1, 120, 0.35)
    visits = [
        (who, group, code == 1) for who, (steps, _, group) in enumerate(people) for _, code in steps[1::2]
    ]
    who, group, went = (np.array(column) for column in zip(*visits, strict=True))
    exog = np.column_stack([np.ones(len(who)), group == 0])
    fit = OLS(went.astype(float), exog).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
    )
    found = grouped(people)
    parts = [transitions.edges(found, PLAN, np.array([A_TO_B]), at) for at in (0, 1)]
    everybody = transitions.edges(found, PLAN, np.array([A_TO_B]))
    gap = transitions.differences(parts, everybody, 0.95)[0]
    assert gap.estimate[0] == pytest.approx(fit.params[1], rel=1e-12)
    # The regression leaves out n / (n − 1) of each group's customers.
    common = everybody.n / everybody.visits
    variance = sum(part.variance(common)[0] * (part.walkers[0] - 1) / part.walkers[0] for part in parts)
    assert variance == pytest.approx(fit.bse[1] ** 2, rel=1e-12)
    assert gap.ci_low[0] < gap.estimate[0] < gap.ci_high[0]
    # Both groups say the same with the sign turned, so Benjamini–Hochberg over the two leaves p as it is.
    assert gap.p_value[0] == pytest.approx(2 * norm.sf(abs(gap.estimate[0] / gap.std_error[0])), rel=1e-9)


def test_a_rare_move_that_a_group_never_makes_is_no_certainty() -> None:
    # Two of 200 go from a to b, none of them in the first group: that happens by chance all the time.
    plain = [([(0, 0), (SECOND, 2)], 90 * DAY, at % 2) for at in range(198)]
    rare = [([(0, 0), (SECOND, 1)], 90 * DAY, 1) for _ in range(2)]
    found = grouped(plain + rare)
    parts = [transitions.edges(found, PLAN, np.array([A_TO_B]), at) for at in (0, 1)]
    gap = transitions.differences(parts, transitions.edges(found, PLAN, np.array([A_TO_B])), 0.95)[0]
    assert gap.estimate[0] == pytest.approx(-2 / 101)
    assert not gap.tested[0]  # one move expected: too few
    assert np.isnan(gap.p_value[0])


def test_without_a_difference_few_cells_alarm() -> None:
    # 60 logs of two groups alike, 3 moves each: Benjamini–Hochberg raises any alarm in about 5 % of them.
    rng, alarms, raw = np.random.default_rng(7), 0, []
    cells = np.array([A_TO_B, 2, A_TO_END])
    for _ in range(60):
        found = grouped([p for group in range(2) for p in walks(rng, group, 60, 0.4)])
        parts = [transitions.edges(found, PLAN, cells, at) for at in (0, 1)]
        gaps = transitions.differences(parts, transitions.edges(found, PLAN, cells), 0.95)
        tested = np.concatenate([gap.p_value for gap in gaps])
        alarms += bool((tested[~np.isnan(tested)] < 0.05).any())
        raw.append(abs(gaps[0].estimate[0] / gaps[0].std_error[0]) > 1.96)
    assert alarms <= 8  # P(more than 8 of 60 at 5 %) is below 0.5 %
    assert sum(raw) <= 8


def test_small_sides_are_not_tested() -> None:
    rng = np.random.default_rng(3)
    found = grouped(walks(rng, 0, 29, 0.5) + walks(rng, 1, 100, 0.5))
    parts = [transitions.edges(found, PLAN, np.array([A_TO_B]), at) for at in (0, 1)]
    gaps = transitions.differences(parts, transitions.edges(found, PLAN, np.array([A_TO_B])), 0.95)
    assert [bool(gap.tested[0]) for gap in gaps] == [False, False]


# Medians


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_the_median_is_that_of_the_single_times(seconds: list[int], parts: int) -> None:
    key = 7 * transitions.SPAN
    noise = counted(np.array([6 * transitions.SPAN + 5, 8 * transitions.SPAN]))
    dealt = [counted(np.array(seconds[at::parts], dtype=np.int64) + key) for at in range(parts)]
    table = reduce(lambda one, other: one + other, dealt, noise)
    found = transitions.median_days(table, np.array([7, 9]), np.array([len(seconds), np.nan]), 0.95)
    assert found.estimate[0] * 86_400 == pytest.approx(np.median(seconds))
    assert np.isnan(found.estimate[1])
    if np.isfinite(found.ci_low[0]):
        assert found.ci_low[0] <= found.estimate[0] <= found.ci_high[0]


def test_the_interval_of_a_median_covers_it() -> None:
    rng, covered = np.random.default_rng(11), 0
    for _ in range(300):
        times = (rng.exponential(86_400, 80)).astype(np.int64)
        found = transitions.median_days(counted(times), np.array([0]), np.array([80.0]), 0.95)
        covered += bool(found.ci_low[0] <= np.log(2) <= found.ci_high[0])
    assert 0.93 <= covered / 300 <= 0.99


def test_few_moves_have_a_median_and_no_interval() -> None:
    found = transitions.median_days(counted(np.array([86_400, 3 * 86_400])), np.array([0]), np.ones(1), 0.95)
    assert found.estimate.tolist() == [2.0]
    assert np.isnan(found.ci_low).all()


# Steps


def test_steps_counted_with_fingers() -> None:
    # a b a END and b c OPEN, repeats collapsed.
    assert transitions.step_matrix(grouped(TWO), PLAN)[:, :4].tolist() == [
        [1, 0, 1, 0],
        [1, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 1, 1],
    ]


@given(drawn())
@settings(max_examples=100, deadline=None)
def test_every_step_holds_all_paths(given: tuple[Any, Plan]) -> None:
    people, plan = given
    found = Paths(plan).measure(batch(people))
    assert set(transitions.step_matrix(found, plan).sum(axis=0).tolist()) == {found.numbers["paths"]}


def test_what_is_not_there_counts_zero() -> None:
    tally = Tally(np.array([2, 5]), np.array([[20], [50]]))
    assert transitions.looked_up(tally, np.array([5, 3, 9, 2]), 1)[:, 0].tolist() == [50, 0, 0, 20]
