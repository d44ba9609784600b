"""One class more or not: the likelihood ratio compared with data simulated without the further class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.clusters.latent import Classes, Patterns, fitted, patterns
from journey_lib.stats.clusters.table import Floats, Mixed, child, each, seed_of

FEWEST = 99  # simulated data sets
NEAR = 1e-7  # gain at which a fit ends, as a part of the log-likelihood


@dataclass(frozen=True, eq=False)
class Ratio:
    """Whether one class more explains the answers better than chance would.

    Attributes
    ----------
    statistic : float
        Twice the gain of log-likelihood from K to K + 1 classes.
    p_value : float
        (1 + simulated statistics at least as large) / (draws + 1).
    simulated : ndarray of float
        Statistics of the simulated data sets.
    negative : int
        How many are below zero: where there are any, the starts were too few.
    """

    statistic: float
    p_value: float
    simulated: Floats
    negative: int


def likelihood_ratio(
    table: Mixed, k: int, seed: int, *, draws: int = FEWEST, starts: int = 20, jobs: int = 1
) -> Ratio:
    """Test K latent classes against K + 1 by simulation.

    Parameters
    ----------
    table : Mixed
        Categories.
    k : int
        Classes without the further one.
    seed : int
        Where the simulation starts.
    draws : int
        Simulated data sets, 99 or more; each is fitted twice, so this takes minutes.
    starts : int
        Beginnings of each fit.
    jobs : int
        Data sets at a time; the answer does not depend on it.

    Raises
    ------
    ParamError
        Fewer than 99 draws.

    Source
    ------
    McLachlan, G. (1987), Applied Statistics 36. Nylund, Asparouhov and Muthén (2007), Structural Equation
    Modeling 14.
    """
    if draws < FEWEST:
        raise ParamError(Problem("draws", f"{draws}", f"{FEWEST} or more"))
    told = patterns(table)
    less = fitted(told, k, seed, starts=starts, close=NEAR)
    observed = _gain(told, k, seed, starts, less)
    simulated = np.array(each(lambda at: _simulated(less, at, seed, starts), range(draws), jobs))
    p = (1 + int((simulated >= observed).sum())) / (draws + 1)
    return Ratio(observed, p, simulated, int((simulated < 0).sum()))


def _gain(told: Patterns, k: int, seed: int, starts: int, less: Classes | None = None) -> float:
    small = less or fitted(told, k, seed, starts=starts, close=NEAR)
    large = fitted(told, k + 1, seed, starts=starts, close=NEAR)
    return 2 * (large.log_likelihood - small.log_likelihood)


def _simulated(model: Classes, at: int, seed: int, starts: int) -> float:
    """Draw answers for every row from the model, missing where the row's own are, and fit both again."""
    told, rng = model.patterns, child(seed, 6, at)
    rows = len(told.row)
    group = rng.choice(model.k, rows, p=model.shares / model.shares.sum())
    codes = np.empty((rows, len(told.levels)), dtype=np.intp)
    for question, chances in enumerate(model.chances):
        edges = np.cumsum(chances, axis=1)[group]
        codes[:, question] = np.minimum((rng.random(rows)[:, None] > edges).sum(axis=1), chances.shape[1] - 1)
    codes[told.codes[told.row] < 0] = -1
    drawn = patterns(Mixed(np.zeros((rows, 0)), codes, told.levels, np.ones(rows)))
    return _gain(replace(drawn), model.k, seed_of(seed, 7, at), starts)
