"""Read how rows were drawn, strata, sampling units and population sizes, into a checked `Design`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels
from journey_lib.stats.linearisation import LONELY, Design, Lonely, Stage

if TYPE_CHECKING:
    from journey_lib.stats.margins import Margins


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
    """Count the units of each stratum and check that units lie inside strata and sizes fit."""
    n_units, n_strata = int(unit.max(initial=-1)) + 1, int(stratum.max(initial=-1)) + 1
    inside, first_row = np.zeros(n_units, np.intp), np.zeros(n_strata, np.intp)
    inside[unit], first_row[stratum] = stratum, np.arange(stratum.size)
    if np.any(inside[unit] != stratum):
        action = "Give the units of different strata different names"
        given.fault("psu", "a unit lies in more than one stratum", "units nested in strata", action)
    counts = np.bincount(inside, minlength=n_strata)
    population = size[first_row]
    if np.any(size != population[stratum]):
        given.fault("fpc", "differs within a stratum", "one population size for each stratum")
    if np.any(population < counts):
        given.fault("fpc", "is smaller than the sample in a stratum", "at least the number of sampled units")
    share = np.ones(n_strata) if above is None else _earlier_share(above, first_row)
    unsampled = 1 - counts / np.maximum(population, 1)
    return Stage(unit, stratum, inside, counts, unsampled, share)


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
