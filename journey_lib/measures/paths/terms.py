"""What the report on paths calls things: units, spans of time, ends, marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.present.wording import Message, Quantity, Says, message, plural
from journey_lib.study.durations import UNITS

if TYPE_CHECKING:
    from journey_lib.measures.paths.count import Walked
    from journey_lib.measures.paths.drivers import Drivers
    from journey_lib.measures.paths.result import PathsResult


@dataclass(frozen=True)
class Span:
    """A length of time, written out only when the language is known.

    Examples
    --------
    >>> Span(1_800_000_000).say("en"), Span(30 * 86_400_000_000).say("ko")
    ('30 minutes', '30일')
    """

    length: int

    def say(self, lang: str) -> str:
        """Return the length in its largest whole unit, days rather than weeks."""
        unit = next(name for name in ("day", "hour", "minute", "second") if not self.length % UNITS[name])
        n = Quantity(self.length // UNITS[unit])
        words = {
            "day": plural("{n} day", "{n} days", n=n),
            "hour": plural("{n} hour", "{n} hours", n=n),
            "minute": plural("{n} minute", "{n} minutes", n=n),
            "second": plural("{n} second", "{n} seconds", n=n),
        }
        return words[unit].say(lang)


def unit_words(walked: Walked) -> Message:
    """Return what one path is."""
    if walked.plan.gap:
        return message(
            "One session: a pause longer than {gap} starts a new one, midnight does not",
            gap=Span(walked.plan.gap),
        )
    return message("All steps of one customer in the window")


def repeat_words(collapse: str) -> Message:
    """Return where repeats count as one step."""
    words = {
        "": message("Counted one by one in transitions; one step in figures, steps and whole paths"),
        "all": message("Repeats that follow each other are one step everywhere"),
        "none": message("Counted one by one everywhere"),
    }
    return words[collapse]


def mark(result: PathsResult, option: str, comparison: str) -> Message:
    """Return what a mark of the drivers is."""
    if option == result.by and comparison not in ("once", "twice"):
        return message(
            "{column}: {value}",
            column=result.study.column_label(option),
            value=result.study.level(option, comparison),
        )
    if comparison == "twice":
        return message("{event}, at least twice", event=result.study.event_label(option))
    return message("{event}, at least once", event=result.study.event_label(option))


def outcome(result: PathsResult) -> Message:
    """Return the outcome of the drivers as a noun."""
    drivers = result.drivers
    if not drivers.outcome:
        return message("falling silent for {span}", span=Span(drivers.window))
    return message("{event} within {span}", event=named(result, drivers.outcome), span=Span(drivers.window))


def entry(result: PathsResult) -> Says:
    """Return what starts the clock of the drivers."""
    name = result.drivers.entry
    return named(result, name) if name else message("the first event")


def named(result: PathsResult, name: str) -> Says:
    """Return the words of a stage, touchpoint or event."""
    known: dict[str, Says] = {stage.id: stage.label for stage in result.study.journey.stages}
    known |= {p.id: p.label for p in result.study.journey.touchpoints if p.id not in known}
    return known.get(name) or result.study.event_label(name)


def confidence(result: PathsResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.walked.level, "share")


def of_drivers(drivers: Drivers) -> Message:
    """Return how many were at risk and how many had the outcome, as a base line."""
    return message(
        "n = {n} at risk, {cases} with the outcome; association, not effect",
        n=Quantity(drivers.at_risk), cases=Quantity(drivers.marked.numbers["cases"]),
    )  # fmt: skip
