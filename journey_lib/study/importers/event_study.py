"""From the rows of an event export to a table of events, and to the study file that names them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from journey_lib.study.importers.draft import (
    PLEASE,
    Asked,
    comment,
    counts,
    head,
    listed,
    naming_example,
    quoted,
    table,
)
from journey_lib.study.importers.opening import refuse
from journey_lib.study.presets import PRESETS
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Row = Mapping[str, Any]
PRESET = "lifecycle7"
FILE = "raw/events/events.parquet"
_BATCH = 50_000
_STAGES = 12  # at most that many are offered
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = ("time", "received_at")
_NUMBERS = ("value",)
_WHOLE = ("batch_page_id", "batch_ordering_id", "batch_event_index", "event_id")

# Only names that the makers of analytics tools reserve for one meaning; all others are for a person to place.
KNOWN = {
    "first_visit": "awareness", "first_open": "awareness", "view_item": "consideration",
    "product_viewed": "consideration", "purchase": "purchase", "in_app_purchase": "purchase",
    "order_completed": "purchase", "tutorial_complete": "adoption",
}  # fmt: skip


@dataclass(frozen=True)
class Log:
    """What a study file says of a log.

    Attributes
    ----------
    what : str
        What kind of export it is.
    names : mapping
        How often each event name was met.
    file : str
        Where the events lie in the study's folder.
    columns : mapping
        Canonical name = column of the file.
    lines : tuple of str
        Further lines of the source, and comments on guesses.
    usual : tuple of str
        Frequent names in the order in which customers usually first do them.
    first, last : str
        First and last moment; "" when not known.
    """

    what: str
    names: Mapping[str, int]
    file: str = FILE
    columns: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    first: str = ""
    last: str = ""


def gather(rows: Iterable[Row], shown: str) -> pa.Table:
    """Return the rows of an export as one table; every column is text but moments and values.

    Raises
    ------
    DataError
        No rows, or rows without a moment anybody can read.
    """
    import pyarrow as pa

    tables = [_batch(batch) for batch in _batches(iter(rows))]
    if not tables:
        raise refuse(shown, "holds no events")
    done = pa.concat_tables(tables, promote_options="default")
    for name, words in (("time", "a time anybody can read"), ("event", "a name")):
        lacking = done[name].null_count if name in done.schema.names else len(done)
        if lacking:
            raise refuse(shown, f"{counted(lacking, 'event')} of {len(done):,} without {words}")
    return done


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _batch(rows: list[Row]) -> pa.Table:
    import pyarrow as pa

    kinds = dict.fromkeys(_MOMENTS, pa.timestamp("us", tz="UTC"))
    kinds |= dict.fromkeys(_NUMBERS, pa.float64()) | dict.fromkeys(_WHOLE, pa.int64())
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], kinds.get(name, pa.string())) for name in names}
    )


def ordered(events: pa.Table, within: Iterable[str]) -> pa.Table:
    """Sort events by time and, within one moment, by the counters the export has; they are dropped then."""
    import pyarrow.compute as pc

    known = [name for name in within if name in events.schema.names]
    keys = [(name, "ascending") for name in ("time", *known)]
    return events.take(pc.sort_indices(events, sort_keys=keys)).drop_columns(known)


def moment(text: object) -> int | None:
    """Read ISO time as UTC microseconds; without an offset it is UTC; None when nobody can read it.

    Examples
    --------
    >>> moment("1970-01-01T09:00:00.000001+09:00"), moment("1970-01-01 00:00:01.5"), moment("soon")
    (1, 1500000, None)
    """
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def written(value: object) -> str | None:
    """Write a value of a JSON field as text; nothing for an empty one, and none of nested ones."""
    if isinstance(value, str) and value.isascii():
        return value or None
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.encode("utf-8", "replace").decode()  # JSON may hold halves of a sign


def number(value: object) -> float | None:
    """Read a number; None for anything else."""
    try:
        found = float(str(value)) if value is not None else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """Read a whole number of 64 bits; None for anything else.

    Examples
    --------
    >>> whole("1735689600000001"), whole("1e30"), whole("x"), whole(None)
    (1735689600000001, None, None, None)
    """
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**62 else None


def log_of(events: pa.Table, what: str, columns: Mapping[str, str], lines: Iterable[str] = ()) -> Log:
    """Return what a study file says of gathered events."""
    import pyarrow.compute as pc

    found = {entry["values"]: entry["counts"] for entry in pc.value_counts(events["event"]).to_pylist()}
    span = pc.min_max(events["time"]).as_py()
    first, last = (f"{span[end]:%Y-%m-%d %H:%M} UTC" for end in ("min", "max"))
    who = events["customer_id"]
    if "anonymous_id" in events.schema.names:
        who = pc.coalesce(who, events["anonymous_id"])
    order = usual(who.to_pandas(), events["event"].to_pandas(), events["time"].to_pandas())
    return Log(what, found, FILE, columns, tuple(lines), order, first, last)


def usual(customer: pd.Series, event: pd.Series, time: pd.Series) -> tuple[str, ...]:
    """Return the most frequent event names in the order in which customers usually first do them.

    Examples
    --------
    >>> import pandas as pd
    >>> usual(*(pd.Series(list(text)) for text in ("aab", "yxx", "213")))
    ('x', 'y')
    """
    import pandas as pd

    rows = pd.DataFrame({"who": customer, "what": event, "when": time}).sort_values("when", kind="stable")
    first = rows.drop_duplicates(["who", "what"])
    place = first.groupby("who").cumcount().groupby(first["what"]).mean()
    frequent = event.value_counts().index[:_STAGES]
    return tuple(map(str, place[place.index.isin(frequent)].sort_values(kind="stable").index))


def event_study(asked: Asked, log: Log, time_zone: str = "", zone_why: str = "") -> str:
    """Return the text of a study file for a log: all names, and stages only where a name is reserved."""
    span = comment(f"Events from {log.first} to {log.last}. A [window] with start and end would narrow that.")
    return "\n".join(
        [
            *head(asked, log.what, time_zone, zone_why),
            *(span if log.first else []),
            *comment(f"Every event name ({len(log.names):,}) and how often it stands in the export:"),
            *counts(log.names, "name"),
            *_journey(log),
            *_source(log),
        ]
    )


def _journey(log: Log) -> list[str]:
    stages = [stage for stage, _, _ in PRESETS[PRESET]]
    lines = [
        "", "[journey]",
        f"preset = {quoted(PRESET)}  {PLEASE} or write your own [[journey.stages]] in order",
        *comment("A stage is entered by the events under `enter`; each name may stand in one stage only."),
    ]  # fmt: skip
    for stage in stages:
        entered = [name for name in log.names if KNOWN.get(name.lower().replace(" ", "_")) == stage]
        lines += ["", *(_stage(stage, entered) if entered else _open_stage(stage))]
    return lines if any(line.startswith("enter") for line in lines) else [*lines, "", *_own_stages(log.usual)]


def _own_stages(names: Iterable[str]) -> list[str]:
    """Offer events as stages where no name says what it means."""
    said = "Or take events for stages, here as customers usually come to them. In place of the preset:"
    return comment(said, "stages = [", *map(_own_stage, names), "]")


def _own_stage(name: str) -> str:
    id_ = re.sub(r"\W+", "_", name).strip("_").lower()
    return f"  {{ id = {quoted(id_)}, label = {quoted(name)}, enter = {listed([name])} }},"


def _stage(stage: str, entered: list[str]) -> list[str]:
    guess = f"{PLEASE} guessed from a name that analytics tools reserve"
    return ["[[journey.stages]]", f"id = {quoted(stage)}", f"enter = {listed(entered)}  {guess}"]


def _open_stage(stage: str) -> list[str]:
    return comment("[[journey.stages]]", f"id = {quoted(stage)}", "enter = []")


def _source(log: Log) -> list[str]:
    columns = [f"columns = {table(log.columns)}"] if log.columns else []
    return [
        *("", "[sources.events]", f"file = {quoted(log.file)}", *columns, *log.lines, ""),
        *naming_example("channel"), "",
    ]  # fmt: skip


def dotted(prefix: str, properties: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain properties of an event under names that cannot clash with its fields.

    Examples
    --------
    >>> dotted("param", {"page": "home", "nested": {"a": 1}})
    {'param.page': 'home'}
    """
    found = {f"{prefix}.{name}": written(value) for name, value in properties.items()}
    return {name: value for name, value in found.items() if value is not None}
