import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.stats.multiplicity import benjamini_hochberg, holm


def test_holm_agrees_with_r():
    # R 4.2.2: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")
    assert np.allclose(holm([0.01, 0.02, 0.03, 0.04, 0.05]), [0.05, 0.08, 0.09, 0.09, 0.09], rtol=1e-12)


def test_a_comparison_that_could_not_be_made_is_not_counted():
    assert np.allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04], equal_nan=True)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_values_are_never_smaller_and_keep_the_order(p_values):
    adjusted = holm(p_values)
    assert (adjusted >= np.asarray(p_values) - 1e-15).all()
    assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0).all()


def test_benjamini_hochberg_agrees_with_r():
    # R 4.2.2: p.adjust(c(0.04, 0.001, 0.03, 0.2, 0.041), "BH")
    wanted = [0.05125, 0.005, 0.05125, 0.2, 0.05125]
    assert np.allclose(benjamini_hochberg([0.04, 0.001, 0.03, 0.2, 0.041]), wanted, rtol=1e-12)
    assert np.isnan(benjamini_hochberg([np.nan, 0.5])[0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_lies_between_the_raw_values_and_holm(p_values):
    adjusted = benjamini_hochberg(p_values)
    assert (adjusted >= np.asarray(p_values) - 1e-15).all()
    assert (adjusted <= holm(p_values) + 1e-15).all()
