"""From files to canonical tables: hand-countable files, and every way a file can be wrong."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError, StudyError
from journey_lib.study.load import load_study, quick_study, waves

ANSWERS = "respondent_id,wave,nps,food,region\n007,1,10,5,NA\nNA,1,99,6,KR\n3,2,0,,KR\n"

Small = Callable[..., Path]
Said = Callable[[Path], list[str]]


def test_answers_and_reasons(small: Small) -> None:
    study, data = load_study(small())
    frame = data.require("responses", by="test")
    assert frame["respondent_id"].tolist() == ["007", "NA", "3"]
    assert frame["region"].tolist() == ["NA", "KR", "KR"]
    assert frame["recommend"].tolist()[::2] == [10.0, 0.0]
    assert np.isnan(frame["recommend"][1])
    assert data.missing is not None
    assert data.missing["recommend"].tolist() == ["", "dont_know", ""]
    assert data.missing["food"].tolist() == ["", "not_used", "no_answer"]
    assert data.weights is not None
    assert data.weights.values.tolist() == [1, 1, 1]
    assert data.weights.margins is None
    assert waves(data) == ["1", "2"]
    assert study.folder == small()


def test_the_report_counts_what_was_found(small: Small) -> None:
    _, data = load_study(small())
    assert data.report.lines() == ["responses: 3 of 3 rows kept (raw/answers.csv)"]
    assert data.report.missing.to_dict("list") == {
        "question": ["recommend", "food", "food"],
        "reason": ["dont_know", "not_used", "no_answer"],
        "n": [1, 1, 1],
    }
    assert data.report.table.iloc[0].to_dict() == {
        "table": "responses",
        "files": "raw/answers.csv",
        "rows_read": 3,
        "rows_kept": 3,
        "reason": "",
        "dropped": 0,
    }


def test_loading_twice_gives_the_same(small: Small) -> None:
    folder = small()
    (_, first), (_, second) = load_study(folder), load_study(folder)
    pd.testing.assert_frame_equal(first.responses, second.responses)
    pd.testing.assert_frame_equal(first.missing, second.missing)


def test_a_relative_path_is_found_from_a_folder_below(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small()
    below = folder.parent / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load_study(folder.name)[0].id == load_study(f"{folder.name}/study.toml")[0].id == "small"
    with pytest.raises(StudyError, match="there is no such study"):
        load_study("data/nowhere")


def test_language_and_segment_of_the_call(small: Small) -> None:
    study, data = load_study(small(), lang="ko", segment="region=KR")
    assert study.language == "ko"
    assert data.mask().tolist() == [False, True, True]
    assert len(data.require("responses", by="test")) == 3  # a segment is a domain: nothing is dropped
    with pytest.raises(ParamError, match="en, ko"):
        load_study(small(), lang="kr")


def test_an_absent_table_is_asked_for_by_name(small: Small) -> None:
    _, data = load_study(small())
    with pytest.raises(DataError, match=r"churn: needs the table 'orders'.*\[sources.orders\]"):
        data.require("orders", by="churn")


# Wrong files

HEADER = "respondent_id,wave,nps,food\n"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("", "raw/answers.csv: is empty"),
        (HEADER, "raw/answers.csv: is empty"),
        ("respondent_id,wave,npss,food\n1,1,1,1\n", "'nps' (for 'recommend'). Did you mean 'npss'?"),
        ("rid,wave,nps,food\n1,1,1,1\n", "has no column 'respondent_id'"),
        (HEADER + "1,1,99,1\n1,1,9,1\n2,1,9,1\n", "and wave of an earlier row stands again in 1 row"),
        (HEADER + "1,1,9,1\n1,1,9,1\n", 'duplicates = "keep_first"'),
        (HEADER + ",1,9,1\n,1,9,1\n", "column 'respondent_id': 2 empty cells"),
        (HEADER + "1,1,98,1\n2,1,98,1\n", "undeclared code 98 in 2 rows. Allowed: 0 to 10, and 99"),
        (HEADER + "1,1,11,1\n", "1 undeclared code in 1 row. Allowed: 0 to 10, and 99"),
        (HEADER + "1,1,-1,1\n", "undeclared code -1 in 1 row"),
        (HEADER + "1,1,9.5,1\n", "no number of the scale in 1 row"),
        (HEADER + "1,1,good,1\n2,1,very good,1\n", "no number of the scale in 2 rows"),
        (HEADER + "1,1,9\n", "1 row not as long as the header, 4 cells (first: row 1)"),
        (HEADER + "1,1,9,1,1\n", "1 row not as long as the header"),
        (HEADER + '1,1,9,"1\n', "is damaged"),
        ("a,a\n1,1\n", "column names stand twice: a"),
        ("respondent_id;wave;nps;food\n1;1;9;1\n", 'delimiter = ";"'),
        ("respondent_id,wave,nps,food,음식\n1,1,9,1,가\n".encode("cp949"), 'Set encoding = "cp949"'),
        ("respondent_id,wave,nps,food\n1,1,9,é\n".encode("latin-1"), 'Set encoding = "cp'),
        (HEADER.encode() + b"1,1,9,\xff\xfe\n", "is not UTF-8"),
    ],
    ids=lambda v: str(v)[-30:],
)  # fmt: skip
def test_a_wrong_file_is_said_in_one_sentence(
    small: Small, answers: str | bytes, expected: str, said: Said
) -> None:
    found = [problem for problem in said(small(answers)) if expected in problem]
    assert len(found) == 1


def test_no_answer_and_no_id_stands_in_a_message(small: Small, said: Said) -> None:
    words = "my name is Kim"
    found = said(small(HEADER + f"{words},1,{words},{words}\n{words},1,9,12345678\n"))
    assert not [problem for problem in found if words in problem or "12345678" in problem]
    assert len(found) == 3  # the repeated id, and cells in both questions


def test_all_problems_of_all_files_come_at_once(small: Small, said: Said) -> None:
    rest = '[sources.customers]\nfile = "raw/custmers.csv"\n[sources.orders]\nfile = "raw/orders.csv"'
    orders = "customer_id,amount,time\n1,ten,2025-01-01\n2,5,01/02/2025\n"
    found = said(
        small(
            HEADER + "1,1,98,1\n", rest=rest, raw={"orders.csv": orders, "customers.csv": "customer_id\n1\n"}
        )
    )
    assert len(found) == 4
    assert (
        "raw/custmers.csv: there is no such file. Allowed: a file in raw/. Did you mean 'customers.csv'?"
        in found[1]
    )
    assert "column 'time': no date in 1 cell. Allowed: ISO dates" in found[2] + found[3]
    assert "column 'amount': no number in 1 cell" in found[2] + found[3]


# What a source may declare


def test_a_declared_encoding_is_used_and_noted(small: Small, said: Said) -> None:
    answers = "respondent_id,wave,nps,food,region\n1,1,9,5,서울\n".encode("cp949")
    _, data = load_study(small(answers, source='encoding = "cp949"'))
    assert data.require("responses", by="test")["region"].tolist() == ["서울"]
    assert "responses: raw/answers.csv read as cp949" in data.report.lines()
    assert "is not in utf-16" in said(small(b"a\nb", source='encoding = "utf-16"'))[0]


def test_repeated_ids_can_be_declared(small: Small) -> None:
    answers = HEADER + "1,1,9,1\n1,1,9,1\n1,1,8,1\n1,2,7,1\n"
    _, data = load_study(small(answers, source='duplicates = "keep_first"'))
    assert data.require("responses", by="test")["recommend"].tolist() == [9, 7]
    assert data.missing is not None
    assert len(data.missing) == 2
    assert data.report.lines() == [
        "responses: 2 of 4 rows kept (raw/answers.csv)",
        "responses: 2 rows dropped, repeats an earlier id (duplicates = keep_first)",
        "responses: exact copies of an earlier row: 1",
    ]
    assert [line.say("ko") for line in data.report.told()] == [
        "responses: 4행 중 2행 사용(raw/answers.csv)",
        "responses: 2행 제외, 앞선 id를 되풀이함(duplicates = keep_first)",
        "responses: 앞선 행과 완전히 같은 행: 1개",
    ]


def test_parts_are_stacked_under_one_set_of_names(small: Small) -> None:
    folder = small()
    (folder / "study.toml").write_text(
        """
id = "parts"
title = "Parts"
[journey]
preset = "funnel3"
[[sources.responses]]
file = "raw/old.csv"
where = { year = ["2015", "2016"] }
columns = { wave = "year", all = "ALL", known.a = "k1" }
id = "{year}-{row}"
keep = []
not_asked = ["recommend"]
[[sources.responses]]
file = "raw/new_*.csv"
columns = { all = "Q7ALL" }
constant = { wave = "2017", date = "2017-05-{DAY:02}" }
id = "{file}-{row:03}"
keep = ["city"]
[[questions]]
id = "all"
kind = "rating"
[[questions]]
id = "recommend"
kind = "nps"
[[questions]]
id = "known"
kind = "multi"
columns = { a = "ka", b = "kb" }
""".replace("known.a", '"known.a"')
    )
    (folder / "raw" / "old.csv").write_text("year,ALL,k1,kb,x\n2014,1,1,0,x\n2015,2,0,0,x\n2016,3,,,x\n")
    (folder / "raw" / "new_1.csv").write_text("Q7ALL,DAY,recommend,ka,kb,city,x\n4,8,10,true,,A,x\n")
    (folder / "raw" / "new_2.csv").write_text("Q7ALL,DAY,recommend,ka,kb,city,x\n5,12,9,no,yes,B,x\n")
    _, data = load_study(folder)
    frame = data.require("responses", by="test")
    assert frame["respondent_id"].tolist() == ["2015-2", "2016-3", "new_1-001", "new_2-001"]
    assert frame["wave"].tolist() == ["2015", "2016", "2017", "2017"]
    assert frame["all"].tolist() == [2, 3, 4, 5]
    assert frame["known.a"].tolist()[0::2] == [0, 1]
    assert frame["known.b"].tolist()[0::2] == [0, 0]  # empty beside a tick: not ticked
    assert frame[["known.a", "known.b"]].iloc[1].isna().all()  # a wholly empty row: not answered
    assert frame["city"].fillna("-").tolist() == ["-", "-", "A", "B"]
    assert "x" not in frame
    assert frame["date"].dt.strftime("%F").fillna("").tolist() == ["", "", "2017-05-08", "2017-05-12"]
    assert data.missing is not None
    assert data.missing["recommend"].tolist() == ["not_asked", "not_asked", "", ""]
    assert data.missing["known"].tolist() == ["", "no_answer", "", ""]
    assert data.report.tables[0].rows_read == 5
    assert sum(data.report.tables[0].dropped.values()) == 1
    assert waves(data) == ["2015", "2016", "2017"]


def test_waves_follow_their_first_dates() -> None:
    frame = pd.DataFrame({"wave": ["b", "a", "b"], "date": ["2025-03-01", "2025-01-01", "2025-02-01"]})
    _, data = quick_study(responses=frame)
    assert waves(data) == ["a", "b"]


@pytest.mark.parametrize(
    ("cell", "source", "expected"),
    [
        ("2025-01-31", "", "2025-01-31 00:00:00"),
        ("2025-01-31T10:00:00", "", "2025-01-31 10:00:00"),
        ("2025-01-31T22:00:00+00:00", "", "2025-02-01 07:00:00"),  # in the time zone of the study
        ("2025-01-31T22:00:00Z", "", "2025-02-01 07:00:00"),
        ("31.01.2025", 'date_format = "%d.%m.%Y"', "2025-01-31 00:00:00"),
        ("31.01.2025 22:00 +0000", 'date_format = "%d.%m.%Y %H:%M %z"', "2025-02-01 07:00:00"),
        ("31.01.2025 22:00 -03:00", 'date_format = "%d.%m.%Y %H:%M %z"', "2025-02-01 10:00:00"),
        ("31.01.2025 10:00:00.25", 'date_format = "%d.%m.%Y %H:%M:%S.%f"', "2025-01-31 10:00:00.250000"),
    ],
)
def test_dates(small: Small, cell: str, source: str, expected: str) -> None:
    folder = small(f"respondent_id,nps,food,date\n1,9,1,{cell}\n", source=source)
    toml = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text('time_zone = "Asia/Seoul"\n' + toml)
    _, data = load_study(folder)
    assert str(data.require("responses", by="test")["date"][0]) == expected


@pytest.mark.parametrize("cell", ["31.01.2025", "2025-02-30", "20250131", "soon"])
def test_what_is_no_date(small: Small, cell: str, said: Said) -> None:
    found = said(small(f"respondent_id,nps,food,date\n1,9,1,{cell}\n"))
    assert "column 'date': no date in 1 cell" in found[0]


def test_a_zipped_file_is_the_same_file(small: Small, said: Said) -> None:
    folder = small(raw={"answers.csv.gz": gzip.compress(ANSWERS.encode())})
    _, plain = load_study(folder)
    toml = (folder / "study.toml").read_text().replace("answers.csv", "answers.csv.gz")
    (folder / "study.toml").write_text(toml)
    _, zipped = load_study(folder)
    pd.testing.assert_frame_equal(plain.responses, zipped.responses)
    (folder / "raw" / "answers.csv.gz").write_bytes(gzip.compress(ANSWERS.encode())[:-9])
    assert said(folder) == ["raw/answers.csv.gz: is damaged or cut short. Copy the file again."]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "sav"])
def test_every_format_gives_the_same_study(small: Small, kind: str) -> None:
    """The codes 99 and 6 and the empty cell arrive with their reasons, whatever the file."""
    folder = small()
    _, plain = load_study(folder)
    typed = pd.DataFrame(
        {
            "respondent_id": ["007", "NA", "3"],
            "wave": [1, 1, 2],
            "nps": [10, 99, 0],
            "food": [5, 6, np.nan],
            "region": ["NA", "KR", "KR"],
        }
    )
    path = folder / "raw" / f"answers.{kind}"
    if kind == "sav":
        pyreadstat = pytest.importorskip("pyreadstat")
        pyreadstat.write_sav(typed, str(path), missing_ranges={"nps": [99], "food": [{"lo": 6, "hi": 9}]})
    else:
        (typed.to_parquet if kind == "parquet" else typed.to_excel)(path, index=False)
    toml = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(toml.replace("answers.csv", path.name))
    _, other = load_study(folder)
    pd.testing.assert_frame_equal(plain.responses, other.responses)
    pd.testing.assert_frame_equal(plain.missing, other.missing)


# Laws

ROWS = [f"{i},{i % 2},{i % 11},{i % 6 + 1}\n" for i in range(24)]


def test_splitting_and_turning_files_changes_no_answer(small: Small) -> None:
    _, whole = load_study(small(HEADER + "".join(ROWS)))
    folder = small(raw={"part_1.csv": HEADER + "".join(ROWS[12:]), "part_2.csv": HEADER + "".join(ROWS[:12])})
    toml = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(toml.replace("answers.csv", "part_*.csv"))
    _, parts = load_study(folder)
    first, second = (d.require("responses", by="test").set_index("respondent_id") for d in (whole, parts))
    pd.testing.assert_frame_equal(first, second.loc[first.index])
    assert parts.report.tables[0].files == ("raw/part_1.csv", "raw/part_2.csv")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_a_file_gives_data_or_a_data_error(small: Small, data: st.DataObject) -> None:
    """Any other exception passes through and fails the test."""
    raw = (HEADER + "".join(ROWS)).encode()
    at = data.draw(st.integers(0, len(raw)))
    gone = data.draw(st.integers(0, 40))
    new = data.draw(
        st.sampled_from([b"", b",", b'"', b"\n", b"\x00", b"\xff", "가".encode(), b"-", b"1e9", b"NaN"])
    )
    folder = small(raw[:at] + new + raw[at + gone :])
    try:
        _, loaded = load_study(folder)
    except DataError as error:
        said = error.problems
    else:
        frame = loaded.require("responses", by="test")
        said = frame[frame["recommend"].notna() | (loaded.missing["recommend"] != "")]  # type: ignore[index]
        assert len(said) == len(frame)
    assert len(said) >= 1
