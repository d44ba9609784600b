"""Ratios, quantiles and differences of two domains, all from the one variance kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from journey_lib.errors import Problem
from journey_lib.stats.degrees import Degrees, equivalent, equivalent_of_each
from journey_lib.stats.estimate.cells import (
    NO_ROWS,
    NO_SPREAD,
    ONE_UNIT,
    Cells,
    Estimate,
    Linear,
    Options,
    Prepared,
    answers_for,
    divided,
    finished,
    linear_ratio,
    ratio_scores,
)
from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels, row_count
from journey_lib.stats.intervals import t_quantile
from journey_lib.stats.linearisation import Lonely

if TYPE_CHECKING:
    from journey_lib.stats.weights import Weights

Rule = Literal["math", "school"]
_HIT = 1e-12  # cumulative weights this close to the wanted share count as hitting it
_ENDS = {"mean": None, "proportion": (-1.0, 1.0), "nps": (-200.0, 200.0)}


def ratio(
    y: npt.ArrayLike,
    x: npt.ArrayLike,
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
    """Say how much of one thing comes with one unit of another.

    Parameters
    ----------
    y, x : array-like
        Numerator and denominator of each row; NaN where missing.
    weights, strata, psu, fpc, domain, calibration, lonely, level
        As in `mean`.

    Returns
    -------
    Estimate
        Ratio of totals with a t interval; NaN with a reason where the denominator sums to 0.

    Raises
    ------
    DataError, ParamError
        As in `mean`.

    Definition
    ----------
    R = sum of w y over sum of w x; scores are w (y − R x) / sum of w x.

    Units and missing data
    ----------------------
    Units of `y` for one unit of `x`. A row with either missing leaves the base, not the design.

    Source
    ------
    Woodruff (1971), JASA 66. Agrees with R's `survey::svyratio`.

    Examples
    --------
    >>> ratio([1.0, 2.0, 4.0], [2.0, 4.0, 8.0]).estimate
    0.5
    """
    given = Inputs(row_count(y))
    above, below = given.numbers(y, "y"), given.numbers(x, "x")
    codes = np.where(given.domain(domain), 0, -1)
    frame = Options(weights, strata, psu, fpc, calibration, lonely, level).design(given)
    cells = Cells.of(frame, level, codes, ~(np.isnan(above) | np.isnan(below)), 1)
    return finished(cells, linear_ratio(cells, above, below)).one(0)


def difference(
    y: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    kind: Literal["mean", "proportion", "nps"] = "mean",
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
    degrees: Degrees = "design",
) -> Estimate:
    """Say by how much one group differs from another.

    Parameters
    ----------
    y : array-like
        Answers, as the kind wants them.
    first, second : array-like of bool
        Rows of the two groups, which may share sampling units, margins or even rows.
    kind : {"mean", "proportion", "nps"}
        What is compared.
    weights, strata, psu, fpc, calibration, lonely, level
        As in `mean`.
    degrees : {"design", "equivalent"}
        Degrees of freedom: sampling units less strata, or at most as many as the weights leave
        (`stats.degrees.equivalent`). Take the second where weights are uneven and many comparisons are made.

    Returns
    -------
    Estimate
        First minus second with a t interval. `n` and `n_effective` are of the rows in either group.

    Raises
    ------
    DataError, ParamError
        As in `mean`, `proportion` and `nps`.

    Definition
    ----------
    Difference of the two means; the score of a row is its score in the first less its score in the second,
    so that the covariance from shared sampling units and margins is kept.

    Units and missing data
    ----------------------
    In the unit of the kind. A missing answer leaves the base, its row stays in the design.

    Source
    ------
    Korn and Graubard (1999), Analysis of Health Surveys, section 3.2. With `degrees="design"` agrees with R's
    `survey::svyglm` on a group indicator.

    Examples
    --------
    >>> a = np.array([True, True, False, False])
    >>> difference([1.0, 3.0, 7.0, 9.0], a, ~a).estimate
    -6.0
    """
    options = Options(weights, strata, psu, fpc, calibration, lonely, level)
    return two_domains(y, first, second, kind, options, degrees)


def two_domains(
    y: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    kind: Literal["mean", "proportion", "nps"],
    options: Options | Prepared,
    degrees: Degrees = "design",
) -> Estimate:
    """Do the work of `difference` for options in either form."""
    given = Inputs(row_count(y))
    given.word(kind, tuple(_ENDS), "kind")
    given.word(degrees, ("design", "equivalent"), "degrees")
    answers = answers_for(given, kind, y)
    groups = [given.domain(first, "first"), given.domain(second, "second")]
    frame, level = options.design(given), options.level
    valid, scores = ~np.isnan(answers), np.zeros(answers.size)
    sides = [Cells.of(frame, level, np.where(group, 0, -1), valid, 1) for group in groups]
    union = Cells.of(frame, level, np.where(groups[0] | groups[1], 0, -1), valid, 1)
    (one, z_one, flat_one), (two, z_two, flat_two) = (ratio_scores(side, answers) for side in sides)
    scores[sides[0].rows] += z_one
    scores[sides[1].rows] -= z_two
    found = Linear(one - two, union.variance(scores[union.rows]), flat_one & flat_two)
    df = _equivalent(union, sides) if degrees == "equivalent" else None
    done = finished(union, found, bounds=_ENDS[kind], df=df)
    if any(side.n[0] == 0 for side in sides):
        done.method[0] = f"{NO_ROWS} in one of the two groups"
    return done.one(0)


def _equivalent(union: Cells, sides: Sequence[Cells]) -> FloatArray:
    """Return the degrees of freedom the weights of two groups leave, at most those of the design."""
    shares = np.zeros(union.design.weights.size)
    for side, sign in zip(sides, (1.0, -1.0), strict=True):
        shares[side.rows] += sign * divided(side.weights, side.sum_of_weights[side.own])
    return np.fmin(union.df, equivalent(union.design, shares))


def of_pairs(
    questions: Sequence[FloatArray],
    codes: IntArray,
    n_domains: int,
    pairs: Sequence[tuple[int, int, int]],
    options: Prepared,
) -> list[Estimate]:
    """Return the difference of the means of each pair of domains that share no rows, all in one pass."""
    answers = np.stack(questions)
    design = options.design(Inputs(codes.size))
    cells = Cells.of(design, options.level, codes, ~np.isnan(answers), n_domains)
    point, scores, flat = ratio_scores(cells, answers.ravel())
    first, second = np.array([(at * n_domains + a, at * n_domains + b) for at, a, b in pairs], np.intp).T
    taken, own, sign = _both(cells, first, second)
    union = Cells(design, options.level, cells.at[taken], own, len(pairs))
    shares = sign * cells.weights[taken] / cells.sum_of_weights[cells.own[taken]]
    df = np.fmin(union.df, equivalent_of_each(design, union.rows, own, shares, len(pairs)))
    gap = point[first] - point[second]
    found = Linear(gap, union.variance(sign * scores[taken]), flat[first] & flat[second])
    done = finished(union, found, df=df)
    done.method[(cells.n[first] == 0) | (cells.n[second] == 0)] = f"{NO_ROWS} in one of the two groups"
    return [done.one(at) for at in range(len(pairs))]


def _both(cells: Cells, first: IntArray, second: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the answers of each pair of domains, the pair they are in, and +1 or, in the second, −1."""
    order = np.argsort(cells.own, kind="stable")
    ends = np.concatenate([[0], np.cumsum(cells.n)])
    sides = np.column_stack([first, second]).ravel()
    taken = np.concatenate([order[ends[side] : ends[side + 1]] for side in sides])
    many = cells.n[sides]
    places = np.arange(first.size)
    sign = np.repeat(np.tile([1.0, -1.0], first.size), many)
    return taken, np.repeat(np.repeat(places, 2), many), sign


def quantile(
    y: npt.ArrayLike,
    q: float,
    weights: npt.ArrayLike | None = None,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    domain: npt.ArrayLike | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
    rule: Rule = "math",
) -> Estimate:
    """Say below which value a given share of the population lies.

    Parameters
    ----------
    y : array-like
        Answers; NaN where missing.
    q : float
        Share below, above 0 and under 1; 0.5 for the median.
    weights, strata, psu, fpc, domain, calibration, lonely, level
        As in `mean`.
    rule : {"math", "school"}
        Where the share is hit exactly: take that value, or the middle between it and the next.

    Returns
    -------
    Estimate
        Quantile with Woodruff's interval; a side that runs off the data is NaN and `method` says unbounded.

    Raises
    ------
    DataError
        As in `mean`.
    ParamError
        A share outside 0 to 1 or an unknown rule, and everything `mean` refuses.

    Definition
    ----------
    Smallest y whose cumulative weight reaches q times the sum of weights. Interval: the t interval of the
    share at or below that value, read back as quantiles; standard error: its width over 2 t.

    Units and missing data
    ----------------------
    In the unit of `y`. A missing answer leaves the base, its row stays in the design.

    Source
    ------
    Woodruff (1952), JASA 47. Agrees with R's `survey::svyquantile` (qrule "math" and "school",
    interval.type "mean") except for shares below the first weight, where R returns the second value.

    Examples
    --------
    >>> quantile([1, 2, 3, 4], 0.5).estimate, quantile([1, 2, 3, 4], 0.5, rule="school").estimate
    (2.0, 2.5)
    """
    given = Inputs(row_count(y))
    given.word(rule, ("math", "school"), "rule")
    if not 0 < q < 1:
        given.params.append(Problem("q", f"is {q}", "a number between 0 and 1, such as 0.5"))
    answers = given.numbers(y, "y")
    codes = np.where(given.domain(domain), 0, -1)
    frame = Options(weights, strata, psu, fpc, calibration, lonely, level).design(given)
    return quantile_of(Cells.of(frame, level, codes, ~np.isnan(answers), 1), answers, q, rule)


def quantile_of(cells: Cells, answers: FloatArray, q: float, rule: Rule) -> Estimate:
    """Do the work of `quantile` for rows that were read before."""
    if cells.n[0] == 0:
        return finished(cells, linear_ratio(cells, answers)).one(0)
    return _woodruff(cells, answers, q, rule)


def _woodruff(cells: Cells, answers: FloatArray, q: float, rule: Rule) -> Estimate:
    steps = _Steps(answers[cells.at], cells.weights, rule)
    found = steps.at(q)
    share = finished(cells, linear_ratio(cells, (answers <= found).astype(np.float64))).one(0)
    if cells.df[0] < 1 or np.ptp(steps.values) == 0:
        return _without_interval(share, found, ONE_UNIT if cells.df[0] < 1 else NO_SPREAD)
    low = steps.at(share.ci_low) if share.ci_low >= 0 else float("nan")
    high = steps.at(share.ci_high) if share.ci_high <= 1 else float("nan")
    spread = (high - low) / (2 * float(t_quantile(cells.level, cells.df)[0]))
    words = f"{cells.design.words()}; Woodruff interval"
    if np.isnan(spread):
        words = f"{words}; unbounded: it runs off the data"
    return Estimate(found, spread, low, high, share.ci_level, share.df, share.n, share.n_effective, words)


def _without_interval(share: Estimate, found: float, reason: str) -> Estimate:
    nan = float("nan")
    return Estimate(found, nan, nan, nan, share.ci_level, share.df, share.n, share.n_effective, reason)


class _Steps:
    """The weighted distribution function of some answers, read backwards."""

    def __init__(self, answers: FloatArray, weights: FloatArray, rule: Rule) -> None:
        order = np.argsort(answers, kind="stable")
        self.values = answers[order]
        self.reached = np.cumsum(weights[order]) / weights.sum()
        self.rule = rule

    def at(self, share: float) -> float:
        """Return the smallest value at which the share is reached."""
        last = self.values.size - 1
        place = min(int(np.searchsorted(self.reached, share - _HIT)), last)
        hit = abs(self.reached[place] - share) <= _HIT
        following = min(place + 1, last)
        if self.rule == "school" and hit:
            return float(self.values[place] + self.values[following]) / 2
        return float(self.values[place])
