"""The row in which checked events travel between reading and measuring: to a disk, or through a cluster."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.study.events import order as ordering
from journey_lib.study.events.build import Plan, Rows, assemble
from journey_lib.study.events.identity import Coded, Stitched, code
from journey_lib.study.events.log import EventLog
from journey_lib.study.events.prepare import REQUIRED, Prepared, cell_problems, type_clash
from journey_lib.study.events.report import EventReport
from journey_lib.study.events.times import NO_TIME, Times
from journey_lib.study.readers import frame_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from journey_lib.errors import Problem

FURTHER = "x:"  # before the names of further columns, so that none can be taken for one of ours
_COUNTED = ("naive", "twice", "skipped", "finer")
_ADDED = (
    "rows_kept", "repeats", "pairs", "ties", "unsettled", "joined_events", "left_events", "bot_customers",
    "bot_events", "before", "after", "ahead", "impossible", "future",
)  # fmt: skip


@dataclass
class Seen:
    """What the blocks of a log were seen to hold; two of them add up with `merge`.

    Attributes
    ----------
    rows, outside : int
        Rows that count, and rows the study leaves out.
    names, channels : dict of str to int
        Event names and channels in the order in which they were met.
    faults : Counter
        Broken cells by file, column and kind.
    kinds : set of (str, str)
        What each core column was seen to hold.
    times : Counter
        What was odd about times.
    first, last, tick : int
        First and last moment in UTC microseconds, and the step in which all times are whole.
    filled : dict of str to int
        For each further column how many rows have a value.
    columns : set of str
        Which optional columns there are.
    """

    rows: int = 0
    outside: int = 0
    names: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kinds: set[tuple[str, str]] = field(default_factory=set)
    times: Counter[str] = field(default_factory=Counter)
    first: int = 0
    last: int = 0
    tick: int = ordering.TICKS[0]
    filled: dict[str, int] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    def add(self, block: Prepared) -> None:
        """Add one block of checked rows."""
        self.outside += block.outside
        for (column, kind), count in block.faults.items():
            self.faults[block.shown, column, kind] += count
        if not len(block) or block.problems:
            return
        self.kinds |= {(name, kind) for name, kind in block.kinds.items() if kind}
        for name in _COUNTED:
            self.times[name] += getattr(block.times, name)
        values = block.times.values
        self._moments(int(values.min()), int(values.max()), ordering.tick_of(values), len(block))
        for name, found in (("event", self.names), ("channel", self.channels)):
            for label in block.coded[name].labels if name in block.coded else ():
                found.setdefault(label, len(found))
        self.columns |= {"anonymous_id"} & block.coded.keys()
        self.columns |= {"received_at"} if block.received is not None else set()
        self.columns |= {"seq"} & {str(name) for name in block.frame}
        for name in (str(name) for name in block.frame if name != "seq"):
            self.filled[name] = self.filled.get(name, 0) + int(block.frame[name].notna().sum())

    def merge(self, other: Seen) -> Seen:
        """Add what another was seen to hold, and return this one."""
        self.outside += other.outside
        self.faults += other.faults
        self.kinds |= other.kinds
        self.times += other.times
        self.columns |= other.columns
        if other.rows:
            self._moments(other.first, other.last, other.tick, other.rows)
        for own, more in ((self.names, other.names), (self.channels, other.channels)):
            for label in more:
                own.setdefault(label, len(own))
        for name, count in other.filled.items():
            self.filled[name] = self.filled.get(name, 0) + count
        return self

    def _moments(self, first: int, last: int, tick: int, rows: int) -> None:
        """Add the moments of further rows; the step must also divide the way between first moments."""
        if self.rows:
            between = ordering.tick_of(np.array([self.first, first]))
            self.tick = min(self.tick, tick, between)
            self.first, self.last = min(self.first, first), max(self.last, last)
        else:
            self.first, self.last, self.tick = first, last, tick
        self.rows += rows

    def problems(self) -> Iterator[Problem]:
        """Yield everything wrong with cells, and columns whose files disagree."""
        files = dict.fromkeys(shown for shown, _, _ in self.faults)
        for shown in files:
            own = {(name, kind): n for (file, name, kind), n in self.faults.items() if file == shown}
            yield from cell_problems(shown, own)
        for name in (*REQUIRED, "anonymous_id", "seq"):
            yield from type_clash(name, {kind for column, kind in self.kinds if column == name})

    def recipe(self, plan: Plan) -> Recipe:
        """Return what turns staged rows of whole customers into a log."""
        names, channels = sorted(self.names), sorted(self.channels)
        places, channel_places = (_places(self.names, names), _places(self.channels, channels))
        holes = frozenset(name for name, count in self.filled.items() if count < self.rows)
        plain = replace(plan, id_map=None)
        known, further = (tuple(names), tuple(channels)), tuple(self.filled)
        return Recipe(plain, *known, places, channel_places, self.tick, further, holes)

    def report(self, plan: Plan, told: EventReport) -> EventReport:
        """Return what reading told; what each chunk tells is added with `added`."""
        counts: dict[str, Any] = {name: self.times[name] for name in _COUNTED}
        return replace(
            told, outside=self.outside, order=plan.rule, repeats_kept=plan.keep_repeats, tick=self.tick,
            first=self.first, last=self.last, time_zone=plan.time_zone, **counts,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Recipe:
    """How staged rows become a log; it can be sent to a worker.

    Attributes
    ----------
    plan : Plan
        Tie rule, window, repeats.
    names, channels : tuple of str
        Those of the whole log, sorted.
    name_places, channel_places : ndarray
        For each staged code its place among them.
    tick : int
        The step in which all times of the whole log are whole.
    further : tuple of str
        Further columns.
    holes : frozenset of str
        Those that miss a value somewhere in the log, so that chunks agree on their type.
    """

    plan: Plan
    names: tuple[str, ...]
    channels: tuple[str, ...]
    name_places: np.ndarray
    channel_places: np.ndarray
    tick: int
    further: tuple[str, ...]
    holes: frozenset[str]


def _places(met: Iterable[str], into: list[str]) -> np.ndarray:
    """Return for each name met, and for none at the end, its place among all names."""
    found = pd.Index(into, dtype="str").get_indexer(pd.Index(list(met), dtype="str"))
    return np.append(found, -1).astype(np.int32)


def staged(block: Prepared, seen: Seen, first_row: int) -> pa.Table:
    """Return checked rows as they travel: coded names, text ids, moments, and further columns as they are.

    Parameters
    ----------
    block : Prepared
        Rows without a problem, already added to `seen`.
    seen : Seen
        Its codes are used.
    first_row : int
        The number of the first row in the whole log.
    """
    import pyarrow as pa

    columns: dict[str, pa.Array] = {"row": pa.array(np.arange(first_row, first_row + len(block)))}
    for name in ("customer_id", "anonymous_id"):
        if name in block.coded:
            columns[name] = _words(block.coded[name])
    for name, met in (("event", seen.names), ("channel", seen.channels)):
        if name in block.coded:
            coded = block.coded[name]
            places = np.array([*(met[label] for label in coded.labels), -1], dtype=np.int32)
            columns[name] = pa.array(places[coded.codes])
    columns["time"] = pa.array(block.times.values)
    if block.received is not None:
        columns["received_at"] = pa.array(block.received)
    for name in map(str, block.frame):
        column = _column(block.frame[name])
        if not pa.types.is_null(column.type):  # of nothing but None: it has no type to travel as
            columns[name if name == "seq" else FURTHER + name] = column
    return pa.table(columns)


def _words(coded: Coded) -> pa.Array:
    import pyarrow as pa

    codes = pa.array(coded.codes, mask=coded.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(coded.labels, type=pa.string()))


def _column(values: pd.Series) -> pa.Array:
    import pyarrow as pa

    try:
        made = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):  # a mixture of types within one column
        made = pa.array(frame_text(values.to_frame("values"), "values")["values"], from_pandas=True)
    made = made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    return made.dictionary_decode() if pa.types.is_dictionary(made.type) else made


def chunk(table: pa.Table, recipe: Recipe) -> EventLog:
    """Return staged rows of whole customers as a log, by the same steps as rows in memory.

    Parameters
    ----------
    table : Table
        Staged rows with `person`, `known` and `joined` in place of the two ids.
    recipe : Recipe
        What holds for the whole log.
    """
    people = code(table["person"].to_pandas())
    known = np.zeros(len(people.labels), dtype=bool)
    known[people.codes[_array(table, "known")]] = True
    stitched = Stitched(people, known, _array(table, "joined"))
    event = Coded(recipe.name_places[_array(table, "event")], pd.Index(recipe.names, dtype="str"))
    channels = _array(table, "channel", -1)
    channel = Coded(recipe.channel_places[channels], pd.Index(recipe.channels, dtype="str"))
    received = _array(table, "received_at", NO_TIME) if "received_at" in table.column_names else None
    seq = table["seq"].to_pandas() if "seq" in table.column_names else None
    row = _array(table, "row") if "row" in table.column_names else None
    times = Times(_array(table, "time"))
    rows = Rows(stitched, event, channel, times, received, further_frame(table, recipe), seq, row)
    return assemble(rows, recipe.plan, EventReport(), recipe.tick)


def _array(table: pa.Table, name: str, missing: int = 0) -> np.ndarray:
    """Return a column of integers or truths; one that is not there is missing throughout."""
    if name not in table.column_names:
        return np.full(table.num_rows, missing, dtype=np.int32)
    column = table[name].combine_chunks()
    return np.asarray(column.fill_null(missing) if column.null_count else column)


def further_frame(table: pa.Table, recipe: Recipe) -> pd.DataFrame:
    """Return the further columns of staged rows, each of one type in all chunks of a log."""
    columns = {name: further_column(table, name, recipe) for name in recipe.further}
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))


def further_column(table: pa.Table, name: str, recipe: Recipe) -> pd.Series:
    """Return one further column of staged rows; numbers with holes are floats, as pandas has them."""
    if FURTHER + name not in table.column_names:
        return pd.Series([None] * table.num_rows, dtype=object)
    column: pd.Series = table[FURTHER + name].to_pandas()
    if name in recipe.holes and pd.api.types.is_bool_dtype(column.dtype):
        return column.astype(object)
    if name in recipe.holes and pd.api.types.is_integer_dtype(column.dtype):
        return column.astype(float)
    return column


def empty_log(schema: pa.Schema, recipe: Recipe) -> EventLog:
    """Return the log of nobody: its names, channels and columns are those of the whole log."""
    further = further_frame(schema.empty_table(), recipe)
    none = np.empty(0, dtype=np.int64)
    return EventLog(
        customers=pd.Index([], dtype="str"), offsets=np.zeros(1, dtype=np.int64), time=none,
        event=none.copy(), channel=none.copy(), names=recipe.names, channels=recipe.channels,
        flags=none.astype(np.uint8), row=none.copy(), bots=none.astype(bool), known=none.astype(bool),
        time_zone=recipe.plan.time_zone, report=EventReport(), _further=further,
    )  # fmt: skip


def added(report: EventReport, chunks: EventReport) -> EventReport:
    """Return the report of a log with what further chunks of it tell."""
    counts: dict[str, Any] = {name: getattr(report, name) + getattr(chunks, name) for name in _ADDED}
    coarse = chunks.bot_customers < 0  # then times are too coarse in every chunk
    return replace(report, **counts | ({"bot_customers": -1} if coarse else {}))
