"""Holidays of a study: which region keeps which day, and which periods they make unequal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from journey_lib.study.definition import Holiday, Study


@dataclass(frozen=True)
class Unequal:
    """A holiday that two periods do not share equally: its days in the one and in the other."""

    holiday: Holiday
    first: int
    second: int


def holidays_in(study: Study, region: str) -> Mapping[date, str]:
    """Return the holidays of a region by day; "" keeps only those of every region."""
    return {day: one.id for one in study.holidays if one.kept_in(region) for day in one.dates()}


def unequal(
    study: Study, region: str, first: tuple[date, date], second: tuple[date, date]
) -> tuple[Unequal, ...]:
    """Return the holidays of a region that would blur a comparison of two periods.

    Parameters
    ----------
    study : Study
        With its `[[holidays]]`.
    region : str
        A value of the region column.
    first, second : (date, date)
        First and last day of each period, both inclusive.

    Returns
    -------
    tuple of Unequal
        Those with more days in one period than in the other.

    Examples
    --------
    >>> from datetime import date
    >>> from journey_lib.study.definition import study_from
    >>> study = study_from({"id": "x", "title": "x", "journey": {"preset": "funnel3"}, "holidays": [
    ...     {"id": "seollal", "days": ["2025-01-28 to 2025-01-30", "2026-02-16 to 2026-02-18"]}]})
    >>> january = [(date(year, 1, 1), date(year, 1, 31)) for year in (2025, 2026)]
    >>> [(one.holiday.id, one.first, one.second) for one in unequal(study, "KR", *january)]
    [('seollal', 3, 0)]
    """
    found = []
    for one in study.holidays:
        if one.kept_in(region):
            days = one.dates()
            counts = [sum(low <= day <= high for day in days) for low, high in (first, second)]
            if counts[0] != counts[1]:
                found.append(Unequal(one, *counts))
    return tuple(found)


def moving(study: Study, region: str, start: date, end: date) -> tuple[tuple[Holiday, str, str], ...]:
    """Return the holidays that lay in other months than a year before, with both months as 2025-01.

    Parameters
    ----------
    study : Study
        With its `[[holidays]]`.
    region : str
        A value of the region column.
    start, end : date
        First and last day looked at.

    Examples
    --------
    >>> from datetime import date
    >>> from journey_lib.study.definition import study_from
    >>> study = study_from({"id": "x", "title": "x", "journey": {"preset": "funnel3"}, "holidays": [
    ...     {"id": "seollal", "days": ["2025-01-28 to 2025-01-30", "2026-02-16 to 2026-02-18"]}]})
    >>> [months for _, *months in moving(study, "KR", date(2025, 1, 1), date(2026, 6, 1))]
    [['2025-01', '2026-02']]
    """
    found = []
    for one in study.holidays:
        years: dict[int, set[int]] = {}
        for day in one.dates():
            if one.kept_in(region) and start <= day <= end:
                years.setdefault(day.year, set()).add(day.month)
        for year in sorted(years):
            before = years.get(year - 1)
            if before and before != years[year]:
                old, new = min(before), min(years[year])
                found.append((one, f"{year - 1}-{old:02d}", f"{year}-{new:02d}"))
    return tuple(found)
