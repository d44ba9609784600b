"""The touches follow their chain, and the closing channel only looks useful."""

from __future__ import annotations

import numpy as np
import pytest

from journey_lib.study.sample import channels, design


def test_paths_reproduce_the_closed_form() -> None:
    rng = np.random.default_rng(4)
    bought = rng.random(120_000) < 0.35
    touches = channels.draw_touches(rng, bought)
    size = len(design.CHANNELS)
    counts = np.zeros((size, size + 2))
    last = np.append(np.diff(touches.customer) != 0, True)
    np.add.at(counts, (touches.channel[:-1][~last[:-1]], touches.channel[1:][~last[:-1]]), 1)
    np.add.at(counts, (touches.channel[last], np.where(bought, size, size + 1)), 1)
    start = np.bincount(touches.channel[touches.place == 0], minlength=size) / len(bought)
    shares = counts / counts.sum(axis=1, keepdims=True)

    def chance(keep: np.ndarray) -> float:
        inner = shares[:, :size] * keep
        return float((start * keep) @ np.linalg.solve(np.eye(size) - inner, shares[:, size]))

    whole = chance(np.ones(size))
    assert whole == pytest.approx(bought.mean(), abs=1e-9)
    for number, (_, effect) in enumerate(channels.removal_effects(bought.mean()).items()):
        assert 1 - chance(np.arange(size) != number) / whole == pytest.approx(effect, abs=0.012), number


def test_everybody_has_a_first_touch_and_no_path_is_cut() -> None:
    rng = np.random.default_rng(4)
    touches = channels.draw_touches(rng, rng.random(50_000) < 0.35)
    assert touches.length.min() == 1
    assert touches.length.max() < channels.LONGEST
    assert (touches.place == 0).sum() == 50_000


def test_the_closing_channel_takes_half_of_the_last_touches_and_moves_nobody() -> None:
    last = channels.last_touch_shares()
    assert sum(last.values()) == pytest.approx(1)
    assert max(last, key=lambda c: last[c]) == "email"
    assert channels.incremental_effects()["email"] == 0
    assert channels.removal_effects(0.35)["email"] > 0.4
