"""Empirical Bayes for groups: metafor's numbers and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.shrinkage import METHODS, shrink

# metafor 3.8.1, R 4.2.2: rma(yi, sei, method), blup(); tests/references/regions.R
Y = [0.42, 0.55, 0.51, 0.60, 0.47, 0.535]
S = [0.03, 0.01, 0.02, 0.06, 0.04, 0.015]
METAFOR = {
    "paule_mandel": (
        0.00245542926786, 0.511730464444, 0.0234123552606,
        [0.444604130026, 0.548502422429, 0.510242410409, 0.547523071620, 0.486464038379, 0.533046713800],
        [0.02642035073242, 0.00984510795327, 0.01883408623480, 0.04066332075454, 0.03246642234414,
         0.01449052810057],
    ),
    "dersimonian_laird": (
        0.00140014152514, 0.512704026517, 0.0188796414698,
        [0.456273256647, 0.547513836338, 0.510600847540, 0.537148678101, 0.492774406425, 0.531913134053],
        [0.0245442241916, 0.0097425789702, 0.0181305639665, 0.0345375425809, 0.0291218986079,
         0.0141661998262],
    ),
}  # fmt: skip
GROUPS = st.lists(st.tuples(st.floats(-10, 10), st.floats(0.01, 5)), min_size=2, max_size=12)


@pytest.mark.parametrize("method", METHODS)
def test_shrunken_estimates_agree_with_metafor(method):
    tau2, centre, error, estimates, errors = METAFOR[method]
    found = shrink(Y, S, method=method)
    assert found.tau**2 == pytest.approx(tau2, rel=1e-9)
    assert (found.centre, found.centre_std_error) == pytest.approx((centre, error), rel=1e-9)
    assert np.allclose(found.estimate, estimates, rtol=1e-9)
    assert np.allclose(found.std_error, errors, rtol=1e-9)


@given(GROUPS, st.sampled_from(METHODS))
def test_each_group_moves_towards_the_centre_and_never_beyond(drawn, method):
    y, s = np.array(drawn).T
    found = shrink(y, s, method=method)
    assert ((found.weight >= 0) & (found.weight <= 1)).all()
    slack = 1e-9 * (1 + np.abs(y))
    assert (np.abs(found.estimate - found.centre) <= np.abs(y - found.centre) + slack).all()
    assert ((found.estimate - found.centre) * (y - found.centre) >= -slack).all()


@given(GROUPS, st.floats(0.1, 10), st.floats(-5, 5))
def test_unit_and_origin_do_not_matter(drawn, scale, shift):
    y, s = np.array(drawn).T
    one, other = shrink(y, s), shrink(scale * y + shift, scale * s)
    assert np.allclose(other.estimate, scale * one.estimate + shift, rtol=1e-6, atol=1e-6)


@given(GROUPS)
def test_paule_mandel_leaves_as_much_distance_as_chance_would(drawn):
    y, s = np.array(drawn).T
    found = shrink(y, s)
    variance = np.square(s) + found.tau**2
    distance = (np.square(y - found.centre) / variance).sum()
    wanted = y.size - 1
    assert distance == pytest.approx(wanted, rel=1e-6) if found.tau > 0 else distance <= wanted * (1 + 1e-9)


def test_groups_that_chance_explains_are_all_pulled_to_the_centre():
    found = shrink([0.50, 0.51, 0.49], [0.05, 0.05, 0.05])
    assert found.tau == 0
    assert found.estimate.round(9).tolist() == [0.5, 0.5, 0.5]


def test_a_group_without_an_error_does_not_count():
    with_, without = shrink([*Y, 9.0, np.nan], [*S, np.nan, 0.1]), shrink(Y, S)
    assert np.allclose(with_.estimate[:6], without.estimate, rtol=1e-12)
    assert np.isnan(with_.estimate[6:]).all()
    assert np.isnan(shrink([0.5], [0.1]).estimate).all()


def test_wrong_columns_and_methods_are_refused():
    with pytest.raises(DataError, match="differ in length"):
        shrink([1.0, 2.0], [0.1])
    with pytest.raises(ParamError, match="reml"):
        shrink(Y, S, method="reml")
