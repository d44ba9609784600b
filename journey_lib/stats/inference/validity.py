"""Was the traffic split as planned? The question before every other one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray

FAIL: Final = 0.001
WARN: Final = 0.01
CONCENTRATION: Final = 100.0


@dataclass(frozen=True, eq=False)
class SampleRatio:
    """What `sample_ratio` returns, one entry for each row of counts.

    Attributes
    ----------
    statistic : ndarray of float
        Chi-square.
    df : int
        Arms with a planned share above 0, less 1.
    p_value : ndarray of float
        Of one look; NaN where nobody was counted.
    log_bayes_factor : ndarray of float
        Evidence against the planned split that may be read after every unit.
    monitor_p : ndarray of float
        Always-valid p-value that goes with it.
    expected : ndarray of float
        Units each arm should have.
    status : ndarray of str
        "fail" below .001, "warn" below .01, "pass", or "no units".
    monitor_status : ndarray of str
        The same for the always-valid p-value.
    """

    statistic: FloatArray
    df: int
    p_value: FloatArray
    log_bayes_factor: FloatArray
    monitor_p: FloatArray
    expected: FloatArray
    status: npt.NDArray[np.str_]
    monitor_status: npt.NDArray[np.str_]


def sample_ratio(counts: npt.ArrayLike, split: npt.ArrayLike) -> SampleRatio:
    """Say whether the arms have the sizes that were planned.

    Parameters
    ----------
    counts : array_like of int, (..., arms)
        Units of each arm; leading dimensions are segments or days, judged one by one. For the monitor counts
        are cumulative.
    split : array_like of float
        Planned shares, in any unit; an arm with share 0 must have nobody.

    Returns
    -------
    SampleRatio

    Raises
    ------
    DataError
        Counts that are missing, negative or infinite, or units in an arm that was to have none.
    ParamError
        Shares that are not one an arm, negative, or fewer than two above 0.

    Definition
    ----------
    Sum of (n_k − N w_k)² / (N w_k), chi-square with one degree less than arms. Monitor: Dirichlet-multinomial
    with 100 units of prior at the planned shares; p = min(1, 1 / Bayes factor), below any level at any time
    with at most that probability.

    Units and missing data
    ----------------------
    Counts of units, not of events.

    Source
    ------
    Fabijan et al. (2019), Diagnosing sample ratio mismatch, KDD; Lindon and Malek (2022), Anytime-valid
    inference for multinomial count data, NeurIPS.

    Examples
    --------
    >>> found = sample_ratio([5_000, 5_000], [0.5, 0.5])
    >>> found.p_value.item(), found.status.item(), sample_ratio([5_200, 4_800], [1, 1]).status.item()
    (1.0, 'pass', 'fail')
    """
    from scipy.special import chdtrc, gammaln

    seen, share = _read(counts, split)
    kept = share > 0
    n, w = seen[..., kept], share[kept]
    every = n.sum(axis=-1, keepdims=True)
    expected = every * w
    statistic = np.divide(np.square(n - expected), expected, out=np.zeros_like(n), where=expected > 0).sum(-1)
    nobody = every[..., 0] == 0
    p_value = np.where(nobody, np.nan, chdtrc(kept.sum() - 1, statistic))
    prior = CONCENTRATION * w
    evidence = (gammaln(prior + n) - gammaln(prior)).sum(-1) - (n * np.log(w)).sum(-1)
    evidence += gammaln(prior.sum()) - gammaln(prior.sum() + every[..., 0])
    monitor = np.where(nobody, np.nan, np.exp(np.minimum(0.0, -evidence)))
    return SampleRatio(
        statistic, int(kept.sum() - 1), p_value, evidence, monitor, seen.sum(-1, keepdims=True) * share,
        _word(p_value), _word(monitor),
    )  # fmt: skip


def _word(p_value: FloatArray) -> npt.NDArray[np.str_]:
    return np.select(
        [np.isnan(p_value), p_value < FAIL, p_value < WARN], ["no units", "fail", "warn"], "pass"
    )


def _read(counts: npt.ArrayLike, split: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    seen, share = np.asarray(counts, dtype=float), np.asarray(split, dtype=float)
    if share.ndim != 1 or not np.isfinite(share).all() or (share < 0).any() or (share > 0).sum() < 2:
        raise ParamError(Problem("split", f"is {share.tolist()}", "one share an arm, two or more above 0"))
    if seen.ndim < 1 or seen.shape[-1] != share.size:
        raise ParamError(
            Problem(
                "split", f"has {share.size} shares", f"one for each arm: {seen.shape[-1] if seen.ndim else 1}"
            )
        )
    if not np.isfinite(seen).all() or (seen < 0).any():
        raise DataError(Problem("counts", "are missing, negative or infinite", "numbers of 0 or more"))
    if (seen[..., share == 0] > 0).any():
        raise DataError(Problem("counts", "an arm with a planned share of 0 has units", "nobody in it"))
    return seen, share / share.sum()
