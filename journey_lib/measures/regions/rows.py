"""Rows of the table: the value of each region, and each region against all others, a family at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.inference.p_values import two_sided_p
from journey_lib.stats.shrinkage import shrink
from journey_lib.stats.simultaneous import joint_ranks, sidak, sidak_level

if TYPE_CHECKING:
    from journey_lib.measures.regions.plan import Plan
    from journey_lib.stats.estimate import Estimate
    from journey_lib.stats.funnel_rates import Rate

Row = dict[str, Any]
GAP = "_gap"
NAN = math.nan


@dataclass(frozen=True)
class Value:
    """One estimate with its interval and its base; NaN with the reason in `note`."""

    estimate: float = NAN
    std_error: float = NAN
    ci_low: float = NAN
    ci_high: float = NAN
    n: float = 0.0
    n_effective: float = NAN
    p_value: float = NAN
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One thing that is compared: the keys of its rows, each region's value, and each one's gap.

    Attributes
    ----------
    keys : dict
        metric, unit and what it is about.
    values : sequence of Value
        One a region.
    gaps : sequence of Value
        Each region less all others, in the same order; of regions too small to compare, NaN with a note.
    total : Value, optional
        Everybody whose region is known.
    spread : float
        Standard deviation of the scores, for the smallest difference worth telling; NaN for shares.
    ranked : bool
        Whether shrunken values and joint ranks are given too.
    """

    keys: dict[str, str]
    values: Sequence[Value]
    gaps: Sequence[Value]
    total: Value | None = None
    spread: float = NAN
    ranked: bool = False


@dataclass(frozen=True, eq=False)
class Family:
    """Lines whose intervals hold together, as rows of the table.

    Attributes
    ----------
    rows : list of Row
        In the vocabulary of results.
    comparisons : int
        How many gaps share the level.
    spreads : dict of (metric, question) to float
        Of ratings.
    """

    rows: list[Row] = field(default_factory=list)
    comparisons: int = 0
    spreads: dict[tuple[str, str], float] = field(default_factory=dict)


def single_level(plan: Plan, comparisons: int) -> float:
    """Return the level of each interval of a family with so many comparisons."""
    return sidak_level(plan.level, comparisons)


def family(plan: Plan, names: Sequence[str], lines: Iterable[Line], comparisons: int) -> Family:
    """Return the rows of a family, with p-values that agree with its joint intervals."""
    made = Family(comparisons=comparisons)
    gaps: list[Row] = []
    for line in lines:
        about = {**line.keys, "ci_level": plan.level}
        if line.total is not None:
            made.rows.append({**about, **_numbers(line.total), "group": ""})
        for name, value in zip(names, line.values, strict=True):
            made.rows.append({**about, **_numbers(value), "group": name})
        made.rows.extend(_ranked(about, names, line) if line.ranked else [])
        unit = "share_points" if line.keys["unit"] == "share" else line.keys["unit"]
        for name, gap in zip(names, line.gaps, strict=True):
            told = {"metric": line.keys["metric"] + GAP, "comparison": "rest", "unit": unit, "group": name}
            gaps.append({**about, **told, **_numbers(gap)})
        if math.isfinite(line.spread):
            made.spreads[line.keys["metric"] + GAP, line.keys.get("question", "")] = line.spread
    joint = sidak([row["p_value"] for row in gaps], comparisons)
    made.rows.extend({**row, "p_value": float(p)} for row, p in zip(gaps, joint, strict=True))
    return made


def _numbers(value: Value) -> Row:
    return asdict(value)


def _ranked(about: Row, names: Sequence[str], line: Line) -> list[Row]:
    """Return the shrunken values of the regions, and the places each may hold."""
    from scipy.special import ndtri

    column = {key: np.array([getattr(value, key) for value in line.values])
              for key in ("estimate", "std_error", "ci_low", "ci_high")}  # fmt: skip
    pulled = shrink(column["estimate"], column["std_error"])
    places = joint_ranks(column["estimate"], column["ci_low"], column["ci_high"])
    half = float(ndtri(0.5 + about["ci_level"] / 2)) * pulled.std_error
    ends = (0.0, 1.0) if about["unit"] == "share" else (-math.inf, math.inf)
    low, high = (np.clip(pulled.estimate + sign * half, *ends) for sign in (-1, 1))
    found = []
    for at, (name, value) in enumerate(zip(names, line.values, strict=True)):
        reason = value.note or "nothing_to_pull"
        shrunken = Value(
            float(pulled.estimate[at]), float(pulled.std_error[at]), float(low[at]), float(high[at]), value.n,
            note="" if math.isfinite(pulled.estimate[at]) else reason,
        )  # fmt: skip
        rank = Value(
            float(places.rank[at]), NAN, float(places.best[at]), float(places.worst[at]), value.n,
            note="" if math.isfinite(places.rank[at]) else reason,
        )  # fmt: skip
        metric = about["metric"]
        found.append({**about, **_numbers(shrunken), "metric": f"{metric}_shrunk", "group": name})
        found.append({**about, **_numbers(rank), "metric": f"{metric}_rank", "unit": "count", "group": name})
    return found


def of_estimate(found: Estimate, ends: tuple[float, float] = (-math.inf, math.inf)) -> Value:
    """Return an estimate of a survey as a value, its interval cut at the ends of what can be."""
    low, high = (min(max(bound, ends[0]), ends[1]) for bound in (found.ci_low, found.ci_high))
    note = "" if math.isfinite(found.estimate) else "no_answers"
    error = found.std_error
    if math.isnan(error) and math.isfinite(low + high):
        error = 0.0  # a share of 0 or 1: its exact interval says what the error cannot
    if math.isnan(error):
        low = high = NAN
        note = note or "no_spread"
    return Value(found.estimate, error, low, high, found.n, found.n_effective, note=note)


def of_gap(found: Estimate, n: float) -> Value:
    """Return a difference of two domains as a value with its own p-value; `n` is that of the region."""
    value = of_estimate(found)
    p = two_sided_p(found.estimate, found.std_error, found.df)
    return Value(value.estimate, value.std_error, value.ci_low, value.ci_high, n, p_value=p, note=value.note)


def of_rate(found: Rate, p_value: float = NAN) -> Value:
    """Return a share of events as a value."""
    return Value(found.estimate, found.std_error, found.ci_low, found.ci_high, found.n, p_value=p_value,
                 note=found.note)  # fmt: skip


def too_few(n: float) -> Value:
    """Return the gap of a region that is too small to compare, or whose others are."""
    return Value(n=n, note="too_few")
