"""Groups around centres (k-means) and groups as normal clouds (Gaussian mixtures), of numbers alone."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem
from journey_lib.stats.clusters.table import (
    Floats,
    Ints,
    Mixed,
    Starts,
    enough,
    order_of,
    renumbered,
    sample_rows,
    seed_of,
    single_threaded,
)

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

NEAR = 1e-3  # of the best loss: a start this near found the same optimum
MANY = 50_000  # rows from which starts are tried on a part, and the best of them finished on all
FORMS = ("spherical", "diag", "tied", "full")


@dataclass(frozen=True, eq=False)
class Centres:
    """Groups around centres.

    Attributes
    ----------
    centres : ndarray of float, groups by columns
        Means of the groups, the largest group first.
    labels : ndarray of int
        The group of each row.
    loss : float
        Weighted sum of squared distances to the centre.
    starts : Starts
        How often the best was found.
    """

    centres: Floats
    labels: Ints
    loss: float
    starts: Starts

    @property
    def k(self) -> int:
        """How many groups there are."""
        return len(self.centres)

    def assign(self, table: Mixed) -> Ints:
        """Return the nearest centre of each row."""
        return np.asarray(squared(_complete(table), self.centres).argmin(axis=1), dtype=np.intp)


def kmeans(table: Mixed, k: int, seed: int, *, starts: int = 10) -> Centres:
    """Return the groups whose rows lie nearest to their own mean.

    Parameters
    ----------
    table : Mixed
        Numbers without missing values, on comparable scales.
    k : int
        How many groups.
    seed : int
        Where the starts begin.
    starts : int
        How many; the best is kept. Above 50,000 rows they are tried on 20,000 of them, and the best is
        finished on all.

    Raises
    ------
    ParamError
        More groups than different rows, or categories.
    DataError
        A missing value.

    Source
    ------
    Lloyd, S. (1982), IEEE Transactions on Information Theory 28. Arthur, D. and Vassilvitskii, S. (2007).

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> kmeans(mixed([[0.0], [0.1], [0.2], [9.0]]), 2, 1).labels.tolist()
    [0, 0, 0, 1]
    """
    values = _complete(table)
    enough(table, k)
    rows = np.arange(len(table)) if len(table) <= MANY else sample_rows(len(table), 20_000, seed, 0)
    runs = [_lloyd(values[rows], table.weights[rows], k, seed_of(seed, 1, at)) for at in range(starts)]
    losses = np.array([run.inertia_ for run in runs])
    best = runs[int(losses.argmin())]
    if len(rows) < len(table):
        best = _lloyd(values, table.weights, k, seed_of(seed, 2), best.cluster_centers_)
    near = int((losses <= losses.min() * (1 + NEAR)).sum())
    order = order_of(best.labels_, table.weights, k, best.cluster_centers_[:, 0])
    labels = renumbered(best.labels_.astype(np.intp), order)
    return Centres(best.cluster_centers_[order], labels, float(best.inertia_), Starts(starts, near))


def _lloyd(values: Floats, weights: Floats, k: int, seed: int, start: Floats | None = None) -> Any:  # noqa: ANN401 - scikit-learn has no types
    from sklearn import config_context
    from sklearn.cluster import KMeans

    init: Any = "k-means++" if start is None else start
    # On small tables looking at the parameters again and again is a quarter of a fit.
    with single_threaded(), config_context(skip_parameter_validation=True):
        return KMeans(k, init=init, n_init=1, random_state=seed).fit(values, sample_weight=weights)


def squared(values: Floats, centres: Floats) -> Floats:
    """Return the squared distance of every row to every centre.

    Examples
    --------
    >>> squared(np.array([[0.0, 3.0]]), np.array([[4.0, 0.0]])).tolist()
    [[25.0]]
    """
    inner = np.square(values).sum(axis=1)[:, None] + np.square(centres).sum(axis=1)
    found: Floats = np.maximum(inner - 2 * values @ centres.T, 0.0)
    return found


@dataclass(frozen=True, eq=False)
class Clouds:
    """Groups as normal clouds of one form.

    Attributes
    ----------
    labels : ndarray of int
        The most probable group of each row, 0 the largest.
    posterior : ndarray of float, rows by groups
        Probability of each group.
    loss : float
        BIC.
    starts : Starts
        How often the best likelihood was found.
    form : {"spherical", "diag", "tied", "full"}
        Which spreads the clouds may have; the one with the best BIC.
    bic, icl, log_likelihood : float
        Smaller is better for the first two.
    """

    labels: Ints
    posterior: Floats
    loss: float
    starts: Starts
    form: str
    bic: float
    icl: float
    log_likelihood: float
    order: Ints = field(repr=False)
    model: GaussianMixture = field(repr=False)

    @property
    def k(self) -> int:
        """How many groups were asked for."""
        return len(self.order)

    def assign(self, table: Mixed) -> Ints:
        """Return the most probable group of each row."""
        return np.asarray(self.posterior_of(table).argmax(axis=1), dtype=np.intp)

    def posterior_of(self, table: Mixed) -> Floats:
        """Return the probability of each group for each row."""
        found: Floats = self.model.predict_proba(_complete(table))[:, self.order]
        return found


def mixture(table: Mixed, k: int, seed: int, *, starts: int = 5, forms: tuple[str, ...] = FORMS) -> Clouds:
    """Return groups as normal clouds, in the form of cloud that the BIC prefers.

    Parameters
    ----------
    table : Mixed
        Numbers without missing values and without unequal weights.
    k : int
        How many clouds.
    seed : int
        Where the starts begin.
    starts : int
        How many for each form.
    forms : tuple of str
        Forms to try: equal round clouds are not among them, each cloud has its own size ("spherical"), its
        own axes ("diag"), one shape for all ("tied") or its own shape ("full").

    Raises
    ------
    ParamError
        More clouds than different rows, categories, or unequal weights.

    Source
    ------
    Fraley, C. and Raftery, A. (2002), JASA 97; Biernacki, Celeux and Govaert (2000) for ICL.

    Examples
    --------
    >>> from journey_lib.stats.clusters.table import mixed
    >>> x = np.random.default_rng(1).normal(size=(200, 2)) + np.repeat([[0], [9]], 100, axis=0)
    >>> mixture(mixed(x), 2, 1).form
    'spherical'
    """
    values = _complete(table)
    enough(table, k)
    if np.ptp(table.weights) > 0:
        raise ParamError(Problem("weights", "a mixture of normal clouds takes none", 'method "kmeans"'))
    fits = [_cloud(values, k, form, seed, starts) for form in forms]
    return min(fits, key=lambda fit: fit.bic)


def _cloud(values: Floats, k: int, form: str, seed: int, starts: int) -> Clouds:
    seeds = [seed_of(seed, 3, FORMS.index(form), at) for at in range(starts if k > 1 else 1)]
    runs = [_em(values, k, form, one) for one in seeds]
    found = np.array([run.lower_bound_ for run in runs])
    best = runs[int(found.argmax())]
    near = int((found >= found.max() - NEAR * abs(found.max())).sum())
    posterior = best.predict_proba(values)
    labels = posterior.argmax(axis=1)
    order = order_of(labels, np.ones(len(values)), k, best.means_[:, 0])
    bic = float(best.bic(values))
    sure = np.maximum(posterior.max(axis=1), np.finfo(float).tiny)
    return Clouds(
        renumbered(labels, order), posterior[:, order], bic, Starts(len(runs), near), form, bic,
        bic - 2 * float(np.log(sure).sum()), float(best.score(values) * len(values)), order, best,
    )  # fmt: skip


def _em(values: Floats, k: int, form: str, seed: int) -> Any:  # noqa: ANN401 - scikit-learn has no types
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    with single_threaded(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the best of several starts is kept anyway
        return GaussianMixture(
            k, covariance_type=form, random_state=seed, max_iter=300, tol=1e-4, reg_covar=1e-6
        ).fit(values)


def _complete(table: Mixed) -> Floats:
    if table.codes.shape[1]:
        raise ParamError(Problem("columns", "categories have no mean", 'numbers, or method "prototypes"'))
    missing = int(np.isnan(table.numeric).any(axis=1).sum())
    if missing:
        given = f"{missing} of {len(table)} rows lack a value"
        raise DataError(Problem("columns", given, 'complete rows, or method "prototypes"'))
    return table.numeric
