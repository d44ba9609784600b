"""SPSS: labels, and the reason of each missing answer, which only user_missing=True keeps."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

pyreadstat = pytest.importorskip("pyreadstat")


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    frame = pd.DataFrame(
        {
            "RESPNUM": [1.0, 2.0, 3.0, 4.0, 5.0],
            "Q1": [9.0, 99.0, 10.0, 98.0, None],
            "Q2": [1.0, 5.0, 6.0, 3.0, 77.0],
            "REGION": [1.0, 2.0, 1.0, 2.0, 9.0],
            "WHY": ["NA", "", "good", "", ""],
            "email": ["a@example.org"] * 5,
        }
    )
    pyreadstat.write_sav(
        frame,
        tmp_path / "wave.sav",
        column_labels=[
            "",
            "우리를 추천하시겠습니까?",
            "How would you rate our food?",
            "Where do you live?",
            "Why?",
            "",
        ],
        variable_value_labels={
            "Q1": {98.0: "응답 거절", 99.0: "모름"},
            "Q2": {1.0: "Poor", 5.0: "Excellent", 6.0: "Never used"},
            "REGION": {1.0: "North", 2.0: "South", 9.0: "Refused"},
        },
        missing_ranges={"Q1": [{"lo": 97.0, "hi": 99.0}], "Q2": [6.0, 77.0], "REGION": [9.0]},
    )
    return tmp_path / "wave.sav"


def test_reasons_and_labels_come_from_the_file(init, sav: Path) -> None:
    drafted = init(sav.name, None)
    assert "read as spss: its name ends in .sav." in drafted.said
    assert "3 questions with codes the file declares missing; their reasons are kept" in drafted.said
    assert drafted.check().exit_code == 0
    study, data = drafted.load()
    assert (study.item("Q1").kind, study.item("Q1").label.ko) == ("nps", "우리를 추천하시겠습니까?")
    assert dict(study.item("Q1").missing) == {"98": "refused", "99": "dont_know"}
    assert data.missing["Q1"].tolist() == ["", "dont_know", "", "refused", "no_answer"]
    assert data.responses["Q1"].dropna().tolist() == [9, 10]
    assert data.responses["respondent_id"].tolist() == ["1", "2", "3", "4", "5"]


def test_a_declared_code_without_words_is_no_answer_and_asked_about(init, sav: Path) -> None:
    drafted = init(sav.name, None)
    assert 'missing = { "6" = "not_used", "77" = "no_answer" }  # please check: the reasons' in drafted.block(
        "Q2"
    )
    study, data = drafted.load()
    assert (study.item("Q2").kind, study.item("Q2").scale) == ("rating", (1, 5))
    assert study.item("Q2").labels["5"].en == "Excellent"
    assert data.missing["Q2"].tolist() == ["", "", "not_used", "", "no_answer"]


def test_categories_keep_their_labels_and_persons_stay_out(init, sav: Path) -> None:
    drafted = init(sav.name, None)
    study, data = drafted.load()
    assert study.item("REGION").kind == "single"
    assert {k: v.en for k, v in study.item("REGION").labels.items()} == {"1": "North", "2": "South"}
    assert data.responses["WHY"].tolist()[0] == "NA"
    assert "email" not in data.responses


def test_a_damaged_file_is_one_sentence(refused, sav: Path) -> None:
    raw = sav.read_bytes()
    assert "half.sav: is damaged or no SPSS file." in refused("half.sav", raw[: len(raw) // 2])
    assert "other.sav: is damaged or no SPSS file." in refused("other.sav", "a,b\n1,2\n")
