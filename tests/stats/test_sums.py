"""Estimates from sums, against formulas written out on single units and against other people's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats import estimate
from journey_lib.stats.sums import difference, means, median_ranks, ratios, shares

LAWS = settings(max_examples=80, deadline=None)
units = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30)


@given(units)
@LAWS
def test_a_mean_of_sums_is_the_mean_of_the_units(drawn: list[tuple[int, int]]) -> None:
    y = np.array([a for a, _ in drawn], float)
    found = means([len(y)], [y.sum()], [(y**2).sum()], 0.95)
    assert found.estimate[0] == pytest.approx(y.mean(), abs=1e-12)
    if np.ptp(y):
        alone = estimate.mean(y)
        assert found.std_error[0] == pytest.approx(alone.std_error, rel=1e-9)
        assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((alone.ci_low, alone.ci_high), rel=1e-9)
    else:
        assert np.isnan([found.std_error[0], found.ci_low[0], found.ci_high[0]]).all()


@given(units)
@LAWS
def test_a_ratio_of_sums_is_the_ratio_of_the_units(drawn: list[tuple[int, int]]) -> None:
    a, more = (np.array(side, float) for side in zip(*drawn, strict=True))
    b = a + more
    a, b = a[b > 0], b[b > 0]
    sums = [a.sum(), b.sum(), (a**2).sum(), (b**2).sum(), (a * b).sum(), len(b)]
    found = ratios(*([x] for x in sums), 0.95)
    if not b.sum():
        assert np.isnan(found.estimate[0])
        return
    share = a.sum() / b.sum()
    assert found.estimate[0] == pytest.approx(share)
    residuals = ((a - share * b) ** 2).sum()
    if len(b) > 1 and residuals > 1e-9 and 0 < share < 1:
        error = np.sqrt(len(b) / (len(b) - 1) * residuals) / b.sum()
        assert found.std_error[0] == pytest.approx(error, rel=1e-9)
        assert 0 < found.ci_low[0] < share < found.ci_high[0] < 1
    else:
        assert np.isnan(found.std_error[0])


def test_all_or_nothing_has_one_exact_limit() -> None:
    """Nobody of 10 units: 1 - 0.025 ** (1 / 10), as in R 4.3 `binom.test(0, 10)$conf.int` 0.3084971."""
    none = ratios([0], [30], [0], [120], [0], [10], 0.95)
    assert (none.ci_low[0], none.ci_high[0]) == pytest.approx((0, 0.3084971), abs=1e-6)
    every = ratios([30], [30], [120], [120], [120], [10], 0.95)
    assert (every.ci_low[0], every.ci_high[0]) == pytest.approx((1 - 0.3084971, 1), abs=1e-6)


def test_nobody_is_no_share_at_all() -> None:
    empty = shares([0], [0], 0.95)
    assert np.isnan([empty.estimate[0], empty.ci_low[0], empty.ci_high[0]]).all()
    assert np.isnan(means([0], [0], [0], 0.95).estimate[0])


def test_a_difference_of_shares_as_published() -> None:
    """Newcombe (1998), table II, method 10, examples (b) 9/10 - 3/10 and (d) 5/56 - 0/29."""
    found = difference([[3, 0], [9, 5]], [[10, 29], [10, 56]], 0.95)
    assert found.ci_low == pytest.approx([0.1705, -0.0381], abs=5e-5)
    assert found.ci_high == pytest.approx([0.8090, 0.1926], abs=5e-5)


@pytest.mark.parametrize(
    ("n", "ranks"), [(5, (3, 0, 0)), (6, (3, 1, 6)), (20, (10, 6, 15)), (100, (50, 40, 61))]
)
def test_ranks_around_a_median(n: int, ranks: tuple[int, int, int]) -> None:
    """Published tables of the sign test give 1, 6, 40 as lower ranks at 95 % for n = 6, 20, 100."""
    assert median_ranks(n, 0.95) == ranks


def test_the_interval_of_a_median_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    drawn = np.sort(rng.exponential(size=(4_000, 25)), axis=1)
    _, low, high = median_ranks(25, 0.9)
    inside = (drawn[:, low - 1] <= np.log(2)) & (np.log(2) <= drawn[:, high - 1])
    assert 0.9 <= inside.mean() <= 0.97


def test_a_single_unit_has_no_error_even_when_its_residual_is_not_quite_zero() -> None:
    # One unit with 5 of 6: 5 − (5/6) 6 is not exactly 0 in floating point, and must not be divided by 0.
    found = ratios([5.0], [6.0], [25.0 + 1e-12], [36.0], [30.0], [1], 0.95)
    assert found.estimate[0] == pytest.approx(5 / 6)
    assert np.isnan(found.std_error[0])
    assert np.isnan(means([1], [0.1], [0.01 + 1e-15], 0.95).std_error[0])
