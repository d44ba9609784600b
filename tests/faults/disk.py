"""A disk that fails at one chosen step of a publication: replace, sync, make a folder, open or write."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ERRORS = {"full disk": errno.ENOSPC, "no right to write": errno.EACCES, "broken disk": errno.EIO}
# How often one publication does each step. Syncs: its three files, their folders, then the two index pages.
# Opened and written: the three files as they are staged and settled, two locks, the two index pages.
STEPS = {"replace": 5, "fsync": 12, "mkdir": 1, "open": 8, "write": 5, "open handle": 6, "write lock": 2}
STAYS_FULL = ("fsync", "open", "write")  # steps that fail for good on a full disk: going back needs none


class Disk:
    """Counts the steps of one kind under a folder, and fails one of them."""

    def __init__(self, root: Path, step: str, nth: int = 0, fault: str = "full disk") -> None:
        self.root, self.step, self.nth = str(root), step, nth
        self.code, self.count = ERRORS[fault], 0
        self.stays = fault == "full disk" and step in STAYS_FULL
        self.locks: set[int] = set()

    def fails(self, step: str) -> None:
        """Count a step; raise where it is the one to fail."""
        if step != self.step:
            return
        self.count += 1
        if self.count == self.nth or (self.stays and self.nth and self.count > self.nth):
            raise OSError(self.code, os.strerror(self.code))

    def inside(self, place: object) -> bool:
        return isinstance(place, (str, os.PathLike)) and os.fspath(place).startswith(self.root)

    @contextmanager
    def installed(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Put the disk under the process; reads outside the folder, and of finished files, go through."""
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", self._plain("replace", os.replace))
            patch.setattr(os, "fsync", self._plain("fsync", os.fsync))
            patch.setattr(os, "mkdir", self._named("mkdir", os.mkdir))
            patch.setattr(os, "open", self._handle(os.open))
            patch.setattr(io, "open", self._file(io.open))
            yield

    def _plain(self, step: str, true: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any, **more: Any) -> Any:
            self.fails(step)
            return true(*given, **more)

        return done

    def _named(self, step: str, true: Callable[..., Any]) -> Callable[..., Any]:
        def done(place: Any, *given: Any, **more: Any) -> Any:
            if self.inside(place) and not os.path.exists(place):  # noqa: PTH110 - Path asks here in turn
                self.fails(step)
            return true(place, *given, **more)

        return done

    def _handle(self, true: Callable[..., int]) -> Callable[..., int]:
        def opened(place: Any, flags: int, *given: Any, **more: Any) -> int:
            if self.inside(place) and ".staging" not in str(
                place
            ):  # taking the staging folder away is no step
                self.fails("open handle")
            found = true(place, flags, *given, **more)
            if self.inside(place) and flags & os.O_CREAT:
                self.locks.add(found)
            return found

        return opened

    def _file(self, true: Callable[..., Any]) -> Callable[..., Any]:
        def opened(place: Any, mode: str = "r", *given: Any, **more: Any) -> Any:
            if isinstance(place, int):
                file = true(place, mode, *given, **more)
                if place not in self.locks:
                    return file
                self.locks.discard(place)
                return self._torn(file, "write lock")
            writes = any(sign in mode for sign in "wax")
            if not self.inside(place) or not (writes or ".staging" in str(place)) or ".failed." in str(place):
                return true(place, mode, *given, **more)
            self.fails("open")
            file = true(place, mode, *given, **more)
            return self._torn(file, "write") if writes else file

        return opened

    def _torn(self, file: Any, step: str) -> Any:
        """Let the first write of a file be the step; a failing one leaves half of its content behind."""
        true, begun = file.write, []

        def write(content: Any) -> int:
            if not begun:
                begun.append(True)
                try:
                    self.fails(step)
                except OSError:
                    true(content[: len(content) // 2])
                    raise
            return int(true(content))

        return _Writer(file, write)


class _Writer:
    """A file whose `write` is another; everything else is its own."""

    def __init__(self, file: Any, write: Callable[[Any], int]) -> None:
        self._file, self.write = file, write

    def __enter__(self) -> _Writer:
        self._file.__enter__()
        return self

    def __exit__(self, *error: object) -> object:
        return self._file.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
