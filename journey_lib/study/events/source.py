"""From the files of a study, or of a pattern, to its event log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.study.data import TableReport
from journey_lib.study.definition.sources import EventsPart
from journey_lib.study.events.build import Options, Plan, build, planned, settled
from journey_lib.study.events.prepare import Prepared, prepare, renamed
from journey_lib.study.events.read import read_log
from journey_lib.study.events.report import EventReport
from journey_lib.study.events.times import midnight
from journey_lib.study.readers import frame_text, read_text
from journey_lib.study.stacking import OUTSIDE, PartReader, Stack, part_files
from journey_lib.study.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition import Study
    from journey_lib.study.events.log import EventLog

COLUMNS = {
    "customer_id": Column("id"), "event": Column("text"), "time": Column("text"), "seq": Column("text"),
    "channel": Column("text"), "anonymous_id": Column("id"), "session_id": Column("id"),
    "received_at": Column("text"), "value": Column("number"),
}  # fmt: skip
FEW = 5


@dataclass
class EventTable:
    """The log of a study, what the load report says of it, and all that is wrong with it."""

    log: EventLog | None
    report: TableReport
    problems: list[Problem] = field(default_factory=list)


def read_events(study: Study) -> EventTable:
    """Read all parts of `sources.events` into one log.

    Parameters
    ----------
    study : Study
        Its window flags events outside; its time zone reads times without an offset and cuts days.

    Returns
    -------
    EventTable
        Problems are collected, not raised: the caller raises those of all tables at once.
    """
    found = Stack()
    first = study.sources.events[0]
    parts, plan = [], None
    try:
        plan = study_plan(study, first)
    except (DataError, ParamError) as error:
        found.problems += error.items
    for part in study.sources.events:
        parts += [
            _one_file(study, part, path, shown, found)
            for path, shown in part_files(study.folder, part, found)
        ]
    problems = [*found.problems, *(p for part in parts for p in part.problems)]
    if problems or plan is None:
        return EventTable(None, _table(EventReport(tuple(found.files), found.rows_read)), problems)
    outside = sum(found.dropped.values())
    told = EventReport(tuple(found.files), found.rows_read, outside=outside, further=tuple(found.notes))
    try:
        log = build(parts, plan, told)
    except DataError as error:
        return EventTable(None, _table(told), list(error.items))
    return event_table(log, study)


def study_plan(study: Study, part: EventsPart) -> Plan:
    """Return how a study orders its log, and its window as moments."""
    id_map = None
    if part.id_map:
        id_map = read_text(study.folder / part.id_map, part, part.id_map)
    plan = planned(study.time_zone, part.ties, part.priority, part.duplicates, id_map=id_map)
    start, end = study.window.start, study.window.end
    return replace(
        plan,
        start=midnight(start, study.time_zone) if start else None,
        end=midnight(end, study.time_zone, days_later=1) if end else None,
    )


def _one_file(study: Study, part: EventsPart, path: Path, shown: str, found: Stack) -> Prepared:
    try:
        raw = read_log(path, part, shown)
    except DataError as error:
        return Prepared(pd.DataFrame(), shown, problems=list(error.items))
    found.files.append(shown)
    found.rows_read += len(raw)
    if part.encoding:
        found.notes.append(f"{shown} read as {part.encoding}")
    required = ["customer_id", "event", "time", *(["seq"] if part.ties == "seq" else [])]
    reader = PartReader(_without_format(part), (), required, COLUMNS)
    raw = _as_text(raw, reader)
    problems = list(reader.problems(raw, shown))
    if problems:
        return Prepared(pd.DataFrame(), shown, problems=problems)
    kept = reader.rows(raw)
    found.dropped[OUTSIDE] = found.dropped.get(OUTSIDE, 0) + len(raw) - len(kept)
    ready = Prepared(reader.renamed(kept, shown).reset_index(drop=True), shown)
    return prepare(
        ready,
        part.time_zone or study.time_zone,
        numbers=part.numbers,
        date_format=part.date_format,
        seq=part.ties == "seq",
    )


def _without_format(part: EventsPart) -> EventsPart:
    """Leave the date format to `read_times`, which keeps offsets."""
    return part.model_copy(update={"date_format": ""})


def _as_text(raw: pd.DataFrame, reader: PartReader) -> pd.DataFrame:
    """Write typed columns as text where the study compares or quotes them."""
    wanted = [name for name in raw if name in reader.quoted() and raw[name].dtype != "str"]
    return raw.assign(**{str(name): frame_text(raw[[name]], str(name))[str(name)] for name in wanted})


def unused_names(log: EventLog, study: Study) -> Iterator[Message]:
    """Yield which event names of the log the study does not use, and which of its own never happen."""
    used = {name for stage in study.journey.stages for name in stage.enter}
    used |= {name for point in study.journey.touchpoints for name in point.events}
    counts = np.bincount(log.event, minlength=len(log.names))
    rest = sorted(
        (-int(n), name) for n, name in zip(counts, log.names, strict=True) if name not in used and n
    )
    if rest:
        seen = Names(tuple(message("{name} {n}", name=name, n=Quantity(-n)) for n, name in rest), FEW)
        yield message("names that no stage and no touchpoint uses: {names}", names=seen)
    never = sorted(used - set(log.names))
    if never:
        yield message("declared names without any event: {names}", names=", ".join(never))


def _table(report: EventReport) -> TableReport:
    dropped = {**({OUTSIDE: report.outside} if report.outside else {}), **report.dropped}
    notes = tuple(report.notes()) if report.rows_kept else ()
    return TableReport("events", report.files, report.rows_read, report.rows_kept, dropped, notes)


def event_table(log: EventLog, study: Study) -> EventTable:
    """Return a log with what a study makes of its names."""
    told = replace(log.report, further=(*log.report.further, *unused_names(log, study)))
    log = replace(log, report=told)
    return EventTable(log, _table(told))


def files_log(part: EventsPart, time_zone: str, options: Options) -> EventLog:
    """Read the files of a pattern into a log; see `EventLog.from_file`."""
    names, plan = settled(time_zone, options)
    folder = Path(Path(part.file).anchor or ".")
    inside = part.model_copy(update={"file": str(Path(part.file).relative_to(folder))})
    found = Stack()
    ready = []
    for file, _ in part_files(folder, inside, found):
        try:
            raw = renamed(read_log(file, part, file.name), names, file.name)
        except DataError as error:
            found.problems += error.items
            continue
        found.files.append(file.name)
        ready.append(prepare(raw, time_zone, numbers=part.numbers, seq="seq" in names))
    if found.problems:
        raise DataError([*found.problems, *(problem for part in ready for problem in part.problems)])
    return build(ready, plan, EventReport(tuple(found.files)))
