"""The parts of the touchpoint page: a figure with the table of its numbers, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from journey_lib.measures.touchpoints import pictures, terms
from journey_lib.measures.touchpoints.count import AFTER
from journey_lib.measures.touchpoints.plan import UNKNOWN
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import DASH, Message, Names, Quantity, message
from journey_lib.study import naming
from journey_lib.study.definition.columns import OWNER

if TYPE_CHECKING:
    from journey_lib.measures.touchpoints.result import TouchpointsResult
    from journey_lib.present.numbers import Number

Kind: TypeAlias = Literal[
    "inventory", "order", "mix", "satisfaction", "channels", "switching", "effort", "groups"
]
MOST_COLUMNS = 10


def part(result: TouchpointsResult, kind: str) -> Block:
    """Return figure and tables of a kind as one block."""
    drawers = {
        "inventory": pictures.inventory, "channels": pictures.channels, "effort": pictures.effort,
        "groups": pictures.groups, "switching": pictures.switching,
    }  # fmt: skip
    listers: dict[str, tuple[Callable[[TouchpointsResult], Block | None], ...]] = {
        "inventory": (_inventory,), "order": (_order,), "mix": (_mix,), "satisfaction": (_satisfaction,),
        "channels": (_channels, _by_stage), "switching": (_switching, _after), "effort": (_effort,),
        "groups": (_groups,),
    }  # fmt: skip
    plot = drawers[kind](result) if kind in drawers else None
    made = [blocks.figure(plot) if plot else None, *(lister(result) for lister in listers[kind])]
    return blocks.together(made, _why_not(kind), result.context.language)


def _why_not(kind: str) -> Message:
    return {
        "groups": message(
            "This run does not split the customers. Set `by` to a column, such as region, to compare groups."
        ),
        "channels": message("Neither the log nor the study names channels."),
        "switching": message("No visit through one channel was followed by another one within the gap."),
        "effort": message("No event of the log enters a stage, so steps and time are unknown."),
        "mix": message("Neither device nor region is known to this study."),
        "satisfaction": message("The answers are not joined to the log, so they stand beside it only."),
    }.get(kind, message("This study names no touchpoints, so there is nothing to list."))


def _inventory(result: TouchpointsResult) -> Block | None:
    metrics = ("reach", "share_of_stage", "contacts_per_customer", "median_contacts", "repeat_share",
               "loops_per_customer", "satisfied")  # fmt: skip
    header = (
        message("Touchpoint"), message("Owner"), message("Reached, %"), message("Of its stage, %"),
        message("Contacts each"), message("Median"), message("Repeats, %"), message("Loops each"),
        message("Satisfied, %"),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval. Of its stage: of customers who entered it. Repeats: contacts that "
        "repeat a step of the same stage. Loops: returns after another touchpoint. En dash: not measured or "
        "not asked, which is not zero. Hatched: masked.",
        level=terms.confidence(result),
    )
    return _table(
        result, message("Every touchpoint of the journey"),
        message("All customers; satisfaction from the survey, weighted"), header,
        _along(result, metrics, owner=True), note,
    )  # fmt: skip


def _order(result: TouchpointsResult) -> Block | None:
    header = (message("Touchpoint"), message("Met first, %"), message("Met last, %"), "n")
    rows = []
    for point, heading, stop in terms.along_the_journey(result, result.study.journey.touchpoints):
        first, last = (result.number(f"{end}_share", touchpoint=point.id) for end in ("first", "last"))
        if first.note in ("last_stage", "not_measured", "not_in_log"):
            continue
        cells: list[Cell | str] = [_cell(result, first), _cell(result, last), _base(first)]
        rows.append(Row(terms.point(result, point.id).say(result.context.language), cells, heading, stop))
    note = message(
        "Of customers who moved on from the stage and had met any of its touchpoints before. The event that "
        "enters a stage counts where the study gives it to a touchpoint. Last is not cause."
    )
    title = message("Where contact with a stage begins and ends")
    return _table(result, title, message("Share of customers, stage by stage"), header, rows, note)


def _mix(result: TouchpointsResult) -> Block | None:
    known = {(n.metric, n.option) for n in result.shown.values() if n.touchpoint}
    every = [(mix, level) for mix, levels in result.mixes.items() for level in (*levels, UNKNOWN)]
    columns = [(mix, level) for mix, level in every if (f"{mix}_share", level) in known][:MOST_COLUMNS]
    lang = result.context.language
    rows = []
    for point, heading, stop in terms.along_the_journey(result, result.study.journey.touchpoints):
        cells: list[Cell | str] = [
            _cell(result, result.number(f"{mix}_share", touchpoint=point.id, option=level), bounds=False)
            for mix, level in columns
        ]
        rows.append(Row(terms.point(result, point.id).say(lang), cells, heading, stop))
    if not columns:
        return None
    header: list[Message | str] = [
        message("Touchpoint"),
        *(terms.level(result, mix, level) for mix, level in columns),
    ]
    names = Names(tuple(naming.column(result.study, mix) for mix in result.mixes))
    note = message("Device: share of contacts. Region: share of customers reached.")
    title = message("Who is met where: {names}", names=names)
    return _table(result, title, message("Shares in %, each touchpoint on its own"), header, rows, note)


def _satisfaction(result: TouchpointsResult) -> Block | None:
    lang, rows = result.context.language, []
    for point, heading, stop in terms.along_the_journey(result, result.study.journey.touchpoints):
        found = [result.number("satisfied", touchpoint=point.id, option=option)
                 for option in ("met", "repeated", "not_repeated")]  # fmt: skip
        gap = result.number("satisfied_difference", touchpoint=point.id, option="repeated",
                            comparison="not_repeated")  # fmt: skip
        if found[0].metric:
            cells: list[Cell | str] = [*(_cell(result, n) for n in found), _cell(result, gap)]
            rows.append(Row(terms.point(result, point.id).say(lang), cells, heading, stop))
    header = (
        message("Touchpoint"), message("Met in the log"), message("Repeated"), message("Not repeated"),
        message("Difference"),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval, weighted. The difference goes with repeating; it does not show that "
        "repeating caused it. Many differences stand side by side: one in twenty would pass by chance.",
        level=terms.confidence(result),
    )
    title = message("Satisfaction of those the log saw there")
    base = message("Share satisfied in %, difference in points; answers of customers known to the log")
    return _table(result, title, base, header, rows, note)


def _channels(result: TouchpointsResult) -> Block | None:
    rows = []
    for name in result.channel_names:
        cells: list[Cell | str] = [
            _cell(result, result.number(metric, option=name), decimals=places)
            for metric, places in (("channel_reach", 1), ("channel_visits", 0), ("visits_per_customer", 1),
                                   ("median_visits", 0))
        ]  # fmt: skip
        rows.append(Row(terms.channel(result, name), cells))
    header = (
        message("Channel"), message("Reached, %"), message("Visits"), message("Visits each"),
        message("Median"),
    )  # fmt: skip
    note = message("Second line: {level} interval. Each: per customer who came at all.",
                   level=terms.confidence(result))  # fmt: skip
    return _table(result, message("Every channel"), message("All customers"), header, rows, note)


def _by_stage(result: TouchpointsResult) -> Block | None:
    stages = [s for s in result.context.stages if result.number("entered", stage=s.id).estimate > 0]
    rows = []
    for name in result.channel_names:
        cells: list[Cell | str] = [
            _cell(result, result.number("channel_reach", stage=s.id, option=name), bounds=False)
            for s in stages
        ]
        rows.append(Row(terms.channel(result, name), cells))
    if not stages:
        return None
    header: list[Message | str] = [
        message("Channel"),
        *(s.label.say(result.context.language) for s in stages),
    ]
    note = message("A customer counts in the stage where the visit began.")
    title = message("Channels stage by stage")
    base = message("Share of customers who entered the stage and came through the channel while there, in %")
    return _table(result, title, base, header, rows, note)


def _switching(result: TouchpointsResult) -> Block | None:
    names = [name for name in result.channel_names if any(
        n.metric == "next_channel" and n.option == name for n in result.shown.values())]  # fmt: skip
    if not names:
        return None
    shown = result.channel_names[:MOST_COLUMNS]
    rows = []
    for origin in names:
        numbers = [result.number("next_channel", option=origin, comparison=target) for target in shown]
        count = max((n.n for n in numbers if n.metric), default=math.nan)
        cells: list[Cell | str] = [_cell(result, n, bounds=False, absent=0.0) for n in numbers]
        rows.append(
            Row(terms.channel(result, origin), [Quantity(count).say(result.context.language), *cells])
        )
    title = message("How often each channel follows another")
    base = message(
        "Row: channel of a visit; column: channel of the next one within {gap}, in % of the row",
        gap=terms.gap(result),
    )
    note = message("n: customers with a next visit.")
    return _table(
        result,
        title,
        base,
        [message("From"), "n", *(terms.channel(result, name) for name in shown)],
        rows,
        note,
    )


def _after(result: TouchpointsResult) -> Block | None:
    lang, rows = result.context.language, []
    for stage in result.context.stages:
        found = [result.number("moved_on_after", stage=stage.id, option=option) for option in AFTER]
        gap = result.number("moved_on_difference", stage=stage.id, option="switched", comparison="stayed")
        if any(n.hidden or math.isfinite(n.estimate) for n in found):
            cells: list[Cell | str] = [*(_cell(result, n) for n in found), _cell(result, gap)]
            rows.append(Row(stage.label.say(lang), cells, stop=stage.place))
    header = (
        message("Stage"), message("Same channel, %"), message("Other channel, %"), message("Difference"),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval. Both groups came twice while at the stage, so nobody is counted "
        "before the second visit. Those who change may differ in other ways: this is association, not "
        "effect.",
        level=terms.confidence(result),
    )
    title = message("Who moved on after the second visit of a stage")
    base = message("Share of customers who moved on by the end of the window; difference in points")
    return _table(result, title, base, header, rows, note)


def _effort(result: TouchpointsResult) -> Block | None:
    metrics = (("entered", 0), ("moved_on", 1), ("days_to_move_on", 1), ("median_steps", 0), ("steps", 1),
               ("loops", 1), ("repeated_share", 1))  # fmt: skip
    lang, rows = result.context.language, []
    for stage in result.context.stages:
        found = [(result.number(metric, stage=stage.id), places) for metric, places in metrics]
        if not (found[0][0].hidden or found[0][0].estimate > 0):
            continue
        cells: list[Cell | str] = [_cell(result, n, decimals=places) for n, places in found]
        rows.append(Row(stage.label.say(lang), cells, stop=stage.place))
    header = (
        message("Stage"), message("Entered"), message("Moved on, %"), message("Days, median"),
        message("Steps, median"), message("Steps, mean"), message("Loops"), message("Repeated, %"),
    )  # fmt: skip
    note = message(
        "Second line: {level} interval. Days and steps: of those who moved on, so the slow are missing. "
        "A step is a contact with any touchpoint while at the stage.",
        level=terms.confidence(result),
    )
    title = message("What it takes to get to the next stage")
    base = message("From entering a stage to entering a further one, within the window")
    return _table(result, title, base, header, rows, note)


def _groups(result: TouchpointsResult) -> Block | None:
    if not result.groups:
        return None
    names, lang = result.groups[: MOST_COLUMNS - 1], result.context.language
    rows = []
    for point, heading, stop in terms.along_the_journey(result, result.study.journey.touchpoints):
        found = [result.number("reach", touchpoint=point.id, group=group) for group in ("", *names)]
        cells: list[Cell | str] = [_cell(result, n) for n in found]
        rows.append(Row(terms.point(result, point.id).say(lang), cells, heading, stop))
    header: list[Message | str] = [
        message("Touchpoint"),
        message("Total"),
        *(terms.level(result, result.by, g) for g in names),
    ]
    note = message(
        "Second line: {level} interval. Hatched: masked. Differences are not tested here.",
        level=terms.confidence(result),
    )
    title = message("Reach by {by}", by=naming.column(result.study, result.by))
    return _table(result, title, message("Share of the group's customers reached, in %"), header, rows, note)


def _along(result: TouchpointsResult, metrics: Sequence[str], *, owner: bool) -> list[Row]:
    places = {"median_contacts": 0, "contacts_per_customer": 1, "loops_per_customer": 1}
    rows = []
    for point, heading, stop in terms.along_the_journey(result, result.study.journey.touchpoints):
        owned = result.study.value_label(OWNER, point.owner).say(result.context.language) or DASH
        lead: list[Cell | str] = [owned] if owner else []
        cells = [
            _cell(result, result.number(metric, touchpoint=point.id), decimals=places.get(metric))
            for metric in metrics
        ]
        name = terms.point(result, point.id).say(result.context.language)
        rows.append(Row(name, [*lead, *cells], heading, stop))
    return rows


def _cell(
    result: TouchpointsResult,
    number: Number,
    *,
    bounds: bool = True,
    absent: float = math.nan,
    decimals: int | None = None,
) -> Cell:
    """Return a number as a cell; `absent` is written where the table has no such row."""
    low, high = (number.ci_low, number.ci_high) if bounds else (math.nan, math.nan)
    gap = number.unit == "share_points"
    return Cell(
        number.estimate if number.metric else absent, number.unit or "share", low, high, number.n,
        masked=number.hidden, withheld=number.withheld, decimals=decimals, signed=gap,
        thin=bounds and math.isfinite(low) and number.n < result.context.flag_cell,
    )  # fmt: skip


def _base(number: Number) -> Cell:
    return Cell(number.n, "count", masked=number.hidden, withheld=number.withheld)


def _table(
    result: TouchpointsResult,
    title: Message,
    base: Message,
    header: Sequence[Message | str],
    rows: Sequence[Row],
    note: Message,
) -> Block | None:
    """Return rows as a table in the language of the page; None without rows."""
    lang = result.context.language
    words = [word if isinstance(word, str) else word.say(lang) for word in header]
    return table(title, base, words, rows, note, lang, result.context.min_cell) if rows else None
