"""Writes that happen whole or not at all: on disk before they are moved, with a way back until all are."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from journey_lib.errors import Problem, RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def swap(moves: Sequence[tuple[Path, Path]], keep: Path) -> None:
    """Put several files in place together; if one cannot be, those already moved go back.

    Parameters
    ----------
    moves : sequence of (Path, Path)
        Staged file and its place, on one file system.
    keep : Path
        Folder for the ways back, on the same file system.

    Raises
    ------
    OSError
        As it came; every place then holds what it held before.
    """
    for staged, _ in moves:
        settle(staged)
    done: list[tuple[Path, Path]] = []
    try:
        for at, (staged, target) in enumerate(moves):
            before = _second_name(target, keep / f"before-{at}")
            os.replace(staged, target)  # noqa: PTH105 - one name for the step that tests make fail
            done.append((before, target))
        for folder in {target.parent for _, target in moves}:
            settle_folder(folder)
    except BaseException:
        for before, target in reversed(done):
            _go_back(before, target)
        raise


def _second_name(target: Path, name: Path) -> Path:
    """Give today's file a second name, so that it can come back; a copy where links are not possible."""
    if target.exists():
        try:
            os.link(target, name)
        except OSError:
            shutil.copy2(target, name)
    return name


def _go_back(before: Path, target: Path) -> None:
    if before.exists():
        before.replace(target)
    else:
        target.unlink(missing_ok=True)


class Lock:
    """One run at a time for one report; a lock whose owner is gone does not count.

    Parameters
    ----------
    path : Path
        The lock file.
    what : str
        What is locked, in words, for the message.

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

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what

    def __enter__(self) -> Self:
        if not self._take():
            self._drop_stale()
            if not self._take():
                raise RunError(self._held())
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
        import time

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
