"""Turns what pydantic finds wrong into a sentence its reader can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from journey_lib.errors import Problem, nearest
from journey_lib.study.definition.study import Study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]

_WANTED = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "date_type": "a date without quotes, such as 2025-01-31",
    "tuple_type": "a list in [ ]",
    "dict_type": "a table in { }",
    "model_type": "a table in { }",
    "model_attributes_type": "a table in { }",
}
_LISTED = (
    "columns", "regions", "holidays", "questions", "scales", "themes", "metrics", "experiments", "reports",
    "journey.stages", "journey.touchpoints",
)  # fmt: skip


def shape_problem(raw: dict[str, Any], error: ErrorDetails) -> Problem:
    """Say in the words of the study file what one validation error means."""
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    kind, key = error["type"], str(place[-1])
    where = _where(raw, place)
    if kind == "extra_forbidden":
        known = _keys(place[:-1])
        return Problem(where, "unknown key", ", ".join(known), nearest(key, known), "Correct or remove it")
    if kind == "missing" and isinstance(place[-1], int):
        return Problem(_where(raw, place[:-1]), "too few values", "two whole numbers: lowest, highest")
    if kind == "missing":
        return Problem(where, "is missing", action="Add it")
    given = error["input"]
    if kind == "literal_error":
        known = _literals(place)
        shown = f"'{given}'" if isinstance(given, str) else _named(given)
        return Problem(where, shown, ", ".join(known), nearest(str(given), known))
    if kind == "too_long":
        return Problem(where, "too many values", "two whole numbers: lowest, highest")
    return Problem(where, f"given {_named(given)}", _WANTED.get(kind, error["msg"]))


def _named(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return f"the number {given}"
    if isinstance(given, str):
        return f"the text '{given[:40]}'"
    names = {"dict": "a table", "list": "a list", "date": "a date", "datetime": "a date and time"}
    return names.get(type(given).__name__, f"a {type(given).__name__}")


def _where(raw: object, place: Place) -> str:
    """Write a place as the file shows it, e.g. "[[questions]] 'guide', key 'scael'"."""
    head, rest = _head(raw, place)
    if not rest:
        return head or "the file"
    key = ".".join(str(part) for part in rest)
    return f"{head}, key '{key}'" if head else f"key '{key}'"


def _head(raw: object, place: Place) -> tuple[str, Place]:
    for size in (2, 1):
        name = ".".join(str(part) for part in place[:size])
        if len(place) > size and (name in _LISTED or place[0] == "sources") and isinstance(place[size], int):
            entry = _reach(raw, place[: size + 1])
            # The id of a source part is a pattern, not a name.
            known = entry.get("id") if isinstance(entry, dict) and place[0] != "sources" else None
            title = f"'{known}'" if isinstance(known, str) and known else f"number {int(place[size]) + 1}"
            single = place[0] == "sources" and isinstance(_reach(raw, place[:size]), dict)
            return (f"[{name}]" if single else f"[[{name}]] {title}"), place[size + 1 :]
    table = _reach(raw, place[:1])
    if len(place) > 1 and isinstance(table, dict):
        return f"[{place[0]}]", place[1:]
    return "", place


def _reach(raw: object, place: Sequence[int | str]) -> object:
    for part in place:
        if isinstance(raw, dict):
            raw = raw.get(str(part))
        elif isinstance(raw, list) and isinstance(part, int) and part < len(raw):
            raw = raw[part]
        else:
            return None
    return raw


def _field_type(place: Place) -> object:
    """Return the declared type at a place of the study."""
    found: object = Study
    for part in place:
        name = str(part)
        models = [model for model in _models(found) if name in model.model_fields]
        found = models[0].model_fields[name].annotation if models else found
    return found


def _models(declared: object) -> list[type[BaseModel]]:
    if isinstance(declared, type) and issubclass(declared, BaseModel):
        return [declared]
    return [model for inner in get_args(declared) for model in _models(inner)]


def _keys(place: Place) -> list[str]:
    return [name for model in _models(_field_type(place))[:1] for name in model.model_fields]


def _literals(place: Place) -> list[str]:
    return [str(value) for value in get_args(_field_type(place))]
