"""An exact p-value for two shares of which one is rare, also when the arms are large."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.stats.inference.rare import Counts

if TYPE_CHECKING:
    from journey_lib.stats.inputs import FloatArray, IntArray

UNSEEN: Final = 1e-6  # chance that the common share lies outside the range looked at; added to the p-value
_MOST: Final = 1_000  # successes of one arm that are worth counting
_POINTS: Final = 48


def exact_p(counts: Counts) -> tuple[float, str]:
    """Say how often chance alone gives shares that differ as much, and by which test.

    Parameters
    ----------
    counts : Counts
        Successes and units.

    Returns
    -------
    tuple of float and str
        Boschloo's exact p-value; that of the score test where neither outcome is rare enough to count.

    Definition
    ----------
    Fisher's one-sided p-value orders the tables; the p-value is the chance of a table as extreme, at the
    common share where it is largest. Twice the smaller side, at most 1. The share is looked for in its exact
    interval with error 1e-6, which is added (Berger and Boos).

    Source
    ------
    Boschloo, R. D. (1970), Raised conditional level of significance for the 2 × 2-table, Statistica
    Neerlandica 24; Berger and Boos (1994), JASA 89.

    Examples
    --------
    >>> round(exact_p(Counts(0, 10, 5, 10))[0], 4)
    0.0128
    """
    from scipy.special import ndtr

    one = counts if counts.x1 + counts.x0 <= (counts.n1 + counts.n0) / 2 else _failures(counts)
    if one.x1 + one.x0 == 0:
        return 1.0, "score and boschloo"
    low, high = _shares(one)
    if max(_worth(one.n1, high), _worth(one.n0, high)) > _MOST:
        return float(2 * ndtr(-abs(counts.difference_z(0.0)))), "score"
    sides = [_one_sided(side, low, high) for side in (one, Counts(one.x0, one.n0, one.x1, one.n1))]
    return min(1.0, 2 * min(sides)), "score and boschloo"


def _failures(counts: Counts) -> Counts:
    return Counts(counts.n1 - counts.x1, counts.n1, counts.n0 - counts.x0, counts.n0)


def _shares(counts: Counts) -> tuple[float, float]:
    """Return the range of the common share: Clopper and Pearson's interval."""
    from scipy.special import betaincinv

    x, n = counts.x1 + counts.x0, counts.n1 + counts.n0
    low = betaincinv(x, n - x + 1, UNSEEN / 2) if x > 0 else 0.0
    return float(low), float(betaincinv(x + 1, n - x, 1 - UNSEEN / 2) if x < n else 1.0)


def _one_sided(counts: Counts, low: float, high: float) -> float:
    """Return the p-value against more successes in the first arm."""
    first, other = _worth(counts.n1, high), _worth(counts.n0, high)
    tail = _tails(counts.n1, counts.n0, first, other)
    a, b = np.arange(first + 1)[:, None], np.arange(other + 1)
    seen = tail[int(counts.x1 + counts.x0), int(counts.x1)]
    limit = (tail[a + b, a] <= seen * (1 + 1e-9)).sum(axis=1) - 1
    kept = np.flatnonzero(limit >= 0)
    limit = np.where(limit == other, round(counts.n0), limit)[kept]
    shares = _spread(low, high)
    for _ in range(3):
        chance = _chance(shares, kept, limit, counts.n1, counts.n0)
        best = int(chance.argmax())
        shares = _spread(float(shares[max(best - 1, 0)]), float(shares[min(best + 1, shares.size - 1)]))
    return float(chance.max()) + UNSEEN


def _worth(n: float, share: float) -> int:
    """Return up to how many successes an arm has, but for a chance nobody would notice."""
    return math.ceil(min(n, n * share + 10 * math.sqrt(n * share) + 10))


def _tails(n1: float, n0: float, first: int, other: int) -> FloatArray:
    """Return Fisher's p-value by successes of both arms together (rows) and of the first (columns)."""
    from scipy.special import gammaln

    together, k = np.arange(first + other + 1)[:, None], np.arange(first + 1)
    rest = together - k
    possible = (rest >= 0) & (rest <= n0)
    rest = np.where(possible, rest, 0)
    ways = -gammaln(k + 1) - gammaln(n1 - k + 1) - gammaln(rest + 1) - gammaln(n0 - rest + 1)
    every = gammaln(together + 1) + gammaln(n1 + n0 - together + 1) - gammaln(n1 + n0 + 1)
    ways += every + gammaln(n1 + 1) + gammaln(n0 + 1)
    chance = np.exp(np.where(possible, ways, -np.inf))
    return np.asarray(chance[:, ::-1].cumsum(axis=1)[:, ::-1])


def _chance(shares: FloatArray, successes: IntArray, limit: IntArray, n1: float, n0: float) -> FloatArray:
    from scipy.special import bdtr, gammaln

    share = shares[:, None]
    ways = gammaln(n1 + 1) - gammaln(successes + 1) - gammaln(n1 - successes + 1)
    chance = np.exp(ways + successes * np.log(share) + (n1 - successes) * np.log1p(-share))
    return np.asarray((chance * bdtr(limit.astype(float), round(n0), share)).sum(axis=1))


def _spread(low: float, high: float) -> FloatArray:
    from scipy.special import expit, logit

    return np.asarray(expit(np.linspace(logit(max(low, 1e-12)), logit(min(high, 1 - 1e-12)), _POINTS)))
