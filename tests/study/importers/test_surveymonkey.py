"""SurveyMonkey: two header rows, three encodings, options and matrices side by side."""

from __future__ import annotations

import csv
import io

import pytest

FIRST = [
    "Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name",
    "Last Name", "Custom Data 1",
    "얼마나 추천하시겠습니까?", "Which do you use?", "", "", "How do you rate", "", "어떻게 느끼셨나요?",
]  # fmt: skip
SECOND = [
    *[""] * 9,
    "",
    "Web",
    "App, on a phone",
    "Other (please specify)",
    "Price",
    "Speed",
    "Open-Ended Response",
]
ROWS = [
    ["10", "Web", "", "", "5", "4", "좋았어요"],
    ["7", "", "App, on a phone", "a leaflet", "3", "", "NA"],
    ["0", "", "", "", "1", "2", ""],
]  # fmt: skip
DATES = ["01/31/2025 10:11:12 AM", "02/01/2025 03:00:00 PM", "02/01/2025 04:00:00 PM"]


def export(encoding: str = "utf-8", dates: list[str] = DATES, rows: list[list[str]] = ROWS) -> bytes:
    body = [
        [f"11{i}", "9", date, date, "203.0.113.9", "who@example.org", "Ann", "Bee", "x", *row]
        for i, (date, row) in enumerate(zip(dates, rows, strict=True))
    ]
    text = io.StringIO()
    csv.writer(text).writerows([FIRST, SECOND, *body])
    return text.getvalue().encode(encoding)


def test_two_header_rows_become_one(init) -> None:
    drafted = init("survey.csv", export())
    assert "read as surveymonkey: its header starts with Respondent ID and Collector ID." in drafted.said
    assert drafted.check().exit_code == 0
    study, data = drafted.load()
    assert data.responses["respondent_id"].tolist() == ["110", "111", "112"]
    assert data.responses["q1"].tolist() == [10, 7, 0]
    assert (study.item("q1").kind, study.item("q1").label.ko) == ("nps", "얼마나 추천하시겠습니까?")
    assert data.responses["q4"].tolist()[:2] == ["좋았어요", "NA"]


def test_chosen_options_and_a_matrix_are_told_apart(init) -> None:
    study, data = init("survey.csv", export()).load()
    assert data.responses["q2.web"].tolist()[:2] == [1, 0]
    assert data.responses["q2.app_on_a_phone"].tolist()[:2] == [0, 1]
    assert data.missing["q2"].tolist() == ["", "", "no_answer"]
    assert data.responses["q2_3"].tolist()[1] == "a leaflet"
    assert [study.item(q).kind for q in ("q3_1", "q3_2")] == ["rating", "rating"]
    assert study.item("q3_2").label.en == "How do you rate – Speed"
    assert data.responses["q3_1"].tolist() == [5, 3, 1]


def test_the_one_reading_of_dates_is_taken(init) -> None:
    drafted = init("survey.csv", export())
    assert 'date_format = "%m/%d/%Y %I:%M:%S %p"  # please check' in drafted.text
    dates = drafted.load()[1].responses["date"]
    assert dates.astype("str").tolist()[:2] == ["2025-01-31 10:11:12", "2025-02-01 15:00:00"]


def test_dates_of_two_readings_are_left_to_a_person(init) -> None:
    drafted = init("survey.csv", export(dates=["01/02/2025 10:00:00 AM"] * 3))
    assert "dates are not read yet (%m/%d/%Y %I:%M:%S %p or %d/%m/%Y %I:%M:%S %p)" in drafted.text
    assert "date" not in drafted.load()[1].responses


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_encoding_is_tried_and_said(init, encoding: str) -> None:
    drafted = init("survey.csv", export(encoding))
    assert f"read as {encoding.removesuffix('-sig')}" in drafted.said
    assert drafted.load()[1].responses["q4"].tolist()[0] == "좋았어요"
    assert ("the export was not UTF-8" in drafted.text) == (encoding == "cp949")


def test_latin_1_comes_last(init) -> None:
    text = export().decode().replace("얼마나 추천하시겠습니까?", "Recommend the caf\xe9?")
    text = text.replace("어떻게 느끼셨나요?", "Why?").replace("좋았어요", "tr\xe8s bien")
    drafted = init("survey.csv", text.encode("latin-1"))
    assert "read as latin-1" in drafted.said
    assert drafted.load()[1].responses["q4"].tolist()[0] == "tr\xe8s bien"


def test_nobody_is_named_in_the_study(init) -> None:
    drafted = init("survey.csv", export())
    every = "".join(p.read_text("utf-8") for p in drafted.folder.rglob("*") if p.is_file())
    assert not {"203.0.113.9", "who@example.org", "Ann", "Bee"} & set(every.replace("\n", ",").split(","))
    assert "left out, because they name people: IP Address, Email Address" in drafted.said


def test_no_answers_and_cut_answers_are_refused(refused) -> None:
    assert "has not two header rows" in refused("a.csv", export(dates=[], rows=[]))
    assert "1 record not as long as the header" in refused("b.csv", export()[:-30])
