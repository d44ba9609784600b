"""Survival statistics: cases to count with fingers, laws, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.survival import (
    Incidence,
    aalen_johansen,
    clustered_area_error,
    clustered_error,
    cox,
    kaplan_meier,
    logrank,
    risk_table,
    rmst,
)
from journey_lib.stats.survival.incidence import crossing

SPELLS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=2, max_size=40
)  # ties on purpose
LATE = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 2), st.integers(0, 11)).map(
        lambda spell: (spell[0], spell[1], min(spell[2], spell[0] - 1))
    ),
    min_size=2,
    max_size=40,
)


def columns(rows: list[tuple[int, ...]]) -> list[np.ndarray]:
    return [np.array(column) for column in zip(*rows, strict=True)]


# Counted by hand


def test_five_customers() -> None:
    # 5 wait; one leaves at 2 (4/5 stay), at 3 one of 4 leaves and one is last seen, at 7 one of 2 leaves
    curve = kaplan_meier([2, 3, 3, 7, 9], [1, 1, 0, 1, 0]).curve
    assert curve["time"].tolist() == [2, 3, 7, 9]
    assert curve["at_risk"].tolist() == [5, 4, 2, 1]
    np.testing.assert_allclose(curve["survival"], [0.8, 0.6, 0.3, 0.3])


def test_exits_come_before_censorings_of_the_same_time() -> None:
    assert kaplan_meier([4, 4], [1, 0]).curve["survival"].tolist() == [0.5]


def test_leaving_at_once_lowers_the_share_at_zero() -> None:
    assert kaplan_meier([0, 0, 1, 2], [1, 1, 1, 1]).curve["survival"].tolist() == [0.5, 0.25, 0.0]


def test_who_enters_at_a_time_is_at_risk_after_it() -> None:
    table = risk_table([2, 4], [1, 1], entry=[0, 2])
    assert table.at_risk.tolist() == [1, 1]


def test_curves_have_a_row_where_a_duration_ends_and_none_where_one_only_begins() -> None:
    curve = kaplan_meier([2, 4], [1, 1], entry=[0, 3]).curve
    assert curve[["time", "survival", "at_risk"]].to_numpy().tolist() == [[2, 0, 1], [4, 0, 1]]
    found = aalen_johansen([2, 4], [1, 0], entry=[0, 3])
    assert found.curve["time"].tolist() == found.survival["time"].tolist() == [2, 4]


def test_the_median_lies_in_the_middle_of_a_flat_half() -> None:
    found = kaplan_meier([1, 2, 5, 9], [1, 1, 1, 1])
    assert found.median == 3.5


def test_a_median_never_reached_is_missing_with_its_reason() -> None:
    found = kaplan_meier([1, 9, 9], [1, 0, 0])
    row = found.quantile(0.5).iloc[0]
    assert math.isnan(found.median)
    assert math.isnan(row["estimate"])
    assert row["note"] == "not_reached"


def test_an_upper_limit_never_reached_is_missing_with_its_reason() -> None:
    row = kaplan_meier([1, 2, 3, 9], [1, 1, 1, 0]).quantile(0.5).iloc[0]
    assert row["estimate"] == 2.5
    assert math.isnan(row["ci_high"])
    assert row["note"] == "unbounded"


def test_groups_have_a_curve_each() -> None:
    found = kaplan_meier([1, 2, 5, 4], [1, 1, 1, 0], group=["b", "a", "b", "a"])
    assert found.curve["group"].tolist() == ["a", "a", "b", "b"]
    assert found.median.to_dict() == {"a": 2.0, "b": 3.0}


def test_one_minus_kaplan_meier_of_one_cause_is_too_high() -> None:
    time, cause = [1, 2, 3, 4], [2, 1, 2, 1]
    right = aalen_johansen(time, cause).curve.query("cause == 1")["incidence"].iloc[-1]
    wrong = 1 - kaplan_meier(time, [c == 1 for c in cause]).curve["survival"].iloc[-1]
    assert (right, wrong) == (0.5, 1.0)


def test_the_restricted_mean_counts_longer_waits_as_the_horizon() -> None:
    found = rmst([1, 3, 8, 9], [1, 1, 1, 0], 4)
    assert found.table["estimate"].item() == (1 + 3 + 4 + 4) / 4


def test_a_horizon_beyond_the_last_look_has_no_mean() -> None:
    assert math.isnan(rmst([1, 3], [1, 0], 4).table["estimate"].item())
    assert rmst([1, 3], [1, 1], 4).table["estimate"].item() == 2.0


def test_the_difference_of_means_has_its_sign_and_its_p() -> None:
    found = rmst([1, 2, 3, 4, 5, 6], [1] * 6, 6, group=list("aaabbb"))
    gap = found.difference("b", "a")
    assert gap["estimate"] == pytest.approx(3.0)
    assert gap["ci_low"] < 3 < gap["ci_high"]
    assert 0 < gap["p_value"] < 0.01
    with pytest.raises(ParamError, match="'c'"):
        found.difference("c", "a")


def test_groups_that_never_meet_cannot_be_compared() -> None:
    found = logrank([1, 2], [0, 0], ["a", "b"])
    assert math.isnan(found.statistic)
    assert math.isnan(found.p_value)


def test_a_covariate_that_parts_all_events_has_no_ratio() -> None:
    found = cox([1, 2, 3, 4], [1, 1, 0, 0], pd.DataFrame({"x": [1, 1, 0, 0]}))
    assert found.table["note"].tolist() == ["not_estimable"]
    assert found.table.drop(columns=["covariate", "note"]).isna().all(axis=None)
    assert cox([1, 2], [0, 0], pd.DataFrame({"x": [1, 0]})).table["note"].tolist() == ["not_estimable"]
    assert cox([1, 2], [1, 1], pd.DataFrame({"x": [1, 1]})).table["note"].tolist() == ["not_estimable"]


def test_a_crossing_ignores_limits_that_are_not_there() -> None:
    assert crossing(np.array([1.0, 2, 3]), np.array([np.nan, 0.6, 0.4]), 0.5) == 3.0


# Laws


@given(st.lists(st.integers(0, 20), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_without_censoring_the_curve_is_the_plain_share(times: list[int]) -> None:
    curve = kaplan_meier(times, np.ones(len(times))).curve
    plain = [(np.array(times) > t).mean() for t in curve["time"]]
    np.testing.assert_allclose(curve["survival"], plain, atol=1e-12)
    share = curve["survival"].to_numpy()
    np.testing.assert_allclose(curve["std_error"], np.sqrt(share * (1 - share) / len(times)), atol=1e-12)


@given(SPELLS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_is_irrelevant(spells: list[tuple[int, int]], random: object) -> None:
    mixed = spells.copy()
    random.shuffle(mixed)
    one, other = (aalen_johansen(*columns(rows)).curve for rows in (spells, mixed))
    pd.testing.assert_frame_equal(one, other)


@given(SPELLS)
@settings(max_examples=60, deadline=None)
def test_every_row_twice_leaves_the_curve(spells: list[tuple[int, int]]) -> None:
    time, cause = columns(spells)
    once, twice = (kaplan_meier(np.tile(time, k), np.tile(cause > 0, k)).curve for k in (1, 2))
    np.testing.assert_allclose(once["survival"], twice["survival"], atol=1e-12)
    np.testing.assert_array_equal(2 * once["at_risk"], twice["at_risk"])
    found = Incidence(risk_table(np.tile(time, 2), np.tile(cause, 2)))
    who = np.tile(np.arange(len(time)), 2)
    error = clustered_error(
        found, np.tile(time, 2).astype(float), np.tile(cause, 2), who, found.table.time, which=0
    )
    np.testing.assert_allclose(
        error, once["std_error"], atol=1e-9
    )  # the copies of a customer are one customer
    area, plain = Incidence(risk_table(time, cause)).area(6.0)
    if not math.isnan(area):
        copied = clustered_area_error(found, np.tile(time, 2).astype(float), np.tile(cause, 2), who, 6.0)
        assert copied == pytest.approx(plain, abs=1e-9)


@given(LATE)
@settings(max_examples=100, deadline=None)
def test_shares_gone_and_still_waiting_add_up_to_one(spells: list[tuple[int, int, int]]) -> None:
    time, cause, entry = columns(spells)
    found = Incidence(risk_table(time, cause, entry=entry))
    np.testing.assert_allclose(found.shares.sum(axis=1) + found.survival, 1.0, rtol=0, atol=1e-12)


@given(SPELLS)
@settings(max_examples=60, deadline=None)
def test_one_cause_of_exit_is_kaplan_meier(spells: list[tuple[int, int]]) -> None:
    time, cause = columns(spells)
    curve = kaplan_meier(time, cause > 0).curve
    found = aalen_johansen(time, np.minimum(cause, 1)).curve
    np.testing.assert_allclose(1 - found["incidence"], curve["survival"], atol=1e-12)
    np.testing.assert_allclose(found["std_error"], curve["std_error"], atol=1e-9)


@given(SPELLS)
@settings(max_examples=60, deadline=None)
def test_errors_of_single_spells_are_greenwoods(spells: list[tuple[int, int]]) -> None:
    time, cause = columns(spells)
    found = Incidence(risk_table(time, cause))
    for which in range(1, found.table.causes + 1):
        error = clustered_error(
            found, time.astype(float), cause, np.arange(len(time)), found.table.time, which=which
        )
        np.testing.assert_allclose(error, found.error(which), atol=1e-9)


@given(SPELLS, st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_the_error_of_a_mean_of_single_spells_is_the_plain_one(spells: list, tau: int) -> None:
    time, cause = columns(spells)
    found = Incidence(risk_table(time, cause))
    area, error = found.area(float(tau))
    if not math.isnan(area):
        who = np.arange(len(time))
        clustered = clustered_area_error(found, time.astype(float), cause, who, float(tau))
        assert clustered == pytest.approx(error, abs=1e-9)


@given(SPELLS, SPELLS)
@settings(max_examples=60, deadline=None)
def test_tables_of_different_customers_add_up(one: list, other: list) -> None:
    added = risk_table(*columns(one), causes=3) + risk_table(*columns(other), causes=3)
    whole = risk_table(*columns(one + other), causes=3)
    for name in ("time", "exits", "censored", "entered", "at_risk"):
        np.testing.assert_array_equal(getattr(added, name), getattr(whole, name))


@given(SPELLS)
@settings(max_examples=60, deadline=None)
def test_counts_stand_for_rows(spells: list[tuple[int, int]]) -> None:
    rows = pd.DataFrame(spells).value_counts().reset_index()
    counted = risk_table(rows[0], rows[1], count=rows["count"], causes=3)
    np.testing.assert_array_equal(counted.exits, risk_table(*columns(spells), causes=3).exits)


@given(SPELLS)
@settings(max_examples=60, deadline=None)
def test_the_error_of_a_part_of_the_final_share(spells: list[tuple[int, int]]) -> None:
    """F(t) − ½F(end) against the sum over customers of its squared influence."""
    time, cause = columns(spells)
    found = Incidence(risk_table(time, cause))
    end = len(found.table.time) - 1
    given = {"part": 0.5, "end": found.table.time[end]}
    who = np.arange(len(time))
    wanted = clustered_error(found, time.astype(float), cause, who, found.table.time, **given)
    np.testing.assert_allclose(found.error_of_part(1, 0.5, end), wanted, atol=1e-7)


@given(SPELLS, st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_labels_do_not_matter_to_the_logrank(spells: list[tuple[int, int]], seed: int) -> None:
    time, cause = columns(spells)
    group = np.random.default_rng(seed).integers(0, 2, len(time))
    one = logrank(time, cause > 0, np.where(group, "a", "b"))
    other = logrank(time, cause > 0, np.where(group, "z", "c"))
    np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-9)


def test_two_groups_score_the_same_in_cox_and_logrank() -> None:
    """Without ties the score test of Cox at a ratio of 1 is the log-rank test."""
    rng = np.random.default_rng(4)
    time, event, x = rng.exponential(size=80), rng.random(80) < 0.7, rng.integers(0, 2, 80)
    from journey_lib.stats.survival.cox import _Model

    model = _Model(time, event.astype(int), (x - x.mean())[:, None], None)
    _, score, information = model.at(np.zeros(1))
    statistic = logrank(time, event, x).statistic
    assert (score**2 / information[0]).item() == pytest.approx(statistic)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, np.nan], [1, 0]), "duration: 1 of 2 rows are missing"),
        (([1, -1], [1, 0]), "duration: 1 of 2 rows are negative"),
        (([1, np.inf], [1, 0]), "duration: 1 of 2 rows are infinite"),
        (([1, 2], [1, 3]), "event: 1 of 2 rows are neither 0 nor 1"),
        (([1, 2], [1]), "cause: has shape"),
        ((["a", "b"], [1, 1]), "duration: holds something that is not a number"),
    ],
)
def test_unusable_durations_are_refused(arguments: tuple, words: str) -> None:
    with pytest.raises(DataError, match=words):
        kaplan_meier(*arguments)


def test_other_mistakes_are_refused() -> None:
    with pytest.raises(DataError, match="entry: 1 of 2 rows are not before the end"):
        kaplan_meier([1, 2], [1, 1], entry=[1, 0])
    with pytest.raises(DataError, match="cause: 1 of 2 rows are no cause"):
        aalen_johansen([1, 2], [1, -1])
    with pytest.raises(DataError, match="group: 1 of 2 rows have no value"):
        logrank([1, 2], [1, 1], ["a", None])
    with pytest.raises(ParamError, match="level"):
        kaplan_meier([1], [1], level=95)
    with pytest.raises(ParamError, match="tau: is 0"):
        rmst([1], [1], 0)
    with pytest.raises(DataError, match="x: 1 of 2 rows are missing"):
        cox([1, 2], [1, 1], pd.DataFrame({"x": [1, np.nan]}))
    with pytest.raises(DataError, match="entry: is not before"):
        cox([1, 2], [1, 1], pd.DataFrame({"x": [1, 0]}), entry=[0, 2])
