"""All models over the paths of one group, and over its bootstrap draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.attribution.chains import removal, steps
from journey_lib.stats.attribution.games import MOST, PRIOR, RateGame, masks
from journey_lib.stats.attribution.paths import Paths, summed
from journey_lib.stats.attribution.rules import RULES, credited, shares
from journey_lib.stats.kernels.touches import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_lib.stats.attribution.paths import Floats, Ints
    from journey_lib.stats.kernels.touches import Draws, Touched

ORDERS_OF_ARRIVAL = 500  # where the rate game is sampled: in the estimate and in every draw


@dataclass(frozen=True, eq=False)
class Estimates:
    """What each model gives each channel.

    Attributes
    ----------
    shares, value_shares : dict of str to ndarray
        Shares of conversions, and of their value, by model.
    effect, rate_gain : ndarray
        Removal effects, and contributions in the rate game.
    rate : float
        Conversion rate of the chain.
    reason, value_reason : str
        Why all shares are missing, if they are.
    why_rate : ndarray of str
        Why a contribution is missing.
    """

    shares: dict[str, Floats]
    value_shares: dict[str, Floats]
    effect: Floats
    rate_gain: Floats
    rate: float
    reason: str
    value_reason: str
    why_rate: np.ndarray

    def why(self, model: str, *, valued: bool = False) -> np.ndarray:
        """Return the reason of a missing share of a model, for each channel."""
        found = self.value_shares[model] if valued else self.shares[model]
        return np.full(len(found), self.value_reason if valued else self.reason, dtype=object)


@dataclass(frozen=True, eq=False)
class Drawn:
    """The same with one column a draw."""

    shares: dict[str, Floats]
    value_shares: dict[str, Floats]
    effect: Floats
    rate_gain: Floats


def estimates(touched: Touched, seen: Ints, order: int, direct: Sequence[int]) -> Estimates:
    """Return all models over some paths.

    Parameters
    ----------
    touched : Touched
        Paths of everybody, or of one group.
    seen : ndarray of int64
        Channels to report.
    order : int
        Of the Markov chain.
    direct : sequence of int
        Channels that last non-direct touch passes over.
    """
    paths = touched.paths
    passed = np.isin(np.arange(paths.n_channels), list(direct))
    aged = (touched.decayed.sum(axis=0), touched.decayed_worth.sum(axis=0))
    sold, worth = (
        {rule: credited(paths, shares(paths, rule, direct=passed), weights)[seen] for rule in RULES[:-1]}
        | {"time_decay": decayed[seen]}
        for weights, decayed in zip((touched.sold, touched.worth), aged, strict=True)
    )
    chain = steps(paths, order)
    counts = chain.count(touched.sold, touched.failed, touched.worth)
    rate, effect = chain.removal(counts)
    _, worth_effect = chain.removal(counts, valued=True)
    here = np.flatnonzero(touched.met[-1])
    gain, why = _gains(*_sets(paths, touched), here, seen)
    return Estimates(
        _shares(sold, effect[seen]), _shares(worth, worth_effect[seen]), effect[seen], gain,
        float(rate), "no_conversions", "no_value", why,
    )  # fmt: skip


def drawn(touched: Touched, seen: Ints, order: int, group: int | None) -> Drawn:
    """Return all models over every draw, of one group or (None) of everybody."""
    draws = touched.draws
    assert draws is not None  # noqa: S101 - the kernel was asked for draws
    rows = slice(None) if group is None else slice(group, group + 1)
    found = []
    for table in (draws.credits, draws.worths):
        summed_ = table[:, rows].sum(axis=1)[:, seen]
        found.append(dict(zip(RULES, summed_, strict=True)))
    width = span(touched.paths.n_channels, order)
    keys, counts = _of_group(draws.step_keys // width, draws.step_keys % width, [draws.steps], group)
    _, effect = removal(keys, counts[0], touched.paths.n_channels)
    _, worth_effect = removal(keys, counts[0], touched.paths.n_channels, valued=True)
    here = np.flatnonzero(touched.met[-1] if group is None else touched.met[group])
    gain, _ = _gains(*_drawn_sets(draws, group), here, seen)
    return Drawn(_shares(found[0], effect[seen]), _shares(found[1], worth_effect[seen]), effect[seen], gain)


def _shares(credits_: dict[str, Floats], effect: Floats) -> dict[str, Floats]:
    """Return credits and effects as shares; NaN where there is nothing to share."""
    every = credits_ | {"markov": effect, "shapley": credits_["linear_unique"]}
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: found / _total(found) for name, found in every.items()}


def _total(found: Floats) -> Floats:
    total = np.asarray(found.sum(axis=0), dtype=float)
    return np.where(total > 0, total, np.nan)


def _sets(paths: Paths, touched: Touched) -> tuple[Ints, Floats, Floats]:
    bits = masks(paths) if paths.n_channels <= MOST else np.zeros(len(paths), dtype=np.int64)
    keys, place = np.unique(bits, return_inverse=True)
    sold, failed = (summed(w, place, len(keys)) for w in (touched.sold, touched.failed))
    return keys, sold, failed


def _drawn_sets(draws: Draws, group: int | None) -> tuple[Ints, Floats, Floats]:
    groups, bits = draws.set_keys >> MOST, draws.set_keys & ((1 << MOST) - 1)
    keys, (sold, failed) = _of_group(groups, bits, [draws.sold, draws.failed], group)
    return keys, sold, failed


def _of_group(groups: Ints, keys: Ints, tables: list[Floats], group: int | None) -> tuple[Ints, list[Floats]]:
    """Return the keys and tables of one group, or of all groups added up."""
    here = np.ones(len(keys), dtype=bool) if group is None else groups == group
    found, place = np.unique(keys[here], return_inverse=True)
    return found, [summed(table[here], place, len(found)) for table in tables]


def _gains(sets: Ints, sold: Floats, failed: Floats, here: Ints, seen: Ints) -> tuple[Floats, np.ndarray]:
    """Return contributions in the rate game among the channels met here; why they are missing elsewhere."""
    gain = np.full((len(seen), *sold.shape[1:]), np.nan)
    why = np.where(np.isin(seen, here), "", "not_met").astype(object)
    if len(here) > MOST or not len(here):
        why[:] = "too_many_channels" if len(here) > MOST else "not_met"
        return gain, why
    moved = np.zeros_like(sets)
    for place, channel in enumerate(here):
        moved |= ((sets >> channel) & 1) << place
    order = np.argsort(moved)
    game = RateGame(moved[order], sold[order], failed[order], len(here), PRIOR)
    value, _ = game.values(ORDERS_OF_ARRIVAL)
    rows = np.flatnonzero(np.isin(seen, here))
    gain[rows] = value[np.searchsorted(here, seen[rows])]
    return gain, why
