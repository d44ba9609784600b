"""Writes additions and changes into a `map.toml` line by line, so that comments and spacing stay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from journey_lib.errors import Problem, StudyError
from journey_lib.study.map_notes.file import FILE, block_of, literal, notes_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from journey_lib.study.definition import Study
    from journey_lib.study.definition.parts import Part
    from journey_lib.study.map_notes.merge import Change, Merge
    from journey_lib.study.map_notes.parts import MapNotes

_LISTS = ("stages", "notes", "opportunities")


def patched(notes: MapNotes, merged: Merge, changes: Sequence[Change], study: Study) -> MapNotes:
    """Return the notes with a table's additions and some of its changes, and the bytes they are kept as.

    Parameters
    ----------
    notes : MapNotes
        As they were read; their own bytes are kept wherever nothing is added or changed.
    merged : Merge
        What the table adds.
    changes : sequence of Change
        Those of its changes that are wanted.
    study : Study
        The result must fit it as every `map.toml` does.

    Raises
    ------
    StudyError
        A file that cannot be changed line by line, or additions that do not fit the study.
    """
    if not changes and not any(merged.new.values()):
        return notes
    text = notes.source.decode("utf-8-sig") if notes.source else "\n".join(["[map]", *_head(notes)])
    ending = "\r" if "\r\n" in text else ""
    lines = text.split("\n")
    for change in changes:
        _set(lines, change, ending)
    while lines and not lines[-1].strip():
        lines.pop()
    for name in _LISTS:
        for one in merged.new[name]:
            lines += [line + ending for line in ("", f"[[{name}]]", *block_of(one))]
    mark = b"\xef\xbb\xbf" if notes.source.startswith(b"\xef\xbb\xbf") else b""
    made = notes_from(mark + ("\n".join(lines) + "\n").encode(), study)
    if made.model_dump() != _expected(notes, merged.new, changes).model_dump():
        action = "Write it into the file by hand, or put each value on one line"
        raise StudyError(
            Problem(FILE, "is written in a way that cannot be changed line by line", action=action)
        )
    return made


def _head(notes: MapNotes) -> Iterable[str]:
    return (f"id = {literal(notes.map.id)}", f"version = {notes.map.version}")


def _set(lines: list[str], change: Change, ending: str) -> None:
    """Replace the line of one key, or add it to the end of its entry."""
    start, end = _entry(lines, change.part, change.at)
    written = f"{change.key} = {literal(_toml(change.becomes))}{ending}"
    for at in range(start, end):
        if re.match(rf"\s*{re.escape(change.key)}\s*=", lines[at]):
            lines[at] = written
            return
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    lines.insert(end, written)


def _entry(lines: Sequence[str], part: str, place: int) -> tuple[int, int]:
    """Return the lines between the header of an entry and the next one."""
    heads = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{part}\s*\]\]", line)]
    if place >= len(heads):
        return len(lines), len(lines)
    start = heads[place] + 1
    end = next((at for at in range(start, len(lines)) if re.match(r"\s*\[[\[a-z]", lines[at])), len(lines))
    return start, end


def _expected(notes: MapNotes, new: dict[str, tuple[Any, ...]], changes: Sequence[Change]) -> MapNotes:
    """Return what the changed file must say."""
    entries: dict[str, list[Part]] = {name: list(getattr(notes, name)) for name in _LISTS}
    for change in changes:
        held = entries[change.part]
        held[change.at] = held[change.at].model_copy(update={change.key: change.becomes})
    return notes.model_copy(update={name: (*entries[name], *new[name]) for name in _LISTS})


def _toml(value: object) -> object:
    dump = getattr(value, "model_dump", None)
    return {lang: words for lang, words in dump().items() if words} if dump else value
