"""Who answers: by hand, against SciPy's test of a table, and what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError
from journey_lib.stats.response import by_group


def people(*groups: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Groups of so many people asked, of whom so many answered."""
    codes = np.repeat(range(len(groups)), [asked for asked, _ in groups])
    answered = np.concatenate([np.arange(asked) < yes for asked, yes in groups])
    return answered, codes


def test_rates_and_representativity_by_hand() -> None:
    """Rates .2 and .6 in groups of 100 and 300: overall .5, variance .25 × .09 + .75 × .01 = .03."""
    found = by_group(*people((100, 20), (300, 180)), 2)
    assert found.rate.tolist() == [0.2, 0.6]
    by_chance = 0.25 * 0.75 * (0.2 * 0.8 / 100 + 0.6 * 0.4 / 300)
    spread = np.sqrt(0.03 - by_chance)
    assert found.representativity == pytest.approx(1 - 2 * spread)
    assert found.largest_bias == pytest.approx(spread / 0.5)


def test_the_p_value_is_pearsons() -> None:
    # scipy 1.17, computed here: stats.chi2_contingency(table, correction=False)
    from scipy import stats

    found = by_group(*people((50, 10), (80, 30), (120, 50)), 3)
    table = np.array([[10, 40], [30, 50], [50, 70]])
    assert found.p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-9)


def test_groups_that_answer_alike_are_fully_represented() -> None:
    found = by_group(*people((100, 40), (200, 80)), 2)
    assert found.representativity == 1
    assert found.p_value == pytest.approx(1)


def test_empty_groups_and_all_answering_say_nothing_false() -> None:
    found = by_group(*people((30, 10), (0, 0), (30, 10)), 3)
    assert np.isnan(found.rate[1])
    every = by_group(*people((30, 30), (20, 20)), 2)
    assert np.isnan(every.p_value)
    with pytest.raises(DataError, match="in 1 groups"):
        by_group([True, False], [0, 1], 1)
    with pytest.raises(DataError, match="0 people"):
        by_group([], [], 1)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_intervals_hold_their_rate_and_the_order_of_people_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, answered = rng.integers(0, 4, 60), rng.random(60) < 0.3
    found, turned = by_group(answered, codes, 4), by_group(answered[::-1], codes[::-1], 4)
    known = found.asked > 0
    assert (found.ci_low[known] <= found.rate[known]).all()
    assert (found.rate[known] <= found.ci_high[known]).all()
    assert found.representativity == pytest.approx(turned.representativity)
    assert found.representativity <= 1
