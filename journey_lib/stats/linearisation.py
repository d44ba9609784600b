"""The one variance kernel: Taylor scores summed over sampling units, strata and stages.

Every estimate of the package hands its scores to `Design.variance`. Rows outside a domain stay in the
design with a score of zero; nothing is ever subset before the variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from journey_lib.stats.inputs import BoolArray, FloatArray, IntArray, added, summed

if TYPE_CHECKING:
    from scipy.sparse import csr_array

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

    @cached_property
    def gather(self) -> csr_array:
        """The matrix that adds rows up within their units."""
        from scipy.sparse import csr_array

        rows = np.arange(self.unit.size)
        return csr_array(
            (np.ones(rows.size), (self.unit, rows)), shape=(self.stratum_of_unit.size, rows.size)
        )

    def variance(
        self, scores: Scores, width: int, lonely: Lonely, fitted: FloatArray | None = None
    ) -> FloatArray:
        """Return what each stratum adds to the variance of each column.

        Parameters
        ----------
        scores : Scores
            Weighted Taylor scores; rows that are not named score 0.
        width : int
            Number of columns.
        lonely : {"error", "adjust", "remove", "average"}
            What a stratum with a single unit contributes.
        fitted : ndarray, units × columns, optional
            What the margins explain of the total of each unit; it is taken off.

        Returns
        -------
        ndarray, strata × columns
            Contributions to the variance.
        """
        if self.of_rows and fitted is None:
            spread = self._spread_of_rows(scores, width, lonely)
        else:
            size = self.stratum_of_unit.size
            total = added(self.unit[scores.row] * width + scores.column, scores.value, size * width)
            total = total.reshape(size, width) if fitted is None else total.reshape(size, width) - fitted
            spread = self.by_stratum(np.square(self._centred(total, lonely)))
        return np.asarray(self._correction[:, None] * spread)

    def covariance(self, total: FloatArray, lonely: Lonely) -> FloatArray:
        """Return the covariance of sums, of which the total of every unit is given.

        Parameters
        ----------
        total : ndarray, units × columns
            Weighted Taylor scores, added up within units.
        lonely : {"error", "adjust", "remove", "average"}
            What a stratum with a single unit contributes.

        Returns
        -------
        ndarray, columns × columns
        """
        correction = self._correction
        if lonely == "average":
            usable = int((~self.lonely).sum())
            correction = correction * (self.units.size / usable if usable else np.nan)
        spread = self._centred(total, lonely) * np.sqrt(correction)[self.stratum_of_unit, None]
        found: FloatArray = spread.T @ spread
        return found

    def borrowed(self, present: BoolArray) -> FloatArray:
        """Return by how much strata with several units stand in for the lonely ones among those present."""
        counted = present.sum(axis=0)
        usable = (present & ~self.lonely[:, None]).sum(axis=0)
        factor = np.full(counted.shape, np.nan)
        np.divide(counted, usable, out=factor, where=usable > 0)
        return factor

    @cached_property
    def _correction(self) -> FloatArray:
        """Return the factor of each stratum on the spread of its units."""
        found: FloatArray = self.share * self.unsampled * self.units / np.maximum(self.units - 1, 1)
        return found

    def by_stratum(self, table: FloatArray) -> FloatArray:
        """Add the units of a table up within strata."""
        if self.units.size == 1:
            return np.asarray(table.sum(axis=0, keepdims=True))
        width = table.shape[1]
        cell = self.stratum_of_unit[:, None] * width + np.arange(width)
        return added(cell.ravel(), table.ravel(), self.units.size * width).reshape(-1, width)

    def _centred(self, total: FloatArray, lonely: Lonely) -> FloatArray:
        """Return how far units lie from the mean of their stratum."""
        centre = self.by_stratum(total) / self.units[:, None]
        if lonely == "adjust":
            centre[self.lonely] = 0.0
        found: FloatArray = total - centre[self.stratum_of_unit]
        return found

    def _spread_of_rows(self, scores: Scores, width: int, lonely: Lonely) -> FloatArray:
        """Return squared distances where units are rows, most of them without a score."""
        cell = self.stratum[scores.row] * width + scores.column
        shape = (self.units.size, width)
        centre = added(cell, scores.value, self.units.size * width).reshape(shape) / self.units[:, None]
        if lonely == "adjust":
            centre[self.lonely] = 0.0
        named = np.bincount(cell, minlength=centre.size).reshape(shape)
        spread = added(cell, (scores.value - centre.ravel()[cell]) ** 2, centre.size).reshape(shape)
        found: FloatArray = spread + (self.units[:, None] - named) * centre**2
        return found


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
        found = np.zeros((table.shape[1], table.shape[1]))
        for stage, fitted in zip(self.stages, self._fitted(table), strict=True):
            total = stage.gather @ table
            found += stage.covariance(total if fitted is None else total - fitted, self.lonely)
        return found

    def degrees_of_freedom(self, codes: IntArray, n_domains: int) -> FloatArray:
        """Return sampling units less strata, counting only those that hold rows of the domain."""
        rows = np.flatnonzero(codes >= 0)
        return self.degrees_of_each(rows, codes[rows], n_domains)

    def degrees_of_each(self, rows: IntArray, domain: IntArray, n_domains: int) -> FloatArray:
        """Return the same for rows that are named with their domain, as often as they are in one."""
        stage = self.stages[0]
        units = np.bincount(domain, minlength=n_domains)
        if not stage.of_rows:
            units = _distinct(stage.unit[rows], domain, n_domains)
        strata = _distinct(stage.stratum[rows], domain, n_domains) if stage.units.size > 1 else units > 0
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

    @cached_property
    def _explaining(self) -> tuple[csr_array, ...]:
        """Return for each stage the weighted margin columns, added up within units."""
        from scipy.sparse import diags_array

        columns = [] if self.margins is None else diags_array(self.weights) @ self.margins.columns
        return tuple((stage.gather @ columns).tocsr() for stage in self.stages)

    def _fitted(self, table: FloatArray) -> Sequence[FloatArray | None]:
        """Return for each stage what the margins explain of the total of each unit and column."""
        if self.margins is None:
            return [None] * len(self.stages)
        plain = np.divide(table, self.weights[:, None], out=np.zeros_like(table), where=table != 0)
        slopes = self.margins.slopes(plain)
        return [columns @ slopes for columns in self._explaining]

    def _block_variance(self, scores: Scores, width: int) -> FloatArray:
        fitted: Sequence[FloatArray | None] = [None] * len(self.stages)
        if self.margins is not None:
            table = np.zeros((self.weights.size, width))
            table[scores.row, scores.column] = scores.value
            fitted = self._fitted(table)
        found = np.zeros(width)
        for stage, explained in zip(self.stages, fitted, strict=True):
            parts = stage.variance(scores, width, self.lonely, explained).sum(axis=0)
            if self.lonely == "average":
                # As in R: without margins a stratum outside the domain neither lends nor borrows.
                held = np.ones((stage.units.size, width), bool)
                if explained is None:
                    cell = stage.stratum[scores.row] * width + scores.column
                    held = np.bincount(cell, minlength=held.size).reshape(held.shape) > 0
                parts = parts * stage.borrowed(held)
            found += parts
        return found


def _distinct(groups: IntArray, codes: IntArray, n_domains: int) -> IntArray:
    """Count the different groups met in each domain."""
    met, _ = summed(
        groups * n_domains + codes, np.ones(codes.size), int(groups.max(initial=-1) + 1) * n_domains
    )
    return np.bincount(met % n_domains, minlength=n_domains)
