"""The parts of the page on paths: figures with their tables, or the reason why there are none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journey_lib.measures.paths import pictures, terms, words
from journey_lib.measures.paths.count import BETWEEN
from journey_lib.measures.paths.nodes import END, OPEN, START
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.cells import wrapped
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Names, Quantity, message, say
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.paths.result import PathsResult
    from journey_lib.present.numbers import Number

MOST_ROWS = 15
_ALPHA = 0.05


def part(result: PathsResult, kind: str) -> Block:
    """Return figure and table of a kind as one block."""
    drawers = {
        "flow": pictures.flow, "backward": pictures.backward, "matrix": pictures.matrix,
        "dropoff": pictures.dropoff, "drivers": pictures.drivers,
    }  # fmt: skip
    listers = {
        "matrix": _matrix, "dropoff": _dropoff, "astray": _astray, "ways": _ways, "groups": _groups,
        "drivers": _drivers,
    }  # fmt: skip
    lang = result.context.language
    plot = drawers[kind](result) if kind in drawers else None
    listed = listers[kind](result) if kind in listers else None
    return blocks.together([blocks.figure(plot) if plot else None, listed], _why_not(kind), lang)


def _why_not(kind: str) -> Message:
    few = message("Too few paths to show their ways without showing people.")
    return {
        "groups": message(
            "This run does not split the paths. Set `by` to a column, such as region, to compare groups."
        ),
        "drivers": message("Nothing that happened before the landmark has enough customers on both sides."),
        "astray": message("Every path goes from one stage to the next."),
    }.get(kind, few)


def _matrix(result: PathsResult) -> Block | None:
    names = pictures.busiest(result, pictures.MOST_COLUMNS)
    if not names:
        return None
    columns = [END, OPEN, *names]
    rows = []
    for one in [*names, START]:
        numbers = [result.move("transition", one, other) for other in columns]
        base = next((n for n in numbers if n.metric), None)
        count = Cell(base.n if base else math.nan, "count", masked=bool(base and base.hidden))
        rows.append(Row(_say(result, one), [count, *(_share(result, n) for n in numbers)]))
    title = message("The same shares with their intervals")
    note = message(
        "Row: from; column: to; each row sums to 100%. Second line: {level} interval. En dash: nobody. * n "
        "{cell} to {last}. Hatched: n below {cell}, masked. {rest}",
        **_thresholds(result), rest=_rest(result, names),
    )  # fmt: skip
    header = [message("From"), "n", *(_label(result, name) for name in columns)]
    base_line = message("Share of the visits to a step that lead to the next one, in %; n customers")
    return _table(result, title, base_line, header, rows, note)


def _dropoff(result: PathsResult) -> Block | None:
    rows = []
    for name in pictures.busiest(result, MOST_ROWS):
        visits, ends, still = result.move("visits", name), *(_ended(result, name, to) for to in (END, OPEN))
        drop = result.move("dropoff", name)
        share = Cell(
            drop.estimate, "share", drop.ci_low, drop.ci_high, drop.n, masked=drop.hidden,
            withheld=drop.withheld, thin=drop.n < result.context.flag_cell,
        )  # fmt: skip
        # With one part hidden the others would give it away, so the move onward is withheld beside it.
        onward = Cell(
            visits.estimate - ends.estimate - still.estimate, "count", masked=ends.masked or still.masked,
            withheld=not visits.hidden,
        )  # fmt: skip
        rows.append(
            Row(
                _say(result, name),
                [Cell(visits.estimate, "count", masked=visits.hidden), onward, ends, still, share],
            )
        )
    note = message(
        "Moved on, ended and open add up to the visits. Drop-off leaves out visits younger than the "
        "horizon, so it is not ended over all visits. Second line: {level} interval.",
        **_only(result, "level"),
    )
    header = [
        message("Step"), message("Visits"), message("Moved on"), message("Ended"), message("Open"),
        message("Drop-off, %"),
    ]  # fmt: skip
    title = message("What became of every visit")
    base = message("Visits counted one by one; a customer may come more than once")
    return _table(result, title, base, header, rows, note)


def _astray(result: PathsResult) -> Block | None:
    """List the moves that a straight line of stages does not show."""
    nodes = result.walked.nodes
    place = dict(zip(nodes.ids, nodes.places, strict=True))
    found: list[tuple[Number, Message]] = []
    for number in result.of("transitions"):
        kind = _kind(place.get(result.node(number), -1), place.get(number.comparison, -1), number, result)
        if kind:
            found.append((number, kind))
    found += [(n, message("After a long silence")) for n in result.of("win_backs")]
    found += [(n, message("There and back")) for n in result.of("loop")]
    shown = [(n, kind) for n, kind in found if n.hidden or n.n >= result.context.min_cell]
    shown.sort(key=lambda item: -item[0].estimate if math.isfinite(item[0].estimate) else 0.0)
    rows = []
    for number, kind in [item for item in shown if not item[0].hidden][:MOST_ROWS]:
        name = message(
            "{one} → {other}", one=words.name_of(result, number), other=_label(result, number.comparison)
        )
        times, n = Cell(number.estimate, "count"), Cell(number.n, "count")
        rows.append(Row(name.say(result.context.language), [kind.say(result.context.language), times, n]))
    stray = next(iter(result.of("astray")), None)
    title = (
        message("{share} of all customers leave the straight line", share=stray.amount)
        if stray and stray.known
        else message("What a straight funnel does not show")
    )
    note = message(
        "The {n} most frequent ones; those of fewer than {cell} customers are not shown. There and back: "
        "from a step over the other one to the same step again. One move may stand in several rows.",
        n=Quantity(len(rows)), **_only(result, "cell"),
    )  # fmt: skip
    header = [message("Move"), message("Kind"), message("Times"), message("Customers")]
    base = message("Steps back, skipped stages, returns after more than {span} of silence, loops",
                   span=terms.Span(result.walked.plan.horizon))  # fmt: skip
    return _table(result, title, base, header, rows, note)


def _kind(here: int, there: int, number: Number, result: PathsResult) -> Message | None:
    """Return how a move leaves the line of stages; None for one stage forward, and for the ends."""
    if number.comparison in (END, OPEN) or result.node(number) == START:
        return None
    if result.node(number) == number.comparison:
        return message("Repeat") if result.walked.nodes.of == "stages" else None
    if min(here, there) < 0 or there in (here, here + 1):
        return None
    return message("Step back") if there < here else message("Skip")


def _ways(result: PathsResult) -> Block | None:
    found = [n for n in result.of("way") if n.known]
    rows: list[Row] = []
    for number in found[:MOST_ROWS]:
        steps = number.option.split(BETWEEN)
        text = wrapped(" → ".join(_say(result, name) if name != "…" else name for name in steps))
        share = Cell(
            number.estimate, "share", number.ci_low, number.ci_high, thin=number.n < result.context.flag_cell
        )
        rows.append(Row(text, [Cell(number.n, "count"), share]))
    told = result.walked.counted.variants
    if not rows or told is None:
        return None
    title = message(
        "{n} whole paths cover {share} of all", n=Quantity(len(rows)),
        share=Quantity(sum(n.estimate for n in found[:MOST_ROWS]), "share"),
    )  # fmt: skip
    base = message(
        "{all} different paths; share of all paths, n = {paths}; {repeats}",
        all=Quantity(len(told.keys)), paths=Quantity(result.walked.paths), repeats=pictures.repeats(result),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval. Paths of fewer than {cell} customers are not shown: a rare way can "
        "be somebody's own.",
        **_only(result, "level", "cell"),
    )
    return _table(result, title, base, [message("Path"), message("Customers"), "%"], rows, note)


def _groups(result: PathsResult) -> Block | None:
    if not result.walked.groups:
        return None
    tested = [n for n in result.of("transition_difference") if math.isfinite(n.p_value)]
    clear = [n for n in tested if n.p_value < _ALPHA]
    clear.sort(key=lambda n: -abs(n.estimate) / n.std_error)
    title = message(
        "{n} of {all} transitions differ between one value of {by} and the rest", n=Quantity(len(clear)),
        all=Quantity(len(tested)), by=naming.column(result.study, result.by),
    )  # fmt: skip
    base = message("Share of the visits that take this move, in %; difference from everybody else, in points")
    note = message(
        "The {n} clearest ones. p: Benjamini–Hochberg over all {all} tested. Fewer than {least} customers on "
        "a side: not tested. Second line: {level} interval.",
        n=Quantity(min(len(clear), MOST_ROWS)), all=Quantity(len(tested)),
        least=Quantity(result.walked.least), **_only(result, "level"),
    )  # fmt: skip
    rows = [_group_row(result, number) for number in clear[:MOST_ROWS]]
    if not rows:
        rows = [Row(message("No transition differs clearly").say(result.context.language), ["", "", "", ""])]
    header = [
        message("Move"), result.study.column_label(result.by), message("Share, %"), message("Difference"),
        "p",
    ]  # fmt: skip
    return _table(result, title, base, header, rows, note)


def _group_row(result: PathsResult, number: Number) -> Row:
    lang = result.context.language
    share = result.move("transition", result.node(number), number.comparison, group=number.group)
    name = message(
        "{one} → {other}", one=words.name_of(result, number), other=_label(result, number.comparison)
    )
    p = Quantity(number.p_value, "none", 3).say(lang)
    gap = Cell(number.estimate, "share_points", number.ci_low, number.ci_high, signed=True)
    return Row(
        name.say(lang),
        [
            result.study.level(result.by, number.group),
            _share(result, share),
            gap,
            p if number.p_value >= 0.0005 else "<0.001",
        ],
    )


def _drivers(result: PathsResult) -> Block | None:
    found = sorted((n for n in result.of("driver") if n.known), key=lambda n: n.p_value)[:MOST_ROWS]
    lang = result.context.language
    rows = []
    for number in found:
        key = (number.stage, "", number.option, number.comparison)
        one, other, odds = (
            result.number(metric, *key) for metric in ("driver_with", "driver_without", "driver_odds")
        )
        gap = Cell(number.estimate, "share_points", number.ci_low, number.ci_high, signed=True)
        ratio = Cell(odds.estimate, "none", odds.ci_low, odds.ci_high, decimals=2)
        p = "<0.001" if number.p_value < 0.0005 else Quantity(number.p_value, "none", 3).say(lang)
        cells: list[Cell | str] = [
            Cell(one.n, "count", masked=one.hidden),
            _share(result, one),
            _share(result, other),
            gap,
            ratio,
            p,
        ]
        rows.append(Row(terms.mark(result, number.option, number.comparison).say(lang), cells))
    outcome = terms.outcome(result)
    title = message("What goes with {outcome}", outcome=outcome)
    base = message(
        "Marks read {wait} after {entry}, the outcome in the {window} after that; {base}",
        wait=terms.Span(result.drivers.wait), entry=terms.entry(result),
        base=terms.of_drivers(result.drivers), window=terms.Span(result.drivers.window),
    )  # fmt: skip
    note = message(
        "With, without: share with the outcome, in %. p: Benjamini–Hochberg over {n} marks. Second line: "
        "{level} interval. Only customers still at risk at the landmark count.",
        n=Quantity(int(result.drivers.found.tested.sum())), **_only(result, "level"),
    )  # fmt: skip
    header = [
        message("Mark"), "n", message("With, %"), message("Without, %"), message("Difference"),
        message("Odds ratio"), "p",
    ]  # fmt: skip
    return _table(result, title, base, header, rows, note)


def _ended(result: PathsResult, name: str, to: str) -> Cell:
    """Return how many visits to a node led to an end; a move nobody took is a true 0."""
    number = result.move("transitions", name, to)
    return Cell(number.estimate if number.metric else 0.0, "count", masked=number.hidden)


def _share(result: PathsResult, number: Number) -> Cell:
    thin = number.n < result.context.flag_cell
    return Cell(
        number.estimate, "share", number.ci_low, number.ci_high, number.n, masked=number.hidden,
        withheld=number.withheld, thin=thin, decimals=1,
    )  # fmt: skip


def _label(result: PathsResult, name: str) -> object:
    return result.walked.nodes.label(name)


def _say(result: PathsResult, name: str) -> str:
    return say(_label(result, name), result.context.language)


def _rest(result: PathsResult, shown: Sequence[str]) -> Message | str:
    """Say which steps a table leaves out."""
    every = [n for n in result.walked.nodes.ids if pictures.visits(result, n) > 0]
    rest = [result.walked.nodes.label(name) for name in every if name not in shown]
    return message("Not shown: {names}.", names=Names(tuple(rest))) if rest else ""


def _thresholds(result: PathsResult) -> dict[str, Quantity]:
    return {
        "level": terms.confidence(result),
        "cell": Quantity(result.context.min_cell),
        "last": Quantity(result.context.flag_cell - 1),
    }


def _only(result: PathsResult, *names: str) -> dict[str, Quantity]:
    return {name: value for name, value in _thresholds(result).items() if name in names}


def _table(
    result: PathsResult, title: Message, base: Message, header: Sequence[object], rows: Sequence[Row],
    note: Message,
) -> Block | None:  # fmt: skip
    lang = result.context.language
    titles = [say(word, lang) for word in header]
    return table(title, base, titles, rows, note, lang, result.context.min_cell) if rows else None
