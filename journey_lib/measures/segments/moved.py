"""Who moved: the same people at an earlier day, by the groups as they are and by groups found anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.stats.clusters.matching import Match, matched
from journey_lib.stats.clusters.migration import Migration, migration
from journey_lib.study import behaviour
from journey_lib.study.clustering.fit import closed, fitter
from journey_lib.study.events.times import midnight

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.study.clustering.columns import Whom
    from journey_lib.study.clustering.fit import Fitted, Plan
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study


@dataclass(frozen=True, eq=False)
class Moved:
    """Moves from an earlier look to now.

    Attributes
    ----------
    frozen : Migration
        Today's groups at both looks: what moves is behaviour.
    refitted : Migration
        Groups found anew from the earlier look, matched to today's: what moves is the definition too.
    match : Match
        Which of the groups found anew is which of today's.
    """

    frozen: Migration
    refitted: Migration
    match: Match


def check(study: Study, data: Data, whom: Whom, plan: Plan) -> None:
    """Require a day and columns that can be seen at it, before anything is fitted.

    Raises
    ------
    ParamError
        The day is none, or a column does not come from events.
    """
    _instant(plan.earlier, study.time_zone)
    known = set(behaviour.names(study, data))
    strange = [name for name in whom.active if name not in known]
    if strange or plan.method == "rfm":
        given = f"{', '.join(strange) or plan.method} cannot be seen at an earlier day"
        raise ParamError(Problem("earlier", given, "columns of behaviour, such as share_<touchpoint>"))


def moved_since(study: Study, data: Data, whom: Whom, plan: Plan, found: Fitted) -> Moved | None:
    """Return who moved since the plan's earlier day; None where there are no groups."""
    if found.fit is None:
        return None
    until = _instant(plan.earlier, study.time_zone)
    table = behaviour.behaviour(study, data, until=until).frame
    return moved(found, table.reindex(whom.ids).reset_index(drop=True))


def moved(found: Fitted, before: pd.DataFrame) -> Moved:
    """Return who moved from an earlier frame of the same people, row by row, to now.

    Raises
    ------
    DataError
        If nobody can be grouped at the earlier look.
    """
    assert found.fit is not None  # noqa: S101 - asked only where there are groups
    rows = np.flatnonzero(found.coding.complete(before))
    if not len(rows):
        raise DataError(Problem("earlier", "nobody can be grouped at the earlier look"))
    table = found.coding.table(before.iloc[rows], found.whom.weights[rows])
    now, frozen, anew = (np.full(len(before), -1) for _ in range(3))
    now[found.kept] = found.labels
    frozen[rows] = found.fit.assign(table)
    fit = fitter(found.plan.method, found.plan.tries)(table, found.k, found.plan.seed)
    anew[rows] = closed(fit.labels)
    match = matched(frozen, anew)
    names = np.full(max(int(anew.max()) + 1, 1), -1)
    for old, new in enumerate(match.new_of_old):
        if new >= 0:
            names[new] = old
    renamed = np.where(anew >= 0, names[anew], -1)
    level = found.plan.level
    return Moved(
        migration(frozen, now, found.k, level=level), migration(renamed, now, found.k, level=level), match
    )


def _instant(day: str, time_zone: str) -> int:
    """Return the last instant of a day."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise ParamError(Problem("earlier", f"'{day}' is no day", "an ISO date such as 2025-12-31")) from None
    return int(midnight(found + timedelta(days=1), time_zone)) - 1
