"""What keeping all reports up to date costs, in CPU seconds of every process taken part.

All reports of a sample study are published from nothing, then again with nothing changed, then after one per
cent more events, then after one more answer. The first is compared with the floor: as many bare notebooks
that import what reports do, through plain papermill and nbconvert. CPU seconds, because other work on the
machine moves seconds of the clock; the process that forks the workers, two seconds once, is left out.

Run `python bench/refresh.py [SIZE] [STEM ...]` in the project; SIZE is tiny or demo, and demo when left out,
as all stems are.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BARE = "import pandas, numpy, scipy.stats, statsmodels.api, matplotlib.figure, seaborn"
PLAIN = """
import sys, nbformat, papermill
from nbconvert import HTMLExporter
new = nbformat.v4
nbformat.write(new.new_notebook(cells=[new.new_code_cell(sys.argv[1])]), sys.argv[2])
papermill.execute_notebook(sys.argv[2], sys.argv[3], kernel_name="python3", progress_bar=False)
open(sys.argv[4], "w").write(HTMLExporter().from_filename(sys.argv[3])[0])
"""
MORE = 0.01
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a machine without bytecode caches measures compiling
sys.dont_write_bytecode = False


def main(size: str = "demo", *stems: str) -> None:
    """Print what each round cost, and its share of the first."""
    with tempfile.TemporaryDirectory() as place:
        study = made(Path(place), size, stems)
        floor = bare(Path(place))
        cold, reports = published("from nothing", study)
        all_floors = reports * floor
        print(
            f"floor of {reports} bare notebooks: {all_floors:.0f} CPU s; {cold / all_floors:.2f} times that"
        )
        for what, change in CHANGES.items():
            change(study)
            spent, _ = published(what, study)
            print(f"  {spent / cold:.1%} of the first round", flush=True)


def made(place: Path, size: str, stems: tuple[str, ...]) -> Path:
    """Return a study in a project of its own."""
    from journey_lib.study import sample

    (place / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        if not stems or notebook.stem in stems:
            (place / "notebooks" / notebook.name).symlink_to(notebook)
    sample.write(place / "data" / "sample", size)
    os.environ["JOURNEY_HOME"] = str(place)
    os.chdir(place)
    return place / "data" / "sample"


def bare(place: Path) -> float:
    """Return what one bare notebook costs, the cheaper of two."""
    files = [str(place / name) for name in ("bare.ipynb", "out.ipynb", "out.html")]
    spent = []
    for _ in range(2):
        before = children()
        subprocess.run([sys.executable, "-c", PLAIN, BARE, *files], check=True, capture_output=True)
        spent.append(children() - before)
    return min(spent)


def published(what: str, study: Path) -> tuple[float, int]:
    """Publish all reports and print what it cost and what became of them."""
    from journey_lib.publish import run as running
    from journey_lib.publish.agenda import ALL, agenda
    from journey_lib.publish.plan import Request

    spent: list[float] = []
    follow = running.Worker.events

    def counted(self: Any, *rest: Any) -> Any:
        for event in follow(self, *rest):
            spent.append(event.get("cpu", 0.0))
            yield event

    running.Worker.events = counted  # type: ignore[method-assign]
    before, started = time.process_time(), time.perf_counter()
    try:
        outcomes = running.run_all(agenda(Request(ALL, study, refresh=True)))
    finally:
        running.Worker.events = follow  # type: ignore[method-assign]
    total = sum(spent) + time.process_time() - before
    became = ", ".join(f"{n} {status}" for status, n in Counter(o.status for o in outcomes).items())
    print(f"{what}: {total:.0f} CPU s in {time.perf_counter() - started:.0f} s; {became}", flush=True)
    return total, len(outcomes)


def children() -> float:
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime + told.ru_stime


def more_events(study: Path) -> None:
    """Add a file of one per cent of the events, each seven minutes later."""
    import pandas as pd

    log = pd.read_parquet(study / "raw" / "events" / "part-0000.parquet")
    some = log.sample(frac=MORE, random_state=1).sort_index()
    later = some.assign(time=some["time"] + pd.Timedelta(minutes=7))
    later.to_parquet(study / "raw" / "events" / "part-0001.parquet", index=False)


def more_answers(study: Path) -> None:
    """Put the first answer into the file once more, under another name."""
    import pandas as pd

    answers = pd.read_parquet(study / "raw" / "responses.parquet")
    new = answers.head(1).assign(respondent_id="new")
    pd.concat([answers, new]).to_parquet(study / "raw" / "responses.parquet", index=False)


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing changed": Path.exists,
    "1 % more events": more_events,
    "one more answer": more_answers,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
