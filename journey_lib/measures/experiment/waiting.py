"""How long until each stage: curves with censoring, log-rank, and the difference of restricted means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.kernels.exposure import NEVER
from journey_lib.stats.survival.comparison import around
from journey_lib.stats.survival.comparison import compare as compared
from journey_lib.stats.survival.curves import KaplanMeier
from journey_lib.stats.survival.incidence import Incidence
from journey_lib.stats.survival.risk import RiskTable, split_tables

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.measures.experiment.count import Counted

MARKS = (1.0, 7.0, 14.0, 28.0)  # days after exposure
FEWEST = 10  # at risk, up to the horizon of a restricted mean
_DAY = 86_400_000_000


@dataclass(frozen=True)
class Gap:
    """Difference of restricted means, in days: below 0 is sooner.

    Attributes
    ----------
    arm : int
        Place of the arm.
    estimate, std_error, ci_low, ci_high, p_value : float
        NaN where a group never has enough people at risk.
    """

    arm: int
    estimate: float = math.nan
    std_error: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    p_value: float = math.nan


@dataclass(frozen=True, eq=False)
class Waiting:
    """Times from exposure to one stage.

    Attributes
    ----------
    stage : str
        The stage.
    curves : KaplanMeier
        Share still waiting, by arm.
    logrank : float
        p-value over all arms; NaN where nothing could be compared.
    tau : float
        Horizon of the restricted means, in days; NaN without one.
    gaps : tuple of Gap
        Each arm less the control.
    """

    stage: str
    curves: KaplanMeier
    logrank: float
    tau: float
    gaps: tuple[Gap, ...]

    @cached_property
    def _by_arm(self) -> dict[str, pd.DataFrame]:
        return {str(arm): mine for arm, mine in self.curves.curve.groupby("group", sort=False)}

    def at(self, arm: str, day: float) -> tuple[float, float, float] | None:
        """Return the share that got there by a day and its interval; None where nobody was followed."""
        mine = self._by_arm[arm]
        if not mine["time"].max() >= day:
            return None
        row = int((mine["time"] <= day).sum()) - 1
        if row < 0:
            return 0.0, math.nan, math.nan
        gone = [1 - float(mine[name].iloc[row]) for name in ("survival", "ci_high", "ci_low")]
        return gone[0], gone[1], gone[2]


def waiting_of(counted: Counted) -> tuple[Waiting, ...]:
    """Return the times to every stage; nothing where only totals are known."""
    if counted.who is None or counted.outcomes is None or counted.outcomes.rows is None:
        return ()
    rows, horizon = counted.outcomes.rows, counted.outcomes.horizon
    last = np.minimum(rows.followed, horizon) if horizon else rows.followed
    arms = counted.plan.trial.arms
    labels = np.array(arms, dtype=object)[counted.who.arm]
    level = 1 - counted.plan.trial.alpha
    found = []
    for place, stage in enumerate(counted.outcomes.stages):
        reached = rows.reached[:, place]
        happened = (reached != NEVER) & (reached <= last)
        days = np.where(happened, reached, last) / _DAY
        tables = split_tables(np.maximum(days, 0.0), happened.astype(int), labels, None)
        found.append(_waiting(stage, {arm: tables[arm] for arm in arms}, counted, level))
    return tuple(found)


def _waiting(stage: str, tables: dict[str, RiskTable], counted: Counted, level: float) -> Waiting:
    plan = counted.plan
    curves = KaplanMeier({arm: Incidence(table) for arm, table in tables.items()}, level, grouped=True)
    enough = min(table.followed(FEWEST) for table in tables.values())
    horizon = counted.outcomes.horizon / _DAY if counted.outcomes and counted.outcomes.horizon else math.inf
    tau = min(horizon, enough)
    told = compared(list(tables), [tables])
    if not (tau > 0 and math.isfinite(tau)):
        return Waiting(stage, curves, told.p_value, math.nan, tuple(Gap(arm) for arm in plan.treatments))
    areas = {arm: incidence.area(tau) for arm, incidence in curves.groups.items()}
    gaps = tuple(
        _gap(at, areas[plan.trial.arms[at]], areas[plan.trial.control], level) for at in plan.treatments
    )
    return Waiting(stage, curves, told.p_value, tau, gaps)


def _gap(arm: int, one: tuple[float, float], other: tuple[float, float], level: float) -> Gap:
    estimate, error = one[0] - other[0], math.hypot(one[1], other[1])
    if not (math.isfinite(estimate) and error > 0):
        return Gap(arm)
    return Gap(arm, estimate, error, *around(estimate, error, level), two_sided_p(estimate, error, math.inf))
