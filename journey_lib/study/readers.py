"""Opens a raw file of any kind and returns it as text, so that ids, codes and "NA" survive as written."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.study.tables import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from journey_lib.study.definition import SourcePart

KINDS = ".csv, .csv.gz, .tsv, .tsv.gz, .xlsx, .parquet, .sav"


def read_text(path: Path, part: SourcePart, name: str = "") -> pd.DataFrame:
    """Return the rows of a file with every cell as text and "" for an empty one.

    Parameters
    ----------
    path : Path
        The file; its ending says what it is.
    part : SourcePart
        Encoding, delimiter and sheet.
    name : str
        What messages call the file; its own name when "".

    Raises
    ------
    DataError
        When the file is missing, empty, damaged, in another encoding or of an unknown kind.
    """
    shown = name or path.name
    reader = _reader(path, shown)
    try:
        frame = reader(path, part, shown)
    except FileNotFoundError:
        raise DataError(missing_file(path, shown)) from None
    except OSError as error:
        given, action = f"cannot be read ({error.strerror or 'damaged'})", "Put a readable file there"
        raise DataError(Problem(shown, given, action=action)) from None
    if frame.shape[1] == 0 or frame.empty:
        raise DataError(
            Problem(shown, "is empty: it has no rows of data", action="Put the export there again")
        )
    return frame


def missing_file(path: Path, shown: str) -> Problem:
    """Say that a file is missing, with the nearest name in its folder."""
    folder = path.parent
    if not folder.is_dir():
        return Problem(shown, f"there is no folder {folder.name}/ to hold it", action="Check the path")
    there = sorted(entry.name for entry in folder.iterdir())
    allowed = f"a file in {folder.name}/" if there else ""
    return Problem(shown, "there is no such file", allowed, nearest(path.name, there), "Put the file there")


def _reader(path: Path, shown: str) -> Callable[[Path, SourcePart, str], pd.DataFrame]:
    ending = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    readers = {
        ".csv": _csv, ".csv.gz": _csv, ".tsv": _csv, ".tsv.gz": _csv,
        ".xlsx": _xlsx, ".parquet": _parquet, ".sav": _sav,
    }  # fmt: skip
    if ending not in readers:
        raise DataError(
            Problem(shown, f"files of kind '{ending}' are not read", KINDS, nearest(ending, readers))
        )
    return readers[ending]


def _csv(path: Path, part: SourcePart, shown: str) -> pd.DataFrame:
    text = _decoded(_bytes(path, shown), part.encoding, shown)
    delimiter = part.delimiter or ("\t" if ".tsv" in path.name.lower() else ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        given = f"line {reader.line_num} is damaged ({error})"
        raise DataError(Problem(shown, given, action="Export the file again")) from None
    if rows and len(rows[0]) == 1 and any(mark in rows[0][0] for mark in ";\t|"):
        action = 'Say which sign parts the columns, for instance delimiter = ";"'
        raise DataError(
            Problem(shown, "has one column only, and its header holds another sign", action=action)
        )
    return _framed(rows[0], rows[1:], shown) if rows else pd.DataFrame()


def _bytes(path: Path, shown: str) -> bytes:
    raw = path.read_bytes()
    if path.suffix.lower() != ".gz":
        return raw
    try:
        return gzip.decompress(raw) if raw else b""
    except (OSError, EOFError, zlib.error):
        raise DataError(Problem(shown, "is damaged or cut short", action="Copy the file again")) from None


def _decoded(raw: bytes, encoding: str, shown: str) -> str:
    try:
        text = raw.decode(encoding or "utf-8-sig")
    except UnicodeError:
        action = f'Set encoding = "{_guessed(raw)}" on this source'
        given = f"is not in {encoding}" if encoding else "is not UTF-8"
        raise DataError(
            Problem(shown, given, "UTF-8, or the encoding the source declares", action=action)
        ) from None
    return text.removeprefix("\ufeff")


def _guessed(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        raw.decode("cp949")
    except UnicodeDecodeError:
        return "cp1252"
    return "cp949"


def _framed(header: Sequence[str], rows: Sequence[Sequence[str]], shown: str) -> pd.DataFrame:
    """Make a frame of rows that all must be as long as the header."""
    names = [name.strip() for name in header]
    wrong = [number for number, row in enumerate(rows, start=1) if len(row) != len(names)]
    if wrong:
        short = counted(len(wrong), "row")
        given = f"{short} not as long as the header, {len(names)} cells (first: row {wrong[0]})"
        raise DataError(Problem(shown, given, action="Export the file again, or mend those rows"))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return _named(names, columns, shown)


def _named(names: Sequence[str], columns: Sequence[Iterable[object]], shown: str) -> pd.DataFrame:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise DataError(Problem(shown, f"column names stand twice: {', '.join(twice)}", action="Rename them"))
    frame = pd.DataFrame(
        {i: pd.Series(_listed(column), dtype="str") for i, column in enumerate(columns)},
        columns=range(len(names)),
    )
    nameless = [i for i, name in enumerate(names) if not name]
    full = [i for i in nameless if (frame[i] != "").any()]
    if full:
        raise DataError(Problem(shown, f"column number {full[0] + 1} has no name", action="Name it"))
    return frame.drop(columns=nameless).set_axis([name for name in names if name], axis=1)


@contextmanager
def _damage_said(shown: str, kind: str) -> Iterator[None]:
    """Turn whatever a format's library raises on a damaged file into one sentence."""
    try:
        yield
    except (DataError, FileNotFoundError, PermissionError, ImportError, MemoryError):
        raise
    except Exception:  # noqa: BLE001  # on damaged bytes these libraries raise nearly anything
        raise DataError(Problem(shown, f"is damaged or no {kind} file", action="Save it again")) from None


def _xlsx(path: Path, part: SourcePart, shown: str) -> pd.DataFrame:
    import warnings

    from openpyxl import load_workbook

    with _damage_said(shown, "XLSX"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl on styles it does not keep
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = _sheet(book.sheetnames, part.sheet, shown)
        rows = [row for row in book[sheet].iter_rows(values_only=True) if any(v is not None for v in row)]
        book.close()
        cells = [[cell_text(value) for value in row] for row in rows]
    width = max(map(len, cells), default=0)
    filled = [row + [""] * (width - len(row)) for row in cells]
    return _framed(filled[0], filled[1:], shown) if filled else pd.DataFrame()


def _sheet(known: Sequence[str], wanted: str, shown: str) -> str:
    if not wanted or wanted in known:
        return wanted or known[0]
    raise DataError(Problem(shown, f"has no sheet '{wanted}'", ", ".join(known), nearest(wanted, known)))


def _parquet(path: Path, part: SourcePart, shown: str) -> pd.DataFrame:  # noqa: ARG001  # one shape for all
    import pyarrow.parquet as pq

    if not path.stat().st_size:
        return pd.DataFrame()
    with _damage_said(shown, "Parquet"):
        table = pq.ParquetFile(path).read().replace_schema_metadata(None)  # the index of a frame is no column
        return frame_text(table.to_pandas(), shown)


def _sav(path: Path, part: SourcePart, shown: str) -> pd.DataFrame:
    try:
        import pyreadstat
    except ImportError:
        action = "Install it with: pip install 'journey-workbench[spss]'"
        raise DataError(Problem(shown, "SPSS files need the package pyreadstat", action=action)) from None
    if not path.exists():
        raise FileNotFoundError
    with _damage_said(shown, "SPSS"):
        frame, _ = pyreadstat.read_sav(str(path), user_missing=True, encoding=part.encoding or None)
        return frame_text(frame, shown)


def frame_text(frame: pd.DataFrame, shown: str) -> pd.DataFrame:
    """Return a typed frame as text, by the same rules as a file."""
    columns = [_text_column(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return _named([str(name) for name in frame.columns], columns, shown)


def _text_column(column: pd.Series) -> Iterable[object]:
    """Turn a typed column into text, one distinct value at a time."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.fillna("").reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _moments(column)
    try:
        codes, values = pd.factorize(column)
    except TypeError:  # lists and tables inside cells
        return [cell_text(value) for value in column]
    words = np.array([*(cell_text(value) for value in values), ""], dtype=object)
    return list(words[codes])


def _moments(column: pd.Series) -> Iterable[object]:
    """Write a column of moments in ISO, whole days without a time, those of a time zone as UTC."""
    zoned = isinstance(column.dtype, pd.DatetimeTZDtype)
    local = column.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else column
    moments = local.to_numpy(dtype="datetime64[us]")
    days, seconds = moments.astype("datetime64[D]"), moments.astype("datetime64[s]")
    exact: Literal["s", "us"] = "s" if (seconds == moments)[~np.isnat(moments)].all() else "us"
    times = np.char.add(np.datetime_as_string(moments, unit=exact), "+00:00" if zoned else "")
    text = times if zoned else np.where(days == moments, np.datetime_as_string(days), times)
    return list(np.where(np.isnat(moments), "", text))


def cell_text(value: object) -> str:
    """Write one typed cell as text: whole numbers without ".0", dates in ISO."""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        return "" if np.isnan(number) else str(int(number)) if number.is_integer() else repr(number)
    if isinstance(value, datetime):
        return (
            value.isoformat()
            if (value.time() != datetime.min.time() or value.tzinfo)
            else value.date().isoformat()
        )
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _listed(column: Iterable[object]) -> pd.Series | list[object]:
    return column if isinstance(column, pd.Series) else list(column)
