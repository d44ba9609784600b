"""Weights by hand: base weights, raking per wave, and the declared design."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journey_lib.study.load import load_study

Small = Callable[..., Path]
Said = Callable[[Path], list[str]]


WEIGHTED = (
    "respondent_id,wave,nps,food,w,age\n1,1,9,5,{w},young\n2,1,9,5,1,young\n3,1,9,5,1,young\n4,1,9,5,1,old\n"
)
MARGINS = "wave,margin,category,target\n,age,young,0.5\n,age,old,0.5\n"


@pytest.mark.parametrize(("w", "word"), [("-1", "negative"), ("0", "zero"), ("", "missing")])
def test_a_wrong_weight_stops(small: Small, w: str, word: str, said: Said) -> None:
    folder = small(WEIGHTED.format(w=w), rest='[weights]\nbase = "w"')
    assert said(folder)[0].startswith(f"responses, weights in 'w': {word} in 1 row. Allowed: numbers above 0")


def test_base_weights_are_taken_as_they_are(small: Small, said: Said) -> None:
    _, data = load_study(small(WEIGHTED.format(w="2.5"), rest='[weights]\nbase = "w"'))
    assert data.weights is not None
    assert data.weights.values.tolist() == data.weights.start.tolist() == [2.5, 1, 1, 1]
    assert data.require("responses", by="test")["base_weight"].tolist() == [2.5, 1, 1, 1]
    found = said(small(WEIGHTED, rest='[weights]\nbase = "weight"'))
    assert "has no column 'weight'" in found[0]


RAKED = '[weights]\nrake = ["age"]\n[sources.margins]\nfile = "raw/margins.csv"'


def test_raking_by_hand(small: Small) -> None:
    """Three young and one old, half and half in the population: 4/6 for each young, 2 for the old."""
    _, data = load_study(small(WEIGHTED.format(w="1"), rest=RAKED, raw={"margins.csv": MARGINS}))
    assert data.weights is not None
    assert data.weights.values.round(9).tolist() == [0.666666667, 0.666666667, 0.666666667, 2]
    assert data.weights.margins is not None


def test_each_wave_is_raked_to_its_own_targets(small: Small) -> None:
    answers = "respondent_id,wave,nps,food,age\n1,a,9,5,young\n2,a,9,5,old\n1,b,9,5,young\n2,b,9,5,old\n"
    margins = "wave,margin,category,target\na,age,young,75\na,age,old,25\n,age,young,1\n,age,old,3\n"
    _, data = load_study(small(answers, rest=RAKED, raw={"margins.csv": margins}))
    assert data.weights is not None
    assert data.weights.values.round(9).tolist() == [1.5, 0.5, 0.5, 1.5]


def test_a_margin_may_stand_in_customers(small: Small) -> None:
    answers = "respondent_id,customer_id,nps,food\n1,A,9,5\n2,B,9,5\n3,B2,9,5\n4,C,9,5\n"
    customers = "customer_id,age\nA,young\nB,young\nB2,young\nC,old\n"
    rest = RAKED + '\n[sources.customers]\nfile = "raw/customers.csv"'
    _, data = load_study(small(answers, rest=rest, raw={"margins.csv": MARGINS, "customers.csv": customers}))
    assert data.weights is not None
    assert data.weights.values.round(9).tolist() == [0.666666667, 0.666666667, 0.666666667, 2]


@pytest.mark.parametrize(
    ("margins", "rest", "expected"),
    [
        ("wave,margin,category,target\n,aeg,young,1\n", RAKED, "no targets for 'age'. Did you mean 'aeg'?"),
        ("wave,margin,category,target\n9,age,young,1\n", RAKED, "margins, wave '1': no targets for 'age'"),
        ("wave,margin,category,target\n,age,young,1\n", RAKED, "weights of wave '1'"),
        ("margin,category,target\nage,young,x\n", RAKED, "column 'target': no number in 1 cell"),
        (
            MARGINS,
            RAKED.replace('["age"]', '["aeg"]'),
            "no column 'aeg' in responses or",
        ),
    ],
)
def test_margins_that_do_not_fit(small: Small, margins: str, rest: str, expected: str, said: Said) -> None:
    found = said(small(WEIGHTED.format(w="1"), rest=rest, raw={"margins.csv": margins}))
    assert expected in " ".join(found)


def test_a_missing_category_stops(small: Small, said: Said) -> None:
    answers = WEIGHTED.format(w="1").replace("old", "")
    found = said(small(answers, rest=RAKED, raw={"margins.csv": MARGINS}))
    assert found == ["responses, margin 'age': no category in 1 row. Allowed: one in every row."]


def test_the_declared_design_stands_under_fixed_names(small: Small) -> None:
    answers = "respondent_id,nps,food,strata,house\n1,9,5,s,h1\n2,9,5,s,h2\n"
    _, data = load_study(small(answers, rest='[design]\npsu = "house"'))
    frame = data.require("responses", by="test")
    assert frame["psu"].tolist() == ["h1", "h2"]
    assert "strata" not in frame
    assert "responses: column 'strata' is not used: [design] does not name it" in data.report.lines()
