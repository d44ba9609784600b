"""The raw log: entries, payments, the fault, and the dirt on the way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.definition import read_study
from journey_lib.study.sample import design, dirt, sessions
from tests.study.sample.conftest import Written


@pytest.fixture(scope="module")
def log(demo: Written) -> pd.DataFrame:
    rows = demo.table("events").drop_duplicates("event_id").reset_index(drop=True)
    rows["local"] = rows["time"].dt.tz_convert("Asia/Seoul")
    return rows


@pytest.fixture(scope="module")
def linked(log: pd.DataFrame) -> pd.DataFrame:
    """The log with anonymous rows joined to the customer who signed in with the same id."""
    known = log.loc[(log["customer_id"] != "") & (log["anonymous_id"] != "")]
    owner = known.drop_duplicates("anonymous_id").set_index("anonymous_id")["customer_id"]
    joined = log["anonymous_id"].map(owner).fillna(log["anonymous_id"])
    return log.assign(person=log["customer_id"].where(log["customer_id"] != "", joined))


def test_every_event_of_the_study_file_occurs(demo: Written, log: pd.DataFrame) -> None:
    study = read_study(demo.folder / "study.toml")
    declared = {e for t in study.journey.touchpoints for e in t.events}
    declared |= {e for s in study.journey.stages for e in s.enter}
    seen = set(log["event"])
    assert declared <= seen
    assert seen - declared == {
        "visit", "page_view", "signed_in", "cancelled", "question_sent"
    }  # fmt: skip
    assert seen == set(sessions.EVENTS)


def test_demo_has_about_half_a_million_events_inside_the_window(log: pd.DataFrame) -> None:
    assert 450_000 < len(log) < 650_000
    start, end = pd.Timestamp("2025-01-01", tz="Asia/Seoul"), pd.Timestamp("2026-06-25", tz="Asia/Seoul")
    outside = (log["local"] < start) | (log["local"] >= end)
    assert outside.mean() < 0.0005  # wrong clocks only


def test_two_in_a_hundred_ids_are_bots(log: pd.DataFrame) -> None:
    anonymous = log[log["customer_id"] == ""]
    burst = anonymous.groupby("anonymous_id")["event"].agg(["size", "nunique"])
    bots = burst[(burst["size"] >= dirt.BOT_EVENTS[0] - 1) & (burst["nunique"] <= 3)]
    assert len(bots) == round(dirt.BOTS * 20_000)


def test_most_anonymous_visitors_can_be_linked(log: pd.DataFrame) -> None:
    ids = log.loc[log["anonymous_id"] != ""].groupby("anonymous_id")["customer_id"]
    first_rows = ids.apply(lambda values: (values == "").any())
    both = ids.apply(lambda values: (values == "").any() and (values != "").any())
    unlinked = first_rows.sum() - both.sum() - round(dirt.BOTS * 20_000)
    assert both.sum() / (both.sum() + unlinked) == pytest.approx(dirt.STITCHED, abs=0.012)


def test_repeated_late_and_skewed_rows_are_as_planted(demo: Written) -> None:
    rows = demo.table("events")
    assert rows["event_id"].duplicated().mean() == pytest.approx(dirt.REPEATED, abs=0.001)
    lag = (rows["received_at"] - rows["time"]).dt.total_seconds()
    assert (lag.between(3600, 3 * 86400)).mean() == pytest.approx(dirt.LATE, abs=0.006)
    assert (lag < 0).mean() == pytest.approx(dirt.SKEWED / 2, abs=0.003)
    assert rows["received_at"].is_monotonic_increasing


def test_visited_stages_meet_the_truth(demo: Written, linked: pd.DataFrame) -> None:
    told = demo.truth["expected"]["journey"]["visited"]
    for stage, event in zip(design.STAGES, sessions.EVENTS[:7], strict=True):
        people = linked.loc[linked["event"] == event, "person"]
        count = people[people.str.startswith("C")].nunique() if stage != "awareness" else 0
        if count:
            assert count / 20_000 == pytest.approx(told[stage], abs=0.012), stage
    seen = linked.loc[linked["event"] == "brand_seen", "person"].nunique()
    assert seen / 20_000 == pytest.approx(1 + dirt.BOTS, abs=0.01)


def test_payments_fail_in_korea_for_two_weeks_from_a_monday(demo: Written, log: pd.DataFrame) -> None:
    told = demo.truth["structural"]["payment"]
    first = pd.Timestamp(told["fault_first_day"], tz="Asia/Seoul")
    assert first.day_name() == "Monday"
    tries = log[log["event"].isin(["payment_started", "payment_failed"])]
    inside = tries["local"].between(first, first + pd.Timedelta(days=told["fault_days"]), inclusive="left")

    def success(rows: pd.DataFrame) -> tuple[float, int]:
        started = int((rows["event"] == "payment_started").sum())
        return 1 - (rows["event"] == "payment_failed").sum() / started, started

    korea = tries["country"] == "KR"
    rate, n = success(tries[inside & korea])
    assert n > 50
    assert rate == pytest.approx(0.45, abs=4 * np.sqrt(0.25 / n))
    assert success(tries[~inside & korea])[0] == pytest.approx(0.90, abs=0.02)
    assert success(tries[inside & ~korea])[0] == pytest.approx(0.90, abs=0.08)
    per_day = (tries["event"] == "payment_started")[korea & ~inside].sum() / 526
    assert 4 < per_day < 7


def test_fewer_buy_in_brazil_where_a_way_to_pay_is_missing(demo: Written, linked: pd.DataFrame) -> None:
    region = demo.table("customers").set_index("customer_id")["region"]
    considered = linked.loc[linked["event"] == "plan_viewed", "person"].drop_duplicates()
    bought = set(linked.loc[linked["event"] == "order_paid", "person"])
    rate = considered.isin(bought).groupby(considered.map(region)).mean()
    assert rate["BR"] < rate.drop("BR").min()
    assert rate.drop("BR").mean() - rate["BR"] == pytest.approx(0.09, abs=0.05)
    brazil = linked.loc[(linked["event"] == "order_paid") & (linked["country"] == "BR"), "payment_method"]
    assert "instant_transfer" not in set(brazil)


def test_two_tickets_without_an_answer_come_before_leaving(demo: Written, log: pd.DataFrame) -> None:
    tickets = log[log["event"].isin(["ticket_opened", "ticket_resolved"])]
    open_now = (tickets["event"] == "ticket_opened").astype(int) - (tickets["event"] == "ticket_resolved")
    balance = open_now.groupby(tickets["customer_id"]).sum()
    stuck = balance.index[balance >= 2]
    adopters = log.loc[log["event"].isin(sessions.EVENTS[3:7]), "customer_id"].unique()
    share = len(set(stuck) & set(adopters)) / len(adopters)
    aim = demo.truth["expected"]["leaving"]["two_tickets_share_of_adopters"]
    assert share == pytest.approx(aim, abs=0.015)
    observed, due, variance = _risk_sets(log, tickets, set(stuck), list(adopters))
    assert observed / due > 1.5
    assert (observed - due) / np.sqrt(variance) > 5


def _risk_sets(
    log: pd.DataFrame, tickets: pd.DataFrame, stuck: set[str], adopters: list[str]
) -> tuple[float, float, float]:
    """Compare cancellations with and without two open tickets, by two days since the first meal."""
    own = log[log["customer_id"].isin(adopters)]
    since = own[own["event"].isin(sessions.EVENTS[3:7])].groupby("customer_id")["time"].min()
    cancelled = own[own["event"] == "cancelled"].groupby("customer_id")["time"].max()
    last = cancelled.reindex(since.index).fillna(own.groupby("customer_id")["time"].max())
    opened = tickets[(tickets["event"] == "ticket_opened") & tickets["customer_id"].isin(stuck)]
    second = opened.groupby("customer_id")["time"].max().reindex(since.index)
    length = ((last - since).dt.total_seconds() / 86400).to_numpy()
    ticket = ((second - since).dt.total_seconds() / 86400).fillna(np.inf).to_numpy()
    told = since.index.isin(cancelled.index)
    observed = due = variance = 0.0
    for day in np.arange(0, 150, 2.0):
        at_risk = length > day
        exposed, leaves = at_risk & (ticket <= day), at_risk & (length <= day + 2) & told
        n, n1, d = at_risk.sum(), exposed.sum(), leaves.sum()
        observed += (leaves & exposed).sum()
        due += d * n1 / n
        variance += d * (n - d) * n1 * (n - n1) / (n * n * (n - 1))
    return observed, due, variance


def test_touches_carry_the_channels_and_the_first_one_is_the_acquisition(
    demo: Written, linked: pd.DataFrame
) -> None:
    visits = linked[linked["event"] == "visit"]
    assert set(visits["channel"]) == set(design.CHANNELS)
    first = visits.sort_values("received_at", kind="stable").drop_duplicates("person").set_index("person")
    known = demo.table("customers").set_index("customer_id")["acquisition_channel"]
    both = first.index.intersection(known.index)
    assert (first.loc[both, "channel"] == known[both]).mean() > 0.9


def test_korean_new_year_and_black_friday_show(log: pd.DataFrame) -> None:
    arrivals = log[(log["event"] == "brand_seen") & (log["customer_id"] == "")]
    day = arrivals["local"].dt.strftime("%Y-%m-%d")
    total = arrivals.groupby(day).size()
    korea = day[arrivals["country"] == "KR"].value_counts()
    assert total[["2025-11-28", "2025-11-29"]].mean() > 1.5 * total.median()
    holidays = korea.reindex(["2025-01-28", "2025-01-29", "2025-10-06", "2025-10-07"], fill_value=0)
    assert holidays.mean() < 0.8 * korea.median()


def test_people_visit_in_their_own_daytime(log: pd.DataFrame) -> None:
    visits = log[(log["event"] == "visit") & (log["customer_id"] != "")]
    hour = (visits["time"] + pd.to_timedelta(visits["utc_offset"], unit="min")).dt.hour
    night = hour.between(1, 5).groupby(visits["country"]).mean()
    assert night.max() < 0.1
