"""Whoever acts faster than people do is found, and nobody else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from journey_lib.study.events import flags

MINUTE = 60_000_000


def one_by_one(offsets: np.ndarray, time: np.ndarray, moments: int) -> list[bool]:
    """Look at each customer alone."""
    found = []
    for first, last in pairwise(offsets):
        own = np.unique(time[first:last])
        spans = own[moments - 1 :] - own[: max(len(own) - moments + 1, 0)]
        found.append(bool((spans <= MINUTE).any()))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_bots_are_those_that_a_look_at_each_customer_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With equal moments, customers of one event, and customers who begin when another one ends."""
    monkeypatch.setattr(flags, "_SLICE", 16)
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, 60)
    offsets = np.append(0, np.cumsum(sizes))
    moment = rng.integers(0, 40, offsets[-1]) * 10_000_000
    time = np.concatenate([np.sort(moment[a:b]) for a, b in pairwise(offsets)])
    found = flags.bots(offsets, time, moments=3).tolist()
    assert found == one_by_one(offsets, time, 3)
    assert 0 < sum(found) < len(found)


def test_a_bot_may_be_the_last_customer() -> None:
    assert flags.bots(np.array([0, 1, 3]), np.array([0, 5, 6]), moments=2).tolist() == [False, True]
    assert flags.bots(np.array([0, 1]), np.array([0]), moments=2).tolist() == [False]
