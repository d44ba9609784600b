"""What counts as numbers, labels and rows, and that all mistakes are told at once."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError
from journey_lib.stats.inputs import Inputs, frozen, row_count

NAN = float("nan")


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, None],
        (1.0, 2.0, NAN),
        np.array([1, 2, np.nan], dtype="float32"),
        pd.Series([1, 2, None], index=[5, 5, 6]),
        pd.Series([1, 2, pd.NA], dtype="Int64"),
        pd.array([1, 2, pd.NA], dtype="Float64"),
        np.array([Decimal(1), Decimal(2), None], dtype=object),
        pd.Series([1, 2, None], dtype=object),
    ],
)
def test_reads_numbers_from_whatever_holds_them(values) -> None:
    given = Inputs(3)
    np.testing.assert_array_equal(given.numbers(values, "y"), [1, 2, NAN])
    given.raise_all()


@pytest.mark.parametrize(
    "values",
    [
        ["1", "2", "3"],
        pd.Series(["1", "2", "3"]),
        pd.Series(["1", 2, None], dtype=object),
        pd.to_datetime(["2025-01-01"] * 3),
        np.array([1j, 2, 3]),
        [1, 2, "x"],
    ],
)
def test_text_and_dates_are_not_numbers(values) -> None:
    given = Inputs(3)
    given.numbers(values, "y")
    with pytest.raises(DataError, match="y: holds something that is not a number"):
        given.raise_all()


def test_yes_and_no_count_as_1_and_0() -> None:
    assert Inputs(2).numbers([True, False], "y").tolist() == [1, 0]


def test_labels_are_numbered_by_first_appearance_and_na_is_a_name() -> None:
    given = Inputs(4)
    codes, names = given.codes(["NA", "b", "NA", "a"], "strata")
    assert codes.tolist() == [0, 1, 0, 2]
    assert list(names) == ["NA", "b", "a"]
    given.raise_all()


def test_missing_labels_are_minus_one_where_allowed() -> None:
    given = Inputs(3)
    assert given.codes(["x", None, "x"], "margin", missing=True)[0].tolist() == [0, -1, 0]
    given.raise_all()


def test_tells_every_mistake_at_once_without_values() -> None:
    given = Inputs(3)
    given.weights([-7.0, 1.0, 1.0])
    given.numbers([1.0, np.inf, 2.0], "y")
    given.domain([1, 0, 1])
    with pytest.raises(DataError) as caught:
        given.raise_all()
    assert caught.value.problems["where"].tolist() == ["weights", "y", "domain"]
    assert "7" not in str(caught.value)


def test_rows_are_one_dimensional() -> None:
    assert row_count([1, 2]) == 2
    for wrong in (5, [[1], [2]]):
        with pytest.raises(DataError, match="one value for each row"):
            row_count(wrong)


def test_frozen_copies() -> None:
    source = np.ones(2)
    copy = frozen(source)
    source[0] = 5
    assert copy[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        copy[0] = 2
