"""Numbering texts by sorting them as integers gives what a table gives, whatever the texts are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.study.events import coding
from journey_lib.study.events.coding import Words
from journey_lib.study.events.pool import Pool

MANY = 9_000  # rows; fewer are left to pyarrow


def checked(*pieces: list[str | None]) -> Words:
    """Number some pieces, and compare with a dictionary."""
    words, known = Words(), {}
    for piece in pieces:
        numbers = words.number(pa.array(piece, type=pa.large_string())).tolist()
        for number, text in zip(numbers, piece, strict=True):
            if not (text or "").strip():
                assert number == -1
            else:
                assert known.setdefault(text, number) == number
    texts = words.texts().to_pylist()
    assert all(texts[number] == text for text, number in known.items())
    assert len(set(known.values())) == len(known)
    return words


def ids(width: int, count: int = MANY, kinds: int = 4_000) -> list[str]:
    rng = np.random.default_rng(width)
    return [f"{number:0{width}}" for number in rng.integers(0, kinds, count)]


@pytest.mark.parametrize("width", [4, 7, 8, 9, 16, 17, 36, 64, 65, 90])
def test_ids_of_any_length(width: int) -> None:
    checked(ids(width), ids(width))


def test_ids_of_several_lengths_keep_their_number_beside_longer_ones() -> None:
    short, long = ids(4), ids(30)
    checked(short, short + long, long + [text[-6:] for text in long], short)


def test_blanks_nulls_and_zero_bytes() -> None:
    checked(
        [*ids(5), "", " ", "\t", None, "a\0", "a", "가나다", "é"],
        ["a", "a\0", "a\0\0", None, "가나다"] * 2000,
    )


@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
@settings(deadline=None)
def test_any_texts(texts: list[str]) -> None:
    checked(ids(6) + texts * 3, texts, ids(3) + texts)


def test_two_texts_under_one_key_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hash of seven values nearly all texts collide, within a piece and between pieces."""
    monkeypatch.setattr(coding, "_hashed", lambda words: sum(words) % np.uint64(7))
    checked(ids(20), ids(20, kinds=9_000), ["x" * 20, "y" * 20])


def test_a_key_met_again_under_another_text_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "_hashed", lambda words: words[0])  # the first eight bytes only
    checked(["12345678a", "87654321a"], ["12345678b", "87654321a"], ["12345678a"])


def test_a_pool_fills_what_a_file_does_not_have() -> None:
    pool = Pool()
    pool.add(2, {"time": np.array([5, 6])})
    pool.add(
        1, {"time": np.array([7]), "channel": np.array([0], dtype=np.int16), "received_at": np.array([9])}
    )
    pool.add(1, {"time": np.array([8])})
    assert pool.size == 4
    assert pool.moments("time").tolist() == [5, 6, 7, 8]
    assert pool.moments("received_at")[[0, 2]].tolist() == [np.iinfo(np.int64).min, 9]
    assert pool._columns["channel"].tolist() == [-1, -1, 0, -1]
