"""The order of uncertain gains: by hand, by law, and by simulation of what is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.priority import ranking, reach_draws, share_draws


def test_shares_have_the_mean_and_the_spread_they_were_given() -> None:
    drawn = share_draws(0.23, 0.03, 200_000, np.random.default_rng(2))
    assert drawn.mean() == pytest.approx(0.23, abs=0.0003)
    assert drawn.std() == pytest.approx(0.03, abs=0.0003)


def test_a_share_without_doubt_is_itself() -> None:
    assert set(share_draws(0.4, 0.0, 5, np.random.default_rng(1))) == {0.4}
    assert set(share_draws(0.4, float("nan"), 5, np.random.default_rng(1))) == {0.4}
    assert set(share_draws(1.0, 0.1, 5, np.random.default_rng(1))) == {1.0}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.integers(0, 99))
def test_reach_lies_between_the_largest_and_the_sum(shares: list[float], seed: int) -> None:
    drawn = reach_draws([np.full(20, s) for s in shares], np.random.default_rng(seed))
    assert (drawn >= max(shares) - 1e-12).all()
    assert (drawn <= min(sum(shares), 1.0) + 1e-12).all()


def test_two_equal_gains_are_first_half_of_the_time() -> None:
    gains = np.random.default_rng(3).normal(10, 2, (40_000, 2))
    found = ranking(gains, np.array([3.0, 3.0]), first=1)
    assert found.top == pytest.approx([0.5, 0.5], abs=0.01)


def test_feasibility_decides_between_equal_gains() -> None:
    gains = np.ones((10, 2))
    found = ranking(gains, np.array([1.0, 5.0]), first=1)
    assert found.place.tolist() == [2, 1]
    assert found.score.tolist() == [0.2, 1.0]
    assert found.top.tolist() == [0.0, 1.0]


def test_ties_go_to_the_earlier() -> None:
    found = ranking(np.ones((10, 3)), np.full(3, 2.0), first=1)
    assert found.place.tolist() == [1, 2, 3]
    assert found.top.tolist() == [1.0, 0.0, 0.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_probabilities_of_the_first_sum_to_the_room_there_is(options: int, first: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = ranking(rng.random((50, options)), rng.uniform(1, 5, options), first=first)
    assert found.top.sum() == pytest.approx(min(first, options))
    assert sorted(found.place) == list(range(1, options + 1))


def test_nothing_to_rank_is_refused() -> None:
    with pytest.raises(ValueError, match="no expected gain is positive"):
        ranking(np.zeros((4, 2)), np.ones(2))
    with pytest.raises(ValueError, match="one feasibility for each"):
        ranking(np.ones((4, 2)), np.ones(3))
