"""Joint intervals and joint ranks: R's numbers, hand-countable orders, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.simultaneous import joint_ranks, sidak, sidak_level

INTERVALS = st.lists(
    st.tuples(st.floats(-5, 5), st.floats(0.01, 2), st.floats(0.01, 2)), min_size=1, max_size=8
)


def test_six_intervals_that_hold_together_are_as_wide_as_r_makes_them():
    # R 4.2.2: qnorm((1 + 0.95^(1 / 6)) / 2), tests/references/regions.R
    assert ndtri(0.5 + sidak_level(0.95, 6) / 2) == pytest.approx(2.63103828454, abs=1e-10)


def test_exact_joint_width_of_contrasts_is_barely_smaller():
    # mvtnorm 1.1.3: qmvnorm of six contrasts with the mean of the others, 2.61959; never above Šidák's.
    width = ndtri(0.5 + sidak_level(0.95, 6) / 2)
    assert 2.61958718811 < width < 1.005 * 2.61958718811


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=20), st.floats(0.5, 0.99))
def test_p_values_agree_with_the_intervals(p_values, level):
    single = 1 - sidak_level(level, len(p_values))
    clear = np.abs(np.asarray(p_values) - single) > 1e-9  # within rounding either answer is right
    beyond = sidak(p_values) < 1 - level
    assert (beyond == (np.asarray(p_values) < single))[clear].all()


def test_a_comparison_that_could_not_be_made_costs_nothing():
    assert sidak([0.02, np.nan]).tolist() == [pytest.approx(0.02), pytest.approx(np.nan, nan_ok=True)]


def test_joint_intervals_cover_all_truths_as_often_as_promised():
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((20_000, 5)) @ np.linalg.cholesky(0.5 + 0.5 * np.eye(5)).T
    width = ndtri(0.5 + sidak_level(0.95, 5) / 2)
    assert (np.abs(noise).max(axis=1) <= width).mean() > 0.95


def test_ranks_of_groups_that_overlap_stay_open():
    found = joint_ranks([3.0, 2.0, 1.9, 0.0], [2.5, 1.5, 1.4, -0.5], [3.5, 2.6, 2.4, 0.5])
    assert found.rank.tolist() == [1, 2, 3, 4]
    assert found.best.tolist() == [1, 1, 2, 4]
    assert found.worst.tolist() == [2, 3, 3, 4]


def test_groups_without_an_interval_take_no_place():
    found = joint_ranks([3.0, np.nan, 1.0], [2.0, np.nan, 0.5], [4.0, np.nan, 1.5])
    assert np.array_equal(found.worst, [1, np.nan, 2], equal_nan=True)


@given(INTERVALS)
def test_every_true_order_inside_the_intervals_is_allowed(drawn):
    middle = np.array([one[0] for one in drawn])
    low, high = (middle - [one[1] for one in drawn]), (middle + [one[2] for one in drawn])
    found = joint_ranks(middle, low, high)
    for truth in (low, middle, high, np.where(np.arange(middle.size) % 2, low, high)):
        above = (truth[None, :] > truth[:, None]).sum(axis=1)
        not_below = (truth[None, :] >= truth[:, None]).sum(axis=1)
        assert (found.best <= above + 1).all()
        assert (found.worst >= above + 1).all()
        assert (found.best <= not_below).all()


def test_wrong_columns_and_levels_are_refused():
    with pytest.raises(DataError, match="ends before it begins"):
        joint_ranks([1.0], [2.0], [1.5])
    with pytest.raises(DataError, match="differ in length"):
        joint_ranks([1.0, 2.0], [0.5], [1.5])
    with pytest.raises(ParamError, match="level"):
        sidak_level(95, 6)
    with pytest.raises(ParamError, match="comparisons"):
        sidak_level(0.95, -1)
