"""Paths: counted with fingers, against plain Python on drawn logs, and the same however they are dealt."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.paths import Counted, Paths, Plan, Tally
from journey_lib.stats.kernels.paths.moves import KINDS, SPAN
from tests.stats.kernels import paths_oracle as oracle
from tests.stats.kernels.paths_oracle import Person

SECOND = 1_000_000
DAY = 86_400 * SECOND
LEVELS = 2


def batch(people: list[Person]) -> Batch:
    """Lay people out as the log does; the group of each is an attribute, -1 where unknown."""
    lengths = [len(events) for events, _, _ in people]
    flat = [step for events, _, _ in people for step in events]
    time = np.array([t for t, _ in flat], dtype=np.int64)
    event = np.array([e for _, e in flat], dtype=np.int8)
    until = np.array([u for _, u, _ in people], dtype=np.int64)
    group = np.array([-1 if g == LEVELS else g for _, _, g in people], dtype=np.int32)
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int64)
    ids = pd.Index([f"c{i}" for i in range(len(people))])
    per_event = np.repeat(group, lengths)
    return Batch(offsets, time, event, ids, 0, until, {"device": per_event}, {"plan": group})


def cells(tally: Tally, plan: Plan) -> dict[tuple[int, int, int], list[int]]:
    """Read keys of (layer, from, to)."""
    return {
        (key // plan.cells, key % plan.cells // plan.columns, key % plan.columns): row
        for key, row in zip(tally.keys.tolist(), tally.sums.tolist(), strict=True)
    }


def pairs(tally: Tally, size: int) -> dict[tuple[int, int], Any]:
    read = zip(tally.keys.tolist(), map(tuple, tally.sums.tolist()), strict=True)
    return {divmod(key, size): row for key, row in read}


# By hand: two people, a = 0, b = 1, c = 2; the third event, 3, is no step.

HAND = [
    ([(0, 0), (1 * DAY, 0), (2 * DAY, 1), (3 * DAY, 3), (4 * DAY, 0)], 50 * DAY, 0),  # a a b . a
    ([(0, 1), (45 * DAY, 2)], 50 * DAY, 1),  # b, a long silence, c
]
PLAN = Plan(node=(0, 1, 2, -1), places=(0, 1, 2), horizon=30 * DAY)


def hand(**changes: Any) -> Counted:
    return Paths(replace(PLAN, **changes)).measure(batch(HAND))


def matrix(found: Counted, plan: Plan = PLAN) -> np.ndarray:
    return found.tables["counts"].dense(plan.cells)[:, 0].reshape(-1, plan.columns)


def test_transitions_counted_with_fingers() -> None:
    assert matrix(hand()).tolist() == [
        [1, 1, 0, 1, 0],  # a: to a, to b, and its end
        [1, 0, 1, 0, 0],
        [0, 0, 0, 0, 1],  # c is five days old: open, not ended
        [1, 1, 0, 0, 0],  # START
    ]
    assert hand().numbers == {
        "events": 7, "steps": 6, "customers": 2, "units": 2, "paths": 2, "walkers": 2, "open": 1, "tied": 0,
    }  # fmt: skip


def test_repeats_collapse_when_asked() -> None:
    assert matrix(hand(collapse_counts=True))[0].tolist() == [0, 1, 0, 1, 0]
    flows = cells(hand().tables["flows"], PLAN)
    assert {key: row for key, row in flows.items() if key[0] == 0} == {(0, 0, 1): [1], (0, 1, 2): [1]}


def test_a_gap_starts_a_new_path_and_exactly_a_gap_does_not() -> None:
    people: list[Person] = [([(0, 0), (30, 1), (61, 2)], 92, 0)]
    plan = replace(PLAN, gap=30)
    found = Paths(plan).measure(batch(people))
    assert (found.numbers["paths"], found.numbers["walkers"]) == (2, 1)
    assert matrix(found, plan)[:, 3:].tolist() == [[0, 0], [1, 0], [1, 0], [0, 0]]
    at_the_gap = Paths(plan).measure(batch([(people[0][0], 91, 0)]))
    assert matrix(at_the_gap, plan)[2].tolist() == [0, 0, 0, 0, 1]  # a step at 91 would still belong


def test_a_path_is_open_while_anything_happens() -> None:
    still_there: list[Person] = [([(0, 0), (45 * DAY, 3)], 50 * DAY, 0)]
    assert matrix(Paths(PLAN).measure(batch(still_there)))[0].tolist() == [0, 0, 0, 0, 1]
    silent: list[Person] = [([(0, 0), (5 * DAY, 3)], 50 * DAY, 0)]
    assert matrix(Paths(PLAN).measure(batch(silent)))[0].tolist() == [0, 0, 0, 1, 0]


def test_win_backs_loops_and_kinds() -> None:
    found = hand()
    assert pairs(found.tables["win_backs"], 3) == {(1, 2): (1, 1)}
    assert pairs(found.tables["loops"], 3) == {(0, 1): (1, 1)}
    named = {KINDS[k]: tuple(row) for (_, k), row in pairs(found.tables["kinds"], 99).items()}
    assert named == {
        "forward": (2, 2), "repeat": (1, 1), "back": (1, 1), "late": (1, 1), "win_back": (1, 1),
        "astray": (3, 2),
    }  # fmt: skip


def test_an_empty_log_has_an_answer() -> None:
    for people in ([], [([], 9, 0)], [([(1, 3)], 9, 0)]):
        found = Paths(PLAN).measure(batch(people))
        assert found.numbers["paths"] == 0
        assert matrix(found).sum() == 0
        again = found + hand()
        assert matrix(again).tolist() == matrix(hand()).tolist()
        assert again.variants is not None
        assert len(again.variants.keys) == 2


# Laws, on drawn logs


@st.composite
def drawn(draw: st.DrawFn) -> tuple[list[Person], Plan]:
    events = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=9)
    people = []
    for walked in draw(st.lists(events, max_size=5)):
        ordered = sorted(((time * DAY // 2, event) for time, event in walked), key=lambda step: step[0])
        last = ordered[-1][0] if ordered else 0
        people.append((ordered, last + draw(st.integers(0, 6)) * DAY // 2, draw(st.integers(0, LEVELS))))
    node = draw(st.tuples(*[st.integers(-1, 3)] * 5))
    places = draw(st.tuples(*[st.integers(-1, 3)] * 4))
    plan = Plan(
        node, places, horizon=draw(st.integers(1, 5)) * DAY // 2,
        gap=draw(st.sampled_from([0, DAY // 2, DAY])), collapse_counts=draw(st.booleans()),
        collapse_shown=draw(st.booleans()), steps=draw(st.integers(1, 4)), target=draw(st.integers(-1, 3)),
    )  # fmt: skip
    return people, plan


@given(drawn())
@settings(max_examples=300, deadline=None)
def test_the_kernel_agrees_with_plain_python(given: tuple[list[Person], Plan]) -> None:
    people, plan = given
    found = Paths(plan, by="plan", levels=LEVELS).measure(batch(people))
    plain = list(oracle.paths(people, plan))
    single = [oracle.collapse(path) for path in plain]
    told = single if plan.collapse_counts else plain
    shown = single if plan.collapse_shown else plain
    tables = found.tables
    rows = oracle.transitions(told, plan)
    assert cells(tables["counts"], plan) == {key: row[:1] for key, row in rows.items()}
    assert cells(tables["moves"], plan) == {key: row[1:] for key, row in rows.items()}
    visits = {key: tuple(row) for key, row in oracle.visits(told, plan).items()}
    assert pairs(tables["visits"], plan.nodes + 1) == visits
    assert pairs(tables["ripe"], plan.nodes) == {k: tuple(v) for k, v in oracle.ripe(told, plan).items()}
    seconds = {
        (*divmod(key // SPAN, plan.nodes), key % SPAN): row[0]
        for key, row in zip(tables["gaps"].keys.tolist(), tables["gaps"].sums.tolist(), strict=True)
    }
    assert seconds == oracle.gaps(told)
    kinds = {KINDS[key]: row for (_, key), row in pairs(tables["kinds"], len(KINDS)).items()}
    assert kinds == oracle.kinds(told, plan)
    if not plan.gap:
        assert pairs(tables["win_backs"], plan.nodes) == oracle.win_backs(told, plan)
    assert pairs(tables["loops"], plan.nodes) == oracle.loops(shown)
    assert {k: v[0] for k, v in cells(tables["flows"], plan).items()} == oracle.flows(shown, plan)
    assert {k: v[0] for k, v in cells(tables["backwards"], plan).items()} == oracle.backwards(shown, plan)
    assert variants(found, plan) == oracle.variants(shown)


def variants(found: Counted, plan: Plan) -> dict[tuple[tuple[int, ...], bool], list[int]]:
    told = found.variants
    assert told is not None
    return {(told.steps(at)[0], bool(told.ended[at])): told.sums[at].tolist() for at in range(len(told.keys))}


@given(drawn(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_dealing_customers_into_batches_changes_nothing(
    given: tuple[list[Person], Plan], random: Any
) -> None:
    people, plan = given
    kernel = Paths(plan, by="plan", levels=LEVELS)
    whole = kernel.measure(batch(people))
    dealt: list[list[Person]] = [[], [], []]
    for person in people:
        random.choice(dealt).append(person)
    random.shuffle(dealt)
    merged = reduce(kernel.merge, [kernel.measure(batch(some)) for some in dealt])
    assert merged.numbers == whole.numbers
    for name, table in whole.tables.items():
        assert merged.tables[name].keys.tolist() == table.keys.tolist(), name
        assert merged.tables[name].sums.tolist() == table.sums.tolist(), name
    assert variants(merged, plan) == variants(whole, plan)


@given(drawn(), st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_small_blocks_change_nothing(given: tuple[list[Person], Plan], size: int) -> None:
    people, plan = given
    kernel = Paths(plan, by="plan", levels=LEVELS)
    whole = kernel.measure(batch(people))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("journey_lib.stats.kernels.paths.kernel.BLOCK", size)
        found = kernel.measure(batch(people))
    assert found.numbers == whole.numbers
    for name, table in whole.tables.items():
        assert found.tables[name].keys.tolist() == table.keys.tolist(), name
        assert found.tables[name].sums.tolist() == table.sums.tolist(), name
    assert variants(found, plan) == variants(whole, plan)


@given(drawn())
@settings(max_examples=150, deadline=None)
def test_what_flows_in_flows_out(given: tuple[list[Person], Plan]) -> None:
    people, plan = given
    found = Paths(plan, by="plan", levels=LEVELS).measure(batch(people))
    layers = found.tables["counts"].dense(plan.cells * (LEVELS + 1))[:, 0]
    for layer in layers.reshape(LEVELS + 1, plan.nodes + 1, plan.columns):
        into, out = layer[:, : plan.nodes].sum(axis=0), layer[: plan.nodes].sum(axis=1)
        assert into.tolist() == out.tolist()  # every visit is entered once and left once
        assert layer[plan.start].sum() == layer[:, plan.end :].sum()  # every path starts once, stops once
    assert layers.reshape(-1, plan.nodes + 1, plan.columns)[:, plan.start].sum() == found.numbers["paths"]
    flows = found.tables["flows"].dense(plan.steps * plan.cells)[:, 0]
    flows = flows.reshape(plan.steps, plan.nodes + 1, plan.columns)
    for before, after in pairwise(flows):
        assert before[:, : plan.nodes].sum(axis=0).tolist() == after[: plan.nodes].sum(axis=1).tolist()


@given(drawn(), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_one_more_customer_adds_only_their_own(given: tuple[list[Person], Plan], event: int) -> None:
    people, plan = given
    other: list[Person] = [([(0, event), (DAY, event)], 9 * DAY, 1)]
    kernel = Paths(plan, parts=())
    one, both = kernel.measure(batch(people)), kernel.measure(batch(people + other))
    alone = kernel.measure(batch(other))
    assert (matrix(both, plan) - matrix(alone, plan)).tolist() == matrix(one, plan).tolist()


def test_groups_by_the_value_at_the_first_step() -> None:
    people: list[Person] = [([(0, 3), (1, 0), (5 * DAY, 1)], 9 * DAY, 0)]
    made = batch(people)
    device = replace(made, columns={"device": np.array([0, 1, 0])})
    kernel = Paths(replace(PLAN, gap=DAY), by="device", attribute=False, levels=LEVELS)
    found = cells(kernel.measure(device).tables["counts"], PLAN)
    # The first step is an a on device 1; the second session stays in the same group.
    assert {key[0] for key in found} == {1}
    unknown = replace(made, columns={"device": np.array([0, -1, 0])})
    assert {key[0] for key in cells(kernel.measure(unknown).tables["counts"], PLAN)} == {LEVELS}


def test_kernel_and_answer_travel() -> None:
    kernel = pickle.loads(pickle.dumps(Paths(PLAN)))  # noqa: S301 - our own
    found = pickle.loads(pickle.dumps(kernel.measure(batch(HAND))))  # noqa: S301 - our own
    assert matrix(found).tolist() == matrix(hand()).tolist()


def test_long_paths_keep_a_specimen_and_differ_beyond_it() -> None:
    steps = [(at * SECOND, at % 2) for at in range(60)]
    other = [*steps[:-1], (59 * SECOND, 2)]
    found = Paths(PLAN).measure(batch([(steps, 90 * DAY, 0), (other, 90 * DAY, 0)]))
    assert found.variants is not None
    assert found.variants.sums[:, 0].tolist() == [1, 1]
    kept, more = found.variants.steps(0)
    assert (kept, more) == ((0, 1) * 20, True)


@pytest.mark.parametrize("nodes", [3, 3000])
def test_many_nodes_are_counted_sparsely(nodes: int) -> None:
    plan = Plan(tuple(range(nodes)), (-1,) * nodes, 30 * DAY)
    made = batch([([(0, 0), (1, 1), (2, 2)], 90 * DAY, 0)])
    found = Paths(plan).measure(replace(made, event=np.array([0, nodes - 1, 1], dtype=np.int32)))
    assert cells(found.tables["counts"], plan) == {
        (0, 0, nodes - 1): [1], (0, nodes - 1, 1): [1], (0, 1, nodes): [1], (0, nodes, 0): [1],
    }  # fmt: skip
