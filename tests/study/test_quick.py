"""Studies of frames, without a study file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from journey_lib.errors import DataError, StudyError
from journey_lib.study.load import quick_study

Small = Callable[..., Path]
Said = Callable[[Path], list[str]]


def test_a_quick_study_of_frames() -> None:
    responses = pd.DataFrame(
        {
            "customer_id": [1, 2, 3],
            "q1": [10, 99, None],
            "ease": [7, 1, 2],
            "age": [31.5, 40, 50],
            "base_weight": 2,
        }
    )
    customers = pd.DataFrame({"customer_id": [1, 2, 3], "region": ["KR", "NA", "KR"]})
    study, data = quick_study(
        responses=responses,
        customers=customers,
        journey=["catalog", "cart"],
        questions={
            "q1": {"kind": "nps", "missing": {"99": "dont_know"}},
            "ease": {"kind": "ces", "direction": "agree_is_easy"},
        },
    )
    frame = data.require("responses", by="test")
    assert [s.enter for s in study.journey.stages] == [("catalog",), ("cart",)]
    assert frame["respondent_id"].tolist() == ["1", "2", "3"]
    assert frame["customer_id"].tolist() == ["1", "2", "3"]
    assert frame["age"].tolist() == [31.5, 40, 50]
    assert data.missing is not None
    assert data.missing["q1"].tolist() == ["", "dont_know", "no_answer"]
    assert data.column("region").tolist() == ["KR", "NA", "KR"]
    assert data.weights is not None
    assert data.weights.values.tolist() == [2, 2, 2]


def test_a_quick_study_refuses_like_any_other() -> None:
    with pytest.raises(StudyError, match="missing for kind ces"):
        quick_study(responses=pd.DataFrame({"q": [1]}), questions={"q": "ces"})
    with pytest.raises(DataError, match="1 undeclared code in 1 row"):
        quick_study(responses=pd.DataFrame({"q": [11]}), questions={"q": "nps"})
    with pytest.raises(DataError, match="has no column 'customer_id'"):
        quick_study(customers=pd.DataFrame({"id": [1]}))
    with pytest.raises(StudyError, match="lifecycle7"):
        quick_study(journey="lifecycle")
