"""Means over units when whole groups of units were assigned together."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inference.arms import Arm, missing, ratio_arm, two_metrics
from journey_lib.stats.inference.comparing import checked, compared
from journey_lib.stats.inference.pairs import Pair
from journey_lib.stats.moments import Comoments, comoments, moments

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inference.effect import Effect, Mode, Plan


def clustered(
    control: Comoments,
    treatment: Comoments,
    *,
    mode: Mode = "fixed",
    level: float = 0.95,
    margin: float | None = None,
    plan: Plan | None = None,
    higher_is_better: bool = True,
) -> Effect:
    """Say by how much a mean over units differs when whole groups of them were assigned together.

    Parameters
    ----------
    control, treatment : Comoments
        One row a cluster: the total of the metric and the number of units, in this order.
    mode, level, margin, plan, higher_is_better
        As in `compare`. Sizes in the plan count units.

    Returns
    -------
    Effect
        Of the mean a unit; `df` is the number of clusters less 1. Reason "few_clusters" below two in an arm.

    Raises
    ------
    ParamError, DataError
        As `compare`; moments that are not of two metrics.

    Definition
    ----------
    The regression of the metric on the arm with cluster-robust errors CR1: each cluster's sum of distances
    from its arm's mean is squared, times G / (G − 1) · (N − 1) / (N − 2) with G clusters and N units of both
    arms. Intervals are t with G − 1 degrees of freedom, which matters below 40 clusters.

    Units and missing data
    ----------------------
    In the unit of the metric. A cluster lies in one arm only.

    Source
    ------
    Liang, K.-Y. and Zeger, S. L. (1986), Biometrika 73; Cameron and Miller (2015), A practitioner's guide to
    cluster-robust inference, Journal of Human Resources 50.

    Examples
    --------
    >>> control = cluster_totals([0, 1, 0, 0], ["a", "a", "b", "b"])
    >>> treatment = cluster_totals([1, 1, 0, 1], ["c", "c", "d", "d"])
    >>> found = clustered(control, treatment)
    >>> found.estimate, found.df
    (0.5, 3.0)
    """
    checked(mode, level, margin, plan)
    one, other = _cluster_arm(control), _cluster_arm(treatment)
    groups, units = float(control.n + treatment.n), one.n + other.n
    factor = groups / (groups - 1) * (units - 1) / (units - 2) if groups > 1 and units > 2 else math.nan
    one, other = (replace(side, variance=side.variance * factor, df=groups - 1) for side in (one, other))
    pair = Pair(one, other, higher_is_better, difference_df=groups - 1, method="clustered")
    return compared(pair, mode, level, margin, plan)


def cluster_totals(values: npt.ArrayLike, cluster: npt.ArrayLike) -> Comoments:
    """Count one arm by cluster, for `clustered`.

    Parameters
    ----------
    values : array_like of float
        The metric of each unit.
    cluster : array_like
        The cluster of each unit.

    Returns
    -------
    Comoments
        Of clusters: the total of the metric, and the units.

    Raises
    ------
    DataError
        Missing or infinite values, labels of another length.

    Definition
    ----------
    Sums and counts by cluster, then their moments.

    Units and missing data
    ----------------------
    A missing value is an error.

    Source
    ------
    As `clustered`.

    Examples
    --------
    >>> cluster_totals([1, 0, 1], ["a", "a", "b"]).mean.tolist()
    [1.0, 1.5]
    """
    names, code = np.unique(np.asarray(cluster), return_inverse=True)
    each = moments(values, code.ravel(), len(names))
    return comoments(np.column_stack([each.mean * each.n, each.n]))


def _cluster_arm(given: Comoments) -> Arm:
    two_metrics(given, "totals of clusters and their units")
    groups = float(given.n)
    if groups < 1:
        return missing("no_units")
    units = float(given.mean[1]) * groups
    if not units > 0:
        return missing("no_units")
    if groups < 2:
        return missing("few_clusters", units, float(given.mean[0] / given.mean[1]))
    found = ratio_arm(given)
    # ratio_arm divides squares by n (n − 1) means squared: this is their plain sum over the units squared
    return Arm(found.estimate, found.variance * (groups - 1) / groups, units, groups - 1, reason=found.reason)
