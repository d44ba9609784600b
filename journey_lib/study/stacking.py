"""Reads the parts of one source and stacks them under canonical names, every cell still text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.present.wording import Message, message
from journey_lib.study.answers import NOT_ASKED, option_names
from journey_lib.study.patterns import pieces
from journey_lib.study.readers import frame_text, missing_file, read_text
from journey_lib.study.tables import CONTRACTS, iso_dates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from journey_lib.study.definition import Question, SourcePart, Study
    from journey_lib.study.tables import Column

FILE = "\x00file"
OUTSIDE = message("outside the rows the study keeps (where)").key


@dataclass
class Stack:
    """The stacked text of one source, and what was met on the way."""

    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    files: list[str] = field(default_factory=list)
    rows_read: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    notes: list[Message | str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def stack(study: Study, table: str, needed: Iterable[str], given: pd.DataFrame | None = None) -> Stack:
    """Read all files of a source into one text frame.

    Parameters
    ----------
    study : Study
        The study; its questions belong to `responses`.
    table : str
        The canonical name of the table.
    needed : iterable of str
        Canonical columns this study cannot do without, beside the contract's own.
    given : DataFrame, optional
        Stands in for the files of the source's one part.

    Returns
    -------
    Stack
        With the file of each row in the column `FILE`.
    """
    found = Stack()
    required = [name for name, column in CONTRACTS[table].columns.items() if column.required]
    questions = study.questions if table == "responses" else ()
    frames = []
    for part in study.sources[table]:
        reader = PartReader(part, questions, [*required, *needed], CONTRACTS[table].columns)
        if given is not None:
            frames.append(_taken(reader, frame_text(given, table), table, found))
            continue
        for path, shown in part_files(study.folder, part, found):
            frames += _one_file(reader, path, shown, found)
    if frames:
        found.frame = pd.concat(frames, ignore_index=True).fillna("")
    return found


def part_files(folder: Path, part: SourcePart, found: Stack) -> Iterator[tuple[Path, str]]:
    """Yield the files of a part and how messages call them; none to be found is a problem."""
    if any(mark in part.file for mark in "*?["):
        paths = sorted(folder.glob(part.file))
        if not paths:
            found.problems.append(Problem(part.file, "no file has such a name", action="Put the files there"))
        yield from ((path, path.relative_to(folder).as_posix()) for path in paths)
    elif (folder / part.file).is_dir():
        action = f'Name its files, such as "{part.file}/*.parquet"'
        found.problems.append(Problem(part.file, "is a folder", "a file, or a pattern", action=action))
    elif (folder / part.file).exists():
        yield folder / part.file, part.file
    else:
        found.problems.append(missing_file(folder / part.file, part.file))


def _one_file(reader: PartReader, path: Path, shown: str, found: Stack) -> list[pd.DataFrame]:
    try:
        raw = read_text(path, reader.part, shown)
    except DataError as error:
        found.problems.extend(error.items)
        return []
    found.files.append(shown)
    if reader.part.encoding:
        found.notes.append(read_as(shown, reader.part.encoding))
    return [_taken(reader, raw, shown, found)]


def read_as(shown: str, encoding: str) -> Message:
    """Say which encoding a file was read in."""
    return message("{file} read as {encoding}", file=shown, encoding=encoding)


def _taken(reader: PartReader, raw: pd.DataFrame, shown: str, found: Stack) -> pd.DataFrame:
    found.rows_read += len(raw)
    found.problems.extend(reader.problems(raw, shown))
    kept = reader.rows(raw)
    if len(kept) < len(raw):
        found.dropped[OUTSIDE] = found.dropped.get(OUTSIDE, 0) + len(raw) - len(kept)
    return reader.renamed(kept, shown).assign(**{FILE: shown})


@dataclass
class PartReader:
    """Applies one source part to its files.

    Attributes
    ----------
    part : SourcePart
        What the study says.
    questions : iterable of Question
        Those whose answers stand in it.
    required : list of str
        Canonical columns it must have.
    canonical : mapping
        Canonical columns of the table.
    """

    part: SourcePart
    questions: Iterable[Question]
    required: list[str]
    canonical: Mapping[str, Column]

    def __post_init__(self) -> None:
        part = self.part
        self.fixed = {**part.constant, **({"respondent_id": part.id} if part.id else {})}
        self.asked = {
            name: part.columns.get(name, question.columns.get(option, question.column))
            for question in self.questions
            if question.id not in part.not_asked
            for name, option in option_names(question).items()
        }
        self.absent = [
            name
            for question in self.questions
            if question.id in part.not_asked
            for name in option_names(question)
        ]
        self.mapped = {name: column for name, column in part.columns.items() if name not in self.asked}

    def problems(self, raw: pd.DataFrame, shown: str) -> Iterator[Problem]:
        """Yield a problem for each column the study names and the file lacks."""
        known = list(raw.columns)
        named = {**self.mapped, **self.asked, **{n: n for n in self.part.keep or ()}}
        named |= {n: n for n in self.part.where}
        named |= {n: n for n in self.required if n not in named and n not in self.fixed}
        for pattern in self.fixed.values():
            named |= {name: name for _, name, _ in pieces(pattern) if name and name not in ("row", "file")}
        for name, column in named.items():
            if column not in known:
                meant = f" (for '{name}')" if name != column else ""
                yield Problem(
                    shown, f"has no column '{column}'{meant}", nearest=nearest(column, known),
                    action="Name the column under columns, or mend the file",
                )  # fmt: skip

    def quoted(self) -> set[str]:
        """Return the columns of the file whose text the part compares or fills into patterns."""
        named = {name for pattern in self.fixed.values() for _, name, _ in pieces(pattern) if name}
        return named | set(self.part.where)

    def rows(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Return the rows the study keeps; the index still counts the rows of the file."""
        keep = np.ones(len(raw), dtype=bool)
        for name, values in self.part.where.items():
            if name in raw:
                keep &= raw[name].isin(list(values)).to_numpy()
        return raw[keep]

    def renamed(self, raw: pd.DataFrame, shown: str) -> pd.DataFrame:
        """Return the part under canonical names: questions, mapped and fixed columns, then further ones."""
        empty = pd.Series("", index=raw.index, dtype="str")
        columns = {name: raw.get(column, empty) for name, column in (self.mapped | self.asked).items()}
        columns |= {name: pd.Series(NOT_ASKED, index=raw.index, dtype="str") for name in self.absent}
        columns |= {name: filled(pattern, raw, shown) for name, pattern in self.fixed.items()}
        used = {*self.mapped.values(), *self.asked.values()}
        for name in raw.columns:
            wanted = self.part.keep is None or name in self.part.keep or name in self.canonical
            if wanted and name not in columns and name not in used:
                columns[name] = raw[name]
        if self.part.date_format:
            dates = [n for n, c in self.canonical.items() if c.kind == "date"] + [*self.part.dates]
            columns |= {n: iso_dates(columns[n], self.part.date_format) for n in dates if n in columns}
        return pd.DataFrame(columns)


def filled(pattern: str, raw: pd.DataFrame, file: str = "") -> pd.Series:
    """Fill a pattern such as "{year}-{row}" for every row.

    Examples
    --------
    >>> filled("{year}-{row}", pd.DataFrame({"year": ["2016", "2016"]})).to_list()
    ['2016-1', '2016-2']
    """
    text = pd.Series("", index=raw.index, dtype="str")
    for literal, name, width in pieces(pattern):
        text = text + literal
        if name == "row":
            text = text + pd.Series(raw.index + 1, index=raw.index).astype("str").str.zfill(width)
        elif name == "file":
            text = text + PurePath(file).name.partition(".")[0]
        elif name:
            text = text + raw.get(name, text.where(text == "", "")).str.strip().str.zfill(width)
    return text
