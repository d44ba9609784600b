"""Tables as a spreadsheet takes them: numbers as numbers, letters beside them, small cells empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FORMATS = {
    "share": "0.0%", "share_points": "+0.0%;-0.0%", "points": "+0.0;-0.0;0.0", "score": "0.00",
    "count": "#,##0", "days": "0.0", "currency": "#,##0", "p": "0.0000", "seconds": "0.0",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A number with its unit, or why there is none.

    Attributes
    ----------
    value : float
        NaN where hidden or missing.
    unit : str
        As in the result's table; decides the number format.
    words : str
        Written in place of a number that is hidden or missing.
    """

    value: float
    unit: str = "count"
    words: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title, a header, rows of text and numbers, and notes below.

    Attributes
    ----------
    name : str
        Of the tab.
    title : str
        First line.
    header : sequence of str
        Column names.
    rows : sequence of sequences of str or Entry
        Cells.
    notes : sequence of str
        Lines under the table.
    """

    name: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | Entry]]
    notes: Sequence[str] = ()


def tidy(rows: pd.DataFrame, name: str, title: str) -> Sheet:
    """Return the masked rows of a result as a sheet, one line a number.

    Examples
    --------
    >>> import pandas as pd
    >>> tidy(pd.DataFrame({"metric": ["nps"], "estimate": [12.0], "unit": ["points"]}), "a", "b").rows
    [['nps', Entry(value=12.0, unit='points', words=''), 'points']]
    """
    own = {"estimate", "std_error", "ci_low", "ci_high"}
    whole = {"n", "n_effective"}
    made: list[list[str | Entry]] = []
    for record in rows.to_dict("records"):
        unit = str(record.get("unit", "")) or "score"
        cells: list[str | Entry] = []
        for key, value in record.items():
            numeric = isinstance(value, float | int)
            kind = unit if key in own else "count" if key in whole else "score"
            cells.append(Entry(float(str(value)), kind) if numeric else str(value))
        made.append(cells)
    return Sheet(name, title, [str(column) for column in rows], made)
