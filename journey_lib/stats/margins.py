"""What calibrated weights remember of their margins, so that standard errors can use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inputs import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_RANK = 1e-12  # dummies of two margins always share one dimension; anything this small is that, not data


@dataclass(frozen=True, eq=False)
class Margins:
    """Regression on margin dummies, weighted by the starting weights and factorised once.

    Attributes
    ----------
    columns : sparse array, rows × margin categories
        Margin dummies, or the calibration variables.
    start : ndarray
        Starting weights.
    """

    columns: csr_array
    start: FloatArray

    @cached_property
    def weighted(self) -> csr_array:
        """Return the columns, transposed and times the starting weights."""
        turned = self.columns.T.tocsr()
        turned.data = turned.data * self.start[turned.indices]
        return turned

    @cached_property
    def inverse(self) -> FloatArray:
        """Return the generalised inverse of `weighted @ columns`; made at first use, once."""
        gram = (self.weighted @ self.columns).toarray()
        scale = np.sqrt(np.diag(gram))
        scale[scale == 0] = 1.0
        values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
        kept = values > _RANK * values.max(initial=0.0)
        half = vectors[:, kept] / np.sqrt(values[kept]) / scale[:, None]
        found: FloatArray = half @ half.T
        return found

    def residual(self, values: FloatArray) -> FloatArray:
        """Return what the margins leave unexplained of each column of values.

        Parameters
        ----------
        values : ndarray, rows × columns
            Taylor scores without their weights.

        Returns
        -------
        ndarray
            Residuals of the regression weighted by the starting weights.

        Examples
        --------
        Within two groups the residual is the distance from the group's mean:

        >>> held = from_codes([np.array([0, 0, 1, 1])], [2], np.ones(4))
        >>> held.residual(np.array([[1.0], [3.0], [5.0], [6.0]])).ravel().round(9).tolist()
        [-1.0, 1.0, -0.5, 0.5]
        """
        fitted: FloatArray = self.columns @ self.slopes(values)
        return values - fitted

    def slopes(self, values: FloatArray) -> FloatArray:
        """Return how much of each column of values goes with each margin column."""
        found: FloatArray = self.inverse @ (self.weighted @ values)
        return found


def from_codes(codes: Sequence[IntArray], sizes: Sequence[int], start: FloatArray) -> Margins:
    """Build margins from category codes, one array a margin.

    Parameters
    ----------
    codes : sequence of ndarray of int
        Category of each row in each margin.
    sizes : sequence of int
        Number of categories of each margin.
    start : ndarray
        Starting weights.

    Returns
    -------
    Margins
        Regression on all dummies.
    """
    from scipy.sparse import csr_array

    offsets = np.cumsum([0, *sizes[:-1]])
    columns = np.column_stack([code + offset for code, offset in zip(codes, offsets, strict=True)])
    rows = start.size
    pointer = np.arange(rows + 1) * len(codes)
    ones = np.ones(columns.size)
    return Margins(csr_array((ones, columns.ravel(), pointer), shape=(rows, int(sum(sizes)))), start)


def from_columns(columns: FloatArray, start: FloatArray) -> Margins:
    """Build margins from calibration variables.

    Parameters
    ----------
    columns : ndarray, rows × variables
        Calibration variables.
    start : ndarray
        Starting weights.

    Returns
    -------
    Margins
        Regression on the variables.
    """
    from scipy.sparse import csr_array

    return Margins(csr_array(columns), start)


def together(parts: Sequence[tuple[IntArray, Margins | None]], start: FloatArray) -> Margins | None:
    """Place margins of separate sets of rows side by side, so that each set keeps its own regression.

    Parameters
    ----------
    parts : sequence of (ndarray of int, Margins or None)
        Row numbers of each set and its margins; a set without margins is left as it is.
    start : ndarray
        Starting weights of all rows.

    Returns
    -------
    Margins or None
        Wave × margin dummies, or None when no set has margins.
    """
    from scipy.sparse import coo_array, hstack

    blocks = []
    for rows, part in parts:
        if part is not None:
            own = part.columns.tocoo()
            shape = (start.size, own.shape[1])
            blocks.append(coo_array((own.data, (rows[own.row], own.col)), shape=shape))
    return Margins(hstack(blocks, format="csr"), start) if blocks else None
