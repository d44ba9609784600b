"""Which number of the report on time in stages goes where in which figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.time_in_stage import terms, words
from journey_lib.measures.time_in_stage.count import EXITS
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.curves import Curve, Panel, Panels, RiskCurves, TimeAxis, time_axis
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wholes import Stack, Stacks
from journey_lib.present.wording import Quantity, Says, message, say, unit_suffix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.time_in_stage.result import TimeInStageResult
    from journey_lib.measures.time_in_stage.stays import Stay
    from journey_lib.present.numbers import Number

_MOST_GROUPS = 4
_NEARLY = 0.9  # of those who ever moved: a time axis ends a little after


def draw(result: TimeInStageResult, kind: str, stage: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    makers = {"medians": medians, "stages": stages, "exits": exits}
    made = curve(result, stage) if kind == "curve" else makers[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this study holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def medians(result: TimeInStageResult) -> Plot | None:
    """Draw the days by which half of those who moved on had done so, stage by stage."""
    known = words.timed(result)
    if not known:
        return None
    lang = result.context.language
    quick, slow = min(known, key=lambda x: x.estimate), max(known, key=lambda x: x.estimate)
    facts = {
        "quick": terms.stage(result, quick.stage), "slow": terms.stage(result, slow.stage),
        "few": terms.days(quick.estimate), "many": terms.days(slow.estimate),
    }  # fmt: skip
    title = (
        message("Those who move on take {few} at {quick} and {many} at {slow}", **facts)
        if quick is not slow
        else message("Those who move on from {slow} take {many}", **facts)
    )
    subtitle = message("Days by which half of those who moved on to the next stage had done so")
    note = message(
        "Dot and line: estimate and {level} interval, allowing for those still in the stage. n: customers "
        "who entered. Order: the journey.",
        level=terms.confidence(result),
    )
    alt = message(
        "Dots with intervals for {n} stages. Shortest {quick}, {few}; longest {slow}, {many}.",
        n=Quantity(len(known)), **facts,
    )  # fmt: skip
    rows = [_dot(result, x, theme.ALERT if x is slow and x is not quick else theme.MAIN) for x in known]
    axis = value_axis(0, max(x.ci_high for x in known), unit_suffix("days", lang), ends=(0, math.inf))
    axis = replace(axis, low=-0.015 * axis.high)  # room for a dot at nothing
    sketch = DotRows(rows, axis, (message("Days").say(lang), "n"))
    return Plot(sketch, title, subtitle, note, alt, lang)


def stages(result: TimeInStageResult) -> Plot | None:
    """Draw the share that moved on over time, one small figure a stage."""
    drawn = [(stage, stay) for stage in result.visited if (stay := _visible(result, stage, "")) is not None]
    panels = [_panel(result, stage, stay) for stage, stay in drawn]
    if not panels:
        return None
    lang = result.context.language
    low, high = words.ends(result)
    facts = {
        "best": terms.stage(result, high.stage), "worst": terms.stage(result, low.stage),
        "most": high.amount, "least": low.amount,
    }  # fmt: skip
    title = (
        message("Most move on from {best}, fewest from {worst}", **facts)
        if low is not high and low.known and high.known
        else message("Who moved on, stage by stage")
    )
    subtitle = message(
        "Share of those who entered that had moved on to the next stage; each stage has a time axis of its "
        "own"
    )
    note = message(
        "Line and band: share and {level} interval (Aalen–Johansen). Marks: spells still open at the last "
        "look. Dotted: half.",
        level=terms.confidence(result),
    )
    alt = (
        message(
            "Rising curves for {n} stages. By the horizon most had moved on from {best}, {most}, fewest from "
            "{worst}, {least}.",
            n=Quantity(len(panels)), **facts,
        )
        if low.known and high.known
        else message("Rising curves for {n} stages.", n=Quantity(len(panels)))
    )  # fmt: skip
    return Plot(Panels(panels), title, subtitle, note, alt, lang)


def curve(result: TimeInStageResult, stage: str = "") -> Plot | None:
    """Draw one stage in detail: everybody or up to four groups, with the numbers at risk."""
    stage = stage or words.telling(result)
    groups = _groups(result, stage)
    drawn = [(group, stay) for group in groups if (stay := _visible(result, stage, group)) is not None]
    if not drawn:
        return None
    lang = result.context.language
    axis = _axis(result, [stay for _, stay in drawn], narrow=False)
    lines = [_curve(result, group, stay, axis, at) for at, (group, stay) in enumerate(drawn)]
    label = message("{unit} since entering {stage}", unit=axis.unit, stage=terms.stage(result, stage)).say(
        lang
    )
    sketch = RiskCurves(lines, axis, label, message("Still in the stage").say(lang))
    subtitle = message(
        "Share that had moved on from {stage} to {next}, n = {n}",
        stage=terms.stage(result, stage), next=terms.following(result, stage),
        n=Quantity(sum(stay.customers for _, stay in drawn)),
    )  # fmt: skip
    note = message(
        "Line and band: share and {level} interval. Marks: spells still open at the last look. Below: how "
        "many were still in the stage and followed.",
        level=terms.confidence(result),
    )
    return Plot(sketch, words.curve_title(result, stage, groups), subtitle, note,
                words.curve_alt(result, stage, groups), lang)  # fmt: skip


def exits(result: TimeInStageResult) -> Plot | None:
    """Draw where customers were at the horizon of each stage."""
    rows, told = [], []
    names = [name for name in EXITS if name != "silence" or result.counted.plan.silence]
    lang = result.context.language
    for stage in result.visited:
        parts = [result.only(f"exit_{name}", stage) for name in names]
        if all(math.isfinite(part.estimate) for part in parts):
            label = terms.stage(result, stage).say(lang)
            base = Quantity(parts[0].n).say(lang)
            rows.append(Stack(label, tuple(part.estimate for part in parts), f"n = {base}"))
            told.append((stage, parts))
    if not told:
        return None
    stage, parts = min(told, key=lambda row: row[1][0].estimate)
    facts = {"stage": terms.stage(result, stage), "share": parts[0].amount, "open": parts[-1].amount}
    title = message("At {stage} {share} had moved on by the horizon and {open} were still there", **facts)
    note = message(
        "Parts of all who entered; hatched: still in the stage. Exits rule one another out, so the parts add "
        "up."
    )
    alt = message(
        "Stacked bars for {n} stages. Fewest moved on at {stage}, {share}; {open} were still there.",
        n=Quantity(len(rows)), **facts,
    )  # fmt: skip
    colors = {"next": theme.MAIN, "other": theme.STAGES[2], "silence": "#D5D9DD", "open": "#FFFFFF"}
    said = terms.exit_names()
    sketch = Stacks(
        rows,
        tuple(said[name].say(lang) for name in names),
        tuple(colors[name] for name in names),
        len(names) - 1,
    )
    return Plot(sketch, title, words.horizons(result), note, alt, lang)


def _dot(result: TimeInStageResult, number: Number, color: str) -> DotRow:
    lang = result.context.language
    thin = number.n < result.context.flag_cell
    base = Quantity(number.n).say(lang) + ("*" if thin else "")
    value, bounds = terms.beside(number, lang)
    return DotRow(
        terms.stage(result, number.stage).say(lang), number.ci_low, number.estimate, number.ci_high, value,
        bounds, base, color, thin, color == theme.ALERT,
    )  # fmt: skip


def _visible(result: TimeInStageResult, stage: str, group: str) -> Stay | None:
    """Return the curve of a stage and group where others may see it and it says something."""
    number = result.number("spells", stage, group=group)
    stay = result.counted.stays.get((result.counted.stages.index(stage), group))
    if stay is None or number.hidden or not number.n or math.isnan(stay.followed) or stay.followed <= 0:
        return None
    return stay


def _groups(result: TimeInStageResult, stage: str) -> tuple[str, ...]:
    """Return the groups to draw: the four largest, or everybody."""
    sizes = {g: result.number("spells", stage, group=g).n for g in result.counted.groups if g != "unknown"}
    shown = {group: n for group, n in sizes.items() if n == n and n > 0}
    largest = sorted(shown, key=lambda group: -shown[group])[:_MOST_GROUPS]
    return tuple(sorted(largest)) if len(largest) > 1 else ("",)


def _curve(result: TimeInStageResult, group: str, stay: Stay, axis: TimeAxis, at: int) -> Curve:
    lang, cell = result.context.language, result.context.min_cell
    still = stay.table.waiting(np.asarray(axis.ticks))
    risk = tuple(f"<{cell}" if 0 < n < cell else Quantity(int(n)).say(lang) for n in still)
    several = bool(group)
    label = say(terms.group(result, group), lang) if group else message("Everybody").say(lang)
    inside = stay.table.time <= stay.followed
    time, share, low, high = (v[inside] for v in (stay.table.time, stay.share, *stay.bounds))
    seen = stay.table.time[inside & (stay.table.censored > 0)]
    color = theme.GROUPS[at] if several else theme.MAIN
    dash = theme.DASHES[at] if several else "-"
    return Curve(label, time, share, low, high, seen, risk, color, dash)


def _panel(result: TimeInStageResult, stage: str, stay: Stay) -> Panel:
    lang = result.context.language
    axis = _axis(result, [stay], narrow=True)
    base = message("{unit}, n = {n}", unit=axis.unit, n=Quantity(stay.customers)).say(lang)
    return Panel(terms.stage(result, stage).say(lang), base, _curve(result, "", stay, axis, 0), axis)


def _axis(result: TimeInStageResult, stays: Sequence[Stay], *, narrow: bool) -> TimeAxis:
    """Return a time axis that ends a little after nearly all who ever moved had moved."""
    lang = result.context.language
    units: tuple[Says, Says, Says] = (message("Days"), message("Hours"), message("Minutes"))
    ends = [stay.typical_days(_NEARLY) for stay in stays]
    reach = max((1.25 * end for end in ends if math.isfinite(end)), default=0.0)
    limit = max(stay.followed for stay in stays)
    named = (units[0].say(lang), units[1].say(lang), units[2].say(lang))
    return time_axis(min(reach, limit) if reach > 0 else limit, named, most=4 if narrow else 5)
