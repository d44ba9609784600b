"""Every kind of file gives the same text; a damaged one gives one sentence."""

from __future__ import annotations

import builtins
import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError
from journey_lib.study.definition import SourcePart
from journey_lib.study.readers import read_text

PART = SourcePart(file="x")
TYPED = pd.DataFrame(
    {
        "id": ["007", "NA", ""],
        "whole": [1, 2, 3],
        "score": [5.0, np.nan, 0.1],
        "flag": [True, False, True],
        "day": [pd.Timestamp("2025-01-31"), pd.Timestamp("2025-01-31 09:30"), None],
        "words": ["가, 나\n다", "😀 <b>", None],
    }
)
AS_TEXT = {
    "id": ["007", "NA", ""],
    "whole": ["1", "2", "3"],
    "score": ["5", "", "0.1"],
    "flag": ["true", "false", "true"],
    "day": ["2025-01-31", "2025-01-31T09:30:00", ""],
    "words": ["가, 나\n다", "😀 <b>", ""],
}


def error(path: Path, part: SourcePart = PART) -> str:
    with pytest.raises(DataError) as caught:
        read_text(path, part)
    assert len(caught.value.items) == 1
    return str(caught.value)


@pytest.fixture
def typed(tmp_path: Path) -> Callable[[str], Path]:
    """Write the same typed table in another format."""

    def write(kind: str) -> Path:
        path = tmp_path / f"table{kind}"
        if kind == ".parquet":
            TYPED.to_parquet(path)
        elif kind == ".xlsx":
            TYPED.to_excel(path, index=False, sheet_name="first")
        else:
            pd.DataFrame(AS_TEXT).to_csv(path, index=False, sep="\t" if "tsv" in kind else ",")
        return path

    return write


@pytest.mark.parametrize("kind", [".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".xlsx"])
def test_every_format_gives_the_same_text(typed: Callable[[str], Path], kind: str) -> None:
    assert read_text(typed(kind), PART).to_dict("list") == AS_TEXT


def test_an_spss_file_keeps_the_codes_of_missing_answers(tmp_path: Path) -> None:
    """Code 99 is declared user-missing in the file: it must arrive as 99, or its reason would be lost."""
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.sav"
    frame = pd.DataFrame({"id": ["a", "b", "c"], "nps": [10.0, 99.0, np.nan]})
    pyreadstat.write_sav(
        frame, str(path), missing_ranges={"nps": [99]}, variable_value_labels={"nps": {99: "?"}}
    )
    assert read_text(path, PART).to_dict("list") == {"id": ["a", "b", "c"], "nps": ["10", "99", ""]}
    path.write_bytes(path.read_bytes()[:60])
    assert "is damaged or no SPSS file" in error(path)


def test_without_pyreadstat_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "pyreadstat":
            raise ImportError
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    (tmp_path / "a.sav").write_bytes(b"x")
    assert "pip install 'journey-workbench[spss]'" in error(tmp_path / "a.sav")


def test_moments_of_a_time_zone_keep_their_offset(tmp_path: Path) -> None:
    moments = pd.to_datetime(["2025-01-31T09:00:00.250+09:00", None], utc=True).tz_convert("Asia/Seoul")
    pd.DataFrame({"at": moments}).to_parquet(tmp_path / "a.parquet")
    read = read_text(tmp_path / "a.parquet", PART)
    assert read["at"].tolist() == ["2025-01-31T00:00:00.250000+00:00", ""]


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="notes", index=False)
        pd.DataFrame({"b": [date(2025, 1, 2)]}).to_excel(book, sheet_name="answers", index=False)
    assert list(read_text(path, PART)) == ["a"]
    chosen = read_text(path, SourcePart(file="x", sheet="answers"))
    assert chosen.to_dict("list") == {"b": ["2025-01-02"]}
    said = error(path, SourcePart(file="x", sheet="answer"))
    assert "has no sheet 'answer'. Allowed: notes, answers. Did you mean 'answers'?" in said


def test_empty_columns_and_rows_of_a_sheet_do_not_count(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in [("a", None, "b"), (1, None, None), (None, None, None), (2, None, "x")]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_text(tmp_path / "a.xlsx", PART).to_dict("list") == {"a": ["1", "2"], "b": ["", "x"]}


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "a.xlsx", "a.parquet", "a.sav"])
def test_an_empty_or_damaged_file_of_any_kind(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert "there is no such file" in error(path)
    path.write_bytes(b"")
    assert "empty" in error(path) or "damaged" in error(path)
    path.write_bytes(b"\x89PNG\r\n\xff\x00\x01")
    assert error(path).startswith(f"{name}: ")


def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.csv").write_text("a\n1\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert error(tmp_path / "a.csv").startswith("a.csv: cannot be read (Permission denied).")


def test_an_unknown_kind_says_which_are_read(tmp_path: Path) -> None:
    assert "Allowed: .csv, .csv.gz, .tsv" in error(tmp_path / "a.xls")
    assert "Did you mean '.xlsx'?" in error(tmp_path / "a.xls")


def test_a_mark_at_the_start_and_quotes_are_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('\ufeff"id","say ""hi"""\n1,2\n'.encode())
    assert list(read_text(tmp_path / "a.csv", PART)) == ["id", 'say "hi"']


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells.map(lambda c: "x" + c), cells), min_size=1, max_size=8))
def test_any_text_survives_csv_and_parquet(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype="str")
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    expected = frame.to_dict("list")
    assert read_text(tmp_path / "a.csv", PART).to_dict("list") == expected
    assert read_text(tmp_path / "a.parquet", PART).to_dict("list") == expected


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["a.csv", "a.csv.gz", "a.parquet", "a.xlsx"]), data=st.data())
def test_any_damage_gives_a_table_or_one_clear_error(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """Any other exception passes through and fails the test."""
    path = tmp_path / kind
    if not hasattr(test_any_damage_gives_a_table_or_one_clear_error, kind):
        text = pd.DataFrame({"a": range(20), "b": "가나다"})
        {
            "a.csv": lambda: text.to_csv(path, index=False),
            "a.csv.gz": lambda: path.write_bytes(gzip.compress(text.to_csv(index=False).encode())),
            "a.parquet": lambda: text.to_parquet(path),
            "a.xlsx": lambda: text.to_excel(path, index=False),
        }[kind]()
        setattr(test_any_damage_gives_a_table_or_one_clear_error, kind, path.read_bytes())
    raw: bytes = getattr(test_any_damage_gives_a_table_or_one_clear_error, kind)
    at = data.draw(st.integers(0, len(raw) - 1))
    cut = data.draw(st.booleans())
    new = data.draw(st.binary(min_size=1, max_size=3))
    path.write_bytes(raw[:at] if cut else raw[:at] + new + raw[at + len(new) :])
    try:
        frame = read_text(path, PART)
    except DataError as error:
        frame = error.problems
    assert len(frame) >= 1
