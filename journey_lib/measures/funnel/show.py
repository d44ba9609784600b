"""The parts of the funnel page: a figure with the table of its numbers, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journey_lib.measures.funnel import pictures, terms, words
from journey_lib.measures.funnel.definitions import SOURCES
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, Says, message, say

if TYPE_CHECKING:
    from journey_lib.measures.funnel.result import FunnelResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number

MOST_COLUMNS = 10


def part(result: FunnelResult, kind: str) -> Block:
    """Return figure and table of a kind as one block."""
    drawers = {
        "steps": pictures.steps, "whole": pictures.whole, "groups": pictures.groups,
        "definitions": pictures.definitions,
    }  # fmt: skip
    listers = {
        "steps": _steps, "whole": _whole, "groups": _groups, "definitions": _definitions, "times": _times,
        "detours": _detours,
    }  # fmt: skip
    plot = drawers[kind](result) if kind in drawers else None
    blocks_ = [blocks.figure(plot) if plot else None, listers[kind](result)]
    return blocks.together(blocks_, _why_not(kind), result.context.language)


def _why_not(kind: str) -> Message:
    return {
        "groups": message(
            "This run does not split the funnel. Set `by` to a column, such as region, or to week or month."
        ),
        "times": message("Nobody went on, or the steps share no clock, so there are no times to tell."),
    }.get(kind, message("A funnel of one step leads nowhere, so there is nothing to show here."))


def _steps(result: FunnelResult) -> Block | None:
    """Return the three rates side by side, with target and verdict."""
    lang, verdicts = result.context.language, _verdicts()
    rows = []
    for step, onward in result.pairs:
        entered = result.number(step.id, "entered")
        target = result.number(step.id, "target")
        judged = verdicts.get(words.verdict(result, step.id))
        cells: list[Cell | str] = [
            judged.say(lang) if judged else "–", say(onward.label, lang), _count(entered),
            *(_cell(result, result.number(step.id, m)) for m in (result.leading, "moved_on", "rate_mature")),
            _cell(result, target, bounds=False),
        ]  # fmt: skip
        rows.append(Row(say(step.label, lang), cells))
    note = message(
        "Second line: {level} interval. The first rate leads, {reading}. Plain count: those still open "
        "count as lost. Whole windows: entries old enough only. Verdict: met or missed when the whole "
        "interval is on one side.",
        level=terms.confidence(result), reading=terms.reading(result),
    )  # fmt: skip
    return _table(
        result, message("From each step to the next, three readings of one rate"),
        message("Share {units} entering a step who reach the next one within {window}, in %",
                units=terms.units(result.plan), window=terms.window(result.plan)),
        [message("From"), message("Verdict"), message("To"), message("Entered"), message("Went on"),
         message("Plain count"), message("Whole windows"), message("Target")],
        rows, note,
    )  # fmt: skip


def _verdicts() -> dict[str, Message]:
    return {"met": message("met"), "missed": message("missed"), "unclear": message("unclear")}


def _whole(result: FunnelResult) -> Block | None:
    lang = result.context.language
    km = "whole_km" if result.leading == "rate_km" else "whole_mature"
    rows = []
    for at, step in enumerate(result.plan.steps):
        metrics = ("whole_step", "whole_reached", km)
        cells = [_cell(result, result.number(step.id, m), empty=not at) for m in metrics]
        name = say(step.label, lang)
        if step.optional:
            name = message("{name} (optional)", name=name).say(lang)
        rows.append(Row(name, [_count(result.number(step.id, "reached")), *cells]))
    first = result.plan.steps[0].label
    note = message(
        "Second line: {level} interval. One clock runs from {first}, so late steps are rare unless the "
        "window holds the whole way.",
        level=terms.confidence(result), first=first,
    )  # fmt: skip
    return _table(
        result, message("The whole way from {first}", first=first),
        message("Reached each step within {window} of entry; shares in %",
                window=terms.window(result.plan)),
        [message("Stage or step"), message("Reached"), message("Of the step before"),
         message("Of all who entered"), message("Estimate")],
        rows if len(rows) > 1 else [], note,
    )  # fmt: skip


def _groups(result: FunnelResult) -> Block | None:
    if not result.by:
        return None
    names = result.plan.groups
    shown = names[-MOST_COLUMNS:] if result.plan.by.where == "calendar" else names[:MOST_COLUMNS]
    lang = result.context.language
    rows = [
        Row(
            say(step.label, lang),
            [_cell(result, result.number(step.id, result.leading, group=g)) for g in ("", *shown)],
        )
        for step, _ in result.pairs
    ]
    entered = [_count(result.number(result.plan.steps[0].id, "entered", group=g)) for g in ("", *shown)]
    rows.insert(0, Row(message("Entered first step").say(lang), entered))
    note = message(
        "Second line: {level} interval. Hatched: masked, because n is below {cell} or because it would give "
        "a masked cell away. Groups and those not known add up to the total.",
        level=terms.confidence(result), cell=Quantity(result.context.min_cell),
    )  # fmt: skip
    if len(shown) < len(names):
        more = message("{shown} of {all} columns are shown.", shown=len(shown), all=len(names))
        note = message("{a} {b}", a=note, b=more)
    return _table(
        result, message("Every step by {by}", by=terms.split_name(result)),
        message("Share going on to the next step within {window}, in %", window=terms.window(result.plan)),
        [message("From"), message("Total"), *(terms.group_name(result, g) for g in shown)], rows, note,
    )  # fmt: skip


def _definitions(result: FunnelResult) -> Block | None:
    lang = result.context.language
    rows = []
    for step, _ in result.pairs:
        spread = [result.number(step.id, "definition_spread", comparison=c) for c in ("all", *SOURCES)]
        rows.append(Row(say(step.label, lang), [_cell(result, one, bounds=False) for one in spread]))
    note = message(
        "How far the mature rate moves when one part of the definition changes and the rest stays. Entry: "
        "first or any. Ties: every rule that fits. Window: half and twice. Zone: only where the calendar "
        "decides who enters."
    )
    return _table(
        result, message("What each part of the definition does"),
        message("Largest difference between definitions, in points"),
        [message("From"), message("All together"), message("Entry"), message("Ties"), message("Window"),
         message("Time zone")],
        rows, note,
    )  # fmt: skip


def _times(result: FunnelResult) -> Block | None:
    lang = result.context.language
    rows = []
    for step, onward in result.pairs:
        found = [result.number(step.id, m) for m in ("time_quartile_1", "time_median", "time_quartile_3")]
        if any(math.isfinite(one.estimate) or one.hidden for one in found):
            cells: list[Cell | str] = [
                say(onward.label, lang),
                *(_cell(result, one) for one in found),
                _count(found[1], n=True),
            ]
            rows.append(Row(say(step.label, lang), cells))
    note = message(
        "Exact quartiles of those who went on within the window, from their first entry. Who needs longer "
        "than the window is not here, so these are not the times of all customers."
    )
    return _table(
        result, message("How long those who go on take"), message("Days from entering a step to the next"),
        [message("From"), message("To"), message("A quarter by"), message("Half by"),
         message("Three quarters by"), "n"],
        rows, note,
    )  # fmt: skip


def _detours(result: FunnelResult) -> Block | None:
    found, lang = result.numbers.detours, result.context.language
    required = [result.plan.steps[at] for at in result.plan.whole.required]
    least = result.context.min_cell
    rows = [
        Row(say(step.label, lang), [_people(v, int(found.reached[at]), least) for v in
                                    (found.reached[at], found.skipped[at], found.back[at])])
        for at, step in enumerate(required)
    ]  # fmt: skip
    note = message(
        "A customer counts at a step whenever they entered it, by whatever way. Without the step before: not "
        "met until then. Came back: met an earlier step afterwards."
    )
    return _table(
        result, message("Not everybody goes in a straight line"), message("Customers"),
        [message("Stage or step"), message("Entered"), message("Without the step before"),
         message("Came back")],
        rows if len(required) > 1 else [], note,
    )  # fmt: skip


def _people(value: int, base: int, least: int) -> Cell:
    return Cell(float(value), "count", n=float(base), masked=0 < base < least)


def _count(number: Number, *, n: bool = False) -> Cell:
    value = number.n if n else number.estimate
    return Cell(value, "count", masked=number.hidden, withheld=number.withheld)


def _cell(result: FunnelResult, number: Number, *, bounds: bool = True, empty: bool = False) -> Cell:
    low, high = (number.ci_low, number.ci_high) if bounds else (math.nan, math.nan)
    return Cell(
        math.nan if empty else number.estimate, number.unit or "share", low, high, number.n,
        masked=number.hidden and not empty, withheld=number.withheld,
        thin=bounds and number.n < result.context.flag_cell and math.isfinite(number.estimate),
    )  # fmt: skip


def _table(
    result: FunnelResult, title: Message, base: Message, header: Sequence[Says | str],
    rows: Sequence[Row], note: Message,
) -> Block | None:  # fmt: skip
    """Return rows as a table in the language of the page; None without rows."""
    lang = result.context.language
    words_ = [say(word, lang) for word in header]
    return table(title, base, words_, rows, note, lang, result.context.min_cell) if rows else None
