"""Faults while a report is published: the last good report, ledger and page stay one whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest
from typer.testing import CliRunner

from journey_lib.__main__ import app
from journey_lib.errors import RunError
from journey_lib.publish import run, workshop
from journey_lib.publish.ledger import read_ledger
from journey_lib.publish.places import HOME
from journey_lib.publish.process import MARK
from tests.faults import small
from tests.faults.damage import BYTE_FAULTS, TABLE_FAULTS
from tests.faults.disk import ERRORS, STEPS, Disk
from tests.faults.judge import HIDDEN
from tests.publish import mini
from tests.publish.conftest import project, swift  # noqa: F401 - fixtures

DISK_CASES = [(step, nth, fault) for step, n in STEPS.items() for nth in range(1, n + 1) for fault in ERRORS]
KERNEL_CASES = {
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "ended": "import os; os._exit(0)",
    "killed in a fork": "import os, signal\nos.fork() or os.kill(os.getppid(), signal.SIGKILL)",
    "runner killed": "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)",
}
DATA_CASES = ("word in numbers", "column lost", "first half", "zero bytes")
CASES = [*DISK_CASES, *KERNEL_CASES, *DATA_CASES]


def published(found: mini.Project) -> dict[str, bytes]:
    """Return what readers see, the index and what a failure leaves aside left out."""
    return {
        name: content
        for name, content in found.contents().items()
        if not name.startswith("index.") and ".failed." not in name
    }


@pytest.mark.parametrize("step", STEPS)
def test_the_steps_are_counted(
    project: mini.Project,  # noqa: F811
    swift: object,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """Count the steps of a publication that goes well, so that no step is left without a fault."""
    run.run("mini", study="data/shop")
    disk = Disk(project.reports, step)
    with disk.installed(monkeypatch):
        run.run("mini", study="data/shop")
    assert disk.count == STEPS[step]


@pytest.mark.parametrize(("step", "nth", "fault"), DISK_CASES)
def test_a_failing_disk(
    project: mini.Project,  # noqa: F811
    swift: object,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    nth: int,
    fault: str,
) -> None:
    """Fail one step: yesterday's report stays, or the new one stands whole, only without its index."""
    run.run("mini", study="data/shop")
    before = published(project)
    disk = Disk(project.reports, step, nth, fault)
    with disk.installed(monkeypatch), pytest.raises(RunError) as caught:
        run.run("mini", study="data/shop")
    assert disk.count >= nth
    message = str(caught.value)
    assert os.strerror(ERRORS[fault]) in message
    assert len(message.splitlines()) == 1
    assert str(project.root) not in message
    assert list(project.reports.glob(".*")) == []
    if message.startswith("index.html"):
        assert "The report itself is published" in message
        assert len(published(project)) == len(before) + 1
        assert len(read_ledger("reports/shop", all_runs=True)) == 2
    else:
        assert message.startswith("mini.html: could not be written")
        assert "The last good report is untouched" in message
        assert published(project) == before
    assert run.run("mini", study="data/shop").status == "published"
    assert list(project.reports.glob("*.failed.*")) == []


def left(found: mini.Project) -> list[str]:
    """Return the folders and processes that a run of this project has left behind."""
    ours = [process.pid for process in psutil.Process().children(recursive=True)]
    names = [path.name for path in found.reports.glob(".*")]
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            about = process.environ()
            mine = MARK in about and about.get(HOME) == str(found.root)
            if mine or (process.pid in ours and process.name() == "a-run"):
                names.append(f"{process.name()} {process.pid}")
    return names


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Run `journey run mini` in this process, and return its one message."""
    monkeypatch.setattr(workshop, "available", lambda: False)  # it outlives a run, as it is meant to

    def once() -> str:
        done = CliRunner().invoke(app, ["run", "mini", "--study", "data/shop"])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 1
        assert "Traceback" not in done.output
        (message,) = [line for line in done.stderr.splitlines() if not line.startswith("mini.html: ")] or [
            done.stderr.splitlines()[-1]
        ]
        return message

    return once


@pytest.mark.parametrize("fault", KERNEL_CASES)
def test_a_killed_process(
    project: mini.Project,  # noqa: F811
    command: Callable[[], str],
    fault: str,
) -> None:
    """Kill kernel or runner in the middle of a cell."""
    before = yesterday(project)
    project.notebook(KERNEL_CASES[fault])
    message = command()
    assert message.startswith("mini.html: ")
    assert "kernel died" in message or "ended without a word" in message
    assert published(project) == before
    assert left(project) == []


@pytest.mark.parametrize("fault", DATA_CASES)
def test_a_report_on_damaged_data(
    project: mini.Project,  # noqa: F811
    command: Callable[[], str],
    sample: small.Small,
    fault: str,
) -> None:
    """Let a notebook load a study whose orders are damaged: its error is the run's message."""
    before = yesterday(project)
    table = sample.tables["orders"]
    if fault in TABLE_FAULTS:
        content = small.as_bytes(TABLE_FAULTS[fault][0](table, small.TRAITS["orders"]), "csv")
    else:
        content = BYTE_FAULTS[fault](small.as_bytes(table, "csv"))
    sample.lay(project.root / "data" / "orders", "orders", "csv", content)
    project.notebook("from journey_lib.study.load import load_study", "load_study('data/orders')")
    message = command()
    assert "cell 4 stopped: raw/orders.csv" in message
    for word in HIDDEN:
        assert word not in message.lower()
        assert word not in json.dumps(project.sidecar("mini.failed")).lower()
    assert published(project) == before
    assert left(project) == []


def yesterday(found: mini.Project) -> dict[str, bytes]:
    """Put a good report of yesterday in place and return it."""
    (found.reports / "ledger").mkdir(parents=True)
    good = {"mini.html": b"yesterday's page", "mini.json": b'{"identity": "[\\"mini\\", {}]"}'}
    for name, content in good.items():
        (found.reports / name).write_bytes(content)
    return good
