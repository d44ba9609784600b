"""Periods against their own past: by hand, by law, and by how often flat series cry wolf."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.monitoring import cusum, decomposed, ewma, judged
from journey_lib.stats.multiplicity import benjamini_hochberg


def test_one_period_against_eight_by_hand() -> None:
    found = judged([50] * 8 + [30], [100] * 9)
    error = math.sqrt(0.25 / 100) * math.sqrt(1 + 100 / 800)
    assert found.expected[8] == 0.5
    assert found.z[8] == pytest.approx((0.3 - 0.5) / error)
    assert np.isnan(found.z[:8]).all()


def test_a_past_that_varies_more_than_chance_widens_the_band() -> None:
    # rates 0.4 and 0.6 in turn: each step is 0.2, four binomial errors of 0.05; moving range over 1.128
    found = judged([40, 60] * 4 + [50], [100] * 9)
    assert found.sigma[8] == pytest.approx(4 / 1.128)


def test_an_alarm_does_not_become_normal() -> None:
    rates = [50] * 10 + [5] * 3 + [50]
    found = judged(rates, [100] * len(rates))
    assert found.expected[13] == pytest.approx(0.5)
    assert abs(found.z[13]) < 1e-9


def test_a_period_without_anybody_says_nothing_and_is_not_remembered() -> None:
    gap = judged([50] * 8 + [0] + [30], [100] * 8 + [0] + [100])
    plain = judged([50] * 8 + [30], [100] * 9)
    assert math.isnan(gap.rate[8])
    assert math.isnan(gap.z[8])
    assert gap.z[9] == plain.z[8]


def test_counts_that_are_no_share_are_refused() -> None:
    with pytest.raises(ValueError, match="never smaller"):
        judged([3], [2])


def false_alarms(seed: int, *, laney: bool, wander: float) -> float:
    """Return the share of runs with an alert on flat data: 12 series of 20 periods, the last one judged."""
    rng = np.random.default_rng(seed)
    runs, alarms = 300, 0
    for _ in range(runs):
        rate = np.clip(0.3 + wander * rng.normal(size=(12, 20)), 0.01, 0.99)
        counts = rng.binomial(400, rate)
        found = [judged(row, np.full(20, 400), fewest=19) for row in counts]
        p = np.array([one.p_value[-1] for one in found])
        if not laney:
            from scipy.stats import norm

            p = np.array([2 * norm.sf(abs(one.z[-1]) * one.sigma[-1]) for one in found])
        alarms += bool((benjamini_hochberg(p) < 0.05).any())
    return alarms / runs


def test_flat_series_raise_an_alarm_in_at_most_one_run_of_twenty() -> None:
    assert false_alarms(1, laney=True, wander=0.0) <= 0.05 + 2.5 * math.sqrt(0.05 * 0.95 / 300)


def test_series_that_wander_without_cause_need_their_own_spread() -> None:
    assert false_alarms(2, laney=True, wander=0.03) <= 0.09
    assert (
        false_alarms(2, laney=False, wander=0.03) > 0.25
    )  # the same test without it: shows that it can fail


def test_the_weighted_mean_finds_a_drift_no_single_period_shows() -> None:
    drift = np.full(12, 1.3)
    assert np.abs(drift).max() < 1.96
    assert ewma(drift)[-1] > 3
    assert cusum(drift)[0][-1] > 5
    assert cusum(-drift)[1][-1] > 5


def test_a_flat_series_has_a_flat_mean() -> None:
    assert ewma([0.0, math.nan, 0.0]).tolist()[::2] == [0.0, 0.0]
    assert math.isnan(ewma([0.0, math.nan])[1])


shares = st.lists(st.tuples(st.integers(0, 50), st.integers(50, 99)), min_size=2, max_size=5)


@settings(max_examples=60, deadline=None)
@given(shares, shares)
def test_mix_and_rate_sum_to_the_difference(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    size = min(len(one), len(two))
    (x0, n0), (x1, n1) = (tuple(zip(*side[:size], strict=True)) for side in (one, two))
    found = decomposed((x0, n0), (x1, n1))
    assert found.total == pytest.approx(sum(x1) / sum(n1) - sum(x0) / sum(n0))
    assert found.total == pytest.approx(found.mix + found.rate)


def test_equal_rates_are_all_mix_and_equal_shares_all_rate() -> None:
    assert decomposed(([10, 40], [100, 100]), ([20, 20], [200, 50])).rate == pytest.approx(0)
    assert decomposed(([10, 40], [100, 100]), ([30, 40], [100, 100])).mix == pytest.approx(0)
