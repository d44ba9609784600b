"""Spreadsheet files: what is in them, what cannot run in them, and what if they cannot be written."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

import journey_lib as jl
from journey_lib.errors import ParamError, RunError
from journey_lib.measures.crosstab import crosstab
from journey_lib.measures.crosstab.result import CrosstabResult
from journey_lib.study.load import quick_study


@pytest.fixture(scope="module")
def result() -> CrosstabResult:
    """Return a table whose categories try to be formulas, with one column too small to show."""
    good = {"=cmd()": (40, 100), "+b": (70, 100), "c": (40, 90), "d": (4, 8)}
    rows = [(shop, 5 if at < top else 2) for shop, (top, n) in good.items() for at in range(n)]
    frame = pd.DataFrame(rows, columns=["shop", "q"])
    return crosstab(*quick_study(responses=frame, questions={"q": "csat"}), banner=["shop"])


def test_a_workbook_keeps_numbers_formats_and_letters(result: CrosstabResult, tmp_path: Path) -> None:
    book = load_workbook(jl.save(result, tmp_path / "shops.xlsx"))
    assert book.sheetnames == ["shop", "Tests"]
    page = book["shop"]
    header = [cell.value for cell in page[3]]
    line = next(row for row in page.iter_rows(min_row=4) if row[1].value == "top2")
    at = header.index("+b (A)")
    assert line[at].value == pytest.approx(0.7)
    assert line[at].number_format == "0.0%"
    assert line[at + 1].value == "BC"  # =cmd() is column B, c is C
    assert page.freeze_panes == "B4"


def test_text_that_looks_like_a_formula_is_text(result: CrosstabResult, tmp_path: Path) -> None:
    book = load_workbook(jl.save(result, tmp_path / "shops.xlsx"))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert any(str(cell.value).startswith("=cmd()") for cell in cells)
    with jl.save(result, tmp_path / "shops.csv").open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.reader(lines))
    assert not any(text.startswith(("=", "+", "@")) for row in table for text in row)
    assert any(text.startswith("'=cmd()") for text in table[0])


def test_small_cells_stay_empty_in_every_file(result: CrosstabResult, tmp_path: Path) -> None:
    for name in ("shops.xlsx", "shops.csv"):
        path = jl.save(result, tmp_path / name)
        text = path.read_text("utf-8-sig") if path.suffix == ".csv" else _words(path)
        assert "n below 10" in text
        assert "masked" in text
        assert "0.5," not in text


def _words(path: Path) -> str:
    book = load_workbook(path)
    return ",".join(str(cell.value) for page in book for row in page.iter_rows() for cell in row)


def test_every_result_can_be_saved(tmp_path: Path) -> None:
    answers = pd.DataFrame({"q1": [10, 9, 9, 8, 7, 6, 3, 10, 9, 8]})
    result = jl.survey(*quick_study(responses=answers, questions={"q1": "nps"}))
    page = load_workbook(jl.save(result, tmp_path / "nps.xlsx"))["survey"]
    header = [cell.value for cell in page[3]]
    line = next(r for r in page.iter_rows(min_row=4) if r[0].value == "nps")
    assert line[header.index("estimate")].value == pytest.approx(30.0)


def test_a_file_is_replaced_whole_or_not_at_all(
    result: CrosstabResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "shops.xlsx"
    before = jl.save(result, target).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(RunError, match="No space left"):
        jl.save(result, target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["shops.xlsx"]


def test_other_endings_and_missing_folders_are_named(result: CrosstabResult, tmp_path: Path) -> None:
    with pytest.raises(ParamError, match=r"\.xlsx or \.csv"):
        jl.save(result, tmp_path / "shops.xls")
    with pytest.raises(RunError, match="is no folder"):
        jl.save(result, tmp_path / "nowhere" / "shops.csv")
