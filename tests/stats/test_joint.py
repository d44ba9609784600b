"""Means of many groups together: contrasts are the differences known before, lines are honest about waves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.estimate import Sample, joint
from journey_lib.stats.estimate.joint import Joint


def panel(rng: np.random.Generator, waves: int, people: int, shocks: float = 0.0) -> tuple[Sample, Joint]:
    """Weighted waves in which half of the people stay from one wave to the next."""
    who = np.concatenate([np.arange(people) + wave * people // 2 for wave in range(waves)])
    wave = np.repeat(np.arange(waves), people)
    weight = np.exp(0.6 * rng.standard_normal(who.max() + 1))[who]
    y = rng.standard_normal(who.max() + 1)[who] + rng.standard_normal(who.size)
    y += shocks * rng.standard_normal(waves)[wave]
    sample = Sample(who.size, weight, psu=who)
    return sample, joint(sample, y, wave, waves)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_a_contrast_of_two_groups_is_their_difference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = 80
    weight, unit, codes = rng.uniform(0.2, 4, rows), rng.integers(0, 30, rows), rng.integers(-1, 3, rows)
    y = np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows))
    sample = Sample(rows, weight, psu=unit, strata=unit % 2, degrees="equivalent")
    found = joint(sample, y, codes, 3).contrast([-1, 0, 1])
    known = sample.difference(y, codes == 2, codes == 0)
    for name in ("estimate", "std_error", "ci_low", "ci_high", "df", "n", "n_effective"):
        assert getattr(found, name) == pytest.approx(getattr(known, name), rel=1e-9), name


def test_people_who_stay_make_waves_vary_together() -> None:
    _, found = panel(np.random.default_rng(1), 3, 200)
    assert (np.diag(found.covariance, 1) > 0).all()
    plain = joint(Sample(600), np.random.default_rng(2).normal(size=600), np.repeat([0, 1, 2], 200), 3)
    assert plain.covariance[0, 1] == pytest.approx(0, abs=1e-5)


def test_a_line_through_three_means_by_hand() -> None:
    """Means 1, 2, 6 with equal errors: slope (6 − 1) / 2 = 2.5, distances from 0.5, 3, 5.5: .5, −1, .5."""
    y = np.array([0.0, 2, 1, 3, 5, 7])
    found = joint(Sample(6), y, [0, 0, 1, 1, 2, 2], 3).trend()
    error = joint(Sample(6), y, [0, 0, 1, 1, 2, 2], 3).covariance[0, 0]
    assert found.slope.estimate == pytest.approx(2.5)
    assert found.scatter == pytest.approx(1.5 / error)
    assert found.slope.std_error == pytest.approx(np.sqrt(error / 2 * max(1, 1.5 / error)))
    assert found.slope.df == 1


def test_the_error_of_a_line_never_falls_below_that_of_its_contrast() -> None:
    for seed in range(20):
        _, found = panel(np.random.default_rng(seed), 5, 60)
        line = found.trend()
        plain = found.contrast(np.linalg.lstsq(np.vander(np.arange(5.0), 2), np.eye(5), rcond=None)[0][0])
        assert line.slope.std_error > 0.5 * plain.std_error  # its own coefficients differ a little
        assert line.slope.df <= 3 or line.scatter <= 1


def alarms(shocks: float, repeats: int = 400) -> tuple[float, float]:
    """How often a line without drift is called one: honestly, and by sampling errors alone."""
    honest, naive = [], []
    for seed in range(repeats):
        _, found = panel(np.random.default_rng([7, seed]), 6, 80, shocks)
        line = found.trend()
        honest.append(not line.slope.ci_low <= 0 <= line.slope.ci_high)
        naive.append(abs(line.slope.estimate) > 1.96 * line.slope.std_error / max(1, line.scatter**0.5))
    return float(np.mean(honest)), float(np.mean(naive))


def test_waves_with_ups_and_downs_of_their_own_are_no_trend() -> None:
    honest, naive = alarms(0.25)
    assert honest < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert naive > 0.15  # what errors that only know sampling would say


def test_flat_waves_are_no_trend_and_a_drift_is_one() -> None:
    assert alarms(0.0)[0] < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    rng = np.random.default_rng(9)
    wave = np.repeat(np.arange(6), 300)
    found = joint(Sample(1800), 0.1 * wave + rng.normal(size=1800), wave, 6).trend()
    assert found.slope.ci_low > 0
    assert found.slope.ci_low < 0.1 < found.slope.ci_high


def test_what_has_no_line_says_why() -> None:
    two = joint(Sample(4), [1.0, 2, 3, 4], [0, 0, 1, 1], 2)
    assert np.isnan(two.trend().slope.estimate)
    assert two.trend().slope.method == "needs three waves"
    empty = joint(Sample(4), [1.0, 2, 3, 4], [0, 0, 1, 1], 3)
    assert "no valid row" in empty.contrast([-1, 0, 1]).method
    alike = joint(Sample(4), [2.0, 2, 2, 2], [0, 0, 1, 1], 2).contrast([-1, 1])
    assert alike.estimate == 0
    assert np.isnan(alike.std_error)
    with pytest.raises(ParamError, match="the 4 rows"):
        joint(Sample(4), [1.0, 2.0], [0, 1], 2)
