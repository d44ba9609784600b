"""When the planned looks fell due, and what each of them saw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.study.trials.contrasts import Ask, contrast, planned
from journey_lib.study.trials.outcomes import ANSWERED

if TYPE_CHECKING:
    from journey_lib.measures.experiment.plan import Registered
    from journey_lib.stats.inference import Effect, Plan
    from journey_lib.study.trials.sums import Sums

FEWEST_UNITS, FEWEST_SUCCESSES = 100, 25  # in each arm before a first look
SHOWN = 5  # points of the path where the plan says nothing else


@dataclass(frozen=True)
class Looks:
    """The looks at one metric and arm.

    Attributes
    ----------
    days : tuple of int
        Last day of exposure of each look; the last one holds everybody.
    sizes : tuple of float
        Customers of both arms at each look.
    reached : bool
        Whether the planned size is there.
    """

    days: tuple[int, ...]
    sizes: tuple[float, ...]
    reached: bool

    @property
    def taken(self) -> tuple[float, ...]:
        """Sizes of the looks before the last."""
        return self.sizes[:-1]


def looks_of(sums: Sums, name: str, arm: int, plan: Registered) -> Looks:
    """Return the looks at a metric that have fallen due, the present one last.

    Parameters
    ----------
    sums : Sums
        The aggregate.
    name : str
        The metric.
    arm : int
        The arm; customers of the control count too.
    plan : Registered
        The plan: looks are spread evenly over its size.
    """
    trial = plan.trial
    days, found = sums.by_day(name)
    pair = [plan.control, arm]
    both = np.cumsum(sums.customers(name, found)[:, pair], axis=0)
    total = both.sum(axis=1)
    value = np.cumsum(np.nan_to_num(found.mean[..., 0]) * found.n, axis=0)[:, pair]
    enough = np.asarray((both >= FEWEST_UNITS).all(axis=1))
    if sums.outcomes[name].binary:
        enough &= np.asarray((value >= FEWEST_SUCCESSES).all(axis=1))
    wanted = (plan_for(sums, name, arm, plan).planned_n if trial.planned_n else float(total[-1])) or 1.0
    count = trial.looks if trial.looks > 1 else SHOWN if trial.mode == "always_valid" else 1
    at = [
        int(np.argmax(total >= wanted * k / count))
        for k in range(1, count)
        if total[-1] >= wanted * k / count
    ]
    kept = [place for place in dict.fromkeys(at) if enough[place] and total[place] < total[-1]]
    places = [*kept, len(days) - 1]
    return Looks(
        tuple(int(days[place]) for place in places), tuple(float(total[place]) for place in places),
        bool(trial.planned_n and total[-1] >= wanted),
    )  # fmt: skip


def plan_for(sums: Sums, name: str, arm: int, plan: Registered, taken: tuple[float, ...] = ()) -> Plan:
    """Return the plan of a comparison; of answers only those are planned who answer.

    Parameters
    ----------
    sums, name, arm, plan
        As in `looks_of`.
    taken : tuple of float
        Customers of both arms at earlier looks.
    """
    outcome, trial = sums.outcomes[name], plan.trial
    found = planned(trial, arm, taken=taken if trial.mode == "group_sequential" else ())
    if outcome.nulls != ANSWERED or not outcome.eligible.any():
        return found
    return replace(
        found, planned_n=found.planned_n * float(outcome.eligible.sum() / (~outcome.immature).sum())
    )


def path(sums: Sums, name: str, arm: int, plan: Registered, looks: Looks, level: float) -> list[Effect]:
    """Return what each look saw, in the mode of the plan.

    Parameters
    ----------
    sums, name, arm, plan, looks
        As in `looks_of`.
    level : float
        Confidence level.
    """
    found = sums.until(name, looks.days)
    asks = [
        Ask(plan.trial.mode, level, plan=plan_for(sums, name, arm, plan, looks.sizes[:k]))
        for k in range(len(looks.days))
    ]
    return [
        contrast(sums, name, arm, plan.control, asks[k], found[k])
        for k in range(len(looks.days))
    ]  # fmt: skip
