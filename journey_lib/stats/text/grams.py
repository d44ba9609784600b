"""Character n-grams of texts as sparse counts in a fixed number of hashed columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.stats.text.prepare import normal

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

_FACTOR, _MIX = np.uint64(1_099_511_628_211), np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)


def grams(texts: Sequence[str], lengths: Sequence[int], bits: int, *, letters: bool = False) -> csr_matrix:
    """Count the runs of characters of each text.

    Parameters
    ----------
    texts : sequence of str
        Any language; capitals and long runs of one sign do not count, a text begins and ends with a space.
    lengths : sequence of int
        Lengths of the runs, such as 1, 2, 3 and 4.
    bits : int
        Columns are 2 to the power of `bits`; two runs may share one.
    letters : bool
        Take Korean syllables apart into their letters (jamo) first.

    Returns
    -------
    scipy.sparse.csr_matrix
        One row a text.

    Source
    ------
    Weinberger, K. et al. (2009), Feature Hashing for Large Scale Multitask Learning, ICML.

    Examples
    --------
    >>> counts = grams(["aba", ""], [1], 10)
    >>> sorted(counts[0].data.tolist()), counts[1].data.tolist()
    ([1.0, 2.0, 2.0], [2.0])
    """
    from scipy.sparse import csr_matrix

    plain = [normal(text.replace("\0", " ")) for text in texts]
    padded = [f" {unicodedata.normalize('NFD', text) if letters else text} " for text in plain]
    joined = "\0".join(padded)
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    breaks = np.concatenate([[0], np.cumsum(codes == 0)])
    found = [_run(codes, breaks, n, bits) for n in lengths]
    rows = np.concatenate([row for row, _ in found]) if found else np.zeros(0, np.int64)
    columns = np.concatenate([column for _, column in found]) if found else np.zeros(0, np.int64)
    counts = csr_matrix(
        (np.ones(len(rows), np.float32), (rows, columns)), shape=(len(texts), 1 << bits), dtype=np.float32
    )
    counts.sum_duplicates()
    return counts


def _run(
    codes: npt.NDArray[np.uint64], breaks: npt.NDArray[np.int64], n: int, bits: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return text and column of every run of n characters that lies inside one text."""
    size = len(codes) - n + 1
    if size <= 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    key = np.full(size, n, dtype=np.uint64)
    for at in range(n):
        key = key * _FACTOR + codes[at : at + size]
    key = (key ^ (key >> _HALF)) * _MIX
    inside = breaks[n : n + size] == breaks[:size]
    return breaks[:size][inside], (key >> np.uint64(64 - bits)).astype(np.int64)[inside]
