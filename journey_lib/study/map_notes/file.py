"""The file `map.toml` beside `study.toml`: read with all its problems at once, written byte for byte."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from journey_lib.errors import Problem, StudyError, nearest
from journey_lib.study.map_notes.parts import Head, Idea, MapNotes, Note, StageNotes, problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from journey_lib.study.definition import Study

FILE = "map.toml"
_PARTS: dict[str, type[BaseModel]] = {
    "map": Head, "stages": StageNotes, "notes": Note, "opportunities": Idea,
}  # fmt: skip


def read_map(study: Study) -> MapNotes:
    """Return what people wrote about the journey in the study's `map.toml`.

    Parameters
    ----------
    study : Study
        Its folder is looked in; its stages and touchpoints are the only ones the notes may speak of.

    Returns
    -------
    MapNotes
        Empty where there is no such file.

    Raises
    ------
    StudyError
        One error that lists everything wrong with the file.

    Examples
    --------
    >>> from journey_lib.study.load import quick_study
    >>> study, _ = quick_study(journey="funnel3")
    >>> read_map(study).map.version
    1
    """
    file = study.folder / FILE
    try:
        source = file.read_bytes()
    except FileNotFoundError:
        return MapNotes()
    except OSError as error:
        given, action = f"cannot be read ({error.strerror})", "Put a readable file there"
        raise StudyError(Problem(FILE, given, action=action)) from None
    return notes_from(source, study)


def notes_from(source: bytes, study: Study) -> MapNotes:
    """Return the notes that the bytes of a `map.toml` hold."""
    raw = _parsed(source)
    try:
        notes = MapNotes.model_validate(raw)
    except ValidationError as error:
        raise StudyError([_problem(raw, one) for one in error.errors(include_url=False)]) from None
    problems = [Problem(f"{FILE}, {p.where}", p.given, p.allowed, p.nearest, p.action)
                for p in problems_of(notes, study)]  # fmt: skip
    if problems:
        raise StudyError(problems)
    return notes.kept_as(source)


def write_map(notes: MapNotes, file: Path) -> None:
    """Write notes to a file: unchanged ones byte for byte, those made in code in the file's usual shape."""
    from tempfile import NamedTemporaryFile

    content = notes.source or as_toml(notes).encode()
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
        draft.write(content)
    made = Path(draft.name)
    made.chmod(0o644)  # a draft is its owner's alone; the study belongs to a team
    made.replace(file)


def as_toml(notes: MapNotes) -> str:
    """Return notes as the text of a `map.toml`; what is empty is left out.

    Examples
    --------
    >>> from journey_lib.study.definition import Text
    >>> note = Note(stage="adoption", lane="action", text=Text(en="Opens the box"), source="interview 3")
    >>> print(as_toml(MapNotes(notes=(note,))))
    [map]
    id = "map"
    version = 1
    <BLANKLINE>
    [[notes]]
    stage = "adoption"
    lane = "action"
    text = { en = "Opens the box" }
    source = "interview 3"
    <BLANKLINE>
    """
    head = {"id": notes.map.id, "version": notes.map.version, **_filled(notes.map)}
    parts = ["[map]", *_lines(head)]
    for name in ("stages", "notes", "opportunities"):
        for one in getattr(notes, name):
            parts += ["", f"[[{name}]]", *block_of(one)]
    return "\n".join(parts) + "\n"


def block_of(part: BaseModel) -> list[str]:
    """Return the lines of one entry; what is empty is left out."""
    return list(_lines(_filled(part)))


def _filled(part: BaseModel) -> dict[str, Any]:
    fields = type(part).model_fields
    written = part.model_dump(exclude_defaults=True)
    return {name: value for name, value in written.items() if value != {} or fields[name].is_required()}


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name} = {literal(value)}" for name, value in values.items())


def literal(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {literal(v)}" for k, v in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML forbids it, JSON does not


def _parsed(source: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(source.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise StudyError(Problem(f"{FILE}, line {line}", "is not UTF-8", action="Save it as UTF-8")) from None
    except (ValueError, RecursionError) as error:
        action = "Mend that place, or take the file's last good version"
        raise StudyError(Problem(FILE, f"is not valid TOML: {error}", action=action)) from None


def _problem(raw: dict[str, Any], error: ErrorDetails) -> Problem:
    """Say in the words of the file what one validation error means."""
    place = error["loc"]
    where = f"{FILE}, {_where(raw, place)}"
    known = _known(place)
    key = str(place[-1])
    if error["type"] == "extra_forbidden":
        return Problem(where, f"unknown key '{key}'", ", ".join(known), nearest(key, known))
    if error["type"] == "missing":
        return Problem(where, f"key '{key}' is missing", action="Add it")
    if error["type"] == "literal_error":
        allowed = str(error.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
        given = str(error["input"])
        return Problem(where, f"{key} = '{given}'", allowed, nearest(given, allowed.split(", ")))
    wanted = error["msg"].removeprefix("Input should be ")
    return Problem(where, f"key '{key}' does not fit", wanted)


def _where(raw: dict[str, Any], place: tuple[int | str, ...]) -> str:
    name = str(place[0])
    if len(place) > 1 and isinstance(place[1], int):
        entry = raw[name][place[1]] if isinstance(raw.get(name), list) else {}
        known = entry.get("id") if isinstance(entry, dict) else None
        return f"[[{name}]] '{known}'" if known else f"[[{name}]] number {place[1] + 1}"
    return f"[{name}]" if len(place) > 1 else "top"


def _known(place: tuple[int | str, ...]) -> list[str]:
    part = _PARTS.get(str(place[0])) if len(place) > 1 else None
    return list(part.model_fields) if part else list(_PARTS)
