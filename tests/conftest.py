"""What every test may ask for, and the rule that nothing skips where everything must be present."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def must_run() -> bool:
    """In CI a skipped test is a failed one: what it needs is part of CI's set-up."""
    return bool(os.environ.get("CI"))


def need(found: Any, what: str) -> Any:
    """Return what a test needs, or skip it with the reason; the hooks below forbid that in CI."""
    if not found:
        pytest.skip(f"needs {what}")
    return found


def forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if must_run() and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"nothing may skip where CI is set: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    forbid_skip(report)
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Find a file or folder of real data, which lies beside the project and is never part of it."""
    shared = Path(os.environ.get("JOURNEY_SHARED", ROOT.parent / "shared"))

    def find(name: str) -> Path:
        path = shared / "data" / name
        return need(path.exists() and path, f"the real data '{name}' beside the project (or JOURNEY_SHARED)")

    return find


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser that Debian ships as the package chromium."""
    return need(next(filter(None, map(shutil.which, CHROMIUM)), None), "Debian's package chromium")


@pytest.fixture(scope="session")
def korean_font() -> None:
    """A Korean system font: pages use the reader's fonts, figures bring their own."""
    listed = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=ko"], capture_output=True).stdout
    need(listed, "a Korean system font, such as Debian's package fonts-nanum")
