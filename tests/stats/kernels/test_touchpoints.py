"""Contacts, stays, visits and moves: counted again in plain Python, and dealt into any batches."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.touchpoints import Channels, Contacts, Met, Seen, Split, Sums, Table

LAWS = settings(max_examples=60, deadline=None)
SECOND = 1_000_000
# Six event names: a, b at touchpoint 0, c at 1 (both of stage 0), d at 2 (stage 1), two that are no contact.
PLACE, HOME, STAGE = (0, 0, 1, 2, -1, -1), (0, 0, 1), (0, -1, -1, 1, 2, -1)
GAP, PAUSE = 40, 5
GROUP, REGION = Split("plan", "people", 2), Split("region", "people", 2)
DEVICE = Split("device", "columns", 2)
CONTACTS = Contacts(PLACE, HOME, STAGE, 3, GROUP, (DEVICE, REGION))
CHANNELS = Channels(STAGE, 3, 3, "channel", (), PAUSE * SECOND, GAP * SECOND, GROUP, (DEVICE, REGION))


@dataclass(frozen=True)
class Event:
    time: int
    name: int
    channel: int
    device: int


Customer = tuple[str, int, int, list[Event]]  # id, plan, region, events in order

event = st.builds(
    Event, st.integers(0, 60), st.integers(0, 5), st.integers(-1, 2), st.integers(-1, 1)
)  # fmt: skip
histories = st.lists(
    st.tuples(st.integers(-1, 1), st.integers(-1, 1), st.lists(event, max_size=9)), max_size=6
)  # fmt: skip


def named(drawn: list[tuple[int, int, list[Event]]]) -> list[Customer]:
    return [
        (f"C{i}", plan, region, sorted(events, key=lambda e: e.time))
        for i, (plan, region, events) in enumerate(drawn)
    ]


def batch(log: list[Customer]) -> Batch:
    events = [e for *_, mine in log for e in mine]
    columns = {name: np.array([getattr(e, name) for e in events], int) for name in ("channel", "device")}
    people = {
        "plan": np.array([p for _, p, _, _ in log], int),
        "region": np.array([r for _, _, r, _ in log], int),
    }
    return Batch(
        np.cumsum([0, *(len(mine) for *_, mine in log)]),
        np.array([e.time for e in events], np.int64) * SECOND,
        np.array([e.name for e in events], int),
        pd.Index([name for name, *_ in log], dtype="str"),
        0,
        np.full(len(log), 99 * SECOND),
        columns,
        people,
    )


# The same definitions once more, customer by customer


def cell(code: int, size: int) -> int:
    return size if code < 0 else code


def stays(events: list[Event]) -> list[tuple[int, list[int], bool]]:
    """Return stage, event numbers and whether the customer moved on, stay by stay."""
    found: list[tuple[int, list[int]]] = []
    furthest = -1
    for at, one in enumerate(events):
        furthest = max(furthest, STAGE[one.name])
        if not found or found[-1][0] != furthest:
            found.append((furthest, []))
        found[-1][1].append(at)
    return [(stage, numbers, i + 1 < len(found)) for i, (stage, numbers) in enumerate(found)]


def marks(events: list[Event]) -> tuple[set[int], set[int]]:
    """Return the events that repeat a step, and those that go back to a touchpoint."""
    again, back = set(), set()
    for _, numbers, _ in stays(events):
        steps, met = set(), []
        for at in numbers:
            name = events[at].name
            if PLACE[name] < 0:
                continue
            again |= {at} if name in steps else set()
            if met and met[-1] != PLACE[name] and PLACE[name] in met:
                back.add(at)
            steps.add(name)
            met.append(PLACE[name])
    return again, back


class Plain(defaultdict):
    """Sums by name and cell."""

    def __init__(self) -> None:
        super().__init__(Counter)

    def spread(self, name: str, key: Any, value: int) -> None:
        self[f"{name}_n"][key] += 1
        self[f"{name}_sum"][key] += value
        self[f"{name}_squares"][key] += value**2


def plain_contacts(log: list[Customer]) -> Plain:
    told = Plain()
    for _, plan, region, events in log:
        g = cell(plan, 2)
        told["customers"][g] += bool(events)
        for one in events:
            told["events"][one.name] += 1
        again, back = marks(events)
        placed = [PLACE[e.name] for e in events]
        visited = {STAGE[e.name] for e in events} - {-1}
        for s in visited:
            told["visited"][s, g] += 1
        for p in set(placed) - {-1}:
            mine = [at for at, q in enumerate(placed) if q == p]
            told["met"][p, g] += HOME[p] in visited
            told.spread("contacts", (p, g), len(mine))
            told["table contacts"][(p, g), len(mine)] += 1
            told.spread("repeats", (p, g), len(again & set(mine)))
            told.spread("loops", (p, g), len(back & set(mine)))
            told["repeats_contacts"][p, g] += len(again & set(mine)) * len(mine)
            told["mix_region"][p, cell(region, 2)] += 1
            for device, n in Counter(cell(events[at].device, 2) for at in mine).items():
                told["mix_device"][p, device] += n
                told["mix_device_squares"][p, device] += n**2
                told["mix_device_contacts"][p, device] += n * len(mine)
        for s, numbers, moved in stays(events):
            if s < 0:
                continue
            told["entered"][s, g] += 1
            if not moved:
                continue
            steps = [at for at in numbers if placed[at] >= 0]
            repeats, loops = len(again & set(numbers)), len(back & set(numbers))
            told["moved"][s, g] += 1
            told.spread("steps", (s, g), len(steps))
            told.spread("again", (s, g), repeats)
            told.spread("back", (s, g), loops)
            told["again_steps"][s, g] += repeats * len(steps)
            told["back_steps"][s, g] += loops * len(steps)
            told["table steps"][(s, g), len(steps)] += 1
            seconds = events[numbers[-1] + 1].time - events[numbers[0]].time
            told["table seconds"][(s, g), seconds] += 1
            before = [at for at in range(numbers[-1] + 1) if placed[at] >= 0 and HOME[placed[at]] == s]
            if before:
                told["touched"][s, g] += 1
                told["first"][placed[before[0]], g] += 1
                told["last"][placed[before[-1]], g] += 1
    return told


def plain_visits(events: list[Event]) -> list[list[int]]:
    found: list[list[int]] = []
    for at, one in enumerate(events):
        if one.channel < 0:
            continue
        last = events[found[-1][-1]] if found else None
        if last is None or last.channel != one.channel or one.time - last.time > PAUSE:
            found.append([])
        found[-1].append(at)
    return found


def plain_channels(log: list[Customer]) -> Plain:
    told = Plain()
    for _, plan, region, events in log:
        g, seen = cell(plan, 2), plain_visits(events)
        told["events"][0] += len(events)
        told["events"][1] += sum(e.channel >= 0 for e in events)
        through = [events[v[0]].channel for v in seen]
        for c in set(through):
            mine = [v for v in seen if events[v[0]].channel == c]
            told.spread("visits", (c, g), len(mine))
            told["table visits"][(c, g), len(mine)] += 1
            told["mix_region"][c, cell(region, 2)] += 1
            for device, n in Counter(cell(events[v[0]].device, 2) for v in mine).items():
                told["mix_device"][c, device] += n
                told["mix_device_squares"][c, device] += n**2
                told["mix_device_contacts"][c, device] += n * len(mine)
        if seen:
            told["users"][g] += 1
            told["table used"][g, len(set(through))] += 1
        near = [
            events[b[0]].time - events[a[-1]].time <= GAP for a, b in pairwise(seen)
        ]  # fmt: skip
        moves = Counter(pair for pair, close in zip(pairwise(through), near, strict=True) if close)
        rows = Counter({a: sum(n for (x, _), n in moves.items() if x == a) for a, _ in moves})
        told["followers"][0] += bool(moves)
        told["followers"][1] += any(a != b for a, b in moves)
        for (a, b), n in moves.items():
            told["moves"][a, b] += n
            told["movers"][a, b] += 1
            told["moves_squares"][a, b] += n**2
            told["moves_rows"][a, b] += n * rows[a]
        for a, n in rows.items():
            told["rows"][a] += n
            told["rows_squares"][a] += n**2
            told["row_movers"][a] += 1
        plain_stages(told, events, seen, near)
    return told


def plain_stages(told: Plain, events: list[Event], seen: list[list[int]], near: list[bool]) -> None:
    through = [events[v[0]].channel for v in seen]
    for s, numbers, moved in stays(events):
        begun = [i for i, v in enumerate(seen) if v[0] in numbers]
        if s < 0 or not begun:
            continue
        told["present"][s] += 1
        for c, n in Counter(through[i] for i in begun).items():
            told["through"][s, c] += n
            told["reached"][s, c] += 1
        if moved:
            told["present_moved"][s] += 1
            told["first"][s, through[begun[0]]] += 1
            told["last"][s, through[begun[-1]]] += 1
        if len(begun) > 1 and near[begun[0]]:
            told["after"][s, int(through[begun[0]] != through[begun[1]]), int(moved)] += 1


def agree(found: Sums, plain: Plain) -> None:
    """Compare every array and table; a cell the plain count does not have is zero."""
    tables = {
        name.removeprefix("table "): counts for name, counts in plain.items() if name.startswith("table ")
    }
    for name, values in found.arrays.items():
        wanted = np.zeros(values.shape, int)
        for key, n in plain[name].items():
            wanted[key] = n
        assert values.tolist() == wanted.tolist(), name
    for name, table in found.tables.items():
        rows = {(int(c), int(v)): int(n) for c, v, n in zip(table.cell, table.value, table.n, strict=True)}
        flat = {
            (key if isinstance(key, int) else key[0] * 3 + key[1], v): n
            for (key, v), n in tables.get(name, {}).items()
        }
        assert rows == flat, name
    assert set(plain) - {f"table {name}" for name in found.tables} <= set(found.arrays)


@given(histories)
@LAWS
def test_contacts_are_what_plain_counting_finds(drawn: list[Any]) -> None:
    log = named(drawn)
    agree(CONTACTS.measure(batch(log)), plain_contacts(log))


@given(histories)
@LAWS
def test_visits_and_moves_are_what_plain_counting_finds(drawn: list[Any]) -> None:
    log = named(drawn)
    agree(CHANNELS.measure(batch(log)), plain_channels(log))


def dealt(
    log: list[Customer], deal: list[int], measure: Callable[[Batch], Any], merge: Callable[..., Any]
) -> Any:
    """Deal customers into four batches, some of them empty, and merge what each gives, last one first."""
    hands = [[c for c, hand in zip(log, deal, strict=False) if hand == h] for h in range(4)]
    return reduce(merge, [measure(batch(hand)) for hand in reversed(hands)])


DEAL = st.lists(st.integers(0, 3), min_size=6, max_size=6)


@given(histories, DEAL)
@LAWS
@pytest.mark.parametrize("kernel", [CONTACTS, CHANNELS], ids=["contacts", "channels"])
def test_batches_do_not_matter(kernel: Contacts | Channels, drawn: list[Any], deal: list[int]) -> None:
    log = named(drawn)
    whole, parts = kernel.measure(batch(log)), dealt(log, deal, kernel.measure, kernel.merge)
    for name, values in whole.arrays.items():
        assert values.tolist() == parts[name].tolist(), name
    for name, table in whole.tables.items():
        other = parts.tables[name]
        assert [table.cell.tolist(), table.value.tolist(), table.n.tolist()] == [
            other.cell.tolist(), other.value.tolist(), other.n.tolist(),
        ]  # fmt: skip


@given(histories, DEAL)
@LAWS
def test_known_customers_are_found_in_any_batch(drawn: list[Any], deal: list[int]) -> None:
    log = named(drawn)
    asked = pd.Index(["C1", "C0", "C9"], dtype="str")
    kernel = Met(asked, PLACE, STAGE, 3, 3)
    found: Seen = dealt(log, deal, kernel.measure, kernel.merge).of(asked)
    events = {name: mine for name, _, _, mine in log}
    for row, name in enumerate(asked):
        mine = events.get(name, [])
        again, _ = marks(mine)
        for p in range(3):
            at = {i for i, e in enumerate(mine) if PLACE[e.name] == p}
            assert found.contacts[row, p] == len(at)
            assert found.repeats[row, p] == len(at & again)


def test_a_log_counted_with_fingers() -> None:
    """One customer: a, a at 0; c at 1; b at 0 (back); d moves on to stage 1. Stage 0 took 9 seconds."""
    log = [("C0", 0, 1, [Event(1, 0, 0, 0), Event(2, 0, 0, 1), Event(4, 2, 1, 0), Event(9, 1, -1, -1),
                         Event(10, 3, 0, 0)])]  # fmt: skip
    found = CONTACTS.measure(batch(log))
    assert found["contacts_sum"][:, 0].tolist() == [3, 1, 1]
    assert found["repeats_sum"][:, 0].tolist() == [1, 0, 0]  # the second a; b is another step
    assert found["loops_sum"][:, 0].tolist() == [1, 0, 0]  # from 1 back to 0
    assert found["first"][:, 0].tolist() == [1, 0, 0]
    assert found["last"][:, 0].tolist() == [1, 0, 0]
    assert found["steps_sum"][:, 0].tolist() == [4, 0, 0]
    assert found.tables["seconds"].value.tolist() == [9]
    moved = CHANNELS.measure(batch(log))
    assert moved["moves"].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert moved["after"][0].tolist() == [[0, 0], [0, 1]]


def test_the_edges_of_pause_and_gap_belong_to_them() -> None:
    at = [0, PAUSE, 2 * PAUSE + 1, 2 * PAUSE + 1 + GAP, 3 * PAUSE + 2 + 2 * GAP]
    found = CHANNELS.measure(batch([("C0", 0, 0, [Event(t, 5, 0, 0) for t in at])]))
    assert found["visits_sum"][0, 0] == 4  # the first pause is no longer than allowed
    assert found["moves"][0, 0] == 2  # the third move is one pause too late


def test_an_empty_batch_has_an_answer() -> None:
    for kernel in (CONTACTS, CHANNELS):
        nothing = kernel.measure(batch([]))
        assert sum(int(values.sum()) for values in nothing.arrays.values()) == 0
        assert all(len(table.n) == 0 for table in nothing.tables.values())


def test_a_rank_is_read_across_cells() -> None:
    table = Table.of(np.array([0, 0, 1, 2]), np.array([5, 1, 3, 100]))
    assert table.quantiles(range(2), [1, 2, 3]).tolist() == [1, 3, 5]
    assert math.isclose(table.quantiles(range(2, 3), [1])[0], 100)


def test_a_column_of_events_puts_a_customer_where_the_first_event_is() -> None:
    log = [("C0", 0, 0, [Event(1, 0, 0, 1), Event(2, 0, 0, 0)]), ("C1", 0, 0, [])]
    split = Split("device", "columns", 2)
    assert split.of_customers(batch(log)).tolist() == [1, 2]
    assert Contacts(PLACE, HOME, STAGE, 3, split).measure(batch(log))["customers"].tolist() == [0, 1, 0]
