"""Opens an export, however it is packed and written, and says what is wrong with one that cannot be read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, cast

from journey_lib.errors import DataError, Problem
from journey_lib.study.readers import cell_text, missing_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENCODINGS = ("utf-8-sig", "cp949", "latin-1")
_AGAIN = "Export the file again, or copy it again"
_BROKEN = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile)


def refuse(shown: str, given: str, action: str = _AGAIN, allowed: str = "") -> DataError:
    """Return the error for an export that cannot be used."""
    return DataError(Problem(shown, given, allowed, action=action))


def check_there(path: Path) -> None:
    """Raise when there is no such file, or nothing in it."""
    if not path.exists():
        raise DataError(missing_file(path, path.name))
    if path.is_file() and not path.stat().st_size:
        raise refuse(path.name, "is empty")


def ending(name: str) -> str:
    """Return what a file's name says it is, without .gz.

    Examples
    --------
    >>> ending("log.XES.gz"), ending("answers.csv")
    ('.xes', '.csv')
    """
    return PurePath(name.lower().removesuffix(".gz")).suffix


def parts(path: Path) -> list[Path]:
    """Return the file of an export, or those of its folder, which must be of one kind, by name."""
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith((".", "_")))
    kinds = sorted({ending(p.name) for p in found})
    if len(kinds) != 1:
        given = f"holds files of several kinds: {', '.join(kinds)}" if kinds else "holds no files"
        raise refuse(path.name, given, "Name one file, or a folder with the parts of one export only")
    return found


@contextmanager
def damage_said(shown: str) -> Iterator[None]:
    """Turn what unpacking a damaged or unreadable file raises into one sentence."""
    try:
        yield
    except _BROKEN:
        raise refuse(shown, "is damaged or cut short") from None
    except RuntimeError:  # what the library raises on a password
        raise refuse(shown, "is locked with a password", "Unpack it first") from None
    except OSError as error:
        raise refuse(shown, f"cannot be read ({error.strerror or 'damaged'})") from None


def streams(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of an export with their names: one, those of a folder, or those of a .zip.

    Each may be packed with gzip. Files of a folder and of a .zip come in the order of their names.
    """
    if path.is_dir():
        for inner in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            yield from streams(inner)
    elif path.suffix.lower() == ".zip":
        with damage_said(path.name), zipfile.ZipFile(path) as packed:
            for name in sorted(packed.namelist()):
                if not name.endswith("/") and not name.startswith("__MACOSX"):
                    with packed.open(name) as inside:
                        yield _unpacked(f"{path.name}/{name}", inside)
    else:
        with damage_said(path.name), path.open("rb") as file:
            yield _unpacked(path.name, file)


def _unpacked(name: str, file: IO[bytes]) -> tuple[str, IO[bytes]]:
    return name, cast("IO[bytes]", gzip.GzipFile(fileobj=file) if name.lower().endswith(".gz") else file)


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON lines or of a JSON array, over all files of an export.

    Raises
    ------
    DataError
        A line that is cut, damaged or no object; with its number.
    """
    for name, stream in streams(path):
        with damage_said(name):
            lines = io.TextIOWrapper(stream, "utf-8-sig", errors="strict")
            try:
                yield from _objects(lines, name)
            except UnicodeDecodeError:
                raise refuse(name, "is not UTF-8") from None


def _objects(lines: io.TextIOWrapper, name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if number == 1 and text.startswith("["):
            yield from _array(text + lines.read(), name)
        elif text:
            yield _object(text, f"{name}, line {number}")


def _array(text: str, name: str) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        raise refuse(name, "is a JSON array that is cut or damaged") from None
    if not all(isinstance(one, dict) for one in found):
        raise refuse(name, "holds something else than JSON objects")
    yield from found


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise refuse(where, "is cut or damaged") from None
    if not isinstance(found, dict):
        raise refuse(where, "is no JSON object")
    return found


@dataclass(frozen=True)
class Grid:
    """The records of a table as text, and how its file was written ("" for a workbook)."""

    rows: list[list[str]]
    encoding: str = ""
    delimiter: str = ""


def grid(path: Path) -> Grid:
    """Return all records of a CSV, TSV or XLSX file.

    A cell may hold line breaks: records are parsed, lines are never counted.
    """
    check_there(path)
    if ending(path.name) == ".xlsx":
        return Grid(_sheet(path))
    with damage_said(path.name):
        raw = gzip.decompress(path.read_bytes()) if path.suffix.lower() == ".gz" else path.read_bytes()
    text, encoding = decoded(raw)
    delimiter = sign_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise refuse(path.name, f"line {reader.line_num} is damaged ({error})") from None
    return Grid(rows, encoding, delimiter)


def decoded(raw: bytes) -> tuple[str, str]:
    """Return a text and how it was written: UTF-16 by its mark, else the first of UTF-8, cp949, Latin-1.

    Examples
    --------
    >>> decoded("만족".encode("cp949")), decoded("café,".encode("latin-1"))
    (('만족', 'cp949'), ('café,', 'latin-1'))
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    for encoding in ENCODINGS[:-1]:
        try:
            return raw.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return raw.decode(ENCODINGS[-1]), ENCODINGS[-1]


def sign_of(text: str) -> str:
    """Return the sign that parts the columns of the first line."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _sheet(path: Path) -> list[list[str]]:
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl on styles it does not keep
            book = load_workbook(path, read_only=True, data_only=True)
            rows = [[cell_text(v) for v in row] for row in book.worksheets[0].iter_rows(values_only=True)]
            book.close()
    except Exception:  # noqa: BLE001  # on damaged bytes the library raises nearly anything
        raise refuse(path.name, "is damaged or no XLSX file", "Save it again") from None
    kept = [row for row in rows if any(row)]
    width = max(map(len, kept), default=0)
    return [row + [""] * (width - len(row)) for row in kept]
