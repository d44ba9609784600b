"""Which number of the paths goes where in which figure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_lib.errors import ParamError, Problem
from journey_lib.measures.paths import bands, terms, words
from journey_lib.measures.paths.bands import OTHER, Bands, Column
from journey_lib.measures.paths.nodes import END, OPEN, START
from journey_lib.present import alluvial, theme
from journey_lib.present.alluvial import Alluvial, Flow, Node
from journey_lib.present.charts import Plot
from journey_lib.present.heat import Heat, HeatCell, HeatRow
from journey_lib.present.sketches import Axis, DotRow, DotRows, value_axis
from journey_lib.present.wording import Message, Quantity, Says, interval, message, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from journey_lib.measures.paths.result import PathsResult
    from journey_lib.present.numbers import Number

MOST_ROWS, MOST_COLUMNS = 12, 10


def draw(result: PathsResult, kind: str, ax: Axes | None) -> Plot:
    """Return the figure of a kind, into the caller's axes where there are any."""
    makers = {
        "flow": flow, "backward": backward, "matrix": matrix, "dropoff": dropoff, "drivers": drivers,
    }  # fmt: skip
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
    step, strong, n = _largest_loss(found, words.goal_nodes(result), result.context.min_cell)
    share = Quantity(n / found.total, "share")
    name = found.columns[step].names[strong[0]] if n else ""
    facts = {"share": share, "name": _name(result, name) if name else "", "step": Quantity(step + 1)}
    title = (
        message("{share} of all paths end after step {step}, at {name}", **facts)
        if n
        else message("Hardly a path ends before its goal")
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
    names = found.columns[last].names
    named = {move: n for move, n in found.flows[last].items() if names[move[0]] not in (OTHER, START)}
    if not named:
        return None
    strong, n = max(named.items(), key=lambda item: item[1])
    target = _target(result)
    facts = {
        "share": Quantity(n / found.total, "share"), "target": target,
        "name": _name(result, names[strong[0]]),
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
    sketch = _alluvial(result, found, (*before, say(target, lang)), (last, strong), backward=True)
    return Plot(sketch, title, subtitle, _flow_note(result), alt, lang)


def matrix(result: PathsResult) -> Plot | None:
    """Draw the share of visits to each step that lead to each other one, to the end, or nowhere yet."""
    names = busiest(result, MOST_COLUMNS)
    if len(names) < 2:
        return None
    lang, columns = result.context.language, (END, OPEN, *names)
    full = [n for n in result.of("transition") if _full(result, n)]
    shown = [n for n in full if result.node(n) in names and n.comparison in names]
    most = max(shown, key=lambda n: n.estimate, default=None)
    rows = [_heat_row(result, name, columns, most) for name in (*names, START)]
    title = (
        message(
            "The surest move is from {one} to {other}: {share}", one=words.name_of(result, most),
            other=_name(result, most.comparison), share=most.amount,
        )
        if most
        else message("Where each step leads")
    )  # fmt: skip
    subtitle = message("Share of the visits to a step that lead to the next one, in %; n customers")
    note = message(
        "Row: from; column: to. Empty: nobody. The table below has the columns a phone leaves out, and the "
        "intervals."
    )
    alt = message("Shaded grid of {n} steps by where they lead. {title}.", n=Quantity(len(rows)), title=title)
    sketch = Heat(
        rows, tuple(say(_name(result, name), lang) for name in columns), (0.0, 1.0),
        message("Next step").say(lang), "n", masked_word=f"n < {result.context.min_cell}",
    )  # fmt: skip
    return Plot(sketch, title, subtitle, note, alt, lang)


def busiest(result: PathsResult, most: int) -> list[str]:
    """Return the most visited nodes in journey order."""
    known = [name for name in result.walked.nodes.ids if visits(result, name) > 0]
    kept = set(sorted(known, key=lambda name: -visits(result, name))[:most])
    return [name for name in known if name in kept]


def visits(result: PathsResult, name: str) -> float:
    """Return the visits to a node; 0 where they are hidden."""
    found = result.move("visits", name).estimate
    return found if math.isfinite(found) else 0.0


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


def _full(result: PathsResult, number: Number) -> bool:
    """Tell whether a move joins two different steps on a full base, for everybody."""
    own = result.node(number)
    inner = number.comparison not in (END, OPEN, own) and own != START
    return number.known and inner and not number.group and number.n >= result.context.flag_cell


def _heat_row(result: PathsResult, name: str, columns: tuple[str, ...], most: Number | None) -> HeatRow:
    lang = result.context.language
    numbers = [result.move("transition", name, other) for other in columns]
    base = next((n for n in numbers if n.metric), None)
    cells = [
        HeatCell("masked") if n.hidden
        else HeatCell("none") if not n.estimate > 0
        else HeatCell("value", n.estimate, _percent(n.estimate, lang).removesuffix("%"), alert=n is most)
        for n in numbers
    ]  # fmt: skip
    n = "" if base is None or base.hidden else Quantity(base.n).say(lang)
    return HeatRow(say(_name(result, name), lang), n, tuple(cells))


def _largest_loss(found: Bands, goals: set[str], least: int) -> tuple[int, tuple[int, int], int]:
    """Return step, flow and count of the largest flow into the end short of a goal; count 0 for none."""
    best: tuple[int, tuple[int, int], int] = (0, (0, 0), 0)
    for step, layer in enumerate(found.flows):
        names, then = found.columns[step].names, found.columns[step + 1].names
        for (one, other), n in layer.items():
            if then[other] == END and names[one] not in {END, OTHER, *goals} and n >= max(least, best[2] + 1):
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
    found = result.move("transitions", result.node(number), END).estimate
    return found if found == found else 0.0


def _row(result: PathsResult, number: Number, label: str, *, strong: bool) -> DotRow:
    lang, signed = result.context.language, number.unit == "share_points"
    count = number.n
    if signed:
        with_mark = result.number("driver_with", number.stage, "", number.option, number.comparison)
        count = with_mark.n if with_mark.metric else number.n
    return DotRow(
        label, number.ci_low, number.estimate, number.ci_high,
        Quantity(number.estimate, number.unit, signed=signed, bare=signed).say(lang),
        interval(number.ci_low, number.ci_high, number.unit, lang, compact=True), Quantity(count).say(lang),
        color=theme.ALERT if strong else theme.MAIN, thin=number.n < result.context.flag_cell, strong=strong,
    )  # fmt: skip


def _axis(found: list[Number], ends: tuple[float, float] | None = None) -> Axis:
    low = min([0.0, *(n.ci_low for n in found)]) if ends is None else min(n.ci_low for n in found)
    return value_axis(low, max(n.ci_high for n in found), "%" if ends else "", scale=100, ends=ends)
