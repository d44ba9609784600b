"""The figures of the comments report: themes by share, scores of those who mention them, shares by wave."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.comments import terms, words
from journey_lib.present import theme as look
from journey_lib.present.charts import Plot
from journey_lib.present.dumbbells import DumbbellRow, Dumbbells, Reading, Series
from journey_lib.present.multiples import Multiples, Panel
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wording import Quantity, WaveName, interval, message, wave_name
from journey_lib.study import naming

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.comments.reading import Theme
    from journey_lib.measures.comments.result import CommentsResult

MOST_ROWS, MOST_PANELS = 15, 12


def draw(result: CommentsResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any.

    Raises
    ------
    ParamError
        If the study has nothing for it.
    """
    made = {"themes": themes, "scores": scores, "waves": waves}[kind](result)
    if made is None:
        given = "this study has no survey comments with themes, or no score or no second wave beside them"
        raise ParamError(Problem("kind", f"'{kind}': {given}"))
    return made if ax is None else replace(made, given=ax)


def themes(result: CommentsResult) -> Plot | None:
    """Draw the share of commenters who mention each theme, the most mentioned first."""
    shown = [theme for theme in result.ranked if result.number("share", theme.id).known][:MOST_ROWS]
    if not shown:
        return None
    lang = result.context.language
    numbers = [result.number("share", theme.id) for theme in shown]
    facts = {"best": terms.name(shown[0]), "high": numbers[0].amount}
    title = message("{high} of those who write mention {best}", **facts)
    subtitle = message(
        "Share of commenters by theme, {period}; weighted, n = {n}",
        period=terms.period(result), n=Quantity(numbers[0].n),
    )  # fmt: skip
    note = message(
        "Dot and line: share and {level} interval. A comment may be about several themes. Grey: "
        "a theme nobody "
        "declared, called by its words.",
        level=terms.level(result),
    )
    alt = message(
        "Dots with intervals for {n} themes. {best} first, {high}; {worst} last, {low}.",
        n=Quantity(len(shown)), worst=terms.name(shown[-1]), low=terms.share(numbers[-1]), **facts,
    )  # fmt: skip
    rows = [_dot(result, theme) for theme in shown]
    most = max(number.ci_high for number in numbers)
    axis = value_axis(0, most, "%", scale=100, ends=(0, 1))
    columns = (message("Share").say(lang), message("People").say(lang))
    return Plot(DotRows(rows, axis, columns), title, subtitle, note, alt, lang)


def scores(result: CommentsResult) -> Plot | None:
    """Draw the score of those who mention each theme beside that of the other commenters."""
    if not result.score:
        return None
    shown = [theme for theme in result.ranked if result.number("gap", theme.id, question=result.score).known][
        :MOST_ROWS
    ]
    if not shown:
        return None
    lang, question = result.context.language, result.study.item(result.score)
    low = words.lowest(result)
    strong = low.option if low is not None and low.metric == "gap" else ""
    rows = [_dumbbell(result, theme, strong=theme.id == strong) for theme in shown]
    ends = [value for row in rows for reading in row.readings for value in (reading.low, reading.high)]
    finite = [value for value in ends if math.isfinite(value)]
    axis = value_axis(min(finite), max(finite), "")
    series = (
        Series(message("Mention it").say(lang), "o", look.MAIN),
        Series(message("Others who write").say(lang), "D", look.INK3, filled=False, lane=1),
    )
    columns = (message("Mention").say(lang), message("Others").say(lang), message("Difference").say(lang))
    name = naming.name(result.study, question)
    if strong:
        title = message("Who mentions {theme} scores lower", theme=terms.name(result.theme(strong)))
    else:
        title = message("No theme goes with a score that differs beyond doubt")
    subtitle = message(
        "Mean of {score} ({low} to {high}) of those who mention a theme and of the other "
        "commenters; weighted",
        score=name, low=(question.scale or (0, 10))[0], high=(question.scale or (0, 10))[1],
    )  # fmt: skip
    note = message(
        "Lines: {level} intervals. In colour: lower beyond doubt, Holm over all themes. What "
        "people mention is "
        "not why they score.",
        level=terms.level(result),
    )
    worst = min(shown, key=lambda theme: result.number("gap", theme.id, question=result.score).estimate)
    gap = result.number("gap", worst.id, question=result.score).estimate
    alt = message(
        "Two readings a theme for {n} themes. Largest difference downwards: {theme}, {gap}.",
        n=Quantity(len(shown)), theme=terms.name(worst), gap=Quantity(gap, "score", signed=True),
    )  # fmt: skip
    return Plot(Dumbbells(rows, series, axis, columns), title, subtitle, note, alt, lang)


def waves(result: CommentsResult) -> Plot | None:
    """Draw each theme's share of commenters wave by wave."""
    every = [theme for theme in result.ranked if len(_known(result, theme)) > 1]
    if not every:
        return None
    lang, change = result.context.language, words.moved(result)
    strong = change.option if change is not None else ""
    every.sort(key=lambda theme: theme.id != strong)
    panels = [_panel(result, theme, strong=theme.id == strong) for theme in every[:MOST_PANELS]]
    most = max(v for panel in panels for v in panel.high if math.isfinite(v))
    periods = wave_name(result.waves[0], lang), wave_name(result.waves[-1], lang)
    if change is not None:
        facts = {"theme": terms.name(result.theme(strong)), "wave": WaveName(change.wave)}
        title = (
            message("{theme} is written about more since {wave}", **facts)
            if change.estimate > 0
            else message("{theme} is written about less since {wave}", **facts)
        )
    else:
        title = message("No theme moved beyond doubt from one wave to the next")
    subtitle = message("Share of each wave's commenters by theme; first and last wave written out; weighted")
    note = message(
        "Bands: {level} intervals. One scale for all. In colour: a change between neighbouring waves beyond "
        "doubt, Holm over all themes and waves.",
        level=terms.level(result),
    )
    alt = message(
        "Small lines for {n} themes over {k} waves. {title}.",
        n=Quantity(len(panels)), k=Quantity(len(result.waves)), title=title,
    )  # fmt: skip
    axis = value_axis(0, most, "%", scale=100, ends=(0, 1))
    return Plot(Multiples(panels, periods, axis), title, subtitle, note, alt, lang)


def _dot(result: CommentsResult, theme: Theme) -> DotRow:
    lang, number = result.context.language, result.number("share", theme.id)
    places = terms.decimals(number)
    bounds = interval(number.ci_low, number.ci_high, number.unit, lang, decimals=places, compact=True)
    people = result.mentions.get((theme.id, result.wave, ""), 0)
    color = look.MAIN if theme.label else look.EDGE
    return DotRow(
        terms.name(theme).say(lang), number.ci_low, number.estimate, number.ci_high,
        terms.share(number).say(lang),
        bounds, Quantity(people).say(lang), color,
    )  # fmt: skip


def _dumbbell(result: CommentsResult, theme: Theme, *, strong: bool) -> DumbbellRow:
    lang = result.context.language
    here, rest, gap = (
        result.number(metric, theme.id, question=result.score)
        for metric in ("mean_mentioned", "mean_rest", "gap")
    )
    readings = tuple(Reading(n.estimate, n.ci_low, n.ci_high) for n in (here, rest))
    numbers = (
        here.amount.say(lang), rest.amount.say(lang), Quantity(gap.estimate, "score", signed=True).say(lang)
    )  # fmt: skip
    return DumbbellRow(
        terms.name(theme).say(lang), readings, numbers, strong, thin=here.n < result.context.flag_cell
    )


def _known(result: CommentsResult, theme: Theme) -> list[str]:
    return [wave for wave in result.waves if result.number("share", theme.id, wave=wave).known]


def _panel(result: CommentsResult, theme: Theme, *, strong: bool) -> Panel:
    lang = result.context.language
    found = [result.number("share", theme.id, wave=wave) for wave in result.waves]
    known = [number for number in found if number.known]
    return Panel(
        label=terms.name(theme).say(lang),
        estimate=tuple(n.estimate for n in found),
        low=tuple(n.ci_low for n in found),
        high=tuple(n.ci_high for n in found),
        first=known[0].amount.say(lang),
        last=known[-1].amount.say(lang),
        strong=strong,
    )
