"""What the retention page calls things: cohorts, periods, events, groups."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journey_lib.measures.retention.plan import UNKNOWN
from journey_lib.present.wording import Inside, Message, Names, Quantity, Says, day, message, wave_name

if TYPE_CHECKING:
    from journey_lib.measures.retention.plan import Choice, Plan
    from journey_lib.measures.retention.result import RetentionResult
    from journey_lib.study.definition import Study


@dataclass(frozen=True)
class CohortName:
    """A cohort, named only when the language is known.

    Examples
    --------
    >>> CohortName("2025-01").say("en"), CohortName("2025-01-06").say("ko")
    ('Jan 2025', '2025년 1월 6일')
    """

    name: str

    def say(self, lang: str) -> str:
        """Return the month, or the day the cohort begins."""
        if len(self.name) == len("2025-01"):
            return wave_name(self.name, lang)
        return day(dt.date.fromisoformat(self.name), lang)


def first(study: Study, plan: Plan) -> Message:
    """Return the event that makes somebody a member."""
    if not plan.entry.events:
        return message("first event")
    return message("first {event}", event=named(study, plan.entry))


def named(study: Study, choice: Choice) -> Says:
    """Return events by the label of the stage they enter, where they are all of it, else by their names."""
    if choice.whole:
        return Inside(study.stage(choice.stage).label)
    return Names(tuple(plain(event) for event in choice.events))


def returning(plan: Plan) -> Message:
    """Return what counts as coming back."""
    if not plan.back.events:
        return message("any event")
    return message("{events}", events=Names(tuple(plain(event) for event in plan.back.events), limit=6))


def plain(name: str) -> str:
    """Return an event as words."""
    return name.replace("_", " ")


def dashed(option: str) -> str:
    """Return a period or a bracket as it is written.

    Examples
    --------
    >>> dashed("1-3")
    '1–3'
    """
    return option.replace("-", "–")


def period(plan: Plan, option: str) -> Message:
    """Return a period by its unit and number."""
    k = dashed(option)
    if "-" in option:
        return {
            "day": message("days {k}", k=k), "week": message("weeks {k}", k=k),
            "month": message("months {k}", k=k),
        }[plan.asked.unit]  # fmt: skip
    return {
        "day": message("day {k}", k=k), "week": message("week {k}", k=k), "month": message("month {k}", k=k),
    }[plan.asked.unit]  # fmt: skip


def when(plan: Plan, option: str) -> Message:
    """Return in which period somebody came back."""
    name = period(plan, option)
    daily = plan.asked.unit == "day" and "-" not in option
    if plan.asked.mode == "on_or_after":
        return (
            message("on {period} or later", period=name)
            if daily
            else message("in {period} or later", period=name)
        )
    return message("on {period}", period=name) if daily else message("in {period}", period=name)


def since(study: Study, plan: Plan) -> Message:
    """Return what the periods count."""
    entry = first(study, plan)
    if plan.kernel.block:
        return {
            "day": message("Days of 24 hours since the {first}", first=entry),
            "week": message("Weeks of 7 days since the {first}", first=entry),
            "month": message("Months of 30 days since the {first}", first=entry),
        }[plan.asked.unit]
    return {
        "day": message("Calendar days since the {first}", first=entry),
        "week": message("Calendar weeks since the {first}", first=entry),
        "month": message("Calendar months since the {first}", first=entry),
    }[plan.asked.unit]


def units(unit: str, n: int) -> Message:
    """Return a number of cohorts by their unit."""
    return {
        "day": message("{n} days", n=Quantity(n)), "week": message("{n} weeks", n=Quantity(n)),
        "month": message("{n} months", n=Quantity(n)),
    }[unit]  # fmt: skip


def group(study: Study, by: str, name: str) -> Says | str:
    """Return what a reader calls a group."""
    return message("Unknown") if name == UNKNOWN else study.level(by, name)


def reading(name: str) -> Message:
    """Return what another way to read the question is called."""
    return {
        "asked": message("As asked"),
        "any": message("Any event counts as coming back"),
        "again": message("Only the entry event counts as coming back"),
        "rolling": message("Periods from each customer's own entry"),
        "calendar": message("Periods of the calendar"),
    }[name]


def confidence(result: RetentionResult) -> Quantity:
    """Return the confidence level of the intervals."""
    return Quantity(result.counted.plan.asked.level, "share")


@dataclass(frozen=True)
class Sentence:
    """Words at the beginning of an English sentence.

    Examples
    --------
    >>> Sentence(message("any event")).say("en")
    'Any event'
    """

    words: Says

    def say(self, lang: str) -> str:
        """Return the words with a capital."""
        text = self.words.say(lang)
        return text[:1].upper() + text[1:]
