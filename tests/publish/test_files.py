"""Locks and moves, without any run around them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from journey_lib.errors import RunError
from journey_lib.publish import files
from journey_lib.publish.files import Lock, put, swap


def test_files_move_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new a")
    (tmp_path / "b").write_text("new b")
    (tmp_path / "A").write_text("old a")
    keep = tmp_path / "keep"
    keep.mkdir()
    swap([(tmp_path / "a", tmp_path / "A"), (tmp_path / "b", tmp_path / "B")], keep)
    assert [(tmp_path / name).read_text() for name in "AB"] == ["new a", "new b"]
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_move_that_fails_half_way_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], *, links: bool
) -> None:
    moves = []
    for name in "abc":
        (tmp_path / name).write_text(f"new {name}")
        moves.append((tmp_path / name, tmp_path / name.upper()))
    (tmp_path / "A").write_text("old a")
    keep = tmp_path / "keep"
    keep.mkdir()
    true = os.replace

    def fail_last(source: Path, target: Path) -> None:
        if target.name == "C":
            raise error
        true(source, target)

    def no_link(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(files.os, "replace", fail_last)
    if not links:
        monkeypatch.setattr(files.os, "link", no_link)
    with pytest.raises(error):
        swap(moves, keep)
    assert (tmp_path / "A").read_text() == "old a"
    assert not (tmp_path / "B").exists()
    assert not (tmp_path / "C").exists()


def test_put_cleans_up_after_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page").write_text("old")

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(OSError):  # noqa: PT011 - any of them
        put(tmp_path / "page", "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("page", "old")]


def lock(path: Path, pid: int, started: float) -> None:
    path.write_text(json.dumps({"pid": pid, "started": started}))


def test_a_lock_of_a_living_process_holds(tmp_path: Path) -> None:
    parent = psutil.Process(os.getppid())
    lock(tmp_path / "lock", parent.pid, parent.create_time())
    with (
        pytest.raises(RunError, match=f"by process {parent.pid}"),
        Lock(tmp_path / "lock", "x"),
    ):
        pass
    assert (tmp_path / "lock").exists()


def test_a_lock_of_a_dead_process_does_not_count(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    lock(tmp_path / "lock", int(gone.stdout), psutil.Process().create_time())
    with Lock(tmp_path / "lock", "x"):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_number_belongs_to_another_process_now_does_not_count(tmp_path: Path) -> None:
    lock(tmp_path / "lock", os.getppid(), psutil.Process(os.getppid()).create_time() - 3600)
    with Lock(tmp_path / "lock", "x"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_just_made_and_not_yet_written_holds_but_an_old_one_does_not(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text("")
    with pytest.raises(RunError, match="is being published"), Lock(path, "x"):
        pass
    os.utime(path, (0, 0))
    with Lock(path, "x"):
        pass
    assert not path.exists()
