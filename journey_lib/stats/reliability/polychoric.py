"""Correlations of what lies behind ordered answers, and the alpha that follows from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.stats.inputs import FloatArray, IntArray
from journey_lib.stats.reliability.consistency import of_covariance
from journey_lib.stats.reliability.items import Items, Missing, read_items

_NODES, _FAR, _MOST = 48, 40.0, 0.9999  # of the integral; a threshold nobody passes; the largest correlation


def ordinal_alpha(
    items: npt.ArrayLike | pd.DataFrame,
    weights: npt.ArrayLike | None = None,
    *,
    reverse: Sequence[bool] | None = None,
    missing: Missing = "listwise",
) -> float:
    """Return alpha of the polychoric correlations: of the attitudes behind ordered answers.

    Parameters
    ----------
    items, weights, reverse, missing
        As in `alpha`.

    Returns
    -------
    float
        Comparable between scales with different numbers of levels; above `alpha` for coarse ones.

    Raises
    ------
    DataError, ParamError
        As in `alpha`.

    Source
    ------
    Zumbo, B., Gadermann, A. and Zeisser, C. (2007), Ordinal versions of coefficients alpha and theta for
    Likert rating scales, Journal of Modern Applied Statistical Methods 6.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = np.digitize(rng.normal(size=(300, 1)) + rng.normal(size=(300, 3)), [-1, 1])
    >>> 0.6 < ordinal_alpha(answers) < 0.85
    True
    """
    return of_covariance(_matrix(read_items(items, weights, reverse=reverse, missing=missing)))


def polychoric(
    items: npt.ArrayLike | pd.DataFrame,
    weights: npt.ArrayLike | None = None,
    *,
    missing: Missing = "listwise",
) -> FloatArray:
    """Return the correlations of the normal attitudes that thresholds turned into answers.

    Parameters
    ----------
    items, weights, missing
        As in `alpha`.

    Returns
    -------
    ndarray, items × items

    Raises
    ------
    DataError, ParamError
        As in `alpha`.

    Definition
    ----------
    Two steps: thresholds from each item's shares, then for each pair the correlation of highest likelihood.

    Source
    ------
    Olsson, U. (1979), Maximum likelihood estimation of the polychoric correlation coefficient,
    Psychometrika 44.

    Examples
    --------
    >>> polychoric([[1, 1], [1, 2], [2, 1], [2, 2]]).round(6).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return _matrix(read_items(items, weights, missing=missing))


def _matrix(read: Items) -> FloatArray:
    found = np.eye(len(read.names))
    for one in range(len(found)):
        for other in range(one):
            both = ~np.isnan(read.answers[:, [one, other]]).any(axis=1)
            a, b = (np.unique(read.answers[both, at], return_inverse=True)[1] for at in (one, other))
            found[one, other] = found[other, one] = _pair(a, b, read.weights[both])
    return found


def _pair(a: IntArray, b: IntArray, weights: FloatArray) -> float:
    """Return the correlation of highest likelihood for two coded items."""
    from scipy import optimize

    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), weights)
    if 1 in table.shape:
        return 0.0
    rows, columns = (_thresholds(table.sum(axis=axis)) for axis in (1, 0))

    def misfit(correlation: float) -> float:
        below = _both_below(rows[:, None], columns[None, :], correlation)
        chance = np.diff(np.diff(below, axis=0), axis=1)
        return -float((table * np.log(np.maximum(chance, 1e-300))).sum())

    return float(optimize.minimize_scalar(misfit, bounds=(-_MOST, _MOST), method="bounded",
                                          options={"xatol": 1e-9}).x)  # fmt: skip


def _thresholds(counts: FloatArray) -> FloatArray:
    from scipy import special

    inner = special.ndtri(np.cumsum(counts)[:-1] / counts.sum())
    return np.concatenate([[-_FAR], inner, [_FAR]])


def _both_below(one: FloatArray, other: FloatArray, correlation: float) -> FloatArray:
    """Return the chance that two normals of this correlation both lie below (Drezner and Wesolowsky 1990)."""
    from scipy import special

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    end = np.arcsin(correlation)
    angle = (nodes + 1) / 2 * end
    square = (one**2 + other**2)[..., None]
    power = (square - 2 * (one * other)[..., None] * np.sin(angle)) / (2 * np.cos(angle) ** 2)
    added = np.exp(-power) @ weights * end / 2 / (2 * np.pi)
    found: FloatArray = special.ndtr(one) * special.ndtr(other) + added
    return found
