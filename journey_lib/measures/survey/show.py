"""The parts of the survey page: a figure with the table of its numbers, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from journey_lib.measures.survey import careless, marks, moves, pictures, response, scores, terms
from journey_lib.measures.survey.count import NO_ANSWER
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.tables import Cell, Row
from journey_lib.present.wording import Message, Quantity, WaveName, message
from journey_lib.study import naming
from journey_lib.study.questions import REPORTED, main_metric

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Question

Kind: TypeAlias = Literal[
    "touchpoints", "stages", "trend", "waves", "changes", "groups", "choices", "scores", "rankings",
    "unanswered", "careless",
]  # fmt: skip
MOST_COLUMNS = 10


def part(result: SurveyResult, kind: str) -> Block:
    """Return figure and table of a kind as one block."""
    drawers = {
        "touchpoints": pictures.touchpoints, "stages": pictures.stages, "trend": pictures.trend,
        "groups": pictures.groups, "choices": pictures.choices, "scores": scores.scores_figure,
        "rankings": scores.rankings_figure,
    }  # fmt: skip
    listers = {
        "stages": _stages, "trend": _waves, "waves": _waves, "changes": moves.moves, "groups": _groups,
        "unanswered": _unanswered, "scores": scores.scores, "rankings": scores.rankings,
        "careless": careless.flagged,
    }  # fmt: skip
    lang = result.context.language
    plot = drawers[kind](result) if kind in drawers else None
    listed = listers[kind](result) if kind in listers else None
    further = {"unanswered": response.table, "careless": careless.with_and_without}
    more = further[kind](result) if kind in further else None
    return blocks.together([blocks.figure(plot) if plot else None, listed, more], _why_not(kind), lang)


def _why_not(kind: str) -> Message:
    one_wave = message("This study has one wave, so nothing can be compared over time.")
    return {
        "groups": message(
            "This run does not split the answers. Set `by` to a column, such as region, to compare groups."
        ),
        "choices": message(
            "This study asks no question with several answers, such as awareness or consideration."
        ),
        "scores": message("This study asks no usability questionnaire, slider or task."),
        "rankings": message("This study asks for no ranking."),
        "careless": message(
            "The data holds no answering time, no attention check and no grid of eight ratings."
        ),
        "trend": one_wave,
        "waves": one_wave,
        "changes": one_wave,
    }.get(kind, message("This study holds no answers for this part."))


def _stages(result: SurveyResult) -> Block | None:
    note = message(
        "Second line: {level} interval. En dash: nobody answered. * n {cell} to {last}. Hatched: n below "
        "{cell}, masked. Order: the journey.",
        **marks.thresholds(result),
    )
    period = terms.period(result)
    return marks.tabled(
        result,
        message("Every number of the journey, weighted and raw"),
        message("Share satisfied in %, NPS in points, effort as a mean; {period}", period=period),
        [
            message("Item"), message("Measure"), message("Weighted"), message("Raw"), message("Mean"), "n",
            message("Effective n"),
        ],
        _along(result, lambda question: _stage_cells(result, question)),
        note,
    )  # fmt: skip


def _stage_cells(result: SurveyResult, question: Question) -> list[Cell | str]:
    metric, lang = main_metric(question), result.context.language
    number = result.number(question.id, metric)
    raw = result.number(question.id, metric, weighting="unweighted")
    mean = result.number(question.id, "mean")
    count = Cell(number.n, "count", masked=number.hidden, withheld=number.withheld)
    return [
        naming.measure(question), marks.cell(result, number), marks.cell(result, raw, bounds=False),
        marks.cell(result, mean, bounds=False), count, Quantity(number.n_effective).say(lang),
    ]  # fmt: skip


def _waves(result: SurveyResult) -> Block | None:
    if len(result.waves) < 2:
        return None
    waves = result.waves[-MOST_COLUMNS:]

    def cells(question: Question) -> list[Cell | str]:
        numbers = [result.number(question.id, main_metric(question), wave=wave) for wave in waves]
        asked = sum(number.hidden or number.n > 0 for number in numbers)
        return (
            [naming.measure(question), *(marks.cell(result, number) for number in numbers)]
            if asked > 1
            else []
        )

    note = message(
        "Second line: {level} interval. En dash: not asked in that wave; questions of one wave are left out. "
        "* n {cell} to {last}. Hatched: n below {cell}, masked.",
        **marks.thresholds(result),
    )
    return marks.tabled(
        result,
        message("The same numbers, wave by wave"),
        message("Share satisfied in %, NPS in points, effort as a mean; weighted within each wave"),
        [message("Item"), message("Measure"), *map(WaveName, waves)],
        _along(result, cells),
        _shortened(note, waves, result.waves),
    )


def _groups(result: SurveyResult) -> Block | None:
    if not result.groups:
        return None
    names = result.groups[:MOST_COLUMNS]

    def cells(question: Question) -> list[Cell | str]:
        metric = main_metric(question)
        numbers = [result.number(question.id, metric, group=group) for group in ("", *names)]
        return [naming.measure(question), *(marks.cell(result, number) for number in numbers)]

    note = message(
        "Second line: {level} interval. * n {cell} to {last}. Hatched: masked, because n is below {cell} or "
        "because it would give a masked cell away. Differences are not tested here.",
        **marks.thresholds(result),
    )
    return marks.tabled(
        result,
        message("Satisfaction by {by}", by=naming.column(result.study, result.by)),
        message(
            "Share satisfied in %, NPS in points, effort as a mean; weighted, {period}",
            period=terms.period(result),
        ),
        [
            message("Item"), message("Measure"), message("Total"),
            *(result.study.level(result.by, name) for name in names),
        ],
        _along(result, cells),
        _shortened(note, names, result.groups),
    )  # fmt: skip


def _unanswered(result: SurveyResult) -> Block | None:
    words = {
        "no_answer": message("No answer, %"), "refused": message("Refused, %"),
        "dont_know": message("Don't know, %"), "not_used": message("Not used, %"),
    }  # fmt: skip
    reasons = [r for r in NO_ANSWER if any(_left_out(result, q, r).n > 0 for q in result.study.questions)]
    rows = []
    for question in result.study.questions:
        total = _left_out(result, question)
        if question.kind != "multi" and total.n > 0:
            name = naming.name(result.study, question).say(result.context.language)
            numbers = [_left_out(result, question, reason) for reason in reasons]
            cells = [marks.cell(result, number, bounds=False, absent=0.0) for number in numbers]
            rows.append(Row(name, [Quantity(total.n).say(result.context.language), *cells]))
    if not reasons:
        return None
    return marks.tabled(
        result,
        message("Who was asked, and who gave no answer"),
        message("Share of those asked, unweighted; {period}", period=terms.period(result)),
        [message("Item"), message("Asked"), *(words[reason] for reason in reasons)],
        rows,
        message("What was not asked is not counted. Not used and don't know leave the base of the ratings."),
    )


def _left_out(result: SurveyResult, question: Question, reason: str = "") -> Number:
    return result.number(question.id, "item_nonresponse", option=reason, weighting="unweighted")


def _along(result: SurveyResult, cells: Callable[[Question], list[Cell | str]]) -> list[Row]:
    """Return a row for every reported question that has cells, under the headings of the stages."""
    made = {q.id: cells(q) for q in result.study.questions if q.kind in REPORTED}
    questions = [q for q in result.study.questions if made.get(q.id)]
    lang = result.context.language
    return [
        Row(naming.row_name(result.study, question).say(lang), made[question.id], heading, stop)
        for question, heading, stop in naming.along_the_journey(result.study, questions)
    ]


def _shortened(note: Message, shown: Sequence[str], every: Sequence[str]) -> Message:
    """Say under a table that it does not hold everything."""
    if len(shown) == len(every):
        return note
    more = message("{shown} of {all} columns are shown.", shown=len(shown), all=len(every))
    return message("{a} {b}", a=note, b=more)
