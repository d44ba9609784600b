"""The figures of the report on sample sizes: power by change, and the smallest change by weeks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.power.count import PARTS, WEEKS
from journey_lib.measures.power.plan import MODES
from journey_lib.measures.power.words import change, mode_words
from journey_lib.present.charts import Plot
from journey_lib.present.lines import PeriodLines, Series
from journey_lib.present.sketches import Axis, value_axis
from journey_lib.present.wording import Quantity, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.power.result import PowerResult

_NAN = math.nan


def curve(result: PowerResult, ax: Axes | None = None) -> Plot:
    """Draw how surely each change is found, one line for each way of reading."""
    plan, lang = result.plan, result.context.language
    series = [
        _line(
            mode_words(plan, mode).say(lang),
            [result.number("power", mode, f"{part:g}").estimate for part in PARTS],
        )
        for mode in MODES
    ]
    axis = Axis(0.0, 1.04, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), ("0", "20", "40", "60", "80", "100%"))
    lifts = tuple(change(part * result.counted.lift).say(lang) for part in PARTS)
    sketch = PeriodLines(series, lifts, axis, message("True relative change").say(lang))
    at_aim = result.number("power", plan.mode, "1").estimate
    title = message(
        "A change of {change} is found in {power} of experiments",
        change=change(result.counted.lift), power=Quantity(at_aim, "share"),
    )  # fmt: skip
    subtitle = message("Chance of a significant result with {n} customers", n=Quantity(result.counted.total))
    note = message(
        "Planned looks follow O'Brien–Fleming; looks at any time are sized with {n} of them.", n=Quantity(28)
    )
    found = Quantity(result.number("power", "fixed", "1").estimate, "share")
    alt = message(
        "Three rising curves of power by true change; at {change} one look finds it in {power}.",
        change=change(result.counted.lift), power=found,
    )  # fmt: skip
    return Plot(sketch, title, subtitle, note, alt, lang, ax)


def weeks(result: PowerResult, ax: Axes | None = None) -> Plot:
    """Draw the smallest change that is found, by weeks of entering."""
    plan, lang = result.plan, result.context.language
    found = {mode: [_size(result, mode, week) for week in WEEKS] for mode in MODES}
    series = [_line(mode_words(plan, mode).say(lang), values) for mode, values in found.items()]
    most = max((v for values in found.values() for v in values if math.isfinite(v)), default=1.0)
    axis = value_axis(0.0, most, "%", scale=100, ends=(0.0, math.inf))
    sketch = PeriodLines(
        series, tuple(str(week) for week in WEEKS), axis, message("Weeks of entering").say(lang)
    )
    at = _size(result, plan.mode, 4)
    title = message("Four weeks find no change below a doubling")
    if math.isfinite(at):
        found_in_four = change(math.copysign(at, result.counted.lift))
        title = message("Four weeks find a change of {change}", change=found_in_four)
    subtitle = message(
        "Smallest relative change found in {power} of experiments", power=Quantity(plan.asked.power, "share")
    )
    note = message(
        "At {n} customers a week; the last one's window of {window} comes on top.",
        n=Quantity(result.counted.per_week[0]), window=Quantity(plan.window_days, "days", 0),
    )  # fmt: skip
    alt = message(
        "Falling curves of the smallest change found, from {a} to {b} weeks.", a=WEEKS[0], b=WEEKS[-1]
    )
    return Plot(sketch, title, subtitle, note, alt, lang, ax)


def _size(result: PowerResult, mode: str, week: int) -> float:
    return abs(result.number("detectable", mode, str(week)).estimate)


def _line(label: str, values: list[float]) -> Series:
    bare = (_NAN,) * len(values)
    return Series(label, tuple(values), bare, bare)
