"""Figures of the regions report: who moves on, what is preferred, ratings and their habits, local hours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.regions import words
from journey_lib.measures.regions.conversion import MOVED
from journey_lib.measures.regions.preferences import CHANNELS, CHOSEN, PAID, Matrix
from journey_lib.measures.regions.result import ADJUSTED, RATING
from journey_lib.measures.regions.rows import GAP
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.dumbbells import DumbbellRow, Dumbbells, Reading, Series
from journey_lib.present.heat import Heat, HeatCell, HeatRow
from journey_lib.present.numbers import Number
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wording import Inside, Message, Quantity, Says, interval, message
from journey_lib.stats.kernels.behaviour import DAY
from journey_lib.study.durations import microseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.regions.result import RegionsResult

BLOCK_HOURS = 4
ON_PHONE = 4
_LEAST_SHOWN = 0.01  # an option below this share everywhere is left to the table


def required(result: RegionsResult, kind: str, ax: Axes | None) -> Plot:
    """Return the first figure of a kind, or say that there is none."""
    made = drawn(result, kind)
    if not made:
        raise ParamError(Problem("kind", f"this report holds nothing for '{kind}'"))
    return made[0] if ax is None else replace(made[0], given=ax)


def drawn(result: RegionsResult, kind: str) -> list[Plot]:
    """Return all figures of a kind."""
    makers = {"conversion": _conversion, "ratings": _ratings, "style": _style, "rhythm": _rhythm}
    if kind == "preferences":
        return [plot for one in result.counted.preferences.matrices if (plot := _preference(result, one))]
    made = makers[kind](result)
    return [made] if made else []


def told_gap(gap: Number) -> Quantity:
    """Return a gap of shares in points, with its sign."""
    return Quantity(gap.estimate, gap.unit, signed=True)


def _values(result: RegionsResult, metric: str, **about: str) -> list[Number]:
    """Return the known values of all regions, lowest first."""
    found = [result.number(metric, group=name, **about) for name in result.whom.names]
    return sorted((one for one in found if one.known), key=lambda one: one.estimate)


def _dots(
    result: RegionsResult, numbers: Sequence[Number], strong: Sequence[str] = (), *, color: str = theme.ALERT,
    heading: str = "",
) -> list[DotRow]:  # fmt: skip
    """Return a row a region, those that clearly differ in bold and in a colour."""
    lang = result.context.language
    return [
        DotRow(
            result.label(one.group), one.ci_low, one.estimate, one.ci_high, one.amount.say(lang),
            interval(one.ci_low, one.ci_high, one.unit, lang, compact=True), Quantity(one.n).say(lang),
            color if one.group in strong else theme.MAIN, thin=one.n < result.context.flag_cell,
            strong=one.group in strong, heading="" if at else heading,
            twin=result.number(f"{one.metric}_shrunk", stage=one.stage, group=one.group).estimate,
        )
        for at, one in enumerate(numbers)
    ]  # fmt: skip


def _conversion(result: RegionsResult) -> Plot | None:
    gaps = [one for one in result.of(MOVED + GAP) if one.known]
    if not gaps:
        return None
    clear = result.gaps(MOVED + GAP)
    gap = clear[0] if clear else max(gaps, key=lambda one: abs(one.estimate) / max(one.std_error, 1e-9))
    numbers = _values(result, MOVED, stage=gap.stage)
    total = result.number(MOVED, stage=gap.stage)
    axis = value_axis(
        min(n.ci_low for n in numbers), max(n.ci_high for n in numbers), "%", scale=100, ends=(0, 1)
    )
    stage, lang = Inside(result.study.stage(gap.stage).label), result.context.language
    facts = {"region": words.region_of(result, gap), "stage": stage, "gap": told_gap(gap)}
    title = (
        message("{region} differs in who moves on from {stage}: {gap} against all others", **facts)
        if clear
        else message("No region clearly differs in who moves on; {stage} comes nearest", stage=stage)
    )
    subtitle = message(
        "Share that moves on from {stage} within {window}, allowing for open windows; lowest first",
        stage=stage, window=_window(result),
    )  # fmt: skip
    note = message(
        "Dot and line: share and interval; all intervals hold together at {level}. White diamond: shrunken "
        "towards the mean of regions, where it lies apart. Dashed: all regions, {all}.",
        level=Quantity(result.plan.level, "share"), all=total.amount,
    )  # fmt: skip
    alt = message(
        "Dots with intervals for {n} regions: share that moves on from {stage}. Lowest {low}, {lowest}; "
        "highest {high}, {highest}.",
        n=Quantity(len(numbers)), stage=stage, low=words.region_of(result, numbers[0]),
        lowest=numbers[0].amount, high=words.region_of(result, numbers[-1]), highest=numbers[-1].amount,
    )  # fmt: skip
    rows = _dots(result, numbers, [gap.group] if clear else [])
    sketch = DotRows(rows, axis, (message("Moved on").say(lang), "n"), total.estimate)
    return Plot(sketch, title, subtitle, note, alt, lang)


def _window(result: RegionsResult) -> Quantity:
    days = microseconds(result.plan.window, "window") / DAY
    return Quantity(days, "days", 0 if days.is_integer() else 1)


def _preference(result: RegionsResult, matrix: Matrix) -> Plot | None:
    """Draw who chooses or uses what: a row a region, a column an option, the commonest first."""
    about = {"question": matrix.question, "stage": matrix.stage}
    totals = {o: result.number(matrix.metric, option=o, **about) for o in matrix.options}
    cells = {(o, r): result.number(matrix.metric, option=o, group=r, **about)
             for o in matrix.options for r in result.whom.names}  # fmt: skip
    options = [o for o in matrix.options
               if any(cells[o, r].estimate >= _LEAST_SHOWN for r in result.whom.names)]  # fmt: skip
    options.sort(key=lambda o: -np.nan_to_num(totals[o].estimate))
    known = [one for one in cells.values() if one.known]
    if not options or not known:
        return None
    lang, question = result.context.language, heading_of(result, matrix)
    gaps = [one for one in result.gaps(matrix.metric + GAP) if one.question == matrix.question]
    gap = max(gaps, key=lambda one: abs(one.estimate), default=None)
    top = max(one.estimate for one in known)
    rows = [
        HeatRow(result.label(region), Quantity(_base(cells, options, region)).say(lang),
                tuple(_heat(cells[o, region], result.context.min_cell, gap, lang) for o in options))
        for region in result.whom.names
    ]  # fmt: skip
    told = gap.option if gap else ""
    wide = sorted(
        range(len(options)),
        key=lambda at: (options[at] != told, -_reach(cells, options[at], result.whom.names)),
    )
    heat = Heat(
        rows, tuple(words.option_of(result, cells[o, result.whom.names[0]]).say(lang) for o in options),
        (0.0, top), masked_word=f"n < {result.context.min_cell}", unit="%",
        on_phone=tuple(sorted(wide[:ON_PHONE])),
    )  # fmt: skip
    note = message(
        "Each cell: share of its row in percent. Hatched or dotted: fewer than {n} people, or hidden so that "
        "they cannot be worked out. Outlined: the cell the title speaks about. n: {base}.",
        n=Quantity(result.context.min_cell), base=_unit_of(matrix),
    )  # fmt: skip
    if gap is None:
        title = message("{question}: regions do not differ clearly", question=question)
        alt = message("Shaded grid of {rows} regions by {columns} options.", rows=Quantity(len(rows)),
                      columns=Quantity(len(options)))  # fmt: skip
        return Plot(heat, title, _subtitle(result, matrix), note, alt, lang)
    facts = {"option": words.option_of(result, gap), "region": words.region_of(result, gap),
             "own": cells[gap.option, gap.group].amount, "all": totals[gap.option].amount}  # fmt: skip
    title = message("{option}: {own} in {region}, {all} in all regions", **facts)
    alt = message(
        "Shaded grid of {rows} regions by {columns} options. Largest difference: {option}, {own} in {region} "
        "against {all} in all regions.",
        rows=Quantity(len(rows)), columns=Quantity(len(options)), **facts,
    )  # fmt: skip
    return Plot(heat, title, _subtitle(result, matrix), note, alt, lang)


def heading_of(result: RegionsResult, matrix: Matrix) -> Says:
    """Return what a preference is about."""
    if matrix.question:
        return result.study.item(matrix.question).label
    return message("Ways to pay") if matrix.metric == PAID else message("Channels used")


def _subtitle(result: RegionsResult, matrix: Matrix) -> Message:
    kinds = {
        CHOSEN: message("{question}: share of answers by region, weighted",
                        question=heading_of(result, matrix)),
        PAID: message("{question}: share of orders by region", question=heading_of(result, matrix))
        if matrix.exclusive
        else message("{question}: share of customers by region", question=heading_of(result, matrix)),
        CHANNELS: message("{question}: share of customers by region who ever came that way",
                          question=heading_of(result, matrix)),
    }  # fmt: skip
    return kinds[matrix.metric]


def _unit_of(matrix: Matrix) -> Message:
    if matrix.metric == CHOSEN:
        return message("answers")
    return message("customers with an order") if matrix.exclusive else message("customers")


def _base(cells: dict[tuple[str, str], Number], options: Sequence[str], region: str) -> float:
    return max((cells[o, region].n for o in options if not math.isnan(cells[o, region].n)), default=math.nan)


def _reach(cells: dict[tuple[str, str], Number], option: str, regions: Sequence[str]) -> float:
    values = [cells[option, r].estimate for r in regions if not math.isnan(cells[option, r].estimate)]
    return max(values) - min(values) if values else 0.0


def _heat(number: Number, min_cell: int, gap: Number | None, lang: str) -> HeatCell:
    if number.hidden:
        return HeatCell("masked", words=message("masked").say(lang) if number.withheld else f"n < {min_cell}")
    if math.isnan(number.estimate):
        return HeatCell("missing")
    alert = gap is not None and (number.option, number.group) == (gap.option, gap.group)
    return HeatCell("value", number.estimate, f"{100 * number.estimate:.0f}", alert)


def _ratings(result: RegionsResult) -> Plot | None:
    """Draw all ratings together as given beside adjusted ones, both in standard deviations."""
    pairs = [(result.number(RATING, group=r), result.number(ADJUSTED, group=r)) for r in result.whom.names]
    pairs = [(raw, own) for raw, own in pairs if raw.known and own.known]
    if not pairs:
        return None
    pairs.sort(key=lambda pair: pair[0].estimate)
    lang = result.context.language
    both = [tuple(_scaled(result, one) for one in pair) for pair in pairs]
    ends = [end for pair in both for one in pair for end in (one.low, one.high)]
    clear = {one.group for one in result.gaps(RATING) if not one.question}
    rows = [
        DumbbellRow(result.label(raw.group), pair,
                    (_two(pair[0].value, lang), _two(pair[1].value, lang), Quantity(raw.n).say(lang)),
                    strong=raw.group in clear)
        for (raw, _), pair in zip(pairs, both, strict=True)
    ]  # fmt: skip
    series = (
        Series(message("As given").say(lang), "o", theme.EDGE, filled=False, lane=0),
        Series(message("Without rating habits").say(lang), "o", theme.MAIN, lane=1),
    )
    heads = (message("Given").say(lang), message("Adjusted").say(lang), "n")
    sketch = Dumbbells(rows, series, value_axis(min(ends), max(ends), ""), heads)
    found = [one for one in result.gaps(RATING) if not one.question]
    title = (
        message("{region} differs from others in all ratings together, also without rating habits",
                region=words.region_of(result, found[0]))
        if found
        else message("No region is clearly more or less satisfied than the others")
    )  # fmt: skip
    subtitle = message(
        "All ratings on the {low}–{high} scale together: each region less all others, in standard deviations",
        low=Quantity(_scale(result)[0]),
        high=Quantity(_scale(result)[1]),
    )
    note = message(
        "Dot and line: difference and interval; all of a part hold together at {level}. Adjusted: a person's "
        "mean less the midpoint, over that person's spread.",
        level=Quantity(result.plan.level, "share"),
    )
    low, high = pairs[0][0], pairs[-1][0]
    alt = message(
        "Two dots with intervals for each of {n} regions, as given and adjusted. As given {low} is lowest "
        "and {high} highest.",
        n=Quantity(len(rows)), low=words.region_of(result, low), high=words.region_of(result, high),
    )  # fmt: skip
    return Plot(sketch, title, subtitle, note, alt, lang)


def _two(value: float, lang: str) -> str:
    return Quantity(value, "score", 2, signed=True).say(lang)


def _scale(result: RegionsResult) -> tuple[int, int]:
    return result.counted.asked.scale if result.counted.asked else (1, 5)


def _scaled(result: RegionsResult, gap: Number) -> Reading:
    """Return a gap in standard deviations of its scores."""
    sd = result.least_told(gap) / result.plan.effect_sd if result.plan.effect_sd else math.nan
    return Reading(gap.estimate / sd, gap.ci_low / sd, gap.ci_high / sd)


def _style(result: RegionsResult) -> Plot | None:
    lang = result.context.language
    blocks = (("extreme_use", message("Ends of the scale")), ("middle_use", message("Middle of the scale")))
    found = {metric: _values(result, metric) for metric, _ in blocks}
    every = [one for numbers in found.values() for one in numbers]
    if not every:
        return None
    clear = {metric: result.gaps(metric + GAP) for metric, _ in blocks}
    rows = [
        row for metric, heading in blocks
        for row in _dots(result, found[metric], [one.group for one in clear[metric]], color=theme.MAIN,
                         heading=heading.say(lang))
    ]  # fmt: skip
    axis = value_axis(
        min(n.ci_low for n in every), max(n.ci_high for n in every), "%", scale=100, ends=(0, 1)
    )
    named = list(dict.fromkeys(one.group for gaps in clear.values() for one in gaps))
    title = (
        message("{region} uses the rating scale unlike other regions", region=result.label(named[0]))
        if len(named) == 1
        else message("{one} and {two} use the rating scale unlike other regions",
                     one=result.label(named[0]), two=result.label(named[1]))
        if named
        else message("Regions use the rating scale alike")
    )  # fmt: skip
    subtitle = message(
        "Share of a person's answers at the ends and in the middle of the {low}–{high} scale, weighted",
        low=Quantity(_scale(result)[0]),
        high=Quantity(_scale(result)[1]),
    )
    note = message(
        "Dot and line: mean over people and interval; all of a part hold together at {level}. Bold: clearly "
        "unlike all others.",
        level=Quantity(result.plan.level, "share"),
    )
    ends = found["extreme_use"] or every
    alt = message(
        "Dots with intervals by region for use of the ends and of the middle of the scale. Ends: lowest "
        "{low}, {lowest}; highest {high}, {highest}.",
        low=words.region_of(result, ends[0]), lowest=ends[0].amount,
        high=words.region_of(result, ends[-1]), highest=ends[-1].amount,
    )  # fmt: skip
    sketch = DotRows(rows, axis, (message("Share").say(lang), "n"))
    return Plot(sketch, title, subtitle, note, alt, lang)


def _rhythm(result: RegionsResult) -> Plot | None:
    found = {r: shares for r in result.whom.names if (shares := _by_block(result, r)) is not None}
    if not found:
        return None
    lang, blocks = result.context.language, 24 // BLOCK_HOURS
    names = tuple(f"{at * BLOCK_HOURS}–{(at + 1) * BLOCK_HOURS}" for at in range(blocks))
    top = max(float(shares.max()) for shares in found.values())
    rows = [
        HeatRow(result.label(region), "", tuple(
            HeatCell("value", float(share), f"{100 * share:.0f}", bool(share == shares.max()))
            for share in shares
        ))
        for region, shares in found.items()
    ]  # fmt: skip
    peaks = {int(shares.argmax()) for shares in found.values()}
    title = (
        message("On their own clock, customers of every region are busiest in the hours {hours}",
                hours=names[next(iter(peaks))])
        if len(peaks) == 1
        else message("The busiest hours differ between regions")
    )  # fmt: skip
    subtitle = message("Share of the events of a region by hour of the local day")
    note = message("Each row adds up to 100%. Outlined: the busiest hours of a region.")
    alt = message("Shaded grid of {n} regions by hours of the local day.", n=Quantity(len(rows)))
    heat = Heat(rows, names, (0.0, top), heading=message("Local hour").say(lang), base="", unit="%")
    return Plot(heat, title, subtitle, note, alt, lang)


def _by_block(result: RegionsResult, region: str) -> np.ndarray | None:
    shares = np.array(
        [result.number("hour_share", option=f"{at:02d}", group=region).estimate for at in range(24)]
    )
    return None if np.isnan(shares).any() else shares.reshape(-1, BLOCK_HOURS).sum(axis=1)
