"""Which files a study is made of: whatever else changes on the disk changes no report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.study.map_notes.file import FILE as MAP
from journey_lib.study.segments.store import FILE as SEGMENTS
from journey_lib.study.stacking import Stack, part_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journey_lib.study.definition import Study

_FROZEN = "derived/segment-*"  # lists of segments; what a report itself notes there is no input of it
_JOURNAL = ".wal"  # what a DuckDB file has not taken in yet lies beside it


def files_of(study: Study) -> dict[str, list[Path]]:
    """Return the raw files of each source of a study.

    Parameters
    ----------
    study : Study
        Its sources may be patterns: files put there since the last look are found. Files that do not exist
        are left out.
    """
    return {
        table: [path for path in dict.fromkeys(_raw(study, table)) if path.is_file()]
        for table in study.sources.names()
    }


def beside(folder: Path) -> list[Path]:
    """Return what people put beside `study.toml`: saved segments with what they froze, notes on the map."""
    files = [folder / SEGMENTS, folder / MAP, *sorted(folder.glob(_FROZEN))]
    return [path for path in files if path.is_file()]


def _raw(study: Study, table: str) -> Iterator[Path]:
    for part in study.sources[table]:
        for path, _ in part_files(study.folder, part, Stack()):
            yield path
            yield path.with_name(path.name + _JOURNAL)
        if getattr(part, "id_map", ""):
            yield study.folder / part.id_map  # type: ignore[attr-defined]  # only events have one
