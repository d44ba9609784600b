"""Who moved from which group to which, between two looks at the same people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey_lib.stats.clusters.matching import agreement, crossed
from journey_lib.stats.clusters.table import Floats, Ints
from journey_lib.stats.intervals import wilson

ABSENT = -1


@dataclass(frozen=True, eq=False)
class Migration:
    """Moves between groups.

    Attributes
    ----------
    counts : ndarray of float, groups before by groups after
        People in a group both times.
    share, ci_low, ci_high : ndarray of float
        Share of the group before, with Wilson's interval.
    entered, left : ndarray of float
        People in a group only after, and only before.
    missing : int
        People in no group either time.
    stayed : (float, float, float)
        Share of those in a group both times who are in the same one, with its interval.
    kappa, agreement : float
        Cohen's kappa and the adjusted Rand index.
    bowker : (float, int, float)
        Chi-square of flows that do not balance, degrees of freedom, p-value; NaN where nobody moved.
    """

    counts: Floats
    share: Floats
    ci_low: Floats
    ci_high: Floats
    entered: Floats
    left: Floats
    missing: int
    stayed: tuple[float, float, float]
    kappa: float
    agreement: float
    bowker: tuple[float, int, float]


def migration(before: npt.ArrayLike, after: npt.ArrayLike, k: int, *, level: float = 0.95) -> Migration:
    """Return how people moved between groups.

    Parameters
    ----------
    before, after : array_like of int
        Groups of the same people in the same order, -1 where someone is in none. Groups found anew must be
        matched to the old ones first.
    k : int
        How many groups there are.
    level : float
        Confidence level.

    Source
    ------
    Wilson (1927). Cohen (1960). Bowker (1948), A test for symmetry in contingency tables, JASA 43.

    Examples
    --------
    >>> found = migration([0, 0, 1, 1, -1], [0, 1, 1, 1, 0], 2)
    >>> found.counts.tolist(), found.stayed[0], found.entered.tolist()
    ([[1.0, 1.0], [0.0, 2.0]], 0.75, [1.0, 0.0])
    """
    one, other = np.asarray(before, np.intp), np.asarray(after, np.intp)
    both = (one >= 0) & (other >= 0)
    corner = k - 1
    counts = crossed(np.append(one[both], corner), np.append(other[both], corner))
    counts[corner, corner] -= 1  # the extra person only makes sure that every group has its line
    sizes = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / sizes
        low, high = wilson(share, np.broadcast_to(sizes, counts.shape), level)
    n, same = counts.sum(), np.trace(counts)
    stayed = np.array([same / n if n else np.nan])
    ends = wilson(stayed, np.array([n]), level) if n else (stayed, stayed)
    return Migration(
        counts, share, low, high, _sizes(other[(one < 0) & (other >= 0)], k),
        _sizes(one[(one >= 0) & (other < 0)], k), int(((one < 0) & (other < 0)).sum()),
        (float(stayed[0]), float(ends[0][0]), float(ends[1][0])), _kappa(counts),
        agreement(one[both], other[both]), _bowker(counts),
    )  # fmt: skip


def _sizes(labels: Ints, k: int) -> Floats:
    return np.bincount(labels, minlength=k).astype(float)


def _kappa(counts: Floats) -> float:
    n = counts.sum()
    if not n:
        return float("nan")
    chance = float((counts.sum(axis=0) * counts.sum(axis=1)).sum() / n**2)
    return float((np.trace(counts) / n - chance) / (1 - chance)) if chance < 1 else float("nan")


def _bowker(counts: Floats) -> tuple[float, int, float]:
    from scipy.special import gammaincc

    there, back = counts[np.triu_indices(len(counts), 1)], counts.T[np.triu_indices(len(counts), 1)]
    moved = there + back > 0
    df = int(moved.sum())
    if not df:
        return float("nan"), 0, float("nan")
    chi2 = float((np.square(there - back)[moved] / (there + back)[moved]).sum())
    return chi2, df, float(gammaincc(df / 2, chi2 / 2))
