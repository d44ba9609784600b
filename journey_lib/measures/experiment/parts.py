"""For whom and for how long: effects by segment, and by day since exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inference.families import Heterogeneity, Novelty, families, heterogeneity, novelty
from journey_lib.stats.kernels.exposure import NEVER
from journey_lib.study.trials.contrasts import Ask, contrast

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Counted
    from journey_lib.stats.inference import Effect
    from journey_lib.study.trials.attributes import Attribute

FEWEST_UNITS, FEWEST_EVENTS = 100, 10  # an arm of a segment
MOST_DAYS = 28
STRETCHES = 12  # of days, at most: single days would show noise
_DAY = 86_400_000_000


@dataclass(frozen=True)
class Split:
    """One metric of one arm by the levels of a segment.

    Attributes
    ----------
    rule : str
        As the plan says it.
    name : str
        The metric.
    arm : int
        The arm.
    levels : tuple of str
        Levels.
    effects : tuple of Effect or None
        One a level; None where an arm has fewer than 100 units or 10 events.
    sizes : tuple of int
        Units of both arms at each level.
    told : Heterogeneity
        Whether the effect differs, and each one drawn towards the overall one.
    q_value : float
        The p-value corrected for all segments, metrics and arms.
    flagged : bool
        Whether the correction leaves it.
    """

    rule: str
    name: str
    arm: int
    levels: tuple[str, ...]
    effects: tuple[Effect | None, ...]
    sizes: tuple[int, ...]
    told: Heterogeneity
    q_value: float = math.nan
    flagged: bool = False


@dataclass(frozen=True)
class Fading:
    """The relative change of the daily rate of a stage, by days since exposure.

    Attributes
    ----------
    stage : str
        The stage.
    arm : int
        The arm.
    days : tuple of float
        Middle of each stretch of days.
    estimates, std_errors : tuple of float
        Relative change of the rate among those who are still waiting.
    told : Novelty
        The line through them.
    """

    stage: str
    arm: int
    days: tuple[float, ...]
    estimates: tuple[float, ...]
    std_errors: tuple[float, ...]
    told: Novelty


def splits_of(counted: Counted) -> tuple[Split, ...]:
    """Return every metric by every segment of the plan; a split of ratios of clusters too."""
    if counted.who is None:
        return ()
    found = [
        _split(counted, attribute, name, arm)
        for attribute in counted.who.segments.values()
        for name in counted.plan.trial.named
        if counted.sums.outcomes[name].kind != "quantile"
        for arm in counted.plan.treatments
    ]
    told = families([one.told.p_value for one in found], ["segment"] * len(found)) if found else None
    return tuple(
        replace(one, q_value=float(told.adjusted[at]), flagged=bool(told.rejected[at]))
        for at, one in enumerate(found)
        if told is not None
    )


def _split(counted: Counted, attribute: Attribute, name: str, arm: int) -> Split:
    sums, plan = counted.sums, counted.plan
    cells = sums.by_level(name, attribute.rule, len(attribute.levels))
    sizes = sums.customers(name, cells)[:, [plan.control, arm]]
    total = np.abs(cells.n * np.nan_to_num(cells.mean[..., 0]))[:, [plan.control, arm]]
    ask = Ask("fixed", 1 - plan.trial.alpha, capped=bool(sums.outcomes[name].cap))
    effects: list[Effect | None] = []
    for level in range(len(attribute.levels)):
        enough = bool((sizes[level] >= FEWEST_UNITS).all())
        enough &= not sums.outcomes[name].binary or bool((total[level] >= FEWEST_EVENTS).all())
        effect = contrast(sums, name, arm, plan.control, ask, cells[level]) if enough else None
        effects.append(effect if effect and effect.status != "not_estimable" else None)
    told = heterogeneity([one for one in effects if one])
    sums_of_levels = tuple(int(size) for size in sizes.sum(axis=1))
    return Split(attribute.rule, name, arm, attribute.levels, tuple(effects), sums_of_levels, told)


def fading_of(counted: Counted, stage: str, arm: int) -> Fading | None:
    """Return how the effect on a stage changes with the days since exposure; None for anything else.

    Parameters
    ----------
    counted : Counted
        What was counted.
    stage : str
        A stage of the chain.
    arm : int
        The arm.

    Definition
    ----------
    Among those still waiting at the start of a day, the share who reach the stage on it, over that of the
    control, less 1. A constant effect is a flat line, however fast both arms run dry. Neighbouring days are
    taken together until each stretch has ten events in both arms, and a twelfth of all.
    """
    if stage not in counted.stages or counted.who is None or counted.outcomes is None:
        return None
    rows = counted.outcomes.rows
    eligible = counted.sums.outcomes[stage].eligible
    if rows is None or not eligible.any():
        return None
    reached = rows.reached[eligible, counted.stages.index(stage)]
    side = counted.who.arm[eligible]
    day = np.where(reached == NEVER, MOST_DAYS, np.minimum(reached // _DAY, MOST_DAYS))
    sides = (counted.plan.control, arm)
    events = np.stack([np.bincount(day[side == at], minlength=MOST_DAYS + 1)[:MOST_DAYS] for at in sides])
    units = np.array([(side == at).sum() for at in sides])
    waiting = units[:, None] - np.cumsum(events, axis=1) + events
    return _fading(stage, arm, events, waiting)


def _fading(stage: str, arm: int, events: np.ndarray, waiting: np.ndarray) -> Fading:
    days, estimates, errors, start = [], [], [], 0
    least = max(FEWEST_EVENTS, int(events.sum(axis=1).min()) // STRETCHES)
    for end in range(1, events.shape[1] + 1):
        few = events[:, start:end].sum(axis=1)
        if (few < least).any():
            continue
        rate = few / waiting[:, start:end].sum(axis=1)
        ratio = rate[1] / rate[0]
        days.append((start + end) / 2)
        estimates.append(float(ratio - 1))
        errors.append(float(ratio * math.sqrt((1 / few).sum())))
        start = end
    return Fading(stage, arm, tuple(days), tuple(estimates), tuple(errors), novelty(days, estimates, errors))
