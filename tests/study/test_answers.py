"""Codes become answers or reasons; nothing disappears on the way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.study.answers import Answers, option_names, read_answers
from journey_lib.study.definition import Question, study_from


def ask(kind: str, **more: object) -> Question:
    """Return a question as a study completes it."""
    entry = {"id": "q", "kind": kind, **more}
    raw = {"id": "s", "title": "s", "journey": {"preset": "funnel3"}, "sources": {"responses": {"file": "x"}}}
    return study_from(raw | {"questions": [entry]}).item("q")


def read(question: Question, *columns: list[str]) -> Answers:
    names = list(option_names(question))
    cells = pd.DataFrame(dict(zip(names, columns, strict=True)), dtype="str")
    files = pd.Series("a.csv", index=cells.index, dtype="str")
    return read_answers(question, cells, files)


def values(answers: Answers, name: str = "q") -> list:
    return [None if pd.isna(v) else v for v in answers.columns[name]]


@pytest.mark.parametrize(
    ("kind", "more", "cells", "expected"),
    [
        ("nps", {}, ["0", "10", "7.0", " 9 "], [0, 10, 7, 9]),
        ("rating", {}, ["1", "5"], [1, 5]),
        ("ces", {"direction": "effort"}, ["7"], [7]),
        ("likert", {"scale": [-2, 2]}, ["-2", "0", "2"], [-2, 0, 2]),
        ("slider", {}, ["0", "33.5", "100"], [0, 33.5, 100]),
        ("number", {}, ["-1.5", "1e3", ".5", "007"], [-1.5, 1000, 0.5, 7]),
        ("single", {}, ["KR", "007", "NA"], ["KR", "007", "NA"]),
        ("single", {"labels": {"1": "a", "x": "b"}}, ["1", "1.0", "x"], ["1", "1", "x"]),
        ("text", {}, ["good", "99", "<b>"], ["good", "99", "<b>"]),
    ],
)
def test_answers_of_each_kind(kind: str, more: dict, cells: list[str], expected: list) -> None:
    answers = read(ask(kind, **more), cells)
    assert values(answers) == expected
    assert answers.problems == ()
    assert answers.reasons.tolist() == [""] * len(cells)


@pytest.mark.parametrize(
    ("kind", "more", "cell"),
    [
        ("nps", {}, "11"),
        ("nps", {}, "9.5"),
        ("rating", {}, "0"),
        ("rating", {}, "1e0x"),
        ("slider", {}, "100.1"),
        ("number", {}, "1,5"),
        ("number", {}, "inf"),
        ("number", {}, "nan"),
        ("number", {"scale": [0, 120]}, "121"),
        ("single", {"labels": {"1": "a"}}, "2"),
    ],
)
def test_what_is_no_answer_is_a_problem_and_never_a_gap(kind: str, more: dict, cell: str) -> None:
    answers = read(ask(kind, **more), [cell])
    assert len(answers.problems) == 1
    assert answers.problems[0].where == "a.csv, question 'q'"


def test_a_declared_code_gives_its_reason() -> None:
    question = ask("nps", missing={"99": "dont_know", "Blank": "refused"}, blank="not_asked")
    answers = read(question, ["99", "99.0", "Blank", "", "10"])
    assert values(answers) == [None, None, None, None, 10]
    assert answers.reasons.tolist() == ["dont_know", "dont_know", "refused", "not_asked", ""]
    assert answers.reasons.cat.categories.tolist()[0] == ""


def test_problems_are_counted_by_code_and_never_quote_words() -> None:
    answers = read(ask("nps"), ["11", "11", "12", "call 555-1234", "123456", ""])
    assert [problem.given for problem in answers.problems] == [
        "2 undeclared codes in 3 rows",
        "no number of the scale in 2 rows",
    ]


def test_an_undeclared_code_is_named_when_it_is_nobodys_answer() -> None:
    """Signs of no answer are named at once, others from ten rows on; a year of birth in two rows is not."""
    answers = read(ask("nps"), ["98", "-1", "999", *["11"] * 10, *["12"] * 9, "1985", "1985"])
    assert [problem.given for problem in answers.problems] == [
        "undeclared code -1 in 1 row",
        "undeclared code 11 in 10 rows",
        "undeclared code 98 in 1 row",
        "undeclared code 999 in 1 row",
        "2 undeclared codes in 11 rows",
    ]


def test_ranks_lie_between_one_and_the_number_of_options() -> None:
    question = ask("ranking", columns={"a": "ra", "b": "rb"})
    answers = read(question, ["1", "2", ""], ["2", "3", ""])
    assert values(answers, "q.a") == [1, 2, None]
    assert answers.reasons.tolist() == ["", "", "no_answer"]
    assert [problem.given for problem in answers.problems] == ["1 undeclared code in 1 row"]


def test_ticks_by_hand() -> None:
    """Row by row: both said; one ticked, one left empty; nothing at all; a declared code in both."""
    question = ask("multi", columns={"a": "qa", "b": "qb"}, missing={"9": "refused"})
    answers = read(question, ["1", "x", "", "9"], ["no", "", "", "9"])
    assert values(answers, "q.a") == [1, 1, None, None]
    assert values(answers, "q.b") == [0, 0, None, None]
    assert answers.reasons.tolist() == ["", "", "no_answer", "refused"]
    assert len(read(question, ["maybe"], ["1"]).problems) == 1


CELLS = st.lists(st.sampled_from(["0", "5", "10", "99", "", "11", "x", "3.0", "3.5"]), max_size=30)


@settings(max_examples=100, deadline=None)
@given(CELLS)
def test_every_cell_is_a_value_or_a_reason_or_part_of_a_problem(cells: list[str]) -> None:
    answers = read(ask("nps", missing={"99": "dont_know"}), cells)
    valid = answers.columns["q"].notna().to_numpy()
    reasons = answers.reasons.astype(str).to_numpy()
    bad = sum(cell in ("11", "x", "3.5") for cell in cells)
    assert not (valid & (reasons != "")).any()
    assert int((~valid & (reasons == "")).sum()) == bad
    assert bool(answers.problems) == bool(bad)


@settings(max_examples=60, deadline=None)
@given(CELLS, st.randoms())
def test_the_order_of_rows_changes_nothing(cells: list[str], random: object) -> None:
    question = ask("nps", missing={"99": "dont_know"})
    order = list(range(len(cells)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight, mixed = read(question, cells), read(question, [cells[i] for i in order])
    np.testing.assert_array_equal(straight.columns["q"].to_numpy()[order], mixed.columns["q"].to_numpy())
    assert straight.reasons.iloc[order].tolist() == mixed.reasons.tolist()
    assert straight.problems == mixed.problems
