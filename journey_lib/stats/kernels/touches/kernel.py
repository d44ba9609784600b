"""Touch paths of customers: what stood before each conversion, and what led to none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.attribution.paths import Ints, numbered
from journey_lib.stats.attribution.rules import by_path, shares
from journey_lib.stats.kernels.touches.partial import Touched, distinct
from journey_lib.stats.kernels.touches.ways import Ways, followed
from journey_lib.stats.kernels.touches.weighing import drawn

if TYPE_CHECKING:
    from journey_lib.stats.kernels.batch import Batch

PIECE = 200_000  # paths counted and weighted at once


@dataclass(frozen=True)
class TouchPaths:
    """Follow each customer's touches to a conversion or to none.

    Attributes
    ----------
    touches, conversions : tuple of int
        Codes of the events that are touches, and of those that are conversions; no code is in both.
    n_channels : int
        Channels of the log. A touch without one is given the next code.
    lookback : int
        Microseconds before a conversion in which a touch counts, both ends included.
    half_life : int
        Microseconds after which a touch counts half under time decay.
    order : int
        Touches the Markov chain remembers.
    direct : tuple of int
        Channels that `last_non_direct` passes over.
    value : str
        Column with the value of a conversion; "" for none.
    by, of_people, n_groups : str, bool, int
        Column that splits, whether it describes customers, and its number of values; who has none is the
        last group. Without a column there is one group.
    draws, seed : int
        Bootstrap draws of customers; 0 for none.

    Examples
    --------
    >>> import pandas as pd
    >>> from journey_lib.stats.kernels import Batch
    >>> day = 86_400_000_000
    >>> batch = Batch(np.array([0, 3]), day * np.array([0, 1, 40]), np.array([0, 0, 1]), pd.Index(["a"]), 0,
    ...               np.array([90 * day]), {"channel": np.array([0, 1, -1])})
    >>> found = TouchPaths((0,), (1,), 2, lookback=39 * day).measure(batch)
    >>> found.paths.codes.tolist(), found.sold.tolist()
    ([1], [1.0])
    """

    touches: tuple[int, ...]
    conversions: tuple[int, ...]
    n_channels: int
    lookback: int
    half_life: int = 604_800_000_000
    order: int = 1
    direct: tuple[int, ...] = ()
    value: str = ""
    by: str = ""
    of_people: bool = True
    n_groups: int = 0
    draws: int = 0
    seed: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Further columns of the log."""
        split = () if self.of_people or not self.by else (self.by,)
        return tuple(dict.fromkeys(["channel", *([self.value] if self.value else []), *split]))

    @property
    def people(self) -> tuple[str, ...]:
        """Attributes of the customers."""
        return (self.by,) if self.by and self.of_people else ()

    @property
    def width(self) -> int:
        """How many groups there are, those without a value included."""
        return self.n_groups + 1 if self.by else 1

    def measure(self, batch: Batch) -> Touched:
        """Return the paths of the customers of a batch."""
        every = self._grouped(followed(self, batch), batch)
        size = PIECE if self.draws else max(len(every), 1)
        parts = [
            self._counted(every.piece(low, low + size), batch) for low in range(0, len(every) or 1, size)
        ]
        met, people = self._customers(every)
        return replace(reduce(self.merge, parts), met=met, people=people, tally=every.tally)

    def merge(self, one: Touched, other: Touched) -> Touched:
        """Return the counts of both."""
        return one.merged(other)

    def _grouped(self, every: Ways, batch: Batch) -> Ways:
        """Give each path the group of its customer, or of its first touch."""
        if not self.by:
            return every
        if self.of_people:
            codes = batch.people[self.by][every.customer]
        else:
            codes = batch.columns[self.by][every.entry]
        return replace(every, group=np.where(codes < 0, self.n_groups, codes).astype(np.int64))

    def _customers(self, every: Ways) -> tuple[Ints, Ints]:
        """Count customers by group and channel, and by group and outcome; each once, and once in all."""
        who, group = every.customer[every.paths.path], every.group[every.paths.path]
        met = _once(who, group, every.paths.codes, self.width, every.paths.n_channels)
        outcome = np.where(every.converts, 0, 1)
        return met, _once(every.customer, every.group, outcome, self.width, 2)

    def _counted(self, ways: Ways, batch: Batch) -> Touched:
        """Return the distinct paths of a piece, with what its draws add up to."""
        sold = ways.converts.astype(float)
        decay = shares(ways.paths, "time_decay", ages=ways.age, half_life=float(self.half_life))
        cell = ways.group[ways.paths.path] * ways.paths.n_channels + ways.paths.codes
        shape = (self.width, ways.paths.n_channels)
        decayed, decayed_worth = (
            np.bincount(cell, decay * w[ways.paths.path], shape[0] * shape[1]).astype(float).reshape(shape)
            for w in (sold, ways.worth)
        )
        number = numbered(ways.paths, ways.group)
        none = np.zeros((self.width + 1, 1), dtype=np.int64)  # counted over all pieces at once
        touched = Touched(
            ways.paths, ways.group, sold, 1 - sold, ways.worth, decayed, decayed_worth, none, none,
            dict.fromkeys(ways.tally, 0),
        )  # fmt: skip
        found = distinct(touched, number)
        if not self.draws:
            return found
        return replace(found, draws=drawn(self, ways, found, by_path(ways.paths, decay), number, batch.ids))


def _once(who: Ints, group: Ints, what: Ints, n_groups: int, n: int) -> Ints:
    """Count distinct customers by group and by what; the last row counts without regard to groups."""
    met = np.zeros((int(who.max(initial=-1)) + 1, n), dtype=bool)
    met[who, what] = True
    total = met.sum(axis=0)[None]
    if n_groups == 1:
        return np.concatenate([total, total])
    cell = np.sort((who * n_groups + group) * n + what)  # np.unique hashes, ten times slower here
    seen = cell[np.diff(cell, prepend=-1) > 0] % (n_groups * n)
    return np.concatenate([np.bincount(seen, minlength=n_groups * n).reshape(n_groups, n), total])
