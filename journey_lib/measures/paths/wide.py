"""The numbers of a report on paths as wide tables, exact, for their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.measures.paths.count import median_days, way
from journey_lib.measures.paths.nodes import END, OPEN
from journey_lib.stats import transitions as moves

if TYPE_CHECKING:
    from journey_lib.measures.paths.count import Walked


def transitions(walked: Walked, kind: str, group: str) -> pd.DataFrame:
    """Return all cells of the matrix as a frame: counts and customers whole, shares and days as floats."""
    plan = walked.plan
    at = walked.numbers[walked.groups.index(group)] if group else None
    edges = moves.edges(walked.counted, plan, np.arange(plan.cells), at)
    if kind == "median_days":
        values = _days(walked)
    elif kind == "share":
        with np.errstate(divide="ignore", invalid="ignore"):
            values = edges.n / edges.visits
    else:
        values = edges.n if kind == "count" else edges.customers
    rows, columns = list(walked.nodes.rows), list(walked.nodes.columns)
    return pd.DataFrame(values.reshape(len(rows), len(columns)), index=rows, columns=columns)


def step_matrix(walked: Walked, n: int) -> pd.DataFrame:
    """Return shares of all paths by node and step."""
    at = moves.step_matrix(walked.counted, walked.plan)
    share = at / walked.paths if walked.paths else np.full(at.shape, np.nan)
    steps = range(1, walked.plan.steps + 1)
    return pd.DataFrame(share, index=list(walked.nodes.columns), columns=list(steps)).iloc[:, : n or None]


def variants(walked: Walked) -> pd.DataFrame:
    """Return the different paths, most frequent first."""
    told = walked.counted.variants
    assert told is not None  # noqa: S101 - the kernel was asked for them
    order = told.top(len(told.keys))
    return pd.DataFrame(
        {
            "path": [way(walked, number) for number in order],
            "steps": told.lengths[order],
            "ends": np.where(told.ended[order], END, OPEN),
            "paths": told.sums[order, 0],
            "customers": told.sums[order, 1],
            "share": told.sums[order, 0] / max(walked.paths, 1),
        }
    )


def loops(walked: Walked) -> pd.DataFrame:
    """Return repeats in place and returns over one other node, most frequent first."""
    plan, ids = walked.plan, np.array(walked.nodes.ids, dtype=object)
    tally = walked.counted.tables["loops"]
    one, other = np.divmod(tally.keys, max(plan.nodes, 1))
    same = np.arange(plan.nodes)
    edges = moves.edges(walked.counted, plan, same * plan.columns + same)
    again = edges.n > 0
    found = pd.DataFrame(
        {
            "node": np.append(ids[one], ids[again]),
            "over": np.append(ids[other], np.full(int(again.sum()), "", dtype=object)),
            "times": np.append(tally.sums[:, 0], edges.n[again]),
            "customers": np.append(tally.sums[:, 1], edges.customers[again]),
        }
    )
    return found.sort_values(["times", "node", "over"], ascending=[False, True, True], ignore_index=True)


def _days(walked: Walked) -> np.ndarray:
    plan = walked.plan
    one, other = np.divmod(np.arange(plan.cells), plan.columns)
    inner = (one < plan.nodes) & (other < plan.nodes)
    edges = moves.edges(walked.counted, plan, np.flatnonzero(inner))
    values = np.full(plan.cells, np.nan)
    values[inner] = median_days(walked, one[inner] * plan.nodes + other[inner], edges).estimate
    return values
