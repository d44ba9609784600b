"""A log on disk, in chunks of customers that fit into memory one after the other."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.study.events.base import Facts, Log, labels_known
from journey_lib.study.events.log import CORE, EventLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from journey_lib.study.events.report import EventReport

P = TypeVar("P")
_ARRAYS = ("offsets", "time", "event", "channel", "flags", "bots", "known")


class Workfolder:
    """A private folder that goes when nobody needs it any more, at the latest when the program ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="journey-"))
        self.remove = weakref.finalize(self, shutil.rmtree, str(self.path), True)  # noqa: FBT003 - ignore errors


@dataclass(frozen=True, eq=False, repr=False)
class StoredLog(Log):
    """What happened, customer by customer, kept on disk because memory does not hold it.

    Made by `EventLog.from_large_file`, or by a study whose log is expected to outgrow its `memory`. Every
    event measure gives the same numbers as in memory: it is asked of each chunk of customers, and the answers
    merge. The files lie in a private temporary folder and go with the log.

    Attributes
    ----------
    names, channels : tuple of str
        Event names and channels, sorted.
    time_zone : str
        Zone of calendar days and hours.
    report : EventReport
        What was met while reading.
    facts : Facts
        How many events and customers there are, from when to when, under which names.

    Examples
    --------
    >>> import tempfile
    >>> rows = "customer_id,event,time", "007,see,2025-01-01", "NA,see,2025-01-02"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder, "log.csv").write_text(chr(10).join(rows))
    ...     log = EventLog.from_large_file(f"{folder}/*.csv", memory="100 MB")
    >>> log
    StoredLog: 2 events of 2 customers, 1 name, 2025-01-01 to 2025-01-02 (UTC)
    >>> log.fold(lambda chunk: chunk.n_events, lambda one, other: one + other)
    2
    """

    _work: Workfolder
    _chunks: tuple[ChunkFolder, ...]
    names: tuple[str, ...]
    channels: tuple[str, ...]
    time_zone: str
    report: EventReport
    _further: tuple[str, ...]
    facts: Facts  # counted when the chunks were written
    _labels: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def n_chunks(self) -> int:
        """How many chunks of customers there are."""
        return len(self._chunks)

    def columns(self) -> list[str]:
        """Return the names of its columns."""
        fixed = [name for name in CORE if name != "channel" or self.channels]
        return [*fixed, *self._further]

    def numeric(self, name: str) -> bool:
        """Say whether a column holds numbers; every chunk holds the same type."""
        return next(self.chunks()).numeric(name)

    def labels(self, name: str) -> tuple[str, ...]:
        """Return the sorted distinct values of a column as text; read once from all chunks."""
        if name not in self._labels:
            self._labels[name] = labels_known(self, name)
        return self._labels[name]

    def chunks(self) -> Iterator[EventLog]:
        """Yield the log in memory, some customers at a time."""
        return (held.read(self) for held in self._chunks)

    def fold(self, measure: Callable[[EventLog], P], merge: Callable[[P, P], P]) -> P:
        """Return what `measure` says of the whole log, chunk after chunk."""
        return reduce(merge, map(measure, self.chunks()))


@dataclass(frozen=True)
class ChunkFolder:
    """One chunk on disk: an array a file, and the further columns in a Parquet file."""

    path: Path

    @staticmethod
    def write(path: Path, log: EventLog) -> ChunkFolder:
        """Keep a log in memory as a chunk."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path.mkdir()
        for name in _ARRAYS:
            np.save(path / f"{name}.npy", getattr(log, name))
        pq.write_table(pa.table({"id": pa.array(log.customers)}), path / "customers.parquet")
        further = pd.DataFrame({name: log.column(name) for name in log.further()})
        further.index = pd.RangeIndex(log.n_events)
        pq.write_table(_table(further), path / "further.parquet", compression="lz4")
        return ChunkFolder(path)

    def read(self, whole: StoredLog) -> EventLog:
        """Return the chunk; arrays are mapped, further columns are read when somebody asks."""
        import pyarrow.parquet as pq

        try:
            arrays = {name: np.load(self.path / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
            customers = pd.Index(
                pq.read_table(self.path / "customers.parquet")["id"].to_pandas(), dtype="str"
            )
        except OSError:
            given, action = "are not there any more", "Load the study again"
            raise DataError(Problem("temporary files of the log", given, action=action)) from None
        plain = {name: np.asarray(array) for name, array in arrays.items()}
        return EventLog(
            customers=customers, names=whole.names, channels=whole.channels, time_zone=whole.time_zone,
            report=whole.report, row=np.arange(len(plain["time"]), dtype=np.int32),
            _further=_OnDemand(self.path / "further.parquet"), **plain,
        )  # fmt: skip


def _table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame whose fields remember their type in memory, which a file may not know."""
    import pyarrow as pa

    arrays = [pa.array(frame[name], from_pandas=True) for name in frame]
    kinds = [{"kind": str(frame[name].dtype)} for name in frame]
    fields = [
        pa.field(str(name), array.type, metadata=kind)
        for name, array, kind in zip(frame, arrays, kinds, strict=True)
    ]
    return pa.table(arrays, schema=pa.schema(fields))


class _OnDemand:
    """The further columns of a chunk, each read from its file when it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _kinds(self) -> dict[str, str]:
        import pyarrow.parquet as pq

        schema = pq.read_schema(self.path)
        return {f.name: (f.metadata or {}).get(b"kind", b"").decode() for f in schema}

    def __contains__(self, name: object) -> bool:
        return name in self._kinds

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __getitem__(self, name: str) -> pd.Series:
        import pyarrow.parquet as pq

        column: pd.Series = pq.read_table(self.path, columns=[name])[name].to_pandas()
        kind = self._kinds[name]
        return column.astype(pd.api.types.pandas_dtype(kind)) if column.dtype != kind else column
