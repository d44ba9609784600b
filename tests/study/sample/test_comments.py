"""Comments: two languages, topics that follow the study, tones that follow the ratings, planted secrets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.sample import comments, design
from tests.study.sample.conftest import Written

HANGUL = r"[가-힣]"


@pytest.fixture(scope="module")
def said(demo: Written) -> pd.DataFrame:
    told = demo.truth["expected"]["comments"]
    rows = demo.table("responses")
    rows["topic"] = list(told["topic_of_row"])
    rows["tone"] = list(told["tone_of_row"])
    rows["guide_rater"] = list(told["guide_rater_of_row"])
    return rows.drop_duplicates(["respondent_id", "wave"])


def test_there_are_enough_wordings_of_nine_topics() -> None:
    for language in comments.LANGUAGES:
        table = {k: v for k, v in comments.phrases().items() if k[0] == language}
        assert len(table) == 18
        assert len({text for v in table.values() for text in v[::4]}) >= 150


def test_languages_are_as_planted(said: pd.DataFrame) -> None:
    text = said.loc[said["comment"] != "", "comment"]
    korean = text.str.contains(HANGUL)
    english = text.str.contains(r"[A-Za-z]{3}")
    assert (korean & ~english).mean() == pytest.approx(0.45, abs=0.06)
    assert (english & ~korean).mean() == pytest.approx(0.45, abs=0.06)
    assert (korean & english).mean() == pytest.approx(0.05, abs=0.02)
    assert (said["topic"] == ".").mean() == pytest.approx(1 - 0.75 * 0.95, abs=0.015)


def test_untidiness_is_there(said: pd.DataFrame) -> None:
    text = said["comment"]
    assert text.str.contains("ㅠㅠ").sum() > 50
    assert text.str.contains("ㅋㅋ").sum() > 50
    assert text.str.contains("😡").sum() > 50
    assert (text.str.fullmatch(r"[가-힣0-9]{10,}")).sum() > 50


def test_the_guide_rises_among_its_raters_with_the_fall(said: pd.DataFrame) -> None:
    raters = said[(said["guide_rater"] == "1") & (said["topic"] != ".")]
    sizes = raters.groupby("wave").size()
    assert sizes.min() >= 400
    share = (raters["topic"] == str(comments.GUIDE)).groupby(raters["wave"]).mean()
    waves = list(design.WAVES)
    assert share[waves[:3]].to_numpy() == pytest.approx(np.full(3, 0.08), abs=0.025)
    assert share[waves[3:]].to_numpy() == pytest.approx(np.full(3, 0.18), abs=0.03)


def test_tone_follows_the_rating_with_eight_in_a_hundred_contradictions(said: pd.DataFrame) -> None:
    careful = said[said["duration_s"] > said["duration_s"].median() / 3]
    hits, n = 0, 0
    for number, point in enumerate(comments.TOPIC_POINTS):
        rows = careful[(careful["topic"] == str(number)) & careful[f"tp_{point}"].isin([1, 2, 4, 5])]
        good = rows[f"tp_{point}"] > 3
        hits += int((good != (rows["tone"] == "1")).sum())
        n += len(rows)
    assert hits / n == pytest.approx(0.08, abs=0.012)


def test_planted_secrets_stand_where_the_truth_says(demo: Written) -> None:
    rows = demo.table("responses")["comment"]
    secrets = demo.truth["expected"]["comments"]["secrets"]
    assert len(secrets) > 60
    assert {s["kind"] for s in secrets} == set(comments.PERSONAL_KINDS)
    assert all(s["text"] in rows.iloc[s["row"]] for s in secrets)


def test_feedback_has_its_kinds_and_ratings_only_in_reviews(demo: Written) -> None:
    rows = demo.table("feedback")
    assert set(rows["kind"]) == set(comments.KINDS)
    assert ((rows["rating"] != "") == (rows["kind"] == "review")).all()
    assert rows.loc[rows["kind"] == "interview", "text"].str.len().mean() > 2 * rows["text"].str.len().mean()
