"""Kaplan–Meier and Aalen–Johansen: how many are still waiting, and how many are gone for which reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels
from journey_lib.stats.survival.incidence import Incidence, crossing, log_log
from journey_lib.stats.survival.risk import risk_table, split_tables, yes_or_no

if TYPE_CHECKING:
    import numpy.typing as npt

NOT_REACHED, UNBOUNDED = "not_reached", "unbounded"


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """Shares still waiting, group by group; what `kaplan_meier` returns.

    Attributes
    ----------
    groups : mapping of str to Incidence
        The estimate of each group; one named "" without groups.
    level : float
        Confidence level of every interval.
    grouped : bool
        Whether groups were given.
    """

    groups: Mapping[str, Incidence]
    level: float
    grouped: bool = False

    @cached_property
    def curve(self) -> pd.DataFrame:
        """Per distinct time: time survival std_error ci_low ci_high at_risk; first the group where given."""
        frames = {name: self._frame(found) for name, found in self.groups.items()}
        return _stacked(frames, "group") if self.grouped else frames[""]

    @property
    def median(self) -> float | pd.Series:
        """The time by which half have left, NaN where fewer do; by group where groups were given.

        `quantile(0.5)` has its limits, and the reason where there is none.
        """
        found = self.quantile(0.5).set_index("group")["estimate"].rename("median")
        return found if self.grouped else float(found.iloc[0])

    def quantile(self, share: float) -> pd.DataFrame:
        """Return when this share has left: group estimate ci_low ci_high note, one row a group.

        Parameters
        ----------
        share : float
            Between 0 and 1.

        Returns
        -------
        DataFrame
            NaN with note `not_reached` where fewer left; a limit that is never reached is NaN with note
            `unbounded`.
        """
        rows = []
        for name, found in self.groups.items():
            time, error = found.table.time, found.survival_error
            low, high = log_log(found.survival, error, self.level)
            rows.append((name, *crossings(time, found.survival, low, high, 1 - share)))
        return pd.DataFrame(rows, columns=["group", "estimate", "ci_low", "ci_high", "note"])

    def _frame(self, found: Incidence) -> pd.DataFrame:
        low, high = log_log(found.survival, found.survival_error, self.level)
        return _ends(
            found,
            survival=found.survival,
            std_error=found.survival_error,
            ci_low=low,
            ci_high=high,
            at_risk=found.table.at_risk,
        )


@dataclass(frozen=True, eq=False)
class AalenJohansen:
    """Shares gone by cause when one exit rules out the others; what `aalen_johansen` returns.

    Attributes
    ----------
    incidence : Incidence
        The estimate.
    level : float
        Confidence level of every interval.
    """

    incidence: Incidence
    level: float

    @cached_property
    def curve(self) -> pd.DataFrame:
        """One row per cause and distinct time: cause time incidence std_error ci_low ci_high at_risk."""
        found = self.incidence
        frames = {cause: self._frame(cause) for cause in range(1, found.table.causes + 1)}
        return _stacked(frames, "cause")

    @property
    def survival(self) -> pd.DataFrame:
        """Share still waiting at each distinct time; with the shares gone by cause it adds up to 1."""
        return _ends(self.incidence, survival=self.incidence.survival)

    def _frame(self, cause: int) -> pd.DataFrame:
        found = self.incidence
        share, error = found.shares[:, cause - 1], found.error(cause)
        stay_low, stay_high = log_log(1 - share, error, self.level)
        return _ends(
            found,
            incidence=share,
            std_error=error,
            ci_low=1 - stay_high,
            ci_high=1 - stay_low,
            at_risk=found.table.at_risk,
        )


def kaplan_meier(
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    group: Labels | None = None,
    level: float = 0.95,
) -> KaplanMeier:
    """Return which share is still waiting after any time, when some were last seen waiting.

    Parameters
    ----------
    duration : array_like of float
        Time until the event, or until the last look where it had not happened.
    event : array_like of bool
        Whether it happened.
    entry : array_like of float, optional
        When each came under observation (left truncation); 0 and before is the beginning.
    group : array_like of str, optional
        Labels; one curve each.
    level : float
        Confidence level.

    Returns
    -------
    KaplanMeier
        `.curve`, `.median` and `.quantile(share)` as frames.

    Raises
    ------
    DataError
        Missing or negative durations, events other than 0 and 1, entries not before the end, lengths that
        differ.
    ParamError
        A level outside 0 to 1.

    Definition
    ----------
    S(t) = product over event times up to t of 1 − d/n, with n at risk just before: exits come before
    censorings of the same time, and who enters at a time is at risk after it. Standard errors are
    Greenwood's; intervals are symmetric on the scale of log(−log S). The median is the first time with S of
    one half or less; where S equals one half for a while, the middle of that while.

    Units and missing data
    ----------------------
    Times come back in the unit given. Durations of 0 count: they lower S(0). Limits are NaN where S is 0 or
    1; a median never reached is NaN with the note `not_reached`. Times are the same when they are equal to
    the last bit.

    Source
    ------
    Kaplan, E. L. and Meier, P. (1958), Nonparametric estimation from incomplete observations, Journal of the
    American Statistical Association 53, 457–481. Kalbfleisch, J. D. and Prentice, R. L. (2002), The
    Statistical Analysis of Failure Time Data, second edition, section 1.4.

    Examples
    --------
    >>> found = kaplan_meier([1, 2, 2, 4], [1, 1, 0, 0])
    >>> found.curve[["time", "survival", "at_risk"]].values.tolist()
    [[1.0, 0.75, 4.0], [2.0, 0.5, 3.0], [4.0, 0.5, 1.0]]
    >>> found.median
    2.0
    """
    _level(level)
    cause = yes_or_no(event)
    if group is None:
        table = risk_table(duration, cause, entry=entry, causes=1)
        return KaplanMeier({"": Incidence(table)}, level)
    tables = split_tables(duration, cause, group, entry)
    return KaplanMeier({name: Incidence(table) for name, table in tables.items()}, level, grouped=True)


def aalen_johansen(
    duration: npt.ArrayLike,
    cause: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> AalenJohansen:
    """Return which share is gone by any time for each cause, when one exit rules out the others.

    One minus Kaplan–Meier of a single cause answers another question, what would happen if nobody could leave
    for any other reason, and is too high.

    Parameters
    ----------
    duration : array_like of float
        Time until the exit, or until the last look.
    cause : array_like of int
        0 where it was still waiting at the last look; 1, 2, … why it left.
    entry : array_like of float, optional
        When each came under observation (left truncation); 0 and before is the beginning.
    level : float
        Confidence level.

    Returns
    -------
    AalenJohansen
        `.curve` and `.survival` as frames.

    Raises
    ------
    DataError
        As `kaplan_meier`, and causes that are no whole numbers of 0 or more.
    ParamError
        A level outside 0 to 1.

    Definition
    ----------
    F_j(t) = sum over times up to t of S(before) · d_j/n. Exits of different causes at one time are taken
    together, without an order among them, so F over all causes and S add up to 1. The variance is that of
    the multinomial draws at each time; with one cause it is Greenwood's. Intervals are symmetric on the
    scale of log(−log(1 − F)), so that one cause gives the limits of Kaplan–Meier.

    Units and missing data
    ----------------------
    Shares are 0–1, times in the unit given. Limits are NaN where the share is 0 or 1.

    Source
    ------
    Aalen, O. O. and Johansen, S. (1978), An empirical transition matrix for non-homogeneous Markov chains
    based on censored observations, Scandinavian Journal of Statistics 5, 141–150. Andersen, P. K., Borgan,
    Ø., Gill, R. D. and Keiding, N. (1993), Statistical Models Based on Counting Processes, section IV.4.

    Examples
    --------
    >>> found = aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0])
    >>> found.curve.query("cause == 1")["incidence"].tolist()
    [0.25, 0.25, 0.5, 0.5]
    """
    _level(level)
    return AalenJohansen(Incidence(risk_table(duration, cause, entry=entry)), level)


def crossings(
    time: FloatArray, falling: FloatArray, low: FloatArray, high: FloatArray, level: float
) -> tuple[float, float, float, str]:
    """Return when a falling line and its limits reach a level, and why one of them does not."""
    estimate = crossing(time, falling, level)
    if math.isnan(estimate):
        return math.nan, math.nan, math.nan, NOT_REACHED
    early, late = crossing(time, low, level), crossing(time, high, level)
    return estimate, early, late, UNBOUNDED if math.isnan(late) else ""


def _ends(found: Incidence, **columns: FloatArray | IntArray) -> pd.DataFrame:
    """Return columns at the times at which a duration ended; where one only began nothing changes."""
    ended = found.table.left + found.table.censored > 0
    return pd.DataFrame({"time": found.table.time, **columns})[ended].reset_index(drop=True)


def _level(level: float) -> None:
    given = Inputs(0)
    given.level(level)
    given.raise_all()


def _stacked(frames: Mapping[str, pd.DataFrame] | Mapping[int, pd.DataFrame], name: str) -> pd.DataFrame:
    """Return frames under one another, each with its name in the first column."""
    named = [frame.assign(**{name: key}) for key, frame in frames.items()]
    whole = pd.concat(named, ignore_index=True)
    return whole[[name, *(column for column in whole if column != name)]]


__all__ = ["AalenJohansen", "KaplanMeier", "aalen_johansen", "crossings", "kaplan_meier"]
