"""Differences and trends of cohorts: by hand, against others' numbers, and how often they cry wolf."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportions_ztest

from journey_lib.stats.cohort_tests import against, against_others, trend
from journey_lib.stats.multiplicity import holm

PART, N = np.array([30, 50, 52, 9]), np.array([100, 110, 90, 20])


def test_each_cohort_is_compared_with_all_others_pooled() -> None:
    found = against_others(PART, N, 0.95)
    assert found.gap.estimate[0] == pytest.approx(30 / 100 - 111 / 220)
    # statsmodels 0.15: proportions_ztest([30, 111], [100, 220]), pooled variance
    raw = [proportions_ztest([p, 141 - p], [n, 320 - n])[1] for p, n in zip(PART, N, strict=True)]
    assert found.p_value == pytest.approx(holm(raw), rel=1e-10)


def test_the_interval_is_newcombe_s() -> None:
    # Newcombe (1998), table II: 56/70 against 48/80, method 10 gives 0.0524 to 0.3339
    found = against([48], [80], [56], [70], 0.95).gap
    assert found.ci_low[0] == pytest.approx(0.0524, abs=5e-5)
    assert found.ci_high[0] == pytest.approx(0.3339, abs=5e-5)


def test_one_cohort_alone_and_cohorts_of_nobody_cannot_be_compared() -> None:
    assert np.isnan(against_others([3], [10], 0.95).p_value).all()
    found = against_others([3, 0, 5], [10, 0, 10], 0.95)
    assert np.isnan(found.gap.estimate).tolist() == [False, True, False]
    assert np.isnan(found.p_value).tolist() == [False, True, False]


def test_a_trend_is_the_slope_of_cochran_and_armitage() -> None:
    # R 4.2: prop.trend.test(c(83, 90, 129, 70), c(86, 93, 136, 82))  X-squared = 8.2249, df = 1
    came, every = [83, 90, 129, 70], [86, 93, 136, 82]
    found = trend(came, every, [0, 1, 2, 3], 0.95)
    left = inflation(np.array(came), np.array(every), float(found.estimate[0]))
    assert (found.estimate[0] / found.std_error[0]) ** 2 * max(1, left) == pytest.approx(8.2249, abs=5e-5)


def inflation(came: np.ndarray, every: np.ndarray, slope: float) -> float:
    """Return the mean square of what the line leaves, as a glm of R calls its dispersion."""
    at = np.arange(len(came)) - np.average(np.arange(len(came)), weights=every)
    mean = came.sum() / every.sum()
    left = every * (came / every - mean - slope * at) ** 2 / mean / (1 - mean)
    return float(left.sum() / (len(came) - 2))


def test_shares_beyond_their_line_widen_the_error_and_shares_on_it_do_not() -> None:
    line = trend([50, 45, 40, 35], [100] * 4, range(4), 0.95)
    zigzag = trend([50, 25, 60, 35], [100] * 4, range(4), 0.95)
    assert line.estimate[0] == pytest.approx(-0.05)
    assert line.std_error[0] == pytest.approx(np.sqrt(0.425 * 0.575 / 500))
    assert zigzag.std_error[0] > 2 * line.std_error[0]


@pytest.mark.parametrize(
    ("came", "every"), [([1, 2], [10, 10]), ([0, 0, 0], [9, 9, 9]), ([5, 0, 5], [5, 0, 5]), ([], [])]
)
def test_without_three_cohorts_or_any_spread_there_is_no_trend(came: list[int], every: list[int]) -> None:
    found = trend(came, every, range(len(came)), 0.95)
    assert np.isnan([found.estimate[0], found.std_error[0], found.ci_low[0]]).all()


def test_equal_cohorts_rarely_look_different() -> None:
    rng, sizes, runs = np.random.default_rng(5), np.array([400, 350, 300, 420, 380, 310]), 1000
    alarms = slopes = 0
    for _ in range(runs):
        came = rng.binomial(sizes, 0.4)
        alarms += bool((against_others(came, sizes, 0.95).p_value < 0.05).any())
        found = trend(came, sizes, range(6), 0.95)
        slopes += bool(found.ci_low[0] > 0 or found.ci_high[0] < 0)
    assert 0.02 < alarms / runs < 0.07  # Holm keeps 5 % for the family; 3 standard errors are 2 points
    assert slopes / runs < 0.05
