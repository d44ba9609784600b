"""Reads a file of events block by block, so that a file larger than memory can be read at all."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, cast

from journey_lib.errors import DataError, Problem
from journey_lib.study.events.read import (
    HEAD,
    LINES,
    TABLES,
    damage,
    ending,
    header,
    is_array,
    json_table,
    read_log,
    trouble_said,
)
from journey_lib.study.readers import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from journey_lib.study.definition.sources import EventsPart

_BLOCK = 1 << 22
_ROWS = 50_000
_BUFFER = 1 << 20  # else whole column chunks are held


def read_blocks(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:
    """Yield the rows of one file of events, some ten megabytes at a time, as `read_log` reads them whole.

    Parameters
    ----------
    path : Path
        Any kind `read_log` reads; Excel and SPSS files come as one block.
    part : EventsPart
        Encoding, delimiter, sheet, table.
    shown : str
        What messages call the file.

    Raises
    ------
    DataError
        When the file is missing, empty, damaged, cut short, or in another encoding; rows before the damage
        may have been yielded.
    """
    kinds = {".parquet": _parquet, ".duckdb": _database}
    kinds |= dict.fromkeys(TABLES, _csv) | dict.fromkeys(LINES, _json)
    rows = 0
    with trouble_said(path, shown):
        for table in kinds.get(ending(path), _whole)(path, part, shown):
            names = table.schema.names
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                given = f"column names stand twice: {', '.join(twice)}"
                raise DataError(Problem(shown, given, action="Rename them"))
            rows += table.num_rows
            if table.num_rows:
                yield table
    if not rows:
        raise DataError(Problem(shown, "holds no events", action="Put the export there again"))


def _whole(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:
    import pyarrow as pa

    yield pa.Table.from_pandas(read_log(path, part, shown), preserve_index=False)


def _parquet(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:  # noqa: ARG001  # one shape for all
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.exists():
        raise FileNotFoundError
    try:
        with pq.ParquetFile(path, buffer_size=_BUFFER) as file:
            for batch in file.iter_batches(_ROWS):
                yield pa.table(batch).replace_schema_metadata(None)
    except (pa.ArrowException, OSError, ValueError):
        given = "is damaged or no Parquet file"
        raise DataError(Problem(shown, given, action="Copy the file again")) from None


def _database(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:
    import pyarrow as pa

    from journey_lib.study.engine.duck import table_batches

    with table_batches(path, part.table, shown, _ROWS) as batches:
        yield from map(pa.table, batches)


class _Quotes:
    """A binary file that counts the quotation marks passing through."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.seen, self.closed = stream, 0, False

    def read(self, size: int = -1) -> bytes:
        piece = bytes(self.stream.read(size))
        self.seen += piece.count(b'"')
        return piece


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    import pyarrow as pa

    with pa.input_stream(str(path), compression="gzip" if path.suffix.lower() == ".gz" else None) as stream:
        yield cast("BinaryIO", stream)


def _csv(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:
    import pyarrow as pa
    from pyarrow import csv

    with _opened(path) as stream:
        head = bytes(stream.read(HEAD))
    delimiter = part.delimiter or ("\t" if ".tsv" in path.name.lower() else ",")
    parsing = csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    reading = csv.ReadOptions(encoding=part.encoding or "utf8", block_size=_BLOCK)
    try:
        names = header(head, part.encoding, delimiter)
        if len(names) < 2 or len(set(map(str.strip, names)) - {""}) < len(names):
            _refuse(head, path, part, shown)
        types = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        with _opened(path) as stream:
            source = _Quotes(stream)
            for batch in csv.open_csv(pa.PythonFile(source, mode="r"), reading, parsing, types):
                yield pa.table(batch).rename_columns([name.strip() for name in names])
    except (pa.ArrowInvalid, UnicodeError) as error:
        coded = isinstance(error, UnicodeError) or "UTF8" in str(error)
        given = f"is not {part.encoding or 'UTF-8'}" if coded else damage(str(error))
        action = "Set the encoding of the file on this source" if coded else "Export the file again"
        raise DataError(Problem(shown, given, action=action)) from None
    if source.seen % 2:
        given = "is damaged: a quotation mark is never closed"
        raise DataError(Problem(shown, given, action="Export the file again"))


def _refuse(head: bytes, path: Path, part: EventsPart, shown: str) -> None:
    """Let the strict reader say what is wrong with the header of a file, on its first lines."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, path.name.removesuffix(".gz"))
        copy.write_bytes(head[: head.rfind(b"\n") + 1] or head)
        read_text(copy, part, shown)
    raise DataError(Problem(shown, "has a header nobody can read", action="Export the file again"))


def _json(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:
    with _opened(path) as stream:
        array = is_array(bytes(stream.read(HEAD)))
    if array and not part.encoding:
        yield from _array(path, shown)
    elif array:
        yield from _whole(path, part, shown)
    else:
        yield from _lines(path, part, shown)


def _array(path: Path, shown: str) -> Iterator[pa.Table]:
    import pyarrow as pa

    from journey_lib.study.engine.duck import array_objects

    kinds: dict[str, pa.DataType] = {}
    with array_objects(path, shown, _ROWS) as batches:
        for batch in batches:
            lines = "\n".join(batch["json"].to_pylist()).encode()
            yield _alike(json_table(pa.py_buffer(lines), shown), kinds, shown)


def _lines(path: Path, part: EventsPart, shown: str) -> Iterator[pa.Table]:
    import pyarrow as pa

    kinds: dict[str, pa.DataType] = {}
    with _opened(path) as stream:
        for lines in _whole_lines(stream):
            raw = lines.decode(part.encoding).encode() if part.encoding else lines
            yield _alike(json_table(pa.py_buffer(raw), shown), kinds, shown)


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while piece := bytes(stream.read(_BLOCK)):
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if end and whole.strip():
            yield whole
    if rest.strip():
        yield rest


def _alike(table: pa.Table, kinds: dict[str, pa.DataType], shown: str) -> pa.Table:
    """Refuse a column that holds text in one block and numbers in another, as one block alone would."""
    import pyarrow as pa

    for field in table.schema:
        before = kinds.get(field.name)
        if before is None or pa.types.is_null(before):
            kinds[field.name] = field.type
        elif not pa.types.is_null(field.type) and pa.types.is_string(before) != pa.types.is_string(
            field.type
        ):
            given = f"column '{field.name}' holds values of mixed types"
            raise DataError(Problem(shown, given, action="Export the file again"))
    return table
