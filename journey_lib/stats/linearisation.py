"""The one variance kernel: Taylor scores summed over sampling units, strata and stages.

Every estimate of the package hands its scores to `Design.variance`. Rows outside a domain stay in the
design with a score of zero; nothing is ever subset before the variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from journey_lib.stats.inputs import BoolArray, FloatArray, IntArray, added

if TYPE_CHECKING:
    from journey_lib.stats.margins import Margins

Lonely = Literal["error", "adjust", "remove", "average"]
LONELY: tuple[str, ...] = ("error", "adjust", "remove", "average")
_CHUNK = 1 << 21  # numbers in one block of scores: bounds memory when there are hundreds of domains


class Scores(NamedTuple):
    """Weighted Taylor scores that may differ from 0: whose they are, for which column, and how much."""

    row: IntArray
    column: IntArray
    value: FloatArray


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of sampling: rows grouped into units, units into strata.

    Attributes
    ----------
    unit, stratum : ndarray of int
        Codes of each row's unit and stratum.
    stratum_of_unit : ndarray of int
        Stratum of each unit.
    units : ndarray of int
        Number of sampled units of each stratum.
    unsampled : ndarray
        1 − n/N of each stratum: what the finite population correction leaves of the variance.
    share : ndarray
        Product of n/N over the earlier stages (1 at the first), by stratum.
    """

    unit: IntArray
    stratum: IntArray
    stratum_of_unit: IntArray
    units: IntArray
    unsampled: FloatArray
    share: FloatArray

    @property
    def lonely(self) -> BoolArray:
        """Strata with one sampled unit that was not certain to be drawn."""
        found: BoolArray = (self.units == 1) & (self.unsampled >= 1e-7)
        return found

    @property
    def of_rows(self) -> bool:
        """True when each row is a unit of its own."""
        return self.stratum_of_unit.size == self.unit.size

    def variance(self, scores: Scores, width: int, lonely: Lonely) -> FloatArray:
        """Return what each stratum adds to the variance of each column.

        Parameters
        ----------
        scores : Scores
            Weighted Taylor scores; rows that are not named score 0.
        width : int
            Number of columns.
        lonely : {"error", "adjust", "remove", "average"}
            What a stratum with a single unit contributes.

        Returns
        -------
        ndarray, strata × columns
            Contributions to the variance.
        """
        unit, column, total = self._unit_totals(scores, width)
        cell = self.stratum_of_unit[unit] * width + column
        shape = (self.units.size, width)
        centre = added(cell, total, self.units.size * width).reshape(shape) / self.units[:, None]
        if lonely == "adjust":
            centre[self.lonely] = 0.0
        named = np.bincount(cell, minlength=centre.size).reshape(shape)
        spread = added(cell, (total - centre.ravel()[cell]) ** 2, centre.size).reshape(shape)
        spread += (self.units[:, None] - named) * centre**2
        correction = self.share * self.unsampled * self.units / np.maximum(self.units - 1, 1)
        return np.asarray(correction[:, None] * spread)

    def covariance(self, table: FloatArray, lonely: Lonely) -> FloatArray:
        """Return the covariance of the sums of the columns of a table with a score for every row.

        Parameters
        ----------
        table : ndarray, rows × columns
            Weighted Taylor scores.
        lonely : {"error", "adjust", "remove", "average"}
            What a stratum with a single unit contributes.

        Returns
        -------
        ndarray, columns × columns
        """
        size, width = self.stratum_of_unit.size, table.shape[1]
        columns = range(width)
        total = np.column_stack([added(self.unit, table[:, at], size) for at in columns])
        strata = self.stratum_of_unit
        centre = np.column_stack([added(strata, total[:, at], self.units.size) for at in columns])
        centre /= self.units[:, None]
        if lonely == "adjust":
            centre[self.lonely] = 0.0
        correction = self.share * self.unsampled * self.units / np.maximum(self.units - 1, 1)
        if lonely == "average":
            usable = int((~self.lonely).sum())
            correction = correction * (self.units.size / usable if usable else np.nan)
        spread = (total - centre[strata]) * np.sqrt(correction)[strata, None]
        found: FloatArray = spread.T @ spread
        return found

    def borrowed(self, present: BoolArray) -> FloatArray:
        """Return by how much strata with several units stand in for the lonely ones among those present."""
        counted = present.sum(axis=0)
        usable = (present & ~self.lonely[:, None]).sum(axis=0)
        factor = np.full(counted.shape, np.nan)
        np.divide(counted, usable, out=factor, where=usable > 0)
        return factor

    def _unit_totals(self, scores: Scores, width: int) -> Scores:
        if self.of_rows:
            return Scores(self.unit[scores.row], scores.column, scores.value)
        size = self.stratum_of_unit.size
        total = added(self.unit[scores.row] * width + scores.column, scores.value, size * width)
        return Scores(*_every_cell(size, width), total)


@dataclass(frozen=True, eq=False)
class Design:
    """How the rows were drawn and weighted: all that a standard error needs beside the scores.

    Attributes
    ----------
    weights : ndarray
        Final weights.
    stages : tuple of Stage
        First stage first; later stages only where population sizes are known.
    lonely : {"error", "adjust", "remove", "average"}
        Rule for strata with a single unit.
    margins : Margins or None
        Margins the weights were calibrated to; scores are replaced by their residuals on them.
    plain : bool
        True when there is no strata, sampling unit, population size, margin or varying weight.
    """

    weights: FloatArray
    stages: tuple[Stage, ...]
    lonely: Lonely
    margins: Margins | None
    plain: bool

    @property
    def census(self) -> bool:
        """True when every unit of the population was drawn, so that a variance of 0 is the truth."""
        return bool(np.all(self.stages[0].unsampled < 1e-7))

    def variance(self, scores: Scores, n_domains: int) -> FloatArray:
        """Return the variance of the sum of scores in each domain.

        Parameters
        ----------
        scores : Scores
            Weighted Taylor score of each row for the domain it is in; no row twice for one domain.
        n_domains : int
            Number of domains.

        Returns
        -------
        ndarray
            One variance for each domain, over all rows of the design.
        """
        width = max(1, _CHUNK // self._height())
        if n_domains <= width:
            return self._block_variance(scores, n_domains)
        found = np.zeros(n_domains)
        for low in range(0, n_domains, width):
            high = min(low + width, n_domains)
            inside = (scores.column >= low) & (scores.column < high)
            block = Scores(scores.row[inside], scores.column[inside] - low, scores.value[inside])
            found[low:high] = self._block_variance(block, high - low)
        return found

    def covariance(self, table: FloatArray) -> FloatArray:
        """Return the covariance of the sums of the columns of a table with a score for every row.

        Parameters
        ----------
        table : ndarray, rows × columns
            Weighted Taylor scores; 0 for rows outside the domain.

        Returns
        -------
        ndarray, columns × columns
            Its diagonal is what `variance` returns for each column.
        """
        if self.margins is not None:
            plain = np.divide(table, self.weights[:, None], out=np.zeros_like(table), where=table != 0)
            table = self.margins.residual(plain) * self.weights[:, None]
        found = np.zeros((table.shape[1], table.shape[1]))
        for stage in self.stages:
            found += stage.covariance(table, self.lonely)
        return found

    def degrees_of_freedom(self, codes: IntArray, n_domains: int) -> FloatArray:
        """Return sampling units less strata, counting only those that hold rows of the domain."""
        stage, rows = self.stages[0], codes >= 0
        units = np.bincount(codes[rows], minlength=n_domains)
        if not stage.of_rows:
            units = _distinct(stage.unit[rows], codes[rows], n_domains)
        strata = _distinct(stage.stratum[rows], codes[rows], n_domains) if stage.units.size > 1 else units > 0
        return (units - strata).astype(np.float64)

    def words(self) -> str:
        """Say how the variance was made, for the basis line."""
        parts = ["Taylor linearisation"]
        if self.margins is not None:
            parts.append("on calibration residuals")
        if self.stages[0].units.size > 1:
            parts.append(f"over {self.stages[0].units.size} strata")
        if len(self.stages) > 1:
            parts.append(f"in {len(self.stages)} stages")
        alone = sum(int(stage.lonely.sum()) for stage in self.stages)
        if alone and self.lonely != "error":
            parts.append(f"({alone} single-unit strata: {self.lonely})")
        return " ".join(parts)

    def _height(self) -> int:
        """Return the rows of the tallest table that one column needs."""
        if self.margins is not None:
            return max(1, self.weights.size)
        return max(1, *(s.units.size if s.of_rows else s.stratum_of_unit.size for s in self.stages))

    def _block_variance(self, scores: Scores, width: int) -> FloatArray:
        filled = scores if self.margins is None else self._residuals(self.margins, scores, width)
        found = np.zeros(width)
        for stage in self.stages:
            parts = stage.variance(filled, width, self.lonely).sum(axis=0)
            if self.lonely == "average":
                # As in R: without margins a stratum outside the domain neither lends nor borrows.
                held = np.bincount(
                    stage.stratum[filled.row] * width + filled.column, minlength=stage.units.size * width
                )
                parts = parts * stage.borrowed(held.reshape(-1, width) > 0)
            found += parts
        return found

    def _residuals(self, margins: Margins, scores: Scores, width: int) -> Scores:
        """Replace scores by weight × residual on the margins; every row then has one in every column."""
        table = np.zeros((self.weights.size, width))
        table[scores.row, scores.column] = scores.value / self.weights[scores.row]
        table = margins.residual(table) * self.weights[:, None]
        return Scores(*_every_cell(*table.shape), table.ravel())


def _every_cell(height: int, width: int) -> tuple[IntArray, IntArray]:
    return np.repeat(np.arange(height), width), np.tile(np.arange(width), height)


def _distinct(groups: IntArray, codes: IntArray, n_domains: int) -> IntArray:
    """Count the different groups met in each domain."""
    pairs = np.sort(groups * n_domains + codes)
    new = np.ones(pairs.size, bool)
    new[1:] = pairs[1:] != pairs[:-1]
    return np.bincount(pairs[new] % n_domains, minlength=n_domains)
