"""Numbers the distinct texts of a column: texts become integers, which are looked up some thousand at a time.

Whatever a step works on stays within the caches of a processor: a look-up that waits for the memory takes
ten times as long as one that does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.study.events.digest import mixed

if TYPE_CHECKING:
    import pyarrow as pa

_SLICE = 1 << 15
_WORD = 8  # bytes
_LONGEST = 8 * _WORD  # longer texts are left to pyarrow
_SAMPLE, _FEW = 4096, 512
_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # of splitmix64
_ROOM = 8  # homes in the table for each text, at least half as many


class Words:
    """The distinct texts of one column, numbered as they are met; a column may come in pieces.

    Examples
    --------
    >>> import pyarrow as pa
    >>> words = Words()
    >>> words.number(pa.array(["b", "a", "b"])).tolist(), words.number(pa.array(["c", "a"])).tolist()
    ([0, 1, 0], [2, 1])
    >>> [words.texts()[number].as_py() for number in (1, 0, 2)]
    ['a', 'b', 'c']
    """

    def __init__(self) -> None:
        self._texts: list[pa.Array] = []
        self._size = 0
        self._table = _Table()
        self._plain: dict[str, int] = {}  # from the first text on that cannot be made a key
        self.blanks: list[int] = []  # the numbers of texts that say nothing

    def __len__(self) -> int:
        return self._size

    def texts(self) -> pa.Array:
        """Return the distinct texts, each at its number."""
        import pyarrow as pa

        if len(self._texts) != 1:
            self._texts = [pa.concat_arrays(self._texts or [pa.array([], type=pa.large_string())])]
        return self._texts[0]

    def sorted(self) -> np.ndarray:
        """Return the numbers of the distinct texts in the order of these."""
        import pyarrow.compute as pc

        words = None if self._plain else self._table.words()
        if words is not None and len(words) == 1:
            return np.argsort(words[0].byteswap())  # the first letter counts most
        return np.asarray(pc.sort_indices(self.texts()))

    def number(self, column: pa.Array | pa.ChunkedArray, out: np.ndarray | None = None) -> np.ndarray:
        """Return the number of each text; -1 where it is empty or blank.

        Parameters
        ----------
        column : Array or ChunkedArray
            Of text, or of codes into texts.
        out : ndarray of int32, optional
            Where the numbers go.
        """
        import pyarrow as pa

        found = np.empty(len(column), dtype=np.int32) if out is None else out
        end = 0
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            end += len(chunk)
            self._chunk(chunk, found[end - len(chunk) : end])
        return found

    def _chunk(self, chunk: pa.Array, found: np.ndarray) -> None:
        import pyarrow as pa

        if pa.types.is_dictionary(chunk.type):
            self._coded(chunk, found)
        elif len(chunk) >= 2 * _SAMPLE and _few(chunk):
            self._coded(_text(chunk).dictionary_encode(), found)
        else:
            for start in range(0, len(chunk), _SLICE):
                piece = _text(chunk.slice(start, _SLICE))
                found[start : start + _SLICE] = self._numbers(piece)

    def _coded(self, chunk: pa.DictionaryArray, found: np.ndarray) -> None:
        """Write the numbers of a chunk that is codes into texts; only those that are used are met."""
        import pyarrow as pa

        codes = np.asarray(chunk.indices.cast(pa.int32()).fill_null(len(chunk.dictionary)))
        used = np.zeros(len(chunk.dictionary) + 1, dtype=bool)
        used[codes] = True
        place = np.full(len(used), -1, dtype=np.int32)
        place[:-1][used[:-1]] = self.number(_text(chunk.dictionary).filter(pa.array(used[:-1])))
        for start in range(0, len(codes), _SLICE):
            np.take(place, codes[start : start + _SLICE], out=found[start : start + _SLICE], mode="clip")

    def _numbers(self, piece: pa.Array) -> np.ndarray:
        """Return the numbers of texts, new ones included."""
        words = None if self._plain else _words(piece)
        numbers = None if words is None else self._looked_up(piece, words)
        numbers = self._plainly(piece) if numbers is None else numbers
        if self.blanks:
            numbers[np.isin(numbers, self.blanks)] = -1
        return numbers

    def _looked_up(self, piece: pa.Array, words: list[np.ndarray]) -> np.ndarray | None:
        """Return the numbers of texts that are words; None where two texts share a key."""
        keys = _hashed(words)
        numbers: np.ndarray = self._table.found(keys)
        new = np.flatnonzero(numbers < 0)
        if len(new):
            _, first = np.unique(keys[new], return_index=True)
            first = new[np.sort(first)]
            self._table.add(keys[first], [word[first] for word in words])
            self._add(piece.take(first))
            numbers[new] = self._table.found(keys[new])
        return numbers if self._table.holds(numbers, words) else None

    def _add(self, texts: pa.Array) -> None:
        self.blanks += _blank(texts, self._size)
        self._texts.append(texts)
        self._size += len(texts)

    def _plainly(self, piece: pa.Array) -> np.ndarray:
        """Return the numbers of texts by a plain table, once there was one without a key of its own."""
        import pyarrow as pa

        if not self._plain:
            self._plain = {text: place for place, text in enumerate(self.texts().to_pylist())}
        coded, known, before = piece.dictionary_encode(), self._plain, len(self)
        numbers = [known.setdefault(text, len(known)) for text in coded.dictionary.to_pylist()]
        self._add(pa.array(list(known)[before:], type=pa.large_string()))
        placed: np.ndarray = np.array(numbers, dtype=np.int32)[np.asarray(coded.indices)]
        return placed


class _Table:
    """Finds the number of a key: it lives where its leading bits say, or away if somebody else lives there.

    A home holds the other bits of the key and, behind them, the number: taking the key off leaves the number.
    """

    def __init__(self) -> None:
        self._size = 0
        self._keys = np.empty(0, dtype=np.uint64)
        self._words: list[np.ndarray] = []  # of the text of each key, to tell two texts of one key apart
        self._bits = 0
        self._homes = np.empty(0, dtype=np.uint64)
        self._away = np.empty(0, dtype=np.uint64)  # sorted keys
        self._numbers = np.empty(0, dtype=np.int32)  # of those

    def words(self) -> list[np.ndarray]:
        """Return the words of all texts, in the order of their numbers."""
        return [word[: self._size] for word in self._words]

    def found(self, keys: np.ndarray) -> np.ndarray:
        """Return the number of each key, -1 where it has none."""
        if not self._size:
            return np.full(len(keys), -1, dtype=np.int32)
        told = np.take(self._homes, self._home(keys), mode="clip")
        told ^= keys << np.uint64(self._bits)
        other = np.flatnonzero(told >= self._size)
        numbers = told.view(np.int64).astype(np.int32)
        if len(other):
            numbers[other] = self._elsewhere(keys[other])
        return numbers

    def _home(self, keys: np.ndarray) -> np.ndarray:
        return (keys >> np.uint64(64 - self._bits)).view(np.int64)

    def _elsewhere(self, keys: np.ndarray) -> np.ndarray:
        if not len(self._away):
            return np.full(len(keys), -1, dtype=np.int32)
        at = np.searchsorted(self._away, keys)
        known = np.take(self._away, at, mode="clip") == keys
        return np.where(known, np.take(self._numbers, at, mode="clip"), np.int32(-1))

    def holds(self, numbers: np.ndarray, words: list[np.ndarray]) -> bool:
        """Say whether these numbers are those of texts made of these words."""
        if len(words) == len(self._words) == 1:
            return True  # a key of one word is as good as the word
        for at, held in enumerate(self._words):
            same = held[numbers] == (words[at] if at < len(words) else 0)
            if not same.all():
                return False
        return True

    def add(self, keys: np.ndarray, words: list[np.ndarray]) -> None:
        """Give new keys the next numbers."""
        before, self._size = self._size, self._size + len(keys)
        self._keys = _longer(self._keys, before, keys)
        for at in range(max(len(words), len(self._words))):
            if at == len(self._words):
                self._words.append(np.zeros(before, dtype=np.uint64))
            new = words[at] if at < len(words) else np.zeros(len(keys), dtype=np.uint64)
            self._words[at] = _longer(self._words[at], before, new)
        if _ROOM * self._size > 2 * len(self._homes):
            self._bits = int(_ROOM * self._size - 1).bit_length()
            self._homes = np.full(1 << self._bits, (1 << self._bits) - 1, dtype=np.uint64)
            self._away, self._numbers, before = self._away[:0], self._numbers[:0], 0
        self._settle(before)

    def _settle(self, first: int) -> None:
        """Give each number from the first on a home."""
        keys, numbers = self._keys[first : self._size], np.arange(first, self._size, dtype=np.uint64)
        home = self._home(keys)
        free = np.flatnonzero(self._homes[home] == len(self._homes) - 1)
        named = keys << np.uint64(self._bits) | numbers
        self._homes[home[free]] = named[free]
        left = self._homes[home] != named
        if left.any():
            away = np.concatenate([self._away, keys[left]])
            order = np.argsort(away)
            self._away = away[order]
            self._numbers = np.concatenate([self._numbers, numbers[left].astype(np.int32)])[order]


def _longer(held: np.ndarray, size: int, more: np.ndarray) -> np.ndarray:
    """Return values with some more behind the first `size`, and room for those to come."""
    if size + len(more) > len(held):
        held = np.concatenate([held[:size], np.zeros(size + len(more), dtype=held.dtype)])
    held[size : size + len(more)] = more
    return held


def _few(chunk: pa.Array) -> bool:
    """Say whether texts repeat so often that pyarrow is faster at coding them."""
    import pyarrow.compute as pc

    return len(pc.unique(chunk.slice(len(chunk) // 2, _SAMPLE))) < _FEW


def _text(piece: pa.Array) -> pa.Array:
    import pyarrow as pa

    piece = piece if pa.types.is_large_string(piece.type) else piece.cast(pa.large_string())
    return piece.fill_null("") if piece.null_count else piece


def _blank(texts: pa.Array, first: int) -> list[int]:
    import pyarrow.compute as pc

    full = pc.not_equal(pc.utf8_trim_whitespace(texts), "")
    return [int(at) + first for at in np.flatnonzero(~np.asarray(full))]


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
    if longest and int(sizes.min()) == longest:
        return _alike(raw.reshape(-1, longest))
    padded = np.append(raw, np.zeros(_LONGEST + _WORD, dtype=np.uint8))
    loose = np.ndarray((len(raw) + _LONGEST + 1,), dtype=np.uint64, buffer=padded, strides=(1,))
    masks = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], dtype=np.uint64)
    at = bounds[:-1] - bounds[0]
    return [
        loose[at + start] & masks[np.clip(sizes - start, 0, _WORD)]
        for start in range(0, max(longest, 1), _WORD)
    ]


def _alike(letters: np.ndarray) -> list[np.ndarray]:
    """Return texts of one length as integers; each row holds the bytes of one."""
    rows, longest = letters.shape
    whole = -(-longest // _WORD) * _WORD
    if whole > longest:
        padded = np.zeros((rows, whole), dtype=np.uint8)
        padded[:, :longest] = letters
        letters = padded
    return list(np.ascontiguousarray(letters.view(np.uint64).T))


def _hashed(words: list[np.ndarray]) -> np.ndarray:
    """Return one integer for each text; of one word it is as good as the text itself."""
    key = _stirred(words[0])
    for word in words[1:]:  # a text that has ended is not mixed on: other pieces may hold no longer one
        key = mixed(key, word) if word.all() else np.where(word == 0, key, mixed(key, word))
    return key


def _stirred(word: np.ndarray) -> np.ndarray:
    """Return a number for each word, different for different ones; its leading bits depend on all letters."""
    key = word * _FACTORS[0]
    key ^= key >> np.uint64(32)
    key *= _FACTORS[1]
    return key
