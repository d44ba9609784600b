"""What is grouped: numbers and categories side by side, with missing values and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from journey_lib.errors import DataError, ParamError, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
T = TypeVar("T")
R = TypeVar("R")

SAME = 0.999  # correlation from which two columns say the same
_CONSTANT = 1e-12  # spread relative to the size of the values below which a column says nothing


@dataclass(frozen=True, eq=False)
class Mixed:
    """Rows of numbers and of categories.

    Attributes
    ----------
    numeric : ndarray of float, rows by columns
        NaN where missing.
    codes : ndarray of int, rows by columns
        Categories from 0, -1 where missing.
    levels : tuple of int
        How many categories each column of `codes` has.
    weights : ndarray of float
        One a row, above 0.
    """

    numeric: Floats
    codes: Ints
    levels: tuple[int, ...]
    weights: Floats

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return int(self.numeric.shape[1] + self.codes.shape[1])

    def take(self, rows: Ints | Bools) -> Mixed:
        """Return some of the rows, in the order asked for."""
        return replace(self, numeric=self.numeric[rows], codes=self.codes[rows], weights=self.weights[rows])

    @property
    def distinct(self) -> int:
        """How many different rows there are."""
        found = np.concatenate([np.nan_to_num(self.numeric, nan=-np.inf), self.codes], axis=1)
        return len(np.unique(found, axis=0))


@dataclass(frozen=True)
class Starts:
    """How the best of several starts came about.

    Attributes
    ----------
    tried : int
        Starts.
    near : int
        How many of them ended as good as the best.
    """

    tried: int
    near: int


class Fit(Protocol):
    """Groups found by one method; a later row can be put into one of them."""

    @property
    def k(self) -> int:
        """How many groups there are."""

    @property
    def labels(self) -> Ints:
        """The group of each row, 0 the largest."""

    @property
    def loss(self) -> float:
        """What the method made as small as it could."""

    @property
    def starts(self) -> Starts:
        """How sure the optimum is."""

    def assign(self, table: Mixed) -> Ints:
        """Return the group of each row of a table with the same columns."""


Fitter = Callable[[Mixed, int, int], Fit]  # table, k, seed


def mixed(
    numeric: npt.ArrayLike | None = None,
    codes: npt.ArrayLike | None = None,
    levels: Sequence[int] = (),
    weights: npt.ArrayLike | None = None,
) -> Mixed:
    """Return a table to group, checked.

    Parameters
    ----------
    numeric : array-like, optional
        Rows by columns, NaN where missing.
    codes : array-like, optional
        Rows by columns, categories from 0, -1 where missing.
    levels : sequence of int
        How many categories each column of codes has; counted when left out.
    weights : array-like, optional
        One a row; 1 each when left out.

    Raises
    ------
    DataError
        No column, no row, an infinity, rows that do not fit together, or a weight that is not above 0.

    Examples
    --------
    >>> len(mixed([[1.0], [2.0]]))
    2
    >>> mixed([[1.0], [2.0]], weights=[1, 0])
    Traceback (most recent call last):
    ...
    journey_lib.errors.DataError: weights: 1 of 2 rows are not above 0. Allowed: finite numbers above 0. ...
    """
    given = [np.asarray(part) for part in (numeric, codes) if part is not None]
    rows = len(given[0]) if given else 0
    left = np.zeros((rows, 0)) if numeric is None else np.asarray(numeric, dtype=np.float64)
    right = np.zeros((rows, 0), np.intp) if codes is None else np.asarray(codes, dtype=np.intp)
    counts = tuple(levels) or tuple(int(column.max(initial=-1)) + 1 for column in right.T)
    table = Mixed(left, right, counts, np.ones(rows) if weights is None else np.asarray(weights, float))
    _verified(table)
    return table


def _verified(table: Mixed) -> None:
    problems = []
    if not len(table) or not table.columns:
        problems.append(Problem("segments", "there is nothing to group", "rows and columns"))
    infinite = int(np.isinf(table.numeric).any(axis=1).sum())
    if infinite:
        given = f"{infinite} of {len(table)} rows hold an infinite number"
        problems.append(Problem("columns", given, "finite numbers, NaN where missing"))
    wrong = int((~(np.isfinite(table.weights) & (table.weights > 0))).sum())
    if wrong:
        given = f"{wrong} of {len(table)} rows are not above 0"
        problems.append(
            Problem("weights", given, "finite numbers above 0", action="Leave out rows that do not count")
        )
    if len(table.codes) != len(table.weights) or len(table.numeric) != len(table.weights):
        problems.append(Problem("columns", "numbers, categories and weights differ in length", "one a row"))
    if problems:
        raise DataError(problems)


@dataclass(frozen=True)
class Spread:
    """Columns that cannot group anybody, or that say the same, by their places.

    Attributes
    ----------
    empty, constant : tuple of int
        Columns without a value, and with a single one; categories come after the numbers.
    same : tuple of (int, int, float)
        Pairs of numeric columns with their correlation.
    """

    empty: tuple[int, ...]
    constant: tuple[int, ...]
    same: tuple[tuple[int, int, float], ...]


def spread(table: Mixed) -> Spread:
    """Say which columns are empty, constant or copies of each other.

    Examples
    --------
    >>> spread(mixed([[1.0, 2.0, 5.0], [2.0, 4.0, 5.0], [4.0, 8.0, 5.0]]))
    Spread(empty=(), constant=(2,), same=((0, 1, 1.0),))
    """
    empty, constant = [], []
    for at, column in enumerate(table.numeric.T):
        known = column[~np.isnan(column)]
        if not len(known):
            empty.append(at)
        elif np.ptp(known) <= _CONSTANT * np.abs(known).max():
            constant.append(at)
    for at, codes in enumerate(table.codes.T, start=table.numeric.shape[1]):
        values = np.unique(codes[codes >= 0])
        if len(values) < 2:
            (constant if len(values) else empty).append(at)
    return Spread(tuple(empty), tuple(constant), tuple(_same(table.numeric, {*empty, *constant})))


def _same(numeric: Floats, without: set[int]) -> list[tuple[int, int, float]]:
    kept = [at for at in range(numeric.shape[1]) if at not in without]
    rows = ~np.isnan(numeric[:, kept]).any(axis=1)
    if len(kept) < 2 or rows.sum() < 3:
        return []
    values = numeric[rows][:, kept]
    if (np.ptp(values, axis=0) == 0).any():
        return []
    r = np.asarray(np.corrcoef(values, rowvar=False))
    first, second = np.nonzero(np.triu(np.abs(r) >= SAME, k=1))
    return [(kept[i], kept[j], round(float(r[i, j]), 6)) for i, j in zip(first, second, strict=True)]


@dataclass(frozen=True, eq=False)
class Scale:
    """Where each number's zero and unit lie, so that columns count alike."""

    middle: Floats
    unit: Floats

    def scaled(self, table: Mixed) -> Mixed:
        """Return the table in units of the spread."""
        return replace(table, numeric=(table.numeric - self.middle) / self.unit)

    def back(self, values: Floats) -> Floats:
        """Return scaled values in their own units."""
        found: Floats = values * self.unit + self.middle
        return found


def scale_of(table: Mixed) -> Scale:
    """Return the weighted mean and standard deviation (n - 1) of every number, missing left out.

    Examples
    --------
    >>> scale_of(mixed([[1.0], [3.0], [float("nan")]])).unit.round(4).tolist()
    [1.4142]
    """
    known = ~np.isnan(table.numeric)
    weights = known * table.weights[:, None]
    total = weights.sum(axis=0)
    filled = np.where(known, table.numeric, 0.0)
    middle = (weights * filled).sum(axis=0) / total
    squares = (weights * np.square(filled - middle)).sum(axis=0)
    n = known.sum(axis=0)
    return Scale(middle, np.sqrt(squares / total * n / np.maximum(n - 1, 1)))


def child(seed: int, *key: int) -> np.random.Generator:
    """Return the random numbers of one task, the same whatever ran before or beside it.

    Examples
    --------
    >>> child(1, 2).integers(100) == child(1, 2).integers(100)
    np.True_
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def seed_of(seed: int, *key: int) -> int:
    """Return a seed for one task of its own."""
    return int(child(seed, *key).integers(2**31 - 1))


def each(task: Callable[[T], R], items: Sequence[T], jobs: int = 1) -> list[R]:
    """Return the answer for every item in order, several at a time when asked."""
    if jobs <= 1:
        return [task(item) for item in items]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(task, items))


def single_threaded() -> AbstractContextManager[object]:
    """Keep a library's inner sums in one order, so that the same rows give the same last digit."""
    limits: AbstractContextManager[object] = _threads().limit(limits=1)
    return limits


@cache
def _threads() -> Any:  # noqa: ANN401 - threadpoolctl has no types
    """Return the switches of the libraries that count in parallel; finding them takes longer than a fit."""
    import sklearn.cluster  # noqa: F401 - brings the libraries to be found
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def order_of(labels: Ints, weights: Floats, k: int, first: Floats) -> Ints:
    """Return groups by falling size, ties by their first coordinate.

    Examples
    --------
    >>> order_of(np.array([0, 1, 1]), np.ones(3), 2, np.zeros(2)).tolist()
    [1, 0]
    """
    sizes = np.bincount(labels, weights, minlength=k)
    return np.lexsort((first, -sizes))


def renumbered(labels: Ints, order: Ints) -> Ints:
    """Return labels with the group `order[0]` called 0, and so on."""
    new = np.empty(len(order), dtype=np.intp)
    new[order] = np.arange(len(order))
    return new[labels]


def enough(table: Mixed, k: int) -> None:
    """Require as many different rows as groups.

    Raises
    ------
    ParamError
        When there are fewer.
    """
    few = table.take(np.arange(min(len(table), 20 * max(k, 1)))).distinct
    different = few if 1 <= k <= few else table.distinct  # a look at the first rows is mostly enough
    if k < 1 or k > different:
        given = f"{k} groups of {different} different rows"
        raise ParamError(Problem("k", given, "at least 1, and at most as many as there are different rows"))


def sample_rows(n: int, most: int, seed: int, *key: int) -> Ints:
    """Return at most so many rows, drawn without replacement and kept in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(child(seed, *key).choice(n, most, replace=False))
