"""One row a person: derived columns counted by hand, levels, and the sample counted a second way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study, quick_study
from journey_lib.study.sample import write
from journey_lib.study.segments import (
    Condition,
    Either,
    Every,
    Not,
    answers_of,
    evaluate,
    people,
    segment_of,
    snapshot_of,
)
from journey_lib.study.segments.domain import counted

EVENTS = pd.DataFrame(
    [
        ("a", "cart", "2025-01-01 09:00"),
        ("a", "cart", "2025-01-01 09:30"),
        ("a", "paid", "2025-01-01 10:01"),
        ("b", "cart", "2025-01-05 12:00"),
        ("b", "look", "2025-01-06 12:00"),
        ("c", "look", "2025-01-02 12:00"),
    ],
    columns=["customer_id", "event", "time"],
)
CUSTOMERS = pd.DataFrame({"customer_id": ["d", "a", "b", "c"], "region": ["KR", "KR", "JP", None]})
ORDERS = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "b"],
        "time": pd.to_datetime(
            ["2025-01-01 10:00", "2025-01-01 23:00", "2025-01-04 00:00", "2025-01-20 00:00"]
        ),
        "amount": [10.0, 20.0, 5.5, 100.0],
        "refund": [np.nan, 5.0, np.nan, np.nan],
    }
)
ANSWERS = pd.DataFrame(
    {
        "respondent_id": ["r1", "r2", "r3", "r4"],
        "customer_id": ["a", "a", "b", None],
        "wave": ["1", "2", "1", "1"],
        "date": pd.to_datetime(["2025-01-03", "2025-01-08", "2025-01-02", "2025-01-02"]),
        "q": [9.0, 2.0, 10.0, 10.0],
    }
)


@pytest.fixture(scope="module")
def whole() -> tuple[Study, Data]:
    """Four customers: one who bought twice, one whose order lies after the last day, one with no event."""
    study, data = quick_study(
        events=EVENTS,
        customers=CUSTOMERS,
        responses=ANSWERS,
        journey=["cart", "paid"],
        questions={"q": "nps"},
    )
    window = study.window.model_copy(update={"start": date(2025, 1, 1), "end": date(2025, 1, 10)})
    return study.model_copy(update={"window": window}), replace(data, orders=ORDERS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("region", ["KR", "KR", "JP", None]),
        ("furthest_stage", ["none", "paid", "cart", "none"]),
        ("first_event_day", [None, "2025-01-01", "2025-01-05", "2025-01-02"]),
        ("last_event_day", [None, "2025-01-01", "2025-01-06", "2025-01-02"]),
        ("events", [0, 3, 2, 1]),
        ("sessions", [0, 2, 2, 1]),  # a pause of 30 minutes does not end a session, one of 31 does
        ("orders", [0, 3, 0, 0]),  # the order of b lies after the snapshot
        ("spend", [0, 30.5, 0, 0]),  # 10 + (20 - 5) + 5.5
        ("first_purchase_day", [None, "2025-01-01", None, None]),
        ("last_purchase_day", [None, "2025-01-04", None, None]),
        ("recency_days", [None, 6, None, None]),
        ("frequency", [0, 2, 0, 0]),  # two days
        ("monetary", [0, 30.5, 0, 0]),
        ("answers", [0, 2, 1, 0]),
        ("newest_answer_day", [None, "2025-01-08", "2025-01-02", None]),
        ("newest_q", [None, 2, 10, None]),
    ],
)
def test_derived_columns_by_hand(whole: tuple[Study, Data], name: str, expected: list[object]) -> None:
    values = people(*whole)[name]
    shown = [None if pd.isna(v) else str(v.date()) if isinstance(v, pd.Timestamp) else v for v in values]
    assert shown == expected


def test_every_column_is_offered_with_a_label_and_none_is_an_id(whole: tuple[Study, Data]) -> None:
    who = people(*whole)
    assert who.level == "customers"
    assert [trait.name for trait in who.traits.values()] == list(who.traits) == list(who)
    assert "customer_id" not in who
    assert "respondent_id" not in answers_of(*whole)
    assert who.traits["furthest_stage"].levels["none"].say("ko") == "아직 단계 없음"
    assert who.frame().shape == (4, len(who.traits))
    assert who.frame(["orders", "region"]).columns.tolist() == ["orders", "region"]


def test_nothing_is_computed_before_it_is_asked_for(whole: tuple[Study, Data]) -> None:
    who = people(*whole)
    assert who._made == {}
    who["region"]
    assert list(who._made) == ["region"]


def test_a_column_of_the_table_hides_a_derived_one(whole: tuple[Study, Data]) -> None:
    study, data = whole
    own = replace(data, customers=CUSTOMERS.assign(orders=[7.0, 7.0, 7.0, 7.0]))
    assert people(study, own)["orders"].tolist() == [7.0] * 4
    assert not people(study, own).traits["orders"].derived


def test_within_so_many_days_is_recency(whole: tuple[Study, Data]) -> None:
    who = people(*whole)
    for n in range(10):
        bought = evaluate(
            Condition("last_purchase_day", "within_last_days", float(n)), who, snapshot=who.snapshot
        )
        recent = evaluate(Condition("recency_days", "<=", float(n)), who)
        assert bought.yes.tolist() == recent.yes.tolist()
        assert bought.unknown.tolist() == recent.unknown.tolist()


def test_a_rule_on_customers_takes_all_answers_of_its_members(whole: tuple[Study, Data]) -> None:
    found = segment_of(*whole, "orders=3")
    assert (found.level, found.n, found.base, found.unknown) == ("customers", 1, 4, 0)
    assert found.customers.tolist() == ["a"]
    assert found.rows.tolist() == [True, True, False, False]
    assert (found.column, found.value, found.rule) == ("orders", "3", "orders=3")


def test_a_rule_on_answers_takes_whoever_gave_one(whole: tuple[Study, Data]) -> None:
    """r1 and r3 said 9 or more; the answer nobody is known for counts as an answer, not as a customer."""
    found = segment_of(*whole, '{"column": "q", "operator": ">=", "value": 9}')
    assert (found.level, found.n, found.base, found.unknown) == ("answers", 3, 4, 0)
    assert found.rows.tolist() == [True, False, True, True]
    assert sorted(found.customers) == ["a", "b"]
    last_word = segment_of(*whole, '{"column": "newest_q", "operator": ">=", "value": 9}')
    assert (last_word.n, last_word.base, last_word.unknown) == (1, 4, 2)
    assert last_word.customers.tolist() == ["b"]


def test_customers_who_never_answered_are_judged_with_all_answers_missing(whole: tuple[Study, Data]) -> None:
    promoter = Condition("q", ">=", 9.0)
    either = counted(*whole, Either((promoter, Condition("region", "=", "KR"))))
    assert sorted(either.customers) == ["a", "b", "d"]  # d never answered, and lives in KR
    silent = counted(*whole, Condition("q", "is_missing"))
    assert sorted(silent.customers) == ["c", "d"]
    both = counted(*whole, Every((Not(promoter), Condition("region", "=", "KR"))))
    assert both.customers.tolist() == ["a"]  # by the answer of wave 2; what d would say is unknown


def test_answers_alone_are_the_people() -> None:
    frame = pd.DataFrame({"respondent_id": ["1", "1", "2"], "wave": ["1", "2", "1"], "q": [9.0, 3.0, np.nan]})
    study, data = quick_study(responses=frame, questions={"q": "nps"})
    assert people(study, data).level == "answers"
    found = segment_of(study, data, "q=9")
    assert (found.n, found.base, found.unknown) == (1, 3, 1)
    assert found.rows.tolist() == [True, False, False]


def test_events_alone_have_their_customers() -> None:
    study, data = quick_study(events=EVENTS, journey=["cart", "paid"])
    assert people(study, data).ids.tolist() == ["a", "b", "c"]
    found = segment_of(study, data, "furthest_stage=paid")
    assert found.customers.tolist() == ["a"]
    assert snapshot_of(study, data) == date(2025, 1, 6)


def test_orders_alone_have_their_customers() -> None:
    study, data = quick_study(customers=CUSTOMERS)
    data = replace(data, customers=None, orders=ORDERS)
    found = segment_of(study, data, '{"column": "spend", "operator": ">=", "value": 50}')
    assert found.customers.tolist() == ["b"]
    assert snapshot_of(study, data) == date(2025, 1, 20)


def test_what_bots_did_is_unknown_and_not_nothing(whole: tuple[Study, Data]) -> None:
    study, data = whole
    assert data.events is not None
    bot = replace(data.events, bots=np.array([True, False, False]))  # type: ignore[type-var]  # a frozen log
    who = people(study, replace(data, events=bot))
    assert who["furthest_stage"].isna().tolist() == [False, True, False, False]
    assert who["events"].isna().tolist() == [False, True, False, False]
    alone = replace(data, customers=None, responses=None, orders=None, events=bot)
    assert people(study, alone).ids.tolist() == ["b", "c"]


def test_two_arms_of_one_customer_are_none() -> None:
    study, data = quick_study(
        customers=CUSTOMERS,
        assignments=pd.DataFrame(
            {
                "experiment": "x", "customer_id": ["a", "a", "b", "d"], "arm": ["new", "old", "new", "old"],
                "assigned_at": pd.to_datetime(["2025-01-01"] * 4),
            }
        ),
    )  # fmt: skip
    arms = people(study, data)["arm_x"]
    assert [None if pd.isna(arm) else arm for arm in arms] == ["old", None, "new", None]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Data]:
    folder = tmp_path_factory.mktemp("sample")
    write(folder, "tiny")
    return load_study(folder)


def test_derived_columns_add_up_in_the_sample(sample: tuple[Study, Data]) -> None:
    """Counted a second way, straight from the tables."""
    study, data = sample
    who = people(study, data)
    orders, events = data.orders, data.events
    assert orders is not None
    assert events is not None
    assert who["orders"].sum() == len(orders)
    assert who["spend"].sum() == pytest.approx((orders["amount"] - orders["refund"].fillna(0)).sum())
    assert who["frequency"].sum() == len(
        orders.assign(day=orders["time"].dt.date)[["customer_id", "day"]].drop_duplicates()
    )
    entered = segment_of(
        study, data, '{"not": {"column": "furthest_stage", "operator": "=", "value": "none"}}'
    )
    names = {name for stage in study.journey.stages for name in stage.enter}
    frame = next(iter(events.chunks())).frame(["customer_id", "event"])
    bots = events.customers[events.bots] if hasattr(events, "customers") else []
    seen = set(frame.loc[frame["event"].isin(names), "customer_id"]) - set(bots)
    assert set(entered.customers) == seen & set(who.ids)
