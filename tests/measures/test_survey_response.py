"""Who did not answer at all: counted by stage, told apart from what cannot be known, and weighted back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from journey_lib.measures.survey import survey
from journey_lib.measures.survey.result import SurveyResult
from journey_lib.present.result import Check
from journey_lib.study.load import quick_study
from tests.measures.conftest import Loaded


def shop(answers: dict[str, int], *, reached: dict[str, int], **more: Any) -> Loaded:
    """Customers who looked, and some who paid; answers 0–10 of some of them."""
    names = ["look", "pay"]
    log = [(c, e) for c, stage in reached.items() for e in names[: stage + 1]]
    events = pd.DataFrame(log, columns=["customer_id", "event"]).assign(time="2025-01-01")
    responses = pd.DataFrame({"customer_id": list(answers), "q": list(answers.values())})
    customers = pd.DataFrame({"customer_id": list(reached)} | more)
    return quick_study(
        events=events, responses=responses, customers=customers, journey=names, questions={"q": "nps"}
    )


def check(result: SurveyResult) -> Check:
    return next(c for c in result.checks if c.name == "unit_nonresponse")


REACHED = {f"c{i}": int(i >= 60) for i in range(100)}


def test_answers_are_counted_among_all_customers_of_a_stage() -> None:
    answers = {f"c{i}": 5 + i % 6 for i in [*range(10), *range(60, 80)]}
    table = survey(*shop(answers, reached=REACHED)).table
    rates = table[table["metric"] == "response_rate"].set_index("option")
    assert rates["n"].to_dict() == {"": 100, "look": 60, "pay": 40}
    assert rates["estimate"].to_dict() == pytest.approx({"": 0.3, "look": 10 / 60, "pay": 0.5})


def test_who_was_not_invited_does_not_count() -> None:
    answers = {f"c{i}": 8 for i in range(60, 80)}
    invited = ["no"] * 50 + ["yes"] * 50
    table = survey(*shop(answers, reached=REACHED, invited=invited)).table
    rates = table[table["metric"] == "response_rate"].set_index("option")["n"]
    assert rates.to_dict() == {"": 50, "look": 10, "pay": 40}


def test_a_result_that_hangs_on_the_stage_of_responders_is_watched() -> None:
    """Lookers give 0 and answer rarely, payers 10 and often: by answers +33, by customers −20."""
    answers = {f"c{i}": 0 for i in range(10)} | {f"c{i}": 10 for i in range(60, 80)}
    found = check(survey(*shop(answers, reached=REACHED)))
    assert found.status == "watch"
    assert "reads −20.0 instead of 33.3" in str(found.text)


def test_answering_alike_at_every_stage_passes() -> None:
    answers = {f"c{i}": 5 + i % 6 for i in range(0, 100, 2)}
    found = check(survey(*shop(answers, reached=REACHED)))
    assert found.status == "passed"
    assert "Representativity 1.00 of 1" in str(found.text)


def test_without_customers_or_a_log_it_cannot_be_told() -> None:
    answers = pd.DataFrame({"customer_id": ["a", "b"], "q": [9, 3]})
    found = survey(*quick_study(responses=answers, questions={"q": "nps"}))
    assert check(found).status == "not_assessable"
    assert "response_rate" not in set(found.table["metric"])


def test_the_table_stands_beside_unanswered_questions() -> None:
    answers = {f"c{i}": 5 + i % 6 for i in range(0, 100, 2)}
    html = survey(*shop(answers, reached=REACHED)).show("unanswered")._repr_html_()
    assert "by the furthest stage reached" in html
