"""Periods against their own past: by hand, by law, and by how often flat series cry wolf."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from journey_lib.stats.monitoring import decomposed, ewma, judged
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


def test_a_rise_from_little_counts_on_the_scale_where_it_is_smaller() -> None:
    """From 10 to 20 of 100: 3.33 errors of a share, 2.84 of arcsin of its root; eight periods doubt both."""
    found = judged([10] * 8 + [20], [100] * 9)
    root = (math.asin(math.sqrt(0.2)) - math.asin(math.sqrt(0.1))) * 2 * math.sqrt(100)
    assert root == pytest.approx(2.84, abs=0.005)
    assert found.z[8] == pytest.approx(root / math.sqrt(1 + 1 / 8))
    assert found.p_value[8] == pytest.approx(2 * student.cdf(-found.z[8], 7))


def test_a_restless_past_leaves_fewer_degrees_of_freedom() -> None:
    """A mean moving range of seven steps is worth 0.62 · 7 degrees."""
    found = judged([40, 60] * 4 + [95], [100] * 9)
    assert found.p_value[8] == pytest.approx(2 * student.cdf(-abs(found.z[8]), 0.62 * 7))


def test_one_event_after_none_is_no_alarm() -> None:
    found = judged([0] * 9 + [1], [100] * 10)
    assert found.p_value[9] == pytest.approx(2 * student.cdf(-2 / math.sqrt(1 + 1 / 9), 8), rel=0.02)


def far_out(restless: float, size: int) -> tuple[float, float]:
    """Return how often 120 flat rows of weeks have p below 1 in 1,000 upwards and downwards, per 1,000."""
    rng = np.random.default_rng(8)
    n = rng.poisson(size, (120, 60))
    odds = math.log(1 / 9) + restless * rng.standard_normal(n.shape)
    found = [judged(*row, alert=0.0) for row in zip(rng.binomial(n, 1 / (1 + np.exp(-odds))), n, strict=True)]
    p, z = (np.array([getattr(one, name)[8:] for one in found]) for name in ("p_value", "z"))
    return tuple(1000 * float(((p < 0.001) & side).mean()) for side in (z > 0, z < 0))


def test_restless_weeks_of_rare_events_are_no_alarm() -> None:
    """On the scale of shares alone 3 to 4 in 1,000 rise this far, as one degree a period and with it."""
    assert max(far_out(0.3, 126)) < 1.3


def test_chance_alone_among_few_events_is_no_alarm() -> None:
    """On the arcsine scale alone 5 to 9 in 1,000 fall this far."""
    assert max(far_out(0.0, 42)) < 1.3


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
