"""What every import promises: nothing overwritten, nothing half-written, one clear error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from journey_lib.errors import ParamError
from journey_lib.study.importers import FORMATS, folder, read_mapping
from tests.study.importers.conftest import run

CSV = "uid,action,ts\na,see,2025-01-01\n"


@pytest.mark.parametrize(
    "name", ["a.csv", "a.jsonl", "a.parquet", "a.xes", "a.sav", "a.zip", "a.xlsx", "a.csv.gz"]
)
def test_an_empty_file_is_said_to_be_empty(refused, name: str) -> None:
    assert refused(name, b"") == f"{name}: is empty. Export the file again, or copy it again.\n"


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.xlsx", "a.zip", "a.jsonl", "a.csv.gz", "a.jsonl.gz", "a.xes"]
)
def test_noise_is_damage(refused, name: str) -> None:
    said = refused(name, b"\x00\x01noise\xff" * 50)
    assert "Traceback" not in said
    assert any(words in said for words in ("damaged", "UTF-8", "cut"))


def test_a_packed_empty_file_holds_nothing(refused) -> None:
    assert "holds no events" in refused("a.jsonl.gz", gzip.compress(b""))
    assert "holds a header only, or nothing" in refused("a.csv", "uid,action,ts\n")


def test_missing_and_unknown_files(refused) -> None:
    (said,) = refused("logg.csv", None).splitlines()
    assert said.startswith("logg.csv: there is no such file.")
    assert "files of kind '.docx' are not read. Allowed: .csv, " in refused("a.docx", b"x")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("kept")
    (tmp_path / "log.csv").write_text(CSV)
    done = run("init", tmp_path / "mine", "--from", tmp_path / "log.csv")
    assert (done.exit_code, "is not empty" in done.stderr) == (2, True)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes"]


def test_an_empty_folder_may_be_there(init, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert init("log.csv", CSV).check().exit_code == 0


def test_nothing_half_written_stays_when_writing_fails(refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder.shutil, "copyfile", full)
    assert "cannot be written (No space left on device)" in refused("log.csv", CSV)


def test_the_export_itself_is_not_touched(init, tmp_path: Path) -> None:
    init("log.csv", CSV)
    assert (tmp_path / "log.csv").read_text() == CSV


def test_formats_are_chosen_from_a_list(refused) -> None:
    said = refused("log.csv", CSV, "--as", "qualtric")
    assert "Did you mean 'qualtrics'?" in said
    assert all(name in said for name in FORMATS)


def test_help_and_options_without_a_file() -> None:
    shown = run("init", "--help").stdout
    assert all(name in shown for name in ("--from", "--as", "--map", "--options", *FORMATS))
    done = run("init", "x", "--as", "ga4")
    assert (done.exit_code, "are for --from FILE" in done.stderr) == (2, True)


def test_a_map_is_for_tables_only(refused) -> None:
    assert "--map: is not for xes" in refused("a.xes", "<log></log>", "--map", "customer=a")


@pytest.mark.parametrize("text", ["customer", "=a", "a=", "a=b,a=c"])
def test_a_map_nobody_can_read(text: str) -> None:
    with pytest.raises(ParamError, match="name=column, each name once"):
        read_mapping(text)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run("init", tmp_path / "mine", "--from", tmp_path / "exports" / "log.csv")
    assert done.exit_code == 1
    assert done.stderr.endswith("log.csv: there is no folder exports/ to hold it. Check the path.\n")
