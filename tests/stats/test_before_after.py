"""A share before and after a day: by hand, wide where weeks differ, silent where too few are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from journey_lib.stats.before_after import shift


def test_the_difference_and_its_error_can_be_worked_out_by_hand() -> None:
    found = shift([0.4, 0.6, 0.4, 0.6], [100] * 4, [0.8, 0.6, 0.8, 0.6], [50] * 4)
    assert (found.before, found.after) == pytest.approx((0.5, 0.7))
    assert found.difference == pytest.approx(0.2)
    # either side: sqrt(4/3 * 4 * (0.1 n)^2) / 4n = 0.1 / sqrt(3)
    assert found.std_error == pytest.approx(math.sqrt(2) * 0.1 / math.sqrt(3))
    # t with 2 * 3 degrees of freedom at 97.5 %: 2.446912 (R 4.2: qt(0.975, 6))
    assert found.ci_high - found.difference == pytest.approx(2.446912 * found.std_error, rel=1e-6)
    assert (found.n_before, found.n_after, found.periods) == (400, 200, 4)


def test_larger_periods_count_more() -> None:
    assert shift([0.5, 1.0, 0.5, 0.5], [10, 30, 10, 10], [0.5] * 4, [10] * 4).before == pytest.approx(0.75)


def test_both_sides_take_the_nearest_periods_alike() -> None:
    found = shift([0.5] * 4 + [0.9] * 8, [10] * 12, [0.7] * 4, [10] * 4)
    assert (found.periods, found.before) == (4, 0.5)


def test_too_few_periods_are_no_number() -> None:
    found = shift([0.5] * 3, [10] * 3, [0.7] * 9, [10] * 9)
    assert math.isnan(found.difference)
    assert found.periods == 3


def test_intervals_hold_what_they_promise_when_weeks_differ_by_more_than_chance() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(600):
        weeks = np.clip(rng.normal(0.5, 0.05, 24), 0, 1)
        n = rng.integers(80, 200, 24)
        share = rng.binomial(n, weeks) / n
        found = shift(share[:12], n[:12], share[12:], n[12:])
        covered += found.ci_low <= 0 <= found.ci_high
    assert 0.925 <= covered / 600 <= 0.98
