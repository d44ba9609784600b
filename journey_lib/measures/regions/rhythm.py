"""When customers of each region are active, on the clock and the calendar of the place where they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.stats.kernels.habits import HOUR, LocalHours
from journey_lib.study.calendar import clock
from journey_lib.study.holidays import moving

if TYPE_CHECKING:
    from journey_lib.measures.regions.plan import Plan, Whom
    from journey_lib.measures.regions.rows import Row
    from journey_lib.study.definition import Holiday, Study
    from journey_lib.study.engine import Observed

OFFSET = "utc_offset"
WEEKS_AROUND = 4  # before and after a holiday, for its ordinary days
_DAY = 24


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Events by local time.

    Attributes
    ----------
    source : {"offset", "zones", "study"}
        Where the local clock comes from: the log's own offsets, the declared zones of the regions, or the
        one zone of the study.
    rows : list of Row
        Shares by hour and weekday, and the ratio of holidays to ordinary days.
    without : int
        Events without a local time.
    undeclared : tuple of str
        Regions for which the zone of the study stands in.
    moved : tuple of (str, Holiday, str, str)
        Region, holiday, and the months in which it lay in one year and the next.
    """

    source: str
    rows: list[Row]
    without: int
    undeclared: tuple[str, ...]
    moved: tuple[tuple[str, Holiday, str, str], ...]


def rhythm(study: Study, whom: Whom, plan: Plan) -> Rhythm | None:
    """Return when events happen, region by region; None where customers of the log have no region."""
    observed = whom.observed
    if observed is None or whom.where != "people":
        return None
    levels = observed.levels(plan.region)
    zones = {region.id: region.time_zone for region in study.regions}
    columns = observed.log.columns()
    kept = OFFSET in columns and observed.log.numeric(OFFSET)
    source = "offset" if kept else "zones" if any(name in zones for name in whom.names) else "study"
    first, days = _days(observed)
    kernel = LocalHours(
        plan.region, len(levels), first, days * _DAY, OFFSET if kept else "",
        () if kept else tuple(clock(observed.start, observed.end, zones.get(name, observed.time_zone))
                              for name in levels),
    )  # fmt: skip
    table = observed.run(kernel)
    own = {name: table[levels.index(name)] for name in whom.names if name in levels}
    start = (pd.Timestamp(first, unit="us")).date()
    rows = [row for name, counts in own.items() for row in _shares(name, counts[:-1], start)]
    rows += [row for name, counts in own.items() for row in _holidays(study, name, counts[:-1], start)]
    end = start + timedelta(days=days - 1)
    undeclared = () if kept else tuple(name for name in own if name not in zones)
    return Rhythm(
        source, rows, int(sum(counts[-1] for counts in own.values())), undeclared,
        tuple((name, *one) for name in own for one in moving(study, name, start, end)),
    )  # fmt: skip


def _days(observed: Observed) -> tuple[int, int]:
    """Return the local midnight a day before the first event could be, and the days until after the last."""
    first = observed.start // (HOUR * _DAY) - 1
    last = observed.end // (HOUR * _DAY) + 1
    return first * HOUR * _DAY, int(last - first + 1)


def _shares(region: str, hours: np.ndarray, start: date) -> list[Row]:
    """Return how the events of a region spread over the hours of the day and the days of the week."""
    n = int(hours.sum())
    by_hour = hours.reshape(-1, _DAY).sum(axis=0)
    daily = hours.reshape(-1, _DAY).sum(axis=1)
    weekday = (start.weekday() + np.arange(daily.size)) % 7
    by_weekday = np.bincount(weekday, daily, 7)
    found: list[Row] = []
    for metric, counts in (("hour_share", by_hour), ("weekday_share", by_weekday)):
        found += [
            {"metric": metric, "unit": "share", "option": f"{at:02d}", "group": region, "n": float(n),
             "estimate": float(count / n) if n else np.nan, "note": "" if n else "no_events"}
            for at, count in enumerate(counts)
        ]  # fmt: skip
    return found


def _holidays(study: Study, region: str, hours: np.ndarray, start: date) -> list[Row]:
    """Return how busy each holiday of a region is against the same weekdays around it."""
    daily = hours.reshape(-1, _DAY).sum(axis=1).astype(float)
    own = [holiday for holiday in study.holidays if holiday.kept_in(region)]
    special = {(day - start).days for holiday in own for day in holiday.dates()}
    active = np.flatnonzero(daily)
    found: list[Row] = []
    for holiday in own:
        days = [
            at
            for day in holiday.dates()
            if active.size and active[0] <= (at := (day - start).days) <= active[-1]
        ]
        if days:
            usual = [np.mean(around) for at in days if (around := _around(daily, at, special, active))]
            known = len(usual) == len(days) and sum(usual) > 0
            found.append(
                {"metric": "holiday_ratio", "unit": "score", "option": holiday.id, "group": region,
                 "n": float(hours.sum()), "note": "" if known else "no_ordinary_days",
                 "estimate": float(daily[days].sum() / sum(usual)) if known else np.nan}
            )  # fmt: skip
    return found


def _around(daily: np.ndarray, at: int, special: set[int], active: np.ndarray) -> list[float]:
    weeks = [at + 7 * week for week in range(-WEEKS_AROUND, WEEKS_AROUND + 1) if week]
    return [float(daily[day]) for day in weeks if day not in special and active[0] <= day <= active[-1]]
