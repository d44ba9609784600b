"""How an experiment is going to be run and read: arms, looks, error rates, and the drift they ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, Literal

import numpy as np

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.stats import sequential
from journey_lib.stats.inputs import FloatArray

Convention = Literal["unpooled", "pooled", "control"]
Looking = Literal["fixed", "group_sequential", "always_valid"]
Correction = Literal["holm", "bonferroni", "none"]
_WORDS: Final = {
    "mode": ("fixed", "group_sequential", "always_valid"),
    "correction": ("holm", "bonferroni", "none"),
    "convention": ("unpooled", "pooled", "control"),
    "spending": sequential.SPENDING,
}


@dataclass(frozen=True)
class Design:
    """How an experiment is going to be run and read.

    Attributes
    ----------
    split : tuple of float
        Shares of the arms, the control first; in any unit. Of several treatments the smallest is sized.
    alpha : float
        Two-sided error rate of the whole family of arms.
    mode : {"fixed", "group_sequential", "always_valid"}
        One look at the end, a few planned ones, or as many as `looks` with intervals that always hold.
    looks : int
        Equally spaced looks of the sequential modes.
    correction : {"holm", "bonferroni", "none"}
        For several treatments. Holm is sized by its first step, which is Bonferroni's, so its power is at
        least what is said.
    convention : {"unpooled", "pooled", "control"}
        Variances of shares: each arm its own; the pooled one under no effect; the control's for both.
    design_effect : float
        Variance over that of independent units, as from `design_effect`; 1 without clusters.
    correlation : float
        Of the metric with a covariate from before, which CUPED takes out.
    spending : {"per_side", "two_sided"}
        As in `sequential.spent`.

    Raises
    ------
    ParamError
        Fewer than two arms, shares or rates out of range, unknown words.

    Examples
    --------
    >>> Design(split=(2, 1, 1)).shares
    (0.5, 0.25, 0.25)
    """

    split: tuple[float, ...] = (0.5, 0.5)
    alpha: float = 0.05
    mode: Looking = "fixed"
    looks: int = 5
    correction: Correction = "holm"
    convention: Convention = "unpooled"
    design_effect: float = 1.0
    correlation: float = 0.0
    spending: sequential.Spending = "per_side"

    def __post_init__(self) -> None:
        problems = [
            Problem(name, f"'{getattr(self, name)}'", ", ".join(words), nearest(getattr(self, name), words))
            for name, words in _WORDS.items()
            if getattr(self, name) not in words
        ]
        if len(self.split) < 2 or not all(0 < share < math.inf for share in self.split):
            problems.append(Problem("split", f"is {self.split}", "two shares above 0 or more"))
        problems += outside("alpha", self.alpha, 0, 1)
        problems += outside("looks", self.looks, 0, 1001)
        problems += outside("design_effect", self.design_effect, 0, math.inf)
        problems += outside("correlation", self.correlation, -1, 1)
        if problems:
            raise ParamError(problems)

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the arms, adding up to 1."""
        return tuple(share / sum(self.split) for share in self.split)

    @property
    def each_alpha(self) -> float:
        """Error rate of one comparison with the control."""
        return self.alpha if self.correction == "none" else self.alpha / (len(self.split) - 1)

    @cached_property
    def bounds(self) -> FloatArray:
        """Boundary of the z value at each look."""
        return np.array(_bounds(self.mode, self.looks, self.each_alpha, self.spending))

    def drift(self, power: float) -> float:
        """Return the expected z value at the end at which the boundary is crossed so often."""
        return _drift(tuple(self.bounds.tolist()), power)

    def reached(self, drift: float) -> float:
        """Return how often the boundary is crossed on the side of the effect."""
        looks = np.arange(1, self.bounds.size + 1)
        return float(sequential.crossing(looks, self.bounds, drift)[:, 1].sum())

    def part_used(self, power: float) -> float:
        """Return the part of the planned units used on average when the effect is found so often."""
        if self.mode == "fixed":
            return 1.0
        looks = np.arange(1, self.bounds.size + 1)
        stopped = sequential.crossing(looks, self.bounds, self.drift(power)).sum(axis=1)
        stopped[-1] += 1 - stopped.sum()
        return float(looks @ stopped / looks[-1])

    @property
    def inflation(self) -> float:
        """Units needed over those of one look at the end, at a power of .8."""
        return (self.drift(0.8) / replace(self, mode="fixed").drift(0.8)) ** 2


@lru_cache(maxsize=256)
def _bounds(mode: Looking, looks: int, alpha: float, spending: str) -> tuple[float, ...]:
    if mode == "fixed":
        return (z_quantile(1 - alpha / 2),)
    steps = np.arange(1, looks + 1) / looks
    if mode == "group_sequential":
        return tuple(sequential.boundaries(steps, 1.0, alpha, spending=spending).tolist())
    # Only parts of the planned size matter for the width in standard errors.
    n = 1e6 * steps
    return tuple(sequential.sequence_half_width(1.0, n, 1e6, alpha).tolist())


@lru_cache(maxsize=256)
def _drift(bounds: tuple[float, ...], power: float) -> float:
    from scipy.optimize import brentq

    if len(bounds) == 1:
        return bounds[0] + z_quantile(power)
    looks = np.arange(1, len(bounds) + 1)

    def gap(drift: float) -> float:
        return float(sequential.crossing(looks, bounds, drift)[:, 1].sum()) - power

    return float(brentq(gap, 0.0, 20.0, xtol=1e-8))


def z_quantile(share: float) -> float:
    """Return a quantile of the standard normal distribution."""
    from scipy.special import ndtri

    return float(ndtri(share))


def outside(name: str, value: float, low: float, high: float) -> list[Problem]:
    """Return a problem for a value that is not strictly between two others."""
    if low < value < high:
        return []
    allowed = f"a number between {low:g} and {high:g}" if math.isfinite(high) else f"a number above {low:g}"
    return [Problem(name, f"is {value}", allowed)]
