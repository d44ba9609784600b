"""Shapley values: each channel's fair part of what all of them reach together, in two games."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.attribution.paths import Counts, Floats, Ints, Paths, counted, encode, summed
from journey_lib.stats.attribution.rules import credited, shares

if TYPE_CHECKING:
    import pandas as pd

EXACT = 15  # channels; above, orders of arrival are sampled
MOST = 57  # channels that one number can hold a set of, beside a group
PRIOR = 10.0  # paths that a set without data is worth


def shapley(paths: Sequence[Sequence[str]], conversions: Counts) -> pd.DataFrame:
    """Return each channel's Shapley value in the game of conversions within a set of channels.

    Parameters
    ----------
    paths : sequence of sequences of str
        Channels touched before a conversion; order and repeats do not count.
    conversions : sequence of float
        Conversions (or their value) of each path.

    Returns
    -------
    DataFrame
        One row a channel: `share` and `credit`.

    Raises
    ------
    ParamError
        For an empty path or counts that do not fit the paths.

    Definition
    ----------
    v(S) = conversions on paths whose channels all belong to S. Its Shapley value has a closed form: each
    path's conversions are split equally among its distinct channels, which is the rule `linear_unique`.

    Units and missing data
    ----------------------
    Credits are in the unit of `conversions` and sum to them; shares are NaN without conversions.

    Source
    ------
    Shapley, L. (1953), A value for n-person games. Zhao, K., Mahboobi, S. and Bagheri, S. (2018), Shapley
    value methods for attribution modeling in online advertising, arXiv 1804.05327.

    Examples
    --------
    >>> shapley([("ad", "mail", "mail"), ("mail",)], [2, 3])["credit"].to_dict()
    {'ad': 1.0, 'mail': 4.0}
    """
    import pandas as pd

    encoded, names = encode(paths)
    weights = counted(conversions, len(encoded), "conversions")
    credit = credited(encoded, shares(encoded, "linear_unique"), weights)
    total = credit.sum()
    share = credit / total if total > 0 else np.full(len(names), np.nan)
    return pd.DataFrame({"share": share, "credit": credit}, index=pd.Index(names, name="channel"))


def shapley_rate(
    paths: Sequence[Sequence[str]],
    conversions: Counts,
    nulls: Counts,
    *,
    none: tuple[float, float] = (0.0, 0.0),
    prior: float = PRIOR,
    orders: int = 2_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return each channel's Shapley value in the game of conversion rates; it can be negative.

    Parameters
    ----------
    paths : sequence of sequences of str
        Channels touched; order and repeats do not count.
    conversions, nulls : sequence of float
        How often each path ended in a conversion, and how often in none.
    none : (float, float)
        Conversions and failures of people who met no channel, where they are known.
    prior : float
        Paths' worth of the overall rate that every set starts with (a Beta prior).
    orders : int
        Orders of arrival sampled where there are more than 15 channels.
    seed : int
        Of the sampling.

    Returns
    -------
    DataFrame
        One row a channel: `contribution`, a difference of rates, and `std_error` of the sampling (0 where
        exact). `.attrs["all"]` and `.attrs["none"]` are the rates of all channels and of none.

    Raises
    ------
    ParamError
        For an empty path, counts that do not fit, a prior that is not positive, or more than 57 channels.

    Definition
    ----------
    v(S) = (conversions + prior × overall rate) / (paths + prior) among paths with exactly the channels S; a
    set nobody met has the overall rate. Contributions sum to v(all) − v(none), not to the conversions.

    Units and missing data
    ----------------------
    Contributions are differences of shares; all are NaN without any path.

    Source
    ------
    Dalessandro, B., Perlich, C., Stitelman, O. and Provost, F. (2012), Causally motivated attribution for
    online advertising, ADKDD 2012. Castro, J., Gómez, D. and Tejada, J. (2009), Polynomial calculation of the
    Shapley value based on sampling, Computers & Operations Research 36.

    Examples
    --------
    >>> found = shapley_rate([("ad",), ("mail",), ("ad", "mail")], [0, 50, 50], [100, 50, 50])
    >>> found["contribution"].round(2).to_dict()
    {'ad': -0.15, 'mail': 0.3}
    """
    import pandas as pd

    encoded, names = encode(paths)
    sold, failed = (counted(c, len(encoded), w) for c, w in ((conversions, "conversions"), (nulls, "nulls")))
    if not prior > 0:
        raise ParamError(Problem("prior", f"{prior:g}", "more than 0 paths"))
    if len(names) > MOST:
        raise ParamError(Problem("paths", f"{len(names)} channels", f"{MOST} at most"))
    sets, place = np.unique(np.append(0, masks(encoded)), return_inverse=True)
    table = [summed(np.append(n, c), place, len(sets)) for c, n in zip((sold, failed), none, strict=True)]
    game = RateGame(sets, table[0], table[1], len(names), prior)
    value, error = game.values(orders, seed)
    found = pd.DataFrame({"contribution": value, "std_error": error}, index=pd.Index(names, name="channel"))
    ends = game.rates(np.array([(1 << len(names)) - 1, 0]))
    found.attrs = {"all": float(ends[0]), "none": float(ends[1])}
    return found


def masks(paths: Paths) -> Ints:
    """Return the set of channels of each path, one bit a channel."""
    if not len(paths):
        return np.zeros(0, dtype=np.int64)
    found: Ints = np.bitwise_or.reduceat(np.int64(1) << paths.codes, paths.first)
    return found


class RateGame:
    """Conversion rates of sets of channels, shrunk to the overall rate; columns of counts are draws.

    Parameters
    ----------
    sets : ndarray of int64
        Distinct sets as bits, sorted.
    sold, failed : ndarray
        Conversions and failures of each; further columns are draws.
    n_channels : int
        Number of channels.
    prior : float
        Paths' worth of the overall rate in every set.
    """

    def __init__(self, sets: Ints, sold: Floats, failed: Floats, n_channels: int, prior: float) -> None:
        self.sets, self.n_channels = sets, n_channels
        total = (sold + failed).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            self.overall = sold.sum(axis=0) / total
        self.known = (sold + prior * self.overall) / (sold + failed + prior)

    def rates(self, wanted: Ints) -> Floats:
        """Return the rate of each of these sets; the overall rate where nobody met it."""
        place = np.searchsorted(self.sets, wanted)
        place = np.minimum(place, len(self.sets) - 1)
        met = self.sets[place] == wanted
        shape = (-1,) + (1,) * (self.known.ndim - 1)
        found: Floats = np.where(met.reshape(shape), self.known[place], self.overall)
        return found

    def values(self, orders: int = 2_000, seed: int = 0) -> tuple[Floats, Floats]:
        """Return the Shapley values and the standard errors of their sampling."""
        if self.n_channels <= EXACT:
            exact = self._exact()
            return exact, np.zeros_like(exact)
        return self._sampled(orders, seed)

    def _exact(self) -> Floats:
        n = self.n_channels
        every = np.arange(1 << n, dtype=np.int64)
        rate = self.rates(every)
        size = np.bitwise_count(every)
        weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
        found = []
        for channel in range(n):
            without = every[(every >> channel) & 1 == 0]
            gain = rate[without | (1 << channel)] - rate[without]
            found.append(np.tensordot(weight[size[without]], gain, axes=1))
        return np.array(found)

    def _sampled(self, orders: int, seed: int) -> tuple[Floats, Floats]:
        """Average the gain at each channel's arrival over random orders of arrival."""
        n = self.n_channels
        rng = np.random.default_rng(seed)
        arrivals = rng.permuted(np.tile(np.arange(n), (orders, 1)), axis=1)
        met = np.cumsum(np.int64(1) << arrivals, axis=1)
        met = np.concatenate([np.zeros((orders, 1), dtype=np.int64), met], axis=1)
        rate = self.rates(met.ravel()).reshape(orders, n + 1, -1)
        gain = np.take_along_axis(np.diff(rate, axis=1), np.argsort(arrivals, axis=1)[..., None], axis=1)
        shape = (n, *self.known.shape[1:])
        error = gain.std(axis=0, ddof=1) / np.sqrt(orders)
        return gain.mean(axis=0).reshape(shape), error.reshape(shape)
