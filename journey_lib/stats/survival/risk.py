"""Exact count tables: at each distinct time how many left, why, and how many were at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels, row_count

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class RiskTable:
    """What is enough to know of some durations; tables of different customers add up to the table of all.

    Attributes
    ----------
    time : ndarray of float
        Distinct times, ascending: exits, censorings and late entries.
    exits : ndarray of int, shape (times, causes)
        How many left at this time for each cause.
    censored : ndarray of int
        How many were last seen at this time, still waiting.
    entered : ndarray of int
        How many came under observation at this time; they are at risk later, not yet at it.
    initial : int
        How many were under observation from the very beginning, time 0 included.

    Examples
    --------
    >>> table = risk_table([2, 2, 3, 5], [1, 0, 2, 0])
    >>> table.time.tolist(), table.at_risk.tolist()
    ([2.0, 3.0, 5.0], [4, 2, 1])
    """

    time: FloatArray
    exits: IntArray
    censored: IntArray
    entered: IntArray
    initial: int

    @cached_property
    def at_risk(self) -> IntArray:
        """How many were waiting just before each time: exits come before censorings of the same time."""
        return self.waiting(self.time)

    @cached_property
    def left(self) -> IntArray:
        """How many left at each time, for whatever cause."""
        return np.asarray(self.exits.sum(axis=1))

    @property
    def n(self) -> int:
        """How many durations the table counts."""
        return int(self.initial + self.entered.sum())

    @property
    def causes(self) -> int:
        """How many causes of leaving are told apart."""
        return int(self.exits.shape[1])

    def waiting(self, times: FloatArray) -> IntArray:
        """Return how many were at risk at any times: under observation before, and not yet gone."""
        change = np.concatenate([[self.initial], self.entered - self.left - self.censored])
        return np.asarray(np.cumsum(change)[np.searchsorted(self.time, times, side="left")])

    def only(self, cause: int) -> RiskTable:
        """Return the table of one cause (from 1); other exits end the observation instead."""
        kept = self.exits[:, [cause - 1]]
        return replace(self, exits=kept, censored=self.censored + self.left - kept[:, 0])

    def any(self) -> RiskTable:
        """Return the table that does not ask for the cause."""
        return replace(self, exits=self.left[:, None])

    def followed(self, least: int) -> float:
        """Return the largest time with at least so many at risk, NaN where there never were."""
        enough = np.flatnonzero(self.at_risk >= least)
        return float(self.time[enough[-1]]) if len(enough) else float("nan")

    def __add__(self, other: RiskTable) -> RiskTable:
        time = np.union1d(self.time, other.time)
        parts = [(table, np.searchsorted(time, table.time)) for table in (self, other)]
        exits = np.zeros((len(time), max(self.causes, other.causes)), dtype=np.int64)
        censored, entered = np.zeros((2, len(time)), dtype=np.int64)
        for table, at in parts:
            exits[at, : table.causes] += table.exits
            censored[at] += table.censored
            entered[at] += table.entered
        return RiskTable(time, exits, censored, entered, self.initial + other.initial)


def risk_table(
    duration: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    count: npt.ArrayLike | None = None,
    causes: int = 0,
) -> RiskTable:
    """Count exits and censorings at each distinct time.

    Parameters
    ----------
    duration : array_like of float
        Time until the exit, or until the last look where there was none.
    cause : array_like of int
        0 where it was still waiting at the last look; 1, 2, … why it left.
    entry : array_like of float, optional
        When each came under observation; 0 and before is the beginning. At risk after it, not at it.
    count : array_like of int, optional
        How many durations each row stands for; 1 without it.
    causes : int
        How many causes to tell apart; as many as occur when 0.

    Returns
    -------
    RiskTable

    Raises
    ------
    DataError
        Missing, negative or infinite durations, causes that are no whole numbers, entries not before exits.

    Examples
    --------
    >>> risk_table([1, 4], [1, 1], entry=[0, 2], count=[3, 5]).at_risk.tolist()
    [3, 0, 5]
    """
    given = Inputs(row_count(duration, "duration"))
    time = _times(given, duration)
    why = _causes(given, cause)
    start = _entries(given, entry, time)
    many = np.ones(len(time)) if count is None else given.weights(count, "count")
    given.raise_all()
    return _counted(time, why, start, many.astype(np.int64), max(causes, int(why.max(initial=0)), 1))


def split_tables(
    duration: npt.ArrayLike,
    cause: npt.ArrayLike,
    group: Labels,
    entry: npt.ArrayLike | None,
) -> dict[str, RiskTable]:
    """Return a table for each label of a group, in sorted order."""
    given = Inputs(row_count(duration, "duration"))
    time, why = _times(given, duration), _causes(given, cause)
    start = _entries(given, entry, time)
    codes, names = given.codes(group, "group")
    given.raise_all()
    ones, causes = np.ones(len(time), dtype=np.int64), max(int(why.max(initial=0)), 1)
    found = {}
    for at in np.argsort(np.asarray([str(name) for name in names]), kind="stable"):
        here = codes == at
        begun = None if start is None else start[here]
        found[str(names[at])] = _counted(time[here], why[here], begun, ones[here], causes)
    return found


def pooled(tables: Sequence[RiskTable]) -> tuple[FloatArray, FloatArray]:
    """Return exits and numbers at risk of several tables (columns) at every time somebody left (rows)."""
    times = np.unique(np.concatenate([table.time[table.left > 0] for table in tables]))
    exits = np.zeros((len(times), len(tables)))
    for column, table in enumerate(tables):
        happened = table.left > 0
        exits[np.searchsorted(times, table.time[happened]), column] = table.left[happened]
    waiting = np.column_stack([table.waiting(times) for table in tables]).astype(float)
    return exits, waiting


def _counted(
    time: FloatArray, why: IntArray, start: FloatArray | None, many: IntArray, causes: int
) -> RiskTable:
    late = np.zeros(len(time), dtype=bool) if start is None else start > 0
    began = time[:0] if start is None else start[late]
    times, place = np.unique(np.concatenate([time, began]), return_inverse=True)
    ends, begins = place[: len(time)], place[len(time) :]
    width = causes + 1
    cells = np.bincount(ends * width + why, many, minlength=len(times) * width).reshape(len(times), width)
    entered = np.bincount(begins, many[late], minlength=len(times))
    whole = cells.astype(np.int64)
    return RiskTable(times, whole[:, 1:], whole[:, 0], entered.astype(np.int64), int(many[~late].sum()))


def _times(given: Inputs, duration: npt.ArrayLike) -> FloatArray:
    found = given.numbers(duration, "duration")
    _refuse(given, np.isnan(found), "duration", "are missing", "a number of 0 or more in every row")
    _refuse(given, found < 0, "duration", "are negative", "numbers of 0 or more")
    return np.nan_to_num(found)


def _causes(given: Inputs, cause: npt.ArrayLike) -> IntArray:
    found = given.numbers(cause, "cause")
    wrong = np.isnan(found) | (found < 0) | (found != np.floor(found))
    _refuse(given, wrong, "cause", "are no cause", "0 for still waiting, then 1, 2, …")
    return np.where(wrong, 0, found).astype(np.int64)


def _entries(given: Inputs, entry: npt.ArrayLike | None, time: FloatArray) -> FloatArray | None:
    if entry is None:
        return None
    found = given.numbers(entry, "entry")
    _refuse(given, np.isnan(found), "entry", "are missing", "a number in every row, 0 for the beginning")
    late = (found > 0) & (found >= time)
    _refuse(given, late, "entry", "are not before the end of their duration", "entry below duration")
    return np.nan_to_num(found)


def _refuse(given: Inputs, wrong: npt.NDArray[np.bool_], where: str, what: str, allowed: str) -> None:
    count = int(np.sum(wrong))
    if count:
        given.fault(where, f"{count} of {wrong.size} rows {what}", allowed)


def yes_or_no(event: npt.ArrayLike) -> npt.ArrayLike:
    """Return events as 0 and 1; anything else is a mistake.

    Raises
    ------
    DataError
        When a value is neither.
    """
    values = np.asarray(event)
    if values.dtype == np.bool_:
        return values.astype(np.int64)
    given = Inputs(row_count(values, "event"))
    found = given.numbers(values, "event")
    _refuse(given, ~np.isin(found, (0, 1)), "event", "are neither 0 nor 1", "1 where it happened, else 0")
    given.raise_all()
    return found
