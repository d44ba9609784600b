"""Everything an experiment is judged by, counted once: effects by role, with their looks and corrections."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.experiment.looks import Looks, looks_of, path, plan_for
from journey_lib.stats.inference.families import families
from journey_lib.study.trials.contrasts import Ask, adjusted, contrast, planned
from journey_lib.study.trials.sums import SIZE

if TYPE_CHECKING:
    from journey_lib.measures.experiment.plan import Registered
    from journey_lib.stats.inference import Effect
    from journey_lib.stats.inference.metrics import Adjusted
    from journey_lib.study.trials.exposed import Exposed
    from journey_lib.study.trials.outcomes import Outcomes
    from journey_lib.study.trials.sums import Sums

GUARD_LEVEL = 0.95  # of each one-sided bound
PRIMARY, GUARDRAIL, SECONDARY, STAGE = "primary", "guardrail", "secondary", "stage"
PLAIN = "plain"  # a guardrail stage among the stages: its margin is judged elsewhere


@dataclass(frozen=True)
class Contrast:
    """One metric of one arm against the control.

    Attributes
    ----------
    name, role : str
        The metric, and what it is for: primary, guardrail, secondary, or one of the other stages.
    arm : int
        Place of the arm.
    effect : Effect
        In the mode of the plan; of a guardrail the test of its margin.
    p_adjusted : float
        Corrected within the family of its role; NaN for guardrails.
    rejected : bool
        Whether the family rejects it.
    margin : float
        Of a guardrail, as a part of the control; NaN otherwise.
    looks : Looks or None
        The looks at it.
    cuped : Adjusted or None
        With what was known before taken out.
    uncut : Effect or None
        With the largest amounts left as they are, where the effect has them cut.
    """

    name: str
    role: str
    arm: int
    effect: Effect
    p_adjusted: float = math.nan
    rejected: bool = False
    margin: float = math.nan
    looks: Looks | None = None
    cuped: Adjusted | None = None
    uncut: Effect | None = None

    @property
    def status(self) -> str:
        """What it says after correction; of a guardrail one of safe, harmed, undecided."""
        if self.role == GUARDRAIL or self.effect.status == "not_estimable":
            return self.effect.status
        if math.isnan(self.p_adjusted):
            return self.effect.status
        return self.effect.status if self.rejected else "undecided"


@dataclass(frozen=True, eq=False)
class Counted:
    """What was counted.

    Attributes
    ----------
    plan : Registered
        The plan.
    who : Exposed or None
        The units; None where only totals are known.
    outcomes : Outcomes or None
        Metrics and visits of each unit.
    sums : Sums
        The aggregate.
    sizes : ndarray
        Units of each arm.
    entered : ndarray, days × arms
        Units that entered on each day.
    contrasts : tuple of Contrast
        Every metric of every role and arm.
    paths : mapping of (str, int) to list of Effect
        What each look saw, for primary metrics.
    mde : mapping of str to float
        Smallest worthwhile effect on each primary metric, as a part of the control; NaN where none is known.
    """

    plan: Registered
    who: Exposed | None
    outcomes: Outcomes | None
    sums: Sums
    sizes: np.ndarray
    entered: np.ndarray
    contrasts: tuple[Contrast, ...]
    paths: Mapping[tuple[str, int], list[Effect]]
    mde: Mapping[str, float]

    def of(self, role: str, arm: int = -1) -> list[Contrast]:
        """Return the contrasts of a role, of one arm or of all."""
        return [one for one in self.contrasts if one.role == role and arm in (-1, one.arm)]

    @property
    def stages(self) -> tuple[str, ...]:
        """Stages passed in order after exposure."""
        return self.outcomes.stages if self.outcomes else ()


def contrasts_of(sums: Sums, plan: Registered, stages: Sequence[str]) -> tuple[Contrast, ...]:
    """Return every metric of every role and arm, corrected within its family.

    Parameters
    ----------
    sums : Sums
        The aggregate.
    plan : Registered
        Roles, mode, error rate.
    stages : sequence of str
        Stages of the stage table; those that are neither primary nor guardrail are one family.
    """
    trial = plan.trial
    guarded = [guard.metric for guard in trial.guardrails]
    others = [name for name in stages if name not in (*trial.primary, *guarded)]
    roles = [(PRIMARY, trial.primary), (SECONDARY, trial.secondary), (STAGE, tuple(others))]
    plain = [name for name in stages if name in guarded]
    found = [
        _first(sums, plan, name, role, arm)
        for role, names in roles
        for name in names
        for arm in plan.treatments
    ]
    shown = [_first(sums, plan, name, PLAIN, arm) for name in plain for arm in plan.treatments]
    # A secondary stage is judged in both families: among the secondary metrics and among the stages.
    found = [*_consistent(sums, plan, _adjusted(found)), *_guards(sums, plan), *shown]
    return tuple(_beside(sums, plan, one) for one in found)


def _first(sums: Sums, plan: Registered, name: str, role: str, arm: int) -> Contrast:
    looks = looks_of(sums, name, arm, plan)
    return Contrast(name, role, arm, _effect(sums, plan, name, arm, looks, 1 - plan.trial.alpha), looks=looks)


def _effect(sums: Sums, plan: Registered, name: str, arm: int, looks: Looks, level: float) -> Effect:
    own = plan_for(sums, name, arm, plan, looks.taken)
    ask = Ask(plan.trial.mode, level, plan=own, capped=bool(sums.outcomes[name].cap))
    return contrast(sums, name, arm, plan.control, ask)


def _adjusted(found: Sequence[Contrast]) -> list[Contrast]:
    """Correct p-values within each role; a probability of the Bayesian mode has none."""
    told = families([one.effect.p_value for one in found], [one.role for one in found])
    return [
        replace(one, p_adjusted=float(p), rejected=bool(yes))
        for one, p, yes in zip(found, told.adjusted, told.rejected, strict=True)
    ]


def _consistent(sums: Sums, plan: Registered, found: Sequence[Contrast]) -> list[Contrast]:
    """Give each primary interval the level of its own step of Holm's procedure, so that both always agree."""
    family = [at for at, one in enumerate(found) if one.role == PRIMARY and one.p_adjusted == one.p_adjusted]
    if len(family) < 2:
        return list(found)
    order = sorted(family, key=lambda at: found[at].effect.p_value)
    kept, alpha, step = list(found), plan.trial.alpha, 0
    for at in order:
        one = found[at]
        level = 1 - alpha / (len(family) - step)
        effect = _effect(sums, plan, one.name, one.arm, one.looks or Looks((), (), reached=False), level)
        sure = effect.status in ("positive", "negative") and step == order.index(at)
        kept[at] = replace(one, effect=effect, rejected=sure)
        step += sure
    return kept


def _guards(sums: Sums, plan: Registered) -> list[Contrast]:
    trial, found = plan.trial, []
    for guard in trial.guardrails:
        for arm in plan.treatments:
            capped = bool(sums.outcomes[guard.metric].cap)
            ask = Ask("margin", GUARD_LEVEL, guard.margin or 1e-12, planned(trial, arm), capped)
            effect = contrast(sums, guard.metric, arm, plan.control, ask)
            if effect.stop and effect.status != "not_estimable":
                effect = replace(effect, status="harmed")
            found.append(Contrast(guard.metric, GUARDRAIL, arm, effect, margin=guard.margin))
    return found


def _beside(sums: Sums, plan: Registered, one: Contrast) -> Contrast:
    """Put beside a contrast what else is published with it: CUPED, and amounts that were not cut."""
    if one.role == GUARDRAIL:
        return one
    taken = one.looks.taken if one.looks else ()
    ask = Ask(plan.trial.mode, one.effect.ci_level, plan=plan_for(sums, one.name, one.arm, plan, taken))
    uncut = contrast(sums, one.name, one.arm, plan.control, ask) if sums.outcomes[one.name].cap else None
    return replace(one, cuped=adjusted(sums, one.name, one.arm, plan.control, ask), uncut=uncut)


def paths_of(sums: Sums, plan: Registered, found: Sequence[Contrast]) -> dict[tuple[str, int], list[Effect]]:
    """Return what each look saw of each primary metric, where there was more than one.

    Parameters
    ----------
    sums, plan
        As in `contrasts_of`.
    found : sequence of Contrast
        The contrasts.
    """
    return {
        (one.name, one.arm): path(sums, one.name, one.arm, plan, one.looks, one.effect.ci_level)
        for one in found
        if one.role == PRIMARY and one.looks and len(one.looks.days) > 1
        and sums.outcomes[one.name].kind != "quantile" and not sums.outcomes[one.name].cap
    }  # fmt: skip


def mde_of(sums: Sums, plan: Registered) -> dict[str, float]:
    """Return the smallest worthwhile relative effect: of the plan, else what its size can find at 80 %.

    Parameters
    ----------
    sums, plan
        As in `contrasts_of`.
    """
    return {name: plan.trial.mde or _found_by(sums, plan, name) for name in plan.trial.primary}


def _found_by(sums: Sums, plan: Registered, name: str) -> float:
    """Return the relative change that the planned size finds at 80 %, from the control's value."""
    from journey_lib.stats import power

    trial, outcome = plan.trial, sums.outcomes[name]
    if not trial.planned_n or outcome.over is not None or outcome.kind == "quantile" or trial.mode == "bayes":
        return math.nan
    control, treated = sums.by_arm(name)[plan.control], [trial.shares[at] for at in plan.treatments]
    base, size = float(control.mean[0]), sums.place(name, SIZE)
    base = base / float(control.mean[size]) if size >= 0 else base
    sd = None if outcome.binary else math.sqrt(float(control.cov[0, 0]))
    if not base > 0 or (sd is None and base >= 1) or (sd is not None and (size >= 0 or not sd > 0)):
        return math.nan
    split = (trial.shares[plan.control], *treated)
    asked = power.Design(split, trial.alpha, trial.mode, max(trial.looks, 1))
    return power.mde(base, trial.planned_n, asked, sd=sd)
