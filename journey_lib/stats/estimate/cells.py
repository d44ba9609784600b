"""From rows to one line per domain: points, variances, intervals and the reasons where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.degrees import equivalent_of_each
from journey_lib.stats.inputs import BoolArray, FloatArray, Inputs, IntArray, Labels, added
from journey_lib.stats.intervals import at_the_ends, korn_graubard, logit, symmetric, wilson
from journey_lib.stats.linearisation import Design, Lonely, Scores
from journey_lib.stats.sampling import design

if TYPE_CHECKING:
    from journey_lib.stats.weights import Weights

Kind = Literal["mean", "proportion", "total", "nps"]
KINDS: tuple[str, ...] = ("mean", "proportion", "total", "nps")
TextArray: TypeAlias = npt.NDArray[np.object_]

NO_ROWS = "not estimable: no valid row"
NO_DENOMINATOR = "not estimable: the denominator is 0"
ONE_UNIT = "standard error not estimable: too few sampling units"
NO_SPREAD = "standard error not estimable: all answers are equal"
_SMALL_BASE = 30
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Estimate:
    """One number with its uncertainty.

    Attributes
    ----------
    estimate, std_error, ci_low, ci_high : float
        NaN where not estimable; `method` then says why.
    ci_level : float
        Confidence level of the interval.
    df : float
        Degrees of freedom: sampling units less strata, of the domain; fewer where equivalent ones are asked.
    n : int
        Rows counted: weight above 0, answer present, inside the domain.
    n_effective : float
        Kish's effective size of those rows.
    method : str
        How it was computed, or why it was not.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    ci_level: float
    df: float
    n: int
    n_effective: float
    method: str


@dataclass(frozen=True, eq=False)
class Estimates:
    """The columns of many estimates; the same fields as `Estimate`, one entry for each domain."""

    estimate: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    ci_level: FloatArray
    df: FloatArray
    n: IntArray
    n_effective: FloatArray
    method: TextArray

    def __len__(self) -> int:
        return self.n.size

    def one(self, domain: int) -> Estimate:
        """Return the estimate of a single domain."""
        return Estimate(
            float(self.estimate[domain]),
            float(self.std_error[domain]),
            float(self.ci_low[domain]),
            float(self.ci_high[domain]),
            float(self.ci_level[domain]),
            float(self.df[domain]),
            int(self.n[domain]),
            float(self.n_effective[domain]),
            str(self.method[domain]),
        )

    def part(self, first: int, last: int) -> Estimates:
        """Return the domains from the first to before the last."""
        return Estimates(*(getattr(self, field.name)[first:last] for field in fields(self)))


class Options(NamedTuple):
    """How rows were drawn and weighted, as the caller gave it."""

    weights: npt.ArrayLike | None
    strata: Labels | None
    psu: Labels | Sequence[Labels] | None
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None
    calibration: Weights | None
    lonely: Lonely
    level: float

    def design(self, given: Inputs) -> Design:
        """Read the options; raises everything that is wrong with them and with what was read before."""
        given.level(self.level)
        weights = self._weights(given)
        margins = self.calibration.margins if self.calibration is not None else None
        return design(
            given,
            weights,
            strata=self.strata,
            psu=self.psu,
            fpc=self.fpc,
            lonely=self.lonely,
            margins=margins,
        )

    def _weights(self, given: Inputs) -> FloatArray:
        if self.calibration is None:
            return given.weights(self.weights)
        made = given.weights(self.calibration.values, "calibration")
        if self.weights is None:
            return made
        read = given.weights(self.weights)
        if read.shape == made.shape and not np.allclose(read, made, rtol=1e-9, atol=0):
            action = "Give one of the two, or the calibrated values themselves"
            raise ParamError(Problem("weights", "differ from the calibrated weights", "", "", action))
        return read


class Prepared(NamedTuple):
    """Options that were read before: the design is taken as it stands."""

    made: Design
    level: float

    def design(self, given: Inputs) -> Design:
        """Return the design, if it has the rows of what is estimated now."""
        if given.length != self.made.weights.size:
            given.fault("y", f"has {given.length} rows", f"the {self.made.weights.size} rows of the sample")
        given.raise_all()
        return self.made


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows counted in each domain under one design.

    Attributes
    ----------
    design : Design
        The whole design, all rows.
    level : float
        Confidence level.
    at : ndarray of int
        Places of the answers that count, among all answers, one question after the other.
    own : ndarray of int
        Domain of each of them: a question has domains of its own.
    n_domains : int
        Number of domains, of all questions together.
    """

    design: Design
    level: float
    at: IntArray
    own: IntArray
    n_domains: int

    @classmethod
    def of(cls, frame: Design, level: float, codes: IntArray, valid: BoolArray, n_domains: int) -> Cells:
        """Count only rows with a valid answer and a weight above 0.

        `valid` may be a table with a line for each of several questions.
        """
        table = np.atleast_2d(valid)
        question, row = np.nonzero(table & (codes >= 0) & (frame.weights > 0))
        own = codes[row] + question * n_domains
        return cls(frame, level, question * codes.size + row, own, n_domains * len(table))

    @cached_property
    def rows(self) -> IntArray:
        """Return the row of the sample of each answer that counts."""
        return self.at % self.design.weights.size

    @cached_property
    def weights(self) -> FloatArray:
        """Return the weight of each row that counts."""
        found: FloatArray = self.design.weights[self.rows]
        return found

    def sums(self, values: FloatArray) -> FloatArray:
        """Add up values of the rows that count within each domain."""
        return added(self.own, values, self.n_domains)

    @cached_property
    def n(self) -> IntArray:
        """Return how many rows count."""
        return np.bincount(self.own, minlength=self.n_domains)

    @cached_property
    def sum_of_weights(self) -> FloatArray:
        """Return the sum of weights of each domain."""
        return self.sums(self.weights)

    @cached_property
    def n_effective(self) -> FloatArray:
        """Return Kish's effective size, NaN where no row counts."""
        return divided(self.sum_of_weights**2, self.sums(self.weights * self.weights))

    def variance(self, scores: FloatArray) -> FloatArray:
        """Return the variance of the sum of scores of the rows that count in each domain."""
        return self.design.variance(Scores(self.rows, self.own, scores), self.n_domains)

    @cached_property
    def df(self) -> FloatArray:
        """Degrees of freedom of each domain."""
        return self.design.degrees_of_each(self.rows, self.own, self.n_domains)

    @cached_property
    def equivalent_df(self) -> FloatArray:
        """Degrees of freedom the weights of each domain leave, at most those of the design."""
        below = np.where(self.sum_of_weights > 0, self.sum_of_weights, 1.0)
        shares = self.weights / below[self.own]
        return np.fmin(self.df, equivalent_of_each(self.design, self.rows, self.own, shares, self.n_domains))


class Linear(NamedTuple):
    """Points and variances of a linearised statistic."""

    point: FloatArray
    variance: FloatArray
    flat: BoolArray


def answers_for(given: Inputs, kind: str, y: npt.ArrayLike, where: str = "y") -> FloatArray:
    """Read answers as the kind of estimate wants them; NPS answers become −100, 0 or 100."""
    read = given.numbers(y, where)
    if kind == "proportion":
        given.choices(read, (0, 1), where, "0, 1 or missing")
    if kind != "nps":
        return read
    given.choices(read, range(11), where, "whole numbers from 0 to 10, or missing")
    points = np.where(read >= 9, 100.0, np.where(read <= 6, -100.0, 0.0))
    return np.where(np.isnan(read), np.nan, points)


def linear_total(cells: Cells, y: FloatArray) -> Linear:
    """Sum w y over each domain; its score is w y itself."""
    scores = cells.weights * y[cells.at]
    point = np.where(cells.n > 0, cells.sums(scores), np.nan)
    return Linear(point, cells.variance(scores), np.zeros(cells.n_domains, bool))


def linear_ratio(cells: Cells, y: FloatArray, x: FloatArray | None = None) -> Linear:
    """Sum w y over sum w x in each domain; a mean when x is not given."""
    point, scores, flat = ratio_scores(cells, y, x)
    return Linear(point, cells.variance(scores), flat)


def ratio_scores(
    cells: Cells, y: FloatArray, x: FloatArray | None = None
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return points, Taylor scores of the rows that count, and which domains have no spread at all."""
    weighted = cells.weights * y[cells.at]
    base = cells.weights if x is None else cells.weights * x[cells.at]
    below = cells.sum_of_weights if x is None else cells.sums(base)
    point = divided(cells.sums(weighted), below)
    centred = weighted - np.where(below != 0, point, 0.0)[cells.own] * base
    flat = cells.sums(np.abs(centred)) <= _ROUNDING * cells.sums(np.abs(weighted))
    return point, centred / np.where(below != 0, below, 1.0)[cells.own], flat


def finished(
    cells: Cells, found: Linear, *, bounds: tuple[float, float] | None = None, df: FloatArray | None = None
) -> Estimates:
    """Give linearised points their t intervals, cut at the ends of the scale where there are any."""
    std_error, method = _error(cells, found)
    words = "t interval" if df is None else "t interval on equivalent degrees of freedom"
    df = cells.df if df is None else df
    low, high = symmetric(found.point, std_error, df, cells.level)
    if bounds is not None:
        low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
    _say(method, method == "", f"{cells.design.words()}; {words}")
    return replace(_columns(cells, found.point, std_error, low, high, method), df=df)


def finished_total(cells: Cells, found: Linear) -> Estimates:
    """Give totals their t intervals; a total has a standard error even where a domain lies in one unit."""
    first = cells.design.stages[0]
    method = np.full(cells.n_domains, "", dtype=object)
    std_error = np.where(cells.n > 0, np.sqrt(found.variance), np.nan)
    if first.stratum_of_unit.size <= first.units.size:
        std_error = np.full(cells.n_domains, np.nan)
    _say(method, cells.n == 0, NO_ROWS)
    _say(method, (method == "") & np.isnan(std_error), ONE_UNIT)
    _say(method, (method == "") & (cells.df < 1), "interval not estimable: one sampling unit in the domain")
    low, high = symmetric(found.point, std_error, cells.df, cells.level)
    _say(method, method == "", f"{cells.design.words()}; t interval")
    return _columns(cells, found.point, std_error, low, high, method)


def finished_share(cells: Cells, found: Linear) -> Estimates:
    """Give shares an interval inside 0 to 1: Wilson, logit, beta or exact, whichever fits the cell."""
    std_error, method = _error(cells, found)
    low, high = np.full(cells.n_domains, np.nan), np.full(cells.n_domains, np.nan)
    n, df, effective = cells.n.astype(float), cells.df, cells.n_effective
    share, variance, level = found.point, found.variance, cells.level
    words = "" if cells.design.plain else f"{cells.design.words()}; "
    some, usable = cells.n > 0, (cells.n > 0) & (df >= 1)
    certain = usable & (cells.design.census | ((variance <= 1e-20) & ~found.flat))
    ends, inner = usable & found.flat & ~certain, usable & ~found.flat & ~certain
    small = inner & (effective < _SMALL_BASE)

    def fill(rows: BoolArray, limits: tuple[FloatArray, FloatArray], name: str) -> None:
        low[rows], high[rows] = limits
        held = rows & (method != "")
        method[held] = [f"{words}{name}; {reason}" for reason in method[held]]
        _say(method, rows & ~held, f"{words}{name}")

    if cells.design.plain:
        fill(some, wilson(share[some], n[some], level), "Wilson interval")
        return _columns(cells, share, std_error, low, high, method)
    fill(certain, (share[certain], share[certain]), "nothing left to chance")
    fill(ends, at_the_ends(share[ends], effective[ends], n[ends], df[ends], level), "exact interval")
    beta = korn_graubard(share[small], variance[small], n[small], df[small], level)
    fill(small, beta, "Korn-Graubard interval")
    large = inner & ~small
    fill(large, logit(share[large], variance[large], df[large], level), "logit t interval")
    return _columns(cells, share, std_error, low, high, method)


def divided(above: FloatArray, below: FloatArray) -> FloatArray:
    """Divide, NaN where the divisor is 0."""
    found: FloatArray = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
    return found


def _error(cells: Cells, found: Linear) -> tuple[FloatArray, TextArray]:
    """Return standard errors, and the reason wherever one would be a pretence."""
    reason = np.full(cells.n_domains, "", dtype=object)
    _say(reason, cells.n == 0, NO_ROWS)
    _say(reason, (reason == "") & np.isnan(found.point), NO_DENOMINATOR)
    _say(reason, (reason == "") & ((cells.df < 1) | np.isnan(found.variance)), ONE_UNIT)
    if not cells.design.census:
        _say(reason, (reason == "") & found.flat, NO_SPREAD)
    return np.where(reason == "", np.sqrt(found.variance), np.nan), reason


def _say(method: TextArray, rows: BoolArray, words: str) -> None:
    method[rows] = words


def _columns(
    cells: Cells,
    point: FloatArray,
    std_error: FloatArray,
    low: FloatArray,
    high: FloatArray,
    method: TextArray,
) -> Estimates:
    levels = np.full(cells.n_domains, cells.level)
    return Estimates(point, std_error, low, high, levels, cells.df, cells.n, cells.n_effective, method)
