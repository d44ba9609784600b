"""The figure of the reliability report: each item's correlation with the rest of its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_lib.measures.reliability.words import disturbing
from journey_lib.present import theme
from journey_lib.present.charts import Plot
from journey_lib.present.sketches import DotRow, DotRows, value_axis
from journey_lib.present.wording import Quantity, interval, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.reliability.result import ReliabilityResult
    from journey_lib.present.numbers import Number


def items(result: ReliabilityResult, ax: Axes | None = None) -> Plot:
    """Draw item-rest correlations scale by scale, the item that disturbs its scale in the alert colour."""
    rows, drawn, worst = [], [], []
    for scale in result.scales:
        words = result.study.scale_label(scale).say(result.context.language)
        bad = disturbing(result, scale)
        numbers = [result.number("item_rest", scale, item) for item in result.items(scale)]
        numbers = sorted(
            (n for n in numbers if n.ci_low <= n.estimate <= n.ci_high), key=lambda n: -n.estimate
        )
        for at, number in enumerate(numbers):
            alert = bad is not None and number.question == bad.question
            worst += [number] if alert else []
            rows.append(_row(result, number, heading=words if at == 0 else "", alert=alert))
        drawn += numbers
    low = min(0.0, *(n.ci_low for n in drawn)) if drawn else 0.0
    axis = value_axis(low, 1.0, "", ends=(-1.0, 1.0))
    subtitle = message("Correlation of each item with the sum of the others, weighted")
    note = message(
        "Dot and line: estimate and {level} interval. Items keyed the other way round are turned by the "
        "codebook.",
        level=Quantity(result.level, "share"),
    )
    alt = message(
        "Dots with intervals for {n} items of {k} scales.", n=Quantity(len(drawn)), k=len(result.scales)
    )
    title = message("Every item goes with the rest of its scale")
    if worst:
        title = message("“{item}” does not fit its scale", item=result.study.item(worst[0].question).label)
    columns = (
        message("Correlation").say(result.context.language),
        message("Alpha without").say(result.context.language),
    )
    return Plot(DotRows(rows, axis, columns), title, subtitle, note, alt, result.context.language, ax)


def _row(result: ReliabilityResult, number: Number, *, heading: str, alert: bool) -> DotRow:
    lang = result.context.language
    without = result.number("alpha_without", number.comparison, number.question)
    return DotRow(
        result.study.item(number.question).label.say(lang), number.ci_low, number.estimate, number.ci_high,
        Quantity(number.estimate, "score").say(lang),
        interval(number.ci_low, number.ci_high, "score", lang, compact=True),
        Quantity(without.estimate, "score").say(lang), theme.ALERT if alert else theme.MAIN, strong=alert,
        heading=heading,
    )  # fmt: skip
