"""Arrivals by week and outcomes after them: counted by hand, and the same however customers are dealt."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels.arrivals import WEEK, Arrivals, Arrived
from journey_lib.stats.kernels.batch import Batch

DAY = WEEK // 7
KERNEL = Arrivals(entry=(0,), outcomes=((1,), (2,)), window=10 * DAY, names=3, weeks=4)


def batch(customers: list[list[tuple[int, int]]], until: int = 28 * DAY) -> Batch:
    """Return customers given as lists of (day, event)."""
    rows = [sorted(events) for events in customers]
    offsets = np.cumsum([0, *map(len, rows)])
    flat = [event for events in rows for event in events]
    time = np.array([day * DAY for day, _ in flat], dtype=np.int64)
    event = np.array([code for _, code in flat], dtype=np.int64)
    ids = pd.Index([str(at) for at in range(len(rows))], dtype="str")
    return Batch(offsets, time, event, ids, 0, np.full(len(rows), until))


def same(one: Arrived, other: Arrived) -> bool:
    return (
        one.weeks.tolist() == other.weeks.tolist()
        and one.mature == other.mature
        and one.reached.tolist() == other.reached.tolist()
    )


def test_counted_by_hand() -> None:
    """In time; too late; before arrival; twice; not yet mature; never arrived; on the last day."""
    found = KERNEL.measure(
        batch(
            [
                [(0, 0), (3, 1)],
                [(1, 0), (12, 1)],
                [(2, 1), (5, 0)],
                [(8, 0), (9, 1), (9, 1), (10, 2), (11, 0)],
                [(20, 0), (21, 1)],
                [(3, 1)],
                [(4, 0), (14, 2)],
            ]
        )
    )
    assert found.weeks.tolist() == [4, 1, 1, 0]
    assert found.n == 6
    assert found.mature == 5
    assert found.reached.tolist() == [2, 2]


def test_nobody_has_an_answer_too() -> None:
    found = KERNEL.measure(batch([]))
    assert (found.n, found.mature, found.reached.tolist()) == (0, 0, [0, 0])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 27), st.integers(0, 2)), max_size=6), min_size=1, max_size=12),
    st.integers(0, 12),
)
def test_dealing_customers_into_batches_changes_nothing(customers: list, cut: int) -> None:
    whole = KERNEL.measure(batch(customers))
    one, other = (KERNEL.measure(batch(part)) for part in (customers[:cut], customers[cut:]))
    assert same(KERNEL.merge(one, other), whole)
    assert same(KERNEL.merge(other, one), whole)
