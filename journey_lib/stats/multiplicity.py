"""Many comparisons at once: p-values that keep their promise for the family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return p-values adjusted so that the chance of any false alarm in the family stays at the level.

    Parameters
    ----------
    p_values : array_like of float
        One a comparison; NaN is a comparison that could not be made.

    Returns
    -------
    ndarray of float
        Adjusted values in the order given; NaN stays NaN.

    Definition
    ----------
    Sorted ascending, the i-th smallest of m is multiplied by m − i + 1 (i from 1), made monotone, cut at 1.

    Units and missing data
    ----------------------
    Comparisons that could not be made do not count in m.

    Source
    ------
    Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=float)
    adjusted = np.full(given.shape, np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * factors), 1.0)
    return adjusted


def benjamini_hochberg(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return p-values adjusted so that the expected share of false ones among the alarms stays at the level.

    Parameters
    ----------
    p_values : array_like of float
        One a comparison; NaN is a comparison that could not be made.

    Returns
    -------
    ndarray of float
        Adjusted values (q-values) in the order given; NaN stays NaN.

    Definition
    ----------
    Sorted ascending, the i-th smallest of m is multiplied by m / i (i from 1), made monotone from the largest
    down, cut at 1.

    Units and missing data
    ----------------------
    Comparisons that could not be made do not count in m.

    Source
    ------
    Benjamini, Y. and Hochberg, Y. (1995), Controlling the false discovery rate, JRSS B 57.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    given = np.asarray(p_values, dtype=float)
    adjusted = np.full(given.shape, np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(-given[known], kind="stable")]
    factors = len(order) / (len(order) - np.arange(len(order)))
    adjusted[order] = np.minimum(np.minimum.accumulate(given[order] * factors), 1.0)
    return adjusted
