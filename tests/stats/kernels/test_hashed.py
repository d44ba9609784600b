"""Bootstrap weights from ids: the same wherever they are drawn, Poisson, and independent of each other."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pandas as pd

from journey_lib.stats.kernels.hashed import hashes, poisson

IDS = pd.Index([f"C{i:06}" for i in range(40_000)], dtype="str")


def test_weights_follow_the_poisson_distribution() -> None:
    weights = poisson(hashes(IDS), 7, 0, 25)
    n = weights.size
    for k in range(6):
        chance = exp(-1) / factorial(k)
        assert abs((weights == k).mean() - chance) < 5 * np.sqrt(chance / n)
    assert weights.max() <= 9


def test_draws_seeds_and_customers_are_independent() -> None:
    weights = poisson(hashes(IDS), 7, 0, 8).astype(float)
    other = poisson(hashes(IDS), 8, 0, 8).astype(float)
    noise = 5 / np.sqrt(len(IDS))
    across = np.corrcoef(np.concatenate([weights, other], axis=1).T) - np.eye(16)
    assert np.abs(across).max() < noise
    assert abs(np.corrcoef(weights[:-1, 0], weights[1:, 0])[0, 1]) < noise


def test_a_weight_depends_on_nothing_but_id_seed_and_draw() -> None:
    whole = poisson(hashes(IDS), 3, 0, 30)
    few = poisson(hashes(IDS[17:20]), 3, 13, 9)
    assert (few == whole[17:20, 13:22]).all()
    objects = pd.Index(IDS[17:20].to_list(), dtype=object)
    assert (hashes(objects) == hashes(IDS)[17:20]).all()
    assert hashes(pd.Index(["007", "7"]))[0] != hashes(pd.Index(["007", "7"]))[1]
