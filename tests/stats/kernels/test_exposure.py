"""Stages after exposure: counted by hand, against a loop over customers, and dealt into any batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.stats.kernels.batch import Batch
from journey_lib.stats.kernels.exposure import NEVER, Exposure, Total, UnitRows
from journey_lib.stats.kernels.hashed import hashes

A, B, C = 0, 1, 2
END = 100
Log = dict[str, list[tuple[int, int, float]]]  # customer -> (time, event, value)


def batch(log: Log) -> Batch:
    rows = [sorted(events, key=lambda row: row[0]) for events in log.values()]
    flat = [row for events in rows for row in events]
    time, event, value = (np.array([row[k] for row in flat]) for k in range(3))
    offsets = np.concatenate([[0], np.cumsum([len(events) for events in rows], dtype=np.int64)])
    until = np.full(len(log), END)
    ids = pd.Index(list(log), dtype="str")
    columns = {"value": value.astype(float)}
    return Batch(offsets, time.astype(np.int64), event.astype(int), ids, 0, until, columns)


def kernel(exposed: dict[str, int], **options: object) -> tuple[Exposure, list[str]]:
    """Return the kernel and the ids in the order of its list."""
    ids = pd.Index(list(exposed), dtype="str")
    order = np.argsort(hashes(ids))
    names = [str(ids[k]) for k in order]
    at = np.array([exposed[name] for name in names], dtype=np.int64)
    plan: dict = {"stages": ((A,), (B,), (C,)), "required": (True,) * 3, "windows": (0,) * 3} | options
    return Exposure(np.sort(hashes(ids)), at, 3, **plan), names


def asked(log: Log, exposed: dict[str, int], **options: object) -> dict[str, dict]:
    one, names = kernel(exposed, **options)
    rows = one.measure(batch(log)).settled(END - one.at)
    return {
        name: {field: getattr(rows, field)[k].tolist() for field in vars(rows) if field != "place"}
        for k, name in enumerate(names)
    }


def test_stages_count_in_order_and_only_after_exposure() -> None:
    log: Log = {
        "early": [(1, A, 0), (5, B, 0), (9, A, 0), (12, B, 0)],
        "skips": [(3, B, 0), (4, C, 0)],
        "ties": [(4, B, 0), (4, A, 0), (4, C, 0)],
        "other": [(4, A, 0)],
    }
    found = asked(log, {"early": 2, "skips": 2, "ties": 2, "silent": 90})
    assert found["early"]["reached"] == [7, 10, NEVER]  # the B of time 5 stands before the A of time 9
    assert found["early"]["before"] == [True, False, False]
    assert found["skips"]["reached"] == [NEVER, NEVER, NEVER]
    assert found["ties"]["reached"] == [2, 2, 2]
    assert found["silent"]["reached"] == [NEVER, NEVER, NEVER]
    assert found["silent"]["followed"] == 10
    assert set(found) == {"early", "skips", "ties", "silent"}  # nobody who was not exposed


def test_an_optional_stage_neither_blocks_nor_anchors() -> None:
    log: Log = {"a": [(3, A, 0), (9, B, 0), (10, C, 0)], "b": [(4, B, 0)]}
    found = asked(log, {"a": 1, "b": 1}, required=(True, False, True), windows=(0, 0, 7))
    assert found["a"]["reached"] == [2, 8, 9]  # C within 7 of A
    found = asked(log, {"a": 1, "b": 1}, required=(False, True, True), windows=(0, 0, 0))
    assert found["b"]["reached"] == [NEVER, 3, NEVER]


def test_windows_hang_on_the_stage_before_and_end_with_their_last_moment() -> None:
    log: Log = {"a": [(10, A, 0), (15, B, 0), (40, C, 0)]}
    for window, reached in ((5, 15), (4, NEVER)):
        assert asked(log, {"a": 0}, windows=(0, window, 0))["a"]["reached"][1] == reached
    for horizon, reached in ((40, 40), (39, NEVER)):
        assert asked(log, {"a": 0}, horizon=horizon)["a"]["reached"][2] == reached


def test_totals_and_triggers_keep_to_their_windows() -> None:
    log: Log = {"a": [(1, B, 100.0), (2, B, 5.0), (7, B, np.nan), (12, B, 7.0), (13, B, 9.0)]}
    totals = (Total((B,), "value", 10), Total((B,), "", 10), Total((B, C), "value"))
    found = asked(log, {"a": 2}, totals=totals, trigger=(B,))["a"]
    assert found["totals"] == [12.0, 3.0, 21.0]
    assert found["triggered"] == 0
    assert asked(log, {"a": 50}, totals=totals, trigger=(B,))["a"]["triggered"] == NEVER


def by_loop(events: list[tuple[int, int, float]], start: int, windows: tuple[int, ...], horizon: int) -> list:
    """Return first times of stages for one customer, as somebody would count them."""
    anchor, reached = start, []
    for stage, window in zip((A, B, C), windows, strict=True):
        times = [
            time
            for time, event, _ in events
            if event == stage and anchor <= time <= start + (horizon or END)
            and (not window or time - anchor <= window)
        ]  # fmt: skip
        reached.append(min(times) - start if times and anchor <= END else NEVER)
        anchor = min(times) if times else END + 1
    return reached


logs = st.dictionaries(
    st.sampled_from([f"c{k}" for k in range(9)]),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), st.just(1.0)), max_size=8),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(log=logs, data=st.data())
def test_any_batches_merged_in_any_order_give_what_a_loop_gives(log: Log, data: st.DataObject) -> None:
    exposed = {name: data.draw(st.integers(0, 20)) for name in log}
    windows = data.draw(st.tuples(*[st.sampled_from([0, 3, 9])] * 3))
    horizon = data.draw(st.sampled_from([0, 6]))
    one, names = kernel(exposed, windows=windows, horizon=horizon, totals=(Total((A,), "value", 9),))
    part = {name: data.draw(st.integers(0, 2)) for name in log}
    answers = [
        one.measure(batch({name: events for name, events in log.items() if part[name] == k}))
        for k in data.draw(st.permutations([0, 1, 2]))
    ]
    merged = one.merge(answers[0], one.merge(answers[1], answers[2])).settled(END - one.at)
    whole = one.measure(batch(log)).settled(END - one.at)
    for field in vars(whole):
        assert getattr(merged, field).tolist() == getattr(whole, field).tolist(), field
    wanted = [by_loop(log[name], exposed[name], windows, horizon) for name in names]
    assert whole.reached.tolist() == wanted


def test_an_empty_batch_has_an_answer() -> None:
    one, _ = kernel({"a": 0}, totals=(Total((A,)),))
    empty = one.measure(batch({}))
    assert len(empty) == 0
    assert isinstance(one.merge(empty, empty), UnitRows)
    assert one.merge(empty, empty).settled(np.array([5])).totals.tolist() == [[0.0]]


def test_nobody_exposed_is_no_error() -> None:
    one = Exposure(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64), 3)
    assert len(one.measure(batch({"a": [(1, A, 0.0)]}))) == 0


def test_the_kernel_can_be_sent_to_another_process() -> None:
    import pickle

    one, _ = kernel({"a": 0}, totals=(Total((A,)),))
    again = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
    log: Log = {"a": [(3, A, 0.0)]}
    assert (
        again.measure(batch(log)).reached.tolist()
        == one.measure(batch(log)).reached.tolist()
        == [[3, -1, -1]]
    )
    assert pytest.approx(3) == again.names
