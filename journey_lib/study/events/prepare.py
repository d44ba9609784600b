"""Checks the raw columns of one file or frame of events, and reads its times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import Problem, nearest
from journey_lib.study.events.identity import Coded, code, kind_problems
from journey_lib.study.events.pool import NAMES, SMALL
from journey_lib.study.events.times import Times, read_times
from journey_lib.study.tables import cast, counted, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from journey_lib.study.events.later import Later
    from journey_lib.study.events.pool import Pool

REQUIRED = ("customer_id", "event", "time")
OPTIONAL = ("channel", "anonymous_id", "received_at")
TEXTS = ("customer_id", "event", "channel", "anonymous_id")
DONE = ("customer_id", "event", "channel", "time")
_NOT_YET = pd.Index([], dtype="str")
_FORMAT = "Mend those cells, or say how times are written: date_format on the source"
_ISO = "ISO times such as 2025-01-31T09:00:00+09:00, or the declared format"


@dataclass
class Prepared:
    """The rows of one file, or of a block of it, under canonical names, and everything wrong with them.

    `faults` counts broken cells by column and kind, so that the blocks of one file can be added up;
    `problems` says the same, and what is wrong with whole columns. `outside` counts rows left out by `where`.
    `later` knows the columns of the file that were not read; `given` counts the rows that a pool has.
    """

    frame: pd.DataFrame
    shown: str
    coded: dict[str, Coded] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    times: Times = field(default_factory=lambda: Times(np.empty(0, dtype=np.int64)))
    received: np.ndarray | None = None
    problems: list[Problem] = field(default_factory=list)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    outside: int = 0
    later: Later | None = None
    given: int = 0

    def __len__(self) -> int:
        return self.given or len(self.times.values)

    def give(self, pool: Pool) -> None:
        """Give core columns away to those of the other files; only what is further stays here."""
        columns = {name: coded.codes for name, coded in self.coded.items()} | {"time": self.times.values}
        if self.received is not None:
            columns["received_at"] = self.received
        self.given = len(self)
        pool.add(self.given, columns)
        self.coded, self.received = {}, None
        self.times = replace(self.times, values=self.times.values[:0].copy())


def renamed(frame: pd.DataFrame, names: Mapping[str, str], shown: str) -> Prepared:
    """Bring columns of other names under the canonical ones; what cannot be done is a problem.

    Parameters
    ----------
    frame : DataFrame
        As given.
    names : mapping
        Canonical name = column. An optional column under its own name may be absent.
    shown : str
        What messages call the frame.
    """
    known = [str(name) for name in frame.columns]
    found = Prepared(frame.set_axis(known, axis=1), shown)
    for name, column in names.items():
        if column not in known and not (name in OPTIONAL and name == column):
            found.problems.append(_no_column(shown, name, column, known))
        if column != name and name in known and column in known:
            given = f"has both a column '{name}' and '{column}', which is to be read as '{name}'"
            found.problems.append(Problem(shown, given, action="Drop or rename one of them"))
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        found.problems.append(Problem(shown, f"column names stand twice: {', '.join(twice)}"))
    if not found.problems:
        found.frame = _under(found.frame, names)
    return found


def _under(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Rename columns; the one that orders ties also keeps its own name."""
    moved = {column: name for name, column in names.items() if name != "seq" and column in frame}
    done = frame.rename(columns=moved)
    return done.assign(seq=frame[names["seq"]]) if "seq" in names else done


def _no_column(shown: str, name: str, column: str, known: Sequence[str]) -> Problem:
    meant = f" (for '{name}')" if name != column else ""
    action = "Name the column, or mend the file"
    return Problem(shown, f"has no column '{column}'{meant}", nearest=nearest(column, known), action=action)


def prepare(
    found: Prepared,
    time_zone: str,
    *,
    numbers: Sequence[str] = (),
    date_format: str = "",
    seq: bool = False,
    pool: Pool | None = None,
    last: int | None = None,
) -> Prepared:
    """Read times and numbers, and find every cell that breaks the log's contract.

    Parameters
    ----------
    found : Prepared
        Rows under canonical names.
    time_zone : str
        Zone of times without an offset.
    numbers : sequence of str
        Columns that may be text but hold numbers, beside `value`.
    date_format : str
        How times are written when they are not ISO.
    seq : bool
        Whether the column `seq` orders ties.
    pool : Pool, optional
        Takes the core columns of all files of a log in; without it they stay in `coded` and `times`.
    last : int, optional
        The last moment known, in UTC microseconds; later rows are left out.
    """
    if found.problems or found.frame.empty:
        return found
    found.problems += _kinds(found.frame, found.shown)
    if found.problems:
        return found
    if last is not None:
        _until(found, last, time_zone, date_format)
    frame = found.frame
    found.kinds = {name: _kind(frame[name]) for name in (*TEXTS, "time", "seq") if name in frame}
    given = found.later.numbered if found.later else frozenset()
    found.coded = {name: _coded(frame[name], name, pool, given) for name in TEXTS if name in frame}
    found.times = read_times(frame["time"], time_zone, date_format)
    _cells(found)
    if "received_at" in frame:
        arrived = read_times(frame["received_at"], time_zone, date_format)
        found.received = arrived.values
        found.faults["received_at", "time"] += arrived.failed
    for name in dict.fromkeys(("value", *numbers, *(["seq"] if seq else []))):
        if name in frame:
            _number(found, name)
    if seq and not +found.faults:
        found.faults["seq", "empty"] += int(found.frame["seq"].isna().sum())
    found.problems += cell_problems(found.shown, found.faults)
    done = {*DONE, *(found.later.names if found.later else ())} - {"value", *numbers}
    found.frame = found.frame.drop(columns=[name for name in frame if name in done])
    if pool is not None:
        found.give(pool)
    return found


def _until(found: Prepared, last: int, time_zone: str, date_format: str) -> None:
    """Leave out rows later than a moment, before anything is made of them."""
    times = read_times(found.frame["time"], time_zone, date_format)
    rows = np.flatnonzero(times.values <= last)
    found.frame = found.frame.iloc[rows].reset_index(drop=True)
    if found.later is not None:
        kept = rows if found.later.rows is None else found.later.rows[rows]
        found.later = replace(found.later, rows=kept)


def _coded(column: pd.Series, name: str, pool: Pool | None, numbered: frozenset[str]) -> Coded:
    """Return a column as codes, of names in two bytes where they fit; ids are many."""
    if name in numbered and isinstance(column.dtype, pd.CategoricalDtype):
        return Coded(column.cat.codes.to_numpy(), _NOT_YET)
    if pool is not None:
        return Coded(pool.number(name, column), _NOT_YET)
    found = code(column)
    few = name in NAMES and len(found.labels) < SMALL
    return Coded(found.codes.astype(np.int16), found.labels) if few else found


def _kinds(frame: pd.DataFrame, shown: str) -> Iterator[Problem]:
    for name in ("customer_id", "event", "anonymous_id"):
        if name in frame:
            yield from kind_problems(frame[name], f"{shown}, column '{name}'")
    for name in ("time", "received_at"):
        if name in frame:
            yield from _time_kind(frame[name], f"{shown}, column '{name}'")


def _time_kind(column: pd.Series, where: str) -> Iterator[Problem]:
    if pd.api.types.is_numeric_dtype(column.dtype) and column.notna().any():
        action = "Turn them into times first, and say in which unit they count"
        yield Problem(where, "holds bare numbers", "datetimes, or ISO text", action=action)
    if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):
        yield Problem(where, "holds values of mixed types", "datetimes, or ISO text")


def _cells(found: Prepared) -> None:
    who = [found.coded[name].codes < 0 for name in ("customer_id", "anonymous_id") if name in found.coded]
    found.faults["customer_id", "empty"] += int(np.count_nonzero(np.logical_and.reduce(who)))
    found.faults["event", "empty"] += int(np.count_nonzero(found.coded["event"].codes < 0))
    found.faults["time", "empty"] += found.times.blank
    found.faults["time", "time"] += found.times.failed


def cell_problems(shown: str, faults: Mapping[tuple[str, str], int]) -> Iterator[Problem]:
    """Yield one problem for each column of a file and each way in which its cells are broken."""
    for (name, kind), count in faults.items():
        where, cells = f"{shown}, column '{name}'", "empty cell" if kind == "empty" else "cell"
        if not count:
            continue
        if kind == "empty":
            action = "Mend the file, or leave those rows out of it"
            yield Problem(where, counted(count, cells), "a value in every row", action=action)
        else:
            time = kind == "time"
            allowed, action = (_ISO, _FORMAT) if time else (wanted("number"), "Mend the file")
            yield Problem(where, f"no {kind} in {counted(count, cells)}", allowed, action=action)


def _number(found: Prepared, name: str) -> None:
    column = found.frame[name]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return
    done = cast(column.astype("str").fillna(""), "number")
    found.frame = found.frame.assign(**{name: done.values})
    found.faults[name, "number"] += int(done.failed.sum())


def type_problems(parts: Sequence[Prepared]) -> Iterator[Problem]:
    """Yield each column whose files disagree on what it holds."""
    for name in (*REQUIRED, "anonymous_id", "seq"):
        yield from type_clash(name, {part.kinds.get(name, "") for part in parts} - {""})


def type_clash(name: str, kinds: set[str]) -> Iterator[Problem]:
    """Yield a problem when a column was seen to hold several kinds of values."""
    if len(kinds) > 1:
        given = f"holds {' in one file and '.join(sorted(kinds))} in another"
        yield Problem(f"events, column '{name}'", given, "one type in all files", action="Export all alike")


def _kind(column: pd.Series) -> str:
    if not column.notna().any():
        return ""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "numbers"
    return "times" if pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"
