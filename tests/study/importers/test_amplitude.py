"""Amplitude: gzip parts in a .zip, events sent twice, devices and users."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path


def event(
    name: str, at: str, number: int, *, user: str | None = None, device: str = "dev-1", **more: object
) -> dict:
    return {
        "$insert_id": f"id-{number}", "$schema": None, "amplitude_id": 123_456_789_012, "app": 42,
        "client_event_time": at, "client_upload_time": at, "country": "South Korea", "device_id": device,
        "event_id": number, "event_properties": {"screen": "home", "cart": ["a"]}, "event_time": at,
        "event_type": name, "platform": "iOS", "server_received_time": "2025-01-01 00:10:00.000000",
        "session_id": 1_735_689_600_000, "user_id": user, "user_properties": {}, "uuid": f"u-{number}",
    } | more  # fmt: skip


FIRST = [
    event("open", "2025-01-01 00:00:00.250000", 1),
    event("buy", "2025-01-01 00:05:00.000000", 2, user="NA"),
]
SECOND = [
    event(
        "buy", "2025-01-01 00:05:00.000000", 2, user="NA", server_received_time="2025-01-01 00:20:00.000000"
    ),
    event("open", "2025-01-01 00:07:00.000000", 3, device="dev-2", session_id=-1),
]


def part(events: list[dict]) -> bytes:
    return gzip.compress("".join(json.dumps(e) + "\n" for e in events).encode())


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("42/42_2025-01-01_1#0.json.gz", part(SECOND))
        zipped.writestr("42/42_2025-01-01_0#0.json.gz", part(FIRST))
    return packed.getvalue()


def test_a_zip_of_gzip_parts_is_one_log(init) -> None:
    drafted = init("export.zip", archive())
    assert "read as amplitude: its records have event_type beside amplitude_id or $insert_id." in drafted.said
    assert drafted.check().exit_code == 0
    events = drafted.load()[1].events
    assert dict(zip(events.names, events.facts.by_name.tolist(), strict=True)) == {"buy": 1, "open": 2}
    assert events.customers.tolist() == ["NA", "dev-2"]  # dev-1 bought as the user NA, which is a name
    assert events.known.tolist() == [True, False]
    assert events.frame()["time"].min().isoformat() == "2025-01-01T00:00:00.250000+00:00"


def test_an_event_sent_twice_counts_once_and_is_said(init) -> None:
    drafted = init("export.zip", archive())
    assert "1 event repeating an $insert_id left out" in drafted.said
    assert "# 1 event repeating an $insert_id left out" in drafted.text


def test_fields_of_the_export_become_columns(init) -> None:
    frame = init("export.zip", archive()).load()[1].events.frame()
    first = frame.iloc[0]
    assert (first["channel"], first["country"], first["property.screen"]) == ("iOS", "South Korea", "home")
    assert first["amplitude_id"] == "123456789012"
    assert "property.cart" not in frame  # nested
    assert frame["session_id"].isna().tolist() == [False, False, True]  # -1 is no session


def test_a_folder_of_parts_and_a_loose_part_are_read_too(init, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.json.gz").write_bytes(part(FIRST))
    assert init("parts", None).load()[1].events.n_events == 2


def test_events_of_one_moment_follow_the_counter(init) -> None:
    at = "2025-01-01 00:00:00.000000"
    events = [event("later", at, 12), event("sooner", at, 9)]
    assert init("a.json.gz", part(events)).load()[1].events.frame()["event"].tolist() == ["sooner", "later"]


def test_without_users_a_customer_is_a_device(init) -> None:
    drafted = init("a.json.gz", part([event("open", "2025-01-01 00:00:00.000000", 1)]))
    assert drafted.load()[1].events.known.tolist() == [True]
    assert "no user_id in the export: one customer_id is one device" in drafted.text


def test_damage_is_one_sentence(refused) -> None:
    assert refused("cut.zip", archive()[:-30]).startswith("cut.zip: is damaged or cut short.")
    assert refused("cut.json.gz", part(FIRST)[:-12]).startswith("cut.json.gz: is damaged or cut short.")
