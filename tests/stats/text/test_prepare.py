"""Sentences, languages, content and repetitions, counted by hand."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from journey_lib.stats.text.prepare import (
    clean,
    first_of_each,
    has_content,
    language_of_comment,
    normal,
    sentences,
)


def test_a_mixed_comment_without_full_stops_is_cut_where_the_script_goes_on() -> None:
    found = sentences("배송이 하루 늦어서 생선이 미지근했어요 The box came a day late and the fish was warm")
    assert [s.language for s in found] == ["ko", "en"]
    assert found[1].text == "The box came a day late and the fish was warm"


def test_korean_without_spaces_is_a_sentence_of_its_own() -> None:
    assert language_of_comment("가이드가짧고그림이많아서좋아요 The start guide is good") == "mixed"


def test_a_loan_word_does_not_make_a_comment_mixed() -> None:
    assert language_of_comment("앱 UI 랑 OTP 가 불편해요") == "ko"
    assert language_of_comment("I love bibimbap 비빔밥 from the box") == "en"


def test_composed_and_decomposed_korean_are_one() -> None:
    text = "배송이 빨라요"
    assert clean(unicodedata.normalize("NFD", text)) == text


def test_under_two_letters_nothing_is_said() -> None:
    said = {
        text: has_content(text)
        for text in ("", " ", ".", "👍", "x", "ㅇㅇ", "없음", "n/a", "ok", "굿굿", "ㅠㅠ")
    }
    assert [text for text, content in said.items() if content] == ["ok", "굿굿", "ㅠㅠ"]


def test_laughter_and_signs_are_shortened_alike() -> None:
    assert normal("좋아요ㅋㅋㅋㅋㅋ!!!!") == normal("좋아요ㅋㅋ!!") == "좋아요ㅋㅋ!!"


def test_equal_words_of_one_person_count_once_and_of_two_people_twice() -> None:
    kept = first_of_each(["a", "a", "b", "a"], ["Late!", "late!", "late!", "cold"])
    assert kept.tolist() == [True, False, True, True]


@given(st.text(max_size=80))
def test_no_word_is_lost_between_the_sentences(text: str) -> None:
    plain = clean(text)
    assert "".join("".join(s.text.split()) for s in sentences(plain)) == "".join(plain.split())


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
