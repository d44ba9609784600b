"""Numbers and sentences in both languages."""

from __future__ import annotations

import datetime as dt
import math
import string

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.present import wording
from journey_lib.present.wording import Message, Names, Quantity, WaveName, message, plural
from tests.present.pages import Label

NAN = float("nan")
LAWS = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("quantity", "en", "ko"),
    [
        (Quantity(1234567), "1,234,567", "1,234,567"),
        (Quantity(-1234.5, decimals=1), "−1,234.5", "−1,234.5"),
        (Quantity(0.4123, "share"), "41%", "41%"),
        (Quantity(0.4123, "share", 1), "41.2%", "41.2%"),
        (Quantity(-0.17, "share_points", signed=True), "−17 points", "−17%p"),
        (Quantity(0.17, "share_points", signed=True), "+17 points", "+17%p"),
        (Quantity(-14.4, "points"), "−14 points", "−14점"),
        (Quantity(4.0644, "score"), "4.06", "4.06"),
        (Quantity(2.25, "days"), "2.2 days", "2.2일"),
        (Quantity(40, "points", signed=True, bare=True), "+40", "+40"),
        (Quantity(0.0, "points", signed=True, bare=True), "0", "0"),
        (Quantity(-0.004, "share", signed=True), "0%", "0%"),
        (Quantity(NAN, "share"), "–", "–"),
        (Quantity(math.inf, "points"), "–", "–"),
    ],
)
def test_numbers_are_written_as_each_language_does(quantity: Quantity, en: str, ko: str) -> None:
    assert (quantity.say("en"), quantity.say("ko")) == (en, ko)


@LAWS
@given(st.floats(-1e9, 1e9), st.integers(0, 3), st.sampled_from(["en", "ko"]), st.booleans())
def test_a_written_number_reads_back_as_the_rounded_one(
    value: float, decimals: int, lang: str, signed: bool
) -> None:
    text = wording.number(value, lang, decimals=decimals, signed=signed)
    assert "-" not in text
    assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(round(value, decimals), abs=1e-6)
    assert text.startswith("+") == (signed and round(value, decimals) > 0)


@pytest.mark.parametrize(
    ("low", "high", "compact", "en", "ko"),
    [
        (0.38, 0.44, False, "38 to 44", "38 ~ 44"),
        (0.38, 0.44, True, "38–44", "38–44"),
        (-0.38, 0.44, True, "−38 to 44", "−38 ~ 44"),
    ],
)
def test_an_interval_joins_its_ends_without_a_second_minus(
    low: float, high: float, compact: bool, en: str, ko: str
) -> None:
    said = [wording.interval(low, high, "share", lang, compact=compact) for lang in ("en", "ko")]
    assert said == [en, ko]


@pytest.mark.parametrize(
    ("word", "topic", "subject", "object_", "with_", "to"),
    [
        ("결제", "는", "가", "를", "와", "로"),
        ("첫 배송", "은", "이", "을", "과", "으로"),
        ("메일", "은", "이", "을", "과", "로"),
        ("결제(앱)", "는", "가", "를", "와", "로"),
        ("레시피 '검색'", "은", "이", "을", "과", "으로"),
        ("2025-11", "은", "이", "을", "과", "로"),  # 일
        ("2013", "은", "이", "을", "과", "으로"),  # 삼
        ("2014", "는", "가", "를", "와", "로"),  # 사
        ("3.50", "은", "이", "을", "과", "으로"),  # 영
        ("58%", "는", "가", "를", "와", "로"),  # 퍼센트
        ("17%p", "는", "가", "를", "와", "로"),  # 퍼센트포인트
        ("−14점", "은", "이", "을", "과", "으로"),
        ("Payment", "는", "가", "를", "와", "로"),  # 페이먼트
        ("Online", "은", "이", "을", "과", "으로"),  # 온라인
        ("e-mail", "은", "이", "을", "과", "로"),  # 이메일
        ("shopping", "은", "이", "을", "과", "으로"),
        ("app", "은", "이", "을", "과", "으로"),
        ("help", "는", "가", "를", "와", "로"),  # 헬프
        ("NPS", "는", "가", "를", "와", "로"),  # 엔피에스
        ("URL", "은", "이", "을", "과", "로"),  # 유알엘
        ("🙂", "는", "가", "를", "와", "로"),
        ("", "는", "가", "를", "와", "로"),
    ],
)
def test_particles_fit_the_last_sound(
    word: str, topic: str, subject: str, object_: str, with_: str, to: str
) -> None:
    key = "{a:은} {a:이} {a:을} {a:과} {a:으로}"
    assert (
        Message(key, {"a": word}).say("ko")
        == f"{word}{topic} {word}{subject} {word}{object_} {word}{with_} {word}{to}"
    )
    assert Message("{a:은}", {"a": word}).say("en") == word


def test_the_catalogue_asks_only_for_particles_that_exist() -> None:
    asked = {
        spec
        for korean in wording._catalogue("ko").values()
        for _, _, spec, _ in string.Formatter().parse(korean)
        if spec
    }
    assert asked
    assert asked <= set(wording._PARTICLES)


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 check to look at"), (2, "2 checks to look at"), (0, "0 checks to look at")]
)
def test_english_has_two_forms_and_korean_one(n: int, said: str) -> None:
    words = plural("{n} check to look at", "{n} checks to look at", n=Quantity(n))
    assert words.say("en") == said
    assert words.say("ko") == f"살펴볼 점검 {n}개"


def test_values_of_a_sentence_are_escaped_and_never_read_as_marks() -> None:
    evil = "<script>**{x}</script>"
    words = message("**{name}** went from {before} in {first} to {after} in {second}.",
                    name=evil, before=1, after=2, first="a & b", second="c")  # fmt: skip
    assert words.say("en") == f"{evil} went from 1 in a & b to 2 in c."
    assert words.html("en") == (
        "<b>&lt;script&gt;**{x}&lt;/script&gt;</b> went from 1 in a &amp; b to 2 in c."
    )


def test_a_particle_stays_on_the_line_of_the_sign_before_it() -> None:
    page = message("n = {n}, weighted", n="24%입니다(표본)에").html("ko")
    assert "24%\u2060입니다(표본)\u2060에" in page


@LAWS
@given(st.text(max_size=60))
def test_no_value_can_open_a_tag(text: str) -> None:
    page = message("n = {n}, weighted", n=text).html("ko")
    assert not {"<", ">", '"', "'"} & set(page)


def test_labels_and_sentences_inside_a_sentence_speak_its_language() -> None:
    waves = {"before": WaveName("2025-11"), "after": WaveName("2026-01")}
    words = message("{name} fell from {before} to {after}", name=Label("Start guide", "시작 가이드"), **waves)
    assert words.say("en") == "Start guide fell from Nov 2025 to Jan 2026"
    assert words.say("ko") == "시작 가이드는 2025년 11월에서 2026년 1월 사이에 떨어졌다"
    assert message("{a}; {b}", a=message("None"), b="x").say("ko") == "없음, x"
    assert Names((Label("a", "가"), message("None"), "c"), limit=2).say("ko") == "가, 없음 외 1개"


def test_a_sentence_without_a_translation_stays_english() -> None:
    assert Message("Nobody has translated this.").say("ko") == "Nobody has translated this."


def test_dates_are_written_out_and_missing_ones_are_empty() -> None:
    assert wording.day(pd.Timestamp("2026-09-30"), "ko") == "2026년 9월 30일"
    assert [wording.day(value, "en") for value in (pd.NaT, None, "2026-09-30")] == ["", "", ""]
    assert wording.day(dt.datetime(2026, 1, 2, 23, 59, tzinfo=dt.UTC), "en") == "2 Jan 2026"


def test_names_between_backticks_are_code_and_those_of_people_are_not() -> None:
    said = message("Set `by` to **{column}**.", column="`<b>`")
    assert said.html("en") == "Set <code>by</code> to <b>`&lt;b&gt;`</b>."
    assert said.say("en") == "Set `by` to `<b>`."
