"""The same answers in memory and in chunks on disk: counts exactly, sums to a relative 1e-12."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_lib.study.events import EventLog
from journey_lib.study.segments import Segment
from tests.study.engine.kernels import answers, messy, same

HEAD = ["customer_id", "anonymous_id", "event", "time", "seq", "channel", "plan", "value", "count"]
Laid = Callable[..., str]


@pytest.fixture
def laid(tmp_path: Path) -> Laid:
    """Write a frame as several files of one kind and return their pattern."""

    def write(frame: pd.DataFrame, kind: str = "csv", cuts: tuple[int, ...] = (700, 2500)) -> str:
        bounds = [0, *cuts, len(frame)]
        for number, (start, stop) in enumerate(pairwise(bounds)):
            save(frame.iloc[start:stop], tmp_path / f"log-{number}.{kind}")
        return str(tmp_path / f"log-*.{kind}")

    return write


def save(part: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        part.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        part.to_parquet(path, index=False)
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path)) as database:
            database.sql("CREATE TABLE log AS SELECT * FROM part")
    else:
        text = part.assign(time=part["time"].astype("str"))
        rows = [{k: None if pd.isna(v) else v for k, v in row.items()} for row in text.to_dict("records")]
        lines = json.dumps(rows, indent=1) if path.suffix == ".json" else "\n".join(map(json.dumps, rows))
        path.write_text(lines, encoding="utf-8")


def reports(one: EventLog, other: object) -> None:
    """Assert that two logs tell the same of how they were read."""
    told = [dataclasses.asdict(log.report) | {"files": ()} for log in (one, other)]
    told = [{k: v for k, v in each.items() if k not in ("future",)} for each in told]
    assert told[0] == told[1]


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "json", "duckdb"])
def test_every_kind_of_file_gives_equal_answers(laid: Laid, kind: str) -> None:
    pattern = laid(messy(), kind)
    whole = EventLog.from_file(pattern, seq="seq")
    chunked = EventLog.from_large_file(pattern, seq="seq", partitions=5)
    assert chunked.n_chunks == 5
    reports(whole, chunked)
    assert whole.report.repeats == 150
    assert min(whole.report.joined_ids, whole.report.left_ids, whole.report.shared_ids) > 0
    assert whole.report.bot_customers == 1
    same(answers(whole), answers(chunked))
    assert whole.fingerprint == chunked.fingerprint


@pytest.mark.parametrize("partitions", [1, 2, 3, 17, 400])
def test_any_number_of_chunks_gives_equal_answers(laid: Laid, partitions: int) -> None:
    """400 is more than there are customers."""
    pattern = laid(messy())
    whole = EventLog.from_file(pattern, seq="seq")
    chunked = EventLog.from_large_file(pattern, seq="seq", partitions=partitions)
    same(answers(whole), answers(chunked))
    same(answers(whole, visitors="known"), answers(chunked, visitors="known"))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ties": "priority", "priority": ["pay", "see"]},
        {"seq": "seq", "duplicates": "keep"},
        {"time_zone": "Asia/Seoul", "as_of": "2025-01-02"},
        {"id_map": pd.DataFrame({"anonymous_id": ["x80", "x81", "x82"], "customer_id": ["C1", "new", "C2"]})},
    ],
    ids=["file_order", "priority", "kept", "zone", "id_map"],
)
def test_every_rule_gives_equal_answers(laid: Laid, options: dict) -> None:
    pattern = laid(messy())
    whole = EventLog.from_file(pattern, **options)
    chunked = EventLog.from_large_file(pattern, **options, partitions=4)
    reports(whole, chunked)
    same(answers(whole), answers(chunked))
    assert whole.fingerprint == chunked.fingerprint


def test_ties_make_a_difference_here(laid: Laid) -> None:
    """Else the tests above would not see a wrong order."""
    pattern = laid(messy())
    by_file, by_name = (
        EventLog.from_large_file(pattern, ties=ties, priority=names, partitions=3)
        for ties, names in (("file_order", []), ("priority", ["help"]))
    )
    assert answers(by_file)["Pairs"] != answers(by_name)["Pairs"]


def test_segments_count_the_same_customers(laid: Laid) -> None:
    pattern = laid(messy())
    members = pd.Index(["C3", "C4", "C7", "C12", "nobody"], dtype="str")
    segment = Segment("Some", "a=b", "a", "b", np.zeros(0, dtype=bool), members)
    whole, chunked = EventLog.from_file(pattern), EventLog.from_large_file(pattern, partitions=6)
    same(answers(whole, segment=segment), answers(chunked, segment=segment))
    found = answers(chunked, segment=segment)
    assert [customer for customer, _ in found["Customers"]] == ["C12", "C3", "C4"]  # C7 is a bot
    assert found["n_customers"] == 3


def test_columns_that_files_disagree_on(tmp_path: Path) -> None:
    """Whole numbers in one file, holes or nothing at all in the next; truths with holes."""
    time = pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"])
    base = pd.DataFrame({"customer_id": ["a", "b", "a"], "event": ["x", "y", "y"], "time": time})
    base.assign(age=[1, 2, 3], ok=[True, False, True]).to_parquet(tmp_path / "p1.parquet")
    base.assign(age=[1.5, None, 3], ok=[None, False, True], only="here").to_parquet(tmp_path / "p2.parquet")
    base.assign(nothing=None).to_parquet(tmp_path / "p3.parquet")
    pattern = str(tmp_path / "p*.parquet")
    whole = EventLog.from_file(pattern, duplicates="keep")
    chunked = EventLog.from_large_file(pattern, duplicates="keep", partitions=3)
    assert whole.fingerprint == chunked.fingerprint
    for name in ("age", "ok", "only", "nothing"):
        assert whole.labels(name) == chunked.labels(name)
        assert whole.numeric(name) == chunked.numeric(name)
    assert chunked.labels("age") == ("1", "1.5", "2", "3")
    assert chunked.labels("ok") == ("false", "true")


# Laws

ROW = st.tuples(
    st.sampled_from(["a", "b", "NA", "007", ""]),
    st.sampled_from(["x", "y", ""]),
    st.sampled_from(["see", "cart", "pay"]),
    st.integers(0, 3),
    st.sampled_from(["web", "app", ""]),
    st.sampled_from(["1.5", "2", ""]),
)
ROWS = st.lists(ROW.filter(lambda row: row[0] or row[1]), min_size=1, max_size=25)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 6), st.data())
def test_splitting_into_files_or_chunks_changes_nothing(
    tmp_path: Path, rows: list[tuple], partitions: int, data: st.DataObject
) -> None:
    lines = [f"{c},{a},{e},2025-01-01T00:0{minute},{ch},{v}\n" for c, a, e, minute, ch, v in rows]
    cut = data.draw(st.integers(0, len(lines) - 1))
    head = "customer_id,anonymous_id,event,time,channel,value\n"
    for old in tmp_path.glob("*.csv"):
        old.unlink()
    (tmp_path / "whole.csv").write_text(head + "".join(lines))
    for number, part in enumerate([lines[:cut], lines[cut:]]):
        if part:
            (tmp_path / f"part-{number}.csv").write_text(head + "".join(part))
    whole = EventLog.from_file(tmp_path / "whole.csv")
    split = EventLog.from_file(tmp_path / "part-*.csv")
    chunked = EventLog.from_large_file(tmp_path / "part-*.csv", partitions=partitions)
    assert whole.fingerprint == split.fingerprint == chunked.fingerprint
    reports(whole, split)
    reports(whole, chunked)
    parts = pd.concat([chunk.frame() for chunk in chunked.chunks()])
    order = parts.sort_values("customer_id", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(order, whole.frame())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing_when_seq_is_given(
    tmp_path: Path, rows: list[tuple], partitions: int, random: object
) -> None:
    lines = [f"{c},{a},{e},2025-01-01T00:0{minute},{ch},{v},{i % 4}\n" for i, (c, a, e, minute, ch, v) in
             enumerate(rows)]  # fmt: skip
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    head = "customer_id,anonymous_id,event,time,channel,value,seq\n"
    for name, text in (("one", lines), ("other", shuffled)):
        (tmp_path / f"{name}.csv").write_text(head + "".join(text))
    whole = EventLog.from_file(tmp_path / "one.csv", seq="seq")
    chunked = EventLog.from_large_file(tmp_path / "other.csv", seq="seq", partitions=partitions)
    assert whole.fingerprint == chunked.fingerprint
    reports(whole, chunked)
