"""Rules as data: read with all problems at once, written in one form, hashed, and put into words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.study.definition import Study, study_from
from journey_lib.study.segments import (
    EVERYBODY,
    OPERATORS,
    Condition,
    Either,
    Every,
    Not,
    Rule,
    as_json,
    as_parameter,
    chips,
    columns_of,
    describe,
    fingerprint,
    read_rule,
)

KOREA = Condition("region", "=", "KR")
RULE = Every((KOREA, Not(Either((Condition("nps", "<=", 6.0), Condition("nps", "is_missing"))))))


def said(given: object) -> list[str]:
    with pytest.raises(ParamError) as caught:
        read_rule(given)  # type: ignore[arg-type]  # what a hand may write
    return [str(one) for one in caught.value.items]


def test_text_values_and_rules_read_alike() -> None:
    text = json.dumps(as_json(RULE))
    assert read_rule(text) == read_rule(json.loads(text)) == read_rule(RULE) == RULE
    assert columns_of(RULE) == ("region", "nps")


@pytest.mark.parametrize(
    "text", ["region=KR", " region = KR ", '{"column":"region","operator":"is","value":"KR"}']
)
def test_spellings_of_one_condition(text: str) -> None:
    assert read_rule(text) == KOREA


def test_a_value_may_hold_the_sign_itself() -> None:
    assert read_rule("url=a=b") == Condition("url", "=", "a=b")


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_read_as_it_is_written(operator: str) -> None:
    values = {
        "in": ["a", 1],
        "between": [1, 2],
        "is_missing": None,
        "within_last_days": 30,
        ">=": 3,
        "<=": "2025-01-31",
    }
    given = {"column": "c", "operator": operator, "value": values.get(operator, "x")}
    if operator == "is_missing":
        del given["value"]
    assert as_json(read_rule(given)) == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "'' is no rule"),
        ("=KR", "'=KR' is no rule"),
        ("{", "is not valid JSON at character 2"),
        ("[1]", "rule: is a list"),
        ('{"any": []}', "is empty: nobody could be inside"),
        ('{"all": {}}', "rule.all: is an object"),
        ('{"all": [], "any": []}', "has the keys all, any"),
        ('{"column": "a", "operator": "=>", "value": 1}', "operator '=>'"),
        ('{"column": "a", "operator": "in", "value": []}', "a list of texts or numbers"),
        ('{"column": "a", "operator": "in", "value": [null]}', "a list of texts or numbers"),
        ('{"column": "a", "operator": "between", "value": [2, 1]}', "the lower one first"),
        (
            '{"column": "a", "operator": "between", "value": ["2025-02-01", 3]}',
            "two numbers or two ISO dates",
        ),
        ('{"column": "a", "operator": ">=", "value": "many"}', "a number or an ISO date"),
        ('{"column": "a", "operator": ">=", "value": 1e999}', "a number or an ISO date"),
        ('{"column": "a", "operator": "=", "value": NaN}', "a text or a number"),
        ('{"column": "a", "operator": "contains", "value": ""}', "a text"),
        ('{"column": "a", "operator": "within_last_days", "value": 1.5}', "a whole number of days"),
        ('{"column": "a", "operator": "is_missing", "value": 1}', "no value"),
        ('{"operator": "=", "value": 1}', "names no column"),
        ('{"column": "a", "operater": "=", "value": 1}', "Did you mean 'operator'?"),
    ],
)
def test_what_is_no_rule(given: str, words: str) -> None:
    assert any(words in one for one in said(given)), said(given)


def test_all_problems_of_a_rule_come_in_one_error_with_their_places() -> None:
    given = {
        "all": [
            {"column": "a", "operator": "~"},
            {"not": {"any": [{"column": 3, "operator": "=", "value": 1}]}},
        ]
    }
    assert [one.partition(":")[0] for one in said(given)] == ["rule.all[0]", "rule.all[1].not.any[0]"]


def test_a_rule_nested_beyond_reason_is_refused_and_not_followed() -> None:
    given: dict[str, object] = as_json(KOREA)
    for _ in range(5000):
        given = {"not": given}
    assert "lies too deep" in said(given)[0]


def test_equal_rules_have_equal_hashes_and_others_not() -> None:
    other = Condition("plan", "in", ("a", "b"))
    assert fingerprint(Every((KOREA, other))) == fingerprint(Every((Every((other,)), KOREA, KOREA)))
    assert fingerprint(Condition("plan", "in", ("b", "a", "a"))) == fingerprint(other)
    assert fingerprint(Condition("region", "in", ("KR",))) == fingerprint(KOREA)
    assert fingerprint(Either((KOREA, other))) != fingerprint(Every((KOREA, other)))
    assert fingerprint(Not(KOREA)) != fingerprint(KOREA)
    assert fingerprint(Condition("n", "=", "1")) != fingerprint(Condition("n", "=", 1.0))


def test_the_hash_is_the_sha256_of_the_canonical_text() -> None:
    """Computed by coreutils 9: printf %s '{"column":"region","operator":"=","value":"KR"}' | sha256sum."""
    assert fingerprint(KOREA) == HASH_OF_KOREA


HASH_OF_KOREA = "f6fd96750a1b28f291d5500fcdf2e82326200886aa6eff213a9dade5a4761664"


@settings(max_examples=50, deadline=None)
@given(value=st.text(min_size=1).filter(lambda text: text.strip() == text and text.isprintable()))
def test_a_parameter_reads_back_as_the_rule_it_was_made_of(value: str) -> None:
    rule: Rule = Condition("region", "=", value)
    assert read_rule(as_parameter(rule)) == rule
    assert read_rule(as_parameter(Not(rule))) == Not(rule)


@pytest.fixture(scope="module")
def study() -> Study:
    raw = {
        "id": "s",
        "title": "S",
        "journey": {"preset": "funnel3"},
        "sources": {"responses": {"file": "a.csv"}},
        "questions": [
            {"id": "nps", "kind": "nps", "label": {"en": "Recommendation", "ko": "추천 의향"}},
            {
                "id": "pay",
                "kind": "single",
                "labels": {"1": {"en": "Card", "ko": "카드"}, "2": {"en": "Cash", "ko": "현금"}},
            },
        ],
    }
    return study_from(raw)


@pytest.mark.parametrize(
    ("rule", "english", "korean"),
    [
        (EVERYBODY, "Everybody", "전체"),
        (KOREA, "region: KR", "region: KR"),
        (Condition("pay", "in", ("1", "2")), "Pay: Card or Cash", "Pay: 카드 또는 현금"),
        (Condition("nps", ">=", 9.0), "Recommendation: 9 or more", "추천 의향: 9 이상"),
        (Condition("nps", "between", (0.0, 6.0)), "Recommendation: 0 to 6", "추천 의향: 0~6"),
        (Condition("orders", "<=", 1.5), "Orders: 1.5 or less", "주문 수: 1.5 이하"),
        (
            Condition("newest_nps", "is_missing"),
            "Newest answer: Recommendation: missing",
            "최근 응답: 추천 의향: 값 없음",
        ),
        (
            Condition("last_purchase_day", ">=", "2025-01-31"),
            "Last purchase: since 31 Jan 2025",
            "마지막 구매일: 2025년 1월 31일부터",
        ),
        (
            Condition("last_purchase_day", "within_last_days", 1.0),
            "Last purchase: at most 1 day ago",
            "마지막 구매일: 1일 이내",
        ),
        (Condition("comment", "contains", "late"), "comment contains “late”", "comment에 “late” 포함"),
        (
            Condition("furthest_stage", "=", "none"),
            "Furthest stage: No stage yet",
            "가장 멀리 간 단계: 아직 단계 없음",
        ),
        (Condition("arm_onboarding", "=", "new"), "Arm of onboarding: new", "onboarding 실험의 집단: new"),
        (
            Every((KOREA, Not(Either((Condition("nps", "<=", 6.0), Condition("nps", "is_missing")))))),
            "region: KR and not (Recommendation: 6 or less or Recommendation: missing)",
            "region: KR 그리고 (추천 의향: 6 이하 또는 추천 의향: 값 없음) 제외",
        ),
    ],
)
def test_a_rule_in_words(study: Study, rule: Rule, english: str, korean: str) -> None:
    assert describe(rule, study.speak("en")) == english
    assert describe(rule, study.speak("ko")) == korean


def test_chips_are_the_parts_a_reader_may_take_off(study: Study) -> None:
    assert [words.say("en") for _, words in chips(RULE, study)] == [
        "region: KR",
        "not (Recommendation: 6 or less or Recommendation: missing)",
    ]
    assert [part for part, _ in chips(KOREA, study)] == [KOREA]
    assert chips(EVERYBODY, study) == ()
