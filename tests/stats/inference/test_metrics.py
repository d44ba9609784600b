"""Clusters, capped means, quantiles, sample ratio, families, segments and fading effects."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.inference import (
    Arm,
    cap_of,
    cluster_totals,
    clustered,
    compare,
    cuped,
    families,
    heterogeneity,
    novelty,
    quantile,
    quantile_arm,
    sample_ratio,
    winsorised,
)
from journey_lib.stats.moments import comoments, moments
from tests.references.experiments import clusters

OTHERS = json.loads((Path(__file__).parents[2] / "references" / "experiments.json").read_text("utf-8"))


# Clusters


def grouped() -> list:
    given = clusters()
    return [
        cluster_totals(given["u"][given["arm"] == arm], given["group"][given["arm"] == arm]) for arm in (0, 1)
    ]


def test_clustered_errors_agree_with_statsmodels() -> None:
    found = clustered(*grouped())
    assert found.estimate == pytest.approx(OTHERS["cr1"]["estimate"], rel=1e-9)
    assert found.std_error == pytest.approx(OTHERS["cr1"]["std_error"], rel=1e-9)
    assert found.df == 39


def test_few_clusters_have_wide_intervals() -> None:
    """Four clusters: t with 3 degrees of freedom, 3.1824."""
    found = clustered(
        cluster_totals([0, 1, 0, 0], ["a", "a", "b", "b"]), cluster_totals([1, 1, 0, 1], ["c", "c", "d", "d"])
    )
    assert found.multiplier == pytest.approx(3.1824, abs=1e-4)
    assert clustered(cluster_totals([1, 0], ["a", "a"]), grouped()[0]).reason == "few_clusters"


def test_clusters_of_one_unit_are_plain_units() -> None:
    values = np.random.default_rng(2).normal(size=60)
    one, other = (cluster_totals(part, np.arange(30)) for part in (values[:30], values[30:]))
    # CR1 with N = G: 60/59 · 59/58 over 30² of squares, where Welch has 1 / (30 · 29): the same
    plain = compare(moments(values[:30]), moments(values[30:]))
    assert clustered(one, other).std_error == pytest.approx(plain.std_error, rel=1e-9)


# CUPED


def test_cuped_with_a_useless_covariate_is_the_raw_comparison() -> None:
    y = np.random.default_rng(3).normal(5, 1, 400)
    sides = [comoments(np.column_stack([part, np.zeros(200)])) for part in (y[:200], y[200:])]
    found = cuped(*sides)
    assert found.theta == 0
    assert found.adjusted.estimate == pytest.approx(found.raw.estimate)
    assert found.balance.reason == "no_variance"


def test_cuped_takes_out_a_difference_that_was_there_before() -> None:
    """The metric is x, plus 1 in the treated: the .5 of x goes, 1 stays, the balance test sees it."""
    x = np.linspace(0, 3, 100)
    noise = np.sin(np.arange(100.0) ** 2) / 10
    sides = [
        comoments(np.column_stack([x + shift + arm + noise, x + shift])) for arm, shift in ((0, 0), (1, 0.5))
    ]
    found = cuped(*sides)
    assert found.raw.estimate == pytest.approx(1.5)
    assert found.adjusted.estimate == pytest.approx(1, abs=0.1)
    assert found.balance.status == "positive"


def test_cuped_needs_a_covariate() -> None:
    table = comoments([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(DataError, match="hold no covariate"):
        cuped(table.of(0), table.of(0))


# Capped means


def test_the_cap_is_a_percentile_of_what_is_not_zero() -> None:
    assert cap_of([0, 0, 1, 2], [0, 3, 100], share=0.5) == 2.5
    assert cap_of([0.0], [0.0]) == math.inf


def test_one_extreme_unit_can_own_a_whole_difference() -> None:
    rng = np.random.default_rng(4)
    control, treatment = rng.exponential(1, (2, 3000))
    treatment[0] = 10_000
    found = winsorised(control, treatment)
    assert found.uncapped.estimate > 3
    assert abs(found.capped.estimate) < 0.1
    assert found.n_capped == 6
    assert found.cap < 20


def test_values_that_are_missing_are_refused() -> None:
    for call in (winsorised, quantile):
        with pytest.raises(DataError, match="1 are missing or infinite"):
            call([1.0, math.nan], [1.0, 2.0])


# Quantiles


def test_the_error_of_a_median_is_that_of_its_density() -> None:
    """Exponential, n = 40,000: the density at the median is ½, so the error is 1 / √n."""
    values = np.random.default_rng(5).exponential(1, 40_000)
    found = quantile_arm(values, 0.5)
    assert found.estimate == pytest.approx(math.log(2), abs=0.02)
    assert found.std_error == pytest.approx(1 / 200, rel=0.1)


def test_events_of_one_unit_do_not_count_as_many() -> None:
    """Each of 2,000 units has 20 equal events: the clustered error is that of 2,000 values."""
    own = np.random.default_rng(6).exponential(1, 2000)
    many, whose = np.repeat(own, 20), np.repeat(np.arange(2000), 20)
    alone = quantile_arm(own, 0.5).std_error
    assert quantile_arm(many, 0.5, whose).std_error == pytest.approx(alone, rel=0.05)
    assert quantile_arm(many, 0.5).std_error < 0.3 * alone


def test_a_quantile_on_a_tie_has_no_error() -> None:
    assert quantile_arm([0.0] * 90 + [1.0] * 10, 0.5).reason == "ties"
    assert quantile([0.0] * 90 + [1.0] * 10, [2.0, 3.0, 4.0]).reason == "ties"
    with pytest.raises(ParamError, match="between 0 and 1"):
        quantile_arm([1.0, 2.0], 50)


# Sample ratio


def test_three_arms_agree_with_scipys_chi_square() -> None:
    found = sample_ratio([3070, 2930, 4000], [0.3, 0.3, 0.4])
    assert (found.statistic.item(), found.p_value.item()) == pytest.approx(OTHERS["chi_square"], rel=1e-9)
    assert found.df == 2


def test_segments_are_judged_one_by_one() -> None:
    found = sample_ratio([[500, 500], [600, 400], [0, 0], [450, 550]], [0.5, 0.5])
    assert found.status.tolist() == ["pass", "fail", "no units", "warn"]
    assert math.isnan(found.p_value[2])


def test_the_monitor_is_the_bayes_factor_of_the_definition() -> None:
    """Two arms, 52 : 48 of 20,000: log beta functions written out."""
    found = sample_ratio([10_400, 9_600], [0.5, 0.5])
    log_beta = math.lgamma(10_450) + math.lgamma(9_650) - math.lgamma(20_100)
    prior = 2 * math.lgamma(50) - math.lgamma(100)
    assert found.log_bayes_factor.item() == pytest.approx(log_beta - prior + 20_000 * math.log(2), rel=1e-9)
    assert found.monitor_status.item() == "fail"


def test_the_planted_mismatch_of_52_to_48_is_found_and_an_even_split_passes() -> None:
    assert sample_ratio([10_400, 9_600], [1, 1]).status.item() == "fail"
    assert sample_ratio([10_050, 9_950], [1, 1]).status.item() == "pass"
    assert sample_ratio([10_400, 9_600], [0.52, 0.48]).status.item() == "pass"


@pytest.mark.parametrize(
    ("counts", "split", "error"),
    [
        ([10, 10], [1.0], ParamError),
        ([10, 10, 10], [0.5, 0.5], ParamError),
        ([10, 10], [-1, 2], ParamError),
        ([10, -1], [1, 1], DataError),
        ([10, math.nan], [1, 1], DataError),
        ([10, 10, 1], [1, 1, 0], DataError),
    ],
)
def test_bad_counts_are_one_clear_error(counts: list, split: list, error: type) -> None:
    with pytest.raises(error):
        sample_ratio(counts, split)


# Families


def test_more_secondary_metrics_never_change_a_primary_one() -> None:
    alone = families([0.03], ["primary"])
    crowd = families([0.03, *[0.5] * 50], ["primary", *["secondary"] * 50])
    assert crowd.adjusted[0] == alone.adjusted[0] == 0.03
    mixed = families([0.03, *[0.5] * 50], ["secondary"] * 51)
    assert mixed.adjusted[0] > 0.03


def test_each_role_has_its_own_rule() -> None:
    p = [0.02, 0.03, 0.04]
    assert families(p, ["primary"] * 3).adjusted.tolist() == pytest.approx([0.06, 0.06, 0.06])
    assert families(p, ["secondary"] * 3).adjusted.tolist() == pytest.approx([0.04, 0.04, 0.04])
    assert families(p, ["secondary"] * 3).rejected.all()
    assert families(p, ["guardrail"] * 3).adjusted.tolist() == p
    found = families([0.02, math.nan], ["primary"] * 2)
    assert found.adjusted[0] == 0.02
    assert not found.rejected[1]


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ParamError, match="Did you mean 'primary'"):
        families([0.1], ["primry"])
    with pytest.raises(ParamError, match="one for each"):
        families([0.1, 0.2], ["primary"])


# Segments


def effect(estimate: float, error: float) -> object:
    return compare(Arm(1.0, error**2 / 2, 500), Arm(1.0 + estimate, error**2 / 2, 500))


def test_heterogeneity_agrees_with_metafor() -> None:
    """R 4.2.2, metafor 3.8.1: rma(c(.10,.25,-.05,.40), sei = c(.05,.08,.06,.12), method = "DL"), blup()."""
    effects = [effect(*pair) for pair in ((0.10, 0.05), (0.25, 0.08), (-0.05, 0.06), (0.40, 0.12))]
    found = heterogeneity(effects)  # type: ignore[arg-type]
    expected = (16.00811875480400, 0.00112964641022, 0.14619638115504, 0.15333194400393, 0.08279185910272)
    assert (found.q, found.p_value, found.tau, found.pooled, found.pooled_std_error) == pytest.approx(
        expected, rel=1e-9
    )
    blup = [0.1055848752714, 0.2277241546805, -0.0206889918861, 0.3007077379499]
    assert found.shrunk == pytest.approx(blup, rel=1e-9)


def test_segments_without_an_effect_do_not_count() -> None:
    none = compare(moments([1.0]), moments([1.0, 2.0]))
    found = heterogeneity([effect(0.1, 0.05), none, effect(0.1, 0.05)])  # type: ignore[list-item]
    assert found.df == 1
    assert math.isnan(found.shrunk[1])
    assert found.shrunk[[0, 2]] == pytest.approx([0.1, 0.1])
    assert math.isnan(heterogeneity([none]).q)


# Novelty


def test_a_fading_effect_is_found_and_a_steady_one_is_not() -> None:
    days = np.arange(14)
    wobble = 0.002 * np.sin(days**2.0)
    fading = novelty(days, 0.1 * np.exp(-days / 5) + wobble, np.full(14, 0.01))
    steady = novelty(days, 0.05 + wobble, np.full(14, 0.01))
    assert fading.slope < 0
    assert fading.p_value < 0.001
    assert fading.start > fading.end
    assert steady.p_value > 0.05


def test_the_slope_is_that_of_weighted_least_squares() -> None:
    """numpy.polyfit with w = 1 / error and cov=True scales the errors by the scatter, too."""
    x, y, e = (
        np.arange(6.0),
        np.array([3.0, 2.8, 2.9, 2.1, 2.2, 1.9]),
        np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.1]),
    )
    found = novelty(x, y, e)
    fit, cov = np.polyfit(x, y, 1, w=1 / e, cov=True)
    assert (found.slope, found.std_error) == pytest.approx((fit[0], math.sqrt(cov[0, 0])), rel=1e-9)


def test_too_few_days_have_no_slope() -> None:
    assert novelty([0, 1, 2], [1, 2, 3], [1, 1, 1]).reason == "few_days"
    with pytest.raises(DataError, match="differ in length"):
        novelty([0, 1], [1.0], [1.0])
