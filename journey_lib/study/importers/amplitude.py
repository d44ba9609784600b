"""Amplitude, as its export hands it over: JSON lines in gzip parts, loose, in a folder or in a .zip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_lib.study.importers.draft import PLEASE, Asked, Draft
from journey_lib.study.importers.event_study import (
    FILE,
    Row,
    dotted,
    event_study,
    gather,
    log_of,
    moment,
    number,
    ordered,
    whole,
    written,
)
from journey_lib.study.importers.opening import objects
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WHAT = "Amplitude event export"
_PLAIN = (
    "platform", "country", "region", "city", "language", "device_type", "os_name", "version_name",
    "amplitude_id",
)  # fmt: skip


def draft_amplitude(asked: Asked) -> Draft:
    """Say what an Amplitude export holds, as a study to be corrected.

    A customer is a `user_id`, else a visitor known by `device_id` (or `amplitude_id`). Rows that repeat the
    device and `$insert_id` of an earlier one are the same event sent again and are left out.
    """
    once = _Once()
    events = ordered(gather(map(_row, once.of(objects(asked.path))), asked.path.name), ("event_id",))
    signed_in = len(events) - events["customer_id"].null_count
    notes = [f"{signed_in:,} of {counted(len(events), 'event')} have a user_id; times are UTC"]
    repeated = f"{counted(once.repeated, 'event')} repeating an $insert_id left out"
    lines = [f"# {repeated}"] if once.repeated else []
    if not signed_in:
        events = events.drop_columns(["customer_id"])
        events = events.rename_columns(
            [n.replace("anonymous_id", "customer_id") for n in events.schema.names]
        )
        notes.append("no event has a user_id: a customer is a device")
        lines.append(f"{PLEASE} no user_id in the export: one customer_id is one device")
    notes += [repeated] if once.repeated else []
    study = event_study(asked, log_of(events, WHAT, {"channel": "platform"}, lines))
    return Draft(study, {FILE: events}, tuple(notes))


class _Once:
    """Lets each event pass once and counts those sent again."""

    def __init__(self) -> None:
        self.repeated = 0

    def of(self, records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        seen: set[tuple[object, object]] = set()
        for record in records:
            sent = record.get("$insert_id") or record.get("insert_id")
            same = (record.get("device_id"), sent)
            if sent and same in seen:
                self.repeated += 1
                continue
            seen.add(same)
            yield record


def _row(record: dict[str, Any]) -> Row:
    visitor = written(record.get("device_id")) or written(record.get("amplitude_id"))
    session, received = record.get("session_id"), record.get("server_received_time")
    given = record.get("event_properties")
    about = given if isinstance(given, dict) else {}
    return {
        "customer_id": written(record.get("user_id")),
        "anonymous_id": visitor,
        "event": written(record.get("event_type")),
        "time": moment(record.get("event_time")),
        "received_at": moment(received or record.get("server_upload_time")),
        "session_id": f"{visitor}.{session}" if session not in (None, "", -1, "-1") else None,
        "value": number(about.get("revenue", about.get("$revenue"))),
        "event_id": whole(record.get("event_id")),
        **{name: written(record.get(name)) for name in _PLAIN},
        **dotted("property", about),
    }
