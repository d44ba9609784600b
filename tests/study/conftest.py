"""Small studies in a folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from journey_lib.errors import DataError
from journey_lib.study.load import load_study

STUDY = """
id = "small"
title = "Small"
[journey]
preset = "funnel3"
[sources.responses]
file = "raw/answers.csv"
{source}
{rest}
[[questions]]
id = "recommend"
column = "nps"
kind = "nps"
missing = {{ 99 = "dont_know" }}
[[questions]]
id = "food"
kind = "rating"
missing = {{ 6 = "not_used" }}
"""

ANSWERS = "respondent_id,wave,nps,food,region\n007,1,10,5,NA\nNA,1,99,6,KR\n3,2,0,,KR\n"


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Write a study of two questions; `raw` maps further files to their text or bytes."""

    def write(
        answers: str | bytes = ANSWERS,
        *,
        source: str = "",
        rest: str = "",
        raw: dict[str, str | bytes] | None = None,
    ) -> Path:
        (tmp_path / "raw").mkdir(exist_ok=True)
        (tmp_path / "study.toml").write_text(STUDY.format(source=source, rest=rest), encoding="utf-8")
        for name, content in {"answers.csv": answers, **(raw or {})}.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / "raw" / name).write_bytes(data)
        return tmp_path

    return write


@pytest.fixture
def said() -> Callable[[Path], list[str]]:
    """Load a study that cannot be loaded and return its problems."""

    def load(folder: Path) -> list[str]:
        with pytest.raises(DataError) as caught:
            load_study(folder)
        assert list(caught.value.problems.columns) == ["where", "given", "allowed", "nearest", "action"]
        assert len(caught.value.problems) == len(caught.value.items)
        return [str(problem) for problem in caught.value.items]

    return load


@pytest.fixture(scope="session")
def airport(root: Path, real_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real airport study with its raw files, which lie in its folder or beside the project."""
    own = root / "data" / "sfo_airport"
    raw = own / "raw" if (own / "raw" / "sfo_2017.csv.gz").exists() else real_data("survey_sfo_airport")
    folder = tmp_path_factory.mktemp("sfo_airport")
    (folder / "raw").mkdir()
    shutil.copy(own / "study.toml", folder)
    for name in ("sfo_2017.csv.gz", "sfo_ratings_2010_2017.csv.gz"):
        shutil.copy(raw / name, folder / "raw")
    return folder
