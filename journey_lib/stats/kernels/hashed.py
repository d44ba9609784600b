"""Bootstrap weights that depend on nothing but a customer's id, the seed and the draw."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_A_WORD = 4  # weights from one word of 64 bits


def hashes(ids: pd.Index) -> npt.NDArray[np.uint64]:
    """Return one number for each id, the same in every batch, process and session.

    Examples
    --------
    >>> import pandas as pd
    >>> hashes(pd.Index(["a", "b"]))[1] == hashes(pd.Index(["b"]))[0]
    np.True_
    """
    from pandas.util import hash_array

    return np.asarray(hash_array(ids.to_numpy(dtype=object), categorize=False), dtype=np.uint64)


def poisson(numbers: npt.NDArray[np.uint64], seed: int, first: int, draws: int) -> npt.NDArray[np.uint8]:
    """Return a Poisson weight of mean 1 for each customer and draw, to resample customers without a list.

    Parameters
    ----------
    numbers : ndarray of uint64
        From `hashes`.
    seed : int
        Another seed, other weights.
    first, draws : int
        Number of the first draw, and how many; a draw's weights do not depend on how many are asked for.

    Returns
    -------
    ndarray of uint8
        One row a customer, one column a draw.

    Definition
    ----------
    Sixteen bits of a mixed hash choose the weight from the Poisson distribution, so chances are exact to
    1/65,536. A customer keeps the weight wherever and with whomever it is counted: partial sums merge.

    Source
    ------
    Chamandy, N., Muralidharan, O., Najmi, A. and Naidu, S. (2012), Estimating uncertainty for massive data
    streams. Steele, G., Lea, D. and Flood, C. (2014), Fast splittable pseudorandom number generators (the
    mixing).

    Examples
    --------
    >>> few = poisson(np.arange(3, dtype=np.uint64), 1, 0, 5)
    >>> bool((poisson(np.arange(3, dtype=np.uint64), 1, 2, 3) == few[:, 2:]).all())
    True
    """
    words = np.arange(first // _A_WORD, (first + draws - 1) // _A_WORD + 1, dtype=np.uint64)
    salt = _mixed(words * _STEP + np.uint64(seed % 2**63))
    mixed = _mixed(numbers[:, None] ^ salt)
    parts = mixed.astype("<u8").view("<u2")
    start = first % _A_WORD
    weights: npt.NDArray[np.uint8] = _table()[parts[:, start : start + draws]]
    return weights


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix the bits of numbers, so that neighbours share none (splitmix64)."""
    mixed = numbers + _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
    found: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return found


@cache
def _table() -> npt.NDArray[np.uint8]:
    """Return the Poisson quantile of every number of sixteen bits."""
    k = np.arange(1, 12)
    chances = np.exp(-1) * np.append(1, 1 / np.cumprod(k))
    middles = (np.arange(2**16) + 0.5) / 2**16
    return np.searchsorted(np.cumsum(chances), middles).astype(np.uint8)
