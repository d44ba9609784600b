"""What publishing costs: against papermill and nbconvert on the same cells, in one process and as commands.

Every pair is measured in turn, so that what else this machine does hits both; ratios of medians are printed.
Run `python bench/publish.py` in the project. It publishes the survey of a tiny sample study made for it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
STEM = "survey"
# A machine without bytecode caches measures compiling, not running.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def main() -> None:
    """Print the three ratios of the contract and what they may be."""
    with tempfile.TemporaryDirectory() as place:
        study = made(Path(place))
        line("import journey_lib / import pandas", *importing(), limit=1.2)
        line("jl.run / papermill + HTMLExporter, warm", *in_one_process(study, Path(place)), limit=1.25)
        line("journey run / papermill, jupyter nbconvert", *as_commands(study, Path(place)), limit=0.8)


def made(place: Path) -> Path:
    """Return a tiny study; project, notebooks and reports of the bench lie beside it."""
    from journey_lib.study import sample

    (place / "data").mkdir()
    (place / "notebooks").symlink_to(ROOT / "notebooks")
    sample.write(place / "data" / "sample", "tiny")
    os.environ["JOURNEY_HOME"] = str(place)
    os.chdir(place)
    return place / "data" / "sample"


def importing() -> tuple[list[float], list[float]]:
    return alternate(lambda: call("-c", "import journey_lib"), lambda: call("-c", "import pandas"), rounds=9)


def in_one_process(study: Path, place: Path) -> tuple[list[float], list[float]]:
    """Time a run from a process that has done it before, against the same cells by hand."""
    import papermill
    from nbconvert import HTMLExporter

    import journey_lib as jl

    def ours() -> None:
        jl.run(STEM, study=study)

    def theirs() -> None:
        out = place / "out.ipynb"
        papermill.execute_notebook(
            ROOT / "notebooks" / f"{STEM}.ipynb",
            out,
            parameters={"study": str(study)},
            kernel_name="python3",
            progress_bar=False,
        )
        html, _ = HTMLExporter().from_filename(str(out))
        out.with_suffix(".html").write_text(html, encoding="utf-8")

    return alternate(ours, theirs)


def as_commands(study: Path, place: Path) -> tuple[list[float], list[float]]:
    """Time the whole command against the two commands it stands for."""

    def ours() -> None:
        call("-m", "journey_lib", "run", STEM, "--study", str(study))

    def theirs() -> None:
        out, notebook = place / "out.ipynb", ROOT / "notebooks" / f"{STEM}.ipynb"
        call("-m", "papermill", str(notebook), str(out), "-p", "study", str(study), "-k", "python3")
        call("-m", "jupyter", "nbconvert", "--to", "html", str(out))

    return alternate(ours, theirs)


def alternate(
    ours: Callable[[], None], theirs: Callable[[], None], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Return seconds of both, measured in turn after two rounds that only warm up; the order swaps."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for at in range(rounds + 2):
        pairs = list(zip(seconds, (ours, theirs), strict=True))
        for times, job in pairs if at % 2 else reversed(pairs):
            started = time.perf_counter()
            job()
            if at >= 2:
                times.append(time.perf_counter() - started)
    return seconds


def call(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def line(what: str, ours: list[float], theirs: list[float], *, limit: float) -> None:
    """Print one ratio; it is a number to read, not a test."""
    one, other = statistics.median(ours), statistics.median(theirs)
    verdict = "within" if one / other <= limit else "ABOVE"
    print(f"{what}: {one / other:.2f} ({one:.2f} s / {other:.2f} s), {verdict} {limit}", flush=True)


if __name__ == "__main__":
    main()
