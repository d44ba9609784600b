"""The figures of the map: the journey along days, and the ways customers take through it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.numbers import Number, numbers
from journey_lib.present.overlaid import Curve, Overlaid
from journey_lib.present.sketches import Axis, value_axis
from journey_lib.present.timeline import Stretch, Timeline
from journey_lib.present.ways import Kind, Station, Way, Ways
from journey_lib.present.wording import Message, Quantity, interval, message

SMALL = 0.01  # of the moves out of a stage: a side way that fewer take is in the table alone

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.journey_map.result import JourneyMapResult


def timeline(result: JourneyMapResult, ax: Axes | None = None) -> Plot:
    """Draw the median stay of each stage, bar after bar."""
    lang = result.context.language
    rows = [_stretch(result, s.id, place, lang) for place, s in enumerate(result.study.journey.stages)]
    known = [row for row in rows if math.isfinite(row.days)]
    longest = max(known, key=lambda row: row.days, default=None)
    axis = value_axis(0.0, max(1.0, sum(row.days for row in known)), message("days").say(lang))
    title = message("How long does each stage take?")
    if longest:
        title = message("{stage} takes the most time of the stages measured", stage=longest.label)
    alt = message(
        "Bars laid end to end along days, one a stage, {n} measured. The longest is {stage}: {words}.",
        n=len(known), stage=longest.label if longest else "", words=longest.words if longest else "",
    )  # fmt: skip
    return Plot(
        Timeline(rows, axis), title,
        message("Median days from entering a stage to moving on, and its interval"),
        message(
            "Medians of different customers laid end to end: a picture of pace, not how long one customer "
            "takes. "
            "A stage that fewer than half ever leave has no median."
        ), alt, lang, ax,
    )  # fmt: skip


def _stretch(result: JourneyMapResult, stage: str, place: int, lang: str) -> Stretch:
    number = result.number("median_days", stage)
    label = result.study.stage(stage).label.say(lang)
    if not math.isfinite(number.estimate):
        return Stretch(label, message("not known").say(lang), math.nan, place)
    words = Quantity(number.estimate, "days").say(lang)
    if math.isfinite(number.ci_low) and math.isfinite(number.ci_high):
        words += f" ({interval(number.ci_low, number.ci_high, 'days', lang, compact=True)})"
    return Stretch(label, words, number.estimate, place)


@dataclass(frozen=True)
class _Moves:
    """The known moves out of the stages: how often, and as shares of all moves out of their stage."""

    counts: list[Number]
    shares: dict[tuple[str, ...], Number]
    returned: dict[str, float]

    @classmethod
    def of(cls, result: JourneyMapResult) -> _Moves:
        known = [n for n in numbers(result.masked) if math.isfinite(n.estimate)]
        shares = {n.at("stage", "comparison"): n for n in known if n.metric in ("move", "edge")}
        returned: dict[str, float] = {}
        for number in known:
            if number.metric == "came_back":
                returned[number.comparison] = returned.get(number.comparison, 0.0) + number.estimate
        return cls([n for n in known if n.metric == "moves"], shares, returned)

    def out(self, stage: str, *kinds: str) -> float:
        """Return how many moves lead out of a stage; with words, only those ways."""
        return sum(n.estimate for n in self.counts if n.stage == stage and (not kinds or n.option in kinds))

    def share(self, number: Number) -> float:
        """Return the share of all moves out of the stage that a way has, as its own row says."""
        return self.shares.get(number.at("stage", "comparison"), Number()).estimate


def flow(result: JourneyMapResult, ax: Axes | None = None) -> Plot:
    """Draw the stages with the ways between them, as wide as they are taken."""
    lang, moves = result.context.language, _Moves.of(result)
    stages = [s.id for s in result.study.journey.stages]
    most = max([1.0, *(moves.out(stage) for stage in stages)])
    stations = [_station(result, stage, place, moves, most) for place, stage in enumerate(stages)]
    ways = [way for number in moves.counts if (way := _way(stages, number, moves, most, lang))]
    return Plot(
        Ways(stations, ways), _flow_title(result),
        message("How customers move between stages, in % of all moves out of each stage"),
        message(
            "Width: how often. Grey: to the next stage; short grey piece: they left; hatched: still open. "
            "Red arcs: back; blue: ahead past a stage; small loop: the same stage again. Dotted: customers "
            "who came back after they had left. Rarer ways, below {small}, stand in the table alone.",
            small=Quantity(SMALL, "share"),
        ),
        _flow_alt(result, moves), lang, ax,
    )  # fmt: skip


def _station(result: JourneyMapResult, stage: str, place: int, moves: _Moves, most: float) -> Station:
    lang, total = result.context.language, moves.out(stage)
    left = next((n for n in moves.counts if n.stage == stage and n.option == "left"), None)
    back = moves.returned.get(stage, 0.0)
    return Station(
        result.study.stage(stage).label.say(lang), Quantity(total).say(lang), total / most,
        moves.out(stage, "left") / most, moves.out(stage, "open") / most,
        message("{share} leave", share=Quantity(moves.share(left), "share")).say(lang) if left else "",
        message("{n} came back", n=Quantity(back)).say(lang) if back else "",
        theme.STAGES[place % len(theme.STAGES)],
    )  # fmt: skip


def _way(stages: list[str], number: Number, moves: _Moves, most: float, lang: str) -> Way | None:
    """Return a move as a way to draw; those into leaving belong to their stage."""
    kinds: dict[str, Kind] = {"next": "next", "ahead": "ahead", "back": "back", "again": "again"}
    share = moves.share(number)
    if number.option not in kinds or not (number.option == "next" or share >= SMALL):
        return None
    words = Quantity(share, "share").say(lang) if math.isfinite(share) else ""
    ends = stages.index(number.stage), stages.index(number.comparison)
    return Way(*ends, number.estimate / most, words, kinds[number.option])


def _flow_title(result: JourneyMapResult) -> Message:
    """Return the side way that is taken most often."""
    edges = [n for n in numbers(result.masked) if n.metric == "edge" and math.isfinite(n.estimate)]
    if not edges:
        return message("Customers take the stages one after another")
    first = edges[0]
    here, there = (result.study.stage(name).label for name in (first.stage, first.comparison))
    if first.option == "again":
        return message("The most frequent side way: {stage} once more", stage=here)
    if first.option == "back":
        return message("The most frequent side way leads back, from {one} to {other}", one=here, other=there)
    return message("The most frequent side way skips ahead, from {one} to {other}", one=here, other=there)


def _flow_alt(result: JourneyMapResult, moves: _Moves) -> Message:
    lost = [(moves.share(n), n) for n in moves.counts if n.option == "left"]
    edges = sum(n.option in ("back", "ahead", "again") for n in moves.counts)
    if not lost:
        return message("Stages in a row with the ways between them; {n} side ways.", n=edges)
    share, worst = max(lost, key=lambda pair: pair[0])
    return message(
        "Stages in a row with the ways between them; {n} side ways. Most leave after {stage}: {share} of "
        "{moves} moves.",
        n=edges, stage=result.study.stage(worst.stage).label, share=Quantity(share, "share"),
        moves=Quantity(moves.out(worst.stage)),
    )  # fmt: skip


def curves(result: JourneyMapResult, ax: Axes | None = None) -> Plot:
    """Draw the feeling of each segment along the stages, over that of everybody."""
    lang = result.context.language
    everybody = _curve(result, "", message("Everybody").say(lang))
    own = [_curve(result, name, name) for name in result.segments]
    axis = _feeling_axis([v for c in (everybody, *own) for v in (*c.low, *c.high) if math.isfinite(v)])
    sketch = Overlaid(everybody, own, tuple(s.label.say(lang) for s in result.study.journey.stages), axis)
    return Plot(
        sketch, message("What do segments feel along the journey?"),
        message("Satisfaction with the stage on −2 to +2, 95% interval; numbers under small panels: stages"),
        message(
            "Grey band: everybody. Hollow dot: few answers. A line stops where nobody measured. Segments may "
            "overlap; differences are not tested here."
        ), _curves_alt(result), lang, ax,
    )  # fmt: skip


def _feeling_axis(values: list[float]) -> Axis:
    """Return half steps around the values, zero among them: where feeling turns."""
    low = max(-2.0, math.floor(2 * min([0.0, *values])) / 2)
    high = min(2.0, math.ceil(2 * max([0.5, *values])) / 2)
    ticks = tuple(low + at / 2 for at in range(round(2 * (high - low)) + 1))
    return Axis(low, high, ticks, tuple(Quantity(t, "score", 1, signed=t != 0).say("en") for t in ticks))


def _curves_alt(result: JourneyMapResult) -> Message:
    lowest = min((n for n in _felt(result) if n.known), key=lambda n: n.estimate, default=None)
    sizes = {"n": len(result.study.journey.stages), "m": len(result.segments)}
    if lowest is None:
        return message("Lines of feeling along {n} stages for {m} segments and everybody.", **sizes)
    return message(
        "Lines of feeling along {n} stages for {m} segments and everybody. Lowest: {segment} at {stage}, "
        "{value} (n = {base}).",
        **sizes, segment=lowest.segment, stage=result.study.stage(lowest.stage).label,
        value=Quantity(lowest.estimate, "score", signed=True), base=Quantity(lowest.n),
    )  # fmt: skip


def _felt(result: JourneyMapResult) -> list[Number]:
    stages = [s.id for s in result.study.journey.stages]
    return [result.number("feeling", stage, name) for name in result.segments for stage in stages]


def _curve(result: JourneyMapResult, segment: str, label: str) -> Curve:
    own = [result.number("feeling", s.id, segment) for s in result.study.journey.stages]
    thin = tuple(n.n < result.context.flag_cell for n in own)
    estimate, low, high = (tuple(getattr(n, name) for n in own) for name in ("estimate", "ci_low", "ci_high"))
    return Curve(label, estimate, low, high, thin)
