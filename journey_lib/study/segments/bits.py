"""Sets of people as bits: sixty-four to a word, so that "and" and counting run over few bytes."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bits: TypeAlias = npt.NDArray[np.uint64]
_WORD = 8  # bytes


def pack(mask: npt.NDArray[np.bool_]) -> Bits:
    """Return a mask as bits; what fills up the last word is 0.

    Examples
    --------
    >>> bits = pack(np.array([True, False, True]))
    >>> count(bits), unpack(bits, 3).tolist()
    (2, [True, False, True])
    """
    packed = np.packbits(mask)
    padded = np.zeros(-(-len(packed) // _WORD) * _WORD, dtype=np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


def unpack(bits: Bits, rows: int) -> npt.NDArray[np.bool_]:
    """Return bits as a mask of so many rows."""
    return np.unpackbits(bits.view(np.uint8), count=rows).view(np.bool_)


def filled(rows: int) -> Bits:
    """Return everybody."""
    return pack(np.ones(rows, dtype=np.bool_))


def count(bits: Bits) -> int:
    """Return how many are in a set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def counts(sets: npt.NDArray[np.uint64], among: Bits) -> npt.NDArray[np.int64]:
    """Return how many of some people are in each set, a row being a set."""
    shared: npt.NDArray[np.int64] = np.bitwise_count(sets & among).sum(axis=1, dtype=np.int64)
    return shared
