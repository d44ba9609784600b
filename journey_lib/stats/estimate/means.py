"""Means, shares, totals and NPS, for one domain or for hundreds in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journey_lib.errors import Problem
from journey_lib.stats.estimate.cells import (
    KINDS,
    Cells,
    Estimate,
    Estimates,
    Kind,
    Options,
    Prepared,
    answers_for,
    finished,
    finished_share,
    finished_total,
    linear_ratio,
    linear_total,
)
from journey_lib.stats.inputs import Inputs, IntArray, Labels, row_count
from journey_lib.stats.linearisation import Lonely

if TYPE_CHECKING:
    from journey_lib.stats.degrees import Degrees
    from journey_lib.stats.weights import Weights

_TOGETHER = 1 << 22  # answers estimated in one pass: bounds memory


def mean(
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    domain: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
) -> Estimate:
    """Say what the mean in the population is and how far it may be off.

    Parameters
    ----------
    y : array-like
        Answers; NaN where missing.
    weights : array-like, optional
        Weights of 0 or more; 1 each by default, or the values of `calibration`.
    strata : array-like, optional
        Stratum of each row.
    psu : array-like or list of array-like, optional
        Sampling unit of each row (a row by default); a list names the units of each stage.
    fpc : array-like or list of array-like, optional
        Population size of the row's stratum or number of its clusters; one for each stage.
    domain : array-like of bool, optional
        Rows to speak about; the others stay in the design.
    calibration : Weights, optional
        Raked, post-stratified or calibrated weights, whose margins lower the error.
    lonely : {"error", "adjust", "remove", "average"}
        Stratum with one sampling unit: refuse, centre at 0, leave out, or take the others' average.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        With a t interval; NaN and a reason in `method` where too few rows or no spread leave no error.

    Raises
    ------
    DataError
        Arrays of another length, weights that are negative or missing, a design that contradicts itself.
    ParamError
        A level outside 0 to 1, or an unknown word for `lonely`.

    Definition
    ----------
    Sum of w y over sum of w. Variance by Taylor linearisation: scores w (y − mean) / sum of w, summed by
    sampling unit, spread between units within strata, over all rows of the design; with `calibration` the
    scores are first replaced by their residuals on the margins, weighted by the starting weights.

    Units and missing data
    ----------------------
    In the unit of `y`. A missing answer leaves the base, its row stays in the design.

    Source
    ------
    Binder (1983), International Statistical Review 51; Deville and Särndal (1992), JASA 87. Agrees with
    R's `survey::svymean`.

    Examples
    --------
    >>> found = mean([1.0, 2.0, 3.0, 4.0])
    >>> found.estimate, round(found.std_error, 4), found.df
    (2.5, 0.6455, 3.0)
    """
    options = Options(weights, strata, psu, fpc, calibration, lonely, level)
    return _single("mean", y, domain, options)


def proportion(
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    domain: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
) -> Estimate:
    """Say which share of the population says yes and how far it may be off.

    Parameters
    ----------
    y : array-like
        1 or True for yes, 0 or False for no, NaN where missing.
    weights, strata, psu, fpc, domain, calibration, lonely, level
        As in `mean`.

    Returns
    -------
    Estimate
        Share from 0 to 1 with an interval that never leaves it.

    Raises
    ------
    DataError
        Values other than 0 and 1, and everything `mean` refuses.
    ParamError
        As in `mean`.

    Definition
    ----------
    Mean of 0 and 1. Interval: t on the log odds; below an effective size of 30 the beta interval of Korn
    and Graubard; where all agree, the exact limit at the effective size corrected for degrees of freedom;
    Wilson's interval without weights and design.

    Units and missing data
    ----------------------
    A share of 1. A missing answer leaves the base, its row stays in the design.

    Source
    ------
    Korn and Graubard (1998), Survey Methodology 24; Wilson (1927), JASA 22. Agrees with R's
    `survey::svyciprop` (methods "xlogit" and "beta").

    Examples
    --------
    >>> found = proportion([1, 1, 0, 0])
    >>> found.estimate, round(found.ci_low, 3), round(found.ci_high, 3)
    (0.5, 0.15, 0.85)
    """
    options = Options(weights, strata, psu, fpc, calibration, lonely, level)
    return _single("proportion", y, domain, options)


def total(
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    domain: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
) -> Estimate:
    """Say how much it is over the whole population.

    Parameters
    ----------
    y : array-like
        Amounts; NaN where missing.
    weights, strata, psu, fpc, domain, calibration, lonely, level
        As in `mean`; weights must sum to the population for the total to mean anything.

    Returns
    -------
    Estimate
        Total with a t interval.

    Raises
    ------
    DataError, ParamError
        As in `mean`.

    Definition
    ----------
    Sum of w y; scores are w y.

    Units and missing data
    ----------------------
    In the unit of `y`. A missing amount adds nothing, its row stays in the design.

    Source
    ------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling. Agrees with R's
    `survey::svytotal`.

    Examples
    --------
    >>> total([1.0, 2.0, 3.0], [10.0, 10.0, 10.0]).estimate
    60.0
    """
    options = Options(weights, strata, psu, fpc, calibration, lonely, level)
    return _single("total", y, domain, options)


def nps(
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    domain: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
) -> Estimate:
    """Say how far promoters outweigh detractors.

    Parameters
    ----------
    y : array-like
        Whole numbers from 0 to 10, NaN where missing; other codes must be declared missing before.
    weights, strata, psu, fpc, domain, calibration, lonely, level
        As in `mean`.

    Returns
    -------
    Estimate
        Points from −100 to 100 with a t interval cut at those ends. Where all answer alike, the error is
        NaN, not 0.

    Raises
    ------
    DataError
        Values other than whole numbers from 0 to 10, and everything `mean` refuses.
    ParamError
        As in `mean`.

    Definition
    ----------
    Mean of +100 for 9 and 10, 0 for 7 and 8, −100 for 0 to 6.

    Units and missing data
    ----------------------
    In points. A missing answer leaves the base, its row stays in the design.

    Source
    ------
    Reichheld (2003), Harvard Business Review 81(12); error as for any mean, see `mean`.

    Examples
    --------
    >>> nps([10, 9, 8, 3]).estimate
    25.0
    """
    options = Options(weights, strata, psu, fpc, calibration, lonely, level)
    return _single("nps", y, domain, options)


def by_domain(
    kind: Kind,
    y: npt.ArrayLike,
    codes: npt.ArrayLike,
    n_domains: int,
    weights: npt.ArrayLike | None = None,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
) -> Estimates:
    """Say what the mean, share, total or NPS of each of many groups is, all in one pass.

    Parameters
    ----------
    kind : {"mean", "proportion", "total", "nps"}
        Which estimate.
    y : array-like
        Answers, as that estimate wants them.
    codes : array-like of int
        Group of each row from 0; −1 for none.
    n_domains : int
        Number of groups, empty ones included.
    weights, strata, psu, fpc, calibration, lonely, level
        As in `mean`.

    Returns
    -------
    Estimates
        Columns with one entry for each group; the same numbers as asking for the groups one by one.

    Raises
    ------
    DataError
        Codes that are not whole numbers from −1 to `n_domains` − 1, and everything `mean` refuses.
    ParamError
        An unknown kind, and everything `mean` refuses.

    Definition
    ----------
    See `mean`, `proportion`, `total` and `nps`. Each group is a domain: all rows stay in the design.

    Units and missing data
    ----------------------
    As for the single estimates. A group without rows is NaN with a reason.

    Source
    ------
    As for the single estimates; agrees with R's `survey::svyby`.

    Examples
    --------
    >>> by_domain("mean", [1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1], 2).estimate.tolist()
    [2.0, 6.0]
    """
    return each_domain(
        kind, y, codes, n_domains, Options(weights, strata, psu, fpc, calibration, lonely, level)
    )


def each_domain(
    kind: Kind,
    y: npt.ArrayLike,
    codes: npt.ArrayLike,
    n_domains: int,
    options: Options | Prepared,
    degrees: Degrees = "design",
) -> Estimates:
    """Do the work of `by_domain` for options in either form."""
    return of_each(kind, [y], codes, n_domains, options, degrees)[0]


def of_each(
    kind: Kind,
    questions: Sequence[npt.ArrayLike],
    codes: npt.ArrayLike,
    n_domains: int,
    options: Options | Prepared,
    degrees: Degrees = "design",
) -> list[Estimates]:
    """Do the work of `by_domain` for the answers to each of several questions, many in one pass."""
    if not len(questions):
        return []
    given = Inputs(row_count(questions[0]))
    given.word(kind, KINDS, "kind")
    given.raise_all()
    groups = _domain_codes(given, codes, n_domains)
    most, found = max(1, _TOGETHER // max(1, given.length)), []
    for first in range(0, len(questions), most):
        some = questions[first : first + most]
        made = _estimates(given, kind, some, groups, n_domains, options, degrees)
        found += [made.part(at * n_domains, (at + 1) * n_domains) for at in range(len(some))]
    return found


def _single(kind: Kind, y: npt.ArrayLike, domain: npt.ArrayLike | None, options: Options) -> Estimate:
    given = Inputs(row_count(y))
    codes = np.where(given.domain(domain), 0, -1)
    return _estimates(given, kind, [y], codes, 1, options).one(0)


def _estimates(
    given: Inputs,
    kind: Kind,
    questions: Sequence[npt.ArrayLike],
    codes: IntArray,
    n_domains: int,
    options: Options | Prepared,
    degrees: Degrees = "design",
) -> Estimates:
    """Return the domains of the first question, then those of the next."""
    answers = np.stack([answers_for(given, kind, y) for y in questions])
    cells = Cells.of(options.design(given), options.level, codes, ~np.isnan(answers), n_domains)
    if kind == "total":
        return finished_total(cells, linear_total(cells, answers.ravel()))
    found = linear_ratio(cells, answers.ravel())
    if kind == "proportion":
        return finished_share(cells, found)
    df = cells.equivalent_df if degrees == "equivalent" else None
    return finished(cells, found, bounds=(-100.0, 100.0) if kind == "nps" else None, df=df)


def _domain_codes(given: Inputs, codes: npt.ArrayLike, n_domains: int) -> IntArray:
    if not isinstance(n_domains, int | np.integer) or n_domains < 1:
        given.params.append(Problem("n_domains", f"is {n_domains}", "a whole number of 1 or more"))
        given.raise_all()
    read = np.asarray(codes)
    if read.shape != (given.length,) or read.dtype.kind not in "iu":
        found = f"has shape {read.shape} and type {read.dtype}"
        given.fault("codes", found, f"whole numbers, one for each of {given.length} rows")
        return np.full(given.length, -1)
    outside = int(((read < -1) | (read >= n_domains)).sum())
    if outside:
        given.fault("codes", f"{outside} rows lie outside the domains", f"−1 to {n_domains - 1}")
    return read.astype(np.intp)
