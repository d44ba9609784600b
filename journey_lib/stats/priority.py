"""Which of several uncertain gains comes first: expected gain, feasibility, and how sure the order is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FEASIBLE = 5.0  # the most feasible


@dataclass(frozen=True, eq=False)
class Ranking:
    """The order of several gains; one value each.

    Attributes
    ----------
    expected, low, high : ndarray of float
        Mean of the draws and their central interval.
    score : ndarray of float
        Expected gain over the largest, times feasibility over five.
    top : ndarray of float
        Share of draws in which it is among the first `k` by score.
    place : ndarray of int
        1 for the first; ties are broken as the caller ordered them.
    """

    expected: Floats
    low: Floats
    high: Floats
    score: Floats
    top: Floats
    place: npt.NDArray[np.int64]


def share_draws(estimate: float, std_error: float, draws: int, rng: np.random.Generator) -> Floats:
    """Return draws of a share around its estimate, never outside 0 to 1.

    Definition
    ----------
    Beta with the estimate as mean and the standard error as standard deviation; the estimate itself where
    nothing is uncertain or no Beta has that spread.

    Examples
    --------
    >>> drawn = share_draws(0.2, 0.02, 20_000, np.random.default_rng(1))
    >>> round(float(drawn.mean()), 2), round(float(drawn.std()), 2)
    (0.2, 0.02)
    """
    spread = estimate * (1 - estimate)
    if not 0 < std_error**2 < spread:
        return np.full(draws, min(max(estimate, 0.0), 1.0))
    size = spread / std_error**2 - 1
    drawn: Floats = rng.beta(estimate * size, (1 - estimate) * size, draws)
    return drawn


def reach_draws(shares: Sequence[Floats], rng: np.random.Generator) -> Floats:
    """Return draws of the share of people who have at least one of several pains.

    Definition
    ----------
    How the pains overlap is unknown: anything from the largest share (all the same people) to their sum, at
    most everybody (nobody twice), with even odds.

    Examples
    --------
    >>> one = np.full(3, 0.2)
    >>> reach_draws([one], np.random.default_rng(1)).tolist()
    [0.2, 0.2, 0.2]
    >>> both = reach_draws([one, one], np.random.default_rng(1))
    >>> bool(((both >= 0.2) & (both <= 0.4)).all())
    True
    """
    stacked = np.vstack(shares)
    least, most = stacked.max(axis=0), np.minimum(stacked.sum(axis=0), 1.0)
    reach: Floats = least + (most - least) * rng.random(stacked.shape[1])
    return reach


def ranking(gains: Floats, feasibility: Floats, *, first: int = 3, level: float = 0.95) -> Ranking:
    """Return the order of gains by expected gain and feasibility, and how often each is among the first.

    Parameters
    ----------
    gains : ndarray of float, shape (draws, options)
        Joint draws of the gain of each option, in one unit; columns in the order that breaks ties.
    feasibility : ndarray of float, shape (options,)
        1 (hard) to 5 (easy).
    first : int
        How many count as first.
    level : float
        Of the interval of each gain.

    Returns
    -------
    Ranking

    Raises
    ------
    ValueError
        If shapes differ, or no expected gain is positive: then there is nothing to rank.

    Definition
    ----------
    Score = E[gain] / max E[gain] × feasibility / 5. In each draw the same formula with the draw's gain
    decides who is among the first; equal scores go to the earlier column.

    Examples
    --------
    >>> gains = np.array([[3.0, 1.0], [5.0, 1.0]])
    >>> found = ranking(gains, np.array([5.0, 5.0]), first=1)
    >>> found.expected.tolist(), found.score.tolist(), found.top.tolist(), found.place.tolist()
    ([4.0, 1.0], [1.0, 0.25], [1.0, 0.0], [1, 2])
    """
    if gains.ndim != 2 or gains.shape[1] != len(feasibility):
        raise ValueError("one feasibility for each column of gains")
    expected = gains.mean(axis=0)
    largest = expected.max(initial=0.0)
    if not largest > 0:
        raise ValueError("no expected gain is positive")
    score = expected / largest * feasibility / FEASIBLE
    order = np.argsort(-(gains * feasibility), axis=1, kind="stable")
    among = np.zeros(gains.shape)
    np.put_along_axis(among, order[:, :first], 1.0, axis=1)
    low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2], axis=0)
    place = np.empty(len(score), dtype=np.int64)
    place[np.argsort(-score, kind="stable")] = np.arange(1, len(score) + 1)
    return Ranking(expected, low, high, score, among.mean(axis=0), place)
