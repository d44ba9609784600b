"""The same measure of two groups: the second answer, and how far the leading number lies from it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from journey_lib.controls.comparing import difference
from journey_lib.controls.form import form
from journey_lib.controls.segment_filter import SegmentFilter
from journey_lib.measures.survey import survey
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study, within


@pytest.fixture
def shop() -> tuple[Study, Data]:
    """80 answers from KR of which 20 are promoters, 80 from JP of which 60 are."""
    region = np.repeat(["KR", "JP"], 80)
    told = np.where(np.arange(160) % 80 < np.where(region == "KR", 20, 60), 9, 7)
    return quick_study(responses=pd.DataFrame({"region": region, "q1": told}), questions={"q1": "nps"})


def of(shop: tuple[Study, Data], segment: str) -> object:
    study, data = shop
    return survey(study, within(study, data, segment))


def test_the_difference_of_two_groups_by_hand(shop: tuple[Study, Data]) -> None:
    here, there = of(shop, "region=KR"), of(shop, "region=JP")
    told = difference(here, there, apart=True)  # type: ignore[arg-type]
    assert told is not None
    # Shares .25 and .75 of 80: each with a variance of .1875 / 79.
    reach = 100 * 1.959964 * math.sqrt(2 * 0.25 * 0.75 / 79)
    text = told.say("en")
    assert "is +25 here and +75 there: −50.0" in text
    assert f"(95% interval −{50 + reach:.1f} to −{50 - reach:.1f})" in text
    assert "no clear difference" not in text
    same = difference(here, here, apart=True)  # type: ignore[arg-type]
    assert "no clear difference" in same.say("en")  # type: ignore[union-attr]


def test_groups_that_overlap_have_no_interval(shop: tuple[Study, Data]) -> None:
    told = difference(of(shop, "region=KR"), of(shop, ""), apart=False)  # type: ignore[arg-type]
    assert told is not None
    assert told.say("en") == "The first number is +25 here and +50 there: −25.0 points."


def test_a_hidden_number_is_never_compared() -> None:
    region = np.repeat(["KR", "JP"], [80, 5])
    few = quick_study(
        responses=pd.DataFrame({"region": region, "q1": np.tile([9, 7, 3, 10, 8], 17)}),
        questions={"q1": "nps"},
    )
    assert difference(of(few, "region=KR"), of(few, "region=JP"), apart=True) is None  # type: ignore[arg-type]


def test_the_form_stands_two_answers_side_by_side(shop: tuple[Study, Data]) -> None:
    chosen = SegmentFilter(*shop, columns=["region"], of="answers")
    shown = form("survey", *shop, segment=chosen)
    assert shown.other.result is None
    assert shown._there.box.layout.display == "none"
    chosen.headless.toggle("region", "KR")
    chosen.state = {**chosen.headless.state, "compare": "rest"}
    assert shown.answer.result.basis.n == shown.other.result.basis.n == 80
    assert shown._there.box.layout.display is None
    assert "Everyone else" in shown._there.title.value
    assert "−50.0" in shown._gap.value
    chosen.state = {**chosen.headless.state, "compare": ""}
    assert shown.other.result is None
    assert "−50.0" not in shown._gap.value
    assert shown._there.box.layout.display == "none"


def test_the_rest_of_everybody_is_refused_in_words(shop: tuple[Study, Data]) -> None:
    chosen = SegmentFilter(*shop, columns=["region"], of="answers")
    shown = form("survey", *shop, segment=chosen)
    chosen.state = {**chosen.headless.state, "compare": "rest"}
    assert "nobody else is left" in shown.other.problem
    assert shown.answer.result is not None


def test_the_total_is_everybody(shop: tuple[Study, Data]) -> None:
    chosen = SegmentFilter(*shop, columns=["region"], of="answers")
    shown = form("survey", *shop, segment=chosen)
    chosen.headless.toggle("region", "JP")
    chosen.state = {**chosen.headless.state, "compare": "total"}
    assert (shown.answer.result.basis.n, shown.other.result.basis.n) == (80, 160)
    assert "+75 here and +50 there: +25.0 points." in shown._gap.value
