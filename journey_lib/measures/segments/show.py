"""The parts of the segments page: figures, and tables of traits, criteria, typing tool and moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.segments import pictures, terms
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Quantity, message, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.measures.segments.result import SegmentsResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number

_MOST_SEGMENTS, _MOST_ROWS = 8, 30


def part(result: SegmentsResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    makers = {"verdict": _verdict, "traits": _traits, "others": _others, "typing": _typing, "moves": _moves}
    if kind in makers:
        found = makers[kind](result)
    else:
        drawing = {
            "choice": pictures.choice, "sizes": pictures.sizes, "profiles": pictures.profiles,
            "stages": pictures.stages, "stability": pictures.stability,
        }[kind](result)  # fmt: skip
        found = blocks.figure(drawing) if drawing else None
    why = {
        "moves": message("No earlier day was asked for; `earlier` shows who moved."),
        "stages": message("No event tells which stages these people reached."),
        "choice": message("Rules made these segments; there is no number to choose."),
        "verdict": message("Rules made these segments; there is no number to choose."),
        "stability": message("Rules made these segments; the same rules give them again."),
    }
    none = message("No segments were formed.")
    return blocks.together([found], why.get(kind, none) if result.k else none, result.context.language)


def _verdict(result: SegmentsResult) -> Block | None:
    told, lang = result.found.criteria, result.context.language
    if told is None:
        return None
    rows = [
        Row(terms.criterion(name).say(lang), [
            message("no segments").say(lang) if k == 1 else Quantity(k).say(lang),
            Cell(getattr(told, name)[k], "score", decimals=0 if name in ("bic", "icl") else 2),
        ])
        for name, k in told.picks.items()
    ]  # fmt: skip
    if math.isfinite(told.one_cloud):
        said = message("no segments") if "one_cloud" in told.against else message("more than one")
        rows.append(
            Row(
                message("Test of one cloud, p").say(lang),
                [said.say(lang), Cell(told.one_cloud, "score", decimals=3)],
            )
        )
    title = {
        "clear": message("Nothing speaks for a single group"),
        "unsure": message("One voice speaks for a single group"),
        "none": message("One group is enough for {names}", names=terms.names(told.against)),
    }[result.verdict]
    header = (message("Criterion"), message("Asks for"), message("Value there"))
    note = message(
        "Two voices for a single group (gap, BIC, prediction strength, test of one cloud) mean that there "
        "may be no segments. The silhouette cannot ask for one."
    )
    base = message("n = {n} people, drawn once", n=Quantity(told.rows))
    return _table(result, title, base, header, rows, note)


def _traits(result: SegmentsResult) -> Block | None:
    note = message(
        "Second line: {level} interval. Effect: share of the spread between segments (omega squared) or "
        "Cramér's V. These columns built the segments: the differences are no evidence for them.",
        level=terms.confidence(result),
    )
    title = message("The columns that built the segments")
    return _columns(result, result.found.active, title, note)


def _others(result: SegmentsResult) -> Block | None:
    note = message(
        "Second line: {level} interval. Sorted by effect: omega squared or Cramér's V. Effects below 0.01 or "
        "above a false discovery rate of 5% are left out.",
        level=terms.confidence(result),
    )
    title = message("What else goes with the segments")
    kept = [
        number
        for number in result.shown.values()
        if number.metric == "effect" and number.comparison == "passive" and number.option != "epsilon_squared"
        and number.p_value < 0.05 and number.estimate >= 0.01
    ]  # fmt: skip
    ranked = sorted(kept, key=lambda number: -number.estimate)
    return _columns(result, tuple(number.question for number in ranked), title, note)


def _columns(result: SegmentsResult, columns: Sequence[str], title: Message, note: Message) -> Block | None:
    names, lang = result.found.names[:_MOST_SEGMENTS], result.context.language
    rows: list[Row] = []
    for column in columns:
        label = terms.column(result.study, column).say(lang)
        effect = _effect(result, column)
        options = [n.option for n in result.shown.values()
                   if n.metric == "share" and n.question == column and not n.segment]  # fmt: skip
        if not options:
            cells = [_cell(result.number("mean", question=column, segment=s)) for s in (*names, "")]
            rows.append(Row(label, [*cells, effect]))
        for at, option in enumerate(options):
            shares = [
                _cell(result.number("share", question=column, option=option, segment=s)) for s in (*names, "")
            ]
            word = terms.value(result.study, column, option)
            rows.append(Row(word, [*shares, effect if at == 0 else ""], label if at == 0 else ""))
    if not rows or not names:
        return None
    header = (message("Column"), *(terms.segment(name) for name in names), message("All"), message("Effect"))
    base = message("Means in the column's own unit; shares in %")
    return _table(result, title, base, header, rows[:_MOST_ROWS], note)


def _effect(result: SegmentsResult, column: str) -> Cell | str:
    for kind in ("active", "passive"):
        for option in ("omega_squared", "cramers_v"):
            number = result.number("effect", question=column, option=option, comparison=kind)
            if number.metric:
                return Cell(number.estimate, "score", n=number.n)
    return DASH


def _typing(result: SegmentsResult) -> Block | None:
    told, lang = result.judged, result.context.language
    if told is None:
        return None
    rows = [
        Row(
            Quantity(questions).say(lang),
            [terms.column(result.study, added).say(lang), Cell(accuracy, "share")],
        )
        for questions, added, accuracy in told.curve
    ]
    title = message(
        "With all questions the typing tool is right for {share}", share=Quantity(told.accuracy, "share")
    )
    base = message(
        "n = {n} people in five folds; kappa {kappa}, calibration error {error}, unclassified {open}",
        n=Quantity(told.n), kappa=Quantity(told.kappa, "score"), error=Quantity(told.calibration, "score"),
        open=Quantity(told.unclassified, "share"),
    )  # fmt: skip
    note = message(
        "Each line adds the question that helps most, chosen inside the folds. The tool itself is in "
        ".typing_tool. High accuracy does not prove that the segments are real."
    )
    header = (message("Questions"), message("Added"), message("Right, %"))
    return _table(result, title, base, header, rows, note)


def _moves(result: SegmentsResult) -> Block | None:
    if result.moved is None:
        return None
    names, lang = result.found.names, result.context.language
    rows = []
    headings = {
        "frozen": message("Today's segments at both looks: what moved is behaviour"),
        "refitted": message("Segments found anew at the earlier look: the definition moved too"),
    }
    for kind, heading in headings.items():
        for at, name in enumerate(names):
            cells = [_cell(result.number("moved", segment=name, comparison=to, group=kind)) for to in names]
            rows.append(Row(terms.segment(name).say(lang), cells, heading.say(lang) if at == 0 else ""))
    stayed = result.number("stayed", group="frozen")
    title = message("{share} stayed in their segment", share=stayed.amount)
    base = message(
        "Share of the earlier segment, in %; n = {n} in a segment both times", n=Quantity(stayed.n)
    )
    note = message(
        "Second line: {level} interval. Rows: earlier, columns: now.", level=terms.confidence(result)
    )
    header = (message("Segment"), *(terms.segment(name) for name in names))
    return _table(result, title, base, header, rows, note)


def _cell(number: Number) -> Cell:
    low, high = (
        (number.ci_low, number.ci_high) if number.known or number.metric == "moved" else (math.nan, math.nan)
    )
    return Cell(number.estimate, number.unit or "score", low, high, number.n, masked=number.hidden,
                withheld=number.withheld)  # fmt: skip


def _table(
    result: SegmentsResult,
    title: Message,
    base: Message,
    header: Sequence[Message],
    rows: Sequence[Row],
    note: Message,
) -> Block:
    lang = result.context.language
    return table(title, base, [say(word, lang) for word in header], rows, note, lang, result.context.min_cell)
