"""Shapley values: the closed form against brute force over all subsets, and the game of rates."""

from __future__ import annotations

from itertools import combinations, permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.attribution import games, heuristics, shapley, shapley_rate

CHANNELS = tuple("abcdef")
COUNT = st.integers(0, 9)
ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=7), COUNT, COUNT),
    min_size=1, max_size=10,
).filter(lambda rows: sum(sold for _, sold, _ in rows) > 0)  # fmt: skip


def brute(players: list[str], worth: object) -> dict[str, float]:
    """Return Shapley values by their definition: every subset, every channel."""
    n = len(players)
    found = {}
    for one in players:
        others = [p for p in players if p != one]
        found[one] = sum(
            factorial(k) * factorial(n - k - 1) / factorial(n)
            * (worth(frozenset({*group, one})) - worth(frozenset(group)))
            for k in range(n) for group in combinations(others, k)
        )  # fmt: skip
    return found


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_the_closed_form_is_brute_force(rows: list) -> None:
    paths, sold = [tuple(p) for p, _, _ in rows], [s for _, s, _ in rows]
    players = sorted({c for p in paths for c in p})
    wanted = brute(players, lambda group: sum(s for p, s in zip(paths, sold, strict=True) if set(p) <= group))
    found = shapley(paths, sold)
    assert found["credit"].to_dict() == pytest.approx(wanted)
    assert found["credit"].sum() == pytest.approx(sum(sold))
    assert found["credit"].to_dict() == pytest.approx(heuristics(paths, sold)["linear_unique"].to_dict())


def test_ten_channels_by_brute_force() -> None:
    rng = np.random.default_rng(8)
    names = [f"c{i}" for i in range(10)]
    paths = [tuple(rng.choice(names, rng.integers(1, 6))) for _ in range(60)] + [(name,) for name in names]
    sold = rng.integers(0, 5, len(paths))
    wanted = brute(names, lambda group: sum(s for p, s in zip(paths, sold, strict=True) if set(p) <= group))
    assert shapley(paths, sold)["credit"].to_dict() == pytest.approx(wanted)


def shrunk(paths: list, sold: list, failed: list, prior: float) -> object:
    overall = sum(sold) / (sum(sold) + sum(failed))

    def worth(group: frozenset) -> float:
        rows = [i for i, p in enumerate(paths) if frozenset(p) == group]
        s, f = sum(sold[i] for i in rows), sum(failed[i] for i in rows)
        return (s + prior * overall) / (s + f + prior)

    return worth


@settings(deadline=None, max_examples=40)
@given(ROWS, st.sampled_from([0.5, 10.0]))
def test_the_game_of_rates_is_brute_force_and_sums_to_its_ends(rows: list, prior: float) -> None:
    paths = [tuple(p) for p, _, _ in rows]
    sold, failed = [s for _, s, _ in rows], [f for _, _, f in rows]
    found = shapley_rate(paths, sold, failed, prior=prior)
    players = sorted({c for p in paths for c in p})
    assert found["contribution"].to_dict() == pytest.approx(
        brute(players, shrunk(paths, sold, failed, prior))
    )
    assert found["contribution"].sum() == pytest.approx(found.attrs["all"] - found.attrs["none"])
    assert (found["std_error"] == 0).all()


def test_a_channel_that_lowers_the_rate_is_negative_whatever_it_sells() -> None:
    found = shapley_rate(
        [("a",), ("b",), ("a", "b")], [900, 300, 500], [100, 700, 500], prior=1e-9, none=(500, 500)
    )
    # v(a) = .9, v(b) = .3, v(ab) = .5, v() = .5: a = (.4 + .2) / 2, b = (−.2 − .4) / 2
    assert found["contribution"].to_dict() == pytest.approx({"a": 0.3, "b": -0.3})


def test_small_sets_are_drawn_to_the_overall_rate() -> None:
    paths = [("a",), ("b",)]
    bold = shapley_rate(paths, [2, 50], [0, 150], prior=0.01)["contribution"]["a"]
    shy = shapley_rate(paths, [2, 50], [0, 150], prior=100)["contribution"]["a"]
    assert 0 < shy < 0.1 * bold


def test_more_than_fifteen_channels_are_sampled_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    names = [f"c{i:02}" for i in range(10)]
    paths = [tuple(rng.choice(names, rng.integers(1, 4))) for _ in range(300)]
    sold, failed = rng.integers(0, 5, 300), rng.integers(0, 5, 300)
    exact = shapley_rate(paths, sold, failed)
    monkeypatch.setattr(games, "EXACT", 5)
    sampled = shapley_rate(paths, sold, failed, orders=4000, seed=1)
    assert (sampled["std_error"] > 0).all()
    z = (sampled["contribution"] - exact["contribution"]) / sampled["std_error"]
    assert z.abs().max() < 4
    assert sampled["contribution"].sum() == pytest.approx(exact["contribution"].sum())


def test_sampling_one_order_is_the_gain_at_each_arrival() -> None:
    sets = np.array([0, 1, 2, 3])
    game = games.RateGame(sets, np.array([0.0, 9, 3, 5]), np.array([0.0, 1, 7, 5]), 2, 1e-9)
    rate = {s: float(game.rates(np.array([s]))[0]) for s in range(4)}
    gains = [
        {p[0]: rate[1 << p[0]] - rate[0], p[1]: rate[3] - rate[1 << p[0]]} for p in permutations(range(2))
    ]
    wanted = [np.mean([gain[channel] for gain in gains]) for channel in range(2)]
    assert game.values()[0] == pytest.approx(wanted)


def test_what_the_game_cannot_hold_is_refused() -> None:
    with pytest.raises(ParamError, match="prior: 0"):
        shapley_rate([("a",)], [1], [1], prior=0)
    with pytest.raises(ParamError, match="58 channels"):
        shapley_rate([(f"c{i}",) for i in range(58)], [1] * 58, [1] * 58)
