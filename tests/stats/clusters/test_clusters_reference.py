"""Numbers that others computed: mclust, fpc, cluster, base R (tests/references/clusters.R), and poLCA's own.

poLCA's log-likelihoods are those its manual prints for its data sets `carcinoma`, `values` and `cheating`
(Linzer and Lewis 2011; Agresti 2002, table 13.1; Goodman 2002; Dayton 1998).
"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest

from journey_lib.stats.clusters import migration, profiles
from journey_lib.stats.clusters.centres import kmeans, mixture
from journey_lib.stats.clusters.choose import criteria
from journey_lib.stats.clusters.latent import latent
from journey_lib.stats.clusters.matching import agreement
from journey_lib.stats.clusters.prototypes import gower
from journey_lib.stats.clusters.stability import stability
from journey_lib.stats.clusters.table import Mixed, mixed, scale_of

# Seven pathologists, 118 slides: answers A to G and how often.
CARCINOMA = {
    "0000000": 34, "0000100": 2, "0100000": 6, "0100001": 1, "0100100": 4, "0100101": 5, "1000000": 2,
    "1010101": 1, "1100000": 2, "1100001": 1, "1100100": 2, "1100101": 7, "1100111": 1, "1101001": 1,
    "1101101": 2, "1101111": 3, "1110101": 13, "1110111": 5, "1111101": 10, "1111111": 16,
}  # fmt: skip
VALUES = (42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20)
CHEATING = (207, 46, 7, 5, 13, 4, 1, 2, 10, 3, 1, 2, 11, 4, 1, 2)


def patterns(counts: tuple[int, ...]) -> dict[str, int]:
    return {"".join(p): n for p, n in zip(itertools.product("01", repeat=4), counts, strict=True)}


def answers(counts: dict[str, int]) -> Mixed:
    rows = [[int(sign) for sign in word] for word, n in counts.items() for _ in range(n)]
    return mixed(codes=rows)


@pytest.fixture(scope="module")
def iris() -> tuple[Mixed, np.ndarray, np.ndarray]:
    from sklearn.datasets import load_iris

    found = load_iris()
    table = mixed(found.data)
    return scale_of(table).scaled(table), found.data, found.target


@pytest.mark.parametrize(
    ("counts", "k", "published"),
    [
        (CARCINOMA, 2, -317.2568),
        (CARCINOMA, 3, -293.705),
        (CARCINOMA, 4, -289.2858),
        (patterns(VALUES), 1, -543.6498),
        (patterns(VALUES), 2, -504.4677),
        (patterns(VALUES), 3, -503.3011),
        (patterns(CHEATING), 2, -440.0271),
    ],
)
def test_latent_classes_reach_the_published_likelihood_or_a_better_one(
    counts: dict[str, int], k: int, published: float
) -> None:
    found = latent(answers(counts), k, 1)
    assert found.log_likelihood >= published - 1e-4
    assert found.log_likelihood == pytest.approx(published, abs=1e-3)


def test_latent_classes_count_parameters_and_criteria_as_polca_does() -> None:
    found = latent(answers(CARCINOMA), 3, 1)
    # poLCA 1.4: npar 23, resid.df 95, bic 697.1357
    assert (found.parameters, found.df) == (23, 95)
    assert found.bic == pytest.approx(697.1357, abs=2e-3)
    assert found.shares == pytest.approx([0.4447, 0.3736, 0.1817], abs=2e-3)


@pytest.mark.parametrize(
    ("form", "likelihoods"),
    [
        ("full", [-488.254, -322.694]),
        ("tied", [-488.254, -404.786, -364.695]),
        ("diag", [-849.356, -494.524]),
        ("spherical", [-849.356, -635.078, -568.832, -512.074]),
    ],
)
def test_mixtures_reach_the_likelihood_of_mclust(
    iris: tuple[Mixed, np.ndarray, np.ndarray], form: str, likelihoods: list[float]
) -> None:
    for k, expected in enumerate(likelihoods, start=1):
        found = mixture(iris[0], k, 1, starts=5, forms=(form,)).log_likelihood
        assert found >= expected - 0.02  # five digits; a better optimum is welcome
        assert found == pytest.approx(expected, abs=0.05)


def test_the_bic_of_mixtures_prefers_what_mclust_prefers(iris: tuple[Mixed, np.ndarray, np.ndarray]) -> None:
    found = mixture(iris[0], 2, 1)
    assert found.form == "full"
    assert found.bic == pytest.approx(790.696, abs=0.02)


def test_k_means_reaches_the_sum_of_squares_of_r(iris: tuple[Mixed, np.ndarray, np.ndarray]) -> None:
    found = kmeans(iris[0], 3, 1, starts=30)
    assert found.loss == pytest.approx(138.8884, abs=1e-4)
    assert np.bincount(found.labels).tolist() == [53, 50, 47]


@pytest.mark.parametrize(("k", "expected"), [(2, [1.0, 1.0]), (3, [0.911, 0.996, 0.907])])
def test_stability_agrees_with_clusterboot(
    iris: tuple[Mixed, np.ndarray, np.ndarray], k: int, expected: list[float]
) -> None:
    labels = kmeans(iris[0], k, 1, starts=20).labels
    found = stability(iris[0], labels, k, partial(kmeans, starts=3), 1, draws=100)
    # the means of 100 resamples have a standard error of about 0.01
    assert found.mean == pytest.approx(expected, abs=0.03)


def test_criteria_agree_with_clusgap_and_prediction_strength(
    iris: tuple[Mixed, np.ndarray, np.ndarray],
) -> None:
    found = criteria(iris[0], "kmeans", partial(kmeans, starts=3), 1, ks=range(1, 5), draws=20)
    # clusGap: B = 200, squared distances; prediction.strength: M = 100. Tolerance: two standard errors.
    assert list(found.gap.values()) == pytest.approx([0.372, 0.842, 0.910, 0.780], abs=0.04)
    assert found.picks["gap"] == 3
    assert list(found.strength.values()) == pytest.approx([1.0, 0.997, 0.631, 0.538], abs=0.08)
    assert found.picks["strength"] == 2
    assert found.silhouette[2] == pytest.approx(0.5818, abs=1e-4)


def test_gower_agrees_with_daisy() -> None:
    nan = float("nan")
    found = gower(
        mixed([[1], [3], [nan], [10]], [[0, 0, 0], [1, 1, 1], [0, 1, 0], [0, 2, 1]]),
        ordered=(1,), asymmetric=(2,),
    )  # fmt: skip
    upper = found[np.triu_indices(4, 1)]
    assert upper == pytest.approx([0.6805556, 0.25, 0.75, 0.6666667, 0.5694444, 0.5], abs=1e-7)


def test_profiles_agree_with_r(iris: tuple[Mixed, np.ndarray, np.ndarray]) -> None:
    _, raw, species = iris
    found = profiles.numeric(raw[:, 1], species, 3)
    assert found.p_value == pytest.approx(1.432735e-14, rel=1e-6)
    assert found.epsilon_squared * 149 == pytest.approx(63.571146, abs=1e-6)
    hair = np.array([[68, 20, 15, 5], [119, 84, 54, 29], [26, 17, 14, 14], [7, 94, 10, 16]])
    rows, columns = (np.repeat(axis.ravel(), hair.ravel()) for axis in np.indices((4, 4)))
    told = profiles.categorical(columns, 4, rows, 4)
    assert told.residual[0] == pytest.approx([6.136520, -4.253816, -0.575026, -2.287896], abs=1e-6)
    assert told.residual[3] == pytest.approx([-8.328248, 9.967550, -2.737977, 0.732023], abs=1e-6)


def test_migration_agrees_with_mcnemar_and_mclust() -> None:
    counts = np.array([[20, 5, 2], [9, 30, 4], [1, 8, 25]])
    before, after = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices((3, 3)))
    found = migration.migration(before, after, 3)
    assert found.bowker == pytest.approx((2.809524, 3, 0.421935), abs=1e-6)
    assert found.agreement == pytest.approx(0.329724, abs=1e-6)


def test_agreement_with_the_species_is_that_of_mclust(iris: tuple[Mixed, np.ndarray, np.ndarray]) -> None:
    found = mixture(iris[0], 3, 1, forms=("full",))
    assert agreement(found.labels, iris[2]) == pytest.approx(0.9039, abs=1e-4)
