"""What goes with an outcome: risk differences and odds ratios of many marks at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.multiplicity import benjamini_hochberg
from journey_lib.stats.sums import Columns, difference, shares

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray


@dataclass(frozen=True, eq=False)
class Associations:
    """How the outcome differs with and without each mark.

    Attributes
    ----------
    risk, other_risk : ndarray of float
        Share with the outcome among those with the mark, and among those without.
    difference, odds_ratio : Columns
        First less second share; and the ratio of the odds, NaN where a corner of the table is empty.
    p_value : ndarray of float
        Benjamini–Hochberg over all marks tested; NaN where a side is too small.
    tested : ndarray of bool
        Whether both sides hold enough people.
    """

    risk: FloatArray
    other_risk: FloatArray
    difference: Columns
    odds_ratio: Columns
    p_value: FloatArray
    tested: np.ndarray


def associations(
    n: npt.ArrayLike,
    cases: npt.ArrayLike,
    everybody: int,
    all_cases: int,
    level: float,
    *,
    least: int = 30,
) -> Associations:
    """Return how often an outcome comes with and without each of many marks.

    Parameters
    ----------
    n, cases : array_like of int
        For each mark the people who have it, and those of them with the outcome.
    everybody, all_cases : int
        All people, and all with the outcome.
    level : float
        Confidence level of each interval.
    least : int
        People either side needs for a test.

    Returns
    -------
    Associations

    Definition
    ----------
    Risk difference with Newcombe's interval, tested by z with the pooled share; odds ratio with Woolf's
    interval on the log scale. Benjamini–Hochberg over the marks tested.

    Units and missing data
    ----------------------
    A mark that nobody or everybody has is not tested. An association is no effect: those with the mark may
    differ in everything else.

    Source
    ------
    Newcombe (1998), Statistics in Medicine 17, method 10. Woolf (1955), Annals of Human Genetics 19.
    Benjamini and Hochberg (1995), JRSS B 57.

    Examples
    --------
    >>> found = associations([40], [20], 100, 35, 0.95)
    >>> found.difference.estimate.round(2).tolist(), found.odds_ratio.estimate.round(2).tolist()
    ([0.25], [3.0])
    """
    from scipy.special import ndtr, ndtri

    with_mark, hit = np.asarray(n, dtype=float), np.asarray(cases, dtype=float)
    without, missed = everybody - with_mark, all_cases - hit
    tested = np.minimum(with_mark, without) >= least
    gap = difference([missed, hit], [without, with_mark], level)
    corners = np.stack([hit, with_mark - hit, missed, without - missed])
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = all_cases / everybody if everybody else np.nan
        z = gap.estimate / np.sqrt(pooled * (1 - pooled) * (1 / with_mark + 1 / without))
        log_odds = np.log(corners[0] * corners[3] / corners[1] / corners[2])
        error = np.sqrt((1 / corners).sum(axis=0))
    full = (corners > 0).all(axis=0)
    log_odds, error = np.where(full, log_odds, np.nan), np.where(full, error, np.nan)
    half = float(ndtri(0.5 + level / 2)) * error
    ratio = Columns(np.exp(log_odds), error, np.exp(log_odds - half), np.exp(log_odds + half))
    p = np.where(tested & np.isfinite(z), 2 * ndtr(-np.abs(z)), np.nan)
    return Associations(
        shares(hit, with_mark, level).estimate, shares(missed, without, level).estimate, gap, ratio,
        benjamini_hochberg(p), tested & np.isfinite(z),
    )  # fmt: skip
