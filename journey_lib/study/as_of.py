"""A study as it was known at the end of a day: nothing later is used, and the window ends there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import pandas as pd

from journey_lib.errors import ParamError, Problem
from journey_lib.present.wording import message

if TYPE_CHECKING:
    from journey_lib.study.canonical import Table
    from journey_lib.study.definition import Study

LATER: Final = message("later than the day the report speaks for").key
_WHEN: Final = {
    "responses": "date", "customers": "signup_date", "feedback": "date", "assignments": "assigned_at",
    "totals": "date", "orders": "time", "costs": "date", "actions": "time",
}  # fmt: skip


def until(study: Study, as_of: str) -> Study:
    """Return the study with its window ending on a day; "" leaves it as it is.

    Parameters
    ----------
    study : Study
        Its fingerprint stays: the file is the same, whatever day somebody asks about. A study that does not
        say when its window ends is observed to its last event, as ever.
    as_of : str
        The last day known, such as 2025-01-31.

    Raises
    ------
    ParamError
        If this is no ISO date, or lies before the study's window.

    Examples
    --------
    >>> from journey_lib.study.definition.read import study_from
    >>> study = study_from({"id": "x", "title": "A", "journey": {"preset": "funnel3"}})
    >>> study = until(study.ending(date(2025, 6, 30)), "2025-01-31")
    >>> study.window.end.isoformat()
    '2025-01-31'
    """
    if not as_of:
        return study
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise ParamError(Problem("as_of", f"'{as_of}'", "an ISO date such as 2025-01-31")) from None
    start, end = study.window.start, study.window.end
    if start and day <= start:
        raise ParamError(
            Problem("as_of", f"{as_of} is not after the study's window begins", f"later than {start}")
        )
    return study.ending(day) if end and day < end else study


def known(table: Table, name: str, as_of: str) -> Table:
    """Return a table without the rows that are later than a day; they are counted among the dropped.

    A row without a date is kept: nobody knows that it is later.
    """
    column = _WHEN.get(name, "")
    if not as_of or column not in table.frame:
        return table
    late = (table.frame[column] >= pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_numpy(dtype=bool)
    if not late.any():
        return table
    frame = table.frame[~late].reset_index(drop=True)
    missing = None if table.missing is None else table.missing[~late].reset_index(drop=True)
    dropped = {**table.report.dropped, LATER: int(late.sum())}
    report = replace(table.report, rows_kept=len(frame), dropped=dropped)
    problems = list(table.problems)
    if frame.empty:
        problems.append(
            Problem(f"sources.{name}", f"no row is as old as {as_of}", action="Choose a later day")
        )
    return replace(table, frame=frame, missing=missing, report=report, problems=problems)
