"""Google Forms: stamps in two languages, and choices that hold the sign that joins them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.study.importers.google_forms import iso_stamp, part

USED = "어디에서 이용하시나요? (복수 선택)"
OPTIONS = ["웹", "앱, 휴대폰에서", "매장"]
ROWS = [
    ["2025/01/31 9:05:09 오전 GMT+9", "a@example.org", "웹, 앱, 휴대폰에서", "9", "매우 만족"],
    ["2025/02/01 12:00:00 오후 GMT+9", "b@example.org", "앱, 휴대폰에서", "10", "보통"],
    ["2025/02/01 12:00:00 오전 GMT+9", "c@example.org", "웹, 친구가, 알려줘서", "2", ""],
]


def export(rows: list[list[str]] = ROWS) -> str:
    head = ["타임스탬프", "이메일 주소", USED, "저희를 추천하시겠습니까?", "전반적으로 얼마나 만족하셨나요?"]
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue()


@pytest.fixture
def options(tmp_path: Path) -> Path:
    file = tmp_path / "options.toml"
    file.write_text(f'"{USED}" = ["웹", "앱, 휴대폰에서", "매장"]\n', encoding="utf-8")
    return file


def test_korean_headers_stamps_and_words_are_read(init) -> None:
    drafted = init("form.csv", export())
    assert "read as google_forms: its first column is 타임스탬프." in drafted.said
    drafted.corrected('time_zone = "UTC"', 'time_zone = "Asia/Seoul"')
    assert drafted.check().exit_code == 0
    study, data = drafted.load()
    assert data.responses["date"].astype("str").tolist() == [
        "2025-01-31 09:05:09", "2025-02-01 12:00:00", "2025-02-01 00:00:00",
    ]  # fmt: skip
    assert (study.item("q3").kind, data.responses["q3"].tolist()) == ("nps", [9, 10, 2])
    assert study.item("q4").kind == "csat"
    assert data.responses["q4"].tolist()[:2] == [5, 3]
    assert data.responses["respondent_id"].tolist() == ["1", "2", "3"]
    assert "left out, because it names people: 이메일 주소" in drafted.said


def test_without_the_options_choices_stay_text_and_it_is_said(init) -> None:
    drafted = init("form.csv", export())
    assert drafted.load()[0].item("q2").kind in ("text", "single")
    assert "q2 (어디에서 이용하시나요? (복수 선택)) may hold several choices" in drafted.said
    assert "List its options with --options FILE to part them" in drafted.text


def test_with_the_options_choices_are_parted_even_where_one_holds_the_comma(init, options: Path) -> None:
    drafted = init("form.csv", export(), "--options", options)
    assert drafted.check().exit_code == 0
    study, data = drafted.load()
    assert data.responses["q2.웹"].tolist() == [1, 0, 1]
    assert data.responses["q2.앱_휴대폰에서"].tolist() == [1, 1, 0]
    assert data.responses["q2.매장"].tolist() == [0, 0, 0]
    assert study.item("q2").options["앱_휴대폰에서"].ko == "앱, 휴대폰에서"
    assert data.responses["q2_other"].tolist()[2] == "친구가, 알려줘서"  # somebody's own words stay whole


def test_what_can_be_parted_in_two_ways_stays_text(init, tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text('"Which?" = ["A", "B", "A, B"]')
    drafted = init("form.csv", 'Timestamp,Which?\n2025/01/31 3:05:09 PM GMT+9,"A, B"\n', "--options",
                   tmp_path / "o.toml")  # fmt: skip
    assert "q1: 1 cell can be parted in two ways; left as text" in drafted.said
    assert drafted.load()[1].responses["q1"].tolist() == ["A, B"]


def test_an_unread_stamp_is_said(init) -> None:
    drafted = init("form.csv", "Timestamp,Why did you come?\nyesterday,x\n")
    assert "the column of timestamps is not read" in drafted.said
    assert "date" not in drafted.load()[1].responses


def test_options_for_a_question_that_is_not_there_are_refused(refused, tmp_path: Path) -> None:
    file = tmp_path / "o.toml"
    file.write_text('"Nowhere?" = ["A"]')
    assert "lists options of 1 question that the export does not have" in refused(
        "form.csv", export(), "--options", file
    )
    file.write_text('"Nowhere?" = "A"')
    assert "holds something else than lists of text" in refused("form.csv", None, "--options", file)
    assert "--options: is not for survey" in refused("x.csv", "a,b\n1,2\n", "--options", file)


@given(st.lists(st.sampled_from(["Web", "App, on a phone", "Store; city", "A friend"]), unique=True))
def test_any_choice_of_clear_options_is_found_again(chosen: list[str]) -> None:
    options = ["Web", "App, on a phone", "Store; city", "A friend"]
    found = part(", ".join(chosen), options)
    assert (list(found.chosen), found.rest, found.ways) == (chosen, "", 1)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025/01/31 12:00:00 AM GMT+9", "2025-01-31T00:00:00+09:00"),
        ("2025/1/3 12:30:00 PM GMT-3:30", "2025-01-03T12:30:00-03:30"),
        ("2025. 1. 31 오후 1:02:03", "2025-01-31T13:02:03"),
        ("2025-01-31 23:02:03", "2025-01-31T23:02:03"),
        ("1/31/2025 10:00:00", ""),
    ],
)
def test_stamps(text: str, iso: str) -> None:
    assert iso_stamp(text) == iso
