"""How many groups: several criteria side by side, what they agree on, and whether there are any at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from journey_lib.stats.clusters.centres import kmeans, mixture
from journey_lib.stats.clusters.latent import ROUGH, latent
from journey_lib.stats.clusters.matching import agreement
from journey_lib.stats.clusters.prototypes import default_penalty, gower, prototypes
from journey_lib.stats.clusters.table import (
    Fit,
    Fitter,
    Floats,
    Ints,
    Mixed,
    child,
    sample_rows,
    seed_of,
)

STRONG = 0.8  # prediction strength from which groups can be told apart
ROWS, PAIRS = 3_000, 1_500  # most rows criteria look at; and those that compare every pair
ALPHA = 0.05
Criterion = dict[int, float]


@dataclass(frozen=True, eq=False)
class Criteria:
    """What each criterion says of each number of groups.

    Attributes
    ----------
    silhouette, gap, bic, icl, strength, agreement, smallest : dict of int to float
        By number of groups: mean silhouette, gap, BIC and ICL of the model (smaller is better), prediction
        strength, adjusted Rand index between groups found in random halves, and share of the smallest group.
        Empty where a criterion does not apply to the method.
    gap_error : dict of int to float
        Standard error of the gap.
    one_cloud : float
        p-value of the test that all rows are one cloud; NaN where there is none.
    rows : int
        Rows the criteria looked at.
    picks : dict of str to int
        How many groups each criterion asks for; 1 means none.
    """

    silhouette: Criterion
    gap: Criterion
    gap_error: Criterion
    bic: Criterion
    icl: Criterion
    strength: Criterion
    agreement: Criterion
    smallest: Criterion
    one_cloud: float
    rows: int
    picks: dict[str, int] = field(default_factory=dict)

    @property
    def agreed(self) -> bool:
        """Whether all criteria ask for the same number."""
        return len(set(self.picks.values())) == 1

    @property
    def k(self) -> int:
        """The number above 1 that most criteria ask for, the smaller one in a tie; 1 where none does."""
        votes = Counter(k for k in self.picks.values() if k > 1)
        return min(votes, key=lambda k: (-votes[k], k)) if votes else 1

    @property
    def against(self) -> tuple[str, ...]:
        """What speaks against any groups: criteria that ask for one, and the test of one cloud."""
        found = [name for name in ("gap", "bic", "strength") if self.picks.get(name) == 1]
        return (*found, "one_cloud") if self.one_cloud > ALPHA else tuple(found)

    @property
    def verdict(self) -> str:
        """Whether there are groups: "none" where two voices speak against, "unsure" where one does."""
        return ("clear", "unsure", "none")[min(len(self.against), 2)]


def criteria(
    table: Mixed,
    method: str,
    fitter: Fitter,
    seed: int,
    *,
    ks: Sequence[int] = tuple(range(1, 9)),
    draws: int = 12,
) -> Criteria:
    """Ask several criteria how many groups there are.

    Parameters
    ----------
    table : Mixed
        What is grouped, numbers on comparable scales. At most 3,000 rows, drawn once, are looked at.
    method : {"kmeans", "mixture", "prototypes", "latent", "nmf"}
        Which criteria apply.
    fitter : callable
        The method, as `fitter(table, k, seed)`.
    seed : int
        Where all drawing starts.
    ks : sequence of int
        Numbers to try, from 1.
    draws : int
        Reference sets behind the gap; half as many divisions into halves behind strength and agreement.

    Definition
    ----------
    Gap against uniform rows in the box of the principal components: the smallest k within one standard error
    of the largest gap. BIC of normal mixtures (the best of four forms) for numbers, of latent classes for
    answers. Prediction strength: the largest number of groups with at least 0.8 in the mean of random halves.
    Silhouette takes its maximum and cannot ask for 1. One cloud: the spread within groups, compared with rows
    of one normal distribution of the same covariance (with categories: every column shuffled).

    Source
    ------
    Rousseeuw (1987); Tibshirani, Walther and Hastie (2001); Tibshirani and Walther (2005); Fraley and Raftery
    (2002); Liu, Hayes, Nobel and Marron (2008), Statistical significance of clustering, JASA 103.
    """
    part = table.take(sample_rows(len(table), ROWS, seed, 20))
    most = min(max(ks), max(part.distinct - 1, 1))
    fits = {k: fitter(part, k, seed_of(seed, 21, k)) for k in ks if k <= most}
    numbers = not part.codes.shape[1] and not np.isnan(part.numeric).any() and method != "nmf"
    gap, error = _gaps(part, fits, seed, draws) if numbers else ({}, {})
    bic, icl = _information(part, method, fits, seed) if numbers or method == "latent" else ({}, {})
    halves = {k: _halves(part, k, fitter, seed, max(draws // 2, 4)) for k in fits}
    found = Criteria(
        _silhouettes(part, fits, seed), gap, error, bic, icl, {k: half[0] for k, half in halves.items()},
        {k: half[1] for k, half in halves.items() if np.isfinite(half[1])},
        {k: float(np.bincount(fit.labels, minlength=k).min() / len(part)) for k, fit in fits.items()},
        np.nan, len(part),
    )  # fmt: skip
    picks = _picks(found)
    k = Criteria(**{**vars(found), "picks": picks}).k
    tested = most > 1 and method not in ("latent", "nmf")
    cloud = _one_cloud(part, max(k, 2), seed, draws) if tested else np.nan
    return Criteria(**{**vars(found), "picks": picks, "one_cloud": cloud})


def _picks(found: Criteria) -> dict[str, int]:
    picks = {}
    if found.silhouette:
        picks["silhouette"] = max(found.silhouette, key=lambda k: (found.silhouette[k], -k))
    if found.gap:
        picks["gap"] = _first_gap(found.gap, found.gap_error)
    if found.bic:
        picks["bic"] = min(found.bic, key=lambda k: (found.bic[k], k))
    if found.icl:
        picks["icl"] = min(found.icl, key=lambda k: (found.icl[k], k))
    if found.strength:
        picks["strength"] = max((k for k, value in found.strength.items() if value >= STRONG), default=1)
    return picks


def _first_gap(gap: Criterion, error: Criterion) -> int:
    """Return the smallest number that does about as well as the best.

    The published rule stops at the first k that k + 1 does not beat. It ends at 1 on a dip at 2, however far
    the gap rises after it, which four groups in a square or a row make happen.
    """
    best = max(gap, key=lambda k: gap[k])
    return min(k for k in gap if gap[k] >= gap[best] - error[best])


def _silhouettes(part: Mixed, fits: dict[int, Fit], seed: int) -> Criterion:
    from sklearn.metrics import silhouette_score

    rows = sample_rows(len(part), PAIRS, seed, 22)
    some = part.take(rows)
    plain = not some.codes.shape[1] and not np.isnan(some.numeric).any()
    apart = some.numeric if plain else np.nan_to_num(gower(some), nan=1.0)
    found = {}
    for k, fit in fits.items():
        labels = fit.labels[rows]
        if 1 < len(np.unique(labels)) < len(rows):
            found[k] = float(silhouette_score(apart, labels, metric="euclidean" if plain else "precomputed"))
    return found


def _gaps(part: Mixed, fits: dict[int, Fit], seed: int, draws: int) -> tuple[Criterion, Criterion]:
    """Compare the spread within groups with that of rows spread evenly over a box of the same shape."""
    middle = part.numeric.mean(axis=0)
    _, _, axes = np.linalg.svd(part.numeric - middle, full_matrices=False)
    turned = (part.numeric - middle) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    logs = {k: np.log(max(_within(part.numeric, fit.labels), 1e-300)) for k, fit in fits.items()}
    reference: dict[int, list[float]] = {k: [] for k in fits}
    for at in range(draws):
        box = Mixed(child(seed, 23, at).uniform(low, high, turned.shape), part.codes, (), np.ones(len(part)))
        for k in fits:
            labels = kmeans(box, k, seed_of(seed, 24, at, k), starts=2).labels
            reference[k].append(float(np.log(max(_within(box.numeric, labels), 1e-300))))
    gap = {k: float(np.mean(reference[k]) - logs[k]) for k in fits}
    return gap, {k: float(np.std(reference[k]) * np.sqrt(1 + 1 / draws)) for k in fits}


def _within(values: Floats, labels: Ints) -> float:
    """Return the sum of squares around the groups' means."""
    k = int(labels.max()) + 1
    sizes = np.maximum(np.bincount(labels, minlength=k), 1)
    sums = np.stack([np.bincount(labels, column, minlength=k) for column in values.T], axis=1)
    return float(np.square(values).sum() - (np.square(sums) / sizes[:, None]).sum())


def _information(part: Mixed, method: str, fits: dict[int, Fit], seed: int) -> tuple[Criterion, Criterion]:
    bic, icl = {}, {}
    for k in fits:
        if method == "latent":
            bic[k], icl[k] = latent(part, k, seed_of(seed, 25, k), starts=10, close=ROUGH).bic_icl
        else:
            even = Mixed(part.numeric, part.codes, (), np.ones(len(part)))
            cloud = mixture(even, k, seed_of(seed, 25, k), starts=1)
            bic[k], icl[k] = cloud.bic, cloud.icl
    return bic, icl


def _halves(part: Mixed, k: int, fitter: Fitter, seed: int, draws: int) -> tuple[float, float]:
    """Return prediction strength and agreement of groups found in random halves, each judged by the other."""
    strengths, agreements = [], []
    for at in range(draws):
        order = child(seed, 26, at).permutation(len(part))
        halves = [part.take(np.sort(half)) for half in np.array_split(order, 2)]
        if k == 1 or min(half.distinct for half in halves) < k:
            continue
        fits = [fitter(half, k, seed_of(seed, 27, at, k, side)) for side, half in enumerate(halves)]
        for fit, half, other in zip(fits, halves, reversed(fits), strict=True):
            foreign = other.assign(half)
            strengths.append(_together(fit.labels, foreign, k))
            agreements.append(agreement(fit.labels, foreign))
    if not strengths:
        return float(k == 1), np.nan
    return float(np.mean(strengths)), float(np.mean(agreements))


def _together(own: Ints, foreign: Ints, k: int) -> float:
    """Return the smallest share of a group's pairs that the other half's groups keep together."""
    shares = []
    for group in range(k):
        inside = foreign[own == group]
        n = len(inside)
        if n > 1:
            counts = np.bincount(inside, minlength=k).astype(float)
            shares.append(float((counts * (counts - 1)).sum() / (n * (n - 1))))
    return min(shares, default=0.0)


def _one_cloud(part: Mixed, k: int, seed: int, draws: int) -> float:
    """Return how often rows without groups are divided as well as these."""
    observed = _left(part, k, seed_of(seed, 30))
    count = max(draws, 39)
    drawn = [_left(_cloud(part, child(seed, 31, at)), k, seed_of(seed, 32, at)) for at in range(count)]
    return (1 + sum(value <= observed for value in drawn)) / (count + 1)


def _left(part: Mixed, k: int, seed: int) -> float:
    """Return the share of the spread that k groups leave."""
    if not part.codes.shape[1] and not np.isnan(part.numeric).any():
        fit = kmeans(part, k, seed, starts=3)
        return fit.loss / max(_within(part.numeric, np.zeros(len(part), np.intp)), 1e-300)
    cost = default_penalty(part)
    return (
        prototypes(part, k, seed, starts=3, penalty=cost).loss
        / prototypes(part, 1, seed, starts=1, penalty=cost).loss
    )


def _cloud(part: Mixed, rng: np.random.Generator) -> Mixed:
    if part.codes.shape[1] or np.isnan(part.numeric).any():
        shuffled = [rng.permutation(column) for column in (*part.numeric.T, *part.codes.T)]
        p = part.numeric.shape[1]
        numeric = np.stack(shuffled[:p], axis=1) if p else part.numeric
        codes = np.stack(shuffled[p:], axis=1).astype(np.intp) if len(shuffled) > p else part.codes
        return Mixed(numeric, codes, part.levels, part.weights)
    covariance = np.atleast_2d(np.cov(part.numeric, rowvar=False))
    values, vectors = np.linalg.eigh(covariance)
    noise = rng.standard_normal(part.numeric.shape) * np.sqrt(np.maximum(values, 0))
    return Mixed(part.numeric.mean(axis=0) + noise @ vectors.T, part.codes, (), part.weights)
