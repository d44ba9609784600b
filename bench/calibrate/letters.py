"""How often does a weighted table say that columns differ which do not? Letters, signs and whole tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from bench.calibrate.record import Bar, Line
from bench.calibrate.work import spread
from journey_lib.stats import tables
from journey_lib.stats.estimate import Sample
from journey_lib.stats.intervals import wilson
from journey_lib.stats.multiplicity import holm
from journey_lib.stats.tables.crosstab import Crosstab
from journey_lib.stats.tables.lettering import CORRECTIONS, Correction, Letters, Means, Test

CLAIM = "letters"
ALPHA = 0.05
SINGLE: Bar = (0.04, 0.065)
FAMILY: Bar = (0.0, 0.065)  # comparisons that share columns depend on each other: corrections may do better
TABLES, CHUNK = 4_000, 100
COLUMNS = (80, 120, 160, 240)  # people in each column of the banner
LEVELS = 4
TESTS: tuple[Test, ...] = ("effective", "linearised")
WEIGHTS = {"weights that have nothing to do with the answers": 0.0, "weights that go with the answers": 0.5}
Hits = dict[tuple[str, str], list[bool]]


def survey(rng: np.random.Generator, tie: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return opinions, columns and weights of design effect 2; nothing differs between the columns."""
    codes = rng.permutation(np.repeat(np.arange(len(COLUMNS)), COLUMNS))
    size = rng.standard_normal(codes.size)
    latent = tie * size + np.sqrt(1 - tie**2) * rng.standard_normal(codes.size)
    return latent, codes, np.exp(np.sqrt(np.log(2)) * size)


def alarms(rng: np.random.Generator, tie: float) -> Iterator[tuple[tuple[str, str], list[bool]]]:
    """Yield everything one quiet table says, by what was asked and with which correction."""
    latent, codes, weight = survey(rng, tie)
    sample = Sample(codes.size, weight, degrees="equivalent")  # as the reports take them
    level = np.clip(np.floor(2 + latent), 0, LEVELS - 1).astype(int)
    shares = tables.crosstab(level, codes, sample=sample)
    means = tables.means(np.clip(np.floor(3.6 + latent), 1, 5), codes, range(len(COLUMNS)), sample)
    for test in TESTS:
        for correction in CORRECTIONS:
            by = cast("Correction", correction)
            for name, made in (("share", shares), ("mean", means)):
                table = cast("Crosstab | Means", made)
                yield (f"{name}, {test}", by), _told(tables.letters(table, test=test, correction=by), by)
    _, _, p = tables.versus_rest(shares)
    yield ("share against the rest", "none"), list((p < ALPHA).ravel())
    yield ("share against the rest", "holm"), [bool((holm(p.ravel()) < ALPHA).any())]
    yield ("whole table, Rao-Scott", "none"), [tables.rao_scott(level, codes, sample=sample).p_value < ALPHA]


def _told(letters: Letters, correction: Correction) -> list[bool]:
    """Return what counts as one false alarm: a pair, a row for Bonferroni, else the table."""
    first, second = np.triu_indices(len(COLUMNS), 1)
    found = letters.p_value[:, first, second] < ALPHA
    if correction == "none":
        return list(found.ravel())
    return list(found.any(axis=1)) if correction == "bonferroni" else [bool(found.any())]


def chunk(task: tuple[float, int, int]) -> Hits:
    """Repeat the quiet table and collect its alarms."""
    tie, number, repeats = task
    rng = np.random.default_rng([20_29, round(100 * tie), number])
    found: Hits = {}
    for _ in range(repeats):
        for key, hits in alarms(rng, tie):
            found.setdefault(key, []).extend(hits)
    return found


def measure(seeds: int, jobs: int) -> list[Line]:
    """Measure the claim; the number of tables does not depend on the seeds asked for."""
    del seeds
    lines = []
    for words, tie in WEIGHTS.items():
        tasks = [(tie, i, CHUNK) for i in range(TABLES // CHUNK)]
        parts = spread(chunk, tasks, jobs, f"letters, {words}")
        for what, correction in parts[0]:
            hits = [hit for part in parts for hit in part[what, correction]]
            bar = SINGLE if correction == "none" else FAMILY
            lines.append(of_tables(words, f"{what}, correction {correction}", float(np.mean(hits)), bar))
    return lines


def of_tables(setting: str, what: str, share: float, bar: Bar) -> Line:
    """Return a share of comparisons; those of one table depend on each other, so the table is the unit."""
    low, high = (float(end[0]) for end in wilson(np.array([share]), np.array([float(TABLES)]), 0.95))
    return Line(CLAIM, setting, what, "rate", "share", TABLES, share, low, high, *bar)
