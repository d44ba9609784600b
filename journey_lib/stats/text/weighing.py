"""Tf-idf: how much a run of characters or a word says about one text among many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix


def rarity(counts: csr_matrix) -> npt.NDArray[np.float64]:
    """Return the inverse document frequency of each column, smoothed.

    Parameters
    ----------
    counts : scipy.sparse.csr_matrix
        One row a text, one column a term.

    Returns
    -------
    ndarray of float
        log((1 + texts) / (1 + texts with the term)) + 1.

    Source
    ------
    Spärck Jones, K. (1972), Journal of Documentation 28, 11–21; smoothed as in scikit-learn.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> rarity(csr_matrix([[1.0, 1.0], [1.0, 0.0]])).round(4).tolist()
    [1.0, 1.4055]
    """
    texts, columns = counts.shape
    holding = np.bincount(counts.indices, minlength=columns)
    return np.asarray(np.log((1 + texts) / (1 + holding)) + 1, dtype=np.float64)


def weighed(counts: csr_matrix, idf: npt.NDArray[np.float64]) -> csr_matrix:
    """Return counts as damped, rarity-weighted rows of length 1.

    Parameters
    ----------
    counts : scipy.sparse.csr_matrix
        One row a text.
    idf : ndarray of float
        Of each column, see `rarity`.

    Returns
    -------
    scipy.sparse.csr_matrix
        (1 + log count) × idf, divided by the length of the row; an empty row stays empty.

    Source
    ------
    Salton, G. and Buckley, C. (1988), Information Processing & Management 24, 513–523.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> weighed(csr_matrix([[1.0, 1.0], [0.0, 0.0]]), np.array([3.0, 4.0])).toarray().round(2).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    out = counts.copy().astype(np.float64)
    out.data = (1 + np.log(out.data)) * idf[out.indices]
    square = np.add.reduceat(np.append(out.data**2, 0.0), out.indptr[:-1]) if len(out.indptr) > 1 else 0.0
    length = np.sqrt(np.where(np.diff(out.indptr) > 0, square, 1.0))
    out.data = out.data / np.repeat(length, np.diff(out.indptr))
    return out
