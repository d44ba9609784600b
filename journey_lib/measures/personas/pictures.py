"""The figure of the personas report: stages by segment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.personas import words
from journey_lib.present.charts import Plot
from journey_lib.present.heat import Heat, HeatCell, HeatRow
from journey_lib.present.wording import Quantity, message

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.personas.result import PersonasResult


def draw(result: PersonasResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any.

    Raises
    ------
    ParamError
        If there is nothing of this kind to draw.
    """
    made = stages(result)
    if made is None:
        raise ParamError(Problem("kind", f"there is nothing to draw for '{kind}'", "a study with events"))
    return made if ax is None else replace(made, given=ax)


def stages(result: PersonasResult) -> Plot | None:
    """Draw how far each segment gets on the journey; None without events."""
    places = [s for s in result.context.stages if result.number("reached", stage=s.id).metric]
    if not places or not result.personas:
        return None
    lang, gap = result.context.language, words.parting(result)
    low = (gap[0].segment, gap[0].stage) if gap else ("", "")
    ids = [s.id for s in places]
    rows = [_row(result, one.name, one.label.say(lang), ids, low) for one in result.personas]
    total = _row(result, "", message("All").say(lang), ids, low)
    sketch = Heat(
        rows, tuple(s.label.say(lang) for s in places), (0.0, 1.0), "", "n", "",
        f"n < {result.context.min_cell}", "%", total,
    )  # fmt: skip
    title = message("No segment lies clearly below everybody")
    if gap:
        title = message(
            "{name} reached {stage} least: {low} against {high} of everybody",
            name=words.label(result, gap[0].segment), stage=words.stage_of(result, gap[0].stage),
            low=gap[0].amount, high=gap[1].amount,
        )  # fmt: skip
    base = message("Share of the segment that ever entered the stage, in %")
    note = message(
        "Outlined: the lowest share at the stage where a segment lies farthest below everybody. Who came "
        "late had less time. Association, not effect."
    )
    alt = message(
        "Grid of {k} segments by {n} stages. {title}.", k=len(rows), n=Quantity(len(places)), title=title
    )
    return Plot(sketch, title, base, note, alt, lang)


def _row(result: PersonasResult, name: str, label: str, ids: list[str], low: tuple[str, str]) -> HeatRow:
    lang = result.context.language
    number = result.number("reached", stage=ids[0], segment=name)
    n = f"n < {result.context.min_cell}" if number.hidden else Quantity(number.n).say(lang)
    return HeatRow(label, n, tuple(_cell(result, stage, name, low) for stage in ids))


def _cell(result: PersonasResult, stage: str, name: str, low: tuple[str, str]) -> HeatCell:
    number = result.number("reached", stage=stage, segment=name)
    if number.hidden or number.estimate != number.estimate:
        return HeatCell("masked" if number.hidden else "missing")
    return HeatCell("value", number.estimate, f"{100 * number.estimate:.0f}", alert=(name, stage) == low)
