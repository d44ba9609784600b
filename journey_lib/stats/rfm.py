"""Recency, frequency and monetary value: from purchases to scores that equal customers always share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import ParamError, Problem, chosen

if TYPE_CHECKING:
    from journey_lib.stats.inputs import FloatArray, IntArray

MEASURED: Final = ("recency", "frequency", "monetary")
METHODS: Final = ("quantile", "fixed", "saved")
MONETARY: Final = ("sum", "mean")
_SCORES: Final = (2, 10)


@dataclass(frozen=True, eq=False)
class Purchases:
    """What the purchases of each customer come to.

    Attributes
    ----------
    recency : ndarray of float
        Whole days from the last day of purchase to the snapshot; NaN without one.
    frequency : ndarray of float
        Distinct days of purchase; 0 without one.
    monetary : ndarray of float
        Sum, or mean per purchase, net of refunds; a sum of nothing is 0, a mean NaN.
    """

    recency: FloatArray
    frequency: FloatArray
    monetary: FloatArray


@dataclass(frozen=True)
class Cuts:
    """Where one score ends and the next begins, kept from wave to wave.

    Attributes
    ----------
    recency, frequency, monetary : tuple of float
        Rising, each once.
    method : str
        "quantile", "fixed" or "saved".
    asked : int
        How many scores were asked for; fewer are possible where cuts coincide.
    """

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]
    method: str = "fixed"
    asked: int = 0

    def __post_init__(self) -> None:
        """Refuse cuts that do not rise."""
        chosen("method", self.method, METHODS)
        wrong = [name for name in MEASURED if not _rising(getattr(self, name))]
        if wrong:
            raise ParamError(
                [Problem(f"cuts of {n}", "do not rise", "finite numbers, each once") for n in wrong]
            )
        if not self.asked:
            longest = max(len(getattr(self, name)) for name in MEASURED)
            object.__setattr__(self, "asked", longest + 1)

    def as_json(self) -> dict[str, object]:
        """Return the cuts as plain values, to be saved."""
        return {"asked": self.asked, **{name: list(getattr(self, name)) for name in MEASURED}}

    @classmethod
    def saved(cls, given: Mapping[str, object]) -> Cuts:
        """Return cuts as they were saved; they are never computed anew in silence.

        Raises
        ------
        ParamError
            If one of the three is missing or no list of numbers.
        """
        read = {name: _numbers(given.get(name)) for name in MEASURED}
        wrong = [name for name, cuts in read.items() if cuts is None]
        if wrong:
            raise ParamError(
                [Problem(f"saved cuts of {n}", "are no list of numbers", "[1, 2, 5]") for n in wrong]
            )
        asked = given.get("asked", 0)
        recency, frequency, monetary = (read[name] or () for name in MEASURED)
        return cls(recency, frequency, monetary, "saved", asked if isinstance(asked, int) else 0)


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of each customer and how they fell.

    Attributes
    ----------
    recency, frequency, monetary : ndarray of float
        From 1; more recent, more often, more money is higher. NaN for a customer without a purchase.
    counts : dict of str to ndarray of int
        Customers at each score, the first at score 1; a score nobody reached is 0.
    merged : dict of str to int
        How many of the scores asked for fell together, because several cuts coincide.
    """

    recency: FloatArray
    frequency: FloatArray
    monetary: FloatArray
    counts: dict[str, IntArray]
    merged: dict[str, int]

    @property
    def top(self) -> dict[str, int]:
        """The highest score that somebody reached; 0 when nobody bought."""
        return {name: int(np.flatnonzero(n)[-1]) + 1 if n.any() else 0 for name, n in self.counts.items()}

    @property
    def empty(self) -> dict[str, tuple[int, ...]]:
        """The scores nobody reached."""
        return {name: tuple(int(at) + 1 for at in np.flatnonzero(n == 0)) for name, n in self.counts.items()}


def purchases(
    customer: IntArray, day: IntArray, amount: FloatArray, *, size: int, snapshot: int, monetary: str = "sum"
) -> Purchases:
    """Say when, how often and for how much each customer bought.

    Parameters
    ----------
    customer : ndarray of int
        The customer of each purchase, 0 to `size` - 1; -1 for one nobody asks about.
    day : ndarray of int
        Local day of each purchase, in days since 1970. Purchases after the snapshot do not count.
    amount : ndarray of float
        What was paid, net of refunds; NaN counts as no money.
    size : int
        How many customers.
    snapshot : int
        The day from which recency is counted.
    monetary : {"sum", "mean"}
        Money in all, or per purchase.

    Returns
    -------
    Purchases

    Definition
    ----------
    Recency is whole days from the last *day* of purchase to the snapshot; frequency is the number of distinct
    days with a purchase; monetary value is the sum or mean of amounts net of refunds.

    Units and missing data
    ----------------------
    Days, counts, and the unit of `amount`.

    Source
    ------
    Hughes, A. M. (2005), Strategic Database Marketing, 3rd ed., ch. 5.

    Examples
    --------
    >>> day, amount = np.array([1, 1, 5]), np.array([2.0, 3.0, 5.0])
    >>> found = purchases(np.zeros(3, dtype=int), day, amount, size=2, snapshot=8)
    >>> found.recency.tolist(), found.frequency.tolist(), found.monetary.tolist()
    ([3.0, nan], [2.0, 0.0], [10.0, 0.0])
    """
    chosen("monetary", monetary, MONETARY)
    counted = (customer >= 0) & (day <= snapshot)
    who, when, paid = customer[counted], day[counted], np.nan_to_num(amount[counted], nan=0.0)
    last = np.full(size, np.iinfo(np.int64).min)
    np.maximum.at(last, who, when)
    bought = np.bincount(who, minlength=size)
    recency = np.where(bought > 0, snapshot - last.astype(float), np.nan)
    days = np.unique(np.stack([who, when]), axis=1)[0]
    frequency = np.bincount(days, minlength=size).astype(float)
    # rounded, so that the order of adding cannot tell equal customers apart
    money: FloatArray = np.round(np.bincount(who, weights=paid, minlength=size), 6).astype(float)
    if monetary == "mean":
        money = np.divide(money, bought, out=np.full(size, np.nan), where=bought > 0)
    return Purchases(recency, frequency, money)


def quantile_cuts(found: Purchases, *, scores: int = 5) -> Cuts:
    """Return cuts that would make scores of equal size, were there no ties.

    Parameters
    ----------
    found : Purchases
        Customers without a purchase do not count.
    scores : int
        How many scores, 2 to 10.

    Returns
    -------
    Cuts
        Cuts that coincide stand once: with many customers of one purchase there are fewer scores than asked
        for, because equal customers must share a score.

    Definition
    ----------
    Quantiles of type 7 (linear between order statistics) at 1/k, 2/k … (k - 1)/k.

    Source
    ------
    Hyndman, R. J. and Fan, Y. (1996), Sample quantiles in statistical packages, The American Statistician 50,
    361–365.

    Examples
    --------
    >>> values = np.array([1.0, 1.0, 1.0, 2.0, 9.0])
    >>> quantile_cuts(Purchases(values, values, values), scores=4).frequency
    (1.0, 2.0)
    """
    low, high = _SCORES
    if not low <= scores <= high:
        raise ParamError(Problem("scores", str(scores), f"{low} to {high}"))
    buyers = found.frequency > 0
    shares = np.arange(1, scores) / scores
    recency, frequency, monetary = (
        _quantiles(values[buyers], shares) for values in (found.recency, found.frequency, found.monetary)
    )
    return Cuts(recency, frequency, monetary, "quantile", scores)


def scored(found: Purchases, cuts: Cuts) -> Scores:
    """Give each buyer three scores.

    Parameters
    ----------
    found : Purchases
        What each customer bought.
    cuts : Cuts
        Where scores end; from `quantile_cuts`, fixed by hand, or saved from an earlier wave.

    Returns
    -------
    Scores

    Definition
    ----------
    Frequency and monetary value: 1 + the number of cuts strictly below the value. Recency: 1 + the number of
    cuts at or above it, so that the recent score high. Equal values get equal scores.

    Examples
    --------
    >>> found = Purchases(np.array([1.0, 30.0]), np.array([4.0, 1.0]), np.array([9.0, 5.0]))
    >>> score = scored(found, Cuts((7.0,), (1.0, 3.0), (5.0,)))
    >>> score.recency.tolist(), score.frequency.tolist(), score.monetary.tolist()
    ([2.0, 1.0], [3.0, 1.0], [2.0, 1.0])
    """
    buyers = found.frequency > 0
    recency = 1.0 + len(cuts.recency) - np.searchsorted(np.array(cuts.recency), found.recency, side="left")
    raw = {
        "recency": recency,
        "frequency": 1.0 + np.searchsorted(np.array(cuts.frequency), found.frequency, side="left"),
        "monetary": 1.0 + np.searchsorted(np.array(cuts.monetary), found.monetary, side="left"),
    }
    given = {name: np.where(buyers, score, np.nan) for name, score in raw.items()}
    sizes = {name: len(getattr(cuts, name)) + 1 for name in MEASURED}
    counts = {
        name: np.bincount(given[name][buyers].astype(int) - 1, minlength=sizes[name]) for name in MEASURED
    }
    merged = {name: max(cuts.asked - sizes[name], 0) for name in MEASURED}
    return Scores(given["recency"], given["frequency"], given["monetary"], counts, merged)


def _quantiles(values: FloatArray, shares: FloatArray) -> tuple[float, ...]:
    return tuple(float(cut) for cut in np.unique(np.quantile(values, shares))) if len(values) else ()


def _rising(cuts: Sequence[float]) -> bool:
    return all(map(math.isfinite, cuts)) and all(a < b for a, b in pairwise(cuts))


def _numbers(given: object) -> tuple[float, ...] | None:
    if not isinstance(given, list | tuple) or not all(isinstance(one, int | float) for one in given):
        return None
    return tuple(float(one) for one in given)
