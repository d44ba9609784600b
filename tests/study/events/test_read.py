"""Files of every kind, whole and damaged; one clear sentence each, and nobody's data in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError
from journey_lib.study.events import EventLog

HEAD = "customer_id,event,time,value\n"
GOOD = HEAD + "007,see,2025-01-01T10:00:00+09:00,1.5\nNA,pay,2025-01-02T00:00:00Z,\n"
TIMELESS = "secret,see,,\nsecret,see,soon,\nsecret,see,2025-02-30,\n"
ARRIVED = "customer_id,event,time,received_at\nsecret,see,2025-01-01,late\n"
EPOCH = pd.DataFrame({"customer_id": ["a"], "event": ["x"], "time": [1735689600]})
NOTHING = pd.DataFrame({"customer_id": [], "event": [], "time": []})
ROW = st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 5))
Put = Callable[..., str]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a file and return its path; bytes as they are, text as UTF-8, frames as Parquet."""

    def write(content: str | bytes | pd.DataFrame, name: str = "log.csv") -> str:
        path = tmp_path / name
        if isinstance(content, pd.DataFrame):
            content.to_parquet(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


def said(path: str, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        EventLog.from_file(path, **options)
    assert "secret" not in str(caught.value)
    return str(caught.value)


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_the_same_log_from_every_kind_of_file(put: Put) -> None:
    rows = pd.read_csv(put(GOOD), dtype="str", keep_default_na=False)
    typed = rows.assign(
        value=pd.to_numeric(rows["value"]), time=pd.to_datetime(rows["time"], utc=True, format="ISO8601")
    )
    objects = [
        {k: v for k, v in row.items() if v} | {"value": v}
        for row, v in zip(rows.to_dict("records"), [1.5, None], strict=True)
    ]
    paths = [
        put(GOOD),
        put(gzip.compress(GOOD.encode()), "log.csv.gz"),
        put("\ufeff" + GOOD),
        put(GOOD.replace("\n", "\r\n")),
        put(GOOD.replace(",", "\t"), "log.tsv"),
        put(typed, "log.parquet"),
        put(lines(*objects), "log.jsonl"),
        put(gzip.compress(lines(*objects).encode()), "log.ndjson.gz"),
    ]
    found = [EventLog.from_file(path) for path in paths]
    assert found[0].customers.tolist() == ["007", "NA"]
    assert found[0].frame()["value"].fillna(-1).tolist() == [1.5, -1]
    assert {log.fingerprint for log in found} == {found[0].fingerprint}
    assert found[1].report.files == ("log.csv.gz",)


def test_quotes_line_ends_and_other_signs(put: Put) -> None:
    text = 'customer_id;event;time;said\n1;see;2025-01-01;"a ""b""\nc; d"\n'
    log = EventLog.from_file(put(text), delimiter=";")
    assert log.column("said")[0] == 'a "b"\nc; d'


def test_another_encoding(put: Put) -> None:
    raw = (HEAD + "1,구매,2025-01-01,\n").encode("cp949")
    assert EventLog.from_file(put(raw), encoding="cp949").names == ("구매",)
    assert "is not UTF-8" in said(put(raw))
    assert 'Set encoding = "cp949"' in said(put(raw))


def test_json_numbers_and_local_times(put: Put) -> None:
    text = lines(
        {"u": 7, "e": "x", "t": "2025-01-01 09:00:00"}, {"u": 8, "e": "x", "t": "2025-01-01T00:00:00Z"}
    )
    log = EventLog.from_file(put(text, "a.jsonl"), customer="u", event="e", time="t", time_zone="Asia/Seoul")
    assert log.customers.tolist() == ["7", "8"]
    assert log.time[0] == log.time[1]
    assert log.report.naive == 1


CUT = lines({"customer_id": "secret", "event": "x"})[:-4]
MIXED = lines({"customer_id": 1}, {"customer_id": "secret"})


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "log.csv", "is empty"),
        (HEAD, "log.csv", "holds no events"),
        ("", "log.jsonl", "holds no events"),
        (NOTHING, "log.parquet", "holds no events"),
        (GOOD + "secret,se", "log.csv", "1 row not as long as the header"),
        (GOOD + "secret,see,2025-01-0", "log.csv", "1 row not as long as the header"),
        (GOOD + '3,"secret', "log.csv", "is damaged"),
        (gzip.compress(GOOD.encode() * 500)[:-20], "log.csv.gz", "damaged or cut short"),
        (b"PAR1 no parquet", "log.parquet", "is damaged or no Parquet file"),
        (b"", "log.parquet", "is damaged or no Parquet file"),
        (CUT, "log.jsonl", "has a line that is cut or damaged"),
        ("[1, 2]\n", "log.json", "holds something else than JSON objects"),
        (MIXED, "log.jsonl", "'customer_id' holds values of mixed types"),
        (b"\xff\xfe\x00secret\xff,event,time\n1,2,3\n", "log.csv", "is not UTF-8"),
        (HEAD.encode() + b"1,se\xe9,2025-01-01,\n", "log.csv", "is not UTF-8"),
        ("uid,event,time\n1,see,2025-01-01\n", "log.csv", "has no column 'customer_id'"),
        ("customer_id,evnet,time\n1,see,2025-01-01\n", "log.csv", "'event'. Did you mean 'evnet'?"),
        ("customer_id,event,time,time\n1,see,2025-01-01,2\n", "log.csv", "column names stand twice: time"),
        ("customer_id;event;time\n1;see;2025-01-01\n", "log.csv", "has one column only"),
        (HEAD + ",see,2025-01-01,\n ,see,2025-01-01,\n", "log.csv", "column 'customer_id': 2 empty cells"),
        (HEAD + "secret,,2025-01-01,\n", "log.csv", "column 'event': 1 empty cell"),
        (HEAD + TIMELESS, "log.csv", "column 'time': 1 empty cell"),
        (HEAD + TIMELESS, "log.csv", "no time in 2 cells"),
        (HEAD + "secret,see,2025-01-01,much\n", "log.csv", "column 'value': no number in 1 cell"),
        (EPOCH, "log.parquet", "holds bare numbers"),
        (ARRIVED, "log.csv", "column 'received_at': no time in 1 cell"),
    ],
)  # fmt: skip
def test_damage_is_said_in_one_sentence(
    put: Put, content: str | bytes | pd.DataFrame, name: str, words: str
) -> None:
    message = said(put(content, name))
    assert words in message
    assert name in message


def test_everything_wrong_is_said_at_once(put: Put) -> None:
    message = said(put(HEAD + ",,soon,much\n"))
    assert message.startswith("4 problems:")


def test_a_missing_part_and_the_nearest_name(put: Put, tmp_path: Path) -> None:
    put(GOOD)
    assert "there is no such file" in said(str(tmp_path / "logs.csv"))
    assert "Did you mean 'log.csv'?" in said(str(tmp_path / "logs.csv"))
    assert "no file has such a name" in said(str(tmp_path / "part-*.parquet"))


def test_parts_that_disagree(put: Put, tmp_path: Path) -> None:
    base = pd.DataFrame({"customer_id": ["a"], "event": ["x"], "time": pd.to_datetime(["2025-01-01"])})
    put(base, "part-1.parquet")
    put(base.assign(customer_id=[7]), "part-2.parquet")
    message = said(str(tmp_path / "part-*.parquet"))
    assert "column 'customer_id': holds numbers in one file and text in another" in message


def test_a_damaged_part_among_good_ones(put: Put, tmp_path: Path) -> None:
    put(GOOD, "part-1.csv")
    put(GOOD + "x,y", "part-2.csv")
    put(HEAD + "9,see,never,\n", "part-3.csv")
    message = said(str(tmp_path / "part-*.csv"))
    assert message.startswith("2 problems:")
    assert "part-2.csv" in message
    assert "part-3.csv, column 'time'" in message


def test_a_relative_pattern(put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(GOOD, "part-1.csv")
    monkeypatch.chdir(tmp_path)
    assert EventLog.from_file("part-*.csv").n_events == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=2, max_size=30), st.data())
def test_splitting_into_files_changes_nothing(tmp_path: Path, rows: list, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))
    days = [f"{customer},{event},2025-01-0{day}\n" for customer, event, day in rows]
    for name, part in (("whole", days), ("part-1", days[:cut]), ("part-2", days[cut:])):
        (tmp_path / f"{name}.csv").write_text("customer_id,event,time\n" + "".join(part))
    whole, split = (EventLog.from_file(tmp_path / name) for name in ("whole.csv", "part-*.csv"))
    pd.testing.assert_frame_equal(whole.frame(), split.frame())
    assert whole.row.tolist() == split.row.tolist()
    assert whole.fingerprint == split.fingerprint
