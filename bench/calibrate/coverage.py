"""Do 95 % intervals hold the truth in 95 % of surveys? Six statistics under six ways to ask and weight.

The population is a mixture of normals on one latent opinion, so that every truth has a closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from bench.calibrate.record import Line, rate
from bench.calibrate.work import spread
from journey_lib.stats import estimate, weights
from journey_lib.stats.estimate import Estimate, Sample

CLAIM = "coverage"
BAR = (0.93, 0.97)
REPEATS = 2_000
CHUNK = 250
ROWS, DOMAIN_ROWS, DOMAINS = 400, 300, 10
SHIFT = 0.4  # by which the latent opinion of one half lies higher
STATISTICS = ("mean", "proportion", "NPS", "ratio", "difference", "quantile")


@dataclass(frozen=True)
class Population:
    """Latent opinions as a mixture of normals; answers are cuts and powers of them."""

    share: np.ndarray
    mean: np.ndarray
    sd: np.ndarray

    def below(self, x: float) -> float:
        return float(self.share @ ndtr((x - self.mean) / self.sd))

    def truths(self) -> dict[str, float]:
        """Return the true value of each statistic."""
        price = np.exp(0.3 * self.mean + 0.045 * self.sd**2)
        median = brentq(lambda x: self.below(x) - 0.5, -9, 9)
        return {
            "mean": self.rating(),
            "proportion": 1 - self.below(0.4),
            "NPS": 100 * (1 - self.below(0.75) - self.below(-0.25)),
            "ratio": float(self.share @ price),
            "difference": replace(self, mean=self.mean + SHIFT).rating() - self.rating(),
            "quantile": float(np.exp(0.5 * median)),
        }

    def rating(self) -> float:
        return 5 - sum(self.below(k + 0.5 - 3.1) for k in range(1, 5))


def rating(latent: np.ndarray) -> np.ndarray:
    """Cut opinions into answers from 1 to 5."""
    return np.clip(np.floor(3.1 + latent + 0.5), 1, 5)


def recommendation(latent: np.ndarray) -> np.ndarray:
    """Cut opinions into answers from 0 to 10."""
    return np.clip(np.floor(7 + 2 * latent + 0.5), 0, 10)


@dataclass(frozen=True)
class Drawn:
    """One survey: opinions, how it was drawn and weighted, and the domains to speak about."""

    latent: np.ndarray
    options: dict[str, Any] = field(default_factory=dict)
    domain: np.ndarray | None = None


def unweighted(rng: np.random.Generator) -> Drawn:
    return Drawn(rng.standard_normal(ROWS))


def weighted(rng: np.random.Generator) -> Drawn:
    """Log-normal weights of design effect 2 that go with the opinion: who is rare thinks differently."""
    size = rng.standard_normal(ROWS)
    latent = 0.5 * size + np.sqrt(0.75) * rng.standard_normal(ROWS)
    return Drawn(latent, {"weights": np.exp(np.sqrt(np.log(2)) * size)})


STRATA = np.array([0.1, 0.2, 0.3, 0.4])
STRATUM_MEAN = np.array([-0.6, -0.2, 0.2, 0.5])
CLUSTERS, CLUSTER_SD = 10, np.sqrt(0.1)


def clustered(rng: np.random.Generator) -> Drawn:
    """Four strata of ten clusters of ten people, drawn in equal numbers from strata of unequal size."""
    cluster = np.repeat(np.arange(4 * CLUSTERS), ROWS // (4 * CLUSTERS))
    stratum = cluster // CLUSTERS
    shared = CLUSTER_SD * rng.standard_normal(4 * CLUSTERS)
    own = np.sqrt(0.9) * rng.standard_normal(ROWS)
    latent = STRATUM_MEAN[stratum] + shared[cluster] + own
    return Drawn(latent, {"weights": STRATA[stratum], "strata": stratum, "psu": cluster})


AGE, AGE_MEAN = np.array([0.3, 0.4, 0.3]), np.array([-1.1, 0.0, 1.3])
PLAN, PLAN_MEAN = np.array([0.6, 0.4]), np.array([-0.5, 0.8])
TARGETS = {"age": dict(enumerate(AGE)), "plan": dict(enumerate(PLAN))}
CELL_SD = 0.8
LOOSE = 0.25  # of the differences between ages and plans


def raked(rng: np.random.Generator, rows: int = ROWS, *, tie: float = 1.0, forget: bool = False) -> Drawn:
    """The old and the paying answer too often; weights are raked back, and the errors know it.

    With `forget` the raked weights are taken as fixed, which is the mistake the claim must be able to see:
    margins explain more than half of the opinions, so that the mistake is large.
    """
    age = rng.choice(3, rows, p=[0.15, 0.35, 0.5])
    plan = rng.choice(2, rows, p=[0.4, 0.6])
    latent = tie * (AGE_MEAN[age] + PLAN_MEAN[plan]) + CELL_SD * rng.standard_normal(rows)
    made = weights.rake({"age": age, "plan": plan}, TARGETS)
    return Drawn(latent, {"weights": made.values} if forget else {"calibration": made})


def domains(rng: np.random.Generator) -> Drawn:
    return Drawn(rng.standard_normal(DOMAIN_ROWS), domain=rng.integers(0, DOMAINS, DOMAIN_ROWS))


def raked_domains(rng: np.random.Generator, tie: float = 1.0) -> Drawn:
    return replace(raked(rng, DOMAIN_ROWS, tie=tie), domain=rng.integers(0, DOMAINS, DOMAIN_ROWS))


def _cells(tie: float = 1.0) -> Population:
    means = tie * np.add.outer(AGE_MEAN, PLAN_MEAN).ravel()
    return Population(np.outer(AGE, PLAN).ravel(), means, np.full(6, CELL_SD))


_NORMAL = Population(np.ones(1), np.zeros(1), np.ones(1))
DESIGNS: dict[str, tuple[Callable[..., Drawn], Population]] = {
    "unweighted": (unweighted, _NORMAL),
    # Weighting by exp(s·size) moves the mean of `size` from 0 to s.
    "weighted, design effect 2": (weighted, replace(_NORMAL, mean=np.array([0.5 * np.sqrt(np.log(2))]))),
    "strata and clusters": (clustered, Population(STRATA, STRATUM_MEAN, np.ones(4))),
    "raked": (raked, _cells()),
    "domains of about 30": (domains, _NORMAL),
    "domains of about 30, raked, margins matter little": (partial(raked_domains, tie=LOOSE), _cells(LOOSE)),
    "domains of about 30, raked, margins matter much": (raked_domains, _cells()),
}


def intervals(drawn: Drawn, rng: np.random.Generator) -> Iterator[tuple[str, Estimate]]:
    """Estimate everything from one survey: once, or once for each domain."""
    z, n = drawn.latent, drawn.latent.size
    higher = rng.random(n) < 0.5
    shifted = rating(z + SHIFT * higher)
    orders = 1.0 + rng.poisson(2.0, n)
    spend = orders * np.exp(0.3 * z + 0.1 * rng.standard_normal(n) - 0.005)
    sample = Sample(n, **drawn.options, degrees="equivalent")  # as the reports take them
    code = np.zeros(n, int) if drawn.domain is None else drawn.domain
    for number in range(int(code.max()) + 1):
        here = code == number
        yield "ratio", estimate.ratio(spend, orders, domain=here, **drawn.options)
        yield "quantile", estimate.quantile(np.exp(0.5 * z), 0.5, domain=here, **drawn.options)
    for number in range(int(code.max()) // 2 + 1):  # two domains hold two groups as large as one domain
        here = code // 2 == number
        yield "difference", sample.difference(shifted, here & higher, here & ~higher)
    answers = {"mean": rating(z), "proportion": rating(z) >= 4, "nps": recommendation(z)}
    for kind, y in answers.items():
        many = sample.by_domain(kind, y, code, int(code.max()) + 1)
        yield from (("NPS" if kind == "nps" else kind, many.one(i)) for i in range(len(many)))


def holds(found: Estimate, truth: float) -> bool:
    """Tell whether an interval holds the truth; a missing interval does not, an unbounded side does."""
    low, high = found.ci_low, found.ci_high
    if "unbounded" in found.method:
        low, high = (-np.inf if np.isnan(low) else low), (np.inf if np.isnan(high) else high)
    return bool(low <= truth <= high)


def chunk(task: tuple[str, int, int]) -> dict[str, list[bool]]:
    """Repeat one design's survey and tell for each interval whether it holds the truth."""
    name, number, repeats = task
    draw, population = DESIGNS[name]
    return covered(
        draw, population, np.random.default_rng([20_26, list(DESIGNS).index(name), number]), repeats
    )


def covered(
    draw: Callable[..., Drawn], population: Population, rng: np.random.Generator, repeats: int
) -> dict[str, list[bool]]:
    """Do the work of `chunk` with a generator at hand."""
    truths = population.truths()
    found: dict[str, list[bool]] = {name: [] for name in STATISTICS}
    for _ in range(repeats):
        for name, one in intervals(draw(rng), rng):
            found[name].append(holds(one, truths[name]))
    return found


def measure(seeds: int, jobs: int) -> list[Line]:
    """Measure the claim; the number of surveys does not depend on the seeds asked for below 2,000."""
    repeats = max(REPEATS, seeds)
    lines = []
    for name in DESIGNS:
        each = repeats // 5 if name.startswith("domains") else repeats
        tasks = [(name, i, min(CHUNK, each - i * CHUNK)) for i in range(-(-each // CHUNK))]
        parts = spread(chunk, tasks, jobs, f"coverage, {name}")
        lines += [
            rate(CLAIM, name, what, [hit for part in parts for hit in part[what]], BAR) for what in STATISTICS
        ]
    return lines
