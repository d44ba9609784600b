"""Careless answers by sign, key results without them, and scales declared the wrong way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.survey.quality import flags
from journey_lib.present.result import Check
from journey_lib.study.load import quick_study
from tests.measures.conftest import ask, value


def test_the_same_answers_and_the_same_words_are_seen_and_short_words_are_not() -> None:
    grid = {f"q{at}": [at % 5 + 1] * 2 + [5 - at % 5, at % 4 + 1] for at in range(8)}
    words = ["Nobody answered my call at all", "fine", "Fine", "nobody answered  my call at all"]
    kinds = dict.fromkeys(grid, "rating") | {"t": "text"}
    found = flags(*quick_study(responses=pd.DataFrame({**grid, "t": words}), questions=kinds))
    assert found.reasons["repeated"].tolist() == [True, True, False, False]
    assert found.reasons["same_text"].tolist() == [True, False, False, True]
    assert found.any.tolist() == [
        True,
        True,
        False,
        False,
    ]  # the same words alone are no sign of carelessness
    assert found.number.tolist() == [2, 1, 0, 1]


def test_who_leaves_most_blank_is_flagged_and_what_was_not_asked_does_not_count() -> None:
    frame = pd.DataFrame({"a": [5, None, None], "b": [5, None, 8], "c": [5, 4, 8]})
    kinds = {name: {"kind": "rating", "missing": {"8": "not_asked"}} for name in frame}
    assert flags(*quick_study(responses=frame, questions=kinds)).reasons["blank"].tolist() == [
        False, True, True,
    ]  # fmt: skip


def test_one_in_many_who_combines_what_nobody_combines_is_unusual() -> None:
    rng = np.random.default_rng(3)
    mood = rng.normal(3, 0.8, 400)
    grid = np.clip(np.round(mood[:, None] + rng.normal(0, 0.4, (400, 8))), 1, 5)
    grid[0] = [1, 5] * 4
    frame = pd.DataFrame(grid, columns=[f"q{i}" for i in range(8)])
    far = flags(*quick_study(responses=frame, questions=dict.fromkeys(frame, "rating"))).reasons["unusual"]
    assert far[0]
    assert far.sum() < 12


def test_key_results_stand_with_and_without_flagged_answers() -> None:
    answers = {"q": [10] * 30 + [2, 5, 9, 8, 7] * 20, "duration_s": [1] * 30 + [300] * 100}
    result = ask(answers, {"q": "nps"})
    assert value(result, "without_flagged") == pytest.approx(-20)
    assert value(result, "without_flagged", "n") == 100
    assert value(result, "flagged", option="fast", weighting="unweighted") == 30
    html = result.show("careless")._repr_html_()
    assert "Much too fast" in html
    assert "Without flagged" in html
    few = {"q": [10] * 3 + [2, 5, 9, 8, 7] * 20, "duration_s": [1] * 3 + [300] * 100}
    hidden = ask(few, {"q": "nps"})
    assert "without_flagged" not in set(hidden.table["metric"])
    assert "Without flagged" not in hidden.show("careless")._repr_html_()


def test_a_scale_declared_the_wrong_way_round_is_named() -> None:
    rng = np.random.default_rng(8)
    mood = rng.normal(size=200)
    scores = {"ease": 4 + mood, "trust": 4 - mood, "luck": 4 + rng.normal(size=200)}
    answers = {name: np.clip(np.round(y + rng.normal(0, 0.5, 200)), 1, 7) for name, y in scores.items()}
    answers["nps"] = np.clip(np.round(6 + 2 * mood), 0, 10)
    kinds: dict[str, Any] = {name: {"kind": "ces", "direction": "agree_is_easy"} for name in scores}

    def check(questions: dict[str, Any]) -> Check:
        found = ask(answers, questions | {"nps": "nps"})  # type: ignore[arg-type]
        return next(c for c in found.checks if c.name == "direction")

    wrong = check(kinds)
    assert wrong.status == "watch"
    assert wrong.table["question"].tolist() == ["trust"]
    assert "Trust" in str(wrong.text)
    right = check(kinds | {"trust": {"kind": "ces", "direction": "effort"}})
    assert right.status == "passed"
