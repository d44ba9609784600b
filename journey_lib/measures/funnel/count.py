"""The rows of the funnel's table: from each step to the next, and the whole way from the first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pandas as pd

from journey_lib.stats import funnel_rates as rates
from journey_lib.stats.funnel_rates import Rate, counted_share, difference, p_value
from journey_lib.stats.kernels.funnel import Counted, DetourKernel, Detours, FunnelKernel
from journey_lib.stats.multiplicity import holm

if TYPE_CHECKING:
    from journey_lib.measures.funnel.plan import Plan, Step
    from journey_lib.study.engine import Observed

QUARTILES = {"time_quartile_1": 0.25, "time_median": 0.5, "time_quartile_3": 0.75}

Record = dict[str, object]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Everything the kernels counted.

    Attributes
    ----------
    pairs : tuple of Counted
        From each required step to the next.
    last : Counted
        Who entered the last required step.
    whole : Counted
        All steps, on the clock of the first.
    detours : Detours
        Steps jumped over and steps back.
    """

    pairs: tuple[Counted, ...]
    last: Counted
    whole: Counted
    detours: Detours


def count(observed: Observed, plan: Plan) -> Numbers:
    """Ask the log."""
    found = observed.run(FunnelKernel(plan.funnels, plan.by))
    *pairs, last, whole = found
    required = tuple(plan.whole.steps[at] for at in plan.whole.required)
    numbers = Numbers(tuple(pairs), last, whole, observed.run(DetourKernel(required)))
    total = observed.run(FunnelKernel(plan.funnels, timed=False)) if plan.by.where else ()
    for split, all_ in zip(found, total, strict=False):
        assert (split.reached.sum(axis=0) == all_.reached[0]).all()  # noqa: S101 - groups make up the total
    return numbers


def table(numbers: Numbers, plan: Plan, level: float) -> pd.DataFrame:
    """Return the rows in the vocabulary of results."""
    rows = [row for name, groups in grouped(plan) for row in _rows(numbers, plan, name, groups, level)]
    rows += _gaps(numbers, plan, level)
    return pd.DataFrame([{**row, "ci_level": level} for row in rows])


def grouped(plan: Plan) -> list[tuple[str, list[int]]]:
    """Return the total and every group, with the rows of the counts that make them."""
    every = list(range(len(plan.groups)))
    own = [(name, [at]) for at, name in enumerate(plan.groups)] if plan.by.where else []
    return [("", every), *own]


def main_rate(rates_: dict[str, Rate]) -> str:
    """Say which reading of the rate leads: the one that allows for open windows where it can be had."""
    return "rate_mature" if rates_["rate_km"].note == "no_clock" else "rate_km"


def readings(counted: Counted, groups: list[int], level: float, step: int = 1) -> dict[str, Rate]:
    """Return the shares of those who entered, by what became of them, and the three rates."""
    reached, open_, lost, mature = (
        part[groups].sum(axis=0)
        for part in (counted.reached, counted.open, counted.timed_out, counted.mature)
    )
    entered = int(reached[0])
    clock = entered == 0 or counted.keys.size > 0
    return {
        "moved_on": counted_share(int(reached[step]), entered, level),
        "still_open": counted_share(int(open_[step]), entered, level),
        "timed_out": counted_share(int(lost[step]), entered, level),
        "rate_mature": counted_share(int(mature[step]), int(mature[0]), level, note="no_whole_window"),
        "rate_km": rates.allowing(counted, step, groups, level)
        if clock
        else Rate(n=entered, note="no_clock"),
    }


def _rows(numbers: Numbers, plan: Plan, name: str, groups: list[int], level: float) -> Iterator[Record]:
    for (at, to), counted in zip(plan.pairs, numbers.pairs, strict=True):
        step, target = plan.steps[at], plan.steps[to].target
        entered = int(counted.reached[groups, 0].sum())
        yield _row("entered", step, name, Rate(entered, n=entered), "count")
        found = readings(counted, groups, level)
        yield from (_row(metric, step, name, rate) for metric, rate in found.items())
        if target is not None and not name:
            yield _row("target", step, name, Rate(target, n=entered))
            yield _row("target_gap", step, name, _shifted(found[main_rate(found)], target), "share_points")
        yield from _times(counted, step, name, groups)
    ended = int(numbers.last.reached[groups, 0].sum())
    yield _row("entered", plan.steps[plan.whole.required[-1]], name, Rate(ended, n=ended), "count")
    yield from _whole(numbers.whole, plan, name, groups, level)


def _times(counted: Counted, step: Step, name: str, groups: list[int]) -> Iterator[Record]:
    if counted.keys.size:
        for metric, share in QUARTILES.items():
            yield _row(metric, step, name, rates.days(counted, 1, groups, share), "days")


def _whole(counted: Counted, plan: Plan, name: str, groups: list[int], level: float) -> Iterator[Record]:
    """Yield the whole way: of those who entered first, how many came to each step; and step by step."""
    for at, step in enumerate(plan.steps):
        reached = int(counted.reached[groups, at].sum())
        yield _row("reached", step, name, Rate(reached, n=reached), "count")
        if not at:
            continue
        names = {"moved_on": "whole_reached", "still_open": "whole_open", "timed_out": "whole_timed_out",
                 "rate_mature": "whole_mature", "rate_km": "whole_km"}  # fmt: skip
        found = readings(counted, groups, level, at)
        yield from (_row(names[metric], step, name, rate) for metric, rate in found.items())
        before = int(counted.reached[groups, plan.whole.before(at)].sum())
        yield _row("whole_step", step, name, counted_share(reached, before, level))


def _gaps(numbers: Numbers, plan: Plan, level: float) -> list[Record]:
    """Return each group against all the others whose group is known, corrected for how many there are."""
    known = list(range(len(plan.groups) - 1))
    rows: list[Record] = []
    for (at, _), counted in zip(plan.pairs, numbers.pairs, strict=True):
        for group in known if len(known) > 1 else []:
            sides = [group], [other for other in known if other != group]
            one, rest = (_leading(readings(counted, side, level)) for side in sides)
            whole = [counted.mature[side].sum(axis=0) for side in sides]
            gap = difference(one, rest)
            p = p_value(one, rest, [(int(n[1]), int(n[0] - n[1])) for n in whole])
            rows.append(_row("group_gap", plan.steps[at], plan.groups[group], gap, "share_points", p))
    corrected = holm([float(str(row["p_value"])) for row in rows])
    return [{**row, "p_value": p} for row, p in zip(rows, corrected, strict=True)]


def _leading(found: dict[str, Rate]) -> Rate:
    return found[main_rate(found)]


def _shifted(rate: Rate, target: float) -> Rate:
    return Rate(
        rate.estimate - target, rate.std_error, rate.ci_low - target, rate.ci_high - target, rate.n, rate.note
    )


def _row(metric: str, step: Step, group: str, rate: Rate, unit: str = "share", p: float = math.nan) -> Record:
    about = {"metric": metric, "option": step.id, "stage": step.stage, "touchpoint": step.touchpoint}
    return {**about, "group": group, "comparison": "", **asdict(rate), "p_value": p, "unit": unit}
