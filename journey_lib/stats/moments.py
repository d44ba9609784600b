"""Enough to know of a metric: size, mean and variance of many cells, which add up without a second look.

Everything about an experiment is read from these: they are counted once, by segment, arm and day, batch after
batch, and then summed over whatever is not asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.errors import DataError, Problem
from journey_lib.stats.inputs import FloatArray, IntArray, added

if TYPE_CHECKING:
    import numpy.typing as npt

_BLOCK = 1 << 15  # rows
_WIDE = 6  # columns from which a product with a sparse matrix is faster than counting


@dataclass(frozen=True, eq=False)
class Moments:
    """Size, mean and variance of one metric in any number of cells.

    Attributes
    ----------
    n : ndarray of float
        Units in each cell; any shape, a single cell has none.
    mean : ndarray of float
        Mean of the metric; NaN where there is no unit.
    var : ndarray of float
        Variance with n − 1 below; NaN where there are fewer than two units.
    binary : bool
        Whether each unit is 0 or 1, so that n times the mean counts successes.

    Definition
    ----------
    `a + b` is the moments of both together: with d the difference of the means, the mean moves by
    d n_b / (n_a + n_b) and the squares about the mean add up plus d² n_a n_b / (n_a + n_b).

    Units and missing data
    ----------------------
    The mean is in the unit of the metric, the variance in its square. A unit without a value is not a unit:
    who counts is decided before.

    Source
    ------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, The American
    Statistician 37.

    Examples
    --------
    >>> both = moments([1.0, 2.0]) + moments([6.0])
    >>> both.n.item(), both.mean.item(), both.var.item()
    (3.0, 3.0, 7.0)
    """

    n: FloatArray
    mean: FloatArray
    var: FloatArray
    binary: bool = False

    def __post_init__(self) -> None:
        for name in ("n", "mean", "var"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the cells."""
        return self.n.shape

    @property
    def squares(self) -> FloatArray:
        """Sum of squared distances from the mean; 0 where there are fewer than two units."""
        return np.where(self.n > 1, self.var * (self.n - 1), 0.0)

    @property
    def total(self) -> FloatArray:
        """Sum of the metric; 0 where there is no unit. For a binary metric the number of successes."""
        total = np.where(self.n > 0, self.mean * self.n, 0.0)
        return np.rint(total) if self.binary else total

    def __getitem__(self, key: Any) -> Moments:  # noqa: ANN401 - whatever numpy takes
        return Moments(self.n[key], self.mean[key], self.var[key], self.binary)

    def __add__(self, other: Moments) -> Moments:
        n, mean, squares = (
            np.stack(np.broadcast_arrays(a, b)) for a, b in zip(self._sums, other._sums, strict=True)
        )
        return _summed(n, mean, squares, 0, binary=self.binary and other.binary)

    def sum(self, axis: int | tuple[int, ...] | None = None) -> Moments:
        """Return the moments of cells taken together along some axes, or of all cells."""
        axes = tuple(range(self.n.ndim)) if axis is None else axis
        return _summed(*self._sums, axes, binary=self.binary)

    @property
    def _sums(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return self.n, self.mean, self.squares


def _summed(
    n: FloatArray, mean: FloatArray, squares: FloatArray, axis: int | tuple[int, ...], *, binary: bool
) -> Moments:
    kept = np.where(n > 0, mean, 0.0)
    every = n.sum(axis=axis, keepdims=True)
    centre = np.divide(
        (n * kept).sum(axis=axis, keepdims=True), every, where=every > 0, out=np.zeros_like(every)
    )
    about = (squares + n * np.square(kept - centre)).sum(axis=axis)
    every, centre = every.sum(axis=axis), centre.sum(axis=axis)
    return _moments(every, centre, about, binary=binary)


def _moments(n: FloatArray, mean: FloatArray, squares: FloatArray, *, binary: bool) -> Moments:
    var = np.divide(squares, n - 1, out=np.full(np.shape(squares), np.nan), where=n > 1)
    return Moments(n, np.where(n > 0, mean, np.nan), var, binary)


@dataclass(frozen=True, eq=False)
class Comoments:
    """Size, means and covariances of several metrics of the same units, in any number of cells.

    Attributes
    ----------
    n : ndarray of float
        Units in each cell; any shape.
    mean : ndarray of float, shape + (k,)
        Means of the k metrics.
    cov : ndarray of float, shape + (k, k)
        Covariances with n − 1 below.

    Definition
    ----------
    As `Moments`, with products of differences in the place of their squares.

    Units and missing data
    ----------------------
    A unit has a value of every metric or is not counted.

    Source
    ------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, The American
    Statistician 37.

    Examples
    --------
    >>> found = comoments([[1.0, 2.0], [2.0, 4.0], [3.0, 9.0]])
    >>> found.mean.tolist(), found.cov.tolist()
    ([2.0, 5.0], [[1.0, 3.5], [3.5, 13.0]])
    """

    n: FloatArray
    mean: FloatArray
    cov: FloatArray

    def __post_init__(self) -> None:
        for name in ("n", "mean", "cov"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the cells."""
        return self.n.shape

    @property
    def products(self) -> FloatArray:
        """Sums of products of distances from the means; 0 where there are fewer than two units."""
        n = self.n[..., None, None]
        return np.where(n > 1, self.cov * (n - 1), 0.0)

    def one(self, metric: int, *, binary: bool = False) -> Moments:
        """Return the moments of one metric, by its place."""
        return Moments(self.n, self.mean[..., metric], self.cov[..., metric, metric], binary)

    def of(self, *metrics: int) -> Comoments:
        """Return the moments of some of the metrics, in this order."""
        kept = list(metrics)
        return Comoments(self.n, self.mean[..., kept], self.cov[..., kept, :][..., kept])

    def __getitem__(self, key: Any) -> Comoments:  # noqa: ANN401 - whatever numpy takes
        return Comoments(self.n[key], self.mean[key], self.cov[key])

    def __add__(self, other: Comoments) -> Comoments:
        pairs = ((self.n, other.n), (self.mean, other.mean), (self.products, other.products))
        return _added(*(np.stack(np.broadcast_arrays(a, b)) for a, b in pairs))

    def sum(self, axis: int | None = None) -> Comoments:
        """Return the moments of cells taken together along one axis, or of all cells."""
        k = self.mean.shape[-1]
        if axis is None:
            return _added(self.n.ravel(), self.mean.reshape(-1, k), self.products.reshape(-1, k, k))
        at = axis % self.n.ndim
        return _added(*(np.moveaxis(values, at, 0) for values in (self.n, self.mean, self.products)))


def _added(n: FloatArray, mean: FloatArray, products: FloatArray) -> Comoments:
    """Add cells along the first axis."""
    kept = np.where(n[..., None] > 0, mean, 0.0)
    every = n.sum(axis=0)
    total = (n[..., None] * kept).sum(axis=0)
    centre = np.divide(total, every[..., None], out=np.zeros_like(total), where=every[..., None] > 0)
    gap = kept - centre
    about = (products + n[..., None, None] * gap[..., :, None] * gap[..., None, :]).sum(axis=0)
    return _comoments(every, centre, about)


def _comoments(n: FloatArray, mean: FloatArray, products: FloatArray) -> Comoments:
    some = n[..., None, None]
    cov = np.divide(products, some - 1, out=np.full(products.shape, np.nan), where=some > 1)
    return Comoments(n, np.where(n[..., None] > 0, mean, np.nan), cov)


def moments(
    values: npt.ArrayLike,
    cell: npt.ArrayLike | None = None,
    cells: int | None = None,
    *,
    binary: bool = False,
) -> Moments:
    """Say how many units there are in each cell, and mean and variance of one metric or of several.

    Parameters
    ----------
    values : array_like of float, rows or rows × metrics
        One row a unit.
    cell : array_like of int, optional
        Cell of each row, from 0, such as a number made of segment, arm and day; one cell without it.
    cells : int, optional
        Number of cells; as many as occur when left out.
    binary : bool
        Declare that every value is 0 or 1; anything else is an error.

    Returns
    -------
    Moments
        Of shape (cells,), (cells, metrics), or () and (metrics,) without cells.

    Raises
    ------
    DataError
        Missing or infinite values, values other than 0 and 1 in a binary metric, cells of other length.

    Definition
    ----------
    Means first, then squared distances from them: no difference of large sums.

    Units and missing data
    ----------------------
    A missing value is an error: give the unit a value by a stated rule, or leave it out of all arms alike.

    Source
    ------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, The American
    Statistician 37.

    Examples
    --------
    >>> found = moments([1.0, 3.0, 10.0], cell=[0, 0, 1])
    >>> found.mean.tolist(), found.var.tolist()
    ([2.0, 10.0], [2.0, nan])
    """
    table = _read(values, binary=binary)
    wide = table if table.ndim == 2 else table[:, None]
    code, size = _cells(cell, cells, len(table))
    n = np.bincount(code, minlength=size).astype(float)
    width = wide.shape[1]
    mean = _by_cell(code, (size, width), lambda part: wide[part]) / np.maximum(n, 1)[:, None]
    squares = _by_cell(code, (size, width), lambda part: np.square(wide[part] - mean[code[part]]))
    found = _moments(np.repeat(n[:, None], width, 1), mean, squares, binary=binary)
    found = found if table.ndim == 2 else found[:, 0]
    return found[0] if cell is None else found


def comoments(
    values: npt.ArrayLike, cell: npt.ArrayLike | None = None, cells: int | None = None
) -> Comoments:
    """Say how many units there are in each cell, and means and covariances of several metrics.

    Parameters
    ----------
    values : array_like of float, rows × metrics
        One row a unit.
    cell, cells
        As in `moments`.

    Returns
    -------
    Comoments
        Of shape (cells,), or () without cells.

    Raises
    ------
    DataError
        As `moments`, and values that are not a table.

    Definition
    ----------
    Means first, then products of distances from them.

    Units and missing data
    ----------------------
    As `moments`.

    Source
    ------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance, The American
    Statistician 37.

    Examples
    --------
    >>> comoments([[1.0, 2.0], [3.0, 2.0]], cell=[0, 0]).cov[0].tolist()
    [[2.0, 0.0], [0.0, 0.0]]
    """
    table = _read(values, binary=False)
    if table.ndim != 2:
        raise DataError(Problem("values", "is one column", "a table of two metrics or more"))
    code, size = _cells(cell, cells, len(table))
    k = table.shape[1]
    n = np.bincount(code, minlength=size).astype(float)
    mean = _by_cell(code, (size, k), lambda part: table[part]) / np.maximum(n, 1)[:, None]
    row, column = np.triu_indices(k)

    def crossed(part: slice) -> FloatArray:
        gap = table[part] - mean[code[part]]
        return np.asarray(gap[:, row] * gap[:, column])

    products = np.zeros((size, k, k))
    products[:, row, column] = _by_cell(code, (size, row.size), crossed)
    products[:, column, row] = products[:, row, column]
    found = _comoments(n, mean, products)
    return found[0] if cell is None else found


def _by_cell(code: IntArray, shape: tuple[int, int], columns: Callable[[slice], FloatArray]) -> FloatArray:
    """Add rows up by cell, a block at a time: what is made of a block stays in the cache."""
    add = _column_by_column if shape[1] < _WIDE else _all_columns
    total = np.zeros(shape)
    for start in range(0, code.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        total += add(code[part], columns(part), shape[0])
    return total


def _column_by_column(cells: IntArray, values: FloatArray, size: int) -> FloatArray:
    return np.stack([added(cells, column, size) for column in np.ascontiguousarray(values.T)], axis=1)


def _all_columns(cells: IntArray, values: FloatArray, size: int) -> FloatArray:
    from scipy.sparse import csc_matrix

    whose = (np.ones(cells.size), cells, np.arange(cells.size + 1))
    return np.asarray(csc_matrix(whose, shape=(size, cells.size)) @ values)


def _read(values: npt.ArrayLike, *, binary: bool) -> FloatArray:
    table = np.asarray(values, dtype=float)
    if table.ndim not in (1, 2):
        raise DataError(Problem("values", f"has {table.ndim} dimensions", "rows, or rows × metrics"))
    wrong = int(table.size - np.isfinite(table).sum())
    if wrong:
        action = "Give each unit a value by a stated rule, or leave it out of every arm"
        raise DataError(Problem("values", f"{wrong:,} are missing or infinite", "finite numbers", "", action))
    if binary and (other := int(((table != 0) & (table != 1)).sum())):
        raise DataError(Problem("values", f"{other:,} are neither 0 nor 1", "a binary metric"))
    return table


def _cells(cell: npt.ArrayLike | None, cells: int | None, rows: int) -> tuple[IntArray, int]:
    code = np.zeros(rows, np.intp) if cell is None else np.asarray(cell).astype(np.intp, copy=False)
    if code.shape != (rows,):
        raise DataError(Problem("cell", f"has {code.size:,} rows", f"the {rows:,} rows of the values"))
    most = int(code.max(initial=-1)) + 1
    size = max(most, 1) if cells is None else cells
    if most > size or code.min(initial=0) < 0:
        raise DataError(Problem("cell", "holds a number outside the cells", f"0 to {size - 1}"))
    return code, size
