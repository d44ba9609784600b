"""Holidays of a study: which of them lay in other months than a year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from journey_lib.study.definition import Holiday, Study


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
