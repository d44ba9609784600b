"""A weighted table of rows by columns: each share with its interval, each column with its base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from journey_lib.errors import DataError, Problem
from journey_lib.stats.estimate import Estimates, Sample
from journey_lib.stats.inputs import FloatArray, Inputs, IntArray, Labels, added
from journey_lib.stats.linearisation import Lonely

if TYPE_CHECKING:
    from journey_lib.stats.weights import Weights


@dataclass(frozen=True, eq=False)
class Crosstab:
    """Shares of the rows within each column; what `crosstab` returns.

    Attributes
    ----------
    rows, columns : tuple
        Categories, empty ones included.
    n : ndarray of int, columns
        Answers each column rests on; those of weight 0 do not count.
    n_effective : ndarray, columns
        Their effective size (Kish).
    count : ndarray, rows × columns
        Sums of weights.
    n_cell : ndarray of int, rows × columns
        Answers in the cell.
    share, std_error, ci_low, ci_high : ndarray, rows × columns
        Share of the column that is in the row, 0–1; NaN where not estimable.
    total : Estimates
        The shares of all columns together, one entry a row.
    level : float
        Confidence level.
    """

    rows: tuple[Any, ...]
    columns: tuple[Any, ...]
    n: IntArray
    n_effective: FloatArray
    count: FloatArray
    n_cell: IntArray
    share: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    total: Estimates
    level: float
    sample: Sample = field(repr=False)
    answers: FloatArray = field(repr=False)
    codes: IntArray = field(repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One line a cell: `row column n_cell n n_effective count share std_error ci_low ci_high`."""
        height, width = self.share.shape
        names = ("n_cell", "count", "share", "std_error", "ci_low", "ci_high")
        bases = {"n": np.tile(self.n, height), "n_effective": np.tile(self.n_effective, height)}
        labels = {
            "row": pd.Index(self.rows).take(np.repeat(np.arange(height), width)),
            "column": pd.Index(self.columns).take(np.tile(np.arange(width), height)),
        }
        return pd.DataFrame({**labels, **bases, **{name: getattr(self, name).ravel() for name in names}})


def crosstab(
    row_codes: npt.ArrayLike | pd.Series | pd.DataFrame,
    column_codes: Labels,
    weights: npt.ArrayLike | None = None,
    *,
    rows: Sequence[Any] | None = None,
    columns: Sequence[Any] | None = None,
    strata: Labels | None = None,
    psu: Labels | Sequence[Labels] | None = None,
    fpc: npt.ArrayLike | Sequence[npt.ArrayLike] | None = None,
    calibration: Weights | None = None,
    lonely: Lonely = "error",
    level: float = 0.95,
    sample: Sample | None = None,
) -> Crosstab:
    """Return which share of each column is in each row, with intervals that know weights and design.

    Parameters
    ----------
    row_codes : array-like, or rows × options
        Category of each respondent; or, for a question with several answers, a matrix of 1 (ticked), 0 (not
        ticked) and NaN (not asked), one column an option. Missing values leave the base.
    column_codes : array-like
        Banner category of each respondent; missing values stand in no column.
    weights, strata, psu, fpc, calibration, lonely, level
        As in `estimate.mean`.
    rows, columns : sequence, optional
        All categories in their order, also those nobody chose; sorted values of the data when left out.
    sample : Sample, optional
        Weights and design read before, in place of the arguments above.

    Returns
    -------
    Crosstab

    Raises
    ------
    DataError, ParamError
        As in `estimate.mean`; a value that `rows` or `columns` does not list.

    Definition
    ----------
    Each cell is the weighted share of a domain, its error from one linearisation over all rows of the design:
    nothing is subset. Intervals as in `estimate.proportion`.

    Units and missing data
    ----------------------
    Shares 0–1. A respondent without row or column category leaves the base, not the design.

    Source
    ------
    Särndal, C.-E., Swensson, B. and Wretman, J. (1992), Model Assisted Survey Sampling. Agrees with R's
    `survey::svyby(~row, ~column, svymean)`.

    Examples
    --------
    >>> made = crosstab(["yes", "no", "yes", "yes"], ["a", "a", "b", "b"], [1, 3, 1, 1])
    >>> made.rows, made.share.tolist()
    (('no', 'yes'), [[0.75, 0.0], [0.25, 1.0]])
    """
    options, labels = _rows(row_codes, rows)
    codes, banner = coded(column_codes, columns, "columns")
    if len(codes) != len(options):
        given = f"{len(codes):,} columns codes for {len(options):,} row codes"
        raise DataError(Problem("column_codes", given, "one for each respondent"))
    made = sample or Sample(
        len(options), weights, strata=strata, psu=psu, fpc=fpc, calibration=calibration, lonely=lonely,
        level=level,
    )  # fmt: skip
    cells = made.by_domain_of_each("proportion", list(options.T), codes, len(banner))
    inside = np.where((codes >= 0), 0, -1)
    whole = _joined(made.by_domain_of_each("proportion", list(options.T), inside, 1))
    names = ("estimate", "std_error", "ci_low", "ci_high")
    found = {name: _stacked(cells, name, len(banner)) for name in names}
    n, effective, count, n_cell = _bases(options, codes, made, len(banner))
    return Crosstab(
        labels, banner, n, effective, count, n_cell, found["estimate"], found["std_error"],
        found["ci_low"], found["ci_high"], whole, made.level, made, options, codes,
    )  # fmt: skip


def coded(values: Labels, categories: Sequence[Any] | None, where: str) -> tuple[IntArray, tuple[Any, ...]]:
    """Return places in the categories (−1 where missing), and the categories themselves.

    Raises
    ------
    DataError
        A value that is not among the categories, with how often; never which.
    """
    series = pd.Series(values) if isinstance(values, pd.Series | pd.Index) else pd.Series(np.asarray(values))
    series = series.reset_index(drop=True)
    known = series.notna()
    if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series):
        known &= series >= 0 if categories is None else True
    found = tuple(sorted(series[known].unique())) if categories is None else tuple(categories)
    codes = pd.Index(found).get_indexer(pd.Index(series)) if len(found) else np.full(len(series), -1)
    strange = int((known.to_numpy() & (codes < 0)).sum())
    if strange:
        allowed = ", ".join(map(str, found))
        raise DataError(Problem(where, f"{strange:,} values are none of the categories", allowed))
    return np.where(known, codes, -1).astype(np.intp), found


def _rows(
    row_codes: npt.ArrayLike | pd.Series | pd.DataFrame, rows: Sequence[Any] | None
) -> tuple[FloatArray, tuple[Any, ...]]:
    """Return an indicator for each category and respondent, NaN outside the base, and the categories."""
    if np.ndim(row_codes) == 2:
        names = (
            tuple(row_codes.columns) if isinstance(row_codes, pd.DataFrame) else range(np.shape(row_codes)[1])
        )
        matrix = np.asarray(row_codes)
        given = Inputs(len(matrix))
        read = [given.numbers(matrix[:, at], f"option {name}") for at, name in enumerate(names)]
        given.raise_all()
        labels = tuple(rows) if rows is not None else tuple(names)
        if len(labels) != len(read):
            raise DataError(Problem("rows", f"{len(labels)} names for {len(read)} options", "one each"))
        return np.column_stack(read), labels
    codes, labels = coded(row_codes, rows, "rows")
    options = (codes[:, None] == np.arange(len(labels))).astype(float)
    options[codes < 0] = np.nan
    return options, labels


def _stacked(cells: list[Estimates], name: str, width: int) -> FloatArray:
    if not cells:
        return np.zeros((0, width))
    return np.stack([getattr(cell, name) for cell in cells])


def _joined(estimates: list[Estimates]) -> Estimates:
    """Put estimates of one domain each one under another."""
    names = Estimates.__dataclass_fields__
    return Estimates(
        *(np.concatenate([getattr(one, name) for one in estimates] or [np.zeros(0)]) for name in names)
    )


def _bases(
    options: FloatArray, codes: IntArray, sample: Sample, width: int
) -> tuple[IntArray, FloatArray, FloatArray, IntArray]:
    """Return answers and effective answers of each column, and sums of weights and answers of each cell."""
    weights = sample.weights
    counted = (codes >= 0) & (weights > 0) & ~np.isnan(options).all(axis=1)
    at, used = codes[counted], weights[counted]
    n = np.bincount(at, minlength=width)
    sums, squares = (added(at, values, width) for values in (used, used**2))
    effective: FloatArray = np.divide(sums**2, squares, out=np.zeros(width), where=squares > 0)
    ticked = np.nan_to_num(options[counted])
    count = np.array([added(at, used * one, width) for one in ticked.T]).reshape(-1, width)
    cell = np.array([added(at, one, width) for one in ticked.T]).reshape(-1, width)
    return n, effective, count, cell.astype(np.intp)
