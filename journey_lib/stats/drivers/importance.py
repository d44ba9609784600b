"""How much of the explained variance each driver earns: LMG (Shapley) shares and Johnson's weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.drivers.rows import complete, correlations
from journey_lib.stats.inputs import BoolArray, FloatArray

MOST_EXACT = 12  # drivers: 4,096 subsets


@dataclass(frozen=True, eq=False)
class Importance:
    """What each driver contributes to R²; an array of the shares wherever numpy asks for one.

    Attributes
    ----------
    names : tuple of str
        The drivers.
    shares : ndarray
        Contributions, which add up to `r_squared`; never negative for Johnson's weights.
    r_squared : float
        Share of the outcome's variance that all drivers explain together.
    correlation, coefficient : ndarray
        Weighted correlation with the outcome, and standardised regression coefficient.
    n, dropped : int
        Complete rows, and rows left out because an answer is missing.
    """

    names: tuple[str, ...]
    shares: FloatArray
    r_squared: float
    correlation: FloatArray
    coefficient: FloatArray
    n: int
    dropped: int

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> FloatArray:  # noqa: FBT001 - numpy's
        return np.array(self.shares, dtype=dtype)

    def __len__(self) -> int:
        return len(self.shares)

    @property
    def relative(self) -> FloatArray:
        """Shares of what is explained; they add up to 1."""
        found: FloatArray = self.shares / self.shares.sum()
        return found

    @property
    def suppressor(self) -> BoolArray:
        """Drivers whose coefficient and correlation point in different directions."""
        found: BoolArray = self.correlation * self.coefficient < 0
        return found

    @property
    def table(self) -> pd.DataFrame:
        """One row a driver: `share relative correlation coefficient suppressor`, the strongest first."""
        frame = pd.DataFrame(
            {
                "share": self.shares, "relative": self.relative, "correlation": self.correlation,
                "coefficient": self.coefficient, "suppressor": self.suppressor,
            },
            index=pd.Index(self.names, name="driver"),
        )  # fmt: skip
        return frame.sort_values("share", ascending=False, kind="stable")


def lmg(
    X: npt.ArrayLike | pd.DataFrame,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    names: Sequence[str] = (),
) -> Importance:
    """Return how much of R² each driver earns on average over all orders of entering the model.

    Parameters
    ----------
    X : array-like or DataFrame, rows × drivers
        Scores of the drivers.
    y : array-like
        Outcome.
    weights : array-like, optional
        Survey weights; 1 each when left out.
    names : sequence of str, optional
        Names of the drivers; the frame's columns when left out.

    Returns
    -------
    Importance
        The shares add up to R².

    Raises
    ------
    ParamError
        More than 12 drivers.
    DataError
        Fewer complete rows than drivers and two, no spread, or drivers that are combinations of others.

    Definition
    ----------
    The Shapley value of R²: the mean gain of R² when the driver joins, over all orders of the drivers, exact
    over all subsets.

    Units and missing data
    ----------------------
    Shares of the outcome's variance, 0–1. Rows that lack any answer, or have weight 0, are left out.

    Source
    ------
    Lindeman, R., Merenda, P. and Gold, R. (1980), Introduction to Bivariate and Multivariate Analysis.
    Grömping, U. (2007), Estimators of relative importance in linear regression, American Statistician 61.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> X = rng.normal(size=(200, 2))
    >>> found = lmg(X, X @ [2.0, 1.0] + rng.normal(size=200), names=["help", "price"])
    >>> bool(found.shares[0] > found.shares[1]), bool(np.isclose(found.shares.sum(), found.r_squared))
    (True, True)
    """
    rows = complete(X, y, weights, names)
    if len(rows.names) > MOST_EXACT:
        raise ParamError(
            Problem("X", f"{len(rows.names)} drivers", f"at most {MOST_EXACT}", action="Use johnson instead")
        )
    found = correlations(rows)
    return _importance(lmg_shares(found), found, rows.names, len(rows.outcome), len(rows.kept))


def johnson(
    X: npt.ArrayLike | pd.DataFrame,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    names: Sequence[str] = (),
) -> Importance:
    """Return Johnson's relative weights: R² shared out by way of the nearest uncorrelated drivers.

    Parameters
    ----------
    X, y, weights, names
        As in `lmg`.

    Returns
    -------
    Importance
        The shares add up to R² and are never negative.

    Raises
    ------
    DataError
        As in `lmg`.

    Definition
    ----------
    With R = V D V' the drivers' correlations, Λ = V √D V' and b = Λ⁻¹ r, the weight of driver j is
    Σₖ Λ²ⱼₖ b²ₖ.

    Units and missing data
    ----------------------
    As in `lmg`.

    Source
    ------
    Johnson, J. (2000), A heuristic method for estimating the relative weight of predictor variables in
    multiple regression, Multivariate Behavioral Research 35.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> X = rng.normal(size=(200, 20))
    >>> johnson(X, X[:, 3] + rng.normal(size=200)).table.index[0]
    'driver 4'
    """
    rows = complete(X, y, weights, names)
    found = correlations(rows)
    return _importance(johnson_shares(found), found, rows.names, len(rows.outcome), len(rows.kept))


def lmg_shares(correlations: FloatArray) -> FloatArray:
    """Return LMG shares of one or many matrices of correlations whose last row is the outcome's."""
    drivers = correlations.shape[-1] - 1
    explained = np.zeros((*correlations.shape[:-2], 1 << drivers))
    for members, rest in _subsets(correlations, 0, 0):
        explained[..., members] = 1 - rest
    places = np.arange(1 << drivers)
    size = np.array([int(p).bit_count() for p in places])
    weight = np.array(
        [factorial(k) * factorial(drivers - k - 1) / factorial(drivers) for k in range(drivers)]
    )
    shares = np.empty((*correlations.shape[:-2], drivers))
    for driver in range(drivers):
        without = places[places & (1 << driver) == 0]
        gain = explained[..., without | (1 << driver)] - explained[..., without]
        shares[..., driver] = gain @ weight[size[without]]
    return shares


def _subsets(matrix: FloatArray, first: int, members: int) -> Iterator[tuple[int, FloatArray]]:
    """Yield every subset that adds to `members` a driver from `first` on, with the variance it leaves.

    Taking a driver out of the matrix (its Schur complement) leaves the partial covariances given that driver,
    so each subset costs one step from the one before.
    """
    for place in range(matrix.shape[-1] - 1):
        pivot = matrix[..., place, place, None, None]
        left = matrix[..., place + 1 :, place + 1 :]
        across = matrix[..., place + 1 :, place, None]
        rest = left - across * matrix[..., None, place, place + 1 :] / pivot
        joined = members | 1 << (first + place)
        yield joined, rest[..., -1, -1]
        yield from _subsets(rest, first + place + 1, joined)


def johnson_shares(correlations: FloatArray) -> FloatArray:
    """Return Johnson's weights of one or many matrices of correlations whose last row is the outcome's."""
    values, vectors = np.linalg.eigh(correlations[..., :-1, :-1])
    root = (vectors * np.sqrt(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    beta = np.linalg.solve(root, correlations[..., :-1, -1:])
    shares: FloatArray = (root**2 @ beta**2)[..., 0]
    return shares


def _importance(
    shares: FloatArray, found: FloatArray, names: tuple[str, ...], n: int, rows: int
) -> Importance:
    outcome = found[:-1, -1]
    beta = np.asarray(np.linalg.solve(found[:-1, :-1], outcome), np.float64)
    return Importance(names, shares, float(beta @ outcome), outcome, beta, n, rows - n)
