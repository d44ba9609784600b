"""Which number of the experiment report goes where in which figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.experiment import terms, words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.curves import Curve, RiskCurves, TimeAxis, time_axis
from journey_lib.present.numbers import Number
from journey_lib.present.sketches import Axis, DotRow, DotRows, value_axis
from journey_lib.present.steps import Step, Steps
from journey_lib.present.wording import Inside, Message, Names, Quantity, interval, message, say, unit_suffix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.experiment.parts import Split
    from journey_lib.measures.experiment.result import ExperimentResult
    from journey_lib.measures.experiment.waiting import Waiting

_WIDE_LOOK = 1.6  # an interval that reaches further than this many times the last one is cut


def draw(result: ExperimentResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    makers = {"looks": looks, "novelty": novelty, "segments": segments, "waiting": waiting}
    made = makers[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this experiment holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def looks(result: ExperimentResult) -> Plot | None:
    """Draw the estimate, interval and boundary at each look."""
    one = words.primary(result)
    path = result.counted.paths.get((one.name, one.arm)) if one else None
    if one is None or not path or one.looks is None:
        return None
    lang, count = result.context.language, len(path)
    found = [result.number("look_effect", one.name, wave=str(k + 1)) for k in range(count)]
    last = next((n for n in reversed(found) if n.known), Number())
    if not last.known:
        return None
    scale = _scale(last.unit)
    ends = [limit for n in found[1:] or found if n.known for limit in (n.ci_low, n.ci_high)]
    axis = _axis(min(ends), max(ends), last.unit, lang)
    steps = [
        Step(
            scale * n.estimate, scale * n.ci_low, scale * n.ci_high,
            terms.amount(n, signed=True, bare=True).say(lang),
            (str(k + 1), f"n = {Quantity(size).say(lang)}"),
            theme.MAIN if k == count - 1 else theme.INK2, _limits(effect.bound, effect.std_error, scale),
        )
        for k, (n, size, effect) in enumerate(zip(found, one.looks.sizes, path, strict=True))
    ]  # fmt: skip
    crossed = next((k + 1 for k, effect in enumerate(path) if effect.status in ("positive", "negative")), 0)
    facts = {"metric": terms.metric(result.counted, one.name), "k": Quantity(crossed), "all": Quantity(count)}
    title = (
        message("{metric}: clear from look {k} of {all} on", **facts)
        if crossed
        else message("{metric}: not clear at any of {all} looks", **facts)
    )
    subtitle = message(
        "Difference {arm} less {control}, repeated {level} interval at each look",
        **_pair(result, one.arm),
        level=Quantity(one.effect.ci_level, "share"),
    )  # fmt: skip
    note = {
        "group_sequential": message(
            "Lan–DeMets, O'Brien–Fleming type: early intervals are wider because looking costs certainty. "
            "Dashes: how large a difference has to be to cross the boundary. After stopping the repeated "
            "interval counts, not the plain one."
        ),
        "always_valid": message(
            "These intervals hold at every look, however often one looks; they are wider for it."
        ),
    }.get(result.counted.plan.trial.mode, message("This plan allows one look; earlier points only describe."))
    alt = message(
        "{all} estimates with intervals. The last is {effect}, {bounds}.",
        all=Quantity(count), effect=terms.amount(last, signed=True), bounds=words.Bounds(last),
    )  # fmt: skip
    return Plot(Steps(steps, axis, message("Look").say(lang)), title, subtitle, note, alt, lang)


def novelty(result: ExperimentResult) -> Plot | None:
    """Draw the effect by day since exposure with its line."""
    fade = next((one for one in result.fading if one.arm == result.arm and len(one.days) > 3), None)
    if fade is None:
        return None
    lang = result.context.language
    found = result.of("day_effect")
    mine = [n for n in found if n.group == result.counted.plan.trial.arms[fade.arm] and n.known]
    if len(mine) < 4:
        return None
    ends = [limit for n in mine for limit in (n.ci_low, n.ci_high)]
    axis = value_axis(min(ends), max(ends), unit_suffix("share", lang), scale=100)
    steps = [Step(n.estimate, n.ci_low, n.ci_high, "", (f"{float(n.wave):g}",), theme.INK2) for n in mine]
    told = fade.told
    odd = told.p_value < 0.05
    metric = terms.metric(result.counted, fade.stage)
    title = (
        message("{metric}: the effect changes with the days since exposure", metric=metric)
        if odd
        else message("{metric}: no sign that the effect fades", metric=metric)
    )
    subtitle = message(
        "Daily rate among those still waiting, {arm} relative to {control}, by day since exposure",
        **_pair(result, fade.arm),
    )  # fmt: skip
    note = message(
        "Days with fewer than ten events in an arm are taken together. Line: weighted, slope {slope} points "
        "a day, p {p}. A note, no rule of the decision.",
        slope=Quantity(100 * told.slope, "none", 2, signed=True), p=terms.p_value(told.p_value),
    )  # fmt: skip
    alt = message(
        "Effects on {n} stretches of days with a line from {start} to {end}.",
        n=Quantity(len(mine)), start=terms.percent(told.start), end=terms.percent(told.end),
    )  # fmt: skip
    line = (told.start, told.end)
    heading = message("Days since exposure").say(lang)
    return Plot(Steps(steps, axis, heading, line), title, subtitle, note, alt, lang)


def segments(result: ExperimentResult) -> Plot | None:
    """Draw the primary metric by segment, everybody last."""
    one = words.primary(result)
    splits = [s for s in result.splits if one and s.name == one.name and s.arm == one.arm]
    if one is None or not splits:
        return None
    lang, unit = result.context.language, "share_points"
    rows: list[DotRow] = []
    whole = result.number("primary_effect", one.name)
    for split in splits:
        rows += _forest(result, split)
    if not rows or not whole.known:
        return None
    unit = whole.unit
    everybody = f"{message('Everybody').say(lang)}, n = {Quantity(whole.n).say(lang)}"
    rows.append(replace(_dot(result, whole, everybody), strong=True,
                        heading=message("All").say(lang)))  # fmt: skip
    ends = [v for row in rows for v in (row.low, row.high)]
    axis = _raw_axis(min([*ends, 0]), max([*ends, 0]), unit, lang)
    differs = words.flagged(result)
    metric = terms.metric(result.counted, one.name)
    title = (
        message(
            "The effect on {metric} differs by {segment}",
            metric=Inside(metric),
            segment=terms.segment(result.study, differs.rule),
        )
        if differs
        else message("{metric}: no segment stands out", metric=metric)
    )
    subtitle = message(
        "Difference {arm} less {control} by what was known before exposure; exploratory",
        **_pair(result, one.arm),
    )  # fmt: skip
    columns = (message("Difference").say(lang), "")
    alt = message(
        "Dots with intervals for {n} segments; everybody {effect}, {bounds}.",
        n=Quantity(len(rows) - 1), effect=terms.amount(whole, signed=True), bounds=words.Bounds(whole),
    )  # fmt: skip
    return Plot(DotRows(rows, axis, columns, 0.0), title, subtitle, _tests(result, splits), alt, lang)


def _tests(result: ExperimentResult, splits: list[Split]) -> Message:
    """Return the note under the forest: its marks, and whether each segment matters."""
    told = tuple(
        message("{segment} p {p}, q {q}", segment=terms.segment(result.study, s.rule),
                p=terms.p_value(s.told.p_value), q=terms.p_value(s.q_value))
        for s in splits
    )  # fmt: skip
    return message(
        "Dot and line: estimate and {level} interval; diamond: drawn towards the overall effect. Does the "
        "effect differ (Cochran's Q)? {tests}. q: corrected for all segments, metrics and arms "
        "(Benjamini–Hochberg, 10%).",
        level=terms.confidence(result), tests=Names(told, limit=9),
    )  # fmt: skip


def _forest(result: ExperimentResult, split: Split) -> list[DotRow]:
    lang = result.context.language
    rows = []
    for level in split.levels:
        number = result.number("segment_effect", split.name, segment=split.rule, option=level)
        if not number.known:
            continue
        shrunk = result.number("segment_shrunk", split.name, segment=split.rule, option=level)
        name = say(terms.level_of(result.study, split.rule, level, short=True), lang)
        label = f"{name}, n = {Quantity(number.n).say(lang)}"
        row = replace(_dot(result, number, label), twin=_scale(number.unit) * shrunk.estimate)
        rows.append(row)
    if rows:
        rows[0] = replace(rows[0], heading=terms.segment(result.study, split.rule).label.say(lang))
    return rows


def _dot(result: ExperimentResult, number: Number, label: str) -> DotRow:
    lang, scale = result.context.language, _scale(number.unit)
    places = terms.DECIMALS.get(number.unit, 2)
    bounds = interval(
        number.ci_low, number.ci_high, number.unit or "none", lang, decimals=places, compact=True
    )
    return DotRow(
        label, scale * number.ci_low, scale * number.estimate, scale * number.ci_high,
        terms.amount(number, signed=True, bare=True).say(lang), bounds, "",
    )  # fmt: skip


def waiting(result: ExperimentResult) -> Plot | None:
    """Draw the share that reached the decisive stage over time, by arm."""
    one = words.primary(result)
    stage = result.counted.sums.outcomes[one.name].stage if one else ""
    found = {wait.stage: wait for wait in result.waits}
    wait = found.get(stage) or (result.waits[0] if result.waits else None)
    if wait is None:
        return None
    lang = result.context.language
    end = _end(wait)
    units = (message("days").say(lang), message("hours").say(lang), message("minutes").say(lang))
    axis = time_axis(end, units)
    curves = [_curve(result, wait, at, axis) for at in range(len(result.counted.plan.trial.arms))][:4]
    gap = result.number("wait_difference", wait.stage)
    label = result.study.stage(wait.stage).label
    facts = {"stage": label, "arm": terms.arm(result.counted.plan.trial.arms[result.arm])}
    title = message("Time from exposure to {stage}, by arm", **facts)
    if gap.known and gap.p_value < 0.05:
        title = (
            message("{stage} came sooner with {arm}", **facts)
            if gap.estimate < 0
            else message("{stage} came later with {arm}", **facts)
        )
    subtitle = message("Share of everybody exposed that had reached {stage} (Kaplan–Meier)", **facts)
    note = message(
        "Line and band: share and {level} interval. Log-rank p {p}. Restricted mean to {tau} days: {gap} "
        "days ({bounds}); below 0 is sooner. Those still on their way are censored, not left out.",
        level=terms.confidence(result), p=terms.p_value(wait.logrank), tau=Quantity(wait.tau, "none", 0),
        gap=terms.amount(gap, signed=True, bare=True), bounds=words.Bounds(gap),
    )  # fmt: skip
    alt = message("Rising curves for {n} arms up to {days} days.", n=Quantity(len(curves)),
                  days=Quantity(end, "none", 0))  # fmt: skip
    sketch = RiskCurves(curves, axis, axis.unit, message("still waiting").say(lang))
    return Plot(sketch, title, subtitle, note, alt, lang)


def _end(wait: Waiting) -> float:
    frame = wait.curves.curve
    return wait.tau if math.isfinite(wait.tau) else float(frame["time"].max())


def _curve(result: ExperimentResult, wait: Waiting, at: int, axis: TimeAxis) -> Curve:
    arm, lang = result.counted.plan.trial.arms[at], result.context.language
    frame = wait.curves.curve
    mine = frame[(frame["group"] == arm) & (frame["time"] <= _end(wait))]
    table = wait.curves.groups[arm].table
    left = table.waiting(np.array(axis.ticks))
    time = np.append(0.0, mine["time"].to_numpy(float))
    share = np.append(0.0, 1 - mine["survival"].to_numpy(float))
    low, high = (np.append(0.0, 1 - mine[name].to_numpy(float)) for name in ("ci_high", "ci_low"))
    control = at == result.counted.plan.control
    tones = (theme.MAIN, *theme.GROUPS)
    place = result.counted.plan.treatments.index(at) if not control else 0
    return Curve(
        arm, time, share, low, high, np.zeros(0), tuple(Quantity(int(n)).say(lang) for n in left),
        theme.INK2 if control else tones[place], (0, (4, 2)) if control else "-",
    )  # fmt: skip


def _pair(result: ExperimentResult, arm: int) -> dict[str, str]:
    """Return the names of an arm and of the control."""
    trial = result.counted.plan.trial
    return {"arm": terms.arm(trial.arms[arm]), "control": terms.arm(trial.control)}


def _limits(bound: float, error: float, scale: float) -> tuple[float, float]:
    reach = scale * bound * error
    return (-reach, reach) if math.isfinite(reach) else (math.nan, math.nan)


def _scale(unit: str) -> float:
    return 100.0 if unit in ("share", "share_points") else 1.0


def _axis(low: float, high: float, unit: str, lang: str) -> Axis:
    return _raw_axis(_scale(unit) * min(low, 0), _scale(unit) * max(high, 0), unit, lang)


def _raw_axis(low: float, high: float, unit: str, lang: str) -> Axis:
    return value_axis(low, high, "" if unit in ("share_points", "points") else unit_suffix(unit, lang))
