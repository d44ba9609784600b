"""Whether the newest of a row of periods stands out: against its own past, for its own noise, among many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FEWEST = 8  # complete periods a baseline needs
_RANGE = 1.128  # mean absolute difference of two standard normals
_RANGE_FREEDOM = 0.62  # degrees of freedom a mean moving range keeps of each step (Wheeler 1995)


@dataclass(frozen=True, eq=False)
class Judged:
    """Every period of a series against the periods before it; NaN as long as there are too few of them.

    Attributes
    ----------
    rate : ndarray of float
        Numerator over denominator.
    expected, low, high : ndarray of float
        The rate of the baseline, and the band in which 95 % of such periods would lie.
    z : ndarray of float
        Distance from the baseline in standard errors of a new period, overdispersion counted, on the scale
        on which it stands out less.
    p_value : ndarray of float
        Two-sided, the larger of two scales: t with one degree less than baseline periods, and with 0.62 of
        them where the periods vary more than chance.
    sigma : ndarray of float
        How much wider than binomial the baseline varies (Laney); at least 1.
    """

    rate: Floats
    expected: Floats
    low: Floats
    high: Floats
    z: Floats
    p_value: Floats
    sigma: Floats


def judged(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, *, fewest: int = FEWEST, alert: float = 0.001
) -> Judged:
    """Return for each period of a rate whether it departs from the periods before it.

    Parameters
    ----------
    numerator, denominator : array_like of int
        Events that count and events that could; one value a complete period, oldest first.
    fewest : int
        Periods a baseline needs.
    alert : float
        Periods with a smaller p-value do not enter later baselines, so that a fault does not become normal.

    Returns
    -------
    Judged

    Raises
    ------
    ValueError
        If lengths differ, or a numerator exceeds its denominator.

    Definition
    ----------
    Baseline rate p over all earlier periods kept; standard error of a new period
    sqrt(p(1−p)/n) · max(1, σ) · sqrt(1 + n/Σn), σ the mean moving range of the baseline's own binomial z over
    1.128. The last factor is the doubt of the baseline itself. The same is done with arcsin √rate, whose
    error is ½/√n, and the scale on which the period stands out less counts: rates of few events are skewed by
    chance on the second scale, and by restless periods on the first.

    Units and missing data
    ----------------------
    A period without a denominator has no rate and enters no baseline.

    Source
    ------
    Laney, D. (2002), Quality Engineering 14: improved control charts for attributes. Wheeler, D. (1995),
    Advanced Topics in Statistical Process Control (degrees of freedom of a moving range).

    Examples
    --------
    >>> found = judged([50] * 9 + [20], [100] * 10)
    >>> [round(float(found.z[at]), 1) for at in (8, 9)], round(float(found.sigma[9]), 1)
    ([0.0, -5.7], 1.0)
    """
    x, n = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    if x.shape != n.shape or (x > n).any():
        raise ValueError("one denominator for each numerator, never smaller")
    count = len(x)
    rate = np.divide(x, n, out=np.full(count, math.nan), where=n > 0)
    found = {name: np.full(count, math.nan) for name in ("expected", "low", "high", "z", "p_value", "sigma")}
    kept: list[int] = []
    for at in range(count):
        if not n[at] > 0:
            continue
        if len(kept) >= fewest:
            _judge(found, rate, x, n, np.array(kept), at)
        if not found["p_value"][at] < alert:
            kept.append(at)
    return Judged(rate=rate, **found)


def _judge(
    found: dict[str, Floats], rate: Floats, x: Floats, n: Floats, base: npt.NDArray[np.int64], at: int
) -> None:
    """Write what the baseline says of one period."""
    expected = float(x[base].sum() / n[base].sum())
    middle = math.asin(math.sqrt(expected))
    plain = _scale(rate, n, expected, math.sqrt(expected * (1 - expected)), base, at)
    root = _scale(np.arcsin(np.sqrt(rate)), n, middle, 0.5, base, at)
    kept = max(plain, root, key=lambda scale: scale.p_value)
    ends = np.clip([middle - root.reach, middle + root.reach], 0, math.pi / 2)
    low, high = np.sin(ends) ** 2
    found["expected"][at], found["sigma"][at] = expected, plain.sigma
    found["low"][at] = max(0.0, min(low, expected - plain.reach))
    found["high"][at] = min(1.0, max(high, expected + plain.reach))
    found["z"][at], found["p_value"][at] = kept.z, kept.p_value


class _Scale(NamedTuple):
    """What one scale says of a period: how far it is, how rare, and how far 95 % of such periods reach."""

    z: float
    p_value: float
    reach: float
    sigma: float


def _scale(
    value: Floats, n: Floats, middle: float, unit: float, base: npt.NDArray[np.int64], at: int
) -> _Scale:
    """Judge a period on one scale, on which the binomial error of one person is `unit`."""
    from scipy.special import stdtr, stdtrit

    away = float(value[at]) - middle
    if not unit > 0:  # nothing but 0 or 1 so far: the other scale decides
        return _Scale(math.copysign(math.inf, away) if away else 0.0, 0.0 if away else 1.0, 0.0, 1.0)
    steps = np.abs(np.diff((value[base] - middle) * np.sqrt(n[base]) / unit))
    ranged = float(steps.mean()) / _RANGE
    sigma, freedom = max(1.0, ranged), (len(base) - 1) * (_RANGE_FREEDOM if ranged > 1 else 1.0)
    error = unit / math.sqrt(n[at]) * sigma * math.sqrt(1 + n[at] / n[base].sum())
    p_value = 2 * float(stdtr(freedom, -abs(away / error)))
    return _Scale(away / error, p_value, float(stdtrit(freedom, 0.975)) * error, sigma)


def ewma(z: npt.ArrayLike, weight: float = 0.2) -> Floats:
    """Return the exponentially weighted mean of standardised values in its own standard errors.

    A slow drift shows here before any single period does; beyond ±3 is far. NaN periods are passed over.

    Examples
    --------
    >>> ewma([1.0, 1.0, 1.0], 0.5).round(2).tolist()
    [1.0, 1.34, 1.53]
    """
    values = np.asarray(z, dtype=float)
    level, seen, out = 0.0, 0, np.full(len(values), math.nan)
    for at, value in enumerate(values):
        if math.isfinite(value):
            seen += 1
            level = weight * value + (1 - weight) * level
            out[at] = level / math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * seen)))
    return out


@dataclass(frozen=True)
class Shift:
    """A difference of two rates in two parts that sum to it: who came, and how they behaved."""

    total: float
    mix: float
    rate: float


def decomposed(
    before: tuple[npt.ArrayLike, npt.ArrayLike], after: tuple[npt.ArrayLike, npt.ArrayLike]
) -> Shift:
    """Return how much of a difference of rates comes from the mix of groups, and how much from their rates.

    Parameters
    ----------
    before, after : (array_like, array_like)
        Numerators and denominators of each group, in the same order of groups.

    Definition
    ----------
    Mix = Σ (s₁−s₀)(r₀+r₁)/2, rate = Σ (r₁−r₀)(s₀+s₁)/2, s the share of a group in the denominator and r its
    rate. A group absent on one side keeps the other side's rate, so that it counts as mix.

    Source
    ------
    Kitagawa, E. (1955), Journal of the American Statistical Association 50.

    Examples
    --------
    >>> found = decomposed(([50, 10], [100, 100]), ([75, 5], [150, 50]))
    >>> round(found.total, 3), round(found.mix, 3), round(found.rate, 3)
    (0.1, 0.1, 0.0)
    """
    (x0, n0), (x1, n1) = ((np.asarray(v, dtype=float) for v in side) for side in (before, after))
    s0, s1 = n0 / n0.sum(), n1 / n1.sum()
    r0 = np.divide(x0, n0, out=np.full(len(n0), math.nan), where=n0 > 0)
    r1 = np.divide(x1, n1, out=np.full(len(n1), math.nan), where=n1 > 0)
    r0, r1 = np.where(np.isnan(r0), r1, r0), np.where(np.isnan(r1), r0, r1)
    known = ~np.isnan(r0)
    mix = float(((s1 - s0) * (r0 + r1) / 2)[known].sum())
    rate = float(((r1 - r0) * (s0 + s1) / 2)[known].sum())
    return Shift(mix + rate, mix, rate)
