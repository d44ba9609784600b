"""The real airport study, against the numbers published with its files.

Reference numbers: the README of the data set, computed there from the same files (not by this package).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.definition import REASONS
from journey_lib.study.load import Data, load_study, waves


@pytest.fixture(scope="module")
def data(airport: Path) -> Data:
    return load_study(airport)[1]


@pytest.fixture(scope="module")
def wave_2017(data: Data) -> pd.DataFrame:
    frame = data.require("responses", by="test")
    assert data.weights is not None
    return frame.assign(w=data.weights.values)[frame["wave"] == "2017"]


def weighted(frame: pd.DataFrame, column: str) -> float:
    valid = frame[frame[column].notna()]
    return float(np.average(valid[column], weights=valid["w"]))


@pytest.mark.parametrize(
    ("question", "n", "mean", "weighted_mean"),
    [
        ("ALL", 2688, 4.0644, 4.0712),
        ("FOOD", None, 3.6154, 3.6548),
        ("WIFI", 2142, 4.0798, 4.0645),
        ("Q14FIND", None, 4.4133, 4.4467),
    ],
)
def test_ratings_of_2017(
    wave_2017: pd.DataFrame, question: str, n: int | None, mean: float, weighted_mean: float
) -> None:
    assert n in (None, wave_2017[question].notna().sum())
    assert round(wave_2017[question].mean(), 4) == mean
    assert round(weighted(wave_2017, question), 4) == weighted_mean


def test_recommendation_of_2017(wave_2017: pd.DataFrame, data: Data) -> None:
    score = wave_2017["NETPRO"].dropna()
    points = 100.0 * (score >= 9) - 100.0 * (score <= 6)
    assert len(score) == 2746
    assert round(points.mean(), 2) == 39.84
    assert round(np.average(points, weights=wave_2017.loc[score.index, "w"]), 2) == 40.40
    assert data.missing is not None
    assert data.missing["NETPRO"].value_counts()["dont_know"] == 84


@pytest.mark.parametrize(
    ("question", "means"),
    [
        ("ALL", [3.925, 3.946, 3.998, 3.982, 3.996, 4.048, 4.038, 4.064]),
        ("WIFI", [np.nan, np.nan, np.nan, 3.652, 3.910, 4.030, 4.062, 4.080]),
    ],
)
def test_means_by_wave(data: Data, question: str, means: list[float]) -> None:
    frame = data.require("responses", by="test")
    found = frame.groupby("wave")[question].mean()
    assert waves(data) == list(found.index) == [str(year) for year in range(2010, 2018)]
    np.testing.assert_array_equal(found.round(3).to_numpy(), means)


def test_problems_met(wave_2017: pd.DataFrame) -> None:
    assert (wave_2017["Q15PROBLEM"] == "1").sum() == 320
    assert wave_2017["Q15PROBLEM"].notna().sum() == 2678


def test_every_year_counts_once_and_ids_do_not_repeat(data: Data) -> None:
    frame = data.require("responses", by="test")
    assert frame["wave"].value_counts().sort_index().tolist() == [
        3234, 3872, 3521, 3535, 2818, 2958, 3087, 2831,
    ]  # fmt: skip
    assert frame["respondent_id"].is_unique
    assert frame["respondent_id"].str.match(r"20\d\d-\d+$").all()
    assert data.report.tables[0].rows_read == 25856 + 2831
    assert sum(data.report.tables[0].dropped.values()) == 2831  # 2017 stands in both files


def test_weights_are_one_where_a_wave_declares_none(data: Data) -> None:
    frame = data.require("responses", by="test")
    assert data.weights is not None
    later = (frame["wave"] == "2017").to_numpy()
    assert (data.weights.values[~later] == 1).all()
    w = data.weights.values[later]
    assert round(w.sum() ** 2 / (w**2).sum()) == 2337  # effective n of the data set's README


def test_what_was_not_asked_is_no_refusal(data: Data) -> None:
    frame = data.require("responses", by="test")
    assert data.missing is not None
    early = frame["wave"].isin(["2010", "2011", "2012"])
    assert (data.missing.loc[early, "WIFI"] == "not_asked").all()
    assert not (data.missing.loc[~early, "WIFI"] == "not_asked").any()
    assert (data.missing.loc[frame["wave"] != "2017", "NETPRO"] == "not_asked").all()
    assert set(data.missing.astype(str).to_numpy().ravel()) <= {"", *REASONS}


def test_labels_speak_both_languages(airport: Path) -> None:
    study, data = load_study(airport, lang="ko", segment="region=Asia")
    assert study.level("region", "8") == "아시아"
    assert data.segment is not None
    assert (data.segment.name, data.segment.rule) == ("목적지 지역: 아시아", "region=8")
    assert data.mask().sum() == 463
    texts = [study.title, study.question, study.success]
    for part in (study.journey.stages, study.journey.touchpoints, study.questions):
        texts += [entry.label for entry in part]
    texts += [label for question in study.questions for label in question.labels.values()]
    assert [text for text in texts if not (text.en and text.ko)] == []
