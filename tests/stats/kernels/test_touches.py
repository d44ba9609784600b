"""Touch paths: by hand, again in plain Python, and dealt into any batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.attribution.chains import removal, steps
from journey_lib.stats.attribution.games import MOST
from journey_lib.stats.attribution.rules import RULES, credited, shares
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.hashed import hashes, poisson
from journey_lib.stats.kernels.touches import Carriers, Touched, TouchPaths, kernel, span, weighing

LAWS = settings(max_examples=60, deadline=None)
TOUCH, SALE, OTHER = 0, 1, 2
START, UNTIL, LOOKBACK = 0, 100, 20
PLAIN = TouchPaths((TOUCH,), (SALE,), 2, LOOKBACK, half_life=10, value="worth")
SPLIT = replace(PLAIN, by="region", n_groups=2, draws=7, seed=5, direct=(1,))

Event = tuple[int, int, int, float]  # time, name, channel, worth
Customer = tuple[str, int, list[Event]]

event = st.tuples(st.integers(0, 100), st.integers(0, 2), st.integers(-1, 1), st.sampled_from([2.0, 5.0]))
histories = st.lists(st.tuples(st.integers(-1, 1), st.lists(event, max_size=9)), max_size=6)


def named(drawn: list) -> list[Customer]:
    return [(f"C{i}", region, sorted(events, key=lambda e: e[0])) for i, (region, events) in enumerate(drawn)]


def batch(log: list[Customer]) -> Batch:
    events = [e for _, _, mine in log for e in mine]
    time, name, channel, worth = (np.array([e[i] for e in events]) for i in range(4))
    return Batch(
        np.append(0, np.cumsum([len(mine) for _, _, mine in log])).astype(np.int64),
        time.astype(np.int64), name.astype(np.int64), pd.Index([c for c, _, _ in log], dtype="str"), START,
        np.full(len(log), UNTIL), {"channel": channel.astype(np.int32), "worth": worth.astype(float)},
        {"region": np.array([r for _, r, _ in log], dtype=np.int64)},
    )  # fmt: skip


def followed(log: list[Customer]) -> tuple[Counter, Counter, Counter, dict[str, int]]:
    """Follow each customer by hand: converted and failed paths, value, and what is left out."""
    sold: Counter = Counter()
    failed: Counter = Counter()
    worth: Counter = Counter()
    tally = Counter(conversions=0, untouched=0, cut=0, open=0)
    for _, region, events in log:
        group = region if region >= 0 else 2
        since, bought = [], False
        for time, name, channel, value in events:
            if name == TOUCH:
                since.append((time, channel if channel >= 0 else 2))
            elif name == SALE:
                path = tuple(c for at, c in since if time - at <= LOOKBACK)
                tally["conversions"] += 1
                tally["cut"] += time - LOOKBACK < START
                tally["untouched"] += not path
                if path:
                    sold[group, path] += 1
                    worth[group, path] += value
                since, bought = [], True
        if since and not bought:
            last = since[-1][0]
            if last + LOOKBACK > UNTIL:
                tally["open"] += 1
            else:
                failed[group, tuple(c for at, c in since if last - at <= LOOKBACK)] += 1
    return sold, failed, worth, dict(tally)


def told(found: Touched) -> dict:
    """Return the table of paths as a dictionary."""
    ends = found.paths.offsets
    paths = [tuple(found.paths.codes[a:b].tolist()) for a, b in pairwise(ends)]
    keys = list(zip(found.group.tolist(), paths, strict=True))
    assert len(set(keys)) == len(keys)
    return {k: row for k, *row in zip(keys, found.sold, found.failed, found.worth, strict=True)}


def test_paths_by_hand() -> None:
    log: list[Customer] = [
        # cut at the first sale; the touch at 9 is 21 before the second, the one at 10 exactly 20
        (
            "a",
            0,
            [(1, TOUCH, 0, 0), (5, SALE, -1, 2), (9, TOUCH, 0, 0), (10, TOUCH, 1, 0), (30, SALE, -1, 5)],
        ),
        ("b", 1, [(50, TOUCH, 0, 0), (69, TOUCH, 1, 0), (80, TOUCH, -1, 0)]),  # closed at 100 exactly
        ("c", 1, [(81, TOUCH, 0, 0)]),  # could still buy at 101
        ("d", -1, [(3, SALE, -1, 2), (40, TOUCH, 0, 0)]),  # bought untouched; later touches lead nowhere
        ("e", 0, [(10, TOUCH, 1, 0), (10, SALE, -1, 2), (10, TOUCH, 0, 0)]),  # the order decides a tie
    ]
    found = SPLIT.measure(batch(log))
    assert told(found) == {
        (0, (0,)): [1, 0, 2.0], (0, (1,)): [2, 0, 7.0], (1, (1, 2)): [0, 1, 0.0],
    }  # fmt: skip
    assert found.tally == {
        "conversions": 4, "untouched": 1, "cut": 3, "unvalued": 0, "open": 1, "touches": 5,
    }  # fmt: skip
    assert found.met.tolist() == [[1, 2, 0], [0, 1, 1], [0, 0, 0], [1, 3, 1]]
    assert found.people.tolist() == [[2, 0], [0, 1], [0, 0], [2, 1]]


@LAWS
@given(histories)
def test_paths_are_those_of_plain_python(drawn: list) -> None:
    log = named(drawn)
    sold, failed, worth, tally = followed(log)
    found = SPLIT.measure(batch(log))
    assert told(found) == {k: [sold[k], failed[k], worth[k]] for k in sold | failed}
    assert {name: found.tally[name] for name in tally} == tally


@LAWS
@given(histories)
def test_time_decay_and_customers_are_those_of_plain_python(drawn: list) -> None:
    log = named(drawn)
    decayed: dict = defaultdict(float)
    met = [set() for _ in range(3)]
    for who, region, events in log:
        own = replace(SPLIT, draws=0).measure(batch([(who, region, events)]))
        for channel in np.unique(own.paths.codes).tolist():
            met[channel].add(who)
        since: list = []
        for time, name, channel, _ in events:
            if name == TOUCH:
                since.append((time, channel if channel >= 0 else 2))
            elif name == SALE:
                near = [(2 ** -((time - at) / 10), c) for at, c in since if time - at <= LOOKBACK]
                for power, c in near:
                    decayed[region if region >= 0 else 2, c] += power / sum(p for p, _ in near)
                since = []
    found = SPLIT.measure(batch(log))
    wanted = [[decayed[g, c] for c in range(3)] for g in range(3)]
    assert found.decayed == pytest.approx(np.array(wanted))
    assert found.met[-1].tolist() == [len(who) for who in met]


def same(one: Touched, other: Touched) -> None:
    for name in ("offsets", "codes"):
        assert (getattr(one.paths, name) == getattr(other.paths, name)).all()
    for name in ("group", "sold", "failed", "met", "people"):
        assert (getattr(one, name) == getattr(other, name)).all()
    for name in ("worth", "decayed", "decayed_worth"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12)
    assert one.tally == other.tally
    for name in vars(one.draws):
        assert getattr(one.draws, name) == pytest.approx(getattr(other.draws, name), rel=1e-12)


@LAWS
@given(histories, st.lists(st.integers(0, 3), min_size=6, max_size=6), st.permutations(range(4)))
def test_dealing_customers_into_batches_changes_nothing(drawn: list, deal: list, order: list) -> None:
    log = named(drawn)
    parts = [[c for c, hand in zip(log, deal, strict=False) if hand == which] for which in order]
    same(reduce(SPLIT.merge, [SPLIT.measure(batch(part)) for part in parts]), SPLIT.measure(batch(log)))


def crowd(n: int) -> list[Customer]:
    rng = np.random.default_rng(2)
    log = []
    for i in range(n):
        size = int(rng.integers(1, 9))
        times = np.sort(rng.integers(0, 100, size))
        kinds, channels = rng.choice(3, size, p=[0.7, 0.2, 0.1]), rng.integers(-1, 2, size)
        events = [(int(t), int(k), int(c), 2.0) for t, k, c in zip(times, kinds, channels, strict=True)]
        log.append((f"C{i}", int(rng.integers(-1, 2)), events))
    return log


def test_small_pieces_and_blocks_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    log = crowd(200)
    whole = SPLIT.measure(batch(log))
    monkeypatch.setattr(kernel, "PIECE", 17)
    monkeypatch.setattr(weighing, "CELLS", 40)
    same(SPLIT.measure(batch(log)), whole)


def test_a_draw_is_the_models_on_customers_repeated_by_their_weight() -> None:
    log = crowd(150)
    found = replace(SPLIT, by="", n_groups=0, order=2).measure(batch(log))
    draw = 4
    weights = poisson(hashes(pd.Index([c for c, _, _ in log], dtype="str")), 5, draw, 1)[:, 0]
    repeated = [(f"{who}.{k}", g, e) for (who, g, e), w in zip(log, weights, strict=True) for k in range(w)]
    again = replace(PLAIN, order=2).measure(batch(repeated))
    width = span(3, 2)
    keys, counts = found.draws.step_keys % width, found.draws.steps[:, draw]
    rate, effects = removal(keys, counts, 3)
    chain = steps(again.paths, 2)
    wanted = chain.removal(chain.count(again.sold, again.failed))
    assert (rate, *effects) == pytest.approx((wanted[0], *wanted[1]))
    passed = np.array([False, True, False])
    for at, rule in enumerate(RULES[:-1]):
        part = credited(again.paths, shares(again.paths, rule, direct=passed), again.sold)
        assert found.draws.credits[at, 0, :, draw] == pytest.approx(part)
        worth = credited(again.paths, shares(again.paths, rule, direct=passed), again.worth)
        assert found.draws.worths[at, 0, :, draw] == pytest.approx(worth)
    assert found.draws.credits[-1, 0, :, draw] == pytest.approx(again.decayed[0])
    assert found.draws.sold[:, draw].sum() == again.sold.sum()
    assert found.draws.failed[:, draw].sum() == again.failed.sum()
    assert (found.draws.set_keys >> MOST == 0).all()


def test_an_empty_batch_has_an_answer() -> None:
    empty = SPLIT.measure(batch([]))
    assert len(empty.paths) == 0
    log = crowd(20)
    same(SPLIT.merge(empty, SPLIT.measure(batch(log))), SPLIT.measure(batch(log)))


def test_carriers_and_the_begin_of_visits_by_hand() -> None:
    log: list[Customer] = [
        # a visit of channel 0, a page in it, a page of channel 1 at once, and channel 1 again after 31
        ("a", 0, [(0, 0, 0, 0), (10, 1, 0, 0), (10, 1, 1, 0), (41, 1, 1, 0), (71, 1, 1, 0)]),
        (
            "b",
            0,
            [(71, 1, 1, 0), (72, 2, -1, 0), (73, 1, 1, 0)],
        ),  # another customer, and a gap in the channel
    ]
    found = Carriers(3, pause=30).measure(batch(log))
    assert found.tolist() == [[1, 1, 1], [6, 6, 4], [1, 0, 0]]
    halves = [Carriers(3, pause=30).measure(batch([c])) for c in log]
    assert (Carriers(3).merge(*halves) == found).all()
