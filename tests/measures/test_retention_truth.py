"""The retention report finds what was planted in the sample study, and the counts of a real shop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from journey_lib.measures.retention import retention
from journey_lib.measures.retention.result import RetentionResult
from journey_lib.study.data import Data
from journey_lib.study.definition import Study
from journey_lib.study.load import load_study

Planted = tuple[Study, Data, dict[str, Any]]

SHOP = """
id = "shop"
title = "A grocery store"
time_zone = "Asia/Taipei"
[window]
start = 2000-11-01
end = 2001-02-28
[journey]
stages = [{ id = "purchase", enter = ["bought"] }]
[sources.events]
file = "ta_feng_sample.csv.gz"
columns = { time = "date" }
constant = { event = "bought" }
numbers = ["quantity", "sales_price_twd"]
duplicates = "keep"
"""
# The same question in SQL, duckdb 2.0.0; periods from 0, cells whose period ends after the log left out.
CALENDAR = """
with days as (select distinct customer_id, cast(date as date) as day from lines),
entry as (select customer_id, date_trunc('{unit}', min(day)) as cohort from days group by all),
seen as (select distinct customer_id, cohort, date_diff('{unit}', cohort, date_trunc('{unit}', day)) as period
         from days join entry using (customer_id)),
size as (select cohort, count(*) as members from entry group by all)
select strftime(cohort, '{name}') as cohort, period, members, count(*) as retained
from seen join size using (cohort)
where cohort + (period + 1) * interval 1 {unit} <= timestamp '2001-03-01' group by all
"""
ROLLING = """
with days as (select distinct customer_id, cast(date as date) as day from lines),
entry as (select customer_id, min(day) as first from days group by all)
select date_diff('day', first, day) // 7 as period, count(distinct customer_id) as retained
from days join entry using (customer_id)
where first + 7 * (date_diff('day', first, day) // 7 + 1)::int <= date '2001-03-01' group by all
"""


@pytest.fixture(scope="module")
def lines(real_data: Callable[[str], Path]) -> Path:
    return real_data("events_ta_feng_purchases") / "ta_feng_sample.csv.gz"


@pytest.fixture(scope="module")
def till(lines: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Data]:
    folder = tmp_path_factory.mktemp("till")
    (folder / "study.toml").write_text(SHOP, encoding="utf-8")
    (folder / lines.name).write_bytes(lines.read_bytes())
    return load_study(folder)


@pytest.fixture(scope="module")
def monthly(till: tuple[Study, Data]) -> RetentionResult:
    return retention(*till, value="sales_price_twd")


def sql(query: str, lines: Path) -> pd.DataFrame:
    with duckdb.connect() as base:
        base.execute("create table lines as from read_csv(?, all_varchar = true)", [str(lines)])
        rows = base.execute(query).fetchall()
        names = [column[0] for column in base.description]
    return pd.DataFrame(rows, columns=names)


def test_cohorts_of_a_shop_are_those_of_its_description(monthly: RetentionResult) -> None:
    # README of the data set: sizes 3,135 1,248 944 673; of the first 1,591 1,671 1,745 came again, of the
    # second 438 and 464, of the third 295.
    wide = monthly.triangle
    assert wide["n"].tolist() == [3_135, 1_248, 944, 673]
    counts = monthly.counts.pivot_table(index="cohort", columns="period", values="retained")
    assert counts.loc["2000-11", ["1", "2", "3"]].tolist() == [1_591, 1_671, 1_745]
    assert counts.loc["2000-12", ["1", "2"]].tolist() == [438, 464]
    assert counts.loc["2001-01", "1"] == 295
    assert monthly.counted.counts.amount.sum() == 20_287_344  # turnover
    mean = monthly.number("retained", option="1")
    assert mean.estimate == (1_591 + 438 + 295) / (3_135 + 1_248 + 944)


def test_the_first_cohort_of_a_shop_is_known_to_hold_old_customers(monthly: RetentionResult) -> None:
    found = {check.name: check for check in monthly.checks}
    assert found["first_cohort"].status == "watch"
    assert "Nov 2000 has 3,135 members, the median of the later cohorts is 944." in str(
        found["first_cohort"].text
    )
    assert found["cohort_mix"].status == "watch"
    wide = monthly.triangle
    assert wide.loc["2000-11", 1] > wide.loc["2000-12", 1] + 0.1  # old customers come back more
    compared = monthly.table.query("metric == 'cohort_difference'")["wave"].tolist()
    assert compared == ["2000-12", "2001-01"]  # so the first cohort is no finding


@pytest.mark.parametrize(("unit", "name"), [("month", "%Y-%m"), ("week", "%Y-%m-%d"), ("day", "%Y-%m-%d")])
def test_cells_of_a_shop_are_those_of_sql(
    till: tuple[Study, Data], lines: Path, unit: str, name: str
) -> None:
    found = retention(*till, unit=unit, periods=20).counts
    found = found[found["complete"] & (found["retained"] > 0)]
    found = found.assign(period=found["period"].astype(int))
    mine = found.set_index(["cohort", "period"])[["members", "retained"]].sort_index()
    theirs = sql(CALENDAR.format(unit=unit, name=name), lines)
    theirs = theirs[theirs["period"] <= 20].set_index(["cohort", "period"]).sort_index()
    assert len(mine) > (9 if unit == "month" else 100)
    pd.testing.assert_frame_equal(mine, theirs, check_dtype=False, check_index_type=False)


def test_own_weeks_of_a_shop_are_those_of_sql(till: tuple[Study, Data], lines: Path) -> None:
    found = retention(*till, unit="week", cohort="rolling", periods=16).counts
    mine = found.groupby("period")["retained"].sum()
    theirs = sql(ROLLING, lines).set_index("period")["retained"]
    assert [mine[str(k)] for k in range(17)] == theirs.sort_index().tolist()[:17]


def test_on_or_after_of_a_shop_is_coming_on_more_than_one_month(
    till: tuple[Study, Data], lines: Path
) -> None:
    raw = pd.read_csv(lines, usecols=["customer_id", "date"], dtype="str")
    months = pd.to_datetime(raw["date"]).dt.to_period("M")
    last = months.groupby(raw["customer_id"]).agg(lambda m: (m.max() - m.min()).n)
    first = months.groupby(raw["customer_id"]).min()
    november = last[first == pd.Period("2000-11", "M")]
    wide = retention(*till, mode="on_or_after").triangle
    assert wide.loc["2000-11", [0, 1, 2, 3]].tolist() == pytest.approx(
        [float((november >= k).mean()) for k in range(4)]
    )


# What was planted


def test_as_many_get_their_first_box_as_move_on_from_purchase(planted: Planted) -> None:
    """Whoever pays either gets a first box or leaves: the share is planted, 0.705."""
    study, data, truth = planted
    expected = truth["expected"]["journey"]["moved_on"]["purchase"]
    found = retention(study, data, back=["adoption"], mode="on_or_after", cohort="rolling")
    share = found.number("retained", option="0")
    # Some come back after leaving and are adopted later, some skip: a few points beside the plain share.
    assert share.estimate == pytest.approx(expected, abs=0.035)
    assert share.n > 5_000


def test_boxes_stop_as_stays_end(planted: Planted) -> None:
    """Boxes come while customers stay; adoption, retention and expansion are left after 9, 30 and 40 days."""
    study, data, _ = planted
    found = retention(study, data, entry="adoption", back=["box_delivered"], unit="week", periods=20)
    means = [found.number("retained", option=str(k)).estimate for k in range(2, 21)]
    assert (np.diff(means)[3:] < 0.01).all()
    assert means[-1] < 0.35 * max(means)


def test_no_cohort_and_no_region_stands_out_where_nothing_was_planted(planted: Planted) -> None:
    study, data, _ = planted
    found = retention(study, data, by="region")
    assert found.table.query("metric == 'cohort_difference'")["p_value"].min() > 0.05
    assert found.table.query("metric == 'group_difference'")["p_value"].min() > 0.05
    assert not any(finding.alert for finding in found.headlines())


def test_in_seoul_a_day_begins_nine_hours_before_it_does_in_utc(planted: Planted) -> None:
    study, data, _ = planted
    found = retention(study, data, unit="day", entry="any", periods=1)
    moved = found.counted.counts.moved / found.counted.members.sum()
    assert 0.2 < moved < 0.45  # 9 of 24 hours, fewer at night
    assert next(c for c in found.checks if c.name == "time_zone").status == "watch"
