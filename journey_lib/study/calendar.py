"""Days, weeks and months of a zone: where each begins, in instants that a kernel can compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from journey_lib.study.events.times import read_times

UNITS = ("day", "week", "month")
_HOUR = 3_600_000_000  # microseconds
_STEPS = {"day": "D", "week": "W-MON", "month": "MS"}


@dataclass(frozen=True, eq=False)
class Calendar:
    """The whole units of a calendar that a stretch of time touches.

    Attributes
    ----------
    edges : ndarray of int64
        Where each unit begins, in UTC microseconds, and where the last one ends.
    names : tuple of str
        A name for each: 2025-01-31 for a day and for the Monday of a week, 2025-01 for a month.
    """

    edges: np.ndarray
    names: tuple[str, ...]


def calendar(start: int, end: int, unit: str, time_zone: str) -> Calendar:
    """Return the days, weeks or months of a zone from one instant to another.

    Parameters
    ----------
    start, end : int
        First and last instant, in UTC microseconds.
    unit : {"day", "week", "month"}
        Weeks begin on Monday.
    time_zone : str
        Where the calendar hangs; a day has 23 or 25 hours where its clocks are moved.

    Examples
    --------
    >>> from journey_lib.study.events.times import midnight
    >>> first, last = midnight("2025-03-29", "Europe/Berlin"), midnight("2025-03-31", "Europe/Berlin")
    >>> found = calendar(first, last, "day", "Europe/Berlin")
    >>> found.names, (np.diff(found.edges) // 3_600_000_000).tolist()
    (('2025-03-29', '2025-03-30', '2025-03-31'), [24, 23, 24])
    """
    first, last = (_date(at, time_zone) for at in (start, end))
    back = {"day": 0, "week": first.weekday(), "month": first.day - 1}[unit]
    begins = pd.date_range(first - pd.Timedelta(days=back), last, freq=_STEPS[unit])
    names = tuple(begins.strftime("%Y-%m" if unit == "month" else "%Y-%m-%d"))
    return Calendar(_edges(begins, unit, time_zone), names)


def elsewhere(names: tuple[str, ...], unit: str, time_zone: str) -> np.ndarray:
    """Return the edges of the units of these names in another zone.

    Examples
    --------
    >>> (elsewhere(("2025-01",), "month", "UTC") // 86_400_000_000).tolist()
    [20089, 20120]
    """
    return _edges(pd.DatetimeIndex(pd.to_datetime(list(names))), unit, time_zone)


def clock(start: int, end: int, time_zone: str) -> tuple[tuple[int, int], ...]:
    """Return from when the clocks of a zone stand how far ahead of UTC, as kernels read it.

    Parameters
    ----------
    start, end : int
        First and last instant, in UTC microseconds.
    time_zone : str
        Name of the zone.

    Examples
    --------
    >>> from journey_lib.study.events.times import midnight
    >>> ends = [midnight(day, "Europe/Berlin") for day in ("2025-03-29", "2025-03-31")]
    >>> [ahead // 3_600_000_000 for _, ahead in clock(*ends, "Europe/Berlin")]
    [1, 2]
    """
    hours = np.arange(start - _HOUR, end + 2 * _HOUR, _HOUR)
    hours -= hours % _HOUR
    utc = pd.DatetimeIndex(hours.astype("datetime64[us]")).tz_localize("UTC")
    local = utc.tz_convert(time_zone).tz_localize(None)
    ahead = (local.to_numpy() - hours.astype("datetime64[us]")).astype("timedelta64[us]").astype(np.int64)
    turns = np.flatnonzero(np.diff(ahead, prepend=ahead[0] - 1))
    return tuple((int(hours[at]), int(ahead[at])) for at in turns)


def _edges(begins: pd.DatetimeIndex, unit: str, time_zone: str) -> np.ndarray:
    every = pd.date_range(begins[0], periods=len(begins) + 1, freq=_STEPS[unit])
    return read_times(every.to_series(), time_zone).values


def _date(at: int, time_zone: str) -> pd.Timestamp:
    moment = pd.Timestamp(at, unit="us", tz="UTC").tz_convert(time_zone)
    return moment.tz_localize(None).normalize()
