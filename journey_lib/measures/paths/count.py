"""The counting of paths: one pass of the kernels, then every number of the report as tidy rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from journey_lib.measures.paths.nodes import Nodes
from journey_lib.present.vocabulary import NUMBERS
from journey_lib.stats import sums, transitions
from journey_lib.stats.kernels.paths import Counted, Paths, Plan
from journey_lib.stats.kernels.paths.moves import KINDS

if TYPE_CHECKING:
    from journey_lib.measures.paths.drivers import Drivers
    from journey_lib.study.engine import Observed

Block: TypeAlias = dict[str, Any]  # columns of some rows: arrays, or one value for all of them
MOST_EDGES, MOST_WAYS = 1_000, 20
UNKNOWN = "unknown"
ASTRAY = ("back", "skip", "late", "win_back", "astray")
BETWEEN = " > "
_INTERVAL = ("estimate", "std_error", "ci_low", "ci_high")


@dataclass(frozen=True, eq=False)
class Walked:
    """What was counted, and what the numbers mean.

    Attributes
    ----------
    plan, nodes : Plan, Nodes
        How events became paths.
    counted : Counted
        The answer of the kernel.
    cells : ndarray of int
        The cells of the matrix that have rows in the table: those taken, the most frequent ones first kept.
    groups : tuple of str
        Values of `by`, "unknown" last where there is somebody in it.
    numbers : tuple of int
        The number of each group in the kernel's tables.
    layers : int
        Groups the kernel's tables have room for.
    level : float
        Confidence level.
    least : int
        Customers either side of a test needs.
    """

    plan: Plan
    nodes: Nodes
    counted: Counted = field(repr=False)
    cells: np.ndarray = field(repr=False)
    groups: tuple[str, ...]
    numbers: tuple[int, ...]
    layers: int
    level: float
    least: int

    @property
    def walkers(self) -> int:
        """Customers with at least one path."""
        return self.counted.numbers["walkers"]

    @property
    def paths(self) -> int:
        """Paths of all customers."""
        return self.counted.numbers["paths"]

    def names(self, cells: np.ndarray) -> tuple[list[str], list[str]]:
        """Return from and to of some cells."""
        one, other = np.divmod(cells, self.plan.columns)
        rows, columns = self.nodes.rows, self.nodes.columns
        return [rows[at] for at in one.tolist()], [columns[at] for at in other.tolist()]


def walk(
    observed: Observed, plan: Plan, nodes: Nodes, *, by: str, names: Sequence[str], level: float, least: int
) -> Walked:
    """Run the kernel over everybody observed.

    Parameters
    ----------
    observed : Observed
        Whose events count.
    plan, nodes : Plan, Nodes
        How events become paths.
    by : str
        What splits the counts, "" for nothing.
    names : sequence of str
        The values of `by`.
    level : float
        Confidence level.
    least : int
        Customers either side of a test needs.
    """
    attribute = not by or observed.where(by) == "people"
    kernel = Paths(plan, by=by, attribute=attribute, levels=len(names))
    counted = observed.run(kernel)
    taken = transitions.taken_cells(counted, plan)
    often = transitions.edges(counted, plan, taken).n
    kept = np.sort(taken[np.argsort(-often, kind="stable")[:MOST_EDGES]])
    groups: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    if by:
        there = set((counted.tables["visits"].keys // (plan.nodes + 1)).tolist())
        shown = [(name, at) for at, name in enumerate([*names, UNKNOWN]) if at in there]
        groups, numbers = tuple(name for name, _ in shown), tuple(at for _, at in shown)
    return Walked(plan, nodes, counted, kept, groups, numbers, kernel.groups, level, least)


def rows(walked: Walked, drivers: Drivers) -> pd.DataFrame:
    """Return every number of the report."""
    blocks = [*_transitions(walked), *_dropoff(walked), _times(walked), *_differences(walked)]
    blocks += [*_steps(walked), _ways(walked), *_astray(walked), *_pairs(walked), *drivers.blocks()]
    return stacked([{**block, "ci_level": walked.level} for block in blocks if len(block["estimate"])])


def stacked(blocks: Sequence[Block]) -> pd.DataFrame:
    """Return blocks as one frame, column by column."""
    names = list(dict.fromkeys(name for block in blocks for name in block))
    lengths = [len(block["estimate"]) for block in blocks]
    columns = {}
    for name in names:
        blank = np.nan if name in NUMBERS else ""
        parts = [
            np.broadcast_to(np.asarray(block.get(name, blank), None if name in NUMBERS else object), n)
            for block, n in zip(blocks, lengths, strict=True)
        ]
        columns[name] = np.concatenate(parts)
    return pd.DataFrame(columns)


def _transitions(walked: Walked) -> Iterator[Block]:
    one, other = walked.names(walked.cells)
    keys = {**walked.nodes.keys(one), "comparison": other}
    total = transitions.edges(walked.counted, walked.plan, walked.cells)
    yield {**keys, "metric": "transitions", "unit": "count", "estimate": total.n, "n": total.customers}
    for group, at in [("", None), *zip(walked.groups, walked.numbers, strict=True)]:
        edges = transitions.edges(walked.counted, walked.plan, walked.cells, at)
        found = edges.shares(walked.level)
        note = np.where(edges.visits == 0, "no_visit", "")
        yield {
            **keys, **_columns(found), "metric": "transition", "unit": "share", "group": group,
            "n": edges.walkers, "note": note,
        }  # fmt: skip


def _dropoff(walked: Walked) -> Iterator[Block]:
    size = walked.plan.nodes
    layers = walked.counted.tables["ripe"].dense(walked.layers * size).reshape(-1, size, 6)
    every = transitions.edges(walked.counted, walked.plan, np.arange(size) * walked.plan.columns)
    visited = every.visits > 0
    ids = [name for name, seen in zip(walked.nodes.ids, visited, strict=True) if seen]
    yield {
        **walked.nodes.keys(ids), "metric": "visits", "unit": "count", "estimate": every.visits[visited],
        "n": every.walkers[visited],
    }  # fmt: skip
    for group, at in [("", None), *zip(walked.groups, walked.numbers, strict=True)]:
        here = layers.sum(axis=0) if at is None else layers[at]
        r, customers, rr, e, ee, er = here[visited].T
        found = sums.ratios(e, r, ee, rr, er, customers, walked.level)
        yield {
            **walked.nodes.keys(ids), **_columns(found), "metric": "dropoff", "unit": "share", "group": group,
            "n": customers, "note": np.where(r == 0, "no_ripe_visit", ""),
        }  # fmt: skip


def _times(walked: Walked) -> Block:
    one, other = np.divmod(walked.cells, walked.plan.columns)
    inner = (one < walked.plan.nodes) & (other < walked.plan.nodes)
    edges = transitions.edges(walked.counted, walked.plan, walked.cells[inner])
    pairs = one[inner] * walked.plan.nodes + other[inner]
    found = median_days(walked, pairs, edges)
    names = walked.names(walked.cells[inner])
    return {
        **walked.nodes.keys(names[0]), "comparison": names[1], **_columns(found), "metric": "time_to_next",
        "unit": "days", "n": edges.customers,
    }  # fmt: skip


def median_days(walked: Walked, pairs: np.ndarray, edges: transitions.Edges) -> sums.Columns:
    """Return the median days of moves between two nodes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = edges.n.astype(float) ** 2 / edges.squares
    return transitions.median_days(walked.counted.tables["gaps"], pairs, effective, walked.level)


def _differences(walked: Walked) -> Iterator[Block]:
    known = [(name, at) for name, at in zip(walked.groups, walked.numbers, strict=True) if name != UNKNOWN]
    if len(known) < 2:
        return
    one, other = walked.names(walked.cells)
    keys = {**walked.nodes.keys(one), "comparison": other}
    total = transitions.edges(walked.counted, walked.plan, walked.cells)
    if UNKNOWN in walked.groups:  # who never said who they are cannot be like or unlike a group
        at = walked.numbers[walked.groups.index(UNKNOWN)]
        total -= transitions.edges(walked.counted, walked.plan, walked.cells, at)
    parts = [transitions.edges(walked.counted, walked.plan, walked.cells, at) for _, at in known]
    found = transitions.differences(parts, total, walked.level, least=walked.least)
    for (group, _), part, gap in zip(known, parts, found, strict=True):
        fewer = np.minimum(part.walkers, total.walkers - part.walkers)
        note = np.where(np.isnan(gap.estimate), "no_visit", np.where(gap.tested, "", "not_tested"))
        yield {
            **keys, "estimate": gap.estimate, "std_error": gap.std_error, "ci_low": gap.ci_low,
            "ci_high": gap.ci_high, "p_value": gap.p_value, "metric": "transition_difference",
            "unit": "share_points", "group": group, "n": fewer, "note": note,
        }  # fmt: skip


def _steps(walked: Walked) -> Iterator[Block]:
    at = transitions.step_matrix(walked.counted, walked.plan)
    seen = at.sum(axis=1) > 0
    names = [name for name, there in zip(walked.nodes.columns, seen, strict=True) if there]
    for step in range(walked.plan.steps):
        share = at[seen, step] / walked.paths if walked.paths else np.full(seen.sum(), np.nan)
        yield {
            **walked.nodes.keys(names), "metric": f"step_{step + 1}", "unit": "share", "estimate": share,
            "n": walked.walkers,
        }  # fmt: skip


def _ways(walked: Walked) -> Block:
    told = walked.counted.variants
    assert told is not None  # noqa: S101 - the kernel was asked for them
    first = told.top(MOST_WAYS)
    n, customers, squares, products = told.sums[first].T
    starts = np.array([walked.plan.start * walked.plan.columns])
    start = transitions.edges(walked.counted, walked.plan, starts)
    found = sums.ratios(
        n, np.full(len(n), walked.paths), squares, np.full(len(n), start.visit_squares[0]), products,
        np.full(len(n), walked.walkers), walked.level,
    )  # fmt: skip
    texts = [way(walked, number) for number in first]
    return {**_columns(found), "metric": "way", "unit": "share", "option": texts, "n": customers}


def way(walked: Walked, number: int) -> str:
    """Return a whole path as text: its nodes, an ellipsis where not all of them are kept, and its end."""
    told = walked.counted.variants
    assert told is not None  # noqa: S101 - the kernel was asked for them
    kept, more = told.steps(number)
    final = walked.nodes.columns[walked.plan.end if told.ended[number] else walked.plan.open]
    return BETWEEN.join([*(walked.nodes.ids[code] for code in kept), *(["…"] if more else []), final])


def _astray(walked: Walked) -> Iterator[Block]:
    if all(place < 0 for place in walked.nodes.places):
        return
    table = walked.counted.tables["kinds"].dense(len(KINDS))
    told = [kind for kind in ASTRAY if not (walked.plan.gap and kind in ("late", "win_back"))]
    customers = np.array([table[KINDS.index(kind), 1] for kind in told])
    found = sums.shares(customers, np.full(len(told), walked.walkers), walked.level)
    empty = np.where(np.isnan(found.estimate), "no_visit", "")
    yield {**_columns(found), "metric": told, "unit": "share", "n": walked.walkers, "note": empty}


def _pairs(walked: Walked) -> Iterator[Block]:
    for metric, table in (("loop", "loops"), ("win_backs", "win_backs")):
        tally = walked.counted.tables[table]
        often = np.argsort(-tally.sums[:, 0], kind="stable")[:MOST_EDGES]
        one, other = np.divmod(tally.keys[often], max(walked.plan.nodes, 1))
        ids = walked.nodes.ids
        yield {
            **walked.nodes.keys([ids[at] for at in one.tolist()]),
            "comparison": [ids[at] for at in other.tolist()],
            "metric": metric, "unit": "count", "estimate": tally.sums[often, 0].astype(float),
            "n": tally.sums[often, 1],
        }  # fmt: skip


def _columns(found: sums.Columns) -> Block:
    return {name: getattr(found, name) for name in _INTERVAL}
