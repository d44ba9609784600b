"""The table of moves: where each question stands now, against which past, and whether it drifts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.measures.survey import marks
from journey_lib.present.tables import Cell, Row
from journey_lib.present.wording import Message, Quantity, WaveName, message
from journey_lib.study import naming
from journey_lib.study.questions import REPORTED, main_metric

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.blocks import Block
    from journey_lib.present.numbers import Number
    from journey_lib.study.definition import Question

ALPHA = 0.05
UP, DOWN = "+", "−"


def moves(result: SurveyResult) -> Block | None:
    """List the latest wave of each question against the one before and the first, and its trend."""
    if len(result.waves) < 2:
        return None
    latest, before, first = result.waves[-1], result.waves[-2], result.waves[0]
    lang = result.context.language
    asked = [
        q for q in result.study.questions
        if q.kind in REPORTED and math.isfinite(result.number(q.id, main_metric(q), wave=latest).estimate)
    ]  # fmt: skip
    rows = [
        Row(naming.row_name(result.study, q).say(lang), _cells(result, q, latest), heading, stop)
        for q, heading, stop in naming.along_the_journey(result.study, asked)
    ]
    wave = {"wave": WaveName(before)}
    header: list[Message | WaveName | str] = [
        message("Item"), message("Measure"), WaveName(latest), message("Since {wave}", **wave),
        message("Same people"), message("Since {wave}", wave=WaveName(first)), message("Trend a wave"),
    ]  # fmt: skip
    if len(result.waves) == 2:
        header = header[:5]
        rows = [replace(row, cells=row.cells[:4]) for row in rows]
    note = message(
        "Second line: {level} interval. {up} and {down}: the change holds after Holm, over the waves of its "
        "question, for trends over the questions. Same people: who answered in both waves, compared with "
        "themselves. Trend: straight line; ~ the waves do not lie on one, so look at the waves. En dash: "
        "not asked, or wording changed. Hatched: n below {cell}, masked.",
        level=marks.thresholds(result)["level"], cell=marks.thresholds(result)["cell"], up=UP, down=DOWN,
    )  # fmt: skip
    return marks.tabled(
        result,
        message("The latest wave against earlier ones"),
        message("Changes in percentage points, NPS points or points of the scale; weighted"),
        header,
        rows,
        note,
    )


def compared(result: SurveyResult, metric: str, question: Question, wave: str) -> Number | None:
    """Return the comparison of a wave, whatever it is compared with."""
    found = (
        n for n in result.shown.values() if (n.metric, n.question, n.wave) == (metric, question.id, wave)
    )
    return next(found, None)


def straight(result: SurveyResult, question: Question, wave: str) -> bool:
    """Tell whether the waves lie on a line as well as sampling allows."""
    fit = compared(result, "trend_fit", question, wave)
    return fit is None or not fit.estimate < ALPHA


def _cells(result: SurveyResult, question: Question, latest: str) -> list[Cell | str]:
    now = result.number(question.id, main_metric(question), wave=latest)
    found = [
        compared(result, metric, question, latest)
        for metric in ("change", "paired_change", "since_first", "trend")
    ]
    cells: list[Cell | str] = [naming.measure(question), marks.cell(result, now)]
    cells += [_move(result, number) for number in found]
    last = cells[-1]
    if isinstance(last, Cell) and math.isfinite(last.estimate) and not straight(result, question, latest):
        cells[-1] = replace(last, letters=last.letters + "~")
    return cells


def _move(result: SurveyResult, number: Number | None) -> Cell:
    if number is None:
        return Cell(math.nan, "score")
    clear = number.p_value < ALPHA and not number.hidden
    mark = (UP if number.estimate > 0 else DOWN) if clear else ""
    small = number.metric == "trend" and number.unit == "share_points"
    made = replace(marks.cell(result, number), unit=number.unit, signed=True, letters=mark)
    return replace(made, decimals=1) if small else made


def drift(result: SurveyResult) -> tuple[Number, Quantity] | None:
    """Return the clearest straight trend and its slope as words take it; None where nothing drifts."""
    clear = [
        n for n in result.shown.values()
        if n.metric == "trend" and n.known and n.p_value < ALPHA
        and straight(result, result.study.item(n.question), n.wave)
    ]  # fmt: skip
    best = max(clear, key=lambda n: abs(n.estimate) / n.std_error, default=None)
    if best is None:
        return None
    decimals = {"share_points": 1, "points": 1}.get(best.unit)
    return best, Quantity(best.estimate, best.unit, decimals, signed=True)
