"""From the text of `study.toml` to a `Study`, or one error that lists everything wrong with it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from journey_lib.errors import Problem, StudyError
from journey_lib.study.definition.complete import complete
from journey_lib.study.definition.rules import study_problems
from journey_lib.study.definition.study import Study
from journey_lib.study.definition.wrong_shape import shape_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Raw = dict[str, Any]
_LONGEST = 400  # signs of what a message repeats from the file
_LISTS = (
    ("stages", "journey", "stages"),
    ("touchpoints", "journey", "touchpoints"),
    ("questions", "questions"),
    ("metrics", "metrics"),
)


def read_study(path: str | Path) -> Study:
    """Say which study a file describes, after checking all of it.

    Parameters
    ----------
    path : str or Path
        The file `study.toml`, or the folder it lies in.

    Returns
    -------
    Study
        With presets, defaults and the stages of touchpoints filled in.

    Raises
    ------
    StudyError
        One error that lists every problem: where, what is allowed, the nearest known name.
    """
    place = Path(path)
    file = place / "study.toml" if place.is_dir() else place
    return study_from(_parsed(file), file=f"{file.parent.name}/{file.name}", folder=file.parent)


def study_from(raw: Mapping[str, object], *, file: str = "study", folder: Path | None = None) -> Study:
    """Make a `Study` of the nested tables of a study file.

    Parameters
    ----------
    raw : mapping
        What a TOML reader returns for the file.
    file : str
        What error messages call the file.
    folder : Path, optional
        Where the raw files are looked for.

    Raises
    ------
    StudyError
        One error that lists every problem.

    Examples
    --------
    >>> study = study_from({"id": "x", "title": "A", "journey": {"preset": "funnel3"}})
    >>> [stage.label.ko for stage in study.journey.stages]
    ['인지', '고려', '구매']
    """
    study, problems = _shaped(dict(raw))
    if study is not None:
        problems += study_problems(study, _declared(raw))
    if problems:
        raise StudyError([_in_file(file, problem) for problem in problems])
    assert study is not None  # noqa: S101  # nothing wrong means it was built
    return complete(study).placed(folder or Path())


def _parsed(file: Path) -> Raw:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise StudyError(
            Problem(str(file), "there is no such file", action="Give a folder that holds a study.toml")
        ) from None
    except OSError as error:
        given, action = f"cannot be read ({error.strerror})", "Put a readable file there"
        raise StudyError(Problem(str(file), given, action=action)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise StudyError(Problem(f"{file}, line {line}", "is not UTF-8", action="Save it as UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        action = "Mend that place, or take the file's last good version"
        raise StudyError(Problem(str(file), f"is not valid TOML: {error}", action=action)) from None
    except (ValueError, RecursionError):
        given = "is not valid TOML: a number is too long, or brackets are nested too deep"
        raise StudyError(Problem(str(file), given, action="Shorten that place")) from None


def _shaped(raw: Raw) -> tuple[Study | None, list[Problem]]:
    """Validate shapes; where some are wrong, also return what can be judged of the rest."""
    try:
        return Study.model_validate(raw), []
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    problems = [shape_problem(raw, one) for one in wrong]
    rest = _without(raw, [tuple(one["loc"]) for one in wrong])
    try:
        return Study.model_validate(rest), problems
    except ValidationError:
        return None, problems


def _without(raw: Raw, places: Sequence[tuple[int | str, ...]]) -> Raw:
    """Return the file without its broken entries: whole list entries, else whole top-level tables."""
    broken = {_entry_of(place) for place in places}
    rest: Raw = {"id": "study", "title": "study", **{k: v for k, v in raw.items() if (k,) not in broken}}
    rest["journey"] = _pruned(rest.get("journey", {"preset": "funnel3"}), "journey", broken)
    for name in [k for k, v in rest.items() if isinstance(v, list)]:
        rest[name] = [v for i, v in enumerate(rest[name]) if (name, i) not in broken]
    return rest


def _pruned(table: object, name: str, broken: set[tuple[int | str, ...]]) -> object:
    if not isinstance(table, dict):
        return table
    kept = {k: v for k, v in table.items() if (name, k) not in broken}
    return {
        k: [e for i, e in enumerate(v) if (name, k, i) not in broken] if isinstance(v, list) else v
        for k, v in kept.items()
    }


def _entry_of(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the smallest entry that can be left out of the file: `("questions", 3)` or `("weights",)`."""
    if place[0] == "journey" and len(place) > 1:
        return place[:3] if len(place) > 2 and isinstance(place[2], int) else place[:2]
    if len(place) > 1 and isinstance(place[1], int):
        return place[:2]
    return place[:1]


def _declared(raw: Mapping[str, object]) -> dict[str, set[str]]:
    sources = raw.get("sources")
    names = {"sources": {str(name) for name in sources} if isinstance(sources, dict) else set()}
    return names | {name: set(_ids(raw, path)) for name, *path in _LISTS}


def _ids(raw: object, path: Sequence[str]) -> Iterator[str]:
    for key in path:
        raw = raw.get(key, ()) if isinstance(raw, dict) else ()
    for entry in raw if isinstance(raw, list) else ():
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield name


def _in_file(file: str, problem: Problem) -> Problem:
    where = f"{file}, {_plain(problem.where)}"
    known = problem.allowed or problem.nearest
    action = problem.action or ("" if known else "Correct or remove it")
    return Problem(where, _plain(problem.given), _plain(problem.allowed), problem.nearest, action)


def _plain(text: str) -> str:
    """Return a text of the file as one short line, without signs that steer a terminal."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST // 2]} … {shown[-_LONGEST // 4 :]}"
