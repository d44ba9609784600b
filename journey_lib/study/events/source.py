"""From the files of a study, or of a pattern, to its event log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.present.wording import Message, Names, Quantity, message
from journey_lib.study.data import TableReport
from journey_lib.study.definition.sources import EventsPart
from journey_lib.study.events.build import Options, Plan, build, planned, settled
from journey_lib.study.events.later import Later, Wanted
from journey_lib.study.events.pool import Pool
from journey_lib.study.events.prepare import OPTIONAL, REQUIRED, TEXTS, Prepared, prepare, renamed
from journey_lib.study.events.read import read_part, release
from journey_lib.study.events.report import EventReport
from journey_lib.study.events.series import gaps
from journey_lib.study.events.times import midnight
from journey_lib.study.readers import frame_text, read_text
from journey_lib.study.stacking import OUTSIDE, PartReader, Stack, part_files, read_as
from journey_lib.study.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from journey_lib.study.definition import Study
    from journey_lib.study.events.base import Log
    from journey_lib.study.events.log import EventLog

COLUMNS = {
    "customer_id": Column("id"), "event": Column("text"), "time": Column("text"), "seq": Column("text"),
    "channel": Column("text"), "anonymous_id": Column("id"), "session_id": Column("id"),
    "received_at": Column("text"), "value": Column("number"),
}  # fmt: skip
FEW = 5
STAY = frozenset(("anonymous_id", "received_at"))  # make the log, and stay among its columns


@dataclass
class EventTable:
    """The log of a study, what the load report says of it, and all that is wrong with it."""

    log: Log | None
    report: TableReport
    problems: list[Problem] = field(default_factory=list)


class Ready(Protocol):
    """Makes checked rows of raw ones.

    With a pool, texts are numbered over all files of a log; `later` knows the columns that were not read.
    """

    def __call__(self, raw: pd.DataFrame, pool: Pool | None = None, later: Later | None = None) -> Prepared:
        """Return the rows, and everything wrong with them."""
        ...  # a protocol


@dataclass(frozen=True)
class Piece:
    """One file of a log: where it lies, what messages call it, and what makes checked rows of its raw ones.

    `ready` takes the rows of the file, or a block of them whose index counts the rows of the file. `wanted`
    says which columns it needs at once, `names` under which name of the file a canonical column stands there.
    """

    path: Path
    shown: str
    part: EventsPart
    ready: Ready
    wanted: Wanted
    names: Mapping[str, str]


def read_events(study: Study, as_of: str = "") -> EventTable:
    """Read all parts of `sources.events` into one log.

    Parameters
    ----------
    study : Study
        Its window flags events outside; its time zone reads times without an offset and cuts days.
    as_of : str
        The last day known; "" for all there are.

    Returns
    -------
    EventTable
        Problems are collected, not raised: the caller raises those of all tables at once.
    """
    found = Stack()
    first = study.sources.events[0]
    last = midnight(date.fromisoformat(as_of), study.time_zone, days_later=1) - 1 if as_of else None
    plan = None
    try:
        plan = study_plan(study, first)
    except (DataError, ParamError) as error:
        found.problems += error.items
    pieces = [
        Piece(path, shown, part, *_mapped(study, part, shown, last))
        for part in study.sources.events
        for path, shown in part_files(study.folder, part, found)
    ]
    found.notes += [message("nothing later than {day} is used", day=as_of)] if as_of else []
    found.notes += [read_as(piece.shown, piece.part.encoding) for piece in pieces if piece.part.encoding]
    try:
        return event_table(_log_of(pieces, plan, found, first.runner, first.memory), study)
    except DataError as error:
        return EventTable(None, _table(EventReport(tuple(found.files), found.rows_read)), list(error.items))


def _log_of(
    pieces: Sequence[Piece], plan: Plan | None, found: Stack, runner: str, memory: str, partitions: int = 0
) -> Log:
    """Return the log of some files, kept where it fits."""
    from journey_lib.study.engine.budget import budget_of, fits

    found.notes += _missing_parts(pieces)
    if plan is None or runner == "memory" or (runner == "auto" and fits([p.path for p in pieces], memory)):
        return _in_memory(pieces, plan, found)
    if runner == "spark":
        from journey_lib.study.engine.clustered import clustered

        return clustered(pieces, plan, found, partitions=partitions)
    from journey_lib.study.engine.staging import stored

    return stored(pieces, plan, found, budget_of(memory), partitions=partitions)


def _in_memory(pieces: Sequence[Piece], plan: Plan | None, found: Stack) -> EventLog:
    pool = Pool()
    parts = [_one_file(piece, found, pool) for piece in pieces]
    problems = [*found.problems, *(problem for part in parts for problem in part.problems)]
    if problems or plan is None:
        raise DataError(problems)
    outside = sum(part.outside for part in parts)
    told = EventReport(tuple(found.files), found.rows_read, outside=outside, further=tuple(found.notes))
    return build(parts, plan, pool, told)


def _one_file(piece: Piece, found: Stack, pool: Pool) -> Prepared:
    columns = {piece.names.get(name, name): name for name in TEXTS}
    pooled = {column: pool.words(columns[column]) for column in piece.wanted.texts}
    try:
        raw, later = read_part(piece.path, piece.part, piece.shown, piece.wanted, pooled)
    except DataError as error:
        return Prepared(pd.DataFrame(), piece.shown, problems=list(error.items))
    found.files.append(piece.shown)
    found.rows_read += len(raw)
    if later is not None:
        later = replace(later, numbered=frozenset(columns[column] for column in pooled))
    ready = piece.ready(raw, pool, later)
    pool.left_out |= len(ready) < len(raw)
    del raw
    release()
    return ready


def _missing_parts(pieces: Sequence[Piece]) -> list[Message]:
    missing = list(gaps([piece.shown for piece in pieces]))
    if not missing:
        return []
    return [message("a numbered series of files has a gap, not there: {files}", files=Names(tuple(missing)))]


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


def _mapped(
    study: Study, part: EventsPart, shown: str, last: int | None = None
) -> tuple[Ready, Wanted, Mapping[str, str]]:
    """Return what brings rows of a study's file under canonical names and checks them, and what it needs."""
    required = ["customer_id", "event", "time", *(["seq"] if part.ties == "seq" else [])]
    reader = PartReader(_without_format(part), (), required, COLUMNS)
    zone = part.time_zone or study.time_zone

    def ready(raw: pd.DataFrame, pool: Pool | None = None, later: Later | None = None) -> Prepared:
        raw = _as_text(raw, reader)
        known = raw.head(0).assign(**dict.fromkeys(later.names if later else (), ""))
        problems = list(reader.problems(known, shown))
        if problems:
            return Prepared(pd.DataFrame(), shown, problems=problems)
        kept = reader.rows(raw)
        left = len(raw) - len(kept)
        if later is not None and left:
            later = replace(later, rows=kept.index.to_numpy())
        frame = reader.renamed(kept, shown).reset_index(drop=True)
        given = Prepared(frame, shown, outside=left, later=later)
        form, seq = part.date_format, part.ties == "seq"
        return prepare(given, zone, numbers=part.numbers, date_format=form, seq=seq, pool=pool, last=last)

    return ready, _wanted(reader), reader.mapped


def _wanted(reader: PartReader) -> Wanted:
    """Return which columns of a file the log of a study needs at once."""
    own, given = frozenset((*REQUIRED, *OPTIONAL, "seq")), {*reader.mapped, *reader.fixed}
    named = {name: reader.mapped.get(name, name) for name in own}
    keep = reader.part.keep
    return Wanted(
        required=frozenset(named[name] for name in reader.required if name not in reader.fixed),
        core=frozenset(named.values()) | given | {*reader.mapped.values()} | reader.quoted(),
        texts=frozenset(named[name] for name in TEXTS) - reader.quoted(),
        stay=STAY - given - {*reader.mapped.values()} - reader.quoted(),
        numbers=frozenset(("value", *reader.part.numbers)),
        keep=None if keep is None else frozenset((*keep, *COLUMNS)),
    )


def _without_format(part: EventsPart) -> EventsPart:
    """Leave the date format to `read_times`, which keeps offsets."""
    return part.model_copy(update={"date_format": ""})


def _as_text(raw: pd.DataFrame, reader: PartReader) -> pd.DataFrame:
    """Write typed columns as text where the study compares or quotes them."""
    wanted = [name for name in raw if name in reader.quoted() and raw[name].dtype != "str"]
    return raw.assign(**{str(name): frame_text(raw[[name]], str(name))[str(name)] for name in wanted})


def unused_names(log: Log, study: Study) -> Iterator[Message]:
    """Yield which event names of the log the study does not use, and which of its own never happen."""
    used = {name for stage in study.journey.stages for name in stage.enter}
    if not used:
        yield message("no stage of the journey says which events enter it: write them under `enter`")
    used |= {name for point in study.journey.touchpoints for name in point.events}
    counts = zip(log.facts.by_name, log.names, strict=True)
    rest = sorted((-int(n), name) for n, name in counts if name not in used and n)
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


def event_table(log: Log, study: Study) -> EventTable:
    """Return a log with what a study makes of its names."""
    told = replace(log.report, further=(*log.report.further, *unused_names(log, study)))
    return EventTable(log.telling(told), _table(told))


def files_log(
    part: EventsPart,
    time_zone: str,
    options: Options,
    runner: str = "memory",
    memory: str = "",
    partitions: int = 0,
) -> Log:
    """Read the files of a pattern into a log; see `EventLog.from_file`."""
    names, plan = settled(time_zone, options)
    folder = Path(Path(part.file).anchor or ".")
    inside = part.model_copy(update={"file": str(Path(part.file).relative_to(folder))})
    found = Stack()

    def named(shown: str) -> Ready:
        def ready(raw: pd.DataFrame, pool: Pool | None = None, later: Later | None = None) -> Prepared:
            given = renamed(raw, names, shown)
            given.later = later
            return prepare(given, time_zone, numbers=part.numbers, seq="seq" in names, pool=pool)

        return ready

    core = frozenset((*names, *names.values(), "seq"))
    wanted = Wanted(
        required=frozenset(names[name] for name in names if name not in OPTIONAL or names[name] != name),
        core=core,
        texts=frozenset(names[name] for name in TEXTS),
        stay=frozenset(name for name in STAY if names[name] == name) | {names.get("seq", "seq")} - {"seq"},
        numbers=frozenset(("value", *part.numbers)),
    )
    pieces = [
        Piece(file, file.name, part, named(file.name), wanted, names)
        for file, _ in part_files(folder, inside, found)
    ]
    return _log_of(pieces, plan, found, runner, memory, partitions)
