"""What the filter counts is what a report with the copied parameter counts; and who has used a segment."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.controls.headless import HeadlessFilter
from journey_lib.controls.segment_filter import SegmentFilter
from journey_lib.measures.survey import survey
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import quick_study, within
from journey_lib.study.segments import saved_segments

AT = ("2025-06", "2025-12")


@pytest.fixture
def shop() -> tuple[Study, Data]:
    """40 customers; half answer twice, one of these moved from KR to JP between, one answer is nobody's."""
    ids = [f"c{at:02d}" for at in range(40)]
    home = ["KR" if at % 2 else "JP" for at in range(40)]
    customers = pd.DataFrame({"customer_id": ids, "region": home, "age": np.arange(20, 60)})
    asked = [(ids[at], home[at], wave) for at in range(20) for wave in AT]
    asked[2] = (ids[1], "JP", AT[0])
    asked += [("stranger", "KR", AT[0])]
    frame = pd.DataFrame(asked, columns=["customer_id", "region", "wave"])
    frame["respondent_id"] = frame["customer_id"]
    frame["q1"] = np.arange(len(frame)) % 11
    return quick_study(responses=frame, customers=customers, questions={"q1": "nps"})


def report_of(shop: tuple[Study, Data], chooser: HeadlessFilter) -> tuple[int, int]:
    """Return how many answers and how many people a report counts that takes the copied parameter."""
    study, data = shop
    inside = within(study, data, chooser.copied("parameter"))
    result = survey(study, inside)
    assert result.context.domain is not None
    return result.basis.n, result.context.domain.n


def test_answers_chosen_are_the_answers_a_report_counts(shop: tuple[Study, Data]) -> None:
    chooser = HeadlessFilter(*shop, columns=["region"], of="answers")
    chooser.toggle("region", "KR")
    assert chooser.picked.n == 20  # two of each of ten, less one given in JP, and the stranger's
    assert report_of(shop, chooser)[0] == chooser.picked.n
    chooser.between("age", 20.0, 25.0)
    assert report_of(shop, chooser)[0] == chooser.picked.n == 5
    chooser.clear()
    chooser.toggle("wave", AT[0])
    assert report_of(shop, chooser) == (chooser.picked.n, chooser.picked.n) == (21, 21)
    chooser.invert()
    assert report_of(shop, chooser) == (chooser.picked.n, chooser.picked.n) == (20, 20)


def test_customers_chosen_are_the_customers_a_report_is_about(shop: tuple[Study, Data]) -> None:
    chooser = HeadlessFilter(*shop, columns=["region"])
    chooser.toggle("region", "KR")
    answers, people = report_of(shop, chooser)
    assert people == chooser.picked.n == 20
    assert answers == 20
    chooser.between("age", 20.0, 25.0)
    assert report_of(shop, chooser) == (5, chooser.picked.n) == (5, 3)


@pytest.mark.parametrize("of", ["customers", "answers"])
def test_the_filter_says_what_each_kind_of_report_counts(shop: tuple[Study, Data], of: str) -> None:
    chosen = SegmentFilter(*shop, columns=["region"], of=of)
    assert chosen.headless.reach() is None
    chosen.state = {"asked": {"choices": {"region": {"values": ["JP"]}}, "others": [], "inverted": False}}
    told = re.sub("<[^>]+>", "", chosen._reach.value)
    assert told == "Reports on answers count 21 answers, reports on events 20 customers."


def test_who_used_a_segment_is_read_from_the_ledger_given(tmp_path: Path) -> None:
    frame = pd.DataFrame({"customer_id": list("abc"), "region": ["KR", "JP", "KR"]})
    study, data = quick_study(customers=frame)
    study = study.placed(tmp_path)
    saved = saved_segments(study, data).save("Koreans", "region=KR")
    runs = [("funnel", "funnel.html"), ("survey", "survey.html"), ("survey", "survey.ko.html")]
    ledger = pd.DataFrame(runs, columns=["stem", "report"])
    ledger = ledger.assign(segment_version=saved.reference, lang="en", as_of="", run_id=["1", "2", "3"])
    (kept,) = HeadlessFilter(study, data, ledger=ledger).kept()
    assert (kept.reports, set(kept.stems)) == (3, {"funnel", "survey"})
    chosen = SegmentFilter(study, data, ledger=ledger)
    assert "3 reports<small>" in chosen._kept._lines[0]._told.value
    (unused,) = HeadlessFilter(study, data, ledger=ledger.iloc[:0]).kept()
    assert (unused.reports, unused.stems) == (0, ())


def test_a_long_list_shows_the_most_frequent_values_and_the_chosen_ones_first() -> None:
    times = np.random.default_rng(7).integers(1, 5, 300)
    shops = np.repeat([f"shop {at:03d}" for at in range(300)], times)
    region = np.random.default_rng(8).choice(["KR", "JP"], len(shops))
    ids = [str(at) for at in range(len(shops))]
    frame = pd.DataFrame({"customer_id": ids, "shop": shops, "region": region})
    chooser = HeadlessFilter(*quick_study(customers=frame), columns=["shop", "region"])
    chooser.toggle("region", "KR")  # other counts than those the list is kept in order of
    every = chooser.rows("shop")
    assert len(every) == 300
    ordered = sorted(every, key=lambda row: -row.n)  # stable: equal counts keep their order
    assert [row.value for row in chooser.rows("shop", limit=40)] == [row.value for row in ordered[:40]]
    rarest = ordered[-1].value
    chooser.toggle("shop", rarest)
    shown = chooser.rows("shop", "SHOP 00", limit=4)
    assert (shown[0].value, shown[0].chosen, len(shown)) == (rarest, True, 4)
    assert all("shop 00" in row.label for row in shown[1:])
    assert chooser.rows("shop", "no such", limit=4) == shown[:1]
