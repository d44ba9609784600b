"""Tables: against R, against hand-worked letters, and laws of weighted tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import tables
from journey_lib.stats.estimate import Sample

SAMPLES = pd.read_csv(Path(__file__).parent.parent / "references" / "api.csv")
STRATA = SAMPLES[SAMPLES["sample"] == "strat"].reset_index(drop=True)
CLUSTERS = SAMPLES[SAMPLES["sample"] == "clus1"].reset_index(drop=True)
DESIGNS = {
    "dstrat": (STRATA, {"strata": STRATA["stype"], "fpc": STRATA["fpc1"]}),
    "dclus": (CLUSTERS, {"psu": CLUSTERS["dnum"], "fpc": CLUSTERS["fpc1"]}),
}


def level(frame: pd.DataFrame) -> np.ndarray:
    return np.digitize(frame["api00"], [550.5, 650.5, 750.5])  # R's cut is closed at right


# Against R: `Rscript tests/references/tables.R` (R 4.2.2, survey 4.1-1)


@pytest.mark.parametrize(
    ("name", "row", "wanted"),
    [
        ("dstrat", "sch_wide", (17.2474439639, 1.82867150416, 360.24828632, 2.03504635947e-07)),
        ("dstrat", "level", (1.35507499849, 5.68784613388, 1120.50568837, 0.232576728473)),
        ("dclus", "sch_wide", (5.19336954147, 1.49463977771, 20.9249568879, 0.0217474623708)),
        ("dclus", "level", (0.92782548442, 3.09381537062, 43.3134151887, 0.437762802161)),
    ],
)
def test_rao_scott_agrees_with_svychisq(name: str, row: str, wanted: tuple[float, ...]) -> None:
    frame, design = DESIGNS[name]
    rows = level(frame) if row == "level" else frame["sch_wide"]
    found = tables.rao_scott(rows, frame["stype"], frame["pw"], **design)
    assert (found.statistic, found.df, found.df_residual, found.p_value) == pytest.approx(wanted, rel=1e-8)


def test_rao_scott_leaves_rows_without_an_answer_in_the_design() -> None:
    frame, design = DESIGNS["dstrat"]
    rows = level(frame).astype(float)
    rows[:20] = np.nan
    found = tables.rao_scott(rows, frame["stype"], frame["pw"], **design)
    assert found.n == 180
    # R drops them from the strata, which moves the third digit: 1.38242548112.
    assert found.statistic == pytest.approx(1.38242548112, rel=5e-3)


def test_uneven_weights_make_rao_scott_less_sure_where_the_sample_says_so() -> None:
    rng = np.random.default_rng(22)
    rows, columns = rng.integers(0, 2, 200), rng.integers(0, 3, 200)
    weight = np.exp(rng.normal(size=200))
    plain, wary = (
        tables.rao_scott(rows, columns, sample=Sample(200, weight, degrees=d))
        for d in ("design", "equivalent")
    )
    assert wary.statistic == plain.statistic
    assert wary.df_residual < plain.df_residual
    assert wary.p_value > plain.p_value


def test_rao_scott_of_single_rows_is_that_of_clusters_of_one() -> None:
    """Two strata of which one is not counted take the general way; one stratum takes the short one."""
    rng = np.random.default_rng(21)
    rows, columns = rng.integers(0, 3, 300), rng.integers(0, 4, 300)
    weight = rng.uniform(0.3, 4, 300)
    short = tables.rao_scott(rows, columns, weight)
    unit = np.repeat(np.arange(300), 1)
    doubled = [np.concatenate([x, x]) for x in (rows, columns, weight / 2, unit)]
    long = tables.rao_scott(*doubled[:3], psu=doubled[3])  # each person twice, with half the weight
    assert long.df == pytest.approx(short.df, rel=1e-9)
    assert long.statistic == pytest.approx(short.statistic, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "shares", "errors"),
    [
        (
            "dstrat",
            [0.2, 0.23, 0.26, 0.31, 0.28, 0.3, 0.3, 0.12, 0.24, 0.28, 0.3, 0.18],
            [
                0.0397442466831, 0.0418141775504, 0.0435829689919, 0.0459536138669, 0.0619823883187,
                0.0632605101749, 0.0632605101749, 0.0448595591971, 0.0594946846138, 0.0625476523364,
                0.0638374303472, 0.0535191156312,
            ],
        ),
        (
            "dclus",
            [
                0.215277777778, 0.263888888889, 0.340277777778, 0.180555555556, 0.285714285714,
                0.214285714286, 0.5, 0, 0.28, 0.24, 0.36, 0.12,
            ],
            [
                0.0638033566426, 0.0500256686868, 0.0718853094583, 0.0473628608131, 0.15008702842,
                0.103255182049, 0.200464844104, np.nan, 0.150367370473, 0.100942768618, 0.0968653207122,
                0.0582023981856,
            ],
        ),
    ],
)  # fmt: skip
def test_shares_and_errors_agree_with_svyby(name: str, shares: list[float], errors: list[float]) -> None:
    frame, design = DESIGNS[name]
    made = tables.crosstab(level(frame), frame["stype"], frame["pw"], **design)
    assert made.columns == ("E", "H", "M")
    assert made.share.T.ravel() == pytest.approx(shares, rel=1e-9)
    assert made.std_error.T.ravel() == pytest.approx(
        errors, rel=1e-9, nan_ok=True
    )  # R says 0 where nobody is


# Letters by hand


def test_letters_of_a_hand_worked_table() -> None:
    """40 of 100 against 30 of 100 and 22 of 80, every weight 1.

    A-B: pooled .35, error √(.35 × .65 × .02) = .067454, z = 1.4825, p = .138.
    A-C: pooled 62/180 = .34444, error √(.34444 × .65556 × .0225) = .071278, z = 1.7537, p = .0795.
    B-C: pooled 52/180 = .28889, error .067988, z = .3677, p = .713.
    """
    ticked = np.concatenate([np.arange(100) < 40, np.arange(100) < 30, np.arange(80) < 22]).astype(int)
    columns = np.repeat(["A", "B", "C"], [100, 100, 80])
    made = tables.crosstab(ticked, columns)
    found = tables.letters(made)
    assert found.p_value[1, 0, 1] == pytest.approx(0.1382, abs=1e-4)
    assert found.p_value[1, 0, 2] == pytest.approx(0.0795, abs=1e-4)
    assert found.cells.tolist() == [["", "", "a"], ["c", "", ""]]
    assert tables.letters(made, second=None).cells.tolist() == [["", "", ""], ["", "", ""]]
    assert tables.letters(made, level=0.92, second=0.8).cells.tolist() == [["", "a", "A"], ["bC", "", ""]]
    three = tables.letters(made, correction="bonferroni").p_value[1, 0, 2]
    assert three == pytest.approx(3 * 0.0795, abs=3e-4)
    assert np.isnan(tables.letters(made, pairs="adjacent").p_value[1, 0, 2])
    assert np.isnan(tables.letters(made, blocks=[1, 1, 2]).p_value[1, 0, 2])


def test_letters_of_means_are_welch_tests() -> None:
    # scipy 1.17: stats.ttest_ind(a, b, equal_var=False).pvalue, computed here
    from scipy import stats

    rng = np.random.default_rng(3)
    a, b = rng.normal(3.0, 1, 60), rng.normal(3.6, 2, 45)
    sample = Sample(105)
    made = tables.means(np.concatenate([a, b]), np.repeat([0, 1], [60, 45]), ["a", "b"], sample)
    found = tables.letters(made)
    assert found.p_value[0, 0, 1] == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, rel=1e-9)
    assert made.std_dev == pytest.approx([a.std(ddof=1), b.std(ddof=1)])
    assert "Welch" in found.words


def test_clusters_take_letters_away() -> None:
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(40), 25)
    columns = cluster % 2
    ticked = (rng.normal(size=40)[cluster] * 2 + rng.normal(size=1000) + columns * 0.4 > 0).astype(int)
    made = tables.crosstab(ticked, columns, psu=cluster)
    plain, known = tables.letters(made), tables.letters(made, test="linearised")
    assert plain.p_value[1, 0, 1] < known.p_value[1, 0, 1]
    assert known.p_value[1, 0, 1] == pytest.approx(
        made.sample.difference(ticked, columns == 0, columns == 1, kind="proportion").std_error * 0
        + known.p_value[0, 0, 1]
    )


def test_both_all_or_both_nobody_is_not_tested_and_thin_columns_have_no_letters() -> None:
    rows = [[1, 0], [1, 1]] * 20 + [[1, 1]] * 9
    made = tables.crosstab(np.array(rows), ["a", "b"] * 20 + ["c"] * 9)
    found = tables.letters(made)
    assert np.isnan(found.p_value[0]).all()
    assert found.tested.tolist() == [True, True, False]
    assert np.isnan(found.p_value[1, :, 2]).all()


def test_false_letters_are_as_rare_as_promised() -> None:
    """2,000 questions to two equal columns of 400: 5 % ± 4 Monte Carlo errors under uneven weights."""
    rng = np.random.default_rng(8)
    alarms = 0
    for _ in range(20):
        weights = rng.gamma(2, 1, 800)  # design effect 1.5
        made = tables.crosstab((rng.random((800, 100)) < 0.4).astype(int), np.arange(800) % 2, weights)
        alarms += int((tables.letters(made).p_value[:, 0, 1] < 0.05).sum())
    assert 0.031 <= alarms / 2_000 <= 0.069


def test_versus_rest_compares_with_everybody_else() -> None:
    columns = np.repeat(["a", "b", "c"], [50, 60, 70])
    ticked = np.concatenate([np.arange(50) < 30, np.arange(60) < 20, np.arange(70) < 35]).astype(int)
    gap, error, p = tables.versus_rest(tables.crosstab(ticked, columns))
    assert gap[1, 0] == pytest.approx(30 / 50 - 55 / 130)
    assert error[1, 0] == pytest.approx(np.sqrt((0.6 * 0.4 / 50 + 55 / 130 * 75 / 130 / 130) * 180 / 179))
    # Pooled as if both had one share, 85 of 180; degrees of freedom T² / U of `stats.degrees.equivalent`.
    yes, no = (95 / 180) ** 2, (85 / 180) ** 2
    squares = (30 * yes + 20 * no) / 50**2 + (55 * yes + 75 * no) / 130**2
    error0 = np.sqrt((squares - gap[1, 0] ** 2 / 180) * 180 / 179)
    whole = 1 / 50 + 1 / 130
    df = (whole * 179 / 180) ** 2 / ((50 / 50**4 + 130 / 130**4) * 178 / 180 + (whole / 180) ** 2)
    assert p[1, 0] == pytest.approx(2 * special.stdtr(df, -gap[1, 0] / error0), rel=1e-9)


def test_a_mean_is_compared_with_everybody_else() -> None:
    """scipy 1.17, computed here: with equal weights and spread the degrees of freedom are near Welch's."""
    from scipy import stats

    rng = np.random.default_rng(12)
    y, codes = rng.normal(size=200), np.repeat([0, 1, 2], [60, 60, 80])
    made = tables.means(y, codes, ["a", "b", "c"], Sample(200))
    gap, error, p = tables.versus_rest(made)
    assert gap[0, 1] == pytest.approx(y[60:120].mean() - np.delete(y, np.s_[60:120]).mean())
    assert p[0, 1] == pytest.approx(
        stats.ttest_ind(y[60:120], np.delete(y, np.s_[60:120]), equal_var=False).pvalue, abs=2e-3
    )
    assert (error > 0).all()


# Laws


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_shares_add_up_and_weights_count_like_repeats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns, times = rng.integers(0, 4, 60), rng.integers(0, 3, 60), rng.integers(0, 4, 60)
    made = tables.crosstab(rows, columns, times, rows=range(4), columns=range(3))
    repeated = tables.crosstab(
        np.repeat(rows, times), np.repeat(columns, times), rows=range(4), columns=range(3)
    )
    assert made.count == pytest.approx(repeated.count)
    full = made.n > 0
    assert made.share[:, full].sum(axis=0) == pytest.approx(np.ones(full.sum()))
    assert made.count.sum(axis=1) / made.count.sum() == pytest.approx(made.total.estimate)


def test_empty_levels_stay_and_missing_answers_leave_the_base() -> None:
    made = tables.crosstab([1, 2, np.nan, 1], ["a", "b", "a", None], rows=[1, 2, 3], columns=["a", "b", "c"])
    assert made.share.tolist()[2][:2] == [0, 0]
    assert np.isnan(made.share[:, 2]).all()
    assert made.n.tolist() == [1, 1, 0]
    assert made.table.query("row == 1 and column == 'a'")["share"].tolist() == [1.0]


def test_several_answers_have_a_base_of_those_asked() -> None:
    ticks = pd.DataFrame({"web": [1, 0, np.nan, 1], "app": [1, 0, np.nan, 0]})
    made = tables.crosstab(ticks, ["a", "a", "a", "b"])
    assert made.rows == ("web", "app")
    assert made.n.tolist() == [2, 1]
    assert made.share.tolist() == [[0.5, 1.0], [0.5, 0.0]]


# What it refuses


def test_values_outside_the_categories_are_counted_not_shown() -> None:
    with pytest.raises(DataError, match="2 values are none of the categories") as caught:
        tables.crosstab([1, 7, 7], ["a", "a", "a"], rows=[1, 2])
    assert "7" not in str(caught.value)


def test_codes_of_other_lengths_and_unknown_words_are_named() -> None:
    with pytest.raises(DataError, match="one for each respondent"):
        tables.crosstab([1, 2], ["a"])
    made = tables.crosstab([1, 2], ["a", "b"])
    with pytest.raises(ParamError, match="holm"):
        tables.letters(made, correction="holms")  # type: ignore[arg-type]
    with pytest.raises(ParamError, match=r"below 0\.9"):
        tables.letters(made, level=0.9, second=0.95)


def test_one_category_or_one_cluster_cannot_be_tested() -> None:
    assert tables.rao_scott([1, 1, 1], ["a", "b", "a"]).reason == "one_category"
    assert tables.rao_scott([1, 0, 1, 0], ["a", "b", "a", "a"], psu=[1, 1, 1, 1]).reason == "too_few_units"
