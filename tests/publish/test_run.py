"""Publishing that goes well: what lies where, under which name, in which language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from journey_lib.publish import run as running
from journey_lib.publish.ledger import read_ledger
from journey_lib.publish.plan import Request, plan
from journey_lib.publish.run import every_stem, run, run_all
from tests.publish import mini


def test_one_run_end_to_end(project: mini.Project) -> None:
    """A real kernel: the page, its sidecar, the ledger part and both indexes, and nothing else."""
    project.notebook("print(params if False else n)", "import os", "os.environ['OMP_NUM_THREADS']")
    told: list[running.Step] = []
    outcome = run("mini", study="data/shop", set={"n": 3}, progress=told.append)
    assert outcome.status == "published"
    assert outcome.report == project.reports / "mini--n-3.html"
    assert project.contents().keys() == {
        "mini--n-3.html",
        "mini--n-3.json",
        outcome.ledger.name,
        "index.html",
        "index.ko.html",
    }
    page = outcome.report.read_text(encoding="utf-8")
    assert "<pre>3</pre>" in page
    assert "<pre>'1'</pre>" in page
    assert "누가 다시 오나" not in page
    assert str(project.root) not in page
    assert [step.text for step in told if not step.total] == [
        "starting the kernel",
        "making the page",
        "putting it in place",
    ]
    assert [step.done for step in told if step.text == "running"] == [1, 2, 3, 4, 5, 6]
    ledger = read_ledger("reports/shop")
    assert ledger.loc[0, ["metric", "estimate", "stem", "params", "report", "lang"]].to_list() == [
        "mean",
        3.0,
        "mini",
        '{"n": 3}',
        "mini--n-3.html",
        "en",
    ]


def test_the_kernel_is_this_interpreter_even_where_another_is_installed(
    project: mini.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel spec of the user's own named python3 does not take over, nor do start-up files of IPython."""
    spec = project.root / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({"argv": ["false"], "display_name": "", "language": ""}))
    monkeypatch.setenv("JUPYTER_PATH", str(project.root / "jupyter"))
    startup = project.root / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise SystemExit")
    monkeypatch.setenv("IPYTHONDIR", str(project.root / "ipython"))
    assert run("mini", study="data/shop").status == "published"


def test_the_same_parameters_replace_the_same_file(project: mini.Project, swift: object) -> None:
    first = run("mini", study="data/shop", set={"by": "region"})
    second = run("mini", study="data/shop", set=["by=region"])
    other = run("mini", study="data/shop", set=["by=plan"])
    assert first.report == second.report != other.report
    assert first.ledger != second.ledger


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request("mini", "data/shop"), "mini"),
        (Request("mini", "data/shop", lang="en"), "mini"),
        (Request("mini", "data/shop", lang="ko"), "mini.ko"),
        (Request("mini", "data/shop", segment="region=KR"), "mini--region-kr"),
        (Request("mini", "data/shop", {"by": "region"}, lang="ko"), "mini--by-region.ko"),
        (Request("mini", "data/shop", ["by=region", "lang=ko"]), "mini--by-region.ko"),
        (Request("mini", "data/shop", segment="지역=서울 강남"), "mini--지역-서울-강남"),
        (Request("mini", "data/shop", as_of="2026-09-30"), "mini--as_of-2026-09-30"),
        (Request("mini", "data/shop", {"n": 1}), "mini"),
        (Request("mini", "data/shop", name="my.report"), "my.report"),
        (Request("mini", "data/shop", name="my.report", lang="ko"), "my.report.ko"),
    ],
)
def test_names(project: mini.Project, request_: Request, name: str) -> None:
    assert plan(request_).name == name


def test_names_that_read_alike_are_kept_apart(project: mini.Project, swift: object) -> None:
    one = run("mini", study="data/shop", segment="region=KR")
    two = run("mini", study="data/shop", segment="region=kr")
    assert one.report.name == "mini--region-kr.html"
    assert re.fullmatch(r"mini--region-kr-[0-9a-f]{6}\.html", two.report.name)
    assert run("mini", study="data/shop", segment="region=kr").report == two.report
    assert run("mini", study="data/shop", segment="region=KR").report == one.report


def test_a_very_long_name_is_cut_and_told_apart(project: mini.Project) -> None:
    names = [plan(Request("mini", "data/shop", {"by": "x" * 150 + end})).name for end in "ab"]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 100


def test_a_study_from_anywhere_shows_no_path_of_the_machine(
    project: mini.Project, swift: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "else" / "where"
    elsewhere.mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    for given in (project.root / "data/shop", "../../data/shop", "data/shop", "data/shop/study.toml"):
        planned = plan(Request("mini", given))
        assert str(project.root) not in str(planned.parameters)
        seen = planned.cwd / str(planned.parameters["study"])
        assert seen.resolve() in (project.root / "data/shop", project.root / "data/shop/study.toml")


def test_the_other_language_is_linked_when_it_exists_or_is_coming(
    project: mini.Project, swift: object
) -> None:
    run("mini", study="data/shop")
    assert 'hreflang="ko"' not in (project.reports / "mini.html").read_text(encoding="utf-8")
    run("mini", study="data/shop", lang="ko")
    korean = (project.reports / "mini.ko.html").read_text(encoding="utf-8")
    assert '<a href="mini.html" hreflang="en" lang="en">English</a>' in korean
    asked = [Request("mini", "data/shop", {"by": "plan"}, lang=lang) for lang in ("en", "ko")]
    run_all(asked, jobs=2)
    english = (project.reports / "mini--by-plan.html").read_text(encoding="utf-8")
    assert '<a href="mini--by-plan.ko.html" hreflang="ko" lang="ko">한국어</a>' in english


def test_all_runs_what_reads_the_ledger_last(project: mini.Project, swift: object) -> None:
    for stem in ("aaa", "explore", "journey_map", "monitor", "opportunities", "zzz"):
        project.notebook(stem=stem)
    order: list[str] = []
    run_all(
        every_stem(study="data/shop"),
        jobs=2,
        progress=lambda s: order.append(s.file) if s.text.startswith("published") else None,
    )
    assert set(order[:3]) == {"aaa.html", "mini.html", "zzz.html"}
    assert order[3:] == ["monitor.html", "opportunities.html", "journey_map.html"]


def test_reports_may_lie_elsewhere(project: mini.Project, swift: object, tmp_path: Path) -> None:
    outcome = run("mini", study="data/shop", reports=tmp_path / "public")
    assert outcome.report == tmp_path / "public" / "shop" / "mini.html"
