"""Do experiments raise false alarms, and do their intervals hold the truth? With what goes wrong else.

Each simulation has a `naive` twin: the method one would write down first. The long run prints both, the tests
assert that the twin fails where the method holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from bench.calibrate.record import Bar, Line, average, rate
from bench.calibrate.work import spread
from journey_lib.stats.inference import (
    Arm,
    cluster_totals,
    clustered,
    compare,
    cuped,
    families,
    heterogeneity,
    novelty,
    quantile,
    ratio,
    sample_ratio,
)
from journey_lib.stats.moments import Comoments, Moments, comoments, moments
from journey_lib.stats.sequential import boundaries, sequence_half_width

CLAIM = "experiments"
REPEATS, CHUNK = 20_000, 500
SLOW = {"rare": 10}  # exact tests: a tenth of the repeats
ALARM, COVER, LEAST = (0.044, 0.056), (0.93, 0.97), (0.0, 0.05)
DAYS, A_DAY, SHARE = 28, 500, 0.1
RHOS = (0.3, 0.5, 0.7, 0.9)
Hits = np.ndarray
Simulation = Callable[..., Hits]


def share_moments(successes: np.ndarray, n: int) -> Moments:
    """Return the moments of many binary arms."""
    p = successes / n
    return Moments(np.full(p.shape, float(n)), p, p * (1 - p) * n / (n - 1), binary=True)


# False alarms at one look


def shares(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Compare two equal shares; naively by twice the one-sided level."""
    arms = [share_moments(rng.binomial(2000, SHARE, repeats), 2000) for _ in range(2)]
    level = 0.9 if naive else 0.95
    return np.array(
        [compare(arms[0][i], arms[1][i], level=level).p_value < 1 - level for i in range(repeats)]
    )


def rare(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Compare two equal rare shares: about three successes in each arm; naively by Wald, or by none."""
    n = 60
    arms = [share_moments(rng.binomial(n, 0.05, repeats), n) for _ in range(2)]
    if naive:
        arms = [Moments(arm.n, arm.mean, arm.var) for arm in arms]
    found = (compare(arms[0][i], arms[1][i], level=0.8) for i in range(repeats))
    return np.array([effect.p_value < 0.2 or (naive and effect.reason != "") for effect in found])


def margins(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Call a guardrail safe that falls by just its margin; naively because no fall is significant."""
    n, margin = 20_000, 0.05
    control = share_moments(rng.binomial(n, SHARE, repeats), n)
    treatment = share_moments(rng.binomial(n, SHARE * (1 - margin), repeats), n)
    if naive:
        found = (compare(control[i], treatment[i]) for i in range(repeats))
        return np.array([effect.status != "negative" for effect in found])
    found = (compare(control[i], treatment[i], mode="margin", margin=margin) for i in range(repeats))
    return np.array([effect.status == "safe" for effect in found])


# Coverage


def _sessions(rng: np.random.Generator, repeats: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return conversions and sessions of units; who converts more also comes more often."""
    taste = rng.beta(1, 4, (repeats, n))
    visits = 1 + rng.poisson(20 * taste)
    return rng.binomial(visits, taste).astype(float), visits.astype(float)


def ratios(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Cover the difference 0 of two ratios, 500 units an arm; naively with sessions as if independent."""
    arms = [_sessions(rng, repeats, 500) for _ in range(2)]
    held = []
    for i in range(repeats):
        sides = [comoments(np.column_stack([y[i], x[i]])) for y, x in arms]
        effect = compare(*map(_events, sides)) if naive else ratio(*sides)
        held.append(effect.ci_low <= 0 <= effect.ci_high)
    return np.array(held)


def _events(side: Comoments) -> Arm:
    events, p = float(side.n * side.mean[1]), float(side.mean[0] / side.mean[1])
    return Arm(p, p * (1 - p) / events, events)


def lifts(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Cover no relative change of heavy-tailed spend; naively by the symmetric delta method."""
    n = 2000
    arms = [
        np.where(rng.random((repeats, n)) < 0.1, rng.lognormal(0, 2, (repeats, n)), 0.0) for _ in range(2)
    ]
    held = []
    for one, other in zip(*arms, strict=True):
        a, b = moments(one), moments(other)
        if naive:
            lift = b.mean / a.mean - 1
            error = np.sqrt(b.var + (1 + lift) ** 2 * a.var) / math.sqrt(n) / a.mean
            held.append(abs(lift) <= 1.96 * error)
            continue
        effect = compare(a, b)
        held.append(effect.ci_low <= 0 <= effect.ci_high)
        if not effect.lift_reason:
            held[-1] &= effect.lift_low <= 0 <= effect.lift_high
    return np.array(held, dtype=bool)


def changes(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Cover a relative change of 20 % of a share by Fieller; naively with the control's noise forgotten."""
    n = 3000
    one = share_moments(rng.binomial(n, SHARE, repeats), n)
    other = share_moments(rng.binomial(n, 1.2 * SHARE, repeats), n)
    held = []
    for i in range(repeats):
        effect = compare(one[i], other[i])
        low, high = effect.lift_low, effect.lift_high
        if naive:
            reach = 1.96 * math.sqrt(other.var[i] / n) / effect.control
            low, high = effect.lift - reach, effect.lift + reach
        held.append(low <= 0.2 <= high)
    return np.array(held)


def villages(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Cover no difference with 15 clusters of 20 an arm; naively with units as if independent."""
    held = []
    for _ in range(repeats):
        sides = rng.normal(0, 0.5, (2, 15, 1)) + rng.normal(0, 1, (2, 15, 20))
        names = np.repeat(np.arange(15), 20)
        if naive:
            effect = compare(*(moments(side.ravel()) for side in sides))
        else:
            effect = clustered(*(cluster_totals(side.ravel(), names) for side in sides))
        held.append(effect.ci_low <= 0 <= effect.ci_high)
    return np.array(held)


def medians(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Cover no difference of medians of events, ten a unit; naively with events as if independent."""
    held, names = [], np.repeat(np.arange(200), 10)
    for _ in range(repeats):
        sides = np.exp(rng.normal(0, 1, (2, 200, 1)) + rng.normal(0, 0.7, (2, 200, 10))).reshape(2, -1)
        effect = quantile(*sides, clusters=None if naive else (names, names))
        held.append(effect.ci_low <= 0 <= effect.ci_high)
    return np.array(held)


def adjusted(rng: np.random.Generator, repeats: int, rho: float, *, naive: bool = False) -> np.ndarray:
    """Return the difference after CUPED and before it, and whether the interval holds 0, for each repeat.

    Naively the covariate is subtracted as it is, without its slope.
    """
    n, found = 200, []
    for _ in range(repeats):
        x = rng.standard_normal((2, n))
        y = 3 * (rho * x + math.sqrt(1 - rho * rho) * rng.standard_normal((2, n)))
        result = cuped(*(comoments(np.column_stack([a, b])) for a, b in zip(y, x, strict=True)))
        effect = result.adjusted
        if naive:
            effect = compare(*(moments(a - b) for a, b in zip(y, x, strict=True)))
        found.append((effect.estimate, result.raw.estimate, effect.ci_low <= 0 <= effect.ci_high))
    return np.array(found)


def variance_ratio(found: np.ndarray) -> float:
    """Return the variance of adjusted differences over that of raw ones."""
    return float(found[:, 0].var() / found[:, 1].var())


# Looking before the end


def paths(rng: np.random.Generator, repeats: int, lift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return z values and standard errors at 28 daily looks."""
    days = np.arange(1, DAYS + 1) * A_DAY
    control, treatment = (
        rng.binomial(A_DAY, share, (repeats, DAYS)).cumsum(axis=1) / days
        for share in (SHARE, SHARE * (1 + lift))
    )
    error = np.sqrt((control * (1 - control) + treatment * (1 - treatment)) / (days - 1))
    return (treatment - control) / error, error


def looked(z: np.ndarray, error: np.ndarray, rule: str) -> Hits:
    """Say which experiments were stopped under a rule; none before 25 successes are likely in each arm."""
    n = 2.0 * A_DAY * np.arange(1, DAYS + 1)
    if rule == "end":
        return np.asarray(np.abs(z[:, -1]) > 1.96)
    if rule == "daily":
        return np.asarray((np.abs(z) > 1.96).any(axis=1))
    if rule == "always_valid":
        half = sequence_half_width(error, n, n[-1])
        return np.asarray((np.abs(z * error) > half).any(axis=1))
    looks = np.linspace(0, DAYS, int(rule) + 1)[1:].round().astype(int) - 1
    return np.asarray((np.abs(z[:, looks]) > boundaries(n[looks], n[-1])).any(axis=1))


# Many hypotheses


def primaries(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Find one of five unchanged primary metrics changed; naively without a correction."""
    p = rng.random((repeats, 5))
    return np.array(
        [(row < 0.05).any() if naive else families(row, ["primary"] * 5).rejected.any() for row in p]
    )


def segments(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Find an unchanged effect different between five segments; naively because one is significant."""
    found = []
    for row in rng.normal(0, 1, (repeats, 5)):
        effects = [compare(Arm(1.0, 0.5, 1000), Arm(1.0 + gap, 0.5, 1000)) for gap in row]
        found.append(
            any(e.p_value < 0.05 for e in effects) if naive else heterogeneity(effects).p_value < 0.05
        )
    return np.array(found)


def fading(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Find a steady effect fading over 14 days; naively by its first and last day."""
    shared = rng.normal(0, 1, (repeats, 1))  # the same units are seen every day
    effects = shared + rng.normal(0, 1, (repeats, 14))
    days, errors = np.arange(14), np.full(14, math.sqrt(2))
    if naive:
        return np.asarray(np.abs(effects[:, -1] - effects[:, 0]) > 1.0)
    return np.array([novelty(days, row, errors).p_value < 0.05 for row in effects])


def mismatch(rng: np.random.Generator, repeats: int, *, naive: bool = False) -> Hits:
    """Find a fair split unfair at 1 % on any of 28 days; naively by a chi-square every day."""
    one = rng.binomial(1000, 0.5, (repeats, DAYS)).cumsum(axis=1)
    counts = np.stack([one, 1000 * np.arange(1, DAYS + 1) - one], axis=-1)
    found = sample_ratio(counts, [0.5, 0.5])
    return np.asarray(((found.p_value if naive else found.monitor_p) < 0.01).any(axis=1))


ONE_LOOK: dict[str, tuple[Simulation, str, Bar, str]] = {
    "shares": (shares, "two equal shares, 2,000 an arm", ALARM, "at 10 %"),
    "rare": (rare, "two equal shares of 3 in 60, at 20 %", (0.0, 0.2), "Wald"),
    "margins": (margins, "a guardrail at its margin called safe", (0.04, 0.06), "no fall is significant"),
    "primaries": (primaries, "any of five primary metrics", LEAST, "no Holm"),
    "segments": (segments, "five equal segments called different", (0.04, 0.06), "any one significant"),
    "fading": (fading, "a steady effect called fading", (0.04, 0.06), "first day against last"),
    "mismatch": (mismatch, "a fair split called unfair, 28 days at 1 %", (0.0, 0.01), "chi-square every day"),
}  # fmt: skip
HELD: dict[str, tuple[Simulation, str, str]] = {
    "ratios": (ratios, "ratio of sessions, 500 units an arm", "sessions as if independent"),
    "changes": (changes, "relative change of a share, Fieller", "noise of the control forgotten"),
    "villages": (villages, "15 clusters of 20 an arm", "units as if independent"),
    "medians": (medians, "medians of ten events a unit", "events as if independent"),
}
HEAVY = (0.93, 0.985)  # Fieller's interval of heavy tails is a little wide, as the definition measured: .973
LOOKS: dict[str, tuple[str, Bar]] = {
    "end": ("one look at the end", ALARM),
    "daily": ("28 daily looks, each at 5 %: what peeking does", (0.20, 1.0)),
    "always_valid": ("28 daily looks, asymptotic confidence sequence", LEAST),
    "5": ("5 planned looks, O'Brien–Fleming type", (0.042, 0.058)),
    "28": ("28 planned looks, O'Brien–Fleming type", (0.042, 0.058)),
}


def run(task: tuple[int, int], do: Simulation, **options: float) -> Hits:
    """Run one chunk of a simulation."""
    number, repeats = task
    return do(np.random.default_rng([20_31, number]), repeats, **options)


def measure(seeds: int, jobs: int) -> list[Line]:
    """Measure the claim; the number of repeats does not depend on the seeds asked for."""
    del seeds
    lines = []
    for name, (do, words, bar, twin) in ONE_LOOK.items():
        part = SLOW.get(name, 1)
        lines.append(rate(CLAIM, "false alarms", words, _hits(do, jobs, name, part=part), bar))
        wrong = _hits(do, jobs, name, part=part, naive=True)
        lines.append(rate(CLAIM, "false alarms, done wrong", f"{words}: {twin}", wrong))
    z, error = paths(np.random.default_rng(20_32), REPEATS)
    lines += [
        rate(CLAIM, "looking early", words, looked(z, error, rule), bar)
        for rule, (words, bar) in LOOKS.items()
    ]
    for name, (do, words, twin) in HELD.items():
        lines.append(rate(CLAIM, "coverage", words, _hits(do, jobs, name, part=5), COVER))
        lines.append(
            rate(CLAIM, "coverage, done wrong", f"{words}: {twin}", _hits(do, jobs, name, part=5, naive=True))
        )
    words = "heavy-tailed spend, 2,000 an arm, no effect"
    lines.append(rate(CLAIM, "coverage", words, _hits(lifts, jobs, "lifts", part=5), HEAVY))
    twin = _hits(lifts, jobs, "lifts", part=5, naive=True)
    lines.append(rate(CLAIM, "coverage, done wrong", f"{words}: symmetric delta", twin))
    return lines + [line for rho in RHOS for line in _cuped(rho, jobs)]


def _cuped(rho: float, jobs: int) -> list[Line]:
    found = _hits(adjusted, jobs, f"cuped {rho}", part=5, rho=rho)
    blocks = [variance_ratio(part) for part in np.array_split(found, 20)]
    aim = 1 - rho * rho
    words = f"variance left by CUPED at a correlation of {rho:g}, {aim:.2f} in theory"
    lines = [average(CLAIM, "CUPED", words, blocks, (0.85 * aim, 1.15 * aim))]
    if rho == RHOS[1]:  # the same seeds leave the same residuals at every correlation
        lines.append(rate(CLAIM, "coverage", f"CUPED at a correlation of {rho:g}", found[:, 2] > 0, COVER))
    return lines


def _hits(do: Simulation, jobs: int, name: str, *, part: int = 1, **options: float) -> np.ndarray:
    repeats = REPEATS // part
    tasks = [(i, CHUNK) for i in range(repeats // CHUNK)]
    return np.concatenate(spread(partial(run, do=do, **options), tasks, jobs, f"experiments, {name}"))
