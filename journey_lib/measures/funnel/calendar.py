"""Days, weeks and months of entries, in the zone of the study."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.study.events.times import midnight

if TYPE_CHECKING:
    from journey_lib.study.engine import Observed

_STEPS = {"day": "D", "week": "W-MON", "month": "MS"}
CALENDAR = tuple(_STEPS)


def iso_day(text: str) -> date | None:
    """Return the day an ISO text names; None where it names none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def span(observed: Observed, first: date, last: date, zone: str = "") -> tuple[int, int]:
    """Return first and last instant of a period of whole days, within what was observed."""
    zone = zone or observed.time_zone
    begins, ends = midnight(first, zone), midnight(last, zone, days_later=1) - 1
    return max(begins, observed.start), min(ends, observed.end)


def periods(
    observed: Observed, by: str, first: int, last: int, zone: str = ""
) -> tuple[tuple[int, ...], tuple[str, ...]] | None:
    """Return where the days, weeks or months between two instants begin, and their names.

    None when `by` is none of these words, or is a column of the data.

    Parameters
    ----------
    observed : Observed
        Its columns come first.
    by : str
        "day", "week" or "month".
    first, last : int
        UTC microseconds.
    zone : str
        Another zone than the study's.
    """
    if by not in _STEPS or _is_column(observed, by):
        return None
    zone = zone or observed.time_zone
    days = [
        pd.Timestamp(at, unit="us", tz="UTC").tz_convert(zone).tz_localize(None).normalize()
        for at in (first, last)
    ]
    began = days[0] - pd.Timedelta(
        days=days[0].weekday() if by == "week" else days[0].day - 1 if by == "month" else 0
    )
    starts = pd.date_range(began, days[1], freq=_STEPS[by])
    later = pd.date_range(began, periods=len(starts) + 1, freq=_STEPS[by])
    edges = tuple(midnight(day.date(), zone) for day in later)
    names = tuple(day.strftime("%Y-%m" if by == "month" else "%Y-%m-%d") for day in starts)
    return edges, names


def _is_column(observed: Observed, by: str) -> bool:
    return by in observed.log.columns() or (observed.people is not None and by in observed.people)
