"""Does the report on segments find groups where there are some, and none where there are none?

Small tables, so that many can be drawn. Each goes through `segments` as a customers table does, with the
number of groups left open. The naive twin believes the silhouette, which cannot ask for a single group.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from bench.calibrate.record import Bar, Line, average, rate
from bench.calibrate.work import spread
from journey_lib.measures.segments import SegmentsResult, segments
from journey_lib.stats.clusters.matching import agreement
from journey_lib.study.load import quick_study

CLAIM = "segments"
SEEDS, ROWS, COLUMNS, DRAWS = 20, 200, 4, 20
QUIET: Bar = (0.95, 1.0)
FOUND: Bar = (0.90, 1.0)
ALIKE: Bar = (0.75, 1.0)
CENTRES = np.array([[2, 2, 0, 0], [-2, 2, 0, 0], [0, -2, 2, 0], [0, 0, -2, 2]], float)
SHARES = (0.4, 0.3, 0.2, 0.1)


def cloud(rng: np.random.Generator, shared: float = 0.0) -> np.ndarray:
    """Return one normal cloud; `shared` is how far one common cause correlates its columns."""
    common = rng.standard_normal((ROWS, 1))
    return np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.standard_normal((ROWS, COLUMNS))


def skewed(rng: np.random.Generator, shared: float = 0.0) -> np.ndarray:
    """Return log-normal columns, as money and counts of visits look: skewness about 3."""
    return np.exp(0.7 * cloud(rng, shared))


NULLS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "one normal cloud": cloud,
    "one cloud, columns correlated at .5": partial(cloud, shared=0.5),
    "skewed columns": skewed,
    "skewed columns, correlated": partial(skewed, shared=0.5),
}


def planted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of four groups of 40, 30, 20 and 10 %, and the group of each."""
    group = rng.choice(len(CENTRES), ROWS, p=SHARES)
    return CENTRES[group] + rng.standard_normal((ROWS, COLUMNS)), group


def report(values: np.ndarray, seed: int) -> SegmentsResult:
    """Return the report on a table of customers."""
    frame = pd.DataFrame(values, columns=[f"number_{at}" for at in range(COLUMNS)])
    frame.insert(0, "customer_id", [f"c{at:04}" for at in range(len(frame))])
    return segments(*quick_study(customers=frame), draws=DRAWS, seed=seed)


def nothing(seed: int, name: str) -> tuple[bool, bool, bool]:
    """Say of a table without groups: none formed, none called clear, and what the silhouette alone does."""
    found = report(NULLS[name](np.random.default_rng([20_33, seed])), seed)
    assert found.criteria is not None
    return found.k == 0, found.verdict != "clear", found.picks["silhouette"] == 1


def something(seed: int) -> tuple[bool, float, float]:
    """Say of four planted groups: 3 to 5 found, how far they agree, and how far they do cut at random."""
    values, group = planted(np.random.default_rng([20_34, seed]))
    found = report(values, seed)
    labels = found.found.labels
    if found.k == 0:
        return False, 0.0, 0.0
    shuffled = np.random.default_rng([20_35, seed]).permutation(labels)
    return 3 <= found.k <= 5, agreement(labels, group), agreement(shuffled, group)


def measure(seeds: int, jobs: int) -> list[Line]:
    """Measure the claim; the number of tables does not depend on the seeds asked for."""
    del seeds
    lines = [line for name in NULLS for line in _quiet(name, jobs)]
    found = np.array(spread(something, range(SEEDS), jobs, f"{CLAIM}, planted"), float)
    right = (found[:, 0] > 0) & (found[:, 1] >= ALIKE[0])
    setting = f"four groups of 40, 30, 20 and 10 %, {ROWS} people"
    return [
        *lines,
        rate(CLAIM, setting, "3 to 5 segments, adjusted Rand index at least .75", right, FOUND),
        average(CLAIM, setting, "adjusted Rand index", found[:, 1], ALIKE),
        average(CLAIM, setting, "adjusted Rand index, members dealt at random", found[:, 2]),
    ]


def _quiet(name: str, jobs: int) -> list[Line]:
    told = np.array(spread(partial(nothing, name=name), range(SEEDS), jobs, f"{CLAIM}, {name}"))
    setting = f"{name}, {ROWS} people, {COLUMNS} columns"
    return [
        rate(CLAIM, setting, "no confident segments", told[:, 1], QUIET),
        rate(CLAIM, setting, "no segments formed at all", told[:, 0]),
        rate(CLAIM, setting, "no segments, done wrong: the silhouette alone decides", told[:, 2]),
    ]
