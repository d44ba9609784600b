"""What is only described: rates given the stage before, and effects on those who met the change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inference import Effect
from journey_lib.stats.inference.metrics import ratio
from journey_lib.stats.kernels.exposure import NEVER
from journey_lib.stats.moments import comoments
from journey_lib.study.trials.contrasts import Ask, contrast

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Counted


@dataclass(frozen=True)
class Triggered:
    """One metric among the units that met the change, and what that makes for everybody.

    Attributes
    ----------
    name : str
        The metric.
    arm : int
        The arm.
    effect : Effect
        Among those who met it.
    counts : ndarray
        Who met it, by arm.
    share : float
        Part of all units that met it.
    diluted, diluted_error : float
        Effect among them times their share, and its standard error.
    """

    name: str
    arm: int
    effect: Effect
    counts: np.ndarray
    share: float
    diluted: float
    diluted_error: float


def conditional(counted: Counted, stage: str, arm: int) -> Effect | None:
    """Return the difference of the rate given the stage before; None for the first stage.

    A treatment that brings more people to the stage before changes who they are: this is no effect.

    Parameters
    ----------
    counted : Counted
        What was counted.
    stage : str
        A stage of the chain.
    arm : int
        The arm.
    """
    place = counted.stages.index(stage)
    who = counted.who
    if not place or who is None:
        return None
    above, below = (counted.sums.outcomes[name] for name in (stage, counted.stages[place - 1]))
    rows = np.flatnonzero(above.eligible & below.eligible)
    values = np.stack([above.value[rows], below.value[rows]], axis=1)
    side = who.arm[rows]
    if who.cluster is not None:
        key, own = np.unique(who.cluster[rows], return_inverse=True)
        values = np.stack([np.bincount(own, column, len(key)) for column in values.T], axis=1)
        side = side[np.unique(own, return_index=True)[1]]
    cells = comoments(values, side, len(who.trial.arms))
    return ratio(cells[counted.plan.control], cells[arm], level=1 - who.trial.alpha)


def triggered_of(counted: Counted) -> tuple[Triggered, ...]:
    """Return every primary metric among those who met the change; nothing without a trigger."""
    who, outcomes = counted.who, counted.outcomes
    if who is None or outcomes is None or outcomes.rows is None or not who.trial.trigger:
        return ()
    met = outcomes.rows.triggered != NEVER
    if outcomes.horizon:
        met &= outcomes.rows.triggered <= outcomes.horizon
    counts = np.bincount(who.arm[met], minlength=len(who.trial.arms))
    ask = Ask("fixed", 1 - who.trial.alpha)
    found = []
    for name in who.trial.primary:
        if counted.sums.outcomes[name].kind == "quantile":
            continue
        eligible = counted.sums.outcomes[name].eligible
        n, share = int(eligible.sum()), float((met & eligible).sum() / max(eligible.sum(), 1))
        cells = counted.sums.of_units(name, met)
        for arm in counted.plan.treatments:
            effect = contrast(counted.sums, name, arm, counted.plan.control, ask, cells)
            spread = share * (1 - share) / max(n, 1)
            error = math.sqrt(share**2 * effect.std_error**2 + effect.estimate**2 * spread)
            found.append(Triggered(name, arm, effect, counts, share, share * effect.estimate, error))
    return tuple(found)
