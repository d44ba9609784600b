"""What people know about the journey beside what is measured: the notes of `map.toml`."""

from journey_lib.study.map_notes.file import read_map, write_map
from journey_lib.study.map_notes.parts import Head, Idea, MapNotes, Note, StageNotes

__all__ = ["Head", "Idea", "MapNotes", "Note", "StageNotes", "read_map", "write_map"]
