"""Making weights: raking, post-stratification, linear calibration, and joining sets made apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from journey_lib.errors import DataError, Problem
from journey_lib.stats.calibrating import fit_linear
from journey_lib.stats.inputs import FloatArray, Inputs, Labels, row_count
from journey_lib.stats.margins import from_codes, together
from journey_lib.stats.raking import Margin, Missing, crossed_cells, limits, margins_from, rake_to
from journey_lib.stats.weights.value import Weights, described

_THIN = 20


def rake(
    groups: Mapping[str, Labels],
    targets: Mapping[str, Mapping[Hashable, float]],
    start: npt.ArrayLike | None = None,
    *,
    bounds: tuple[float, float] | None = None,
    trim: float | tuple[float, float] | None = None,
    missing: Missing = "error",
) -> Weights:
    """Find weights that make several margins of the sample agree with the population's at once.

    Parameters
    ----------
    groups : mapping of str to array-like
        Category of each row in each margin.
    targets : mapping of str to mapping
        Share of each category (each margin sums to 1) or its total (all margins sum to the same).
    start : array-like, optional
        Starting weights above 0; 1 each by default.
    bounds : (float, float), optional
        Lowest and highest factor from starting to final weight (both taken with the same mean).
    trim : float or (float, float), optional
        Highest, or lowest and highest, final weight as a multiple of the mean weight.
    missing : {"error", "own level"}
        A row without a category is an error, or forms a level that keeps its present share.

    Returns
    -------
    Weights
        Final weights with mean 1 for shares, or summing to the population total for totals.

    Raises
    ------
    DataError
        Targets and rows that contradict each other, margins that are not met, limits that cannot hold.
    ParamError
        Limits that do not lie on both sides of 1.

    Definition
    ----------
    Weights are multiplied by target / current, margin after margin, until no category is
    more than 1e-8 off (500 sweeps at most). With limits, weights are clipped and raked again until both hold.

    Units and missing data
    ----------------------
    See `targets` and `missing`.

    Source
    ------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11; Deville, Särndal and
    Sautory (1993), JASA 88, for the errors that go with it.

    Examples
    --------
    >>> made = rake({"plan": ["a", "a", "a", "b"]}, {"plan": {"a": 0.5, "b": 0.5}})
    >>> made.values.round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    given, first = _started(groups, start)
    margins, _ = margins_from(given, groups, targets, first, missing=missing)
    low, high = limits(given, first, float(margins[0].totals.sum()) / given.length, bounds, trim)
    fit = rake_to(margins, first, low=low, high=high)
    held = from_codes([m.codes for m in margins], [m.totals.size for m in margins], first)
    return described(
        fit.weights,
        first,
        held,
        share_trimmed=float(fit.trimmed.mean()),
        error=fit.margin_error,
        sweeps=fit.sweeps,
        notes=_thin_cells(margins),
    )


def post_stratify(
    groups: Mapping[str, Labels] | Labels,
    targets: Mapping[Hashable, float] | Mapping[str, Mapping[Hashable, float]],
    start: npt.ArrayLike | None = None,
) -> Weights:
    """Find weights that give each cell of one classification its known size.

    Parameters
    ----------
    groups : array-like, or mapping of str to array-like
        Cell of each row; several variables are crossed.
    targets : mapping
        Size or share of each cell, keyed by category, or by a tuple of categories when crossed. A single
        variable may also be given as `{name: {category: size}}`.
    start : array-like, optional
        Starting weights above 0; 1 each by default.

    Returns
    -------
    Weights
        Final weights; cells of fewer than 20 rows are listed in `diagnostics["notes"]`.

    Raises
    ------
    DataError
        Every cell that has a size but no row, or rows but no size.

    Definition
    ----------
    Each weight is multiplied by the size of its cell over the cell's sum of weights.

    Units and missing data
    ----------------------
    Rows without a cell are an error.

    Source
    ------
    Holt and Smith (1979), Journal of the Royal Statistical Society A 142.

    Examples
    --------
    >>> post_stratify(["a", "b", "b"], {"a": 30, "b": 10}).values.tolist()
    [30.0, 5.0, 5.0]
    """
    columns = dict(groups) if isinstance(groups, Mapping) else {"cell": groups}
    nested = set(targets) == set(columns) and all(isinstance(of, Mapping) for of in targets.values())
    sizes = next(iter(targets.values())) if nested and len(columns) == 1 else targets
    name = " × ".join(columns)
    if len(columns) == 1:
        return rake({name: next(iter(columns.values()))}, {name: sizes}, start)  # type: ignore[dict-item]
    given, _ = _started(columns, start)
    cells = crossed_cells(given, columns)
    return rake({name: cells}, {name: sizes}, start)  # type: ignore[dict-item]


def calibrate(
    X: npt.ArrayLike,
    totals: npt.ArrayLike,
    start: npt.ArrayLike | None = None,
    names: Sequence[str] = (),
) -> Weights:
    """Find the weights closest to the starting ones that reproduce known population totals.

    Parameters
    ----------
    X : array-like, rows × variables
        Calibration variables; include a column of ones to fix the population size.
    totals : array-like
        Population total of each variable.
    start : array-like, optional
        Starting weights above 0; 1 each by default.
    names : sequence of str
        Names of the variables, for messages.

    Returns
    -------
    Weights
        Final weights.

    Raises
    ------
    DataError
        Shapes that do not fit, missing values, totals that contradict each other, and weights that
        would have to be 0 or negative.

    Definition
    ----------
    Each weight is multiplied by 1 + x'λ, with λ solving the calibration equations: the general
    regression estimator.

    Units and missing data
    ----------------------
    Totals in the variables' own units; missing values are an error.

    Source
    ------
    Deville and Särndal (1992), JASA 87.

    Examples
    --------
    >>> calibrate([[1, 0], [1, 0], [1, 1]], [10, 4]).values.tolist()
    [3.0, 3.0, 4.0]
    """
    values, first, held, error = fit_linear(X, totals, start, names)
    return described(values, first, held, error=error, sweeps=1)


def combine(parts: Sequence[tuple[npt.ArrayLike, Weights]], n: int) -> Weights:
    """Join weights that were made apart, wave by wave, into one set.

    Parameters
    ----------
    parts : sequence of (array-like, Weights)
        Row numbers (or a boolean mask) of each part and its weights.
    n : int
        Number of rows of the whole.

    Returns
    -------
    Weights
        Whose margins are part × margin: each part keeps its own regression.

    Raises
    ------
    DataError
        Rows that no part or more than one part covers, or a part of another length than its rows.

    Definition
    ----------
    Margin dummies are placed block by block, so the residuals of one part never see another part.

    Units and missing data
    ----------------------
    As in the parts; each part keeps its own mean. A part without margins keeps plain errors.

    Source
    ------
    Deville and Särndal (1992), JASA 87: calibration on part × margin.

    Examples
    --------
    >>> from journey_lib.stats.weights import of
    >>> glued = combine([([0, 2], of([1.0, 2.0])), ([1], of([5.0]))], 3)
    >>> glued.values.tolist()
    [1.0, 5.0, 2.0]
    """
    placed = [(_row_numbers(rows, n), part) for rows, part in parts]
    _check_cover(placed, n)
    values, start = np.empty(n), np.empty(n)
    for rows, part in placed:
        values[rows], start[rows] = part.values, part.start
    held = together([(rows, part.margins) for rows, part in placed], start)
    told = [part.diagnostics for _, part in placed]
    trimmed = sum(part.diagnostics["share_trimmed"] * rows.size for rows, part in placed)
    return described(
        values,
        start,
        held,
        share_trimmed=trimmed / n if n else 0.0,
        error=max((one["margin_error"] for one in told), default=0.0),
        sweeps=max((one["sweeps"] for one in told), default=0),
        notes=tuple(note for one in told for note in one["notes"]),
    )


def _started(groups: Mapping[str, Labels], start: npt.ArrayLike | None) -> tuple[Inputs, FloatArray]:
    first = next(iter(groups.values()), ())
    given = Inputs(row_count(first, "groups"))
    if not given.length:
        given.fault("groups", "there is no row to weight")
    weights = given.weights(start, "start", zero=False)
    given.raise_all()
    return given, weights


def _thin_cells(margins: Sequence[Margin]) -> tuple[str, ...]:
    return tuple(
        f"margin '{margin.name}': category '{label}' has {count} rows, under {_THIN}; consider merging it"
        for margin in margins
        for label, count in zip(margin.labels, margin.counts(), strict=True)
        if count < _THIN
    )


def _row_numbers(rows: npt.ArrayLike, n: int) -> npt.NDArray[np.intp]:
    read = np.asarray(rows)
    if read.dtype == np.bool_ and read.shape == (n,):
        return np.flatnonzero(read)
    if read.ndim != 1 or (read.size and read.dtype.kind not in "iu"):
        raise DataError(Problem("parts", "rows are not row numbers", f"integers, or {n} booleans"))
    return read.astype(np.intp)


def _check_cover(placed: Sequence[tuple[npt.NDArray[np.intp], Weights]], n: int) -> None:
    problems = [
        Problem(f"part {i}", f"has {part.values.size} weights for {rows.size} rows", "one for each row")
        for i, (rows, part) in enumerate(placed, start=1)
        if part.values.size != rows.size
    ]
    every = np.concatenate([rows for rows, _ in placed]) if placed else np.zeros(0, np.intp)
    if every.size != n or np.any(np.sort(every) != np.arange(every.size)):
        problems.append(Problem("parts", f"do not cover each of {n} rows exactly once", "every row once"))
    if problems:
        raise DataError(problems)
