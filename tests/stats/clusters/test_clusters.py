"""Groups by hand, their laws, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_lib.errors import DataError, ParamError
from journey_lib.stats.clusters import blrt, choose, matching, migration, profiles
from journey_lib.stats.clusters.centres import kmeans, mixture
from journey_lib.stats.clusters.choose import criteria
from journey_lib.stats.clusters.latent import latent, patterns
from journey_lib.stats.clusters.prototypes import default_penalty, distances, gower, prototypes
from journey_lib.stats.clusters.shares import nmf
from journey_lib.stats.clusters.stability import jaccard, stability, word_of
from journey_lib.stats.clusters.table import Fitter, Mixed, mixed, scale_of, spread
from journey_lib.stats.clusters.typing_tool import build, classify

NAN = float("nan")
QUICK: dict[str, Fitter] = {
    "kmeans": partial(kmeans, starts=2),
    "mixture": partial(mixture, starts=1, forms=("spherical",)),
    "prototypes": partial(prototypes, starts=2),
    "latent": partial(latent, starts=4),
}


def blobs(n: int = 60, seed: int = 1) -> tuple[Mixed, np.ndarray]:
    """Two clear groups in two numbers."""
    truth = np.repeat([0, 1], [2 * n // 3, n - 2 * n // 3])
    noise = np.random.default_rng(seed).normal(size=(n, 2))
    return mixed(noise + 8 * truth[:, None]), truth


def ticks(n: int = 200, seed: int = 1) -> tuple[Mixed, np.ndarray]:
    """Two clear classes in five yes-or-no answers."""
    rng = np.random.default_rng(seed)
    truth = (np.arange(n) >= 2 * n // 3).astype(int)
    return mixed(codes=(rng.random((n, 5)) < np.where(truth, 0.9, 0.1)[:, None]).astype(int)), truth


# Tables


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: mixed([[1.0], [np.inf]]), "1 of 2 rows hold an infinite number"),
        (lambda: mixed([[1.0], [2.0]], weights=[1, -1]), "1 of 2 rows are not above 0"),
        (lambda: mixed([[1.0], [2.0]], weights=[1, NAN]), "1 of 2 rows are not above 0"),
        (lambda: mixed(), "nothing to group"),
        (lambda: mixed([[1.0]], [[0], [1]]), "differ in length"),
        (lambda: kmeans(mixed([[1.0], [NAN]]), 1, 1), "1 of 2 rows lack a value"),
        (lambda: latent(mixed([[1.0], [2.0]]), 1, 1), "latent classes need categories"),
        (lambda: nmf(mixed([[1.0, 2.0], [0.0, 0.0]]), 1, 1), "1 rows add up to 0"),
        (lambda: nmf(mixed([[1.0, -2.0], [1.0, 3.0]]), 1, 1), "missing or negative number"),
    ],
)
def test_bad_tables_are_one_clear_error(make: Callable[[], object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        make()


@pytest.mark.parametrize("name", QUICK)
def test_more_groups_than_different_rows_are_refused(name: str) -> None:
    codes = [[0], [1], [0], [1]]
    table = mixed(codes=codes) if name in ("prototypes", "latent") else mixed(codes)
    with pytest.raises(ParamError, match="3 groups of 2 different rows"):
        QUICK[name](table, 3, 1)


def test_methods_of_numbers_refuse_categories_and_mixtures_refuse_weights() -> None:
    with pytest.raises(ParamError, match="categories have no mean"):
        kmeans(mixed(codes=[[0], [1]]), 2, 1)
    with pytest.raises(ParamError, match="a mixture of normal clouds takes none"):
        mixture(mixed([[1.0], [2.0]], weights=[1, 2]), 1, 1)


def test_spread_finds_constant_empty_and_equal_columns() -> None:
    rows = [[1, 5, NAN, 2, 3], [2, 5, NAN, 4, 1], [4, 5, NAN, 8, 9]]
    found = spread(mixed(rows, [[0, -1], [0, -1], [0, -1]]))
    assert found.constant == (1, 5)
    assert found.empty == (2, 6)
    assert found.same == ((0, 3, 1.0),)


def test_scaling_leaves_missing_values_out() -> None:
    table = mixed([[1.0], [3.0], [NAN]])
    assert scale_of(table).scaled(table).numeric[:2, 0] == pytest.approx([-0.7071, 0.7071], abs=1e-4)


# Methods


@pytest.mark.parametrize("name", ["kmeans", "mixture", "prototypes"])
def test_clear_groups_are_found_and_the_largest_comes_first(name: str) -> None:
    table, truth = blobs()
    found = QUICK[name](table, 2, 1)
    assert matching.agreement(found.labels, truth) == 1.0
    assert np.bincount(found.labels).tolist() == [40, 20]
    assert (found.assign(table) == found.labels).all()


@pytest.mark.parametrize("name", QUICK)
def test_a_seed_gives_the_same_groups_again(name: str) -> None:
    table = ticks()[0] if name == "latent" else blobs()[0]
    first, second = (QUICK[name](table, 2, 7) for _ in range(2))
    assert (first.labels == second.labels).all()
    assert first.loss == second.loss


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(30)))
def test_row_order_changes_no_group_once_rows_are_sorted(seed: int, order: list[int]) -> None:
    x = np.random.default_rng(seed).normal(size=(30, 2)) + np.repeat([[0], [6]], [18, 12], axis=0)
    ids = np.array([f"c{at:02d}" for at in range(30)])
    shuffled, names = x[order], ids[order]
    back = np.argsort(names)
    assert (kmeans(mixed(shuffled[back]), 2, 1).labels == kmeans(mixed(x), 2, 1).labels).all()


def test_k_means_takes_a_weight_for_repeated_rows() -> None:
    rows = np.array([[0.0], [1.0], [10.0], [11.0]])
    heavy = kmeans(mixed(rows, weights=[3, 1, 1, 1]), 2, 1)
    repeated = kmeans(mixed(np.repeat(rows, [3, 1, 1, 1], axis=0)), 2, 1)
    assert heavy.centres == pytest.approx(repeated.centres)
    assert heavy.centres[0, 0] == 0.25


def test_a_distance_with_missing_values_is_rescaled() -> None:
    rows = mixed([[1.0, NAN]], [[1]])
    # (1 - 3)² + 2 for the other category, of two columns observed out of three
    assert distances(rows, np.array([[3.0, 9.0]]), np.array([[0]]), 2.0)[0, 0] == (4 + 2) * 3 / 2


def test_the_default_penalty_is_variance_over_the_chance_to_differ() -> None:
    table = mixed([[0.0], [2.0], [4.0], [6.0]], [[0], [0], [1], [1]])
    assert default_penalty(table) == pytest.approx((20 / 3) / 0.5)


def test_prototypes_find_groups_that_only_the_categories_tell_and_bear_missing_values() -> None:
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1], 60)
    numbers = rng.normal(size=(120, 1))
    numbers[::7] = NAN
    codes = np.where(rng.random((120, 4)) < 0.05, 1 - truth[:, None], truth[:, None])
    found = prototypes(mixed(numbers, codes), 2, 1, penalty=5.0)
    assert matching.agreement(found.labels, truth) > 0.95
    assert found.starts.tried == 10


def test_prototypes_never_make_the_sum_worse_than_one_group() -> None:
    table = mixed([[0.0], [1.0], [5.0], [6.0]], [[0], [1], [0], [1]])
    losses = [prototypes(table, k, 1).loss for k in (1, 2, 3, 4)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] == 0


def test_latent_classes_by_hand() -> None:
    rows = [[0, 0, 0]] * 6 + [[1, 1, 1]] * 4
    found = latent(mixed(codes=rows), 2, 1)
    assert found.shares == pytest.approx([0.6, 0.4], abs=1e-6)
    assert found.log_likelihood == pytest.approx(6 * np.log(0.6) + 4 * np.log(0.4), abs=1e-6)
    assert found.entropy == pytest.approx(1, abs=1e-6)
    assert len(found.boundary) == 12  # two classes, three questions, two answers, all 0 or 1
    assert found.df == 7 - 7


def test_weights_of_latent_classes_count_as_repeats_and_their_scale_means_nothing() -> None:
    table, _ = ticks(90)
    weights = np.where(np.arange(90) < 30, 2.0, 1.0)
    repeated = mixed(codes=np.repeat(table.codes, weights.astype(int), axis=0))
    one = latent(mixed(codes=table.codes, weights=weights), 2, 1, starts=5)
    other = latent(mixed(codes=table.codes, weights=10 * weights), 2, 1, starts=5)
    assert one.shares == pytest.approx(latent(repeated, 2, 1, starts=5).shares, abs=1e-4)
    assert one.log_likelihood == pytest.approx(other.log_likelihood)


def test_missing_answers_stay_out_of_the_likelihood() -> None:
    table, truth = ticks(300)
    codes = table.codes.copy()
    codes[np.random.default_rng(2).random(codes.shape) < 0.2] = -1
    found = latent(mixed(codes=codes), 2, 1, starts=5)
    assert matching.agreement(found.labels, truth) > 0.8
    assert all(np.allclose(chance.sum(axis=1), 1) for chance in found.chances)
    # each class ticks nine answers of ten, or one; a missing answer taken for a "no" would move that to 0.7
    ticked = np.array([chance[:, 1] for chance in found.chances])
    assert np.abs(ticked - [0.1, 0.9]).mean() < 0.05


def test_patterns_keep_the_rows_they_stand_for() -> None:
    codes = np.random.default_rng(1).integers(-1, 3, size=(200, 4))
    told = patterns(mixed(codes=codes, levels=[3] * 4))
    assert (told.codes[told.row] == codes).all()
    assert told.weights.sum() == 200


def test_a_class_that_stays_empty_is_said() -> None:
    rows = [[0]] * 30 + [[1]] * 20 + [[2]] * 10
    found = latent(mixed(codes=rows), 2, 1, starts=3)
    assert found.df < 0  # 5 parameters, two free cells: nothing can be told
    assert found.found <= 2


def test_the_simulated_ratio_finds_the_second_class_and_no_third() -> None:
    table, _ = ticks(90)
    second = blrt.likelihood_ratio(table, 1, 1, starts=1)
    assert second.p_value == 0.01
    third = blrt.likelihood_ratio(table, 2, 1, starts=1)
    assert third.p_value > 0.05
    assert third.negative == (third.simulated < 0).sum()
    with pytest.raises(ParamError, match="99 or more"):
        blrt.likelihood_ratio(table, 1, 1, draws=10)


def test_profiles_of_behaviour_are_found_and_read_again() -> None:
    rng = np.random.default_rng(1)
    typical = np.array([[0.7, 0.2, 0.05, 0.05], [0.05, 0.05, 0.3, 0.6]])
    truth = np.repeat([0, 1], [50, 30])
    table = mixed(np.stack([rng.multinomial(60, typical[t]) for t in truth]).astype(float))
    found = nmf(table, 2, 1)
    assert matching.agreement(found.labels, truth) == 1.0
    assert found.profiles == pytest.approx(typical, abs=0.08)
    assert found.parts.sum(axis=1) == pytest.approx(1)
    assert (found.assign(table) == found.labels).all()


# Doubt


def test_one_normal_cloud_has_no_groups_and_two_have() -> None:
    rng = np.random.default_rng(5)
    cloud = mixed(rng.normal(size=(400, 3)) @ np.diag([2.0, 1.5, 1.0]))
    none = criteria(cloud, "kmeans", QUICK["kmeans"], 1, ks=range(1, 5), draws=8)
    assert none.verdict == "none"
    two = criteria(blobs(200)[0], "kmeans", QUICK["kmeans"], 1, ks=range(1, 5), draws=8)
    assert (two.verdict, two.k) == ("clear", 2)
    assert set(two.picks.values()) == {2}


def test_the_number_most_criteria_ask_for_wins_and_the_smaller_one_in_a_tie() -> None:
    found = criteria(blobs(60)[0], "kmeans", QUICK["kmeans"], 1, ks=(1, 2, 3), draws=6)
    votes = {"silhouette": 3, "gap": 2, "bic": 2, "icl": 3, "strength": 1}
    changed = type(found)(**{**vars(found), "picks": votes, "one_cloud": 0.01})
    assert (changed.k, changed.agreed, changed.verdict, changed.against) == (
        2,
        False,
        "unsure",
        ("strength",),
    )


def test_a_gain_of_the_gap_within_its_error_is_no_gain() -> None:
    errors = {1: 0.02, 2: 0.02, 3: 0.02}
    assert choose._first_gap({1: 1.0, 2: 1.01, 3: 1.015}, errors) == 1
    assert choose._first_gap({1: 1.0, 2: 1.03, 3: 1.04}, errors) == 2
    assert choose._first_gap({1: 1.0, 2: 0.9, 3: 1.5, 4: 1.49}, errors) == 3, "a dip is not the end"


def test_jaccard_by_hand() -> None:
    old, new = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, -1, 1])
    # old 0 = {0,1,2}: {0,1} gives 2/3; old 1 without the row not drawn = {3,5}: {2,3,5} gives 2/3
    assert jaccard(old, new, 2) == pytest.approx([2 / 3, 2 / 3])
    assert [word_of(v) for v in (0.85, 0.75, 0.6, 0.5, 0.49)] == [
        "stable", "valid", "pattern", "doubtful", "dissolved",
    ]  # fmt: skip


def test_a_group_cut_in_two_is_vetoed_and_jobs_change_nothing() -> None:
    x = mixed(np.random.default_rng(2).normal(size=(150, 4)))
    labels = kmeans(x, 5, 1).labels
    alone = stability(x, labels, 5, QUICK["kmeans"], 1, draws=20)
    together = stability(x, labels, 5, QUICK["kmeans"], 1, draws=20, jobs=2)
    assert (alone.jaccard == together.jaccard).all()
    assert (alone.agreement == together.agreement).all()
    assert alone.vetoed
    assert alone.jaccard.shape == (20, 5)


def test_names_follow_the_people_and_are_dropped_below_half() -> None:
    old = [0] * 10 + [1] * 10 + [2] * 9
    new = [2] * 10 + [0] * 9 + [1] + [1] * 3 + [0] * 3 + [2] * 3
    found = matching.matched(old, new)
    assert found.new_of_old.tolist() == [2, 0, -1]
    assert found.overlap == pytest.approx([1.0, 0.9, 1 / 3])
    assert found.dropped == (2,)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=3, max_size=40), st.permutations(range(4)))
def test_agreement_knows_no_names(labels: list[int], names: list[int]) -> None:
    assert matching.agreement(labels, [names[at] for at in labels]) == pytest.approx(1.0)


# Profiles


def test_an_index_by_hand_contains_itself() -> None:
    found = profiles.categorical(np.array([0, 0, 0, 1, 0, 1, 1, 1]), 2, np.array([0] * 4 + [1] * 4), 2)
    assert found.index.tolist() == [[150.0, 50.0], [50.0, 150.0]]
    assert (found.index_low <= found.index).all()
    assert (found.index <= found.index_high).all()
    assert found.share[-1].tolist() == [0.5, 0.5]


def test_effects_of_nothing_are_zero_and_weights_scale_away() -> None:
    rng = np.random.default_rng(4)
    y, group = rng.normal(size=3000), rng.integers(0, 3, 3000)
    found = profiles.numeric(y, group, 3)
    assert found.omega_squared < 0.003
    again = profiles.numeric(y, group, 3, weights=np.full(3000, 7.0))
    assert again.p_value == pytest.approx(found.p_value)
    assert profiles.categorical(rng.integers(0, 2, 3000), 2, group, 3).cramers_v < 0.05


def test_a_group_of_one_has_a_mean_and_no_error() -> None:
    found = profiles.numeric([1.0, 2.0, 3.0, 9.0], np.array([0, 0, 0, 1]), 2)
    assert found.mean[1] == 9
    assert np.isnan(found.std_error[1])


# Typing tool and migration


def people(n: int = 300, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    return pd.DataFrame(
        {
            "noise": rng.normal(size=n),
            "visits": truth * 3 + rng.normal(size=n),
            "plan": np.where(rng.random(n) < 0.9, np.array(["a", "b", "a"])[truth], "c"),
        }
    ), truth


def test_a_typing_tool_travels_as_text_and_says_how_good_it_is() -> None:
    frame, truth = people()
    tool, judged = build(frame, truth, ["1", "2", "3"], 1)
    said = classify(tool, frame)
    assert (said["segment"] == (truth + 1).astype(str)).mean() > 0.85
    assert 0.8 < judged.accuracy <= 1
    assert judged.curve[0][1] == "visits"
    assert judged.curve[-1][0] == 3
    assert judged.confusion.sum() == judged.n == 300
    assert 0 <= judged.calibration < 0.15
    assert judged.accuracy_classified >= judged.accuracy
    again, _ = build(frame, truth, ["1", "2", "3"], 1)
    assert again == tool


def test_labels_at_random_cannot_be_typed() -> None:
    frame, _ = people()
    _, judged = build(frame, np.random.default_rng(9).integers(0, 3, 300), ["1", "2", "3"], 1)
    assert judged.accuracy < 0.45  # in-sample selection would show more
    assert judged.kappa < 0.15
    assert judged.unclassified > 0.9


def test_a_typing_tool_refuses_what_it_does_not_know_all_at_once() -> None:
    frame, truth = people()
    tool, _ = build(frame, truth, ["1", "2", "3"], 1)
    strange = frame.drop(columns="visits").assign(plan="never seen", noise=np.inf)
    with pytest.raises(DataError) as error:
        classify(tool, strange)
    assert len(error.value.items) == 3
    assert "never seen the" not in str(error.value)
    assert "300 rows hold an answer the tool has never seen" in str(error.value)
    with pytest.raises(DataError, match="is no typing tool"):
        classify("{}", frame)


def test_people_who_leave_most_open_or_are_unsure_stay_unclassified() -> None:
    frame, truth = people()
    tool, _ = build(frame, truth, ["1", "2", "3"], 1)
    blank = frame.head(2).assign(visits=[NAN, 0.0], plan=[None, "a"])
    assert classify(tool, blank)["segment"].tolist() == ["", "1"]
    assert classify(tool, frame, threshold=1.0)["segment"].eq("").all()


def test_moves_by_hand() -> None:
    found = migration.migration([0, 0, 0, 1, 1, -1, 0, -1], [0, 0, 1, 1, 1, 1, -1, -1], 2)
    assert found.counts.tolist() == [[2, 1], [0, 2]]
    assert found.share[0].tolist() == [2 / 3, 1 / 3]
    assert (found.entered.tolist(), found.left.tolist(), found.missing) == ([0, 1], [1, 0], 1)
    assert found.stayed[0] == 0.8
    assert found.bowker[:2] == (1.0, 1)
    assert found.kappa == pytest.approx((0.8 - 0.48) / 0.52)


def test_gower_has_no_distance_without_a_common_column() -> None:
    assert np.isnan(gower(mixed([[1.0, NAN], [NAN, 2.0]]))[0, 1])
