"""Masking: what identifies people goes, what does not stays; neither list is the sample's own."""

from __future__ import annotations

import re

import pytest

from journey_lib.present.personal import FALSE_MASKS, RECALL, counted, mask, said, unmarked

PERSONAL = {
    "phone": """
        01012345678 로 연락주세요
        010.1234.5678 전화
        저한테 전화 주세요 02-345-6789
        031)765-4321 이에요
        +82 10 1234 5678
        +82-10-1234-5678 입니다
        call +44 20 7946 0958
        (415) 555-0132 any time
        +1 (415) 555-0132 please
        07700 900123 is my mobile
        공일공 일이삼사 오육칠팔
    """,
    "email": """
        jin.kim+shop@mail.co.kr 로 보내주세요
        me (at) example.com
        jane at example dot com
        홍길동 골뱅이 네이버 점 컴
    """,
    "registration": """
        900101-1234567
        9001011234567 입니다
        900101-1****** 로 가입했어요
        123-45-6789 is my SSN
        여권번호 M12345678
    """,
    "card": """
        4111 1111 1111 1111
        4111111111111111 로 결제
        4111-****-****-1111
        3782 822463 10005
    """,
    "account": """
        국민은행 123456-04-123456
        계좌 110-123-456789 신한
        계좌번호는 카카오뱅크 3333-01-1234567 입니다
        IBAN DE89 3704 0044 0532 0130 00
        account number 12345678
    """,
    "order": """
        주문번호 20250131-0001234
        주문번호: A1B2C3D4
        order #A-99812
        Order no. 8841203 never came
        tracking number 1Z999AA10123456784
        운송장 6891-2345-6789-1
        ticket 48213 is still open
        회원번호 778812
    """,
    "link": """
        https://shop.example.com/orders/8812?u=99
        www.example.com/u/12345
        http://blog.example.com/jin123
    """,
    "name": """
        김하늘님이 도와주셨어요
        김하늘 님 감사합니다
        하늘씨가 친절했어요
        남궁민수님 최고
        제 이름은 박보라입니다
        저는 최다온이라고 합니다
        예금주 이미르 입니다
        Jordan님 감사해요
        Ms Harper Lane helped me
        mr. vale was rude
        My name is Casey Brook
        I spoke to Jordan about it
        I talked with Anna Maria today
        the agent Robin was kind
        Thanks to Priya for helping
        Regards, Tom Baker
        I'm Sarah Connor.
    """,
    "address": """
        서울시 강남구 테헤란로 152 3층
        서울특별시 송파구 올림픽로 300
        부산 해운대구 우동 1408-3
        경기도 성남시 분당구 판교역로 235 에이치스퀘어
        서울시가온구새봄로12길5
        새봄로 12길 5 로 보내주세요
        래미안아파트 101동 1502호
        101동 1502호 앞에 두세요
        세종특별자치시 한누리대로 2130
        제주시 애월읍 애월로 11
        12 Sample Street
        221B Baker Street, London
        1600 Pennsylvania Ave NW, Washington, DC 20500
        5 Elm Rd
        10 sample road
        PO Box 1234
        Hauptstraße 12
        12 rue de la Paix
        Rua Augusta 1500
        Jl. Sudirman No. 5
    """,
}
HARMLESS = """
    고객님 응대가 좋았어요
    배송기사님이 벨도 안 누르고
    선생님 추천으로 샀어요
    부모님도 하셨습니다
    요즘날씨가 더워서
    아저씨가 놓고 갔어요
    글씨가 너무 작아요
    상담원님 최고
    여러분 감사합니다
    씨제이 제품 최고, 엄마랑 씨지비에서 봄
    다시 바로 2번 눌렀어요
    별로 5점도 아까워요
    앞으로 3개월 더 쓸게요
    인간적으로 9점 이상은 주자
    탄탄한구성으로200년 간다
    가격이 100,000원
    50000000원이 결제됨
    2026년 1월 31일에 주문
    20260131 에 왔어요
    30분 만에 저녁
    1층 입구 2번 문
    3동 앞에 놓고 가세요
    I talked to Support twice
    I spoke to the manager
    Thanks to the guide I did not have to ask anyone.
    I miss the old menu
    This is Great
    The recipe says twenty minutes and it takes fifty.
    3 cars on the road
    2 blocks down the street
    The order was 3 days late
    I ordered 12 boxes in 2025
    App version 10.2.1 is slow
    Version 2024-05-01
    Dear Team, Hello Support
    100% satisfied
    Windows 11 and iPhone 14
    no price on www.example.com
"""
CASES = [(kind, line.strip()) for kind, lines in PERSONAL.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_each_kind_is_masked_and_no_long_number_is_left(kind: str, text: str) -> None:
    found = mask(text)
    assert kind in found.kinds or (kind in ("phone", "order", "account", "card") and found.kinds)
    assert not re.search(r"\d{4,}", found.text)


@pytest.mark.parametrize("text", [line.strip() for line in HARMLESS.strip().splitlines()])
def test_harmless_words_stay(text: str) -> None:
    assert mask(text).text == text


def test_a_titled_name_is_one_name_and_the_rest_of_the_sentence_stays() -> None:
    assert mask("I talked to Mr Jordan Vale about the box.").text == "I talked to Mr ⟦name⟧ about the box."


def test_marks_in_a_text_are_no_marks_of_ours() -> None:
    assert mask("⟦phone⟧").kinds == ()


def test_a_page_says_marks_in_its_own_language_and_word_counts_never_see_them() -> None:
    text = mask("write to me@example.com").text
    assert said(text, "en") == "write to [e-mail address]"
    assert said(text, "ko") == "write to [이메일 주소]"
    assert unmarked(text).strip() == "write to"


def test_counts_are_by_kind_in_one_order() -> None:
    assert counted([mask("me@example.com, 010-0000-1234"), mask("you@example.com")]) == {
        "email": 2,
        "phone": 1,
    }


def test_recall_and_precision_keep_what_the_page_promises() -> None:
    found = sum(bool(mask(text).kinds) for _, text in CASES)
    assert found / len(CASES) >= RECALL
    lines = [line.strip() for line in HARMLESS.strip().splitlines()]
    assert sum(mask(line).text != line for line in lines) / len(lines) <= FALSE_MASKS
