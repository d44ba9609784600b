"""The touchpoint report finds what was planted in the sample study, and the counts of a real log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.survey.result import SurveyResult
from journey_lib.measures.touchpoints import touchpoints
from journey_lib.measures.touchpoints.result import TouchpointsResult
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.definition.parts import Window
from journey_lib.study.load import load_study, within
from journey_lib.study.sample import channels, design

Planted = tuple[Study, Data, dict[str, Any]]


@pytest.fixture(scope="module")
def report(planted: Planted) -> TouchpointsResult:
    study, data, _ = planted
    return touchpoints(study, data, by="region")


def test_satisfaction_is_the_number_of_the_survey(
    report: TouchpointsResult, planted_survey: SurveyResult
) -> None:
    mine = report.table.query("metric == 'satisfied' and option == ''").set_index("touchpoint")
    theirs = planted_survey.table.query(
        "metric == 'top2' and weighting == 'weighted' and group == '' and wave == '' and touchpoint != ''"
    ).set_index("touchpoint")
    assert len(mine) == len(theirs) == 16
    columns = ["estimate", "std_error", "ci_low", "ci_high", "n", "n_effective"]
    pd.testing.assert_frame_equal(mine[columns].sort_index(), theirs[columns].sort_index(), check_dtype=False)


def test_stages_hold_as_many_as_were_planted(planted: Planted, report: TouchpointsResult) -> None:
    """Customers with a stay at each stage; 20,000 were drawn, and unlinked visitors count once more."""
    visited = planted[2]["expected"]["journey"]["visited"]
    effort = report.effort.set_index("stage")["entered"]
    # A stay needs the stage to be the furthest one: who skipped it or came back later has none.
    for stage in ("awareness", "consideration", "purchase", "adoption"):
        assert effort[stage] / 20_000 == pytest.approx(visited[stage], rel=0.04)


def test_days_are_the_planted_dwell_times_where_nearly_everybody_moves_on_in_time(
    planted: Planted, report: TouchpointsResult
) -> None:
    dwell = planted[2]["structural"]["dwell_median_days"]
    days = report.effort.set_index("stage")["days_to_move_on"]
    for stage in ("awareness", "consideration", "purchase", "adoption"):
        assert days[stage] == pytest.approx(dwell[stage], rel=0.08)


def test_payment_is_tried_again_during_the_fault(planted: Planted) -> None:
    """In the fault's two weeks 55 % of Korean attempts fail and 10 % elsewhere; most then try once more."""
    study, data, truth = planted
    payment = truth["structural"]["payment"]
    first = date.fromisoformat(payment["fault_first_day"])
    assert (first, payment["fault_days"]) == (date(2025, 9, 8), 14)
    window = Window(start=first, end=first + timedelta(days=13))
    faulty = study.model_copy(update={"window": window})
    told = touchpoints(faulty, data, by="region").table.query("touchpoint == 'payment'")
    rate = told[told["metric"] == "repeat_share"].set_index("group")
    assert rate.loc["KR", "ci_low"] > 0.15 > rate.drop(["KR", ""])["estimate"].max()
    each = told[told["metric"] == "contacts_per_customer"].set_index("group")["estimate"]
    # A round of paying makes 1/p attempts, each failure an event more: about 2.2 contacts at p = .9.
    assert each["KR"] > 1.3 * each.drop(["KR", ""]).max()


def test_payment_does_not_stand_out_when_nothing_is_broken(planted: Planted) -> None:
    study, data, _ = planted
    quiet = study.model_copy(update={"window": Window(start=date(2025, 6, 2), end=date(2025, 8, 31))})
    told = touchpoints(quiet, data, by="region").table.query("touchpoint == 'payment'")
    rate = told[told["metric"] == "repeat_share"].set_index("group")
    assert rate.loc["KR", "ci_low"] < rate.loc["", "estimate"] < rate.loc["KR", "ci_high"]


def test_moves_between_channels_are_those_of_the_generating_chain(planted: Planted) -> None:
    """People who never bought have only touches of the chain, and a closing e-mail for some."""
    study, data, _ = planted
    found = touchpoints(study, within(study, data, "plan=none"), visitors="known", gap="540 days").switching()
    start, steps = channels.conditional_chains()[0]
    visits = np.linalg.solve((np.eye(len(start)) - steps[:, :-1]).T, start)
    moves = visits[:, None] * steps[:, :-1]
    moves[:, channels.EMAIL] += channels.CLOSING[0] * visits * steps[:, -1]
    total = np.fmax(moves.sum(axis=1, keepdims=True), 1e-9)
    planted_moves = pd.DataFrame(moves / total, design.CHANNELS, design.CHANNELS)
    both = found.loc[["search", "social", "display"], ["search", "social", "display", "email", "referral"]]
    wanted = planted_moves.loc[both.index, both.columns]
    assert np.abs(both - wanted).to_numpy().max() < 0.03


def test_rare_visitors_of_a_group_are_unknown_and_told(report: TouchpointsResult) -> None:
    reach = report.table.query("metric == 'reach' and touchpoint == 'ad'").set_index("group")["n"]
    assert reach.drop("").sum() == reach[""]
    assert reach["unknown"] == pytest.approx(1207, abs=60)  # visitors who never said who they are


LOANS = """
id = "loans"
title = "Loan applications"
time_zone = "UTC"
[journey]
stages = [
  { id = "apply", enter = ["A_SUBMITTED"] }, { id = "offer", enter = ["O_SENT"] },
  { id = "approved", enter = ["A_APPROVED"] },
]
touchpoints = [
  { id = "form", stage = "apply", channel = "web", events = ["A_SUBMITTED", "A_PARTLYSUBMITTED"] },
  { id = "call", stage = "apply", channel = "phone", events = ["W_Completeren aanvraag"] },
  { id = "offer", stage = "offer", channel = "post", events = ["O_SENT", "O_SENT_BACK"] },
  { id = "reminder", stage = "offer", channel = "phone", events = ["W_Nabellen offertes"] },
  { id = "papers", stage = "offer", channel = "phone", events = ["W_Nabellen incomplete dossiers"] },
]
[sources.events]
file = "log.csv.gz"
columns = { customer_id = "case_id", event = "activity", time = "timestamp" }
duplicates = "keep"
"""


@pytest.fixture(scope="module")
def loans(real_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> TouchpointsResult:
    folder = tmp_path_factory.mktemp("loans")
    source = real_data("events_loan_application") / "bpic2012_events.csv.gz"
    (folder / "log.csv.gz").write_bytes(source.read_bytes())
    (folder / "study.toml").write_text(LOANS, encoding="utf-8")
    return touchpoints(*load_study(folder))


def test_loan_contacts_are_those_counted_in_sql(loans: TouchpointsResult) -> None:
    """DuckDB 2.0.0, `count(distinct case_id), count(*), quantile_disc(n, .5)` by touchpoint.

    The README of the data gives 13,087 submitted, 7,367 pre-accepted and 5,015 with an offer.
    """
    wide = loans.inventory.set_index("touchpoint")
    assert wide["customers_reached"].to_dict() == {
        "form": 13_087, "call": 7_367, "offer": 5_015, "reminder": 5_015, "papers": 1_647,
    }  # fmt: skip
    assert wide["contacts"].to_dict() == {
        "form": 26_174, "call": 54_850, "offer": 10_484, "reminder": 52_016, "papers": 25_190,
    }  # fmt: skip
    assert wide["median_contacts"].to_dict() == {
        "form": 2, "call": 5, "offer": 2, "reminder": 8, "papers": 11,
    }  # fmt: skip


def test_loan_repeats_and_returns_are_those_counted_in_sql(loans: TouchpointsResult) -> None:
    """DuckDB 2.0.0. Repeats: `sum(n - 1)` over case, furthest stage, touchpoint and activity, the stage being
    `max(case activity …) over (partition by case_id order by moment, row)`. Returns: rows whose `lag(point)`
    in the stage is another point and whose `row_number()` at this point is above 1.
    """
    wide = loans.inventory.set_index("touchpoint")
    repeats = (wide["repeat_share"] * wide["contacts"]).round().astype(int)
    assert repeats.to_dict() == {
        "form": 0, "call": 42_468, "offer": 2_215, "reminder": 46_999, "papers": 23_348,
    }  # fmt: skip
    loops = (wide["loops_per_customer"] * wide["customers_reached"]).round().astype(int)
    assert loops.to_dict() == {"form": 0, "call": 4, "offer": 5_469, "reminder": 9_887, "papers": 462}


def test_loan_stages_are_those_counted_in_sql(loans: TouchpointsResult) -> None:
    """DuckDB 2.0.0: first moment of each furthest stage, `lead()` as its end, `floor(epoch)` differences."""
    effort = loans.effort.set_index("stage")
    assert effort["entered"].tolist() == [13_087, 5_015, 2_246]
    assert (effort["moved_on"] * effort["entered"]).round().tolist()[:2] == [5_015, 2_246]
    assert (effort["days_to_move_on"] * 86_400).round().tolist()[:2] == [20_636, 1_194_272]


def test_loan_first_and_last_contacts_are_those_counted_in_sql(loans: TouchpointsResult) -> None:
    """DuckDB 2.0.0: `row_number()` up and down over the stage's contacts before a further stage."""
    wide, moved = loans.inventory.set_index("touchpoint"), {"apply": 5_015, "offer": 2_246}
    base = wide["stage"].map(moved)
    assert (wide["first_share"] * base).round().astype(int).to_dict() == {
        "form": 5_015, "call": 0, "offer": 2_245, "reminder": 1, "papers": 0,
    }  # fmt: skip
    assert (wide["last_share"] * base).round().astype(int).to_dict() == {
        "form": 0, "call": 5_015, "offer": 0, "reminder": 1_015, "papers": 1_231,
    }  # fmt: skip


def test_loan_channels_are_declared_because_the_log_has_none(loans: TouchpointsResult) -> None:
    assert loans.channels["channel"].tolist() == ["phone", "post", "web"]
    assert loans.switching("customers").loc["web", "phone"] == pytest.approx(7_367, abs=20)
    check = next(c for c in loans.checks if c.name == "coverage")
    assert check.table is not None
    assert check.table["event"].tolist()[0] == "W_Valideren aanvraag"
