"""The funnel finds what was planted in the sample study, and the published counts of a real log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from journey_lib.measures.funnel import funnel
from journey_lib.measures.funnel.result import FunnelResult
from journey_lib.measures.funnel.words import verdict, worst_gap
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study
from journey_lib.study.segments import segment_of

Planted = tuple[Study, Data, dict[str, Any]]
PAYMENT = ["payment_started", "order_paid"]


@pytest.fixture(scope="module")
def by_region(planted: Planted) -> FunnelResult:
    study, data, _ = planted
    return funnel(study, data, by="region", visitors="known")


def rate(result: FunnelResult, step: str, group: str = "") -> Any:
    onward = result.onward
    return onward[(onward["step"] == step) & (onward["group"] == group)].iloc[0]


@pytest.fixture(scope="module")
def first_stays(planted: Planted) -> FunnelResult:
    """From a customer's first stay at each stage to the very next stage event, other events aside."""
    study, data, _ = planted
    entered = {event for stage in study.journey.stages for event in stage.enter}
    between = [name for name in data.events.names if name not in entered]
    options = {"order": "strict", "ignore": between, "entry": "first", "visitors": "known"}
    return funnel(study, data, window="200 days", **options)


@pytest.mark.parametrize("stage", ["consideration", "purchase", "adoption", "retention", "expansion"])
def test_the_share_that_moves_on_is_the_planted_one(
    planted: Planted, first_stays: FunnelResult, stage: str
) -> None:
    found = first_stays.number(stage, "rate_km")
    aim = planted[2]["expected"]["journey"]["moved_on"][stage]
    assert found.estimate == pytest.approx(aim, abs=4 * found.std_error)


def test_looser_orders_let_more_customers_go_on(planted: Planted, first_stays: FunnelResult) -> None:
    """Any entry, and other stages between: a customer who leaves and comes back counts as going on."""
    study, data, _ = planted
    loose = funnel(study, data, window="200 days", visitors="known").onward
    strict = first_stays.onward
    assert (loose["moved_on"][:6] >= strict["moved_on"][:6]).all()
    assert loose["moved_on"][3] > strict["moved_on"][3]


def test_the_window_is_short_for_slow_stages_and_the_page_says_so(by_region: FunnelResult) -> None:
    check = next(c for c in by_region.checks if c.name == "window_fit")
    assert check.status == "watch"
    assert "Retention, Expansion" in check.text.say("en")


def test_brazils_missing_payment_method_is_the_clearest_group(
    planted: Planted, by_region: FunnelResult
) -> None:
    aim = planted[2]["expected"]["regions"]["purchase_gap"]["BR"]
    gap = worst_gap(by_region)
    assert gap is not None
    assert (gap.group, gap.option) == ("BR", "consideration")
    assert gap.ci_low <= aim <= gap.ci_high
    clear = [x for x in by_region.shown.values() if x.metric == "group_gap" and x.p_value < 0.05]
    assert [(x.group, x.option) for x in clear] == [("BR", "consideration")]
    assert by_region.headlines()[1].sentence.say("en").startswith("Brazil: fewer go on from Consideration")


def test_targets_are_judged_against_the_measured_rate(by_region: FunnelResult) -> None:
    """Known visitors meet 60 per cent at the first step within the interval; all later targets are missed."""
    judged = {step.id: verdict(by_region, step.id) for step, _ in by_region.pairs}
    assert judged.pop("awareness") == "unclear"
    assert set(judged.values()) == {"missed"}


def test_a_funnel_of_the_two_weeks_finds_the_payment_fault(planted: Planted) -> None:
    study, data, truth = planted
    days = {"period": ["2025-09-08", "2025-09-21"], "by": "region", "window": "1 day"}
    result = funnel(study, data, steps=PAYMENT, **days)
    inside = rate(result, "payment_started", "KR")
    aim = truth["expected"]["payment"]["eventually_paid_inside"]
    assert inside["rate_km_low"] <= aim <= inside["rate_km_high"]
    gap = worst_gap(result)
    assert gap is not None
    assert (gap.group, gap.option) == ("KR", "payment_started")
    before = funnel(study, data, steps=PAYMENT, **(days | {"period": ["2025-08-25", "2025-09-07"]}))
    assert worst_gap(before) is None
    aim = truth["expected"]["payment"]["eventually_paid_outside"]
    outside = rate(before, "payment_started", "KR")
    assert outside["rate_km_low"] <= aim <= outside["rate_km_high"]


def test_weeks_of_entry_date_the_payment_fault(planted: Planted) -> None:
    study, data, _ = planted
    period = ["2025-07-07", "2025-11-30"]
    korea = replace(data, segment=segment_of(study, data, "region=KR"))
    result = funnel(study, korea, steps=PAYMENT, window="1 day", period=period, by="week", entry="all")
    gaps = result.table.query("metric == 'group_gap'").set_index("group")["p_value"]
    assert sorted(gaps.nsmallest(2).index) == ["2025-09-08", "2025-09-15"]
    assert gaps.index[gaps < 0.05].tolist() == ["2025-09-15"]  # 21 weeks are compared
    assert result.plot(kind="groups").title.say("en").startswith("From payment started to order paid")


def test_bots_see_the_brand_and_are_not_in_the_funnel(planted: Planted) -> None:
    study, data, _ = planted
    assert rate(funnel(study, data), "awareness")["entered"] == 20_041
    stage = data.events.stages(study) == 0
    assert len(np.unique(data.events.codes[stage])) == 20_041 + 400


# The loan applications of BPI Challenge 2012. Counts of cases with a state: the README beside the data,
# counted from its file; the windowed funnel: the SQL below, run by SQLite.

STATES = ["A_SUBMITTED", "A_PREACCEPTED", "A_ACCEPTED", "O_SENT", "O_SENT_BACK", "A_ACTIVATED"]


@pytest.fixture(scope="module")
def loans(real_data: Callable[[str], Path]) -> EventLog:
    file = real_data("events_loan_application/bpic2012_events.csv.gz")
    names = {"customer": "case_id", "event": "activity", "time": "timestamp"}
    return EventLog.from_file(file, time_zone="Europe/Amsterdam", **names)


def test_the_published_counts_of_the_loan_applications(loans: EventLog) -> None:
    result = funnel(*quick_study(events=loans, journey=STATES), window="365 days")
    assert result.wide["reached"].tolist() == [13_087, 7_367, 5_113, 5_015, 3_254, 2_246]
    ends = funnel(*quick_study(events=loans, journey=["A_SUBMITTED", "A_DECLINED"]), window="365 days")
    assert ends.wide["reached"].tolist() == [13_087, 7_635]
    gone = funnel(*quick_study(events=loans, journey=["A_SUBMITTED", "A_CANCELLED"]), window="365 days")
    assert gone.wide["reached"].tolist() == [13_087, 2_807]


@pytest.mark.parametrize("window", [3, 14, 30])
def test_a_windowed_funnel_agrees_with_sql(loans: EventLog, window: int) -> None:
    result = funnel(*quick_study(events=loans, journey=STATES), window=f"{window} days")
    assert result.wide["reached"].tolist() == by_sql(loans, window)


def by_sql(log: EventLog, days: int) -> list[int]:
    """Count the cases that reach each state within the window of any entry, by joining every pair of rows."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE log (place INTEGER, who INTEGER, step TEXT, time INTEGER)")
    rows = zip(range(log.n_events), log.codes.tolist(), log.column("event"), log.time.tolist(), strict=True)
    base.executemany("INSERT INTO log VALUES (?, ?, ?, ?)", (row for row in rows if row[2] in STATES))
    base.execute("CREATE INDEX by_step ON log (step, who, place)")
    base.execute("CREATE TABLE reach AS SELECT who, place, time AS entry FROM log WHERE step = ?", STATES[:1])
    found = []
    for step in STATES:
        if found:
            base.execute(
                "CREATE TABLE more AS SELECT log.who, log.place, reach.entry FROM reach JOIN log "
                "ON log.step = ? AND log.who = reach.who AND log.place > reach.place "
                "AND log.time - reach.entry <= ?",
                (step, days * 86_400_000_000),
            )
            base.execute("DROP TABLE reach")
            base.execute("ALTER TABLE more RENAME TO reach")
        found.append(base.execute("SELECT COUNT(DISTINCT who) FROM reach").fetchone()[0])
    return found


def test_the_first_entry_and_any_entry_part_where_states_repeat(loans: EventLog) -> None:
    """An offer is sent again in a third of the cases: what counts as entry moves the rate."""
    study, data = quick_study(events=loans, journey=["O_SENT", "O_SENT_BACK"])
    first, every = (rate(funnel(study, data, window="10 days", entry=e), "O_SENT") for e in ("first", "any"))
    assert first["moved_on"] < every["moved_on"]
    assert first["entered"] == every["entered"] == 5_015
