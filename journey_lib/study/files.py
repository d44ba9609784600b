"""Files that are written whole or not at all, by one writer at a time."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from journey_lib.errors import Problem, RunError

_UNWRITTEN = 10.0  # seconds after which a lock without readable content counts as left behind


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and wait until the disk has it."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    with path.open("wb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    return path


def settle(path: Path) -> None:
    """Wait until the disk has what another process wrote."""
    with path.open("rb") as written:
        os.fsync(written.fileno())


def settle_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where the system can say so."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put(path: Path, content: str) -> None:
    """Replace one file in one step; a reader meets the old text or the new one, never half of it.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "page.html"
    >>> put(target, "one"); put(target, "two"); target.read_text(), len(list(target.parent.iterdir()))
    ('two', 1)
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        write(staged, content)
        os.replace(staged, path)  # noqa: PTH105 - one name for the step that tests make fail
        settle_folder(path.parent)
    finally:
        with suppress(OSError):
            staged.unlink(missing_ok=True)


class Lock:
    """One run at a time for one report; a lock whose owner is gone does not count.

    Parameters
    ----------
    path : Path
        The lock file.
    what : str
        What is locked, in words, for the message.
    patience : float
        Seconds to wait for another owner before giving up.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / ".lock"
    >>> with Lock(place, "survey.html"):
    ...     Lock(place, "survey.html").__enter__()
    Traceback (most recent call last):
    ...
    journey_lib.errors.RunError: survey.html: is being published by process ... since ...
    """

    def __init__(self, path: Path, what: str, patience: float = 0.0) -> None:
        self.path = path
        self.what = what
        self.patience = patience

    def __enter__(self) -> Self:
        end = time.monotonic() + self.patience
        while not self._take():
            self._drop_stale()
            if self._take():
                break
            if time.monotonic() >= end:
                raise RunError(self._held())
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _take(self) -> bool:
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        me = psutil.Process()
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as lock:
                lock.write(json.dumps({"pid": me.pid, "started": me.create_time()}))
        except OSError:
            self.path.unlink(missing_ok=True)  # a lock without an owner would hold the next run up
            raise
        return True

    def _owner(self) -> dict[str, float]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {"pid": int(found["pid"]), "started": float(found["started"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _drop_stale(self) -> None:
        """Take a left-behind lock away under our own name; put it back if it is not the one we read."""
        owner = self._owner()
        if _alive(owner) if owner else self._young():
            return
        aside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with suppress(OSError):
            self.path.rename(aside)
            taken = Lock(aside, self.what)._owner()
            if taken != owner and _alive(taken):
                os.link(aside, self.path)
            aside.unlink()

    def _young(self) -> bool:
        try:
            return time.time() - self.path.stat().st_mtime < _UNWRITTEN
        except OSError:
            return False

    def _held(self) -> Problem:
        from datetime import UTC, datetime

        pid = int(self._owner().get("pid", 0))
        try:
            since = f"{datetime.fromtimestamp(self.path.stat().st_mtime, UTC):%H:%M:%S} UTC"
        except OSError:
            since = "just now"
        return Problem(
            self.what,
            f"is being published by process {pid} since {since}",
            action="Wait for that run, or end it, and run again",
        )


def _alive(owner: dict[str, float]) -> bool:
    """Tell whether the process that took the lock still runs, and is not another one with its number."""
    try:
        process = psutil.Process(int(owner["pid"]))
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - owner["started"]) < 1
    except (psutil.Error, KeyError):
        return False
