"""Raking by hand of category codes: targets read and checked, then fitted margin by margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.errors import QUOTED_FROM, DataError, ParamError, Problem
from journey_lib.stats.inputs import BoolArray, FloatArray, Inputs, IntArray, Labels, added

Missing = Literal["error", "own level"]
MISSING: tuple[str, ...] = ("error", "own level")
OWN_LEVEL = "(missing)"
_CLOSE = 1e-8  # a margin is met when no category is further off than this, relatively
_EXACT = 1e-12  # aimed at, so that estimates agree with Newton's method to eight digits
_SWEEPS = 500
_TRIMS = 500


@dataclass(frozen=True, eq=False)
class Margin:
    """One margin: the category of each row and the total each category must reach.

    Attributes
    ----------
    name : str
        What the margin is called.
    labels : tuple of str
        Names of the categories, for messages.
    codes : ndarray of int
        Category of each row.
    totals : ndarray
        Sum of weights each category must have.
    """

    name: str
    labels: tuple[str, ...]
    codes: IntArray
    totals: FloatArray

    def current(self, weights: FloatArray) -> FloatArray:
        """Return the sum of weights of each category."""
        return added(self.codes, weights, self.totals.size)

    def counts(self) -> IntArray:
        """Return the number of rows of each category."""
        return np.bincount(self.codes, minlength=self.totals.size)


@dataclass(frozen=True)
class Fit:
    """Weights that meet the margins, and what it took."""

    weights: FloatArray
    sweeps: int
    margin_error: float
    trimmed: BoolArray


def margins_from(
    given: Inputs,
    groups: Mapping[str, Labels],
    targets: Mapping[str, Mapping[object, float]],
    start: FloatArray,
    *,
    missing: Missing,
) -> tuple[list[Margin], bool]:
    """Read categories and targets; return margins in row totals and whether targets were shares.

    Parameters
    ----------
    given : Inputs
        Collector of what is wrong; raised here.
    groups : mapping of str to array-like
        Category of each row, by margin.
    targets : mapping of str to mapping
        Share or total of each category, by margin.
    start : ndarray
        Starting weights.
    missing : {"error", "own level"}
        What a row without a category means.

    Returns
    -------
    list of Margin
        One for each margin, in the order of `groups`.
    bool
        True when the targets are shares that sum to 1.

    Raises
    ------
    DataError
        Everything that makes the targets and the rows contradict each other.
    ParamError
        An unknown word for `missing`.
    """
    given.word(missing, MISSING, "missing")
    _same_names(given, groups, targets)
    given.raise_all()
    shares, population = _population(given, targets)
    total = float(given.length) if shares else population
    margins = [
        _margin(given, name, groups[name], targets[name], start, total=total, missing=missing)
        for name in groups
    ]
    given.raise_all()
    return margins, shares


def rake_to(
    margins: Sequence[Margin], start: FloatArray, *, low: FloatArray | None, high: FloatArray | None
) -> Fit:
    """Multiply weights by target over current, margin by margin, until margins and limits hold.

    Parameters
    ----------
    margins : sequence of Margin
        What has to be met.
    start : ndarray
        Starting weights.
    low, high : ndarray, optional
        Limits of each final weight; after each clip the margins are raked again.

    Returns
    -------
    Fit
        Final weights.

    Raises
    ------
    DataError
        Margins that are not met after 500 sweeps (the worst is named), or limits that cannot hold.
    """
    weights, sweeps, error = _swept_by_cell(margins, start)
    trimmed = np.zeros(start.size, bool)
    for _ in range(_TRIMS):
        clipped = np.clip(weights, low, high) if low is not None or high is not None else weights
        outside = np.abs(clipped - weights) > _CLOSE * weights
        if not outside.any():
            return Fit(weights, sweeps, error, trimmed)
        trimmed |= outside
        weights, more, error = _swept_by_cell(margins, clipped, trimming=True)
        sweeps += more
    action = "Widen the limits, or merge small categories"
    raise DataError(
        Problem("bounds, trim", "the margins cannot be met inside these limits", "wider limits", "", action)
    )


def _swept_by_cell(
    margins: Sequence[Margin], start: FloatArray, *, trimming: bool = False
) -> tuple[FloatArray, int, float]:
    """Rake the sums of rows that share all their categories: they share every factor, so nothing is lost."""
    cell, first_row = _joint_cells(margins)
    sums = added(cell, start, first_row.size)
    folded = [replace(margin, codes=margin.codes[first_row]) for margin in margins]
    raked, sweeps, error = _swept(folded, sums, trimming=trimming)
    return start * (raked / sums)[cell], sweeps, error


def _joint_cells(margins: Sequence[Margin]) -> tuple[IntArray, IntArray]:
    """Return the joint cell of each row and one row of each cell."""
    cell = np.zeros(margins[0].codes.size, np.intp)
    for margin in margins:
        joint = cell * margin.totals.size + margin.codes
        met = np.zeros(int(joint.max()) + 1, np.intp)
        met[joint] = 1
        cell = (np.cumsum(met) - 1)[joint]
    first_row = np.zeros(int(cell.max()) + 1, np.intp)
    first_row[cell] = np.arange(cell.size)
    return cell, first_row


def _swept(
    margins: Sequence[Margin], start: FloatArray, *, trimming: bool = False
) -> tuple[FloatArray, int, float]:
    weights, error, last = start.copy(), np.inf, np.inf
    for sweep in range(1, _SWEEPS + 1):
        for margin in margins:
            current = margin.current(weights)
            weights *= np.divide(margin.totals, current, out=np.ones_like(current), where=current > 0)[
                margin.codes
            ]
        last, error = error, max(_off(margin, weights).max(initial=0.0) for margin in margins)
        if error < _EXACT or (error < _CLOSE and error > 0.99 * last):
            return weights, sweep, float(error)
    if error < _CLOSE:
        return weights, _SWEEPS, float(error)
    raise DataError(_not_met(margins, weights, trimming=trimming))


def _off(margin: Margin, weights: FloatArray) -> FloatArray:
    current = margin.current(weights)
    ratio = np.divide(margin.totals, current, out=np.ones_like(current), where=current > 0)
    off: FloatArray = np.abs(ratio - 1)
    return off


def _not_met(margins: Sequence[Margin], weights: FloatArray, *, trimming: bool) -> Problem:
    worst = max(margins, key=lambda margin: float(_off(margin, weights).max()))
    off = _off(worst, weights)
    label = worst.labels[int(off.argmax())]
    given = f"category '{label}' is still {off.max():.2g} off its target after {_SWEEPS} sweeps"
    action = (
        "Widen the limits" if trimming else "Check that the margins can hold together, or merge categories"
    )
    return Problem(f"margin '{worst.name}'", given, f"less than {_CLOSE:g}", "", action)


def _same_names(given: Inputs, groups: Mapping[str, Labels], targets: Mapping[str, object]) -> None:
    if not groups:
        given.fault("groups", "there is no margin", "one array of categories for each margin")
    for name in groups:
        if name not in targets:
            given.fault(f"margin '{name}'", "has no targets", "targets for each margin")
    for name in targets:
        if name not in groups:
            given.fault(f"margin '{name}'", "has targets but no categories", "categories for each margin")


def _population(given: Inputs, targets: Mapping[str, Mapping[object, float]]) -> tuple[bool, float]:
    """Tell shares from totals and check the sums."""
    for name, of in targets.items():
        if not all(np.isfinite(value) and value >= 0 for value in of.values()):
            given.fault(f"margin '{name}'", "a target is negative or missing", "numbers of 0 or more")
    given.raise_all()
    sums = {name: float(sum(of.values())) for name, of in targets.items()}
    shares = max(sums.values()) <= 2
    whole = 1.0 if shares else next(iter(sums.values()))
    for name, total in sums.items():
        if abs(total - whole) > 1e-6 * whole:
            allowed = "shares that sum to 1, or totals" if shares else f"{whole:g}, as in the first margin"
            given.fault(f"margin '{name}'", f"targets sum to {total:g}", allowed)
    return shares, whole


def _margin(
    given: Inputs,
    name: str,
    labels: Labels,
    target: Mapping[object, float],
    start: FloatArray,
    *,
    total: float,
    missing: Missing,
) -> Margin:
    where = f"margin '{name}'"
    codes, found = given.codes(labels, where, missing=missing == "own level")
    given.raise_all()
    _contradictions(given, where, found, np.bincount(codes[codes >= 0], minlength=len(found)), target)
    aims = np.array([float(target.get(label, 0.0)) for label in found])
    words = [str(label) for label in found]
    aims = aims * (total / aims.sum()) if aims.sum() > 0 else aims
    if np.any(codes < 0):
        own = float(start[codes < 0].sum() / start.sum())
        aims = np.append(aims * (1 - own), own * total)
        codes = np.where(codes < 0, len(words), codes)
        words.append(OWN_LEVEL)
    return Margin(name, tuple(words), codes, aims)


def _contradictions(
    given: Inputs, where: str, found: pd.Index, rows: IntArray, target: Mapping[object, float]
) -> None:
    """Collect where rows and targets contradict each other; a word few people share is not quoted."""
    present = set(found)
    for label, value in target.items():
        if label not in present and value > 0:
            action = "Merge the category with another one, or leave it out of the targets"
            given.fault(where, f"no row has category '{label}', whose target is {value:g}", "", action)
    unknown = [(label, int(n)) for label, n in zip(found, rows, strict=True) if label not in target]
    rare = [n for _, n in unknown if n < QUOTED_FROM]
    allowed = f"a target for each category present; there are targets for {_shown(target)}"
    for label, n in unknown:
        if n >= QUOTED_FROM:
            given.fault(where, f"category '{label}' ({n:,} rows) has no target", allowed)
    if rare:
        words = "1 category has" if len(rare) == 1 else f"{len(rare)} categories have"
        rest = "1 row" if sum(rare) == 1 else f"{sum(rare):,} rows"
        given.fault(where, f"{words} no target, in {rest}", allowed)
    for label in found:
        if target.get(label) == 0:
            given.fault(where, f"category '{label}' has rows but its target is 0", "a target above 0")


def _shown(target: Mapping[object, float], most: int = 12) -> str:
    """Name the categories that have targets, the rest as a count."""
    names = [f"'{label}'" for label in target]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def limits(
    given: Inputs,
    start: FloatArray,
    mean: float,
    bounds: tuple[float, float] | None,
    trim: float | tuple[float, float] | None,
) -> tuple[FloatArray | None, FloatArray | None]:
    """Turn limits on the factor and on the weight itself into limits of each row's weight.

    Parameters
    ----------
    given : Inputs
        Collector of what is wrong; raised here.
    start : ndarray
        Starting weights.
    mean : float
        Mean of the final weights.
    bounds : (float, float), optional
        Lowest and highest factor from starting to final weight, starting weights taken with that mean.
    trim : float or (float, float), optional
        Highest, or lowest and highest, final weight as a multiple of the mean weight.

    Returns
    -------
    tuple of ndarray or None
        Lower and upper limit for each row.

    Raises
    ------
    ParamError
        Limits that do not lie on both sides of 1.
    """
    low, high = np.zeros(start.size), np.full(start.size, np.inf)
    pair = (0.0, float(trim)) if isinstance(trim, int | float) else trim
    for name, ends, unit in (("bounds", bounds, start * (mean / start.mean())), ("trim", pair, mean)):
        if ends is None:
            continue
        if not 0 <= ends[0] <= 1 <= ends[1]:
            given.params.append(
                Problem(name, f"is {ends}", "a lower limit of 0 to 1 and an upper one above 1")
            )
            continue
        low, high = np.maximum(low, ends[0] * unit), np.minimum(high, ends[1] * unit)
    if given.params:
        raise ParamError(given.params)
    return (None, None) if bounds is None and trim is None else (low, high)


def crossed_cells(given: Inputs, columns: Mapping[str, Labels]) -> npt.NDArray[np.object_]:
    """Give each row the tuple of its categories; built once per cell, not once per row."""
    cell = np.zeros(given.length, np.intp)
    names: list[tuple[object, ...]] = [()]
    for name, labels in columns.items():
        codes, found = given.codes(labels, f"margin '{name}'")
        given.raise_all()
        seen, cell = np.unique(cell * len(found) + codes, return_inverse=True)
        names = [(*names[pair // len(found)], found[pair % len(found)]) for pair in seen]
    lookup = np.empty(len(names), dtype=object)
    for number, cell_name in enumerate(names):  # assigned whole, numpy would unpack the tuples
        lookup[number] = cell_name
    crossed: npt.NDArray[np.object_] = lookup[cell]
    return crossed
