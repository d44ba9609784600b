"""The figures of the drivers report: shares of what is explained, and importance against performance."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.measures.drivers import words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.quadrant import JOINT, Point, Quadrant
from journey_lib.present.sketches import Axis, DotRow, DotRows, value_axis
from journey_lib.present.wording import Message, Names, Quantity, interval, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.drivers.result import DriversResult
    from journey_lib.present.numbers import Number


def draw(result: DriversResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    made = {"importance": importance, "quadrant": quadrant}[kind](result)
    return made if ax is None else replace(made, given=ax)


def importance(result: DriversResult) -> Plot:
    """Draw each driver's share of what is explained; drivers with a clear coefficient in colour."""
    lang = result.context.language
    found = [n for n in result.drivers_of() if math.isfinite(n.estimate)]
    clear = {n.question for n in words.clear_drivers(result)}
    explained = result.number("explained", result.outcome)
    outcome = naming.name(result.study, result.study.item(result.outcome))
    facts = {"best": words.name(result, found[0]), "outcome": outcome}
    drawn = [_dot(result, number, strong=number.question in clear) for number in found]
    subtitle = message(
        "Share of the explained variance of {outcome}; all ratings together explain {share}; weighted, "
        "n = {n}",
        outcome=facts["outcome"], share=explained.amount, n=Quantity(explained.n),
    )  # fmt: skip
    note = message(
        "Dot and line: share and {level} interval from resamples. Grey: the coefficient cannot be told from "
        "0, or the share is below {least}. Importance is not cause.",
        level=Quantity(result.level, "share"),
        least=Quantity(words.notable(result), "share"),
    )
    alt = message(
        "Dots with intervals for {n} drivers. {best} first, {high}; {worst} last, {low}.",
        n=Quantity(len(found)), best=facts["best"], high=found[0].amount,
        worst=words.name(result, found[-1]), low=found[-1].amount,
    )  # fmt: skip
    most = max(n.ci_high if n.known else n.estimate for n in found)
    axis = value_axis(0, most, "%", scale=100, ends=(0, 1))
    sketch = DotRows(drawn, axis, (message("Share").say(lang), message("Rank").say(lang)))
    title = message("{best} goes with {outcome} more than any other touchpoint", **facts)
    if not words.is_sure(result):
        title = message("{best} has the largest share, but other touchpoints could come first", **facts)
    return Plot(sketch, title, subtitle, note, alt, lang)


def quadrant(result: DriversResult) -> Plot:
    """Draw importance against the share satisfied, with the means as cross-hair."""
    lang = result.context.language
    stops = {s.id: s.place for s in result.context.stages}
    clear = {n.question for n in words.clear_drivers(result)}
    points = []
    for number in result.drivers_of():
        good = result.number("satisfied", number.question)
        if number.known and good.known:
            label = words.name(result, number).say(lang)
            color = theme.STAGES[stops.get(number.stage, 0) % len(theme.STAGES)]
            points.append(
                Point(
                    label, good.estimate, number.estimate, good.std_error, number.std_error, color,
                    number.question in clear,
                )
            )  # fmt: skip
    across, up = (math.fsum(getattr(p, a) for p in points) / max(len(points), 1) for a in ("x", "y"))
    first = [p.name for p in points if p.corner(across, up) == "top left"]
    corners = (
        message("FIX FIRST").say(lang), message("KEEP UP").say(lang), message("ENOUGH").say(lang),
        message("WATCH").say(lang),
    )  # fmt: skip
    names = (
        message("Share satisfied").say(lang),
        message("Importance").say(lang),
    )
    x = _around([(p.x, JOINT * p.error_x) for p in points])
    y = _around([(p.y, JOINT * p.error_y) for p in points])
    sketch = Quadrant(points, across, up, x, y, corners, names)
    base = message(
        "Share satisfied (top 2) against the share of what is explained; weighted, n = {n} in the model",
        n=Quantity(result.number("explained", result.outcome).n),
    )
    note = message(
        "Ellipse: joint 95% region. Cross-hair: mean of both axes. Hollow and dashed: the ellipse crosses a "
        "line, so the corner is unclear. Importance is not cause."
    )
    return Plot(sketch, _title(first), base, note, _alt(points, first), lang)


def _title(first: list[str]) -> Message:
    """Say what lies in the corner of much importance and few satisfied."""
    if not first:
        return message("No touchpoint is clearly both important and weak")
    return message("Fix first: {names}", names=Names(tuple(first)))


def _alt(points: list[Point], first: list[str]) -> Message:
    top = max(points, key=lambda p: p.y)
    facts = {"n": Quantity(len(points)), "best": top.name, "share": Quantity(top.y, "share")}
    if not first:
        return message(
            "Plane of importance and satisfaction for {n} touchpoints. Most important: {best}, {share}. None "
            "is clearly important and weak.",
            **facts,
        )
    return message(
        "Plane of importance and satisfaction for {n} touchpoints. Most important: {best}, {share}. Clearly "
        "important and weak: {names}.",
        names=Names(tuple(first)), **facts,
    )  # fmt: skip


def _around(values: list[tuple[float, float]]) -> Axis:
    """Return an axis of percent that holds every ellipse."""
    low = min((at - reach for at, reach in values), default=0.0)
    high = max((at + reach for at, reach in values), default=1.0)
    return value_axis(low, high, "%", scale=100)


def _dot(result: DriversResult, number: Number, *, strong: bool) -> DotRow:
    lang = result.context.language
    rank = result.number("rank", number.question)
    ranks = interval(rank.ci_low, rank.ci_high, "count", lang, compact=True)
    bounds = interval(number.ci_low, number.ci_high, number.unit, lang, compact=True) if number.known else ""
    low, high = (number.ci_low, number.ci_high) if number.known else (number.estimate, number.estimate)
    color = theme.MAIN if strong else theme.EDGE
    return DotRow(
        words.name(result, number).say(lang), low, number.estimate, high, number.amount.say(lang), bounds,
        ranks if rank.ci_low != rank.ci_high else rank.amount.say(lang), color, strong=strong,
    )  # fmt: skip
