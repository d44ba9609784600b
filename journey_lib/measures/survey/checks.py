"""Who is counted in the survey report, and what could be wrong with it."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.survey import careless, direction, response
from journey_lib.measures.survey.kinds import MAIN, rankings_check
from journey_lib.present.masking import suppressed
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.study import naming
from journey_lib.study.questions import main_metric

if TYPE_CHECKING:
    from journey_lib.measures.survey.count import Counted
    from journey_lib.study.data import Data
    from journey_lib.study.definition import Study

MILD, STRONG = 1.5, 3.0  # design effects
SILENT = 0.2  # item non-response that needs a banner


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_answers": message("Nobody in this cell answered the question."),
        "too_few": message("Too few independent answers to say how uncertain the number is."),
        "no_spread": message("Everybody gave the same answer, so its uncertainty cannot be estimated."),
        "broken_series": message("Wording or scale changed between the two waves, so nothing is compared."),
        "small_wave": message(
            "A wave of the series is too small to be shown; this number would give it away."
        ),
    }


def basis(study: Study, data: Data, counted: Counted) -> Basis:
    """Return who is counted, how they are weighted, and by which method."""
    weights = counted.design.weights
    used = weights.values[counted.mask]
    n = int((used > 0).sum())
    effective = float(used.sum() ** 2 / np.square(used).sum()) if n else math.nan
    lines = [
        (message("Unit"), message("One answered questionnaire: a respondent in one wave")),
        (
            message("Counted"),
            message("{n} answers, effective n {effective}", n=Quantity(n), effective=Quantity(effective)),
        ),
        (message("Left out"), _left_out(data, counted)),
        (message("Weights"), _weights_words(study, counted)),
        (message("Intervals"), _method_words(study, counted)),
        (message("Time"), message("Calendar days in {zone}", zone=study.time_zone)),
    ]
    return Basis(tuple(lines), n, effective, _weights_name(study, counted))


def checks(study: Study, data: Data, counted: Counted) -> tuple[Check, ...]:
    """Return what was checked: weights, careless answers, thin cells, non-response, rankings."""
    return (
        _weights_check(study, counted),
        careless.check(study, data, counted.design, counted.mask, counted.flags),
        *direction.check(study, data, counted.mask),
        _thin_check(study, counted),
        _unanswered_check(study, counted),
        _series_check(study, data),
        *rankings_check(study, data, counted.mask),
        response.check(study, data, counted.design, counted.mask, counted.frame),
    )


def _left_out(data: Data, counted: Counted) -> Message:
    """Say how many answers the totals leave out, by reason; with those counted they make all rows read."""
    dropped = sum(sum(t.dropped.values()) for t in data.report.tables if t.table == "responses")
    outside = int((~data.mask()).sum())
    elsewhere = int((~counted.mask).sum()) - outside
    a, b, c = (Quantity(n) for n in (dropped, outside, elsewhere))
    reasons = (
        plural("{n} row at loading (see Provenance)", "{n} rows at loading (see Provenance)", n=a),
        plural("{n} answer outside the segment", "{n} answers outside the segment", n=b),
        plural("{n} answer of another wave", "{n} answers of other waves", n=c),
    )
    parts = [words for n, words in zip((a, b, c), reasons, strict=True) if n.value]
    return reduce(lambda one, two: message("{a}; {b}", a=one, b=two), parts) if parts else message("Nobody")


def _columns(study: Study) -> Names:
    """Return the raking columns as words."""
    return Names(tuple(naming.column(study, name) for name in study.weights.rake), limit=99)


def _weights_name(study: Study, counted: Counted) -> Message | None:
    if study.weights.rake:
        return message("Raked: {columns}", columns=_columns(study))
    return message("As delivered") if np.ptp(counted.design.weights.values) > 0 else None


def _weights_words(study: Study, counted: Counted) -> Message:
    if study.weights.rake:
        return message("Raked to known margins of {columns}, each wave apart", columns=_columns(study))
    if np.ptp(counted.design.weights.values) > 0:
        return message("As delivered with the data, taken as fixed")
    return message("None: every answer counts once")


def _method_words(study: Study, counted: Counted) -> Message:
    design = counted.design
    clusters = (
        message("declared clusters") if study.design.psu
        else message("a respondent's answers in several waves are one cluster") if design.panel
        else message("every answer is its own cluster")
    )  # fmt: skip
    calibrated = (
        message("the raking is taken into account")
        if design.weights.margins is not None
        else message("weights are taken as fixed")
    )
    return message(
        "{level}, linearised variance with Student's t; shares on the logit scale; {clusters}; {calibrated}",
        level=Quantity(design.level, "share"), clusters=clusters, calibrated=calibrated,
    )  # fmt: skip


def _weights_check(study: Study, counted: Counted) -> Check:
    used = counted.design.weights.values[counted.mask]
    effect = float(len(used) * np.square(used).sum() / used.sum() ** 2) if used.sum() > 0 else math.nan
    status: Status = "passed" if effect <= MILD else "watch" if effect <= STRONG else "failed"
    if not (len(used) and np.ptp(used) > 0):
        return Check(
            "weights", "passed" if study.weights.rake else "watch", message("The answers are not weighted"),
            message("Every answer counts once; who tends to answer is not corrected."),
        )  # fmt: skip
    title = message("Weights are mild") if status == "passed" else message("Weights are uneven")
    text = message(
        "Design effect {effect}; the largest weight is {largest} times the mean.",
        effect=Quantity(effect, "score"), largest=Quantity(float(used.max() / used.mean()), "score", 1),
    )  # fmt: skip
    return Check("weights", status, title, text)


def _thin_check(study: Study, counted: Counted) -> Check:
    main, metric = {q.id: main_metric(q) for q in study.questions}, counted.rows["metric"]
    rows = counted.rows[(metric == counted.rows["question"].map(main)) | metric.isin(MAIN)]
    rows = rows[(rows["weighting"] == "weighted") & (rows["n"] > 0)].reset_index(drop=True)
    n = rows["n"].to_numpy(float)
    hidden = suppressed(rows, study.thresholds.min_cell)
    thin = (n < study.thresholds.flag_cell) & ~hidden
    if not hidden.any() and not thin.any():
        least = Quantity(int(n.min(initial=np.inf)) if len(n) else 0)
        words = message("Every number shown rests on at least {n} answers.", n=least)
        return Check("thin_cells", "passed", message("No cell is thin"), words)
    text = message(
        "{thin} numbers rest on fewer than {flag} answers (marked *), {hidden} are masked to protect "
        "respondents.",
        thin=Quantity(int(thin.sum())),
        flag=Quantity(study.thresholds.flag_cell),
        hidden=Quantity(int(hidden.sum())),
    )
    return Check("thin_cells", "watch", message("Some cells are thin"), text, rows[thin | hidden])


def _unanswered_check(study: Study, counted: Counted) -> Check:
    rows = counted.rows[(counted.rows["metric"] == "item_nonresponse") & (counted.rows["option"] == "")]
    known = rows[rows["estimate"].notna() & (rows["n"] >= study.thresholds.min_cell)]
    if known.empty:
        return Check(
            "item_nonresponse", "not_assessable", message("Unanswered questions cannot be counted"),
            message("The data does not tell an unanswered question from one not asked."),
        )  # fmt: skip
    worst = float(known["estimate"].max())
    many = int((known["estimate"] > SILENT).sum())
    text = message(
        "At most {worst} of those asked left a question out; {n} questions pass {limit}.",
        worst=Quantity(worst, "share", 1), n=Quantity(many), limit=Quantity(SILENT, "share"),
    )  # fmt: skip
    title = message("Many leave some questions out") if many else message("Few leave questions out")
    return Check(
        "item_nonresponse", "watch" if many else "passed", title, text, known.nlargest(10, "estimate")
    )


def _series_check(study: Study, data: Data) -> Check:
    """Tell which questions were not asked in every wave: their pooled numbers speak for some waves only."""
    frame, missing = data.require("responses", by="survey"), data.missing
    wave, waves = pd.factorize(frame["wave"].astype(str))
    if missing is None or len(waves) < 2:
        return Check("series", "passed", message("One wave"), message("Nothing is compared over time."))
    asked = {q: np.unique(wave[~missing[q].isin(["not_asked"]).to_numpy(bool)]).size for q in missing.columns}
    broken = [q for q, seen in asked.items() if 0 < seen < len(waves)]
    if not broken:
        return Check(
            "series", "passed", message("Every question was asked in every wave"),
            message("Nothing in the study file says that wording or scale changed."),
        )  # fmt: skip
    text = plural(
        "{n} question was asked in some waves only: {names}. Its pooled number speaks for those waves.",
        "{n} questions were asked in some waves only: {names}. Their pooled numbers speak for those waves.",
        n=Quantity(len(broken)), names=Names(tuple(study.item(q).label for q in broken), limit=3),
    )  # fmt: skip
    return Check(
        "series",
        "watch",
        message("Some questions were not asked in every wave"),
        text,
        pd.DataFrame({"question": broken}),
    )
