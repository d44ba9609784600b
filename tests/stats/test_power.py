"""Sample sizes against published and other tools' numbers, and against themselves."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.power import Design, design_effect, margin_size, mde, power, sample_size

BASE = 0.190201  # the free-trial funnel's share of sign-ups among visitors who clicked
OTHERS = json.loads((Path(__file__).parents[1] / "references" / "experiments.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("convention", "each"), [("pooled", 75_108), ("unpooled", 75_105), ("control", 74_261)]
)
def test_three_conventions_give_the_known_numbers(convention: str, each: int) -> None:
    found = sample_size(BASE, 0.03, Design(convention=convention))  # type: ignore[arg-type]
    assert found.units == (each, each)


def test_unpooled_is_cohens_h_but_for_a_hair() -> None:
    assert sample_size(BASE, 0.03).arms[0] == pytest.approx(OTHERS["cohen_h"], rel=2e-6)


def test_the_smallest_change_of_ninety_thousand_units() -> None:
    assert round(mde(BASE, 90_000), 5) == 0.03882


def test_means_of_unequal_arms_agree_with_statsmodels() -> None:
    """NormalIndPower().solve_power(0.2 / 1.5, power=.9, alpha=.05, ratio=.5): 1,773.13 in the larger arm."""
    found = sample_size(2.0, 0.1, Design(split=(2, 1)), sd=1.5, power=0.9)
    assert found.arms[0] == pytest.approx(OTHERS["unequal_mean"], rel=1e-4)


def test_the_inflation_of_five_looks_is_the_published_one() -> None:
    """O'Brien–Fleming's own five looks need 1.028 of the fixed size (Jennison and Turnbull 2000, table 2.4).

    The spending type is a little cheaper.
    """
    found = sample_size(BASE, 0.03, Design(mode="group_sequential")).total / sample_size(BASE, 0.03).total
    assert 1.02 < found < 1.03
    assert Design(mode="group_sequential").inflation == pytest.approx(found, rel=1e-6)


def test_power_of_the_modes_is_what_was_simulated() -> None:
    """28 daily looks, 14,000 an arm, a share of .1, +10 %: simulated .776 .761 .751 .472, 20,000 runs."""
    n = 28_000
    assert power(0.1, 0.1, n) == pytest.approx(0.776, abs=0.015)
    assert power(0.1, 0.1, n, Design(mode="group_sequential")) == pytest.approx(0.761, abs=0.015)
    assert power(0.1, 0.1, n, Design(mode="group_sequential", looks=28)) == pytest.approx(0.751, abs=0.015)
    assert power(0.1, 0.1, n, Design(mode="always_valid", looks=28)) == pytest.approx(0.472, abs=0.015)
    assert power(0.1, 0.05, n, Design(mode="always_valid", looks=28)) == pytest.approx(0.100, abs=0.01)


def test_the_sample_size_has_the_power_it_promises() -> None:
    """4,000 experiments of the size found: the share with z above 1.96 is .8 within Monte Carlo error."""
    found = sample_size(0.2, 0.1, Design(split=(1, 2)))
    n0, n1 = found.units
    rng = np.random.default_rng(6)
    p0, p1 = rng.binomial(n0, 0.2, 4000) / n0, rng.binomial(n1, 0.22, 4000) / n1
    z = (p1 - p0) / np.sqrt(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1)
    assert (z > 1.96).mean() == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 4000))


DESIGNS = st.builds(
    Design,
    split=st.sampled_from([(0.5, 0.5), (0.9, 0.1), (1.0, 1.0, 2.0)]),
    alpha=st.sampled_from([0.01, 0.05]),
    mode=st.sampled_from(["fixed", "group_sequential", "always_valid"]),
    convention=st.sampled_from(["unpooled", "control"]),
    design_effect=st.sampled_from([1.0, 1.6]),
    correlation=st.sampled_from([0.0, 0.5]),
)


@settings(max_examples=40, deadline=None)
@given(DESIGNS, st.floats(0.02, 0.5), st.floats(0.01, 0.5), st.sampled_from([0.6, 0.8, 0.95]))
def test_size_power_and_smallest_change_are_one_equation(
    design: Design, base: float, lift: float, wanted: float
) -> None:
    total = sample_size(base, lift, design, power=wanted).total
    assert power(base, lift, total, design) == pytest.approx(wanted, abs=1e-5)
    assert mde(base, total, design, power=wanted) == pytest.approx(lift, rel=1e-5)


def test_pooled_size_and_power_agree() -> None:
    design = Design(convention="pooled")
    total = sample_size(0.05, 0.2, design).total
    assert power(0.05, 0.2, total, design) == pytest.approx(0.8, abs=1e-9)


def test_what_makes_it_dearer_and_cheaper() -> None:
    plain = sample_size(BASE, 0.03).total
    assert sample_size(BASE, 0.03, Design(design_effect=1.45)).total == pytest.approx(1.45 * plain)
    assert sample_size(BASE, 0.03, Design(correlation=0.5)).total == pytest.approx(0.75 * plain)
    three = sample_size(BASE, 0.03, Design(split=(1, 1, 1)))
    alone = sample_size(BASE, 0.03, Design(split=(1, 1, 1), correction="none"))
    assert alone.total == pytest.approx(1.5 * plain, rel=1e-9)
    # z.9875 + z.8 over z.975 + z.8, squared
    assert three.total / alone.total == pytest.approx(((2.241403 + 0.841621) / (1.959964 + 0.841621)) ** 2)
    assert sample_size(BASE, 0.03, Design(mode="group_sequential")).expected < 0.9 * plain


def test_a_design_effect_by_hand() -> None:
    assert design_effect(10, 0.05) == pytest.approx(1.45)
    assert design_effect(10, 0.05, variation=1.0) == pytest.approx(1.95)


def test_a_guardrail_needs_more_than_a_primary_metric() -> None:
    """(1.6449 + .8416)² · .16 · (2 + 2 · .98²) / .004² by hand."""
    found = margin_size(0.2, 0.02)
    assert found.total == pytest.approx(6.1826 * 0.16 * (2 + 2 * 0.9604) / 0.004**2, rel=1e-4)


def test_a_change_that_cannot_be_is_not_the_smallest() -> None:
    """Ten units cannot tell a share of .9 from 1."""
    assert math.isnan(mde(0.9, 10))
    assert mde(0.9, 100_000, fall=True) < 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample_size(0.0, 0.1), "baseline: is 0.0"),
        (lambda: sample_size(0.5, 1.5), "lift"),
        (lambda: sample_size(0.5, 0.0), "other than 0"),
        (lambda: sample_size(0.5, 0.1, power=0.01), "power"),
        (lambda: sample_size(5.0, 0.1, sd=0.0), "sd"),
        (lambda: sample_size(0.0, 0.1, sd=1.0), "a mean other than 0"),
        (lambda: power(0.5, 0.1, 0), "total"),
        (lambda: margin_size(0.5, 0.0), "margin"),
        (lambda: design_effect(0.5, 0.1), "cluster_size"),
        (lambda: design_effect(5, 1.5), "correlation"),
        (lambda: Design(split=(1.0,)), "split"),
        (lambda: Design(mode="group-sequential"), "Did you mean 'group_sequential'"),  # type: ignore[arg-type]
        (lambda: Design(alpha=5), "alpha"),
    ],
)
def test_bad_questions_are_one_clear_error(call: object, words: str) -> None:
    with pytest.raises(ParamError, match=words):
        call()  # type: ignore[operator]
