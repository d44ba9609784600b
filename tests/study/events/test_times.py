"""Moments of every spelling become UTC; what the clocks leave open is settled by the stated rule."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.study.events.times import NO_TIME, check_zone, midnight, read_times


def utc(values: np.ndarray) -> list[str]:
    return [str(value)[:19] for value in values.astype("datetime64[us]")]


def test_offsets_may_differ_by_row() -> None:
    """One instant, written four ways, and a fifth without an offset in the declared zone."""
    text = [
        "2025-01-01T09:00:00+09:00",
        "2025-01-01 00:00:00Z",
        "2024-12-31T19:00-0500",
        "2025-01-01T01:00:00.000+01",
    ]
    found = read_times(pd.Series([*text, "2025-01-01 09:00"], dtype="str"), "Asia/Seoul")
    assert utc(found.values) == ["2025-01-01T00:00:00"] * 5
    assert (found.naive, found.failed, found.blank) == (1, 0, 0)


def test_what_is_no_time_is_counted() -> None:
    words = [
        "",
        " ",
        "soon",
        "2025-13-01",
        "2025",
        "20250101",
        "1735689600",
        "2025-01-01T25:00",
        "2025-01-01",
    ]
    found = read_times(pd.Series(words, dtype="str"))
    assert (found.blank, found.failed) == (2, 6)
    assert (found.values[:-1] == NO_TIME).all()


def test_the_hour_shown_twice_is_its_first() -> None:
    """Amsterdam, 30 October 2011: clocks go from 03:00 (+02:00) back to 02:00 (+01:00)."""
    found = read_times(pd.Series(["2011-10-30T02:30", "2011-10-30T03:30"], dtype="str"), "Europe/Amsterdam")
    assert utc(found.values) == ["2011-10-30T00:30:00", "2011-10-30T02:30:00"]
    assert (found.twice, found.skipped, found.naive) == (1, 0, 2)


def test_the_hour_that_never_was_keeps_the_offset_before() -> None:
    """Amsterdam, 25 March 2012: clocks go from 02:00 (+01:00) on to 03:00 (+02:00)."""
    local = pd.Series(pd.to_datetime(["2012-03-25T02:30", "2012-03-25T03:30"]))
    found = read_times(local, "Europe/Amsterdam")
    assert utc(found.values) == ["2012-03-25T01:30:00", "2012-03-25T01:30:00"]
    assert (found.twice, found.skipped) == (0, 1)


@settings(max_examples=50, deadline=None)
@given(
    st.datetimes(pd.Timestamp(1990, 1, 1).to_pydatetime(), pd.Timestamp(2037, 12, 31).to_pydatetime()),
    st.sampled_from(
        ["Europe/Amsterdam", "Asia/Seoul", "America/Sao_Paulo", "Australia/Lord_Howe", "America/New_York"]
    ),
)
def test_the_rule_is_that_of_the_standard_library(local: dt.datetime, zone: str) -> None:
    """fold=0 of Python's datetime is the same rule, written by somebody else."""
    expected = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC)
    found = read_times(pd.Series([local.isoformat()], dtype="str"), zone)
    since = expected - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert found.values[0] == since // dt.timedelta(microseconds=1)


def test_datetimes_of_either_kind() -> None:
    naive = pd.Series(pd.to_datetime(["2025-06-01T12:00", None]))
    assert utc(read_times(naive, "Asia/Seoul").values)[0] == "2025-06-01T03:00:00"
    assert read_times(naive, "Asia/Seoul").blank == 1
    aware = naive.dt.tz_localize("America/New_York")
    assert utc(read_times(aware, "Asia/Seoul").values)[0] == "2025-06-01T16:00:00"
    assert read_times(aware, "Asia/Seoul").naive == 0


def test_nanoseconds_are_cut_and_counted() -> None:
    found = read_times(
        pd.Series(["2025-01-01T00:00:00.000001999Z", "2025-01-01T00:00:00.000002Z"], dtype="str")
    )
    assert np.diff(found.values).tolist() == [1]
    assert found.finer == 1


def test_another_format_with_and_without_offset() -> None:
    plain = read_times(pd.Series(["31.01.2025 10:00", "31/01"], dtype="str"), "Asia/Seoul", "%d.%m.%Y %H:%M")
    assert (utc(plain.values)[0], plain.failed, plain.naive) == ("2025-01-31T01:00:00", 1, 1)
    aware = pd.Series(["31.01.2025 10:00 +0100"], dtype="str")
    assert utc(read_times(aware, "Asia/Seoul", "%d.%m.%Y %H:%M %z").values) == ["2025-01-31T09:00:00"]


def test_midnight_where_there_is_none() -> None:
    """Sao Paulo moved its clocks at midnight: 4 November 2018 began at 01:00 (-02:00)."""
    assert utc(np.array([midnight("2018-11-04", "America/Sao_Paulo")])) == ["2018-11-04T03:00:00"]
    assert utc(np.array([midnight("2025-01-31", "Asia/Seoul", days_later=1)])) == ["2025-01-31T15:00:00"]


def test_an_unknown_zone_names_the_nearest() -> None:
    with pytest.raises(ParamError, match="Did you mean 'Asia/Seoul'"):
        check_zone("Asia/Soul")
