"""Which number of the funnel goes where in which figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.funnel import terms, words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.funnel import FunnelRow, FunnelRows
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wording import Message, Quantity, interval, message, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.funnel.plan import Step
    from journey_lib.measures.funnel.result import FunnelResult
    from journey_lib.present.numbers import Number

_ENDS = (-0.02, 1.02)  # room for a dot at nobody and everybody
_PARTS = ("moved_on", "still_open", "timed_out")
_WHOLE = ("whole_reached", "whole_open", "whole_timed_out")


def draw(result: FunnelResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    made = {"steps": steps, "whole": whole, "groups": groups, "definitions": definitions}[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this result holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def steps(result: FunnelResult) -> Plot | None:
    """Draw from each step to the next: went on, still open, timed out; the rate and its target."""
    moves = [move for move in words.moves(result) if not move.rate.hidden and move.rate.n > 0]
    if not moves:
        return None
    lang, worst = result.context.language, words.biggest_loss(result)
    rows = [
        _row(result, move.step, _PARTS, move.rate, strong=worst is not None and move.step == worst.step)
        for move in moves
    ]
    best = max(moves, key=lambda m: m.rate.estimate if m.rate.known else -1)
    low = min(moves, key=lambda m: m.rate.estimate if m.rate.known else 2)
    title = message("Where customers go on, and where they are lost")
    if worst is not None:
        title = message(
            "Most are lost between {step} and {onward}: {lost}",
            step=worst.step.label, onward=worst.onward.label,
            lost=terms.who(result.plan, round(worst.n_lost)),
        )  # fmt: skip
    subtitle = message(
        "Share {units} entering a step who reach the next one within {window}; each step has a clock of "
        "its own",
        units=terms.units(result.plan), window=terms.window(result.plan),
    )  # fmt: skip
    alt = message(
        "Bars for {n} steps. {high} go on from {best} (n = {n_high}), {least} from {low} (n = {n_low}).",
        n=Quantity(len(rows)), high=best.rate.amount, best=best.step.label, n_high=Quantity(best.rate.n),
        least=low.rate.amount, low=low.step.label, n_low=Quantity(low.rate.n),
    )  # fmt: skip
    sketch = FunnelRows(rows, _legend(lang), message("Went on, estimate").say(lang))
    return Plot(sketch, title, subtitle, _note(result), alt, lang)


def whole(result: FunnelResult) -> Plot | None:
    """Draw the whole way on one clock: of those who entered first, how many came to each step."""
    lang, first = result.context.language, result.plan.steps[0]
    leading = "whole_km" if result.leading == "rate_km" else "whole_mature"
    later = [(step, result.number(step.id, leading)) for step in result.plan.steps[1:]]
    shown = [(step, rate) for step, rate in later if not rate.hidden and rate.n > 0]
    if not shown:
        return None
    rows = [_row(result, step, _WHOLE, rate, strong=False, base="") for step, rate in shown]
    last, rate = shown[-1]
    facts = {
        "rate": Quantity(rate.estimate, "share", terms.places(rate.estimate)), "last": last.label,
        "first": first.label, "window": terms.window(result.plan),
    }  # fmt: skip
    title = message("{rate} come from {first} to {last} within {window}", **facts)
    subtitle = message(
        "Share of {who} entering at {first} who reach each step on one clock",
        who=terms.who(result.plan, rate.n), first=first.label,
    )  # fmt: skip
    alt = message(
        "Bars for {n} steps after {first}. {rate} reach {last} within {window} (n = {base}).",
        n=Quantity(len(rows)), base=Quantity(rate.n), **facts,
    )  # fmt: skip
    reached = message("Got here").say(lang)
    sketch = FunnelRows(rows, (reached, *_legend(lang)[1:]), message("Got here, estimate").say(lang))
    return Plot(sketch, title, subtitle, _note(result, target=False), alt, lang)


def groups(result: FunnelResult) -> Plot | None:
    """Draw every group at the step where one differs most clearly; else where most are lost."""
    step = compared(result)
    if not result.by or step is None:
        return None
    lang = result.context.language
    found = [(g, result.number(step.id, result.leading, group=g)) for g in result.plan.groups]
    known = [(say(terms.group_name(result, g), lang), x, g) for g, x in found if x.known]
    if not known:
        return None
    dated = result.plan.by.where == "calendar"
    ordered = known if dated else sorted(known, key=lambda one: -one[1].estimate)
    gap = words.worst_gap(result)
    rows = [_dot(result, name, x, alert=gap is not None and gap.group == g) for name, x, g in ordered]
    high, low = max(known, key=lambda one: one[1].estimate), min(known, key=lambda one: one[1].estimate)
    onward = next(b for a, b in result.pairs if a.id == step.id)
    facts = {
        "step": step.label, "onward": onward.label, "low": low[1].amount, "worst": low[0],
        "high": high[1].amount, "best": high[0],
    }  # fmt: skip
    title = message("From {step} to {onward}: {low} ({worst}) to {high} ({best})", **facts)
    subtitle = message(
        "Share going on within {window} by {by}, {reading}",
        window=terms.window(result.plan), by=terms.split_name(result), reading=terms.reading(result),
    )  # fmt: skip
    note = message(
        "Dot and line: estimate and {level} interval. Dashed: all. * n below {flag}. Groups were not drawn "
        "by lot.",
        level=terms.confidence(result), flag=Quantity(result.context.flag_cell),
    )  # fmt: skip
    alt = message(
        "Dots with intervals for {n} groups on the way from {step} to {onward}: {best} {high}, {worst} "
        "{low}.",
        n=Quantity(len(rows)), **facts,
    )  # fmt: skip
    total = result.number(step.id, result.leading).estimate
    axis = value_axis(
        min(x.ci_low for _, x, _ in known), max(x.ci_high for _, x, _ in known), "%", scale=100, ends=_ENDS
    )
    columns = (message("Went on").say(lang), "n")
    sketch = DotRows(rows, axis, columns, total if math.isfinite(total) else None)
    return Plot(sketch, title, subtitle, note, alt, lang)


def definitions(result: FunnelResult) -> Plot | None:
    """Draw how far the rate of each step moves with the definition."""
    lang = result.context.language
    rows, worst = [], None
    for step, _ in result.pairs:
        values = [x for x in result.of("definition") if x.option == step.id]
        found = [x.estimate for x in values if math.isfinite(x.estimate)]
        spread = result.number(step.id, "definition_spread", comparison="all")
        own = result.number(step.id, "rate_mature")
        if not found or not math.isfinite(spread.estimate) or not math.isfinite(own.estimate):
            continue
        bounds = interval(min(found), max(found), "share", lang, compact=True)
        width = Quantity(spread.estimate, "share_points").say(lang)
        middle = min(max(own.estimate, min(found)), max(found))
        rows.append(DotRow(say(step.label, lang), min(found), middle, max(found), width, bounds, ""))
        worst = max(filter(None, (worst, spread)), key=lambda x: x.estimate)
    if worst is None:
        return None
    step = next(one for one, _ in result.pairs if one.id == worst.option)
    facts = {"step": step.label, "size": Quantity(worst.estimate, "share_points")}
    title = message("Definition uncertainty reaches {size} at {step}", **facts)
    subtitle = message(
        "Mature rate from each step to the next under {n} definitions: entry, ties, half and twice the window"
        ", time zone",
        n=Quantity(len({x.comparison for x in result.of("definition")})),
    )  # fmt: skip
    note = message(
        "Dot: this report's definition. Line: from the lowest to the highest definition; not a confidence "
        "interval."
    )
    alt = message("Ranges for {n} steps. The widest is {step}, {size}.", n=Quantity(len(rows)), **facts)
    axis = value_axis(min(r.low for r in rows), max(r.high for r in rows), "%", scale=100, ends=_ENDS)
    return Plot(DotRows(rows, axis, (message("Spread").say(lang), "")), title, subtitle, note, alt, lang)


def compared(result: FunnelResult) -> Step | None:
    """Return the step whose groups are drawn."""
    gap, loss = words.worst_gap(result), words.biggest_loss(result)
    if gap is not None:
        return next(step for step, _ in result.pairs if step.id == gap.option)
    return loss.step if loss is not None else None


def _row(
    result: FunnelResult, step: Step, parts: tuple[str, ...], rate: Number, *, strong: bool, base: str = "n"
) -> FunnelRow:
    lang = result.context.language
    numbers = [result.number(step.id, part) for part in parts]
    shares = [one.estimate if math.isfinite(one.estimate) else 0.0 for one in numbers]
    thin = rate.n < result.context.flag_cell
    count = "n = " + Quantity(numbers[0].n).say(lang) + ("*" if thin else "")
    if not base:
        count = terms.at_least(result, numbers[0].n * shares[0]).say(lang)
    target = result.number(step.id, "target").estimate if base else math.nan
    places = terms.places(rate.estimate)
    value = replace(rate.amount, decimals=places).say(lang)
    bounds = interval(rate.ci_low, rate.ci_high, "share", lang, decimals=places, compact=True)
    return FunnelRow(
        say(step.label, lang), count, _color(step),
        (shares[0], shares[1], shares[2]),
        (_percent(shares[0], lang), _percent(shares[1], lang), _percent(shares[2], lang)),
        rate.ci_low, rate.estimate if rate.known else math.nan, rate.ci_high, value,
        bounds if rate.known else "", target, thin, strong,
    )  # fmt: skip


def _dot(result: FunnelResult, name: str, x: Number, *, alert: bool) -> DotRow:
    lang = result.context.language
    thin = x.n < result.context.flag_cell
    base = Quantity(x.n).say(lang) + ("*" if thin else "")
    bounds = interval(x.ci_low, x.ci_high, x.unit, lang, compact=True)
    color = theme.ALERT if alert else theme.MAIN
    return DotRow(name, x.ci_low, x.estimate, x.ci_high, x.amount.say(lang), bounds, base, color, thin, alert)


def _color(step: Step) -> str:
    return theme.STAGES[step.place % len(theme.STAGES)] if step.place >= 0 else theme.MAIN


def _percent(share: float, lang: str) -> str:
    return Quantity(share, "share").say(lang)


def _legend(lang: str) -> tuple[str, str, str]:
    return message("Went on").say(lang), message("Still open").say(lang), message("Timed out").say(lang)


def _note(result: FunnelResult, *, target: bool = True) -> Message:
    facts = {"level": terms.confidence(result), "reading": terms.reading(result),
             "flag": Quantity(result.context.flag_cell)}  # fmt: skip
    has_target = target and any(step.target is not None for _, step in result.pairs)
    if has_target:
        return message(
            "Dot and line: estimate {reading}, {level} interval. Tick: target. Hatched: window not over. * n "
            "below {flag}.",
            **facts,
        )
    return message(
        "Dot and line: estimate {reading}, {level} interval. Hatched: window not over. * n below {flag}.",
        **facts,
    )
