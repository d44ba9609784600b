"""The landmark: nobody earns a mark by staying longer; by hand, against plain Python, dealt in any way."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels.landmark import Landmark, Marked
from tests.stats.kernels.paths_oracle import Person
from tests.stats.kernels.test_paths import LEVELS, batch

ENTER, ASK, LEAVE = 0, 1, 2
KERNEL = Landmark(entry=(ENTER,), outcome=(LEAVE,), wait=10, window=20, names=3, by="plan", levels=LEVELS)


def read(found: Marked) -> tuple[dict[str, int], dict[tuple[int, int], tuple[int, ...]], dict[int, Any]]:
    marks = dict(zip(found.marks.keys.tolist(), map(tuple, found.marks.sums.tolist()), strict=True))
    groups = dict(zip(found.groups.keys.tolist(), map(tuple, found.groups.sums.tolist()), strict=True))
    return dict(found.numbers), {divmod(key, 2): row for key, row in marks.items()}, groups


def test_counted_with_fingers() -> None:
    people: list[Person] = [
        ([(0, ENTER), (3, ASK), (10, ASK), (25, LEAVE)], 99, 0),  # asked twice before 10, left after it
        ([(0, ENTER), (11, ASK), (40, LEAVE)], 99, 1),  # asked too late for a mark, left after the window
        ([(0, ENTER), (9, LEAVE)], 99, 0),  # left before the landmark: not at risk
        ([(0, ENTER), (3, ASK)], 29, 0),  # not followed to 30
        ([(5, ASK), (6, LEAVE)], 99, 0),  # never entered
        ([(5, LEAVE), (50, ENTER), (60, ASK)], 99, LEVELS),  # left before entering, came again
    ]
    numbers, marks, groups = read(KERNEL.measure(batch(people)))
    assert numbers == {"entered": 5, "already": 1, "open": 1, "at_risk": 3, "cases": 1}
    assert marks == {(ENTER, 0): (3, 1), (ASK, 0): (2, 1), (ASK, 1): (1, 1), (LEAVE, 0): (1, 0)}
    assert groups == {0: (1, 1), 1: (1, 0), LEVELS: (1, 0)}


def test_silence_is_no_event_in_the_window() -> None:
    quiet = Landmark((), (), wait=10, window=20, names=3)
    people: list[Person] = [
        ([(0, ENTER)], 99, 0),
        ([(0, ENTER), (30, ASK)], 99, 0),  # the last moment of the window
        ([(0, ENTER), (31, ASK)], 99, 0),
    ]
    numbers, marks, _ = read(quiet.measure(batch(people)))
    assert (numbers["at_risk"], numbers["cases"]) == (3, 2)
    assert marks == {(ENTER, 0): (3, 2)}


def plain(people: list[Person], kernel: Landmark) -> tuple[Any, Any, Any]:
    numbers: Counter[str] = Counter(entered=0, already=0, open=0, at_risk=0, cases=0)
    marks: dict[tuple[int, int], list[int]] = {}
    groups: dict[int, list[int]] = {}
    for events, until, group in people:
        begin = [at for at, (_, event) in enumerate(events) if not kernel.entry or event in kernel.entry]
        if not begin:
            continue
        numbers["entered"] += 1
        mark = events[begin[0]][0] + kernel.wait
        if any(event in kernel.outcome and time <= mark for time, event in events[begin[0] + 1 :]):
            numbers["already"] += 1
        elif until - mark < kernel.window:
            numbers["open"] += 1
        else:
            after = [event for time, event in events if mark < time <= mark + kernel.window]
            case = any(event in kernel.outcome for event in after) if kernel.outcome else not after
            numbers["at_risk"] += 1
            numbers["cases"] += case
            for event, n in Counter(event for time, event in events if time <= mark).items():
                for place, least in enumerate((1, 2)):
                    if n >= least:
                        sums = marks.setdefault((event, place), [0, 0])
                        sums[0] += 1
                        sums[1] += case
            sums = groups.setdefault(group if kernel.by else 0, [0, 0])
            sums[0] += 1
            sums[1] += case
    return dict(numbers), {k: tuple(v) for k, v in marks.items()}, {k: tuple(v) for k, v in groups.items()}


@st.composite
def drawn(draw: st.DrawFn) -> tuple[list[Person], Landmark]:
    people = []
    for walked in draw(
        st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2)), max_size=8), max_size=6)
    ):
        events = sorted(walked, key=lambda step: step[0])
        until = (events[-1][0] if events else 0) + draw(st.integers(0, 20))
        people.append((events, until, draw(st.integers(0, LEVELS))))
    codes = st.sets(st.integers(0, 2), max_size=2).map(tuple)
    kernel = Landmark(
        draw(codes), draw(codes), draw(st.integers(0, 12)), draw(st.integers(1, 12)), 3,
        draw(st.sampled_from(["", "plan"])), LEVELS,
    )  # fmt: skip
    return people, kernel


@given(drawn(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_agrees_with_plain_python_however_customers_are_dealt(given: Any, random: Any) -> None:
    people, kernel = given
    wanted = plain(people, kernel)
    assert read(kernel.measure(batch(people))) == wanted
    dealt: list[list[Person]] = [[], [], []]
    for person in people:
        random.choice(dealt).append(person)
    assert read(reduce(kernel.merge, [kernel.measure(batch(some)) for some in dealt])) == wanted


def test_a_mark_is_not_owed_to_time() -> None:
    # Everybody asks once a day until they leave, and leaving has nothing to do with asking. Counting all that
    # was ever asked would say that asking keeps people; at the landmark it says nothing.
    rng, day = np.random.default_rng(2), 100
    people: list[Person] = []
    for _ in range(400):
        stays = int(rng.geometric(0.1)) * day
        asks = [(at, ASK) for at in range(day // 2, stays, day) if rng.random() < 0.5]
        people.append(([(0, ENTER), *asks, (stays, LEAVE)], 100 * day, 0))
    kernel = Landmark((ENTER,), (LEAVE,), wait=3 * day, window=10 * day, names=3)
    numbers, marks, _ = read(kernel.measure(batch(people)))
    n, cases = marks[ASK, 0]
    rest, others = numbers["at_risk"] - n, numbers["cases"] - cases
    error = np.sqrt(0.25 / n + 0.25 / rest)
    assert abs(cases / n - others / rest) < 3 * error
    ever = [any(event == ASK for _, event in events) for events, _, _ in people]
    soon = [events[-1][0] <= 5 * day for events, _, _ in people]
    asked = np.mean([s for s, e in zip(soon, ever, strict=True) if e])
    silent = np.mean([s for s, e in zip(soon, ever, strict=True) if not e])
    assert silent - asked > 0.2  # the trap is there
