"""Response style: counted by hand, laws of stretching, and a planted habit that adjusted scores lose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.response_style import response_style, within_person

GRIDS = arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(3, 9)), elements=st.integers(1, 5).map(float)
)


def test_shares_are_counted_over_the_answers_of_each_person():
    found = response_style(
        [[1, 5, 3, 4, np.nan], [2, 2, 2, 2, 2], [5, np.nan, np.nan, np.nan, 1]], (1, 5), fewest=4
    )
    assert np.array_equal(found.extreme, [0.5, 0.0, np.nan], equal_nan=True)
    assert np.array_equal(found.middle, [0.25, 0.0, np.nan], equal_nan=True)
    assert np.array_equal(found.agreement, [0.25, -1.0, np.nan], equal_nan=True)
    assert found.answered.tolist() == [4, 5, 2]
    # one-valued answers have a level and no spread to measure it in
    assert found.level[1] == 2
    assert found.spread[1] == 0
    assert np.isnan(found.own_level[1])
    # R 4.2.2: (mean(c(1,5,3,4)) - 3) / sd(c(1,5,3,4))
    assert found.own_level[0] == pytest.approx(0.14638501094228)


def test_a_scale_of_even_length_has_no_middle():
    assert np.isnan(response_style([[1, 2, 3, 4]], (1, 4), fewest=2).middle).all()
    assert response_style([[0, 5, 10]], (0, 10), fewest=2).middle.tolist() == [pytest.approx(1 / 3)]


@given(GRIDS)
def test_within_person_scores_have_mean_zero_and_spread_one(grid):
    scores = within_person(grid, fewest=3)
    varied = np.ptp(grid, axis=1) > 0
    assert np.isnan(scores[~varied]).all()
    assert np.allclose(scores[varied].mean(axis=1), 0, atol=1e-9)
    assert np.allclose(scores[varied].std(axis=1, ddof=1), 1)


@given(GRIDS, st.floats(0.2, 3), st.floats(-2, 2))
def test_stretching_and_shifting_a_persons_answers_changes_no_score(grid, stretch, shift):
    one, other = within_person(grid, fewest=3), within_person(stretch * grid + shift, fewest=3)
    assert np.allclose(one, other, equal_nan=True, atol=1e-6)


@given(GRIDS, st.floats(0.2, 3))
def test_stretching_away_from_the_midpoint_keeps_the_own_level(grid, stretch):
    one = response_style(grid, (1, 5), fewest=3)
    other = response_style(
        3 + stretch * (grid - 3), (3 - 2 * stretch - 1e-9, 3 + 2 * stretch + 1e-9), fewest=3
    )
    assert np.allclose(one.own_level, other.own_level, equal_nan=True, atol=1e-6)


def test_a_habit_shows_as_habit_and_not_in_the_own_level():
    rng = np.random.default_rng(7)
    latent = 3.6 + 0.5 * rng.standard_normal((4000, 1)) + 0.9 * rng.standard_normal((4000, 20))
    plain, wide = (np.clip(np.round(3 + stretch * (latent - 3)), 1, 5) for stretch in (1.0, 1.3))
    one, other = response_style(plain, (1, 5)), response_style(wide, (1, 5))
    assert np.nanmean(other.extreme) - np.nanmean(one.extreme) > 0.10
    assert np.nanmean(other.middle) - np.nanmean(one.middle) < -0.05
    assert np.nanmean(other.level) - np.nanmean(one.level) > 0.05
    # rounding at the ends keeps a rest, about half of what raw levels show in their own spread
    raw, own = ((getattr(other, name), getattr(one, name)) for name in ("level", "own_level"))
    apart = [(np.nanmean(a) - np.nanmean(b)) / np.nanstd(b) for a, b in (raw, own)]
    assert abs(apart[1]) < 0.15 < apart[0]
    assert abs(apart[1]) < 0.6 * apart[0]


def test_wrong_tables_are_refused():
    with pytest.raises(ParamError, match="scale"):
        response_style([[1, 2]], (5, 1), fewest=2)
    with pytest.raises(DataError, match="beyond the scale"):
        response_style([[1, 9]], (1, 5), fewest=2)
    with pytest.raises(DataError, match="dimensions"):
        within_person([1, 2], fewest=2)
    with pytest.raises(ParamError, match="2 answers"):
        within_person([[1, 2]], fewest=1)
