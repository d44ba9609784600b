"""Which number of the touchpoint report goes where in which figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.touchpoints import terms
from journey_lib.measures.touchpoints.words import most_frequent_move, weakest
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.heat import Heat, HeatCell, HeatRow
from journey_lib.present.inventory import Inventory, InventoryRow, Mark
from journey_lib.present.sketches import Axis, DotRow, DotRows, value_axis
from journey_lib.present.wording import Message, Quantity, interval, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.touchpoints.result import TouchpointsResult
    from journey_lib.present.numbers import Number

MOST_ROWS, MOST_CHANNELS = 15, 12


def draw(result: TouchpointsResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    makers = {
        "inventory": inventory, "channels": channels, "switching": switching, "effort": effort,
        "groups": groups,
    }  # fmt: skip
    made = makers[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this study holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def inventory(result: TouchpointsResult) -> Plot | None:
    """Draw reach, contacts and satisfaction of every touchpoint in journey order."""
    points = result.study.journey.touchpoints
    known = [n for n in (result.number("reach", touchpoint=p.id) for p in points) if n.known]
    if not known:
        return None
    rows, rated = _inventory_rows(result), [result.number("satisfied", touchpoint=p.id) for p in points]
    most, least = max(known, key=_estimate), min(known, key=_estimate)
    facts = {
        "best": terms.point(result, most.touchpoint), "high": most.amount,
        "worst": terms.point(result, least.touchpoint), "low": least.amount,
    }  # fmt: skip
    subtitle = message(
        "Share of all customers reached, contacts per customer reached, and share satisfied (top 2, "
        "weighted); journey order, n = {n} customers",
        n=Quantity(most.n),
    )
    note = message(
        "Dot and line: estimate and {level} interval. Satisfaction comes from the survey, among those who "
        "rated; not every customer who was reached.",
        level=terms.confidence(result),
    )
    alt = message(
        "Two columns of dots for {n} touchpoints in journey order. Reach runs from {low} ({worst}) to {high} "
        "({best}); satisfaction stands beside it.",
        n=Quantity(len(rows)), **facts,
    )  # fmt: skip
    lang = result.context.language
    columns = [w.say(lang) for w in (message("Reached"), message("contacts each"), message("Satisfied"))]
    sketch = Inventory(rows, (_axis(known), _axis(rated)), (columns[0], columns[1], columns[2]))
    return Plot(sketch, _inventory_title(result, facts), subtitle, note, alt, lang)


def _inventory_title(result: TouchpointsResult, facts: Mapping[str, object]) -> Message:
    weak = weakest(result)
    if weak is None:
        return message("{best} reaches most customers, {worst} fewest", **facts)
    return message(
        "{name} meets many and satisfies few: {reach} reached, {share} satisfied",
        name=terms.point(result, weak.touchpoint), share=weak.amount,
        reach=result.number("reach", touchpoint=weak.touchpoint).amount,
    )  # fmt: skip


def _inventory_rows(result: TouchpointsResult) -> list[InventoryRow]:
    lang, weak, rows = result.context.language, weakest(result), []
    for point, heading, _ in terms.along_the_journey(result, result.study.journey.touchpoints):
        reach, each, rated = (
            result.number(metric, touchpoint=point.id)
            for metric in ("reach", "contacts_per_customer", "satisfied")
        )
        number = Quantity(each.estimate, "count", 1).say(lang) if math.isfinite(each.estimate) else ""
        label = terms.point(result, point.id).say(lang)
        strong = bool(weak and weak.touchpoint == point.id)
        rows.append(InventoryRow(label, _mark(result, reach), number, _mark(result, rated), heading, strong))
    return rows


def channels(result: TouchpointsResult) -> Plot | None:
    """Draw who came through each channel, the largest first."""
    found = [result.number("channel_reach", option=name) for name in result.channel_names]
    known = sorted((n for n in found if n.known), key=_estimate, reverse=True)[:MOST_ROWS]
    if not known:
        return None
    lang, several = result.context.language, result.number("several_channels")
    rows = [
        _dot(result, terms.channel(result, n.option), n, result.number("channel_visits", option=n.option))
        for n in known
    ]
    facts = {
        "best": terms.channel(result, known[0].option),
        "high": known[0].amount,
        "several": several.amount,
    }
    title = message("{several} of customers with a visit use two channels or more; most use {best}", **facts)
    subtitle = message(
        "Share of all customers who came through the channel, n = {n} customers", n=Quantity(known[0].n)
    )
    alt = message(
        "Dots with intervals for {n} channels. {best} reaches most customers, {high}; {several} use two or "
        "more.",
        n=Quantity(len(rows)), **facts,
    )  # fmt: skip
    sketch = DotRows(rows, _axis(known), (message("Reached").say(lang), message("visits").say(lang)))
    return Plot(sketch, title, subtitle, _dots(result), alt, lang)


def switching(result: TouchpointsResult) -> Plot | None:
    """Draw which channel a visit is followed by, with the most frequent change outlined."""
    origins = [name for name in result.channel_names if _moves_from(result, name)]
    columns = sorted(result.channel_names, key=lambda name: -_visits(result, name))[:MOST_CHANNELS]
    if len(columns) < 2 or not origins:
        return None
    move, lang = most_frequent_move(result), result.context.language
    rows = [_heat_row(result, name, columns, move) for name in columns if name in origins]
    known = [n.estimate for name in origins for n in _moves_from(result, name) if n.known]
    changed = result.number("changed_channel")
    title = message(
        "{share} of customers with two visits in a row changed the channel at least once",
        share=changed.amount,
    )
    subtitle = message(
        "Share of the next visits within {gap} that came through each channel, in % of the row; n customers",
        gap=terms.gap(result),
    )
    note = (
        message(
            "Row: a visit; column: the next one. Outlined: the most frequent change, {count} times.",
            count=_count(result, move),
        )
        if move
        else message("Row: a visit; column: the next one.")
    )
    alt = message("Shaded grid of {n} channels by what the next visit came through. {title}.",
                  n=Quantity(len(rows)), title=title)  # fmt: skip
    sketch = Heat(
        rows, tuple(terms.channel(result, name) for name in columns), (0.0, max([0.1, *known])),
        message("Next visit through").say(lang), "n", masked_word=f"n < {result.context.min_cell}",
        on_phone=tuple(range(len(columns))),
    )  # fmt: skip
    return Plot(sketch, title, subtitle, note, alt, lang)


def _heat_row(result: TouchpointsResult, origin: str, columns: Sequence[str], move: Number | None) -> HeatRow:
    cells = []
    for target in columns:
        number = result.number("next_channel", option=origin, comparison=target)
        words = Quantity(number.estimate if number.metric else 0.0, "share", bare=True).say(
            result.context.language
        )
        strong = bool(move and (move.option, move.comparison) == (origin, target))
        value = number.estimate if number.metric else 0.0
        cells.append(HeatCell("masked") if number.hidden else HeatCell("value", value, words, strong))
    base = max((n.n for n in _moves_from(result, origin)), default=math.nan)
    return HeatRow(terms.channel(result, origin), Quantity(base).say(result.context.language), tuple(cells))


def _moves_from(result: TouchpointsResult, origin: str) -> list[Number]:
    return [n for n in result.of("next_channel") if n.option == origin]


def _visits(result: TouchpointsResult, name: str) -> float:
    found = result.number("channel_visits", option=name).estimate
    return found if math.isfinite(found) else 0.0


def _count(result: TouchpointsResult, move: Number) -> Quantity:
    return Quantity(result.number("moves", option=move.option, comparison=move.comparison).estimate)


def effort(result: TouchpointsResult) -> Plot | None:
    """Draw the share of steps that repeat an earlier one, stage by stage."""
    found = [result.number("repeated_share", stage=stage.id) for stage in result.context.stages]
    known = [n for n in found if n.known]
    if not known:
        return None
    lang = result.context.language
    rows = [
        _dot(result, terms.stage(result, n.stage).say(lang), n, result.number("steps", stage=n.stage), 1)
        for n in known
    ]
    most, least = max(known, key=_estimate), min(known, key=_estimate)
    facts = {
        "best": terms.stage(result, most.stage), "high": most.amount,
        "worst": terms.stage(result, least.stage), "low": least.amount,
    }  # fmt: skip
    title = message("Steps repeat most at {best} ({high}) and least at {worst} ({low})", **facts)
    subtitle = message("Share of steps that repeat an earlier one of the same stage, customers who moved on")
    alt = message(
        "Dots with intervals for {n} stages. Share of repeated steps: most at {best}, {high}; least at "
        "{worst}, {low}.",
        n=Quantity(len(rows)), **facts,
    )  # fmt: skip
    sketch = DotRows(rows, _axis(known), (message("Repeated").say(lang), message("steps each").say(lang)))
    return Plot(sketch, title, subtitle, _dots(result), alt, lang)


def groups(result: TouchpointsResult) -> Plot | None:
    """Draw the reach of the touchpoint that differs most between groups."""
    widest = max(
        ((p.id, _known(result, p.id)) for p in result.study.journey.touchpoints),
        key=lambda pair: _span(pair[1]), default=("", []),
    )  # fmt: skip
    name, known = widest
    if len(known) < 2:
        return None
    lang = result.context.language
    ranked = sorted(known, key=_estimate, reverse=True)[:MOST_ROWS]
    rows = [
        _dot(result, terms.level(result, result.by, n.group), n,
             result.number("customers_reached", touchpoint=name, group=n.group))
        for n in ranked
    ]  # fmt: skip
    facts = {
        "name": terms.point(result, name), "high": ranked[0].amount, "low": ranked[-1].amount,
        "best": terms.level(result, result.by, ranked[0].group),
        "worst": terms.level(result, result.by, ranked[-1].group),
    }  # fmt: skip
    title = message("{name} differs most: {high} reached in {best}, {low} in {worst}", **facts)
    subtitle = message("Share of customers reached, by {by}", by=naming.column(result.study, result.by))
    alt = message(
        "Dots with intervals for {n} groups. Reach of {name}: {best} highest, {high}; {worst} lowest, {low}.",
        n=Quantity(len(rows)), **facts,
    )  # fmt: skip
    total = result.number("reach", touchpoint=name)
    columns = (message("Reached").say(lang), message("customers").say(lang))
    sketch = DotRows(rows, _axis(known), columns, reference=total.estimate if total.known else None)
    note = message(
        "Dot and line: estimate and {level} interval. Dashed: all customers.", level=terms.confidence(result)
    )
    return Plot(sketch, title, subtitle, note, alt, lang)


def _known(result: TouchpointsResult, name: str) -> list[Number]:
    found = [result.number("reach", touchpoint=name, group=group) for group in result.groups]
    return [n for n in found if n.known and n.n >= result.context.flag_cell]


def _span(known: list[Number]) -> float:
    """Return how far apart the groups lie, in units of the widest interval: a wide gap may be noise."""
    if len(known) < 2:
        return -1.0
    ends = [n.estimate for n in known]
    return (max(ends) - min(ends)) / max(max(n.ci_high - n.ci_low for n in known), 1e-9)


def _mark(result: TouchpointsResult, number: Number) -> Mark:
    lang = result.context.language
    if number.hidden:
        return Mark(words=message("n below {cell}", cell=Quantity(result.context.min_cell)).say(lang))
    if not math.isfinite(number.estimate):
        silent = number.note in ("not_measured", "not_in_log")
        return Mark(words=(message("not measured") if silent else message("not asked")).say(lang))
    thin = number.n < result.context.flag_cell
    return Mark(number.ci_low, number.estimate, number.ci_high, number.amount.say(lang), thin)


def _dot(result: TouchpointsResult, label: str, number: Number, beside: Number, decimals: int = 0) -> DotRow:
    lang = result.context.language
    return DotRow(
        label, number.ci_low, number.estimate, number.ci_high, number.amount.say(lang),
        interval(number.ci_low, number.ci_high, number.unit, lang, compact=True),
        Quantity(beside.estimate, "count", decimals).say(lang),
        theme.MAIN, thin=number.n < result.context.flag_cell,
    )  # fmt: skip


def _dots(result: TouchpointsResult) -> Message:
    return message("Dot and line: estimate and {level} interval.", level=terms.confidence(result))


def _axis(numbers: Iterable[Number]) -> Axis:
    known = [n for n in numbers if math.isfinite(n.estimate)]
    low = min((n.ci_low for n in known if math.isfinite(n.ci_low)), default=0.0)
    high = max((n.ci_high for n in known if math.isfinite(n.ci_high)), default=1.0)
    return value_axis(low, high, "%", scale=100, ends=(0.0, 1.0))


def _estimate(number: Number) -> float:
    return number.estimate
