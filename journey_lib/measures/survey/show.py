"""The parts of the survey page: each a figure with the table of its numbers, or the reason why there is none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

from markupsafe import Markup

from journey_lib.measures.survey import pictures
from journey_lib.measures.survey.items import main_metric
from journey_lib.present import blocks
from journey_lib.present.blocks import Block
from journey_lib.present.tables import Cell, Row, table
from journey_lib.present.wording import Message, Quantity, message, unit_suffix

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.study.definition import Question

Kind: TypeAlias = Literal["touchpoints", "stages", "trend", "waves", "groups", "choices", "unanswered"]
MOST_COLUMNS = 10


def part(result: SurveyResult, kind: str) -> Block:
    """Return figure and table of a kind as one block."""
    makers = {
        "touchpoints": pictures.touchpoints, "stages": pictures.stages, "trend": pictures.trend,
        "groups": pictures.groups, "choices": pictures.choices,
    }  # fmt: skip
    tables = {
        "stages": _stages, "trend": _waves, "waves": _waves, "groups": _groups, "choices": _choices,
        "unanswered": _unanswered,
    }  # fmt: skip
    lang = result.context.language
    pieces = []
    made = makers[kind](result) if kind in makers else None
    if made is not None:
        pieces.append(blocks.figure(pictures.plot_of(made, result)).inner)
    listed = tables[kind](result) if kind in tables else None
    if listed is not None:
        pieces.append(listed.inner)
    if not pieces:
        words = _why_not(kind).say(lang)
        return Block(Markup('<p class="jl-say">{}</p>').format(words), lang, words, empty=True)
    return Block(Markup("").join(pieces), lang, made[1].say(lang) if made else "")


def _why_not(kind: str) -> Message:
    return {
        "groups": message(
            "This run does not split the answers. Set `by` to a column, such as region, to compare groups."
        ),
        "choices": message(
            "This study asks no question with several answers, such as awareness or consideration."
        ),
        "trend": message("This study has one wave, so nothing can be compared over time."),
        "waves": message("This study has one wave, so nothing can be compared over time."),
    }.get(kind, message("This study holds no answers for this part."))


def _stages(result: SurveyResult) -> Block | None:
    lang = result.context.language
    asked = sorted(
        [q for q in result.study.questions if q.kind in ("nps", "csat", "ces", "rating")],
        key=lambda q: (result.stop(q.stage) % 100, q.kind == "rating"),
    )
    lookup = {
        (metric, weighting): result.rows_of(metric, weighting=weighting).set_index("question")
        for metric in ("nps", "top2", "mean")
        for weighting in ("weighted", "unweighted")
    }
    rows, last = [], None
    for question in asked:
        metric = main_metric(question)
        weighted, raw = (lookup[(metric, w)] for w in ("weighted", "unweighted"))
        if question.id not in weighted.index:
            continue
        heading = "" if question.stage == last else pictures._stage(result, question.stage)
        last = question.stage
        row, plain = weighted.loc[question.id], raw.loc[question.id]
        mean = lookup[("mean", "weighted")]
        cells = [
            _count(row, lang), Quantity(float(row["n_effective"])).say(lang), _measure(question),
            _cell(result, row), _cell(result, plain, bounds=False),
            _cell(result, mean.loc[question.id], bounds=False) if question.id in mean.index else "–",
        ]  # fmt: skip
        rows.append(Row(result.label(question), cells, heading, result.stop(question.stage)))
    if not rows:
        return None
    header = [
        message("Item").say(lang), "n", message("Effective n").say(lang), message("Measure").say(lang),
        message("Weighted").say(lang), message("Raw").say(lang), message("Mean").say(lang),
    ]  # fmt: skip
    return table(
        message("Every number of the journey, weighted and raw"),
        message("Share satisfied in %, NPS in points, effort as a mean; {period}", period=pictures._period(result)),
        header, rows,
        message(
            "Second line: {level} interval. * n 10 to 29. Hatched: n below {cell}, masked. Order: the journey.",
            level=pictures._level(result), cell=Quantity(result.context.min_cell),
        ),
        lang, result.context.min_cell,
    )  # fmt: skip


def _waves(result: SurveyResult) -> Block | None:
    if len(result.waves) < 2:
        return None
    lang = result.context.language
    waves = result.waves[-MOST_COLUMNS:]
    questions = [q for q in result.study.questions if q.kind in ("nps", "csat", "ces", "rating")]
    questions.sort(key=lambda q: (result.stop(q.stage) % 100, q.kind == "rating"))
    rows, last = [], None
    for question in questions:
        metric = main_metric(question)
        own = result.rows_of(metric, over="wave")
        own = (
            own[own["question"] == question.id].drop_duplicates("wave").set_index("wave").reindex(list(waves))
        )
        if own["estimate"].notna().sum() + (own["note"] == "masked").sum() == 0:
            continue
        heading = "" if question.stage == last else pictures._stage(result, question.stage)
        last = question.stage
        cells = [_measure(question), *(_cell(result, row) for _, row in own.iterrows())]
        rows.append(Row(result.label(question), cells, heading, result.stop(question.stage)))
    if not rows:
        return None
    return table(
        message("The same numbers, wave by wave"),
        message("Share satisfied in %, NPS in points, effort as a mean; weighted within each wave"),
        [message("Item").say(lang), message("Measure").say(lang), *waves], rows,
        message(
            "Second line: {level} interval. En dash: not asked in that wave. Hatched: n below {cell}, masked.",
            level=pictures._level(result), cell=Quantity(result.context.min_cell),
        ),
        lang, result.context.min_cell,
    )  # fmt: skip


def _groups(result: SurveyResult) -> Block | None:
    if not result.by or not result.groups:
        return None
    lang = result.context.language
    names = result.groups[:MOST_COLUMNS]
    rows = []
    for question in [q for q in result.study.questions if q.kind in ("nps", "csat", "ces", "rating")]:
        metric = main_metric(question)
        total = result.rows_of(metric).set_index("question")
        own = result.rows_of(metric, over="group")
        own = own[own["question"] == question.id].set_index("group").reindex(list(names))
        if question.id in total.index:
            cells = [
                _measure(question),
                _cell(result, total.loc[question.id]),
                *(_cell(result, r) for _, r in own.iterrows()),
            ]
            rows.append(Row(result.label(question), cells))
    header = [message("Item").say(lang), message("Measure").say(lang), message("Total").say(lang)]
    header += [result.study.level(result.by, name) for name in names]
    return table(
        message("Satisfaction by {by}", by=result.by),
        message("Share satisfied in %, NPS in points, effort as a mean; weighted, {period}", period=pictures._period(result)),
        header, rows,
        message(
            "Second line: {level} interval. * n 10 to 29. Hatched: masked, because n is below {cell} or because it would give "
            "a masked cell away. Differences are not tested here.",
            level=pictures._level(result), cell=Quantity(result.context.min_cell),
        ),
        lang, result.context.min_cell,
    )  # fmt: skip


def _choices(result: SurveyResult) -> Block | None:
    return None


def _unanswered(result: SurveyResult) -> Block | None:
    lang = result.context.language
    rows_of = result.rows_of("item_nonresponse", weighting="unweighted")
    reasons = [r for r in ("no_answer", "refused", "dont_know", "not_used") if (rows_of["option"] == r).any()]
    rows = []
    for question in result.study.questions:
        own = rows_of[rows_of["question"] == question.id].set_index("option")
        if own.empty or question.kind in ("multi", "text"):
            continue
        first = own.iloc[0]
        if not float(first["n"]) > 0:
            continue
        cells: list[Cell | str] = [Quantity(float(first["n"])).say(lang)]
        cells += [_cell(result, own.loc[r], bounds=False) if r in own.index else "0.0" for r in reasons]
        rows.append(Row(result.label(question), cells))
    if not rows or not reasons:
        return None
    words = {
        "no_answer": message("No answer, %"), "refused": message("Refused, %"),
        "dont_know": message("Don't know, %"), "not_used": message("Not used, %"),
    }  # fmt: skip
    return table(
        message("Who was asked, and who gave no answer"),
        message("Share of those asked, unweighted; {period}", period=pictures._period(result)),
        [message("Item").say(lang), message("Asked").say(lang), *(words[r].say(lang) for r in reasons)], rows,
        message("What was not asked is not counted. Not used and don't know leave the base of the ratings."),
        lang, result.context.min_cell,
    )  # fmt: skip


def _cell(result: SurveyResult, row: pd.Series, *, bounds: bool = True) -> Cell:
    unit = str(row["unit"])
    n = float(row["n"])
    return Cell(
        float(row["estimate"]), unit if unit in ("share", "points", "score") else "none",
        float(row["ci_low"]) if bounds else math.nan, float(row["ci_high"]) if bounds else math.nan, n,
        masked=row["note"] == "masked", thin=bounds and n < result.context.flag_cell, signed=unit == "points",
    )  # fmt: skip


def _count(row: pd.Series, lang: str) -> str:
    return "< 10" if row["note"] == "masked" else Quantity(float(row["n"])).say(lang)


def _measure(question: Question) -> str:
    metric = main_metric(question)
    if metric == "nps":
        return "NPS"
    low, high = question.scale or (1, 5)
    return unit_suffix("share", "en") if metric == "top2" else f"{low}–{high}"
