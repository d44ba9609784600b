"""What the map rests on, and what could be wrong with laying these reports side by side."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from journey_lib.present.result import Basis, Check
from journey_lib.present.wording import Message, Names, Quantity, WaveName, day, message, plural
from journey_lib.study.published.context import named_reports, reports_of

if TYPE_CHECKING:
    from journey_lib.measures.journey_map.lanes import Item
    from journey_lib.study.definition import Study
    from journey_lib.study.map_notes import MapNotes
    from journey_lib.study.published.evidence import Evidence

OLD = 31  # days between the oldest and the newest report that ask for a word
LANES = ("touchpoint", "go_on", "time", "feeling", "pain")  # what a complete map measures at a stage


def basis(study: Study, evidence: Evidence, notes: MapNotes, items: list[Item], wave: str) -> Basis:
    """Return who is counted in which lane, and from which reports."""
    n = max((i.number.n for i in items if i.lane == "entered" and math.isfinite(i.number.n)), default=0)
    answered = [i.number.n for i in items if i.lane == "feeling" and math.isfinite(i.number.n)]
    lines: list[tuple[Message, Message]] = []
    if notes.map.scope:
        lines.append((message("Scope"), message("{words}", words=notes.map.scope)))
    if notes.map.goal:
        lines.append((message("What customers want"), message("{words}", words=notes.map.goal)))
    lines.append((message("Behaviour"), message("{n} customers in the event log", n=Quantity(n))))
    if answered:
        lines.append((message("Feeling"), _asked(answered, wave)))
    lines.append(
        (message("Built from"), message("{reports}", reports=Names(named_reports(evidence), limit=12)))
    )
    written = len(notes.notes) + len(notes.stages)
    words = plural("{n} note, version {version}", "{n} notes, version {version}", n=Quantity(written),
                   version=notes.map.version)  # fmt: skip
    lines.append((message("Written by people"), words if written else message("nothing yet (map.toml)")))
    lines.append((message("Evidence"), message(
        "Measured: counted for this cell. Inferred: counted for something near it. Assumed: somebody wrote "
        "it."
    )))  # fmt: skip
    del study
    return Basis(tuple(lines), int(n), math.nan, None, message("All customers"))


def _asked(answered: list[float], wave: str) -> Message:
    low, high = Quantity(min(answered)), Quantity(max(answered))
    if wave:
        return message(
            "{low} to {high} answers a stage, {wave}, weighted", low=low, high=high, wave=WaveName(wave)
        )
    return message("{low} to {high} answers a stage, weighted", low=low, high=high)


def checks(study: Study, evidence: Evidence, items: list[Item]) -> tuple[Check, ...]:
    """Return the checks of the map."""
    return (
        _coverage(study, items), _thin(study, items), _age(evidence), _same_study(study, evidence),
        _bases(items), _skipped(evidence),
    )  # fmt: skip


def notes() -> dict[str, Message]:
    """Return the sentence of each reason code."""
    return {
        "not_measured": message("No report of this study measures it."),
        "masked": message("Too few people to show."),
        "withheld": message("Hidden, because it would give a small group away."),
        "too_few_followed": message("Too few customers were followed that long."),
        "not_reached": message("Fewer than half moved on in the time observed."),
        "nobody_waits": message("Nobody was there."),
    }


def _coverage(study: Study, items: list[Item]) -> Check:
    stages = [s.id for s in study.journey.stages]
    known = {(i.stage, i.lane) for i in items if i.grade != "assumed" and _says(i)}
    wanted = [(s, lane) for s in stages for lane in LANES if not (lane == "go_on" and s == stages[-1])]
    have = sum(cell in known for cell in wanted)
    blank = [study.stage(s).label for s in stages if not any((s, lane) in known for lane in LANES)]
    values = {"have": Quantity(have), "wanted": Quantity(len(wanted))}
    title = message("How much of the map is evidence")
    if blank:
        text = message(
            "{have} of {wanted} cells rest on data; nothing is measured at {stages}. Empty cells are "
            "unknown, not "
            "zero.", **values, stages=Names(tuple(blank)),
        )  # fmt: skip
        return Check("coverage", "watch", title, text)
    text = message("{have} of {wanted} cells rest on data. Empty cells are unknown, not zero.", **values)
    return Check("coverage", "passed" if have > 0.8 * len(wanted) else "watch", title, text)


def _says(item: Item) -> bool:
    return (
        item.lane not in LANES
        or math.isfinite(item.number.estimate)
        or item.number.note in ("masked", "withheld")
    )


def _thin(study: Study, items: list[Item]) -> Check:
    flag = study.thresholds.flag_cell
    few = dict.fromkeys(i.stage for i in items if i.lane in ("feeling", "go_on") and i.number.n < flag)
    title = message("Thin stages")
    if few:
        names = Names(tuple(study.stage(s).label for s in few))
        text = message("Fewer than {flag} people stand behind numbers at {stages}.", flag=flag, stages=names)
        return Check("thin_cells", "watch", title, text)
    text = message("Every stage that is measured has at least {flag} people behind its numbers.", flag=flag)
    return Check("thin_cells", "passed", title, text)


def _age(evidence: Evidence) -> Check:
    import datetime as dt

    days = sorted(dt.date.fromisoformat(as_of) for _, as_of in reports_of(evidence) if as_of)
    title = message("Reports of one time")
    if not days:
        return Check(
            "age", "not_assessable", title, message("The reports do not say for which day they speak.")
        )
    apart = (days[-1] - days[0]).days
    values = {"days": Quantity(apart), "oldest": _Day(days[0]), "newest": _Day(days[-1])}
    if apart > OLD:
        text = message(
            "The oldest report speaks for {oldest}, the newest for {newest}: {days} days apart. Run all "
            "reports "
            "again before comparing lanes.", **values,
        )  # fmt: skip
        return Check("age", "watch", title, text)
    return Check(
        "age", "passed", title, message("All reports speak for days at most {days} days apart.", **values)
    )


class _Day:
    """A date that is written when the language is known."""

    def __init__(self, value: object) -> None:
        self.value = value

    def say(self, lang: str) -> str:
        """Return the date in words."""
        return day(self.value, lang)


def _same_study(study: Study, evidence: Evidence) -> Check:
    own = study.fingerprint  # worked out anew at every call
    others = sorted({f.report for facts in evidence.base.values() for f in facts if f.fingerprint != own})
    title = message("One definition of the study")
    if others:
        text = message(
            "The study file has changed since these reports were made: {reports}. Run them again.",
            reports=Names(tuple(others)),
        )  # fmt: skip
        return Check("definition", "watch", title, text)
    return Check(
        "definition", "passed", title, message("All reports were made with the study file as it is now.")
    )


def _bases(items: list[Item]) -> Check:
    """Say that lanes count different people: the commonest way to misread a map."""
    title = message("Who is counted in which lane")
    counts = Counter(i.lane for i in items)
    if counts["feeling"] and counts["entered"]:
        text = message(
            "Customers come from the event log, feeling from people who answered. The two lanes stand side "
            "by side; "
            "no line of this map says that the same person did one and felt the other."
        )
        return Check("bases", "watch", title, text)
    return Check("bases", "not_assessable", title, message("Only one kind of data is on this map."))


def _skipped(evidence: Evidence) -> Check:
    skipped = evidence.rows.attrs.get("skipped", [])
    title = message("Readable ledger")
    if skipped:
        text = message("These parts of the ledger could not be read: {parts}.", parts=Names(tuple(skipped)))
        return Check("ledger", "failed", title, text)
    return Check("ledger", "passed", title, message("Every part of the ledger could be read."))
