"""A study as of a day is the study whose files had ended on that day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import journey_lib as jl
from journey_lib.errors import DataError, ParamError
from journey_lib.study.as_of import known, until
from journey_lib.study.canonical import Table
from journey_lib.study.data import TableReport
from journey_lib.study.definition.read import study_from
from journey_lib.study.events import EventLog
from journey_lib.study.load import load_study, open_study

STUDY = """
id = "shop"
title = "Shop"
time_zone = "Asia/Seoul"
[window]
start = 2025-01-01
end = {end}
[journey]
stages = [{{ id = "cart", enter = ["cart"] }}, {{ id = "paid", enter = ["paid"] }}]
[sources.events]
file = "raw/events/*.{kind}"
[sources.customers]
file = "raw/customers.csv"
[sources.orders]
file = "raw/orders.csv"
[sources.responses]
file = "raw/responses.csv"
[[questions]]
id = "nps"
kind = "nps"
"""
# Seoul is nine hours ahead: 15:00 UTC begins the next day there.
EVENTS = [
    ("a", "cart", "2025-01-02T00:00:00Z"), ("a", "paid", "2025-01-05T00:00:00Z"),
    ("b", "cart", "2025-01-03T00:00:00Z"), ("b", "paid", "2025-01-10T14:59:59Z"),
    ("c", "cart", "2025-01-04T00:00:00Z"), ("c", "paid", "2025-01-10T15:00:00Z"),
    ("d", "cart", "2025-01-12T00:00:00Z"),
]  # fmt: skip
LAST = "2025-01-10"
CUSTOMERS = {"customer_id": list("abcd"), "signup_date": ["2025-01-02", "", "2025-01-10", "2025-01-11"]}
ORDERS = {
    "customer_id": list("abc"),
    "amount": [1, 2, 3],
    "time": ["2025-01-05T09:00:00", "2025-01-10T23:59:59", "2025-01-11T00:00:00"],
}
RESPONSES = {
    "respondent_id": list("xyz"),
    "date": ["2025-01-03", "2025-01-10", "2025-01-20"],
    "nps": [9, 3, 10],
}


def made(folder: Path, *, last: str = "2025-02-01", kind: str = "csv", known_by: int | None = None) -> Path:
    """Write the study; with `known_by` only so many events, and of the other tables what was known then."""
    events = pd.DataFrame(EVENTS, columns=["customer_id", "event", "time"]).head(known_by or len(EVENTS))
    (folder / "raw" / "events").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY.format(end=last, kind=kind), encoding="utf-8")
    for part, rows in enumerate((events[:4], events[4:6], events[6:])):
        if len(rows) and kind == "csv":
            rows.to_csv(folder / "raw" / "events" / f"{part}.csv", index=False)
        elif len(rows):
            rows.assign(note="n").to_parquet(folder / "raw" / "events" / f"{part}.parquet", index=False)
    tables = {"customers": (CUSTOMERS, 3), "orders": (ORDERS, 2), "responses": (RESPONSES, 2)}
    for name, (columns, then) in tables.items():
        frame = pd.DataFrame(columns).head(then if known_by else 9)
        frame.to_csv(folder / "raw" / f"{name}.csv", index=False)
    return folder


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_it_equals_a_study_whose_files_end_there(tmp_path: Path, kind: str) -> None:
    """Events to the last second of the day in the study's zone; a file that is later altogether is empty."""
    study, data = load_study(made(tmp_path / "all", kind=kind), as_of=LAST)
    cut, then = load_study(made(tmp_path / "cut", kind=kind, last=LAST, known_by=5))
    assert study.window == cut.window
    assert data.events.customers.to_list() == list("abc") == then.events.customers.to_list()
    assert data.events.time.tolist() == then.events.time.tolist()
    for name in ("customers", "orders", "responses"):
        pd.testing.assert_frame_equal(getattr(data, name), getattr(then, name))
    assert data.missing.equals(then.missing)
    assert len(data.weights.values) == 2
    one, other = (jl.funnel(*loaded, window="3 days").table for loaded in ((study, data), (cut, then)))
    pd.testing.assert_frame_equal(one, other)


def test_a_log_on_disk_ends_there_too(tmp_path: Path) -> None:
    folder = made(tmp_path / "all", kind="parquet")
    text = (folder / "study.toml").read_text("utf-8")
    chunked = text.replace("[sources.customers]", 'runner = "chunked"\n[sources.customers]')
    in_memory = jl.funnel(*load_study(folder, as_of=LAST), window="3 days").table
    (folder / "study.toml").write_text(chunked, encoding="utf-8")
    study, data = load_study(folder, as_of=LAST)
    assert not isinstance(data.events, EventLog)
    pd.testing.assert_frame_equal(jl.funnel(study, data, window="3 days").table, in_memory)


def test_columns_read_later_keep_step_with_the_rows(tmp_path: Path) -> None:
    """What a Parquet file holds beside the core columns is read on demand, for the rows that are left."""
    folder = made(tmp_path / "all", kind="parquet")
    for file in (folder / "raw" / "events").iterdir():
        frame = pd.read_parquet(file)
        frame.assign(note=frame["customer_id"] + frame["event"]).to_parquet(file, index=False)
    _, data = load_study(folder, as_of=LAST)
    assert data.events.column("note").to_list() == ["acart", "apaid", "bcart", "bpaid", "ccart"]


def test_it_says_what_it_left_out(tmp_path: Path) -> None:
    _, data = load_study(made(tmp_path / "all"), as_of=LAST)
    said = "\n".join(data.report.lines())
    assert "responses: 1 row dropped, later than the day the report speaks for" in said
    assert "events: nothing later than 2025-01-10 is used" in said
    assert "later than the day" not in "\n".join(load_study(tmp_path / "all")[1].report.lines())


def test_the_fingerprint_and_a_later_day_stay(tmp_path: Path) -> None:
    folder = made(tmp_path / "all")
    plain = open_study(folder)
    assert open_study(folder, as_of=LAST).fingerprint == plain.fingerprint
    assert open_study(folder, as_of=LAST, lang="ko").speak("en").fingerprint == plain.fingerprint
    assert open_study(folder, as_of="2025-03-01").window == plain.window
    assert load_study(folder, as_of="2025-03-01")[1].events.n_events == len(EVENTS)


def test_a_window_without_an_end_stays_open() -> None:
    """A log that stopped in March says nothing about April, whatever day is asked about."""
    study = study_from({"id": "x", "title": "A", "journey": {"preset": "funnel3"}})
    assert until(study, "2025-04-30").window.end is None


@pytest.mark.parametrize(
    ("as_of", "said"),
    [("31.01.2025", "an ISO date such as 2025-01-31"), ("2024-12-31", "later than 2025-01-01")],
)
def test_days_that_cannot_be(tmp_path: Path, as_of: str, said: str) -> None:
    with pytest.raises(ParamError, match=said):
        open_study(made(tmp_path / "all"), as_of=as_of)


def test_a_day_before_all_rows_of_a_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_study(made(tmp_path / "all"), as_of="2025-01-02")
    assert "sources.orders: no row is as old as 2025-01-02" in str(caught.value)


def test_a_table_without_dates_is_taken_as_it_is() -> None:
    frame = pd.DataFrame({"customer_id": ["a"]})
    table = Table(frame, TableReport("customers"))
    assert known(table, "customers", LAST) is table
    assert known(table, "margins", LAST) is table


def test_ending_moves_the_window_alone() -> None:
    study = study_from(
        {"id": "x", "title": "A", "journey": {"preset": "funnel3"}, "window": {"end": date(2025, 5, 1)}}
    )
    moved = study.ending(date(2025, 2, 1))
    assert (moved.window.end, study.window.end) == (date(2025, 2, 1), date(2025, 5, 1))
    assert moved.model_dump(exclude={"window"}) == study.model_dump(exclude={"window"})


@pytest.mark.parametrize(("as_of", "said"), [(LAST, "the day this run speaks for"), ("", "as declared")])
def test_a_report_says_who_ended_its_window(tmp_path: Path, as_of: str, said: str) -> None:
    study, data = load_study(made(tmp_path / "all"), as_of=as_of)
    lines = jl.funnel(study, data, window="3 days").basis.lines
    assert said in next(text.say("en") for title, text in lines if title.say("en") == "Window")
