"""Bootstrap draws of touch paths: what each model needs of every draw, small enough to add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from journey_lib.stats.attribution.chains import Steps, steps
from journey_lib.stats.attribution.games import MOST, masks
from journey_lib.stats.attribution.paths import Floats, Ints, summed
from journey_lib.stats.attribution.rules import RULES, by_path, shares
from journey_lib.stats.kernels.hashed import hashes, poisson
from journey_lib.stats.kernels.touches.partial import Draws, Touched

if TYPE_CHECKING:
    import pandas as pd

    from journey_lib.stats.kernels.touches.ways import Ways

CELLS = 8_000_000  # weights held at once


class Plan(Protocol):
    """What `drawn` needs to know; see `TouchPaths`."""

    @property
    def order(self) -> int:
        """Of the chain."""

    @property
    def direct(self) -> tuple[int, ...]:
        """Channels passed over."""

    @property
    def draws(self) -> int:
        """How many."""

    @property
    def seed(self) -> int:
        """Of the weights."""

    @property
    def width(self) -> int:
        """How many groups."""


def drawn(plan: Plan, ways: Ways, found: Touched, decay: Floats, number: Ints, ids: pd.Index) -> Draws:
    """Return the weighted counts of every draw.

    Parameters
    ----------
    plan : Plan
        Order, draws, seed and groups.
    ways, found : Ways, Touched
        Paths taken, and the distinct ones among them.
    decay : ndarray
        Share of each channel in each path taken, under time decay.
    number : ndarray of int64
        Which distinct path each path taken is.
    ids : Index
        Ids of the customers.

    Returns
    -------
    Draws
    """
    models = _Models.of(plan, found)
    who, row = np.unique(ways.customer, return_inverse=True)
    numbers = hashes(ids[who])
    block = max(1, CELLS // max(len(ways), 1))
    parts = []
    for low in range(0, plan.draws, block):
        weights = poisson(numbers, plan.seed, low, min(block, plan.draws - low))[row]
        parts.append(models.weighed(ways, decay, number, weights))
    credits_, worths, walked, sold, failed = (np.concatenate(p, axis=-1) for p in zip(*parts, strict=True))
    return Draws(credits_, worths, models.chain.keys, walked, models.set_keys, sold, failed)


def span(n_channels: int, order: int) -> int:
    """Return what tells the steps of one group from those of the next, for paths of so many channels."""
    return int((n_channels + 1) ** order * (n_channels + 3))


def per_group(parts: Floats, group: Ints, weights: Floats, n_groups: int) -> Floats:
    """Return credits by group and channel (and draw) from the share of each channel in each path."""
    found = np.zeros((n_groups, parts.shape[1], *weights.shape[1:]))
    for number in np.unique(group):
        here = slice(None) if n_groups == 1 else group == number
        found[number] = parts[here].T @ weights[here]
    return found


@dataclass(frozen=True, eq=False)
class _Models:
    """What the distinct paths are to each model, made once for all draws."""

    plan: Plan
    group: Ints
    rules: list[Floats]
    chain: Steps
    set_keys: Ints
    set: Ints

    @staticmethod
    def of(plan: Plan, found: Touched) -> _Models:
        paths = found.paths
        passed = np.isin(np.arange(paths.n_channels), plan.direct)
        rules = [by_path(paths, shares(paths, rule, direct=passed)) for rule in RULES if rule != "time_decay"]
        chain = steps(paths, plan.order)
        keys = found.group[chain.path] * span(paths.n_channels, plan.order) + chain.keys[chain.step]
        step_keys, step = np.unique(keys, return_inverse=True)
        bits = masks(paths) if paths.n_channels <= MOST else np.zeros(len(paths), dtype=np.int64)
        set_keys, place = np.unique((found.group << MOST) | bits, return_inverse=True)
        grouped = replace(chain, keys=step_keys, step=step)
        return _Models(plan, found.group, rules, grouped, set_keys, place)

    def weighed(
        self, ways: Ways, decay: Floats, number: Ints, weights: np.ndarray
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return credits, worths, steps, and conversions and failures of sets, under some draws."""
        n, won = len(self.group), ways.converts
        sold, failed = (summed(weights[rows], number[rows], n) for rows in (won, ~won))
        per = [self._credits(ways, decay, sold, weights[won].astype(float))]
        worth = None
        if ways.worth.any():
            valued = weights[won] * ways.worth[won, None]
            worth = summed(valued, number[won], n)
        per.append(np.zeros_like(per[0]) if worth is None else self._credits(ways, decay, worth, valued))
        walked = self.chain.count(sold, failed, worth)
        sets = [summed(total, self.set, len(self.set_keys)) for total in (sold, failed)]
        return per[0], per[1], walked, sets[0], sets[1]

    def _credits(self, ways: Ways, decay: Floats, total: Floats, each: Floats) -> Floats:
        """Return credits by rule, group, channel and draw; `total` a distinct path, `each` a path taken."""
        won, width = ways.converts, self.plan.width
        rules = [per_group(rule, self.group, total, width) for rule in self.rules]
        return np.array([*rules, per_group(decay[won], ways.group[won], each, width)])
