"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from journey_lib import __main__ as command
from journey_lib import __version__
from journey_lib.errors import RunError
from journey_lib.publish import plan, run
from tests.publish import mini


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mini.Project:
    """A project whose notebooks publish without a kernel."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plan, "declared", lambda stem: mini.MiniParams)
    monkeypatch.setattr(run, "Worker", mini.SwiftWorker)
    monkeypatch.setattr(mini.SwiftWorker, "notebook", None)
    monkeypatch.setattr("journey_lib.publish.workshop.available", lambda: False)
    made = mini.make(tmp_path)
    made.notebook("1 + 1")
    return made


def journey(*arguments: object) -> Result:
    return CliRunner().invoke(command.app, [str(a) for a in arguments])


def refused(result: Result, code: int, message: str) -> None:
    """Expect one message on the error stream, no traceback, and this exit code."""
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_version_and_bare_command() -> None:
    assert journey("--version").stdout == f"journey {__version__}\n"
    for name in ("init", "check", "list", "run", "index", "lab"):
        assert f"  {name}  " in journey().output


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "journey_lib", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"journey {__version__}\n")


def test_the_command_line_is_there_at_once() -> None:
    """Nothing heavy is imported before a command needs it."""
    heavy = ("pandas", "numpy", "pydantic", "papermill", "nbconvert", "matplotlib", "pyarrow", "jinja2")
    code = f"import sys, journey_lib.__main__; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_run_prints_where_the_report_and_the_index_are(project: mini.Project) -> None:
    done = journey(
        "run", "mini", "--study", "data/shop", "--set", "by=region", "--lang", "en", "--lang", "ko"
    )
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "reports/shop/mini--by-region.html",
        "reports/shop/mini--by-region.ko.html",
        "reports/shop/index.html",
    ]
    assert "mini--by-region.html: published" in done.stderr


def test_run_all_goes_on_after_a_failure_and_says_so(
    project: mini.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.notebook(stem="other")
    true = run._publish

    def one_fails(one: plan.Plan, *rest: object) -> run.RunOutcome:
        if one.request.stem == "mini":
            raise RunError("mini.html: cell 3 failed with KeyError.")
        return true(one, *rest)

    monkeypatch.setattr(run, "_publish", one_fails)
    done = journey("run", "all", "--study", "data/shop", "--jobs", "2")
    refused(done, 1, "mini.html: cell 3 failed with KeyError.")
    assert done.stdout.splitlines() == ["reports/shop/other.html", "reports/shop/index.html"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["mnii"], 1, "there is no notebook 'mnii' to publish. Allowed: mini. Did you mean 'mini'?"),
        (["mini", "--set", "bye=x"], 2, "parameter 'bye': is not known."),
        (["mini", "--set", "n=x", "--set", "q"], 2, "2 problems:"),
        (["mini", "--set", "by;import os=1"], 2, "is no plain name"),
        (["mini", "--lang", "de"], 2, 'parameter \'lang\': "de" (str). Allowed: "", "en", "ko"'),
        (["mini", "--name", "../x"], 1, "name: '../x' cannot be a file name."),
        (["mini", "--segment", "a=b", "--each", "wave"], 2, "--segment and --each: are given together."),
        (["mini", "--study", "data/nowhere"], 2, "study: 'data/nowhere' is neither a folder"),
        (["mini", "--each", "region"], 2, "no column 'region'"),
        (["mini", "--time-limit", "-1"], 2, "time limit: -1. Allowed: seconds above 0."),
        (["mini", "--jobs", "0"], 2, "--jobs"),
        ([], 2, "Missing argument"),
    ],
)
def test_mistakes_get_one_message(project: mini.Project, arguments: list, code: int, message: str) -> None:
    study = [] if "--study" in arguments else ["--study", "data/shop"]
    refused(journey("run", *arguments, *study), code, message)
    assert not project.reports.exists()


def test_ctrl_c_is_said_in_one_line(project: mini.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "run_all", interrupted)
    refused(
        journey("run", "mini", "--study", "data/shop"), 130, "Stopped. All processes of the run are ended"
    )


def test_help_documents_each_parameter_from_its_class(project: mini.Project) -> None:
    project.notebook(stem="other")
    text = journey("run", "mini", "--help").stdout
    assert "Parameters of mini (--set name=value):" in text
    assert "Parameters of other" not in text
    assert "n: int = 1" in text
    assert "A number. Unit: customers." in text
    assert 'One of: "", "en", "ko".' in " ".join(text.split())
    assert "Parameters of other" in journey("run", "--help").stdout


def test_list_names_questions_and_parameters(project: mini.Project) -> None:
    lines = journey("list").stdout.splitlines()
    assert lines[0] == "mini: Who comes back?"
    assert '  by: str = ""  Column to split by.' in lines


def test_index_writes_it_anew(project: mini.Project) -> None:
    refused(journey("index", "--study", "data/shop"), 1, "has no published report")
    assert journey("run", "mini", "--study", "data/shop").exit_code == 0
    (project.reports / "index.html").unlink()
    done = journey("index", "--study", "data/shop")
    assert done.stdout.splitlines() == ["reports/shop/index.html", "reports/shop/index.ko.html"]
    assert (project.reports / "index.html").exists()


def test_init_copies_the_sample_and_check_finds_it_sound(project: mini.Project) -> None:
    done = journey("init", "data/mine")
    assert done.exit_code == 0, done.output
    assert 'id = "mine"' in (project.root / "data/mine/study.toml").read_text(encoding="utf-8")
    checked = journey("check", "data/mine")
    assert checked.exit_code == 0, checked.output
    assert "responses" in checked.stdout
    assert "The study is sound; its fingerprint is " in checked.stdout


def test_init_refuses_what_is_there_and_what_it_does_not_know(project: mini.Project) -> None:
    (project.root / "full").mkdir()
    (project.root / "full" / "a").write_text("mine")
    refused(journey("init", "full"), 2, "full: is not empty.")
    refused(journey("init", "data/new", "--size", "giant"), 2, "--size: 'giant'. Allowed: tiny, demo.")
    assert [p.name for p in (project.root / "full").iterdir()] == ["a"]
    assert not (project.root / "data/new").exists()


def test_check_says_everything_that_is_wrong_at_once(project: mini.Project) -> None:
    study = project.root / "data/shop/study.toml"
    study.write_text(mini.STUDY.replace("synthetic", "sinthetic") + "\n[thresholds]\nmin_cel = 5\n")
    done = journey("check", "data/shop")
    refused(done, 1, "2 problems:")
    assert "synthetic" in done.stderr
    assert "min_cell" in done.stderr


def test_the_default_study_is_generated_when_it_is_first_used(
    project: mini.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from journey_lib.study import sample

    written = []

    def write(folder: Path) -> None:
        written.append(folder)
        (folder / "raw").mkdir(parents=True)
        (folder / "raw" / "x").touch()
        (folder / "study.toml").write_text(mini.STUDY.replace('"shop"', '"sample"'), encoding="utf-8")

    monkeypatch.setattr(sample, "write", write)
    for _ in range(2):
        done = journey("run", "mini")
        assert done.stdout.splitlines() == ["reports/sample/mini.html", "reports/sample/index.html"]
    assert written == [project.root / "data/sample"]
    assert "Generating the sample study" not in journey("run", "mini", "--study", "data/shop").stderr


def test_lab_serves_this_machine_only(project: mini.Project, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def call(arguments: list, **more: object) -> subprocess.CompletedProcess:
        called.append((arguments, more))
        return subprocess.CompletedProcess(arguments, 3)

    monkeypatch.setattr(subprocess, "run", call)
    assert journey("lab", "--no-browser").exit_code == 3
    ((arguments, more),) = called
    assert arguments[1:3] == ["-m", "jupyterlab"]
    assert {"--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={project.root}", "--no-browser"} <= set(
        arguments
    )
    assert more["cwd"] == project.root


def test_export_writes_the_ledger_and_its_dictionary(tmp_path: Path) -> None:
    done = CliRunner().invoke(command.app, ["export", str(tmp_path / "out"), "--study", "data/sfo_airport"])
    assert done.exit_code == 0
    assert (tmp_path / "out" / "dictionary.csv").read_text(encoding="utf-8-sig").startswith("column,")
