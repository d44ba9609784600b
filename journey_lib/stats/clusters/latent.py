"""Latent classes: groups that explain why answers go together, fitted on the different answer patterns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from journey_lib.errors import DataError, Problem
from journey_lib.stats.clusters.table import Floats, Ints, Mixed, Starts, child, enough

BOUNDARY = 1e-4  # a probability this near 0 or 1 is a boundary
SAME_OPTIMUM = 0.01  # log-likelihood units: a start this near found the same optimum
EMPTY = 1e-6  # a class smaller than this holds nobody
CLOSE, ROUGH = 1e-9, 1e-5  # for an answer, and for doubts that repeat a fit many times
_ROUNDS, _POLISH = 5_000, 1e-12
_AT_ONCE = 20_000_000  # numbers held while several starts run side by side


@dataclass(frozen=True, eq=False)
class Patterns:
    """The different answer patterns, how often each was given, and which one each row gave.

    Attributes
    ----------
    codes : ndarray of int, patterns by questions
        Answers from 0, -1 where missing.
    levels : tuple of int
        How many answers each question has.
    weights : ndarray of float
        Rows with each pattern; weights are scaled to a mean of 1, so they add up to the rows.
    row : ndarray of int
        The pattern of each row.
    """

    codes: Ints
    levels: tuple[int, ...]
    weights: Floats
    row: Ints

    @cached_property
    def ticked(self) -> Floats:
        """One column an answer: 1 where the pattern has it; a missing answer ticks nothing."""
        blocks = [
            (codes[:, None] == np.arange(count)).astype(float)
            for codes, count in zip(self.codes.T, self.levels, strict=True)
        ]
        return np.concatenate(blocks, axis=1)

    @cached_property
    def starts(self) -> Ints:
        """The first column of each question in `ticked`."""
        return np.concatenate([[0], np.cumsum(self.levels)[:-1]]).astype(np.intp)

    @property
    def n(self) -> float:
        """How many rows there are."""
        return float(self.weights.sum())


def patterns(table: Mixed) -> Patterns:
    """Return the different rows of a table of categories.

    Raises
    ------
    DataError
        If the table holds numbers: cut them into categories first.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> patterns(mixed(codes=[[0, 1], [1, 1], [0, 1]])).weights.tolist()
    [2.0, 1.0]
    """
    if table.numeric.shape[1]:
        raise DataError(Problem("columns", "latent classes need categories", "numbers cut into a few levels"))
    found, row = np.unique(_packed(table), axis=0, return_inverse=True)
    first = np.zeros(len(found), np.intp)
    first[row.ravel()[::-1]] = np.arange(len(table))[::-1]
    weights = np.bincount(row.ravel(), table.weights / table.weights.mean()).astype(np.float64)
    return Patterns(table.codes[first], table.levels, weights, row.ravel())


def _packed(table: Mixed) -> Ints:
    """Return each row as one number where that fits: sorting numbers is faster than sorting rows."""
    bases = np.array([count + 1 for count in table.levels], dtype=float)
    if np.log2(bases).sum() >= 62:
        return table.codes
    steps = np.concatenate([[1], np.cumprod(bases[:-1])]).astype(np.int64)
    return np.asarray(((table.codes + 1) @ steps)[:, None], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Classes:
    """Latent classes and what may be doubted about them.

    Attributes
    ----------
    shares : ndarray of float
        Size of each class, the largest first.
    chances : tuple of ndarray, one a question, classes by answers
        Probability of each answer in each class.
    log_likelihood : float
    parameters, df : int
        Free parameters, and degrees of freedom left; without any the classes cannot be told.
    n : float
        Rows.
    found : int
        Classes that hold anybody; fewer than asked for where one was left empty.
    starts : Starts
        How many starts found this optimum.
    patterns : Patterns
        What it was fitted to.
    """

    shares: Floats
    chances: tuple[Floats, ...]
    log_likelihood: float
    parameters: int
    df: int
    n: float
    found: int
    starts: Starts
    patterns: Patterns = field(repr=False)

    @property
    def k(self) -> int:
        """How many classes were asked for."""
        return len(self.shares)

    @property
    def loss(self) -> float:
        """BIC."""
        return self.bic

    @property
    def bic(self) -> float:
        """Schwarz' criterion; smaller is better."""
        return -2 * self.log_likelihood + self.parameters * float(np.log(self.n))

    @cached_property
    def _of_patterns(self) -> Floats:
        return _posterior(self.patterns.ticked, self.shares, self.chances)

    @cached_property
    def posterior(self) -> Floats:
        """Probability of each class for each row."""
        found: Floats = self._of_patterns[self.patterns.row]
        return found

    @cached_property
    def labels(self) -> Ints:
        """The most probable class of each row."""
        return np.asarray(self.posterior.argmax(axis=1), dtype=np.intp)

    @property
    def entropy(self) -> float:
        """How clearly rows belong to one class: 1 for certain, 0 for not at all; NaN for one class."""
        if self.k < 2:
            return float("nan")
        p = np.clip(self._of_patterns, np.finfo(float).tiny, 1)
        spread = -(self.patterns.weights[:, None] * p * np.log(p)).sum()
        return float(1 - spread / (self.n * np.log(self.k)))

    @property
    def certainty(self) -> Floats:
        """Mean posterior of each class among those put into it; below 0.7 the class is blurred."""
        label, top = self._of_patterns.argmax(axis=1), self._of_patterns.max(axis=1)
        total = np.bincount(label, self.patterns.weights, minlength=self.k)
        added = np.bincount(label, self.patterns.weights * top, minlength=self.k)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(total > 0, added / np.where(total > 0, total, 1), np.nan), dtype=float)

    @property
    def boundary(self) -> tuple[tuple[int, int, int], ...]:
        """Answers with a probability of 0 or 1, as (class, question, answer)."""
        found = []
        for question, table in enumerate(self.chances):
            edge = (table < BOUNDARY) | (table > 1 - BOUNDARY)
            found += [(int(c), question, int(a)) for c, a in zip(*np.nonzero(edge), strict=True)]
        return tuple(sorted(found))

    @property
    def bic_icl(self) -> tuple[float, float]:
        """BIC, and ICL: BIC plus twice what the blurred membership costs."""
        sure = np.maximum(self._of_patterns.max(axis=1), np.finfo(float).tiny)
        return self.bic, self.bic - 2 * float((self.patterns.weights * np.log(sure)).sum())

    def assign(self, table: Mixed) -> Ints:
        """Return the most probable class of each row."""
        return np.asarray(self.posterior_of(table).argmax(axis=1), dtype=np.intp)

    def posterior_of(self, table: Mixed) -> Floats:
        """Return the probability of each class for each row of another table."""
        other = patterns(Mixed(table.numeric, table.codes, self.patterns.levels, table.weights))
        found: Floats = _posterior(other.ticked, self.shares, self.chances)[other.row]
        return found


def latent(table: Mixed, k: int, seed: int, *, starts: int = 50, close: float = CLOSE) -> Classes:
    """Return classes within which the answers are independent of each other.

    Parameters
    ----------
    table : Mixed
        Categories; missing answers are left out of the likelihood (missing at random).
    k : int
        How many classes.
    seed : int
        Where the starts begin.
    starts : int
        How many; on real data one in ten finding the best is normal.
    close : float
        Gain of log-likelihood, as a part of it, below which a start ends; the best one goes on.

    Raises
    ------
    ParamError
        More classes than different answer patterns.
    DataError
        If the table holds numbers.

    Definition
    ----------
    P(y) = Σ_k π_k Π_j θ_kj(y_j), by EM. Parameters (K - 1) + K Σ (L_j - 1); degrees of freedom
    min(N, cells) - 1 - parameters, at most.

    Source
    ------
    Goodman, L. (1974), Biometrika 61. Linzer, D. and Lewis, J. (2011), Journal of Statistical Software 42.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> rows = [[0, 0, 0]] * 40 + [[1, 1, 1]] * 20 + [[0, 1, 0], [1, 0, 1]]
    >>> latent(mixed(codes=rows), 2, 1).shares.round(2).tolist()
    [0.66, 0.34]
    """
    enough(table, k)
    return fitted(patterns(table), k, seed, starts=starts, close=close)


def fitted(told: Patterns, k: int, seed: int, *, starts: int = 50, close: float = CLOSE) -> Classes:
    """Return the classes of answer patterns already counted."""
    tries = 1 if k == 1 else starts
    room = max(int(_AT_ONCE / max(len(told.weights) * k, 1)), 1)
    runs: list[tuple[float, Floats, Floats]] = []
    for begin in range(0, tries, room):
        keys = range(begin, min(begin + room, tries))
        runs += _climbed(told, *_drawn(told, k, seed, keys), close)
    values = np.array([value for value, _, _ in runs])
    _, shares, chances = runs[int(values.argmax())]
    (best, shares, chances), *_ = _climbed(
        told, shares[None], chances[None], _POLISH if close <= CLOSE else close
    )
    near = int((values >= max(best, values.max()) - SAME_OPTIMUM).sum())
    return _ordered(told, shares, chances, best, Starts(tries, max(near, 1)))


def _drawn(told: Patterns, k: int, seed: int, keys: range) -> tuple[Floats, Floats]:
    """Return random beginnings: even shares, and answers drawn around the whole."""
    chances = []
    for at in keys:
        rng = child(seed, 5, k, at)
        drawn = [rng.dirichlet(np.ones(count), size=k) for count in told.levels]
        chances.append(np.concatenate(drawn, axis=1))
    return np.full((len(chances), k), 1 / k), np.stack(chances)


def _climbed(
    told: Patterns, shares: Floats, chances: Floats, close: float
) -> list[tuple[float, Floats, Floats]]:
    """Run EM from several beginnings side by side until each one's likelihood stands still."""
    starts, k, width = chances.shape
    last, active = np.full(starts, -np.inf), np.arange(starts)
    shares, chances = shares.copy(), chances.copy()
    for _ in range(_ROUNDS):
        posterior, value = _expected(told, shares[active], chances[active])
        weighted = posterior * told.weights[:, None, None]
        shares[active] = weighted.sum(axis=0) / told.n
        moved = (told.ticked.T @ weighted.reshape(len(told.weights), -1)).reshape(width, len(active), k)
        chances[active] = _normed(told, moved.transpose(1, 2, 0))
        still = value - last[active] < close * np.abs(value)
        last[active] = value
        active = active[~still]
        if not len(active):
            break
    return [(float(last[at]), shares[at], chances[at]) for at in range(starts)]


def _expected(told: Patterns, shares: Floats, chances: Floats) -> tuple[Floats, Floats]:
    """Return the posterior of each pattern in each start, and each start's log-likelihood."""
    tiny = np.finfo(float).tiny
    logs = np.log(np.maximum(chances, tiny)).reshape(-1, chances.shape[2])
    joint = (told.ticked @ logs.T).reshape(len(told.weights), *shares.shape)
    joint += np.log(np.maximum(shares, tiny))
    top = joint.max(axis=2, keepdims=True)
    joint -= top
    np.exp(joint, out=joint)
    total = joint.sum(axis=2, keepdims=True)
    value = told.weights @ (np.log(total) + top)[:, :, 0]
    joint /= total
    return joint, value


def _normed(told: Patterns, counts: Floats) -> Floats:
    """Turn expected counts into probabilities question by question; an empty class keeps even ones."""
    totals = np.add.reduceat(counts, told.starts, axis=2)
    spread = np.repeat(totals, told.levels, axis=2)
    even = np.repeat(1 / np.array(told.levels), told.levels)
    found: Floats = np.where(spread > 1e-300, counts / np.maximum(spread, 1e-300), even)
    return found


def _ordered(told: Patterns, shares: Floats, chances: Floats, value: float, starts: Starts) -> Classes:
    order = np.lexsort((chances[:, 0], -shares))
    tables = tuple(
        chances[order, begin : begin + count] for begin, count in zip(told.starts, told.levels, strict=True)
    )
    k, used = len(shares), int((shares > EMPTY).sum())
    parameters = (k - 1) + k * sum(count - 1 for count in told.levels)
    cells = min(float(np.prod(np.array(told.levels, dtype=float))) - 1, told.n)
    df = int(cells) - parameters
    return Classes(shares[order], tables, value, parameters, df, told.n, used, starts, told)


def _posterior(ticked: Floats, shares: Floats, chances: tuple[Floats, ...]) -> Floats:
    tiny = np.finfo(float).tiny
    joint = ticked @ np.log(np.maximum(np.concatenate(chances, axis=1), tiny)).T
    joint += np.log(np.maximum(shares, tiny))
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    found: Floats = joint / joint.sum(axis=1, keepdims=True)
    return found
