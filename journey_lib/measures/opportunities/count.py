"""The ranking as tidy rows, and the findings nobody has an idea for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from journey_lib.measures.opportunities.weigh import shared, variants
from journey_lib.stats.priority import reach_draws, share_draws

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.measures.opportunities.measured import Outcome
    from journey_lib.measures.opportunities.weigh import Weighed
    from journey_lib.stats.priority import Ranking
    from journey_lib.study.map_notes import MapNotes
    from journey_lib.study.published.signals import Signal

LEVEL = 0.95
_REACHED = 4000  # draws of the share in pain that is shown


def rows_of(
    known: list[Weighed],
    gains: npt.NDArray[np.float64],
    order: Ranking | None,
    ideas: list[Weighed],
    counted: str,
    seed: int,
    outcomes: Sequence[Outcome] = (),
) -> pd.DataFrame:
    """Return every number of the ranking; an idea that is not ranked has its first reason as note."""
    unit = "currency" if counted == "money" else "count"
    rows: list[dict[str, Any]] = []
    if order is not None:
        for at, one in enumerate(known):
            rows += _ranked(one, order, at, unit, seed)
        rows += _other_orders(known, gains)
        rows += _together(known, gains, unit)
    for one in (i for i in ideas if i not in known):
        reason = one.missing[0] if one.missing else "no_gain"
        rows.append({**_keys(one), "metric": "impact", "unit": unit, "note": reason})
    rows += [row for outcome in outcomes for row in outcome.rows]
    return pd.DataFrame(rows)


def without_idea(signals: Sequence[Signal], written: MapNotes) -> Iterator[Signal]:
    """Yield bad news that no idea speaks to: neither its question nor, where it has none, its stage."""
    named = {pain for idea in written.opportunities for pain in idea.pains}
    stages = {idea.stage for idea in written.opportunities}
    for signal in signals:
        number = signal.fact.number
        about = {number.question, number.option} - {""}
        spoken = bool(about & named) or (signal.kind in ("goal", "group", "after") and signal.stage in stages)
        if signal.worse and not spoken:
            yield signal


def _keys(one: Weighed) -> dict[str, Any]:
    return {"option": one.idea.id, "stage": one.idea.stage}


def _ranked(one: Weighed, order: Ranking, at: int, unit: str, seed: int) -> Iterator[dict[str, Any]]:
    n = min((f.number.n for f in one.pains), default=math.nan)
    base = {**_keys(one), "n": n, "ci_level": LEVEL}
    yield {
        **base, "metric": "impact", "unit": unit, "estimate": order.expected[at], "ci_low": order.low[at],
        "ci_high": order.high[at],
    }  # fmt: skip
    yield {**base, "metric": "first", "unit": "share", "estimate": order.top[at]}
    yield {**base, "metric": "score", "unit": "score", "estimate": order.score[at]}
    yield {**base, "metric": "place", "unit": "count", "estimate": float(order.place[at])}
    yield {**base, "metric": "feasibility", "unit": "score", "estimate": one.feasibility}
    yield {**base, "metric": "customers", "unit": "count", "estimate": one.customers}
    rng = np.random.default_rng([seed, 0])
    shares = [share_draws(abs(f.number.estimate), f.number.std_error, _REACHED, rng) for f in one.pains]
    reached = reach_draws(shares, rng)
    low, high = np.quantile(reached, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    yield {
        **base, "metric": "in_pain", "unit": "share", "estimate": float(reached.mean()), "ci_low": float(low),
        "ci_high": float(high),
    }  # fmt: skip


def _other_orders(known: list[Weighed], gains: npt.NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    for name, places in variants(known, gains).items():
        for one, place in zip(known, places, strict=True):
            yield {
                **_keys(one), "metric": "place_if", "comparison": name, "unit": "count",
                "estimate": float(place),
            }  # fmt: skip


def _together(known: list[Weighed], gains: npt.NDArray[np.float64], unit: str) -> Iterator[dict[str, Any]]:
    """Yield what ideas for one pain bring together: at least the better one, at most their sum."""
    for pain, places in shared(known).items():
        part = gains[:, places].mean(axis=0)
        names = "+".join(known[at].idea.id for at in places)
        for metric, value in (("together_least", part.max()), ("together_most", part.sum())):
            yield {
                "metric": metric,
                "question": pain,
                "comparison": names,
                "unit": unit,
                "estimate": float(value),
            }
