"""The figure of the map: the journey along days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.present.charts import Plot
from journey_lib.present.sketches import value_axis
from journey_lib.present.timeline import Stretch, Timeline
from journey_lib.present.wording import Quantity, interval, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.journey_map.result import JourneyMapResult


def timeline(result: JourneyMapResult, ax: Axes | None = None) -> Plot:
    """Draw the median stay of each stage, bar after bar."""
    lang = result.context.language
    rows = [_stretch(result, s.id, place, lang) for place, s in enumerate(result.study.journey.stages)]
    known = [row for row in rows if math.isfinite(row.days)]
    longest = max(known, key=lambda row: row.days, default=None)
    axis = value_axis(0.0, max(1.0, sum(row.days for row in known)), message("days").say(lang))
    title = message("How long does each stage take?")
    if longest:
        title = message("{stage} takes the most time of the stages measured", stage=longest.label)
    alt = message(
        "Bars laid end to end along days, one a stage, {n} measured. The longest is {stage}: {words}.",
        n=len(known), stage=longest.label if longest else "", words=longest.words if longest else "",
    )  # fmt: skip
    return Plot(
        Timeline(rows, axis), title,
        message("Median days from entering a stage to moving on, and its interval"),
        message(
            "Medians of different customers laid end to end: a picture of pace, not how long one customer "
            "takes. "
            "A stage that fewer than half ever leave has no median."
        ), alt, lang, ax,
    )  # fmt: skip


def _stretch(result: JourneyMapResult, stage: str, place: int, lang: str) -> Stretch:
    number = result.number("median_days", stage)
    label = result.study.stage(stage).label.say(lang)
    if not math.isfinite(number.estimate):
        return Stretch(label, message("not known").say(lang), math.nan, place)
    words = Quantity(number.estimate, "days").say(lang)
    if math.isfinite(number.ci_low) and math.isfinite(number.ci_high):
        words += f" ({interval(number.ci_low, number.ci_high, 'days', lang, compact=True)})"
    return Stretch(label, words, number.estimate, place)
