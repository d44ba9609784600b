"""GA4 from BigQuery: nested parameters, microseconds as text, and who a customer is."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

START = 1_735_689_600_000_000  # 2025-01-01 00:00 UTC


def param(name: str, **value: object) -> dict:
    return {"key": name, "value": value}


def event(name: str, second: float, browser: str = "111.222", user: str = "", **more: object) -> dict:
    """Return a record as BigQuery writes it: whole numbers of 64 bits are text, absent fields are absent."""
    record = {
        "event_date": "20250101",
        "event_timestamp": str(START + int(second * 1e6)),
        "event_name": name,
        "event_params": [
            param("ga_session_id", int_value="1735689600"),
            param("page_location", string_value="https://shop.example/"),
        ],
        "user_pseudo_id": browser,
        "device": {"category": "mobile", "web_info": {"browser": "Chrome"}},
        "geo": {"country": "South Korea"},
        "traffic_source": {"name": "(organic)", "medium": "organic", "source": "google"},
        "platform": "WEB",
        "items": [],
    }
    return record | ({"user_id": user} if user else {}) | more


def lines(*records: dict) -> str:
    return "\n".join(json.dumps(record) for record in records) + "\n"


LOG = lines(
    event("first_visit", 0),
    event("purchase", 60, user="u1"),
    event("first_visit", 5, browser="NA"),
    event("custom_step", 30.000001),
)


def test_a_draft_counts_what_the_export_holds(init) -> None:
    drafted = init("events.jsonl", LOG)
    assert "read as ga4: its records have event_name, event_timestamp and user_pseudo_id." in drafted.said
    assert drafted.check().exit_code == 0
    study, data = drafted.load()
    assert dict(zip(data.events.names, data.events.facts.by_name.tolist(), strict=True)) == {
        "custom_step": 1, "first_visit": 2, "purchase": 1,
    }  # fmt: skip
    # The browser of u1 is known by one event of both ids; the other browser stays a visitor of its own.
    assert data.events.customers.tolist() == ["NA", "u1"]
    assert data.events.known.tolist() == [False, True]
    assert study.stage("awareness").enter == ("first_visit",)
    assert study.stage("purchase").enter == ("purchase",)
    assert study.stage("retention").enter == ()


def test_moments_and_parameters_survive(init) -> None:
    frame = init("events.jsonl", LOG).load()[1].events.frame()
    step = frame[frame["event"] == "custom_step"].iloc[0]
    assert step["time"].isoformat() == "2025-01-01T00:00:30.000001+00:00"
    # Two browsers began a session in the same second: their sessions differ.
    assert set(frame["session_id"]) == {"111.222.1735689600", "NA.1735689600"}
    assert set(frame["channel"]) == {"WEB"}
    assert set(frame["param.page_location"]) == {"https://shop.example/"}
    assert "param.ga_session_id" not in frame


def test_every_name_is_listed_with_its_count_and_none_invented(init) -> None:
    text = init("events.jsonl", LOG).text
    assert "#            2  first_visit\n#            1  custom_step\n" in text
    assert "custom_step" not in text.replace("#            1  custom_step", "")
    assert text.count('enter = ["') == text.count("guessed from a name that analytics tools reserve") == 2


def test_without_user_ids_a_customer_is_a_browser_and_the_draft_says_so(init) -> None:
    drafted = init("events.jsonl", lines(event("a", 0), event("b", 1)))
    assert drafted.load()[1].events.customers.tolist() == ["111.222"]
    assert drafted.load()[1].events.known.all()
    assert "no event has a user_id: a customer is a browser" in drafted.said
    assert "# please check: no user_id in the export" in drafted.text


def test_events_of_one_upload_keep_the_order_in_which_they_were_collected(init) -> None:
    batch = [event(n, 0, batch_page_id=1, batch_ordering_id=1, batch_event_index=i)
             for n, i in (("third", 3), ("first", 1), ("second", 2))]  # fmt: skip
    frame = init("events.jsonl", lines(*batch)).load()[1].events.frame()
    assert frame["event"].tolist() == ["first", "second", "third"]
    assert "batch_event_index" not in frame


def test_parquet_says_the_same(init, tmp_path: Path) -> None:
    records = [json.loads(line) for line in LOG.splitlines()]
    for record in records:
        record["event_timestamp"] = int(record["event_timestamp"])
        record["user_id"] = record.get("user_id")
        record["items"] = None
        record["event_params"][0]["value"] = {"int_value": 1_735_689_600, "string_value": None}
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "part.parquet")
    events = init("part.parquet", None).load()[1].events
    assert events.customers.tolist() == ["NA", "u1"]
    assert set(events.frame()["session_id"]) == {"111.222.1735689600", "NA.1735689600"}


def test_lists_wrapped_in_records_are_read(init, tmp_path: Path) -> None:
    record = json.loads(lines(event("a", 0)))
    record["event_params"] = {"list": [{"element": one} for one in record["event_params"]]}
    events = init("wrapped.jsonl", lines(record)).load()[1].events
    assert events.frame()["session_id"].tolist() == ["111.222.1735689600"]


def test_a_cut_file_and_one_without_times_are_refused(refused) -> None:
    assert refused("cut.jsonl", LOG[:-20]) == (
        "cut.jsonl, line 4: is cut or damaged. Export the file again, or copy it again.\n"
    )
    bad = lines(event("a", 0), event("b", 0, event_timestamp=None))
    assert refused("bad.jsonl", bad).startswith("bad.jsonl: 1 event of 2 without a time anybody can read.")


def test_half_a_sign_in_json_does_not_stop_the_import(init) -> None:
    text = lines(event("본 것", 0)).replace("google", "\\ud83d")
    frame = init("events.jsonl", text).load()[1].events.frame()
    assert (frame["event"][0], frame["source"][0]) == ("본 것", "?")


def test_a_folder_of_parquet_parts_is_one_export(init, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for day, line in enumerate(LOG.splitlines()):
        record = json.loads(line)
        record |= {"event_timestamp": int(record["event_timestamp"]), "items": None}
        record["event_params"] = record["event_params"][1:]
        pq.write_table(pa.Table.from_pylist([record]), tmp_path / "parts" / f"events_2025010{day}.parquet")
    assert init("parts", None).load()[1].events.n_events == 4


def test_properties_of_the_user_and_the_campaign_of_the_event_are_kept(init) -> None:
    click = {"manual_source": "naver", "manual_medium": "cpc"}
    about = [param("plan", string_value="gold")]
    record = event("a", 0, user="u", user_properties=about, collected_traffic_source=click)
    row = init("events.jsonl", lines(record)).load()[1].events.frame().iloc[0]
    assert (row["user.plan"], row["event_source"], row["event_medium"]) == ("gold", "naver", "cpc")
    assert row["medium"] == "organic"  # how the visitor was first won
