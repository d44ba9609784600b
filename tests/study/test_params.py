"""Parameters are checked before anything runs, and only declared names may become code."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from journey_lib.errors import ParamError
from journey_lib.study.params import (
    RunParams,
    is_declared_identifier,
    parameters_cell,
    parse_assignments,
    read_params,
)


class Params(RunParams):
    by: str = Field("", description="Split.")
    level: float = Field(0.95, ge=0.5, lt=1, description="Level.")
    looks: int = Field(3, description="Looks.")
    strict: bool = Field(default=False, description="Strict.")
    waves: list[str] = Field(
        default_factory=list, description='Waves, "" for all.', json_schema_extra={"choices": ["a", "b"]}
    )


def said(values: dict) -> list[str]:
    with pytest.raises(ParamError) as caught:
        read_params(Params, values)
    return [str(problem) for problem in caught.value.items]


def test_declared_values_pass_as_they_are() -> None:
    values = {"by": "007", "level": 0.9, "waves": ["b"], "as_of": "2025-01-31", "lang": "ko"}
    read = read_params(Params, values)
    assert (read.by, read.level, read.waves, read.looks, read.strict) == ("007", 0.9, ["b"], 3, False)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("lnag", "ko", "Did you mean 'lang'"),
        ("lang", "kr", 'Allowed: "", "en", "ko"'),
        ("lang", None, "Allowed: text"),
        ("study", 3, "3 (int). Allowed: text"),
        ("level", "0.9", "Allowed: a number"),
        ("level", True, "Allowed: a number"),
        ("level", 1.0, "Allowed: less than 1"),
        ("level", float("nan"), "Allowed:"),
        ("looks", 3.0, "Allowed: a whole number"),
        ("looks", True, "Allowed: a whole number"),
        ("strict", 1, "Allowed: true or false"),
        ("waves", "a", "Allowed: a list of texts"),
        ("waves", ["c"], 'Allowed: "a", "b"'),
        ("waves", [1], "parameter 'waves'"),
        ("as_of", "31.01.2025", "an ISO date"),
        ("as_of", "2025-1-31", "an ISO date"),
        ("as_of", "20250131", "an ISO date"),
        ("x = 1", 1, "is no plain name"),
        ("import os; os.system('x')", 1, "is no plain name"),
        ("lang\n", 1, "is no plain name"),
        ("model_config", {}, "is not known"),
        ("__class__", 1, "is not known"),
    ],
)
def test_a_wrong_parameter_is_one_problem(name: str, value: object, expected: str) -> None:
    found = said({name: value})
    assert len(found) == 1
    assert expected in found[0]


def test_all_wrong_parameters_come_at_once() -> None:
    assert len(said({"lang": "kr", "x y": 1, "loks": 2, "level": "a"})) == 4


@settings(max_examples=200)
@given(st.text(max_size=12))
def test_only_declared_names_may_become_variables(name: str) -> None:
    assert is_declared_identifier(Params, name) == (name in Params.model_fields)


def test_the_cell_is_python_that_gives_the_defaults() -> None:
    cell = parameters_cell(Params)
    assert cell.splitlines()[-1] == 'waves: list[str] = []  # Waves, "" for all.'
    tree = ast.parse(cell)
    names = {node.target.id: ast.literal_eval(node.value) for node in tree.body}  # type: ignore[attr-defined]
    assert names == Params().model_dump()
    assert list(names) == list(Params.model_fields)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("by=007", "007"),
        ("by=", ""),
        ("by= a ", " a "),
        ("segment=region=KR", "region=KR"),
        ("by=true", "true"),
        ("level=.9", 0.9),
        ("looks=12", 12),
        ("looks=-3", -3),
        ("strict=true", True),
        ("strict=false", False),
        ("waves=a,b", ["a", "b"]),
        ("waves=[a, 'b']", ["a", "b"]),
        ("waves=", []),
        ("waves=[]", []),
    ],
)
def test_text_of_a_command_line_follows_the_declared_type(text: str, value: object) -> None:
    read = parse_assignments([text], Params)
    assert list(read.values()) == [value]
    assert [type(v) for v in read.values()] == [type(value)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("looks=007", "Allowed: a whole number"),
        ("looks=1.0", "Allowed: a whole number"),
        ("looks=1_000", "Allowed: a whole number"),
        ("looks=٣", "Allowed: a whole number"),
        ("strict=True", "Allowed: true or false"),
        ("strict=1", "Allowed: true or false"),
        ("level=high", "Allowed: a number"),
        ("level=nan", "Allowed: a number"),
        ("waves=[a", "Allowed: a list of texts"),
        ("lvel=1", "Did you mean 'level'"),
        ("by", "Allowed: name=value"),
        ("os.system('x')=1", "is no plain name"),
    ],
)
def test_text_that_does_not_fit(text: str, expected: str) -> None:
    with pytest.raises(ParamError, match=r"parameter|assignment") as caught:
        parse_assignments([text], Params)
    assert expected in str(caught.value)


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(ParamError, match="is given twice"):
        parse_assignments(["by=a", "by=b"], Params)
