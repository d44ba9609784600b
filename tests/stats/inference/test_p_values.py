import math

from journey_lib.stats.inference import two_sided_p


def test_p_value_agrees_with_r():
    # R 4.2.2: 2 * pt(-2.5, 12) and 2 * pnorm(-1.96)
    assert math.isclose(two_sided_p(-2.5, 1.0, 12), 0.0279153996, rel_tol=1e-8)
    assert math.isclose(two_sided_p(1.96, 1.0, math.inf), 0.0499957903, rel_tol=1e-8)


def test_no_standard_error_gives_no_p_value():
    assert math.isnan(two_sided_p(1.0, 0.0, 10))
    assert math.isnan(two_sided_p(1.0, math.nan, 10))
