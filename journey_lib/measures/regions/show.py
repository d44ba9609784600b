"""The parts of the regions page: each figure with the table of its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from journey_lib.measures.regions import pictures, words
from journey_lib.measures.regions.conversion import MOVED
from journey_lib.measures.regions.preferences import CHOSEN
from journey_lib.measures.regions.rows import GAP
from journey_lib.measures.regions.satisfaction import STYLES
from journey_lib.present import blocks
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Quantity, Says, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.regions.preferences import Matrix
    from journey_lib.measures.regions.result import RegionsResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number

HIGHER, LOWER = "+", "−"


def part(result: RegionsResult, kind: str) -> Block:
    """Return a part of the page, or a sentence why there is none."""
    figures = [blocks.figure(plot) for plot in pictures.drawn(result, kind)]
    tables = {
        "conversion": lambda: [_conversion(result)],
        "preferences": lambda: [_preferences(result), _unmet(result)],
        "ratings": lambda: [_ratings(result, "rating"), _ratings(result, "standardised")],
        "style": lambda: [_style(result)],
        "rhythm": lambda: [_weekdays(result), _holidays(result)],
    }[kind]()
    return blocks.together([*figures, *tables], _why_not(kind), result.context.language)


def _why_not(kind: str) -> Message:
    return {
        "conversion": message("No event tells who moves on in which region."),
        "preferences": message("Neither answers nor orders nor channels can be told apart by region."),
        "ratings": message("No ratings can be compared by region."),
        "style": message("Too few ratings to tell how people use the scale."),
        "rhythm": message("No event of a customer with a region has a time of day."),
    }[kind]


def _conversion(result: RegionsResult) -> Block | None:
    rows = []
    for stage in result.context.stages:
        numbers = [result.number(MOVED, stage=stage.id, group=r) for r in result.whom.names]
        ordered = sorted((n for n in numbers if n.metric), key=_sorted)
        for at, own in enumerate(ordered):
            about = {"stage": stage.id, "group": own.group}
            gap = result.number(MOVED + GAP, **about)
            shrunk, rank = (result.number(f"{MOVED}_{name}", **about) for name in ("shrunk", "rank"))
            cells: list[Cell | str] = [
                _cell(result, own), _cell(result, gap, letters=_sign(result, gap)),
                Cell(shrunk.estimate, "share", masked=shrunk.hidden, withheld=shrunk.withheld),
                _rank(result, rank),
                Cell(own.n, "count", masked=own.hidden, withheld=own.withheld),
            ]  # fmt: skip
            heading = "" if at else stage.label.say(result.context.language)
            rows.append(Row(result.label(own.group), cells, heading, stage.place))
    heads = [
        message("Region"), message("Moved on, %"), message("Against all others, points"),
        message("Shrunken, %"), message("Place"),
    ]  # fmt: skip
    note = message(
        "{sign} Place: where it may stand among the regions, all places together at {level}. Shrunken: "
        "pulled towards the mean as far as its own luck asks for.",
        sign=_signs(result), level=Quantity(result.plan.level, "share"),
    )  # fmt: skip
    title = message("Who moves on, stage by stage")
    base = message("Share of those who entered the stage, lowest first")
    return _table(result, title, base, [*heads, "n"], rows, note)


def _sorted(number: Number) -> float:
    return math.inf if math.isnan(number.estimate) else number.estimate


def _rank(result: RegionsResult, rank: Number) -> Cell | str:
    if rank.hidden:
        return Cell(math.nan, "count", masked=True, withheld=rank.withheld)
    if math.isnan(rank.estimate):
        return DASH
    low, high = (Quantity(end).say(result.context.language) for end in (rank.ci_low, rank.ci_high))
    return low if low == high else f"{low}–{high}"


def _preferences(result: RegionsResult) -> Block | None:
    rows = [row for matrix in result.counted.preferences.matrices for row in _choices(result, matrix)]
    heads: list[Says | str] = [message("Answer"), message("All"), *map(result.label, result.whom.names)]
    title = message("What is chosen and used, region by region")
    base = message("Shares in %: of answers, orders, or customers with an event; the commonest first")
    note = message(
        "{sign} Shares of customers who used a channel add up to more than 100%.", sign=_signs(result)
    )
    return _table(result, title, base, heads, rows, note)


def _choices(result: RegionsResult, matrix: Matrix) -> Iterator[Row]:
    about = {"question": matrix.question, "stage": matrix.stage}
    totals = {o: result.number(matrix.metric, option=o, **about) for o in matrix.options}
    heading = pictures.heading_of(result, matrix).say(result.context.language)
    for at, option in enumerate(sorted(matrix.options, key=lambda o: _sorted(totals[o]), reverse=True)):
        cells = [_cell(result, totals[option])]
        for region in result.whom.names:
            own, gap = (result.number(metric, option=option, group=region, **about)
                        for metric in (matrix.metric, matrix.metric + GAP))  # fmt: skip
            cells.append(_cell(result, own, letters=_sign(result, gap)))
        name = words.option_of(result, totals[option]).say(result.context.language)
        yield Row(name, cells, "" if at else heading)


def _unmet(result: RegionsResult) -> Block | None:
    rows = []
    for wish in result.unmet():
        about = {"option": wish.option, "group": wish.group}
        wanted = result.number(CHOSEN, question=wish.question, stage=wish.stage, **about)
        paid = Quantity(max(wanted.estimate - wish.estimate, 0.0), "share", 1)
        cells: list[Cell | str] = [
            words.option_of(result, wish).say(result.context.language), _cell(result, wanted),
            paid.say(result.context.language), _cell(result, wish), Cell(wish.n, "count"),
        ]  # fmt: skip
        rows.append(Row(result.label(wish.group), cells))
    heads: list[Says | str] = [
        message("Region"), message("Way to pay"), message("Prefer it, %"), message("Orders paid so"),
        message("Difference, points"), "n",
    ]  # fmt: skip
    title = message("Wanted and not had")
    base = message("Ways to pay that clearly more people prefer than use, widest first")
    note = message(
        "A way to pay that is not offered shows here; so does one that fails, or that only few orders suit. "
        "{paid} counts orders, the other share counts answers.",
        paid=message("Orders paid so"),
    )
    return _table(result, title, base, heads, rows, note)


def _ratings(result: RegionsResult, metric: str) -> Block | None:
    """Return each region less all others, question by question."""
    asked = result.counted.asked
    if asked is None or not result.of(metric + GAP):
        return None
    rows = []
    if result.number(metric).metric:
        rows.append(Row(message("All ratings together").say(result.context.language), _line(result, metric)))
    for q, heading, stop in naming.along_the_journey(result.study, asked.questions):
        name = naming.row_name(result.study, q).say(result.context.language)
        rows.append(Row(name, _line(result, metric, q.id, q.stage), heading, stop))
    raw = metric == "rating"
    title = message("Ratings as given, against all others") if raw else message(
        "Ratings without rating habits, against all others"
    )  # fmt: skip
    base = (
        message("Difference in points of the {low}–{high} scale, weighted",
                low=Quantity(asked.scale[0]), high=Quantity(asked.scale[1]))
        if raw
        else message("Difference in a person's own standard deviations, weighted")
    )  # fmt: skip
    heads: list[Says | str] = [message("Item"), *map(result.label, result.whom.names)]
    return _table(result, title, base, heads, rows, _signs(result))


def _line(result: RegionsResult, metric: str, question: str = "", stage: str = "") -> list[Cell | str]:
    gaps = [result.number(metric + GAP, question=question, stage=stage, group=r) for r in result.whom.names]
    return [_cell(result, gap, letters=_sign(result, gap), decimals=2) for gap in gaps]


def _style(result: RegionsResult) -> Block | None:
    rows = []
    metrics = tuple(STYLES)
    for region in result.whom.names:
        numbers = [result.number(metric, group=region) for metric in metrics]
        gaps = [result.number(metric + GAP, group=region) for metric in metrics]
        if any(number.known for number in numbers):
            cells: list[Cell | str] = [
                _cell(result, n, letters=_sign(result, gap), decimals=2 if n.unit == "score" else None)
                for n, gap in zip(numbers, gaps, strict=True)
            ]  # fmt: skip
            rows.append(
                Row(result.label(region), [*cells, Cell(numbers[0].n, "count", masked=numbers[0].hidden)])
            )
    heads: list[Says | str] = [
        message("Region"), message("Ends, %"), message("Middle, %"), message("Own spread"),
        message("Agreement"), "n",
    ]  # fmt: skip
    note = message(
        "{sign} Own spread: standard deviation of a person's answers. Agreement: share above the midpoint "
        "less the share below; satisfied people agree more, so alone it is no habit.",
        sign=_signs(result),
    )
    title = message("How people use the scale")
    base = message("Mean over people with enough ratings, weighted")
    return _table(result, title, base, heads, rows, note)


def _weekdays(result: RegionsResult) -> Block | None:
    rows = []
    for region in result.whom.names:
        days = [result.number("weekday_share", option=f"{at:02d}", group=region) for at in range(7)]
        if all(not math.isnan(day.estimate) for day in days):
            cells: list[Cell | str] = [Cell(day.estimate, "share", n=day.n) for day in days]
            rows.append(Row(result.label(region), [*cells, Cell(days[0].n, "count")]))
    heads = [
        message("Region"), message("Mon"), message("Tue"), message("Wed"), message("Thu"), message("Fri"),
        message("Sat"), message("Sun"), message("Events"),
    ]  # fmt: skip
    note = message("Days begin at midnight on the local clock. An even week would have 14.3% on each day.")
    return _table(
        result, message("Days of the week"), message("Share of a region's events, %"), heads, rows, note
    )


def _holidays(result: RegionsResult) -> Block | None:
    rows, moved = [], result.counted.rhythm.moved if result.counted.rhythm else ()
    for holiday in result.study.holidays:
        numbers = [result.number("holiday_ratio", option=holiday.id, group=r) for r in result.whom.names]
        for at, number in enumerate(one for one in numbers if not math.isnan(one.estimate)):
            months = [f"{old}, {new}" for region, one, old, new in moved
                      if (region, one.id) == (number.group, holiday.id)]  # fmt: skip
            cells: list[Cell | str] = [Quantity(number.estimate, "score", 2).say(result.context.language),
                                       months[0] if months else DASH]  # fmt: skip
            heading = "" if at else (holiday.label.say(result.context.language) or holiday.id)
            rows.append(Row(result.label(number.group), cells, heading))
    heads = [message("Region"), message("Events, times an ordinary day"), message("Moved between")]
    note = message(
        "1 is as busy as the same weekdays in the four weeks around it. Where a holiday moved, neither month "
        "is a fair comparison with the year before."
    )
    title = message("Holidays against ordinary days")
    base = message("Days as the study declares them")
    return _table(result, title, base, heads, rows, note)


def _cell(result: RegionsResult, number: Number, *, letters: str = "", decimals: int | None = None) -> Cell:
    points = number.unit == "share_points"
    signed = points or number.metric.endswith(GAP) or number.metric == "agreement"
    return Cell(
        number.estimate, number.unit or "share", number.ci_low, number.ci_high, number.n,
        masked=number.hidden, withheld=number.withheld, thin=number.n < result.context.flag_cell,
        decimals=decimals, signed=signed, letters=letters,
    )  # fmt: skip


def _sign(result: RegionsResult, gap: Number) -> str:
    """Mark a difference that holds; of ratings as given only one that is no habit."""
    if not result.clear(gap) or (gap.metric == "rating" + GAP and gap not in result.gaps(gap.metric)):
        return ""
    return HIGHER if gap.estimate > 0 else LOWER


def _signs(result: RegionsResult) -> Message:
    return message(
        "+ and −: higher or lower than all other regions, and by enough to matter. Second line: interval; "
        "all of a part hold together at {level}. * n {cell} to {last}. Hatched: masked.",
        level=Quantity(result.plan.level, "share"), cell=Quantity(result.context.min_cell),
        last=Quantity(result.context.flag_cell - 1),
    )  # fmt: skip


def _table(
    result: RegionsResult, title: Message, base: Message, heads: Sequence[Says | str], rows: Sequence[Row],
    note: Message,
) -> Block | None:  # fmt: skip
    if not rows:
        return None
    lang = result.context.language
    header = [head if isinstance(head, str) else head.say(lang) for head in heads]
    return table(title, base, header, rows, note, lang, result.context.min_cell)
