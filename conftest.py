"""Shared by tests and docstring examples: a project with the sample study; nothing skips in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Make a skipped test a failed one in CI: what it needs is part of CI's set-up."""
    if os.environ.get("CI") and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"nothing may skip where CI is set: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Judge every test."""
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Judge modules that skip as a whole."""
    report = yield
    forbid_skip(report)
    return report


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out a project of its own: the notebooks, and the sample study at size tiny in data/sample."""
    from journey_lib.study.sample import write

    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    write(folder / "data" / "sample", "tiny")
    return folder


@pytest.fixture(autouse=True)
def _examples_at_home(request: pytest.FixtureRequest) -> None:
    """Run a docstring's example about data/sample inside that project: nothing of the reader's is touched."""
    example = getattr(request.node, "dtest", None)
    if example is not None and "data/sample" in example.docstring:
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("project"))
