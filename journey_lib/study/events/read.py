"""Opens a file of events: text columns stay text, typed ones keep their type."""

from __future__ import annotations

import csv
import ctypes
import io
import re
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.study.events.later import Later, Wanted, read_wanted
from journey_lib.study.readers import missing_file, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from journey_lib.study.definition import EventsPart
    from journey_lib.study.events.coding import Words

LINES = (".jsonl", ".ndjson", ".json")
TABLES = (".csv", ".tsv")
HEAD = 1 << 20
_MARK = b"\xef\xbb\xbf"


def read_log(path: Path, part: EventsPart, shown: str) -> pd.DataFrame:
    """Return the rows of one file of events.

    Parameters
    ----------
    path : Path
        CSV, TSV, JSON lines or a JSON array, plain or .gz; Parquet; DuckDB; any other kind the tables of a
        study may have.
    part : EventsPart
        Encoding, delimiter, sheet, table.
    shown : str
        What messages call the file.

    Raises
    ------
    DataError
        When the file is missing, empty, damaged, cut short, or in another encoding.
    """
    with trouble_said(path, shown):
        frame = _reader(path)(path, part, shown)
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(Problem(shown, f"column names stand twice: {', '.join(twice)}", action="Rename them"))
    if frame.empty:
        raise DataError(Problem(shown, "holds no events", action="Put the export there again"))
    return frame


def read_part(
    path: Path, part: EventsPart, shown: str, wanted: Wanted, pooled: Mapping[str, Words]
) -> tuple[pd.DataFrame, Later | None]:
    """Return the rows of one file with at least the columns wanted, and what is left to be read later.

    Parameters
    ----------
    path, part, shown
        As for `read_log`.
    wanted : Wanted
        Which columns of a Parquet file to read; all other files are read whole.
    pooled : mapping of str to Words
        As for `read_wanted`.

    Raises
    ------
    DataError
        As `read_log`.
    """
    if ending(path) == ".parquet":
        with trouble_said(path, shown), damaged_parquet(path, shown):
            found = read_wanted(path, shown, wanted, pooled)
        if found is not None:
            return found
    return read_log(path, part, shown), None


@contextmanager
def damaged_parquet(path: Path, shown: str) -> Iterator[None]:
    """Turn whatever pyarrow raises on a damaged file into one sentence."""
    import pyarrow as pa

    if not path.exists():
        raise FileNotFoundError
    try:
        yield
    except (pa.ArrowException, OSError, ValueError):
        given = "is damaged or no Parquet file"
        raise DataError(Problem(shown, given, action="Copy the file again")) from None


@contextmanager
def trouble_said(path: Path, shown: str) -> Iterator[None]:
    """Turn what a file system or a decompressor raises into one sentence."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(missing_file(path, shown)) from None
    except OSError as error:
        cut = "is damaged or cut short" if "compressed" in str(error) else ""
        given = cut or f"cannot be read ({error.strerror or 'damaged'})"
        raise DataError(Problem(shown, given, action="Copy the file again")) from None


def _reader(path: Path) -> Callable[[Path, EventsPart, str], pd.DataFrame]:
    kinds = {".parquet": _parquet, ".duckdb": _database}
    kinds |= dict.fromkeys(TABLES, _csv) | dict.fromkeys(LINES, _json)
    return kinds.get(ending(path), read_text)


def ending(path: Path) -> str:
    """Return what a file's name says it is, in small letters and without .gz."""
    return path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def _bytes(path: Path) -> pa.Buffer:
    import pyarrow as pa

    with pa.input_stream(str(path), compression="gzip" if path.suffix.lower() == ".gz" else None) as stream:
        return pa.py_buffer(stream.read())


def _csv(path: Path, part: EventsPart, shown: str) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    raw = _bytes(path)
    delimiter = part.delimiter or ("\t" if ".tsv" in path.name.lower() else ",")
    parsing = arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    reading = arrow_csv.ReadOptions(encoding=(part.encoding or "utf8"))
    try:
        names = header(raw, part.encoding, delimiter)
        odd = len(names) < 2 or len(set(map(str.strip, names)) - {""}) < len(names)
        if odd or np.count_nonzero(np.frombuffer(raw, dtype=np.uint8) == ord('"')) % 2:
            return read_text(path, part, shown)  # the strict reader says what is wrong, if anything is
        types = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        table = arrow_csv.read_csv(pa.BufferReader(raw), reading, parsing, types)
        return framed(table.rename_columns([name.strip() for name in names]))
    except (pa.ArrowInvalid, UnicodeError) as error:
        read_text(path, part, shown)
        raise DataError(Problem(shown, damage(str(error)), action="Export the file again")) from None


def header(raw: pa.Buffer | bytes, encoding: str, delimiter: str) -> list[str]:
    """Return the names in the first line of a text file."""
    stream = io.BytesIO(memoryview(raw)[:HEAD])
    lines = io.TextIOWrapper(stream, encoding or "utf-8-sig", newline="")
    return next(csv.reader(lines, delimiter=delimiter), [])


def damage(said: str) -> str:
    """Say what a library met without repeating the cells it shows."""
    found = re.search(r"Expected (\d+) columns, got (\d+)", said)
    if found:
        return f"a row has {found[2]} cells where the header has {found[1]}: it is cut or damaged"
    return "is damaged or cut short"


def _json(path: Path, part: EventsPart, shown: str) -> pd.DataFrame:
    import pyarrow as pa

    raw = _bytes(path)
    if part.encoding:
        raw = pa.py_buffer(memoryview(raw).tobytes().decode(part.encoding).encode())
    if not is_array(memoryview(raw)[:HEAD].tobytes()):
        return framed(json_table(raw, shown))
    from journey_lib.study.engine.duck import array_objects

    with NamedTemporaryFile(suffix=".json") as file:  # plain UTF-8, whatever the file itself is
        file.write(memoryview(raw))
        file.flush()
        with array_objects(Path(file.name), shown) as batches:
            rows = batches.read_all()["json"]
    return framed(json_table(pa.py_buffer("\n".join(rows.to_pylist()).encode()), shown))


def is_array(head: bytes) -> bool:
    """Say whether a JSON file is one array instead of one object per line."""
    return head.removeprefix(_MARK).lstrip()[:1] == b"["


def json_table(lines: pa.Buffer, shown: str) -> pa.Table:
    """Return JSON lines as a table; times stay text, as they were written."""
    import pyarrow as pa
    from pyarrow import json

    first = memoryview(lines)[:HEAD].tobytes().removeprefix(_MARK).lstrip()[:1]
    if first != b"{":  # pyarrow itself dies of a file that is one bare `null`
        given = "holds something else than JSON objects" if first else "holds no events"
        raise DataError(Problem(shown, given, action="Export the file again"))
    try:
        table = json.read_json(pa.BufferReader(lines))
        guessed = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
        if not guessed:
            return table
        wanted = pa.schema([(name, pa.string()) for name in guessed])  # a guess drops the offset
        return json.read_json(pa.BufferReader(lines), parse_options=json.ParseOptions(explicit_schema=wanted))
    except pa.ArrowInvalid as error:
        raise DataError(Problem(shown, _json_damage(str(error)), action="Export the file again")) from None


def _json_damage(said: str) -> str:
    changed = re.search(r"Column\(/?(.*?)\) changed from (\w+) to (\w+)", said)
    if changed and changed[1]:
        return f"column '{changed[1]}' holds values of mixed types, {changed[2]} and {changed[3]}"
    if changed:
        return "holds something else than JSON objects"
    if "Empty" in said:
        return "holds no events"
    return "has a line that is cut or damaged, or is not UTF-8"


def _parquet(path: Path, part: EventsPart, shown: str) -> pd.DataFrame:  # noqa: ARG001  # one shape for all
    import pyarrow.parquet as pq

    with damaged_parquet(path, shown):
        table = pq.ParquetFile(path).read().replace_schema_metadata(None)
    return framed(table)


def _database(path: Path, part: EventsPart, shown: str) -> pd.DataFrame:
    from journey_lib.study.engine.duck import table_batches

    with table_batches(path, part.table, shown) as batches:
        return framed(batches.read_all())


def release() -> None:
    """Give back what the reader of the last file still holds, though nobody needs it."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Return what makes the C library give memory back to the system; only that of GNU has it."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return found


def framed(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a frame."""
    frame: pd.DataFrame = table.to_pandas()
    return frame
