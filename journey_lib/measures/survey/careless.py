"""Key results with and without careless answers: how many are flagged, for what, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.survey import marks
from journey_lib.measures.survey.design import SHOWN, Block, Design, keys, why
from journey_lib.measures.survey.quality import KINDS, STRONG, Flags
from journey_lib.present.result import Check
from journey_lib.present.tables import Cell, Row
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.study import naming
from journey_lib.study.questions import REPORTED, items, main_metric, overall

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.blocks import Block as Part
    from journey_lib.stats.estimate import Estimate
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Question, Study

    Mask = npt.NDArray[np.bool_]

WITHOUT = "without_flagged"


def rows(study: Study, data: Data, design: Design, mask: Mask, found: Flags, wave: str) -> Iterator[Block]:
    """Yield how many answers each flag is up for, and the main number of each question without them.

    Units and missing data
    ----------------------
    `n` of a flag is the answers it is up for, so that few of them are masked. Numbers without the flagged
    answers are left out where fewer than the study's smallest cell are flagged: the difference to the number
    of everybody would tell of them.
    """
    if not found.reasons:
        return
    names = [name for name in KINDS if name in found.reasons]
    counts = [int((found.reasons[name] & mask).sum()) for name in names]
    careless = int((found.any & mask).sum())
    yield {
        "metric": "flagged", "unit": "count", "option": np.asarray(["", *names], object), "wave": wave,
        "estimate": np.array([careless, *counts], float), "n": np.array([careless, *counts]),
        "n_effective": np.array([careless, *counts], float), "weighting": "unweighted",
    }  # fmt: skip
    if careless < study.thresholds.min_cell:
        return
    kept = [
        item for item in items(study, data)
        if item.question.kind in REPORTED and item.metric == main_metric(item.question)
    ]  # fmt: skip
    codes = np.where(mask & ~found.any, 0, -1)
    for item, one in zip(kept, design.estimated(kept, codes, 1), strict=True):
        yield {
            **keys(item.question, WITHOUT, item.unit), **{name: getattr(one, name) for name in SHOWN},
            "ci_level": design.level, "wave": wave, "weighting": "weighted",
            "note": why(one.estimate, one.std_error, one.method),
        }  # fmt: skip


def check(study: Study, data: Data, design: Design, mask: Mask, found: Flags) -> Check:
    """Compare the overall number with and without flagged answers, where neither tells of a few people."""
    question, cell = overall(study), study.thresholds.min_cell
    if not found.telling or question is None:
        return Check(
            "careless", "not_assessable", message("Careless answers cannot be told"),
            message("The data holds no answering time, no attention check and no grid of eight ratings."),
        )  # fmt: skip
    flagged = found.any & mask
    number = int(flagged.sum())
    if number < cell:
        return Check(
            "careless", "passed", message("Careless answers do not carry the result"),
            message(
                "Fewer than {cell} answers are flagged as much too fast, one answer throughout, another's "
                "answers again, or failing the attention check.",
                cell=Quantity(cell),
            ),
        )  # fmt: skip
    every, clean = (
        _without(study, data, question, design, mask & ~rows) for rows in (flagged & False, flagged)
    )
    moved = not abs(clean.estimate - every.estimate) <= every.std_error
    unit = "points" if question.kind == "nps" else "score" if main_metric(question) == "mean" else "share"
    shown = clean.n >= cell
    text = message(
        "{n} answers flagged ({share}): much too fast, one answer throughout, another's answers again, or "
        "attention check failed. Without them {name} reads {clean} instead of {every}.",
        n=Quantity(number), share=Quantity(number / int(mask.sum()), "share", 1), name=question.label,
        clean=Quantity(clean.estimate if shown else np.nan, unit, 1, bare=unit == "points"),
        every=Quantity(every.estimate if shown else np.nan, unit, 1, bare=unit == "points"),
    )  # fmt: skip
    title = (
        message("Careless answers carry part of the result")
        if moved
        else message("Careless answers do not carry the result")
    )
    table = pd.DataFrame({"answers": ["all", "not flagged"], "n": [every.n, clean.n],
                          "estimate": [every.estimate, clean.estimate], "unit": unit})  # fmt: skip
    return Check("careless", "watch" if moved else "passed", title, text, table)


def flagged(result: SurveyResult) -> Part | None:
    """List how many answers each flag is up for."""
    found = {n.option: n for n in result.of("flagged")}
    lang = result.context.language
    listed = [
        Row(
            words.say(lang),
            [Cell(found[name].estimate, "count", n=found[name].n, masked=found[name].hidden), role.say(lang)],
        )
        for name, (words, role) in _reasons().items()
        if name in found
    ]
    note = message(
        "One answer may raise several flags. Nobody is left out for them: compare the table below. Hatched: "
        "n below {cell}, masked.",
        cell=marks.thresholds(result)["cell"],
    )
    return marks.tabled(
        result,
        message("How many answers are flagged"),
        message("Answers, unweighted"),
        [message("Sign"), message("Answers"), message("By itself")],
        listed,
        note,
    )


def with_and_without(result: SurveyResult) -> Part | None:
    """List the key results of everybody and of those without a flag."""
    lang, listed = result.context.language, []
    asked = [q for q in result.study.questions if q.kind in REPORTED]
    for question, heading, stop in naming.along_the_journey(result.study, asked):
        clean = result.number(question.id, WITHOUT)
        if not clean.metric:
            continue
        every = result.number(question.id, main_metric(question))
        cells: list[Cell | str] = [naming.measure(question)]
        cells += [marks.cell(result, every), marks.cell(result, clean)]
        cells.append(Cell(clean.n, "count", masked=clean.hidden, withheld=clean.withheld))
        listed.append(Row(naming.row_name(result.study, question).say(lang), cells, heading, stop))
    return marks.tabled(
        result,
        message("Key results with and without flagged answers"),
        message("Share satisfied (top 2) in %, NPS in points, effort as a mean; weighted"),
        [
            message("Item"), message("Measure"), message("All answers"), message("Without flagged"),
            message("n without"),
        ],
        listed,
        message(
            "Second line: {level} interval. Left out on the right: signs of carelessness by themselves. En "
            "dash: nobody answered. * n {cell} to {last}. Hatched: n below {cell}, masked.",
            **marks.thresholds(result),
        ),
    )  # fmt: skip


def _reasons() -> dict[str, tuple[Message, Message]]:
    strong, weak = message("yes"), message("no, honest people raise it, too")
    words = {
        "fast": message("Much too fast"), "straight": message("One answer throughout"),
        "attention": message("Attention check failed"), "repeated": message("Another's answers again"),
        "same_text": message("The same text as another"), "even": message("Hardly any variation"),
        "blank": message("Most questions left blank"), "unusual": message("Unusual combination of answers"),
    }  # fmt: skip
    found = {name: (words[name], strong if name in STRONG else weak) for name in KINDS}
    return {**found, "": (message("At least one sign by itself"), message("yes"))}


def _without(study: Study, data: Data, question: Question, design: Design, rows: Mask) -> Estimate:
    """Return the question's main number of some rows; the others stay in the design."""
    wanted = (question.id, main_metric(question))
    item = next(item for item in items(study, data) if (item.question.id, item.metric) == wanted)
    return design.weighted.one(item.kind, item.scores, rows)
