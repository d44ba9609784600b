"""Days, weeks and months begin where the zone's clocks say so, also where these are moved."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.study.calendar import UNITS, calendar, elsewhere
from journey_lib.study.events.times import midnight

HOUR = 3_600_000_000
ZONES = ("UTC", "Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe")


def hours(first: str, last: str, unit: str, zone: str) -> list[float]:
    found = calendar(midnight(first, zone), midnight(last, zone), unit, zone)
    return (np.diff(found.edges) / HOUR).tolist()


def test_days_are_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    assert hours("2025-03-29", "2025-03-31", "day", "Europe/Berlin") == [24, 23, 24]
    assert hours("2025-10-25", "2025-10-27", "day", "Europe/Berlin") == [24, 25, 24]
    assert hours("2025-04-05", "2025-04-06", "day", "Australia/Lord_Howe") == [24, 24.5]
    assert hours("2025-03-29", "2025-03-31", "day", "Asia/Seoul") == [24, 24, 24]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    wednesday, later = midnight("2025-01-01", "Asia/Seoul"), midnight("2025-02-03", "Asia/Seoul")
    weeks = calendar(wednesday, later, "week", "Asia/Seoul")
    assert weeks.names == ("2024-12-30", "2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27", "2025-02-03")
    assert weeks.edges[0] == midnight("2024-12-30", "Asia/Seoul")
    assert calendar(wednesday, later, "month", "Asia/Seoul").names == ("2025-01", "2025-02")


def test_the_last_instant_of_a_unit_lies_in_it_and_one_later_in_the_next() -> None:
    first = midnight("2025-02-01", "Asia/Seoul")
    assert calendar(first - 1, first - 1, "month", "Asia/Seoul").names == ("2025-01",)
    assert calendar(first - 1, first, "month", "Asia/Seoul").names == ("2025-01", "2025-02")


def test_the_same_days_begin_nine_hours_later_in_utc() -> None:
    made = calendar(
        midnight("2025-01-01", "Asia/Seoul"), midnight("2025-03-01", "Asia/Seoul"), "month", "Asia/Seoul"
    )
    assert ((elsewhere(made.names, "month", "UTC") - made.edges) // HOUR).tolist() == [9, 9, 9, 9]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("zone", ZONES)
@given(start=st.integers(0, 20_000), span=st.integers(0, 900))
@settings(max_examples=15, deadline=None)
def test_every_unit_begins_at_midnight_of_its_name_and_they_cover_the_time(
    unit: str, zone: str, start: int, span: int
) -> None:
    first, last = start * 24 * HOUR + 1, (start + span) * 24 * HOUR + 5 * HOUR
    made = calendar(first, last, unit, zone)
    assert made.edges[0] <= first < made.edges[1]
    assert made.edges[-2] <= last < made.edges[-1]
    assert (np.diff(made.edges) > 0).all()
    days = [date.fromisoformat(name + ("-01" if unit == "month" else "")) for name in made.names]
    local = [pd.Timestamp(int(at), unit="us", tz="UTC").astimezone(ZoneInfo(zone)) for at in made.edges]
    assert [at.date() for at in local[:-1]] == days
    assert {at.hour for at in local} <= {0, 1}  # an hour later where the clocks skip midnight
    if unit == "week":
        assert all(one + timedelta(days=7) == other for one, other in pairwise(days))
