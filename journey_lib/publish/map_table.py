"""`journey map`: a map as a table, laid over a study's own notes or written for another tool."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem, RunError, nearest
from journey_lib.present.sheets import Sheet
from journey_lib.publish.sheets import ENDINGS, harmless, shared, write_workbook
from journey_lib.study.files import put
from journey_lib.study.map_notes import draft_from, read_map, write_map
from journey_lib.study.map_notes.file import FILE
from journey_lib.study.map_notes.layout import tidy_rows, wide_rows
from journey_lib.study.map_notes.merge import merge
from journey_lib.study.map_notes.patch import patched
from journey_lib.study.map_notes.table import TIDY

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes.merge import Change, Merge

_SHOWN = 60  # characters of a value in a message


def import_table(
    study: Study, path: str | Path, *, source: str = "", replace: bool = False, write: bool = True
) -> list[str]:
    """Lay a table over the study's `map.toml` and return what was added and what would change, line by line.

    Parameters
    ----------
    study : Study
        Its folder holds `map.toml`; without one it is begun.
    path : str or Path
        CSV, TSV or XLSX.
    source : str
        Who says so, for items that do not say it themselves; "" for the name of the table.
    replace : bool
        Let the table win where the notes say something else; without it they stay as they are.
    write : bool
        False only says what would happen.

    Raises
    ------
    DataError, StudyError
        A table or a `map.toml` that cannot be used; nothing is written then.
    """
    notes, table = read_map(study), draft_from(path, study, source or f"table {Path(path).name}")
    found = merge(notes, table)
    wanted = [change for change in found.changes if change.fills or replace]
    made = patched(notes, found, wanted, study)
    if write and made is not notes:
        write_map(made, study.folder / FILE)
    return [_summary(found, wanted, table.known, write=write), *_told(found.changes, wanted)]


def export_table(study: Study, path: str | Path, *, tidy: bool = False) -> Path:
    """Write the study's notes as a table: stages across and lanes down, or one row an item.

    Parameters
    ----------
    study : Study
        Its `map.toml`, in its language; the touchpoints it declares stand in the wide shape too.
    path : str or Path
        Ends in .csv or .xlsx.
    tidy : bool
        One row an item, with both languages, evidence and source: what `journey map import` reads back whole.

    Raises
    ------
    ParamError
        Another ending.
    RunError
        A folder that does not exist, or cannot be written to.
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in ENDINGS:
        raise ParamError(Problem("path", f"'{target.name}'", " or ".join(ENDINGS), nearest(ending, ENDINGS)))
    if not target.parent.is_dir():
        raise RunError(Problem(str(target.parent), "is no folder", action="Make it first"))
    notes = read_map(study)
    rows = [[row.get(column, "") for column in TIDY] for row in tidy_rows(notes)] if tidy else []
    header, *body = [list(TIDY), *rows] if tidy else wide_rows(notes, study, study.language)
    clean = [[_clean(cell) for cell in row] for row in (header, *body)]
    try:
        return _workbook(clean, target, study) if ending == ".xlsx" else _csv(clean, target)
    except OSError as error:
        raise RunError(Problem(str(target), f"cannot be written: {error.strerror}")) from None


def _workbook(rows: Sequence[Sequence[str]], target: Path, study: Study) -> Path:
    return write_workbook([Sheet("map", study.title.say(study.language), rows[0], rows[1:])], target)


def _csv(rows: Sequence[Sequence[str]], target: Path) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[_quoted(cell) for cell in row] for row in rows])
    put(target, "\ufeff" + text.getvalue())  # the mark lets Excel read Korean
    return shared(target)


def _quoted(cell: str) -> str:
    """Return a cell that no spreadsheet runs; an apostrophe people wrote themselves is told from ours."""
    return f"'{cell}" if cell.startswith("'") else harmless(cell)


def _clean(cell: str) -> str:
    """Return text without signs that no spreadsheet can hold; line ends as all of them write them."""
    lines = cell.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or sign.isprintable() or sign.isspace())


def _summary(found: Merge, wanted: Sequence[Change], known: int, *, write: bool) -> str:
    new = sum(len(entries) for entries in found.new.values())
    filled = sum(change.fills for change in wanted)
    parts = [
        f"{new} new" if not filled else f"{new} new, {filled} filled in",
        f"{len(wanted) - filled} changed" if len(wanted) > filled else "",
        f"{len(found.changes) - len(wanted)} would change and stay"
        if len(found.changes) > len(wanted)
        else "",
        f"{found.same + known} known already" if found.same + known else "",
        f"{found.absent} not in the table, they stay" if found.absent else "",
    ]
    verb = "" if write else "would be "
    return f"{FILE}: {verb}{', '.join(part for part in parts if part)}."


def _told(changes: Sequence[Change], wanted: Sequence[Change]) -> list[str]:
    told = []
    for change in (one for one in changes if not one.fills):
        end = "" if change in wanted else " Stays as it is; --replace lets the table win."
        told.append(
            f"- {change.part} '{change.name}', {change.key}: {_short(change.was)} in {FILE}, "
            f"{_short(change.becomes)} in the table.{end}"
        )
    return told


def _short(value: object) -> str:
    say = getattr(value, "say", None)
    text = " ".join(str(say("en") if say else value).split())
    return f"'{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}'"
