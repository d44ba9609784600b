"""Which number of the survey goes where in which figure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.survey import marks, moves, scores, terms
from journey_lib.measures.survey.waves import runs
from journey_lib.measures.survey.words import found_change, got_worse
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.sketches import (
    DotRows,
    LikertRow,
    LikertRows,
    Line,
    Trend,
)
from journey_lib.present.wording import Message, Quantity, WaveName, message
from journey_lib.study import naming
from journey_lib.study.questions import higher_is_better, main_metric, overall

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.charts import Sketch
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Question

_CONTEXT_LINES = 2
MOST_DRAWN = 40  # rows of one figure
_Level = TypeVar("_Level")
_Row = TypeVar("_Row")


def draw(result: SurveyResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    makers = {
        "touchpoints": touchpoints, "stages": stages, "trend": trend, "groups": groups, "choices": choices,
        "scores": scores.scores_figure, "rankings": scores.rankings_figure,
    }  # fmt: skip
    made = makers[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this study holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def touchpoints(result: SurveyResult) -> Plot | None:
    """Draw the answers at each touchpoint around neutral, highest net first."""
    rated = _rated(result)
    if not rated:
        return None
    lang = result.context.language
    best, worst = rated[0], rated[-1]
    names = {
        "best": naming.name(result.study, best.question),
        "worst": naming.name(result.study, worst.question),
    }
    title = (
        message("{best} satisfies most people on balance, {worst} fewest", **names)
        if len(rated) > 1
        else message("How people rate {best}", best=names["best"])
    )
    subtitle = message(
        "Answers by touchpoint on the {scale}, {period}, weighted, people who used it; sorted by net "
        "(satisfied − dissatisfied)",
        scale=_scale(best.question), period=terms.period(result),
    )  # fmt: skip
    note = message(
        "* n below {flag}. An answer nobody gave stays on the scale as 0.",
        flag=Quantity(result.context.flag_cell),
    )
    alt = message(
        "Diverging bars for {n} touchpoints. {best} has the highest net satisfaction, {high} (n = {n_high}); "
        "{worst} the lowest, {low} (n = {n_low}).",
        n=Quantity(len(rated)), high=best.amount, n_high=Quantity(best.n), low=worst.amount,
        n_low=Quantity(worst.n), **names,
    )  # fmt: skip
    note = _shortened(note, len(rated))
    sketch = LikertRows(
        [_likert(result, one) for one in _ends(rated)],
        _scale_words(rated, lang),
        (message("Net").say(lang), "n"),
    )
    return Plot(sketch, title, subtitle, note, alt, lang)


def stages(result: SurveyResult) -> Plot | None:
    """Draw the share satisfied at each touchpoint and stage in journey order, weighted with the raw twin."""
    asked = [q for q in result.study.questions if q.kind in ("rating", "csat")]
    values = {q.id: result.number(q.id, "top2") for q in asked}
    known = [values[q.id] for q in asked if values[q.id].known]
    if not known:
        return None
    lang = result.context.language
    full = [number for number in known if number.n >= result.context.flag_cell] or known
    lowest, highest = min(full, key=lambda x: x.estimate), max(full, key=lambda x: x.estimate)
    drawn = []
    shown = {number.question for number in _ends(sorted(known, key=lambda x: -x.estimate))}
    for question, heading, _ in naming.along_the_journey(result.study, [q for q in asked if q.id in shown]):
        number = values[question.id]
        raw = result.number(question.id, "top2", weighting="unweighted").estimate
        color = theme.ALERT if number is lowest else theme.MAIN
        label = naming.row_name(result.study, question, short=True).say(lang)
        drawn.append(marks.dot(result, label, number, color, heading=heading, twin=raw))
    facts = {
        "low": lowest.amount,
        "high": highest.amount,
        "lowest": naming.name(result.study, result.study.item(lowest.question)),
        "highest": naming.name(result.study, result.study.item(highest.question)),
    }
    title = message(
        "Along the journey, satisfaction runs from {low} ({lowest}) to {high} ({highest})", **facts
    )
    subtitle = message(
        "Share satisfied (top 2), {period}, weighted, people who used it", period=terms.period(result)
    )
    note = message(
        "Dot and line: weighted estimate and {level} interval. Diamond: without weights, where it differs "
        "visibly.",
        level=terms.confidence(result),
    )
    alt = message(
        "Dots with intervals for {n} questions in journey order. Lowest {lowest}, {low}; highest {highest}, "
        "{high}.",
        n=Quantity(len(drawn)), **facts,
    )  # fmt: skip
    sketch = DotRows(drawn, marks.axis(known), (message("Satisfied").say(lang), "n"))
    return Plot(sketch, title, subtitle, _shortened(note, len(known)), alt, lang)


def _ends(ranked: Sequence[_Row]) -> list[_Row]:
    """Return all of a ranking, or its upper and lower end where it is too long for a figure."""
    half = MOST_DRAWN // 2
    return list(ranked) if len(ranked) <= MOST_DRAWN else [*ranked[:half], *ranked[-half:]]


def _shortened(note: Message, rows: int) -> Message:
    if rows <= MOST_DRAWN:
        return note
    less = message(
        "The {half} highest and the {half} lowest of {all} are drawn.",
        half=MOST_DRAWN // 2,
        all=Quantity(rows),
    )
    return message("{a} {b}", a=note, b=less)


def trend(result: SurveyResult) -> Plot | None:
    """Draw the clearest change over the waves beside its neighbours, or else the recommendation."""
    change = found_change(result)
    drift = None if change else moves.drift(result)
    named = change or (drift[0] if drift else None)
    question = result.study.item(named.question) if named else overall(result.study)
    if question is None or len(result.waves) < 2:
        return None
    metric, lang = main_metric(question), result.context.language
    chosen = [question, *_neighbours(result, question, metric)]
    drawn = {q.id: [_of_wave(result, q, metric, wave) for wave in result.waves] for q in chosen}
    own = [number for number in drawn[question.id] if number.known]
    if not own:
        return None
    alert = named is not None and got_worse(result, named)
    lines = [
        line for q in chosen for line in _lines(result, q, drawn[q.id], strong=q is question, alert=alert)
    ]
    title, alt = _trend_words(result, change, question, drawn[question.id])
    if drift:
        title = message(
            "{name} moved by {slope} a wave", name=naming.name(result.study, question), slope=drift[1]
        )
    subtitle = message(
        "{what} by wave, weighted, n = {low} to {high} a wave", what=naming.metric_name(metric),
        low=Quantity(min(x.n for x in own)), high=Quantity(max(x.n for x in own)),
    )  # fmt: skip
    note = message(
        "Bands: {level} interval. Neighbouring waves compared with Holm correction; people who answered "
        "twice are one cluster.",
        level=terms.confidence(result),
    )
    every = [number for numbers in drawn.values() for number in numbers if number.known]
    names = tuple(WaveName(wave).say(lang) for wave in result.waves)
    return Plot(Trend(lines, names, marks.axis(every, within=None)), title, subtitle, note, alt, lang)


def groups(result: SurveyResult) -> Plot | None:
    """Draw the overall question for every group of `by`."""
    question = overall(result.study)
    if not result.by or question is None:
        return None
    metric, lang = main_metric(question), result.context.language
    found = [result.number(question.id, metric, group=group) for group in result.groups]
    known = sorted((x for x in found if x.known), key=lambda x: -x.estimate)
    if not known:
        return None
    labels = [result.study.level(result.by, number.group) for number in known]
    facts = {
        "what": naming.name(result.study, question),
        "low": known[-1].amount, "high": known[0].amount, "worst": labels[-1], "best": labels[0],
    }  # fmt: skip
    title = message("{what}: from {low} ({worst}) to {high} ({best})", **facts)
    subtitle = message(
        "{what} by {by}, {period}, weighted", what=naming.metric_name(metric),
        by=naming.column(result.study, result.by), period=terms.period(result),
    )  # fmt: skip
    note = message(
        "Dot and line: estimate and {level} interval. Dashed: all respondents. Rating habits differ between "
        "countries; compare levels with care.",
        level=terms.confidence(result),
    )
    alt = message(
        "Dots with intervals for {n} groups: {best} highest, {high}; {worst} lowest, {low}.",
        n=Quantity(len(known)),
        **facts,
    )
    drawn = [marks.dot(result, label, x, theme.MAIN) for label, x in zip(labels, known, strict=True)]
    columns = ("NPS" if metric == "nps" else message("Value").say(lang), "n")
    total = result.number(question.id, metric).estimate
    sketch = DotRows(drawn, marks.axis(known, within=None), columns, total if math.isfinite(total) else None)
    return Plot(sketch, title, subtitle, note, alt, lang)


def choices(result: SurveyResult) -> Plot | None:
    """Draw how many named each option of the questions with several answers, such as awareness."""
    lang = result.context.language
    drawn, shown, top = [], [], None
    for question in result.study.questions:
        if question.kind != "multi":
            continue
        found = [result.number(question.id, "selected", option=option) for option in question.columns]
        known = sorted((x for x in found if x.known), key=lambda x: -x.estimate)
        for at, number in enumerate(known):
            heading, color = ("", theme.EDGE) if at else (question.label.say(lang), theme.MAIN)
            label = question.options[number.option].say(lang)
            drawn.append(marks.dot(result, label, number, color, heading=heading))
        top = top or next(((question, number) for number in known), None)
        shown += known
    if top is None:
        return None
    facts = {"best": top[0].options[top[1].option], "share": top[1].amount}
    title = message("{best} comes to mind first: {share} name it", **facts)
    subtitle = message(
        "Share of respondents who named it, several answers possible, {period}, weighted",
        period=terms.period(result),
    )
    note = message(
        "Base: everyone asked. Shares can add up to more than 100%. {level} intervals.",
        level=terms.confidence(result),
    )
    alt = message(
        "Dots with intervals for {n} answers. Most named: {best}, {share} (n = {base}).",
        n=Quantity(len(drawn)), base=Quantity(top[1].n), **facts,
    )  # fmt: skip
    sketch: Sketch = DotRows(drawn, marks.axis(shown, low=0), (message("Named").say(lang), "n"))
    return Plot(sketch, title, subtitle, note, alt, lang)


@dataclass(frozen=True)
class _Rated:
    """A rating question with its base and its net: satisfied less dissatisfied."""

    question: Question
    top: Number
    net: float

    @property
    def n(self) -> float:
        return self.top.n

    @property
    def amount(self) -> Quantity:
        return Quantity(self.net, "share", signed=True, bare=True)


def _rated(result: SurveyResult) -> list[_Rated]:
    """Return rating questions of the most common scale, highest net first."""
    rated = [q for q in result.study.questions if q.kind == "rating" and result.number(q.id, "top2").known]
    if not rated:
        return []
    scale = Counter(q.scale for q in rated).most_common(1)[0][0]
    found = []
    for question in rated:
        top, bottom = (result.number(question.id, metric) for metric in ("top2", "bottom2"))
        if question.scale == scale:
            found.append(_Rated(question, top, top.estimate - bottom.estimate))
    return sorted(found, key=lambda one: (-round(one.net, 12), -one.top.estimate))


def _scale_words(rated: list[_Rated], lang: str) -> tuple[str, ...]:
    """Return the names of the levels, worst first, as most of the questions call them."""
    said = Counter(_from_bad_to_good(one.question, naming.scale_words(one.question, lang)) for one in rated)
    return said.most_common(1)[0][0]


def _likert(result: SurveyResult, one: _Rated) -> LikertRow:
    lang = result.context.language
    low, high = one.question.scale or (1, 5)
    levels = [result.number(one.question.id, "level", option=str(k)).estimate for k in range(low, high + 1)]
    base = Quantity(one.n).say(lang) + ("*" if one.n < result.context.flag_cell else "")
    shares = _from_bad_to_good(one.question, tuple(levels))
    label = naming.name(result.study, one.question).say(lang)
    return LikertRow(label, shares, one.amount.say(lang), base, one.net < 0)


def _of_wave(result: SurveyResult, question: Question, metric: str, wave: str) -> Number:
    """Return the number of one wave, without values where it may not stand in a figure."""
    number = result.number(question.id, metric, wave=wave)
    return number if number.known else replace(number, estimate=math.nan, ci_low=math.nan, ci_high=math.nan)


def _lines(
    result: SurveyResult, question: Question, numbers: list[Number], *, strong: bool, alert: bool
) -> list[Line]:
    """Return a question's line, in pieces where its wording or scale changed; only the last has the name."""
    pieces, nan = runs(question, result.waves), math.nan
    found = []
    for piece in dict.fromkeys(pieces):
        own = [
            x if p == piece else replace(x, estimate=nan, ci_low=nan, ci_high=nan)
            for x, p in zip(numbers, pieces, strict=True)
        ]
        line = _line(result, question, own, strong=strong, alert=alert)
        found.append(line if piece == pieces[-1] else replace(line, label=""))
    return [line for line in found if any(map(math.isfinite, line.estimate))]


def _line(
    result: SurveyResult, question: Question, numbers: list[Number], *, strong: bool, alert: bool
) -> Line:
    lang = result.context.language
    color = (theme.ALERT if alert else theme.MAIN) if strong else theme.EDGE
    return Line(
        naming.name(result.study, question).say(lang), tuple(x.estimate for x in numbers),
        tuple(x.ci_low for x in numbers), tuple(x.ci_high for x in numbers),
        tuple(x.amount.say(lang) for x in numbers), color, "o" if strong else "s", strong,
    )  # fmt: skip


def _neighbours(result: SurveyResult, question: Question, metric: str) -> list[Question]:
    """Return other questions of the same kind near its stage, to tell a change from a change of mood."""
    if metric == "nps":
        return []
    stops = {s.id: s.place for s in result.context.stages}
    here = stops.get(question.stage, -1)
    alike = [q for q in result.study.questions if q.kind == question.kind and q.id != question.id]
    alike.sort(key=lambda q: (q.stage != question.stage, abs(stops.get(q.stage, -1) - here)))
    return alike[:_CONTEXT_LINES]


def _trend_words(
    result: SurveyResult, change: Number | None, question: Question, numbers: list[Number]
) -> tuple[Message, Message]:
    lang = result.context.language
    name = naming.name(result.study, question)
    known = [(WaveName(x.wave).say(lang), x.amount.say(lang)) for x in numbers if x.known]
    alt = message(
        "{n} waves. {name}: {values}.",
        n=Quantity(len(known)),
        name=name,
        values=", ".join(f"{wave} {value}" for wave, value in known),
    )
    if change is None:
        return message("{name} did not move clearly from any wave to the next", name=name), alt
    facts = {"name": name, "before": WaveName(change.comparison), "after": WaveName(change.wave)}
    if change.estimate < 0:
        return message("{name} fell from {before} to {after}", **facts), alt
    return message("{name} rose from {before} to {after}", **facts), alt


def _from_bad_to_good(question: Question, levels: tuple[_Level, ...]) -> tuple[_Level, ...]:
    return levels if higher_is_better(question) else levels[::-1]


def _scale(question: Question) -> Message:
    low, high = question.scale or (1, 5)
    return message("{low}–{high} scale", low=Quantity(low), high=Quantity(high))
