"""The figures of the segments report: criteria, sizes, traits, stages reached, stability."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.segments import terms, words
from journey_lib.measures.segments.rows import CRITERIA
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.choices import Choices, Curve
from journey_lib.present.heat import Heat, HeatCell, HeatRow
from journey_lib.present.sketches import Axis, DotRow, DotRows, value_axis
from journey_lib.present.wording import MINUS, Message, Names, Quantity, interval, message
from journey_lib.stats.clusters.stability import VETO, word_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.segments.result import SegmentsResult
    from journey_lib.present.numbers import Number

_ROWS = 14  # columns the heat map of traits shows
_REACH = 1.5  # standard deviations of the darkest shade


def draw(result: SegmentsResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any.

    Raises
    ------
    ParamError
        If there is nothing of this kind to draw.
    """
    makers = {
        "choice": choice,
        "sizes": sizes,
        "profiles": profiles,
        "stages": stages,
        "stability": stability,
    }
    made = makers[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"there is nothing to draw for '{kind}'", "another kind of figure"))
    return made if ax is None else replace(made, given=ax)


def choice(result: SegmentsResult) -> Plot | None:
    """Draw each criterion by the number of groups, its own choice marked."""
    told, lang = result.found.criteria, result.context.language
    if told is None:
        return None
    curves = []
    for name in CRITERIA:
        values = getattr(told, name)
        if values:
            label = terms.criterion(name).say(lang)
            curves.append(
                Curve(
                    label, dict(values), told.picks.get(name), name in ("smallest", "strength", "agreement")
                )
            )
    votes = tuple(message("{name} {k}", name=terms.short(n), k=k) for n, k in told.picks.items())
    title = _choice_title(result)
    base = message("Criteria by number of groups; n = {n} people, drawn once", n=Quantity(told.rows))
    note = message(
        "Ring: what the criterion asks for; 1 means no segments. Gap: first number whose gap reaches the "
        "next one's less its standard error. Prediction strength: largest number with at least 0.8. "
        "Agreement and smallest segment choose nothing; they veto."
    )
    alt = message("{title}. {votes}.", title=title, votes=Names(votes, limit=6))
    return Plot(Choices(tuple(curves), result.k or None), title, base, note, alt, lang)


def _choice_title(result: SegmentsResult) -> Message:
    told = result.found.criteria
    if result.verdict == "none":
        return message("The criteria see no segments")
    if told is not None and told.agreed:
        return message("All criteria ask for {k} segments", k=result.k)
    return message("The criteria disagree; {k} segments are shown", k=result.k)


def sizes(result: SegmentsResult) -> Plot | None:
    """Draw the share of each segment."""
    lang = result.context.language
    found = [result.number("size", segment=name) for name in result.found.names]
    if not found:
        return None
    most = max((n.ci_high for n in found if n.known), default=1.0)
    axis = value_axis(0, most, "%", scale=100, ends=(0, 1))
    columns = (message("Share").say(lang), message("People").say(lang))
    drawn = [_dot(result, n, _size(result, n)) for n in found]
    title = message("{name} is the largest segment", name=words.name(result, found[0].segment))
    base = message("Share of the {n} people grouped", n=Quantity(found[0].n))
    note = message("Dot and line: share and {level} interval.", level=terms.confidence(result))
    alt = message(
        "Dots with intervals for {k} segments, from {high} down to {low}.",
        k=result.k, high=found[0].amount, low=found[-1].amount,
    )  # fmt: skip
    return Plot(DotRows(drawn, axis, columns), title, base, note, alt, lang)


def _size(result: SegmentsResult, number: Number) -> str:
    members = int(result.found.sizes[int(number.segment) - 1])
    small = members < result.context.min_cell
    return f"n < {result.context.min_cell}" if small else Quantity(members).say(result.context.language)


def _dot(result: SegmentsResult, number: Number, base: str, color: str = theme.MAIN) -> DotRow:
    lang = result.context.language
    low, high = (number.ci_low, number.ci_high) if number.known else (number.estimate, number.estimate)
    bounds = interval(low, high, number.unit, lang, compact=True) if number.known else ""
    label = _label(result, number.segment)
    return DotRow(label, low, number.estimate, high, number.amount.say(lang), bounds, base, color)


def _label(result: SegmentsResult, segment: str) -> str:
    """Return number and first trait: as much as fits beside a figure."""
    lang = result.context.language
    told = words.traits(result, segment, 1)
    return f"{segment} · {told[0].words.say(lang)}" if told else terms.segment(segment).say(lang)


def profiles(result: SegmentsResult) -> Plot | None:
    """Draw how far each segment's mean lies from everybody's, in standard deviations."""
    lang = result.context.language
    if not result.k:
        return None
    kept = _farthest(result)
    if not kept:
        return None
    rows = [
        HeatRow(_row_label(result, *one), "", tuple(_far(result, *one, s) for s in result.found.names))
        for one in kept
    ]
    columns = tuple(terms.segment(name).say(lang) for name in result.found.names)
    sketch = Heat(rows, columns, (-_REACH, _REACH), "", "", "", f"n < {result.context.min_cell}", "")
    traits = [words.name(result, name) for name in result.found.names]
    title = message("What sets the segments apart")
    base = message("Distance of the segment's mean from everybody's, in standard deviations")
    note = message(
        "Dark: above everybody's mean, pale: below it. These columns built the groups, so they differ by "
        "construction."
    )
    alt = message("Grid of {n} columns by {k} segments. {names}.", n=Quantity(len(kept)), k=result.k,
                  names=Names(tuple(traits), limit=8))  # fmt: skip
    return Plot(sketch, title, base, note, alt, lang)


def _farthest(result: SegmentsResult) -> list[tuple[str, str]]:
    """Return the columns and values that differ most between segments, in the order of the columns."""
    reach: dict[tuple[str, str], float] = {}
    for number in result.shown.values():
        if number.question not in result.found.active or not number.segment:
            continue
        if number.metric == "distance" and math.isfinite(number.estimate):
            key = (number.question, "")
            reach[key] = max(reach.get(key, 0.0), abs(number.estimate))
        elif number.metric == "share" and math.isfinite(number.estimate):
            key = (number.question, number.option)
            reach[key] = max(reach.get(key, 0.0), abs(_value(result, *key, number.segment)))
    kept = sorted(reach, key=lambda key: -reach[key])[:_ROWS]
    return [key for key in reach if key in kept]


def _row_label(result: SegmentsResult, question: str, option: str) -> str:
    label = terms.column(result.study, question).say(result.context.language)
    return f"{label}: {terms.value(result.study, question, option)}" if option else label


def _value(result: SegmentsResult, question: str, option: str, segment: str) -> float:
    if not option:
        return result.number("distance", question=question, segment=segment).estimate
    own = result.number("share", question=question, option=option, segment=segment).estimate
    total = result.number("share", question=question, option=option).estimate
    spread = math.sqrt(total * (1 - total)) if 0 < total < 1 else math.nan
    return (own - total) / spread


def _far(result: SegmentsResult, question: str, option: str, segment: str) -> HeatCell:
    metric = "share" if option else "distance"
    number = result.number(metric, question=question, option=option, segment=segment)
    if number.hidden:
        return HeatCell("masked")
    value = _value(result, question, option, segment)
    if not math.isfinite(value):
        return HeatCell("missing")
    text = f"{abs(value):.1f}"
    sign = "" if text == "0.0" else MINUS if value < 0 else "+"
    return HeatCell("value", value, sign + text)


def stages(result: SegmentsResult) -> Plot | None:
    """Draw the share of each segment that reached each stage."""
    lang = result.context.language
    places = [s for s in result.context.stages if result.number("reached", stage=s.id).metric]
    if not places:
        return None
    gap = words.parting(result)
    low = (gap[0].segment, gap[0].stage) if gap else ("", "")
    rows = [
        HeatRow(
            _label(result, name),
            _base(result, name),
            tuple(_reached(result, s.id, name, low) for s in places),
        )
        for name in result.found.names
    ]
    total = HeatRow(message("All").say(lang), Quantity(len(result.found.kept)).say(lang),
                    tuple(_reached(result, s.id, "", low) for s in places))  # fmt: skip
    sketch = Heat(
        rows, tuple(s.label.say(lang) for s in places), (0.0, 1.0), "", "n", "",
        f"n < {result.context.min_cell}", "%", total,
    )  # fmt: skip
    title = message("Segments reach the stages alike")
    if gap:
        title = message(
            "Segments part most at {stage}: {low} against {high}",
            stage=words.stage_of(result, gap[0].stage), low=gap[0].amount, high=gap[1].amount,
        )  # fmt: skip
    base = message("Share of the segment that ever entered the stage, in %")
    note = message(
        "Outlined: the lowest share at the stage where segments lie farthest apart. Association, not effect."
    )
    alt = message(
        "Grid of {k} segments by {n} stages. {title}.", k=result.k, n=Quantity(len(places)), title=title
    )
    return Plot(sketch, title, base, note, alt, lang)


def _base(result: SegmentsResult, segment: str) -> str:
    return _size(result, result.number("size", segment=segment))


def _reached(result: SegmentsResult, stage: str, segment: str, low: tuple[str, str]) -> HeatCell:
    number = result.number("reached", stage=stage, segment=segment)
    if number.hidden:
        return HeatCell("masked")
    text = f"{100 * number.estimate:.0f}"
    return HeatCell("value", number.estimate, text, alert=(segment, stage) == low)


def stability(result: SegmentsResult) -> Plot | None:
    """Draw how far each segment comes back in resamples, with the word it deserves."""
    lang = result.context.language
    found = [result.number("jaccard", segment=name) for name in result.found.names]
    known = [number for number in found if number.known]
    if not known:
        return None
    drawn = []
    for number in known:
        weak = number.estimate < VETO
        word = terms.badge(word_of(number.estimate)).say(lang)
        drawn.append(_dot(result, number, word, theme.ALERT if weak else theme.MAIN))
    axis = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), ("0", "0.25", "0.5", "0.75", "1"))
    columns = (message("Overlap").say(lang), message("Verdict").say(lang))
    worst = min(known, key=lambda number: number.estimate)
    sure = word_of(worst.estimate) == "stable"
    title = message("Every segment comes back in other samples") if sure else message(
        "{name} is the least stable segment: {word}",
        name=terms.segment(worst.segment), word=terms.badge(word_of(worst.estimate)),
    )  # fmt: skip
    base = message(
        "Mean overlap (Jaccard) with the same group in {draws} resamples",
        draws=Quantity(result.found.plan.draws),
    )
    note = message(
        "Line: where {level} of the resamples lie. Dashed: 0.6, below which a segment must not be used. From "
        "0.85 stable, from 0.75 valid, from 0.6 a pattern, from 0.5 doubtful.",
        level=terms.confidence(result),
    )
    alt = message(
        "Dots for {k} segments on an axis from 0 to 1; the lowest is {value}.", k=len(known),
        value=Quantity(worst.estimate, "score"),
    )  # fmt: skip
    return Plot(DotRows(drawn, axis, columns, VETO), title, base, note, alt, lang)
