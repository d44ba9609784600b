"""From counted customers to the tidy table: cell by cell, their means, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from journey_lib.measures.retention.plan import UNKNOWN, Plan
from journey_lib.stats.cohort_tests import against, against_others, trend
from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.sums import Columns, means, shares

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.kernels.cohorts import CohortCounts

Ints: TypeAlias = "npt.NDArray[np.int64]"
Bools: TypeAlias = "npt.NDArray[np.bool_]"
OTHERS = "others"
FEW_COHORTS = 3  # later cohorts that the first one is held against, at least
LARGE_FIRST = 1.5  # times the median of the later cohorts: the first one may hold old customers


@dataclass(frozen=True, eq=False)
class Counted:
    """What the kernel counted, with what follows from it.

    Attributes
    ----------
    plan : Plan
        What was asked for.
    counts : CohortCounts
        Counts by group, cohort and window.
    alternatives : mapping of str to (int, int)
        Who came back in the first window after period 0, and of how many, if the question is read in another
        way.
    flag_cell : int
        Cohorts below this size are not compared.
    """

    plan: Plan
    counts: CohortCounts = field(repr=False)
    alternatives: Mapping[str, tuple[int, int]]
    flag_cell: int

    @cached_property
    def members(self) -> Ints:
        """Members of each cohort."""
        found: Ints = self.counts.members.sum(axis=0)
        return found

    @cached_property
    def complete(self) -> Bools:
        """Cells whose window is over for every member of the cohort."""
        ended = self.counts.ended.sum(axis=0)
        found: Bools = (ended == self.members[:, None]) & (self.members[:, None] > 0)
        return found

    @cached_property
    def running(self) -> Bools:
        """Incomplete cells whose window has begun for the cohort: the first of them in each row."""
        open_ = ~self.complete & (self.members[:, None] > 0)
        found: Bools = open_ & (np.cumsum(open_, axis=1) == 1)
        return found

    @cached_property
    def followed(self) -> Ints:
        """Denominators by group, cohort and window; 0 where the cell is incomplete."""
        found: Ints = self.counts.followed * self.complete
        return found

    @cached_property
    def retained(self) -> Ints:
        """Numerators by group, cohort and window; 0 where the cell is incomplete."""
        found: Ints = self.counts.retained * self.complete
        return found

    @property
    def cohorts(self) -> list[int]:
        """Places of the cohorts that have members."""
        return [int(place) for place in np.flatnonzero(self.members)]

    @property
    def later_size(self) -> float:
        """Median size of the cohorts after the first one; NaN where they are too few."""
        later = self.members[self.cohorts[1:]]
        return float(np.median(later)) if len(later) >= FEW_COHORTS else np.nan

    @property
    def doubtful(self) -> int:
        """Place of the first cohort where it is so large that it may hold old customers, else −1."""
        first = self.cohorts[0] if self.cohorts else -1
        return first if first >= 0 and self.members[first] > LARGE_FIRST * self.later_size else -1

    @property
    def compared(self) -> list[int]:
        """Places of the cohorts that can be compared in the first window: large enough, and not doubtful."""
        n = self.followed.sum(axis=0)[:, self.plan.focal]
        return [int(place) for place in np.flatnonzero(n >= self.flag_cell) if place != self.doubtful]


def table(counted: Counted, stage: str) -> pd.DataFrame:
    """Return every number of the report as tidy rows."""
    parts = [
        _members(counted), _cells(counted), _means(counted), _differences(counted), _trend(counted),
        _group_gaps(counted), _active(counted), _readings(counted), *_values(counted),
    ]  # fmt: skip
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return rows.assign(stage=stage, ci_level=counted.plan.asked.level)


def triangle(counted: Counted) -> pd.DataFrame:
    """Return the share that came back, cohort by window; NaN where the window is not over."""
    n, came = counted.followed.sum(axis=0), counted.retained.sum(axis=0)
    wide = np.where(n > 0, came / np.where(n > 0, n, 1), np.nan)
    pairs = zip(counted.plan.windows, counted.plan.options, strict=True)
    names = [first if first == last else option for (first, last), option in pairs]
    index = pd.Index(counted.plan.cohorts, name="cohort", dtype="str")
    frame = pd.DataFrame(wide, index=index, columns=pd.Index(names, name="period", dtype=object))
    frame.insert(0, "n", counted.members)
    return frame.iloc[counted.cohorts]


def counts(counted: Counted) -> pd.DataFrame:
    """Return numerators and denominators: cohort group period members followed retained complete."""
    plan = counted.plan
    keys = [plan.shown_groups, plan.cohorts, plan.options]
    index = pd.MultiIndex.from_product(keys, names=["group", "cohort", "period"])
    shape = counted.counts.followed.shape
    groups = len(plan.shown_groups)
    frame = pd.DataFrame(
        {
            "members": np.broadcast_to(
                counted.counts.members[:groups, :, None], (groups, *shape[1:])
            ).ravel(),
            "followed": counted.counts.followed[:groups].ravel(),
            "retained": counted.counts.retained[:groups].ravel(),
            "complete": np.broadcast_to(counted.complete, (groups, *shape[1:])).ravel(),
        },
        index=index,
    )
    return frame[frame["members"] > 0].reset_index()


def _frame(metric: str, unit: str, **columns: Any) -> pd.DataFrame:  # noqa: ANN401 - columns of any type
    return pd.DataFrame({"metric": metric, "unit": unit, **columns})


def _numbers(found: Columns) -> dict[str, Any]:
    return {"estimate": found.estimate.ravel(), "std_error": found.std_error.ravel(),
            "ci_low": found.ci_low.ravel(), "ci_high": found.ci_high.ravel()}  # fmt: skip


def _members(counted: Counted) -> pd.DataFrame:
    """Count the members of everybody, of each cohort and of each group."""
    plan, by_group = counted.plan, counted.counts.members.sum(axis=1)
    waves = ["", *(plan.cohorts[place] for place in counted.cohorts)]
    sizes = [int(counted.members.sum()), *(int(counted.members[place]) for place in counted.cohorts)]
    rows = _frame("members", "count", wave=waves, group="", estimate=np.array(sizes, float), n=sizes)
    if not plan.asked.by:
        return rows
    known = [(g, int(n)) for g, n in zip(plan.shown_groups, by_group, strict=True) if n]
    more = _frame("members", "count", wave="", group=[g for g, _ in known],
                  estimate=[float(n) for _, n in known], n=[n for _, n in known])  # fmt: skip
    return pd.concat([rows, more], ignore_index=True)


def _cells(counted: Counted) -> pd.DataFrame:
    """Return the share of each cohort in each window."""
    plan, places = counted.plan, counted.cohorts
    came, n = (x.sum(axis=0)[places] for x in (counted.retained, counted.followed))
    complete = counted.complete[places]
    note = np.where(n > 0, "", np.where(complete, "nobody_followed", "incomplete"))
    waves = np.repeat([plan.cohorts[place] for place in places], len(plan.options))
    return _frame(
        "retained", "share", wave=waves, group="", option=list(plan.options) * len(places), n=n.ravel(),
        note=note.ravel(), **_numbers(shares(came, n, plan.asked.level)),
    )  # fmt: skip


def _means(counted: Counted) -> pd.DataFrame:
    """Return the weighted mean of each window over complete cells, of everybody and of each group."""
    plan = counted.plan
    came, n = counted.retained.sum(axis=1), counted.followed.sum(axis=1)
    names, shown = _everybody(counted)
    came, n = (np.vstack([x.sum(axis=0, keepdims=True), x[shown]]) for x in (came, n))
    note = np.where(n.ravel() > 0, "", "no_complete")
    return _frame(
        "retained", "share", wave="", group=np.repeat(names, len(plan.options)),
        option=list(plan.options) * len(names), n=n.ravel(), note=note,
        **_numbers(shares(came, n, plan.asked.level)),
    )  # fmt: skip


def _everybody(counted: Counted) -> tuple[list[str], list[int]]:
    """Return the names of the total and of the groups with members, and the places of these groups."""
    if not counted.plan.asked.by:
        return [""], []
    shown = [int(place) for place in np.flatnonzero(counted.counts.members.sum(axis=1))]
    return ["", *(counted.plan.shown_groups[place] for place in shown)], shown


def _differences(counted: Counted) -> pd.DataFrame:
    """Compare each cohort with all others in the first window after period 0."""
    plan, places = counted.plan, counted.compared
    if len(places) < 2:
        return pd.DataFrame()
    came, n = (x.sum(axis=0)[places, plan.focal] for x in (counted.retained, counted.followed))
    found = against_others(came, n, plan.asked.level)
    return _frame(
        "cohort_difference", "share_points", wave=[plan.cohorts[place] for place in places], group="",
        option=plan.options[plan.focal], comparison=OTHERS, n=n, p_value=found.p_value, note="",
        **_numbers(found.gap),
    )  # fmt: skip


def _trend(counted: Counted) -> pd.DataFrame:
    """Return how much the share changed from the first to the last cohort, along a straight line."""
    plan, places = counted.plan, counted.compared
    if len(places) < 3:
        return pd.DataFrame()
    came, n = (x.sum(axis=0)[places, plan.focal] for x in (counted.retained, counted.followed))
    way = places[-1] - places[0]
    found = trend(came, n, np.array(places) / way, plan.asked.level)
    p = two_sided_p(float(found.estimate[0]), float(found.std_error[0]), len(places) - 2)
    note = "" if np.isfinite(found.estimate[0]) else "not_estimable"
    return _frame("cohort_trend", "share_points", wave="", group="", option=plan.options[plan.focal],
                  n=[int(n.sum())], p_value=p, note=note, **_numbers(found))  # fmt: skip


def _group_gaps(counted: Counted) -> pd.DataFrame:
    """Compare the groups with the largest one in the first window after period 0."""
    plan = counted.plan
    _, shown = _everybody(counted)
    known = [place for place in shown if plan.shown_groups[place] != UNKNOWN or UNKNOWN in plan.groups]
    came, n = (x.sum(axis=1)[known, plan.focal] for x in (counted.retained, counted.followed))
    large = n >= counted.flag_cell
    if large.sum() < 2:
        return pd.DataFrame()
    known, came, n = [place for place, ok in zip(known, large, strict=True) if ok], came[large], n[large]
    top = int(np.argmax(n))
    rest = np.arange(len(known)) != top
    found = against(came[top], n[top], came[rest], n[rest], plan.asked.level)
    others = [plan.shown_groups[place] for place, ok in zip(known, rest, strict=True) if ok]
    return _frame(
        "group_difference", "share_points", wave="", group=others, option=plan.options[plan.focal],
        comparison=plan.shown_groups[known[top]], n=n[rest], p_value=found.p_value, note="",
        **_numbers(found.gap),
    )  # fmt: skip


def _active(counted: Counted) -> pd.DataFrame:
    """Return in how many of the first periods customers came back."""
    if not counted.plan.kernel.sticky:
        return pd.DataFrame()
    came = counted.counts.active.sum(axis=0)
    n = np.full(len(came), int(came.sum()))
    found = shares(came, n, counted.plan.asked.level)
    return _frame("active_periods", "share", wave="", group="", option=[str(k) for k in range(len(came))],
                  n=n, note=np.where(n > 0, "", "no_complete"), **_numbers(found))  # fmt: skip


def _readings(counted: Counted) -> pd.DataFrame:
    """Return the first mean after period 0 as it would be if the question were read in another way."""
    names = [name for name in counted.alternatives if name != "asked"]
    came, n = (np.array([counted.alternatives[name][at] for name in names], dtype=np.int64) for at in (0, 1))
    return _frame(
        "other_reading", "share", wave="", group="", comparison=names,
        option=counted.plan.options[counted.plan.focal], n=n, note=np.where(n > 0, "", "no_complete"),
        **_numbers(shares(came, n, counted.plan.asked.level)),
    )  # fmt: skip


def _values(counted: Counted) -> list[pd.DataFrame]:
    """Return the value a member brought in each window, on average."""
    plan, places = counted.plan, counted.cohorts
    if not plan.asked.value:
        return []
    sums = [x * counted.complete for x in (counted.counts.amount, counted.counts.squares)]
    cells = [x.sum(axis=0)[places] for x in (counted.followed, *sums)]
    names, shown = _everybody(counted)
    by_group = [x.sum(axis=1) for x in (counted.followed, *sums)]
    totals = [np.vstack([x.sum(axis=0, keepdims=True), x[shown]]) for x in by_group]
    waves = np.repeat([plan.cohorts[place] for place in places], len(plan.options))
    made = []
    for (n, amount, squares), why, keys in (
        (cells, "incomplete", {"wave": waves, "group": "", "option": list(plan.options) * len(places)}),
        (totals, "no_complete", {"wave": "", "group": np.repeat(names, len(plan.options)),
                                 "option": list(plan.options) * len(names)}),
    ):  # fmt: skip
        found = means(n, amount, squares, plan.asked.level)
        made.append(_frame("value_per_member", "currency", **keys, n=n.ravel(),
                           note=np.where(n.ravel() > 0, "", why), **_numbers(found)))  # fmt: skip
    return made
