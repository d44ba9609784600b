"""Do groups wait differently long? Log-rank over the whole time, restricted means up to one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from journey_lib.errors import ParamError, Problem, nearest
from journey_lib.stats.inference import two_sided_p
from journey_lib.stats.inputs import FloatArray, Inputs, Labels, row_count
from journey_lib.stats.survival.incidence import Incidence
from journey_lib.stats.survival.risk import RiskTable, pooled, risk_table, split_tables, yes_or_no

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class LogRank:
    """What `logrank` returns.

    Attributes
    ----------
    statistic, df, p_value : float
        Chi-square, its degrees of freedom, and how often chance alone gives one as large; NaN where fewer
        than two groups could be compared.
    table : DataFrame
        Per group: group n observed expected.
    """

    statistic: float
    df: int
    p_value: float
    table: pd.DataFrame


@dataclass(frozen=True, eq=False)
class RestrictedMean:
    """What `rmst` returns.

    Attributes
    ----------
    table : DataFrame
        Per group: group estimate std_error ci_low ci_high n; NaN where the group was not followed up to tau.
    tau : float
        The horizon.
    level : float
        Confidence level.
    """

    table: pd.DataFrame
    tau: float
    level: float

    def difference(self, group: str, reference: str) -> pd.Series:
        """Return the mean of one group less that of another: estimate std_error ci_low ci_high p_value.

        Parameters
        ----------
        group, reference : str
            Labels.

        Returns
        -------
        Series

        Raises
        ------
        ParamError
            A label that is none of the groups.
        """
        known = self.table["group"].tolist()
        wrong = [name for name in (group, reference) if name not in known]
        if wrong:
            problems = [Problem("group", f"'{w}'", ", ".join(known), nearest(w, known)) for w in wrong]
            raise ParamError(problems)
        rows = self.table.set_index("group")
        means, errors = (rows[name].astype(float).to_dict() for name in ("estimate", "std_error"))
        estimate = means[group] - means[reference]
        error = math.hypot(errors[group], errors[reference])
        low, high = around(estimate, error, self.level)
        p_value = two_sided_p(estimate, error, math.inf)
        return pd.Series(
            {"estimate": estimate, "std_error": error, "ci_low": low, "ci_high": high, "p_value": p_value}
        )


def logrank(
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    group: Labels,
    *,
    strata: Labels | None = None,
    entry: npt.ArrayLike | None = None,
) -> LogRank:
    """Return whether groups wait differently long, over the whole time.

    Parameters
    ----------
    duration : array_like of float
        Time until the event, or until the last look.
    event : array_like of bool
        Whether it happened.
    group : array_like of str
        What is compared.
    strata : array_like of str, optional
        Compare only within each of these, such as the month of entry.
    entry : array_like of float, optional
        When each came under observation (left truncation).

    Returns
    -------
    LogRank

    Raises
    ------
    DataError
        As `kaplan_meier`, and missing labels.

    Definition
    ----------
    At each event time the events of a group are compared with its share of those at risk, under the
    hypergeometric distribution; sums over times and strata give a chi-square with one degree of freedom less
    than groups that had anybody at risk when something happened.

    Units and missing data
    ----------------------
    NaN where fewer than two groups could be compared.

    Source
    ------
    Mantel, N. (1966), Evaluation of survival data and two new rank order statistics, Cancer Chemotherapy
    Reports 50, 163–170. Peto, R. and Peto, J. (1972), Journal of the Royal Statistical Society A 135,
    185–207.

    Examples
    --------
    >>> found = logrank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], list("aabbab"))
    >>> round(found.statistic, 6), found.df
    (0.899009, 1)
    """
    cause = np.asarray(yes_or_no(event))
    n = row_count(duration, "duration")
    given = Inputs(n)
    layer, layers = given.codes(np.zeros(n) if strata is None else strata, "strata")
    codes, labels = given.codes(group, "group")
    given.raise_all()
    named, time = np.asarray([str(label) for label in labels])[codes], np.asarray(duration)
    start = None if entry is None else np.asarray(entry)
    parts = []
    for at in range(len(layers)):
        here = layer == at
        begun = None if start is None else start[here]
        parts.append(split_tables(time[here], cause[here], named[here], begun))
    return compare(sorted(set(named)), parts)


def compare(groups: Sequence[str], strata: Sequence[Mapping[str, RiskTable]]) -> LogRank:
    """Return the log-rank comparison of groups from count tables, summed over strata.

    Parameters
    ----------
    groups : sequence of str
        Labels.
    strata : sequence of mapping
        For each stratum the table of each group in it.

    Returns
    -------
    LogRank
    """
    size = len(groups)
    observed, expected, variance = np.zeros(size), np.zeros(size), np.zeros((size, size))
    for tables in strata:
        at = [groups.index(name) for name in tables]
        o, e, v = _within(list(tables.values()))
        observed[at] += o
        expected[at] += e
        variance[np.ix_(at, at)] += v
    n = [sum(tables[name].n for tables in strata if name in tables) for name in groups]
    table = pd.DataFrame({"group": list(groups), "n": n, "observed": observed, "expected": expected})
    return LogRank(*_chi_square(observed - expected, expected, variance), table)


def _within(tables: Sequence[RiskTable]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return observed and expected events of each group, and the covariance of their differences."""
    exits, waiting = pooled(tables)
    d, n = exits.sum(axis=1), waiting.sum(axis=1)
    share = waiting / n[:, None]
    spread = np.divide(d * (n - d), n - 1, out=np.zeros(len(d)), where=n > 1)
    variance = np.diag((share * spread[:, None]).sum(axis=0)) - share.T @ (share * spread[:, None])
    return exits.sum(axis=0), (share * d[:, None]).sum(axis=0), variance


def _chi_square(gap: FloatArray, expected: FloatArray, variance: FloatArray) -> tuple[float, int, float]:
    from scipy.special import chdtrc

    compared = np.flatnonzero(expected > 0)
    df = len(compared) - 1
    if df < 1:
        return math.nan, max(df, 0), math.nan
    kept = compared[:-1]
    inner = variance[np.ix_(kept, kept)]
    if np.linalg.matrix_rank(inner) < df:
        return math.nan, df, math.nan
    statistic = float(gap[kept] @ np.linalg.solve(inner, gap[kept]))
    return statistic, df, float(chdtrc(df, statistic))


def rmst(
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    tau: float,
    *,
    group: Labels | None = None,
    entry: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> RestrictedMean:
    """Return how long one waits on average within the first stretch of time, up to tau.

    Parameters
    ----------
    duration : array_like of float
        Time until the event, or until the last look.
    event : array_like of bool
        Whether it happened.
    tau : float
        The horizon, in the unit of the durations: whoever waits longer counts as tau.
    group : array_like of str, optional
        Labels; one mean each.
    entry : array_like of float, optional
        When each came under observation (left truncation).
    level : float
        Confidence level.

    Returns
    -------
    RestrictedMean
        `.table`, and `.difference(group, reference)`.

    Raises
    ------
    DataError
        As `kaplan_meier`.
    ParamError
        A horizon that is not above 0, a level outside 0 to 1.

    Definition
    ----------
    The area under Kaplan–Meier from 0 to tau, with Greenwood's variance: the sum of the squared area still to
    come at each event time times d/(n(n − d)). Intervals are normal.

    Units and missing data
    ----------------------
    In the unit of the durations. NaN where the last look of a group lies before tau with some still waiting:
    the mean is not known then, and the plain mean never is.

    Source
    ------
    Irwin, J. O. (1949), Journal of Hygiene 47, 188–189. Royston, P. and Parmar, M. K. B. (2013), Restricted
    mean survival time, BMC Medical Research Methodology 13, 152.

    Examples
    --------
    >>> found = rmst([1, 2, 3, 4], [1, 1, 1, 0], 3)
    >>> found.table["estimate"].tolist()
    [2.25]
    """
    given = Inputs(0)
    given.level(level)
    if not (tau > 0 and math.isfinite(tau)):
        given.params.append(Problem("tau", f"is {tau}", "a time above 0"))
    given.raise_all()
    cause = yes_or_no(event)
    tables = {"": risk_table(duration, cause, entry=entry, causes=1)} if group is None else None
    tables = tables or split_tables(duration, cause, group if group is not None else [], entry)
    rows = []
    for name, table in tables.items():
        area, error = Incidence(table).area(float(tau))
        rows.append((name, area, error, *around(area, error, level), table.n))
    columns = ["group", "estimate", "std_error", "ci_low", "ci_high", "n"]
    return RestrictedMean(pd.DataFrame(rows, columns=columns), float(tau), level)


def around(estimate: float, error: float, level: float) -> tuple[float, float]:
    """Return the normal interval around an estimate."""
    from scipy.special import ndtri

    margin = float(ndtri(0.5 + level / 2)) * error
    return estimate - margin, estimate + margin
