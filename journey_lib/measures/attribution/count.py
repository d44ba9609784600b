"""Every model over every group: estimates from the paths, intervals from the draws, as tidy rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.attribution.costs import Costs, spent
from journey_lib.measures.attribution.models import Drawn, Estimates, drawn, estimates
from journey_lib.measures.attribution.plan import NO_CHANNEL
from journey_lib.present.vocabulary import NUMBERS
from journey_lib.stats.inference import two_sided_p

if TYPE_CHECKING:
    from journey_lib.measures.attribution.plan import Plan
    from journey_lib.stats.attribution.paths import Floats, Ints
    from journey_lib.stats.kernels.touches import Touched
    from journey_lib.study.data import Data

Block = dict[str, Any]
MODELS = ("first", "last", "last_non_direct", "linear", "u_shape", "time_decay", "markov", "shapley")
RATE = "shapley_rate"


@dataclass(frozen=True, eq=False)
class Counted:
    """The table, and what the checks look at again.

    Attributes
    ----------
    plan : Plan
        What was asked.
    rows : DataFrame
        Tidy rows.
    touched : Touched
        Paths of everybody.
    channels, groups : tuple of str
        Channels met by anybody, largest removal effect first; groups in order.
    total : Estimates
        The models over everybody.
    costs : Costs or None
        What channels cost.
    level : float
        Of the intervals.
    """

    plan: Plan
    rows: pd.DataFrame = field(repr=False)
    touched: Touched = field(repr=False)
    channels: tuple[str, ...]
    groups: tuple[str, ...]
    total: Estimates
    costs: Costs | None
    level: float


def count(plan: Plan, data: Data, level: float) -> Counted:
    """Return every number of the attribution report.

    Parameters
    ----------
    plan : Plan
        What is asked of the log.
    data : Data
        For the costs of channels.
    level : float
        Confidence level.
    """
    kernel = plan.kernel
    touched = plan.observed.run(kernel)
    seen, order = np.flatnonzero(touched.met[-1]), plan.asked.order
    names = [plan.channels[at] for at in seen]
    total = estimates(touched, seen, order, kernel.direct)
    costs = spent(plan, data, names)
    blocks = [*_blocks(plan, touched, seen, "", total, drawn(touched, seen, order, None), level)]
    blocks += [*_costs(costs, blocks, names, level)] if costs else []
    groups = [at for at in range(len(plan.groups)) if touched.people[at].any()]
    for at in groups:
        part, draws = touched.only(at), drawn(touched, seen, order, at)
        found = estimates(part, seen, order, kernel.direct)
        blocks += _blocks(plan, part, seen, plan.groups[at], found, draws, level)
    rows, shown = _stacked(blocks, plan.stage), tuple(plan.groups[at] for at in groups)
    return Counted(plan, rows, touched, _ranked(names, total.effect), shown, total, costs, level)


def _ranked(names: list[str], effect: Floats) -> tuple[str, ...]:
    """Return channels by removal effect, largest first; touches without a channel last."""
    order = np.argsort(-np.nan_to_num(effect, nan=-1), kind="stable")
    return tuple(sorted((names[at] for at in order), key=lambda name: name == NO_CHANNEL))


def _blocks(
    plan: Plan, touched: Touched, seen: Ints, group: str, found: Estimates, draws: Drawn, level: float
) -> Iterator[Block]:
    """Give the rows of one group, or of everybody."""
    shared = {
        "option": np.array([plan.channels[at] for at in seen], object), "group": group,
        "n": touched.met[-1][seen], "ci_level": level,
    }  # fmt: skip
    sold, worth = touched.sold.sum(), touched.worth.sum()
    yield {"metric": "conversions", "group": group, "estimate": np.array([sold]), "unit": "count",
           "n": int(touched.people[-1].sum())}  # fmt: skip
    for model in MODELS:
        keys = {**shared, "weighting": model}
        share = _interval(found.shares[model], draws.shares[model], level, found.why(model))
        yield {**keys, "metric": "credit_share", "unit": "share", **share}
        yield {**keys, "metric": "credit", "unit": "count", **_scaled(share, sold)}
        if plan.value:
            valued = _interval(
                found.value_shares[model], draws.value_shares[model], level, found.why(model, valued=True)
            )
            valued = _without_refunds(valued)
            yield {**keys, "metric": "value_share", "unit": "share", **valued}
            yield {**keys, "metric": "value", "unit": "currency", **_scaled(valued, worth)}
    effect = _interval(found.effect, draws.effect, level, found.why("markov"))
    yield {**shared, "weighting": "markov", "metric": "removal_effect", "unit": "share", **effect}
    rate = _interval(found.rate_gain, draws.rate_gain, level, found.why_rate)
    yield {**shared, "weighting": RATE, "metric": "rate_gain", "unit": "share_points", **rate}
    gap = _interval(
        found.shares["last"] - found.shares["markov"], draws.shares["last"] - draws.shares["markov"], level,
        found.why("markov"),
    )  # fmt: skip
    gap["p_value"] = np.array(
        [two_sided_p(e, s, np.inf) for e, s in zip(gap["estimate"], gap["std_error"], strict=True)]
    )
    yield {
        **shared,
        "weighting": "last",
        "comparison": "markov",
        "metric": "gap",
        "unit": "share_points",
        **gap,
    }


def _interval(estimate: Floats, draws: Floats, level: float, why: np.ndarray) -> Block:
    """Return estimates with percentile intervals of their draws, widened to hold the estimate."""
    missing = np.isnan(estimate)
    low, high, error = (np.full(len(estimate), np.nan) for _ in range(3))
    enough = (np.isfinite(draws).sum(axis=1) > 1) & ~missing
    if enough.any():
        tail = (1 - level) / 2
        ends = np.nanquantile(draws[enough], [tail, 1 - tail], axis=1)
        low[enough], high[enough] = np.fmin(ends[0], estimate[enough]), np.fmax(ends[1], estimate[enough])
        error[enough] = np.nanstd(draws[enough], axis=1, ddof=1)
    return {
        "estimate": estimate,
        "std_error": error,
        "ci_low": low,
        "ci_high": high,
        "note": np.where(missing, why, ""),
    }


def _without_refunds(share: Block) -> Block:
    """Return shares of a value, or none: with refunds among the values a part can exceed the whole."""
    ends = [share[name][np.isfinite(share[name])] for name in ("estimate", "ci_low", "ci_high")]
    if all(((values >= 0) & (values <= 1)).all() for values in ends):
        return share
    nothing = np.full(len(share["estimate"]), np.nan)
    none = dict.fromkeys(("estimate", "std_error", "ci_low", "ci_high"), nothing)
    return {**none, "note": np.full(len(nothing), "negative_value", dtype=object)}


def _scaled(share: Block, total: float) -> Block:
    """Return shares as parts of a total that is taken as it was counted."""
    scaled = {name: share[name] * total for name in ("estimate", "std_error", "ci_low", "ci_high")}
    return {**share, **scaled}


def _costs(costs: Costs, blocks: list[Block], names: list[str], level: float) -> Iterator[Block]:
    """Give what each channel cost, and by each model what one conversion cost and what came back."""
    met = next(block["n"] for block in blocks if block["metric"] == "credit_share")
    shared = {"option": np.array(names, object), "group": "", "n": met, "ci_level": level}
    missing = np.isnan(costs.cost)
    yield {
        **shared,
        "metric": "cost",
        "unit": "currency",
        "estimate": costs.cost,
        "note": np.where(missing, "no_cost", ""),
    }
    for block in blocks:
        if block["metric"] == "credit":
            yield {**shared, "weighting": block["weighting"], "metric": "cost_per_conversion",
                   "unit": "currency", **_ratio(costs.cost, block, over=True)}  # fmt: skip
        elif block["metric"] == "value":
            yield {**shared, "weighting": block["weighting"], "metric": "return", "unit": "score",
                   **_ratio(costs.cost, block, over=False)}  # fmt: skip


def _ratio(cost: Floats, block: Block, *, over: bool) -> Block:
    """Return cost / credit, or value / cost; NaN with its reason where there is nothing to divide by."""
    credit = block["estimate"]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = [cost / block[n] if over else block[n] / cost for n in ("estimate", "ci_low", "ci_high")]
    estimate, low, high = (np.where(np.isfinite(end), end, np.nan) for end in ends)
    if over:
        low, high = high, low
    unpaid = ~(cost > 0)
    uncredited = ~unpaid & ~(credit > 0)
    hidden = unpaid | (uncredited if over else np.isnan(credit))
    unbounded = np.isnan(low) | np.isnan(high) | hidden
    note = np.select([unpaid, hidden, unbounded], ["no_cost", "no_credit", "unbounded"], "")
    return {
        "estimate": np.where(hidden, np.nan, estimate), "ci_low": np.where(unbounded, np.nan, low),
        "ci_high": np.where(unbounded, np.nan, high), "note": note,
    }  # fmt: skip


def _stacked(blocks: list[Block], stage: str) -> pd.DataFrame:
    """Return blocks as one frame, column by column."""
    lengths = [len(block["estimate"]) for block in blocks]
    columns = {"stage": np.full(sum(lengths), stage, object)}
    for name in dict.fromkeys(name for block in blocks for name in block):
        blank = np.nan if name in NUMBERS else ""
        parts = [
            np.broadcast_to(np.asarray(block.get(name, blank)), n)
            for block, n in zip(blocks, lengths, strict=True)
        ]
        columns[name] = np.concatenate([part.astype(float if name in NUMBERS else object) for part in parts])
    return pd.DataFrame(columns)
