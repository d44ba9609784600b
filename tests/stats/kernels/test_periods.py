"""Counts by period: against a plain loop, and the same however customers are dealt."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.periods import Counts, Periods

KERNEL = Periods((0, 10, 20, 30), 3, ((0,), (1, 2)), 6, "region", 2)
LOGS = st.lists(
    st.tuples(
        st.integers(-1, 1), st.lists(st.tuples(st.integers(0, 34), st.integers(0, 2)), max_size=6)
    ),
    min_size=1, max_size=6,
)  # fmt: skip
Log = list[tuple[int, list[tuple[int, int]]]]


def batch(log: Log) -> Batch:
    rows = [sorted(events) for _, events in log]
    offsets = np.cumsum([0, *(len(r) for r in rows)])
    flat = [e for r in rows for e in r]
    time = np.array([t for t, _ in flat], dtype=np.int64)
    event = np.array([e for _, e in flat], dtype=np.int32)
    ids = pd.Index([str(at) for at in range(len(log))], dtype="str")
    people = {"region": np.array([region for region, _ in log])}
    return Batch(offsets, time, event, ids, 0, np.full(len(log), 40), people=people)


def counted(log: Log) -> Counts:
    """Count with plain loops."""
    events = np.zeros((3, 3, 3), dtype=int)
    entered, moved = np.zeros((3, 3, 2), dtype=int), np.zeros((3, 3, 2), dtype=int)
    for region, rows in log:
        group = 2 if region < 0 else region
        for time, event in rows:
            if time < 30:
                events[time // 10, group, event] += 1
        first = [min((t for t, e in rows if e in codes), default=None) for codes in ((0,), (1, 2))]
        for stage, time in enumerate(first):
            if time is not None and time < 30:
                entered[time // 10, group, stage] += 1
                after = first[1] if stage == 0 else None
                moved[time // 10, group, stage] += after is not None and 0 <= after - time <= 6
    return Counts(events, entered, moved)


def same(one: Counts, other: Counts) -> bool:
    return all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("events", "entered", "moved"))


@settings(max_examples=80, deadline=None)
@given(LOGS)
def test_it_counts_what_a_loop_counts(log: Log) -> None:
    assert same(KERNEL.measure(batch(log)), counted(log))


@settings(max_examples=40, deadline=None)
@given(LOGS, LOGS)
def test_two_batches_are_one(one: Log, two: Log) -> None:
    apart = KERNEL.merge(KERNEL.measure(batch(two)), KERNEL.measure(batch(one)))
    assert same(apart, KERNEL.measure(batch([*one, *two])))
