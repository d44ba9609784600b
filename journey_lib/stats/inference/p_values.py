"""From an estimate and its standard error to a p-value."""

from __future__ import annotations

import math


def two_sided_p(estimate: float, std_error: float, df: float, *, null: float = 0.0) -> float:
    """Return how often chance alone would put an estimate this far from the null value.

    Parameters
    ----------
    estimate, std_error : float
        In the same unit.
    df : float
        Degrees of freedom of the standard error; infinity gives the normal distribution.
    null : float
        Value without effect.

    Returns
    -------
    float
        NaN where the standard error is missing or not above zero.

    Definition
    ----------
    2 P(T > |estimate − null| / std_error) with Student's t.

    Units and missing data
    ----------------------
    Any missing input gives NaN, never 1.

    Source
    ------
    Student (1908), The probable error of a mean, Biometrika 6.

    Examples
    --------
    >>> round(two_sided_p(2.0, 1.0, 30), 6)
    0.054625
    """
    if not (math.isfinite(estimate) and std_error > 0 and df > 0):
        return math.nan
    from scipy.special import ndtr, stdtr

    t = -abs(estimate - null) / std_error
    return float(2 * (ndtr(t) if math.isinf(df) else stdtr(df, t)))
