"""Residuals on margins, against ordinary least squares and the laws of projections."""

from __future__ import annotations

import numpy as np

from journey_lib.stats.margins import from_codes, from_columns, together

RNG = np.random.default_rng(11)
N = 50
AGE, PLAN = RNG.integers(0, 4, N), RNG.integers(0, 3, N)
START = RNG.uniform(0.5, 3, N)
VALUES = RNG.normal(size=(N, 2))
DUMMIES = np.hstack([np.eye(4)[AGE], np.eye(3)[PLAN]])
HELD = from_codes([AGE, PLAN], [4, 3], START)


def by_least_squares(columns: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    root = np.sqrt(weights)[:, None]
    return values - columns @ np.linalg.lstsq(root * columns, root * values, rcond=None)[0]


def test_residuals_are_those_of_weighted_least_squares() -> None:
    expected = by_least_squares(DUMMIES, VALUES, START)
    np.testing.assert_allclose(HELD.residual(VALUES), expected, atol=1e-12)
    np.testing.assert_allclose(from_columns(DUMMIES, START).residual(VALUES), expected, atol=1e-12)


def test_starting_weights_matter() -> None:
    equal = from_codes([AGE, PLAN], [4, 3], np.ones(N))
    assert np.abs(equal.residual(VALUES) - HELD.residual(VALUES)).max() > 0.01


def test_residuals_have_nothing_left_to_explain() -> None:
    once = HELD.residual(VALUES)
    np.testing.assert_allclose(HELD.residual(once), once, atol=1e-12)
    np.testing.assert_allclose(DUMMIES.T @ (START[:, None] * once), 0, atol=1e-11)


def test_columns_of_very_different_size_lose_no_digits() -> None:
    columns = np.column_stack([np.ones(N), 1e6 + RNG.normal(size=N) * 1e4, RNG.normal(size=N) * 1e-3])
    expected = by_least_squares(columns / [1, 1e6, 1e-3], VALUES, START)
    np.testing.assert_allclose(from_columns(columns, START).residual(VALUES), expected, atol=1e-9)


def test_parts_never_see_each_other() -> None:
    first, second = np.arange(0, N, 2), np.arange(1, N, 2)
    parts = [(rows, from_codes([AGE[rows]], [4], START[rows])) for rows in (first, second)]
    held = together(parts, START)
    assert held is not None
    for rows, part in parts:
        np.testing.assert_allclose(held.residual(VALUES)[rows], part.residual(VALUES[rows]), atol=1e-12)


def test_a_category_nobody_is_in_does_no_harm() -> None:
    wider = from_codes([AGE, PLAN], [5, 3], START)
    np.testing.assert_allclose(wider.residual(VALUES), HELD.residual(VALUES), atol=1e-12)


def test_nothing_to_join() -> None:
    assert together([(np.arange(N), None)], START) is None


def test_does_not_change_what_it_was_given() -> None:
    before = VALUES.copy()
    HELD.residual(VALUES)
    np.testing.assert_array_equal(VALUES, before)
