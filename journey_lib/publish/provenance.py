"""Where a page comes from: the run and the versions that computed it, nothing of the machine or its user."""

from __future__ import annotations

import platform
import secrets
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGE = "journey-workbench"
COMPUTED_WITH = ("pandas", "numpy", "scipy", "statsmodels", "seaborn")


def run_id(stem: str, at: datetime | None = None) -> str:
    """Return the name of one run: stem, time in UTC, four characters that tell two of one second apart.

    Examples
    --------
    >>> run_id("survey", datetime(2026, 9, 30, 4, 12, 33, tzinfo=UTC))[:-4]
    'survey-20260930-041233-'
    """
    return f"{stem}-{at or now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def now() -> datetime:
    """Return the time in UTC; the only clock of this room."""
    return datetime.now(UTC)


@cache
def package_version() -> str:
    """Return the version of this package; an uninstalled checkout says so."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "0 (not installed)"


def environment() -> str:
    """Return what the numbers were computed with, in one line.

    Examples
    --------
    >>> environment().startswith("Python 3.")
    True
    """
    return ", ".join([f"Python {platform.python_version()}", *(f"{p} {_version(p)}" for p in COMPUTED_WITH)])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
