"""The figures of the ranking: gains with their intervals, and gains against feasibility."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from journey_lib.measures.opportunities import words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.quadrant import JOINT, Point, Quadrant
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wording import Message, Quantity, interval, message
from journey_lib.study.durations import length, microseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.opportunities.result import OpportunitiesResult
    from journey_lib.study.map_notes import Idea

_WIDTH = 2 * 1.96  # of a 95 % interval, in standard errors


def draw(result: OpportunitiesResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    made = {"impact": _impact, "quadrant": _quadrant}[kind](result)
    return made if ax is None else replace(made, given=ax)


def title(result: OpportunitiesResult) -> Message:
    """Return what the order says: who leads, and whether the rest can be told apart."""
    if not result.order:
        return message("No idea can be ranked yet")
    leader, unsure = result.order[0], words.tied(result)
    if result.number("first", leader.id).estimate < words.SURE:
        return message("The data do not single out one idea")
    if len(unsure) > 1:
        return message(
            "{idea} leads; {n} others cannot be told apart", idea=leader.label, n=Quantity(len(unsure))
        )
    return message("{idea} leads", idea=leader.label)


def unit_words(result: OpportunitiesResult) -> Message:
    """Return what a gain is counted in."""
    horizon = length(microseconds(str(result.settings["horizon"])))
    if result.settings["counted"] == "money":
        return message("{currency} in {horizon}", currency=result.study.currency, horizon=horizon)
    return message("More customers who go on in {horizon}", horizon=horizon)


def _impact(result: OpportunitiesResult) -> Plot:
    lang = result.context.language
    rows = [_row(result, idea, at, lang) for at, idea in enumerate(result.order)]
    most = max((row.high for row in rows), default=1.0)
    axis = value_axis(0.0, most, "")
    columns = (
        message("Gain").say(lang),
        message("In first {k}", k=int(str(result.settings["first"]))).say(lang),
    )
    note = message(
        "Dot and line: mean of the draws and where 95% of them lie. Gains of ideas for one pain do not add "
        "up."
    )
    alt = message(
        "Dots with intervals for {n} ideas. {first} first, {gain}; {last} last.", n=Quantity(len(rows)),
        first=rows[0].label if rows else "", gain=rows[0].value if rows else "",
        last=rows[-1].label if rows else "",
    )  # fmt: skip
    return Plot(DotRows(rows, axis, columns), title(result), unit_words(result), note, alt, lang)


def _row(result: OpportunitiesResult, idea: Idea, at: int, lang: str) -> DotRow:
    gain, chance = result.number("impact", idea.id), result.number("first", idea.id)
    return DotRow(
        idea.label.say(lang), gain.ci_low, gain.estimate, gain.ci_high, Quantity(gain.estimate).say(lang),
        interval(gain.ci_low, gain.ci_high, "count", lang, compact=True),
        Quantity(chance.estimate, "share").say(lang), theme.ALERT if at == 0 else theme.MAIN, strong=at == 0,
    )  # fmt: skip


def _quadrant(result: OpportunitiesResult) -> Plot:
    """Draw gains against feasibility; medians part the corners."""
    lang = result.context.language
    stops = {s.id: s.place for s in result.context.stages}
    points = []
    for idea in result.order:
        gain, ease = result.number("impact", idea.id), result.number("feasibility", idea.id)
        error = (gain.ci_high - gain.ci_low) / _WIDTH / JOINT * 1.96
        color = theme.STAGES[stops.get(idea.stage, 0) % len(theme.STAGES)]
        points.append(Point(idea.label.say(lang), ease.estimate, gain.estimate, 0.02, error, color))
    across, up = (median(getattr(p, a) for p in points) if points else 0.0 for a in ("x", "y"))
    corners = (message("PREPARE"), message("DO FIRST"), message("IF CHEAP"), message("LEAVE"))
    highest = max((p.y + JOINT * p.error_y for p in points), default=1.0)
    sketch = Quadrant(
        points, across, up, value_axis(1.0, 5.0, ""), value_axis(0.0, highest, ""),
        tuple(c.say(lang) for c in corners),  # type: ignore[arg-type]
        (message("Feasibility, 1 hard to 5 easy").say(lang), unit_words(result).say(lang)), marked=1,
    )  # fmt: skip
    first = [p.name for p in points if p.corner(across, up) == "top right"]
    head = message("No idea is clearly both large and easy")
    if first:
        head = message("Clearly large and easy: {names}", names=", ".join(first))
    note = message(
        "Line: where 95% of the draws lie. Lines across: medians. Hollow and dashed: the line crosses a "
        "median, so "
        "the corner is unclear."
    )
    alt = message("Plane of gain and feasibility for {n} ideas. {head}.", n=Quantity(len(points)), head=head)
    return Plot(sketch, head, message("Gain against feasibility"), note, alt, lang)
