"""Removal effects: by hand, by enumeration, by ChannelAttribution, and what must hold for any paths."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.attribution import chains, choose_order, markov
from tests.stats.attribution.test_rules import CONVERSIONS, NULLS, ORACLE_PATHS, VALUES

CHANNELS = ("a", "b", "c")
COUNT = st.integers(0, 9)
ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=5), COUNT, COUNT),
    min_size=1, max_size=10,
).filter(lambda rows: sum(sold for _, sold, _ in rows) > 0)  # fmt: skip


def split(rows: list) -> tuple[list, list, list]:
    return [tuple(path) for path, _, _ in rows], [sold for _, sold, _ in rows], [null for _, _, null in rows]


def test_a_chain_solved_by_hand() -> None:
    # From the start to ad in 2 of 4; from ad to mail in 1 of 2, else it fails; from mail always on to a sale.
    found = markov([("ad", "mail"), ("ad",), ("mail",)], [1, 0, 2], [0, 1, 0])
    assert found.attrs["rate"] == 0.75
    assert found["removal_effect"].to_dict() == pytest.approx({"ad": 1 - 0.5 / 0.75, "mail": 1})
    assert found["share"].to_dict() == pytest.approx({"ad": 0.25, "mail": 0.75})
    assert found["credit"].to_dict() == pytest.approx({"ad": 0.75, "mail": 2.25})


def test_removal_effects_agree_with_channel_attribution() -> None:
    # ChannelAttribution 2.2.5: markov_model(data, "path", "conv", var_null="null", order=1, max_step=100,
    #   nsim_start=1e6, conv_par=0.01, seed=1, out_more=True)["removal_effects"]; it simulates, hence 0.004.
    first = markov(ORACLE_PATHS, CONVERSIONS, NULLS)["removal_effect"]
    simulated = {"display": 0.295040, "email": 0.684478, "search": 0.640128, "social": 0.510152}
    assert first.to_dict() == pytest.approx(simulated, abs=0.004)
    # … order=2
    second = markov(ORACLE_PATHS, CONVERSIONS, NULLS, order=2)["removal_effect"]
    simulated = {"display": 0.116959, "email": 0.667926, "search": 0.802089, "social": 0.402623}
    assert second.to_dict() == pytest.approx(simulated, abs=0.004)


def test_effects_on_value_agree_with_channel_attribution() -> None:
    # … order=1, var_value="value": removal_effects_conversion_value
    found = markov(ORACLE_PATHS, CONVERSIONS, NULLS, values=VALUES)
    simulated = {"display": 0.294055, "email": 0.730776, "search": 0.626317, "social": 0.519026}
    assert found["removal_effect"].to_dict() == pytest.approx(simulated, abs=0.004)
    assert found["credit"].sum() == pytest.approx(sum(VALUES))


def enumerated(paths: list, sold: list, failed: list, order: int) -> tuple[float, dict[str, float]]:
    """Solve the chain by plain dictionaries and repeated multiplication, as a reader would write it down."""
    counts: dict = {}
    for path, s, f in zip(paths, sold, failed, strict=True):
        states = [()] + [tuple(path[max(0, at + 1 - order) : at + 1]) for at in range(len(path))]
        for one, two in pairwise(states):
            counts.setdefault(one, {}).setdefault(two, 0.0)
            counts[one][two] += s + f
        last = counts.setdefault(states[-1], {})
        last["sale"] = last.get("sale", 0.0) + s
        last["end"] = last.get("end", 0.0) + f

    def rate(removed: str) -> float:
        now, total = {(): 1.0}, 0.0
        for _ in range(3000):
            later: dict = {}
            for state, mass in now.items():
                out = sum(counts[state].values())
                for after, n in counts[state].items():
                    if after == "sale":
                        total += mass * n / out
                    elif after != "end" and removed not in after and n:
                        later[after] = later.get(after, 0.0) + mass * n / out
            now = {state: mass for state, mass in later.items() if mass > 1e-15}
        return total

    whole = rate("")
    return whole, {name: 1 - rate(name) / whole for name in sorted({c for p in paths for c in p})}


@settings(deadline=None, max_examples=25)
@given(ROWS, st.integers(1, 3))
def test_the_solution_is_that_of_walking_the_chain(rows: list, order: int) -> None:
    paths, sold, failed = split([(p, s, f + 1) for p, s, f in rows])
    rate, effects = enumerated(paths, sold, failed, order)
    found = markov(paths, sold, failed, order=order)
    assert found.attrs["rate"] == pytest.approx(rate, abs=1e-9)
    assert found["removal_effect"].to_dict() == pytest.approx(effects, abs=1e-8)


@settings(deadline=None, max_examples=60)
@given(ROWS, st.integers(1, 4))
def test_with_all_failures_the_rate_is_the_observed_one_and_credits_sum(rows: list, order: int) -> None:
    paths, sold, failed = split(rows)
    found = markov(paths, sold, failed, order=order)
    assert found.attrs["rate"] == pytest.approx(sum(sold) / (sum(sold) + sum(failed)))
    assert found["credit"].sum() == pytest.approx(sum(sold))
    assert found["removal_effect"].between(0, 1 + 1e-12).all()


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_at_order_one_repeats_in_a_row_change_no_effect(rows: list) -> None:
    paths, sold, failed = split(rows)
    doubled = [tuple(channel for channel in path for _ in range(2)) for path in paths]
    one, two = markov(paths, sold, failed), markov(doubled, sold, failed)
    assert np.allclose(one["removal_effect"], two["removal_effect"])


@settings(deadline=None, max_examples=60)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_splitting_of_rows_change_nothing(rows: list, random: object) -> None:
    halves = [(p, s / 2, f / 2) for p, s, f in rows] * 2
    random.shuffle(halves)
    assert np.allclose(markov(*split(rows))["share"], markov(*split(halves))["share"])


def test_many_states_are_solved_sparsely_to_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    paths = [tuple(f"c{i}" for i in rng.integers(0, 30, rng.integers(1, 8))) for _ in range(400)]
    sold, failed = rng.integers(0, 3, 400), rng.integers(1, 4, 400)
    dense = markov(paths, sold, failed, order=2)
    assert dense.attrs["states"] > 300
    monkeypatch.setattr(chains, "DENSE", 10)
    assert np.allclose(
        markov(paths, sold, failed, order=2)["removal_effect"], dense["removal_effect"], atol=1e-12
    )


def test_without_failures_the_effect_is_presence_and_says_so() -> None:
    found = markov([("ad", "mail"), ("mail",)], [1, 3])
    assert found["note"].tolist() == ["no_nulls", "no_nulls"]
    assert found.attrs["rate"] == 1
    assert found["removal_effect"].to_dict() == pytest.approx({"ad": 0.25, "mail": 1})


def test_without_conversions_nothing_is_shared_and_the_reason_stands_beside() -> None:
    found = markov([("ad",)], [0], [5])
    assert math.isnan(found["share"].iloc[0])
    assert found["note"].tolist() == ["no_conversions"]


def test_no_paths_have_no_channels() -> None:
    assert markov([], [], []).empty


def test_the_order_that_made_the_paths_foretells_them_best() -> None:
    rng = np.random.default_rng(5)
    memory, plain = [], []
    for _ in range(3000):
        path = [*rng.choice(["a", "b"], 2)]
        while rng.random() < 0.7 and len(path) < 12:  # the next touch repeats the one before the last
            path.append(path[-2] if rng.random() < 0.9 else rng.choice(["a", "b"]))
        memory.append(tuple(path))
        plain.append(tuple(rng.choice(["a", "b"], rng.geometric(0.3))))  # each end as likely as the last
    sold = rng.integers(0, 2, 3000)
    remembered = choose_order(memory, sold, 1 - sold)
    assert remembered["best"].tolist() == [False, True, False]
    assert remembered["states"].tolist() == [2, 6, 14]
    assert choose_order(plain, sold, 1 - sold)["log_likelihood"].idxmax() == 1


def test_too_long_a_memory_and_none_are_refused() -> None:
    with pytest.raises(ParamError, match="order: 0"):
        markov([("ad",)], [1], order=0)
    with pytest.raises(ParamError, match="order: 60 with 2 channels"):
        markov([("ad", "mail")], [1], order=60)
