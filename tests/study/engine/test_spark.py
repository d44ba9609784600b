"""The same answers on Spark as in memory. One session for the whole file: its start takes a while."""

from __future__ import annotations

import dataclasses
import gzip
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError, RunError
from journey_lib.study.engine import session as sessions
from journey_lib.study.engine.session import check_spark, local_session
from journey_lib.study.engine.spark import _merged, whole_customers
from journey_lib.study.events import EventLog
from journey_lib.study.load import load_study
from journey_lib.study.segments import Segment
from tests.conftest import need
from tests.study.engine import kernels
from tests.study.engine.kernels import answers, messy, same

# pyspark 4.3 (November 2026) doubts pandas 3 whenever a frame is made of Python rows, as tests do
pytestmark = pytest.mark.filterwarnings("ignore:.*pandas:FutureWarning")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    need(find_spec("pyspark"), "the package pyspark: pip install 'journey-workbench[spark]'")
    need(sessions._java(), "Java 17 or newer, such as Debian's package openjdk-17-jre-headless")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ResourceWarning)  # sockets pyspark leaves to the collector
        started = local_session(2, memory="1g")
        from pyspark import cloudpickle

        cloudpickle.register_pickle_by_value(kernels)  # workers do not see the folder of the tests
        yield started
        started.stop()


def nulled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with missing values in place of empty text, as Spark and Parquet have them."""
    return frame.replace({name: {"": None} for name in ("customer_id", "anonymous_id", "channel", "plan")})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The messy log as Parquet files whose rows stand in no order."""
    made = tmp_path_factory.mktemp("spark")
    shuffled = nulled(messy()).sample(frac=1, random_state=3)
    for number in range(3):
        shuffled.iloc[number::3].to_parquet(made / f"part-{number}.parquet", index=False)
    return made


@pytest.fixture(scope="module")
def whole(folder: Path) -> EventLog:
    return EventLog.from_file(folder / "*.parquet", seq="seq")


@pytest.fixture(scope="module")
def log(spark: Any, folder: Path) -> Any:
    return EventLog.from_spark(spark.read.parquet(str(folder)), seq="seq", partitions=5)


def test_spark_gives_the_answers_of_memory(whole: EventLog, log: Any) -> None:
    same(answers(whole), answers(log))
    assert log.frame.rdd.getNumPartitions() == 5
    assert repr(log).startswith("SparkLog: 2,890 events of ") == repr(whole).startswith("EventLog: 2,890 ")


def test_spark_tells_what_memory_tells(whole: EventLog, log: Any) -> None:
    told, said = (dataclasses.asdict(each.report) | {"files": ()} for each in (whole, log))
    assert told == said
    assert whole.fingerprint == log.fingerprint


@pytest.mark.parametrize("partitions", [1, 9])
def test_any_number_of_partitions(spark: Any, folder: Path, whole: EventLog, partitions: int) -> None:
    log = EventLog.from_spark(spark.read.parquet(str(folder)), seq="seq", partitions=partitions)
    members = pd.Index(["C3", "C4", "C12"], dtype="str")
    segment = Segment("Some", "a=b", "a", "b", np.zeros(0, dtype=bool), members)
    same(answers(whole, segment=segment, visitors="known"), answers(log, segment=segment, visitors="known"))


def test_without_seq_ties_stand_by_content(spark: Any, folder: Path) -> None:
    frame = spark.read.parquet(str(folder))
    one, other = (EventLog.from_spark(frame, partitions=n) for n in (2, 3))
    assert one.report.order == "content"
    assert one.report.unsettled > 0
    assert one.fingerprint == other.fingerprint


def test_other_names_text_times_and_declared_pairs(spark: Any) -> None:
    given = pd.DataFrame(
        {
            "uid": ["7", None, None, "NA"],
            "device": [None, "x", "y", None],
            "what": ["see", "see", "pay", "pay"],
            "at": ["2025-01-01T09:00+09:00", "2025-01-01 00:01", "2025-01-01 00:02", "2025-01-01 00:03"],
            "value": ["1.5", None, "2", "3"],
        }
    )
    options: dict[str, Any] = {
        "customer": "uid", "anonymous": "device", "event": "what", "time": "at", "time_zone": "Asia/Seoul",
        "id_map": pd.DataFrame({"anonymous_id": ["x"], "customer_id": ["7"]}),
    }  # fmt: skip
    text = "uid string, device string, what string, at string, value string"
    rows = [tuple(None if pd.isna(v) else v for v in row) for row in given.itertuples(index=False)]
    log = EventLog.from_spark(spark.createDataFrame(rows, text), partitions=6, **options)  # most have nobody
    whole = EventLog.from_frame(given, **options)
    assert log.fingerprint == whole.fingerprint
    assert [customer for chunk in log.chunks() for customer in chunk.customers] != []
    assert sorted(c for chunk in log.chunks() for c in chunk.customers) == ["7", "NA", "y"]
    assert log.report.joined_ids == whole.report.joined_ids == 1
    assert log.numeric("value")


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([(None, "see", "2025-01-01")], {}, "column 'customer_id': 1 empty cell"),
        ([("a", "see", "soon"), ("a", "see", None)], {}, "column 'time': no time in 1 cell"),
        ([("a", "see", "soon"), ("a", "see", None)], {}, "column 'time': 1 empty cell"),
        ([("a", "see", "2025-01-01")], {"event": "evnet"}, "has no column 'evnet'"),
        ([], {}, "holds no events"),
    ],
)
def test_what_is_wrong_is_said_once(spark: Any, rows: list, options: dict, words: str) -> None:
    frame = spark.createDataFrame(rows, "customer_id string, event string, time string")
    with pytest.raises(DataError) as caught:
        EventLog.from_spark(frame, **options)
    assert words in str(caught.value)


def test_an_anonymous_id_that_is_also_a_customer(spark: Any) -> None:
    rows = [("a", None, "see", "2025-01-01"), (None, "a", "see", "2025-01-02")]
    frame = spark.createDataFrame(rows, "customer_id string, anonymous_id string, event string, time string")
    with pytest.raises(DataError, match="1 anonymous id equal to the id of a known customer"):
        EventLog.from_spark(frame)


def test_a_frame_of_another_kind_is_refused(spark: Any) -> None:
    with pytest.raises(ParamError, match=r"a DataFrame\. Allowed: a Spark DataFrame"):
        EventLog.from_spark(pd.DataFrame({"customer_id": ["a"]}))  # type: ignore[arg-type]


# Without Spark


def test_without_pyspark_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"pyspark is not installed\. Install it with: pip install"):
        check_spark()


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own folder as the only one where Java is looked for."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin" / "java"


def test_without_java_one_line_says_what_to_install(java: Path) -> None:
    with pytest.raises(RunError, match=r"Spark: no Java was found\. Install Java 17 or newer"):
        check_spark()


@pytest.mark.parametrize(
    ("version", "words"),
    [("1.8.0_392", "Java 8 is too old"), ("11.0.2", "Java 11 is too old"), ("none", "Java does not run")],
)
def test_java_that_is_too_old(java: Path, version: str, words: str) -> None:
    said = f'openjdk version "{version}"' if version != "none" else "broken"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(0o755)
    with pytest.raises(RunError, match=words):
        check_spark()


def test_java_that_is_new_enough(java: Path) -> None:
    java.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\" 2023-10-17' >&2\n")
    java.chmod(0o755)
    check_spark()


@given(st.lists(st.integers(1, 9), max_size=12), st.lists(st.integers(1, 7), min_size=1), st.integers(1, 20))
def test_batches_split_customers_and_tables_do_not(sizes: list[int], cuts: list[int], enough: int) -> None:
    """However rows arrive, each customer stands in one table, whole and in order."""
    person = [f"p{i:02}" for i, size in enumerate(sizes) for _ in range(size)]
    rows = pa.table({"person": pa.array(person, type=pa.string()), "row": range(len(person))})
    batches, at = [], 0
    for cut in (cuts * (1 + len(person)))[: 1 + len(person)]:
        batches.append(rows.slice(at, cut))
        at += cut
    found = list(whole_customers(batches, enough))
    owners = [set(table["person"].to_pylist()) for table in found]
    assert sum(map(len, owners)) == len(set().union(*owners)) == len(sizes)
    assert [row for table in found for row in table["row"].to_pylist()] == list(range(len(person)))
    assert all(table.num_rows >= enough for table in found[:-1])


@given(st.lists(st.text(max_size=3), max_size=20))
def test_answers_merge_as_a_tree_and_keep_their_order(answers: list[str]) -> None:
    assert _merged(answers, str.__add__) == ("".join(answers) if answers else None)


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    asked = "import sys, journey_lib as jl; jl.EventLog; jl.load_study; jl.quick_study"
    shown = "print([name for name in ('duckdb', 'pyspark', 'pyarrow.parquet') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; {shown}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# The files of a study

ROWS = "customer_id,event,time,note\na,see,2025-01-01,x\nb,see,2025-01-02,y\nb,buy,2025-01-03,z\n"
LINES = '{"customer_id": "a", "event": "see", "time": "2025-01-01"}\n' * 3


def studied(folder: Path, **files: str | bytes) -> EventLog:
    """Return the log of a study that keeps its events on Spark."""
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = f'file = "*{path.suffix}"\nrunner = "spark"\n'
    study = f'id = "s"\ntitle = "S"\n[journey]\npreset = "funnel3"\n[sources.events]\n{source}'
    (folder / "study.toml").write_text(study)
    return load_study(folder)[1].require_events("test")


def test_files_of_a_study_are_read_by_spark(spark: Any, tmp_path: Path) -> None:
    log = studied(tmp_path, a_csv=ROWS, b_csv="\ufeffcustomer_id,event,time,note\nNA,see,2025-01-05,\n")
    assert (log.n_events, log.n_customers, log.names) == (4, 3, ("buy", "see"))
    assert "rdd" in dir(log.frame)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a_csv": ROWS[:-3]}, "a.csv: cannot be read by Spark: damaged, cut short"),
        ({"a_csv": ROWS + 'c,see,2025-01-04,"cut'}, "a.csv: is damaged: a quotation mark is never closed"),
        ({"a_csv": ROWS, "b_csv": "event,customer_id,time,note\nc,see,2025-01-04,x\n"}, "b.csv: cannot be"),
        ({"a_csv": ROWS.replace("see", "방문").encode("cp949")}, "a.csv: is not UTF-8. Set the encoding"),
        ({"a_csv": ROWS.split("\n")[0]}, "a.csv: holds no events. Put the export there again"),
        ({"a_jsonl": LINES[:-9]}, "a.jsonl: cannot be read by Spark: damaged, cut short"),
        ({"a_jsonl_gz": gzip.compress(LINES.encode())[:-9]}, "a.jsonl.gz: cannot be read by Spark"),
        ({"a_parquet": b"PAR1" + bytes(90) + b"PAR1"}, "a.parquet: cannot be read by Spark"),
    ],
)
def test_a_damaged_file_is_one_sentence(
    spark: Any,
    tmp_path: Path,
    files: dict[str, str | bytes],
    words: str,
) -> None:
    """Spark alone would fill what is cut with empty cells, or raise pages of Java."""
    with pytest.raises(DataError) as caught:
        studied(tmp_path, **files)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_what_is_no_damage_is_said_in_a_line() -> None:
    need(find_spec("pyspark"), "the package pyspark: pip install 'journey-workbench[spark]'")
    from pyspark.errors import PySparkException

    from journey_lib.study.engine.clustered import _damage_said

    with pytest.raises(RunError) as caught, _damage_said([]):
        raise PySparkException("Java heap space\n\tat org.apache.spark")
    assert str(caught.value) == ("Spark: stopped (Java heap space). Look into its log, or give it memory.")
