"""From counted paths to shares of transitions, their differences between groups, and median times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.multiplicity import benjamini_hochberg
from journey_lib.stats.sums import Columns, ratios

if TYPE_CHECKING:
    from journey_lib.stats.inputs import FloatArray
    from journey_lib.stats.kernels.paths import Counted, Plan, Tally

SPAN = 1 << 32  # seconds a key of the table of gaps has room for
SECONDS_A_DAY = 86_400
EXPECTED = 5  # moves, taken and not taken, that a test needs on both sides if they do not differ


@dataclass(frozen=True, eq=False)
class Edges:
    """Sums of some cells of the matrix of transitions, over all customers of a group.

    Attributes
    ----------
    cells : ndarray of int
        Row times the number of columns plus column.
    n, customers : ndarray of int
        Moves, and customers who made one.
    squares, products : ndarray of int
        Over customers the sums of n_ab² and of n_ab times n_a.
    visits, walkers, visit_squares : ndarray of int
        Visits to the node the move leaves, customers who came there, and the sum of n_a².
    """

    cells: np.ndarray
    n: np.ndarray
    customers: np.ndarray
    squares: np.ndarray
    products: np.ndarray
    visits: np.ndarray
    walkers: np.ndarray
    visit_squares: np.ndarray

    def __sub__(self, part: Edges) -> Edges:
        """Return the sums of everybody else: groups hold different customers."""
        names = ("n", "customers", "squares", "products", "visits", "walkers", "visit_squares")
        rest = {name: getattr(self, name) - getattr(part, name) for name in names}
        return Edges(cells=self.cells, **rest)

    def shares(self, level: float) -> Columns:
        """Return the share of the visits to a node that leave it by each move, customers as clusters."""
        return ratios(
            self.n, self.visits, self.squares, self.visit_squares, self.products, self.walkers, level
        )

    def variance(self, common: FloatArray) -> FloatArray:
        """Return the linearised variance of the shares, never below that of independent visits.

        A group in which nobody makes a rare move shows no spread, and would pass for certain: `common`, the
        share among everybody, says how much there is at least.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self.n / self.visits
            residual = self.squares - 2 * share * self.products + share**2 * self.visit_squares
            found: FloatArray = (
                self.walkers / (self.walkers - 1.0) * np.maximum(residual, 0) / self.visits.astype(float) ** 2
            )
            independent = common * (1 - common) / self.visits
        least: FloatArray = np.maximum(found, independent)
        return least


@dataclass(frozen=True, eq=False)
class Differences:
    """Shares of one group less those of everybody else, cell by cell.

    Attributes
    ----------
    estimate, std_error, ci_low, ci_high : ndarray of float
        NaN where a side has no visit.
    p_value : ndarray of float
        Benjamini–Hochberg over all cells handed in together; NaN where it is not tested.
    tested : ndarray of bool
        Whether both sides rest on enough customers, and something varies.
    """

    estimate: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: FloatArray
    tested: np.ndarray


def edges(found: Counted, plan: Plan, cells: np.ndarray, group: int | None = None) -> Edges:
    """Return the sums of some cells, of one group or of everybody.

    Parameters
    ----------
    found : Counted
        What the kernel counted, with its part `moments`.
    plan : Plan
        The plan of the kernel.
    cells : ndarray of int
        Row times the number of columns plus column; a cell nobody took has zeros.
    group : int, optional
        Number of the group; everybody when left out.
    """
    rows = plan.nodes + 1
    tables, at = found.tables, cells // plan.columns
    counts, moves, visits = (
        _layer(tables[name], size, group)
        for name, size in (("counts", plan.cells), ("moves", plan.cells), ("visits", rows))
    )
    one, sums, base = (
        looked_up(counts, cells, 1),
        looked_up(moves, cells, 3),
        looked_up(visits, at, 3),
    )
    return Edges(cells, one[:, 0], *sums.T, *base.T)


def taken_cells(found: Counted, plan: Plan) -> np.ndarray:
    """Return the cells somebody took, ascending."""
    return np.unique(found.tables["counts"].keys % plan.cells)


def differences(groups: list[Edges], everybody: Edges, level: float, *, least: int = 30) -> list[Differences]:
    """Return how the shares of each group differ from those of all others.

    Parameters
    ----------
    groups : list of Edges
        The groups, each with the same cells; no customer is in two of them.
    everybody : Edges
        All customers, those of no group included.
    level : float
        Confidence level of the intervals, each for itself.
    least : int
        Customers at the node that both sides need for a test.

    Definition
    ----------
    P₁ − P₂ with the sum of both linearised variances, neither below that of independent visits at the share
    of everybody; z against the normal distribution where at least 5 moves are expected on both sides;
    Benjamini–Hochberg over all cells of all groups.

    Source
    ------
    Cochran (1977), Sampling Techniques, 3rd ed., section 6.3. Benjamini and Hochberg (1995), Controlling the
    false discovery rate, JRSS B 57.
    """
    from scipy.special import ndtr, ndtri

    found, p_values = [], []
    with np.errstate(divide="ignore", invalid="ignore"):
        common = everybody.n / everybody.visits
    for part in groups:
        rest = everybody - part
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = part.n / part.visits - rest.n / rest.visits
            error = np.sqrt(part.variance(common) + rest.variance(common))
            tested = (np.minimum(part.walkers, rest.walkers) >= least) & (error > 0)
            fewer = np.minimum(part.visits, rest.visits)
            tested &= fewer * np.minimum(common, 1 - common) >= EXPECTED
            p = np.where(tested, 2 * ndtr(-np.abs(gap / error)), np.nan)
        half = float(ndtri(0.5 + level / 2)) * np.where(tested, error, np.nan)
        found.append((gap, np.where(tested, error, np.nan), gap - half, gap + half, tested))
        p_values.append(p)
    adjusted = benjamini_hochberg(np.concatenate(p_values)) if p_values else np.zeros(0)
    parts = np.split(adjusted, len(groups)) if groups else []
    return [Differences(*row[:4], p, row[4]) for row, p in zip(found, parts, strict=True)]


def median_days(gaps: Tally, pairs: np.ndarray, effective: np.ndarray, level: float) -> Columns:
    """Return the median time of each move in days, from an exact table of whole seconds.

    Parameters
    ----------
    gaps : Tally
        Counts by cell of two nodes and whole second.
    pairs : ndarray of int
        The cells wanted: node times the number of nodes plus the next node.
    effective : ndarray of float
        How many independent moves each cell is worth.
    level : float
        Confidence level.

    Definition
    ----------
    The middle of the two middle times. The interval inverts the share below the median at the effective
    number of moves, n_ab² / Σ n_ab², which takes the moves of one customer for one: rather wide than narrow.

    Source
    ------
    Woodruff (1952), Confidence intervals for medians and other position measures, JASA 47.
    """
    from scipy.special import ndtri

    begin = np.searchsorted(gaps.keys, pairs * SPAN)
    end = np.searchsorted(gaps.keys, (pairs + 1) * SPAN)
    upto = np.append(0, np.cumsum(gaps.sums[:, 0]))
    before, n = upto[begin], upto[end] - upto[begin]

    def at(rank: np.ndarray) -> FloatArray:
        place = np.searchsorted(upto, before + rank) - 1
        known = gaps.keys[np.clip(place, 0, max(len(gaps.keys) - 1, 0))] % SPAN if len(gaps.keys) else place
        return np.where((rank >= 1) & (rank <= n), known / SECONDS_A_DAY, np.nan)

    with np.errstate(divide="ignore", invalid="ignore"):
        half = float(ndtri(0.5 + level / 2)) * 0.5 / np.sqrt(effective) * n
    known = np.isfinite(half)
    low = np.where(known, np.floor(n / 2 - np.nan_to_num(half)), 0).astype(np.int64)
    high = np.where(known, np.ceil(n / 2 + np.nan_to_num(half)) + 1, 0).astype(np.int64)
    middle = (at((n + 1) // 2) + at(n // 2 + 1)) / 2
    bounded = (low >= 1) & (high <= n) & known
    ends = [np.where(bounded, at(rank), np.nan) for rank in (low, high)]
    return Columns(middle, np.full(len(pairs), np.nan), *ends)


def step_matrix(found: Counted, plan: Plan) -> np.ndarray:
    """Return how many of all paths stand where at each of the first steps.

    Parameters
    ----------
    found : Counted
        What the kernel counted, with its part `shown`.
    plan : Plan
        The plan of the kernel.

    Returns
    -------
    ndarray of int
        One row a node, then END and OPEN; one column a step. Each column sums to the number of paths.
    """
    flows = found.tables["flows"]
    step, cell = np.divmod(flows.keys, plan.cells)
    node, to = np.divmod(cell, plan.columns)
    n = flows.sums[:, 0]
    at = np.zeros((plan.columns, plan.steps), dtype=np.int64)
    np.add.at(at, (node, step), n)
    for final in (plan.end, plan.open):
        stops = np.bincount(step[to == final], n[to == final], plan.steps).astype(np.int64)
        at[final, 1:] = np.cumsum(stops)[:-1]
    return at


def looked_up(tally: Tally, keys: np.ndarray, width: int) -> np.ndarray:
    """Return the sums of some keys; zeros where a key is not there."""
    sums = np.zeros((len(keys), width), dtype=np.int64)
    if len(tally.keys):
        place = np.minimum(np.searchsorted(tally.keys, keys), len(tally.keys) - 1)
        there = tally.keys[place] == keys
        sums[there] = tally.sums[place[there]]
    return sums


def _layer(tally: Tally, size: int, group: int | None) -> Tally:
    """Return one group of a table, or all groups added up."""
    from journey_lib.stats.kernels.tally import Tally as Sums
    from journey_lib.stats.kernels.tally import summed

    if group is None:
        return summed(tally.keys % size, tally.sums)
    begin, end = np.searchsorted(tally.keys, [group * size, (group + 1) * size])
    return Sums(tally.keys[begin:end] - group * size, tally.sums[begin:end])
