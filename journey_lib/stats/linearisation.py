"""The one variance kernel: Taylor scores summed over sampling units, strata and stages.

Every estimate of the package hands its scores to `Design.variance`. Rows outside a domain stay in the
design with a score of zero; nothing is ever subset before the variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import numpy.typing as npt

from journey_lib.stats.inputs import BoolArray, FloatArray, Inputs, IntArray, Labels

if TYPE_CHECKING:
    from journey_lib.stats.margins import Margins

Lonely = Literal["error", "adjust", "remove", "average"]
LONELY: tuple[str, ...] = ("error", "adjust", "remove", "average")
_CHUNK = 1 << 21  # numbers in one block of scores: bounds memory when there are hundreds of domains


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of sampling: rows grouped into units, units into strata.

    Attributes
    ----------
    order : ndarray or slice
        Row order that puts units side by side, strata by strata.
    unit_starts, stratum_starts : ndarray
        Where each unit starts among the ordered rows, and each stratum among the units.
    unit, stratum : ndarray
        Codes of each row's unit and stratum, in the rows' own order.
    units : ndarray
        Number of sampled units of each stratum.
    unsampled : ndarray
        1 − n/N of each stratum: what the finite population correction leaves of the variance.
    share : ndarray
        Product of n/N over the earlier stages (1 at the first), by stratum.
    """

    order: IntArray | slice
    unit_starts: IntArray
    stratum_starts: IntArray
    unit: IntArray
    stratum: IntArray
    units: IntArray
    unsampled: FloatArray
    share: FloatArray

    @property
    def lonely(self) -> BoolArray:
        """Strata with one sampled unit that was not certain to be drawn."""
        found: BoolArray = (self.units == 1) & (self.unsampled >= 1e-7)
        return found

    def variance(self, scores: FloatArray, present: BoolArray, lonely: Lonely) -> FloatArray:
        """Return this stage's share of the variance for each column of scores.

        Parameters
        ----------
        scores : ndarray, rows × columns
            Weighted Taylor scores.
        present : ndarray, strata × columns
            Strata that count when a lonely stratum borrows the average of the others.
        lonely : {"error", "adjust", "remove", "average"}
            What a stratum with a single unit contributes.

        Returns
        -------
        ndarray
            One variance for each column.
        """
        totals = _grouped(scores[self.order], self.unit_starts)
        centre = _grouped(totals, self.stratum_starts) / self.units[:, None]
        if lonely == "adjust":
            centre[self.lonely] = 0.0
        totals = totals - (centre if centre.shape[0] == 1 else np.repeat(centre, self.units, axis=0))
        squares = _grouped(totals * totals, self.stratum_starts)
        correction = self.units / np.maximum(self.units - 1, 1)
        found: FloatArray = (self.share * self.unsampled * correction) @ squares
        return found * self._borrowed(present) if lonely == "average" else found

    def _borrowed(self, present: BoolArray) -> FloatArray:
        counted = present.sum(axis=0)
        usable = (present & ~self.lonely[:, None]).sum(axis=0)
        factor = np.full(counted.shape, np.nan)
        np.divide(counted, usable, out=factor, where=usable > 0)
        return factor


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

    def variance(self, scores: FloatArray, codes: IntArray, n_domains: int) -> FloatArray:
        """Return the variance of the sum of scores in each domain.

        Parameters
        ----------
        scores : ndarray
            Weighted Taylor score of each row for the domain it is in.
        codes : ndarray of int
            Domain of each row, −1 for none.
        n_domains : int
            Number of domains.

        Returns
        -------
        ndarray
            One variance for each domain, over all rows of the design.
        """
        members = np.flatnonzero(codes >= 0)
        width = max(1, _CHUNK // max(1, codes.size))
        found = np.zeros(n_domains)
        for low in range(0, n_domains, width):
            high = min(low + width, n_domains)
            rows = members[(codes[members] >= low) & (codes[members] < high)]
            block = np.zeros((codes.size, high - low))
            block[rows, codes[rows] - low] = scores[rows]
            found[low:high] = self._block_variance(block, codes - low, high - low)
        return found

    def degrees_of_freedom(self, codes: IntArray, n_domains: int) -> FloatArray:
        """Return sampling units less strata, counting only those that hold rows of the domain."""
        stage = self.stages[0]
        units = _distinct(stage.unit, codes, n_domains)
        strata = _distinct(stage.stratum, codes, n_domains)
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

    def _block_variance(self, block: FloatArray, codes: IntArray, width: int) -> FloatArray:
        if self.margins is not None:
            held = np.where(self.weights > 0, self.weights, 1.0)[:, None]
            block = self.margins.residual(block / held) * self.weights[:, None]
        return np.asarray(sum(self._stage_variance(stage, block, codes, width) for stage in self.stages))

    def _stage_variance(self, stage: Stage, block: FloatArray, codes: IntArray, width: int) -> FloatArray:
        everywhere = np.ones((stage.units.size, width), bool)
        if self.lonely == "average" and self.margins is None:
            # As in R: without margins a stratum outside the domain neither lends nor borrows.
            everywhere = _present(stage.stratum, codes, stage.units.size, width)
        return stage.variance(block, everywhere, self.lonely)


def design(
    given: Inputs,
    weights: FloatArray,
    *,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    lonely: Lonely = "error",
    margins: Margins | None = None,
) -> Design:
    """Put sampling information into the form the kernel needs.

    Parameters
    ----------
    given : Inputs
        Collector of what is wrong; it is raised here once everything has been read.
    weights : ndarray
        Final weights, already read.
    strata : array-like, optional
        Stratum of each row.
    psu : array-like or list of array-like, optional
        Sampling unit of each row; a list gives the units of each stage, largest first.
    fpc : array-like or list of array-like, optional
        Population size of the row's stratum (or number of its clusters), as in R; one per stage.
    lonely : {"error", "adjust", "remove", "average"}
        Rule for strata with a single unit.
    margins : Margins, optional
        Margins the weights were calibrated to.

    Returns
    -------
    Design
        Ready for `Design.variance`.

    Raises
    ------
    DataError
        Units that lie in two strata, population sizes smaller than the sample or different within a
        stratum, single-unit strata under `lonely="error"`, and everything collected before.
    ParamError
        An unknown rule, or not one population size for each stage.
    """
    given.word(lonely, LONELY, "lonely")
    units = _stage_units(given, psu)
    sizes = _stage_sizes(given, fpc, len(units))
    stratum = np.zeros(given.length, np.intp) if strata is None else given.codes(strata, "strata")[0]
    given.raise_all()
    stages: list[Stage] = []
    for unit, size in zip(units, sizes, strict=True):
        stages.append(_stage(given, unit, stratum, size, stages[-1] if stages else None))
        stratum = unit
        if fpc is None:  # without population sizes the first stage already holds the whole variance
            break
    _check_lonely(given, stages, lonely)
    given.raise_all()
    steady = weights[weights > 0]
    plain = strata is None and psu is None and fpc is None and margins is None
    plain = plain and bool(steady.size == 0 or steady.min() == steady.max())
    return Design(weights, tuple(stages), lonely, margins, plain)


def _stage_units(given: Inputs, psu: Labels | Sequence[Labels] | None) -> list[IntArray]:
    if psu is None:
        return [np.arange(given.length)]
    stages: list[IntArray] = []
    for number, labels in enumerate(_listed(psu), start=1):
        codes = given.codes(labels, f"psu, stage {number}")[0]
        stages.append(_nested(stages[-1], codes) if stages else codes)
    return stages


def _stage_sizes(
    given: Inputs, fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None, stages: int
) -> list[FloatArray]:
    none = np.full(given.length, np.inf)
    if fpc is None:
        return [none] * stages
    columns = _listed(fpc)
    if len(columns) != stages:
        given.fault("fpc", f"has {len(columns)} stages", f"{stages}, one for each stage of psu")
        return [none] * stages
    return [_sizes(given, column, f"fpc, stage {i + 1}") for i, column in enumerate(columns)]


def _sizes(given: Inputs, column: object, where: str) -> FloatArray:
    sizes = np.asarray(column, dtype=np.float64)
    if sizes.shape != (given.length,):
        given.fault(where, f"has shape {sizes.shape}", f"one value for each of {given.length} rows")
        return np.full(given.length, np.inf)
    wrong = int((~(sizes >= 1)).sum())
    if wrong:
        given.fault(where, f"{wrong} rows are missing or below 1", "the number of units in the population")
    return sizes


def _stage(given: Inputs, unit: IntArray, stratum: IntArray, size: FloatArray, above: Stage | None) -> Stage:
    """Sort one stage and check that units lie inside strata and sizes fit."""
    order = np.lexsort((unit, stratum))
    units, strata, sizes = unit[order], stratum[order], size[order]
    unit_starts = _starts(units, strata)
    stratum_starts = _starts(strata[unit_starts])
    counts = np.diff(np.append(stratum_starts, unit_starts.size))
    if np.count_nonzero(np.bincount(unit)) < unit_starts.size:
        action = "Give the units of different strata different names"
        given.fault("psu", "a unit lies in more than one stratum", "units nested in strata", action)
    row_starts = unit_starts[stratum_starts]
    population = sizes[row_starts]
    if np.any(sizes != np.repeat(population, np.diff(np.append(row_starts, sizes.size)))):
        given.fault("fpc", "differs within a stratum", "one population size for each stratum")
    if np.any(population < counts):
        given.fault("fpc", "is smaller than the sample in a stratum", "at least the number of sampled units")
    share = np.ones(counts.size) if above is None else _earlier_share(above, order[row_starts])
    flat: IntArray | slice = slice(None) if np.array_equal(order, np.arange(order.size)) else order
    return Stage(flat, unit_starts, stratum_starts, unit, stratum, counts, 1 - counts / population, share)


def _earlier_share(above: Stage, first_rows: IntArray) -> FloatArray:
    parents = above.stratum[first_rows]
    share: FloatArray = above.share[parents] * (1 - above.unsampled[parents])
    return share


def _check_lonely(given: Inputs, stages: list[Stage], lonely: Lonely) -> None:
    if lonely != "error":
        return
    for number, stage in enumerate(stages, start=1):
        count = int(stage.lonely.sum())
        if count and stage.units.size > 1:  # a sample of one unit is too little data, not a broken design
            action = 'Merge strata, or choose lonely="adjust", "remove" or "average"'
            where = "strata" if number == 1 else f"psu, stage {number}"
            given.fault(where, f"{count} with a single sampling unit", "two or more units", action)


def _listed(value: Labels | Sequence[Labels]) -> list[Labels]:
    """Tell a list of stages from one array, which may itself be a list of labels."""
    if isinstance(value, list | tuple) and len(value) > 0 and np.ndim(value[0]) == 1:
        return list(value)
    return [cast("Labels", value)]


def _nested(outer: IntArray, inner: IntArray) -> IntArray:
    joined = outer.astype(np.int64) * (int(inner.max(initial=0)) + 1) + inner
    return np.asarray(np.unique(joined, return_inverse=True)[1], np.intp)


def _starts(first: IntArray, second: IntArray | None = None) -> IntArray:
    change = np.ones(first.size, bool)
    change[1:] = first[1:] != first[:-1]
    if second is not None:
        change[1:] |= second[1:] != second[:-1]
    return np.flatnonzero(change)


def _grouped(values: FloatArray, starts: IntArray) -> FloatArray:
    if starts.size == values.shape[0]:
        return values
    if starts.size == 1:
        return np.asarray(values.sum(axis=0, keepdims=True))
    summed: FloatArray = np.add.reduceat(values, starts, axis=0)
    return summed


def _present(groups: IntArray, codes: IntArray, n_groups: int, n_domains: int) -> BoolArray:
    rows = (codes >= 0) & (codes < n_domains)
    cells = np.bincount(groups[rows] * n_domains + codes[rows], minlength=n_groups * n_domains)
    return cells.reshape(n_groups, n_domains) > 0


def _distinct(groups: IntArray, codes: IntArray, n_domains: int) -> IntArray:
    """Count the different groups met in each domain."""
    rows = codes >= 0
    pairs = np.sort(groups[rows].astype(np.int64) * n_domains + codes[rows])
    return np.bincount(pairs[_starts(pairs)] % n_domains, minlength=n_domains)
