"""What the survey's numbers say: at most three findings, at most four actions, each from a row of the table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.measures.survey.items import main_metric
from journey_lib.present.result import Finding
from journey_lib.present.wording import Message, Quantity, message

if TYPE_CHECKING:
    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.study.definition import Question

_ALPHA = 0.05


def headlines(result: SurveyResult) -> tuple[Finding, ...]:
    """Return what moved most, the recommendation, and the touchpoints that satisfy fewest and most."""
    found = [
        _changed(result),
        _recommendation(result),
        _extreme(result, lowest=True),
        _extreme(result, lowest=False),
    ]
    return tuple(f for f in found if f is not None)[:3]


def meanings(result: SurveyResult) -> tuple[Message, ...]:
    """Return actions for the fall, the weakest and the strongest touchpoint, and for weights that matter."""
    actions = []
    change = found_change(result)
    if change is not None and float(change["estimate"]) < 0:
        actions.append(
            message(
                "**Look into {name} first.** It fell between {before} and {after}; find out what changed there before "
                "changing anything else.",
                name=_name(result, str(change["question"])), before=str(change["comparison"]), after=str(change["wave"]),
            )
        )  # fmt: skip
    weakest, strongest = _ranked(result)
    if weakest is not None and (change is None or str(change["question"]) != str(weakest["question"])):
        actions.append(
            message(
                "**Ask what goes wrong at {name}.** It satisfies fewest people among touchpoints with enough answers; "
                "read their comments next.",
                name=_name(result, str(weakest["question"])),
            )
        )  # fmt: skip
    if strongest is not None:
        actions.append(
            message(
                "**Leave {name} as it is.** It works; protect it when something near it changes.",
                name=_name(result, str(strongest["question"])),
            )
        )
    gap = largest_gap(result)
    if gap is not None and abs(float(gap["gap"])) > float(gap["std_error"]):
        actions.append(
            message(
                "**Quote the weighted numbers.** Raw answers put {name} at {raw} instead of {weighted}, because of who "
                "answers.",
                name=_name(result, str(gap["question"])), raw=_amount(gap, "raw"), weighted=_amount(gap, "estimate"),
            )
        )  # fmt: skip
    return tuple(actions[:4])


def found_change(result: SurveyResult) -> pd.Series | None:
    """Return the largest change between neighbouring waves that stands out among all questions, or None.

    Definition
    ----------
    Holm over the waves of a question, times the number of questions compared (Bonferroni), below 5 %.
    """
    shown = result.shown
    rows = shown[(shown["metric"] == "change") & shown["p_value"].notna()]
    clear = rows[rows["p_value"] * rows["question"].nunique() < _ALPHA]
    if clear.empty:
        return None
    size = clear["estimate"].abs() / clear["std_error"]
    return clear.loc[size.idxmax()]


def largest_gap(result: SurveyResult) -> pd.Series | None:
    """Return the main number that weighting moves most, in standard errors."""
    columns = ["question", "metric", "unit", "estimate", "std_error"]
    main = {q.id: main_metric(q) for q in result.study.questions}
    weighted = pd.concat([result.rows_of(m)[columns] for m in ("nps", "top2", "mean")])
    weighted = weighted[weighted["metric"] == weighted["question"].map(main)].set_index("question")
    raw = pd.concat([result.rows_of(m, weighting="unweighted")[columns] for m in ("nps", "top2", "mean")])
    raw = raw[raw["metric"] == raw["question"].map(main)].set_index("question")["estimate"]
    weighted["raw"] = raw
    weighted["gap"] = weighted["raw"] - weighted["estimate"]
    size = (weighted["gap"].abs() / weighted["std_error"]).dropna()
    if size.empty or size.max() == 0:
        return None
    return weighted.reset_index().set_index("question", drop=False).loc[size.idxmax()]


def scale_words(result: SurveyResult, question: Question) -> tuple[str, ...]:
    """Return the names of a scale's levels, lowest first: the study's own, or those of a satisfaction scale."""
    low, high = question.scale or (1, 5)
    lang = result.context.language
    if question.labels:
        return tuple(
            question.labels[str(k)].say(lang) if str(k) in question.labels else str(k)
            for k in range(low, high + 1)
        )
    if high - low != 4:
        return tuple(str(k) for k in range(low, high + 1))
    words = (
        message("Very dissatisfied"),
        message("Dissatisfied"),
        message("Neutral"),
        message("Satisfied"),
        message("Very satisfied"),
    )
    return tuple(w.say(lang) for w in words)


def _changed(result: SurveyResult) -> Finding | None:
    row = found_change(result)
    if row is None:
        return None
    question = result.study.item(str(row["question"]))
    metric = main_metric(question)
    waves = result.rows_of(metric, over="wave")
    levels = waves[waves["question"] == question.id].drop_duplicates("wave").set_index("wave")
    before, after = levels.loc[str(row["comparison"])], levels.loc[str(row["wave"])]
    fell = float(row["estimate"]) < 0
    facts = {
        "name": result.label(question), "before": _amount(before, "estimate"), "after": _amount(after, "estimate"),
        "first": str(row["comparison"]), "second": str(row["wave"]),
    }  # fmt: skip
    if metric == "top2":
        sentence = (
            message(
                "Fewer people were satisfied with **{name}**: {before} in {first}, {after} in {second}.",
                **facts,
            )
            if fell
            else message(
                "More people were satisfied with **{name}**: {before} in {first}, {after} in {second}.",
                **facts,
            )
        )
    else:
        sentence = message("**{name}** went from {before} in {first} to {after} in {second}.", **facts)
    base = message(
        "n = {before} / {after}, {first} against {second}, weighted",
        before=Quantity(float(before["n"])), after=Quantity(float(after["n"])), first=facts["first"], second=facts["second"],
    )  # fmt: skip
    reach = 1.25 * max(abs(float(row["ci_low"])), abs(float(row["ci_high"])))
    return _finding(result, row, sentence, base, (-reach, reach), reference=0.0, alert=fell, signed=True)


def _recommendation(result: SurveyResult) -> Finding | None:
    rows = result.rows_of("nps")
    rows = rows[rows["estimate"].notna() & rows["ci_low"].notna() & (rows["n"] >= result.context.flag_cell)]
    if rows.empty:
        return None
    row = rows.iloc[0]
    shares = {
        m: result.rows_of(m).set_index("question")["estimate"][row["question"]]
        for m in ("promoters", "detractors")
    }
    sentence = message(
        "**Net promoter score**: {promoters} would recommend us, {detractors} would not.",
        **{m: Quantity(float(v), "share") for m, v in shares.items()},
    )
    base = message("n = {n}, weighted", n=Quantity(float(row["n"])))
    return _finding(result, row, sentence, base, (-100, 100), reference=0.0, signed=True)


def _extreme(result: SurveyResult, *, lowest: bool) -> Finding | None:
    weakest, strongest = _ranked(result)
    row = weakest if lowest else strongest
    if row is None:
        return None
    name = _name(result, str(row["question"]))
    sentence = (
        message("**{name}** satisfied fewer people than any other touchpoint with a full base.", name=name)
        if lowest
        else message(
            "**{name}** satisfied more people than any other touchpoint with a full base.", name=name
        )
    )
    base = message("n = {n}, share of the top two levels, weighted", n=Quantity(float(row["n"])))
    return _finding(result, row, sentence, base, (0, 1))


def _ranked(result: SurveyResult) -> tuple[pd.Series | None, pd.Series | None]:
    """Return the touchpoints that satisfy fewest and most, among those with a full base; none when under three."""
    rated = {q.id for q in result.study.questions if q.kind == "rating"}
    rows = result.rows_of("top2")
    rows = rows[
        rows["question"].isin(rated) & (rows["n"] >= result.context.flag_cell) & rows["ci_low"].notna()
    ]
    if len(rows) < 3:
        return None, None
    return rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]


def _finding(
    result: SurveyResult,
    row: pd.Series,
    sentence: Message,
    base: Message,
    axis: tuple[float, float],
    *,
    reference: float | None = None,
    alert: bool = False,
    signed: bool = False,
) -> Finding:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    level = float(str(result.settings.get("level", 0.95)))
    return Finding(
        float(row["estimate"]), low, high, str(row["unit"]), sentence, base, axis, reference, alert, level, signed
    )  # fmt: skip


def _name(result: SurveyResult, question: str) -> str:
    return result.label(result.study.item(question))


def _amount(row: pd.Series, column: str) -> Quantity:
    value = float(row[column])
    unit = str(row["unit"])
    return Quantity(
        value if math.isfinite(value) else math.nan, unit, bare=unit == "points", signed=unit == "points"
    )
