"""A grid of stages and lanes: every lane is one question, every column one stage; no script, no picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from journey_lib.present.wording import Message, message

Grade = Literal["measured", "inferred", "assumed", "none"]
GRADES: tuple[Grade, ...] = ("measured", "inferred", "assumed", "none")
_HEIGHT = 124  # of the curve's drawing; its width is 100 for each stage
_TOP, _LOW = 10.0, 88.0  # between them the curve moves; numbers stand below

_SIGNS: dict[str, str] = {
    "measured": '<circle cx="6" cy="6" r="5" fill="currentColor"/>',
    "inferred": '<circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    '<path d="M6 1a5 5 0 0 0 0 10z" fill="currentColor"/>',
    "assumed": '<circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" stroke-width="1.5" '
    'stroke-dasharray="2.2 1.8"/>',
    "none": '<path d="M2 6h8" stroke="currentColor" stroke-width="1.5"/>',
}


@dataclass(frozen=True)
class Stop:
    """Head of a column: a stage, what customers want there, and its place (0 is the first)."""

    id: str
    label: str
    goal: str
    place: int


@dataclass(frozen=True)
class Entry:
    """One thing that stands in a cell.

    Attributes
    ----------
    number, unit : str
        Leads in bold, with what it counts behind it.
    text : str
        Words of people or of the study.
    quiet : str
        Interval, base or source, on a smaller line.
    share : float
        0–1 for a bar; NaN for none.
    grade : {"measured", "inferred", "assumed", "none", ""}
        Mark in front of the text; "" for none.
    href : str
        Report the text links to.
    quoted : bool
        The text is what somebody said.
    alert : bool
        Number in the colour of findings.
    """

    number: str = ""
    unit: str = ""
    text: str = ""
    quiet: str = ""
    share: float = math.nan
    grade: Grade | Literal[""] = ""
    href: str = ""
    quoted: bool = False
    alert: bool = False


@dataclass(frozen=True)
class Flow:
    """Where the customers of a stage went: shares of one bar, and the words for who cannot see it."""

    moved_on: float
    still_open: float
    timed_out: float
    words: str


@dataclass(frozen=True)
class Cell:
    """What one lane says about one stage; without entries it says why there is none."""

    entries: tuple[Entry, ...] = ()
    flow: Flow | None = None
    hot: bool = False


@dataclass(frozen=True)
class Lane:
    """A row of the grid: its name, what it is measured in, and its cells in the order of the stages.

    A lane of nothing but links is `linked`; it is left out on paper.
    """

    label: Message
    small: Message | None
    cells: tuple[Cell, ...]
    linked: bool = False


@dataclass(frozen=True)
class Point:
    """Feeling at one stage with its interval; hollow and dashed where few answered, NaN where nobody did."""

    low: float
    middle: float
    high: float
    thin: bool = False
    hot: bool = False


@dataclass(frozen=True)
class Grid:
    """A whole map.

    Attributes
    ----------
    stops : sequence of Stop
        Columns.
    lanes : sequence of Lane
        Rows, top to bottom.
    curve : sequence of Point
        One a stage; drawn over the lane numbered `curve_lane`.
    curve_lane : int
        Which lane holds the numbers of the curve.
    page : str
        Page that holds the whole map, where this is a short one: its stages link there, and key and menu are
        left to it.
    prefix : str
        Of the anchors, where a page holds a second grid, which needs no key and no menu.
    """

    stops: Sequence[Stop]
    lanes: Sequence[Lane]
    curve: Sequence[Point] = ()
    curve_lane: int = -1
    page: str = ""
    prefix: str = ""

    @property
    def limit(self) -> float:
        """Half the height of the curve's axis: 1, 1.5 or 2."""
        ends = [abs(v) for p in self.curve for v in (p.low, p.high) if math.isfinite(v)]
        return min(2.0, max(1.0, math.ceil(2 * max(ends, default=1.0)) / 2))


def sign(grade: str) -> Markup:
    """Return the mark of a grade of evidence; the word always stands beside it or is read aloud."""
    return Markup('<svg viewBox="0 0 12 12" aria-hidden="true">' + _SIGNS[grade] + "</svg>")  # noqa: S704 - ours


def grade_words(grade: str) -> Message:
    """Return what a mark means."""
    words: Mapping[str, Message] = {
        "measured": message("measured"),
        "inferred": message("inferred"),
        "assumed": message("assumed"),
        "none": message("nothing known"),
    }
    return words[grade]


def grid(given: Grid, lang: str) -> Markup:
    """Return the map: key, menu of the stages for a phone, lanes and columns."""
    columns = Markup("").join(_column(given, at, lang) for at in range(len(given.stops)))
    lead = "" if given.page or given.prefix else _key(lang) + _menu(given, lang)
    return Markup(
        '{}<div class="jl-map-frame"><div class="jl-map" style="--stops:{};--lanes:{}">{}{}{}</div></div>'
    ).format(
        lead, len(given.stops), len(given.lanes) + 1,
        _lanes(given, lang), columns, _curve(given),
    )  # fmt: skip


def _menu(given: Grid, lang: str) -> Markup:
    """Return the links to the stages, for a phone."""
    links = Markup("").join(
        Markup('<a href="#stage-{}" style="--stop:var(--stage-{})">{}</a>').format(
            s.id, s.place % 7 + 1, s.label
        )
        for s in given.stops
    )
    return Markup('<nav class="jl-jump" aria-label="{}">{}</nav>').format(message("Stages").say(lang), links)


def _key(lang: str) -> Markup:
    flows = ((message("moved on"), "go"), (message("still open"), "open"), (message("timed out"), "out"))
    bars = [Markup('<span><i class="jl-{}"></i>{}</span>').format(k, w.say(lang)) for w, k in flows]
    marks = [
        Markup("<span>{}{}</span>").format(sign(g), grade_words(g).say(lang)) for g in GRADES if g != "none"
    ]
    return Markup('<p class="jl-key">{}</p>').format(Markup("").join([*bars, *marks]))


def _lanes(given: Grid, lang: str) -> Markup:
    names = Markup("").join(
        Markup("<div{}>{}{}{}</div>").format(
            Markup(' class="jl-axis"') if at == given.curve_lane else _linked(lane),
            lane.label.say(lang),
            Markup("<small>{}</small>").format(lane.small.say(lang)) if lane.small else "",
            _ticks(given) if at == given.curve_lane else "",
        )
        for at, lane in enumerate(given.lanes)
    )
    return Markup('<div class="jl-lanes" aria-hidden="true"><div></div>{}</div>').format(names)


def _linked(lane: Lane) -> Markup:
    return Markup(' class="jl-linked"') if lane.linked else Markup("")


def _ticks(given: Grid) -> Markup:
    return Markup("").join(
        Markup('<i style="top:{:.0f}px">{}</i>').format(_y(value, given.limit) - 9, text)
        for value, text in ((1.0, "+1"), (0.0, "0"), (-1.0, "−1"))
    )


def _column(given: Grid, at: int, lang: str) -> Markup:
    stop = given.stops[at]
    cells = Markup("").join(
        _cell(lane, lane.cells[at], lang, _small_curve(given, at) if row == given.curve_lane else None)
        for row, lane in enumerate(given.lanes)
    )
    name = f"{given.prefix or ('home' if given.page else 'stage')}-{stop.id}"
    label: Markup | str = stop.label
    if given.page:
        label = Markup('<a href="{}#stage-{}">{}</a>').format(given.page, stop.id, stop.label)
    return Markup(
        '<section class="jl-stop" id="{}" style="--stop:var(--stage-{});grid-column:{}" '
        'aria-labelledby="{}-name"><header data-n="{}"><h3 id="{}-name">{}</h3>{}</header>{}'
        "</section>"
    ).format(
        name, stop.place % 7 + 1, at + 2, name, at + 1, name, label,
        Markup("<p>{}</p>").format(stop.goal) if stop.goal else "", cells,
    )  # fmt: skip


def _cell(lane: Lane, cell: Cell, lang: str, curve: Markup | None) -> Markup:
    marks = (("jl-hot", cell.hot), ("jl-feeling", curve is not None), ("jl-linked", lane.linked))
    classes = " ".join(name for name, on in marks if on)
    pieces = [_entry(entry, lang) for entry in cell.entries]
    if cell.flow:  # the bar stands under the count it divides
        pieces.insert(1, _flow(cell.flow))
    inside = Markup("").join(pieces)
    return Markup('<div{}><span class="jl-lane">{}</span><div class="jl-in">{}{}</div></div>').format(
        Markup(' class="{}"').format(classes) if classes else "", lane.label.say(lang),
        curve or "", inside,
    )  # fmt: skip


def _entry(entry: Entry, lang: str) -> Markup:
    mark = Markup("")
    if entry.grade:
        words = grade_words(entry.grade).say(lang)
        mark = Markup('{}<span class="jl-hidden">{}: </span>').format(sign(entry.grade), words)
    text: Markup | str = entry.text
    if entry.quoted:
        text = Markup("<q>{}</q>").format(entry.text)
    elif entry.href:
        text = Markup('<a href="{}">{}</a>').format(entry.href, entry.text)
    number = Markup("<b{}>{}</b>").format(
        Markup(' class="jl-alert"') if entry.alert else "", entry.number
    ) if entry.number else ""  # fmt: skip
    bar = Markup("")
    if math.isfinite(entry.share):
        bar = Markup('<span class="jl-track" aria-hidden="true"><i style="width:{:.0f}%"></i></span>').format(
            100 * entry.share
        )
    pieces = [piece for piece in (number, entry.unit, text) if piece]
    words = Markup(" ").join(pieces)
    quiet = Markup('<span class="jl-quiet">{}</span>').format(entry.quiet) if entry.quiet else ""
    return Markup('<p class="jl-entry{}">{}<span>{}{}{}</span></p>').format(
        " jl-marked" if entry.grade else "", mark, words, quiet, bar
    )


def _flow(flow: Flow) -> Markup:
    shares = (("go", flow.moved_on), ("open", flow.still_open), ("out", flow.timed_out))
    parts = Markup("").join(
        Markup('<i class="jl-{}" style="width:{:.1f}%"></i>').format(kind, 100 * share)
        for kind, share in shares
    )
    return Markup('<span class="jl-flow" role="img" aria-label="{}">{}</span>').format(flow.words, parts)


def _small_curve(given: Grid, at: int) -> Markup:
    """Draw the feeling of one stage on a line of its own, for a phone."""
    point, limit = given.curve[at], given.limit
    if not math.isfinite(point.middle):
        return Markup("")

    def x(value: float) -> float:
        return 100 + 96 * max(-1.0, min(1.0, value / limit))

    tone = "var(--alert)" if point.hot else "var(--link)"
    fill = "var(--paper)" if point.thin else tone
    low, high = (x(v) if math.isfinite(v) else x(point.middle) for v in (point.low, point.high))
    return Markup(
        '<svg class="jl-line" viewBox="0 0 200 40" aria-hidden="true">'
        '<path d="M0 12H200" stroke="var(--rule)" stroke-width="2"/>'
        '<path d="M100 3V21" stroke="var(--ink-2)"/>'
        '<path d="M{:.1f} 12H{:.1f}" stroke="{}" stroke-width="4"/>'
        '<circle cx="{:.1f}" cy="12" r="3.6" fill="{}" stroke="{}" stroke-width="2"/>'
        '<text x="0" y="36">−{:g}</text><text x="100" y="36" text-anchor="middle">0</text>'
        '<text x="200" y="36" text-anchor="end">+{:g}</text></svg>'
    ).format(low, max(high, low + 1), tone, x(point.middle), fill, tone, limit, limit)


def _y(value: float, limit: float) -> float:
    """Return where a value lies in the drawing of the curve."""
    return _TOP + (_LOW - _TOP) * (limit - max(-limit, min(limit, value))) / (2 * limit)


def _curve(given: Grid) -> Markup:
    """Draw the feeling of all stages: line, band, dots; it stands over its lane and says nothing itself."""
    if not any(math.isfinite(p.middle) for p in given.curve):
        return Markup("")
    width, limit = 100 * len(given.curve), given.limit
    rules = "".join(f"M0 {_y(v, limit):.1f}H{width}" for v in (1.0, -1.0) if limit >= 1)
    marks = Markup("").join(_dot(p, at, limit) for at, p in enumerate(given.curve))
    return Markup(
        '<svg class="jl-curve" style="grid-row:{}" viewBox="0 0 {} {}" preserveAspectRatio="none" '
        'aria-hidden="true"><path d="M0 {:.1f}H{}" stroke="var(--edge)" stroke-dasharray="2 3"/>'
        '<path d="{}" stroke="var(--rule)"/>{}{}</svg>'
    ).format(
        given.curve_lane + 2, width, _HEIGHT, _y(0, limit), width, rules, _stretches(given, limit), marks
    )  # fmt: skip


def _stretches(given: Grid, limit: float) -> Markup:
    """Join neighbouring stages: a band between intervals, a line between estimates, dashed into thin ones."""
    drawn = Markup("")
    for at, (one, two) in enumerate(zip(given.curve, given.curve[1:], strict=False)):
        if not (math.isfinite(one.middle) and math.isfinite(two.middle)):
            continue
        left, right = 100 * at + 50, 100 * at + 150
        if all(math.isfinite(v) for p in (one, two) for v in (p.low, p.high)):
            upper = _bend(left, _y(one.high, limit), right, _y(two.high, limit))
            lower = _bend(right, _y(two.low, limit), left, _y(one.low, limit))
            drawn += Markup('<path d="M{}L{}Z" fill="var(--link)" opacity=".16"/>').format(upper, lower)
        line = _bend(left, _y(one.middle, limit), right, _y(two.middle, limit))
        dash = Markup(' stroke-dasharray="5 4"') if one.thin or two.thin else ""
        drawn += Markup('<path d="M{}" fill="none" stroke="var(--link)" stroke-width="2.5"{}/>').format(
            line, dash
        )
    return drawn


def _bend(x0: float, y0: float, x1: float, y1: float) -> str:
    """Return a smooth way between two points that is level at both, so that it never overshoots."""
    half = (x0 + x1) / 2
    return f"{x0:.0f} {y0:.1f}C{half:.0f} {y0:.1f} {half:.0f} {y1:.1f} {x1:.0f} {y1:.1f}"


def _dot(point: Point, at: int, limit: float) -> Markup:
    """Draw a dot on its interval; paths of no length stay round however the drawing is stretched."""
    if not math.isfinite(point.middle):
        return Markup("")
    x, tone = 100 * at + 50, "var(--alert)" if point.hot else "var(--link)"
    dot = f"M{x} {_y(point.middle, limit):.1f}h.01"
    span = Markup("")
    if math.isfinite(point.low) and math.isfinite(point.high):
        ends = f"M{x} {_y(point.low, limit):.1f}V{_y(point.high, limit):.1f}"
        span = Markup('<path d="{}" stroke="{}" stroke-width="2"/>').format(ends, tone)
    hole = Markup("")
    if point.thin:
        hole = Markup('<path d="{}" stroke="var(--paper)" stroke-width="8" stroke-linecap="round"/>').format(
            dot
        )
    return Markup('{}<path d="{}" stroke="{}" stroke-width="13" stroke-linecap="round"/>{}').format(
        span, dot, tone, hole
    )
