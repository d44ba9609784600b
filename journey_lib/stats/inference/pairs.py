"""Two arms together: their difference, its variance, and what forbids a comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from journey_lib.stats.inference.arms import Arm
from journey_lib.stats.inference.effect import Effect, Mode, Status
from journey_lib.stats.inference.fieller import Lift, fieller
from journey_lib.stats.inference.rare import Counts, score_ratio

FIRST_LOOK_UNITS: Final = 100  # units in each arm before a first look
FIRST_LOOK_SUCCESSES: Final = 25


@dataclass(frozen=True)
class Pair:
    """Two arms and what follows from them alone."""

    control: Arm
    treatment: Arm
    higher_is_better: bool = True
    difference_variance: float = math.nan  # where it is not the sum of both, as with one pooled correction
    difference_df: float = math.nan
    method: str = "welch"

    @property
    def estimate(self) -> float:
        """Treatment less control."""
        return self.treatment.estimate - self.control.estimate

    @property
    def variance(self) -> float:
        """Variance of the difference."""
        if not math.isnan(self.difference_variance):
            return self.difference_variance
        return self.treatment.variance + self.control.variance

    @property
    def df(self) -> float:
        """Welch–Satterthwaite's degrees of freedom."""
        if not math.isnan(self.difference_df):
            return self.difference_df
        parts = [(side.variance, side.df) for side in (self.treatment, self.control)]
        below = sum(v * v / df for v, df in parts if v > 0 and math.isfinite(df))
        return self.variance**2 / below if below > 0 else math.inf

    @property
    def sign(self) -> int:
        """1 where more is better, −1 where less is."""
        return 1 if self.higher_is_better else -1

    @property
    def n(self) -> float:
        """Units of both arms."""
        return self.control.n + self.treatment.n

    @property
    def counts(self) -> Counts | None:
        """Successes and units where a kind of outcome is rare; None otherwise."""
        c, t = self.control, self.treatment
        if math.isnan(c.successes + t.successes):
            return None
        found = Counts(t.successes, t.n, c.successes, c.n)
        return found if found.rare else None

    @property
    def reason(self) -> str:
        """Why nothing can be compared, or ""."""
        for side in (self.control, self.treatment):
            if side.reason:
                return side.reason
        if not math.isfinite(self.estimate + self.variance):
            return "not_a_number"
        return "no_variance" if self.variance <= 0 and self.counts is None else ""

    @property
    def too_early(self) -> bool:
        """Whether a first look would come too early."""
        sides = (self.control, self.treatment)
        few = any(side.n < FIRST_LOOK_UNITS for side in sides)
        return few or any(side.successes < FIRST_LOOK_SUCCESSES for side in sides)

    def lift(self, multiplier: float) -> Lift:
        """Return the relative change with the interval of so many standard errors."""
        base, variance, covariance = self.control.scale
        return fieller(self.estimate, self.variance, base, variance, -covariance, multiplier)


def effect_of(pair: Pair, mode: Mode, level: float, method: str, lift: Lift) -> Effect:
    """Return an effect without interval and p-value, to be completed by a mode."""
    nan = math.nan
    warnings = tuple(dict.fromkeys((*pair.control.warnings, *pair.treatment.warnings)))
    error = math.sqrt(pair.variance) if pair.variance >= 0 else nan
    return Effect(
        pair.estimate, error, pair.df, nan, nan, level, nan,
        lift.estimate, lift.ci_low, lift.ci_high, lift.reason,
        pair.control.estimate, pair.treatment.estimate, pair.control.n, pair.treatment.n,
        mode, method, "undecided", warnings=warnings,
    )  # fmt: skip


def not_estimable(pair: Pair, mode: Mode, level: float, reason: str, **more: float) -> Effect:
    """Return an effect that says why nothing can be said."""
    nan = math.nan
    found = effect_of(pair, mode, level, pair.method, Lift(nan, nan, nan, reason))
    return replace(found, status="not_estimable", reason=reason, **more)  # type: ignore[arg-type]


def direction(pair: Pair, low: float, high: float, *, sure: bool = True) -> Status:
    """Say whether an interval lies wholly on the better or the worse side of 0."""
    if not sure or not (low > 0 or high < 0):
        return "undecided"
    return "positive" if (low > 0) == pair.higher_is_better else "negative"


def rare_lift(counts: Counts, z: float) -> Lift:
    """Return the ratio of two shares of which one is rare, less 1, with its score interval."""
    if counts.x0 <= 0:
        return Lift(math.nan, math.nan, math.nan, "control_zero")
    low, high = score_ratio(counts, z)
    return Lift((counts.x1 / counts.n1) / (counts.x0 / counts.n0) - 1, low - 1, high - 1)


def t_value(quantile: float, df: float) -> float:
    """Return a quantile of Student's t; of the normal distribution for infinite degrees of freedom."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(quantile) if math.isinf(df) else stdtrit(df, quantile))
