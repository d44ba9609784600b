"""What each channel cost in the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from journey_lib.measures.attribution.plan import Plan
    from journey_lib.stats.attribution.paths import Floats
    from journey_lib.study.data import Data


@dataclass(frozen=True, eq=False)
class Costs:
    """Cost of each channel in the window; NaN where the study says none.

    Attributes
    ----------
    cost : ndarray
        In the study's currency, for the channels in question.
    touches : float
        Touches paid for, in all; NaN where the study does not count them.
    unmatched : tuple of str
        Channels with a cost that nobody met.
    """

    cost: Floats
    touches: float
    unmatched: tuple[str, ...]


def spent(plan: Plan, data: Data, names: list[str]) -> Costs | None:
    """Return the costs of channels in the window; None without a table, or for a part of the customers.

    Parameters
    ----------
    plan : Plan
        Its window bounds the days.
    data : Data
        Costs by day and channel. They cannot be split, so a segment or known visitors alone have none.
    names : list of str
        Channels in question.
    """
    if data.costs is None or data.segment is not None or plan.observed.visitors != "all":
        return None
    zone = plan.observed.time_zone
    first, last = (
        pd.Timestamp(at, unit="us", tz="UTC").tz_convert(zone).tz_localize(None).normalize()
        for at in (plan.observed.start, plan.observed.end)
    )
    table = data.costs[data.costs["date"].between(first, last)]
    total = table.groupby("channel")["cost"].sum()
    cost = total.reindex(names).to_numpy(dtype=float)
    touches = float(table["touches"].sum()) if "touches" in table else np.nan
    return Costs(cost, touches, tuple(sorted(str(name) for name in set(total.index) - set(names))))
