"""What a report was made of: one whose inputs are as they were would come out as it lies there."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_lib.publish.ledger import FOLDER, heard
from journey_lib.publish.places import READ_THE_LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_lib.publish.plan import Plan

PACKAGE = Path(__file__).resolve().parents[1]
_FILES = "files "  # of one source
_SETTLED = 2.0  # seconds after which a change of a file surely shows in its times
_Stamp = tuple[int, int, int, int]
_known: dict[Path, tuple[_Stamp, str]] = {}


def inputs_of(one: Plan) -> dict[str, str]:
    """Return a hash of everything that can decide what a report says, by kind.

    Parameters
    ----------
    one : Plan
        The run.

    Returns
    -------
    dict of str to str
        `code` (this package and every installed one), `notebook`, `asked` (study file, parameters, language,
        name, link to the twin), `people` (saved segments, notes on the map), `files` and the name of each
        source (the content of all its files) and, for notebooks that read it, `ledger`.

    Notes
    -----
    Contents are compared, not times: a file that was only touched changes nothing.
    """
    from journey_lib.study.inputs import beside, files_of

    folder = one.study.folder
    found = {
        "code": _code(),
        "notebook": _content(one.notebook),
        "asked": _digest([json.dumps(one.content(), sort_keys=True, ensure_ascii=False)]),
    }
    found["people"] = _together(beside(folder), folder)
    found |= {f"{_FILES}{source}": _together(files, folder) for source, files in files_of(one.study).items()}
    stem = one.request.stem
    if stem in READ_THE_LEDGER or b"read_ledger" in one.notebook.read_bytes():
        at = READ_THE_LEDGER.index(stem) if stem in READ_THE_LEDGER else len(READ_THE_LEDGER)
        later = READ_THE_LEDGER[at:]  # its own past included
        found["ledger"] = _digest(heard(one.folder / FOLDER, one.request.as_of, without=later))
    return found


def unchanged(one: Plan) -> dict[str, Any]:
    """Return what the last run left of a report that a new run could not change; empty when it must run."""
    told = _told(one.place(".json"))
    part = one.folder / FOLDER / f"{told.get('run_id', '')}.parquet"
    whole = one.place(".html").is_file() and part.is_file() and not one.place(".failed.json").exists()
    return told if whole and told.get("inputs") and _same(told, inputs_of(one)) else {}


def _same(told: dict[str, Any], inputs: dict[str, str]) -> bool:
    """Compare what a run was made of with what there is; sources that it never read do not count."""
    read = told.get("read")

    def counts(kind: str) -> bool:
        return not kind.startswith(_FILES) or read is None or kind.removeprefix(_FILES) in read

    before = told["inputs"]
    return all(before.get(kind) == inputs.get(kind) for kind in {*before, *inputs} if counts(kind))


def still_absent(one: Plan, ending: str) -> str:
    """Return why a report did not apply to the study, if nothing has changed since; else ""."""
    told = _told(one.place(ending))
    return str(told["absent"]) if told.get("absent") and told.get("inputs") == inputs_of(one) else ""


def _told(sidecar: Path) -> dict[str, Any]:
    """Return what a sidecar says; a missing or broken one says nothing."""
    try:
        told = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _code() -> str:
    """Return a hash of this package's files, and of the names and versions of all installed packages."""
    own = [path for path in sorted(PACKAGE.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    places = [place for place in map(Path, sys.path) if place.is_dir()]
    installed = sorted({found.name for place in places for found in place.glob("*.dist-info")})
    return _digest([sys.version, *installed, _together(own, PACKAGE)])


def _together(files: Iterable[Path], folder: Path) -> str:
    def named(path: Path) -> str:
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)

    return _digest(f"{named(path)}\x00{_content(path)}" for path in files)


def _content(path: Path) -> str:
    """Return a hash of a file's content; a file that has not been touched since is not read again."""
    try:
        told = path.stat()
        stamp = (told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino)
        if path in _known and _known[path][0] == stamp:
            return _known[path][1]
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return f"unreadable {time.time_ns()}"  # like nothing seen before: the run itself says what is wrong
    if time.time() - max(told.st_mtime, told.st_ctime) > _SETTLED:
        _known[path] = (stamp, found)
    return found


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]
