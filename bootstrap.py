"""Set the project up and run it with nothing but Python: `python3 bootstrap.py report`.

The Makefile delegates to this file, so that the steps are written down once and work where there is no make.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / ".ready"
EXTRAS_STAMP = VENV / ".spark"
LOCK = ROOT / "requirements.lock"
EXTRAS_LOCK = ROOT / "requirements-extras.lock"
SOURCES = (LOCK, ROOT / "pyproject.toml")
SAMPLE = "data/sample"
INDEX = ROOT / "reports" / "sample" / "index.html"
OLDEST = (3, 11)
# Other environments' settings stay outside; without bytecode every kernel start imports three times slower.
STRANGE = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}


class StepFailed(SystemExit):
    """A step ended badly: the message says which, and what to do."""


def python(venv: Path = VENV) -> Path:
    """Return the interpreter of the environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ready() -> bool:
    """Say whether the environment is complete, was made in this folder, and is newer than its sources."""
    if not (STAMP.is_file() and python().exists()):
        return False
    newer = all(STAMP.stat().st_mtime >= source.stat().st_mtime for source in SOURCES)
    return newer and STAMP.read_text(encoding="utf-8") == str(ROOT)


def call(*command: object) -> bool:
    """Run one command in the project's folder and say whether it ended well."""
    env = {name: value for name, value in os.environ.items() if name not in STRANGE}
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode == 0


def module(*arguments: object) -> bool:
    """Run `python -m ...` inside the environment."""
    return call(python(), "-m", *arguments)


def must(done: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence: must(setup(), "...")
    """Stop with one line when a step did not end well."""
    if not done:
        raise StepFailed(f"bootstrap: {message}")


def say(text: str) -> None:
    """Print one line now, also when the output is piped."""
    print(text, flush=True)


def set_up() -> None:
    """Make the environment if it is missing, old, or was moved here from another folder."""
    if ready():
        return
    say("Setting up .venv from requirements.lock; this happens once for each change of the lock.")
    make_venv()
    must(
        install_lock(),
        "the packages of requirements.lock could not be installed; is the package index reachable?",
    )
    must(
        module("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."),
        "journey_lib itself could not be installed",
    )
    STAMP.write_text(str(ROOT), encoding="utf-8")


def make_venv() -> None:
    """Make the environment with the standard library; one that is broken or was moved here is made anew."""
    moved = STAMP.is_file() and STAMP.read_text(encoding="utf-8") != str(ROOT)
    STAMP.unlink(missing_ok=True)
    if VENV.exists() and (moved or not python().exists()):
        shutil.rmtree(VENV)
    must(
        call(sys.executable, "-m", "venv", VENV),
        "this Python cannot make a virtual environment; on Debian and Ubuntu install python3-venv",
    )


def install_lock(lock: Path | None = None) -> bool:
    """Install exactly what a lock names: with uv, which is about ten times faster, else with pip."""
    wanted = ("--no-deps", "--require-hashes", "-r", lock or LOCK)  # a lock names all it needs
    if module("pip", "install", "--quiet", "uv"):
        if module("uv", "pip", "install", "--quiet", "--python", python(), *wanted):
            return True
        say("uv could not install the lock; trying with pip.")
    return module("pip", "install", "--quiet", *wanted)


def add_extras() -> None:
    """Install what only the tests of optional extras need, Spark and Kiwi: 570 MB that no report requires."""
    if EXTRAS_STAMP.is_file() and EXTRAS_STAMP.stat().st_mtime >= EXTRAS_LOCK.stat().st_mtime:
        return
    say("Adding Spark and Kiwi from requirements-extras.lock for their tests; once for each change of it.")
    if install_lock(EXTRAS_LOCK):
        EXTRAS_STAMP.touch()
    else:
        say("Spark and Kiwi could not be installed: their tests skip, and fail where CI is set.")


def report() -> None:
    """Publish every notebook on the sample study; the last line is the path of the index page."""
    jobs = str(min(os.cpu_count() or 1, 4))  # a kernel takes some 500 MB
    run = module("journey_lib", "run", "all", "--study", SAMPLE, "--jobs", jobs)
    must(run, "not every report could be published")
    say(str(INDEX))


def test() -> None:
    """Check style, types and behaviour; all of them run, even when an early one fails."""
    add_extras()
    checks = [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("pytest", "-n", "2", "--dist", "loadfile"),  # a file publishes once and has one browser
    ]
    failed = [" ".join(check) for check in checks if not module(*check)]
    must(not failed, "failed: " + "; ".join(failed))


def lab() -> None:
    """Open the workbench in JupyterLab."""
    must(module("journey_lib", "lab"), "JupyterLab ended with an error")


def bench() -> None:
    """Run every benchmark; each prints its own numbers."""
    benchmarks = sorted(path for path in (ROOT / "bench").glob("*.py") if not path.name.startswith("_"))
    must(bool(benchmarks), "there is no benchmark in bench/")
    failed = [path.name for path in benchmarks if not call(python(), path)]
    must(not failed, "failed: " + ", ".join(failed))


def calibrate() -> None:
    """Measure over many seeds whether promises are kept; writes docs/calibration.md, takes hours."""
    must(module("bench.calibrate"), "the calibration did not end well")


TARGETS = {"report": report, "test": test, "lab": lab, "bench": bench, "calibrate": calibrate}


def main(arguments: list[str] | None = None) -> None:
    """Set up, then do what was asked."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:11}{(do.__doc__ or '').splitlines()[0]}" for name, do in TARGETS.items()),
    )
    parser.add_argument("target", choices=["setup", *TARGETS])
    target = parser.parse_args(arguments).target
    must(
        sys.version_info >= OLDEST,
        f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}",
    )
    set_up()
    TARGETS.get(target, lambda: say(f"Ready: {python()}"))()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("bootstrap: stopped") from None
