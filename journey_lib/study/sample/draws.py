"""Seeded streams and the few draws every table of the sample study is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]
Column: TypeAlias = NDArray[np.generic]


def stream(seed: int, name: str, part: int = 0) -> np.random.Generator:
    """Return the generator of one named table, so that a new table never shifts the numbers of another.

    Parameters
    ----------
    seed : int
        Seed of the whole study.
    name : str
        What is drawn, for example "survey".
    part : int
        Number of the block of customers; large studies are drawn block by block.

    Returns
    -------
    numpy.random.Generator
        The same for the same three values on every machine.

    Examples
    --------
    >>> bool(stream(1, "survey").random() == stream(1, "survey").random())
    True
    >>> bool(stream(1, "survey").random() == stream(1, "events").random())
    False
    """
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(name.encode()), part]))


def pick(rng: np.random.Generator, shares: Sequence[float] | Floats, n: int) -> Ints:
    """Draw `n` category numbers with the given shares.

    Examples
    --------
    >>> pick(np.random.default_rng(1), (0.0, 1.0), 3)
    array([1, 1, 1])
    """
    edges = np.cumsum(np.asarray(shares, dtype=float))
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(n), side="right").astype(np.int64)


def pick_rows(rng: np.random.Generator, shares: Floats) -> Ints:
    """Draw one category for each row of a matrix of shares.

    Examples
    --------
    >>> pick_rows(np.random.default_rng(1), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([0, 1])
    """
    edges = np.cumsum(shares, axis=1)
    point = rng.random(len(shares))[:, None] * edges[:, -1:]
    chosen: Ints = (point >= edges[:, :-1]).sum(axis=1).astype(np.int64)
    return chosen


def ordered_cut(latent: Floats, levels: int, stretch: Floats | float = 1.0) -> Floats:
    """Turn a latent opinion into an answer 1 … `levels`, cutting halfway between neighbouring answers.

    Parameters
    ----------
    latent : array
        Opinion in answer units.
    levels : int
        Number of answers on the scale.
    stretch : array or float
        Response style: the distance from the middle of the scale is multiplied by it, so a value below 1
        keeps to the middle and a value above 1 goes to the ends. It changes answers, not opinions.

    Returns
    -------
    array
        Answers as whole numbers.

    Examples
    --------
    >>> ordered_cut(np.array([-1.0, 3.2, 9.0]), 5)
    array([1., 3., 5.])
    >>> ordered_cut(np.array([4.0]), 5, 2.0)
    array([5.])
    """
    middle = (levels + 1) / 2
    return np.clip(np.floor(middle + stretch * (latent - middle) + 0.5), 1, levels)


def numbered(prefix: str, numbers: Ints, width: int) -> Texts:
    """Write identifiers such as C0000012 without a Python loop.

    Examples
    --------
    >>> numbered("C", np.array([12, 3]), 4)
    array(['C0012', 'C0003'], dtype=object)
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")
    joined = pc.binary_join_element_wise(pa.scalar(prefix), digits, pa.scalar(""))
    named: Texts = joined.to_numpy(zero_copy_only=False)
    return named


def instants(seconds: Ints) -> pa.Array:
    """Turn seconds since the window opened in the study's time zone into moments in UTC.

    Examples
    --------
    >>> instants(np.array([9 * 3600]))[0].as_py().isoformat()
    '2025-01-01T00:00:00+00:00'
    """
    import pyarrow as pa

    start = np.datetime64("2025-01-01", "s").astype(np.int64) - 9 * 3600
    return pa.array((seconds + start) * 1_000_000).cast(pa.timestamp("us", tz="UTC"))
