"""The event log: columns of whole customers in order, as every event measure reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, Unpack, cast

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.study.durations import microseconds, spoken
from journey_lib.study.events.base import Log
from journey_lib.study.events.identity import code
from journey_lib.study.events.pieces import pieces
from journey_lib.study.events.report import EventReport

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from pyspark.sql import DataFrame

    from journey_lib.study.definition import Study
    from journey_lib.study.engine.spark import SparkLog
    from journey_lib.study.engine.stored import StoredLog
    from journey_lib.study.events.build import Options

    P = TypeVar("P")

AT_ONCE = 500_000  # events that an analysis sees in one piece
CORE = ("customer_id", "event", "time", "seq", "channel")


class Further(Protocol):
    """The further columns of a log in the order in which rows were read: a frame, or read on demand."""

    def __contains__(self, name: object, /) -> bool: ...
    def __iter__(self) -> Iterator[Hashable]: ...
    def __getitem__(self, name: str, /) -> pd.Series: ...


@dataclass(frozen=True, eq=False, repr=False)
class EventLog(Log):
    """What happened, customer by customer, in one settled order.

    Made by `from_frame` or `from_file`; a study's own log is `data.events`. Rows are sorted once by customer
    id, time and the tie rule; every array is in that order and read-only.

    Attributes
    ----------
    customers : Index of str
        Ids as written, sorted. Customer `i` owns the events `offsets[i]` to `offsets[i + 1]`.
    offsets : ndarray of int64
        One more than there are customers.
    time : ndarray of int64
        Microseconds since 1970 in UTC.
    event : ndarray of int
        Codes into `names`.
    channel : ndarray of int
        Codes into `channels`; -1 where there is none.
    names, channels : tuple of str
        Event names and channels, sorted.
    flags : ndarray of uint8
        Bits of `Flag`: clocks that contradict each other, events joined by an anonymous id.
    row : ndarray of int
        Where each event stood among the rows read.
    bots, known : ndarray of bool
        For each customer: acts faster than people do; is a customer, not an unknown visitor.
    time_zone : str
        Zone of calendar days and hours.
    report : EventReport
        What was met while reading.

    Examples
    --------
    >>> frame = pd.DataFrame({"customer_id": ["b", "a", "b"], "event": ["buy", "see", "see"],
    ...                       "time": ["2025-01-02", "2025-01-01", "2025-01-01"]})
    >>> log = EventLog.from_frame(frame)
    >>> log
    EventLog: 3 events of 2 customers, 2 names, 2025-01-01 to 2025-01-02 (UTC)
    >>> log.frame(["customer_id", "event"])["event"].tolist()
    ['see', 'see', 'buy']
    """

    customers: pd.Index
    offsets: np.ndarray
    time: np.ndarray
    event: np.ndarray
    channel: np.ndarray
    names: tuple[str, ...]
    channels: tuple[str, ...]
    flags: np.ndarray
    row: np.ndarray
    bots: np.ndarray
    known: np.ndarray
    time_zone: str
    report: EventReport
    _further: Further

    def __post_init__(self) -> None:
        for array in (
            self.offsets,
            self.time,
            self.event,
            self.channel,
            self.flags,
            self.row,
            self.bots,
            self.known,
        ):
            array.setflags(write=False)

    @staticmethod
    def from_frame(
        frame: pd.DataFrame,
        *,
        customer: str = "customer_id",
        event: str = "event",
        time: str = "time",
        time_zone: str = "UTC",
        seq: str | None = None,
        ties: str = "file_order",
        priority: Sequence[str] = (),
        duplicates: str = "drop",
        as_of: str = "",
        id_map: pd.DataFrame | None = None,
        channel: str = "channel",
        anonymous: str = "anonymous_id",
        received: str = "received_at",
    ) -> EventLog:
        """Make a log of a frame at hand.

        Parameters
        ----------
        frame : DataFrame
            One row per event.
        customer, event, time : str
            Its columns; times may be datetimes or ISO text, with or without an offset.
        time_zone : str
            Zone of times without an offset, and of calendar days.
        seq : str, optional
            Column of numbers that orders events of one moment; naming it makes it the tie rule.
        ties : str
            "file_order", "seq" or "priority": what orders events of one moment.
        priority : sequence of str
            Event names in the order they happen within one moment; the rest follows in file order.
        duplicates : str
            "drop" or "keep" rows equal in every column; they are counted either way.
        as_of : str
            ISO date; events after this day are flagged.
        id_map : DataFrame, optional
            Pairs of `anonymous_id` and `customer_id`, beside those that stand in one event.
        channel, anonymous, received : str
            Further columns; under these very names they may be absent.

        Returns
        -------
        EventLog

        Raises
        ------
        DataError
            A missing column, no rows, empty ids, names or times, times nobody can read, mixed types.
        ParamError
            An unknown rule or time zone.

        Examples
        --------
        >>> frame = pd.DataFrame({"user": ["007"], "what": ["see"], "at": ["2025-01-01T09:00+09:00"]})
        >>> EventLog.from_frame(frame, customer="user", event="what", time="at").frame()["time"][0]
        Timestamp('2025-01-01 00:00:00+0000', tz='UTC')
        """
        from journey_lib.study.events.build import Options, build, settled
        from journey_lib.study.events.pool import Pool
        from journey_lib.study.events.prepare import prepare, renamed

        given = Options(
            customer=customer, event=event, time=time, seq=seq, ties=ties, priority=priority, id_map=id_map,
            duplicates=duplicates, as_of=as_of, channel=channel, anonymous=anonymous, received=received,
        )  # fmt: skip
        names, plan = settled(time_zone, given)
        pool = Pool()
        rows = prepare(renamed(frame, names, "events"), time_zone, seq="seq" in names, pool=pool)
        return build([rows], plan, pool)

    @staticmethod
    def from_file(
        path: str | Path,
        *,
        numbers: Sequence[str] = (),
        encoding: str = "",
        delimiter: str = "",
        table: str = "",
        time_zone: str = "UTC",
        **options: Unpack[Options],
    ) -> EventLog:
        """Make a log of a file or of all files of a pattern, in the order of their names.

        Parameters
        ----------
        path : str or Path
            CSV or TSV, JSON lines or a JSON array (.jsonl, .ndjson, .json), plain or .gz; Parquet; DuckDB
            (.duckdb); `*` matches several parts.
        numbers : sequence of str
            Further columns of a text file to read as numbers; `value` always is one.
        encoding, delimiter : str
            Of a text file; UTF-8, and a comma (a tab for .tsv).
        table : str
            Table or view of a DuckDB file; "" when it holds one only.
        time_zone : str
            As for `from_frame`.
        **options : as in `from_frame`
            Its columns and rules.

        Returns
        -------
        EventLog

        Raises
        ------
        DataError
            As `from_frame`, and files that are missing, damaged, cut short or in another encoding.

        Examples
        --------
        >>> import tempfile
        >>> rows = "customer_id,event,time", "007,see,2025-01-01", "NA,see,2025-01-02"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = Path(folder, "log.csv").write_text(chr(10).join(rows))
        ...     EventLog.from_file(f"{folder}/*.csv").customers.tolist()
        ['007', 'NA']
        """
        from journey_lib.study.definition.sources import EventsPart
        from journey_lib.study.events.source import files_log

        part = EventsPart(
            file=str(path), encoding=encoding, delimiter=delimiter, numbers=tuple(numbers), table=table
        )
        return cast("EventLog", files_log(part, time_zone, options))

    @staticmethod
    def from_large_file(
        path: str | Path,
        *,
        memory: str = "",
        partitions: int = 0,
        numbers: Sequence[str] = (),
        encoding: str = "",
        delimiter: str = "",
        table: str = "",
        time_zone: str = "UTC",
        **options: Unpack[Options],
    ) -> StoredLog:
        """Make a log of files that memory does not hold, kept on disk in chunks of customers.

        Parameters
        ----------
        path, numbers, encoding, delimiter, table, time_zone
            As for `from_file`.
        memory : str
            Such as "2 GB": what reading and measuring may take beside some 250 MB of the program itself; ""
            is half of what the machine has free.
        partitions : int
            Into how many chunks customers are dealt at least; 0 follows from the budget.
        **options : as in `from_frame`
            Its columns and rules.

        Returns
        -------
        StoredLog

        Raises
        ------
        DataError
            As `from_file`; the budget does not hold the largest customer; the disk is full.
        ParamError
            A budget nobody can read anything in.

        Examples
        --------
        >>> import tempfile
        >>> rows = "customer_id,event,time", "007,see,2025-01-01"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = Path(folder, "log.csv").write_text(chr(10).join(rows))
        ...     EventLog.from_large_file(f"{folder}/log.csv", memory="200 MB").n_events
        1
        """
        from journey_lib.study.definition.sources import EventsPart
        from journey_lib.study.events.source import files_log

        part = EventsPart(
            file=str(path), encoding=encoding, delimiter=delimiter, numbers=tuple(numbers), table=table
        )
        return cast("StoredLog", files_log(part, time_zone, options, "chunked", memory, partitions))

    @staticmethod
    def from_spark(
        frame: DataFrame,
        *,
        time_zone: str = "UTC",
        partitions: int = 0,
        **options: Unpack[Options],
    ) -> SparkLog:
        """Make a log of a Spark frame; events stay on the cluster, only answers come back.

        Parameters
        ----------
        frame : DataFrame
            One row per event, of pyspark.
        time_zone : str
            Zone of times without an offset, and of calendar days.
        partitions : int
            Over how many the customers are dealt; 0 follows from the number of events.
        **options : as in `from_frame`
            Its columns and rules. A cluster has no file order: what neither `seq` nor `priority` orders
            stands by name and content.

        Returns
        -------
        SparkLog

        Raises
        ------
        DataError
            As `from_frame`.
        ParamError
            An unknown rule or time zone, or no Spark frame.
        RunError
            pyspark or Java is missing.

        Examples
        --------
        Where a Spark session runs, `spark`::

            log = EventLog.from_spark(spark.read.parquet("events/"), seq="seq")
        """
        from journey_lib.study.engine.session import check_spark
        from journey_lib.study.engine.spark import frame_log
        from journey_lib.study.events.build import settled

        check_spark()
        names, plan = settled(time_zone, options)
        return frame_log(frame, names, plan, partitions)

    @property
    def n_events(self) -> int:
        """How many events there are."""
        return len(self.time)

    @property
    def n_customers(self) -> int:
        """How many customers have at least one event, unknown visitors and bots included."""
        return len(self.customers)

    def fold(self, measure: Callable[[EventLog], P], merge: Callable[[P, P], P]) -> P:
        """Return what `measure` says of the whole log: asked of some customers at a time, then merged."""
        return reduce(merge, map(measure, self.chunks()))

    def chunks(self) -> Iterator[EventLog]:
        """Yield the log, some million events of whole customers at a time."""
        return pieces(self, AT_ONCE)

    @property
    def resolution(self) -> str:
        """The coarsest step in which all times of the log as read are whole, such as "1 second"."""
        return spoken(self.report.tick)

    @cached_property
    def codes(self) -> np.ndarray:
        """The customer of each event, as a number into `customers`."""
        codes = np.repeat(np.arange(self.n_customers, dtype=np.int32), np.diff(self.offsets))
        codes.setflags(write=False)
        return codes

    def customer(self, number: int) -> slice:
        """Return where the events of one customer stand."""
        return slice(int(self.offsets[number]), int(self.offsets[number + 1]))

    def columns(self) -> list[str]:
        """Return the names `frame` and `column` know."""
        fixed = [name for name in CORE if name != "channel" or self.channels]
        return [*fixed, *self.further()]

    def further(self) -> list[str]:
        """Return the names of the columns beside those every log has."""
        return [str(name) for name in self._further]

    def column(self, name: str) -> pd.Series:
        """Return one column in the log's order.

        Raises
        ------
        ParamError
            When there is none of this name.
        """
        if name in self._further:
            return self._further[name].take(self.row).reset_index(drop=True)
        made: dict[str, Callable[[], pd.Index | np.ndarray]] = {
            "customer_id": lambda: self.customers.take(self.codes),
            "event": lambda: pd.Index(self.names, dtype="str").take(self.event),
            "time": lambda: self._local(self.time),
            "seq": lambda: np.arange(self.n_events) - self.offsets[:-1][self.codes],
            "channel": lambda: pd.Index([*self.channels, None], dtype="str").take(self.channel),
        }
        if name not in self.columns():
            allowed = ", ".join(self.columns())
            raise ParamError(
                Problem("column", f"the log has no column '{name}'", allowed, nearest(name, self.columns()))
            )
        return pd.Series(made[name](), name=name)

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the log as a frame in its settled order; `seq` counts the events of each customer from 0.

        Parameters
        ----------
        columns : sequence of str, optional
            Which ones; all of them when left out.
        """
        wanted = self.columns() if columns is None else columns
        return pd.DataFrame({name: self.column(name) for name in wanted}, index=pd.RangeIndex(self.n_events))

    def levels(self, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return any column as codes (-1 where empty) and its sorted distinct values as text."""
        if name == "channel" and self.channels:
            return self.channel, self.channels
        coded = code(self.column(name))
        return coded.codes, tuple(coded.labels)

    def take(self, customers: np.ndarray) -> EventLog:
        """Return the log of some customers only; codes of events and channels stay the same.

        Parameters
        ----------
        customers : ndarray of bool
            One for each customer.
        """
        chosen = np.asarray(customers)
        if chosen.dtype != bool or len(chosen) != self.n_customers:
            raise ParamError(
                Problem("customers", f"{len(chosen):,} values", f"{self.n_customers:,} of true or false")
            )
        sizes = np.diff(self.offsets)
        events = np.repeat(chosen, sizes)
        arrays = {name: getattr(self, name)[events] for name in ("time", "event", "channel", "flags", "row")}
        people = {name: getattr(self, name)[chosen] for name in ("customers", "bots", "known")}
        return replace(self, offsets=np.append(0, np.cumsum(sizes[chosen])), **arrays, **people)

    def sessions(self, gap: str = "30 minutes") -> np.ndarray:
        """Return the number of each event's session, from 0 over the whole log.

        Parameters
        ----------
        gap : str
            A longer pause starts a new session; a pause of exactly this length does not, nor does midnight.

        Examples
        --------
        >>> frame = pd.DataFrame({"customer_id": ["a"] * 3, "event": ["see"] * 3, "time": [
        ...     "2025-01-01T23:45", "2025-01-02T00:15", "2025-01-02T00:46"]})
        >>> EventLog.from_frame(frame).sessions("30 minutes").tolist()
        [0, 0, 1]
        """
        length = microseconds(gap, "gap")
        new = np.zeros(self.n_events, dtype=bool)
        new[1:] = np.diff(self.time) > length
        new[self.offsets[:-1]] = True
        return np.cumsum(new) - 1

    def stages(self, study: Study) -> np.ndarray:
        """Return which stage each event enters, as its place in the journey; -1 for none."""
        entered = {name: place for place, stage in enumerate(study.journey.stages) for name in stage.enter}
        return self._placed(entered, len(study.journey.stages))

    def touchpoints(self, study: Study) -> np.ndarray:
        """Return the touchpoint of each event, as its place among the study's touchpoints; -1 for none."""
        points = study.journey.touchpoints
        met = {name: place for place, point in enumerate(points) for name in point.events}
        return self._placed(met, len(points))

    def numeric(self, name: str) -> bool:
        """Say whether a column holds numbers."""
        if name in self._further:
            return pd.api.types.is_numeric_dtype(self._further[name].dtype)
        return name == "seq"

    def labels(self, name: str) -> tuple[str, ...]:
        """Return the sorted distinct values of a column as text."""
        return self.levels(name)[1]

    def _placed(self, places: dict[str, int], count: int) -> np.ndarray:
        kind = np.int8 if count <= np.iinfo(np.int8).max else np.int16
        codes: np.ndarray = np.array([places.get(name, -1) for name in self.names], dtype=kind)
        placed: np.ndarray = codes[self.event]
        return placed

    def _local(self, time: np.ndarray) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(time.view("datetime64[us]"), tz="UTC").tz_convert(self.time_zone)
