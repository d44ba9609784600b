"""Many questions estimated in one pass give what each gives alone."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from journey_lib.stats.estimate import Sample, joint
from journey_lib.stats.estimate.cells import Estimates
from journey_lib.stats.weights import rake

ROWS, DOMAINS = 400, 3
RNG = np.random.default_rng(20)
CODES = RNG.integers(-1, DOMAINS, ROWS)
QUESTIONS = [np.where(RNG.random(ROWS) < gone, np.nan, RNG.integers(1, 6, ROWS)) for gone in (0.1, 0.4, 0.0)]
EMPTY = np.where(CODES == 1, np.nan, QUESTIONS[2])
UNITS = RNG.integers(0, 150, ROWS)
REGION = RNG.choice(["a", "b"], ROWS)


def raked() -> Sample:
    """Return a sample of clusters whose weights were raked to one margin."""
    weights = rake({"region": REGION}, {"region": {"a": 0.7, "b": 0.3}}, RNG.uniform(0.5, 2, ROWS))
    return Sample(ROWS, weights.values, psu=UNITS, calibration=weights, degrees="equivalent")


def of_rows() -> Sample:
    """Return a sample of strata in which every row is a unit."""
    return Sample(ROWS, RNG.uniform(0.5, 2, ROWS), strata=REGION, degrees="equivalent")


@pytest.mark.parametrize("sample", [raked(), of_rows()], ids=["raked clusters", "strata"])
@pytest.mark.parametrize("kind", ["mean", "proportion", "nps", "total"])
def test_each_question_alone_gives_the_same(sample: Sample, kind: str) -> None:
    asked = [np.where(np.isnan(y), np.nan, y > 3) if kind == "proportion" else y for y in (*QUESTIONS, EMPTY)]
    together = sample.by_domain_of_each(kind, asked, CODES, DOMAINS)  # type: ignore[arg-type]
    for y, found in zip(asked, together, strict=True):
        same(found, sample.by_domain(kind, y, CODES, DOMAINS))  # type: ignore[arg-type]


@pytest.mark.parametrize("sample", [raked(), of_rows()], ids=["raked clusters", "strata"])
def test_pairs_together_are_differences_alone(sample: Sample) -> None:
    asked, pairs = [*QUESTIONS, EMPTY], [(0, 0, 1), (1, 2, 0), (3, 2, 1), (2, 1, 2)]
    for (at, a, b), found in zip(pairs, sample.differences(asked, CODES, DOMAINS, pairs), strict=True):
        alone = sample.difference(asked[at], a == CODES, b == CODES, degrees="equivalent")
        for name in ("estimate", "std_error", "ci_low", "ci_high", "df", "n", "n_effective"):
            assert getattr(found, name) == pytest.approx(getattr(alone, name), rel=1e-11, nan_ok=True), name
        assert found.method == alone.method


@pytest.mark.parametrize("sample", [raked(), of_rows()], ids=["raked clusters", "strata"])
def test_a_contrast_of_two_groups_is_their_difference(sample: Sample) -> None:
    found = joint(sample, QUESTIONS[0], CODES, DOMAINS).contrasts([[1, -1, 0], [0, 1, -1]])
    for pair, one in zip([(0, 1), (1, 2)], found, strict=True):
        alone = sample.difference(QUESTIONS[0], *(side == CODES for side in pair), degrees="equivalent")
        for name in ("estimate", "std_error", "ci_low", "df", "n", "n_effective"):
            assert getattr(one, name) == pytest.approx(getattr(alone, name), rel=1e-10), name


def same(one: Estimates, other: Estimates) -> None:
    for field in fields(Estimates):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name == "method":
            assert left.tolist() == right.tolist()
        else:
            np.testing.assert_allclose(left, right, rtol=1e-11, err_msg=field.name)
