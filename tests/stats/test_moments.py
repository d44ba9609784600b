"""Moments that add up: counted by hand, against numpy, and the laws of adding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError
from journey_lib.stats.moments import Comoments, Moments, comoments, moments

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


def same(one: Moments | Comoments, other: Moments | Comoments) -> None:
    for a, b in zip(vars(one).values(), vars(other).values(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-6)


def test_counted_by_hand() -> None:
    """1, 2, 3 in one cell and 10 in the other: squares about 2 are 1 + 0 + 1."""
    found = moments([1, 10, 2, 3], cell=[0, 1, 0, 0], cells=3)
    assert found.n.tolist() == [3, 1, 0]
    assert found.mean[:2].tolist() == [2, 10]
    assert found.var[0] == 1
    assert np.isnan([found.mean[2], found.var[1], found.var[2]]).all()


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES)
def test_adding_is_counting_together(one: list[float], other: list[float]) -> None:
    same(moments(one) + moments(other), moments(one + other))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=40
    )
)
def test_any_batches_in_any_order_give_the_same_cells(rows: list[tuple[int, float, float]]) -> None:
    cell, table = np.array([r[0] for r in rows]), np.array([r[1:] for r in rows])
    whole = comoments(table, cell, 4)
    batches = np.arange(len(rows)) % 3
    parts = [comoments(table[batches == b], cell[batches == b], 4) for b in (2, 0, 1)]
    same(parts[0] + parts[1] + parts[2], whole)
    same(whole.sum(), comoments(table))
    same(whole.one(1), moments(table[:, 1], cell, 4))


def test_cells_are_summed_along_axes_without_going_back_to_the_rows() -> None:
    rng = np.random.default_rng(3)
    values, cell = rng.normal(5, 2, 600), rng.integers(0, 24, 600)
    found = moments(values, cell, 24)
    cube = Moments(*(part.reshape(2, 3, 4) for part in (found.n, found.mean, found.var)))
    same(cube.sum(axis=(0, 2))[1], moments(values[(cell // 4) % 3 == 1]))
    same(cube.sum(), moments(values))


def test_many_metrics_at_once_are_the_single_ones() -> None:
    rng = np.random.default_rng(4)
    table, cell = rng.normal(size=(40_000, 8)), rng.integers(0, 5, 40_000)  # more rows than a block
    found, few = moments(table, cell, 5), moments(table[:, :3], cell, 5)
    for at in (0, 2, 7):
        same(found[:, at], moments(table[:, at], cell, 5))
    same(few[:, 2], found[:, 2])
    assert found.var[3, 7] == pytest.approx(np.var(table[cell == 3, 7], ddof=1), rel=1e-12)


def test_a_large_offset_does_not_eat_the_variance() -> None:
    """Numbers around a billion that vary by 1: a difference of sums of squares would be noise."""
    values = 1e9 + np.arange(1000) % 3
    parts = [moments(part) for part in np.split(values, 4)]
    total = parts[0] + parts[1] + parts[2] + parts[3]
    assert total.var == pytest.approx(np.var(values - 1e9, ddof=1), rel=1e-9)
    naive = (np.square(values).sum() - 1000 * values.mean() ** 2) / 999
    assert naive != pytest.approx(np.var(values - 1e9, ddof=1), rel=0.1)


def test_covariances_are_numpys() -> None:
    table = np.random.default_rng(5).normal(size=(50, 3))
    np.testing.assert_allclose(comoments(table).cov, np.cov(table.T), rtol=1e-12)
    np.testing.assert_allclose(comoments(table).of(2, 0).cov, np.cov(table[:, [2, 0]].T), rtol=1e-12)


def test_successes_are_whole() -> None:
    found = moments([0, 1, 1, 0, 1, 0, 0], binary=True)
    assert found.total.item() == 3
    assert (found + found).total.item() == 6


@pytest.mark.parametrize(
    ("values", "cell", "binary", "words"),
    [
        ([1.0, float("nan")], None, False, "1 are missing or infinite"),
        ([1.0, float("inf")], None, False, "1 are missing or infinite"),
        ([0.0, 0.5], None, True, "1 are neither 0 nor 1"),
        ([1.0, 2.0], [0], False, "has 1 rows"),
        ([1.0, 2.0], [0, 7], False, "outside the cells"),
        ([1.0, 2.0], [0, -1], False, "outside the cells"),
    ],
)
def test_bad_rows_are_one_clear_error(values: list, cell: list | None, binary: bool, words: str) -> None:
    with pytest.raises(DataError, match=words):
        moments(values, cell, 2 if cell else None, binary=binary)


def test_one_column_has_no_covariance() -> None:
    with pytest.raises(DataError, match="is one column"):
        comoments([1.0, 2.0])
