"""The funnel against every subsequence of short logs, over all options; and the laws it must keep."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.funnel import (
    By,
    Counted,
    DetourKernel,
    Exclusion,
    Funnel,
    FunnelKernel,
    FunnelMembers,
)
from journey_lib.stats.kernels.funnel.outcome import Outcome, outcome
from journey_lib.stats.kernels.funnel.rows import base_rows, own_rows
from tests.stats.kernels import funnel_oracle as plain

SECOND = 1_000_000
UNTIL = 9
LAWS = settings(max_examples=100, deadline=None)
Log = list[list[tuple[int, int]]]

happening = st.tuples(st.integers(0, UNTIL), st.integers(0, 4))
logs = st.lists(st.lists(happening, max_size=8).map(lambda x: sorted(x, key=lambda e: e[0])), max_size=4)
length = st.integers(0, UNTIL).map(lambda n: n * SECOND)
sets = st.lists(st.sampled_from([(0,), (1,), (2,), (0, 1), (1, 2)]), min_size=1, max_size=4)
apart = st.sampled_from(
    [((0,),), ((1,), (0,)), ((0,), (1,), (2,)), ((2, 0), (1,)), ((2,), (0, 1)), ((1,), (2,), (0,))]
)
alike = st.lists(st.sampled_from([(0,), (1, 2)]), min_size=1, max_size=4)


@st.composite
def funnels(draw: st.DrawFn, orders: tuple[str, ...] = ("ordered", "ordered", "strict", "any")) -> Funnel:
    """Draw a valid definition: steps of names 0 to 2, exclusions of 3, names 3 and 4 to look through."""
    order = draw(st.sampled_from(orders))
    ties = draw(st.sampled_from(["order", "strict_time", "either"][: 2 if order == "strict" else 3]))
    steps = tuple(draw(apart if ties == "either" else alike if order == "any" else sets))
    size = len(steps)
    optional = (
        (draw(st.integers(1, size - 1)),) if size > 2 and order != "strict" and draw(st.booleans()) else ()
    )
    required = [k for k in range(size) if k not in optional]
    pairs = [(a, b) for a in required for b in required if a < b] if order != "any" else []
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)) if pairs else []
    limits = st.lists(length, min_size=size - 1, max_size=size - 1) if order != "any" else st.just([])
    return Funnel(
        steps=steps,
        window=draw(length),
        order=order,
        entry=draw(st.sampled_from(["any", "first", "all"][: 2 if order == "any" else 3])),
        ties=ties,
        step_windows=tuple(draw(st.one_of(st.just([]), limits))),
        min_gaps=tuple(draw(st.one_of(st.just([]), limits))),
        optional=optional,
        exclude=tuple(Exclusion((3,), a, b) for a, b in chosen),
        ignored=draw(st.sampled_from([(), (4,)])),
        banned=draw(st.sampled_from([(), (), (4,)])),
        first=draw(st.sampled_from([0, 2])) * SECOND,
        last=draw(st.sampled_from([UNTIL, 5])) * SECOND,
    )


def batch(log: Log, *, until: int = UNTIL) -> Batch:
    """Return customers A, B, … with events of (second, name)."""
    events = [event for customer in log for event in customer]
    offsets = np.cumsum([0, *map(len, log)])
    times, names = ([e[i] for e in events] for i in (0, 1))
    ids = pd.Index([chr(65 + i) for i in range(len(log))], dtype="str")
    codes = np.arange(len(log), dtype=np.int64) % 3 - 1
    return Batch(
        offsets,
        np.array(times, dtype=np.int64) * SECOND,
        np.array(names, dtype=np.int16),
        ids,
        0,
        np.full(len(log), until * SECOND),
        {"shop": np.array([hash((e[1], i)) % 3 - 1 for i, e in enumerate(events)], dtype=np.int32)},
        {"plan": codes},
    )


def became(funnel: Funnel, log: Log) -> Outcome:
    given_ = batch(log)
    return outcome(funnel, own_rows(base_rows(given_, (funnel,)), given_, funnel), timed=True)


def microseconds(log: Log) -> list[list[plain.Event]]:
    return [plain.history([(t * SECOND, name) for t, name in customer]) for customer in log]


@LAWS
@given(logs, funnels())
def test_every_subsequence_agrees(log: Log, funnel: Funnel) -> None:
    found, until = became(funnel, log), UNTIL * SECOND
    steps = range(funnel.size)
    wanted: dict[str, list[list[bool]]] = {"reached": [], "open": [], "mature": []}
    owners = []
    for number, events in enumerate(microseconds(log)):
        if any(e.name in funnel.banned for e in events):
            events = []
        if funnel.order == "any":
            starts, early = (plain.anchors(funnel, events, until, mature=m) for m in (False, True))
            units = [(starts, early)]
            reach = plain.seen_from
        else:
            starts, early = (plain.entries(funnel, events, until, mature=m) for m in (False, True))
            units = [([s], [s] if s in early else []) for s in starts]
            units = units if funnel.entry == "all" else [(starts, early)]
            reach = plain.reached
        for opened, mature in units:
            owners.append(number)
            reached = [any(reach(funnel, events, e, k) for e in opened) for k in steps]
            wanted["reached"].append(reached)
            wanted["mature"].append([any(reach(funnel, events, e, k) for e in mature) for k in steps])
            if funnel.order == "any":
                still = [any(until - e.time < funnel.window for e in opened)] * funnel.size
            else:
                still = [any(plain.may_reach(funnel, events, e, k, until) for e in opened) for k in steps]
            wanted["open"].append([s and not r for s, r in zip(still, reached, strict=True)])
    assert found.owner.tolist() == owners
    for name, rows in wanted.items():
        assert getattr(found, name).T.tolist() == rows, name


@LAWS
@given(logs, funnels(("ordered", "strict")))
def test_the_clock_runs_from_the_first_entry(log: Log, funnel: Funnel) -> None:
    assume(funnel.entry != "all")
    found, until = became(funnel, log), UNTIL * SECOND
    first = replace(funnel, entry="first")
    for number, events in enumerate(microseconds(log)):
        if any(e.name in funnel.banned for e in events):
            events = []
        opened = plain.entries(first, events, until)
        assert (found.entry[number] >= 0) == bool(opened)
        for k in range(funnel.size):
            ends = [m.end.time for e in opened for m in plain.matches(first, events, e, k)]
            after = min(ends) - opened[0].time if ends else -1
            assert found.after[k, number] == after
            still = any(plain.may_reach(first, events, e, k, until) for e in opened)
            assert found.pending[k, number] == (still and not ends)
        if opened:
            assert found.followed[number] == until - opened[0].time


@LAWS
@given(logs, funnels())
def test_a_funnel_never_widens(log: Log, funnel: Funnel) -> None:
    (counted,) = FunnelKernel((funnel,)).measure(batch(log))
    required = list(funnel.required)
    for table in (counted.reached, counted.mature):
        assert (np.diff(table[:, required], axis=1) <= 0).all()
    assert (counted.reached + counted.open + counted.timed_out == counted.reached[:, :1]).all()
    assert min(counted.timed_out.min(), counted.open.min()) >= 0
    assert (counted.mature <= counted.reached).all()


@LAWS
@given(logs, funnels(), st.data())
def test_splitting_into_batches_changes_nothing(log: Log, funnel: Funnel, data: st.DataObject) -> None:
    by = data.draw(st.sampled_from([
        By(), By("plan", "people", 2), By("shop", "columns", 2),
        By("", "calendar", 3, (1 * SECOND, 3 * SECOND, 4 * SECOND, 8 * SECOND)),
    ]))  # fmt: skip
    kernel = FunnelKernel((funnel, replace(funnel, window=funnel.window * 2)), by)
    whole = kernel.measure(batch(log))
    numbers = range(len(log))
    part = data.draw(st.lists(st.integers(0, 2), min_size=len(log), max_size=len(log)))
    every = batch(log)
    pieces = [
        cut(every, log, [i for i in numbers if part[i] == p]) for p in data.draw(st.permutations([0, 1, 2]))
    ]
    merged = reduce(kernel.merge, map(kernel.measure, pieces))
    for one, other in zip(whole, merged, strict=True):
        same(one, other)
    assert (sum(whole[0].reached) == FunnelKernel((funnel,)).measure(every)[0].reached[0]).all()
    for status in ("reached", "open", "timed_out"):
        members = FunnelMembers(funnel, funnel.size - 1, status)
        joined = reduce(members.merge, map(members.measure, pieces))
        assert sorted(joined) == sorted(members.measure(every))
        if funnel.entry != "all":
            assert len(joined) == getattr(merged[0], status)[:, -1].sum()


def cut(every: Batch, log: Log, numbers: list[int]) -> Batch:
    """Return the batch of some customers only, with their own columns."""
    offsets = np.cumsum([0, *(len(log[i]) for i in numbers)])
    rows = [r for i in numbers for r in range(every.offsets[i], every.offsets[i + 1])]
    at = np.array(rows, dtype=np.int64)
    return Batch(
        offsets, every.time[at], every.event[at], every.ids.take(numbers), 0, every.until[numbers],
        {name: values[at] for name, values in every.columns.items()},
        {name: values[numbers] for name, values in every.people.items()},
    )  # fmt: skip


def same(one: Counted, other: Counted) -> None:
    for name in ("reached", "open", "mature", "timed_out", "keys", "counts"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


@LAWS
@given(st.lists(st.lists(happening, max_size=8), max_size=4), st.randoms(), funnels(("ordered",)))
def test_the_order_rows_were_read_in_does_not_matter_where_time_decides(
    log: Log, random: object, funnel: Funnel
) -> None:
    """Events of one moment in any order: the two tie rules that do not read the order give one answer."""
    funnel = replace(funnel, exclude=(), ties="strict_time" if funnel.ties == "order" else funnel.ties)
    shuffled = []
    for customer in log:
        mixed = list(customer)
        random.shuffle(mixed)
        shuffled.append(sorted(mixed, key=lambda e: e[0]))
    ordered = [sorted(customer) for customer in log]
    kernel = FunnelKernel((funnel,))
    same(kernel.measure(batch(ordered))[0], kernel.measure(batch(shuffled))[0])


@LAWS
@given(logs, funnels(), st.integers(1, 5))
def test_a_longer_window_loses_nobody(log: Log, funnel: Funnel, more: int) -> None:
    funnel = replace(funnel, entry="any") if funnel.entry == "all" else funnel
    longer = replace(funnel, window=funnel.window + more * SECOND)
    one, other = (FunnelKernel((f,)).measure(batch(log))[0].reached for f in (funnel, longer))
    assert (one <= other).all()


@LAWS
@given(logs)
def test_detours_are_what_the_log_shows(log: Log) -> None:
    found = DetourKernel(((0,), (1, 2), (3,))).measure(batch(log))
    stage = {0: 0, 1: 1, 2: 1, 3: 2}
    for k in range(3):
        lines = [[stage.get(name, -1) for _, name in customer] for customer in log]
        here = [line for line in lines if k in line]
        assert found.reached[k] == len(here)
        assert found.skipped[k] == sum(k > 0 and k - 1 not in line[: line.index(k)] for line in here)
        assert found.back[k] == sum(any(0 <= s < k for s in line[line.index(k) :]) for line in here)


@pytest.mark.parametrize("log", [[], [[]], [[], []]])
@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_an_empty_log_has_empty_counts(log: Log, order: str) -> None:
    funnel = Funnel(((0,), (1,)), 5 * SECOND, order=order)
    (counted,) = FunnelKernel((funnel,), By("plan", "people", 2)).measure(batch(log))
    assert counted.reached.shape == (3, 2)
    assert counted.reached.sum() == counted.open.sum() == len(counted.keys) == 0
