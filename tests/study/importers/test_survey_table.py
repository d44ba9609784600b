"""Tables of answers: kinds guessed only from what words and codes bear out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from journey_lib.study.importers.scales import Column, guess

CSV = (
    "id,Would you recommend us?,How satisfied are you with the food?,region,e-mail,age\n"
    "007,10,5,NA,a@example.org,31\nNA,998,-1,KR,b@example.org,44\n3,0,1,KR,c@example.org,27\n"
)


def kind(text: str, *cells: object) -> str:
    return guess(Column("q", text, pd.Series([str(cell) for cell in cells], dtype="str"))).kind


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("Would you recommend us?", (0, 10, 7), "nps"),
        ("친구에게 추천하시겠습니까?", (0, 10, 99), "nps"),
        ("Would you recommend us?", (1, 5, 11), "single"),  # 11 is no code for no answer: no NPS
        ("Would you recommend us?", ("Yes", "No", "Yes", "No"), "single"),
        ("Overall, how satisfied are you?", (1, 5), "csat"),
        ("음식에 얼마나 만족하셨나요?", (1, 2, 5), "rating"),
        ("It was easy to pay", (1, 7), "ces"),
        ("I agree with the price", (1, 5), "likert"),
        ("Which plan?", (1, 2, 3), "single"),  # no word of rating: codes stay names
        ("Minutes of waiting", range(40), "number"),
        ("Minutes of waiting", (1.5, 2), "number"),
        ("Why?", ("a", "b", "c"), "text"),
        ("Why?", ("", ""), "text"),
    ],
)
def test_kinds(text: str, cells: tuple[object, ...], expected: str) -> None:
    assert kind(text, *cells) == expected


@pytest.mark.parametrize("code", [9, 99, -1, 998])
def test_an_undeclared_code_is_asked_about_and_stops_the_check(init, code: int) -> None:
    rows = "".join(f"{i},{value}\n" for i, value in enumerate([1, 5, code, code]))
    drafted = init("answers.csv", f"id,How satisfied are you?\n{rows}")
    assert f"code {code} in 2 rows lies outside the scale" in drafted.block("q1")
    checked = drafted.check()
    assert checked.exit_code == 1
    assert f"undeclared code {code} in 2 rows" in checked.stderr
    drafted.corrected("scale = [1, 5]", f'missing = {{ "{code}" = "dont_know" }}\nscale = [1, 5]')
    assert drafted.load()[1].missing["q1"].tolist() == ["", "", "dont_know", "dont_know"]


def test_codes_beside_a_scale_are_never_silently_answers(init) -> None:
    """0 = blank and 6 = never used is a real codebook; so is a scale from 0 to 10."""
    rows = "".join(f"{i},{i % 7},{i % 11}\n" for i in range(77))
    drafted = init("answers.csv", f"id,Rate the food,Rate the staff\n{rows}")
    assert "scale = [1, 5]" in drafted.block("q1")
    assert [f"code {code} in 11 rows lies outside" in drafted.block("q1") for code in (0, 6)] == [True, True]
    assert "scale = [0, 10]" in drafted.block("q2")
    assert "undeclared code 6 in 11 rows" in drafted.check().stderr


def test_a_table_is_kept_as_it_is_without_the_persons(init) -> None:
    drafted = init("answers.csv", CSV)
    assert "read as survey: it is a table without columns for customer, event and time." in drafted.said
    assert (drafted.folder / "raw/answers.csv").read_text() == CSV
    drafted.corrected('kind = "nps"', 'missing = { "998" = "refused" }\nkind = "nps"')
    drafted.corrected("scale = [1, 5]", 'missing = { "-1" = "not_used" }\nscale = [1, 5]')
    study, data = drafted.load()
    assert data.responses["respondent_id"].tolist() == ["007", "NA", "3"]
    assert [q.kind for q in study.questions] == ["nps", "rating"]
    assert data.responses["region"].tolist() == ["NA", "KR", "KR"]
    assert "e-mail" not in data.responses
    assert "Columns taken for no question; they can split results: region, age" in drafted.text


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "tsv"])
def test_other_kinds_of_table(init, tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "Would you recommend us?": [10, 3]})
    file = tmp_path / f"answers.{ending}"
    if ending == "xlsx":
        frame.to_excel(file, index=False)
    elif ending == "parquet":
        frame.to_parquet(file)
    else:
        frame.to_csv(file, sep="\t", index=False)
    drafted = init(file.name, None)
    assert drafted.check().exit_code == 0
    assert drafted.load()[1].responses["q1"].tolist() == [10, 3]


def test_dates_of_another_form_and_encodings_are_declared(init) -> None:
    text = "id;date;추천하시겠습니까?\na;31.01.2025;9\n"
    drafted = init("answers.csv", text.encode("cp949"))
    assert 'encoding = "cp949"' in drafted.text
    assert 'delimiter = ";"' in drafted.text
    assert 'date_format = "%d.%m.%Y"  # please check' in drafted.text
    assert drafted.load()[1].responses["date"].astype("str").tolist() == ["2025-01-31"]


def test_a_rare_answer_is_never_repeated_in_the_draft(init) -> None:
    rows = "".join(f"{i},North\n" for i in range(12)) + "12,the lighthouse\n"
    block = init("answers.csv", f"id,Where do you live?\n{rows}").block("q1")
    assert "12 North" in block
    assert "1 level with fewer than 10 answers each" in block
    assert "lighthouse" not in block


def test_rows_are_numbered_where_no_column_names_each_once(init) -> None:
    drafted = init("answers.csv", "id,Would you recommend us?\n7,1\n7,2\n")
    assert drafted.load()[1].responses["respondent_id"].tolist() == ["1", "2"]


def test_a_person_names_columns(init, refused) -> None:
    assert "--map: unknown name 'wav'." in refused("a.csv", CSV, "--map", "wav=region")
    drafted = init("answers.csv", CSV, "--map", "wave=region")
    drafted.corrected('kind = "nps"', 'missing = { "998" = "refused" }\nkind = "nps"')
    drafted.corrected("scale = [1, 5]", 'missing = { "-1" = "not_used" }\nscale = [1, 5]')
    assert drafted.load()[1].responses["wave"].tolist() == ["NA", "KR", "KR"]
