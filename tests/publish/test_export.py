"""The ledger for other tools: every column explained, nothing that runs, small cells hidden as on pages."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from journey_lib.errors import ParamError, RunError
from journey_lib.publish import export as module
from journey_lib.publish.export import FORMATS, dictionary, export
from journey_lib.publish.ledger import COLUMNS
from tests.measures.test_journey_map import EMPTY, STUDY, row

FACTS = pd.DataFrame([
    row(metric="entered", stage="awareness", estimate=0.25, group="=1+1", numerator=25.0),
    row(metric="entered", stage="purchase", note="masked", n=float("nan"), group="@x"),
])[list(COLUMNS)]  # fmt: skip


def test_every_column_of_the_ledger_has_a_meaning_in_both_languages() -> None:
    found = dictionary()
    assert found["column"].tolist() == list(COLUMNS)
    assert (found[["meaning_en", "meaning_ko"]] != "").all(axis=None)
    assert (found["meaning_en"] != found["meaning_ko"]).all()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_come_back_with_their_numbers_and_their_gaps(tmp_path: Path, kind: str) -> None:
    files = export(STUDY, FACTS, tmp_path / "out", kind)
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    facts = read(files[0])
    assert facts["estimate"].tolist()[0] == 0.25
    assert facts["estimate"].isna().tolist() == [False, True]
    stages = read(files[1])
    assert stages["stage"].tolist() == ["awareness", "consideration", "purchase"]
    assert stages["label_ko"].tolist()[0] == "인지"
    assert {"touchpoint", "stage", "channel"} <= set(read(files[2]).columns)


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    file = export(STUDY, FACTS, tmp_path, "csv")[0]
    with file.open(encoding="utf-8-sig", newline="") as source:
        cells = [cell for line in csv.reader(source) for cell in line]
    assert "'=1+1" in cells
    assert not [
        c for c in cells if c.startswith(("=", "+", "@")) or (c.startswith("-") and not c[1:2].isdigit())
    ]


def test_a_workbook_keeps_numbers_as_numbers_and_text_as_text(tmp_path: Path) -> None:
    assert EMPTY
    book = load_workbook(export(STUDY, FACTS, tmp_path, "xlsx")[0])
    assert book.sheetnames == ["facts", "stages", "touchpoints", "questions", "dictionary"]
    page = book["facts"]
    heads = [cell.value for cell in page[3]]
    first = dict(zip(heads, page[4], strict=True))
    assert (first["estimate"].value, first["estimate"].data_type) == (0.25, "n")
    assert (first["group"].value, first["group"].data_type) == ("=1+1", "s")


def test_too_many_rows_for_a_sheet_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    with pytest.raises(RunError, match=r"facts: 2 rows\. Allowed: 1 in a workbook\. Export csv or parquet"):
        export(STUDY, FACTS, tmp_path, "xlsx")
    assert len(export(STUDY, FACTS, tmp_path, "csv")) == 5


def test_a_wrong_format_or_place_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="Did you mean 'csv'"):
        export(STUDY, FACTS, tmp_path, "csw")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="cannot be written"):
        export(STUDY, FACTS, tmp_path / "file", "csv")
    assert FORMATS == ("csv", "parquet", "xlsx")
