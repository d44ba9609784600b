"""Drivers: against R, against the definitions, and where they must refuse."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import drivers
from journey_lib.stats.drivers.importance import johnson_shares, lmg_shares

SAMPLES = pd.read_csv(Path(__file__).parent.parent / "references" / "api.csv")
CLUSTERS = SAMPLES[SAMPLES["sample"] == "clus1"].reset_index(drop=True)
STRATA = SAMPLES[SAMPLES["sample"] == "strat"].reset_index(drop=True)
NAMES = ["api99", "enroll", "api_stu"]


def planted(seed: int, rows: int = 400, count: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return correlated drivers, an outcome they move by 3, 2, 1 …, and uneven weights."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, count)) + rng.normal(size=(rows, 1))
    return x, x @ np.arange(count, 0, -1) + rng.normal(size=rows) * 3, rng.uniform(0.2, 3, rows)


# Against R: `Rscript tests/references/drivers.R` (R 4.2.2, survey 4.1-1, MASS 7.3-58.2)


def test_linear_model_agrees_with_svyglm() -> None:
    fit = drivers.linear(
        CLUSTERS[NAMES], CLUSTERS["api00"], CLUSTERS["pw"], psu=CLUSTERS["dnum"], fpc=CLUSTERS["fpc1"]
    )
    assert fit.coefficient == pytest.approx(
        [105.338769528, 0.902818932086, 0.128554539364, -0.170904466523], rel=1e-8
    )
    assert fit.std_error == pytest.approx(
        [12.5881958478, 0.0201965970659, 0.0538859567985, 0.0670494038099], rel=1e-8
    )
    assert fit.df == 11
    assert list(fit.table.index) == ["intercept", *NAMES]


def ordered() -> tuple[pd.DataFrame, np.ndarray]:
    level = np.digitize(STRATA["api00"], [550.5, 650.5, 750.5])  # R's cut is closed at right
    return pd.DataFrame({"z99": STRATA["api99"] / 100, "z_enroll": STRATA["enroll"] / 1000}), level


def test_ordinal_model_agrees_with_polr() -> None:
    fit = drivers.ordinal(*ordered())
    wanted = [5.74202675368, -1.44519002468, 28.5612385696, 34.5230136323, 40.640962152]
    assert fit.coefficient == pytest.approx(wanted, rel=1e-5)  # polr stops earlier
    counts = np.bincount(ordered()[1])
    empty = counts @ np.log(counts / counts.sum())
    assert fit.r_squared == pytest.approx(1 + 159.757144835 / 2 / empty, rel=1e-9)


def test_ordinal_model_agrees_with_svyolr() -> None:
    fit = drivers.ordinal(*ordered(), STRATA["pw"], strata=STRATA["stype"], fpc=STRATA["fpc1"])
    wanted = [5.55648379466, -1.49568546202, 27.4937656118, 33.0643640072, 39.2038533303]
    assert fit.coefficient == pytest.approx(wanted, rel=1e-5)
    errors = [0.625506754093, 0.422891941323, 3.13689943613, 3.78541250707, 4.3899602588]
    assert fit.std_error == pytest.approx(errors, rel=1e-3)  # svyolr takes its second derivatives numerically
    assert fit.names == ("z99", "z_enroll", "0|1", "1|2", "2|3")


def test_shares_agree_with_their_definition_in_r() -> None:
    weights = CLUSTERS["pw"] + CLUSTERS["snum"] % 5
    found = drivers.lmg(CLUSTERS[NAMES], CLUSTERS["api00"], weights)
    assert found.shares == pytest.approx([0.920539188735, 0.00765485792948, 0.00761849887755], rel=1e-8)
    assert found.r_squared == pytest.approx(0.935812545542, rel=1e-10)
    other = drivers.johnson(CLUSTERS[NAMES], CLUSTERS["api00"], weights)
    assert other.shares == pytest.approx([0.920899934692, 0.00725389167245, 0.00765871917781], rel=1e-8)


# Laws


def shapley(correlations: np.ndarray) -> np.ndarray:
    """Return the mean gain of R² over all orders, order by order."""
    count = len(correlations) - 1

    def explained(chosen: tuple[int, ...]) -> float:
        at = sorted(chosen)
        r = correlations[at, -1]
        return float(r @ np.linalg.solve(correlations[np.ix_(at, at)], r)) if at else 0.0

    gains = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        for place, driver in enumerate(order):
            gains[driver] += explained(order[: place + 1]) - explained(order[:place])
    return gains / len(orders)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 5))
def test_lmg_is_the_shapley_value(seed: int, count: int) -> None:
    x, y, _ = planted(seed, rows=40, count=count)
    found = drivers.lmg(x, y)
    assert found.shares == pytest.approx(shapley(np.corrcoef(np.column_stack([x, y]).T)), abs=1e-10)
    assert found.shares.sum() == pytest.approx(found.r_squared)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 6))
def test_both_shares_add_up_and_do_not_mind_units_or_order(seed: int, count: int) -> None:
    x, y, w = planted(seed, rows=60, count=count)
    order = np.random.default_rng(seed).permutation(count)
    for measure in (drivers.lmg, drivers.johnson):
        found = measure(x, y, w)
        turned = measure((x * 7 + 3)[:, order], -2 * y, w * 10)
        assert found.shares.sum() == pytest.approx(found.r_squared)
        assert turned.shares == pytest.approx(found.shares[order])


def test_many_matrices_at_once_give_what_each_gives_alone() -> None:
    matrices = np.stack([np.corrcoef(np.column_stack(planted(seed)[:2]).T) for seed in range(3)])
    for shares in (lmg_shares, johnson_shares):
        assert shares(matrices) == pytest.approx(np.stack([shares(one) for one in matrices]))


def test_weights_count_like_repeated_rows() -> None:
    x, y, _ = planted(4, rows=50)
    times = np.arange(50) % 3
    weighted = drivers.lmg(x, y, times)
    repeated = drivers.lmg(np.repeat(x, times, axis=0), np.repeat(y, times))
    assert weighted.shares == pytest.approx(repeated.shares)
    assert (weighted.n, weighted.dropped) == (33, 17)


def test_a_suppressor_is_marked_and_the_table_is_sorted() -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(size=500)
    x = np.column_stack([base, base * 0.9 + rng.normal(size=500) * 0.4])
    found = drivers.lmg(x, 2 * x[:, 0] - x[:, 1] + rng.normal(size=500) * 0.1, names=["plain", "helped"])
    assert found.suppressor.tolist() == [False, True]
    assert found.table.index[0] == "plain"
    assert np.asarray(found) == pytest.approx(found.shares)
    assert found.relative.sum() == pytest.approx(1)


def test_rows_without_an_answer_are_left_out_and_counted() -> None:
    x, y, w = planted(1)
    holes = x.copy()
    holes[:7, 0], y[7] = np.nan, np.nan
    found = drivers.lmg(holes, y, w)
    assert (found.n, found.dropped) == (392, 8)
    assert found.shares == pytest.approx(drivers.lmg(x[8:], y[8:], w[8:]).shares)


# Resampling


def test_the_interval_of_a_clear_driver_holds_the_truth_and_its_rank() -> None:
    x, y, w = planted(5, rows=2_000)
    found, sure = drivers.lmg(x, y, w), drivers.bootstrap(x, y, w, draws=300, seed=1)
    assert (sure.ci_low < found.shares).all()
    assert (found.shares < sure.ci_high).all()
    assert sure.rank_low.tolist() == sure.rank_high.tolist() == [1, 2, 3]
    assert sure.first.tolist() == [1, 0, 0]


def test_clusters_widen_the_interval() -> None:
    x, y, _ = planted(6, rows=300)
    copies = np.repeat(np.arange(300), 5)
    alone = drivers.bootstrap(x[copies], y[copies], draws=300)
    known = drivers.bootstrap(x[copies], y[copies], psu=copies, draws=300)
    ratio = (known.ci_high - known.ci_low) / (alone.ci_high - alone.ci_low)
    assert ratio == pytest.approx(np.sqrt(5), rel=0.25)


def test_a_seed_gives_the_same_interval() -> None:
    x, y, w = planted(7)
    one, two, other = (drivers.bootstrap(x, y, w, draws=50, seed=seed) for seed in (3, 3, 4))
    assert one.ci_low.tolist() == two.ci_low.tolist() != other.ci_low.tolist()


def test_the_interval_of_a_share_covers_nominally() -> None:
    """200 surveys of 300: 95 % ± 4 Monte Carlo errors for the middle driver's share."""
    truth = drivers.lmg(*planted(99, rows=400_000)[:2]).shares[1]
    hits = 0
    for seed in range(200):
        x, y, _ = planted(seed, rows=300)
        sure = drivers.bootstrap(x, y, draws=200, seed=seed)
        hits += bool(sure.ci_low[1] <= truth <= sure.ci_high[1])
    assert 0.888 <= hits / 200 <= 1


def test_strata_are_drawn_apart() -> None:
    x, y, w = planted(8, rows=60)
    strata = np.arange(60) % 2
    assert drivers.bootstrap(x, y, w, strata=strata, draws=40).draws == 40


def test_proportional_odds_are_tested_driver_by_driver() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(6_000, 2))
    # The second driver only lifts people over the last threshold.
    y = np.where(
        x[:, 0] + rng.logistic(size=6_000) > 0, np.where(x[:, 1] + rng.logistic(size=6_000) > 0, 2, 1), 0
    )
    fit = drivers.ordinal(x, y)
    assert fit.parallel[1] < 1e-6
    even = np.digitize(x @ [1.0, 0.5] + rng.logistic(size=6_000), [-1, 1])
    assert (drivers.ordinal(x, even).parallel > 0.01).all()


# What it refuses


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (
            np.column_stack([np.arange(9.0), np.arange(9.0) * 2, np.arange(9.0) % 2]),
            np.arange(9) % 4,
            "say the same",
        ),
        (np.ones((9, 1)), np.arange(9), "driver 1: has one value"),
        (np.arange(9.0)[:, None], np.ones(9), "y: has one value"),
        (np.arange(2.0)[:, None], np.arange(2), "2 rows answer every driver"),
        (np.array([["a"], ["b"], ["c"], ["d"]]), np.arange(4), "not a number"),
        (np.arange(4.0), np.arange(4), "rows × drivers"),
        (np.arange(5.0)[:, None], np.arange(4), "one value for each of 5 rows"),
    ],
)
def test_unusable_rows_are_named(x: np.ndarray, y: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        drivers.lmg(x, y)


def test_the_pair_that_says_the_same_is_named() -> None:
    x, y, _ = planted(1)
    with pytest.raises(DataError, match="'price' and 'cost'"):
        drivers.johnson(np.column_stack([x, x[:, 1]]), y, names=["help", "price", "speed", "cost"])


def test_too_many_drivers_for_lmg_are_sent_to_johnson() -> None:
    x, y, _ = planted(1, count=13)
    with pytest.raises(ParamError, match="Use johnson"):
        drivers.lmg(x, y)
    assert drivers.bootstrap(x, y, draws=5).draws == 5


def test_an_ordinal_model_wants_three_levels_that_overlap() -> None:
    x = np.arange(30.0)[:, None]
    with pytest.raises(DataError, match="2 levels"):
        drivers.ordinal(x, x[:, 0] > 9)
    with pytest.raises(DataError, match="part the answers completely"):
        drivers.ordinal(x, x[:, 0] // 10)


def test_a_model_with_more_terms_than_clusters_is_refused() -> None:
    x, y, _ = planted(1)
    with pytest.raises(DataError, match="no degree of freedom"):
        drivers.linear(x, y, psu=np.arange(400) % 3)


def test_a_sample_read_before_gives_the_same_models() -> None:
    from journey_lib.stats.estimate import Sample

    x, y, w = planted(3)
    unit = np.arange(400) // 4
    sample = Sample(400, w, psu=unit)
    levels = np.digitize(y, [-3, 3])
    for model, outcome in ((drivers.linear, y), (drivers.ordinal, levels)):
        assert model(x, outcome, sample=sample).std_error == pytest.approx(
            model(x, outcome, w, psu=unit).std_error
        )
    one, two = (
        drivers.bootstrap(x, y, sample=sample, draws=40),
        drivers.bootstrap(x, y, w, psu=unit, draws=40),
    )
    assert one.ci_low == pytest.approx(two.ci_low)
    assert (one.relative_error > 0).all()
