"""Who answers a survey: shares by group of everybody asked, and how far responders differ from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journey_lib.errors import DataError, Problem
from journey_lib.stats.inputs import FloatArray, IntArray
from journey_lib.stats.intervals import wilson


@dataclass(frozen=True, eq=False)
class Response:
    """How answering depends on a group that is known of everybody.

    Attributes
    ----------
    asked, answered : ndarray of int
        People of each group, and those of them who answered.
    rate, ci_low, ci_high : ndarray
        Share who answered with its interval; NaN where nobody was asked.
    p_value : float
        How often groups that answer alike would look this different; NaN where that cannot be tested.
    representativity : float
        1 where all groups answer alike; 1 less twice the spread of the rates over people.
    largest_bias : float
        Most by which a mean of the answers can be off for this reason, in standard deviations of the answer.
    """

    asked: IntArray
    answered: IntArray
    rate: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: float
    representativity: float
    largest_bias: float


def by_group(answered: npt.ArrayLike, codes: npt.ArrayLike, groups: int, *, level: float = 0.95) -> Response:
    """Say who of everybody asked answered, group by group.

    Parameters
    ----------
    answered : array-like of bool
        For each person asked, whether an answer came.
    codes : array-like of int
        Group of each person from 0.
    groups : int
        Number of groups, empty ones included.
    level : float
        Confidence level.

    Returns
    -------
    Response

    Raises
    ------
    DataError
        Codes outside the groups, or nobody at all.

    Definition
    ----------
    Wilson's interval for each rate; Pearson's test that all rates are one. Representativity is R = 1 − 2 S,
    with S² the variance of the groups' rates over all people, less what sampling adds to it, at least 0;
    the largest bias of a mean, in standard deviations, is S over the overall rate.

    Units and missing data
    ----------------------
    Shares 0–1. Groups without people have no rate and count for nothing.

    Source
    ------
    Schouten, Cobben and Bethlehem (2009), Indicators for the representativeness of survey response, Survey
    Methodology 35.

    Examples
    --------
    >>> found = by_group([True] * 30 + [False] * 70 + [True] * 50 + [False] * 50, [0] * 100 + [1] * 100, 2)
    >>> found.rate.tolist(), round(found.p_value, 4)
    ([0.3, 0.5], 0.0039)
    """
    from scipy.special import chdtrc

    yes, of = np.asarray(answered, bool), np.asarray(codes, np.intp)
    if not of.size or yes.shape != of.shape or of.min() < 0 or of.max() >= groups:
        raise DataError(Problem("codes", f"do not place {yes.size} people", f"in {groups} groups"))
    asked = np.bincount(of, minlength=groups)
    counted = np.bincount(of[yes], minlength=groups)
    some = asked > 0
    rate, low, high = (np.full(groups, np.nan) for _ in range(3))
    rate[some] = counted[some] / asked[some]
    low[some], high[some] = wilson(rate[some], asked[some].astype(float), level)
    overall, n, r = float(yes.mean()), asked[some].astype(float), rate[some]
    free = 0 < overall < 1 and some.sum() > 1
    distance = float((n * (r - overall) ** 2).sum() / (overall * (1 - overall))) if free else np.nan
    share = n / n.sum()
    by_chance = (share * (1 - share) * r * (1 - r) / n).sum()
    spread = float(np.sqrt(max(0.0, (share * (r - overall) ** 2).sum() - by_chance)))
    return Response(
        asked, counted, rate, low, high,
        float(chdtrc(some.sum() - 1, distance)) if free else np.nan,
        1 - 2 * spread, spread / overall if overall > 0 else np.nan,
    )  # fmt: skip
