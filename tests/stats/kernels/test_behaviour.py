"""What customers did: by hand, and the same however customers are dealt into batches."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.behaviour import DAY, Behaved, Behaviour

HOUR = DAY // 24


def batch(customers: list[list[tuple[int, int, int]]], ids: list[str]) -> Batch:
    """Return customers given as (time, event, channel)."""
    rows = [row for events in customers for row in events]
    time, event, channel = (np.array([row[at] for row in rows], dtype=np.int64) for at in range(3))
    offsets = np.cumsum([0, *(len(events) for events in customers)])
    until = np.full(len(ids), 10**15)
    return Batch(offsets, time, event, pd.Index(ids), 0, until, {"channel": channel})


KERNEL = Behaviour(
    group=(0, 1, -1), groups=2, stages=((0,), (1, 2)), channel="channel", channels=2,
    zone=((-(2**62), 0), (DAY, 9 * HOUR)),
)  # fmt: skip


def test_behaviour_by_hand() -> None:
    own = [(HOUR, 0, 0), (HOUR + HOUR // 2, 0, 1), (3 * HOUR, 1, -1), (DAY + HOUR, 2, 1)]
    found = KERNEL.measure(batch([own, []], ["b", "a"])).settled()
    assert found.ids.tolist() == ["a", "b"]
    assert found.groups.tolist() == [[0, 0], [2, 1]]
    assert found.channels.tolist() == [[0, 0], [1, 2]]
    # the last event is at 01:00 UTC of the second day, from which the clock is nine hours ahead: 10:00
    assert found.parts.tolist() == [[0, 0, 0, 0], [3, 1, 0, 0]]
    # a pause of exactly half an hour ends nothing
    assert (found.events.tolist(), found.visits.tolist(), found.days.tolist()) == ([0, 4], [0, 3], [0, 2])
    assert found.entered.tolist() == [[-1, -1], [HOUR, 3 * HOUR]]
    assert (found.first.tolist(), found.last.tolist()) == ([-1, HOUR], [-1, DAY + HOUR])


def test_events_after_the_instant_do_not_count() -> None:
    early = Behaviour((0,), 1, ((0,),), until=5)
    found = early.measure(batch([[(1, 0, 0), (5, 0, 0), (6, 0, 0)]], ["a"]))
    assert found.groups.tolist() == [[2]]
    assert found.last.tolist() == [5]


events = st.lists(st.tuples(st.integers(0, 5 * DAY), st.integers(0, 2), st.integers(-1, 1)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(events, min_size=1, max_size=6), st.integers(0, 10_000))
def test_dealing_customers_differently_changes_nothing(customers: list, seed: int) -> None:
    customers = [sorted(own) for own in customers]
    ids = [f"c{at}" for at in range(len(customers))]
    whole = KERNEL.measure(batch(customers, ids)).settled()
    rng = np.random.default_rng(seed)
    parts = [
        KERNEL.measure(batch([customers[at] for at in some], [ids[at] for at in some]))
        for some in np.array_split(rng.permutation(len(ids)), rng.integers(1, 4))
    ]
    joined = parts[0]
    for part in parts[1:]:
        joined = KERNEL.merge(part, joined)
    joined = joined.settled()
    for field in fields(Behaved):
        assert list(np.ravel(getattr(joined, field.name))) == list(np.ravel(getattr(whole, field.name)))
