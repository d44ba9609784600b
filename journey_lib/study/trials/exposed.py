"""Who was exposed to which arm, when, and what was known of them before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.study.trials.attributes import Attribute, attribute

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Experiment, Study

DAY = 86_400_000_000  # microseconds
TABLE = "sources.assignments"


@dataclass(frozen=True, eq=False)
class Exposed:
    """One row for each customer in one arm.

    Attributes
    ----------
    trial : Experiment
        The plan.
    ids : Index of str
        Customers.
    arm : ndarray of int
        Place of the arm in the plan.
    at : ndarray of int64
        First assignment, in UTC microseconds.
    day : ndarray of int
        Days since the first exposure of all, in blocks of 24 hours.
    cluster : ndarray of int or None
        Number of the unit that was put into an arm, where a unit is more than one customer.
    segments : mapping of str to Attribute
        What the plan asks for, known before exposure.
    table : DataFrame
        Assignments beside the customers table, row by row.
    numbers : mapping of str to int
        `rows` read, `outside` the dates of the plan or the segment, `known` units, `doubled` ones in two arms
        and dropped, `units` kept, `elsewhere` customers in another experiment too.
    """

    trial: Experiment
    ids: pd.Index
    arm: np.ndarray
    at: np.ndarray
    day: np.ndarray
    cluster: np.ndarray | None
    segments: Mapping[str, Attribute]
    table: pd.DataFrame = field(repr=False)
    numbers: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.arm)

    @property
    def counts(self) -> np.ndarray:
        """Customers of each arm."""
        return np.bincount(self.arm, minlength=len(self.trial.arms))

    @property
    def units(self) -> np.ndarray:
        """Units of each arm: what was put into it, customers or clusters."""
        if self.cluster is None:
            return self.counts
        first = np.unique(self.cluster, return_index=True)[1]
        return np.bincount(self.arm[first], minlength=len(self.trial.arms))


def exposed(study: Study, data: Data, trial: Experiment) -> Exposed:
    """Say who was exposed to which arm of an experiment.

    Parameters
    ----------
    study, data : Study, Data
        The study needs assignments; the segment of the data bounds the customers.
    trial : Experiment
        The plan.

    Returns
    -------
    Exposed
        First assignments of units that were put into one arm alone; the others are dropped and counted.

    Raises
    ------
    DataError
        No such experiment, an arm the plan does not know, fewer than two arms with units, no column for the
        unit or a segment, a segment that was only known after exposure.
    """
    rows, numbers, elsewhere = _rows(study, data, trial)
    unit, clustered = _unit(rows, data, trial)
    rows = rows.assign(_unit=unit).sort_values("_at", kind="stable")
    arms_of = rows.groupby("_unit", sort=False)["_arm"].transform("nunique").to_numpy()
    numbers |= {"known": rows["_unit"].nunique(), "doubled": rows["_unit"][arms_of > 1].nunique()}
    kept = rows[arms_of == 1].drop_duplicates("customer_id").reset_index(drop=True)
    _two_arms(trial, kept["_arm"].to_numpy())
    numbers |= {"units": kept["_unit"].nunique(), "elsewhere": int(kept["customer_id"].isin(elsewhere).sum())}
    at = kept.pop("_at").to_numpy()
    cluster = pd.factorize(kept["_unit"])[0] if clustered else None
    arm = kept.pop("_arm").to_numpy()
    table = _beside(kept.drop(columns="_unit"), data)
    segments = _segments(table, trial, at)
    ids = pd.Index(table["customer_id"], dtype="str")
    day = (at - at.min()) // DAY
    return Exposed(trial, ids, arm, at, day, cluster, segments, table, numbers)


def _rows(study: Study, data: Data, trial: Experiment) -> tuple[pd.DataFrame, dict[str, int], pd.Index]:
    """Return the assignments of this experiment, how many were left out, and who is in another one."""
    every = data.require("assignments", by="experiment")
    mine = every["experiment"] == trial.id
    if not mine.any():
        known = [str(name) for name in every["experiment"].unique()]
        raise DataError(
            Problem(f"{TABLE}, column 'experiment'", f"no row of '{trial.id}'", ", ".join(known),
                    nearest(trial.id, known))
        )  # fmt: skip
    rows = every[mine].copy()
    number = {arm: place for place, arm in enumerate(trial.arms)}
    unknown = sorted(set(rows["arm"].astype(str)) - set(number))
    if unknown:
        action = "Add the arm to the plan, or leave its rows out with `where`"
        given = f"{len(unknown)} arms that the plan of '{trial.id}' does not know"
        raise DataError(Problem(f"{TABLE}, column 'arm'", given, ", ".join(trial.arms), action=action))
    rows["_arm"] = rows["arm"].map(number).astype(int)
    rows["_at"] = moments_of(rows["assigned_at"], study.time_zone)
    inside = _inside(rows, data, trial)
    numbers = {"rows": len(rows), "outside": int((~inside).sum())}
    return rows[inside].drop(columns="arm"), numbers, pd.Index(every.loc[~mine, "customer_id"])


def _inside(rows: pd.DataFrame, data: Data, trial: Experiment) -> np.ndarray:
    days = rows["assigned_at"]
    inside = np.ones(len(rows), dtype=bool)
    if trial.start:
        inside &= (days >= pd.Timestamp(trial.start)).to_numpy()
    if trial.end:
        inside &= (days < pd.Timestamp(trial.end) + pd.Timedelta(days=1)).to_numpy()
    if data.segment is not None:
        inside &= rows["customer_id"].isin(data.segment.customers).to_numpy()
    return inside


def moments_of(times: pd.Series, time_zone: str) -> np.ndarray:
    """Return local times of the study as UTC microseconds.

    Examples
    --------
    >>> moments_of(pd.Series(pd.to_datetime(["1970-01-01 09:00"])), "Asia/Seoul").tolist()
    [0]
    """
    index = pd.DatetimeIndex(times).as_unit("us")
    # An hour that a clock change repeats is taken as winter time; one it skips, as the hour after.
    world = index.tz_localize(time_zone, ambiguous=np.zeros(len(index), bool), nonexistent="shift_forward")
    return np.asarray(world.tz_convert("UTC").asi8, dtype=np.int64)


def _unit(rows: pd.DataFrame, data: Data, trial: Experiment) -> tuple[pd.Series, bool]:
    """Return what was put into an arm: the customer, or the cluster of the customer."""
    if trial.unit in ("customer", "customer_id"):
        return rows["customer_id"], False
    names = [name for name in (trial.unit, f"{trial.unit}_id") if name in rows]
    if names:
        found = rows[names[0]]
    else:
        people = data.customers
        names = [n for n in (trial.unit, f"{trial.unit}_id") if people is not None and n in people]
        if not names or people is None:
            where = f"[[experiments]] '{trial.id}', key 'unit'"
            given = f"no column '{trial.unit}' or '{trial.unit}_id' in the assignments or the customers"
            raise DataError(Problem(where, given))
        found = rows["customer_id"].map(people.set_index("customer_id")[names[0]])
    # Who has no cluster is one of their own.
    alone = "customer " + rows["customer_id"].astype(str)
    return found.astype("str").where(found.notna(), alone), True


def _two_arms(trial: Experiment, arm: np.ndarray) -> None:
    sizes = np.bincount(arm, minlength=len(trial.arms))
    empty = [name for name, n in zip(trial.arms, sizes, strict=True) if not n]
    if empty:
        given = f"no unit in {', '.join(empty)}"
        action = "Check the names of the arms, the dates of the plan and the segment"
        raise DataError(Problem(f"experiment '{trial.id}'", given, "units in every arm", action=action))


def _beside(kept: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Return assignments with the columns of the customers that they do not have themselves."""
    if data.customers is None:
        return kept
    own = [name for name in data.customers if name == "customer_id" or name not in kept]
    return kept.merge(data.customers[own], on="customer_id", how="left")


def _segments(table: pd.DataFrame, trial: Experiment, at: np.ndarray) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {}
    problems: list[Problem] = []
    for rule in trial.segments:
        read = attribute(table, rule, at, f"[[experiments]] '{trial.id}', key 'segments'")
        if isinstance(read, Problem):
            problems.append(read)
        else:
            found[rule] = read
    if problems:
        raise DataError(problems)
    return found
