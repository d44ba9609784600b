"""Gathers the files of a log in memory: each gives its rows up as soon as it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.study.events.coding import Words
from journey_lib.study.events.identity import Coded, numbered, ranked
from journey_lib.study.events.times import NO_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SMALL = 2**15  # names that two bytes can count
NAMES = ("event", "channel")
_MOMENTS = ("time", "received_at")
_SLICE = 1 << 16


class Pool:
    """The core columns of all files read so far: texts numbered alike, moments, nothing else.

    Examples
    --------
    >>> import pandas as pd
    >>> pool = Pool()
    >>> for ids in (["b", "a"], ["c", "", "b"]):
    ...     numbers = pool.number("customer_id", pd.Series(ids, dtype="str"))
    ...     pool.add(len(ids), {"customer_id": numbers})
    >>> coded = pool.coded("customer_id")
    >>> coded.codes.tolist(), coded.labels.tolist()
    ([1, 0, 2, -1, 1], ['a', 'b', 'c'])
    """

    def __init__(self) -> None:
        self.size = 0
        self.left_out = False  # whether texts were numbered of rows that were not added
        self._words: dict[str, Words] = {}
        self._columns: dict[str, np.ndarray] = {}

    def number(self, name: str, column: pd.Series) -> np.ndarray:
        """Return a number for each text of a column, the same in all files."""
        words = self.words(name)
        numbers = numbered(column, words)
        return numbers.astype(np.int16) if name in NAMES and len(words) < SMALL else numbers

    def words(self, name: str) -> Words:
        """Return the distinct texts of a column so far."""
        return self._words.setdefault(name, Words())

    def add(self, rows: int, columns: Mapping[str, np.ndarray]) -> None:
        """Take the rows of a file in; a column that it does not have is missing in all of them."""
        for name in {**self._columns, **columns}:
            missing = NO_TIME if name in _MOMENTS else -1
            new = columns.get(name, np.array([missing], dtype=np.int64))
            held = self._columns.pop(name, None)
            if not self.size and len(new) == rows:
                self._columns[name] = new  # as it is: a copy takes time and room
                continue
            if held is None:
                held = np.full(self.size, missing, dtype=new.dtype)
            if held.dtype.itemsize < new.dtype.itemsize and name in columns:
                held = held.astype(new.dtype)
            held = held if held.flags.owndata and held.flags.writeable else held.copy()
            held.resize(self.size + rows, refcheck=False)  # where it stands: two of them would not fit
            held[self.size :] = new
            self._columns[name] = held
        self.size += rows

    def coded(self, name: str) -> Coded | None:
        """Give a column of texts away, as codes into its sorted texts; None when no file has it."""
        codes = self._columns.pop(name, None)
        if codes is None:
            return None
        words = self._words.pop(name)
        place, labels = ranked(words, _used(codes, len(words)) if self.left_out else None)
        place = place.astype(codes.dtype)
        found = codes if codes.flags.writeable else np.empty_like(codes)
        for start in range(0, len(codes), _SLICE):
            found[start : start + _SLICE] = place[codes[start : start + _SLICE]]
        return Coded(found, labels)

    def moments(self, name: str) -> np.ndarray | None:
        """Give a column of moments away; None when no file has it."""
        return self._columns.pop(name, None)


def _used(codes: np.ndarray, count: int) -> np.ndarray:
    """Mark the numbers that stand among codes."""
    used = np.zeros(count + 1, dtype=bool)
    for start in range(0, len(codes), _SLICE):
        used[codes[start : start + _SLICE]] = True  # the last place stands for an empty cell
    return used[:-1]
