"""Who is counted in the touchpoint report, and what could be wrong with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.touchpoints import terms
from journey_lib.measures.touchpoints.plan import PAUSE
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.study.durations import length, microseconds
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks, customers

if TYPE_CHECKING:
    from journey_lib.measures.touchpoints.asked import Asked
    from journey_lib.measures.touchpoints.count import Counted

MANY_UNMAPPED, MANY_OPEN, MANY_UNLOGGED, FEW_JOINED = 0.2, 0.3, 0.2, 0.5  # shares from which to watch


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "not_measured": message("The study names no event of this touchpoint, so it is not measured."),
        "not_in_log": message("The log holds none of the events of this touchpoint, so it is not measured."),
        "no_entry": message("No event of the log enters this stage."),
        "last_stage": message("Nobody can move on from the last stage."),
        "no_channel": message("No event has a channel."),
        "no_question": message("The survey asks nothing about this touchpoint."),
        "no_answers": message("Nobody in this cell answered the question."),
        "few_answers": message("Too few independent answers to say how uncertain the number is."),
        "small_side": message("One side of the comparison has too few answers to show the other."),
        "nobody": message("No customer was observed here."),
        "too_few": message("A single customer does not say how uncertain the number is."),
        "no_spread": message("All customers have the same number, or too few to say how uncertain it is."),
    }


def basis(counted: Counted, asked: Asked) -> Basis:
    """Return who is counted, what a contact, a visit and a step are, and by which method."""
    plan, level = counted.plan, Quantity(counted.level, "share")
    visit = message(
        "Events of one channel without a pause over {pause}; {source}",
        pause=length(microseconds(PAUSE)), source=_source(counted),
    )  # fmt: skip
    lines = [
        *basis_lines(plan.study, plan.observed),
        (message("Contact"), message("An event that the study gives to a touchpoint")),
        (message("Visit"), visit),
        (message("Stage"), message("The furthest stage entered so far; a step back does not end it")),
        (
            message("Intervals"),
            message(
                "{level}; Wilson for shares, linearised over customers for means and ratios, order "
                "statistics for medians",
                level=level,
            ),
        ),
    ]
    if asked.questions:
        words = message("The survey's weighted share of the top two levels, its design and weights")
        lines.append((message("Satisfaction"), words))
    return Basis(tuple(lines), customers(plan.observed), math.nan, whom=EVERYBODY)


def checks(counted: Counted, asked: Asked) -> tuple[Check, ...]:
    """Return what may be wrong: the map's coverage, silent touchpoints, open stages, channels, the join."""
    found = (
        _coverage(counted), _silent(counted), _open(counted), _thin(counted), _channels(counted),
        _joined(asked), *common_checks(counted.plan.study, counted.plan.observed),
    )  # fmt: skip
    return tuple(check for check in found if check)


def unmapped(counted: Counted) -> float:
    """Return the share of events that belong to no touchpoint."""
    events = counted.contacts["events"]
    outside = np.array(counted.plan.place) < 0
    return float(events[outside].sum() / events.sum()) if events.sum() else 0.0


def _source(counted: Counted) -> Message:
    if counted.plan.logged:
        return message("the channel logged with the event")
    return message("the channel the study declares for the touchpoint")


def _coverage(counted: Counted) -> Check:
    """List the events that no touchpoint uses."""
    plan, events = counted.plan, counted.contacts["events"]
    outside = np.flatnonzero((np.array(plan.place) < 0) & (events > 0))
    outside = outside[np.argsort(-events[outside], kind="stable")]
    enters = np.array(plan.entered)[outside] >= 0
    names = [plan.observed.names[at] for at in outside]
    called = Names(tuple(map(plan.study.event_label, names)), limit=5)
    total = max(int(events.sum()), 1)
    table = pd.DataFrame(
        {"event": names, "events": events[outside], "share": events[outside] / total, "enters_stage": enters}
    )
    share = unmapped(counted)
    if not names:
        words = message("Every event of the log belongs to a touchpoint of the study.")
        return Check("coverage", "passed", message("The map covers the log"), words, table)
    text = plural(
        "{share} of all events belong to no touchpoint; {n} name: {names}. What happens there is in no "
        "number of a touchpoint.",
        "{share} of all events belong to no touchpoint; {n} names, most often {names}. What happens there is "
        "in no number of a touchpoint.",
        n=Quantity(len(names)), share=Quantity(share, "share", 1), names=called,
    )  # fmt: skip
    status: Status = "watch" if share > MANY_UNMAPPED else "passed"
    title = (
        message("The map leaves out much of the log")
        if status == "watch"
        else message("The map covers most of the log")
    )
    return Check("coverage", status, title, text, table)


def _silent(counted: Counted) -> Check:
    """List touchpoints nothing is known of, and events of the study that never occur."""
    plan = counted.plan
    quiet = [point for point, why in zip(plan.points, counted.gone, strict=True) if why]
    absent = [name for point in plan.points for name in point.events if name not in plan.observed.names]
    table = pd.DataFrame(
        {"touchpoint": [p.id for p in quiet], "reason": [why for why in counted.gone if why]}
    )
    if not quiet and not absent:
        words = message("Every touchpoint has events, and the log holds all of them.")
        return Check("silent_touchpoints", "passed", message("Every touchpoint is measured"), words, table)
    labels = Names(tuple(terms.labelled(point) for point in quiet), limit=5)
    parts = []
    if quiet:
        parts.append(
            plural(
                "{n} touchpoint is not measured: {names}.",
                "{n} touchpoints are not measured: {names}.",
                n=Quantity(len(quiet)),
                names=labels,
            )
        )
    if absent:
        parts.append(
            plural(
                "{n} event of the study never occurs: {names}.",
                "{n} events of the study never occur: {names}.",
                n=Quantity(len(absent)),
                names=Names(tuple(absent), limit=5),
            )
        )
    text = parts[0] if len(parts) == 1 else message("{a} {b}", a=parts[0], b=parts[1])
    title = message("Some touchpoints are not measured") if quiet else message("Some events never occur")
    return Check("silent_touchpoints", "watch", title, text, table)


def _open(counted: Counted) -> Check | None:
    """Say how many had not moved on when the window closed: steps and days are of the others only."""
    entered = counted.contacts["entered"].sum(axis=-1)[:-1].astype(float)
    moved = counted.contacts["moved"].sum(axis=-1)[:-1]
    if not entered.any():
        return None
    with np.errstate(invalid="ignore"):
        share = 1 - moved / np.where(entered > 0, entered, np.nan)
    worst = int(np.nanargmax(share))
    stages = counted.plan.study.journey.stages
    text = message(
        "Steps and days speak for those who moved on. At {stage}, {share} of those who entered had not by "
        "the end of the window; who is slow is missing, so the days are too short. The report on time in "
        "stage takes them into account.",
        stage=stages[worst].label, share=Quantity(float(share[worst]), "share"),
    )  # fmt: skip
    status: Status = "watch" if share[worst] > MANY_OPEN else "passed"
    title = message("Many had not moved on yet") if status == "watch" else message("Most have moved on")
    table = pd.DataFrame({"stage": counted.stages[:-1], "entered": entered, "moved_on": moved, "open": share})
    return Check("open_stages", status, title, text, table)


def _thin(counted: Counted) -> Check:
    reached = counted.contacts["contacts_n"].sum(axis=-1)
    flag = counted.plan.study.thresholds.flag_cell
    thin = (reached > 0) & (reached < flag)
    table = pd.DataFrame({"touchpoint": counted.names[thin], "customers_reached": reached[thin]})
    if not thin.any():
        words = message(
            "Every touchpoint that was measured reached at least {n} customers.", n=Quantity(flag)
        )
        return Check("thin_touchpoints", "passed", message("No touchpoint is thin"), words, table)
    points = [point for point, few in zip(counted.plan.points, thin, strict=True) if few]
    text = message(
        "Fewer than {n} customers were reached at {names}; their numbers are marked or masked.",
        n=Quantity(flag), names=Names(tuple(map(terms.labelled, points)), limit=5),
    )  # fmt: skip
    return Check("thin_touchpoints", "watch", message("Some touchpoints are thin"), text, table)


def _channels(counted: Counted) -> Check:
    """Say how many events have a channel: visits and moves are made of these alone."""
    events, known = (int(n) for n in counted.visits["events"])
    if not known:
        words = message("Neither the log nor the study names channels, so visits and moves are unknown.")
        return Check("channels", "not_assessable", message("Channels are unknown"), words)
    without = 1 - known / events
    text = message(
        "{share} of all events have no channel and are in no visit. Set `channels` to {other} to see the "
        "other reading.",
        share=Quantity(without, "share", 1),
        other="declared" if counted.plan.logged else "logged",
    )  # fmt: skip
    status: Status = "watch" if without > MANY_UNLOGGED else "passed"
    title = (
        message("Many events have no channel") if status == "watch" else message("Most events have a channel")
    )
    return Check("channels", status, title, text)


def _joined(asked: Asked) -> Check | None:
    """Say how many answers could be set beside the log."""
    if not asked.questions:
        return None
    if math.isnan(asked.joined):
        words = message(
            "The answers carry no customer of the log, so satisfaction stands beside behaviour only."
        )
        return Check("joined_answers", "not_assessable", message("Answers and log are not joined"), words)
    text = message(
        "{share} of the answers belong to a customer of the log. Contacts are of the whole window, also "
        "after the answer.",
        share=Quantity(asked.joined, "share"),
    )
    status: Status = "watch" if asked.joined < FEW_JOINED else "passed"
    title = (
        message("Few answers meet the log") if status == "watch" else message("Answers and log are joined")
    )
    return Check("joined_answers", status, title, text)
