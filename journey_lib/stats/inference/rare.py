"""Shares of rare or nearly certain events: score intervals instead of Wald's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 30  # successes and failures in each arm from which Wald's interval will do


@dataclass(frozen=True)
class Counts:
    """Successes and units of treatment (1) and control (0).

    Attributes
    ----------
    x1, n1, x0, n0 : float
        Successes and units.
    """

    x1: float
    n1: float
    x0: float
    n0: float

    @property
    def rare(self) -> bool:
        """Whether a kind of outcome is so rare in an arm that a normal interval misleads."""
        return min(self.x1, self.n1 - self.x1, self.x0, self.n0 - self.x0) < FEWEST

    @property
    def difference(self) -> float:
        """Share of the treatment less that of the control."""
        return self.x1 / self.n1 - self.x0 / self.n0

    def difference_z(self, null: float) -> float:
        """Return the score z value of the difference against a null value."""
        share = self._control_at(null)
        return self._z(self.difference - null, share + null, share, 1.0)

    def ratio_z(self, null: float) -> float:
        """Return the score z value of the ratio of shares against a null value above 0."""
        x1, n1, x0, n0 = self.x1, self.n1, self.x0, self.n0
        a, b, c = (n1 + n0) * null, -(n1 * null + x1 + n0 + x0 * null), x1 + x0
        share = (-b - math.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)
        return self._z(x1 / n1 - null * x0 / n0, null * share, share, null)

    def _z(self, gap: float, p1: float, p0: float, weight: float) -> float:
        n = self.n1 + self.n0
        p1, p0 = min(max(p1, 0.0), 1.0), min(max(p0, 0.0), 1.0)
        variance = p1 * (1 - p1) / self.n1 + weight**2 * p0 * (1 - p0) / self.n0
        if abs(gap) < 1e-15:
            return 0.0
        return gap / math.sqrt(variance * n / (n - 1)) if variance > 1e-300 else math.copysign(math.inf, gap)

    def _control_at(self, gap: float) -> float:
        """Return the likeliest share of the control when the difference is `gap`: a root of a cubic."""
        x1, n1, x0, n0 = self.x1, self.n1, self.x0, self.n0
        n = n1 + n0
        if gap == 0:
            return (x1 + x0) / n
        l3, l2 = n, (n1 + 2 * n0) * gap - n - (x1 + x0)
        l1, l0 = (n0 * gap - n - 2 * x0) * gap + x1 + x0, x0 * gap * (1 - gap)
        # Miettinen and Nurminen write the cubic for the group that the difference is taken from.
        q = (l2 / (3 * l3)) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
        p = math.copysign(math.sqrt(max((l2 / (3 * l3)) ** 2 - l1 / (3 * l3), 0.0)), q)
        if p == 0:
            return min(max(-l2 / (3 * l3), 0.0), 1.0)
        angle = (math.pi + math.acos(min(max(q / p**3, -1.0), 1.0))) / 3
        return min(max(2 * p * math.cos(angle) - l2 / (3 * l3), 0.0), 1.0)


def score_difference(counts: Counts, z: float) -> tuple[float, float]:
    """Return Miettinen and Nurminen's interval of the difference of two shares.

    Parameters
    ----------
    counts : Counts
        Successes and units.
    z : float
        How many standard errors to each side, such as 1.96.

    Returns
    -------
    tuple of float
        Low and high end, within −1 and 1.

    Definition
    ----------
    The differences that a score test with the variance under that very difference, times N / (N − 1),
    does not reject.

    Source
    ------
    Miettinen, O. and Nurminen, M. (1985), Comparative analysis of two rates, Statistics in Medicine 4.

    Examples
    --------
    >>> [round(end, 4) for end in score_difference(Counts(0, 10, 5, 10), 1.959964)]
    [-0.7683, -0.1467]
    """
    middle = counts.difference
    return _root(counts.difference_z, z, -1.0, middle), _root(counts.difference_z, -z, middle, 1.0)


def score_ratio(counts: Counts, z: float) -> tuple[float, float]:
    """Return the score interval of the ratio of two shares; NaN without a success in the control.

    Parameters
    ----------
    counts : Counts
        Successes and units.
    z : float
        How many standard errors to each side.

    Returns
    -------
    tuple of float
        Low and high end.

    Definition
    ----------
    As `score_difference`, for the ratio.

    Source
    ------
    Miettinen and Nurminen (1985), Statistics in Medicine 4; Koopman (1984), Biometrics 40.

    Examples
    --------
    >>> [round(end, 3) for end in score_ratio(Counts(10, 100, 5, 100), 1.959964)]
    [0.742, 5.451]
    """
    if counts.x0 <= 0:
        return math.nan, math.nan
    middle = (counts.x1 / counts.n1) / (counts.x0 / counts.n0)
    most = max(middle, 1.0)
    while counts.ratio_z(most) > -z and most < 1e12:
        most *= 4
    low = _root(counts.ratio_z, z, 1e-12, middle) if middle > 0 else 0.0
    return low, _root(counts.ratio_z, -z, max(middle, 1e-12), most)


def _root(z_of: Callable[[float], float], z: float, low: float, high: float) -> float:
    """Return where a falling function reaches z between two ends, or the end it does not pass."""
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if z_of(middle) > z else (low, middle)
    return (low + high) / 2
