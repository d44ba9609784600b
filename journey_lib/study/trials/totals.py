"""An experiment of which only daily totals are known: units and successes by arm and day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem, nearest
from journey_lib.stats.moments import Comoments
from journey_lib.study.trials.outcomes import OUT, Outcome
from journey_lib.study.trials.sums import VALUE, Sums

if TYPE_CHECKING:
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Experiment, Metric, Study

SQUARES = "_squares"  # a column of this ending holds the sum of squares of another one
_NOBODY = np.zeros(0)


def totals_of(study: Study, data: Data, trial: Experiment) -> tuple[Sums, np.ndarray]:
    """Read an experiment from its daily totals.

    Parameters
    ----------
    study, data : Study, Data
        The study needs the source `totals`. The `unit` of the plan is the column that counts units.
    trial : Experiment
        The plan. A metric with a `column` is a share of the units; with a column `<column>_squares` beside
        it, its mean.

    Returns
    -------
    Sums, ndarray
        Cells by arm and day, and the units of each cell. A day whose count is empty is out of that metric
        and of its units.

    Raises
    ------
    DataError
        Columns that are not there, more successes than units, an arm without a row: all at once.
    """
    every = data.require("totals", by="experiment")
    rows = every[every["experiment"] == trial.id].reset_index(drop=True)
    problems = _arms(trial, rows, every)
    if trial.unit not in rows:
        given = f"no column '{trial.unit}' in the totals"
        known = [str(name) for name in rows]
        where = f"[[experiments]] '{trial.id}', key 'unit'"
        problems.append(Problem(where, given, "the column that counts units", nearest(trial.unit, known)))
    if problems:
        raise DataError(problems)
    units = _numbers(rows, trial.unit)
    parts = {name: _part(study.metric(name), rows, units, problems) for name in trial.named}
    if problems:
        raise DataError(problems)
    day = pd.to_datetime(rows["date"]) if "date" in rows else pd.Series(pd.Timestamp(0), index=rows.index)
    cells = pd.DataFrame(
        {"arm": [trial.arms.index(arm) for arm in rows["arm"]], "day": (day - day.min()).dt.days}
    )
    outcomes = {name: _outcome(study.metric(name)) for name in trial.named}
    columns = dict.fromkeys(trial.named, (VALUE,))
    return Sums(trial.arms, cells, parts, columns, outcomes), units


def _arms(trial: Experiment, rows: pd.DataFrame, every: pd.DataFrame) -> list[Problem]:
    where = "sources.totals"
    if rows.empty:
        known = [str(name) for name in every["experiment"].unique()]
        given = f"no row of '{trial.id}'"
        return [Problem(f"{where}, column 'experiment'", given, ", ".join(known), nearest(trial.id, known))]
    found = set(rows["arm"].astype(str))
    unknown, empty = found - set(trial.arms), [arm for arm in trial.arms if arm not in found]
    problems = []
    if unknown:
        given = f"{len(unknown)} arms that the plan of '{trial.id}' does not know"
        problems.append(Problem(f"{where}, column 'arm'", given, ", ".join(trial.arms)))
    if empty:
        given = f"no row of {', '.join(empty)}"
        problems.append(Problem(f"{where}, column 'arm'", given, "rows of every arm"))
    return problems


def _part(metric: Metric, rows: pd.DataFrame, units: np.ndarray, problems: list[Problem]) -> Comoments:
    where = f"[[metrics]] '{metric.id}', key 'column'"
    if metric.column not in rows:
        known = [str(name) for name in rows]
        given = f"no column '{metric.column}' in the totals"
        problems.append(Problem(where, given, nearest=nearest(metric.column, known)))
        return Comoments(_NOBODY, _NOBODY[:, None], _NOBODY[:, None, None])
    total = _numbers(rows, metric.column)
    counted = np.isfinite(total) & np.isfinite(units) & (units > 0)
    n = np.where(counted, units, 0.0)
    mean = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
    if metric.column + SQUARES in rows:
        about = _numbers(rows, metric.column + SQUARES) - n * mean**2
    else:
        wrong = int((counted & ((total > units) | (total < 0))).sum())
        if wrong:
            action = f"Without a column '{metric.column}{SQUARES}' a total is read as successes"
            problems.append(Problem(where, f"more successes than units in {wrong:,} rows", action=action))
        about = n * mean * (1 - mean)
    var = np.divide(about, n - 1, out=np.full(len(n), np.nan), where=n > 1)
    return Comoments(n, mean[:, None], var[:, None, None])


def _numbers(rows: pd.DataFrame, column: str) -> np.ndarray:
    return pd.to_numeric(rows[column], errors="coerce").to_numpy(float)


def _outcome(metric: Metric) -> Outcome:
    unit = "share" if metric.kind == "share" else "currency" if metric.kind == "money" else "score"
    return Outcome(
        metric.id, metric.label, metric.kind, metric.higher_is_better, _NOBODY, None, unit, metric.stage, 0,
        _NOBODY.astype(bool), OUT,
    )  # fmt: skip
