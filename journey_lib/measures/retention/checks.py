"""Who is counted in the retention report, and what could be wrong with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.retention import terms
from journey_lib.measures.retention.count import FEW_COHORTS
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Inside, Message, Quantity, message, plural
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks

if TYPE_CHECKING:
    from journey_lib.measures.retention.count import Counted
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

MANY_MOVED, WIDE, MIXED = 0.02, 0.10, 0.03  # watch from here


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "incomplete": message("The period is not over for every member of the cohort."),
        "no_complete": message("No cohort has a complete period here."),
        "nobody_followed": message("No member of the cohort was observed to the end of the period."),
        "not_estimable": message("The cohorts show no spread to compare."),
    }


def basis(study: Study, observed: Observed, counted: Counted) -> Basis:
    """Return who is counted, what a cohort and coming back are, and by which method."""
    plan = counted.plan
    lines = [
        *basis_lines(study, observed),
        (message("Cohort"), _cohort(study, observed, counted)),
        (message("Coming back"), _back(study, counted)),
        (message("Complete"), _complete_line(counted)),
        (message("Mean"), message("Everybody who came back over everybody followed, complete cells only; "
                                  "large cohorts weigh more")),
        (message("Intervals"), message("{level}; Wilson for shares, Newcombe and Holm for differences",
                                       level=Quantity(plan.asked.level, "share"))),
    ]  # fmt: skip
    if plan.asked.by:
        lines.append((message("Groups"), _grouping(study, counted)))
    return Basis(tuple(lines), int(counted.members.sum()), math.nan, whom=EVERYBODY)


def checks(study: Study, observed: Observed, counted: Counted) -> tuple[Check, ...]:
    """Return what may be wrong: open cells, thin cohorts, old customers, mixes, zone, definitions."""
    if not counted.members.sum():
        words = message("Nobody in the log has the entry event, so there is no cohort.")
        nobody = Check("cohorts", "failed", message("There are no cohorts"), words)
        return (nobody, *common_checks(study, observed))
    found = (
        _open(counted), _thin(study, counted), _first(counted), _mix(counted), _zone(observed, counted),
        _readings(counted), _later(counted), *common_checks(study, observed),
    )  # fmt: skip
    return tuple(check for check in found if check)


def _cohort(study: Study, observed: Observed, counted: Counted) -> Message:
    plan = counted.plan
    facts = {
        "first": terms.first(study, plan), "zone": observed.time_zone,
        "n": Quantity(int(counted.members.sum())), "cohorts": Quantity(len(counted.cohorts)),
    }  # fmt: skip
    return {
        "day": message("Calendar day of the {first} in the window ({zone}); {n} customers in {cohorts} "
                       "cohorts", **facts),
        "week": message("Calendar week of the {first} in the window, from Monday ({zone}); {n} customers in "
                        "{cohorts} cohorts", **facts),
        "month": message("Calendar month of the {first} in the window ({zone}); {n} customers in {cohorts} "
                         "cohorts", **facts),
    }[plan.asked.unit]  # fmt: skip


def _back(study: Study, counted: Counted) -> Message:
    plan = counted.plan
    facts = {"events": terms.returning(plan), "since": Inside(terms.since(study, plan))}
    if plan.asked.mode == "on_or_after":
        return message("At least one time ({events}) in a period or at any time after it; {since}", **facts)
    if plan.asked.mode == "bracket":
        return message("At least one time ({events}) in one of the periods of a bracket; {since}", **facts)
    return message("At least one time ({events}) in a period; {since}", **facts)


def _complete_line(counted: Counted) -> Message:
    done, cells = _cells(counted)
    return message(
        "A cell counts when its period was over for the whole cohort: {done} of {cells} cells",
        done=Quantity(done), cells=Quantity(cells),
    )  # fmt: skip


def _grouping(study: Study, counted: Counted) -> Message:
    by = study.column_label(counted.plan.asked.by)
    if counted.plan.kernel.where == "people":
        return message("{by}, as the customers table says", by=by)
    return message("{by}, as the entry event says", by=by)


def _cells(counted: Counted) -> tuple[int, int]:
    places = counted.cohorts
    return int(counted.complete[places].sum()), len(places) * len(counted.plan.windows)


def _open(counted: Counted) -> Check:
    """Say how much of the triangle is not over, and how few cohorts the last mean rests on."""
    done, cells = _cells(counted)
    per_window = counted.complete.sum(axis=0)
    reached = np.flatnonzero(per_window)
    if not len(reached) or not per_window[counted.plan.focal]:
        words = message("No period after the first one was over for a whole cohort, so nothing can be said.")
        return Check("open_cells", "failed", message("The log is too short for these periods"), words)
    last = int(reached[-1])
    few = int(per_window[last])
    status: Status = "watch" if few < FEW_COHORTS else "passed"
    title = (
        message("The last periods rest on few cohorts")
        if status == "watch"
        else message("Every mean rests on several cohorts")
    )
    text = message(
        "{share} of {cells} cells are not over and left out. The mean of {period} rests on {few} of {n} "
        "cohorts.",
        share=Quantity(1 - done / cells, "share"), cells=Quantity(cells),
        period=terms.period(counted.plan, counted.plan.options[last]), few=Quantity(few),
        n=Quantity(len(counted.cohorts)),
    )  # fmt: skip
    table = pd.DataFrame({"period": counted.plan.options, "complete_cohorts": per_window})
    return Check("open_cells", status, title, text, table)


def _thin(study: Study, counted: Counted) -> Check:
    flag = study.thresholds.flag_cell
    sizes = counted.members[counted.cohorts]
    thin = sizes < flag
    facts = {"n": Quantity(int(thin.sum())), "cohorts": Quantity(len(sizes)), "flag": Quantity(flag)}
    table = pd.DataFrame({"cohort": [counted.plan.cohorts[c] for c in counted.cohorts], "members": sizes})
    if not thin.any():
        words = message("All {cohorts} cohorts have at least {flag} members.", **facts)
        return Check("thin_cohorts", "passed", message("Cohorts are large enough"), words, table)
    words = message(
        "Fewer than {flag} members: {n} of {cohorts} cohorts. They count in the means and are compared "
        "with nothing; a longer unit makes fewer, larger cohorts.",
        **facts,
    )
    return Check("thin_cohorts", "watch", message("Some cohorts are small"), words, table)


def _first(counted: Counted) -> Check | None:
    """Say whether the first cohort may hold old customers, whose real first time lies before the log."""
    if math.isnan(counted.later_size):
        return None
    place = counted.cohorts[0]
    facts = {
        "cohort": terms.CohortName(counted.plan.cohorts[place]),
        "n": Quantity(int(counted.members[place])), "later": Quantity(counted.later_size),
    }  # fmt: skip
    text = message(
        "{cohort} has {n} members, the median of the later cohorts is {later}. A customer whose first time "
        "lies before the log enters with the first event seen.",
        **facts,
    )
    if counted.doubtful < 0:
        return Check("first_cohort", "passed", message("The first cohort looks like the others"), text)
    words = message("{text} It counts in the means and is compared with no other cohort.", text=text)
    return Check("first_cohort", "watch", message("The first cohort may hold old customers"), words)


def _mix(counted: Counted) -> Check | None:
    """Compare the first mean with that of the cohorts that the last mean rests on."""
    focal, per_window = counted.plan.focal, counted.complete.sum(axis=0)
    last = int(np.flatnonzero(per_window)[-1]) if per_window.any() else focal
    if last <= focal:
        return None
    came, n = (x.sum(axis=0)[:, focal] for x in (counted.retained, counted.followed))
    old = counted.complete[:, last]
    if not n[old].sum():
        return None
    every, kept = came.sum() / n.sum(), came[old].sum() / n[old].sum()
    status: Status = "watch" if abs(every - kept) > MIXED else "passed"
    title = (
        message("The curve mixes different cohorts")
        if status == "watch"
        else message("Early and late periods rest on similar cohorts")
    )
    plan = counted.plan
    text = message(
        "{when}, {every} of all cohorts came back, but {kept} of the older cohorts that {last} rests on. "
        "Part of the way down the curve is this change of cohorts.",
        when=terms.Sentence(terms.when(plan, plan.options[focal])), every=Quantity(every, "share", 1),
        kept=Quantity(kept, "share", 1), last=terms.period(plan, plan.options[last]),
    ) if status == "watch" else message(
        "{when}, {every} of all cohorts came back, and {kept} of the older cohorts that {last} rests on.",
        when=terms.Sentence(terms.when(plan, plan.options[focal])), every=Quantity(every, "share", 1),
        kept=Quantity(kept, "share", 1), last=terms.period(plan, plan.options[last]),
    )  # fmt: skip
    return Check("cohort_mix", status, title, text)


def _zone(observed: Observed, counted: Counted) -> Check | None:
    """Say how many customers would be in another cohort if the calendar hung in UTC."""
    if not len(counted.plan.kernel.other):
        return None
    moved = counted.counts.moved
    share = moved / int(counted.members.sum())
    status: Status = "watch" if share > MANY_MOVED else "passed"
    title = message("The time zone matters") if status == "watch" else message("The time zone hardly matters")
    text = plural(
        "{n} customer ({share}) would be in another cohort if the calendar hung in UTC instead of {zone}.",
        "{n} customers ({share}) would be in another cohort if the calendar hung in UTC instead of {zone}.",
        n=Quantity(moved), share=Quantity(share, "share", 1), zone=observed.time_zone,
    )  # fmt: skip
    return Check("time_zone", status, title, text)


def _readings(counted: Counted) -> Check | None:
    """Say how far the first mean moves if the question is read in another way."""
    known = {name: came / n for name, (came, n) in counted.alternatives.items() if n}
    if "asked" not in known or len(known) < 2:
        return None
    low, high = min(known.values()), max(known.values())
    status: Status = "watch" if high - low > WIDE else "passed"
    title = (
        message("The definition matters") if status == "watch" else message("The definition hardly matters")
    )
    plan = counted.plan
    text = message(
        "{when}, {asked} came back as asked; it is {low} to {high} by definition. The table of definitions "
        "shows each.",
        when=terms.Sentence(terms.when(plan, plan.options[plan.focal])),
        asked=Quantity(known["asked"], "share", 1), low=Quantity(low, "share", 1, bare=True),
        high=Quantity(high, "share", 1),
    )  # fmt: skip
    table = pd.DataFrame({"reading": list(known), "retained": list(known.values())})
    return Check("definitions", status, title, text, table)


def _later(counted: Counted) -> Check | None:
    if counted.plan.asked.mode != "on_or_after":
        return None
    words = message(
        "Older cohorts had more time to come back after a period than younger ones, so the same share grows "
        "as the log grows. Compare cohorts with mode = on instead."
    )
    return Check("unequal_time", "watch", message("Cohorts had unequal time to come back"), words)
