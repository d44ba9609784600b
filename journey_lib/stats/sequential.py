"""Looking at an experiment before it is over: boundaries that spend the error rate, and endless intervals."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from journey_lib.errors import ParamError, Problem, chosen

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray

Spending = Literal["per_side", "two_sided"]
SPENDING: Final = ("per_side", "two_sided")
_REACH = 8.5  # beyond so many standard deviations of the path nothing is integrated
_DENSITY = 4  # points to a standard deviation of a step: nine digits
_FINEST = 1200  # points of one look at most
_COARSEST = 40


def spent(fraction: npt.ArrayLike, alpha: float = 0.05, *, spending: str = "per_side") -> FloatArray:
    """Say how much of the error rate may be spent when a part of the planned information is there.

    Parameters
    ----------
    fraction : array_like of float
        Part of the planned information; more than all counts as all.
    alpha : float
        Two-sided error rate.
    spending : {"per_side", "two_sided"}
        Half of the error rate on each side by its own function, or all of it by one function, then halved.

    Returns
    -------
    ndarray of float
        Cumulative, both sides together; 0 where there is no information yet.

    Raises
    ------
    ParamError
        An error rate outside 0 to 1, an unknown way of spending.

    Definition
    ----------
    O'Brien–Fleming type: 2 − 2 Φ(z / √t) for one function that ends at its error rate a, with z the 1 − a/2
    quantile. Per side a is alpha / 2 and the sum of both sides is returned.

    Units and missing data
    ----------------------
    Probabilities.

    Source
    ------
    Lan, K. K. G. and DeMets, D. L. (1983), Discrete sequential boundaries for clinical trials, Biometrika 70.

    Examples
    --------
    >>> spent([0.5, 1.0]).round(5).tolist()
    [0.00305, 0.05]
    """
    from scipy.special import ndtr, ndtri

    chosen("spending", spending, SPENDING)
    _rate(alpha)
    t = np.minimum(np.asarray(fraction, dtype=float), 1.0)
    sides = 2 if spending == "per_side" else 1
    root = np.sqrt(np.where(t > 0, t, np.nan))
    found = sides * 2 * ndtr(ndtri(alpha / sides / 2) / root)
    return np.where(t > 0, found, 0.0)


def boundaries(
    n: npt.ArrayLike,
    planned: float,
    alpha: float = 0.05,
    *,
    spending: str = "per_side",
    final: bool = False,
) -> FloatArray:
    """Say how far from 0 the z value has to be at each look to stop.

    Parameters
    ----------
    n : array_like of float
        Information at the looks that were taken, ascending, such as units of both arms. Looks that were
        planned and skipped are left out.
    planned : float
        Information planned for the end, in the same unit.
    alpha : float
        Two-sided error rate.
    spending : {"per_side", "two_sided"}
        As in `spent`.
    final : bool
        The last of these looks is the last of all although less than planned was reached.

    Returns
    -------
    ndarray of float
        One a look, to both sides; infinity where nothing is left to spend: a look after the one that
        reached the plan.

    Raises
    ------
    ParamError
        Information that is not ascending, a plan that is not above 0, and what `spent` refuses.

    Definition
    ----------
    At each look the boundary lets the chance of a first crossing, to either side and without an effect, be
    what `spent` adds since the look before. What is spent follows n / planned, at most 1; how looks hang
    together follows n itself, so that more units than planned at the last look are allowed for.

    Units and missing data
    ----------------------
    Standard deviations of a standard normal z value; z values of two looks correlate by √(n₁ / n₂).

    Source
    ------
    Lan and DeMets (1983), Biometrika 70; Armitage, McPherson and Rowe (1969), Journal of the Royal
    Statistical Society A 132, for the integration. Agrees with R's `ldbounds` to four digits.

    Examples
    --------
    >>> boundaries([1, 2, 3, 4, 5], 5).round(4).tolist()
    [4.8769, 3.357, 2.6803, 2.2898, 2.031]
    """
    looks = _information(n, planned)
    if final and len(looks):
        planned = min(planned, float(looks[-1]))
    rates = spent(looks / planned, alpha, spending=spending)
    return np.array(_bounds(tuple(looks.tolist()), tuple(rates.tolist())))


@lru_cache(maxsize=512)
def _bounds(looks: tuple[float, ...], rates: tuple[float, ...]) -> tuple[float, ...]:
    from scipy.special import ndtri

    path, found, before = _Path(), [], 0.0
    for at, (n, rate) in enumerate(zip(looks, rates, strict=True)):
        step = rate - before
        if step <= 1e-300:
            bound = math.inf
        elif at == 0 or step < 1e-12:
            bound = float(-ndtri(step / 2))  # of its own alone: never less than what is due
        else:
            bound = path.solve(n, step)
        path.move(n, bound)
        found.append(bound)
        before = rate
    return tuple(found)


def crossing(n: npt.ArrayLike, bounds: npt.ArrayLike, drift: float = 0.0) -> FloatArray:
    """Say how likely the boundary is first crossed at each look.

    Parameters
    ----------
    n : array_like of float
        Information at the looks, ascending.
    bounds : array_like of float
        Boundary of the z value at each look, to both sides.
    drift : float
        Expected z value at the last look; 0 without an effect.

    Returns
    -------
    ndarray of float, looks × 2
        Chance of a first crossing downwards and upwards.

    Raises
    ------
    ParamError
        Information that is not ascending, as many bounds as looks are needed.

    Definition
    ----------
    The density of the path of those who have not stopped is carried from look to look by numerical
    integration; with information t the path is normal with mean drift · t / √t_last and variance t.

    Units and missing data
    ----------------------
    Probabilities.

    Source
    ------
    Armitage, McPherson and Rowe (1969), Repeated significance tests on accumulating data, Journal of the
    Royal Statistical Society A 132.

    Examples
    --------
    >>> crossing([1, 2], [1.96, 1.96]).sum().round(4).item()
    0.0831
    """
    looks = _information(n, 1.0)
    given = np.asarray(bounds, dtype=float)
    if given.shape != looks.shape:
        raise ParamError(Problem("bounds", f"are {given.size}", f"one for each of the {looks.size} looks"))
    path = _Path(drift / math.sqrt(looks[-1]))
    return np.array([path.move(at, bound) for at, bound in zip(looks.tolist(), given.tolist(), strict=True)])


class _Path:
    """Where those who have not stopped may be: points of the path with the mass at each."""

    def __init__(self, drift: float = 0.0) -> None:
        self.n, self.drift = 0.0, drift  # drift a unit of information
        self.points, self.mass = np.zeros(1), np.ones(1)

    def outside(self, n: float, bound: float) -> tuple[float, float]:
        """Return the chance to be below and above the boundary at the next look."""
        from scipy.special import ndtr

        step = math.sqrt(n - self.n)
        at = self.points + self.drift * (n - self.n)
        limit = bound * math.sqrt(n)
        below, above = ndtr((-limit - at) / step), ndtr((at - limit) / step)
        return float(self.mass @ below), float(self.mass @ above)

    def solve(self, n: float, rate: float) -> float:
        """Return the boundary that is crossed at the next look with this chance."""
        from scipy.optimize import brentq

        def gap(bound: float) -> float:
            return sum(self.outside(n, bound)) - rate

        return float(brentq(gap, 0.0, 40.0, xtol=1e-10)) if gap(0.0) > 0 else 0.0

    def move(self, n: float, bound: float) -> tuple[float, float]:
        """Go on to the next look with those inside; return the chance to leave downwards and upwards."""
        left = self.outside(n, bound)
        width, step = math.sqrt(n), math.sqrt(n - self.n)
        centre = self.drift * n
        low = max(-bound * width, centre - _REACH * width)
        high = min(bound * width, centre + _REACH * width)
        if low >= high:
            self.n, self.points, self.mass = n, np.array([centre]), np.zeros(1)
            return left
        size = int(np.clip(_DENSITY * (high - low) / step, _COARSEST, _FINEST))
        nodes, weights = _gauss(size)
        points = low + (nodes + 1) * (high - low) / 2
        at = self.points + self.drift * (n - self.n)
        density = np.exp(-0.5 * np.square((points[:, None] - at) / step)) @ self.mass
        self.mass = weights * (high - low) / 2 * density / (step * math.sqrt(2 * math.pi))
        self.n, self.points = n, points
        return left


@lru_cache(maxsize=64)
def _gauss(size: int) -> tuple[FloatArray, FloatArray]:
    from scipy.special import roots_legendre

    nodes, weights = roots_legendre(size)
    return nodes, weights


def repeated_p(
    z: float, n: npt.ArrayLike, planned: float, *, spending: str = "per_side", final: bool = False
) -> float:
    """Return the p-value of the last look that goes with the repeated interval.

    Parameters
    ----------
    z : float
        The z value at the last look.
    n, planned, spending, final
        As in `boundaries`.

    Returns
    -------
    float
        NaN for a missing z value, 1 where nothing was left to spend.

    Raises
    ------
    ParamError
        As `boundaries`.

    Definition
    ----------
    The smallest error rate at which the boundary of this look would have been crossed: below the level
    exactly when the repeated interval excludes 0.

    Units and missing data
    ----------------------
    A probability; a p-value for this look alone, whatever earlier looks said.

    Source
    ------
    Jennison, C. and Turnbull, B. W. (2000), Group Sequential Methods, chapter 9.

    Examples
    --------
    >>> round(repeated_p(2.0310, [1, 2, 3, 4, 5], 5), 4)
    0.05
    """
    from scipy.optimize import brentq
    from scipy.special import log_ndtr

    looks = _information(n, planned)
    if math.isnan(z):
        return math.nan

    def gap(log_alpha: float) -> float:
        bound = boundaries(looks, planned, math.exp(log_alpha), spending=spending, final=final)[-1]
        return float(min(bound, 1e3)) - abs(z)

    # Looking early only costs: the fixed p-value is the least it can be.
    least, most = max(math.log(1e-12), float(log_ndtr(-abs(z))) + math.log(1.999)), math.log(1 - 1e-9)
    if gap(most) > 0:
        return 1.0
    if gap(least) < 0:
        return math.exp(least)
    return math.exp(brentq(gap, least, most, xtol=1e-5))


def sequence_half_width(
    std_error: npt.ArrayLike, n: npt.ArrayLike, planned: float, alpha: float = 0.05
) -> FloatArray:
    """Say how far an interval reaches that holds at every look at once, however many there are.

    Parameters
    ----------
    std_error : array_like of float
        Standard error of the difference.
    n : array_like of float
        Units of both arms together.
    planned : float
        Planned units of both arms: where the interval is made shortest.
    alpha : float
        Error rate over all looks together.

    Returns
    -------
    ndarray of float
        NaN where the standard error is.

    Raises
    ------
    ParamError
        A plan that is not above 0, an error rate outside 0 to 1.

    Definition
    ----------
    s √(2 (n ρ² + 1) ln(√(n ρ² + 1) / a) / (n ρ)²) with s² = n · std_error² and
    ρ² = (−2 ln a + ln(1 − 2 ln a)) / planned. Holds as the sample grows, not from the first unit on.

    Units and missing data
    ----------------------
    In the unit of the metric.

    Source
    ------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Time-uniform central limit theory and asymptotic
    confidence sequences, Annals of Statistics 52.

    Examples
    --------
    >>> sequence_half_width(0.01, 10_000, 10_000).round(5).item()
    0.03035
    """
    size = np.asarray(n, dtype=float)
    rho = _rho_squared(planned, alpha)
    spread = size * rho + 1
    inner = 2 * spread * np.log(np.sqrt(spread) / alpha) / (size * size * rho)
    return np.asarray(np.asarray(std_error, dtype=float) * np.sqrt(size * inner))


def sequence_p(z: npt.ArrayLike, n: npt.ArrayLike, planned: float, alpha: float = 0.05) -> FloatArray:
    """Return the always-valid p-value that goes with `sequence_half_width`.

    Parameters
    ----------
    z : array_like of float
        Difference over its standard error.
    n, planned, alpha
        As in `sequence_half_width`; alpha only sets where the interval is shortest.

    Returns
    -------
    ndarray of float
        At most 1; NaN where z is.

    Raises
    ------
    ParamError
        As `sequence_half_width`.

    Definition
    ----------
    √(n ρ² + 1) exp(−n ρ² z² / (2 (n ρ² + 1))): below alpha exactly when the interval excludes 0.

    Units and missing data
    ----------------------
    A probability.

    Source
    ------
    As `sequence_half_width`; Johari, Koomen, Pekelis and Walsh (2022), Always valid inference, Operations
    Research 70.

    Examples
    --------
    >>> sequence_p([0.0, 3.035], 10_000, 10_000).round(4).tolist()
    [1.0, 0.05]
    """
    spread = np.asarray(n, dtype=float) * _rho_squared(planned, alpha)
    power = -spread * np.square(np.asarray(z, dtype=float)) / (2 * (spread + 1))
    return np.asarray(np.minimum(1.0, np.sqrt(spread + 1) * np.exp(power)))


def _rho_squared(planned: float, alpha: float) -> float:
    _rate(alpha)
    _size(planned)
    return (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned


def _rate(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise ParamError(Problem("alpha", f"is {alpha}", "a number between 0 and 1, such as 0.05"))


def _size(planned: float) -> None:
    if not 0 < planned < math.inf:
        action = "Say how many units both arms shall have together"
        raise ParamError(Problem("planned", f"is {planned}", "a finite number above 0", "", action))


def _information(n: npt.ArrayLike, planned: float) -> FloatArray:
    _size(planned)
    looks = np.atleast_1d(np.asarray(n, dtype=float))
    if looks.ndim != 1 or not (np.isfinite(looks).all() and (np.diff(looks, prepend=0.0) > 0).all()):
        raise ParamError(Problem("n", f"is {looks.tolist()}", "finite sizes above 0, ascending"))
    return looks
