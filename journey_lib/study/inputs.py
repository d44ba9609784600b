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

_DERIVED = "derived"  # what segments froze
_JOURNAL = ".wal"  # what a DuckDB file has not taken in yet lies beside it


def files_of(study: Study) -> list[Path]:
    """Return every file that a report of a study may read, `study.toml` aside.

    Parameters
    ----------
    study : Study
        Its sources may be patterns: files put there since the last look are found.

    Returns
    -------
    list of Path
        Raw files, saved segments with what they froze, and notes on the map; only those that exist.
    """
    return [path for path in dict.fromkeys(_named(study)) if path.is_file()]


def _named(study: Study) -> Iterator[Path]:
    for table in study.sources.names():
        for part in study.sources[table]:
            for path, _ in part_files(study.folder, part, Stack()):
                yield path
                yield path.with_name(path.name + _JOURNAL)
            if getattr(part, "id_map", ""):
                yield study.folder / part.id_map  # type: ignore[attr-defined]  # only events have one
    yield study.folder / SEGMENTS
    yield study.folder / MAP
    yield from sorted((study.folder / _DERIVED).rglob("*"))
