"""Equivalent degrees of freedom: by hand, against Welch's, and by the false alarms they let through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats import estimate
from journey_lib.stats.degrees import equivalent
from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.inputs import Inputs
from journey_lib.stats.sampling import design


def degrees(shares: list[float], **drawn: object) -> float:
    return equivalent(design(Inputs(len(shares)), np.ones(len(shares)), **drawn), np.array(shares))


def test_equal_answers_leave_one_degree_for_each_stratum() -> None:
    assert degrees([0.25] * 4) == pytest.approx(3)
    assert degrees([0.25] * 8, strata=list("aaaabbbb")) == pytest.approx(6)


def test_uneven_weights_by_hand() -> None:
    # Parts 81, 1 … 1 (in 1/256): T = 88 · 7/8 = 77, U = 6568 · 6/8 + (88/8)² = 5047, so 77² / 5047.
    assert degrees([9 / 16, *[1 / 16] * 7]) == pytest.approx(77**2 / 5047)


def test_answers_of_one_unit_count_together() -> None:
    # Units of 2, 1 and 1 rows: parts 2, 1, 1: T = 4 · 2/3, U = 6/3 + (4/3)² = 34/9, so 64/34.
    assert degrees([0.25] * 4, psu=[1, 1, 2, 3]) == pytest.approx(64 / 34)


def test_a_stratum_drawn_in_full_adds_nothing() -> None:
    sizes = [4, 4, 4, 4, 1000, 1000, 1000, 1000]
    assert degrees([0.125] * 8, strata=list("aaaabbbb"), fpc=sizes) == pytest.approx(3)


def test_nothing_to_vary_is_unknown() -> None:
    assert np.isnan(degrees([0.25] * 4, fpc=[4, 4, 4, 4]))


def test_two_groups_of_unequal_size_meet_welch() -> None:
    """Welch (1947) with equal variances: (1/m + 1/n)² / (1/(m²(m − 1)) + 1/(n²(n − 1))), 122.1 here."""
    m, n = 100, 900
    welch = (1 / m + 1 / n) ** 2 / (1 / (m**2 * (m - 1)) + 1 / (n**2 * (n - 1)))
    assert degrees([1 / m] * m + [-1 / n] * n) == pytest.approx(welch, rel=0.02)
    assert welch < 0.13 * (m + n)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.1, 50), min_size=6, max_size=40),
    st.floats(0.01, 100),
    st.integers(0, 2**31),
)
def test_laws_of_a_difference(weights: list[float], scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, first = rng.normal(size=len(weights)), np.arange(len(weights)) % 2 == 0
    counted = estimate.difference(y, first, ~first, weights)
    found = estimate.difference(y, first, ~first, weights, degrees="equivalent")
    scaled = estimate.difference(y, first, ~first, np.multiply(weights, scale), degrees="equivalent")
    assert (found.estimate, found.std_error) == (counted.estimate, counted.std_error)
    assert 0 < found.df <= counted.df + 1e-9
    assert found.ci_low <= counted.ci_low + 1e-9
    assert scaled.df == pytest.approx(found.df, rel=1e-9)


def test_without_weights_two_equal_groups_lose_nothing() -> None:
    first = np.arange(40) < 20
    y = np.random.default_rng(1).normal(size=40)
    counted = estimate.difference(y, first, ~first)
    assert estimate.difference(y, first, ~first, degrees="equivalent").df == pytest.approx(counted.df)


def test_the_method_says_which_degrees() -> None:
    first = np.array([True, True, False, False])
    found = estimate.difference([1.0, 3.0, 5.0, 7.0], first, ~first, degrees="equivalent")
    assert found.method.endswith("t interval on equivalent degrees of freedom")
    with pytest.raises(ParamError, match="Did you mean 'equivalent'"):
        estimate.difference([1.0, 3.0, 5.0, 7.0], first, ~first, degrees="equivalnt")


def test_false_alarms_in_the_tail() -> None:
    """Weights of design effect 4, two groups of 100 that do not differ, 4,000 times, at one per cent."""
    rng, alpha, repeats = np.random.default_rng(47), 0.01, 4_000
    first = np.arange(200) < 100
    raised = dict.fromkeys(("design", "equivalent"), 0)
    for _ in range(repeats):
        sample = estimate.Sample(200, np.exp(np.sqrt(np.log(4)) * rng.standard_normal(200)))
        y = rng.standard_normal(200)
        for rule in raised:
            found = sample.difference(y, first, ~first, degrees=rule)
            raised[rule] += two_sided_p(found.estimate, found.std_error, found.df) < alpha
    slack = 3 * np.sqrt(alpha * repeats)
    assert raised["equivalent"] < alpha * repeats + slack
    assert raised["design"] > alpha * repeats + slack
    assert raised["equivalent"] > 0


def test_many_domains_have_the_degrees_each_has_alone() -> None:
    rng = np.random.default_rng(4)
    weight, unit = rng.uniform(0.2, 5, 60), rng.integers(0, 25, 60)
    codes, strata = rng.integers(-1, 3, 60), unit % 2
    sample = estimate.Sample(60, weight, strata=strata, psu=unit, degrees="equivalent")
    found = sample.by_domain("mean", rng.normal(size=60), codes, 3)
    counted = estimate.Sample(60, weight, strata=strata, psu=unit)
    for domain in range(3):
        shares = np.where(codes == domain, weight, 0) / weight[codes == domain].sum()
        most = counted.one("mean", weight, codes == domain).df
        assert found.df[domain] == pytest.approx(min(most, equivalent(sample.design, shares)))


def test_uneven_weights_widen_the_interval_of_a_mean_and_leave_its_error() -> None:
    y, weight = np.arange(8.0), np.array([9.0, 1, 1, 1, 1, 1, 1, 1])
    counted = estimate.Sample(8, weight).one("mean", y, np.ones(8))
    wary = estimate.Sample(8, weight, degrees="equivalent").one("mean", y, np.ones(8))
    assert (counted.df, wary.df) == (7, pytest.approx(77**2 / 5047))
    assert wary.std_error == counted.std_error
    assert wary.ci_high - wary.ci_low > 2 * (counted.ci_high - counted.ci_low)
    shares = [
        estimate.Sample(8, weight, degrees=d).one("proportion", y > 3, np.ones(8))
        for d in ("design", "equivalent")
    ]
    assert shares[0] == shares[1]
