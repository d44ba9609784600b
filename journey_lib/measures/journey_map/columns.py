"""The lanes of the map as cells: which number leads, which words stand under it, what is linked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from journey_lib.measures.journey_map import words
from journey_lib.measures.journey_map.lanes import FLOW
from journey_lib.present.personal import mask, said
from journey_lib.present.stage_grid import Cell, Entry, Flow, Grade, Lane
from journey_lib.present.wording import DASH, Message, Quantity, interval, message
from journey_lib.study.definition.columns import OWNER
from journey_lib.study.published.context import report_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from journey_lib.measures.journey_map.lanes import Item
    from journey_lib.measures.journey_map.result import JourneyMapResult
    from journey_lib.present.numbers import Number

SIGNALS = 6  # that stand at one stage
_REPORTS = {  # which report speaks in which lane
    "entered": "funnel", "time": "time_in_stage", "feeling": "survey", "touchpoint": "touchpoints",
}  # fmt: skip
_ALWAYS = ("entered", "time", "feeling", "pain")  # a map without them says that nobody measured
_HOT = ("feeling", "pain", "signals")  # lanes tinted where the journey breaks


def lane_name(lane: str) -> Message:
    """Return the name of a lane."""
    names = {
        "question": message("They ask"),
        "motive": message("Because"),
        "action": message("Actions"),
        "thought": message("Thoughts"),
        "emotion": message("Emotions, as people see them"),
        "theme": message("They speak of"),
        "quote": message("In their words"),
        "touchpoint": message("Touchpoints"),
        "channel": message("Other channels"),
        "entered": message("Customers"),
        "go_on": message("Go on"),
        "target": message("Goal"),
        "time": message("Time in stage"),
        "feeling": message("Feeling"),
        "effort": message("Effort"),
        "pain": message("Main pain"),
        "hypothesis": message("Hypotheses"),
        "signals": message("Stands out"),
        "trial": message("Experiments"),
        "idea": message("Opportunities"),
        "owner": message("Looks after it"),
        "evidence": message("Evidence"),
    }
    return names[lane]


def lanes(result: JourneyMapResult, only: Collection[str] = ()) -> tuple[list[str], list[Lane]]:
    """Return names and lanes, top to bottom: those that hold anything at any stage, or are always asked."""
    lang = result.context.language
    small = {
        "touchpoint": message("share of the stage's customers"),
        "entered": message("and where they go"),
        "time": message("median days"),
        "feeling": message("−2 to +2, 95% interval"),
        "pain": message("share of answers"),
        "signals": message("after correction"),
        "theme": message("share of comments"),
    }
    makers: dict[str, Callable[[JourneyMapResult, str, str], Cell]] = {
        "question": _stage_words("question"), "motive": _stage_words("motive"),
        "action": _notes("action"), "thought": _notes("thought"), "emotion": _notes("emotion"),
        "touchpoint": _touchpoints, "channel": _notes("channel"),
        "entered": _customers, "time": _time, "feeling": _feeling, "effort": _effort, "pain": _pain,
        "theme": _themes, "quote": _quotes, "signals": _signals, "hypothesis": _notes("hypothesis"),
        "trial": _trials, "idea": _ideas, "owner": _owner, "evidence": _evidence,
    }  # fmt: skip
    found = []
    for name, make in makers.items():
        if only and name not in only:
            continue
        cells = [make(result, stage.id, lang) for stage in result.study.journey.stages]
        if name in _ALWAYS or any(cell.entries or cell.flow for cell in cells):
            filled = _filled(result, name, cells, lang)
            found.append((name, Lane(lane_name(name), small.get(name), filled, linked=name == "evidence")))
    return [name for name, _ in found], [lane for _, lane in found]


def spoken(item: Item, lang: str) -> str:
    """Return what an item says as one line of text."""
    value = _value(item.number, lang) if math.isfinite(item.number.estimate) else ""
    text = item.text.say(lang) if item.text else ""
    text = said(mask(text).text, lang) if item.lane == "quote" else text
    return " · ".join(part for part in (text, value) if part) or DASH


def _filled(result: JourneyMapResult, name: str, cells: list[Cell], lang: str) -> tuple[Cell, ...]:
    """Say in empty cells that nothing is known, and tint the stage where the journey breaks."""
    hot = words.broken(result)
    stages = [s.id for s in result.study.journey.stages]
    made = []
    for stage, cell in zip(stages, cells, strict=True):
        empty = not (cell.entries or cell.flow)
        entries = (Entry(quiet=_nothing(name).say(lang)),) if empty else cell.entries
        made.append(Cell(entries, cell.flow, hot=stage == hot and name in _HOT and not empty))
    return tuple(made)


def _nothing(name: str) -> Message:
    if name in ("signals", "trial"):
        return message("– nothing stands out") if name == "signals" else message("– none")
    return (
        message("– not measured")
        if name in (*_REPORTS, "effort", "pain", "theme")
        else message("– nobody has said")
    )


def _own(result: JourneyMapResult, lane: str, stage: str) -> list[Item]:
    return [i for i in result.items if i.lane == lane and i.stage == stage]


def _stage_words(lane: str) -> Callable[[JourneyMapResult, str, str], Cell]:
    def cell(result: JourneyMapResult, stage: str, lang: str) -> Cell:
        text = getattr(result.written.at(stage), lane)
        return Cell((Entry(text=text.say(lang), grade="assumed"),)) if text else Cell()

    return cell


def _notes(lane: str) -> Callable[[JourneyMapResult, str, str], Cell]:
    def cell(result: JourneyMapResult, stage: str, lang: str) -> Cell:
        own = _own(result, lane, stage)
        return Cell(tuple(Entry(text=i.text.say(lang) if i.text else "", grade=i.grade) for i in own))

    return cell


def _quotes(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    """Return what customers said, without what looks personal, and the theme it stands for."""
    entries = []
    for item in _own(result, "quote", stage):
        words = said(mask(item.text.say(lang)).text, lang) if item.text else ""
        entries.append(Entry(text=words, quiet=item.about, quoted=True, grade=item.grade))
    return Cell(tuple(entries))


def _owner(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    owner = result.written.at(stage).owner
    return Cell((Entry(text=result.study.value_label(OWNER, owner).say(lang)),)) if owner else Cell()


def _touchpoints(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    entries = []
    for item in _own(result, "touchpoint", stage):
        share = _value(item.number, lang) if math.isfinite(item.number.estimate) else ""
        label = item.text.say(lang) if item.text else ""
        channel = result.study.channel_label(item.channel).say(lang) if item.channel else ""
        believed: Grade | Literal[""] = "" if item.report or item.source == "study" else item.grade
        entries.append(Entry(text=label, quiet=", ".join(w for w in (channel, share) if w), grade=believed))
    return Cell(tuple(entries))


def _customers(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    entered, rate = result.number("customers", stage), result.number("go_on", stage)
    if not math.isfinite(entered.estimate):
        return Cell((_masked(lang),)) if entered.hidden else Cell()
    entries = [Entry(number=Quantity(entered.estimate).say(lang))]
    if math.isfinite(rate.estimate):
        goal = result.number("goal", stage)
        entries.append(Entry(
            number=Quantity(rate.estimate, "share", 1).say(lang), unit=message("go on").say(lang),
            quiet=_bounds(rate, lang, 1),
        ))  # fmt: skip
        if math.isfinite(goal.estimate):
            entries.append(
                Entry(quiet=message("goal {target}", target=Quantity(goal.estimate, "share")).say(lang))
            )
    elif stage == result.study.journey.stages[-1].id:
        entries.append(Entry(quiet=message("end of the journey").say(lang)))
    return Cell(tuple(entries), _flow(result, stage, lang))


def _flow(result: JourneyMapResult, stage: str, lang: str) -> Flow | None:
    parts = [result.number(name, stage).estimate for name in FLOW]
    if not all(map(math.isfinite, parts)):
        return None
    said = message(
        "Moved on {moved}, still open {open}, timed out {out}",
        moved=Quantity(parts[0], "share"), open=Quantity(parts[1], "share"), out=Quantity(parts[2], "share"),
    )  # fmt: skip
    return Flow(parts[0], parts[1], parts[2], said.say(lang))


def _time(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    number = result.number("median_days", stage)
    if not math.isfinite(number.estimate):
        return Cell((_masked(lang),)) if number.hidden else Cell()
    inferred = any(i.grade == "inferred" for i in _own(result, "time", stage))
    entries = [
        Entry(number=Quantity(number.estimate, "days", bare=True).say(lang), quiet=_bounds(number, lang, 1))
    ]
    if inferred:
        entries.append(Entry(quiet=message("of those who moved on").say(lang), grade="inferred"))
    return Cell(tuple(entries))


def _feeling(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    number = result.number("feeling", stage)
    if not math.isfinite(number.estimate):
        return Cell((_masked(lang),)) if number.hidden else Cell()
    thin = "*" if number.n < result.context.flag_cell else ""
    n = message("n = {n}", n=Quantity(number.n)).say(lang)
    lead = Entry(
        number=Quantity(number.estimate, "score", signed=True).say(lang) + thin, unit=n,
        quiet=interval(number.ci_low, number.ci_high, "score", lang), alert=words.broken(result) == stage,
    )  # fmt: skip
    inferred = next((i for i in _own(result, "feeling", stage) if i.grade == "inferred"), None)
    if inferred is None:
        return Cell((lead,))
    label = result.study.touchpoint(inferred.touchpoint).label if inferred.touchpoint else ""
    only = message("from {touchpoint} alone", touchpoint=label).say(lang)
    return Cell((lead, Entry(quiet=only, grade="inferred")))


def _effort(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    number = result.number("effort", stage)
    if not math.isfinite(number.estimate):
        return Cell((_masked(lang),)) if number.hidden else Cell()
    on = next((i.text.say(lang) for i in _own(result, "effort", stage) if i.text), "")
    value = Quantity(number.estimate, "score").say(lang)
    return Cell((Entry(number=value, unit=on, quiet=_bounds(number, lang, 2)),))


def _pain(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    entries = []
    for item in _own(result, "pain", stage):
        if not item.report:
            entries.append(Entry(text=item.text.say(lang) if item.text else "", grade=item.grade))
            continue
        n = message("n = {n}", n=Quantity(item.number.n)).say(lang)
        bounds = interval(item.number.ci_low, item.number.ci_high, "share", lang, compact=True)
        entries.append(Entry(
            number=_value(item.number, lang), text=item.text.say(lang) if item.text else "",
            quiet=f"{bounds}, {n}",
        ))  # fmt: skip
    return Cell(tuple(entries))


def _themes(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    return Cell(tuple(
        Entry(
            number=_value(i.number, lang), text=i.text.say(lang) if i.text else "", href=quote(i.report),
            quiet=message("n = {n}", n=Quantity(i.number.n)).say(lang),
        )
        for i in _own(result, "theme", stage)
    ))  # fmt: skip


def _signals(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    own = [s for s in result.signals if s.stage == stage][:SIGNALS]
    return Cell(tuple(
        Entry(text=s.words.say(lang), href=quote(s.fact.report), grade="measured") for s in own
    ))  # fmt: skip


def _trials(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    """List the experiments planned for a stage, each with its measured effect there or without one yet."""
    own = [
        e
        for e in result.study.experiments
        if stage in (*e.primary, *e.secondary, *(g.metric for g in e.guardrails))
    ]
    effects = _own(result, "trial", stage)
    entries = []
    for one in own:
        role = _role(stage, one.primary, one.secondary).say(lang)
        found = next((i for i in effects if i.about == one.id), None)
        if found is None:
            words = message("{role}; no result yet", role=role).say(lang)
            entries.append(Entry(text=one.label.say(lang) or one.id, quiet=words))
            continue
        number = found.number
        value = Quantity(number.estimate, number.unit, 1, signed=True).say(lang)
        entries.append(Entry(
            text=one.label.say(lang) or one.id, href=quote(found.report), grade="measured",
            quiet=f"{role}: {value} ({_bounds(number, lang, 1)})",
        ))  # fmt: skip
    return Cell(tuple(entries))


def _role(stage: str, primary: tuple[str, ...], secondary: tuple[str, ...]) -> Message:
    if stage in primary:
        return message("meant to change this stage")
    return message("watched here too") if stage in secondary else message("must not harm this stage")


def _ideas(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    """List ideas, those most likely to be among the first on top; a belief has its ring instead of a bar."""
    own = sorted(_own(result, "idea", stage), key=lambda i: -_known(i.number.estimate))
    return Cell(tuple(_idea(item, lang) for item in own))


def _idea(item: Item, lang: str) -> Entry:
    label = item.text.say(lang) if item.text else ""
    if not math.isfinite(item.number.estimate):
        return Entry(text=label, quiet=message("not ranked").say(lang), grade="assumed")
    chance = Quantity(item.number.estimate, "share").say(lang)
    return Entry(
        text=label, quiet=message("among the first in {share} of draws", share=chance).say(lang),
        share=item.number.estimate, href=quote(item.report),
    )  # fmt: skip


def _known(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _evidence(result: JourneyMapResult, stage: str, lang: str) -> Cell:
    """List the reports behind a stage, each with its best grade and a link."""
    best: dict[str, tuple[str, str]] = {}
    for item in result.items:
        if item.stage == stage and item.report and best.get(item.source, ("inferred", ""))[0] != "measured":
            best[item.source] = (item.grade, item.report)
    entries = []
    for stem, (grade, report) in best.items():
        mark: Grade = "measured" if grade == "measured" else "inferred"
        entries.append(Entry(text=report_name(stem).say(lang), grade=mark, href=quote(report)))
    return Cell(tuple(entries))


def _value(number: Number, lang: str) -> str:
    return Quantity(number.estimate, number.unit).say(lang)


def _bounds(number: Number, lang: str, decimals: int) -> str:
    if not (math.isfinite(number.ci_low) and math.isfinite(number.ci_high)):
        return message("no interval").say(lang)
    return interval(number.ci_low, number.ci_high, number.unit, lang, decimals=decimals, compact=True)


def _masked(lang: str) -> Entry:
    return Entry(quiet=message("masked").say(lang))
