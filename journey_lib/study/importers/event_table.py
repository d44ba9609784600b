"""Any table of events: CSV, JSON lines, Parquet or XLSX whose columns are named, or can be told by name."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.definition.sources import EventsPart
from journey_lib.study.events.read import read_log
from journey_lib.study.importers.draft import PLEASE, Asked, Draft, listed, quoted
from journey_lib.study.importers.event_study import FILE, Log, event_study, usual
from journey_lib.study.importers.moments import formats_of, is_iso, unit_of
from journey_lib.study.importers.opening import check_there, ending, grid, parts, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

WHAT = "table of events"
_USUAL = {".csv": ",", ".tsv": "\t"}
NEEDED = ("customer_id", "event", "time")
# From the surest name to the vaguest; the first that stands in the file is taken.
GUESSES: dict[str, tuple[str, ...]] = {
    "customer_id": (
        "customer_id", "customerid", "user_id", "userid", "uid", "customer", "member_id", "account_id",
        "case_id", "case_concept_name", "distinct_id", "client_id", "user", "고객id", "고객번호", "회원번호",
        "회원id", "사용자id",
    ),
    "event": (
        "event", "event_name", "event_type", "activity", "action", "concept_name", "이벤트", "이벤트명",
        "행동",
    ),
    "time": (
        "time", "timestamp", "event_time", "ts", "occurred_at", "time_timestamp", "datetime", "created_at",
        "date", "derived_tstamp", "collector_tstamp", "시각", "일시", "시간", "발생일시", "날짜",
    ),
    "anonymous_id": ("anonymous_id", "anonymousid", "device_id", "visitor_id", "cookie_id", "domain_userid"),
    "session_id": ("session_id", "sessionid", "domain_sessionid"),
    "channel": ("channel", "platform", "채널"),
    "received_at": ("received_at", "server_received_time"),
    "value": ("value", "amount", "revenue", "금액"),
}  # fmt: skip
SHORT = {
    "customer": "customer_id",
    "anonymous": "anonymous_id",
    "session": "session_id",
    "received": "received_at",
}


def columns_of(known: Iterable[str], mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return which column holds what: as a person said, else by its name; nothing is guessed twice.

    Raises
    ------
    ParamError
        An unknown name, or a column the file does not have.

    Examples
    --------
    >>> columns_of(["uid", "Action", "TS", "page"])
    {'customer_id': 'uid', 'event': 'Action', 'time': 'TS'}
    """
    names = [str(name) for name in known]
    told = {SHORT.get(name, name): column for name, column in (mapping or {}).items()}
    _check(told, names)
    plain = {re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_"): name for name in reversed(names)}
    found = dict(told)
    for canonical, guesses in GUESSES.items():
        free = [plain[g] for g in guesses if g in plain and plain[g] not in found.values()]
        if canonical not in found and free:
            found[canonical] = free[0]
    return {canonical: found[canonical] for canonical in GUESSES if canonical in found}


def _check(told: Mapping[str, str], names: list[str]) -> None:
    problems = [
        Problem("--map", f"unknown name '{name}'", ", ".join([*SHORT, *GUESSES]), nearest(name, GUESSES))
        for name in told
        if name not in GUESSES
    ]
    problems += [
        Problem("--map", f"the file has no column '{column}'", ", ".join(names[:30]), nearest(column, names))
        for name, column in told.items()
        if name in GUESSES and column not in names
    ]
    if problems:
        raise ParamError(problems)


def draft_events(asked: Asked) -> Draft:
    """Say what a table of events holds, as a study to be corrected; the file itself is kept as it is.

    Only where times are counts since 1970 a copy with moments is written instead, because such a file does
    not say its unit.

    Raises
    ------
    DataError
        The file cannot be read, or no column for customers, events or times can be told.
    """
    check_there(asked.path)
    files = parts(asked.path)
    part, lines = _part(files[0])
    frame = pd.concat([read_log(file, part, file.name) for file in files], ignore_index=True)
    columns = columns_of(frame.columns, asked.mapping)
    lacking = [name for name in NEEDED if name not in columns]
    if lacking:
        action = f"Name them: --map {','.join(f'{name}=COLUMN' for name in lacking)}"
        known = ", ".join(map(str, list(frame.columns)[:30]))
        raise refuse(asked.path.name, f"no column was recognised as {', '.join(lacking)}", action, known)
    guessed = [name for name in columns if name not in {SHORT.get(n, n) for n in asked.mapping}]
    if guessed:
        lines.append(f"{PLEASE} {', '.join(guessed)} told by the names of columns")
    return _drafted(asked, frame, columns, lines)


def _part(path: Path) -> tuple[EventsPart, list[str]]:
    """Return how a file is to be opened, and the lines of the study file that say so."""
    told = written_as(path)
    return EventsPart.model_validate({"file": path.name, **told}), [*written_lines(told)]


def written_as(path: Path) -> dict[str, str]:
    """Return encoding and delimiter of a text file where they are not the usual ones."""
    kind = ending(path.name)
    if kind not in (".csv", ".tsv"):
        return {}
    found = grid(path)
    told = {"encoding": found.encoding} if found.encoding != "utf-8" else {}
    return told | ({"delimiter": found.delimiter} if found.delimiter != _USUAL[kind] else {})


def written_lines(told: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a source that say how its file is written."""
    for name, value in told.items():
        guessed = f"  {PLEASE} the file is not UTF-8" if name == "encoding" else ""
        yield f"{name} = {json.dumps(value)}{guessed}"


def _drafted(asked: Asked, frame: pd.DataFrame, columns: dict[str, str], lines: list[str]) -> Draft:
    nested = [str(name) for name in frame if _nested(frame[name])]
    if nested:
        kept = [str(name) for name in frame if name not in {*nested, *columns.values()}]
        lines.append(f"keep = {listed(kept)}  {PLEASE} columns with nested values are left out")
    time = frame[columns["time"]]
    unit = _unit(time)
    names = {str(name): int(n) for name, n in frame[columns["event"]].value_counts().items()}
    content: dict[str, pa.Table | Path]
    if unit:
        lines.append(f"{PLEASE} times were numbers; they were read as {unit} since 1970 in UTC")
        content = {FILE: _converted(frame, columns, unit, nested)}
        lines = [line for line in lines if not line.startswith(("encoding", "delimiter"))]
    else:
        lines += _format_lines(time)
        top = asked.path if asked.path.is_dir() else asked.path.parent
        content = {f"raw/events/{file.relative_to(top).as_posix()}": file for file in parts(asked.path)}
    one = next(iter(content))
    file = one if len(content) == 1 else f"raw/events/**/*{PurePath(one).suffix}"
    own = {canonical: column for canonical, column in columns.items() if canonical != column}
    notes = tuple(f"{canonical} is the column '{column}'" for canonical, column in columns.items())
    order = usual(_who(frame, columns), frame[columns["event"]], time)
    return Draft(event_study(asked, Log(WHAT, names, file, own, tuple(lines), order)), content, notes)


def _who(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.Series:
    """Return whose events they are, as far as one row says it."""
    customer, other = frame[columns["customer_id"]].replace("", None), columns.get("anonymous_id")
    return customer.fillna(frame[other]) if other else customer


def _nested(column: pd.Series) -> bool:
    if column.dtype != object:
        return False
    return any(isinstance(value, dict | list) or hasattr(value, "tolist") for value in column.head(1000))


def _unit(time: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(time.dtype):
        return ""
    numbers = pd.to_numeric(time.replace("", None), errors="coerce")
    given = time.replace("", None).notna()
    return unit_of(numbers) if bool(numbers[given].notna().all()) else ""


def _converted(frame: pd.DataFrame, columns: Mapping[str, str], unit: str, nested: list[str]) -> pa.Table:
    import pyarrow as pa

    counts = pd.to_numeric(frame[columns["time"]].replace("", None), errors="coerce").astype("Float64")
    whole = bool((counts.dropna() % 1 == 0).all())
    micro = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}[unit]
    exact = (
        counts.astype("Int64") * int(micro)
        if whole and micro >= 1
        else (counts * micro).round().astype("Int64")
    )
    moments = pd.to_datetime(exact, unit="us", utc=True)
    done = frame.assign(**{columns["time"]: moments}).drop(columns=nested)
    return pa.Table.from_pandas(done, preserve_index=False)


def _format_lines(time: pd.Series) -> list[str]:
    """Return how times are written where that is not ISO; two readings are left to a person."""
    if pd.api.types.is_datetime64_any_dtype(time.dtype):
        return []
    cells = time.dropna().astype("str")
    cells = cells[cells.str.strip() != ""]
    if is_iso(cells):
        return []
    fitting = formats_of(cells)
    if len(fitting) == 1:
        return [f"date_format = {quoted(fitting[0])}  {PLEASE} the one format that reads every time"]
    many = " or ".join(fitting) if fitting else "no known format reads them all"
    return [f"{PLEASE} how times are written ({many}), then uncomment:", '# date_format = ""']
