"""Boundaries and endless intervals against published numbers, the random walk, and themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.sequential import (
    boundaries,
    crossing,
    repeated_p,
    sequence_half_width,
    sequence_p,
    spent,
)

FIVE = np.arange(1, 6)


def test_the_published_boundaries_of_five_looks() -> None:
    """.025 per side: Lan and DeMets as in R's ldbounds; and all of .05 by one function, then halved."""
    assert boundaries(FIVE, 5).round(4).tolist() == [4.8769, 3.3570, 2.6803, 2.2898, 2.0310]
    found = boundaries(FIVE, 5, spending="two_sided")
    assert found == pytest.approx([4.383, 3.100, 2.553, 2.254, 2.064], abs=6e-4)


def test_one_look_is_the_fixed_test() -> None:
    assert boundaries([10], 10).item() == pytest.approx(1.959964, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 1000), min_size=1, max_size=8, unique=True), st.sampled_from([0.01, 0.05, 0.1])
)
def test_what_is_crossed_is_what_was_spent(looks: list[int], alpha: float) -> None:
    """Whatever looks are taken or skipped, also beyond the plan of 800."""
    n = np.sort(looks)
    found = boundaries(n, 800, alpha)
    due = spent(n / 800, alpha)
    # Very early looks are given no more than is due, later ones what is left.
    assert crossing(n, found).sum() == pytest.approx(due[-1], abs=1e-6)


def test_crossing_agrees_with_a_simulated_random_walk() -> None:
    rng = np.random.default_rng(8)
    steps = rng.standard_normal((200_000, 5)) + 0.5
    z = steps.cumsum(axis=1) / np.sqrt(FIVE)
    bounds = boundaries(FIVE, 5)
    outside = np.abs(z) > bounds
    first = outside & (outside.cumsum(axis=1) == 1)
    found = crossing(FIVE, bounds, drift=0.5 * math.sqrt(5))
    assert found[:, 1] == pytest.approx((first & (z > 0)).mean(axis=0), abs=0.004)


def test_boundaries_that_ignore_earlier_looks_spend_too_much() -> None:
    """The same five looks at 1.96 are crossed in 14.2 % (Armitage, McPherson and Rowe 1969, table 2)."""
    assert crossing(FIVE, np.full(5, 1.96)).sum() == pytest.approx(0.142, abs=5e-4)


def test_an_overrun_is_computed_again() -> None:
    """Six fifths of the plan at the last look: less correlated with the one before, so a wider boundary."""
    over = boundaries([1, 2, 3, 4, 6], 5)
    assert over[-1] > boundaries(FIVE, 5)[-1]
    assert crossing([1, 2, 3, 4, 6], over).sum() == pytest.approx(0.05, abs=1e-8)
    assert crossing([1, 2, 3, 4, 6], boundaries(FIVE, 5)).sum() > 0.05 + 1e-4


def test_a_last_look_before_the_plan_spends_what_is_left() -> None:
    found = boundaries([1, 3], 5, final=True)
    assert crossing([1, 3], found).sum() == pytest.approx(0.05, abs=1e-8)
    assert found[-1] < boundaries([1, 3], 5)[-1]


def test_nothing_is_left_after_the_plan_was_reached() -> None:
    assert math.isinf(boundaries([5, 6], 5)[-1])


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.2])
def test_the_repeated_p_value_is_the_level_at_its_own_boundary(alpha: float) -> None:
    bound = boundaries([2, 3, 5], 7, alpha)[-1]
    assert repeated_p(bound, [2, 3, 5], 7) == pytest.approx(alpha, rel=1e-3)
    assert repeated_p(-bound, [2, 3, 5], 7) == pytest.approx(alpha, rel=1e-3)


def test_the_repeated_p_value_at_the_ends() -> None:
    assert math.isnan(repeated_p(math.nan, [1], 2))
    assert repeated_p(0.0, [1], 2) == 1
    assert repeated_p(50.0, [1, 2], 2) == pytest.approx(1e-12)


@pytest.mark.parametrize("n", [500, 10_000, 80_000])
def test_interval_and_p_value_of_the_sequence_are_two_sides_of_one_thing(n: int) -> None:
    reach = sequence_half_width(1.0, n, 10_000).item()
    assert sequence_p(reach, n, 10_000).item() == pytest.approx(0.05, rel=1e-9)


def test_the_sequence_is_shortest_near_the_planned_size() -> None:
    """At half, once and twice the plan, in standard errors of a fixed interval."""
    n = np.array([1e3, 1e4, 1e6])
    reach = sequence_half_width(1.0, n, 1e4)
    assert reach[1] < reach[0]
    assert reach[1] < reach[2]
    tuned = [sequence_half_width(1.0, 1e4, planned).item() for planned in (1e3, 1e4, 1e5)]
    assert min(tuned) == tuned[1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: boundaries([2, 1], 5), "ascending"),
        (lambda: boundaries([0, 1], 5), "ascending"),
        (lambda: boundaries([1, math.nan], 5), "ascending"),
        (lambda: boundaries([1], 0), "planned"),
        (lambda: boundaries([1], 5, 0.0), "alpha"),
        (lambda: boundaries([1], 5, spending="side"), "spending"),
        (lambda: sequence_half_width(1.0, 10, math.nan), "Say how many units"),
        (lambda: crossing([1, 2], [1.96]), "one for each of the 2 looks"),
    ],
)
def test_bad_questions_are_one_clear_error(call: object, words: str) -> None:
    with pytest.raises(ParamError, match=words):
        call()  # type: ignore[operator]
