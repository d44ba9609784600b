"""What `journey run all` publishes: each notebook, and what the study declares beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from journey_lib.__main__ import app
from journey_lib.errors import StudyError
from journey_lib.publish.agenda import agenda, own_plans
from journey_lib.publish.index import _choices, _rows, sidecars
from journey_lib.publish.ledger import read_ledger
from journey_lib.publish.plan import Request, plan_all
from tests.publish import mini

STUDY = Path("data/shop/study.toml")
BY_REGION = """
[[reports]]
stem = "mini"
parameters = { by = "region", n = 2 }
"""


def declare(project: mini.Project, text: str) -> None:
    (project.root / STUDY).write_text(mini.STUDY + text, encoding="utf-8")


def files(shared: Request, *langs: str) -> list[str]:
    return [one.file for one in plan_all(agenda(shared, langs or ("",)))]


@pytest.fixture
def shared() -> Request:
    return Request("all", "data/shop")


def test_declared_reports_come_beside_the_plain_ones(project: mini.Project, shared: Request) -> None:
    project.notebook(stem="monitor")
    declare(project, BY_REGION)
    assert files(shared) == ["mini.html", "monitor.html", "mini--by-region--n-2.html"]
    assert files(shared, "en", "ko")[-2:] == ["mini--by-region--n-2.html", "mini--by-region--n-2.ko.html"]
    assert [one.request.every for one in plan_all(agenda(shared))] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('name = "deep"\nparameters = { by = "region" }', ["mini.html", "deep.html"]),
        ('lang = "ko"', ["mini.html", "mini.ko.html"]),
        ('lang = "en"', ["mini.html"]),
        ("", ["mini.html"]),
        ('segment = "region=KR"', ["mini.html", "mini--region-kr.html"]),
        ('lang = "ko"\nparameters = { n = 3 }', ["mini.html", "mini--n-3.ko.html"]),
        ("parameters = { n = 1 }\nname = 'again'", ["mini.html", "again.html"]),
    ],
)
def test_name_language_and_segment(
    project: mini.Project, shared: Request, text: str, names: list[str]
) -> None:
    """What would be the plain report itself is published once."""
    declare(project, f'[[reports]]\nstem = "mini"\n{text}\n')
    assert files(shared) == names


def test_one_report_declared_for_all_languages_and_for_one_is_one(
    project: mini.Project, shared: Request
) -> None:
    declare(project, BY_REGION + BY_REGION.replace("parameters", 'lang = "ko"\nparameters'))
    assert sorted(files(shared, "en", "ko")) == sorted(
        ["mini.html", "mini.ko.html", "mini--by-region--n-2.html", "mini--by-region--n-2.ko.html"]
    )


def test_settings_and_segment_of_the_command_reach_declared_reports(
    project: mini.Project, shared: Request
) -> None:
    """A declared report keeps its own settings; about a segment it may not apply."""
    declare(project, BY_REGION + '[[reports]]\nstem = "mini"\nsegment = "region=JP"\n')
    asked = Request("all", "data/shop", ["n=5", "by=plan"], segment="region=KR", as_of="2025-01-31")
    (one,) = own_plans(asked)
    assert one.settings == {"by": "region", "n": 2, "segment": "region=KR", "as_of": "2025-01-31"}
    assert one.request.every


def test_all_mistakes_in_one_error(project: mini.Project, shared: Request) -> None:
    """Stems and parameters with the nearest name; types as the notebook declares them."""
    declare(
        project,
        """
[[reports]]
stem = "mnii"
[[reports]]
stem = "mini"
parameters = { bye = "region", n = "two" }
""",
    )
    with pytest.raises(StudyError) as caught:
        agenda(shared)
    said = str(caught.value)
    assert "3 problems" in said
    assert "[[reports]] 'mnii', stem: there is no notebook 'mnii' to publish" in said
    assert "Did you mean 'mini'?" in said
    assert "[[reports]] 'mini bye=region n=two', parameter 'bye': is not known" in said
    assert "Did you mean 'by'?" in said
    assert "parameter 'n': \"two\" (str). Allowed: a whole number" in said


def test_a_measure_whose_notebook_the_project_lacks_is_left_out(
    project: mini.Project, shared: Request
) -> None:
    declare(project, '[[reports]]\nstem = "funnel"\nparameters = { by = "region" }\n')
    assert files(shared) == ["mini.html"]


def test_two_reports_under_one_name_are_refused(project: mini.Project, shared: Request) -> None:
    declare(project, '[[reports]]\nstem = "mini"\nname = "mini"\nparameters = { n = 2 }\n')
    with pytest.raises(ValueError, match=r"mini\.html: would be published twice"):
        files(shared)


def test_the_commands_know_them(project: mini.Project, swift: object, package: Path) -> None:
    """`list` and `check` name them, `run all` publishes them, and says when nothing has changed."""
    declare(project, BY_REGION + mini_source(project))
    runner = CliRunner()
    listed = runner.invoke(app, ["list", "--study", "data/shop"]).stdout
    assert "  published as mini--by-region--n-2.html (by=region, n=2)" in listed
    assert "published as" not in runner.invoke(app, ["list"]).stdout
    checked = runner.invoke(app, ["check", "data/shop"])
    assert "journey run all also publishes mini--by-region--n-2.html (by=region, n=2)." in checked.stdout
    made = runner.invoke(app, ["run", "all", "--study", "data/shop"])
    assert "reports/shop/mini--by-region--n-2.html" in made.stdout
    again = runner.invoke(app, ["run", "all", "--study", "data/shop"])
    assert again.exit_code == 0
    assert again.stdout.splitlines() == ["reports/shop/index.html"]
    assert "Nothing has changed; --force makes unchanged reports anew." in again.stderr
    forced = runner.invoke(app, ["run", "all", "--study", "data/shop", "--force"])
    assert "reports/shop/mini.html" in forced.stdout.splitlines()
    ledger = read_ledger("reports/shop")
    assert set(ledger["params"]) == {"{}", '{"by": "region", "n": 2}'}


def test_check_refuses_a_study_whose_reports_cannot_be_published(project: mini.Project) -> None:
    declare(project, '[[reports]]\nstem = "mini"\nparameters = { bye = "x" }\n' + mini_source(project))
    done = CliRunner().invoke(app, ["check", "data/shop"])
    assert done.exit_code == 1
    assert "Did you mean 'by'?" in done.stderr


def test_the_index_tells_variants_of_one_report(project: mini.Project, swift: object) -> None:
    """A variant stands right below its plain report, with what sets it apart."""
    declare(project, BY_REGION)
    CliRunner().invoke(app, ["run", "all", "--study", "data/shop"])
    good = sidecars(project.reports)
    rows = _rows(good[0]["study"], good, [], "en")
    assert [row.title for row in rows] == ["Mini", "Mini · by region · n 2"]
    project.notebook(stem="other")
    CliRunner().invoke(app, ["run", "all", "--study", "data/shop"])
    CliRunner().invoke(app, ["run", "mini", "--study", "data/shop", "--as-of", "2025-01-31"])
    good = sidecars(project.reports)
    filters = {name: values for name, _, _, values in _choices(_rows(good[0]["study"], good, [], "en"), "en")}
    titles = [row.title for row in _rows(good[0]["study"], good, [], "en") if row.stem == "mini"]
    assert titles == ["Mini", "Mini · as of 2025-01-31", "Mini · by region · n 2"]
    assert filters["stem"] == [("mini", "Mini"), ("other", "Other")]


def mini_source(project: mini.Project) -> str:
    """Give the study one table, so that there is something to check."""
    (project.root / "data/shop/raw").mkdir(exist_ok=True)
    (project.root / "data/shop/raw/customers.csv").write_text("customer_id\na\n", encoding="utf-8")
    return '[sources.customers]\nfile = "raw/customers.csv"\n'
