"""What tests may need from outside: real data, a browser, a font. Without it they skip, but never in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def need(found: Any, what: str) -> Any:
    """Return what a test needs, or skip it with the reason; the project's conftest.py forbids that in CI."""
    if not found:
        pytest.skip(f"needs {what}")
    return found


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
