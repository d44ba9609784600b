"""Rare shares: score intervals and Boschloo's test against published numbers, statsmodels and SciPy."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from journey_lib.stats.inference.exact import UNSEEN, _one_sided, exact_p
from journey_lib.stats.inference.rare import Counts, score_difference, score_ratio

Z = 1.959963984540054
OTHERS = json.loads((Path(__file__).parents[2] / "references" / "experiments.json").read_text("utf-8"))[
    "shares"
]


def test_the_interval_of_a_difference_is_the_published_one() -> None:
    """Newcombe (1998), Statistics in Medicine 17, example (a), method 6: 56/70 and 48/80."""
    low, high = score_difference(Counts(56, 70, 48, 80), Z)
    assert (round(low, 4), round(high, 4)) == (0.0528, 0.3382)


@pytest.mark.parametrize("gap", [-0.3, -0.025, 0.05, 0.13])
def test_the_share_under_a_difference_is_the_likeliest(gap: float) -> None:
    """The closed form is a maximum of the likelihood; statsmodels 0.15.0 has another root.

    Its `score_test_proportions_2indep` puts successes where the cubic of Miettinen and Nurminen has units
    (`count0 * diff`), so that its interval for 10/100 and 5/100 is −0.0253 to 0.1303, not −0.0255 to 0.1313.
    """
    counts = Counts(10, 100, 5, 100)
    share = counts._control_at(gap)

    def log_likelihood(p: float) -> float:
        q = p + gap
        return 10 * math.log(q) + 90 * math.log(1 - q) + 5 * math.log(p) + 95 * math.log(1 - p)

    assert log_likelihood(share) >= max(log_likelihood(share - 1e-4), log_likelihood(share + 1e-4))


@pytest.mark.parametrize("other", OTHERS, ids=lambda o: str(o["counts"]))
def test_ratios_agree_with_statsmodels(other: dict) -> None:
    low, high = score_ratio(Counts(*other["counts"]), Z)
    assert (low, high) == pytest.approx((max(other["ratio"][0], 0), other["ratio"][1]), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("other", OTHERS, ids=lambda o: str(o["counts"]))
def test_boschloos_p_agrees_with_scipy_when_the_share_may_be_anything(other: dict) -> None:
    x1, n1, x0, n0 = other["counts"]
    sides = (Counts(x1, n1, x0, n0), Counts(x0, n0, x1, n1))
    found = 2 * (min(_one_sided(side, 0.0, 1.0) for side in sides) - UNSEEN)
    assert found == pytest.approx(other["boschloo"], rel=1e-5)


def true_level(n: int, share: float, alpha: float, rejects: object) -> float:
    from scipy.stats import binom

    chance = binom.pmf(np.arange(n + 1), n, share)
    return sum(
        chance[a] * chance[b]
        for a in range(n + 1)
        for b in range(n + 1)
        if rejects(a, b) < alpha  # type: ignore[operator]
    )


def test_the_exact_test_keeps_its_level_where_walds_does_not() -> None:
    """All tables of 12 and 12 units with a share of .4 are counted, so this is the true error rate."""

    def wald(a: int, b: int) -> float:
        variance = (a * (12 - a) + b * (12 - b)) / 12**3
        return math.erfc(abs(a - b) / 12 / math.sqrt(2 * variance)) if variance else float(a == b)

    assert true_level(12, 0.4, 0.1, lambda a, b: exact_p(Counts(a, 12, b, 12))[0]) <= 0.1
    assert true_level(12, 0.4, 0.1, wald) > 0.1


def test_exact_p_is_the_same_for_failures_and_for_arms_changed_round() -> None:
    found = exact_p(Counts(3, 50, 12, 48))[0]
    assert exact_p(Counts(47, 50, 36, 48))[0] == pytest.approx(found, rel=1e-6)
    assert exact_p(Counts(12, 48, 3, 50))[0] == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("counts", [(0, 10, 0, 10), (10, 10, 10, 10)])
def test_no_variation_at_all_is_no_evidence(counts: tuple) -> None:
    assert exact_p(Counts(*counts))[0] == 1
    low, high = score_difference(Counts(*counts), Z)
    assert low == pytest.approx(-high)
    assert 0.2 < high < 0.4


def test_many_of_both_outcomes_are_left_to_the_score_test() -> None:
    assert exact_p(Counts(29, 3000, 1500, 3000))[1] == "score"
