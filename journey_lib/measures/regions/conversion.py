"""How many move on from each stage, region by region."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.measures.regions.rows import Family, Line, family, of_rate, single_level, too_few
from journey_lib.stats.funnel_rates import Rate, allowing, difference, p_value
from journey_lib.stats.kernels.funnel import By, Funnel, FunnelKernel
from journey_lib.study.durations import microseconds

if TYPE_CHECKING:
    from journey_lib.measures.regions.plan import Plan, Whom
    from journey_lib.stats.kernels.funnel import Counted
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

MOVED = "moved_on"


def conversion(study: Study, whom: Whom, plan: Plan) -> Family | None:
    """Return the share that moves on from each stage, by region; None without a log that knows regions."""
    if whom.observed is None:
        return None
    pairs = _pairs(study, whom.observed)
    if not pairs:
        return None
    counted, places = _counted(whom, plan, [codes for _, codes in pairs])
    able = [_able(one, places, plan) for one in counted]
    level = single_level(plan, sum(map(len, able)))
    lines = (
        _line(stage, one, places, ready, level)
        for (stage, _), one, ready in zip(pairs, counted, able, strict=True)
    )
    return family(plan, whom.names, lines, sum(map(len, able)))


def _pairs(study: Study, observed: Observed) -> list[tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]]:
    """Return each stage that the log knows, with the codes that enter it and the next such stage."""
    entered = [
        (stage.id, tuple(code for name in stage.enter if (code := observed.code(name)) >= 0))
        for stage in study.journey.stages
    ]
    known = [(stage, codes) for stage, codes in entered if codes]
    return [
        (stage, (codes, after)) for (stage, codes), (_, after) in pairwise(known)
    ]  # fmt: skip


def _counted(
    whom: Whom, plan: Plan, pairs: list[tuple[tuple[int, ...], tuple[int, ...]]]
) -> tuple[tuple[Counted, ...], list[int]]:
    """Return the counts of each step, and which of their groups each region is; −1 for none."""
    observed = whom.observed
    assert observed is not None  # noqa: S101 - checked by the caller
    levels = observed.levels(plan.region)
    window = microseconds(plan.window, "window")
    funnels = tuple(
        Funnel(steps=pair, window=window, first=observed.start, last=observed.end) for pair in pairs
    )
    found = observed.run(FunnelKernel(funnels, By(plan.region, whom.where, len(levels))))
    return found, [levels.index(name) if name in levels else -1 for name in whom.names]


def _entered(counted: Counted, places: list[int]) -> np.ndarray:
    return np.array([counted.reached[at, 0] if at >= 0 else 0 for at in places])


def _able(counted: Counted, places: list[int], plan: Plan) -> list[int]:
    n = _entered(counted, places)
    return [at for at, own in enumerate(n) if own >= plan.least and n.sum() - own >= plan.least]


def _line(stage: str, counted: Counted, places: list[int], able: list[int], level: float) -> Line:
    known = [at for at in places if at >= 0]
    rates = [allowing(counted, 1, [at], level) if at >= 0 else Rate(note="nobody") for at in places]
    gaps = []
    for region, (at, rate) in enumerate(zip(places, rates, strict=True)):
        if region not in able:
            gaps.append(too_few(rate.n))
            continue
        others = [other for other in known if other != at]
        rest = allowing(counted, 1, others, level)
        whole = [counted.mature[side].sum(axis=0) for side in ([at], others)]
        p = p_value(rate, rest, [(int(n[1]), int(n[0] - n[1])) for n in whole])
        gaps.append(of_rate(difference(rate, rest), p))
    return Line(
        {"metric": MOVED, "unit": "share", "stage": stage}, [of_rate(rate) for rate in rates], gaps,
        of_rate(allowing(counted, 1, known, level)), ranked=True,
    )  # fmt: skip
