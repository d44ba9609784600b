"""The comments report: counted by hand, laws, planted themes and tones, masking, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

import journey_lib as jl
from journey_lib.errors import DataError, ParamError
from journey_lib.measures.comments.result import CommentsResult
from journey_lib.study.load import quick_study

QUESTIONS = {"why": "text", "nps": "nps"}


def read(texts: list[str], scores: list[int] | None = None, **options: object) -> CommentsResult:
    answers = pd.DataFrame({"why": texts, "nps": scores or [8] * len(texts)})
    return jl.comments(*quick_study(responses=answers, questions=QUESTIONS), **options)


def value(result: CommentsResult, metric: str, column: str = "estimate", **where: str) -> float:
    wanted = {"metric": metric, "weighting": "weighted", "group": "", "wave": "", "option": ""} | where
    rows = result.table
    for name, word in wanted.items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
    return float(rows[column].iloc[0])


def test_who_says_something_counts() -> None:
    result = read(["Late box", "Late again", "", ".", "없음", "Lovely"])
    assert value(result, "commented") == pytest.approx(3 / 6)
    assert value(result, "unmapped") == 1
    assert value(result, "positive", "n") == 3


def test_a_study_without_words_says_what_is_lacking() -> None:
    study, data = quick_study(responses=pd.DataFrame({"nps": [9, 10]}), questions={"nps": "nps"})
    with pytest.raises(DataError, match="no words of customers"):
        jl.comments(study, data)


def test_unknown_names_are_refused_with_the_nearest() -> None:
    for options in ({"question": "wy"}, {"score": "nsp"}, {"words": "kiwy"}):
        with pytest.raises(ParamError, match=next(iter(options))):
            read(["Late box", "Lovely"], **options)
