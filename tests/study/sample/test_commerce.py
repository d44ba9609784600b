"""Orders, costs, logged actions and assignments hold what was planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journey_lib.study.load import load_study
from journey_lib.study.sample import commerce, design, people, trial
from journey_lib.study.sample.draws import stream
from journey_lib.study.sample.journey import walk
from tests.study.sample.conftest import Written, generated


def test_every_paid_order_event_has_its_order(tiny: Written) -> None:
    events = tiny.table("events").drop_duplicates("event_id")
    paid = events[events["event"] == "order_paid"]
    amounts = tiny.table("orders").groupby("customer_id")["amount"].apply(set)
    for customer, value in zip(paid["customer_id"], paid["value"], strict=True):
        assert value in amounts[customer]


def test_products_are_bought_in_three_groups(demo: Written) -> None:
    items = demo.table("orders")["items"].str.split(";", expand=True)
    group = items.map(lambda name: (int(name[1:]) - 1) // 8)
    same = (group[0] == group[1]).mean()
    own = commerce.OWN_GROUP + (1 - commerce.OWN_GROUP) / 3
    assert same > 0.6 > own**2 + 2 * ((1 - own) / 2) ** 2 - 0.2
    assert np.unique(items.to_numpy().astype(str)).size == commerce.PRODUCTS
    assert (items[0] != items[1]).mean() > 0.95


def test_the_price_rise_is_in_the_amounts(demo: Written) -> None:
    orders = demo.table("orders").merge(demo.table("customers")[["customer_id", "plan"]])
    late = orders["time"] >= pd.Timestamp("2025-12-17", tz="Asia/Seoul")
    change = orders[late].groupby("plan")["amount"].mean() / orders[~late].groupby("plan")["amount"].mean()
    assert change["family"] == pytest.approx(1.12, abs=0.02)
    assert change["starter"] == pytest.approx(1.0, abs=0.02)


def test_heavy_tails_let_few_buyers_own_the_sum(tmp_path_factory: pytest.TempPathFactory) -> None:
    study = generated(tmp_path_factory.mktemp("heavy"), "tiny", variant="heavy_tails")
    amount = study.table("orders")["amount"].sort_values(ascending=False)
    assert amount.head(len(amount) // 20).sum() > 0.4 * amount.sum()


def test_costs_cover_every_channel_and_day(demo: Written) -> None:
    costs = demo.table("costs").astype({"cost": float, "touches": int})
    assert len(costs) == design.DAYS * len(design.CHANNELS)
    visits = demo.table("events").drop_duplicates("event_id").query("event == 'visit'")
    bots = round(0.02 * 20_000)
    assert costs["touches"].sum() == len(visits) - bots


def test_logged_actions_recover_the_policy_values(demo: Written) -> None:
    actions = demo.table("actions").merge(demo.table("customers")[["customer_id", "contacts_before"]])
    assert actions["propensity"].between(0.1, 0.6).all()
    often = actions["contacts_before"] >= 2
    for name, rows in (("fewer_contacts", ~often), ("two_or_more_contacts", often)):
        for action, value in demo.truth["expected"]["actions"][name].items():
            taken = rows & (actions["action"] == action)
            estimate = (actions["response"] * taken / actions["propensity"])[rows].mean()
            error = np.sqrt(value / actions.loc[taken, "propensity"].mean() / rows.sum())
            assert estimate == pytest.approx(value, abs=4 * error), (name, action)


def test_assignments_stand_once_and_in_the_planned_shares(demo: Written) -> None:
    rows = demo.table("assignments")
    assert rows["customer_id"].is_unique
    counts = rows["arm"].value_counts()
    assert counts["new"] / counts.sum() == pytest.approx(0.5, abs=0.015)
    viewed = demo.table("events").query("event == 'plan_viewed'").groupby("customer_id")["time"].min()
    both = rows.set_index("customer_id")["assigned_at"].to_frame().join(viewed, how="inner")
    gap = (both["time"] - both["assigned_at"]).dt.total_seconds().abs()
    assert (gap <= 1).mean() > 0.98  # the rest have a wrong clock or were anonymous


def test_some_are_logged_in_both_arms_and_lived_through_the_first(tmp_path: Path) -> None:
    """Two in a thousand of 11,800 or so: as many as the truth says, the arm of their journey first."""
    size = 20_000
    variant = design.VARIANTS["double_assigned"]
    crowd = people.draw_people(3, size, variant)
    went = walk(3, crowd, variant)
    plain = pd.DataFrame(trial.assignments_table(stream(3, "trial"), crowd, went, design.VARIANTS[""]))
    given = trial.assignments_table(stream(3, "trial"), crowd, went, variant)
    rows = pd.DataFrame(given)
    twice = rows[rows.duplicated("customer_id", keep=False)].groupby("customer_id")
    assert len(twice) == len(rows) - len(plain) == round(0.002 * len(plain)) > 20
    assert (twice["arm"].nunique() == 2).all()
    assert (twice["assigned_at"].max() - twice["assigned_at"].min()).dt.total_seconds().tolist() == (
        pytest.approx([172_800] * len(twice), abs=1)
    )
    assert rows.drop_duplicates("customer_id").reset_index(drop=True).equals(plain)
    assert sorted(trial.twice(given)) == sorted(twice.groups)
    assert rows["assigned_at"].is_monotonic_increasing
    study = generated(tmp_path, "tiny", variant="double_assigned")
    loaded = load_study(study.folder)[1].require("assignments", by="test")
    known = study.truth["both_arms"]
    assert loaded["customer_id"][loaded.duplicated("customer_id")].tolist() == known["customers"]
    assert known["count"] == len(known["customers"]) == 1


def test_nobody_is_logged_in_both_arms_elsewhere(tiny: Written) -> None:
    assert tiny.truth["both_arms"] == {"count": 0, "customers": []}


def test_the_covariate_predicts_the_purchase_and_not_the_arm(demo: Written) -> None:
    rows = demo.table("assignments")
    bought = rows["customer_id"].isin(demo.table("orders")["customer_id"])
    assert np.corrcoef(rows["minutes_before"], bought)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert np.corrcoef(rows["minutes_before"], rows["arm"] == "new")[0, 1] == pytest.approx(0, abs=0.03)


def test_the_ratio_mismatch_loses_mobile_users_of_one_arm() -> None:
    variant = design.VARIANTS["ratio_mismatch"]
    crowd = people.draw_people(3, 33_898, variant)
    rows = pd.DataFrame(trial.assignments_table(stream(3, "trial"), crowd, walk(3, crowd, variant), variant))
    counts = rows["arm"].value_counts()
    assert counts["current"] / len(rows) == pytest.approx(0.52, abs=0.01)
    assert len(rows) == pytest.approx(20_000, rel=0.03)
    mobile = pd.Series(crowd.mobile[rows["customer_id"].str[1:].astype(int)])
    assert mobile.groupby(rows["arm"]).mean().diff().abs().iloc[-1] > 0.015


@pytest.mark.parametrize("variant", [v for v in design.VARIANTS if v])
def test_each_variant_is_a_study_of_its_own(tmp_path_factory: pytest.TempPathFactory, variant: str) -> None:
    from journey_lib.study.definition import read_study

    study = generated(tmp_path_factory.mktemp("v"), "tiny", variant=variant)
    plan = read_study(study.folder / "study.toml").experiments[0]
    assert set(study.table("assignments")["arm"]) == set(plan.arms)
    assert study.truth["structural"]["variant"]["name"] == variant
    assert plan.looks == (28 if variant == "daily_looks" else 5)
    assert plan.unit == ("household" if variant == "clustered" else "customer")
