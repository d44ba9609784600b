"""Set-up from nothing: the lock, the conda file, the wheel, the steps of bootstrap.py and the Makefile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import rattler
import yaml
from rattler.exceptions import InvalidMatchSpecError

import bootstrap

FIXED = {"jupyterlab", "pandas", "seaborn", "statsmodels", "ipywidgets", "papermill", "pytest"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    return (root / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def extras_lock(root: Path) -> str:
    return (root / "requirements-extras.lock").read_text(encoding="utf-8")


def name_and_bound(requirement: str) -> tuple[str, str]:
    """Split 'pandas>=3.0' or 'pandas >=3.0' into its name, normalised, and its bound."""
    name, bound = re.fullmatch(r"([A-Za-z0-9._-]+?)\s*([<>=!~].*)?", requirement).groups()
    return re.sub(r"[-_.]+", "-", name).lower(), bound or ""


def locked(lock: str) -> dict[str, list[str]]:
    """Return the hashes of every package in the lock."""
    blocks = re.split(r"\n(?=\S)", lock.replace("\\\n", " "))
    return {name_and_bound(b.split("==")[0])[0]: re.findall(r"--hash=sha256:[0-9a-f]{64}", b) for b in blocks}


# The lock


def test_every_dependency_is_locked_with_hashes(project: dict, lock: str, extras_lock: str) -> None:
    extras = [r for group in project["optional-dependencies"].values() for r in group]
    wanted = {name_and_bound(r.split("[")[0])[0] for r in [*project["dependencies"], *extras]}
    assert not locked(lock).keys() & locked(extras_lock).keys()  # one truth about each version
    held = locked(lock) | locked(extras_lock)
    assert wanted - {"journey-workbench"} <= held.keys()
    assert [name for name, hashes in held.items() if not hashes] == []


def test_the_lock_meets_the_bounds_of_pyproject(project: dict, lock: str) -> None:
    versions = dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", lock, flags=re.MULTILINE))
    for requirement in project["dependencies"]:
        name, bound = name_and_bound(requirement)
        assert rattler.VersionSpec(bound).matches(rattler.Version(versions[name])), requirement


@pytest.mark.parametrize(("extra", "package"), [("spark", "pyspark"), ("korean", "kiwipiepy")])
def test_no_report_installs_an_extra(
    project: dict, lock: str, extras_lock: str, extra: str, package: str
) -> None:
    assert package not in locked(lock)
    version = re.search(rf"^{package}==(\S+)", extras_lock, flags=re.MULTILINE)[1]
    bound = name_and_bound(project["optional-dependencies"][extra][0])[1]
    assert rattler.VersionSpec(bound).matches(rattler.Version(version))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-extras.lock", "environment.yml"])
def test_no_host_stands_in_the_files_that_install(root: Path, name: str) -> None:
    assert "://" not in (root / name).read_text(encoding="utf-8")


# The conda file


@pytest.fixture(scope="module")
def conda(root: Path) -> dict:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def test_conda_has_the_fixed_packages_with_the_bounds_of_pyproject(conda: dict, project: dict) -> None:
    ours = dict(name_and_bound(r) for r in project["dependencies"])
    expected = {name: ours[name] for name in FIXED} | {"python": project["requires-python"], "pip": ""}
    listed = [line for line in conda["dependencies"] if isinstance(line, str)]
    assert dict(map(name_and_bound, listed)) == expected


def test_conda_installs_the_rest_with_the_package(conda: dict) -> None:
    assert conda["channels"] == ["conda-forge"]
    assert conda["dependencies"][-1] == {"pip": ["-e ."]}


def test_conda_lines_are_strictly_valid(conda: dict) -> None:
    for line in conda["dependencies"][:-1]:
        assert rattler.MatchSpec(line, strict=True).name.normalized == name_and_bound(line)[0]
    with pytest.raises(InvalidMatchSpecError):
        rattler.MatchSpec("pandas >=3.0 and more", strict=True)


# The wheel


def test_the_wheel_holds_everything_the_package_reads(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    package = root / "journey_lib"
    present = {p.relative_to(root).as_posix() for p in package.rglob("*") if p.is_file()}
    present = {name for name in present if "__pycache__" not in name}
    assert present <= packed
    assert {name.split("/")[0] for name in packed if ".dist-info/" not in name} == {"journey_lib"}


# bootstrap.py


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own for bootstrap.py, whose name holds a space and Korean."""
    folder = tmp_path / "여정 작업대"
    folder.mkdir()
    for name, value in {
        "ROOT": folder,
        "VENV": folder / ".venv",
        "STAMP": folder / ".venv" / ".ready",
        "EXTRAS_STAMP": folder / ".venv" / ".spark",
        "LOCK": folder / "requirements.lock",
        "EXTRAS_LOCK": folder / "requirements-extras.lock",
        "SOURCES": (folder / "requirements.lock", folder / "pyproject.toml"),
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    for source in (*bootstrap.SOURCES, bootstrap.EXTRAS_LOCK):
        source.write_text("", encoding="utf-8")
    return folder


def finished(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out what a finished set-up leaves behind and return its interpreter."""
    interpreter = sandbox / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.touch()
    monkeypatch.setattr(bootstrap, "python", lambda: interpreter)
    bootstrap.STAMP.write_text(str(sandbox), encoding="utf-8")
    return interpreter


def test_a_finished_set_up_is_ready(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not bootstrap.ready()
    finished(sandbox, monkeypatch)
    assert bootstrap.ready()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_newer_source_asks_for_a_new_set_up(
    sandbox: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    finished(sandbox, monkeypatch)
    later = bootstrap.STAMP.stat().st_mtime + 1
    os.utime(sandbox / name, (later, later))
    assert not bootstrap.ready()


def test_a_moved_folder_asks_for_a_new_set_up(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(sandbox, monkeypatch)
    bootstrap.STAMP.write_text(str(sandbox / "before"), encoding="utf-8")
    assert not bootstrap.ready()


def test_a_lost_interpreter_asks_for_a_new_set_up(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(sandbox, monkeypatch).unlink()
    assert not bootstrap.ready()


def record(monkeypatch: pytest.MonkeyPatch, fails: str = "nothing fails") -> list[str]:
    """Replace every command by its record; those that contain `fails` end badly."""
    calls: list[str] = []

    def call(*command: object) -> bool:
        calls.append(" ".join(map(str, command)))
        return fails not in calls[-1]

    monkeypatch.setattr(bootstrap, "call", call)
    return calls


def test_the_lock_is_installed_with_uv_and_hashes(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = record(monkeypatch)
    assert bootstrap.install_lock()
    assert len(calls) == 2
    assert "uv pip install" in calls[1]
    assert "--require-hashes" in calls[1]


@pytest.mark.parametrize("fails", ["install --quiet uv", "-m uv pip"])
def test_plain_pip_stands_in_for_uv(sandbox: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    calls = record(monkeypatch, fails)
    assert bootstrap.install_lock()
    assert "-m pip install" in calls[-1]
    assert "--require-hashes" in calls[-1]


def test_a_failed_set_up_leaves_no_stamp(
    sandbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finished(sandbox, monkeypatch)
    bootstrap.STAMP.write_text("elsewhere", encoding="utf-8")
    record(monkeypatch, fails="requirements.lock")
    with pytest.raises(bootstrap.StepFailed, match="could not be installed"):
        bootstrap.set_up()
    assert not bootstrap.STAMP.exists()


def test_a_set_up_ends_with_the_package_itself(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_venv() -> None:
        bootstrap.VENV.mkdir()

    monkeypatch.setattr(bootstrap, "make_venv", make_venv)
    calls = record(monkeypatch)
    bootstrap.set_up()
    assert calls[-1].endswith("--no-deps --no-build-isolation --editable .")
    assert bootstrap.STAMP.read_text(encoding="utf-8") == str(sandbox)


def test_the_tests_add_extras_once(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(sandbox, monkeypatch)
    calls = record(monkeypatch)
    bootstrap.test()
    assert "requirements-extras.lock" in calls[1]
    calls.clear()
    bootstrap.test()
    assert "requirements-extras.lock" not in " ".join(calls)


def test_without_extras_the_tests_run_all_the_same(
    sandbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finished(sandbox, monkeypatch)
    calls = record(monkeypatch, fails="requirements-extras.lock")
    bootstrap.test()
    assert "-m pytest" in calls[-1]
    assert "Spark and Kiwi could not be installed: their tests skip" in capsys.readouterr().out
    assert not bootstrap.EXTRAS_STAMP.exists()


def test_every_check_runs_even_when_the_first_fails(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(sandbox, monkeypatch)
    calls = record(monkeypatch, fails="ruff check")
    with pytest.raises(bootstrap.StepFailed, match="failed: ruff check"):
        bootstrap.test()
    assert [name for name in ("ruff check", "ruff format", "mypy", "pytest") if name in "\n".join(calls)] == [
        "ruff check",
        "ruff format",
        "mypy",
        "pytest",
    ]


def test_the_last_line_of_a_report_is_the_index(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = record(monkeypatch)
    bootstrap.report()
    assert "-m journey_lib run all --study data/sample" in calls[-1]
    assert capsys.readouterr().out.splitlines()[-1].endswith("reports/sample/index.html")


# The Makefile


def fake_python(folder: Path, name: str, code: int) -> None:
    """Write an interpreter that answers the version question with `code` and repeats anything else."""
    script = folder / name
    script.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit {code}\necho {name} "$@"\n', encoding="utf-8")
    script.chmod(0o755)


def make(root: Path, folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    for name in ("sh", "make"):
        (folder / name).symlink_to(shutil.which(name) or pytest.skip(f"needs {name}"))
    env = {"PATH": str(folder)}
    return subprocess.run(["make", target], cwd=root, env=env, capture_output=True, text=True, check=False)


def test_make_takes_the_first_python_that_is_new_enough(root: Path, tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", code=1)
    fake_python(tmp_path, "python3.12", code=0)
    assert make(root, tmp_path, "report").stdout == "python3.12 bootstrap.py report\n"


def test_make_says_in_one_line_that_python_is_too_old(root: Path, tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", code=1)
    done = make(root, tmp_path, "test")
    assert done.returncode != 0
    assert done.stderr.startswith("make: Python 3.11 or newer is needed")


def test_bootstrap_says_in_one_line_that_python_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(bootstrap.StepFailed, match=r"Python 3\.11 or newer is needed"):
        bootstrap.main(["report"])
