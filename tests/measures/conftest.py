"""Surveys small enough to count with fingers, and the two studies large enough to be true to life."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from journey_lib.measures.survey import survey
from journey_lib.measures.survey.result import SurveyResult
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.sample import write
from tests.study.conftest import airport as airport

Answers = Mapping[str, list[Any]]
Loaded = tuple[Study, Data]


def ask(answers: Answers, questions: Mapping[str, Any], **options: Any) -> SurveyResult:
    """Return the survey of a few typed answers."""
    return survey(*quick_study(responses=pd.DataFrame(answers), questions=questions), **options)


def value(result: SurveyResult, metric: str, column: str = "estimate", **where: str) -> float:
    """Return one exact number of the table; by default a weighted total of the only question."""
    wanted = {"metric": metric, "weighting": "weighted", "group": "", "wave": "", "option": ""} | where
    rows = result.table
    for name, word in wanted.items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
    return float(rows[column].iloc[0])


SHOP = """
id = "shop"
title = {{ en = "A shop", ko = "가게" }}
language = "{lang}"
time_zone = "Asia/Seoul"
[journey]
preset = "funnel3"
{points}
[sources.responses]
file = "raw/answers.csv"
duplicates = "keep_first"
{questions}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Loaded]:
    """Load a study that rates touchpoints: names of touchpoints, and a column `tp_0`, `tp_1` … for each."""

    def load(
        answers: Answers, names: list[str], *, lang: str = "en", more: str = "", segment: str = ""
    ) -> Loaded:
        points, questions = [], [more]
        for at, name in enumerate(names):
            label = f"label = {{ en = {json.dumps(name, ensure_ascii=False)} }}"
            points += ["[[journey.touchpoints]]", f'id = "p{at}"', 'stage = "purchase"', label]
            questions += [
                "[[questions]]",
                f'id = "tp_{at}"',
                'kind = "rating"',
                f'touchpoint = "p{at}"',
                label,
            ]
        text = SHOP.format(lang=lang, points="\n".join(points), questions="\n".join(questions))
        (tmp_path / "raw").mkdir(exist_ok=True)
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        frame = pd.DataFrame(answers)
        frame = frame if "respondent_id" in frame else frame.assign(respondent_id=frame.index)
        frame.to_csv(tmp_path / "raw" / "answers.csv", index=False)
        return load_study(tmp_path, segment=segment)

    return load


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Data, dict[str, Any]]:
    """The sample study at its demo size with the seed it ships with, and what was planted in it."""
    folder = tmp_path_factory.mktemp("planted")
    write(folder, "demo")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return (*load_study(folder), truth)


@pytest.fixture(scope="session")
def planted_survey(planted: tuple[Study, Data, dict[str, Any]]) -> SurveyResult:
    """The survey report of the sample study, split by region."""
    study, data, _ = planted
    return survey(study, data, by="region")


@pytest.fixture(scope="session")
def airport_survey(airport: Path) -> SurveyResult:
    """The survey report of the airport."""
    return survey(*load_study(airport))
