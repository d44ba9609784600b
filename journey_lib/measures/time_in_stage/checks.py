"""Who is counted in the report on time in stages, and what could be wrong with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.time_in_stage import terms
from journey_lib.measures.time_in_stage.count import LONG
from journey_lib.measures.time_in_stage.plan import SECONDS
from journey_lib.measures.time_in_stage.stays import CAUSES, FEWEST, Stay
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Quantity, message
from journey_lib.stats.kernels.spells import NEXT, cells
from journey_lib.stats.survival import Incidence, risk_table
from journey_lib.study.durations import length
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks, customers

if TYPE_CHECKING:
    from journey_lib.measures.time_in_stage.count import Counted
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

MANY_OPEN, MANY_UNSEEN, MANY_INSTANT, MANY_LONG, MANY_LATE = 0.5, 0.1, 0.05, 0.25, 0.2  # watch from here


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "no_spells": message("Nobody was in this stage."),
        "not_reached": message(
            "Fewer than this part of those who entered moved on while they were followed."
        ),
        "unbounded": message("The upper limit was not reached while customers were followed."),
        "too_few_followed": message("Fewer than 10 were still followed this long."),
        "nobody_moved": message("Nobody was seen to move on while at least 10 were followed."),
        "nobody_waits": message("Nobody is in this stage now."),
        "not_estimable": message("The groups share too few moves to be compared."),
    }


def basis(study: Study, observed: Observed, counted: Counted) -> Basis:
    """Return who is counted, what a spell is and what ends it, and by which method."""
    plan = counted.plan
    lines = [
        *basis_lines(study, observed),
        (message("Spell"), _spell(counted)),
        (message("Ends"), _ends(counted)),
        (message("Horizon"), _horizon(counted)),
        (message("Intervals"), _method(counted)),
    ]
    if plan.by:
        lines.append((message("Groups"), _grouping(study, counted)))
    return Basis(tuple(lines), customers(observed), math.nan, whom=EVERYBODY)


def checks(study: Study, observed: Observed, counted: Counted) -> tuple[Check, ...]:
    """Return what may be wrong: open spells, unseen beginnings, thin ends, ties, long waits, repeats."""
    found = (
        _open(study, counted), _unseen(study, counted), _thin(study, counted),
        _instant(counted), _long(study, counted), _late(counted), _repeats(counted),
        *common_checks(study, observed),
    )  # fmt: skip
    return tuple(check for check in found if check)


def _spell(counted: Counted) -> Message:
    spells = Quantity(counted.spells.spells)
    if counted.plan.repeats:
        return message(
            "From the event that enters a stage to the next event that enters another one; a stage can come "
            "again. {n} spells.",
            n=spells,
        )
    return message(
        "From the event that enters a stage for the first time to the event that enters a further one; steps "
        "back do not end it. {n} spells.",
        n=spells,
    )


def _ends(counted: Counted) -> Message:
    if not counted.plan.silence:
        return message(
            "By moving to the next stage or by skipping ahead; nobody counts as gone, and who was last seen "
            "waiting still waits."
        ) if not counted.plan.repeats else message(
            "By moving to the next stage or to any other one; nobody counts as gone, and who was last seen "
            "waiting still waits."
        )  # fmt: skip
    return message(
        "By moving to the next stage, to another one, or by {pause} without any event, dated at the last "
        "event. Therefore everything is observed only until {pause} before the end of the window.",
        pause=length(counted.plan.silence),
    )


def _horizon(counted: Counted) -> Message:
    if math.isfinite(counted.plan.horizon):
        return message(
            "{days}, or as long as at least {n} were followed in every group of a stage",
            days=Quantity(counted.plan.horizon, "days", terms.places(counted.plan.horizon)),
            n=Quantity(FEWEST),
        )
    return message("As long as at least {n} were followed in every group of a stage", n=Quantity(FEWEST))


def _method(counted: Counted) -> Message:
    level = Quantity(counted.plan.level, "share")
    if counted.plan.repeats and counted.spells.rows is not None:
        return message(
            "{level}; Aalen–Johansen and Kaplan–Meier with log–log limits; the spells of a customer are one "
            "cluster",
            level=level,
        )
    return message(
        "{level}; Aalen–Johansen and Kaplan–Meier with log–log limits; exits of one moment go together",
        level=level,
    )


def _grouping(study: Study, counted: Counted) -> Message:
    by = study.column_label(counted.plan.by)
    if counted.plan.kernel.where == "people":
        return message("{by}, as the customers table says", by=by)
    return message("{by}, as the event says that enters the stage", by=by)


def _totals(counted: Counted) -> dict[int, Stay]:
    return {place: stay for (place, group), stay in counted.stays.items() if not group and stay.spells}


def _open(study: Study, counted: Counted) -> Check | None:
    """Say how much of the curves rests on people whose end was not seen."""
    stays = {place: stay for place, stay in _totals(counted).items() if place + 1 < len(counted.stages)}
    if not stays:
        words = message("No event of the log enters a stage, so nothing can be said about time.")
        return Check("open_spells", "failed", message("There are no spells"), words)
    shares = {place: float(stay.table.censored.sum()) / stay.spells for place, stay in stays.items()}
    worst = max(shares, key=lambda place: shares[place])
    status: Status = "watch" if shares[worst] > MANY_OPEN else "passed"
    title = (
        message("Many spells had not ended at the last look")
        if status == "watch"
        else message("Most spells had ended at the last look")
    )
    text = message(
        "Most at {stage}: {share} of {n} spells were still open. Their time counts up to the last look; how "
        "much longer they take is not known.",
        stage=study.journey.stages[worst].label, share=Quantity(shares[worst], "share"),
        n=Quantity(stays[worst].spells),
    )  # fmt: skip
    table = pd.DataFrame(
        {"stage": [counted.stages[p] for p in shares], "spells": [stays[p].spells for p in shares],
         "open": list(shares.values())}
    )  # fmt: skip
    return Check("open_spells", status, title, text, table)


def _unseen(study: Study, counted: Counted) -> Check | None:
    """Compare with spells whose beginning was seen: customers met mid-journey may have been there before."""
    table = cells(counted.spells.ended)
    total, unseen = int(table.count.sum()), int(table.count[~table.seen].sum())
    if not total:
        return None
    share, before = unseen / total, counted.spells.before
    status: Status = "watch" if share > MANY_UNSEEN or before else "passed"
    title = (
        message("Some spells may have begun before they were seen")
        if status == "watch"
        else message("Nearly every spell was seen from its beginning")
    )
    moved = _moved_by_unseen(counted)
    words = message(
        "{share} of all spells are the first thing known of a customer, and not in the first stage: they "
        "count from the first event seen. Spells that began before the window and are left out: {before}.",
        share=Quantity(share, "share", 1), before=Quantity(before),
    )  # fmt: skip
    if moved is None or terms.days(moved[1]).say("en") == terms.days(moved[2]).say("en"):
        return Check("left_truncation", status, title, words)
    place, every, kept = moved
    text = message(
        "{words} Without them half of the movers at {stage} took {kept} instead of {every}.",
        words=words, stage=study.journey.stages[place].label, kept=terms.days(kept), every=terms.days(every),
    )  # fmt: skip
    return Check("left_truncation", status, title, text)


def _moved_by_unseen(counted: Counted) -> tuple[int, float, float] | None:
    """Return the stage whose movers' median changes most without unseen beginnings, with both medians."""
    table, found = cells(counted.spells.ended), []
    for place, stay in _totals(counted).items():
        here = (table.stage == place) & table.seen
        if place + 1 == len(counted.stages) or not here.any() or table.seen[table.stage == place].all():
            continue
        days = table.seconds[here] / SECONDS
        known = Incidence(risk_table(days, table.cause[here], count=table.count[here], causes=CAUSES))
        kept = Stay(known, stay.customers, stay.level, None, stay.waiting, stay.waiters).typical_days()
        every = stay.typical_days()
        if math.isfinite(kept) and every > 0:
            found.append((abs(math.log(max(kept, 1e-9) / every)), place, every, kept))
    return max(found)[1:] if found else None


def _thin(study: Study, counted: Counted) -> Check | None:
    """List stages and groups that fewer than ten were followed in to the planned horizon."""
    plan = counted.plan.horizon
    short = {
        key: stay.followed
        for key, stay in counted.stays.items()
        if stay.spells and key[0] + 1 < len(counted.stages) and not stay.followed >= _wanted(plan)
    }
    if not short:
        words = message("At least {n} were followed to the horizon in every stage.", n=Quantity(FEWEST))
        return Check("thin_risk_sets", "passed", message("Curves end where enough are followed"), words)
    worst = min(short, key=lambda key: np.nan_to_num(short[key], nan=-1.0))
    stage = study.journey.stages[worst[0]].label
    group = terms.level(study, counted.plan.by, worst[1])
    name = message("{stage}, {group}", stage=stage, group=group) if worst[1] else stage
    text = message(
        "In {n} curves fewer than {least} were still followed at the horizon, first at {name}, after {days}. "
        "Curves and shares are not read beyond that.",
        n=Quantity(len(short)), least=Quantity(FEWEST), name=name, days=terms.days(short[worst]),
    )  # fmt: skip
    rows = [(counted.stages[place], group, followed) for (place, group), followed in short.items()]
    table = pd.DataFrame(rows, columns=["stage", "group", "followed_days"])
    return Check("thin_risk_sets", "watch", message("Some curves end early"), text, table)


def _wanted(horizon: float) -> float:
    return horizon if math.isfinite(horizon) else 1.0


def _instant(counted: Counted) -> Check | None:
    """Say how many moves take no time at all: their order is a rule, and their stage hardly a stage."""
    table = cells(counted.spells.ended)
    moved = table.cause == NEXT
    total = int(table.count[moved].sum())
    if not total:
        return None
    instant = int(table.count[moved & (table.seconds == 0)].sum())
    share = instant / total
    status: Status = "watch" if share > MANY_INSTANT else "passed"
    title = (
        message("Many moves take no time")
        if status == "watch"
        else message("Few moves take no time")
    )  # fmt: skip
    text = message(
        "{share} of {n} moves to the next stage happened within the same second. They count as 0 days.",
        share=Quantity(share, "share", 1), n=Quantity(total),
    )  # fmt: skip
    return Check("instant_moves", status, title, text)


def _long(study: Study, counted: Counted) -> Check | None:
    """Say where those still waiting have waited longer than nearly all who moved on."""
    found = {}
    for place, stay in _totals(counted).items():
        limit = stay.typical_days(LONG)
        share = stay.waiting_longer(limit) if math.isfinite(limit) else math.nan
        if math.isfinite(share) and int(stay.waiters.sum()) >= study.thresholds.flag_cell:
            found[place] = (share, limit, int(stay.waiters.sum()))
    if not found:
        return None
    worst = max(found, key=lambda place: found[place][0])
    share, limit, n = found[worst]
    status: Status = "watch" if share > MANY_LONG else "passed"
    title = (
        message("Many wait longer than those who moved on ever did")
        if status == "watch"
        else message("Few wait unusually long")
    )
    text = message(
        "Most at {stage}: {share} of the {n} customers there now have waited more than {days}, longer than "
        "19 of 20 who moved on.",
        stage=study.journey.stages[worst].label, share=Quantity(share, "share"), n=Quantity(n),
        days=terms.days(limit),
    )  # fmt: skip
    if not counted.plan.silence:
        text = message(
            "{words} Many of them may have left without a word; set `churn` to count silence as leaving.",
            words=text,
        )
    rows = [(counted.stages[place], *values) for place, values in found.items()]
    table = pd.DataFrame(rows, columns=["stage", "longer", "limit_days", "customers"])
    return Check("long_waits", status, title, text, table)


def _late(counted: Counted) -> Check | None:
    """Say what the wait for silence costs: the last stretch of the window cannot be used."""
    if not counted.plan.silence:
        return None
    late = counted.spells.too_late
    share = late / max(late + counted.spells.spells, 1)
    status: Status = "watch" if share > MANY_LATE else "passed"
    title = message("Silence needs time to be seen")
    text = message(
        "{n} spells ({share}) began less than {pause} before the end and are left out: whether silence "
        "follows them cannot be known yet.",
        n=Quantity(late), share=Quantity(share, "share", 1), pause=length(counted.plan.silence),
    )  # fmt: skip
    return Check("late_spells", status, title, text)


def _repeats(counted: Counted) -> Check | None:
    """Say how often customers come again, and whether the errors know it."""
    if not counted.plan.repeats:
        return None
    people = int(counted.spells.customers.sums.sum())
    again = counted.spells.spells - people
    share = again / max(counted.spells.spells, 1)
    known = counted.spells.rows is not None
    text = (
        message(
            "{share} of all spells are a stage entered again; intervals treat the spells of a customer as "
            "one cluster.",
            share=Quantity(share, "share", 1),
        )
        if known
        else message(
            "{share} of all spells are a stage entered again. There are more spells than can be kept one by "
            "one, so intervals take them as independent and are too narrow.",
            share=Quantity(share, "share", 1),
        )
    )
    title = message("Customers come again") if again else message("No stage is entered twice")
    return Check("repeats", "passed" if known else "watch", title, text)
