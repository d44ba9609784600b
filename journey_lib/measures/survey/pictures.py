"""Which column of the survey's table goes where in which figure."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.survey.items import main_metric
from journey_lib.measures.survey.words import found_change, scale_words
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.sketches import DotRow, DotRows, LikertRow, LikertRows, Line, Trend, value_axis
from journey_lib.present.wording import Message, Quantity, interval, message, unit_suffix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.survey.result import SurveyResult
    from journey_lib.present.charts import Sketch
    from journey_lib.study.definition import Question

_CONTEXT_LINES = 2


def draw(result: SurveyResult, kind: str, ax: Axes | None, *, narrow: bool) -> Plot:
    """Return the figure of a kind."""
    del narrow  # a page carries both widths; the argument is part of the promised signature
    made = {
        "touchpoints": touchpoints,
        "stages": stages,
        "trend": trend,
        "groups": groups,
        "choices": choices,
    }[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this study holds nothing for the figure '{kind}'"))
    return plot_of(made, result, ax)


def plot_of(
    made: tuple[Sketch, Message, Message, Message, Message], result: SurveyResult, ax: Axes | None = None
) -> Plot:
    """Return sketch and words as one figure in the result's language."""
    return Plot(*made, result.context.language, ax)


def touchpoints(result: SurveyResult) -> tuple[Sketch, Message, Message, Message, Message] | None:
    """Draw the answers at each touchpoint around neutral, highest net first."""
    rated = _rated(result)
    if not rated:
        return None
    lang = result.context.language
    levels = result.rows_of("level").set_index(["question", "option"])["estimate"]
    rows = []
    for question, n, net in rated:
        low, high = question.scale or (1, 5)
        shares = [float(levels.get((question.id, str(k)), math.nan)) for k in range(low, high + 1)]
        shares = shares if question.direction == "higher_is_better" else shares[::-1]
        star = "*" if n < result.context.flag_cell else ""
        words = Quantity(net, "share", signed=True, bare=True).say(lang)
        rows.append(
            LikertRow(result.label(question), tuple(shares), words, Quantity(n).say(lang) + star, net < 0)
        )
    best, worst = rated[0], rated[-1]
    names = {"best": result.label(best[0]), "worst": result.label(worst[0])}
    title = (
        message("{best} satisfies most people on balance, {worst} fewest", **names)
        if len(rated) > 1
        else message("How people rate {best}", **names)
    )
    sketch = LikertRows(rows, scale_words(result, best[0]), (message("Net").say(lang), "n"))
    subtitle = message(
        "Answers by touchpoint on the {scale}, {period}, weighted, people who used it; sorted by net "
        "(satisfied − dissatisfied)",
        scale=_scale(best[0]), period=_period(result),
    )  # fmt: skip
    alt = message(
        "Diverging bars for {n} touchpoints. {best} has the highest net satisfaction, {high} (n = {n_high}); {worst} the "
        "lowest, {low} (n = {n_low}).",
        n=Quantity(len(rated)), high=Quantity(best[2], "share", signed=True, bare=True), n_high=Quantity(best[1]),
        low=Quantity(worst[2], "share", signed=True, bare=True), n_low=Quantity(worst[1]), **names,
    )  # fmt: skip
    return (
        sketch,
        title,
        subtitle,
        message("* n below 30. An answer nobody gave stays on the scale as 0."),
        alt,
    )


def stages(result: SurveyResult) -> tuple[Sketch, Message, Message, Message, Message] | None:
    """Draw the share satisfied at each touchpoint and stage in journey order, weighted with the raw twin."""
    rows = _known(result.rows_of("top2"))
    questions = [q for q in _by_stage(result) if q.id in set(rows["question"])]
    if not questions:
        return None
    lang = result.context.language
    raw = result.rows_of("top2", weighting="unweighted").set_index("question")["estimate"]
    values = rows.set_index("question")
    drawn, last = [], None
    lowest = values["estimate"].where(values["n"] >= result.context.flag_cell).idxmin()
    for question in questions:
        heading = "" if question.stage == last else _stage(result, question.stage)
        last = question.stage
        color = theme.ALERT if question.id == lowest else theme.MAIN
        drawn.append(
            _dot(
                result,
                result.label(question),
                values.loc[question.id],
                color,
                heading,
                float(raw[question.id]),
            )
        )
    axis = value_axis(
        float(values["ci_low"].min()), float(values["ci_high"].max()), "%", scale=100, ends=(0, 1)
    )
    highest = values["estimate"].where(values["n"] >= result.context.flag_cell).idxmax()
    facts = {
        "low": Quantity(float(values.loc[lowest, "estimate"]), "share"),
        "high": Quantity(float(values.loc[highest, "estimate"]), "share"),
        "lowest": result.label(result.study.item(str(lowest))),
        "highest": result.label(result.study.item(str(highest))),
    }
    title = message(
        "Along the journey, satisfaction runs from {low} ({lowest}) to {high} ({highest})", **facts
    )
    subtitle = message(
        "Share satisfied (top 2), {period}, weighted, people who used it", period=_period(result)
    )
    note = message(
        "Dot and line: weighted estimate and {level} interval. Diamond: the same without weights.",
        level=_level(result),
    )
    alt = message(
        "Dots with intervals for {n} questions in journey order. Lowest {lowest}, {low}; highest {highest}, {high}.",
        n=Quantity(len(drawn)), **facts,
    )  # fmt: skip
    return DotRows(drawn, axis, (message("Satisfied").say(lang), "n")), title, subtitle, note, alt


def trend(result: SurveyResult) -> tuple[Sketch, Message, Message, Message, Message] | None:
    """Draw the clearest change over the waves beside its neighbours, or the recommendation when nothing moved."""
    change = found_change(result)
    question = result.study.item(str(change["question"])) if change is not None else _overall(result)
    if question is None or len(result.waves) < 2:
        return None
    metric = main_metric(question)
    chosen = [question, *_neighbours(result, question, metric)]
    lines = [
        _line(result, q, metric, strong=at == 0, alert=change is not None) for at, q in enumerate(chosen)
    ]
    lines = [line for line in lines if any(map(math.isfinite, line.estimate))]
    if not lines:
        return None
    known = [v for line in lines for v in (*line.low, *line.high) if math.isfinite(v)]
    unit = "share" if metric == "top2" else "points" if metric == "nps" else "score"
    suffix = "%" if unit == "share" else ""
    axis = value_axis(min(known), max(known), suffix, scale=100 if unit == "share" else 1)
    title, alt = _trend_words(result, change, question, lines[0])
    subtitle = message(
        "{what} by wave, weighted, n = {low} to {high} a wave", what=_metric_words(metric),
        **_base_range(result, question, metric),
    )  # fmt: skip
    note = message(
        "Bands: {level} interval. Neighbouring waves compared with Holm correction; people who answered twice are one cluster.",
        level=_level(result),
    )
    return Trend(lines, result.waves, axis), title, subtitle, note, alt


def groups(result: SurveyResult) -> tuple[Sketch, Message, Message, Message, Message] | None:
    """Draw the overall question for every group of `by`."""
    question = _overall(result)
    if not result.by or question is None:
        return None
    metric = main_metric(question)
    rows = _known(result.rows_of(metric, over="group"))
    rows = rows[rows["question"] == question.id].sort_values("estimate", ascending=False)
    if rows.empty:
        return None
    lang = result.context.language
    drawn = [
        _dot(result, result.study.level(result.by, r["group"]), r, theme.MAIN) for _, r in rows.iterrows()
    ]
    unit = str(rows["unit"].iloc[0])
    total = result.rows_of(metric).set_index("question")["estimate"].get(question.id, math.nan)
    axis = value_axis(
        float(rows["ci_low"].min()), float(rows["ci_high"].max()), unit_suffix(unit, lang).strip() if unit == "share" else "",
        scale=100 if unit == "share" else 1,
    )  # fmt: skip
    facts = {
        "what": result.label(question),
        "low": Quantity(float(rows["estimate"].iloc[-1]), unit, signed=unit == "points", bare=unit == "points"),
        "high": Quantity(float(rows["estimate"].iloc[0]), unit, signed=unit == "points", bare=unit == "points"),
        "worst": drawn[-1].label, "best": drawn[0].label,
    }  # fmt: skip
    title = message("{what}: from {low} ({worst}) to {high} ({best})", **facts)
    subtitle = message(
        "{what} by {by}, {period}, weighted", what=_metric_words(metric), by=result.by, period=_period(result)
    )
    note = message(
        "Dot and line: estimate and {level} interval. Dashed: all respondents. Rating habits differ between countries; "
        "compare levels with care.",
        level=_level(result),
    )
    alt = message(
        "Dots with intervals for {n} groups: {best} highest, {high}; {worst} lowest, {low}.",
        n=Quantity(len(drawn)),
        **facts,
    )
    columns = ("NPS" if metric == "nps" else message("Value").say(lang), "n")
    return DotRows(drawn, axis, columns, reference=float(total)), title, subtitle, note, alt


def choices(result: SurveyResult) -> tuple[Sketch, Message, Message, Message, Message] | None:
    """Draw how many named each option of the questions with several answers, such as awareness and consideration."""
    asked = [q for q in result.study.questions if q.kind == "multi"]
    rows = _known(result.rows_of("selected"))
    rows = rows[rows["question"].isin([q.id for q in asked])]
    if rows.empty:
        return None
    lang = result.context.language
    drawn = []
    for question in asked:
        own = rows[rows["question"] == question.id].sort_values("estimate", ascending=False)
        for at, (_, row) in enumerate(own.iterrows()):
            heading = question.label.say(lang) if at == 0 else ""
            name = question.options[str(row["option"])].say(lang)
            drawn.append(_dot(result, name, row, theme.MAIN if at == 0 else theme.EDGE, heading))
    axis = value_axis(0, float(rows["ci_high"].max()), "%", scale=100, ends=(0, 1))
    top = rows[rows["question"] == asked[0].id].nlargest(1, "estimate").iloc[0]
    facts = {
        "best": asked[0].options[str(top["option"])].say(lang),
        "share": Quantity(float(top["estimate"]), "share"),
    }
    title = message("{best} comes to mind first: {share} name it", **facts)
    subtitle = message(
        "Share of respondents who named it, several answers possible, {period}, weighted",
        period=_period(result),
    )
    note = message(
        "Base: everyone asked. Shares can add up to more than 100%. {level} intervals.", level=_level(result)
    )
    alt = message(
        "Dots with intervals for {n} answers. Most named: {best}, {share} (n = {base}).",
        n=Quantity(len(drawn)), base=Quantity(float(top["n"])), **facts,
    )  # fmt: skip
    return DotRows(drawn, axis, (message("Named").say(lang), "n")), title, subtitle, note, alt


def _rated(result: SurveyResult) -> list[tuple[Question, float, float]]:
    """Return rating questions of the most common scale with base and net, highest net first."""
    top, bottom = (result.rows_of(m).set_index("question") for m in ("top2", "bottom2"))
    rated = [q for q in result.study.questions if q.kind == "rating" and q.id in top.index]
    if not rated:
        return []
    scale = Counter(q.scale for q in rated).most_common(1)[0][0]
    known = [q for q in rated if q.scale == scale and math.isfinite(top.loc[q.id, "estimate"])]
    found = [
        (q, float(top.loc[q.id, "n"]), float(top.loc[q.id, "estimate"] - bottom.loc[q.id, "estimate"]))
        for q in known
    ]
    order = {q.id: (-round(net, 12), -float(top.loc[q.id, "estimate"])) for q, _, net in found}
    return sorted(found, key=lambda entry: order[entry[0].id])


def _by_stage(result: SurveyResult) -> list[Question]:
    asked = [q for q in result.study.questions if q.kind in ("rating", "csat")]
    return sorted(asked, key=lambda q: (result.stop(q.stage) % 100, q.kind == "rating"))


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["estimate"].notna() & rows["ci_low"].notna()]


def _dot(
    result: SurveyResult, label: str, row: pd.Series, color: str, heading: str = "", twin: float = math.nan
) -> DotRow:
    lang, unit = result.context.language, str(row["unit"])
    thin = float(row["n"]) < result.context.flag_cell
    value = Quantity(float(row["estimate"]), unit, signed=unit == "points", bare=unit == "points").say(lang)
    base = Quantity(float(row["n"])).say(lang) + ("*" if thin else "")
    bounds = interval(float(row["ci_low"]), float(row["ci_high"]), unit, lang).replace(" to ", "–")
    return DotRow(
        label, float(row["ci_low"]), float(row["estimate"]), float(row["ci_high"]), value, bounds, base, color, thin,
        color == theme.ALERT, heading, twin,
    )  # fmt: skip


def _line(result: SurveyResult, question: Question, metric: str, *, strong: bool, alert: bool) -> Line:
    rows = result.rows_of(metric, over="wave")
    rows = (
        rows[rows["question"] == question.id]
        .drop_duplicates("wave")
        .set_index("wave")
        .reindex(list(result.waves))
    )
    unit = {"top2": "share", "nps": "points"}.get(metric, "score")
    values = [Quantity(v, unit, bare=unit == "points").say(result.context.language) for v in rows["estimate"]]
    color = (theme.ALERT if alert else theme.MAIN) if strong else theme.EDGE
    return Line(
        result.label(question), tuple(rows["estimate"]), tuple(rows["ci_low"]), tuple(rows["ci_high"]), tuple(values),
        color, "o" if strong else "s", strong,
    )  # fmt: skip


def _neighbours(result: SurveyResult, question: Question, metric: str) -> list[Question]:
    """Return other questions of the same stage and metric, to tell a change from a change of mood."""
    if metric == "nps":
        return []
    alike = [
        q
        for q in result.study.questions
        if main_metric(q) == metric and q.kind == question.kind and q.id != question.id
    ]
    alike.sort(
        key=lambda q: (q.stage != question.stage, abs(result.stop(q.stage) - result.stop(question.stage)))
    )
    return alike[:_CONTEXT_LINES]


def _overall(result: SurveyResult) -> Question | None:
    """Return the question that speaks for the whole journey: recommendation first, then satisfaction."""
    kinds = ("nps", "csat", "rating", "ces")
    asked = [q for q in result.study.questions if q.kind in kinds]
    return min(asked, key=lambda q: (kinds.index(q.kind), bool(q.touchpoint)), default=None)


def _trend_words(
    result: SurveyResult, change: pd.Series | None, question: Question, line: Line
) -> tuple[Message, Message]:
    name = result.label(question)
    known = [(w, v) for w, v in zip(result.waves, line.values, strict=True) if v != "–"]
    alt = message(
        "{n} waves. {name}: {values}.",
        n=Quantity(len(known)),
        name=name,
        values=", ".join(f"{w} {v}" for w, v in known),
    )
    if change is None:
        return message("{name} did not move clearly from any wave to the next", name=name), alt
    facts = {"name": name, "before": str(change["comparison"]), "after": str(change["wave"])}
    if float(change["estimate"]) < 0:
        return message("{name} fell from {before} to {after}", **facts), alt
    return message("{name} rose from {before} to {after}", **facts), alt


def _base_range(result: SurveyResult, question: Question, metric: str) -> dict[str, Quantity]:
    rows = result.rows_of(metric, over="wave")
    n = rows[(rows["question"] == question.id) & (rows["n"] > 0)]["n"]
    return {"low": Quantity(float(n.min())), "high": Quantity(float(n.max()))}


def _metric_words(metric: str) -> Message:
    return {"nps": message("NPS"), "top2": message("Share satisfied (top 2)")}.get(metric, message("Mean"))


def _scale(question: Question) -> Message:
    low, high = question.scale or (1, 5)
    return message("{low}–{high} scale", low=Quantity(low), high=Quantity(high))


def _period(result: SurveyResult) -> Message:
    if result.wave:
        return message("wave {wave}", wave=result.wave)
    return (
        message("all {n} waves pooled", n=Quantity(len(result.waves)))
        if len(result.waves) > 1
        else message("one wave")
    )


def _stage(result: SurveyResult, stage: str) -> str:
    place = result.stop(stage)
    return (
        result.context.stages[place].label.say(result.context.language)
        if place >= 0
        else message("Whole journey").say(result.context.language)
    )


def _level(result: SurveyResult) -> Quantity:
    return Quantity(float(str(result.settings.get("level", 0.95))), "share")
