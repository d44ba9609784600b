"""The ledger: one part a run, the newest wins, a broken part hides nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.errors import RunError
from journey_lib.publish.ledger import COLUMNS, part, read_ledger
from journey_lib.publish.places import REPORTS
from journey_lib.study.load import quick_study

ROW = {"metric": "nps", "question": "q1", "estimate": 12.5, "n": 40, "unit": "points", "kind": "satisfaction"}


def put(folder: Path, run_id: str, published: str, **changes: object) -> None:
    """Write one part by hand."""
    job = {
        "run_id": run_id,
        "as_of": "2026-09-30",
        "study": {"id": "shop", "fingerprint": "abc"},
        "stem": "survey",
        "params": "{}",
        "file": "survey.html",
        "lang": "en",
        "published": published,
    } | changes
    rows = job.pop("rows", [ROW])
    (folder / "ledger").mkdir(exist_ok=True)
    content = part({"findings": rows, "definition_hash": "d1"}, job)
    (folder / "ledger" / f"{run_id}.parquet").write_bytes(content)


def test_columns_and_types(tmp_path: Path) -> None:
    put(tmp_path, "a", "2026-09-30T00:00:00+00:00", rows=[ROW | {"ci_low": None, "option": None, "n": 40}])
    ledger = read_ledger(tmp_path)
    assert tuple(ledger.columns) == COLUMNS
    assert ledger.loc[0, "n"] == 40.0
    assert np.isnan(ledger.loc[0, "ci_low"])
    assert ledger.loc[0, ["option", "channel", "definition_hash"]].to_list() == ["", "", "d1"]
    assert {str(t) for t in ledger.dtypes} == {"str", "float64"}


def test_text_that_looks_like_something_else_stays_text(tmp_path: Path) -> None:
    odd = {"wave": "2026-01", "group": "007", "option": "NA"}
    put(tmp_path, "a", "2026-09-30T00:00:00+00:00", rows=[ROW | odd])
    assert read_ledger(tmp_path).loc[0, ["wave", "group", "option"]].to_list() == ["2026-01", "007", "NA"]


def test_the_newest_run_of_the_same_parameters_counts_whatever_its_language_or_day(tmp_path: Path) -> None:
    put(tmp_path, "z", "2026-09-01T00:00:00+00:00", as_of="2026-09-01")
    put(tmp_path, "b", "2026-09-02T00:00:00.5+00:00", lang="ko", as_of="2026-08-01")
    put(tmp_path, "a", "2026-09-02T00:00:00.9+00:00", params='{"by": "region"}')
    put(tmp_path, "c", "2026-08-01T00:00:00+00:00", stem="funnel")
    assert sorted(read_ledger(tmp_path)["run_id"]) == ["a", "b", "c"]
    assert sorted(read_ledger(tmp_path, all_runs=True)["run_id"]) == ["a", "b", "c", "z"]


def test_the_latest_day_counts_where_days_are_asked_about(tmp_path: Path) -> None:
    """A run for an earlier day, made later, does not take the place of what is known today."""
    put(tmp_path, "today", "2026-09-01T00:00:00+00:00", as_of="2026-09-01")
    put(tmp_path, "again", "2026-09-01T08:00:00+00:00", as_of="2026-09-01")
    put(tmp_path, "august", "2026-09-02T00:00:00+00:00", as_of="2026-08-01")
    assert read_ledger(tmp_path, as_of="")["run_id"].to_list() == ["again"]
    assert read_ledger(tmp_path, as_of="2026-08-31")["run_id"].to_list() == ["august"]
    assert len(read_ledger(tmp_path, as_of="2026-07-31")) == 0
    assert len(read_ledger(tmp_path, as_of="2026-08-31", all_runs=True)) == 1


def test_a_newest_run_without_findings_still_replaces_the_one_before(tmp_path: Path) -> None:
    put(tmp_path, "a", "2026-09-01T00:00:00+00:00")
    put(tmp_path, "b", "2026-09-02T00:00:00+00:00", rows=[])
    assert len(read_ledger(tmp_path)) == 0
    assert len(read_ledger(tmp_path, all_runs=True)) == 1


@pytest.mark.parametrize("content", [b"", b"PAR1 not really PAR1", b"\x00" * 200])
def test_a_broken_part_is_named_and_hides_nothing(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, "good", "2026-09-01T00:00:00+00:00")
    (tmp_path / "ledger" / "broken.parquet").write_bytes(content)
    ledger = read_ledger(tmp_path)
    assert ledger["run_id"].to_list() == ["good"]
    assert ledger.attrs["skipped"] == ["broken.parquet"]


def test_a_cut_part_and_a_foreign_one_are_named(tmp_path: Path) -> None:
    put(tmp_path, "good", "2026-09-01T00:00:00+00:00")
    whole = (tmp_path / "ledger" / "good.parquet").read_bytes()
    (tmp_path / "ledger" / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "ledger" / "foreign.parquet")
    ledger = read_ledger(tmp_path)
    assert ledger["run_id"].to_list() == ["good"]
    assert ledger.attrs["skipped"] == ["cut.parquet", "foreign.parquet"]


def test_a_part_of_an_older_version_is_read(tmp_path: Path) -> None:
    """A column that did not exist yet is empty; one that exists no more is left out."""
    import pyarrow.parquet as pq

    put(tmp_path, "old", "2026-09-01T00:00:00+00:00")
    file = tmp_path / "ledger" / "old.parquet"
    table = pq.read_table(file)
    renamed = ["gone" if name == "note" else name for name in table.column_names]
    older = table.rename_columns(renamed).replace_schema_metadata(table.schema.metadata)
    pq.write_table(older, file)
    assert read_ledger(tmp_path).loc[0, ["run_id", "note"]].to_list() == ["old", ""]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match=r"^reports/nowhere: there is no such folder"):
        read_ledger("reports/nowhere")
    assert len(read_ledger(tmp_path)) == 0


def test_a_relative_folder_is_found_from_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "reports" / "shop").mkdir(parents=True)
    put(tmp_path / "reports" / "shop", "a", "2026-09-01T00:00:00+00:00")
    monkeypatch.chdir(tmp_path / "notebooks")
    assert len(read_ledger("reports/shop")) == 1


def test_a_study_is_led_to_the_pages_in_its_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest run counts; the page to read is its twin in the language of the study, if it lies there."""
    study, _ = quick_study(responses=pd.DataFrame({"q": [9]}), questions={"q": "nps"})
    monkeypatch.setenv(REPORTS, str(tmp_path.parent))
    study = study.model_copy(update={"id": tmp_path.name})
    put(tmp_path, "a", "2026-09-30T00:00:00+00:00")
    put(tmp_path, "b", "2026-09-30T01:00:00+00:00", lang="ko", file="survey.ko.html", rows=[ROW | {"n": 50}])
    assert read_ledger(study)[["report", "n"]].to_numpy().tolist() == [["survey.ko.html", 50.0]]
    (tmp_path / "survey.html").touch()
    assert read_ledger(study)[["report", "n"]].to_numpy().tolist() == [["survey.html", 50.0]]
    assert read_ledger(study.speak("ko"))["report"].tolist() == ["survey.ko.html"]
