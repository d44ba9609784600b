"""One order, however it is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.study.events.order import event_order, settle, starts_of, tick_of, tied_rows

DAY, HOUR = 86_400_000_000, 3_600_000_000


@pytest.mark.parametrize(
    ("times", "tick"),
    [
        ([5, 5 + DAY, 5 + 9 * DAY], DAY),
        ([0, DAY, 2 * DAY - HOUR], HOUR),
        ([0, 60_000_000], 60_000_000),
        ([0, 1_000_000, 61_000_000], 1_000_000),
        ([0, 1_000], 1_000),
        ([0, 1_001], 1),
        ([7], DAY),
        ([], 1),
    ],
)
def test_the_common_step(times: list[int], tick: int) -> None:
    assert tick_of(np.array(times, dtype=np.int64)) == tick


# Spans that fit one key, need two passes, and fit no key at all.
@pytest.mark.parametrize("span", [50, 2**45, 2**62])
@pytest.mark.parametrize("people", [1, 3, 2**30])
@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=60))
def test_all_ways_sort_alike_and_stably(span: int, people: int, draws: list[tuple[float, float]]) -> None:
    customer = np.array([int(u * (people - 1)) for u, _ in draws], dtype=np.int32)
    ticks = np.array([int(u * span) for _, u in draws], dtype=np.int64)
    doubled = np.concatenate([customer, customer]), np.concatenate([ticks, ticks])
    order, starts = event_order(*doubled)
    wanted = np.lexsort(doubled[::-1])
    assert order.tolist() == wanted.tolist()
    assert starts.tolist() == starts_of(doubled[0][wanted], doubled[1][wanted]).tolist()


def test_ties_are_found_and_settled_within_their_moment() -> None:
    starts = starts_of(np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1, 2, 5, 5, 5]))
    assert starts.tolist() == [True, False, True, True, False, False]
    assert tied_rows(starts).tolist() == [0, 1, 3, 4, 5]
    order = np.array([10, 11, 12, 13, 14, 15])
    rule = np.array([2, 1, 9, 8, 9])
    assert settle(order, starts, [rule]).tolist() == [11, 10, 12, 14, 13, 15]
    two = [np.array([0, 0, 9, 8, 9]), np.array([0, 0, 1, 1, 0])]
    assert settle(order, starts, two).tolist() == [10, 11, 12, 14, 15, 13]
