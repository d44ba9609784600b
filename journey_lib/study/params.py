"""The parameters of a run: declared once, checked before anything runs, and never executed as code."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticUndefined

from journey_lib.errors import ParamError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_TYPES: dict[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list[str]: "a list of texts",
}


class RunParams(BaseModel):
    """What every run can be asked for, whichever measure it is.

    A measure adds its own fields in a subclass. Annotations are `str`, `int`, `float`, `bool` or `list[str]`;
    `description` says in one line what the value means; `json_schema_extra` may hold `unit` and `choices`.

    Examples
    --------
    >>> RunParams(lang="ko").model_dump()
    {'study': 'data/sample', 'lang': 'ko', 'segment': '', 'as_of': ''}
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    study: str = Field("data/sample", description="Folder of the study.")
    lang: str = Field(
        "",
        description='Language of the report; "" for the language of the study.',
        json_schema_extra={"choices": ["", "en", "ko"]},
    )
    segment: str = Field(
        "", description='Whom the report is about: a saved name or a column and its value; "" for everybody.'
    )
    as_of: str = Field(
        "",
        description='Day the report speaks for, as 2025-01-31; "" for today.',
        json_schema_extra={"unit": "date"},
    )

    def options(self) -> dict[str, Any]:
        """Return what the measure itself is called with: its own fields, without those of every run.

        Examples
        --------
        >>> RunParams().options()
        {}
        """
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name not in RunParams.model_fields
        }

    @field_validator("*", mode="after")
    @classmethod
    def _a_choice(cls, value: object, info: Any) -> object:  # noqa: ANN401  # pydantic's own type
        choices = choices_of(cls.model_fields[info.field_name])
        given = value if isinstance(value, list) else [value]
        if choices and not all(one in choices for one in given):
            raise ValueError("not a choice")
        return value

    @field_validator("as_of", mode="after")
    @classmethod
    def _a_day(cls, value: str) -> str:
        if value and date.fromisoformat(value).isoformat() != value:
            raise ValueError("not a day")
        return value


Params = TypeVar("Params", bound=RunParams)


class EventParams(RunParams):
    """What every analysis of the event log can be asked for."""

    visitors: str = Field(
        "all",
        description='Who counts: "all", or "known" without visitors who never said who they are.',
        json_schema_extra={"choices": ["all", "known"]},
    )


def read_params(cls: type[Params], values: Mapping[str, object]) -> Params:
    """Check the parameters of a run and return them typed.

    Parameters
    ----------
    cls : type
        The measure's class.
    values : mapping
        Names and values. An integer is taken for a float; nothing else changes type.

    Returns
    -------
    RunParams
        An instance of `cls`.

    Raises
    ------
    ParamError
        One error for unknown names, wrong types, values outside their choices and names that are no
        declared identifier.

    Examples
    --------
    >>> read_params(RunParams, {"lnag": "ko"})
    Traceback (most recent call last):
    ...
    journey_lib.errors.ParamError: parameter 'lnag': is not known. Allowed: study, lang, segment, as_of. Did
    you mean 'lang'?
    """
    problems = [_unknown(cls, name) for name in values if not is_declared_identifier(cls, name)]
    known = {name: value for name, value in values.items() if is_declared_identifier(cls, name)}
    try:
        read = cls.model_validate(known)
    except ValidationError as error:
        problems += [_problem(cls, one) for one in error.errors(include_url=False)]
    if problems:
        raise ParamError(problems)
    return read


def check_call(cls: type[RunParams], **values: object) -> None:
    """Refuse values of a call in Python that a run would refuse; any collection of texts is a list there.

    Examples
    --------
    >>> check_call(EventParams, visitors=["all"])
    Traceback (most recent call last):
    journey_lib.errors.ParamError: parameter 'visitors': ["all"] (list). Allowed: text.
    """
    read_params(cls, {name: _as_list(given) for name, given in values.items()})


def is_declared_identifier(cls: type[RunParams], name: object) -> bool:
    """Say whether `name` may become a variable of a notebook: names are executed, so only declared ones may.

    Examples
    --------
    >>> is_declared_identifier(RunParams, "lang"), is_declared_identifier(RunParams, "lang=1;x")
    (True, False)
    """
    return isinstance(name, str) and name.isidentifier() and name in cls.model_fields


def parse_assignments(texts: Iterable[str], cls: type[RunParams]) -> dict[str, object]:
    """Read "name=value" texts of a command line by the declared type of each parameter.

    Parameters
    ----------
    texts : iterable of str
        Such as `["by=region", "waves=2016,2017"]`. Text is kept as it is: "007" stays "007".
    cls : type
        The measure's class.

    Returns
    -------
    dict
        Values of the declared types, ready for `read_params`.

    Raises
    ------
    ParamError
        For everything that is no assignment, no known name, or of the wrong type.

    Examples
    --------
    >>> parse_assignments(["lang=ko", "segment=region=KR"], RunParams)
    {'lang': 'ko', 'segment': 'region=KR'}
    """
    values: dict[str, object] = {}
    problems = []
    for text in texts:
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign:
            problems.append(Problem(f"'{text}'", "is no assignment", "name=value"))
        elif not is_declared_identifier(cls, name):
            problems.append(_unknown(cls, name))
        elif name in values:
            problems.append(Problem(f"parameter '{name}'", "is given twice", action="Give it once"))
        else:
            wanted = cls.model_fields[name].annotation
            values[name] = read = _from_text(value, wanted)
            if read is None:
                problems.append(Problem(f"parameter '{name}'", f"'{value}'", _TYPES.get(wanted, str(wanted))))
    if problems:
        raise ParamError(problems)
    return values


def parameters_cell(cls: type[RunParams]) -> str:
    """Write the parameters cell of a measure's notebook.

    Examples
    --------
    >>> print(parameters_cell(RunParams).splitlines()[0])
    study: str = "data/sample"  # Folder of the study.
    """
    return "\n".join(_line(name, field) for name, field in cls.model_fields.items())


def choices_of(field: FieldInfo) -> list[object]:
    """Return the closed list of values a parameter may take; empty when it is open."""
    extra = field.json_schema_extra
    found = extra.get("choices", []) if isinstance(extra, dict) else []
    return list(found) if isinstance(found, list) else []


def _line(name: str, field: FieldInfo) -> str:
    kind = _type_name(field.annotation)
    return f"{name}: {kind} = {_literal(field.get_default(call_default_factory=True))}  # {field.description}"


def _type_name(annotation: object) -> str:
    if get_origin(annotation) is Annotated:
        return _type_name(get_args(annotation)[0])
    return (
        annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
    )


def _literal(value: object) -> str:
    if value is PydanticUndefined:
        raise TypeError("every parameter needs a default")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(_literal(one) for one in value)}]"
    return repr(value)


def _unknown(cls: type[RunParams], name: object) -> Problem:
    known = list(cls.model_fields)
    if isinstance(name, str) and name.isidentifier():
        return Problem(f"parameter '{name}'", "is not known", ", ".join(known), nearest(name, known))
    return Problem(f"parameter {str(name)[:40]!r}", "is no plain name", ", ".join(known))


def _problem(cls: type[RunParams], error: ErrorDetails) -> Problem:
    name = str(error["loc"][0]) if error["loc"] else ""
    where, given = (f"parameter '{name}'" if name else "parameters"), error["input"]
    if error["type"] != "value_error" or name not in cls.model_fields:
        wanted = _TYPES.get(cls.model_fields[name].annotation, "") if name in cls.model_fields else ""
        kind = error["type"].endswith("_type")
        return Problem(where, _shown(given), wanted if kind and wanted else _plain(error["msg"]))
    choices = [json.dumps(one, ensure_ascii=False) for one in choices_of(cls.model_fields[name])]
    if choices:
        close = nearest(str(given), [str(one) for one in choices_of(cls.model_fields[name]) if one])
        return Problem(where, _shown(given), ", ".join(choices), close)
    allowed = "an ISO date such as 2025-01-31" if name == "as_of" else _plain(error["msg"])
    return Problem(where, _shown(given), allowed)


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input should be ")


def _shown(given: object) -> str:
    text = json.dumps(given, ensure_ascii=False, default=str)
    return f"{text[:60]} ({type(given).__name__})"


def _from_text(text: str, wanted: object) -> object:
    """Read text as the wanted type, or return None."""
    readers: dict[object, Callable[[str], object]] = {
        int: _whole,
        float: _number,
        bool: {"true": True, "false": False}.get,
        list[str]: _listed,
    }
    return readers[wanted](text) if wanted in readers else text


def _as_list(given: object) -> object:
    return list(given) if isinstance(given, Collection) and not isinstance(given, str) else given


def _whole(text: str) -> int | None:
    body = text.removeprefix("-")
    plain = body.isascii() and body.isdigit() and (body == "0" or not body.startswith("0"))
    return int(text) if plain else None


def _number(text: str) -> float | None:
    from journey_lib.study.tables import number_of

    value = number_of(text)
    return value if value == value else None  # NaN is the only value unlike itself


def _listed(text: str) -> list[str] | None:
    """Read "a,b" or "[a, b]"; "" is the empty list."""
    body = text.strip()
    if body.startswith("[") != body.endswith("]"):
        return None
    inner = body[1:-1] if body.startswith("[") else body
    words = [word.strip().strip("\"'") for word in inner.split(",")]
    return [] if words == [""] else words
