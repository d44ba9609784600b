"""Google Analytics 4, as exported from BigQuery: one nested record an event, in JSON lines or Parquet."""

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
    number,
    ordered,
    whole,
    written,
)
from journey_lib.study.importers.opening import ending, objects, parts, refuse
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

WHAT = "Google Analytics 4, BigQuery export"
FIELDS = {"event_name", "event_timestamp", "user_pseudo_id"}
_KINDS = ("string_value", "int_value", "float_value", "double_value")
_UTC = "GA4 times are UTC; set time_zone to that of your property, where its days begin"
_LEFT = "not carried over: items, ecommerce, user_ltv, and details of device and place"
# Events of one upload share their time; these fields hold the order in which they were collected.
_WITHIN = ("batch_page_id", "batch_ordering_id", "batch_event_index")


def draft_ga4(asked: Asked) -> Draft:
    """Say what a GA4 export holds, as a study to be corrected.

    A customer is a `user_id`; browsers (`user_pseudo_id`) that never signed in are visitors. Without any
    `user_id` a customer is a browser, which the draft says.
    """
    events = ordered(gather(map(_row, _records(asked.path)), asked.path.name), _WITHIN)
    signed_in = len(events) - events["customer_id"].null_count
    columns, notes = (
        {"channel": "platform"},
        [f"{signed_in:,} of {counted(len(events), 'event')} have a user_id"],
    )
    if not signed_in:
        events = _by_browser(events)
        notes = ["no event has a user_id: a customer is a browser or an app (user_pseudo_id)"]
    lines = [
        f'{PLEASE} channel = "platform" is WEB, IOS or ANDROID; "medium" is how a visitor was first won,',
        '# and "event_medium" how this time, where the export has it',
    ]
    lines += (
        [] if signed_in else [f"{PLEASE} no user_id in the export: one customer_id is one browser or app"]
    )
    return Draft(
        event_study(asked, log_of(events, WHAT, columns, lines)),
        {FILE: events},
        (*notes, _UTC, _LEFT),
    )


def _by_browser(events: pa.Table) -> pa.Table:
    kept = events.drop_columns(["customer_id"])
    return kept.rename_columns([n.replace("anonymous_id", "customer_id") for n in kept.schema.names])


def _records(path: Path) -> Iterator[dict[str, Any]]:
    files = parts(path)
    if ending(files[0].name) != ".parquet":
        yield from objects(path)
        return
    for file in files:
        yield from _of_parquet(file)


def _of_parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(10_000):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError):
        raise refuse(path.name, "is damaged or no Parquet file", "Copy the file again") from None


def _row(record: dict[str, Any]) -> Row:
    given, about = (_pairs(record.get(name)) for name in ("event_params", "user_properties"))
    device, geo, source, click = (
        record.get(name) or {} for name in ("device", "geo", "traffic_source", "collected_traffic_source")
    )
    visitor, session = written(record.get("user_pseudo_id")), written(given.pop("ga_session_id", None))
    return {
        "customer_id": written(record.get("user_id")),
        "anonymous_id": visitor,
        "event": written(record.get("event_name")),
        "time": whole(record.get("event_timestamp")),  # microseconds stay below 2**53
        # GA4 numbers sessions by their second: two visitors of one second share the number.
        "session_id": f"{visitor}.{session}" if session else None,
        "platform": written(record.get("platform")),
        "device": written(device.get("category")),
        "country": written(geo.get("country")),
        "source": written(source.get("source")),
        "medium": written(source.get("medium")),
        "campaign": written(source.get("name")),
        "event_source": written(click.get("manual_source")),
        "event_medium": written(click.get("manual_medium")),
        "value": number(given.pop("value", None)),
        **{name: whole(record[name]) for name in _WITHIN if record.get(name) is not None},
        **dotted("param", given),
        **dotted("user", about),
    }


def _pairs(entries: object) -> dict[str, object]:
    return {str(entry.get("key")): _value(entry.get("value")) for entry in _listed(entries)}


def _listed(params: object) -> list[dict[str, Any]]:
    """Return repeated fields; some writers of Parquet wrap each list in a record of one field."""
    if isinstance(params, dict):
        params = params.get("list")
    found = params if isinstance(params, list) else []
    return [one.get("element", one) for one in found if isinstance(one, dict)]


def _value(holder: dict[str, Any] | None) -> object:
    return next((holder[kind] for kind in _KINDS if holder.get(kind) is not None), None) if holder else None
