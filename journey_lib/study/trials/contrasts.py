"""One arm against the control on one metric: the right comparison for its kind, in the mode of the plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.inference import Effect, Mode, Plan, compare
from journey_lib.stats.inference.clusters import clustered
from journey_lib.stats.inference.metrics import Adjusted, cuped, ratio
from journey_lib.stats.inference.values import quantile
from journey_lib.study.trials.sums import CAPPED, OVER, SIZE, VALUE, covariates_of

if TYPE_CHECKING:
    from journey_lib.stats.moments import Comoments
    from journey_lib.study.definition import Experiment
    from journey_lib.study.trials.sums import Sums


@dataclass(frozen=True)
class Ask:
    """How a comparison is to be made.

    Attributes
    ----------
    mode : str
        As in `stats.inference.compare`.
    level : float
        Confidence level.
    margin : float or None
        Of a guardrail.
    plan : Plan or None
        Sizes and looks.
    capped : bool
        Cut single amounts at the cap of the metric.
    """

    mode: Mode = "fixed"
    level: float = 0.95
    margin: float | None = None
    plan: Plan | None = None
    capped: bool = False


def contrast(
    sums: Sums, name: str, arm: int, control: int, ask: Ask, found: Comoments | None = None
) -> Effect:
    """Say what an arm changed of a metric.

    Parameters
    ----------
    sums : Sums
        The aggregate.
    name : str
        The metric.
    arm, control : int
        Places in the plan.
    ask : Ask
        Mode, level, margin, plan.
    found : Comoments, optional
        The metric by arm for part of the units; all of them when left out.
    """
    outcome = sums.outcomes[name]
    options: dict[str, Any] = {
        "mode": ask.mode, "level": ask.level, "margin": ask.margin, "plan": ask.plan,
        "higher_is_better": outcome.better,
    }  # fmt: skip
    if outcome.kind == "quantile" and sums.who is not None:
        sides = [_side(sums, name, at) for at in (control, arm)]
        pair = None if sums.who.cluster is None else (sides[0][1], sides[1][1])
        return quantile(sides[0][0], sides[1][0], outcome.quantile, clusters=pair, **options)
    cells = sums.by_arm(name) if found is None else found
    value = sums.place(name, CAPPED if ask.capped else VALUE)
    over, size = sums.place(name, OVER), sums.place(name, SIZE)
    if over >= 0:
        return ratio(cells[control].of(value, over), cells[arm].of(value, over), **options)
    if size >= 0:
        return clustered(cells[control].of(value, size), cells[arm].of(value, size), **options)
    one, other = (cells[side].one(value, binary=outcome.binary) for side in (control, arm))
    return compare(one, other, **options)


def adjusted(sums: Sums, name: str, arm: int, control: int, ask: Ask) -> Adjusted | None:
    """Say the same with what was known before taken out; None without covariates, or for ratios and clusters.

    Parameters
    ----------
    sums, name, arm, control, ask
        As in `contrast`.
    """
    who, outcome = sums.who, sums.outcomes[name]
    if who is None or sums.clustered or outcome.over is not None or outcome.kind == "quantile":
        return None
    names = covariates_of(who)
    if not names:
        return None
    cells = sums.by_arm(name)
    places = [sums.place(name, CAPPED if outcome.cap else VALUE), *(sums.place(name, x) for x in names)]
    known = np.isfinite(who.table[list(names)].to_numpy(float)).all(axis=1)
    rows = outcome.eligible
    return cuped(
        cells[control].of(*places), cells[arm].of(*places), pooled=cells.sum(0).of(*places),
        missing_share=float(1 - known[rows].mean()) if rows.any() else math.nan,
        mode=ask.mode, level=ask.level, plan=ask.plan, higher_is_better=outcome.better,
    )  # fmt: skip


def planned(trial: Experiment, arm: int, *, taken: tuple[float, ...] = (), final: bool = False) -> Plan:
    """Return the plan as a comparison of one arm with the control takes it.

    Parameters
    ----------
    trial : Experiment
        The plan.
    arm : int
        Place of the arm.
    taken : tuple of float
        Customers of both arms at earlier looks.
    final : bool
        Nobody will be added any more.
    """
    both = trial.shares[arm] + trial.shares[trial.arms.index(trial.control)]
    size = both * trial.planned_n
    return Plan(size or math.nan, taken, final, prior_sd=trial.prior or math.inf)


def _side(sums: Sums, name: str, arm: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of an arm and the cluster of each."""
    outcome, who = sums.outcomes[name], sums.who
    assert who is not None  # noqa: S101 - asked before
    rows = np.flatnonzero(outcome.eligible & (who.arm == arm))
    return outcome.value[rows], rows if who.cluster is None else who.cluster[rows]
