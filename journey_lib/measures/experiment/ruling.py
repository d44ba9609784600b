"""From effects to the facts a decision rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.experiment.decision import Facts

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Contrast, Counted


def facts_for(counted: Counted, arm: int, *, valid: bool) -> Facts:
    """Return what the decision on one arm rests on.

    Parameters
    ----------
    counted : Counted
        Effects by role.
    arm : int
        The arm.
    valid : bool
        Whether no check of validity failed.
    """
    trial = counted.plan.trial
    primary = counted.of("primary", arm)
    reached = bool(trial.planned_n) and all(one.looks is not None and one.looks.reached for one in primary)
    cap = trial.cap or trial.planned_n
    n = len(counted.who) if counted.who is not None else int(counted.sizes.sum())
    return Facts(
        valid=valid,
        guardrails=tuple(one.status for one in counted.of("guardrail", arm)),
        primary=tuple(one.status for one in primary),
        reached=reached,
        capped=bool(cap) and (n >= cap if cap > trial.planned_n else reached),
        within=bool(primary) and all(within(counted, one) for one in primary),
        early=trial.mode == "fixed" and bool(trial.planned_n) and not reached,
    )


def within(counted: Counted, one: Contrast) -> bool:
    """Say whether the interval of a primary metric lies within the smallest effect worth having."""
    effect, mde = one.effect, counted.mde.get(one.name, math.nan)
    most = mde * abs(effect.control)
    return math.isfinite(most) and -most < effect.ci_low and effect.ci_high < most


def gain(counted: Counted, arm: int) -> float:
    """Return the effect of an arm on the first primary metric, better is more; NaN without one."""
    found = counted.of("primary", arm)
    if not found:
        return math.nan
    better = counted.sums.outcomes[found[0].name].better
    return found[0].effect.estimate if better else -found[0].effect.estimate
