"""Checks the raw columns of one file or frame of events, and reads its times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import Problem, nearest
from journey_lib.study.events.coding import Words
from journey_lib.study.events.identity import Coded, code, kind_problems, numbered, ranked
from journey_lib.study.events.times import NO_TIME, Times, read_times
from journey_lib.study.tables import cast, counted, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from journey_lib.study.events.later import Later

REQUIRED = ("customer_id", "event", "time")
OPTIONAL = ("channel", "anonymous_id", "received_at")
TEXTS = ("customer_id", "event", "channel", "anonymous_id")
DONE = ("customer_id", "event", "channel", "time")
SMALL = 2**15
_NOT_YET = pd.Index([], dtype="str")
Pool = dict[str, Words]
_ISO = "ISO times such as 2025-01-31T09:00:00+09:00, or the declared format"


@dataclass
class Prepared:
    """The rows of one file, or of a block of it, under canonical names, and everything wrong with them.

    `faults` counts broken cells by column and kind, so that the blocks of one file can be added up;
    `problems` says the same, and what is wrong with whole columns. `outside` counts rows left out by `where`.
    `later` knows the columns of the file that were not read.
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

    def __len__(self) -> int:
        return len(self.times.values)

    def give_up(self) -> None:
        """Let go of rows that are part of a log now: both do not fit beside each other."""
        self.frame, self.coded, self.received, self.later = pd.DataFrame(), {}, None, None
        self.times = Times(np.empty(0, dtype=np.int64))


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
    pool : dict of str to Words, optional
        Numbers the texts of all files of a log alike; `codes_of` turns the numbers into codes at the end.
    """
    frame = found.frame
    if found.problems or frame.empty:
        return found
    found.problems += _kinds(frame, found.shown)
    if found.problems:
        return found
    found.kinds = {name: _kind(frame[name]) for name in (*TEXTS, "time", "seq") if name in frame}
    found.coded = {name: _coded(frame[name], name, pool) for name in TEXTS if name in frame}
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
    return found


def _coded(column: pd.Series, name: str, pool: Pool | None) -> Coded:
    """Return a column as codes, of names in two bytes where they fit; ids are many."""
    if pool is None:
        found = code(column)
        count = len(found.labels)
    else:
        words = pool.setdefault(name, Words())
        found, count = Coded(numbered(column, words), _NOT_YET), len(words)
    few = name in ("event", "channel") and count < SMALL
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
            allowed = _ISO if kind == "time" else wanted("number")
            yield Problem(where, f"no {kind} in {counted(count, cells)}", allowed)


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


def moments(parts: Sequence[Prepared]) -> np.ndarray | None:
    """Return when each row was received; None when no file says so."""
    if all(part.received is None for part in parts):
        return None
    none = [np.full(len(part), NO_TIME) for part in parts]
    return np.concatenate([n if p.received is None else p.received for p, n in zip(parts, none, strict=True)])


def codes_of(parts: Sequence[Prepared], name: str, pool: Pool | None = None) -> Coded | None:
    """Take a coded column out of all parts and return it as one; None when no part has it."""
    if not any(name in part.coded for part in parts):
        return None
    if pool is None:
        (alone,) = parts  # several share a pool
        return alone.coded.pop(name)
    place, labels = ranked(pool[name])
    place = place.astype(np.int16) if name in ("event", "channel") and len(labels) < SMALL else place
    codes, end = np.full(sum(map(len, parts)), -1, dtype=place.dtype), 0
    for part in parts:
        end += len(part)
        own = part.coded.pop(name, None)  # given up at once: parts and whole do not fit beside each other
        if own is not None:
            np.take(place, own.codes, out=codes[end - len(part) : end], mode="wrap")  # -1 is the last place
    return Coded(codes, labels)
