"""Limits against R's distribution functions; R 4.2.2, the command beside each number."""

from __future__ import annotations

import numpy as np
import pytest

from journey_lib.stats import intervals


def one(*values: float) -> list[np.ndarray]:
    return [np.array([value]) for value in values]


@pytest.mark.parametrize(
    ("level", "df", "expected"),
    [
        (0.95, 1, 12.70620473617469),  # qt(.975, 1)
        (0.95, 14, 2.14478668791780),  # qt(.975, 14)
        (0.9, 199, 1.65254674616656),  # qt(.95, 199)
        (0.99, 26000, 2.57601841460333),  # qt(.995, 26000)
    ],
)
def test_t_quantile(level: float, df: float, expected: float) -> None:
    assert intervals.t_quantile(level, *one(df))[0] == pytest.approx(expected, rel=1e-10)


def test_korn_graubard_without_design_is_clopper_pearson() -> None:
    # binom.test(3, 20)$conf.int: a variance of p(1 − p)/20 and as many units as rows give n* = 20.
    low, high = intervals.korn_graubard(*one(0.15, 0.15 * 0.85 / 20, 20, 19), 0.95)
    assert (low[0], high[0]) == pytest.approx((0.0320709371854637, 0.3789268265453140), rel=1e-8)


def test_exact_limit_without_design_is_clopper_pearson() -> None:
    # binom.test(0, 10)$conf.int
    low, high = intervals.at_the_ends(*one(0, 10, 10, 9), 0.95)
    assert (low[0], high[0]) == pytest.approx((0, 0.308497107318761), rel=1e-8)


def test_exact_limit_never_uses_more_rows_than_there_are() -> None:
    few_units = intervals.at_the_ends(*one(1, 10, 10, 9), 0.95)
    more_units_than_rows = intervals.at_the_ends(*one(1, 10, 10, 500), 0.95)
    assert few_units == more_units_than_rows


def test_logit_by_hand() -> None:
    # p = 1/2: log odds 0, standard error 0.1 / 0.25 = 0.4, t(14) = 2.1447866879178
    low, high = intervals.logit(*one(0.5, 0.01, 14), 0.95)
    edge = 1 / (1 + np.exp(-0.4 * 2.1447866879178))
    assert (low[0], high[0]) == pytest.approx((1 - edge, edge))


def test_logit_survives_extreme_shares() -> None:
    low, high = intervals.logit(*one(1e-7, 0.04, 1), 0.95)
    assert 0 <= low[0] <= 1e-7 <= high[0] <= 1


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_wilson_ends_at_the_end(share: float) -> None:
    # prop.test(0, 10, correct = FALSE)$conf.int
    low, high = intervals.wilson(*one(share, 10), 0.95)
    assert (low[0] == 0) if share == 0 else (high[0] == 1)
    assert (high - low)[0] == pytest.approx(0.277532799862889, rel=1e-8)
