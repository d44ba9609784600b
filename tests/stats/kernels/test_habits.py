"""Counting what groups use and when: by hand, on either side of a clock change, and in batches."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.habits import HOUR, LocalHours, Used
from journey_lib.study.calendar import clock
from journey_lib.study.events.times import midnight

SHIFTS = st.sampled_from([-180.0, 0.0, 540.0, np.nan])
PEOPLE = st.lists(
    st.tuples(
        st.integers(-1, 2),
        st.lists(st.tuples(st.integers(0, 40), st.integers(-1, 3), SHIFTS)),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def batch(people: list) -> Batch:
    events = [sorted(own, key=lambda one: one[0]) for _, own in people]
    flat = [one for own in events for one in own]
    return Batch(
        np.concatenate([[0], np.cumsum([len(own) for own in events])]).astype(np.int64),
        np.array([one[0] for one in flat], np.int64) * HOUR,
        np.zeros(len(flat), int),
        pd.Index([f"c{at}" for at in range(len(people))]),
        0,
        np.full(len(people), 99 * HOUR),
        {
            "channel": np.array([one[1] for one in flat], int),
            "shift": np.array([one[2] for one in flat], float),
        },
        {"town": np.array([town for town, _ in people], int)},
    )


@given(PEOPLE, st.integers(0, 8))
def test_dealing_customers_into_batches_changes_nothing(people, cut):
    for kernel in (Used("town", 3, "channel", 4), LocalHours("town", 3, -24 * HOUR, 80, "shift")):
        whole = kernel.measure(batch(people))
        parts = [kernel.measure(batch(part)) for part in (people[:cut], people[cut:]) if part]
        merged = parts[0] if len(parts) == 1 else kernel.merge(parts[1], parts[0])
        assert np.array_equal(whole, merged)


@given(PEOPLE)
def test_nobody_is_counted_twice_and_no_event_is_lost(people):
    table = Used("town", 3, "channel", 4).measure(batch(people))
    for town in range(3):
        own = [events for at, events in people if at == town]
        assert table[town, 4] == sum(bool(events) for events in own)
        for value in range(4):
            assert table[town, value] == sum(any(one[1] == value for one in events) for events in own)
    hours = LocalHours("town", 3, -24 * HOUR, 80, "shift").measure(batch(people))
    assert hours.sum() == sum(len(events) for town, events in people if town >= 0)
    assert hours[:, -1].sum() == sum(np.isnan(one[2]) for town, own in people if town >= 0 for one in own)


def test_clocks_of_a_zone_turn_in_its_own_night():
    # Germany moves its clocks on 30 March 2025 at 01:00 UTC; Korea never does.
    start, end = (midnight(day, "UTC") for day in ("2025-03-29", "2025-03-31"))
    zones = tuple(clock(start, end, zone) for zone in ("Europe/Berlin", "Asia/Seoul"))
    instants = np.array([midnight("2025-03-30", "UTC") + at * HOUR for at in (0, 1, 0, 1)])
    made = Batch(
        np.array([0, 2, 4]), instants, np.zeros(4, int), pd.Index(["a", "b"]), 0, np.full(2, 2**60), {},
        {"town": np.array([0, 1])},
    )  # fmt: skip
    table = LocalHours("town", 2, start, 72, zones=zones).measure(made)
    assert np.flatnonzero(table[0]).tolist() == [25, 27]  # 01:00 and, one hour of time later, 03:00
    assert np.flatnonzero(table[1]).tolist() == [33, 34]
