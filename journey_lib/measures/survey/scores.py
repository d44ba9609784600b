"""The page's parts about usability, sliders, tasks and rankings; each is left out where nothing was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.measures.survey import marks, terms
from journey_lib.measures.survey.kinds import TOP, questionnaires
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.sketches import DotRows, value_axis
from journey_lib.present.tables import Cell, Row
from journey_lib.present.wording import Quantity, message
from journey_lib.study import naming

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number
    from journey_lib.present.wording import Says
    from journey_lib.study.definition import Question

_HUNDRED = (0, 100)


def scores_figure(result: SurveyResult) -> Plot | None:
    """Draw what runs from 0 to 100 on one axis: SUS, UMUX-Lite and sliders of that scale."""
    lang = result.context.language
    named = [(name, number) for name, number in _of_hundred(result) if number.known]
    if not named:
        return None
    name, number = named[0]
    facts = {"name": name, "value": _points(number)}
    title = message("{name}: {value} of 100", **facts)
    subtitle = message(
        "Mean scores from 0 to 100, {period}, weighted; scores of different questions are not one scale",
        period=terms.period(result),
    )
    note = message(
        "Dot and line: mean and {level} interval. * n {cell} to {last}. SUS and UMUX-Lite are points, not "
        "percentages or percentiles.",
        **marks.thresholds(result),
    )
    alt = message(
        "Dots with intervals for {n} scores from 0 to 100: {values}.", n=Quantity(len(named)),
        values=", ".join(f"{one.say(lang)} {_points(x).say(lang)}" for one, x in named),
    )  # fmt: skip
    drawn = [marks.dot(result, one.say(lang), x, theme.MAIN, decimals=1) for one, x in named]
    axis = value_axis(*_HUNDRED, "", ends=_HUNDRED)
    return Plot(DotRows(drawn, axis, (message("Mean").say(lang), "n")), title, subtitle, note, alt, lang)


def scores(result: SurveyResult) -> Block | None:
    """List scores and sliders with their completeness, tasks with their success, and times."""
    rows = [*_score_rows(result), *_task_rows(result)]
    note = message(
        "Second line: {level} interval. Complete: who answered every item among those who answered any; only "
        "they have a score. Success: adjusted Wald interval. Time: geometric mean, of successful attempts "
        "where the task is known. * n {cell} to {last}. Hatched: n below {cell}, masked.",
        **marks.thresholds(result),
    )
    return marks.tabled(
        result,
        message("Scores, sliders, tasks and times"),
        message("Means of scales, success in %, time in seconds; {period}", period=terms.period(result)),
        [
            message("Item"), message("Measure"), message("Weighted"), message("Raw"), "n",
            message("Complete, %"),
        ],
        rows,
        note,
    )  # fmt: skip


def rankings_figure(result: SurveyResult) -> Plot | None:
    """Draw the mean rank of each option, best first; the first place is at the left."""
    lang = result.context.language
    drawn, best = [], None
    asked = [q for q in result.study.questions if q.kind == "ranking"]
    for question in asked:
        known = [number for number in _ranked(result, question) if number.known]
        for at, number in enumerate(known):
            heading, color = ("", theme.EDGE) if at else (question.label.say(lang), theme.MAIN)
            label = question.options[number.option].say(lang)
            drawn.append(marks.dot(result, label, number, color, heading=heading, decimals=1))
        best = best or next(((question, number) for number in known), None)
    if best is None:
        return None
    question, number = best
    most = max(len(q.columns) for q in asked)
    facts = {
        "best": question.options[number.option], "rank": Quantity(number.estimate, "score", 1),
        "all": Quantity(len(question.columns)), "n": Quantity(len(drawn)),
    }  # fmt: skip
    title = message("{best} has the best mean rank: {rank} of {all}", **facts)
    subtitle = message(
        "Mean rank, 1 is best, {period}, weighted, people who ranked the option", period=terms.period(result)
    )
    note = message(
        "Dot and line: mean rank and {level} interval. * n {cell} to {last}. Best mean rank first.",
        **marks.thresholds(result),
    )
    alt = message(
        "Dots with intervals for the mean ranks of {n} options. Best: {best}, {rank} of {all} (n = {base}).",
        base=Quantity(number.n), **facts,
    )  # fmt: skip
    sketch = DotRows(drawn, value_axis(1, most, "", ends=(1, most)), (message("Mean rank").say(lang), "n"))
    return Plot(sketch, title, subtitle, note, alt, lang)


def rankings(result: SurveyResult) -> Block | None:
    """List mean rank, first places and places among the first three of every option."""
    lang, rows = result.context.language, []
    for question in result.study.questions:
        if question.kind != "ranking":
            continue
        for at, number in enumerate(_ranked(result, question)):
            first, top, raw = (
                result.number(question.id, "ranked_first", option=number.option),
                result.number(question.id, "ranked_top3", option=number.option),
                result.number(question.id, "mean_rank", option=number.option, weighting="unweighted"),
            )
            cells = [marks.cell(result, number), marks.cell(result, raw, bounds=False)]
            cells += [marks.cell(result, first), marks.cell(result, top), _count(number)]
            heading = "" if at else question.label.say(lang)
            rows.append(Row(question.options[number.option].say(lang), cells, heading))
    note = message(
        "Second line: {level} interval. Mean rank: 1 is best, of those who ranked the option (n). First and "
        "top 3: of all who ranked anything; options may share a rank. En dash: no more than three options. * "
        "n {cell} to {last}. Hatched: n below {cell}, masked.",
        **marks.thresholds(result),
    )
    return marks.tabled(
        result,
        message("Every option's rank"),
        message("Mean rank, and shares in %; {period}", period=terms.period(result)),
        [
            message("Option"), message("Mean rank"), message("Raw"), message("Ranked first, %"),
            message("Among the top {n}, %", n=Quantity(TOP)), "n",
        ],
        rows,
        note,
    )  # fmt: skip


def _of_hundred(result: SurveyResult) -> list[tuple[Says, Number]]:
    """Return everything that runs from 0 to 100, questionnaires first."""
    named: list[tuple[Says, Number]] = []
    for question, _ in questionnaires(result.study):
        named.append((question.label, result.number(question.id, question.kind)))
    sliders = (q for q in result.study.questions if q.kind == "slider" and q.scale == _HUNDRED)
    return named + [(naming.name(result.study, q), result.number(q.id, "mean")) for q in sliders]


def _score_rows(result: SurveyResult) -> list[Row]:
    lang = result.context.language
    rows = []
    for question, _ in questionnaires(result.study):
        complete = _plain(marks.cell(result, result.number(question.id, "complete"), bounds=False))
        name = question.label.say(lang)
        rows.append(_row(result, name, question.id, question.kind, "0–100", complete))
        if question.kind == "umux_lite":
            words = message("{name} as SUS (regression)", name=name).say(lang)
            rows.append(_row(result, words, question.id, "umux_lite_regressed", "0–100", complete))
    for question in result.study.questions:
        if question.kind == "slider":
            name = naming.name(result.study, question).say(lang)
            rows.append(_row(result, name, question.id, "mean", naming.measure(question)))
            median = message("{name} (median)", name=name).say(lang)
            rows.append(_row(result, median, question.id, "median", naming.measure(question)))
    return rows


def _task_rows(result: SurveyResult) -> list[Row]:
    lang = result.context.language
    measures = {"task": message("Success, %").say(lang), "time": message("Time, s").say(lang)}
    metrics = {"task": "success", "time": "time"}
    return [
        _row(result, q.label.say(lang), q.id, metrics[q.kind], measures[q.kind])
        for q in result.study.questions
        if q.kind in metrics
    ]


def _row(
    result: SurveyResult, name: str, question: str, metric: str, measure: str, complete: Cell | str = ""
) -> Row:
    number = result.number(question, metric)
    raw = result.number(question, metric, weighting="unweighted")
    shown = (marks.cell(result, number), marks.cell(result, raw, bounds=False))
    tidy = [replace(cell, decimals=1) for cell in shown]
    return Row(name, [measure, *tidy, _count(number), complete])


def _plain(cell: Cell) -> Cell:
    return replace(cell, thin=False)


def _count(number: Number) -> Cell:
    return Cell(number.n, "count", masked=number.hidden, withheld=number.withheld)


def _ranked(result: SurveyResult, question: Question) -> list[Number]:
    """Return the mean ranks of a question's options, best first; options nobody ranked last."""
    found = [result.number(question.id, "mean_rank", option=option) for option in question.columns]
    return sorted(found, key=lambda x: (x.estimate != x.estimate, x.estimate))


def _points(number: Number) -> Quantity:
    return Quantity(number.estimate, "score", 1)
