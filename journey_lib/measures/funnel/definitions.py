"""The same funnel under other definitions: how much of a rate is a choice of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from journey_lib.measures.funnel import calendar
from journey_lib.stats import funnel_rates as rates
from journey_lib.stats.kernels.funnel import FunnelKernel
from journey_lib.study.durations import spoken

if TYPE_CHECKING:
    from journey_lib.measures.funnel.count import Record
    from journey_lib.measures.funnel.plan import Plan
    from journey_lib.stats.kernels.funnel import Counted, Funnel
    from journey_lib.study.engine import Observed

SOURCES = ("entry", "ties", "window", "zone")


@dataclass(frozen=True)
class Variant:
    """One definition among others; `window` is a multiple of the report's."""

    entry: str
    ties: str
    window: float
    zone: str

    def differs(self, other: Variant) -> tuple[str, ...]:
        """Return which parts of the definition differ."""
        return tuple(name for name in SOURCES if getattr(self, name) != getattr(other, name))


def variants(plan: Plan, observed: Observed, *, dated: bool) -> tuple[Variant, list[Variant]]:
    """Return the report's own definition and every one it is compared with, itself included."""
    whole = plan.whole
    every = [code for step in whole.steps for code in step]
    ties = ["order", "strict_time"] if whole.order != "any" else [whole.ties]
    if whole.order == "ordered" and len(every) == len(set(every)):
        ties.append("either")
    zones = [observed.time_zone]
    if dated and observed.time_zone != "UTC":
        zones.append("UTC")
    base = Variant("first" if whole.entry != "any" else "any", whole.ties, 1.0, observed.time_zone)
    rest = product(("any", "first"), ties, (0.5, 1.0, 2.0), zones)
    return base, [Variant(*parts) for parts in rest]


def rows(plan: Plan, observed: Observed, period: tuple[str, ...], level: float) -> list[Record]:
    """Return the mature rate of every step under every variant, and how far they lie apart.

    The spread of each part of the definition moves that part alone.
    """
    base, every = variants(plan, observed, dated=bool(period))
    compared = [*plan.funnels[: len(plan.pairs)], plan.whole]
    funnels = [_varied(funnel, one, observed, period) for one in every for funnel in compared]
    counted = observed.run(FunnelKernel(tuple(funnels), timed=False))
    size = len(compared)
    found = {one: counted[at * size : (at + 1) * size] for at, one in enumerate(every)}
    return [row for at in range(size) for row in _of_one(plan, at, base, found, level)]


def name(one: Variant, window: int) -> str:
    """Return the words that stand for a variant in the table.

    Examples
    --------
    >>> name(Variant("any", "order", 0.5, "UTC"), 86_400_000_000)
    'entry any, ties order, window 12 hours, zone UTC'
    """
    return f"entry {one.entry}, ties {one.ties}, window {spoken(int(window * one.window))}, zone {one.zone}"


def _varied(funnel: Funnel, one: Variant, observed: Observed, period: tuple[str, ...]) -> Funnel:
    first, last = funnel.first, funnel.last
    if period and one.zone != observed.time_zone:
        days = [calendar.iso_day(text) for text in period]
        assert days[0] is not None  # noqa: S101 - read before
        assert days[1] is not None  # noqa: S101
        first, last = calendar.span(observed, days[0], days[1], one.zone)
    window = int(funnel.window * one.window)
    return replace(funnel, entry=one.entry, ties=one.ties, window=window, first=first, last=last)


def _of_one(
    plan: Plan, at: int, base: Variant, found: dict[Variant, tuple[Counted, ...]], level: float
) -> Iterator[Record]:
    """Yield the rows of one pair of steps; of the whole way when `at` lies behind the pairs."""
    is_pair = at < len(plan.pairs)
    if not is_pair and len(plan.steps) < 2:
        return
    step = plan.steps[plan.pairs[at][0] if is_pair else -1]
    about = {"option": step.id, "stage": step.stage, "touchpoint": step.touchpoint, "group": ""}
    metric = "definition" if is_pair else "definition_whole"
    values: dict[Variant, float] = {}
    for one, counted in found.items():
        mature = counted[at].mature[0]
        rate = rates.counted_share(int(mature[-1]), int(mature[0]), level, note="no_whole_window")
        values[one] = rate.estimate
        words = name(one, plan.whole.window)
        yield {**about, "metric": metric, "comparison": words, **vars(rate), "unit": "share"}
    n = int(found[base][at].reached[0, 0])
    for source in ("", *SOURCES):
        near = [v for one, v in values.items() if not source or one.differs(base) in ((), (source,))]
        near = [v for v in near if v == v]  # NaN is the only value unlike itself
        note = "" if near else "no_whole_window"
        spread = max(near) - min(near) if near else float("nan")
        told = {"metric": f"{metric}_spread", "comparison": source or "all", "unit": "share_points"}
        yield {**about, **told, "estimate": spread, "n": n, "note": note}
    later = values[replace(base, window=2.0)] - values[base]
    note = "" if later == later else "no_whole_window"
    yield {
        **about,
        "metric": f"{metric}_later",
        "estimate": later,
        "n": n,
        "unit": "share_points",
        "note": note,
    }
