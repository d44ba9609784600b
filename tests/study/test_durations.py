"""Durations have a unit, or they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.study.durations import UNITS, microseconds, spoken


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1 second", 1), ("30 minutes", 1800), ("1.5 hours", 5400), ("1 day", 86400), ("2 weeks", 1_209_600)],
)
def test_lengths(text: str, seconds: int) -> None:
    assert microseconds(text) == seconds * 1_000_000


def test_small_units_and_decimals_are_exact() -> None:
    assert microseconds("3 microseconds") == 3
    assert microseconds("0.001 milliseconds") == 1
    assert microseconds("0.1 days") * 10 == microseconds("1 day")


@pytest.mark.parametrize(
    "text", ["", "30", "30days", "-1 day", "1  day", "day", "1 fortnight", "1 Day", "1e3 days"]
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ParamError, match=r"window: .*a number and a unit"):
        microseconds(text, "window")


def test_months_are_refused_with_a_reason() -> None:
    with pytest.raises(ParamError, match="Months and years differ in length"):
        microseconds("1 month")


@given(st.integers(1, 10_000), st.sampled_from(sorted(UNITS)))
def test_what_is_spoken_is_read_back(count: int, unit: str) -> None:
    length = microseconds(f"{count} {unit}s")
    assert microseconds(spoken(length).replace(",", "")) == length
