"""Words and themes: found by hand, named by what sets them apart, with Kiwi and without."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from journey_lib.stats.text import themes, tokens
from tests.conftest import need

TEXTS = ["The box was late", "박스가늦었어요", "Nice menu", "My address is wrong", "ads and adverts", ""]


def test_a_latin_term_is_a_word_and_its_plural_and_a_korean_one_is_anywhere() -> None:
    found = themes.mentions(TEXTS, [["ad"], ["advert*"], ["박스", "box"], ["was late"]])
    assert found.T.tolist() == [
        [False, False, False, False, True, False],
        [False, False, False, False, True, False],
        [True, True, False, False, False, False],
        [True, False, False, False, False, False],
    ]


def test_a_korean_phrase_is_found_with_and_without_its_space() -> None:
    assert themes.mentions(["고객 센터 최고", "고객센터최고"], [["고객 센터"]])[:, 0].all()


def test_terms_are_what_sets_a_theme_apart_not_what_is_common() -> None:
    words = [("box", "late"), ("box", "cold")] * 10 + [("box", "menu")] * 20
    inside = np.arange(40) < 20
    assert set(themes.top_terms(words, inside)) == {"late", "cold"}
    assert themes.top_terms(words, ~inside) == ("menu",)


def test_signs_and_laughter_name_nothing() -> None:
    words = [("ㅋㅋ", "👍", "menu")] * 5 + [("box",)] * 5
    assert themes.top_terms(words, [True] * 5 + [False] * 5) == ("menu",)


def test_groups_need_texts_and_part_them_by_words() -> None:
    words = [("cold", "soup")] * 30 + [("broken", "lid")] * 25
    found = themes.groups(words, most=2)
    assert [(set(one.terms), int(one.members.sum())) for one in found] == [
        ({"cold", "soup"}, 30),
        ({"broken", "lid"}, 25),
    ]
    assert themes.groups(words[:20]) == []


def test_groups_do_not_depend_on_the_order_of_texts() -> None:
    words = [("cold", "soup")] * 30 + [("broken", "lid")] * 25
    order = np.random.default_rng(1).permutation(len(words)).tolist()
    for straight, turned in zip(
        themes.groups(words), themes.groups([words[at] for at in order]), strict=True
    ):
        assert set(straight.terms) == set(turned.terms)
        assert straight.members[order].tolist() == turned.members.tolist()


def test_words_without_kiwi_keep_laughter_and_emoji() -> None:
    assert tokens.words(["Boxes were late ㅠㅠㅠ 👍"], kiwi=False) == [("box", "late", "ㅠㅠ", "👍")]
    assert "배송" in tokens.words(["배송이 늦어요"], kiwi=False)[0]


def test_no_space_korean_without_kiwi_still_shows_its_nouns() -> None:
    assert "생선" in tokens.words(["배송이하루늦어서생선이미지근했어요"], kiwi=False)[0]


def test_kiwi_finds_the_nouns_and_the_plain_form_of_verbs() -> None:
    need(importlib.util.find_spec("kiwipiepy"), "the extra korean (kiwipiepy)")
    (found,) = tokens.words(["배송이하루늦어서 생선이 미지근했어요 ㅠㅠ"], kiwi=True)
    assert {"배송", "생선", "늦다", "ㅠㅠ"} <= set(found)


def test_without_kiwi_installed_the_fallback_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "find_spec", lambda _: None)
    assert tokens.words(["배송이 늦어요"]) == tokens.words(["배송이 늦어요"], kiwi=False)
