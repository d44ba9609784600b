"""Recency, frequency and money: counted by hand, type-7 quantiles by numpy, ties that must share a score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import ParamError
from journey_lib.stats.rfm import Cuts, Purchases, purchases, quantile_cuts, scored

# customer, day, amount: customer 0 buys twice on day 10 and once on day 12; 1 on day 3; 2 after the snapshot.
CUSTOMER = np.array([0, 0, 0, 1, 2, -1])
DAY = np.array([10, 10, 12, 3, 21, 5])
AMOUNT = np.array([5.0, 7.0, np.nan, -2.0, 9.0, 1.0])


def test_purchases_by_hand() -> None:
    found = purchases(CUSTOMER, DAY, AMOUNT, size=4, snapshot=20)
    assert found.recency[:2].tolist() == [8, 17]
    assert np.isnan(found.recency[2:]).all()
    assert found.frequency.tolist() == [2, 1, 0, 0]
    assert found.monetary.tolist() == [12, -2, 0, 0]


def test_money_per_purchase() -> None:
    found = purchases(CUSTOMER, DAY, AMOUNT, size=4, snapshot=20, monetary="mean")
    assert found.monetary[:2].tolist() == [4, -2]
    assert np.isnan(found.monetary[2:]).all()
    with pytest.raises(ParamError, match="Did you mean 'mean'"):
        purchases(CUSTOMER, DAY, AMOUNT, size=4, snapshot=20, monetary="maen")


def same(values: list[float]) -> Purchases:
    array = np.array(values)
    return Purchases(array, array, array)


def test_cuts_are_quantiles_of_type_7() -> None:
    """R 4.5: quantile(c(1, 2, 4, 8, 16, 32), (1:4)/5, type = 7) is 2 4 8 16."""
    assert quantile_cuts(same([1, 2, 4, 8, 16, 32])).frequency == (2, 4, 8, 16)
    assert quantile_cuts(same([1, 2, 4]), scores=4).frequency == (1.5, 2, 3)


def test_scores_by_hand() -> None:
    """Frequency and money count the cuts strictly below, recency those at or above."""
    score = scored(same([1, 2, 3, 4, 5]), Cuts((2, 4), (2, 4), (2, 4)))
    assert score.frequency.tolist() == score.monetary.tolist() == [1, 1, 2, 2, 3]
    assert score.recency.tolist() == [3, 3, 2, 2, 1]
    assert score.counts["frequency"].tolist() == [2, 2, 1]
    assert score.counts["recency"].tolist() == [1, 2, 2]


def test_many_customers_of_one_purchase_share_a_score() -> None:
    """Eight of ten bought once: four of the five scores fall together, and nobody is dealt out by rank."""
    found = same([1] * 8 + [2, 9])
    cuts = quantile_cuts(found)
    assert cuts.frequency == pytest.approx((1, 1.2))  # the quantiles are 1, 1, 1 and 1.2
    score = scored(found, cuts)
    assert set(score.frequency[:8]) == {1.0}
    assert score.frequency[8:].tolist() == [3, 3]
    assert score.merged["frequency"] == 2
    assert score.top["frequency"] == 3
    assert score.empty["frequency"] == (2,)


def test_customers_without_a_purchase_have_no_score_and_move_no_cut() -> None:
    with_rest = Purchases(np.array([3.0, 9, np.nan]), np.array([1.0, 4, 0]), np.array([10.0, 20, 0]))
    alone = Purchases(np.array([3.0, 9]), np.array([1.0, 4]), np.array([10.0, 20]))
    assert quantile_cuts(with_rest) == quantile_cuts(alone)
    score = scored(with_rest, quantile_cuts(with_rest))
    assert np.isnan([score.recency[2], score.frequency[2], score.monetary[2]]).all()
    assert all(counts.sum() == 2 for counts in score.counts.values())


def test_nobody_bought() -> None:
    nobody = Purchases(np.array([np.nan]), np.array([0.0]), np.array([0.0]))
    cuts = quantile_cuts(nobody)
    assert (cuts.recency, cuts.frequency, cuts.monetary) == ((), (), ())
    assert scored(nobody, cuts).top == {"recency": 0, "frequency": 0, "monetary": 0}


def test_saved_cuts_come_back_and_a_new_wave_is_judged_by_them() -> None:
    cuts = quantile_cuts(same([1, 2, 4, 8, 16, 32]))
    back = Cuts.saved(cuts.as_json())
    assert (back.recency, back.frequency, back.monetary, back.asked) == (*[(2, 4, 8, 16)] * 3, 5)
    assert back.method == "saved"
    assert scored(same([100.0, 100, 100]), back).frequency.tolist() == [5, 5, 5]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"recency": [1], "frequency": [2]}, "saved cuts of monetary: are no list of numbers"),
        ({"recency": [1], "frequency": [2, 1], "monetary": [1]}, "cuts of frequency: do not rise"),
        ({"recency": [1, 1], "frequency": [2], "monetary": [1]}, "cuts of recency: do not rise"),
        ({"recency": [float("nan")], "frequency": [2], "monetary": [1]}, "cuts of recency: do not rise"),
    ],
)
def test_cuts_that_are_none(given: dict[str, object], words: str) -> None:
    with pytest.raises(ParamError, match=words):
        Cuts.saved(given)


@pytest.mark.parametrize("scores", [1, 11])
def test_a_number_of_scores_that_makes_no_sense(scores: int) -> None:
    with pytest.raises(ParamError, match="2 to 10"):
        quantile_cuts(same([1, 2, 3]), scores=scores)


VALUES = st.lists(st.integers(0, 8).map(float), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(values=VALUES, scores=st.integers(2, 10))
def test_scores_follow_the_order_of_values_and_equal_ones_share_them(
    values: list[float], scores: int
) -> None:
    found = Purchases(np.array(values), np.array(values) + 1, np.array(values))
    score = scored(found, quantile_cuts(found, scores=scores))
    for name, sign in (("recency", -1), ("frequency", 1), ("monetary", 1)):
        given_scores = sign * getattr(score, name)
        for one, a in zip(values, given_scores, strict=True):
            for other, b in zip(values, given_scores, strict=True):
                assert (a == b) if one == other else (a <= b if one < other else a >= b)
        assert score.counts[name].sum() == len(values)
        assert score.top[name] <= scores


@settings(max_examples=30, deadline=None)
@given(
    data=st.data(),
    amounts=st.lists(st.integers(1, 10**6).map(lambda cents: cents / 100), min_size=1, max_size=8),
)
def test_the_order_of_orders_does_not_tell_equal_customers_apart(
    data: st.DataObject, amounts: list[float]
) -> None:
    """Two customers paid the same sums in another order: floats add up differently, money does not."""
    other = data.draw(st.permutations(amounts))
    n = len(amounts)
    customer = np.repeat([0, 1], n)
    found = purchases(customer, np.arange(2 * n) % n, np.array([*amounts, *other]), size=2, snapshot=100)
    assert found.monetary[0] == found.monetary[1]
