"""Two real logs against numbers counted by others: loan applications, and a shop's till."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.events import EventLog
from journey_lib.study.load import load_study

# Cases with each state, as published with the copy of the data (BPI Challenge 2012).
STATES = {
    "A_SUBMITTED": 13_087,
    "A_PREACCEPTED": 7_367,
    "A_ACCEPTED": 5_113,
    "A_FINALIZED": 5_015,
    "O_SENT": 5_015,
    "O_SENT_BACK": 3_254,
    "A_APPROVED": 2_246,
    "A_ACTIVATED": 2_246,
    "A_DECLINED": 7_635,
    "A_CANCELLED": 2_807,
}

TA_FENG = """
id = "shop"
title = "A grocery store"
time_zone = "Asia/Taipei"
[journey]
stages = [{ id = "purchase", enter = ["bought"] }]
[sources.events]
file = "ta_feng_sample.csv.gz"
columns = { time = "date" }
constant = { event = "bought" }
numbers = ["quantity", "sales_price_twd"]
duplicates = "keep"
"""


@pytest.fixture(scope="module")
def loans(real_data: Callable[[str], Path]) -> EventLog:
    folder = real_data("events_loan_application")
    return EventLog.from_file(
        folder / "bpic2012_events.csv.gz",
        customer="case_id",
        event="activity",
        time="timestamp",
        time_zone="Europe/Amsterdam",
        duplicates="keep",
    )


def customers_with(log: EventLog, name: str) -> int:
    return len(np.unique(log.codes[log.event == log.names.index(name)]))


def test_loan_applications(loans: EventLog) -> None:
    assert (loans.n_events, loans.n_customers) == (262_200, 13_087)
    assert {name: customers_with(loans, name) for name in STATES} == STATES
    assert loans.resolution == "1 millisecond"
    assert (loans.report.naive, loans.report.impossible) == (0, 0)
    days = loans.frame(["time"])["time"]
    assert (str(days.min())[:10], str(days.max())[:10]) == ("2011-10-01", "2012-03-14")


def test_loan_applications_are_in_the_order_of_a_plain_sort(
    loans: EventLog, real_data: Callable[[str], Path]
) -> None:
    raw = pd.read_csv(real_data("events_loan_application") / "bpic2012_events.csv.gz", dtype="str")
    raw["at"] = pd.to_datetime(raw["timestamp"], utc=True, format="ISO8601")
    plain = raw.sort_values(["case_id", "at"], kind="stable", ignore_index=True)
    shown = loans.frame(["customer_id", "event", "time", "lifecycle"])
    assert (shown["customer_id"] == plain["case_id"]).all()
    assert (shown["event"] == plain["activity"]).all()
    assert (shown["lifecycle"] == plain["lifecycle"]).all()
    assert (shown["time"] == plain["at"]).all()


@pytest.fixture(scope="module")
def till(real_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> EventLog:
    """Read through a study: days are local, and repeated lines are bought twice."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "study.toml").write_text(TA_FENG, encoding="utf-8")
    name = "ta_feng_sample.csv.gz"
    (folder / name).write_bytes((real_data("events_ta_feng_purchases") / name).read_bytes())
    _, data = load_study(folder)
    return data.require_events("test")


def test_a_shop(till: EventLog) -> None:
    assert (till.n_events, till.n_customers) == (153_489, 6_000)
    assert till.report.repeats == 7_653
    assert till.resolution == "1 day"
    assert till.report.bot_customers == -1
    days = till.frame(["customer_id", "time"]).drop_duplicates().groupby("customer_id").size()
    assert (days.sum(), round(float((days > 1).mean()), 4)) == (22_252, 0.6295)
    assert till.column("sales_price_twd").sum() == 20_287_344


def test_a_shop_by_first_month(till: EventLog) -> None:
    first = till.frame(["time"])["time"].iloc[till.offsets[:-1]]
    assert first.dt.strftime("%Y-%m").value_counts().sort_index().tolist() == [3_135, 1_248, 944, 673]
