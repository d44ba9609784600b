"""The log of a study: mapped columns, several parts, window, and the load report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import DataError, StudyError
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.events import EventLog, Flag
from journey_lib.study.load import load_study, quick_study

STUDY = """
id = "shop"
title = "Shop"
time_zone = "Asia/Seoul"
[window]
start = 2025-01-01
end = 2025-01-31
[journey]
stages = [{ id = "seen", enter = ["see"] }, { id = "bought", enter = ["pay"] }]
[[journey.touchpoints]]
id = "till"
stage = "bought"
events = ["cart", "pay"]
"""
WEB = """uid,name,ts,kind
1,see,2025-01-01 00:00,real
1,pay,2025-02-01 00:00,real
2,see,2024-12-31 23:59,test
"""
APP = "customer_id,event,time\n1,cart,2025-01-31T14:59:59Z\n3,boot,2024-12-31T14:59:59Z\n"
PARTS = """
[[sources.events]]
file = "web.csv"
columns = { customer_id = "uid", event = "name", time = "ts" }
where = { kind = ["real"] }
constant = { channel = "web" }
[[sources.events]]
file = "app*.csv"
constant = { channel = "app", part = "{file}" }
"""
Shop = Callable[..., Path]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    def write(sources: str = PARTS, **files: str | bytes) -> Path:
        (tmp_path / "study.toml").write_text(STUDY + sources, encoding="utf-8")
        for name, text in ({"web.csv": WEB, "app1.csv": APP} | files).items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


def loaded(folder: Path) -> tuple[Study, Data, EventLog]:
    study, data = load_study(folder)
    return study, data, data.require_events("test")


def test_parts_are_one_log(shop: Shop) -> None:
    study, _, log = loaded(shop())
    shown = log.frame(["customer_id", "event", "channel", "part"])
    assert shown.fillna("").to_numpy().tolist() == [
        ["1", "see", "web", ""],
        ["1", "cart", "app", "app1"],
        ["1", "pay", "web", ""],
        ["3", "boot", "app", "app1"],
    ]
    assert log.stages(study).tolist() == [0, -1, 1, -1]
    assert log.touchpoints(study).tolist() == [-1, 0, 0, -1]


def test_the_window_is_that_of_the_study_in_its_zone(shop: Shop) -> None:
    """31 January 23:59:59 in Seoul is inside; the next second, and the one before New Year, are not."""
    _, _, log = loaded(shop())
    assert log.flags.tolist() == [0, 0, Flag.AFTER_END, Flag.BEFORE_START]


def test_the_load_report(shop: Shop) -> None:
    _, data, _ = loaded(shop())
    assert data.report.lines() == [
        "events: 4 of 5 rows kept (web.csv, app1.csv)",
        "events: 1 row dropped, outside the rows the study keeps (where)",
        "events: from 2024-12-31 23:59:59 to 2025-02-01 00:00:00 (Asia/Seoul), in steps of 1 second",
        "events: 2 times without an offset, read in the declared zone",
        "events: two kinds of clock in one log: 2 times do carry an offset",
        "events: neighbouring events of one moment: 0 of 2 (0.0%), ordered by file order",
        "events: clocks: events 1 before the study's window, 1 after its end, flagged and kept",
        "events: names that no stage and no touchpoint uses: boot 1",
    ]
    row = data.report.table.iloc[0]
    assert (row["rows_read"], row["rows_kept"], row["dropped"]) == (5, 4, 1)
    assert [line.say("ko") for line in data.report.told()][:7] == [
        "events: 5행 중 4행 사용(web.csv, app1.csv)",
        "events: 1행 제외, 연구가 쓰는 행이 아님(where)",
        "events: 2024-12-31 23:59:59부터 2025-02-01 00:00:00까지(Asia/Seoul), 1초 간격",
        "events: 시간대 표시가 없는 시각 2건, 정해 둔 시간대로 읽음",
        "events: 한 로그에 두 가지 시계: 시각 2건에는 시간대 표시가 있음",
        "events: 시각이 같은 이웃 이벤트: 2쌍 중 0쌍(0.0%), 정렬 기준은 파일에 적힌 순서",
        "events: 시계: 이벤트 연구 기간 전 1건, 연구 기간 뒤 1건, 표시만 하고 남겨 둠",
    ]


def test_ids_joined_by_a_file(shop: Shop) -> None:
    source = '[sources.events]\nfile = "app*.csv"\nid_map = "ids.csv"\n'
    app = "customer_id,anonymous_id,event,time\n,x,see,2025-01-01\n,y,see,2025-01-02\n"
    _, _, log = loaded(shop(source, **{"app1.csv": app, "ids.csv": "anonymous_id,customer_id\nx,007\n"}))
    assert log.customers.tolist() == ["007", "y"]


def test_zone_format_ties_and_numbers_of_a_part(shop: Shop) -> None:
    source = """
    [sources.events]
    file = "app*.csv"
    time_zone = "UTC"
    date_format = "%d.%m.%Y %H:%M"
    ties = "priority"
    priority = ["see", "pay"]
    numbers = ["items"]
    """
    app = "customer_id,event,time,items\n1,pay,01.01.2025 00:00,2\n1,see,01.01.2025 00:00,\n"
    _, data, log = loaded(shop(source, **{"app1.csv": app}))
    assert log.frame(["event"])["event"].tolist() == ["see", "pay"]
    assert log.column("time")[0] == pd.Timestamp("2025-01-01T09:00", tz="Asia/Seoul")
    assert log.column("items").fillna(-1).tolist() == [-1, 2]
    assert "bots cannot be told" in "".join(data.report.lines())


def test_a_folder_is_no_file_and_the_message_says_how_to_name_its_parts(shop: Shop) -> None:
    """Clusters write a folder of parts that is called like a file."""
    (shop() / "log.parquet").mkdir()
    with pytest.raises(DataError, match=r'log\.parquet: is a folder.* such as "log\.parquet/\*\.parquet"'):
        load_study(shop('[sources.events]\nfile = "log.parquet"\n'))


def test_all_problems_of_all_sources_at_once(shop: Shop) -> None:
    more = PARTS + '[sources.customers]\nfile = "people.csv"\n'
    with pytest.raises(DataError) as caught:
        load_study(
            shop(more, **{"app1.csv": APP + "9,x,never\n", "app2.csv": b"\xff\xfe", "people.csv": "a\n1\n"})
        )
    said = str(caught.value)
    assert said.startswith("3 problems:")
    for words in (
        "app1.csv, column 'time': no time in 1 cell",
        "app2.csv: is not UTF-8",
        "people.csv: has no column 'customer_id'",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('file = "a.csv"\nties = "priority"', "need each other"),
        ('file = "a.csv"\npriority = ["see"]', "need each other"),
        ('file = "a.csv"\nties = "priority"\npriority = ["a", "a"]', "event 'a' stands twice"),
        ('file = "a.csv"\ntime_zone = "Asia/Soul"', "Did you mean 'Asia/Seoul'"),
        ('file = "a.csv"\nduplicates = "keep_first"', "keep"),
        ('file = "a.csv"\nid_mpa = "b.csv"', "Did you mean 'id_map'"),
    ],
)
def test_mistakes_in_the_study_file(shop: Shop, source: str, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        load_study(shop(f"[sources.events]\n{source}\n"))


def test_parts_share_one_order(shop: Shop) -> None:
    with pytest.raises(StudyError, match="the parts differ in 'ties'"):
        load_study(shop(PARTS + 'ties = "seq"\n'))


def test_an_event_of_two_stages_is_refused(shop: Shop) -> None:
    folder = shop()
    text = (folder / "study.toml").read_text().replace('enter = ["pay"]', 'enter = ["pay", "see"]')
    (folder / "study.toml").write_text(text)
    with pytest.raises(StudyError, match="event 'see' stands twice"):
        load_study(folder)


def test_quick_studies_take_a_frame_or_a_log() -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "event": ["see"], "time": ["2025-01-01"]})
    log = EventLog.from_frame(frame)
    for given in (frame, log):
        study, data = quick_study(events=given, journey=["see"])
        assert data.require_events("test").fingerprint == log.fingerprint
        assert data.require_events("test").stages(study).tolist() == [0]


# The sample study, counted again without the log


def test_the_sample_study(project: Path) -> None:
    study, data = load_study(project / "data" / "sample")
    log = data.require_events("test")
    raw = pd.concat(map(pd.read_parquet, sorted((study.folder / "raw" / "events").glob("*.parquet"))))
    once = raw.drop_duplicates("event_id")
    known = once[(once["customer_id"] != "") & (once["anonymous_id"] != "")]
    owner = known.drop_duplicates("anonymous_id").set_index("anonymous_id")["customer_id"]
    person = once["customer_id"].where(once["customer_id"] != "", once["anonymous_id"].map(owner))
    person = person.fillna(once["anonymous_id"])
    sizes = person.value_counts().sort_index()
    assert log.report.repeats == len(raw) - len(once) > 0
    assert log.customers.tolist() == sizes.index.tolist()
    assert np.diff(log.offsets).tolist() == sizes.tolist()
    assert log.customers[log.known].tolist() == sorted(set(person) - set(once["anonymous_id"]))
    assert log.report.ahead == int((once["time"] > once["received_at"]).sum()) > 0
    assert log.report.bot_customers == 20
    assert log.report.before == log.report.impossible == 0
    stage = log.stages(study)
    bought = once.loc[once["event"] == "order_paid"]
    assert len(np.unique(log.codes[stage == 2])) == person[bought.index].nunique()
