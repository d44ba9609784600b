"""The variance kernel: by hand, against R where strata have a single unit, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from journey_lib.errors import DataError, ParamError
from journey_lib.stats import estimate, weights
from journey_lib.stats.weights import Weights

# The rows of tests/references/lonely.R: stratum c has one sampling unit.
STRATUM = list("aaaabbbbccdddd")
PSU = [1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 8, 8]
W = np.array([1, 2, 1.5, 1, 2, 1, 3, 1, 2.5, 1, 1, 1, 2, 2])
Y = np.array([3, 5, 4, 7, 1, 2, 6, 4, 9, 8, 5, 6, 7, 3.0])
D = np.array([1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0]) == 1
DESIGN = {"strata": STRATUM, "psu": PSU}
RAKED = weights.rake({"m": list("uvuvuuvvuvuvvu")}, {"m": {"u": 13, "v": 12}}, W)

# R 4.2.2, survey 4.1-1: options(survey.lonely.psu = rule), then svymean(~y, design), svytotal(~y, design),
# svymean(~y, subset(design, d == 1)), both means after calibrate(design, ~m, c(25, 12), calfun = "raking")
LONELY = {
    "adjust": (0.814682874970396, 34.7455033061834, 1.48449907376192, 0.767205791462181, 1.4801610691991),
    "remove": (0.586349521740557, 16.6433169770932, 1.0104856505661, 0.4117471905481, 0.956095897924076),
    "average": (0.677058108432237, 19.2180470738661, 1.23758711814563, 0.475444702602036, 1.10400444807512),
}


@pytest.mark.parametrize("rule", LONELY)
def test_single_unit_strata_agree_with_r(rule: str) -> None:
    options = DESIGN | {"lonely": rule}
    found = (
        estimate.mean(Y, W, **options),
        estimate.total(Y, W, **options),
        estimate.mean(Y, W, **options, domain=D),
        estimate.mean(Y, calibration=RAKED, **options),
        estimate.mean(Y, calibration=RAKED, **options, domain=D),
    )
    assert [one.std_error for one in found] == pytest.approx(LONELY[rule], rel=1e-8)
    assert all(f"1 single-unit strata: {rule}" in one.method for one in found)


def test_single_unit_stratum_is_an_error_by_default() -> None:
    with pytest.raises(DataError, match="strata: 1 with a single sampling unit"):
        estimate.mean(Y, W, **DESIGN)


def test_unit_that_was_certain_to_be_drawn_is_no_error() -> None:
    # R 4.2.2, survey 4.1-1: svymean(~y, capped), fpc 10, 12, 1, 8; stratum c is drawn in full
    sizes = [{"a": 10, "b": 12, "c": 1, "d": 8}[stratum] for stratum in STRATUM]
    found = estimate.mean(Y, W, **DESIGN, fpc=sizes)
    assert (found.estimate, found.std_error) == pytest.approx((5.15909090909091, 0.508469982972893), rel=1e-8)


def test_two_strata_by_hand() -> None:
    # Totals: 2 strata of 2 rows, scores y = 1, 3 and 10, 14: variance 2 (1 + 1) + 2 (4 + 4) = 20.
    found = estimate.total([1.0, 3.0, 10.0, 14.0], strata=["a", "a", "b", "b"])
    assert (found.estimate, found.std_error, found.df) == pytest.approx((28, math.sqrt(20), 2))


def test_population_size_shrinks_the_variance_by_hand() -> None:
    # Half of each stratum is drawn, so half of the variance above is left.
    found = estimate.total([1.0, 3.0, 10.0, 14.0], strata=["a", "a", "b", "b"], fpc=[4, 4, 4, 4])
    assert found.std_error == pytest.approx(math.sqrt(10))


def test_units_by_hand() -> None:
    # Two units with totals 4 and 24: variance 2 (10² + 10²) = 400.
    found = estimate.total([1.0, 3.0, 10.0, 14.0], psu=["p", "p", "q", "q"])
    assert (found.std_error, found.df) == pytest.approx((20, 1))


def test_second_stage_by_hand() -> None:
    # First stage: 2 of 4 units, (1 − 1/2) 400 = 200. Second: in each unit 2 of 4 rows, (1 − 1/2) × spread,
    # spread 2 (1 + 1) = 4 and 2 (4 + 4) = 16, so 10, times the first stage's fraction 1/2: 5.
    rows = {"psu": [["p", "p", "q", "q"], [1, 2, 3, 4]], "fpc": [[4] * 4, [4] * 4]}
    assert estimate.total([1.0, 3.0, 10.0, 14.0], **rows).std_error == pytest.approx(math.sqrt(205))


def test_rows_outside_the_domain_stay_in_the_design() -> None:
    # Mean of 1 and 3 is 2; scores ∓1/2 among 4 rows: 4/3 (1/4 + 1/4) = 2/3. Alone it would be 2/1 × 1/2 = 1.
    y, inside = [1.0, 3.0, 50.0, 70.0], [True, True, False, False]
    assert estimate.mean(y, domain=inside).std_error == pytest.approx(math.sqrt(2 / 3))
    assert estimate.mean([1.0, 3.0, np.nan, np.nan]).std_error == pytest.approx(math.sqrt(2 / 3))
    assert estimate.mean([1.0, 3.0]).std_error == pytest.approx(1)


def test_degrees_of_freedom_count_only_units_and_strata_of_the_domain() -> None:
    assert estimate.mean(Y, W, **DESIGN, lonely="remove").df == 8 - 4
    assert estimate.mean(Y, W, **DESIGN, lonely="remove", domain=D).df == 5 - 3


def test_a_census_leaves_nothing_to_chance() -> None:
    found = estimate.mean([5.0, 5.0, 5.0], fpc=[3, 3, 3])
    assert (found.std_error, found.ci_low, found.ci_high) == (0, 5, 5)


BAD = {
    "nested": ({"strata": ["a", "a", "b", "b"], "psu": [1, 2, 2, 3]}, "a unit lies in more than one stratum"),
    "small": ({"fpc": [3, 3, 3, 3]}, "smaller than the sample"),
    "varies": ({"fpc": [9, 9, 8, 9]}, "differs within a stratum"),
    "below 1": ({"fpc": [0.5] * 4}, "4 rows are missing or below 1"),
    "stages": ({"psu": [[1, 1, 2, 2], [1, 2, 3, 4]], "fpc": [4] * 4}, "has 1 stages"),
    "length": ({"strata": ["a", "b"]}, r"has shape \(2,\)"),
    "missing stratum": ({"strata": ["a", "a", None, "b"]}, "1 of 4 rows have no value"),
    "missing unit": ({"psu": [1.0, 2.0, np.nan, 3.0]}, "1 of 4 rows have no value"),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses_a_design_that_contradicts_itself(case: str) -> None:
    options, message = BAD[case]
    with pytest.raises(DataError, match=message):
        estimate.mean([1.0, 2.0, 3.0, 4.0], **options)


def test_collects_every_problem_before_raising() -> None:
    with pytest.raises(DataError) as caught:
        estimate.mean([1.0, np.inf], [-1.0, np.nan], strata=["a"], domain=[1, 0])
    assert len(caught.value.problems) == 5


def test_names_the_nearest_rule() -> None:
    with pytest.raises(ParamError, match="Did you mean 'average'"):
        estimate.mean([1.0, 2.0], lonely="averge")


def test_calibration_and_other_weights_do_not_mix() -> None:
    made: Weights = weights.rake({"m": ["u", "v", "v"]}, {"m": {"u": 0.5, "v": 0.5}})
    same = estimate.mean([1.0, 2.0, 4.0], made.values, calibration=made)
    assert same == estimate.mean([1.0, 2.0, 4.0], calibration=made)
    with pytest.raises(ParamError, match="differ from the calibrated weights"):
        estimate.mean([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], calibration=made)
