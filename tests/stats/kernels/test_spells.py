"""Stage spells: cases to count with fingers, a plain walk customer by customer, and batches of any kind."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.spells import (
    NEXT,
    OPEN,
    OTHER,
    SECOND,
    SILENCE,
    Spells,
    StageSpells,
    cells,
    members,
)

DAY = 86_400 * SECOND
END = 40
STAGES = (-1, 0, 1, 2)  # event 0 belongs to no stage, event k enters stage k - 1
Logs = dict[str, list[tuple[int, int]]]


def batch(logs: Logs, *, end: int = END) -> Batch:
    """Return a batch of typed customers: days and event codes, already in order; group = length of the id."""
    sizes = [len(events) for events in logs.values()]
    rows = [event for events in logs.values() for event in events]
    time = np.array([day * DAY for day, _ in rows], dtype=np.int64)
    code = np.array([event for _, event in rows], dtype=np.int16)
    people = {"size": np.array([len(name) % 3 - 1 for name in logs], dtype=np.int64)}
    offsets = np.append(0, np.cumsum(sizes)).astype(np.int64)
    ids = pd.Index(list(logs), dtype="str")
    columns = {"hour": code.astype(np.int64) % 2}
    until = np.full(len(logs), end * DAY)
    return Batch(offsets, time, code, ids, 0, until, columns, people)


def kernel(rule: str = "furthest", silence: int = 0, **more: object) -> StageSpells:
    return StageSpells(STAGES, rule, silence * DAY, **more)


def found(spells: Spells) -> Counter:
    """Return how often each stage, cause and number of days occurs."""
    table = cells(spells.ended)
    keys = zip(table.stage.tolist(), table.cause.tolist(), (table.seconds // 86_400).tolist(), strict=True)
    return added(keys, table.count)


def added(keys: Iterable[tuple[int, ...]], count: np.ndarray) -> Counter:
    """Add up what groups and seen beginnings keep apart."""
    total: Counter = Counter()
    for key, n in zip(keys, count.tolist(), strict=True):
        total[key] += n
    return total


def waiting(spells: Spells) -> Counter:
    table = cells(spells.waiting)
    keys = zip(table.stage.tolist(), (table.seconds // 86_400).tolist(), strict=True)
    return added(keys, table.count)


# Counted by hand

WALK = {"ann": [(1, 1), (3, 0), (5, 2), (6, 1), (9, 2), (20, 3)]}


def test_the_furthest_stage_never_goes_back() -> None:
    assert found(kernel().measure(batch(WALK))) == {(0, NEXT, 4): 1, (1, NEXT, 15): 1, (2, OPEN, 20): 1}


def test_the_current_stage_may_come_again() -> None:
    expected = {(0, NEXT, 4): 1, (1, OTHER, 1): 1, (0, NEXT, 3): 1, (1, NEXT, 11): 1, (2, OPEN, 20): 1}
    assert found(kernel("current").measure(batch(WALK))) == expected


def test_skipping_a_stage_is_another_exit() -> None:
    assert found(kernel().measure(batch({"a": [(0, 1), (3, 3)]}))) == {(0, OTHER, 3): 1, (2, OPEN, 37): 1}


def test_repeats_of_a_stage_extend_the_spell() -> None:
    assert found(kernel("current").measure(batch({"a": [(0, 1), (2, 1), (7, 2)]}))) == {
        (0, NEXT, 7): 1,
        (1, OPEN, 33): 1,
    }


def test_events_of_one_moment_make_a_spell_of_no_length() -> None:
    assert found(kernel().measure(batch({"a": [(3, 1), (3, 2)]})))[0, NEXT, 0] == 1


def test_silence_ends_a_spell_at_the_last_event() -> None:
    log = {"a": [(0, 1), (4, 0), (25, 2)]}  # silent from day 4 to day 25
    assert found(kernel(silence=10).measure(batch(log))) == {(0, SILENCE, 4): 1, (1, SILENCE, 0): 1}


def test_a_pause_of_exactly_that_length_is_no_silence() -> None:
    log = {"a": [(0, 1), (10, 2), (11, 0)]}
    assert found(kernel(silence=10).measure(batch(log))) == {(0, NEXT, 10): 1, (1, SILENCE, 1): 1}


def test_with_silence_everything_is_seen_only_until_that_long_before_the_end() -> None:
    # T − D is day 30: the move on day 31 is not seen, the spell it opens is left out
    log = {"a": [(22, 1), (31, 2)], "b": [(29, 1)], "c": [(30, 1)]}
    counted = kernel(silence=10).measure(batch(log))
    assert found(counted) == {(0, OPEN, 8): 1, (0, SILENCE, 0): 2}
    assert counted.too_late == 1


def test_who_is_here_now_is_seen_until_the_very_end() -> None:
    log = {"a": [(22, 1), (31, 2)], "b": [(3, 1)], "c": [(30, 1), (35, 0)]}
    assert waiting(kernel(silence=10).measure(batch(log))) == {(1, 9): 1, (0, 10): 1}
    assert waiting(kernel().measure(batch(log))) == {(1, 9): 1, (0, 37): 1, (0, 10): 1}


def test_after_silence_the_current_stage_begins_anew() -> None:
    log = {"a": [(0, 1), (20, 1), (22, 2), (28, 0)]}
    assert found(kernel("current", 10).measure(batch(log))) == {
        (0, SILENCE, 0): 1,
        (0, NEXT, 2): 1,
        (1, SILENCE, 6): 1,
    }
    assert found(kernel("furthest", 10).measure(batch(log))) == {(0, SILENCE, 0): 1, (1, SILENCE, 6): 1}


def test_durations_are_whole_seconds() -> None:
    made = batch({"a": [(0, 1), (1, 2)]})
    made.time[1] += SECOND - 1
    assert cells(kernel().measure(made).ended).seconds.tolist() == [86_400, 39 * 86_400 - 1]


def test_a_first_spell_after_the_first_stage_has_no_seen_beginning() -> None:
    made = cells(kernel().measure(batch({"a": [(0, 2), (3, 3)], "b": [(0, 1), (1, 2)]})).ended)
    unseen = ~made.seen
    assert made.stage[unseen].tolist() == [1]
    assert made.count[unseen].tolist() == [1]


def test_customers_are_counted_once_a_stage() -> None:
    stage, group, n = members(kernel("current").measure(batch(WALK)).customers)
    assert (stage.tolist(), group.tolist(), n.tolist()) == ([0, 1, 2], [0, 0, 0], [1, 1, 1])


def test_groups_of_people_and_of_the_entering_event() -> None:
    logs = {"a": [(0, 1), (3, 2)], "bb": [(0, 1)]}
    people = cells(kernel(by="size", where="people").measure(batch(logs)).ended)
    assert sorted(zip(people.stage.tolist(), people.group.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]
    events = cells(kernel(by="hour", where="columns").measure(batch(logs)).ended)
    assert set(zip(events.stage.tolist(), events.group.tolist(), strict=True)) == {(0, 1), (1, 0)}


def test_nobody_and_no_stage_have_an_answer_too() -> None:
    for logs in ({}, {"a": []}, {"a": [(3, 0)]}):
        for rule in ("furthest", "current"):
            for silence in (0, 5):
                counted = kernel(rule, silence, cap=10).measure(batch(logs))
                assert found(counted) == {}
                assert len(counted.rows) == 0


def test_rows_are_given_up_above_the_cap() -> None:
    logs = {"a": [(0, 1), (3, 2)], "b": [(0, 1)]}
    assert len(kernel(cap=3).measure(batch(logs)).rows) == 3
    assert kernel(cap=2).measure(batch(logs)).rows is None
    one, other = (kernel(cap=2).measure(batch({k: v})) for k, v in logs.items())
    assert len(one.rows) == 2
    assert kernel(cap=2).merge(one, other).rows is None
    assert kernel().measure(batch(logs)).rows is None


# A plain walk


def walked(events: list[tuple[int, int]], rule: str, silence: int, start: int) -> Counter:
    """Walk through one customer's events, one after the other; spells begun before the start do not count."""
    spells, stage, entered, heard = [], None, 0, None
    last = END - silence
    for day, event in events:
        if silence and heard is not None and day - heard > silence:
            if stage is not None and entered is not None:
                spells.append((stage, SILENCE, entered, heard))
            entered, stage = None, (stage if rule == "furthest" else None)
        heard, to = day, STAGES[event]
        moves = to >= 0 and (stage is None or (to > stage if rule == "furthest" else to != stage))
        if moves:
            if entered is not None and stage is not None:
                spells.append((stage, NEXT if to == stage + 1 else OTHER, entered, day))
            stage, entered = to, day
    if stage is not None and entered is not None:
        spells.append((stage, SILENCE, entered, heard) if silence else (stage, OPEN, entered, END))
    kept = [spell for spell in spells if start <= spell[2] <= last]
    cut = [(s, c, e, x) if x <= last else (s, OPEN, e, last) for s, c, e, x in kept]
    return Counter((s, c, x - e) for s, c, e, x in cut)


EVENTS = st.lists(st.tuples(st.integers(0, END), st.integers(0, 3)), max_size=9).map(sorted)
LOGS = st.dictionaries(st.text("abc", min_size=1, max_size=3), EVENTS, max_size=8)
RULES = st.sampled_from(["furthest", "current"])
SILENCES = st.sampled_from([0, 1, 6, 15])


@given(LOGS, RULES, SILENCES, st.integers(0, 9))
@settings(max_examples=300, deadline=None)
def test_the_kernel_counts_what_a_walk_counts(logs: Logs, rule: str, silence: int, start: int) -> None:
    # events of one day stay in the order given; sorting by event code is one such order
    expected = sum((walked(events, rule, silence, start) for events in logs.values()), Counter())
    assert found(kernel(rule, silence).measure(replace(batch(logs), start=start * DAY))) == expected


# Batches


@given(LOGS, RULES, SILENCES, st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_dealing_customers_into_batches_changes_nothing(
    logs: Logs, rule: str, silence: int, seed: int
) -> None:
    asked = kernel(rule, silence, by="size", where="people", cap=1_000)
    whole = asked.measure(batch(logs))
    rng = np.random.default_rng(seed)
    hands = rng.integers(0, 3, len(logs))
    parts = [
        {name: logs[name] for name, hand in zip(logs, hands, strict=True) if hand == at} for at in range(3)
    ]
    answers = [asked.measure(batch(parts[at])) for at in rng.permutation(3)]
    merged = reduce(asked.merge, answers)
    for name in ("ended", "waiting", "customers"):
        np.testing.assert_array_equal(getattr(merged, name).keys, getattr(whole, name).keys)
        np.testing.assert_array_equal(getattr(merged, name).sums, getattr(whole, name).sums)
    for name in ("spells", "before", "too_late"):
        assert getattr(merged, name) == getattr(whole, name)
    one, other = merged.rows.settled(), whole.rows.settled()
    assert one.ids.tolist() == other.ids.tolist()
    for name in ("customer", "stage", "group", "cause", "seconds"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@given(LOGS, RULES, SILENCES)
@settings(max_examples=100, deadline=None)
def test_every_customer_is_in_at_most_one_stage_now(logs: Logs, rule: str, silence: int) -> None:
    counted = kernel(rule, silence).measure(batch(logs))
    staged = sum(any(STAGES[event] >= 0 for _, event in events) for events in logs.values())
    n = int(counted.waiting.sums.sum())
    assert n <= staged
    if not silence:
        assert n == staged == sum(found(counted)[k] for k in found(counted) if k[1] == OPEN)


@pytest.mark.parametrize("where", ["people", "columns", ""])
def test_a_kernel_says_what_it_needs(where: str) -> None:
    asked = kernel(by="size", where=where)
    assert asked.people == (("size",) if where == "people" else ())
    assert asked.columns == (("size",) if where == "columns" else ())
