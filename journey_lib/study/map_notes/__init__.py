"""What people know about the journey beside what is measured: the notes of `map.toml`, and maps as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.study.map_notes.file import read_map, write_map
from journey_lib.study.map_notes.parts import Head, Idea, MapNotes, Note, StageNotes

if TYPE_CHECKING:
    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes.table import Drafted

__all__ = [
    "Head", "Idea", "MapNotes", "Note", "StageNotes", "draft_from", "read_map", "read_map_table", "write_map",
]  # fmt: skip


def read_map_table(path: str | Path, study: Study) -> MapNotes:
    r"""Return the notes that a journey map holds which somebody laid out as a table.

    Parameters
    ----------
    path : str or Path
        CSV, TSV or XLSX: stages across and lanes down, or the other way round, or one row an item.
    study : Study
        Its stages are the only ones a table may speak of.

    Returns
    -------
    MapNotes
        Everything the table says; `journey map import` lays it over the study's own `map.toml`.

    Raises
    ------
    DataError
        Everything wrong with the table at once; an unknown stage or lane with the nearest name.

    Examples
    --------
    >>> import tempfile
    >>> from journey_lib.study.load import quick_study
    >>> study, _ = quick_study(journey="funnel3")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "map.csv"
    ...     _ = file.write_text("Phase,Awareness,Purchase\nPain points,Too many adverts,No receipt\n")
    ...     [(note.stage, note.text.say("en")) for note in read_map_table(file, study).notes]
    [('awareness', 'Too many adverts'), ('purchase', 'No receipt')]
    """
    return draft_from(path, study, f"table {Path(path).name}").notes


def draft_from(path: str | Path, study: Study, source: str) -> Drafted:
    """Return what a table says, and which columns it has; `source` says who knows what it does not sign."""
    from journey_lib.study.importers.opening import grid
    from journey_lib.study.map_notes.table import drafted

    file = Path(path)
    rows = grid(file).rows
    if file.suffix.lower() != ".xlsx":  # a workbook has a mark of its own for text
        rows = [[_bare(cell) for cell in row] for row in rows]
    return drafted(rows, study, file.name, source)


def _bare(cell: str) -> str:
    """Return a cell without the sign that kept a spreadsheet from running it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("'", *"=+-@\t\r") else cell
