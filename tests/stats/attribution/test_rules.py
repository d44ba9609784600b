"""Rules of thumb: cases small enough to count, numbers of ChannelAttribution, and the law of all rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.attribution import heuristics

CHANNELS = ("ad", "direct", "mail", "search")
PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=6), st.integers(0, 9)),
    min_size=1, max_size=12,
)  # fmt: skip
# The example that all oracles of this folder were given.
ORACLE = [
    "search > email", "search > social > email", "display > search", "social", "email",
    "display > display > social > search", "social > email > search > email", "search",
]  # fmt: skip
ORACLE_PATHS = [tuple(path.split(" > ")) for path in ORACLE]
CONVERSIONS = [40, 25, 10, 8, 12, 5, 9, 20]
VALUES = [4000, 3000, 900, 640, 960, 600, 1200, 1500]
NULLS = [20, 60, 90, 120, 10, 70, 15, 60]


def test_a_path_of_four_counted_by_hand() -> None:
    found = heuristics([("ad", "mail", "ad", "direct")], [10], ages=[(21, 14, 7, 0)])
    assert found.loc["ad"].to_dict() == pytest.approx(
        # touches at 21 and 7 days: 2^-3 + 2^-1 of 2^-3 + 2^-2 + 2^-1 + 1 = 0.625 / 1.875
        {"first": 10, "last": 0, "last_non_direct": 10, "linear": 5, "linear_unique": 10 / 3, "u_shape": 5,
         "time_decay": 10 / 3}
    )  # fmt: skip
    assert found.loc["mail"].to_dict() == pytest.approx(
        {"first": 0, "last": 0, "last_non_direct": 0, "linear": 2.5, "linear_unique": 10 / 3, "u_shape": 1,
         "time_decay": 10 * 0.25 / 1.875}
    )  # fmt: skip


def test_the_u_of_one_and_of_two_touches() -> None:
    found = heuristics([("ad",), ("ad", "mail")], [1, 1])["u_shape"]
    assert found.to_dict() == {"ad": 1.5, "mail": 0.5}


def test_a_path_of_direct_touches_alone_stays_with_direct() -> None:
    found = heuristics([("direct", "direct"), ("ad", "direct")], [1, 1])["last_non_direct"]
    assert found.to_dict() == {"ad": 1, "direct": 1}
    assert heuristics([("ad", "web")], [1], direct=["web"])["last_non_direct"].to_dict() == {
        "ad": 1,
        "web": 0,
    }


def test_very_old_touches_keep_their_share() -> None:
    found = heuristics([("ad", "mail")], [1], ages=[(100_007, 100_000)])["time_decay"]
    assert found.to_dict() == pytest.approx({"ad": 1 / 3, "mail": 2 / 3})


def test_first_last_and_linear_agree_with_channel_attribution() -> None:
    # ChannelAttribution 2.2.5 (Python build of the R package's C++): heuristic_models(data, "path", "conv")
    found = heuristics(ORACLE_PATHS, CONVERSIONS)
    assert found["first"].to_dict() == {"display": 15, "email": 12, "search": 85, "social": 17}
    assert found["last"].to_dict() == {"display": 0, "email": 86, "search": 35, "social": 8}
    linear = {"display": 7.5, "email": 44.833333, "search": 56.833333, "social": 19.833333}
    assert found["linear"].to_dict() == pytest.approx(linear, abs=1e-6)
    # … with var_value="value"
    values = heuristics(ORACLE_PATHS, VALUES)["linear"]
    assert values.to_dict() == pytest.approx({"display": 750, "email": 4560, "search": 5400, "social": 2090})


@settings(deadline=None)
@given(PATHS, st.randoms(use_true_random=False))
def test_every_rule_shares_out_everything_in_any_order_of_rows(rows: list, random: object) -> None:
    paths, conversions = [tuple(path) for path, _ in rows], [count for _, count in rows]
    ages = [tuple(float(7 * (len(path) - at)) for at in range(len(path))) for path in paths]
    found = heuristics(paths, conversions, ages=ages)
    assert (found >= 0).all(axis=None)
    assert np.allclose(found.sum(), sum(conversions))
    order = list(range(len(paths)))
    random.shuffle(order)
    mixed = heuristics(
        [paths[i] for i in order], [conversions[i] for i in order], ages=[ages[i] for i in order]
    )
    assert np.allclose(found, mixed)


@settings(deadline=None)
@given(PATHS)
def test_splitting_rows_of_one_path_changes_nothing(rows: list) -> None:
    paths, conversions = [tuple(path) for path, _ in rows], [count for _, count in rows]
    split = heuristics([*paths, *paths], [*(c / 4 for c in conversions), *(3 * c / 4 for c in conversions)])
    assert np.allclose(split, heuristics(paths, conversions))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([("ad",), ()], [1, 1]), "paths: 1 without a touch"),
        ((["ad > mail"], [1]), "paths: a path that is one text"),
        (([("ad", None), ("ad", float("nan"))], [1, 1]), "paths: 2 touches without a channel"),
        (([("ad",)], [1, 2]), "conversions: 2 values for 1 paths"),
        (([("ad",)], [-1]), "conversions: a negative value"),
        (([("ad",)], [float("nan")]), "conversions: a negative value or one that is no number"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple, words: str) -> None:
    with pytest.raises(ParamError, match=words):
        heuristics(*arguments)


def test_ages_and_half_life_are_checked() -> None:
    with pytest.raises(ParamError, match="ages: not one for each touch"):
        heuristics([("ad", "mail")], [1], ages=[(1.0,)])
    with pytest.raises(ParamError, match="ages: a negative age"):
        heuristics([("ad",)], [1], ages=[(-1.0,)])
    with pytest.raises(ParamError, match="half_life: 0"):
        heuristics([("ad",)], [1], half_life=0)
