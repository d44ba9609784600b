"""Contracts: types, keys, and numbers that are exactly those in the file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.study.tables import CONTRACTS, Column, Contract, cast, check_keys, repeated


def text(*cells: str) -> pd.Series:
    return pd.Series(cells, dtype="str")


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        ("number", "1.5", 1.5),
        ("number", "-2", -2.0),
        ("number", " 3 ", 3.0),
        ("number", "1,5", None),
        ("number", "1 000", None),
        ("number", "inf", None),
        ("number", "0x10", None),
        ("flag", "True", 1.0),
        ("flag", "no", 0.0),
        ("flag", "2", None),
        ("date", "2025-01-31", pd.Timestamp("2025-01-31")),
        ("date", "2025-01-31T10:00", pd.Timestamp("2025-01-31 10:00")),
        ("date", "2025-13-01", None),
        ("date", "31/01/2025", None),
        ("date", "2025", None),
        ("id", "007", "007"),
        ("text", "NA", "NA"),
    ],
)
def test_cells(kind: str, cell: str, expected: object) -> None:
    done = cast(text(cell, ""), kind)  # type: ignore[arg-type]
    assert done.failed.tolist() == [expected is None, False]
    assert done.values.isna().tolist() == [expected is None, True]
    if expected is not None:
        assert done.values[0] == expected


@settings(max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_to_the_last_bit(value: float) -> None:
    assert cast(text(repr(value)), "number").values[0] == value


def test_dates_with_and_without_an_offset_may_stand_together() -> None:
    done = cast(text("2025-01-31T10:00", "2025-01-31T01:00+00:00"), "date", time_zone="Asia/Seoul")
    assert done.values.tolist() == [pd.Timestamp("2025-01-31 10:00")] * 2
    assert not done.failed.any()


def test_a_column_without_any_cell_keeps_its_type() -> None:
    assert cast(text(), "number").values.dtype == np.float64
    assert str(cast(text("", ""), "date").values.dtype) == "datetime64[us]"


CONTRACT = Contract({"id": Column("id", required=True), "wave": Column()}, key=("id", "wave"))


def test_keys_by_hand() -> None:
    frame = pd.DataFrame({"id": ["a", "a", "a", None, None], "wave": ["1", "1", "2", "1", "1"]}, dtype="str")
    assert repeated(frame, CONTRACT).tolist() == [False, True, False, False, False]
    problems = [str(problem) for problem in check_keys(frame, CONTRACT, "t")]
    assert len(problems) == 2
    assert problems[0].startswith("t, column 'id': 2 empty cells")
    assert "the id and wave of an earlier row stands again in 1 row" in problems[1]


def test_a_table_without_its_key_column_has_no_key() -> None:
    assert not repeated(pd.DataFrame({"wave": ["1", "1"]}), CONTRACT).any()


def test_every_key_is_a_column_of_its_contract() -> None:
    assert [name for name, c in CONTRACTS.items() if not set(c.key) <= set(c.columns)] == []
