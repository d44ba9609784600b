"""Who the customers are: shares, segments and their distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2

from journey_lib.study.sample import design, people
from journey_lib.study.sample.profiles import BEHAVIOURS
from tests.study.sample.conftest import Written, generated

NAMES = [name for name, *_ in BEHAVIOURS]


def standardised(study: Written) -> np.ndarray:
    values = study.table("customers")[NAMES].to_numpy(dtype=float)
    return (values - values.mean(axis=0)) / values.std(axis=0)


def adjusted_rand(a: np.ndarray, b: np.ndarray) -> float:
    """Hubert and Arabie's index from the table of pairs."""
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)

    def pairs(x: np.ndarray) -> float:
        return float((x * (x - 1) / 2).sum())

    rows, columns = pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    by_chance = rows * columns / (len(a) * (len(a) - 1) / 2)
    return (pairs(table) - by_chance) / ((rows + columns) / 2 - by_chance)


def clusters(values: np.ndarray, k: int) -> tuple[float, np.ndarray]:
    """Best of ten starts."""
    tries = [kmeans2(values, k, minit="++", seed=seed, iter=40) for seed in range(10)]
    return min(((float(((values - c[m]) ** 2).sum()), m) for c, m in tries), key=lambda found: found[0])


def test_index_of_equal_and_crossed_groups() -> None:
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])) == 1
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(-0.5)


def test_centres_lie_at_the_planted_distances() -> None:
    centres = people.segment_centres()
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    assert gaps[2, 3] == pytest.approx(2.8)
    rest = [gaps[i, j] for i in range(4) for j in range(i) if (i, j) != (3, 2)]
    assert rest == pytest.approx([4.2] * 5)


def test_shares_are_as_planted(demo: Written) -> None:
    customers = demo.table("customers")
    assert len(customers) == 20_000
    assert customers["customer_id"].is_unique
    regions = customers["region"].value_counts(normalize=True)[list(design.REGIONS)]
    assert regions.to_numpy() == pytest.approx(np.array(design.REGION_SHARES), abs=0.012)
    segments = np.bincount([int(s) for s in demo.truth["true_segments"]]) / 20_000
    assert segments == pytest.approx(np.array(design.SEGMENT_SHARES), abs=0.012)


def test_four_clusters_find_the_segments(demo: Written) -> None:
    true = np.array([int(s) for s in demo.truth["true_segments"]])
    assert adjusted_rand(true, clusters(standardised(demo), 4)[1]) >= 0.75


def test_the_null_file_has_nothing_to_find(tmp_path_factory: pytest.TempPathFactory) -> None:
    null = generated(tmp_path_factory.mktemp("null"), "tiny", variant="null")
    true = np.array([int(s) for s in null.truth["true_segments"]])
    assert abs(adjusted_rand(true, clusters(standardised(null), 4)[1])) < 0.05


def test_contacts_before_tell_the_support_heavy_apart(demo: Written) -> None:
    often = demo.table("customers")["contacts_before"] >= 2
    true = np.array([int(s) for s in demo.truth["true_segments"]])
    assert often[true == 2].mean() == pytest.approx(1 - 4 * np.exp(-3), abs=0.03)
    assert often[true != 2].mean() == pytest.approx(1 - 1.3 * np.exp(-0.3), abs=0.01)


def test_households_live_in_one_region(tiny: Written) -> None:
    customers = tiny.table("customers")
    assert customers.groupby("household_id")["region"].nunique().max() == 1
    assert customers.groupby("household_id").size().max() > 1


def test_only_buyers_have_a_plan(tiny: Written) -> None:
    customers = tiny.table("customers").set_index("customer_id")
    paid = tiny.table("orders")["customer_id"].unique()
    assert (customers.loc[paid, "plan"] != "none").all()
    assert (customers["plan"] == "none").mean() > 0.5
