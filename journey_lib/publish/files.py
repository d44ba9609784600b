"""Writes that happen whole or not at all: on disk before they are moved, with a way back until all are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from journey_lib.study.files import Lock, put, settle, settle_folder, write

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Lock", "put", "settle", "settle_folder", "swap", "write"]


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
