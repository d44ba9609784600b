"""Who is counted in the funnel, and what could be wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.measures.funnel import calendar, terms
from journey_lib.measures.funnel.definitions import SOURCES
from journey_lib.present.masking import suppressed
from journey_lib.present.result import Basis, Check, Status
from journey_lib.present.wording import Message, Names, Quantity, message, plural
from journey_lib.stats.kernels.funnel import FunnelKernel
from journey_lib.study import naming
from journey_lib.study.engine.told import EVERYBODY, basis_lines, common_checks, customers

if TYPE_CHECKING:
    from journey_lib.measures.funnel.count import Numbers
    from journey_lib.measures.funnel.plan import Options, Plan
    from journey_lib.study.definition import Study
    from journey_lib.study.engine import Observed

OPEN_WATCH, OPEN_FAILED = 0.10, 0.50  # share of customers whose window is not over
SPREAD, LATER = 0.05, 0.05  # share points between definitions; that come in a second window
JUMPED, NAMELESS = 0.05, 0.05  # shares of customers
_METRICS = ("rate_km", "rate_mature")


def notes() -> dict[str, Message]:
    """Return the sentence of every reason a number can be missing for."""
    return {
        "nobody": message("Nobody entered this step."),
        "nobody_moved": message("Nobody went on from here, so there is no time to tell."),
        "no_whole_window": message("Nobody was observed for the whole window yet."),
        "no_clock": message("In any order the steps share no clock, so open windows cannot be allowed for."),
    }


def basis(study: Study, observed: Observed, plan: Plan, options: Options, level: float) -> Basis:
    """Return who is counted, by which definition, and how rates were estimated."""
    lines = [
        *basis_lines(study, observed),
        (message("Funnel"), _order_words(plan)),
        (message("Entry"), _entry_words(options)),
        (message("Clock"), message("{window} from entry, inclusive; from step to step it starts anew",
                                   window=terms.window(plan))),
        (message("Ties"), _tie_words(plan)),
        *_limits(options),
        (message("Intervals"), message("{level}: Wilson for counted shares, Greenwood on the log-log scale "
                                       "where open windows are allowed for", level=Quantity(level, "share"))),
    ]  # fmt: skip
    return Basis(tuple(lines), customers(observed), float("nan"), whom=EVERYBODY)


def checks(
    study: Study, observed: Observed, plan: Plan, numbers: Numbers, rows: pd.DataFrame
) -> tuple[Check, ...]:
    """Return what was checked: open windows, definitions, the window, absent steps, thin groups, detours."""
    found = (
        _open(plan, numbers),
        _definitions(rows, plan),
        _later(rows, plan),
        _absent(plan),
        _without_events(study, plan),
        _detours(plan, numbers),
        _thin(study, rows),
        _unknown_group(study, plan, numbers),
        _zone(observed, plan, numbers),
    )
    return (*(check for check in found if check), *common_checks(study, observed))


def _order_words(plan: Plan) -> Message:
    words = {
        "ordered": message("Steps in order; other events may come between"),
        "strict": message("Steps in order with nothing between"),
        "any": message("Steps in any order, all within the window of the first of them"),
    }
    return words[plan.whole.order]


def _entry_words(options: Options) -> Message:
    words = {
        "any": message("Any entry that leads on"),
        "first": message("The first entry only"),
        "all": message("Every attempt; the next begins after the last is over"),
    }
    rule = words[options.entry]
    if not options.period:
        return rule
    first, last = options.period
    return message("{rule}; entries from {first} to {last}", rule=rule, first=first, last=last)


def _tie_words(plan: Plan) -> Message:
    words = {
        "order": message("Events of one moment in the order of the log"),
        "strict_time": message("Of two events of one moment none follows the other"),
        "either": message("Events of one moment in the order that lets the funnel go on"),
    }
    return words[plan.whole.ties]


def _limits(options: Options) -> list[tuple[Message, Message]]:
    """Return what else was asked for, in the words of the parameters."""
    asked = (
        (message("Longest steps"), options.step_windows), (message("Shortest steps"), options.min_gaps),
        (message("Optional"), options.optional), (message("Excluded"), options.exclude),
        (message("Ignored"), options.ignore),
    )  # fmt: skip
    none = message("none")
    return [
        (term, message("{names}", names=Names(tuple(text or none for text in given), limit=12)))
        for term, given in asked
        if given
    ]


def _open(plan: Plan, numbers: Numbers) -> Check | None:
    """Say where most customers are still inside the window."""
    shares = [
        (int(one.open[:, 1].sum()) / max(int(one.reached[:, 0].sum()), 1), plan.steps[at].label)
        for (at, _), one in zip(plan.pairs, numbers.pairs, strict=True)
    ]
    if not shares:
        return None
    share, label = max(shares, key=lambda pair: pair[0])
    status: Status = "failed" if share > OPEN_FAILED else "watch" if share > OPEN_WATCH else "passed"
    title = (
        message("Few windows are still open")
        if status == "passed"
        else message("Many windows are still open")
    )
    text = message(
        "At most {share} of those who entered a step ({step}) are still inside the window. The leading rate "
        "allows for them; the plain count takes them for lost.",
        share=Quantity(share, "share", 1), step=label,
    )  # fmt: skip
    return Check("maturity", status, title, text)


def _definitions(rows: pd.DataFrame, plan: Plan) -> Check | None:
    """Say how far the same rate moves under other definitions, and which part moves it."""
    spreads = {source: _by_step(rows, "definition_spread", source) for source in ("all", *SOURCES)}
    if not spreads["all"]:
        return None
    worst = max(spreads["all"], key=lambda step: spreads["all"][step])
    size = spreads["all"][worst]
    parts = {
        source: Quantity(spreads[source].get(worst, float("nan")), "share_points", 1, bare=True)
        for source in SOURCES
    }
    title = message("The definition matters little") if size <= SPREAD else message("The definition matters")
    text = message(
        "Definition uncertainty: under other entries, tie rules and windows the rate of {step} lies up to "
        "{size} apart: {entry} by the entry, {ties} by ties, {window} by half or twice the window, {zone} by "
        "the time zone.",
        step=_label(plan, worst), size=Quantity(size, "share_points", 1), **parts,
    )  # fmt: skip
    table = rows[rows["metric"] == "definition_spread"]
    return Check("definition", "passed" if size <= SPREAD else "watch", title, text, table)


def _later(rows: pd.DataFrame, plan: Plan) -> Check | None:
    """Say where the window ends before customers do."""
    found = _by_step(rows, "definition_later")
    if not found:
        return None
    worst = max(found, key=lambda step: found[step])
    size = Quantity(found[worst], "share_points", 1)
    slow = [step for step, later in found.items() if later > LATER]
    if not slow:
        text = message("A window twice as long adds at most {size} to any step.", size=size)
        return Check("window_fit", "passed", message("The window is long enough"), text)
    text = plural(
        "{n} step goes on after the window: {names}. With twice the window, {size} more go on from {step}.",
        "{n} steps go on after the window: {names}. With twice the window, {size} more go on from {step}.",
        n=Quantity(len(slow)), names=Names(tuple(_label(plan, step) for step in slow)), size=size,
        step=_label(plan, worst),
    )  # fmt: skip
    table = rows[rows["metric"] == "definition_later"]
    return Check("window_fit", "watch", message("The window is short for some steps"), text, table)


def _absent(plan: Plan) -> Check:
    if not plan.absent:
        text = message("Every event of the steps stands in the log.")
        return Check("absent", "passed", message("Every step is in the log"), text)
    text = plural(
        "{n} event is not in the log: {names}. What nobody did counts as not reached; look for another "
        "spelling.",
        "{n} events are not in the log: {names}. What nobody did counts as not reached; look for another "
        "spelling.",
        n=Quantity(len(plan.absent)), names=Names(plan.absent),
    )  # fmt: skip
    return Check("absent", "watch", message("Some events are not in the log"), text)


def _without_events(study: Study, plan: Plan) -> Check | None:
    missing = [stage.label for stage in study.journey.stages if not stage.enter]
    by_stage = all(step.id == step.stage for step in plan.steps)
    if not missing or not by_stage:
        return None
    text = plural(
        "{n} stage has no event that enters it and is left out: {names}.",
        "{n} stages have no event that enters them and are left out: {names}.",
        n=Quantity(len(missing)), names=Names(tuple(missing)),
    )  # fmt: skip
    return Check("stages", "watch", message("Some stages cannot be counted"), text)


def _detours(plan: Plan, numbers: Numbers) -> Check | None:
    """Say how many reached a step without the one before, and how many came back."""
    found = numbers.detours
    labels = [plan.steps[at].label for at in plan.whole.required]
    if len(labels) < 2:
        return None
    table = pd.DataFrame({"step": [plan.steps[at].id for at in plan.whole.required], "reached": found.reached,
                          "skipped": found.skipped, "back": found.back})  # fmt: skip
    shares = found.skipped / found.reached.clip(1)
    worst = int(shares.argmax())
    back = int(found.back.sum())
    if not shares[worst] and not back:
        words = message("Nobody jumped over a step and nobody came back.")
        return Check("detours", "passed", message("The journey is a line"), words, table)
    text = message(
        "{skipped} of those who reached {step} had not met the step before it. {back} customers came back to "
        "an earlier step. They count at every step they entered.",
        skipped=Quantity(float(shares[worst]), "share", 1), step=labels[worst], back=Quantity(back),
    )  # fmt: skip
    if not shares[worst]:
        text = message(
            "Nobody jumped over a step; {back} customers came back to an earlier one. They count at every "
            "step they entered.",
            back=Quantity(back),
        )
    status: Status = "watch" if shares[worst] > JUMPED else "passed"
    return Check("detours", status, message("The journey is not a straight line"), text, table)


def _thin(study: Study, rows: pd.DataFrame) -> Check:
    main = rows[rows["metric"].isin(_METRICS) & (rows["n"] > 0)].fillna({"comparison": ""})
    main = main.reset_index(drop=True)
    n = main["n"].to_numpy(float)
    hidden = suppressed(main, study.thresholds.min_cell)
    thin = (n < study.thresholds.flag_cell) & ~hidden
    if not hidden.any() and not thin.any():
        least = Quantity(float(n.min()) if len(n) else 0)
        words = message("Every rate shown rests on at least {n} customers.", n=least)
        return Check("thin_cells", "passed", message("No cell is thin"), words)
    text = message(
        "{thin} rates rest on fewer than {flag} customers (marked *), {hidden} are masked to protect them.",
        thin=Quantity(int(thin.sum())), flag=Quantity(study.thresholds.flag_cell),
        hidden=Quantity(int(hidden.sum())),
    )  # fmt: skip
    return Check("thin_cells", "watch", message("Some cells are thin"), text, main[thin | hidden])


def _unknown_group(study: Study, plan: Plan, numbers: Numbers) -> Check | None:
    if not plan.by.where:
        return None
    entered = numbers.whole.reached[:, 0]
    share = float(entered[-1]) / max(int(entered.sum()), 1)
    text = message(
        "{share} of those who entered have no value of {by}; they stand as a group of their own, and groups "
        "add up to the total.",
        share=Quantity(share, "share", 1), by=naming.column(study, plan.by.column),
    )  # fmt: skip
    title = message("Most groups are known") if share <= NAMELESS else message("Many groups are not known")
    return Check("unknown_group", "passed" if share <= NAMELESS else "watch", title, text)


def _zone(observed: Observed, plan: Plan, numbers: Numbers) -> Check | None:
    """Say how many would stand in another period if days began elsewhere."""
    if plan.by.where != "calendar" or observed.time_zone == "UTC":
        return None
    made = calendar.periods(observed, plan.by.column, plan.whole.first, plan.whole.last, "UTC")
    if made is None or len(made[1]) != plan.by.levels:
        return None
    (other,) = observed.run(FunnelKernel((plan.whole,), replace(plan.by, edges=made[0]), timed=False))
    mine, theirs = numbers.whole.reached[:, 0], other.reached[:, 0]
    share = float(abs(mine - theirs).sum()) / 2 / max(int(mine.sum()), 1)
    text = message(
        "If days began by UTC and not by {zone}, groups would differ by {share} of all entries.",
        zone=observed.time_zone, share=Quantity(share, "share", 1),
    )  # fmt: skip
    return Check(
        "zone", "passed" if share <= SPREAD else "watch", message("Days begin by the study's zone"), text
    )


def _by_step(rows: pd.DataFrame, metric: str, comparison: str = "") -> dict[str, float]:
    """Return the known values of a metric step by step."""
    wanted = (rows["metric"] == metric) & (rows["comparison"].fillna("") == comparison)
    found = rows.loc[wanted & rows["estimate"].notna(), ["option", "estimate"]]
    return {str(step): float(value) for step, value in found.itertuples(index=False, name=None)}


def _label(plan: Plan, option: str) -> object:
    return next(step.label for step in plan.steps if step.id == option)
