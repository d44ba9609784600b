"""Whatever goes wrong: one clear message, the last good report as it was, and nothing left behind."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journey_lib.errors import JourneyError, ParamError, RunError, StudyError
from journey_lib.publish import files
from journey_lib.publish import run as running
from tests.publish import mini
from tests.publish.conftest import running as living

Check = Callable[[], None]
GOOD = {"mini.html": b"yesterday's page", "mini.json": b'{"identity": "[\\"mini\\", {}]"}'}
KILL_KERNEL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
KILL_WORKER = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(60)"
# A child in a session of its own: neither its group nor its parent leads to it.
STRAY = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
"""


def publish(**more: object) -> running.RunOutcome:
    return running.run("mini", study="data/shop", **more)


def yesterday(project: mini.Project) -> None:
    """Put a good report of yesterday in place."""
    project.reports.mkdir(parents=True)
    for name, content in GOOD.items():
        (project.reports / name).write_bytes(content)


def good(project: mini.Project) -> dict[str, bytes]:
    return {name: content for name, content in project.contents().items() if name in GOOD}


def fails(project: mini.Project, message: str, **more: object) -> str:
    """Run into one error whose text matches, and find yesterday's report untouched and no ledger part."""
    yesterday(project)
    with pytest.raises(RunError, match=message) as caught:
        publish(**more)
    assert good(project) == GOOD
    assert not list((project.reports / "ledger").glob("*"))
    assert len(str(caught.value).splitlines()) == 1
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


# Refused before anything has started


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"bye": "region"}, "parameter 'bye': is not known.*Did you mean 'by'"),
        ({"n": "many"}, r"parameter 'n'.*a whole number"),
        ({"n": True}, "parameter 'n'"),
        (["n=007"], "parameter 'n'"),
        (["by"], "is no assignment"),
        ({"by = __import__('os').abort() #": "x"}, "is no plain name"),
        ({"__class__": "x"}, "__class__"),
    ],
)
def test_wrong_parameters_start_nothing(project: mini.Project, settings: object, message: str) -> None:
    project.notebook("open('started', 'w')")
    with pytest.raises(ParamError, match=message):
        publish(set=settings)
    assert not (project.root / "started").exists()
    assert not project.reports.exists()


@pytest.mark.parametrize("name", ["../mini", "a/b", "a\\b", "..", ".hidden", "", " ", "a..b", "/a", "index"])
def test_a_name_that_leads_elsewhere_is_refused(project: mini.Project, name: str) -> None:
    if not name:
        with pytest.raises(RunError, match="there is no notebook ''"):
            running.run("", study="data/shop")
        return
    with pytest.raises(RunError, match="name: "):
        publish(name=name)
    assert not project.reports.exists()


def test_a_folder_that_leads_elsewhere_is_refused(project: mini.Project, tmp_path: Path) -> None:
    (project.root / "reports").mkdir()
    (project.root / "reports" / "shop").symlink_to(tmp_path.parent)
    with pytest.raises(RunError, match="leads out of reports/"):
        publish()


@pytest.mark.parametrize("stem", ["mnii", "../mini", "explore"])
def test_an_unknown_notebook_is_refused(project: mini.Project, stem: str) -> None:
    project.notebook(stem="explore")
    with pytest.raises(RunError, match=r"there is no notebook .* Allowed: mini"):
        running.run(stem, study="data/shop")


def test_a_wrong_study_is_refused(project: mini.Project) -> None:
    with pytest.raises(StudyError, match=r"neither a folder with a study\.toml"):
        running.run("mini", study="data/shpo")
    (project.root / "data/shop/study.toml").write_text(mini.STUDY + "\nwhatever = 1\n[nonsense]\n")
    with pytest.raises(StudyError, match="2 problems"):
        publish()


def test_a_name_twice_in_one_command_is_refused(project: mini.Project) -> None:
    from journey_lib.publish.plan import Request

    with pytest.raises(RunError, match=r"mini\.html: would be published twice"):
        running.run_all([Request("mini", "data/shop"), Request("mini", "data/shop")])


# Failing while it runs


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1 / 0", r"mini\.html: cell 3 failed with ZeroDivisionError\. The log is mini\.failed\.log"),
        ("raise ValueError('Kim, 010-1234')", "cell 3 failed with ValueError"),
        (
            "from journey_lib.errors import DataError\nraise DataError('a.csv: column q1 is missing.')",
            r"cell 3 stopped: a\.csv: column q1 is missing\.$",
        ),
        (KILL_KERNEL, "its kernel died"),
        (KILL_WORKER, "its worker process ended without a word"),
        ("import sys; sys.exit(3)", "cell 3 failed with SystemExit"),
    ],
    ids=["cell fails", "answers stay private", "data is wrong", "kernel killed", "worker killed", "exit"],
)
def test_a_run_that_fails_keeps_the_last_report(
    project: mini.Project, nothing_left: Check, cell: str, message: str
) -> None:
    project.notebook(cell)
    text = fails(project, message)
    assert "010-1234" not in text
    assert {"mini.failed.ipynb", "mini.failed.log", "mini.failed.json"} <= project.contents().keys()
    assert project.contents()["mini.failed.log"].decode().startswith(text)
    nothing_left()


def test_the_next_good_run_takes_the_failed_one_away(project: mini.Project) -> None:
    project.notebook("1 / 0")
    with pytest.raises(RunError):
        publish()
    assert list(project.reports.glob("*.failed.*"))
    project.notebook("1 / 1")
    assert publish().report.exists()
    assert list(project.reports.glob("*.failed.*")) == []


def test_time_out_ends_every_process(project: mini.Project, nothing_left: Check) -> None:
    project.notebook(STRAY, "while True: pass")
    fails(project, r"did not finish within 4 seconds", time_limit=4)
    nothing_left()


def test_a_limit_must_be_a_time(project: mini.Project) -> None:
    with pytest.raises(ParamError, match="seconds above 0"):
        publish(time_limit=0)


def test_what_a_good_run_left_running_is_ended_too(project: mini.Project, nothing_left: Check) -> None:
    project.notebook(STRAY)
    assert publish().status == "published"
    nothing_left()


def test_a_missing_kernel_is_named(
    project: mini.Project, nothing_left: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "fake").mkdir()
    (project.root / "fake" / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    monkeypatch.setenv("PYTHONPATH", str(project.root / "fake"))
    fails(project, "the Python kernel could not be started. Install ipykernel")
    nothing_left()


# Judged after it ran (each fault on its own: test_verify)


def test_a_page_that_must_not_be_read_is_not_published(project: mini.Project, nothing_left: Check) -> None:
    project.notebook("from IPython.display import HTML\nHTML('<script>alert(1)</script>')")
    fails(project, re.escape("mini.html: cell 3 shows an active element <script>"))
    nothing_left()


def test_what_people_wrote_is_only_text(project: mini.Project) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> 안녕하세요 👋 " + "가" * 10_000
    project.notebook(
        f"EVIL = {evil!r}", "print(EVIL)", "EVIL", "import pandas\npandas.DataFrame({EVIL: [EVIL]})"
    )
    page = publish().report.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; 안녕하세요 👋" in page
    assert page.count("가" * 10_000) >= 2


def test_html_in_markdown_is_only_text(project: mini.Project) -> None:
    notebook = project.notebook("1")
    text = notebook.read_text(encoding="utf-8").replace(
        "Some *words*.", "Some <script>alert(1)</script> *words*."
    )
    notebook.write_text(text, encoding="utf-8")
    page = publish().report.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<em>words</em>" in page


# The disk


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("nth", range(1, 4))
@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_full_disk_leaves_all_or_nothing(
    project: mini.Project, swift: object, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    """Fail the n-th replace or fsync, as a disk that fills up: three files move together or not at all."""
    calls, true = [], getattr(os, step)

    def sometimes(*args: object, **kwargs: object) -> object:
        calls.append(args)
        return full() if len(calls) == nth else true(*args, **kwargs)

    yesterday(project)
    monkeypatch.setattr(files.os, step, sometimes)
    with pytest.raises(
        RunError, match=r"^mini\.html: could not be written: No space left on device\. The last good"
    ):
        publish()
    assert len(calls) >= nth
    assert good(project) == GOOD
    assert not list((project.reports / "ledger").glob("*"))
    assert list(project.reports.glob(".*")) == []


@pytest.mark.parametrize("where", ["mkdir", "lock", "staging"])
def test_a_disk_full_from_the_start_says_so(
    project: mini.Project, swift: object, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    yesterday(project)
    if where == "lock":
        true = os.open
        monkeypatch.setattr(
            files.os, "open", lambda p, *a: full() if str(p).endswith(".lock") else true(p, *a)
        )
    else:
        true_mkdir = Path.mkdir
        part = ".staging" if where == "staging" else "ledger"
        monkeypatch.setattr(
            Path, "mkdir", lambda p, *a, **k: full() if part in p.name else true_mkdir(p, *a, **k)
        )
    with pytest.raises(RunError, match="could not be written: No space left on device"):
        publish()
    assert good(project) == GOOD


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process, which only Linux can")
@pytest.mark.parametrize("size", [100, 12_000])
def test_a_disk_full_in_the_worker_says_so(project: mini.Project, nothing_left: Check, size: int) -> None:
    """Let the worker write only so many bytes a file: the executed notebook, then the page do not fit."""
    limit = f"import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, ({size}, {size}))"
    project.notebook(limit)
    fails(project, r"could not be written: File too large")
    nothing_left()


def test_a_full_disk_may_cost_the_index_but_not_the_report(
    project: mini.Project, swift: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.index, "put", full)
    with pytest.raises(RunError, match=r"^index\.html: could not be written.*The report itself is published"):
        publish()
    assert (project.reports / "mini.html").exists()


# Two at once, and ends from outside


def test_two_runs_of_one_report_at_once(project: mini.Project) -> None:
    project.notebook(WAIT_FOR_GO)
    driver = project.root / "driver.py"
    driver.write_text(DRIVER)
    lock = project.reports / ".mini.lock"
    with subprocess.Popen([sys.executable, driver]) as first:
        until(lock.exists)
        with pytest.raises(RunError, match=rf"^mini\.html: is being published by process {first.pid} since"):
            publish()
        (project.root / "go").touch()
        assert first.wait(300) == 0
    assert (project.reports / "mini.html").exists()
    assert not lock.exists()


WAIT_FOR_GO = """
import pathlib, time
end = time.monotonic() + 300
while not pathlib.Path("go").exists() and time.monotonic() < end:
    time.sleep(0.05)
"""
DRIVER = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from journey_lib.publish import plan
from tests.publish import mini
from tests.publish.conftest import running as living
plan.declared = lambda stem: mini.MiniParams
from journey_lib.__main__ import main
sys.argv = ["journey", "run", "mini", "--study", "data/shop", *sys.argv[1:]]
main()
"""


def until(true: Callable[[], object], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_runner_that_is_ended_takes_its_kernel_along(project: mini.Project, sent: int, code: int) -> None:
    """Ctrl-C and a polite end clean up; after SIGKILL the worker notices, and the next run clears up."""
    project.notebook("open('started', 'w').close()", STRAY, "while True: pass")
    yesterday(project)
    driver = project.root / "driver.py"
    driver.write_text(DRIVER)
    with subprocess.Popen([sys.executable, driver], stderr=subprocess.PIPE, text=True) as started:
        until((project.root / "started").exists)
        until(lambda: len(living(project.root)) >= 5)  # itself, workshop, worker, kernel, stray
        started.send_signal(sent)
        said = started.communicate(timeout=300)[1]
        assert started.returncode == code
    assert ("Stopped." in said) == (sent != signal.SIGKILL)
    assert "Traceback" not in said
    until(lambda: not living(project.root))
    assert good(project) == GOOD
    project.notebook("1")
    assert publish().status == "published"
    assert list(project.reports.glob(".*")) == []


def test_a_failure_does_not_keep_other_reports_back(project: mini.Project) -> None:
    from journey_lib.publish.run import every_stem, run_all

    project.notebook("1 / 0", stem="bad")
    project.notebook("1", stem="monitor")
    told: list[str] = []
    outcomes = run_all(every_stem(study="data/shop"), jobs=2, progress=lambda step: told.append(step.text))
    assert [(o.report.stem, o.status) for o in outcomes] == [
        ("bad", "failed"),
        ("mini", "published"),
        ("monitor", "published"),
    ]
    assert "ZeroDivisionError" in outcomes[0].message
    assert "failed" in told


@pytest.mark.parametrize("error", ["AbsentError", "ParamError"])
def test_what_does_not_apply_to_a_study_is_no_failure(project: mini.Project, error: str) -> None:
    """Of all reports: nobody asked for this one. Asked for by name it is a failure as any other."""
    from journey_lib.publish.run import every_stem, run, run_all

    project.notebook(
        "import journey_lib.errors as e", f"raise e.{error}('needs the table \\'events\\'')", stem="paths"
    )
    outcomes = {one.report.stem: one for one in run_all(every_stem(study="data/shop"))}
    assert {stem: one.status for stem, one in outcomes.items()} == {
        "mini": "published",
        "paths": "not applicable",
    }
    assert "needs the table 'events'" in outcomes["paths"].message
    assert not list(project.reports.glob("*.failed.*"))
    page = (project.reports / "index.html").read_text(encoding="utf-8")
    assert "Not applicable to this study, which lacks their data: paths." in page
    korean = (project.reports / "index.ko.html").read_text(encoding="utf-8")
    assert "이 연구에는 자료가 없어 해당하지 않는 보고서: paths" in korean
    with pytest.raises(RunError, match="needs the table 'events'"):
        run("paths", study="data/shop")
    assert (project.reports / "paths.failed.json").exists()
    project.notebook("1", stem="paths")
    run("paths", study="data/shop")
    assert not list(project.reports.glob("paths.*.json"))
    assert "Not applicable" not in (project.reports / "index.html").read_text(encoding="utf-8")


def test_every_error_is_one_of_the_family() -> None:
    assert issubclass(RunError, JourneyError)
