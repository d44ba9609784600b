"""One factor behind the items: maximum likelihood, and the omega that follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.stats.inputs import FloatArray
from journey_lib.stats.reliability.items import Missing, read_items

_SMALLEST = 0.005  # uniqueness: below, one item is the factor itself (a Heywood case)


@dataclass(frozen=True, eq=False)
class Omega:
    """How much of the sum's variance one common factor makes.

    Attributes
    ----------
    omega : float
        Omega total; NaN with a `reason` when no factor could be fitted.
    items : DataFrame
        One row an item: `loading` (standardised), `uniqueness` (share of its variance that is its own).
    reason : str
        "" or why omega is missing: "two_items" (a factor of two items is not determined), "no_fit", or
        "heywood" (an item would have no variance of its own).
    n : int
        Rows counted.
    """

    omega: float
    items: pd.DataFrame
    reason: str
    n: int


def omega(
    items: npt.ArrayLike | pd.DataFrame,
    weights: npt.ArrayLike | None = None,
    *,
    reverse: Sequence[bool] | None = None,
    missing: Missing = "listwise",
    names: Sequence[str] = (),
) -> Omega:
    """Return how much of the sum's variance comes from one common factor.

    Parameters
    ----------
    items, weights, reverse, missing, names
        As in `alpha`.

    Returns
    -------
    Omega

    Raises
    ------
    DataError, ParamError
        As in `alpha`.

    Definition
    ----------
    With loadings l and own variances u of a one-factor model of the covariances, fitted by maximum
    likelihood: (Σ l)² / ((Σ l)² + Σ u). Unlike alpha it lets items load differently.

    Units and missing data
    ----------------------
    0–1. Rows as in `alpha`.

    Source
    ------
    McDonald, R. (1999), Test Theory: A Unified Treatment. Jöreskog, K. (1967), Some contributions to maximum
    likelihood factor analysis, Psychometrika 32.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> common = rng.normal(size=(500, 1))
    >>> found = omega(common + rng.normal(size=(500, 4)))
    >>> 0.75 < found.omega < 0.85
    True
    """
    read = read_items(items, weights, reverse=reverse, missing=missing, names=names)
    covariance = read.covariance()
    spread = np.sqrt(np.diag(covariance))
    k = len(read.names)
    loading, own, reason = np.full(k, math.nan), np.full(k, math.nan), "two_items"
    if k > 2:
        loading, own, reason = one_factor(covariance / np.outer(spread, spread))
    common = float((loading * spread).sum() ** 2)
    total = common / (common + float((own * spread**2).sum())) if not reason else math.nan
    frame = pd.DataFrame({"loading": loading, "uniqueness": own}, index=pd.Index(read.names, name="item"))
    return Omega(total, frame, reason, read.n)


def one_factor(correlations: FloatArray) -> tuple[FloatArray, FloatArray, str]:
    """Return loadings and uniquenesses of one factor by maximum likelihood, or why there are none."""
    from scipy import optimize

    lacking = np.full(len(correlations), math.nan)
    if np.linalg.eigvalsh(correlations)[0] <= 0:
        return lacking, lacking, "no_fit"
    start = np.clip((1 - 0.5 / len(correlations)) / np.diag(np.linalg.inv(correlations)), _SMALLEST, 1)
    found = optimize.minimize(
        _misfit, start, args=(correlations,), jac=True, method="L-BFGS-B",
        bounds=[(_SMALLEST, 1)] * len(start), options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000},
    )  # fmt: skip
    own = np.asarray(found.x)
    loading = _loadings(own, correlations)
    heywood = bool((own <= _SMALLEST * (1 + 1e-9)).any())
    return loading, own, "heywood" if heywood else ""


def _loadings(own: FloatArray, correlations: FloatArray) -> FloatArray:
    """Return the loadings that fit best for given uniquenesses, the sum of them positive."""
    root = np.sqrt(own)
    values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
    loading: FloatArray = root * vectors[:, -1] * math.sqrt(max(values[-1] - 1, 0.0))
    return loading if loading.sum() >= 0 else -loading


def _misfit(own: FloatArray, correlations: FloatArray) -> tuple[float, FloatArray]:
    """Return the discrepancy for given uniquenesses, loadings at their best, and its gradient."""
    root = np.sqrt(own)
    values = np.linalg.eigvalsh(correlations / np.outer(root, root))[:-1]
    value = -float((np.log(values) - values).sum()) - len(values)
    loading = _loadings(own, correlations)
    gap = np.outer(loading, loading) + np.diag(own) - correlations
    return value, np.diag(gap) / own**2
