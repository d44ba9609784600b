"""Reads a column of moments into UTC microseconds, and counts everything that was not plain."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

NO_TIME = np.iinfo(np.int64).min
_SHAPE = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:.*)?"
_ZONED = r".*:\d{2}(\.\d+)? ?([Zz]|[+-]\d{2}(:?\d{2})?)"
_BEFORE = pd.Timedelta("26h")  # further back than any change of clocks moves them


@dataclass(frozen=True)
class Times:
    """Moments in microseconds since 1970 in UTC (`NO_TIME` where there is none), and what was met.

    Attributes
    ----------
    values : ndarray of int64
        The moments.
    blank, failed : int
        Empty cells, and cells that are no time.
    naive : int
        Times without an offset, read in the declared zone.
    twice, skipped : int
        Of these, in an hour that the zone's clocks show twice, or never.
    finer : int
        Times finer than a microsecond, cut to it.
    """

    values: np.ndarray
    blank: int = 0
    failed: int = 0
    naive: int = 0
    twice: int = 0
    skipped: int = 0
    finer: int = 0


def added(parts: Iterable[Times]) -> dict[str, int]:
    """Return what was met in the times of several files, added up."""
    counts = Counter[str]()
    for part in parts:
        counts.update({f.name: getattr(part, f.name) for f in fields(Times) if f.name != "values"})
    return dict(counts)


def check_zone(name: str) -> None:
    """Raise when no such time zone is known."""
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        known = sorted(zoneinfo.available_timezones())
        allowed = "a name such as UTC or Asia/Seoul"
        raise ParamError(
            Problem("time_zone", f"unknown time zone '{name}'", allowed, nearest(name, known))
        ) from None


def read_times(column: pd.Series, time_zone: str = "UTC", date_format: str = "") -> Times:
    """Read a column of moments, whatever its type.

    Parameters
    ----------
    column : Series
        Datetimes with or without a zone, or text: ISO 8601, or in `date_format`. Offsets may differ by row.
    time_zone : str
        Where the clock hung that wrote times without an offset.
    date_format : str
        How text that is not ISO is written, as for `strptime`.

    Definition
    ----------
    A time that the zone's clocks show twice (autumn) or never (spring) is read with the offset in force
    before the change: the first of the two, or as late as if the clocks had not been moved.

    Examples
    --------
    >>> found = read_times(pd.Series(["2025-01-01T09:00:00+09:00", "2025-01-01", "soon", ""], dtype="str"))
    >>> found.values[:2].astype("datetime64[us]").astype(str).tolist(), found.failed, found.blank
    (['2025-01-01T00:00:00.000000', '2025-01-01T00:00:00.000000'], 1, 1)
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return _zoned(pd.DatetimeIndex(column))
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _naive(pd.DatetimeIndex(column), time_zone)
    text = column.astype("str").fillna("").str.strip()
    if date_format:
        return _formatted(text, time_zone, date_format)
    shaped = text.str.fullmatch(_SHAPE).to_numpy(dtype=bool)
    zoned = text.str.fullmatch(_ZONED).to_numpy(dtype=bool) & shaped
    found = np.full(len(text), NO_TIME)
    with_offset = _zoned(_parsed(text[zoned], utc=True))
    without = _naive(_parsed(text[shaped & ~zoned]), time_zone)
    found[zoned], found[shaped & ~zoned] = with_offset.values, without.values
    blank = int((text == "").sum())
    failed = int((found == NO_TIME).sum()) - blank
    finer = with_offset.finer + without.finer
    return Times(found, blank, failed, without.naive, without.twice, without.skipped, finer)


def _parsed(text: pd.Series, *, utc: bool = False) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(text, format="ISO8601", errors="coerce", utc=utc))


def _formatted(text: pd.Series, time_zone: str, date_format: str) -> Times:
    zoned = "%z" in date_format
    read = pd.DatetimeIndex(pd.to_datetime(text, format=date_format, errors="coerce", utc=zoned))
    done = _zoned(read) if zoned else _naive(read, time_zone)
    blank = int((text == "").sum())
    return Times(done.values, blank, done.blank - blank, done.naive, done.twice, done.skipped, done.finer)


def _zoned(moments: pd.DatetimeIndex) -> Times:
    """Cut aware moments to microseconds of UTC."""
    if moments.unit == "us":
        values = moments.asi8  # UTC, whatever the zone; NO_TIME where there is none
        return Times(values, blank=int(np.count_nonzero(values == NO_TIME)))
    plain = moments.tz_convert("UTC").tz_localize(None)
    values = plain.to_numpy().astype("datetime64[us]").view(np.int64)
    finer = int(np.count_nonzero(plain.nanosecond)) if plain.unit == "ns" else 0
    return Times(values, blank=int(np.count_nonzero(moments.isna())), finer=finer)


def _naive(local: pd.DatetimeIndex, time_zone: str) -> Times:
    """Place local times in their zone, by the rule `read_times` states."""
    known = np.asarray(local.notna())
    sure = local.tz_localize(time_zone, ambiguous="NaT", nonexistent="NaT")
    odd = np.flatnonzero(known & np.asarray(sure.isna()))
    moments = _zoned(sure.tz_convert("UTC"))
    values, twice = moments.values.copy(), 0
    if len(odd):
        first = local[odd].tz_localize(time_zone, ambiguous=np.ones(len(odd), dtype=bool), nonexistent="NaT")
        unmoved = (local[odd] - _BEFORE).tz_localize(time_zone, ambiguous=np.ones(len(odd), dtype=bool))
        shown = np.asarray(first.notna())
        settled = first.where(shown, unmoved + _BEFORE)
        values[odd], twice = _zoned(settled.tz_convert("UTC")).values, int(shown.sum())
    counts = {"naive": int(known.sum()), "twice": twice, "skipped": len(odd) - twice}
    return Times(values, blank=int(np.count_nonzero(~known)), finer=moments.finer, **counts)


def midnight(day: date | str, time_zone: str, *, days_later: int = 0) -> int:
    """Return when a day begins in a zone, in UTC microseconds.

    Examples
    --------
    >>> midnight("1970-01-02", "Asia/Seoul") == (24 - 9) * 3_600_000_000
    True
    """
    begins = pd.DatetimeIndex([pd.Timestamp(day).normalize() + pd.Timedelta(days=days_later)])
    return int(_naive(begins, time_zone).values[0])
