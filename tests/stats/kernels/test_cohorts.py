"""Cohorts counted with fingers, against a plain walk customer by customer, and in batches of any kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.cohorts import CohortCounts, Cohorts, pieces
from journey_lib.study.calendar import calendar
from journey_lib.study.events.times import midnight
from tests.stats.kernels import cohorts_oracle as oracle
from tests.stats.kernels.cohorts_oracle import Logs

WEEK = 10  # a unit of the typed cases
EDGES = np.arange(0, 101, WEEK)
END = 59
ONE_BY_ONE = tuple((k, k) for k in range(5))


def kernel(**more: Any) -> Cohorts:
    return Cohorts(
        **({"entry": (), "back": (), "edges": EDGES, "windows": ONE_BY_ONE, "end": END, "names": 3} | more)
    )


def batch(logs: Logs, *, until: dict[str, int] | None = None, groups: dict[str, int] | None = None) -> Batch:
    rows = [event for events in logs.values() for event in events]
    sizes = [len(events) for events in logs.values()]
    ends = np.array([(until or {}).get(name, END) for name in logs], dtype=np.int64)
    codes = np.array([(groups or {}).get(name, -1) for name in logs], dtype=np.int32)
    values = np.array([value for _, _, value in rows], dtype=float)
    return Batch(
        np.append(0, np.cumsum(sizes)).astype(np.int64),
        np.array([time for time, _, _ in rows], dtype=np.int64),
        np.array([event for _, event, _ in rows], dtype=np.int16),
        pd.Index(list(logs), dtype="str"),
        0,
        ends,
        {"value": values},
        {"plan": codes},
    )


def log(*events: tuple[int, int]) -> list[tuple[int, int, float]]:
    return [(time, event, float(time)) for time, event in events]


def sparse(array: np.ndarray) -> Counter:
    return Counter({tuple(map(int, place)): array[tuple(place)] for place in np.argwhere(array)})


# Counted by hand

THREE = {"ann": log((3, 0), (15, 1), (25, 1), (27, 1)), "bob": log((9, 0)), "eve": log((12, 1), (31, 1))}


def test_a_member_belongs_to_the_unit_of_the_first_event_and_comes_back_in_later_units() -> None:
    found = kernel().measure(batch(THREE))
    assert found.members[0].tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert found.retained[0, 0].tolist() == [2, 1, 1, 0, 0]  # ann in units 0, 1 and 2, bob in 0 only
    assert found.retained[0, 1].tolist() == [1, 0, 1, 0, 0]
    assert found.followed[0, 0].tolist() == [2, 2, 2, 2, 2]


def test_a_period_counts_once_its_last_instant_was_observed() -> None:
    logs = {"ann": log((25, 0))}
    assert kernel().measure(batch(logs)).followed[0, 2].tolist() == [1, 1, 1, 1, 0]  # units 2 to 5 are over
    short = kernel(end=58).measure(batch(logs, until={"ann": 58}))
    assert short.followed[0, 2].tolist() == [1, 1, 1, 0, 0]
    assert short.ended[0, 2].tolist() == [1, 1, 1, 0, 0]


def test_who_is_observed_for_less_time_leaves_the_denominator_and_not_the_cell() -> None:
    found = kernel().measure(batch(THREE, until={"ann": 22}))
    assert found.ended[0, 0].tolist() == [2, 2, 2, 2, 2]
    assert found.followed[0, 0].tolist() == [2, 2, 1, 1, 1]
    assert found.retained[0, 0].tolist() == [2, 1, 0, 0, 0]  # what ann did in unit 2 is not whole


def test_rolling_periods_begin_with_the_own_entry() -> None:
    found = kernel(block=WEEK).measure(batch(THREE))
    assert found.retained[0, 0].tolist() == [2, 1, 1, 0, 0]  # ann after 12, 22 and 24: blocks 1, 2 and 2
    assert found.retained[0, 1].tolist() == [1, 1, 0, 0, 0]  # eve after 19: block 1, not 2
    assert found.followed[0, 0].tolist() == [2, 2, 2, 2, 2]  # bob's block 4 ends with instant 58
    assert found.followed[0, 1].tolist() == [1, 1, 1, 1, 0]


def test_on_or_after_counts_who_ever_comes_again_later() -> None:
    found = kernel(later=True).measure(batch({"ann": log((3, 0), (35, 1)), "bob": log((4, 0), (95, 1))}))
    assert found.retained[0, 0].tolist() == [2, 2, 2, 2, 1]


def test_brackets_count_a_customer_once() -> None:
    brackets = ((1, 2), (4, 4))
    found = kernel(windows=brackets).measure(batch(THREE))
    assert found.retained[0, 0].tolist() == [1, 0]  # ann three times in units 1 and 2
    assert found.followed[0, 1].tolist() == [1, 1]
    assert kernel(windows=brackets, end=58).measure(batch({"eve": log((12, 1))}, until={"eve": 58})).followed[
        0, 1
    ].tolist() == [1, 0]


def test_another_event_may_come_back_in_period_0_and_the_entry_alone_does_not() -> None:
    logs = {"ann": log((3, 0), (4, 1)), "bob": log((5, 0)), "eve": log((1, 1), (2, 0))}
    found = kernel(entry=(0,), back=(1,)).measure(batch(logs))
    assert found.members[0, 0] == 3
    assert found.retained[0, 0].tolist() == [1, 0, 0, 0, 0]  # eve came before she entered


def test_events_of_one_moment_count_in_the_order_of_the_log() -> None:
    logs = {"ann": log((3, 0), (3, 1)), "bob": log((3, 1), (3, 0))}
    assert kernel(entry=(0,), back=(1,)).measure(batch(logs)).retained[0, 0, 0] == 1


def test_active_periods_are_counted_where_all_were_observed() -> None:
    logs = {**THREE, "late": log((41, 0), (52, 0))}
    found = kernel(sticky=2).measure(batch(logs))
    assert found.active[0].tolist() == [1, 1, 1]  # bob never, eve in unit 3, ann in 1 and 2; late is open


def test_values_add_up_by_member_with_the_entry_in_period_0_once() -> None:
    found = kernel(value="value").measure(batch(THREE))
    assert found.amount[0, 0].tolist() == [3 + 9, 15, 25 + 27, 0, 0]
    assert found.squares[0, 0].tolist() == [9 + 81, 225, 52**2, 0, 0]
    only = kernel(value="value", entry=(0,), back=(1,)).measure(batch(THREE))
    assert only.amount[0, 0].tolist() == [3 + 9, 15, 52, 0, 0]  # the entry is paid for though it is no return


def test_groups_are_those_of_the_customer_and_unknown_ones_are_a_group() -> None:
    found = kernel(by="plan", where="people", levels=2).measure(batch(THREE, groups={"ann": 1, "eve": 0}))
    assert found.members[:, :2].tolist() == [[0, 1], [1, 0], [1, 0]]


def test_members_whose_cohort_changes_with_the_zone_are_counted() -> None:
    assert kernel(other=EDGES + 1).measure(batch(THREE)).moved == 0
    assert kernel(other=EDGES + 4).measure(batch(THREE)).moved == 2  # ann and eve enter 3 and 2 after an edge


def test_nobody_enters_an_empty_batch() -> None:
    for made in (batch({}), batch({"ann": []}), batch({"ann": log((3, 1))})):
        found = kernel(entry=(0,), sticky=2, value="value").measure(made)
        assert found.members.sum() == found.retained.sum() == found.active.sum() == 0
        assert found.members.shape == (1, 10)


def test_a_day_of_23_hours_is_one_day() -> None:
    zone, hour = "Europe/Berlin", 3_600_000_000
    days = calendar(midnight("2025-03-29", zone), midnight("2025-04-03", zone), "day", zone)
    enter = midnight("2025-03-29", zone) + 23 * hour + hour // 2  # Saturday 23:30, clocks move at 2 on Sunday
    logs = {
        "a": [(enter, 0, 0.0), (midnight("2025-03-31", zone) + hour // 2, 0, 0.0)]
    }  # Monday 0:30, 24 h on
    last = int(days.edges[-1]) - 1
    made = batch(logs, until={"a": last})
    by_calendar = kernel(edges=days.edges, end=last).measure(made)
    rolling = kernel(edges=days.edges, end=last, block=24 * hour).measure(made)
    assert by_calendar.retained[0, 0].tolist() == [1, 0, 1, 0, 0]
    assert rolling.retained[0, 0].tolist() == [1, 1, 0, 0, 0]
    assert by_calendar.followed[0, 0].tolist() == [1, 1, 1, 1, 1]


# Against the plain walk, and in batches

TIMES = st.integers(0, END)
EVENTS = st.lists(
    st.tuples(TIMES, st.integers(0, 2), st.sampled_from([0.5, 2.0, -1.0, float("nan")])), max_size=8
)
LOGS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    EVENTS.map(lambda rows: sorted(rows, key=lambda r: r[0])),
    max_size=9,
)
KERNELS = st.builds(
    kernel,
    entry=st.sampled_from([(), (0,), (0, 2)]),
    back=st.sampled_from([(), (1,), (0, 1)]),
    windows=st.sampled_from([ONE_BY_ONE, ((1, 2), (3, 6)), ((0, 0), (2, 3), (9, 9))]),
    block=st.sampled_from([0, 7, 10]),
    end=st.integers(30, END),
    other=st.sampled_from([np.empty(0, np.int64), EDGES + 3, EDGES - 7]),
    value=st.sampled_from(["", "value"]),
    by=st.just("plan"),
    where=st.just("people"),
    levels=st.just(2),
)
LAWS = settings(max_examples=150, deadline=None)


def observed(logs: Logs, made: Cohorts) -> tuple[Logs, dict[str, int]]:
    """Return the events up to the end of the log, and that everybody was observed to it."""
    cut = {name: [row for row in rows if row[0] <= made.end] for name, rows in logs.items()}
    return cut, dict.fromkeys(logs, made.end)


def sure(made: Cohorts, draw: Any) -> Cohorts:
    """Count active periods, or what comes later, only where windows are single periods."""
    if made.windows != ONE_BY_ONE:
        return made
    return replace(made, sticky=draw(st.integers(0, 4)), later=draw(st.booleans()))


def same(one: CohortCounts, other: CohortCounts) -> None:
    for name in ("members", "ended", "followed", "retained", "active", "moved"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("amount", "squares"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12)


@given(LOGS, KERNELS, st.data())
@LAWS
def test_the_kernel_counts_what_a_person_would(logs: Logs, made: Cohorts, data: Any) -> None:
    made = sure(made, data.draw)
    logs, _ = observed(logs, made)
    until = {
        name: data.draw(st.integers(max([0, *(r[0] for r in rows)]), made.end)) for name, rows in logs.items()
    }
    groups = {name: data.draw(st.integers(-1, 1)) for name in logs}
    found = made.measure(batch(logs, until=until, groups=groups))
    expected = oracle.counted(made, logs, until, groups)
    for name in ("members", "ended", "followed", "retained", "active"):
        if name != "active" or made.sticky:
            assert sparse(getattr(found, name)) == +Counter(getattr(expected, name)), name
    assert found.moved == expected.moved
    for name in ("amount", "squares") if made.value else ():
        for place, total in getattr(expected, name).items():
            assert getattr(found, name)[place] == pytest.approx(total, abs=1e-9), name


@given(LOGS, KERNELS, st.data())
@LAWS
def test_batches_and_the_order_of_customers_and_merging_change_nothing(
    logs: Logs, made: Cohorts, data: Any
) -> None:
    made = sure(made, data.draw)
    (logs, until), groups = observed(logs, made), {name: data.draw(st.integers(-1, 1)) for name in logs}
    whole = made.measure(batch(logs, until=until, groups=groups))
    names = data.draw(st.permutations(list(logs)))
    parts = data.draw(st.integers(1, 4))
    dealt = [
        made.measure(batch({n: logs[n] for n in names[at::parts]}, until=until, groups=groups))
        for at in range(parts)
    ]
    same(whole, reduce(made.merge, data.draw(st.permutations(dealt))))


@given(LOGS, st.integers(1, 9))
@LAWS
def test_pieces_are_whole_customers_and_leave_nobody_out(logs: Logs, most: int) -> None:
    made = batch(logs)
    found = list(pieces(made, most))
    assert [i for piece in found for i in piece.ids] == list(logs)
    assert [t for piece in found for t in piece.time.tolist()] == made.time.tolist()
    assert [n for piece in found for n in np.diff(piece.offsets).tolist()] == [
        len(rows) for rows in logs.values()
    ]
    same(reduce(kernel().merge, map(kernel().measure, found)), kernel().measure(made))


@given(LOGS, KERNELS, st.data())
@LAWS
def test_the_retained_are_followed_the_followed_are_members_and_groups_add_up(
    logs: Logs, made: Cohorts, data: Any
) -> None:
    made = sure(made, data.draw)
    (logs, until), groups = observed(logs, made), {name: data.draw(st.integers(-1, 1)) for name in logs}
    found = made.measure(batch(logs, until=until, groups=groups))
    plain = replace(made, by="", where="", levels=0).measure(batch(logs, until=until))
    assert (found.retained <= found.followed).all()
    assert (found.followed <= found.ended).all()
    assert (found.ended <= found.members[:, :, None]).all()
    for name in ("members", "ended", "followed", "retained", "active"):
        assert np.array_equal(getattr(found, name).sum(axis=0), getattr(plain, name)[0]), name
