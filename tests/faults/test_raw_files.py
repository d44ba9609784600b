"""Damaged raw files: the same data where the damage is none, else one message that gives nobody away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.faults import small
from tests.faults.conftest import Checked
from tests.faults.damage import (
    BYTE_FAULTS,
    EITHER,
    PLACE_FAULTS,
    REFUSED,
    SAME,
    TABLE_FAULTS,
    TEXT_FAULTS,
)
from tests.faults.judge import same

Check = Callable[[Path], Checked]

KEPT_FIRST = ("responses",)  # the sample says duplicates = "keep_first"
TABLE_CASES = [
    (table, fault)
    for table in small.TABLES
    for fault, (change, _) in TABLE_FAULTS.items()
    if change(pd.DataFrame({n: ["1"] * 6 for n in vars(small.TRAITS[table]).values() if n}, dtype="str"),
              small.TRAITS[table]) is not None
]  # fmt: skip
TEXT_CASES = [(table, fault) for table in ("responses", "margins", "events") for fault in TEXT_FAULTS]
BYTE_CASES = [
    (table, ending, fault)
    for table, ending in (
        ("customers", "xlsx"),
        ("feedback", "csv.gz"),
        ("orders", "sav"),
        ("actions", "parquet"),
        ("events", "parquet"),
        ("events", "csv.gz"),
        ("events", "jsonl"),
    )
    for fault in BYTE_FAULTS
]
PLACE_CASES = [(table, fault) for table in small.TABLES for fault in PLACE_FAULTS]
FORMAT_CASES = [
    (table, ending)
    for table in ("responses", "events", "orders")
    for ending in ("csv", "tsv", "csv.gz", "tsv.gz", "xlsx", "parquet", "sav")
]
CASES = [*TABLE_CASES, *TEXT_CASES, *BYTE_CASES, *PLACE_CASES, *FORMAT_CASES]


def judged(done: Checked, expected: str, sample: small.Small, table: str) -> None:
    """Hold what came out against what was expected of the damage."""
    if expected == SAME:
        assert done.data is not None, done.message
        same(done.data, sample.sound(table), table)
    if expected == REFUSED:
        assert done.data is None
    if done.data is None:
        assert table in done.message or (table in small.COMPANY and "weights of wave" in done.message)


@pytest.mark.parametrize(("table", "fault"), TABLE_CASES)
def test_a_damaged_table(sample: small.Small, checked: Check, tmp_path: Path, table: str, fault: str) -> None:
    """Damage the rows and columns of each table, written as CSV."""
    change, expected = TABLE_FAULTS[fault]
    damaged = change(sample.tables[table], small.TRAITS[table])
    assert damaged is not None
    done = checked(sample.lay(tmp_path, table, "csv", small.as_bytes(damaged, "csv")))
    judged(done, expected, sample, table)


@pytest.mark.parametrize(("table", "fault"), TEXT_CASES)
def test_a_damaged_text(sample: small.Small, checked: Check, tmp_path: Path, table: str, fault: str) -> None:
    """Damage the text of a CSV file that has a column of Korean names."""
    change, more, expected = TEXT_FAULTS[fault]
    text = small.as_bytes(plain(sample.tables[table]), "csv").decode()
    done = checked(sample.lay(tmp_path, table, "csv", change(text), more))
    if expected == SAME:
        assert done.data is not None, done.message
        told = done.data.events.frame() if table == "events" else getattr(done.data, table)
        assert set(told["place"]) == {"서울"}
    else:
        judged(done, expected, sample, table)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without commas and quotes inside cells, and with a Korean name in every row."""
    return table.replace('[^ -~]|[,;"]', "-", regex=True).assign(place="서울")


@pytest.mark.parametrize(("table", "ending", "fault"), BYTE_CASES)
def test_damaged_bytes(
    sample: small.Small, checked: Check, tmp_path: Path, table: str, ending: str, fault: str
) -> None:
    """Damage the bytes of packed formats; what a checksum guards can only be refused."""
    damaged = BYTE_FAULTS[fault](written(sample, table, ending, tmp_path))
    done = checked(sample.lay(tmp_path, table, ending, damaged))
    judged(done, EITHER if ending in ("sav", "jsonl") else REFUSED, sample, table)


def written(sample: small.Small, table: str, ending: str, folder: Path) -> bytes:
    if ending == "sav":
        return small.as_sav(sample.tables[table], folder / "whole.sav")
    return small.as_bytes(sample.tables[table], ending)


@pytest.mark.parametrize(("table", "fault"), PLACE_CASES)
def test_a_file_that_is_not_there(
    sample: small.Small, checked: Check, tmp_path: Path, table: str, fault: str
) -> None:
    """Take the file away, or put something in its place that is no file."""
    folder = sample.lay(tmp_path, table, "", sample.files[table])
    PLACE_FAULTS[fault](folder / "raw" / f"{table}.{small.NATIVE[table]}")
    judged(checked(folder), REFUSED, sample, table)


@pytest.mark.parametrize(("table", "ending"), FORMAT_CASES)
def test_every_format_says_the_same(
    sample: small.Small, checked: Check, tmp_path: Path, table: str, ending: str
) -> None:
    """Write a sound table in each format: no fault, and the same data."""
    content = written(sample, table, ending, tmp_path)
    judged(checked(sample.lay(tmp_path, table, ending, content)), SAME, sample, table)


@pytest.mark.parametrize(("fault", "kept"), [("rows twice", True), ("id twice", False)])
@pytest.mark.parametrize("table", [name for name, traits in small.TRAITS.items() if traits.key])
def test_repeated_keys(
    sample: small.Small, checked: Check, tmp_path: Path, table: str, fault: str, kept: bool
) -> None:
    """Refuse a key that stands twice, or keep the first row where the study says so."""
    damaged = TABLE_FAULTS[fault][0](sample.tables[table], small.TRAITS[table])
    done = checked(sample.lay(tmp_path, table, "csv", small.as_bytes(damaged, "csv")))
    assert (done.data is None) == (table not in KEPT_FIRST)
    if done.data is not None and kept:
        same(done.data, sample.sound(table), table)
    if done.data is None:
        assert "keep_first" in done.message
