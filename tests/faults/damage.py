"""Ways in which a raw file goes wrong: on the level of its table, its text, its bytes and its place."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.faults.small import PLANTED, PLANTED_NUMBER, Traits

SAME, REFUSED, EITHER = "same", "refused", "either"
Change = Callable[[pd.DataFrame, Traits], pd.DataFrame | None]


def _cells(table: pd.DataFrame, column: str, text: str, rows: slice = slice(3, 5)) -> pd.DataFrame | None:
    """Write a text into some cells of a column; None when the table has no such column."""
    if not column:
        return None
    changed = table[column].tolist()
    changed[rows] = [text] * len(changed[rows])
    return table.assign(**{column: pd.Series(changed, dtype="str")})


def _swapped(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    """Exchange the contents of two columns, as an export whose header is off by one."""
    words = traits.needed or traits.key
    return table.assign(**{traits.number: table[words], words: table[traits.number]})


def _headless(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    """Take the header away: the first person's cells stand in its place."""
    names = [cell or f"empty {i}" for i, cell in enumerate(table.iloc[0])]
    return table.iloc[1:].set_axis(pd.Index(names), axis=1)


def _misspelt(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    return table.rename(columns={traits.needed: traits.needed + "s"}) if traits.needed else None


def _without(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    return table.drop(columns=traits.needed) if traits.needed else None


def _repeated_id(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    """Give the second row the key of the first and leave everything else as it is."""
    if not traits.key:
        return None
    again = table.copy()
    keys = [name for name in (traits.key, "wave", "margin", "experiment", "arm") if name in table]
    again.loc[1, keys] = again.loc[0, keys]
    return again


def _header_again(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    """Repeat the header among the rows, as when two exports are pasted together."""
    header = pd.DataFrame([list(table.columns)], columns=table.columns, dtype="str")
    return pd.concat([table.iloc[:5], header, table.iloc[5:]], ignore_index=True)


def _shuffled(table: pd.DataFrame, traits: Traits) -> pd.DataFrame | None:
    return table.iloc[np.random.default_rng(3).permutation(len(table))]


TABLE_FAULTS: dict[str, tuple[Change, str]] = {
    "columns reversed": (lambda t, _: t[t.columns[::-1]], SAME),
    "rows reversed": (lambda t, _: t.iloc[::-1], SAME),
    "rows shuffled": (_shuffled, SAME),
    "header only": (lambda t, _: t.iloc[:0], REFUSED),
    "column lost": (_without, REFUSED),
    "column misspelt": (_misspelt, REFUSED),
    "header lost": (_headless, EITHER),
    "header again": (_header_again, REFUSED),
    "columns swapped": (_swapped, REFUSED),
    "needed cells emptied": (lambda t, a: _cells(t, a.needed, ""), REFUSED),
    "word in numbers": (lambda t, a: _cells(t, a.number, PLANTED), REFUSED),
    "comma in numbers": (lambda t, a: _cells(t, a.number, PLANTED_NUMBER.replace(".", ",")), REFUSED),
    "endless number": (lambda t, a: _cells(t, a.number, "9" * 400), REFUSED),
    "not a number": (lambda t, a: _cells(t, a.number, "nan"), REFUSED),
    "word in dates": (lambda t, a: _cells(t, a.date, PLANTED), REFUSED),
    "no day of any month": (lambda t, a: _cells(t, a.date, "2025-02-30"), REFUSED),
    "year beyond time": (lambda t, a: _cells(t, a.date, "999999-01-01"), REFUSED),
    "dates of another order": (lambda t, a: _cells(t, a.date, "31/01/2025"), REFUSED),
    "rows twice": (lambda t, _: pd.concat([t, t], ignore_index=True), EITHER),
    "id twice": (_repeated_id, EITHER),
    "one row left": (lambda t, _: t.iloc[:1], EITHER),
    "control signs": (lambda t, a: _cells(t, a.needed or a.key, f"{PLANTED}\x01\x1f\u2028"), EITHER),
    "huge cell": (lambda t, a: _cells(t, a.needed or a.key, PLANTED * 40_000, slice(3, 4)), EITHER),
}

TEXT_FAULTS: dict[str, tuple[Callable[[str], bytes], str, str]] = {
    "byte order mark": (lambda t: t.encode("utf-8-sig"), "", SAME),
    "lines of Windows": (lambda t: t.replace("\n", "\r\n").encode(), "", SAME),
    "empty lines at the end": (lambda t: (t + "\n\n").encode(), "", SAME),
    "no last line end": (lambda t: t.rstrip("\n").encode(), "", SAME),
    "quotes around all": (lambda t: _quoted(t).encode(), "", SAME),
    "cp949 declared": (lambda t: t.encode("cp949"), 'encoding = "cp949"', SAME),
    "UTF-16 declared": (lambda t: t.encode("utf-16"), 'encoding = "utf-16"', SAME),
    "semicolons declared": (lambda t: t.replace(",", ";").encode(), 'delimiter = ";"', SAME),
    "cp949": (lambda t: t.encode("cp949"), "", REFUSED),
    "latin-1": (lambda t: t.replace("서울", "Zürich").encode("latin-1"), "", REFUSED),
    "UTF-16": (lambda t: t.encode("utf-16"), "", REFUSED),
    "UTF-8 read as ASCII": (lambda t: t.encode(), 'encoding = "ascii"', REFUSED),
    "unknown encoding": (lambda t: t.encode(), 'encoding = "utf-99"', REFUSED),
    "encoding that is none of text": (lambda t: t.encode(), 'encoding = "base64"', REFUSED),
    "semicolons": (lambda t: t.replace(",", ";").encode(), "", REFUSED),
    "another delimiter declared": (lambda t: t.encode(), 'delimiter = "|"', REFUSED),
    "delimiter of two signs": (lambda t: t.encode(), 'delimiter = "::"', REFUSED),
    "cut within a line": (lambda t: _cut_in_line(t).encode(), "", REFUSED),
    "cut within a letter": (lambda t: t.encode()[: t.encode().index("서울".encode()) + 1], "", REFUSED),
    "quote never closed": (lambda t: _at_line(t, 4, lambda line: '"' + line).encode(), "", REFUSED),
    "delimiter too many": (lambda t: _at_line(t, 4, lambda line: line + ",").encode(), "", REFUSED),
    "cell too few": (lambda t: _at_line(t, 4, lambda line: line.split(",", 1)[1]).encode(), "", REFUSED),
    "column name twice": (lambda t: _at_line(t, 0, _name_twice).encode(), "", REFUSED),
    "nameless column": (lambda t: _at_line(t, 0, lambda line: line[: -len("place")]).encode(), "", REFUSED),
    "NUL bytes among the cells": (lambda t: t.replace("서울", "\x00\x00").encode(), "", EITHER),
    "nothing but NUL bytes": (lambda t: b"\x00" * 4096, "", REFUSED),
    "zero bytes": (lambda t: b"", "", REFUSED),
    "nothing but blanks": (lambda t: b" \n \n", "", REFUSED),
    "nothing but line ends": (lambda t: b"\n" * 9, "", REFUSED),
    "noise": (lambda t: np.random.default_rng(5).bytes(5000), "", REFUSED),
    "a page of HTML": (lambda t: b"<!doctype html><html><body>Please log in</body></html>", "", REFUSED),
    "a line of commas": (lambda t: _at_line(t, 4, lambda line: "," * line.count(",")).encode(), "", REFUSED),
    "no rows": (lambda t: t[: t.index("\n") + 1].encode(), "", REFUSED),
}  # fmt: skip


def _quoted(text: str) -> str:
    return "".join(",".join(f'"{c}"' for c in line.split(",")) + "\n" for line in text.splitlines())


def _cut_in_line(text: str) -> str:
    """End the text behind the first cell of a row in the middle."""
    half = text.index("\n", len(text) // 2) + 1
    return text[: text.index(",", half)]


def _at_line(text: str, number: int, change: Callable[[str], str]) -> str:
    lines = text.splitlines()
    lines[number] = change(lines[number])
    return "\n".join(lines) + "\n"


def _name_twice(line: str) -> str:
    return line.replace("place", line.split(",")[0])


def _flipped(raw: bytes) -> bytes:
    """Turn the bits of one byte in twenty, the first and last ones left out."""
    noise = np.frombuffer(raw, dtype=np.uint8).copy()
    noise[8:-8:20] ^= 0xFF
    return noise.tobytes()


BYTE_FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "zero bytes": lambda raw: b"",
    "first half": lambda raw: raw[: len(raw) // 2],
    "second half": lambda raw: raw[len(raw) // 2 :],
    "last bytes lost": lambda raw: raw[:-7],
    "bits turned": _flipped,
    "noise": lambda raw: np.random.default_rng(5).bytes(len(raw)),
    "first bytes only": lambda raw: raw[:4],
    "text in its place": lambda raw: f"{PLANTED} is no table\n".encode(),
    "gzip of it": lambda raw: gzip.compress(raw, mtime=0),
}


def _nothing(place: Path) -> None:
    place.unlink()


def _folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def _dangling(place: Path) -> None:
    place.unlink()
    place.symlink_to(place.with_name("gone"))


def _loop(place: Path) -> None:
    place.unlink()
    place.symlink_to(place)


def _other_case(place: Path) -> None:
    place.rename(place.with_name(place.name.upper()))


PLACE_FAULTS = {
    "missing": _nothing,
    "a folder": _folder,
    "a link to nothing": _dangling,
    "a link to itself": _loop,
    "another name": _other_case,
}
