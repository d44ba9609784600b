"""Reliability: against psych and lavaan, against hand-counted answers, and where it must refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import reliability

REVERSE = [False, False, False, True, False]


def reference_answers() -> pd.DataFrame:
    """Return the rows of tests/references/reliability.R, the fourth item keyed the other way round."""
    i = np.arange(200)
    common = np.sin(i * 1.7) * 1.6
    answers = np.column_stack(
        [
            np.clip(np.round(3 + common * (1 - 0.12 * j) + 1.1 * np.cos(i * (2 + j) + j)), 1, 5)
            for j in range(1, 6)
        ]
    )
    answers[:, 3] = 6 - answers[:, 3]
    return pd.DataFrame(answers, columns=[f"q{j}" for j in range(1, 6)])


# Against R: `Rscript tests/references/reliability.R` (R 4.2.2, psych 2.2.9, lavaan 0.6-14)


def test_alpha_agrees_with_psych() -> None:
    found = reliability.alpha(reference_answers(), reverse=REVERSE)
    assert found.alpha == pytest.approx(0.77948462924, rel=1e-10)
    assert found.standardised == pytest.approx(0.777139011213, rel=1e-10)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.727187789223, 0.824361235787), rel=1e-8)
    rest = [0.620541784205, 0.625656397034, 0.582518758137, 0.50890675836, 0.440229493161]
    assert found.items["item_rest"].to_numpy() == pytest.approx(rest, rel=1e-10)
    without = [0.715539796547, 0.712865352777, 0.728822245219, 0.753060700403, 0.772796028365]
    assert found.items["alpha_without"].to_numpy() == pytest.approx(without, rel=1e-8)
    assert found.items["reverse"].tolist() == REVERSE
    assert found.items.loc["q4", "mean"] == pytest.approx(reference_answers()["q4"].mean())


def test_pairwise_alpha_agrees_with_psych() -> None:
    holes = reference_answers()
    holes.loc[:19, "q1"] = np.nan
    holes.loc[10:39, "q3"] = np.nan
    found = reliability.alpha(holes, reverse=REVERSE, missing="pairwise")
    # psych divides by n - 1 of each pair, which moves the fifth digit where pairs have different sizes.
    assert found.alpha == pytest.approx(0.781550396945, abs=2e-4)
    assert found.n == 200
    assert reliability.alpha(holes, reverse=REVERSE).n == 160


def test_omega_agrees_with_lavaan() -> None:
    found = reliability.omega(reference_answers(), reverse=REVERSE)
    assert found.omega == pytest.approx(0.791140431292, rel=1e-6)
    loadings = [0.727238726964, 0.733708344258, 0.675733012143, 0.578169196344, 0.497101725738]
    assert found.items["loading"].to_numpy() == pytest.approx(loadings, rel=1e-5)
    assert found.reason == ""


def test_polychoric_correlations_agree_with_psych() -> None:
    answers = reference_answers()
    answers["q4"] = 6 - answers["q4"]
    found = reliability.polychoric(answers)
    wanted = [
        0.579246698473, 0.523899972059, 0.47422333854, 0.379339040149, 0.551766908971, 0.434329004936,
        0.408720226011, 0.411884523066, 0.371348963338, 0.327422952571,
    ]  # fmt: skip
    assert found.T[np.triu_indices(5, 1)[::-1]] == pytest.approx(found[np.triu_indices(5, 1)])
    assert found[np.triu_indices(5, 1)] == pytest.approx(wanted, abs=2e-4)  # psych's search stops at 1e-4
    assert reliability.ordinal_alpha(answers) == pytest.approx(0.801146441314, abs=1e-4)


def test_weighted_alpha_is_that_of_the_weighted_covariances() -> None:
    covariance = np.zeros((5, 5))  # cov.wt(turned, 1 + i %% 3, method = "ML") of the same R run
    covariance[np.triu_indices(5)] = [
        1.61882148981, 0.789586748827, 0.691804699719, 0.562816816477, 0.401228635499, 1.4260086306,
        0.651591384476, 0.504305877476, 0.415927035634, 1.21300745598, 0.443973341876, 0.348295550907,
        1.04484268315, 0.274275915352, 0.841879133925,
    ]  # fmt: skip
    covariance += np.triu(covariance, 1).T
    found = reliability.alpha(reference_answers(), 1 + np.arange(200) % 3, reverse=REVERSE)
    assert found.alpha == pytest.approx(5 / 4 * (1 - np.trace(covariance) / covariance.sum()), rel=1e-10)
    assert found.n_effective == pytest.approx(171.4284, rel=1e-3)


# By hand and by law


def test_two_items_by_hand() -> None:
    # Variances 2/3 and 2/3, covariance 1/3: alpha = 2 (1 - (4/3) / 2) = 2/3, correlation 1/2 doubled is 2/3.
    found = reliability.alpha([[1, 1], [2, 3], [3, 2]])
    assert found.alpha == pytest.approx(2 / 3)
    assert found.spearman_brown == pytest.approx(2 / 3)
    assert reliability.omega([[1, 1], [2, 3], [3, 2]]).reason == "two_items"


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), shift=st.floats(-5, 5), factor=st.floats(0.1, 9))
def test_alpha_does_not_mind_units_row_order_or_repeats(seed: int, shift: float, factor: float) -> None:
    rng = np.random.default_rng(seed)
    answers = rng.normal(size=(40, 4)) + rng.normal(size=(40, 1))
    found = reliability.alpha(answers)
    assert reliability.alpha(rng.permutation(answers * factor + shift)).alpha == pytest.approx(found.alpha)
    assert reliability.alpha(np.repeat(answers, 2, axis=0)).alpha == pytest.approx(found.alpha)
    assert found.ci_low < found.alpha < found.ci_high


@settings(deadline=None, max_examples=15)
@given(loading=st.floats(0.5, 2), seed=st.integers(0, 1000))
def test_with_equal_loadings_alpha_omega_and_the_truth_meet(loading: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = loading * rng.normal(size=(4_000, 1)) + rng.normal(size=(4_000, 5))
    truth = 25 * loading**2 / (25 * loading**2 + 5)
    assert reliability.alpha(answers).alpha == pytest.approx(truth, abs=0.03)
    assert reliability.omega(answers).omega == pytest.approx(truth, abs=0.03)


def test_polychoric_correlation_finds_the_attitude_behind_coarse_answers() -> None:
    rng = np.random.default_rng(5)
    attitude = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=20_000)
    answers = np.digitize(attitude, [0.0, 1.2])
    assert reliability.polychoric(answers)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert np.corrcoef(answers.T)[0, 1] < 0.55


def test_feldt_interval_covers_nominally() -> None:
    """400 surveys of 120 answering five equal items: 95 % ± 4 Monte Carlo errors."""
    rng = np.random.default_rng(11)
    truth, hits = 25 / 30, 0
    for _ in range(400):
        found = reliability.alpha(rng.normal(size=(120, 1)) + rng.normal(size=(120, 5)))
        hits += found.ci_low <= truth <= found.ci_high
    assert 0.906 <= hits / 400 <= 0.994


def test_an_item_that_runs_against_the_others_is_named_and_not_turned() -> None:
    found = reliability.alpha(reference_answers())
    assert found.against == ("q4",)
    assert found.alpha < 0.6


def test_a_constant_item_is_left_out_by_name() -> None:
    answers = reference_answers().assign(q6=3)
    found = reliability.alpha(answers, reverse=[*REVERSE, False])
    assert found.constant == ("q6",)
    assert found.alpha == pytest.approx(0.77948462924)


def test_an_item_that_is_the_factor_itself_is_said() -> None:
    rng = np.random.default_rng(1)
    common = rng.normal(size=(400, 1))
    answers = np.hstack([common, common + rng.normal(size=(400, 2)) * 2])
    assert reliability.omega(answers).reason == "heywood"
    twins = np.hstack([common, common, rng.normal(size=(400, 1))])
    assert reliability.omega(twins).reason == "no_fit"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([[1], [2], [3]], "rows × items"),
        ([[1, 1], [2, 2]], "2 rows have the answers needed"),
        ([[1, 1], [2, 1], [3, 1]], "1 of 2 items have different answers"),
        ([["a", 1], ["b", 2], ["c", 3]], "not a number"),
        ([[1, np.nan], [2, np.nan], [3, 1]], "1 rows have the answers needed"),
    ],
)
def test_unusable_items_are_named(items: list, words: str) -> None:
    with pytest.raises(DataError, match=words):
        reliability.alpha(items)


def test_an_unknown_rule_for_missing_answers_is_named() -> None:
    with pytest.raises(ParamError, match="listwise"):
        reliability.alpha(reference_answers(), missing="listwize")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="one for each of 5 items"):
        reliability.alpha(reference_answers(), reverse=[True])
