"""Which number of the paths goes where in which figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.paths import bands, terms, words
from journey_lib.measures.paths.bands import OTHER, Bands, Column
from journey_lib.measures.paths.nodes import END, OPEN, START
from journey_lib.present import alluvial, theme
from journey_lib.present.alluvial import Alluvial, Flow, Node
from journey_lib.present.charts import Plot
from journey_lib.present.sketches import Axis, DotRow, DotRows, value_axis
from journey_lib.present.wording import Message, Quantity, Says, interval, message, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.paths.result import PathsResult
    from journey_lib.present.numbers import Number

MOST_ROWS = 12


def draw(result: PathsResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    makers = {"flow": flow, "backward": backward, "dropoff": dropoff, "drivers": drivers}
    made = makers[kind](result)
    if made is None:
        raise ParamError(Problem("kind", f"this study holds nothing for the figure '{kind}'"))
    return made if ax is None else replace(made, given=ax)


def flow(result: PathsResult) -> Plot | None:
    """Draw the first steps of all paths; the largest flow into the end stands out."""
    found = bands.forward(result.walked, result.top, result.context.min_cell)
    if found.total < result.context.flag_cell or len(found.columns) < 2:
        return None
    lang = result.context.language
    step, strong, n = _largest_loss(found, result.context.min_cell)
    share = Quantity(n / found.total, "share")
    name = found.columns[step].names[strong[0]] if n else ""
    facts = {"share": share, "name": _name(result, name) if name else "", "step": Quantity(step + 1)}
    title = (
        message("{share} of all paths end after step {step}, at {name}", **facts)
        if n
        else message("No path has ended yet")
    )
    subtitle = message(
        "First {steps} steps; share of all paths, n = {paths}; {repeats}",
        steps=Quantity(len(found.columns)), paths=Quantity(found.total), repeats=repeats(result),
    )  # fmt: skip
    alt = message(
        "Flows between the first {steps} steps of {paths} paths. {title}.",
        steps=Quantity(len(found.columns)), paths=Quantity(found.total), title=title,
    )  # fmt: skip
    heads = tuple(message("Step {step}", step=Quantity(at + 1)).say(lang) for at in range(len(found.columns)))
    sketch = _alluvial(result, found, heads, (step, strong) if n else None)
    return Plot(sketch, title, subtitle, _flow_note(result), alt, lang)


def backward(result: PathsResult) -> Plot | None:
    """Draw the last steps before the outcome, or before the end of ended paths."""
    found = bands.backward(result.walked, result.top, result.context.min_cell)
    if found.total < result.context.flag_cell or len(found.columns) < 2:
        return None
    lang, last = result.context.language, len(found.columns) - 2
    (source, _), n = max(found.flows[last].items(), key=lambda item: item[1])
    target = _target(result)
    facts = {
        "share": Quantity(n / found.total, "share"), "target": target,
        "name": _name(result, found.columns[last].names[source]),
    }  # fmt: skip
    title = (
        message("{share} of the paths that ended stood at {name} last", **facts)
        if result.walked.plan.target < 0
        else message("{share} of those who got to {target} came from {name}", **facts)
    )
    subtitle = message(
        "Last {steps} steps before {target}; share of the paths that got there, n = {paths}; {repeats}",
        steps=Quantity(len(found.columns) - 1), target=target, paths=Quantity(found.total),
        repeats=repeats(result),
    )  # fmt: skip
    alt = message(
        "Flows between the last {steps} steps of {paths} paths before {target}. {title}.",
        steps=Quantity(len(found.columns) - 1), paths=Quantity(found.total), target=target, title=title,
    )  # fmt: skip
    before = [message("{n} before", n=Quantity(at)).say(lang) for at in range(len(found.columns) - 1, 0, -1)]
    strong = next(iter(k for k, v in found.flows[last].items() if v == n))
    sketch = _alluvial(result, found, (*before, say(target, lang)), (last, strong), backward=True)
    return Plot(sketch, title, subtitle, _flow_note(result), alt, lang)


def dropoff(result: PathsResult) -> Plot | None:
    """Draw how many visits to each node were followed by nothing."""
    found = [n for n in result.of("dropoff") if n.known and not n.group]
    if not found:
        return None
    if len(found) > MOST_ROWS:
        found = sorted(found, key=lambda n: -_ends(result, n))[:MOST_ROWS]
    lang, loss = result.context.language, words.largest_loss(result)
    rows = [_row(result, n, say(words.name_of(result, n), lang), strong=n is loss) for n in found]
    title = (
        message("Most paths end at {name}: {share} of its visits", name=words.name_of(result, loss),
                share=loss.amount)
        if loss
        else message("Where paths end")
    )  # fmt: skip
    subtitle = message(
        "Share of visits followed by no event for {span}; only visits old enough to tell",
        span=terms.Span(result.walked.plan.silence),
    )
    note = message(
        "Dot and line: share and {level} interval, each customer one cluster. The last stage has nowhere to "
        "go on to.",
        level=terms.confidence(result),
    )
    alt = message("Dots with intervals for {n} steps. {title}.", n=Quantity(len(rows)), title=title)
    axis = _axis(found, ends=(0, 1))
    return Plot(DotRows(rows, axis, (message("Ended").say(lang), "n")), title, subtitle, note, alt, lang)


def drivers(result: PathsResult) -> Plot | None:
    """Draw how the outcome differs with and without each mark, the clearest ones first."""
    found = [n for n in result.of("driver") if n.known]
    if not found:
        return None
    lang, clear = result.context.language, words.clearest_driver(result)
    found = sorted(found, key=lambda n: (n.p_value, -abs(n.estimate)))[:MOST_ROWS]
    found.sort(key=lambda n: -n.estimate)
    rows = [
        _row(result, n, terms.mark(result, n.option, n.comparison).say(lang), strong=n is clear)
        for n in found
    ]
    outcome = terms.outcome(result)
    title = (
        message(
            "{mark} goes with {outcome}: {gap} points", outcome=outcome,
            mark=terms.mark(result, clear.option, clear.comparison),
            gap=Quantity(clear.estimate, "share_points", signed=True, bare=True),
        )
        if clear
        else message("Nothing before the landmark clearly goes with {outcome}", outcome=outcome)
    )  # fmt: skip
    subtitle = message(
        "Difference in {outcome} between customers with and without each mark, read {wait} after {entry}; "
        "in points; {base}",
        outcome=outcome, wait=terms.Span(result.drivers.wait), entry=terms.entry(result),
        base=terms.of_drivers(result.drivers),
    )  # fmt: skip
    note = message(
        "Dot and line: difference and {level} interval. The {n} clearest marks, Benjamini–Hochberg over all "
        "{all}. Those with a mark may differ in everything else.",
        level=terms.confidence(result), n=Quantity(len(rows)),
        all=Quantity(int(result.drivers.found.tested.sum())),
    )  # fmt: skip
    alt = message("Dots with intervals for {n} marks. {title}.", n=Quantity(len(rows)), title=title)
    sketch = DotRows(rows, _axis(found), (message("Points").say(lang), "n"), reference=0.0)
    return Plot(sketch, title, subtitle, note, alt, lang)


def _largest_loss(found: Bands, least: int) -> tuple[int, tuple[int, int], int]:
    """Return step, flow and count of the largest flow from a node into the end; count 0 for none."""
    best: tuple[int, tuple[int, int], int] = (0, (0, 0), 0)
    for step, layer in enumerate(found.flows):
        names, then = found.columns[step].names, found.columns[step + 1].names
        for (one, other), n in layer.items():
            if then[other] == END and names[one] not in (END, OTHER) and n >= max(least, best[2] + 1):
                best = (step, (one, other), n)
    return best


def _alluvial(
    result: PathsResult, found: Bands, heads: tuple[str, ...], strong: tuple[int, tuple[int, int]] | None,
    *, backward: bool = False,
) -> Alluvial:  # fmt: skip
    steps = []
    for at, column in enumerate(found.columns):
        chosen = strong[1][0] if strong and strong[0] == at else -1
        steps.append(
            tuple(_node(result, column, place, found.total, strong=place == chosen)
                  for place in range(len(column.names)))
        )  # fmt: skip
    flows = tuple(
        Flow(step, one, other, n / found.total, strong == (step, (one, other)))
        for step, layer in enumerate(found.flows)
        for (one, other), n in layer.items()
    )
    return Alluvial(tuple(steps), flows, heads, backward)


def _node(result: PathsResult, column: Column, place: int, total: int, *, strong: bool) -> Node:
    name, n = column.names[place], column.counts[place]
    lang = result.context.language
    tones = {OTHER: alluvial.REST, END: alluvial.OVER, OPEN: alluvial.OPEN, START: alluvial.REST}
    label = say(_name(result, name, column.grouped), lang)
    hidden = 0 < n < result.context.min_cell
    value = f"(n < {result.context.min_cell})" if hidden else _percent(n / total, lang)
    tone = tones[name] if name in tones else _tone(result, name)
    return Node(label, n / total, value, tone, hatched=name == OPEN, strong=strong)


def _tone(result: PathsResult, name: str) -> str:
    """Return the colour of a node: that of its stage, the main colour without one."""
    nodes = result.walked.nodes
    place = nodes.places[nodes.ids.index(name)]
    return theme.STAGES[place % len(theme.STAGES)] if place >= 0 else theme.MAIN


def _percent(share: float, lang: str) -> str:
    return "<1%" if 0 < share < 0.005 else Quantity(share, "share").say(lang)


def _name(result: PathsResult, name: str, grouped: int = 0) -> Says | str:
    if name == OTHER:
        return message("Other ({n})", n=Quantity(grouped)) if grouped else message("Other")
    return result.walked.nodes.label(name)


def _target(result: PathsResult) -> Says | str:
    target = result.walked.plan.target
    return result.walked.nodes.labels[target] if target >= 0 else message("Ended")


def repeats(result: PathsResult) -> Message:
    """Return whether repeats are one step."""
    if result.walked.plan.collapse_shown:
        return message("repeats collapsed")
    return message("repeats kept")


def _flow_note(result: PathsResult) -> Message:
    return message(
        "Other (n): so many rarer steps, grouped. Ended: no event for {span}. Open: not finished, so no "
        "drop-off. What flows into a node flows out of it. A phone shows three steps.",
        span=terms.Span(result.walked.plan.silence),
    )


def _ends(result: PathsResult, number: Number) -> float:
    found = result.number("transitions", result.node(number), END).estimate
    return found if found == found else 0.0


def _row(result: PathsResult, number: Number, label: str, *, strong: bool) -> DotRow:
    lang, signed = result.context.language, number.unit == "share_points"
    count = number.n
    if signed:
        with_mark = result.shown.get(("driver_with", number.stage, "", number.option, number.comparison, ""))
        count = with_mark.n if with_mark else number.n
    return DotRow(
        label, number.ci_low, number.estimate, number.ci_high,
        Quantity(number.estimate, number.unit, signed=signed, bare=signed).say(lang),
        interval(number.ci_low, number.ci_high, number.unit, lang, compact=True), Quantity(count).say(lang),
        color=theme.ALERT if strong else theme.MAIN, thin=number.n < result.context.flag_cell, strong=strong,
    )  # fmt: skip


def _axis(found: list[Number], ends: tuple[float, float] | None = None) -> Axis:
    low = min([0.0, *(n.ci_low for n in found)]) if ends is None else min(n.ci_low for n in found)
    return value_axis(low, max(n.ci_high for n in found), "%" if ends else "", scale=100, ends=ends)
