"""The figures of the monitor: one control chart a series."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from journey_lib.measures.monitor import words
from journey_lib.present.charts import Plot
from journey_lib.present.control import ControlChart
from journey_lib.present.sketches import value_axis
from journey_lib.present.wording import Quantity, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.monitor.result import MonitorResult
    from journey_lib.measures.monitor.series import Series


def series(result: MonitorResult, one: Series, ax: Axes | None = None) -> Plot:
    """Draw a share, the band its past expects, and the periods that left it."""
    lang = result.context.language
    found = result.judgements[one.name, one.group]
    own = [a for a in result.alerts if a.series is one]
    rate, low, high = (values.tolist() for values in (found.rate, found.low, found.high))
    seen = [v for v in (*rate, *low, *high) if math.isfinite(v)]
    axis = value_axis(min(seen, default=0.0), max(seen, default=1.0), "%", scale=100, ends=(0.0, 1.0))
    clearest = max(own, key=lambda a: abs(a.gap), default=None)
    told = ""
    if clearest:
        told = f"{Quantity(clearest.rate, 'share').say(lang)}, {clearest.period}"
    sketch = ControlChart(
        result.watched.periods[: len(rate)], rate, low, high, [a.at for a in own], told, axis
    )
    head = words.series_title(result, one, own)
    subtitle = message("{measure}, by {unit}, n = {n} in a usual one", measure=words.measure(result, one),
                       unit=words.unit(result), n=Quantity(_usual(one)))  # fmt: skip
    note = message(
        "Grey: where 95% of such periods would lie, from all earlier ones. Dots: beyond noise after "
        "correction for "
        "everything watched."
    )
    alt = message(
        "Line over {n} periods with the band its past expects. {head}.", n=Quantity(len(rate)), head=head
    )
    return Plot(sketch, head, subtitle, note, alt, lang, ax)


def _usual(one: Series) -> float:
    ordered = sorted(one.denominator.tolist())
    return float(ordered[len(ordered) // 2]) if ordered else math.nan
