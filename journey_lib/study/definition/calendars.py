"""Where the clock of a region stands, and the days on which it does not work as usual."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from journey_lib.errors import Problem
from journey_lib.study.definition.parts import Part, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_lib.study.definition.study import Study

_SPAN = re.compile(r"(?P<first>\d{4}-\d\d-\d\d)(?: to (?P<last>\d{4}-\d\d-\d\d))?")


class Region(Part):
    """The time zone of one region, for logs that do not keep the local time of each event.

    `id` is the value as it stands in the region column.
    """

    id: str
    time_zone: str


class Holiday(Part):
    """Days on which customers behave unlike on others: public holidays, sales, own campaigns.

    Attributes
    ----------
    id, label : str, Text
        Its key, and what readers call it.
    days : tuple of str
        ISO days, or "2025-01-28 to 2025-01-30"; one entry a year. Days are listed because those of many
        holidays follow another calendar and move.
    regions : tuple of str
        Values of the region column where it is kept; empty for everywhere.

    Examples
    --------
    >>> [str(day) for day in Holiday(id="x", days=("2025-01-30 to 2025-02-01",)).dates()]
    ['2025-01-30', '2025-01-31', '2025-02-01']
    """

    id: str
    label: Text = Text()
    days: tuple[str, ...]
    regions: tuple[str, ...] = ()

    def dates(self) -> tuple[date, ...]:
        """Return all its days, in order."""
        spans = [span for text in self.days if (span := span_of(text))]
        every = {at for first, last in spans for at in range(first.toordinal(), last.toordinal() + 1)}
        return tuple(date.fromordinal(at) for at in sorted(every))

    def kept_in(self, region: str) -> bool:
        """Tell whether a region keeps it."""
        return not self.regions or region in self.regions


def span_of(text: str) -> tuple[date, date] | None:
    """Return the first and the last day of a text such as "2025-01-28 to 2025-01-30"; None where it is none.

    Examples
    --------
    >>> span_of("2025-01-28"), span_of("end of January")
    ((datetime.date(2025, 1, 28), datetime.date(2025, 1, 28)), None)
    """
    found = _SPAN.fullmatch(text)
    if not found:
        return None
    try:
        first = date.fromisoformat(found["first"])
        last = date.fromisoformat(found["last"] or found["first"])
    except ValueError:
        return None
    return (first, last) if first <= last else None


def calendar_problems(study: Study) -> Iterator[Problem]:
    """Yield what is wrong with the regions and holidays a study declares; zones are judged elsewhere."""
    for where, entries in (("[[regions]]", study.regions), ("[[holidays]]", study.holidays)):
        for name, times in Counter(entry.id for entry in entries).items():
            if times > 1:
                yield Problem(where, f"id '{name}' stands twice", action="Each may stand once")
    for holiday in study.holidays:
        where = f"[[holidays]] '{holiday.id}', key 'days'"
        if not holiday.days:
            yield Problem(where, "is empty", "a list of days such as 2025-01-28", action="Add its days")
        for text in holiday.days:
            if span_of(text) is None:
                allowed = "a day such as 2025-01-28, or 2025-01-28 to 2025-01-30"
                yield Problem(where, f"'{text}' is no day and no span of days", allowed)
