"""Ids stay as written, and anonymous visitors become the customers they turn out to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError
from journey_lib.study.events import EventLog, Flag

SEEN = {"event": "see", "time": "2025-01-01"}


def log_of(customer: list, anonymous: list | None = None, **options: object) -> EventLog:
    frame = pd.DataFrame({"customer_id": customer, **SEEN})
    if anonymous is not None:
        frame["anonymous_id"] = anonymous
    frame["n"] = range(len(frame))
    return EventLog.from_frame(frame, **options)


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (["NA", "007", "7", "null", "nan", "None"], ["007", "7", "NA", "None", "nan", "null"]),
        ([7, 10, 9], ["10", "7", "9"]),
        ([7.0, 10.0], ["10", "7"]),
        (pd.Categorical(["b", "a"]), ["a", "b"]),
        (["가", "é", "z", "é"], ["z", "é", "가"]),
    ],
)
def test_ids_are_text_and_sorted(given: list, ids: list[str]) -> None:
    log = log_of(given)
    assert log.customers.tolist() == ids
    assert log.customers.dtype == "str"


@pytest.mark.parametrize("given", [["a", 7], [7, "7"], ["a", 1.5]])
def test_ids_of_mixed_types_are_refused(given: list) -> None:
    with pytest.raises(DataError, match="column 'customer_id': holds values of mixed types"):
        log_of(given)


def test_ids_that_lost_digits_are_refused() -> None:
    with pytest.raises(DataError, match="decimal numbers that have lost digits"):
        log_of([2.0**53 + 2, 1.0])


def test_stitching() -> None:
    """x signs in as A, also before that; y is A and B (a shared device); z never signs in."""
    customer = ["", "A", "A", "B", "", "", "A", None]
    anonymous = ["x", "x", "y", "y", "y", "z", "", "x"]
    log = log_of(customer, anonymous)
    assert log.customers.tolist() == ["A", "B", "y", "z"]
    assert np.diff(log.offsets).tolist() == [5, 1, 1, 1]
    assert log.known.tolist() == [True, True, False, False]
    joined = log.frame(["customer_id", "anonymous_id", "n"])[(log.flags & Flag.JOINED) > 0]
    assert joined["n"].tolist() == [0, 7]
    told = log.report
    assert (told.joined_ids, told.joined_events, told.left_ids, told.left_events, told.shared_ids) == (
        1,
        2,
        1,
        2,
        1,
    )


def test_a_map_of_its_own_joins_too() -> None:
    pairs = pd.DataFrame({"anonymous_id": ["z", "x", "unused"], "customer_id": ["C", "B", "Q"]})
    log = log_of(["", "A", "", ""], ["x", "x", "z", "w"], id_map=pairs)
    assert log.customers.tolist() == ["A", "C", "w", "x"]  # x is A's in the log and B's in the map
    assert (log.report.joined_ids, log.report.shared_ids) == (1, 1)


def test_an_anonymous_id_that_is_a_customer_is_refused() -> None:
    with pytest.raises(DataError, match="1 anonymous id equal to the id of a known customer"):
        log_of(["A", ""], ["", "A"])


def test_nobody_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="column 'customer_id': 2 empty cells"):
        log_of(["A", "", None], ["x", "", " "])


def test_the_input_frame_is_not_changed() -> None:
    frame = pd.DataFrame({"customer_id": ["b", "a"], **SEEN})
    before = frame.copy()
    EventLog.from_frame(frame)
    pd.testing.assert_frame_equal(frame, before)
