"""What the touch kernel counts: paths with their outcomes, and what every bootstrap draw needs of them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.stats.attribution.paths import Floats, Ints, Paths, firsts, numbered, summed

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, eq=False)
class Draws:
    """Weighted counts of every bootstrap draw; the last axis of each array is the draw.

    Attributes
    ----------
    credits, worths : ndarray
        Conversions and their value by rule, group and channel.
    step_keys, steps : ndarray
        Steps of the Markov chain (group × span + step) and how often each is taken.
    set_keys, sold, failed : ndarray
        Sets of channels (group and bits) and how often each converts and fails.
    """

    credits: Floats
    worths: Floats
    step_keys: Ints
    steps: Floats
    set_keys: Ints
    sold: Floats
    failed: Floats

    def merged(self, other: Draws) -> Draws:
        """Return the counts of both."""
        step_keys, (steps,) = joined(self.step_keys, other.step_keys, [(self.steps, other.steps)])
        pairs = [(self.sold, other.sold), (self.failed, other.failed)]
        set_keys, (sold, failed) = joined(self.set_keys, other.set_keys, pairs)
        return Draws(self.credits + other.credits, self.worths + other.worths, step_keys, steps, set_keys,
                     sold, failed)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Touched:
    """Distinct paths with their outcomes, sparse and never cut, and who stands behind them.

    Attributes
    ----------
    paths : Paths
        Distinct paths of touches; the last channel stands for touches without one.
    group : ndarray of int64
        Group of each path.
    sold, failed : ndarray of float
        How often each ended in a conversion, and how often in none; whole numbers.
    worth : ndarray of float
        Value of the conversions of each.
    decayed, decayed_worth : ndarray
        Conversions and value by group and channel under time decay, which needs the age of every touch.
    met : ndarray of int64
        Customers who met each channel on a counted path, by group; the last row counts everybody once.
    people : ndarray of int64
        Customers with a path that converted, and with one that failed, by group; the last row as in `met`.
    tally : mapping of str to int
        `conversions`; `untouched` ones, without a touch in the lookback; `cut` ones, whose lookback begins
        before the log; `unvalued` ones; `open` customers, whose lookback had not closed; `touches` counted.
    draws : Draws or None
        For intervals.
    """

    paths: Paths
    group: Ints
    sold: Floats
    failed: Floats
    worth: Floats
    decayed: Floats
    decayed_worth: Floats
    met: Ints
    people: Ints
    tally: Mapping[str, int]
    draws: Draws | None = field(default=None, repr=False)

    def merged(self, other: Touched) -> Touched:
        """Return the counts of both; equal paths become one."""
        added: dict[str, Any] = {name: getattr(self, name) + getattr(other, name) for name in ADDED}
        drawn = self.draws.merged(other.draws) if self.draws and other.draws else None
        stacked: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in BY_PATH
        }
        one, two = self.paths, other.paths
        offsets = np.concatenate([one.offsets, two.offsets[1:] + one.offsets[-1]])
        every = Paths(offsets, np.concatenate([one.codes, two.codes]), one.n_channels)
        tally = {name: count + other.tally[name] for name, count in self.tally.items()}
        whole = Touched(every, **stacked, **added, tally=tally)
        return replace(distinct(whole, numbered(every, whole.group)), draws=drawn)

    def only(self, group: int) -> Touched:
        """Return the paths of one group, with its own row of every table; without draws."""
        here = self.group == group
        kept: dict[str, Any] = {name: getattr(self, name)[here] for name in BY_PATH}
        rows: dict[str, Any] = {name: getattr(self, name)[[group]] for name in ADDED}
        return Touched(self.paths.take(here), **kept, **rows, tally=self.tally)


BY_PATH = ("group", "sold", "failed", "worth")
ADDED = tuple(f.name for f in fields(Touched) if f.name not in (*BY_PATH, "paths", "tally", "draws"))


def distinct(touched: Touched, number: Ints) -> Touched:
    """Return the same counts with each path once, in the order of the paths' numbers."""
    first = firsts(number)
    sums: dict[str, Any] = {
        name: summed(getattr(touched, name), number, len(first)) for name in ("sold", "failed", "worth")
    }
    return replace(touched, paths=touched.paths.take(first), group=touched.group[first], **sums)


def joined(one: Ints, other: Ints, pairs: list[tuple[Floats, Floats]]) -> tuple[Ints, tuple[Floats, ...]]:
    """Join sparse tables: the keys of both in order, and each pair of counts added up.

    Examples
    --------
    >>> keys, (counts,) = joined(np.array([1, 4]), np.array([4]), [(np.array([1.0, 2.0]), np.array([5.0]))])
    >>> keys.tolist(), counts.tolist()
    ([1, 4], [1.0, 7.0])
    """
    keys, place = np.unique(np.concatenate([one, other]), return_inverse=True)
    return keys, tuple(summed(np.concatenate(pair), place, len(keys)) for pair in pairs)
