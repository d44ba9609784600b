"""Every event report says the same from memory and from chunks on disk, and a notebook from Spark."""

from __future__ import annotations

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

import journey_lib as jl
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.engine import session as sessions
from journey_lib.study.load import load_study
from journey_lib.study.sample import write
from tests.conftest import need

# Every measure of events, with options that take its kernels through their harder paths.
ASKED = {
    "touchpoints": {"by": "region"},
    "funnel": {"by": "region", "entry": "first"},
    "paths": {"unit": "session", "by": "region"},
    "time_in_stage": {"by": "region", "churn": "60 days"},
    "retention": {"by": "region"},
    "attribution": {"draws": 20},
    "monitor": {"by": "region"},
    "regions": {},
}
PLANNED = ("experiment", "power")  # they follow a plan; their kernels are dealt in tests of their own
EXACT = [
    "metric",
    "question",
    "option",
    "stage",
    "touchpoint",
    "group",
    "wave",
    "comparison",
    "n",
    "unit",
    "note",
]
SUMS = ["estimate", "std_error", "ci_low", "ci_high", "p_value"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tiny sample study; its log lies in one file."""
    path = tmp_path_factory.mktemp("runners") / "sample"
    write(path, "tiny")
    return path


@pytest.fixture(scope="module")
def in_memory(folder: Path) -> tuple[Study, Data]:
    return load_study(folder)


@pytest.fixture(scope="module")
def on_disk(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Data]:
    """Return the same study with its log in several chunks on disk."""
    path = tmp_path_factory.mktemp("chunked") / "sample"
    shutil.copytree(folder, path)
    file = path / "study.toml"
    text = file.read_text(encoding="utf-8").replace(
        'ties = "file_order"', 'ties = "file_order"\nrunner = "chunked"'
    )
    file.write_text(text, encoding="utf-8")
    return load_study(path)


def table(stem: str, loaded: tuple[Study, Data]) -> pd.DataFrame:
    found: pd.DataFrame = getattr(jl, stem)(*loaded, **ASKED[stem]).table
    return found


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    keys = [name for name in EXACT if name != "n"]
    one, other = (frame.sort_values(keys, kind="stable").reset_index(drop=True) for frame in (one, other))
    pd.testing.assert_frame_equal(one[EXACT], other[EXACT])
    pd.testing.assert_frame_equal(one[SUMS], other[SUMS], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("stem", ASKED)
def test_chunks_on_disk_give_the_report_of_memory(
    stem: str, in_memory: tuple[Study, Data], on_disk: tuple[Study, Data]
) -> None:
    log = on_disk[1].events
    assert type(log).__name__ == "StoredLog"
    assert_same(table(stem, in_memory), table(stem, on_disk))


def page(folder: Path, runner: str, reports: Path) -> str:
    """Publish the funnel of a study with its log in one of three places, and return the page."""
    file = folder / "study.toml"
    said = file.read_text(encoding="utf-8")
    file.write_text(
        re.sub('ties = ".*"(\nrunner = ".*")?', f'ties = "seq"\nrunner = "{runner}"', said), "utf-8"
    )
    outcome = jl.run("funnel", study=folder, set={"by": "region"}, reports=reports)
    told = json.loads(outcome.report.with_suffix(".json").read_text(encoding="utf-8"))
    text = outcome.report.read_text(encoding="utf-8")
    for changing in (
        told["run_id"],
        told["published"],
        *re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", text),
    ):
        text = text.replace(changing, "")
    return text


def test_a_notebook_on_spark_publishes_the_page_of_memory(folder: Path, tmp_path: Path) -> None:
    """The tiny study with a column seq: without one a cluster settles ties by content, and says so."""
    need(find_spec("pyspark"), "the package pyspark: pip install 'journey-workbench[spark]'")
    need(sessions._java(), "Java 17 or newer, such as Debian's package openjdk-17-jre-headless")
    study = tmp_path / "study"
    shutil.copytree(folder, study)
    (file,) = (study / "raw" / "events").glob("*.parquet")
    events = pd.read_parquet(file)
    events.assign(seq=range(len(events))).to_parquet(file, index=False)
    on_spark = page(study, "spark", tmp_path / "spark")
    assert on_spark == page(study, "memory", tmp_path / "memory")


def test_every_measure_of_events_is_asked() -> None:
    from journey_lib.measures import params_class, stems
    from journey_lib.study.params import EventParams

    found = {stem for stem in stems() if issubclass(params_class(stem), EventParams)}
    assert found - set(PLANNED) == set(ASKED)
