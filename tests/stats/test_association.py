"""Risk differences and odds ratios against statsmodels, and what is not tested."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from journey_lib.stats.association import associations

N, CASES, PEOPLE, ALL = [294, 907, 40], [78, 178, 12], 4_744, 749


def test_against_statsmodels() -> None:
    # statsmodels 0.15.0: Table2x2(...).oddsratio_confint(), proportions_ztest, confint_proportions_2indep.
    found = associations(N, CASES, PEOPLE, ALL, 0.95)
    p_values = []
    for at, (n, hit) in enumerate(zip(N, CASES, strict=True)):
        rest, missed = PEOPLE - n, ALL - hit
        table = Table2x2(np.array([[hit, n - hit], [missed, rest - missed]]))
        low, high = table.oddsratio_confint(0.05)
        assert found.odds_ratio.estimate[at] == pytest.approx(table.oddsratio, rel=1e-12)
        assert (found.odds_ratio.ci_low[at], found.odds_ratio.ci_high[at]) == pytest.approx(
            (low, high), rel=1e-9
        )
        newcombe = confint_proportions_2indep(hit, n, missed, rest, method="newcomb", compare="diff")
        assert (found.difference.ci_low[at], found.difference.ci_high[at]) == pytest.approx(
            newcombe, rel=1e-9
        )
        p_values.append(proportions_ztest([hit, missed], [n, rest])[1])
    assert found.p_value.tolist() == pytest.approx(multipletests(p_values, method="fdr_bh")[1], rel=1e-9)


def test_thin_marks_and_marks_of_everybody_are_not_tested() -> None:
    found = associations([29, 30, 71, 100], [10, 10, 30, 40], 100, 40, 0.95)
    assert found.tested.tolist() == [False, True, False, False]
    assert np.isnan(found.p_value).tolist() == [True, False, True, True]


def test_an_empty_corner_has_no_odds_ratio_but_a_difference() -> None:
    found = associations([50], [0], 100, 25, 0.95)
    assert found.difference.estimate.tolist() == [-0.5]
    assert np.isnan(found.odds_ratio.estimate).all()


def test_nobody_at_risk() -> None:
    found = associations([], [], 0, 0, 0.95)
    assert found.p_value.tolist() == []
