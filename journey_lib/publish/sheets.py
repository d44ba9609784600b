"""Results as files for a spreadsheet: XLSX with formats and letters, or CSV; nothing in them can run."""

from __future__ import annotations

import csv
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_lib.errors import ParamError, Problem, RunError, nearest
from journey_lib.present.sheets import FORMATS, Entry, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journey_lib.present.result import Result

ENDINGS = (".xlsx", ".csv")
_RUNS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for a formula
_WIDEST, _TAB = 60, 31  # characters of a column, and of a tab's name


def save(result: Result, path: str | Path) -> Path:
    """Write a result's tables, masked as its page is, to one file.

    Parameters
    ----------
    result : Result
        What a measure returned.
    path : str or Path
        Ends in .xlsx, which keeps number formats, letters and all sheets, or in .csv, which takes the first
        sheet. An older file is replaced only by a complete one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParamError
        Another ending.
    RunError
        A folder that does not exist, or cannot be written to.

    Examples
    --------
    >>> from journey_lib.measures.survey import survey
    >>> from journey_lib.study.load import quick_study
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"q1": [10, 9, 9, 8, 7, 6, 3, 10, 9, 8]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(survey(*quick_study(responses=answers, questions={"q1": "nps"})), f"{folder}/nps.csv").name
    'nps.csv'
    """
    target = Path(path)
    writers: dict[str, Callable[[Sequence[Sheet], str], None]] = {".xlsx": _xlsx, ".csv": _csv}
    ending = target.suffix.lower()
    if ending not in writers:
        raise ParamError(Problem("path", f"'{target.name}'", " or ".join(ENDINGS), nearest(ending, ENDINGS)))
    if not target.parent.is_dir():
        raise RunError(Problem(str(target.parent), "is no folder", action="Make it first"))
    try:
        _replaced(target, lambda made: writers[ending](result.sheets(), made))
    except OSError as error:
        raise RunError(Problem(str(target), f"cannot be written: {error.strerror}")) from None
    return target


def write_workbook(sheets: Sequence[Sheet], target: Path) -> Path:
    """Write sheets into one workbook; an older file is replaced only by a complete one."""
    _replaced(target, lambda made: _xlsx(sheets, made))
    return target


def shared(draft: Path) -> Path:
    """Let others read a draft, which only its owner could until now: it is written to be handed on."""
    draft.chmod(0o644)
    return draft


def _replaced(target: Path, write: Callable[[str], None]) -> None:
    """Write beside the target and put it in place at once; nothing is left behind when that fails."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.suffix)
    os.close(handle)
    try:
        write(name)
        shared(Path(name)).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _csv(sheets: Sequence[Sheet], path: str) -> None:
    sheet = sheets[0]
    with Path(path).open("w", encoding="utf-8-sig", newline="") as out:  # the mark lets Excel read Korean
        writer = csv.writer(out)
        writer.writerow([harmless(name) for name in sheet.header])
        writer.writerows([[_plain(cell) for cell in row] for row in sheet.rows])


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("−2"), harmless("plain")
    ("'=1+1", '−2', 'plain')
    """
    return f"'{text}" if text.startswith(_RUNS) else text


def _plain(cell: str | Entry) -> object:
    if isinstance(cell, str):
        return harmless(cell)
    return cell.words if not math.isfinite(cell.value) else cell.value


def _xlsx(sheets: Sequence[Sheet], path: str) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _page(book, sheet)
    book.save(path)


def _page(book: Any, sheet: Sheet) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(_tab(sheet.name, book.sheetnames))
    _put(page, 1, 1, sheet.title).font = Font(bold=True, size=13)
    for column, name in enumerate(sheet.header, start=1):
        _put(page, 3, column, name).font = Font(bold=True)
    for row, cells in enumerate(sheet.rows, start=4):
        for column, cell in enumerate(cells, start=1):
            _put(page, row, column, cell)
    for line, note in enumerate(sheet.notes, start=len(sheet.rows) + 5):
        _put(page, line, 1, note).font = Font(italic=False, color="5F6975")
    page.freeze_panes = "B4"
    for column, name in enumerate(sheet.header, start=1):
        widest = max([len(name), *(len(_shown(row[column - 1])) for row in sheet.rows)], default=8)
        page.column_dimensions[get_column_letter(column)].width = min(widest + 2, _WIDEST)


def _put(page: Any, row: int, column: int, cell: str | Entry) -> Any:  # noqa: ANN401
    """Write one cell; text is text, whatever it begins with."""
    made = page.cell(row=row, column=column)
    if isinstance(cell, Entry) and math.isfinite(cell.value):
        made.value, made.number_format = cell.value, FORMATS.get(cell.unit, "General")
        return made
    made.value = cell if isinstance(cell, str) else cell.words
    if made.value:
        made.data_type, made.quotePrefix = "s", made.value.startswith(_RUNS)
    return made


def _shown(cell: str | Entry) -> str:
    return cell if isinstance(cell, str) else cell.words or f"{cell.value:.1f}"


def _tab(name: str, taken: Sequence[str]) -> str:
    """Return a name that a tab can have and no other has."""
    clean = "".join(" " if c in "[]:*?/\\" else c for c in name).strip()[:_TAB] or "Table"
    number = 2
    made = clean
    while made.lower() in [one.lower() for one in taken]:
        made, number = f"{clean[: _TAB - 4]} {number}", number + 1
    return made
