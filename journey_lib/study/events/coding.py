"""Numbers the distinct texts of a column: texts become integers, which are sorted instead of looked up.

A table of hundreds of thousands of ids does not fit into the caches of a processor, so each look-up waits for
the memory. Sorting integers reads memory in order and takes a fraction of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.study.events.digest import mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

_SLICE = 1 << 20
_WORD = 8  # bytes
_LONGEST = 8 * _WORD  # longer texts are left to pyarrow
_SAMPLE, _FEW = 4096, 512


class Words:
    """The distinct texts of one column, numbered as they are met; a column may come in pieces.

    Examples
    --------
    >>> import pyarrow as pa
    >>> words = Words()
    >>> words.number(pa.array(["b", "a", "b"])).tolist(), words.number(pa.array(["c", "a"])).tolist()
    ([1, 0, 1], [2, 0])
    >>> [words.texts()[number].as_py() for number in (1, 0, 2)]
    ['b', 'a', 'c']
    """

    def __init__(self) -> None:
        self._keys = np.empty(0, dtype=np.uint64)  # sorted, with the number of each
        self._numbers = np.empty(0, dtype=np.int32)
        self._texts: list[pa.Array] = []
        self._exact = True  # one key, one text
        self._plain: dict[str, int] = {}  # from the first text on that cannot be made a key
        self.blanks: list[int] = []  # the numbers of texts that say nothing

    def __len__(self) -> int:
        return sum(map(len, self._texts))

    def texts(self) -> pa.Array:
        """Return the distinct texts, each at its number."""
        import pyarrow as pa

        if len(self._texts) != 1:
            self._texts = [pa.concat_arrays(self._texts or [pa.array([], type=pa.large_string())])]
        return self._texts[0]

    def number(self, column: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """Return the number of each text; -1 where it is empty or blank.

        Parameters
        ----------
        column : Array or ChunkedArray
            Of text.
        """
        found = np.empty(len(column), dtype=np.int32)
        end = 0
        for piece in _pieces(column):
            codes, distinct = _distinct(piece)
            end += len(piece)
            np.take(self._placed(distinct), codes, out=found[end - len(piece) : end])
        return found

    def _placed(self, distinct: pa.Array) -> np.ndarray:
        """Return the numbers of distinct texts, new ones included."""
        before = len(self)
        placed = self._found(distinct)
        if len(self) > before:
            self.blanks += _blank(self._texts[-1], before)
        if self.blanks:
            placed[np.isin(placed, self.blanks)] = -1
        return placed

    def _found(self, distinct: pa.Array) -> np.ndarray:
        keys = None if self._plain else self._keys_of(distinct)
        if keys is None:
            return self._looked_up(distinct)
        order = np.argsort(keys)
        keys = keys[order]
        at = np.searchsorted(self._keys, keys)
        held = at < len(self._keys)
        held[held] = self._keys[at[held]] == keys[held]
        numbers = np.empty(len(keys), dtype=np.int32)
        numbers[held] = self._numbers[at[held]]
        new = ~held
        numbers[new] = np.arange(len(self), len(self) + np.count_nonzero(new), dtype=np.int32)
        if not self._exact and not _equal(distinct.take(order[held]), self.texts().take(numbers[held])):
            return self._looked_up(distinct)
        if new.any():
            self._texts.append(distinct.take(order[new]))
            both = np.concatenate([self._keys, keys[new]])
            by_key = np.argsort(both, kind="stable")
            self._keys, self._numbers = both[by_key], np.append(self._numbers, numbers[new])[by_key]
        placed = np.empty_like(numbers)
        placed[order] = numbers
        return placed

    def _keys_of(self, distinct: pa.Array) -> np.ndarray | None:
        """Return a key for each text that differs where the texts do; None when two share one."""
        words = _words(distinct)
        if words is None:
            return None
        keys = _hashed(words)
        if len(words) > 1:
            self._exact = False
            ordered = np.sort(keys)
            if (ordered[1:] == ordered[:-1]).any():
                return None
        return keys

    def _looked_up(self, distinct: pa.Array) -> np.ndarray:
        """Return the numbers of texts by a plain table, once there was one without a key of its own."""
        import pyarrow as pa

        if not self._plain:
            self._plain = {text: place for place, text in enumerate(self.texts().to_pylist())}
        known, before = self._plain, len(self)
        numbers = [known.setdefault(text, len(known)) for text in distinct.to_pylist()]
        self._texts.append(pa.array(list(known)[before:], type=pa.large_string()))
        return np.array(numbers, dtype=np.int32)


def _pieces(column: pa.Array | pa.ChunkedArray) -> Iterator[pa.Array]:
    import pyarrow as pa

    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    for chunk in chunks:
        for start in range(0, len(chunk), _SLICE):
            piece = chunk.slice(start, _SLICE)
            yield _text(piece)


def _text(piece: pa.Array) -> pa.Array:
    import pyarrow as pa

    piece = piece if pa.types.is_large_string(piece.type) else piece.cast(pa.large_string())
    return piece.fill_null("") if piece.null_count else piece


def _blank(texts: pa.Array, first: int) -> list[int]:
    import pyarrow.compute as pc

    full = pc.not_equal(pc.utf8_trim_whitespace(texts), "")
    return [int(at) + first for at in np.flatnonzero(~np.asarray(full))]


def _equal(one: pa.Array, other: pa.Array) -> bool:
    return bool(one.equals(other))


def _distinct(piece: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """Return codes into the distinct texts of a piece, and these."""
    import pyarrow.compute as pc

    if len(piece) < 2 * _SAMPLE or len(pc.unique(piece.slice(len(piece) // 2, _SAMPLE))) < _FEW:
        return _encoded(piece)
    words = _words(piece)
    if words is None:
        return _encoded(piece)
    keys, bits = _hashed(words), np.uint64(len(piece).bit_length())
    mask = (np.uint64(1) << bits) - np.uint64(1)
    keys &= ~mask
    keys |= np.arange(len(piece), dtype=np.uint64)
    keys.sort()
    order = (keys & mask).astype(np.int32)
    keys >>= bits
    starts = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=starts[1:])
    for word in words:
        ordered = word[order]
        if (ordered[1:] != ordered[:-1])[~starts[1:]].any():  # two texts under one key
            return _encoded(piece)
    codes = np.empty(len(piece), dtype=np.int32)
    codes[order] = np.cumsum(starts, dtype=np.int32) - 1
    return codes, piece.take(order[starts])


def _encoded(piece: pa.Array) -> tuple[np.ndarray, pa.Array]:
    coded = piece.dictionary_encode()
    return np.asarray(coded.indices), coded.dictionary


def _words(piece: pa.Array) -> list[np.ndarray] | None:
    """Return texts as integers of eight bytes each, padded with zeros; None when they are too long."""
    _, offsets, data = piece.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[piece.offset : piece.offset + len(piece) + 1]
    sizes = np.diff(bounds)
    longest = int(sizes.max(initial=0))
    if longest > _LONGEST:
        return None
    raw = np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]] if data else np.empty(0, np.uint8)
    if not raw.all():  # a zero byte within a text would look like padding
        return None
    padded = np.append(raw, np.zeros(_LONGEST + _WORD, dtype=np.uint8))
    loose = np.ndarray((len(raw) + _LONGEST + 1,), dtype=np.uint64, buffer=padded, strides=(1,))
    masks = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], dtype=np.uint64)
    at = bounds[:-1] - bounds[0]
    return [
        loose[at + start] & masks[np.clip(sizes - start, 0, _WORD)]
        for start in range(0, max(longest, 1), _WORD)
    ]


def _hashed(words: list[np.ndarray]) -> np.ndarray:
    """Return one integer for each text; of one word it is as good as the text itself."""
    key = np.zeros(len(words[0]), dtype=np.uint64)
    for word in words:  # a text that has ended is not mixed on: other pieces may hold no longer one
        key = mixed(key, word) if word.all() else np.where(word == 0, key, mixed(key, word))
    return key
