"""Estimates by hand, the intervals' rules, and the reasons that stand where no number may."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import estimate
from journey_lib.stats.estimate import Estimate
from journey_lib.stats.weights import rake

NAN = float("nan")


def limits(found: Estimate) -> tuple[float, float]:
    return found.ci_low, found.ci_high


def test_weighted_mean_by_hand() -> None:
    # (1·1 + 3·4) / 4 = 3.25; scores −2.25/4 and 3·0.75/4, both ±0.5625: 2 × 2 × 0.5625² and its root.
    found = estimate.mean([1.0, 4.0], [1.0, 3.0])
    assert (found.estimate, found.std_error) == pytest.approx((3.25, 2 * 0.5625))
    assert (found.n, found.n_effective, found.df) == (2, pytest.approx(16 / 10), 1)


def test_weight_of_zero_stays_in_the_design_but_not_in_n() -> None:
    found = estimate.mean([1.0, 3.0, 99.0], [1.0, 1.0, 0.0])
    assert (found.estimate, found.n, found.df) == (2.0, 2, 1)
    assert found.std_error == pytest.approx(math.sqrt(3 / 2 * 0.5))


def test_missing_answer_leaves_the_base_only() -> None:
    with_gap = estimate.mean([1.0, 3.0, NAN, 5.0])
    as_domain = estimate.mean([1.0, 3.0, 77.0, 5.0], domain=[True, True, False, True])
    assert with_gap == as_domain
    assert with_gap.n == 3


def test_reads_pandas_columns_with_missing_values() -> None:
    answers = pd.Series([1, 3, None, 5], dtype="Int64", index=[7, 7, 8, 9])
    assert estimate.mean(answers) == estimate.mean([1.0, 3.0, NAN, 5.0])


def test_ratio_by_hand() -> None:
    # R = 6 / 12; scores (y − x/2)/12 = 1/12, −1/12, 0: variance 3/2 × 2/144.
    found = estimate.ratio([2.0, 1.0, 3.0], [2.0, 4.0, 6.0])
    assert (found.estimate, found.std_error) == pytest.approx((0.5, math.sqrt(3 / 144)))


@pytest.mark.parametrize(
    ("q", "rule", "expected"), [(0.5, "math", 2), (0.5, "school", 2.5), (0.51, "math", 3), (0.1, "math", 1)]
)
def test_quantile_by_hand(q: float, rule: str, expected: float) -> None:
    assert estimate.quantile([4.0, 2.0, 1.0, 3.0], q, rule=rule).estimate == expected


def test_quantile_follows_the_weights() -> None:
    assert estimate.quantile([1.0, 2.0, 3.0], 0.5, [1.0, 1.0, 5.0]).estimate == 3
    assert estimate.quantile([1.0, 2.0, 3.0], 1 / 7, [1.0, 1.0, 5.0]).estimate == 1


def test_quantile_interval_that_runs_off_the_data_is_unbounded() -> None:
    found = estimate.quantile([1.0, 2.0, 3.0, 4.0], 0.9)
    assert found.estimate == 4
    assert math.isnan(found.ci_high)
    assert "unbounded" in found.method


def test_nps_by_hand() -> None:
    # 2 promoters, 1 passive, 1 detractor. R's closed form: 100 sqrt((p + q − (p − q)²) / (n − 1)).
    found = estimate.nps([10, 9, 8, 0])
    assert found.estimate == 25
    assert found.std_error == pytest.approx(100 * math.sqrt((0.75 - 0.0625) / 3))
    assert limits(found) == (-100, 100)


@pytest.mark.parametrize("answers", [[10, 9, 9, 10], [7, 8, 7], [0, 3, 6]])
def test_nps_without_spread_is_not_estimable(answers: list[int]) -> None:
    found = estimate.nps(answers)
    assert found.estimate in {100, 0, -100}
    assert np.isnan([found.std_error, *limits(found)]).all()
    assert found.method == "standard error not estimable: all answers are equal"


def test_mean_without_spread_has_no_standard_error() -> None:
    assert math.isnan(estimate.mean([4.0, 4.0, 4.0]).std_error)


def test_difference_by_hand() -> None:
    # Means 2 and 6; scores ∓1/2, ±1/2 of four rows: 4/3 × 1 = 4/3.
    first = np.array([True, True, False, False])
    found = estimate.difference([1.0, 3.0, 5.0, 7.0], first, ~first)
    assert (found.estimate, found.std_error) == pytest.approx((-4, math.sqrt(4 / 3)))


def test_difference_keeps_the_covariance_of_shared_units() -> None:
    # Each unit moves both groups alike, so the difference is sharper than two separate errors.
    unit = np.repeat(np.arange(6), 2)
    first = np.tile([True, False], 6)
    y = unit + np.where(first, 1.0, 0.0) + np.tile([0.1, -0.1, -0.1, 0.1], 3)
    joint = estimate.difference(y, first, ~first, psu=unit)
    apart = [estimate.mean(y, psu=unit, domain=group).std_error for group in (first, ~first)]
    assert joint.std_error < 0.2 * math.hypot(*apart)


def test_difference_of_a_group_with_itself_is_nothing() -> None:
    group = np.array([True, True, False])
    found = estimate.difference([1.0, 2.0, 3.0], group, group)
    assert (found.estimate, found.std_error) == (0, 0)


# Intervals of shares


def test_unweighted_share_gets_wilson() -> None:
    # R 4.2.2: prop.test(8, 10, correct = FALSE)$conf.int
    found = estimate.proportion([1] * 8 + [0] * 2)
    assert limits(found) == pytest.approx((0.490162471536642, 0.943317848545625), rel=1e-8)
    assert found.method == "Wilson interval"


def test_effective_size_decides_between_beta_and_logit() -> None:
    y, varied = np.tile([1, 0, 0], 14), np.tile([1.0, 1.2], 21)
    assert estimate.proportion(y, varied).method.endswith("logit t interval")
    assert estimate.proportion(y[:27], varied[:27]).method.endswith("Korn-Graubard interval")


@pytest.mark.parametrize("answer", [0, 1])
def test_share_of_none_or_all_gets_the_exact_limit(answer: int) -> None:
    # Rows are the units, so both t quantiles agree and n* = (Σw)²/Σw² = 36/10; (0.025)^(1/3.6) = 0.35890…
    weights = [1.0, 1.0, 2.0, 2.0]
    found = estimate.proportion([answer] * 4, weights)
    tail = 0.025 ** (1 / 3.6)
    assert limits(found) == pytest.approx((tail, 1) if answer else (0, 1 - tail))
    assert math.isnan(found.std_error)
    assert "exact interval; standard error not estimable" in found.method


def test_exact_limit_pays_for_few_units() -> None:
    # n* = 6 (t(.975, 5) / t(.975, 2))² with R's qt: 6 (2.570581835636 / 4.302652729749)²
    found = estimate.proportion([0] * 6, psu=[1, 1, 2, 2, 3, 3])
    size = 6 * (2.570581835636314 / 4.302652729749462) ** 2
    assert found.ci_high == pytest.approx(1 - 0.025 ** (1 / size), rel=1e-8)


def test_share_fixed_by_its_own_margin_is_certain() -> None:
    plan = np.array(["a", "a", "a", "b", "b"])
    made = rake({"plan": plan}, {"plan": {"a": 0.5, "b": 0.5}})
    found = estimate.proportion(plan == "a", calibration=made)
    assert (found.estimate, *limits(found)) == pytest.approx((0.5, 0.5, 0.5))
    assert "nothing left to chance" in found.method


# Too little data is an answer, not an exception


@pytest.mark.parametrize("call", [estimate.mean, estimate.proportion, estimate.total, estimate.nps])
def test_no_valid_row(call) -> None:
    for found in (call([NAN, NAN]), call([]), call([1.0, 0.0], [0.0, 0.0])):
        assert np.isnan([found.estimate, found.std_error, *limits(found)]).all()
        assert (found.n, found.method) == (0, "not estimable: no valid row")


def test_no_valid_row_elsewhere() -> None:
    nobody = np.array([False, False])
    assert estimate.quantile([NAN], 0.5).method == "not estimable: no valid row"
    assert estimate.ratio([NAN], [1.0]).method == "not estimable: no valid row"
    found = estimate.difference([1.0, 2.0], ~nobody, nobody)
    assert math.isnan(found.estimate)
    assert found.method == "not estimable: no valid row in one of the two groups"


def test_one_row() -> None:
    for call in (estimate.mean, estimate.total, estimate.nps, lambda y: estimate.quantile(y, 0.5)):
        found = call([7.0])
        assert not math.isnan(found.estimate)
        assert np.isnan([found.std_error, *limits(found)]).all()
        assert "too few sampling units" in found.method


def test_one_sampling_unit_in_the_domain() -> None:
    unit, inside = [1, 1, 2, 3], [True, True, False, False]
    assert math.isnan(estimate.mean([1.0, 2.0, 3.0, 4.0], psu=unit, domain=inside).std_error)
    found = estimate.total([1.0, 2.0, 3.0, 4.0], psu=unit, domain=inside)
    assert found.std_error == pytest.approx(3)  # totals 3, 0, 0: 3/2 × (4 + 1 + 1) = 9
    assert math.isnan(found.ci_low)
    assert "interval not estimable" in found.method


def test_ratio_over_nothing() -> None:
    assert estimate.ratio([1.0, 2.0], [0.0, 0.0]).method == "not estimable: the denominator is 0"


# Mistakes


@pytest.mark.parametrize("code", [11, -1, 99, 6.5])
def test_nps_refuses_other_codes_without_showing_them(code: float) -> None:
    with pytest.raises(DataError, match="1 of 3 rows hold another value") as caught:
        estimate.nps([9, 10, code])
    assert str(code) not in str(caught.value).replace("-10", "").replace("1 of 3", "")


MISTAKES = {
    "negative": ({"weights": [1.0, -1.0]}, DataError, "1 of 2 rows are negative"),
    "missing": ({"weights": [1.0, NAN]}, DataError, "1 of 2 rows are missing or infinite"),
    "length": ({"weights": [1.0]}, DataError, r"weights: has shape \(1,\)"),
    "words": ({"weights": ["a", "b"]}, DataError, "not a number"),
    "domain": ({"domain": [1, 0]}, DataError, "not an array of True and False"),
    "level": ({"level": 95}, ParamError, "level: is 95"),
    "lonely": ({"lonely": "ignore"}, ParamError, '"ignore" is not a choice'),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes(case: str) -> None:
    options, kind, message = MISTAKES[case]
    with pytest.raises(kind, match=message):
        estimate.mean([1.0, 2.0], **options)


def test_more_mistakes() -> None:
    with pytest.raises(DataError, match="0, 1 or missing"):
        estimate.proportion([0, 1, 2])
    with pytest.raises(DataError, match="not a number"):
        estimate.mean(["high", "low"])
    with pytest.raises(DataError, match="has shape"):
        estimate.mean([[1.0], [2.0]])
    with pytest.raises(ParamError, match=r"q: is 1\.5"):
        estimate.quantile([1.0, 2.0], 1.5)
    with pytest.raises(ParamError, match="rule"):
        estimate.quantile([1.0, 2.0], 0.5, rule="linear")
    with pytest.raises(ParamError, match="kind"):
        estimate.by_domain("median", [1.0], [0], 1)
    with pytest.raises(DataError, match="1 rows lie outside the domains"):
        estimate.by_domain("mean", [1.0, 2.0], [0, 2], 2)
    with pytest.raises(DataError, match="whole numbers"):
        estimate.by_domain("mean", [1.0, 2.0], [0.0, 1.0], 2)
    with pytest.raises(ParamError, match="n_domains"):
        estimate.by_domain("mean", [1.0], [0], 0)


# Many domains at once


def test_by_domain_by_hand() -> None:
    found = estimate.by_domain("mean", [1.0, 3.0, 5.0, 9.0, NAN], [0, 0, 1, -1, 2], 4)
    assert len(found) == 4
    assert found.n.tolist() == [2, 1, 0, 0]
    assert found.estimate[:2].tolist() == [2, 5]
    assert np.isnan(found.estimate[2:]).all()
    assert found.method[1] == "standard error not estimable: too few sampling units"
    assert found.one(0) == estimate.mean([1.0, 3.0, 5.0, 9.0, NAN], domain=[True, True, False, False, False])


def test_blocks_of_domains_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    y, codes, unit = rng.normal(size=200), rng.integers(-1, 40, 200), rng.integers(0, 30, 200)
    whole = estimate.by_domain("mean", y, codes, 40, psu=unit)
    monkeypatch.setattr("journey_lib.stats.linearisation._CHUNK", 1000)  # 5 domains at a time
    pieces = estimate.by_domain("mean", y, codes, 40, psu=unit)
    np.testing.assert_allclose(pieces.std_error, whole.std_error, rtol=1e-12)


def test_a_sample_read_once_gives_the_same_numbers() -> None:
    rng = np.random.default_rng(4)
    y, codes, w = rng.integers(0, 11, 90), rng.integers(-1, 3, 90), rng.uniform(1, 2, 90)
    unit, stratum = np.arange(90) // 3, np.arange(90) // 45
    design = {"psu": unit, "strata": stratum, "level": 0.9}
    sample = estimate.Sample(90, w, **design)
    for k in range(3):
        inside = codes == k
        expected = estimate.nps(y, w, **design, domain=inside)
        assert sample.one("nps", y, inside) == sample.by_domain("nps", y, codes, 3).one(k) == expected
    expected = estimate.difference(y, codes == 0, codes == 1, w, **design)
    assert sample.difference(y, codes == 0, codes == 1) == expected
    with pytest.raises(DataError, match="y: has 2 rows"):
        sample.by_domain("mean", [1.0, 2.0], [0, 0], 1)
