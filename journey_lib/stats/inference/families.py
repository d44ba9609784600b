"""Many effects at once: families of hypotheses, differences between segments, effects that fade."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem, chosen
from journey_lib.stats.multiplicity import benjamini_hochberg, holm
from journey_lib.stats.shrinkage import shrink

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inference.effect import Effect
    from journey_lib.stats.inputs import BoolArray, FloatArray

# How each role is corrected, and the level its adjusted p-values are read at.
ROLES: Final = {
    "primary": ("holm", 0.05),
    "secondary": ("benjamini_hochberg", 0.10),
    "stage": ("holm", 0.05),
    "segment": ("benjamini_hochberg", 0.10),
    "guardrail": ("none", 0.05),
}


@dataclass(frozen=True, eq=False)
class Families:
    """What `families` returns, in the order given.

    Attributes
    ----------
    adjusted : ndarray of float
        Adjusted p-values (q-values for secondary and segment); NaN where there was none.
    rejected : ndarray of bool
        Whether they are at or below the level of their role.
    """

    adjusted: FloatArray
    rejected: BoolArray


def families(p_values: npt.ArrayLike, roles: Sequence[str]) -> Families:
    """Correct p-values within each role of a metric, never across roles.

    Parameters
    ----------
    p_values : array_like of float
        One a hypothesis: every arm against the control, every metric.
    roles : sequence of str
        "primary", "secondary", "stage", "segment" or "guardrail" of each.

    Returns
    -------
    Families

    Raises
    ------
    ParamError
        An unknown role, roles of another length.

    Definition
    ----------
    Primary and stage: Holm at .05. Secondary and segment: Benjamini–Hochberg at .10. Guardrails: none,
    because all of them have to pass. More secondary metrics never change a primary one.

    Units and missing data
    ----------------------
    A hypothesis that could not be tested (NaN) does not count.

    Source
    ------
    Holm (1979), Scandinavian Journal of Statistics 6; Benjamini and Hochberg (1995), JRSS B 57.

    Examples
    --------
    >>> found = families([0.03, 0.04, 0.04], ["primary", "primary", "guardrail"])
    >>> found.adjusted.tolist(), found.rejected.tolist()
    ([0.06, 0.06, 0.04], [False, False, True])
    """
    given = np.asarray(p_values, dtype=float)
    if given.shape != (len(roles),):
        raise ParamError(Problem("roles", f"are {len(roles)}", f"one for each of {given.size} p-values"))
    adjusted, rejected = given.copy(), np.zeros(given.shape, bool)
    named = np.asarray([chosen("roles", role, list(ROLES)) for role in roles], dtype=object)
    for role, (rule, level) in ROLES.items():
        own = named == role
        if rule != "none":
            adjusted[own] = (holm if rule == "holm" else benjamini_hochberg)(given[own])
        rejected[own] = adjusted[own] <= level
    return Families(adjusted, rejected)


@dataclass(frozen=True, eq=False)
class Heterogeneity:
    """What `heterogeneity` returns.

    Attributes
    ----------
    q, p_value : float
        Cochran's Q and how often chance alone gives one as large; NaN below two segments.
    df : int
        Segments less 1.
    tau : float
        Standard deviation of the true effects between segments, DerSimonian and Laird.
    pooled, pooled_std_error : float
        Effect over all segments, weighted by precision and tau.
    shrunk, shrunk_std_error : ndarray of float
        Effect of each segment, pulled towards the pooled one; what a page shows. NaN where there was none.
    """

    q: float
    p_value: float
    df: int
    tau: float
    pooled: float
    pooled_std_error: float
    shrunk: FloatArray
    shrunk_std_error: FloatArray


def heterogeneity(effects: Sequence[Effect]) -> Heterogeneity:
    """Say whether an effect differs between segments, and show each one without its luck.

    Parameters
    ----------
    effects : sequence of Effect
        One a segment; segments are known before the exposure and do not overlap.

    Returns
    -------
    Heterogeneity

    Definition
    ----------
    Q = sum of (effect − weighted mean)² / variance with weights 1 / variance; chi-square with G − 1. tau² =
    max(0, (Q − (G − 1)) / (Σw − Σw² / Σw)). Shrunk: pooled + tau² / (tau² + variance) · (effect − pooled).

    Units and missing data
    ----------------------
    Segments whose effect is not estimable do not count; the chi-square is for large segments.

    Source
    ------
    Cochran (1954), Biometrics 10; DerSimonian and Laird (1986), Controlled Clinical Trials 7.

    Examples
    --------
    >>> from journey_lib.stats.inference import Arm, compare
    >>> same = [compare(Arm(1.0, 0.01, 500), Arm(1.1, 0.01, 500)) for _ in range(3)]
    >>> found = heterogeneity(same)
    >>> round(found.q, 6), found.tau, found.shrunk.round(6).tolist()
    (0.0, 0.0, [0.1, 0.1, 0.1])
    """
    from scipy.special import chdtrc

    given = np.array([effect.estimate for effect in effects], dtype=float)
    errors = np.array([effect.std_error for effect in effects], dtype=float)
    known = np.isfinite(given + errors) & (errors > 0)
    found = shrink(given, errors, method="dersimonian_laird")
    groups = int(known.sum())
    if groups < 2:
        tested = (math.nan, math.nan, max(groups - 1, 0))
    else:
        w = 1 / np.square(errors[known])
        q = float(w @ np.square(given[known] - (w @ given[known]) / w.sum()))
        tested = (q, float(chdtrc(groups - 1, q)), groups - 1)
    return Heterogeneity(
        *tested, found.tau, found.centre, found.centre_std_error, found.estimate, found.std_error
    )


@dataclass(frozen=True)
class Novelty:
    """What `novelty` returns.

    Attributes
    ----------
    slope, std_error, p_value : float
        Change of the effect a day since exposure; NaN with a reason.
    df : int
        Days less 2.
    start, end : float
        The line at the first and the last day.
    reason : str
        Why there is no slope: "few_days"; "" where there is one.
    """

    slope: float
    std_error: float
    p_value: float
    df: int
    start: float
    end: float
    reason: str = ""


def novelty(days: npt.ArrayLike, estimates: npt.ArrayLike, std_errors: npt.ArrayLike) -> Novelty:
    """Say whether an effect fades or grows with the days since a unit first saw the treatment.

    Parameters
    ----------
    days : array_like of float
        Days since exposure, not of the calendar.
    estimates, std_errors : array_like of float
        Effect on each of these days and its standard error.

    Returns
    -------
    Novelty

    Raises
    ------
    DataError
        Columns of different lengths.

    Definition
    ----------
    A line through the effects with weights 1 / variance; its error from the scatter of the days about the
    line, t with days − 2. The same units are seen on many days: what they share moves all days alike and
    drops out of the slope, so the scatter tells the error and the single days' errors only weigh.

    Units and missing data
    ----------------------
    Unit of the metric a day. Days without an effect do not count; below four there is no slope.

    Source
    ------
    Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 23.

    Examples
    --------
    >>> found = novelty([0, 1, 2, 3], [0.4, 0.3, 0.2, 0.1], [0.1] * 4)
    >>> round(found.slope, 6), round(found.start, 6)
    (-0.1, 0.4)
    """
    from scipy.special import stdtr

    x, y, error = (np.asarray(column, dtype=float) for column in (days, estimates, std_errors))
    if not x.shape == y.shape == error.shape or x.ndim != 1:
        raise DataError(Problem("days", "estimates and errors differ in length", "one of each a day"))
    known = np.isfinite(x + y + error) & (error > 0)
    x, y, w = x[known], y[known], 1 / np.square(error[known])
    df, nan = x.size - 2, math.nan
    if df < 2 or np.ptp(x) == 0:
        return Novelty(nan, nan, nan, max(df, 0), nan, nan, "few_days")
    middle, centre = w @ x / w.sum(), w @ y / w.sum()
    spread = float(w @ np.square(x - middle))
    slope = float(w @ ((x - middle) * (y - centre)) / spread)
    rest = float(w @ np.square(y - centre - slope * (x - middle)))
    std_error = math.sqrt(rest / df / spread)
    p_value = float(2 * stdtr(df, -abs(slope) / std_error)) if std_error > 1e-12 * abs(slope) else 0.0
    line = centre + slope * (np.array([x.min(), x.max()]) - middle)
    return Novelty(slope, std_error, p_value, int(df), float(line[0]), float(line[1]))
