"""A project of its own for every test, and a look at what a run leaves behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from journey_lib.publish import inputs, plan, run, workshop
from tests.publish import mini


def running(root: Path) -> list[str]:
    """Return the living processes of a project: kernels, what they started, workers, a workshop."""
    own = [process for _, process, _ in workshop._open]
    found = [p for process in own for p in psutil.Process(process.pid).children()]
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("JOURNEY_HOME") == str(root):
                found.append(process)
    skipped = {os.getpid(), *(process.pid for process in own)}
    return [f"{p.pid} {p.name()}" for p in found if p.pid not in skipped and p.is_running()]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mini.Project:
    """A project with one study and one notebook that publishes."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plan, "declared", lambda stem: mini.MiniParams)
    made = mini.make(tmp_path)
    made.notebook("1 + 1")
    return made


@pytest.fixture
def swift(project: mini.Project, monkeypatch: pytest.MonkeyPatch) -> type[mini.SwiftWorker]:
    """Publish without a kernel, where the test is about what comes after it."""
    monkeypatch.setattr(run, "Worker", mini.SwiftWorker)
    monkeypatch.setattr(mini.SwiftWorker, "notebook", None)
    return mini.SwiftWorker


@pytest.fixture
def nothing_left(project: mini.Project) -> Iterator[Callable[[], None]]:
    """Check that a failed run leaves no staging, no lock and no process behind."""

    def check() -> None:
        assert [p.name for p in project.reports.glob(".*")] == []
        assert running(project.root) == []

    yield check
    check()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One file that stands for this package, whose own may be edited while tests run."""
    made = tmp_path / "package"
    made.mkdir()
    (made / "one.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(inputs, "PACKAGE", made)
    return made
