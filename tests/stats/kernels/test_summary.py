"""One row of facts a customer: by hand, and the same however customers are dealt into batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.summary import NEVER, SummaryKernel

KERNEL = SummaryKernel(place=(-1, 0, 2, 1), gap=10)


def batch(people: dict[str, list[tuple[int, int]]]) -> Batch:
    """Make a batch of customers' (time, event code) pairs."""
    events = [pair for own in people.values() for pair in own]
    offsets = np.append(0, np.cumsum([len(own) for own in people.values()])).astype(np.int64)
    time = np.array([at for at, _ in events], dtype=np.int64)
    code = np.array([code for _, code in events], dtype=np.int64)
    ids = pd.Index(list(people), dtype="str")
    return Batch(offsets, time, code, ids, 0, np.full(len(people), 100))


def test_by_hand() -> None:
    found = KERNEL.measure(batch({"a": [(0, 1), (10, 3), (21, 0)], "b": [], "c": [(5, 2)], "d": [(1, 0)]}))
    assert found.ids.tolist() == ["a", "b", "c", "d"]
    assert found.events.tolist() == [3, 0, 1, 1]
    assert found.sessions.tolist() == [2, 0, 1, 1]  # a pause of 10 goes on, one of 11 does not
    assert found.first.tolist() == [0, NEVER, 5, 1]
    assert found.last.tolist() == [21, NEVER, 5, 1]
    assert found.stage.tolist() == [1, -1, 2, -1]


def test_nobody_has_an_answer_too() -> None:
    assert len(KERNEL.measure(batch({})).ids) == 0
    assert SummaryKernel((), 10).measure(batch({"a": []})).stage.tolist() == [-1]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_dealing_customers_otherwise_changes_nothing(data: st.DataObject) -> None:
    times = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 3)), max_size=6).map(sorted)
    people = {f"c{at}": data.draw(times) for at in range(data.draw(st.integers(1, 6)))}
    hands: dict[int, dict[str, list[tuple[int, int]]]] = {}
    for name, own in people.items():
        hands.setdefault(data.draw(st.integers(0, 2)), {})[name] = own
    parts = [KERNEL.measure(batch(hand)) for hand in data.draw(st.permutations(list(hands.values())))]
    merged = parts[0]
    for part in parts[1:]:
        merged = KERNEL.merge(merged, part)
    whole = KERNEL.measure(batch(people))
    order = merged.ids.get_indexer(whole.ids)
    for name in ("events", "sessions", "first", "last", "stage"):
        assert (getattr(merged, name)[order] == getattr(whole, name)).all()
