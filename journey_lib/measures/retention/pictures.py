"""Which number of the retention report goes where in which figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.retention import terms, words
from journey_lib.measures.retention.plan import UNKNOWN
from journey_lib.present.charts import Plot
from journey_lib.present.heat import Heat, HeatCell, HeatRow
from journey_lib.present.lines import MOST, PeriodLines, Series
from journey_lib.present.sketches import value_axis
from journey_lib.present.wording import Message, Quantity, message, say, unit_suffix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.retention.result import RetentionResult
    from journey_lib.present.numbers import Number

MOST_COHORTS = 24
_ON_PHONE = (0, 1, 2, 5)  # columns of a phone beside the last one


def draw(result: RetentionResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    made = {"triangle": triangle, "curve": curve, "groups": groups}[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this study holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def triangle(result: RetentionResult) -> Plot | None:
    """Draw cohorts by periods, with the mean under them."""
    plan, lang = result.plan, result.context.language
    places, windows = cohorts_shown(result), windows_shown(result)
    found = [
        [result.number("retained", wave=plan.cohorts[c], option=plan.options[w]) for w in windows]
        for c in places
    ]
    known = [number.estimate for row in found for number in row if number.known]
    if not known:
        return None
    odd = words.standing_out(result)
    rows = [_row(result, place, row, windows, odd) for place, row in zip(places, found, strict=True)]
    means = [result.number("retained", option=plan.options[w]) for w in windows]
    mean = HeatRow(message("Mean").say(lang), "", tuple(_mean(result, number) for number in means))
    last = len(windows) - 1
    sketch = Heat(
        rows, tuple(terms.dashed(plan.options[w]) for w in windows), _scale(known),
        terms.since(result.study, plan).say(lang), "n", message("open").say(lang),
        f"n < {result.context.min_cell}", unit_suffix("share", lang), mean,
        tuple(dict.fromkeys([*(k for k in _ON_PHONE if k < last), last])),
    )  # fmt: skip
    subtitle = message(
        "Share that came back ({events}); rows: {unit} of the {first}; n = members of the cohort",
        events=terms.returning(plan), unit=_unit(plan.asked.unit), first=terms.first(result.study, plan),
    )  # fmt: skip
    alt = message(
        "Grid of {cohorts} cohorts by {periods} periods. {title}. Between {low} and {high} came back.",
        cohorts=Quantity(len(places)), periods=Quantity(len(windows)), title=words.triangle_title(result),
        low=Quantity(min(known), "share"), high=Quantity(max(known), "share"),
    )  # fmt: skip
    return Plot(sketch, words.triangle_title(result), subtitle, _note(result, len(places)), alt, lang)


def curve(result: RetentionResult) -> Plot | None:
    """Draw the mean over cohorts with its band."""
    windows = [w for w in windows_shown(result) if _total(result, w).known]
    if len(windows) < 2:
        return None
    line = _line(result, "", windows)
    first, last = _total(result, windows[0]), _total(result, windows[-1])
    alt = message(
        "Curve over {periods} periods, from {share} {when} to {rest} {then}.",
        periods=Quantity(len(windows)), share=first.amount, when=terms.when(result.plan, first.option),
        rest=last.amount, then=terms.when(result.plan, last.option),
    )  # fmt: skip
    return _plot(result, [line], windows, words.curve_title(result), alt)


def groups(result: RetentionResult) -> Plot | None:
    """Draw the means of the largest groups."""
    plan = result.plan
    sizes = {n.group: n.n for n in result.of("members") if n.group and n.group != UNKNOWN and n.n == n.n}
    largest = sorted(sorted(sizes, key=lambda name: -sizes[name])[:MOST])
    windows = [w for w in windows_shown(result) if any(_total(result, w, name).known for name in largest)]
    if len(largest) < 2 or len(windows) < 2:
        return None
    lines = [_line(result, name, windows) for name in largest]
    firsts = [_total(result, plan.focal, name) for name in largest]
    known = sorted((n for n in firsts if n.known), key=lambda n: n.estimate)
    if not known:
        return None
    low, high = known[0], known[-1]
    alt = message(
        "Curves for {n} groups. {when}, most came back among {best}, {most}, fewest among {worst}, {least}.",
        n=Quantity(len(largest)), when=terms.Sentence(terms.when(plan, low.option)),
        best=terms.group(result.study, plan.asked.by, high.group), most=high.amount,
        worst=terms.group(result.study, plan.asked.by, low.group), least=low.amount,
    )  # fmt: skip
    return _plot(result, lines, windows, words.groups_title(result), alt)


def cohorts_shown(result: RetentionResult) -> list[int]:
    """Return the places of the newest cohorts that fit, up to the last one that may be shown."""
    places = result.counted.cohorts
    sizes = [result.number("members", wave=result.plan.cohorts[place]) for place in places]
    seen = [at for at, size in enumerate(sizes) if not size.hidden or size.withheld]
    return places[: max(seen, default=-1) + 1][-MOST_COHORTS:]


def windows_shown(result: RetentionResult) -> list[int]:
    """Return the windows that say something: not period 0 where everybody is there by definition."""
    plan = result.plan
    return [
        place
        for place, (first, _) in enumerate(plan.windows)
        if first > 0 or not (plan.entry_returns or plan.asked.mode == "bracket")
    ]


def _row(
    result: RetentionResult, place: int, row: list[Number], windows: list[int], odd: Number | None
) -> HeatRow:
    plan, lang = result.plan, result.context.language
    name = plan.cohorts[place]
    size = result.number("members", wave=name)
    alert = odd is not None and odd.wave == name
    cells = tuple(
        _cell(result, number, running=bool(result.counted.running[place, window]),
              alert=alert and number.option == plan.options[plan.focal])
        for number, window in zip(row, windows, strict=True)
    )  # fmt: skip
    few = f"< {result.context.min_cell}"
    full = Quantity(size.n).say(lang) + ("*" if size.n < result.context.flag_cell else "")
    base = message("masked").say(lang) if size.withheld else few if size.hidden else full
    return HeatRow(terms.CohortName(name).say(lang), base, cells, alert)


def _cell(result: RetentionResult, number: Number, *, running: bool, alert: bool) -> HeatCell:
    lang = result.context.language
    if number.hidden:
        return HeatCell("masked", words=message("masked").say(lang) if number.withheld else "")
    if number.known:
        return HeatCell("value", number.estimate, _percent(result, number), alert)
    if number.note == "incomplete":
        return HeatCell("open" if running else "none")
    return HeatCell("missing")


def _mean(result: RetentionResult, number: Number) -> HeatCell:
    if number.known:
        return HeatCell("value", number.estimate, _percent(result, number))
    return HeatCell("masked" if number.hidden else "missing")


def _percent(result: RetentionResult, number: Number) -> str:
    return Quantity(number.estimate, "share", bare=True).say(result.context.language)


def _scale(known: list[float]) -> tuple[float, float]:
    """Return the ends of the shades, rounded to 5 points and at least 10 apart."""
    low, high = math.floor(20 * min(known)) / 20, math.ceil(20 * max(known)) / 20
    return low, max(high, low + 0.1)


def _total(result: RetentionResult, window: int, group: str = "") -> Number:
    return result.number("retained", group=group, option=result.plan.options[window])


def _line(result: RetentionResult, group: str, windows: list[int]) -> Series:
    lang = result.context.language
    found = [_total(result, window, group) for window in windows]
    estimate, low, high = (
        tuple(getattr(n, name) if n.known else math.nan for n in found)
        for name in ("estimate", "ci_low", "ci_high")
    )
    if group:
        name = say(terms.group(result.study, result.plan.asked.by, group), lang)
        return Series(name, estimate, low, high)
    told = {max(range(len(found)), key=lambda at: found[at].estimate), len(found) - 1}
    values = tuple(n.amount.say(lang) if at in told else "" for at, n in enumerate(found))
    return Series("", estimate, low, high, values)


def _plot(
    result: RetentionResult, lines: list[Series], windows: list[int], title: Message, alt: Message
) -> Plot:
    plan, lang = result.plan, result.context.language
    ends = [limit for line in lines for limit in (*line.low, *line.high) if math.isfinite(limit)]
    axis = value_axis(min(ends), max(ends), unit_suffix("share", lang), scale=100, ends=(0.0, 1.0))
    ticks = tuple(terms.dashed(plan.options[window]) for window in windows)
    base = message("Share that came back ({events}), mean of complete cohorts", events=terms.returning(plan))
    note = message(
        "Line and band: share and {level} interval. Fewer cohorts stand behind later periods.",
        level=terms.confidence(result),
    )
    heading = terms.since(result.study, plan).say(lang)
    return Plot(PeriodLines(lines, ticks, axis, heading), title, base, note, alt, lang)


def _note(result: RetentionResult, drawn: int) -> Message:
    rest = len(result.counted.cohorts) - drawn
    note = message(
        "Darker is more. Hatched: the period is not over for the whole cohort; such cells are in no mean. "
        "Mean: complete cells, large cohorts weigh more. * fewer than {flag}.",
        flag=Quantity(result.context.flag_cell),
    )
    if not rest:
        return note
    return message("{note} Drawn are {shown} of {all} cohorts, the newest with enough members.", note=note,
                   shown=Quantity(drawn), all=Quantity(drawn + rest))  # fmt: skip


def _unit(unit: str) -> Message:
    return {"day": message("day"), "week": message("week"), "month": message("month")}[unit]
