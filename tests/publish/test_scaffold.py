import ast
import json

import pytest

from journey_lib.errors import ParamError
from journey_lib.publish.scaffold import new
from tests import house


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    return tmp_path


def test_a_new_report_has_measure_notebook_and_test(project):
    files = new("loyalty_club")
    assert [f.relative_to(project).as_posix() for f in files] == [
        "journey_lib/measures/loyalty_club.py",
        "notebooks/loyalty_club.ipynb",
        "tests/measures/test_loyalty_club.py",
    ]
    names = {
        n.name for n in ast.parse(files[0].read_text()).body if isinstance(n, ast.ClassDef | ast.FunctionDef)
    }
    assert names == {"LoyaltyClubParams", "LoyaltyClubResult", "loyalty_club"}


def test_the_new_measure_counts_and_declares_its_parameters(project, monkeypatch):
    files = new("loyalty_club")
    space = {"__name__": "loyalty_club"}
    exec(compile(files[0].read_text(), "loyalty_club.py", "exec", dont_inherit=True), space)  # noqa: S102
    import pandas as pd

    from journey_lib.study.load import quick_study
    from journey_lib.study.params import parameters_cell

    study, data = quick_study(
        responses=pd.DataFrame({"q1": [9, 10, 3], "wave": ["a", "a", "b"]}), questions={"q1": "nps"}
    )
    table = space["loyalty_club"](study, data).table
    assert table.set_index("wave")["estimate"].to_dict() == {"a": 2, "b": 1}
    cell = next(
        c for c in json.loads(files[1].read_text())["cells"] if "parameters" in c["metadata"].get("tags", [])
    )
    assert "".join(cell["source"]) == parameters_cell(space["LoyaltyClubParams"]).rstrip("\n")


def test_the_new_notebook_keeps_the_house_rules(project):
    notebook = json.loads(new("loyalty_club")[1].read_text())
    rules = (house.stored_problems, house.thin_problems, house.skeleton_problems)
    assert [problem for rule in rules for problem in rule(notebook)] == []
    assert house.annotation_problems(house.parameters(notebook)) == []


@pytest.mark.parametrize("name", ["Loyalty", "a-b", "../x", "class", "explore", "all", ""])
def test_a_name_that_cannot_be_one_is_refused(project, name):
    with pytest.raises(ParamError, match="cannot name a report"):
        new(name)


def test_nothing_is_overwritten(project):
    new("loyalty")
    with pytest.raises(ParamError, match="is there already"):
        new("loyalty")
