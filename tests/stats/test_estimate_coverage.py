"""Do intervals keep their promise where it matters most: under raked weights?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from journey_lib.stats import estimate, weights

REPEATS, COMPARED, ROWS = 2000, 400, 250
AGE, PLAN = np.array([0.3, 0.4, 0.3]), np.array([0.6, 0.4])
LEVEL_OF_AGE, LEVEL_OF_PLAN = np.array([-2.0, 0.0, 2.5]), np.array([-1.0, 1.5])
TARGETS = {"age": dict(enumerate(AGE)), "plan": dict(enumerate(PLAN))}


def answer_share() -> float:
    """Population share of y > 0: normal noise around the six cells."""
    cells = LEVEL_OF_AGE[:, None] + LEVEL_OF_PLAN[None, :]
    return float((AGE[:, None] * PLAN[None, :] * ndtr(cells)).sum())


MEAN = float(AGE @ LEVEL_OF_AGE + PLAN @ LEVEL_OF_PLAN)
SHARE = answer_share()


@pytest.fixture(scope="module")
def repeats() -> dict[str, np.ndarray]:
    """Estimates over repeated surveys in which the old and the paying answer more often than they should."""
    rng = np.random.default_rng(2024)
    rows: dict[str, list[tuple[float, float, float]]] = {"mean": [], "share": [], "fixed": [], "raw": []}
    for repeat in range(REPEATS):
        age = rng.choice(3, ROWS, p=[0.15, 0.35, 0.5])
        plan = rng.choice(2, ROWS, p=[0.4, 0.6])
        y = LEVEL_OF_AGE[age] + LEVEL_OF_PLAN[plan] + rng.normal(size=ROWS)
        made = weights.rake({"age": age, "plan": plan}, TARGETS)
        found = {
            "mean": estimate.mean(y, calibration=made),
            "share": estimate.proportion(y > 0, calibration=made),
        }
        if repeat < COMPARED:
            found |= {"fixed": estimate.mean(y, made.values), "raw": estimate.mean(y)}
        for name, one in found.items():
            rows[name].append((one.estimate, one.ci_low, one.ci_high))
    return {name: np.array(found) for name, found in rows.items()}


def coverage(found: np.ndarray, truth: float) -> float:
    return float(((found[:, 1] <= truth) & (truth <= found[:, 2])).mean())


def test_intervals_under_raked_weights_cover(repeats: dict[str, np.ndarray]) -> None:
    assert 0.93 <= coverage(repeats["mean"], MEAN) <= 0.97
    assert 0.93 <= coverage(repeats["share"], SHARE) <= 0.97


def test_raking_removes_the_planted_bias(repeats: dict[str, np.ndarray]) -> None:
    assert repeats["raw"][:, 0].mean() - MEAN > 1.0
    assert abs(repeats["mean"][:, 0].mean() - MEAN) < 0.01


def test_taking_raked_weights_as_fixed_would_be_noticed(repeats: dict[str, np.ndarray]) -> None:
    """Without the residuals the same intervals are about 2.5 times as wide, and cover almost always."""
    widths = {name: np.diff(repeats[name][:, 1:]).mean() for name in ("mean", "fixed")}
    assert widths["fixed"] > 2 * widths["mean"]
    assert coverage(repeats["fixed"], MEAN) > 0.99
