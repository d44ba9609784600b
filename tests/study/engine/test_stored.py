"""Logs on disk: budgets, damage, blocks, and that nothing stays behind; each failure is one clear error."""

from __future__ import annotations

import errno
import gc
import gzip
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from journey_lib.errors import DataError, JourneyError, ParamError, StudyError
from journey_lib.study.engine import budget, duck, staging
from journey_lib.study.engine.stored import StoredLog
from journey_lib.study.events import EventLog, blocks
from journey_lib.study.load import load_study, quick_study
from tests.study.engine.kernels import answers, messy, same

HEAD = "customer_id,event,time\n"
GOOD = HEAD + "007,see,2025-01-01T10:00:00+09:00\nNA,pay,2025-01-02T00:00:00Z\n"
Put = Callable[..., str]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(content: str | bytes, name: str = "log.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut every file into many blocks."""
    monkeypatch.setattr(blocks, "_BLOCK", 4096)
    monkeypatch.setattr(blocks, "_ROWS", 37)


def large(path: str, **options: object) -> StoredLog:
    return EventLog.from_large_file(path, memory="200 MB", **options)


def said(path: str, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        large(path, **options)
    assert "secret" not in str(caught.value)
    return str(caught.value)


# Budgets


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        ("2", "memory: '2'. Allowed: a number and a unit"),
        ("2 gigs", "memory: '2 gigs'"),
        ("99 MB", "memory: '99 MB' is too little. Allowed: 100 MB or more"),
    ],
)
def test_budgets_nobody_can_read_in(put: Put, temporary: Path, memory: str, words: str) -> None:
    with pytest.raises(ParamError) as caught:
        EventLog.from_large_file(put(GOOD), memory=memory)
    assert words in str(caught.value)
    assert list(temporary.iterdir()) == []


def test_a_budget_decides_how_many_chunks_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messy().to_parquet(tmp_path / "log.parquet")
    counts = []
    for event in (100, 100_000, 200_000):
        monkeypatch.setattr(staging, "EVENT", event)
        counts.append(large(str(tmp_path / "log.parquet")).n_chunks)
    assert counts[0] == 2
    assert counts[0] < counts[1] < counts[2]


def test_one_customer_with_a_million_events(tmp_path: Path, temporary: Path) -> None:
    """In 100 MB there is no room to order them; in 500 MB there is, and nobody else is disturbed."""
    million = 1_000_000
    time = pd.Timestamp("2025-01-01") + pd.to_timedelta(range(million), "s")
    frame = pd.DataFrame({"customer_id": "secret", "event": "ping", "time": time})
    other = pd.DataFrame({"customer_id": ["a"], "event": ["see"], "time": [time[0]]})
    pd.concat([frame, other]).to_parquet(tmp_path / "log.parquet", index=False)
    with pytest.raises(DataError) as caught:
        EventLog.from_large_file(tmp_path / "log.parquet", memory="100 MB")
    words = str(caught.value)
    assert words.startswith("memory: 100 MB are too little for this log: one customer has 1,000,000 events.")
    assert "Raise memory on [sources.events]" in words
    assert "secret" not in words
    assert list(temporary.iterdir()) == []
    log = EventLog.from_large_file(tmp_path / "log.parquet", memory="500 MB")
    assert (log.n_events, log.n_customers) == (million + 1, 2)
    same(answers_of_two(EventLog.from_file(tmp_path / "log.parquet")), answers_of_two(log))


def answers_of_two(log: object) -> dict:
    return {"names": log.names, "facts": log.facts.by_name.tolist(), "print": log.fingerprint}  # type: ignore[attr-defined]


def test_a_budget_too_small_for_duckdb(put: Put, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(*_: object) -> None:
        raise duckdb.OutOfMemoryException("secret")

    monkeypatch.setattr(duck.Stitching, "rows", rows)
    assert said(put(GOOD)).startswith("memory: 200 MB are too little for this log.")
    assert list(temporary.iterdir()) == []


def test_half_of_what_is_free_is_the_budget_unless_declared() -> None:
    assert budget.budget_of("2 GB") == 2_000_000_000
    assert budget.budget_of("") >= budget.SMALLEST


def test_what_is_expected_to_fit(put: Put, tmp_path: Path) -> None:
    text = Path(put("x" * 30_000_000))
    packed = Path(put("x" * 15_000_000, "log.csv.gz"))
    messy().to_parquet(tmp_path / "log.parquet")
    assert budget.fits([text], "200 MB")
    assert not budget.fits([text], "100 MB")
    assert not budget.fits([packed], "100 MB")
    assert budget.fits([tmp_path / "log.parquet", tmp_path / "missing.csv"], "100 MB")
    assert budget.fits([Path(put("no parquet", "bad.parquet"))], "100 MB")


# Nothing stays behind


def test_files_go_with_the_log(put: Put, temporary: Path) -> None:
    log = large(put(GOOD))
    copy = log.telling(log.report)
    assert len(list(temporary.iterdir())) == 1
    del log
    gc.collect()
    assert copy.fold(len, int.__add__) == 2
    del copy
    gc.collect()
    assert list(temporary.iterdir()) == []


def test_files_are_private_and_only_chunks_are_kept(put: Put, temporary: Path) -> None:
    log = large(put(GOOD), partitions=3)
    folder = next(temporary.iterdir())
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.name.split("-")[0] for path in folder.iterdir()} <= {"chunk", "dealt", "duckdb"}
    assert sum(1 for path in folder.rglob("*.parquet") if "part=" in str(path)) == 0
    assert log.n_chunks <= 3


def test_a_full_disk(put: Put, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(staging._Writer, "write", write)
    words = said(put(GOOD))
    assert "temporary files of the log: cannot be written (No space left on device)" in words
    assert "TMPDIR" in words
    assert list(temporary.iterdir()) == []


def test_duckdb_meets_a_full_disk(put: Put, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(*_: object) -> None:
        raise duckdb.IOException("Could not write: No space left on device")

    monkeypatch.setattr(duck.Stitching, "rows", rows)
    assert "temporary files of the log: the disk is full" in said(put(GOOD))
    assert list(temporary.iterdir()) == []


def test_chunks_that_somebody_removed(put: Put, temporary: Path) -> None:
    log = large(put(GOOD))
    shutil.rmtree(next(temporary.iterdir()))
    with pytest.raises(DataError, match="temporary files of the log: are not there any more"):
        log.fold(len, int.__add__)


# Blocks


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "jsonl", "json", "duckdb"])
def test_blocks_give_what_the_whole_file_gives(tmp_path: Path, small_blocks: None, kind: str) -> None:
    frame = messy(800)
    path = tmp_path / f"log.{kind}"
    if kind == "parquet":
        frame.to_parquet(path, index=False, row_group_size=100)
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as database:
            database.sql("CREATE TABLE log AS SELECT * FROM frame")
    elif kind.startswith("csv"):
        frame.assign(event=frame["event"].where(frame.index % 9 > 0, 'a "b"\nc, d')).to_csv(path, index=False)
    else:
        text = frame.assign(time=frame["time"].astype("str"))
        rows = [{k: None if pd.isna(v) else v for k, v in row.items()} for row in text.to_dict("records")]
        path.write_text(json.dumps(rows) if kind == "json" else "\n".join(map(json.dumps, rows)))
    whole, chunked = EventLog.from_file(path, seq="seq"), large(str(path), seq="seq", partitions=3)
    assert whole.fingerprint == chunked.fingerprint
    same(answers(whole), answers(chunked))


def test_another_encoding_in_blocks(put: Put, small_blocks: None) -> None:
    rows = "".join(f"{i},구매 {i % 3},2025-01-01T00:{i % 60:02}\n" for i in range(500))
    path = put((HEAD + rows).encode("cp949"))
    chunked = large(path, encoding="cp949", partitions=2)
    assert chunked.names == ("구매 0", "구매 1", "구매 2")
    assert chunked.fingerprint == EventLog.from_file(path, encoding="cp949").fingerprint
    assert "is not UTF-8" in said(path)


MANY = "".join(f"{i},see,2025-01-01\n" for i in range(600))
LINES = "".join(f'{{"customer_id": "{i}", "event": "x", "time": "2025-01-01"}}\n' for i in range(300))
ARRAY = "[" + LINES.replace("\n", ",")
SHORT = "a row has 2 cells where the header has 3: it is cut or damaged"
UNNAMED = HEAD + MANY + ",see,2025-01-01\n" + MANY + ",,2025-01-01\n"


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "log.csv", "is empty"),
        (HEAD, "log.csv", "holds no events"),
        (HEAD + MANY + "secret,se", "log.csv", SHORT),
        (HEAD + MANY + 'secret,"see,2025-01-01\n', "log.csv", "damaged"),
        (gzip.compress((HEAD + MANY * 50).encode())[:-20], "log.csv.gz", "damaged or cut short"),
        (LINES + '{"customer_id": "secret', "log.jsonl", "has a line that is cut or damaged"),
        (LINES + '{"customer_id": 7, "event": "x"}\n', "log.jsonl", "holds values of mixed types"),
        (ARRAY + '{"customer_id": "secret', "log.json", "is a JSON array that is cut"),
        ("[]", "log.json", "holds no events"),
        ("[1, 2]", "log.json", "holds something else than JSON objects"),
        ("null\n", "log.json", "holds something else than JSON objects"),
        ("PAR1 no parquet", "log.parquet", "is damaged or no Parquet file"),
        ("no database", "log.duckdb", "is damaged or no DuckDB file"),
        ("uid,event,time\n1,see,2025-01-01\n", "log.csv", "has no column 'customer_id'"),
        ("customer_id,event,time,time\n1,see,2025-01-01,2\n", "log.csv", "column names stand twice: time"),
        ("customer_id;event;time\n1;see;2025-01-01\n", "log.csv", "has one column only"),
        (UNNAMED, "log.csv", "'customer_id': 2 empty cells"),
        (HEAD + "secret,see,\n" + MANY + "secret,see,\n", "log.csv", "column 'time': 2 empty cells"),
        (HEAD + "secret,see,soon\n" + MANY + "secret,see,2025-02-30\n", "log.csv", "no time in 2 cells"),
    ],
)  # fmt: skip
def test_damage_is_said_in_one_sentence(
    put: Put, temporary: Path, small_blocks: None, content: str | bytes, name: str, words: str
) -> None:
    message = said(put(content, name))
    assert words in message
    assert name in message
    assert list(temporary.iterdir()) == []


def test_everything_wrong_in_all_files_is_said_at_once(put: Put, tmp_path: Path, small_blocks: None) -> None:
    put(HEAD + MANY + ",see,never\n", "part-1.csv")
    put("uid,event,time\n1,2,3\n", "part-2.csv")
    put(GOOD + "x,y", "part-3.csv")
    put(GOOD, "part-4.csv")
    chunked = said(str(tmp_path / "part-*.csv"))
    assert chunked.startswith("4 problems:")
    for name in ("part-1.csv, column 'customer_id'", "part-1.csv, column 'time'", "part-2.csv", "part-3.csv"):
        assert name in chunked


def test_a_file_that_vanishes_while_it_is_read(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(GOOD, "part-1.csv")
    gone = Path(put(GOOD, "part-2.csv"))
    reading = staging.read_blocks

    def read(path: Path, *more: object) -> object:
        gone.unlink(missing_ok=True)
        return reading(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(staging, "read_blocks", read)
    assert "part-2.csv: there is no such file" in said(str(tmp_path / "part-*.csv"))


def test_files_that_disagree_on_a_type(tmp_path: Path) -> None:
    base = pd.DataFrame({"customer_id": ["a"], "event": ["x"], "time": pd.to_datetime(["2025-01-01"])})
    base.to_parquet(tmp_path / "part-1.parquet")
    base.assign(customer_id=[7]).to_parquet(tmp_path / "part-2.parquet")
    message = said(str(tmp_path / "part-*.parquet"))
    assert "column 'customer_id': holds numbers in one file and text in another" in message


def test_an_anonymous_id_that_is_also_a_customer(put: Put) -> None:
    rows = "customer_id,anonymous_id,event,time\nsecret,,see,2025-01-01\n,secret,see,2025-01-02\n"
    assert "1 anonymous id equal to the id of a known customer" in said(put(rows))


def test_what_a_database_file_lacks(tmp_path: Path) -> None:
    path = tmp_path / "log.duckdb"
    with duckdb.connect(str(path)) as database:
        database.sql("CREATE SCHEMA other; CREATE TABLE a (customer_id INT); CREATE TABLE other.b (x INT)")
    assert 'holds several tables. Allowed: a, other.b. Say which one: table = "events"' in said(str(path))
    near = "has no table 'other.c'. Allowed: a, other.b. Did you mean 'other.b'?"
    assert near in said(str(path), table="other.c")
    assert "holds no events" in said(str(path), table="a")


# Studies

STUDY = """
id = "shop"
title = "Shop"
[journey]
stages = [{{ id = "seen", enter = ["see"] }}, {{ id = "bought", enter = ["pay"] }}]
[sources.events]
file = "*.csv"
where = {{ kind = ["real"] }}
constant = {{ place = "{{file}}-{{row}}" }}
{more}
"""
WEB = HEAD.replace("time", "time,kind")
WEB += "who,see,2025-01-01,real\nother,boot,2025-01-02,test\nwho,pay,2025-01-03T00:00Z,real\n"


@pytest.fixture
def shop(put: Put, tmp_path: Path) -> Callable[[str], Path]:
    def write(more: str) -> Path:
        put(STUDY.format(more=more), "study.toml")
        for number in (1, 2, 4):
            put(WEB.replace("who", f"c{number}"), f"part-{number}.csv")
        return tmp_path

    return write


def test_a_study_says_where_its_log_is_kept(shop: Callable[[str], Path]) -> None:
    kept = [
        load_study(shop(more))[1]
        for more in ("", 'memory = "1 GB"', 'runner = "memory"', 'runner = "chunked"\nmemory = "200 MB"')
    ]
    kinds = [type(data.require_events("test")).__name__ for data in kept]
    assert kinds == ["EventLog", "EventLog", "EventLog", "StoredLog"]
    assert len({data.require_events("test").fingerprint for data in kept}) == 1
    assert len({tuple(data.report.lines()) for data in kept}) == 1
    assert kept[3].require_events("test").labels("place")[:2] == ("part-1-1", "part-1-3")


def test_a_study_goes_to_disk_when_memory_is_not_expected_to_suffice(
    shop: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop('memory = "150 MB"')
    monkeypatch.setattr(budget, "_TEXT", 10**9)
    assert isinstance(load_study(folder)[1].require_events("test"), StoredLog)
    assert isinstance(load_study(shop('runner = "memory"'))[1].require_events("test"), EventLog)


def test_a_gap_in_a_numbered_series_is_noted(shop: Callable[[str], Path]) -> None:
    for more in ('runner = "memory"', 'runner = "chunked"'):
        _, data = load_study(shop(more))
        assert "events: a numbered series of files has a gap, not there: part-3.csv" in data.report.lines()
        korean = [line.say("ko") for line in data.report.told()]
        assert "events: 번호가 이어지는 파일 중 빠진 것이 있음: part-3.csv" in korean


def test_all_problems_of_a_chunked_study(shop: Callable[[str], Path], put: Put) -> None:
    folder = shop('runner = "chunked"')
    put("customer_id,event,time,kind\n1,see,never,real\n", "part-1.csv")
    with pytest.raises(DataError, match=r"part-1\.csv, column 'time': no time in 1 cell"):
        load_study(folder)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('memory = "2"', "key 'memory': '2'"),
        ('runner = "sparc"', "runner"),
        ('memroy = "2 GB"', "Did you mean 'memory'"),
        ('tabel = "events"', "Did you mean 'table'"),
    ],
)
def test_mistakes_in_the_study_file(shop: Callable[[str], Path], more: str, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        load_study(shop(more))


def test_a_budget_too_small_in_the_study_file(shop: Callable[[str], Path]) -> None:
    with pytest.raises(JourneyError, match="'1 MB' is too little"):
        load_study(shop('runner = "chunked"\nmemory = "1 MB"'))


def test_a_quick_study_takes_a_log_on_disk(put: Put) -> None:
    study, data = quick_study(events=large(put(GOOD)), journey=["see", "pay"])
    assert study.journey.stages[0].enter == ("see",)
    assert data.require_events("test").n_events == 2
    assert repr(data.events) == "StoredLog: 2 events of 2 customers, 2 names, 2025-01-01 to 2025-01-02 (UTC)"
