"""SUS, UMUX-Lite, task success and time on task: published examples, hand counts, and the laws they keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.usability import sus, task_success, time_on_task, umux_lite, umux_lite_regressed

LAWS = settings(max_examples=60, deadline=None)
FIVE, SEVEN = st.integers(1, 5), st.integers(1, 7)
TEN = st.lists(FIVE, min_size=10, max_size=10)
BROOKE = [5, 4, 2, 1, 2, 3, 2, 4, 5, 2]


# Published and counted by hand


def test_sus_gives_the_scores_of_its_paper_and_of_its_ends() -> None:
    # Item scores 4 1 1 4 1 2 1 1 4 3 sum to 22, so 55: the example of Brooke (1996).
    assert sus([BROOKE]).tolist() == [55.0]
    # All 3 is the middle; agreeing with everything too, because half of the items are worded negatively.
    assert sus([[5, 1] * 5, [1, 5] * 5, [3] * 10, [5] * 10]).tolist() == [100, 0, 50, 50]


def test_umux_lite_runs_from_nothing_to_all_and_its_regression_between_its_ends() -> None:
    # (6 + 5 − 2) × 100 / 12 = 75, and 0.65 × 75 + 22.9 = 71.65 (Lewis, Utesch and Maher 2013).
    assert umux_lite([[6, 5], [1, 1], [7, 7]]) == pytest.approx([75, 0, 100], rel=1e-12)
    assert umux_lite_regressed([[6, 5], [1, 1], [7, 7]]) == pytest.approx([71.65, 22.9, 87.9], rel=1e-12)


def test_four_of_five_have_the_interval_of_the_textbook() -> None:
    # Tullis (2008), measuringux.com/adjustedwald.htm: 4 of 5 at 95 % give 0.3596 to 0.9796.
    share, low, high = task_success(4, 5)
    # With z = 1.96 rounded before counting, so the last digit may differ by one.
    assert (share.item(), low.item(), high.item()) == pytest.approx((0.8, 0.3596, 0.9796), abs=1.01e-4)


def test_all_of_ten_do_not_mean_all_of_everybody() -> None:
    # By hand, z² = 3.841459: centre (10 + 1.920729) / 13.841459 = 0.86123,
    # half √(3.841459 × 0.86123 × 0.13877 / 13.841459) = 0.18212.
    share, low, high = task_success([10, 0], [10, 10])
    assert low == pytest.approx([0.67911, 0], abs=1e-5)
    assert high == pytest.approx([1, 1 - 0.67911], abs=1e-5)
    assert share.tolist() == [1, 0]


def test_times_have_the_mean_and_interval_of_a_published_calculator() -> None:
    # Sauro (2006), measuringusability.com/time_intervals.php: 68 seconds, 95 % interval 46 to 101.
    assert [round(x) for x in time_on_task([55, 65, 75, 62, 45, 135])] == [68, 46, 101]


def test_times_agree_with_r() -> None:
    # R 4.2.2: x <- c(40,36,53,56,110,48,34,44,30,40,80); r <- t.test(log(x)); exp(c(r$estimate, r$conf.int))
    found = time_on_task([40, 36, 53, 56, 110, 48, 34, 44, 30, 40, 80])
    assert found == pytest.approx((48.1712102886, 37.2042517203, 62.3709762558), rel=1e-10)


# Missing answers and mistakes


def test_an_unanswered_item_leaves_no_score_unless_it_counts_as_the_centre() -> None:
    some, none = [math.nan, *BROOKE[1:]], [math.nan] * 10
    assert np.isnan(sus([some, none])).all()
    # Item 1 as 3 instead of 5 costs 2 points of 40, so 5.
    assert sus([some], missing="centre").tolist() == [50.0]
    assert np.isnan(sus([none], missing="centre")).all()
    assert np.isnan(umux_lite([[7, math.nan]])).all()


def test_nobody_and_one_have_no_interval() -> None:
    assert all(np.isnan(x).all() for x in task_success(0, 0))
    assert np.isnan(time_on_task([math.nan])).all()
    mean, low, high = time_on_task([20, math.nan])
    assert mean == pytest.approx(20)
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sus([[3] * 9]), "10 items"),
        (lambda: sus([[0, *BROOKE[1:]]]), "item 1: 1 of 1 rows hold another value"),
        (lambda: umux_lite([[8, 1]]), "1 to 7"),
        (lambda: time_on_task([3, 0, -1]), "seconds: 2 of 3 are 0 or less"),
        (lambda: task_success([6], [5]), "successes: 1 of 1 lie outside 0 to n"),
    ],
)
def test_answers_off_the_scale_are_an_error(call: object, words: str) -> None:
    assert callable(call)
    with pytest.raises(DataError, match=words):
        call()


def test_a_rule_or_level_nobody_knows_is_an_error() -> None:
    with pytest.raises(ParamError, match="centre"):
        sus([BROOKE], missing="center")
    for call in (lambda: task_success(1, 2, level=95), lambda: time_on_task([1, 2], level=0)):
        with pytest.raises(ParamError, match="between 0 and 1"):
            call()


# Laws


@LAWS
@given(TEN)
def test_answering_the_other_way_round_mirrors_the_score(answers: list[int]) -> None:
    one, other = sus([answers, [6 - x for x in answers]])
    assert one + other == pytest.approx(100)
    assert (one / 2.5).is_integer()
    assert 0 <= one <= 100


@LAWS
@given(TEN, st.integers(0, 9))
def test_one_step_of_one_item_moves_the_score_by_two_and_a_half(answers: list[int], item: int) -> None:
    moved = list(answers)
    moved[item] += 1 if answers[item] < 5 else -1
    before, after = sus([answers, moved])
    agreed = moved[item] > answers[item]
    assert after - before == pytest.approx(2.5 if agreed == (item % 2 == 0) else -2.5)


@LAWS
@given(st.integers(1, 60), st.data(), st.floats(0.5, 0.99))
def test_the_interval_holds_the_share_and_mirrors(n: int, data: st.DataObject, level: float) -> None:
    done = data.draw(st.integers(0, n))
    share, low, high = (x.item() for x in task_success(done, n, level=level))
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    _, other_low, other_high = (x.item() for x in task_success(n - done, n, level=level))
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high))


@LAWS
@given(st.lists(st.floats(0.1, 1e4), min_size=2, max_size=20), st.floats(0.01, 100))
def test_another_unit_of_time_is_a_factor(times: list[float], factor: float) -> None:
    found = time_on_task(times)
    assert time_on_task([t * factor for t in times]) == pytest.approx([x * factor for x in found], rel=1e-6)
    assert found[0] <= np.mean(times) * (1 + 1e-9)  # a geometric mean is never above the arithmetic
