"""From a plan, a baseline and traffic to the tidy table: sizes, durations, changes found, prices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.measures.power.plan import LIFT, MODES
from journey_lib.stats import power as sizes
from journey_lib.stats.intervals import t_quantile, wilson
from journey_lib.stats.kernels.arrivals import WEEK

if TYPE_CHECKING:
    from journey_lib.measures.power.plan import Plan
    from journey_lib.stats.kernels.arrivals import Arrived
    from journey_lib.stats.power import Design, Looking
    from journey_lib.study.engine import Observed

WEEKS = (1, 2, 3, 4, 6, 8, 12, 16)
PARTS = tuple(round(0.2 * step, 1) for step in range(1, 11))  # of the change worth finding
ARMS, LOOKS, SEGMENTS, COVARIATES = (2, 3, 4), (1, 2, 3, 5, 10), (0.5, 0.25, 0.1), (0.3, 0.5, 0.7)
Record: TypeAlias = dict[str, Any]
Bounds: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Counted:
    """The table, and what it was made of.

    Attributes
    ----------
    plan : Plan
        What was asked for.
    arrived : Arrived or None
        What the kernel counted; None where nothing was measured.
    whole_weeks : ndarray of int64
        Arrivals of the weeks that were observed whole.
    """

    plan: Plan
    arrived: Arrived | None = field(repr=False)
    whole_weeks: np.ndarray = field(repr=False)

    @cached_property
    def baseline(self) -> Bounds:
        """Share without a change, with its interval; without one where it was given."""
        given = self.plan.asked.baseline
        return (given, given, given) if given else self.share(0)

    def share(self, outcome: int) -> Bounds:
        """Return the share that reached an outcome, with Wilson's interval."""
        assert self.arrived is not None  # noqa: S101 - only asked for where it was measured
        n, x = np.array([float(self.arrived.mature)]), np.array([float(self.arrived.reached[outcome])])
        low, high = wilson(x / n, n, self.plan.asked.level)
        return float(x[0] / n[0]), float(low[0]), float(high[0])

    @cached_property
    def lift(self) -> float:
        """Relative change worth finding; where nobody said it, what the planned customers find, else 5 %."""
        plan = self.plan
        if plan.change_given or not plan.total:
            return plan.lift or LIFT
        found = sizes.mde(
            self.baseline[0], plan.total, plan.designs[plan.mode], power=plan.asked.power
        )  # fmt: skip
        return found if math.isfinite(found) else LIFT

    @cached_property
    def per_week(self) -> Bounds:
        """Customers entering a week, with a t interval over whole weeks."""
        given = self.plan.asked.per_week
        if given:
            return given, given, given
        weeks = self.whole_weeks.astype(float)
        mean = float(weeks.mean())
        if weeks.size < 2:
            return mean, math.nan, math.nan
        reach = float(t_quantile(self.plan.asked.level, np.array([weeks.size - 1.0]))[0])
        half = reach * float(weeks.std(ddof=1)) / math.sqrt(weeks.size)
        return mean, max(mean - half, 0.0), mean + half

    @cached_property
    def total(self) -> int:
        """Customers that what can be found is said for: the plan's, else as many as are needed."""
        return self.plan.total or round(self.size(self.plan.mode)[0])

    @property
    def n(self) -> int:
        """Customers the baseline rests on; 0 where it was given."""
        return 0 if self.arrived is None or self.plan.asked.baseline else self.arrived.mature

    def size(self, mode: Looking, design: Design | None = None) -> Bounds:
        """Return the customers needed, with those at both ends of the baseline's interval."""
        made = design or self.plan.designs[mode]
        middle, *ends = (self._size(base, made) for base in self.baseline)
        return middle, min(ends), max(ends)

    def _size(self, base: float, design: Design) -> float:
        found = sizes.sample_size(base, self.lift, design, power=self.plan.asked.power)
        return float(sum(found.units))

    def days(self, customers: float) -> float:
        """Return how long it takes until so many have entered and the last one's window is over."""
        weeks = max(1, math.ceil(customers / self.per_week[0] - 1e-9))
        return 7.0 * weeks + self.plan.window_days

    def detectable(self, customers: float, mode: Looking, base: float = math.nan) -> float:
        """Return the smallest change in the direction looked for, from the baseline or another one."""
        base = self.baseline[0] if math.isnan(base) else base
        design, fall = self.plan.designs[mode], self.plan.lift < 0
        return sizes.mde(base, customers, design, power=self.plan.asked.power, fall=fall)

    def _found(self, mode: Looking) -> Record:
        """Return the smallest change the planned customers find, over the baseline's interval."""
        changes = sorted(self.detectable(self.total, mode, base) for base in self.baseline)
        row = _change(self.detectable(self.total, mode))
        known = not row["note"] and all(abs(change) <= 1 for change in changes)
        return row | ({"ci_low": changes[0], "ci_high": changes[-1]} if known else {})

    def chance(self, lift: float, mode: Looking) -> float:
        """Return the power for one change; NaN for one that cannot be."""
        possible = 0 < self.baseline[0] * (1 + lift) < 1
        return (
            sizes.power(self.baseline[0], lift, self.total, self.plan.designs[mode]) if possible else math.nan
        )

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The tidy table."""
        n = float(self.n) if self.n else math.nan
        base = {"n": n, "ci_level": self.plan.asked.level, "stage": self.plan.outcome}
        return pd.DataFrame([{**base, **row} for row in self._rows()])

    def _rows(self) -> Iterator[Record]:
        yield {"metric": "baseline", "unit": "share", **_bounds(self.baseline)}
        yield {
            "metric": "per_week", "unit": "count", **_bounds(self.per_week), "stage": self.plan.exposure,
            "n": float(self.arrived.n) if self.arrived else math.nan,
        }  # fmt: skip
        for mode in MODES:
            yield from self._of_mode(mode)
        yield from self._prices()
        yield from self._guardrails()

    def _of_mode(self, mode: Looking) -> Iterator[Record]:
        own = {"group": mode}
        size = self.size(mode)
        yield {**own, "metric": "sample_size", "unit": "count", **_bounds(size)}
        early = self.plan.designs[mode].part_used(self.plan.asked.power)
        yield {**own, "metric": "expected_size", "unit": "count", "estimate": round(early * size[0])}
        days = sorted(self.days(customers) for customers in size)
        yield {
            **own,
            "metric": "duration",
            "unit": "days",
            **_bounds((self.days(size[0]), days[0], days[-1])),
        }
        yield {**own, "metric": "detectable", "option": "total", **self._found(mode)}
        for weeks in WEEKS:
            lift = self.detectable(weeks * self.per_week[0], mode)
            yield {**own, "metric": "detectable", "option": str(weeks), **_change(lift)}
        for part in PARTS:
            yield {
                **own,
                "metric": "power",
                "option": f"{part:g}",
                **_share(self.chance(part * self.lift, mode)),
            }

    def _prices(self) -> Iterator[Record]:
        mode = self.plan.mode
        for arms in ARMS:
            design = self.plan.design(mode, split=(1.0,) * arms)
            size = self.size(mode, design)
            yield {"metric": "arms_size", "option": str(arms), "unit": "count", **_bounds(size)}
        alone = self.plan.designs["fixed"].drift(self.plan.asked.power)
        for looks in LOOKS:
            design = self.plan.design("group_sequential", looks=looks)
            factor = (design.drift(self.plan.asked.power) / alone) ** 2
            yield {"metric": "looks_factor", "option": str(looks), "unit": "score", "estimate": factor}
        for part in SEGMENTS:
            lift = self.detectable(part * self.total, mode)
            yield {"metric": "segment_detectable", "option": f"{part:g}", **_change(lift)}
        for r in COVARIATES:
            yield {"metric": "covariate_factor", "option": f"{r:g}", "unit": "share", "estimate": 1 - r * r}

    def _guardrails(self) -> Iterator[Record]:
        if self.arrived is None:
            return
        for at, (stage, margin) in enumerate(self.plan.guardrails, start=1):
            share = self.share(at)
            own = {"stage": stage, "n": float(self.arrived.mature)}
            yield {**own, "metric": "guardrail_baseline", "unit": "share", **_bounds(share)}
            if not 0 < share[0] < 1:
                yield {**own, "metric": "guardrail_size", "unit": "count", "note": "no_share"}
                continue
            found = sizes.margin_size(
                share[0], margin, self.plan.designs["fixed"], power=self.plan.asked.power
            )
            yield {**own, "metric": "guardrail_size", "unit": "count", "estimate": float(sum(found.units))}


def count(plan: Plan, arrived: Arrived | None, observed: Observed | None) -> Counted:
    """Return all sizes of a plan.

    Parameters
    ----------
    plan : Plan
        What is to be sized.
    arrived : Arrived or None
        What the log holds.
    observed : Observed or None
        From when to when.

    Raises
    ------
    DataError
        Nobody at the stage, no whole week, no outcome or nothing but outcomes.
    """
    made = Counted(plan, arrived, _whole_weeks(arrived, observed))
    asked, problems = plan.asked, []
    if not asked.per_week and not made.whole_weeks.sum():
        problems.append(Problem("events", f"hold no whole week with an arrival at '{plan.exposure}'"))
    if arrived and not asked.baseline and not 0 < arrived.reached[0] < arrived.mature:
        given = f"{arrived.reached[0]:,} of {arrived.mature:,} reached '{plan.outcome}' inside the window"
        action = "Give `baseline`, another window or another stage"
        problems.append(Problem("events", given, "some, and not all of them", "", action))
    if problems:
        raise DataError(problems)
    if not all(0 < end * (1 + made.lift) < 1 for end in made.baseline):
        given = f"a change of {made.lift:+.0%} may take a share of {made.baseline[0]:.1%} beyond 0 to 1"
        raise DataError(Problem("lift", given, "a smaller change"))
    return made


def _whole_weeks(arrived: Arrived | None, observed: Observed | None) -> np.ndarray:
    """Return the arrivals of weeks that were observed to their end."""
    if arrived is None or observed is None:
        return np.zeros(0, dtype=np.int64)
    return arrived.weeks[: int((observed.end - observed.start + 1) // WEEK)]


def _bounds(found: Bounds) -> Record:
    return {"estimate": found[0], "ci_low": found[1], "ci_high": found[2]}


def _change(lift: float) -> Record:
    """Return a relative change: one above 1 is more than a doubling, which nobody plans for."""
    known = abs(lift) <= 1
    return {
        "unit": "share_points",
        "estimate": lift if known else math.nan,
        "note": "" if known else "too_few",
    }


def _share(value: float) -> Record:
    known = math.isfinite(value)
    return {"unit": "share", "estimate": value, "note": "" if known else "impossible"}
