"""A project of its own for every test, and a look at what a run leaves behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from journey_lib.publish import plan, run
from journey_lib.publish.process import MARK
from tests.publish import mini


def running() -> list[int]:
    """Return the living processes that any run of ours has started, the workshop left out."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) or process.name() == "a-run":
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return [pid for pid in found if pid != os.getpid()]


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
    before = set(running())

    def check() -> None:
        assert [p.name for p in project.reports.glob(".*")] == []
        assert set(running()) - before == set()

    yield check
    check()
