"""Means of many groups with their covariance: contrasts of waves, and straight lines through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journey_lib.errors import ParamError, Problem
from journey_lib.stats.degrees import equivalent_of_totals
from journey_lib.stats.estimate.cells import (
    NO_ROWS,
    NO_SPREAD,
    ONE_UNIT,
    Cells,
    Estimate,
    divided,
    ratio_scores,
)
from journey_lib.stats.inputs import BoolArray, FloatArray, IntArray, added
from journey_lib.stats.intervals import t_quantile

if TYPE_CHECKING:
    from journey_lib.stats.estimate.sample import Sample

FEWEST = 3  # groups a line can be wrong about
_TINY = 1e-10


@dataclass(frozen=True)
class Trend:
    """A straight line through the means of waves.

    Attributes
    ----------
    slope : Estimate
        Change from one wave to the next.
    scatter : float
        How far the means lie from the line: their squared distance over what sampling alone would make, near
        1 where the line holds.
    p_straight : float
        How often sampling alone would put the means this far from a line; NaN for fewer than three waves.
    waves : int
        Waves with a mean and an error of their own.
    """

    slope: Estimate
    scatter: float
    p_straight: float
    waves: int


@dataclass(frozen=True, eq=False)
class Joint:
    """Means of groups that may share sampling units, such as waves of a panel.

    Attributes
    ----------
    mean : ndarray
        Weighted mean of each group; NaN where nobody answered.
    n : ndarray of int
        Answers of each group.
    covariance : ndarray, groups × groups
        Of the means, from one linearisation: 0 off the diagonal only where groups share nothing.
    """

    mean: FloatArray
    n: IntArray
    covariance: FloatArray
    cells: Cells = field(repr=False)
    flat: BoolArray = field(repr=False)

    def contrast(self, coefficients: npt.ArrayLike) -> Estimate:
        """Return a sum of means times coefficients, such as a wave less the first, with a t interval.

        Parameters
        ----------
        coefficients : array-like
            One for each group; a group with 0 does not count.

        Returns
        -------
        Estimate
            NaN with a reason where a group that counts is empty or nothing varies. Degrees of freedom are
            equivalent ones.
        """
        return self.contrasts([coefficients])[0]

    def contrasts(self, coefficients: Sequence[npt.ArrayLike]) -> list[Estimate]:
        """Return what `contrast` returns for each of several lists of coefficients."""
        factors = np.asarray(coefficients, float)
        used, cells = factors != 0, self.cells
        n, df = used @ self.n, self._degrees(used)
        n_effective = divided((used @ cells.sum_of_weights) ** 2, used @ cells.sums(np.square(cells.weights)))
        point = (factors * np.where(used, self.mean, 0.0)).sum(axis=1)
        variance = ((factors @ self.covariance) * factors).sum(axis=1)
        steady = np.fmin(df, equivalent_of_totals(cells.design, self._squares @ np.square(factors).T))
        found = []
        for at, some in enumerate(used):
            counts = int(n[at]), float(n_effective[at])
            if not (self.n[some] > 0).all():
                reason = f"{NO_ROWS} in one of the groups"
                found.append(_without(cells.level, *counts, float(df[at]), reason))
            elif self.flat[some].all() or df[at] < 1:
                reason = NO_SPREAD if df[at] >= 1 else ONE_UNIT
                found.append(_without(cells.level, *counts, float(df[at]), reason, float(point[at])))
            else:
                error = float(variance[at]) ** 0.5
                found.append(_with(cells, float(point[at]), error, float(steady[at]), *counts))
        return found

    @cached_property
    def _squares(self) -> FloatArray:
        """Return the sum of squared shares of each sampling unit in each group."""
        cells, stage = self.cells, self.cells.design.stages[0]
        groups, units = self.mean.size, stage.stratum_of_unit.size
        part = np.square(cells.weights / cells.sum_of_weights[cells.own])
        return added(stage.unit[cells.rows] * groups + cells.own, part, units * groups).reshape(units, groups)

    def _degrees(self, used: BoolArray) -> FloatArray:
        """Return sampling units less strata of the groups each contrast uses."""
        stage = self.cells.design.stages[0]
        held = (self._squares > 0) @ used.T
        strata = stage.by_stratum(held.astype(float)) > 0
        return np.asarray(held.sum(axis=0) - strata.sum(axis=0), float)

    def trend(self, times: Sequence[float] | None = None) -> Trend:
        """Say whether there is a drift through the means of waves, and whether it is a straight one.

        Parameters
        ----------
        times : sequence of float, optional
            When each group was asked; its place when left out. The slope is per unit of time.

        Returns
        -------
        Trend
            The slope is NaN with a reason for fewer than three groups with an error of their own.

        Definition
        ----------
        Generalised least squares on the means with their covariance, so that shared people count once. Where
        the means scatter about the line by more than sampling makes, waves have ups and downs of their own:
        the error grows by the square root of the scatter (Birge's ratio), and its degrees of freedom are the
        waves less two. It never shrinks below what sampling makes.

        Units and missing data
        ----------------------
        Unit of the answers per unit of time. Groups without answers, or all of one answer, are left out.

        Source
        ------
        Birge (1932), The calculation of errors by the method of least squares, Physical Review 40.

        Examples
        --------
        >>> from journey_lib.stats.estimate import Sample
        >>> found = joint(Sample(6), [1.0, 3.0, 2.0, 4.0, 3.0, 5.0], [0, 0, 1, 1, 2, 2], 3).trend()
        >>> round(found.slope.estimate, 9), found.waves
        (1.0, 3)
        """
        from scipy.special import chdtrc

        when = np.arange(self.mean.size, dtype=float) if times is None else np.asarray(times, float)
        used = np.isfinite(self.mean) & ~self.flat & (np.diag(self.covariance) > 0)
        waves = int(used.sum())
        if waves < FEWEST or np.ptp(when[used]) == 0:
            nothing = _without(self.cells.level, int(self.n.sum()), np.nan, np.nan, "needs three waves")
            return Trend(nothing, np.nan, np.nan, waves)
        weight = _inverse(self.covariance[np.ix_(used, used)])
        lines = np.column_stack([np.ones(waves), when[used]])
        project = np.linalg.solve(lines.T @ weight @ lines, lines.T @ weight)
        rest = self.mean[used] - lines @ (project @ self.mean[used])
        distance = float(rest @ weight @ rest)
        scatter = distance / (waves - 2)
        factor = np.zeros(self.mean.size)
        factor[used] = project[1]
        slope = self.contrast(factor)
        if scatter > 1:
            slope = _with(
                self.cells, slope.estimate, slope.std_error * scatter**0.5, min(slope.df, waves - 2.0),
                slope.n, slope.n_effective,
            )  # fmt: skip
        return Trend(slope, scatter, float(chdtrc(waves - 2, distance)), waves)


def joint(sample: Sample, y: npt.ArrayLike, codes: npt.ArrayLike, n_domains: int) -> Joint:
    """Return the means of some groups and how they vary together.

    Parameters
    ----------
    sample : Sample
        Weights and design of all rows.
    y : array-like
        Answers; NaN where missing.
    codes : array-like of int
        Group of each row from 0; −1 for none.
    n_domains : int
        Number of groups.

    Returns
    -------
    Joint

    Raises
    ------
    ParamError
        Answers or codes that do not have the sample's number of rows.

    Definition
    ----------
    One Taylor score a row and group; their covariance over sampling units keeps what groups share: people
    who answered in several waves, strata and margins.

    Units and missing data
    ----------------------
    In the unit of `y`. A missing answer leaves the base, its row stays in the design.

    Source
    ------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling.

    Examples
    --------
    >>> from journey_lib.stats.estimate import Sample
    >>> both = joint(Sample(4), [1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1], 2)
    >>> both.mean.tolist(), both.contrast([-1, 1]).estimate
    ([2.0, 6.0], 4.0)
    """
    answers, groups = np.asarray(y, float), np.asarray(codes, np.intp)
    rows = sample.weights.size
    if answers.shape != (rows,) or groups.shape != (rows,):
        raise ParamError(Problem("y", f"has shape {answers.shape}", f"the {rows} rows of the sample"))
    cells = Cells.of(sample.design, sample.level, groups, ~np.isnan(answers), n_domains)
    mean, scores, flat = ratio_scores(cells, answers)
    table = np.zeros((rows, n_domains))
    table[cells.rows, cells.own] = scores
    return Joint(mean, cells.n, sample.design.covariance(table), cells, flat)


def _inverse(covariance: FloatArray) -> FloatArray:
    """Invert a covariance; directions that do not vary at all carry no weight."""
    scale = np.sqrt(np.diag(covariance))
    found: FloatArray = np.linalg.pinv(covariance / np.outer(scale, scale), rcond=_TINY, hermitian=True)
    return np.asarray(found / np.outer(scale, scale))


def _with(cells: Cells, point: float, error: float, df: float, n: int, n_effective: float) -> Estimate:
    reach = float(t_quantile(cells.level, np.array([df]))[0]) * error
    words = f"{cells.design.words()}; t interval on equivalent degrees of freedom"
    return Estimate(point, error, point - reach, point + reach, cells.level, df, n, n_effective, words)


def _without(
    level: float, n: int, n_effective: float, df: float, reason: str, point: float = np.nan
) -> Estimate:
    return Estimate(point, np.nan, np.nan, np.nan, level, df, n, n_effective, reason)
