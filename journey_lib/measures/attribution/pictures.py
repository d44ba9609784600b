"""Which share of which model goes where in the figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.attribution import terms, words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.dumbbells import DumbbellRow, Dumbbells, Reading, Series
from journey_lib.present.sketches import value_axis
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.attribution.result import AttributionResult
    from journey_lib.present.numbers import Number

DRAWN = ("last", "markov", "first", "shapley")


def draw(result: AttributionResult, ax: Axes | None) -> Plot:
    """Return the figure, into the caller's axes where there are any."""
    made = channels(result)
    if made is None:
        raise ParamError(Problem("kind", "nobody met a channel, so there is no figure 'channels'"))
    return made if ax is None else replace(made, given=ax)


def channels(result: AttributionResult) -> Plot | None:
    """Draw the shares of each channel: last touch joined to removal effect, first touch and Shapley below."""
    names = [name for name in result.channels if result.number("credit_share", name, "last").known]
    if not names:
        return None
    lang, gap = result.context.language, words.overrated(result)
    rows = [_row(result, name, strong=gap is not None and gap.option == name) for name in names]
    ends = [x for row in rows for r in row.readings for x in (r.value, r.low, r.high) if math.isfinite(x)]
    axis = value_axis(0, max(ends), "%", scale=100, ends=(0, 1))
    series = (
        Series(terms.model("last").say(lang), "D", theme.INK2, filled=False),
        Series(terms.model("markov").say(lang), "o", theme.MAIN),
        Series(terms.model("first").say(lang), "^", theme.EDGE, filled=False, lane=1),
        Series(terms.model("shapley").say(lang), "s", theme.STAGES[2], lane=1),
    )
    heads = (terms.short("last").say(lang), terms.short("markov").say(lang), message("Gap").say(lang))
    subtitle = message(
        "Share of conversions credited to each channel; channels by removal effect. {base}. {label}",
        base=terms.conversions(result), label=terms.NOT_INCREMENTAL,
    )  # fmt: skip
    note = message(
        "Lines: {level} intervals, often narrower than their marker. The bar joins last touch and removal "
        "effect; the gap is in points. * fewer than {flag} customers.",
        level=terms.level(result), flag=Quantity(result.context.flag_cell),
    )  # fmt: skip
    title, alt = _title(result, gap, names)
    return Plot(Dumbbells(rows, series, axis, heads), title, subtitle, note, alt, lang)


def _title(result: AttributionResult, gap: Number | None, names: list[str]) -> tuple[Message, Message]:
    top = result.number("credit_share", names[0], "markov")
    facts: dict[str, object] = {
        "n": Quantity(len(names)),
        "top": terms.channel(result.study, names[0]),
        "share": top.amount,
    }
    if gap is None:
        alt = message(
            "Shares of {n} channels under four models. Largest removal effect: {top}, {share}. Last touch "
            "and removal effect do not part beyond chance.",
            **facts,
        )
        return message("The models agree within chance on every channel"), alt
    facts |= {
        "name": terms.channel(result.study, gap.option),
        "points": Quantity(gap.estimate, "share_points"),
    }
    for model in ("last", "markov"):
        facts[model] = result.number("credit_share", gap.option, model).amount
    alt = message(
        "Shares of {n} channels under four models. Largest gap: {name}, {last} by last touch, {markov} by "
        "removal effect. Largest removal effect: {top}, {share}.",
        **facts,
    )
    return message("Last touch gives {name} {points} more than the removal effect does", **facts), alt


def _row(result: AttributionResult, name: str, *, strong: bool) -> DumbbellRow:
    lang = result.context.language
    found = [result.number("credit_share", name, model) for model in DRAWN]
    gap = result.number("gap", name, "last")
    thin = found[0].n < result.context.flag_cell
    readings = tuple(
        Reading(
            x.estimate, *((x.ci_low, x.ci_high) if model in ("markov", "shapley") else (math.nan, math.nan))
        )
        for model, x in zip(DRAWN, found, strict=True)
    )
    written = [x.amount.say(lang) for x in found[:2]]
    points = Quantity(gap.estimate, "share_points", signed=True, bare=True).say(lang)
    label = terms.channel(result.study, name).say(lang) + ("*" if thin else "")
    return DumbbellRow(label, readings, (written[0], written[1], points), strong, thin)
