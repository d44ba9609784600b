"""The table of an experiment: what was counted as rows in the words of every result.

`metric` says what a row is, `question` which metric of the plan, `group` the arm, `comparison` the control,
`segment` and `option` the segment and its level, `wave` the look or the day.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.experiment.count import GUARDRAIL, PLAIN
from journey_lib.measures.experiment.stages import conditional
from journey_lib.measures.experiment.waiting import MARKS
from journey_lib.study.trials.sums import CAPPED, OVER, SIZE, VALUE

if TYPE_CHECKING:
    from journey_lib.measures.experiment.count import Contrast, Counted
    from journey_lib.measures.experiment.parts import Fading, Split
    from journey_lib.measures.experiment.stages import Triggered
    from journey_lib.measures.experiment.waiting import Gap, Waiting
    from journey_lib.stats.inference import Effect
    from journey_lib.stats.moments import Comoments

Row = dict[str, Any]
GAPS = {"share": "share_points"}  # the unit of a difference, where it is not that of the metric


def table(
    counted: Counted,
    waits: tuple[Waiting, ...],
    splits: tuple[Split, ...],
    fading: tuple[Fading, ...],
    met: tuple[Triggered, ...],
) -> pd.DataFrame:
    """Return every number of the page as one tidy frame.

    Parameters
    ----------
    counted : Counted
        Effects by role.
    waits, splits, fading, met
        Waiting times, segments, days since exposure, units that met the change.
    """
    rows: list[Row] = []
    for name in counted.sums.parts:
        rows += _rates(counted, name)
    for one in counted.contrasts:
        rows += _contrast(counted, one)
    for stage in counted.stages[1:]:
        rows += _conditional(counted, stage)
    for (name, arm), path in counted.paths.items():
        rows += [_effect(counted, name, arm, e, "look_effect", wave=str(k)) for k, e in enumerate(path, 1)]
    for wait in waits:
        rows += _waiting(counted, wait)
    for split in splits:
        rows += _split(counted, split)
    for fade in fading:
        rows += _fading(counted, fade)
    for some in met:
        rows += _met(counted, some)
    return pd.DataFrame(rows)


def _base(counted: Counted, name: str, arm: int) -> Row:
    outcome = counted.sums.outcomes[name]
    return {"question": name, "stage": outcome.stage, "group": counted.plan.trial.arms[arm]}


def _rates(counted: Counted, name: str) -> Iterator[Row]:
    """Yield the value of a metric in each arm, as plain description."""
    sums, outcome = counted.sums, counted.sums.outcomes[name]
    cells = sums.by_arm(name)
    sizes = sums.customers(name, cells)
    for arm in range(len(sums.arms)):
        n = float(sizes[arm])
        value, error = _value(counted, name, cells, arm)
        yield {
            **_base(counted, name, arm), "metric": "value", "estimate": value, "std_error": error, "n": n,
            "unit": outcome.unit, "note": "" if math.isfinite(value) else "no_units",
        }  # fmt: skip


def _value(counted: Counted, name: str, cells: Comoments, arm: int) -> tuple[float, float]:
    sums, outcome = counted.sums, counted.sums.outcomes[name]
    if outcome.kind == "quantile" and sums.who is not None:
        values = outcome.value[outcome.eligible & (sums.who.arm == arm)]
        return (float(np.quantile(values, outcome.quantile)) if len(values) else math.nan), math.nan
    at = sums.place(name, CAPPED if outcome.cap else VALUE)
    below = max(sums.place(name, OVER), sums.place(name, SIZE))
    if below >= 0:
        return float(cells.mean[arm, at] / cells.mean[arm, below]), math.nan
    return float(cells.mean[arm, at]), float(np.sqrt(cells.cov[arm, at, at] / max(cells.n[arm], 1)))


def _contrast(counted: Counted, one: Contrast) -> Iterator[Row]:
    kind = {GUARDRAIL: "guardrail_effect", PLAIN: "stage_effect", "stage": "stage_effect"}.get(
        one.role, f"{one.role}_effect"
    )
    yield _effect(counted, one.name, one.arm, one.effect, kind)
    if one.role in (PLAIN, "stage"):
        return
    if math.isfinite(one.p_adjusted):
        yield _plain(counted, one.name, one.arm, "adjusted_p", one.p_adjusted, one.effect)
    yield _lift(counted, one)
    if one.cuped is not None:
        yield _effect(counted, one.name, one.arm, one.cuped.adjusted, "cuped_effect")
        ratio = one.cuped.variance_ratio
        yield _plain(counted, one.name, one.arm, "cuped_variance_ratio", ratio, one.effect)
    if one.uncut is not None:
        yield _effect(counted, one.name, one.arm, one.uncut, "uncut_effect")


def _effect(counted: Counted, name: str, arm: int, effect: Effect, metric: str, **more: str) -> Row:
    unit = counted.sums.outcomes[name].unit
    known = effect.status != "not_estimable" and math.isfinite(effect.estimate)
    row = {
        **_base(counted, name, arm), "metric": metric, "comparison": counted.plan.trial.control,
        "estimate": effect.estimate if known else math.nan, "std_error": effect.std_error,
        "ci_low": effect.ci_low if known else math.nan, "ci_high": effect.ci_high if known else math.nan,
        "ci_level": effect.ci_level, "p_value": effect.p_value, "n": effect.n_control + effect.n_treatment,
        "unit": GAPS.get(unit, unit), "note": "" if known else effect.reason or "not_a_number",
    }  # fmt: skip
    return {**row, **more}


def _plain(counted: Counted, name: str, arm: int, metric: str, value: float, effect: Effect) -> Row:
    return {
        **_base(counted, name, arm), "metric": metric, "comparison": counted.plan.trial.control,
        "estimate": value, "n": effect.n_control + effect.n_treatment,
        "note": "" if math.isfinite(value) else "not_a_number",
    }  # fmt: skip


def _lift(counted: Counted, one: Contrast) -> Row:
    effect = one.effect
    known = math.isfinite(effect.lift) and effect.lift_low <= effect.lift <= effect.lift_high
    return {
        **_plain(counted, one.name, one.arm, "lift", effect.lift if known else math.nan, effect),
        "ci_low": effect.lift_low if known else math.nan, "ci_high": effect.lift_high if known else math.nan,
        "ci_level": effect.ci_level,
        "note": "" if known else effect.lift_reason or effect.reason or "not_a_number",
    }  # fmt: skip


def _conditional(counted: Counted, stage: str) -> Iterator[Row]:
    for arm in counted.plan.treatments:
        effect = conditional(counted, stage, arm)
        if effect is not None:
            yield _effect(counted, stage, arm, effect, "conditional_difference")
            for side, value in ((counted.plan.control, effect.control), (arm, effect.treatment)):
                n = effect.n_control if side == counted.plan.control else effect.n_treatment
                yield {
                    **_base(counted, stage, side), "metric": "conditional_rate", "estimate": value, "n": n,
                    "unit": "share",
                    "note": "" if math.isfinite(value) else effect.reason or "no_denominator",
                }  # fmt: skip


def _waiting(counted: Counted, wait: Waiting) -> Iterator[Row]:
    arms = counted.plan.trial.arms
    horizon = counted.outcomes.horizon if counted.outcomes else 0
    medians = wait.curves.quantile(0.5).set_index("group")
    known = medians["estimate"].notna().to_dict()
    for at, arm in enumerate(arms):
        base = {**_base(counted, wait.stage, at), "n": float(wait.curves.groups[arm].table.n)}
        for day in MARKS:
            found = wait.at(arm, day)
            row = found if not horizon or day <= horizon / 86_400_000_000 else None
            yield {
                **base, "metric": "reached_by", "wave": f"{day:g}", "unit": "share",
                **dict(zip(("estimate", "ci_low", "ci_high"), row or (math.nan,) * 3, strict=True)),
                "ci_level": wait.curves.level, "note": "not_followed" if row is None else "",
            }  # fmt: skip
        median = medians.loc[arm]
        yield {
            **base, "metric": "median_wait", "unit": "days", "estimate": median["estimate"],
            "ci_low": median["ci_low"] if known[arm] else math.nan,
            "ci_high": median["ci_high"] if known[arm] else math.nan, "ci_level": wait.curves.level,
            "note": "" if known[arm] else "not_reached",
        }  # fmt: skip
    for gap in wait.gaps:
        yield _gap(counted, wait, gap)


def _gap(counted: Counted, wait: Waiting, gap: Gap) -> Row:
    known = math.isfinite(gap.estimate)
    n = sum(wait.curves.groups[counted.plan.trial.arms[at]].table.n for at in (counted.plan.control, gap.arm))
    return {
        **_base(counted, wait.stage, gap.arm), "metric": "wait_difference",
        "comparison": counted.plan.trial.control, "estimate": gap.estimate, "std_error": gap.std_error,
        "ci_low": gap.ci_low, "ci_high": gap.ci_high, "ci_level": wait.curves.level, "p_value": gap.p_value,
        "n": float(n), "unit": "days", "note": "" if known else "few_at_risk",
    }  # fmt: skip


def _split(counted: Counted, split: Split) -> Iterator[Row]:
    unit = counted.sums.outcomes[split.name].unit
    known = 0
    for level, effect, size in zip(split.levels, split.effects, split.sizes, strict=True):
        where = {"segment": split.rule, "option": level}
        base = {**_base(counted, split.name, split.arm), "comparison": counted.plan.trial.control, **where}
        if effect is None:
            yield {**base, "metric": "segment_effect", "estimate": math.nan, "n": float(size),
                   "unit": GAPS.get(unit, unit), "note": "few_in_segment"}  # fmt: skip
            continue
        yield _effect(counted, split.name, split.arm, effect, "segment_effect", **where)
        shrunk, error = float(split.told.shrunk[known]), float(split.told.shrunk_std_error[known])
        known += 1
        if math.isfinite(shrunk):
            yield {**base, "metric": "segment_shrunk", "estimate": shrunk, "std_error": error,
                   "n": float(size), "unit": GAPS.get(unit, unit)}  # fmt: skip
    whole = {**_base(counted, split.name, split.arm), "comparison": counted.plan.trial.control,
             "segment": split.rule, "n": float(sum(split.sizes))}  # fmt: skip
    tested = math.isfinite(split.told.q)
    yield {**whole, "metric": "heterogeneity", "estimate": split.told.q, "p_value": split.told.p_value,
           "note": "" if tested else "few_segments"}  # fmt: skip
    yield {**whole, "metric": "heterogeneity_q", "estimate": split.q_value,
           "note": "" if math.isfinite(split.q_value) else "few_segments"}  # fmt: skip


def _fading(counted: Counted, fade: Fading) -> Iterator[Row]:
    n = float(counted.who.counts[[counted.plan.control, fade.arm]].sum()) if counted.who else math.nan
    for day, estimate, error in zip(fade.days, fade.estimates, fade.std_errors, strict=True):
        yield {
            **_base(counted, fade.stage, fade.arm), "metric": "day_effect", "wave": f"{day:g}",
            "comparison": counted.plan.trial.control, "estimate": estimate, "std_error": error,
            "ci_low": estimate - 1.96 * error, "ci_high": estimate + 1.96 * error, "ci_level": 0.95, "n": n,
        }  # fmt: skip
    yield {
        **_base(counted, fade.stage, fade.arm), "metric": "day_slope",
        "comparison": counted.plan.trial.control, "estimate": fade.told.slope,
        "std_error": fade.told.std_error, "p_value": fade.told.p_value, "n": n,
        "note": "" if math.isfinite(fade.told.slope) else "few_days",
    }  # fmt: skip


def _met(counted: Counted, one: Triggered) -> Iterator[Row]:
    yield _effect(counted, one.name, one.arm, one.effect, "triggered_effect")
    known = math.isfinite(one.diluted) and math.isfinite(one.diluted_error)
    unit = counted.sums.outcomes[one.name].unit
    reach = 1.96 * one.diluted_error
    yield {
        **_base(counted, one.name, one.arm), "metric": "diluted_effect",
        "comparison": counted.plan.trial.control, "estimate": one.diluted if known else math.nan,
        "std_error": one.diluted_error, "ci_low": one.diluted - reach if known else math.nan,
        "ci_high": one.diluted + reach if known else math.nan, "ci_level": 0.95,
        "n": one.effect.n_control + one.effect.n_treatment, "unit": GAPS.get(unit, unit),
        "note": "" if known else one.effect.reason or "not_a_number",
    }  # fmt: skip
