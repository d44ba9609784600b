"""Rules of thumb: a fixed share of every conversion for each touch of its path."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.attribution.paths import Counts, Flags, Floats, Paths, counted, encode

if TYPE_CHECKING:
    import pandas as pd

RULES: Final = ("first", "last", "last_non_direct", "linear", "linear_unique", "u_shape", "time_decay")
ENDS, MIDDLE = 0.4, 0.2  # shares of the U: each end, and all between them


def heuristics(
    paths: Sequence[Sequence[str]],
    conversions: Counts,
    *,
    ages: Sequence[Sequence[float]] | None = None,
    half_life: float = 7.0,
    direct: Sequence[str] = ("direct",),
) -> pd.DataFrame:
    """Return which channels the common rules of thumb credit with the conversions.

    Parameters
    ----------
    paths : sequence of sequences of str
        Channels touched before a conversion, first to last; the same path may stand in several rows.
    conversions : sequence of float
        Conversions (or their value) of each path.
    ages : sequence of sequences of float, optional
        Days from each touch to the conversion; only then is there a column `time_decay`.
    half_life : float
        Days after which a touch counts half.
    direct : sequence of str
        Channels that `last_non_direct` passes over where another touch is left.

    Returns
    -------
    DataFrame
        One row a channel, one column a rule, in conversions: `first`, `last`, `last_non_direct`, `linear`,
        `linear_unique`, `u_shape`, `time_decay`.

    Raises
    ------
    ParamError
        For an empty path, counts or ages that do not fit the paths, and a half-life that is not positive.

    Definition
    ----------
    Every rule shares each conversion out completely, so each column sums to the conversions. Linear gives 1/n
    to each of n touches, so that repeats earn more; `linear_unique` gives the same to each distinct channel.
    The U gives .4 to the first, .4 to the last and .2 to those between; one touch earns 1, two earn .5 each.
    Time decay gives 2^(−age / half-life), scaled to sum to 1 over the path.

    Units and missing data
    ----------------------
    Credits are in the unit of `conversions`. A touch without a channel needs a name of its own.

    Source
    ------
    Shao, X. and Li, L. (2011), Data-driven multi-touch attribution models, KDD 2011. Compared with
    ChannelAttribution 2.2.5 (first, last and linear).

    Examples
    --------
    >>> heuristics([("ad", "mail", "mail")], [3])["linear"].to_dict()
    {'ad': 1.0, 'mail': 2.0}
    """
    import pandas as pd

    encoded, names = encode(paths)
    weights = counted(conversions, len(encoded), "conversions")
    days = None if ages is None else _days(encoded, ages)
    if not half_life > 0:
        raise ParamError(Problem("half_life", f"{half_life:g}", "more than 0 days"))
    passed = np.isin(np.array(names, dtype=object), list(direct))
    rules = [rule for rule in RULES if rule != "time_decay" or days is not None]
    found = {
        rule: credited(encoded, shares(encoded, rule, direct=passed, ages=days, half_life=half_life), weights)
        for rule in rules
    }
    return pd.DataFrame(found, index=pd.Index(names, name="channel"))


def shares(
    paths: Paths, rule: str, *, direct: Flags | None = None, ages: Floats | None = None, half_life: float = 1
) -> Floats:
    """Return the share of its conversion that a rule gives each touch; over a path they sum to 1.

    Parameters
    ----------
    paths : Paths
        Touches of each path.
    rule : str
        One of `RULES`.
    direct : ndarray of bool, optional
        Channels that `last_non_direct` passes over.
    ages : ndarray of float, optional
        Time from each touch to the conversion, for `time_decay`.
    half_life : float
        In the unit of the ages.

    Returns
    -------
    ndarray of float
    """
    share = np.zeros(len(paths.codes))
    if rule == "first":
        share[paths.first] = 1
    elif rule == "last":
        share[paths.last] = 1
    elif rule == "last_non_direct":
        share[_last_but(paths, direct)] = 1
    elif rule == "linear":
        share = 1 / paths.lengths[paths.path]
    elif rule == "linear_unique":
        share = _distinct(paths)
    elif rule == "u_shape":
        share = _u_shape(paths)
    else:
        share = _decayed(paths, np.zeros(len(share)) if ages is None else ages, half_life)
    return share


def credited(paths: Paths, share: Floats, weights: Floats) -> Floats:
    """Return what each channel is credited with; `weights` has a row a path and may have several columns."""
    return np.asarray(by_path(paths, share).T @ weights, dtype=float)


def by_path(paths: Paths, share: Floats) -> Floats:
    """Return the share of each channel in each path, one row a path."""
    k = paths.n_channels
    flat = np.bincount(paths.path * k + paths.codes, share, minlength=len(paths) * k)
    return np.asarray(flat.reshape(len(paths), k), dtype=float)


def _days(paths: Paths, ages: Sequence[Sequence[float]]) -> Floats:
    """Return the ages of all touches in one array, checked against the paths."""
    lengths = np.fromiter(map(len, ages), dtype=np.int64, count=len(ages))
    if not np.array_equal(lengths, paths.lengths):
        raise ParamError(Problem("ages", "not one for each touch", "as many in each row as the path has"))
    days = np.fromiter(chain.from_iterable(ages), dtype=float)
    if not (days >= 0).all():
        raise ParamError(Problem("ages", "a negative age or one that is no number", "0 days or more"))
    return days


def _last_but(paths: Paths, direct: Flags | None) -> np.ndarray:
    """Return where the last touch stands that is not direct; the last one where all are."""
    if direct is None or not len(paths):
        return paths.last
    kept = np.where(direct[paths.codes], -1, np.arange(len(paths.codes)))
    last = np.maximum.reduceat(kept, paths.first)
    chosen: np.ndarray = np.where(last < 0, paths.last, last)
    return chosen


def _distinct(paths: Paths) -> Floats:
    """Share a path equally among its distinct channels, each one's part among its repeats."""
    _, cell, repeats = np.unique(
        paths.path * paths.n_channels + paths.codes, return_inverse=True, return_counts=True
    )
    share = 1 / repeats[cell]
    channels = np.bincount(paths.path, share, minlength=len(paths))
    distinct: Floats = share / channels[paths.path]
    return distinct


def _u_shape(paths: Paths) -> Floats:
    n = paths.lengths[paths.path]
    share = np.where(n > 2, MIDDLE / np.maximum(n - 2, 1), 1 / np.maximum(n, 1))
    for end in (paths.first, paths.last):
        share[end] = np.where(paths.lengths > 2, ENDS, share[end])
    return share


def _decayed(paths: Paths, ages: Floats, half_life: float) -> Floats:
    """Halve a touch each half-life; ages count from the newest touch, so that old paths keep a sum."""
    if not len(paths):
        return ages
    newest = np.minimum.reduceat(ages, paths.first)
    power = np.exp2((newest[paths.path] - ages) / half_life)
    decayed: Floats = power / np.add.reduceat(power, paths.first)[paths.path]
    return decayed
