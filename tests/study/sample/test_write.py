"""The files of the sample study: the same bytes for the same seed, and nothing half-written."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from journey_lib.errors import ParamError
from journey_lib.study.definition import read_study
from journey_lib.study.load import load_study
from journey_lib.study.sample import write
from tests.study.sample.conftest import Written


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, tiny: Written) -> None:
    write(tmp_path / "again", "tiny")
    assert digests(tmp_path / "again") == digests(tiny.folder)


def test_another_seed_gives_other_answers(tmp_path: Path, tiny: Written) -> None:
    write(tmp_path / "other", "tiny", 7)
    other = digests(tmp_path / "other")
    same = digests(tiny.folder)
    assert other["raw/responses.parquet"] != same["raw/responses.parquet"]
    assert other["study.toml"] == same["study.toml"]


def test_two_at_a_time_give_the_same_bytes(tmp_path: Path, tiny: Written) -> None:
    """The generator knows no jobs; what may differ beside another one is hashing and how many threads."""
    running = []
    for hash_seed, threads in (("0", "1"), ("4242", "2")):
        code = f"from journey_lib.study.sample import write; write({str(tmp_path / threads)!r}, 'tiny')"
        own = {"PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        running.append(subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **own}))
    assert [one.wait(300) for one in running] == [0, 0]
    assert digests(tmp_path / "1") == digests(tmp_path / "2") == digests(tiny.folder)


def test_the_committed_study_file_is_the_generated_one(tiny: Written) -> None:
    committed = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists()) / "data" / "sample"
    assert (committed / "study.toml").read_bytes() == (tiny.folder / "study.toml").read_bytes()


def test_the_study_file_speaks_both_languages_everywhere(tiny: Written) -> None:
    study = read_study(tiny.folder / "study.toml")
    assert len(study.journey.touchpoints) == 16
    assert {t.stage for t in study.journey.touchpoints} == {s.id for s in study.journey.stages}
    named = [study.title, study.question, study.success, *(t.label for t in study.journey.touchpoints)]
    named += [study.scale_label(q.scale_of) for q in study.questions if q.scale_of]
    named += [q.label for q in study.questions] + [o for q in study.questions for o in q.options.values()]
    assert all(text.en and text.ko and text.en != text.ko for text in named)


def test_the_loader_reads_it_and_drops_only_the_repeated_rows(tiny: Written) -> None:
    _, data = load_study(tiny.folder)
    answers = tiny.table("responses")
    repeated = answers.duplicated(["respondent_id", "wave"]).sum()
    assert repeated > 0
    assert len(data.require("responses", by="test")) == len(answers) - repeated


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "segments.json").write_text("[]", "utf-8")
    write(tmp_path, "tiny", 1)
    write(tmp_path, "tiny", 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw", "segments.json", "study.toml", "truth.json"]


def test_a_failure_leaves_the_last_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "tiny", 1)
    before = digests(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("journey_lib.study.sample.truth.write_truth", fail)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path, "tiny", 2)
    assert digests(tmp_path) == before


def test_wrong_wishes_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ParamError) as caught:
        write(tmp_path, "dmeo", -1, variant="nul")
    message = str(caught.value)
    assert "Did you mean 'demo'?" in message
    assert "Did you mean 'null'?" in message
    assert "seed" in message
    assert list(tmp_path.iterdir()) == []
