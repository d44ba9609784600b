"""Two notebooks at a time make the very reports that one at a time makes, but for id and hour of a run."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from journey_lib.__main__ import app
from journey_lib.study.sample import write
from tests.publish import mini

# What belongs to a run and not to its content: its id, and when it was published.
RUN_ID = re.compile(r"\b[a-z_]+-\d{8}-\d{6}-[0-9a-f]{4}\b")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(\+00:00| UTC)?")
REPOSITORY = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists())


def made(root: Path, *arguments: str, jobs: int) -> Path:
    """Run a command with so many jobs and return the folder of reports, out of the next one's way."""
    done = CliRunner().invoke(app, ["run", *arguments, "--jobs", str(jobs)])
    assert done.exit_code == 0, done.output
    (found,) = (root / "reports").iterdir()
    return shutil.move(found, root / f"reports of {jobs}")


def pages(folder: Path) -> dict[str, str]:
    """Return every page and sidecar by name, without what belongs to the run."""
    found = sorted(p for p in folder.iterdir() if p.suffix in (".html", ".json"))
    return {p.name: MOMENT.sub("(then)", RUN_ID.sub("(run)", p.read_text("utf-8"))) for p in found}


def ledger(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the parts by report, without the run's id; their metadata may differ in the moment alone."""
    parts = {}
    for path in sorted((folder / "ledger").iterdir()):
        assert RUN_ID.fullmatch(path.stem), path.name
        table = pq.read_table(path)
        about = MOMENT.sub("(then)", table.schema.metadata[b"journey"].decode())
        frame = table.to_pandas().drop(columns="run_id").assign(about=about)
        parts[str(frame["report"].iloc[0])] = frame
    return parts


def only(found: Mapping[str, Any], ending: str) -> Any:
    """Return the one report among pages or parts, the index left out."""
    (name,) = (name for name in found if name.endswith(ending) and not name.startswith("index"))
    return found[name]


def assert_same(one: Path, two: Path) -> None:
    first, second = pages(one), pages(two)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    left, right = ledger(one), ledger(two)
    assert left.keys() == right.keys()
    for name, frame in left.items():
        pd.testing.assert_frame_equal(frame, right[name])


def test_run_all_makes_the_same_bytes_with_two_jobs(project: mini.Project) -> None:
    project.notebook("print('last')", stem="monitor")
    asked = ("all", "--study", "data/shop", "--lang", "en", "--lang", "ko", "--set", "as_of=2026-01-31")
    one, two = (made(project.root, *asked, jobs=jobs) for jobs in (1, 2))
    assert len(ledger(one)) == 4
    assert_same(one, two)


def test_what_belongs_to_the_content_is_compared(project: mini.Project) -> None:
    """The comparison above notices one other digit in a page, and one in the ledger."""
    asked = ("mini", "--study", "data/shop", "--set", "as_of=2026-01-31")
    one = made(project.root, *asked, jobs=1)
    two = made(project.root, *asked, "--set", "n=2", jobs=2)
    assert only(pages(one), ".html") != only(pages(two), ".html")
    assert only(ledger(one), ".html")["estimate"].tolist() == [1]
    assert only(ledger(two), ".html")["estimate"].tolist() == [2]


@pytest.mark.slow
def test_a_real_report_has_the_same_bytes_with_two_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The survey of a sample study in both languages, figures included; each time from files of its own."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(REPOSITORY / "notebooks" / "survey.ipynb", tmp_path / "notebooks")
    found = []
    for jobs in (1, 2):
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        write(tmp_path / "data" / "sample", "tiny", 5)
        asked = ("all", "--study", "data/sample", "--lang", "en", "--lang", "ko", "--set", "as_of=2026-06-30")
        found.append(made(tmp_path, *asked, jobs=jobs))
    assert all(
        "data:image/png;base64" in text for name, text in pages(found[0]).items() if "survey--" in name
    )
    assert len(ledger(found[0])) == 2
    assert_same(*found)
