"""Further columns of a Parquet file: named when the log is read, and read when somebody asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

    from journey_lib.study.events.coding import Words

_ROWS, _BUFFER = 1 << 17, 1 << 20  # rows and bytes of a column at a time
_HELD = 3  # columns kept for the next who asks
_CODED = 3.0  # bytes a cell; texts that take more do not repeat often enough to be read as codes


@dataclass(frozen=True)
class Wanted:
    """Which columns of a file are read at once.

    Attributes
    ----------
    required : frozenset of str
        Those no log can do without; a file that lacks one is read whole, to say so.
    core : frozenset of str
        Those that make the log.
    texts : frozenset of str
        Of these, ids and names.
    stay : frozenset of str
        Of these, those that are columns of the log as well.
    numbers : frozenset of str
        Those that are checked to hold numbers, unless their type says so.
    keep : frozenset of str or None
        Which others the log keeps; None for all of them.
    """

    required: frozenset[str]
    core: frozenset[str]
    texts: frozenset[str]
    stay: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    keep: frozenset[str] | None = None

    def now(self, schema: pa.Schema) -> list[str]:
        """Return what of a file is read at once."""
        import pyarrow.types as kinds

        plain = {f.name for f in schema if kinds.is_integer(f.type) or kinds.is_floating(f.type)}
        return [name for name in schema.names if name in self.core or name in self.numbers - plain]

    def kept(self, schema: pa.Schema) -> list[str]:
        """Return which columns of a file the log keeps as they are, in the order of the file."""
        return [name for name in schema.names if name in self.stay or self._kept(name)]

    def _kept(self, name: str) -> bool:
        return name not in self.core and (self.keep is None or name in self.keep)


@dataclass(frozen=True)
class Later:
    """The columns of one Parquet file that were not read.

    Attributes
    ----------
    path : Path
        The file.
    shown : str
        What messages call it.
    names : tuple of str
        Its columns that the log keeps, in its order.
    stamp : tuple of int
        Size and time of the file when the log was read.
    rows : ndarray of int or None
        Which rows of the file count; None for all.
    numbered : frozenset of str
        Columns of texts, by their canonical names, that hold the numbers a pool has given to these.
    """

    path: Path
    shown: str
    names: tuple[str, ...]
    stamp: tuple[int, int]
    rows: np.ndarray | None = None
    numbered: frozenset[str] = frozenset()

    def read(self, name: str) -> pd.Series:
        """Return one column.

        Raises
        ------
        DataError
            When the file is not there any more, or another one.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            same = stamp_of(self.path) == self.stamp
            table = pq.ParquetFile(self.path).read([name]).replace_schema_metadata(None) if same else None
        except (pa.ArrowException, OSError, ValueError):
            table = None
        if table is None:
            given, action = "was changed or removed after the log was read", "Load the study again"
            raise DataError(Problem(self.shown, given, action=action))
        column: pd.Series = table.to_pandas()[name]
        return column if self.rows is None else column.take(self.rows)


def stamp_of(path: Path) -> tuple[int, int]:
    """Return what a file is told by from an earlier state of itself."""
    told = path.stat()
    return told.st_size, told.st_mtime_ns


def read_wanted(
    path: Path, shown: str, wanted: Wanted, pooled: Mapping[str, Words]
) -> tuple[pd.DataFrame, Later] | None:
    """Read the columns that are wanted at once, and name the others; None for a file that must be read whole.

    Parameters
    ----------
    path : Path
        A Parquet file.
    shown : str
        What messages call it.
    wanted : Wanted
        Which columns.
    pooled : mapping of str to Words
        For each column of texts, those that were met in other files.
    """
    import pyarrow.parquet as pq

    stamp = stamp_of(path)
    with pq.ParquetFile(path) as file:
        schema, coded = file.schema_arrow, list(_repeating(file, wanted.texts))
        names = schema.names
        if not wanted.required <= {*names} or len({*names}) < len(names) or not file.metadata.num_rows:
            return None
    texts = {name: pooled[name] for name in wanted.texts & _texts(schema)}
    with pq.ParquetFile(path, read_dictionary=coded, pre_buffer=False, buffer_size=_BUFFER) as file:
        frame = _numbered(file, wanted.now(schema), texts)
    return frame, Later(path, shown, tuple(wanted.kept(schema)), stamp)


def _numbered(file: pq.ParquetFile, names: list[str], words: Mapping[str, Words]) -> pd.DataFrame:
    """Read columns, those of texts as numbers: as text a whole file of them takes too much."""
    import pyarrow as pa

    numbers = {name: np.empty(file.metadata.num_rows, dtype=np.int32) for name in words}
    others, end = [], 0
    for batch in file.iter_batches(batch_size=_ROWS, columns=names, use_threads=False):
        end += len(batch)
        for name, held in numbers.items():
            words[name].number(batch[name], held[end - len(batch) : end])
        others.append(batch.drop_columns([*words]).replace_schema_metadata(None))
        del batch
    frame: pd.DataFrame = pa.Table.from_batches(others).to_pandas(split_blocks=True, self_destruct=True)
    for name, held in numbers.items():
        frame[name] = pd.Categorical.from_codes(held, pd.RangeIndex(len(words[name])), validate=False)
    return frame


def _texts(schema: pa.Schema) -> frozenset[str]:
    import pyarrow.types as kinds

    return frozenset(f.name for f in schema if kinds.is_string(f.type) or kinds.is_large_string(f.type))


def _repeating(file: pq.ParquetFile, texts: frozenset[str]) -> Iterator[str]:
    """Yield columns of texts that the file itself keeps as codes throughout."""
    about, plain = file.metadata, _texts(file.schema_arrow)
    for at in range(about.num_columns):
        groups = [about.row_group(group).column(at) for group in range(about.num_row_groups)]
        name, size = about.schema.column(at).path, sum(group.total_uncompressed_size for group in groups)
        if name in texts & plain and size < _CODED * about.num_rows:
            yield name


class Columns:
    """The further columns of a log in the order in which its rows were read.

    Parameters
    ----------
    parts : sequence of (DataFrame, Later or None)
        Of each file, what was read and what was not; the frames have a row for each row that counts.
    """

    def __init__(self, parts: Sequence[tuple[pd.DataFrame, Later | None]]) -> None:
        self._parts = parts
        self._names = dict.fromkeys(name for frame, later in parts for name in _ordered(frame, later))
        self._held: dict[str, pd.Series] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __getitem__(self, name: str) -> pd.Series:
        """Return a column, and keep it for a while."""
        if name not in self._held:
            while len(self._held) >= _HELD:
                del self._held[next(iter(self._held))]
            self._held[name] = self.read(name)
        return self._held[name]

    def read(self, name: str) -> pd.Series:
        """Return a column as if all files had been read whole and put below each other."""
        pieces = [_piece(frame, later, name) for frame, later in self._parts]
        whole = pieces[0] if len(pieces) == 1 else pd.concat(pieces)
        return whole.reset_index(drop=True)[name]


def _ordered(frame: pd.DataFrame, later: Later | None) -> list[str]:
    """Return the names of a part as its file has them, those not of the file first."""
    held = [str(name) for name in frame if name != "seq"]
    left = () if later is None else later.names
    return [*(name for name in held if name not in left), *left]


def _piece(frame: pd.DataFrame, later: Later | None, name: str) -> pd.DataFrame:
    if name in frame:
        return frame[[name]]
    if later is not None and name in later.names:
        return later.read(name).to_frame()
    return pd.DataFrame(index=frame.index)
