"""Which columns of a table differ: letters in the cells of the larger, and columns against the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from journey_lib.errors import ParamError, Problem, chosen
from journey_lib.stats.degrees import equivalent_of_each
from journey_lib.stats.estimate import Sample
from journey_lib.stats.inputs import FloatArray, IntArray
from journey_lib.stats.linearisation import Design, Scores
from journey_lib.stats.multiplicity import benjamini_hochberg, holm
from journey_lib.stats.tables.crosstab import Crosstab

Test = Literal["effective", "linearised"]
Correction = Literal["none", "bonferroni", "holm", "benjamini_hochberg"]
Pairs = Literal["all", "adjacent"]
CORRECTIONS = ("none", "bonferroni", "holm", "benjamini_hochberg")
TOO_FEW = 10  # effective answers below which a column gets no letters


@dataclass(frozen=True, eq=False)
class Letters:
    """Which pairs of columns differ.

    Attributes
    ----------
    names : tuple of str
        Letter of each column: A … Z, AA …
    cells : ndarray of str, rows × columns
        Letters of the columns this cell is larger than: capitals at `level`, small ones at `second`.
    p_value : ndarray, rows × columns × columns
        After the correction; NaN where a pair was not tested.
    tested : ndarray of bool, columns
        Columns with enough effective answers.
    words : str
        Test and correction, for the note under the table.
    """

    names: tuple[str, ...]
    cells: npt.NDArray[np.str_]
    p_value: FloatArray
    tested: npt.NDArray[np.bool_]
    words: str


@dataclass(frozen=True, eq=False)
class Means:
    """Means of a score by column, as `letters` takes them; made by `means`.

    Attributes
    ----------
    columns : tuple
        Categories of the banner.
    n, n_effective : ndarray
        Answers and effective answers.
    mean, std_dev : ndarray
        Weighted mean and standard deviation of each column.
    std_error, ci_low, ci_high : ndarray
        Linearised error and interval.
    """

    columns: tuple[Any, ...]
    n: IntArray
    n_effective: FloatArray
    mean: FloatArray
    std_dev: FloatArray
    std_error: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    sample: Sample = field(repr=False)
    answers: FloatArray = field(repr=False)
    codes: IntArray = field(repr=False)


def means(y: npt.ArrayLike, codes: IntArray, columns: Sequence[Any], sample: Sample) -> Means:
    """Return means of a score by column of a banner.

    Parameters
    ----------
    y : array-like
        Score of each respondent; NaN where missing.
    codes : ndarray of int
        Column of each respondent, −1 for none.
    columns : sequence
        Categories of the banner.
    sample : Sample
        Weights and design.

    Returns
    -------
    Means

    Examples
    --------
    >>> means([1.0, 3.0, 5.0], np.array([0, 0, 1]), ["a", "b"], Sample(3)).mean.tolist()
    [2.0, 5.0]
    """
    answers = np.asarray(y, float)
    found = sample.by_domain("mean", answers, codes, len(columns))
    valid = (codes >= 0) & ~np.isnan(answers)
    at, used, values = codes[valid], sample.weights[valid], answers[valid]
    weight = np.bincount(at, used, minlength=len(columns))
    squares = np.bincount(at, used * (values - found.estimate[at]) ** 2, minlength=len(columns))
    variance = np.divide(squares, weight, out=np.full(len(columns), np.nan), where=weight > 0)
    less = np.where(found.n_effective > 1, found.n_effective - 1, np.nan)
    spread = np.sqrt(variance * found.n_effective / less)
    return Means(
        tuple(columns), found.n, found.n_effective, found.estimate, spread, found.std_error, found.ci_low,
        found.ci_high, sample, answers, codes,
    )  # fmt: skip


def letters(
    table: Crosstab | Means,
    *,
    level: float = 0.95,
    second: float | None = 0.90,
    test: Test = "effective",
    correction: Correction = "none",
    pairs: Pairs = "all",
    blocks: Sequence[Any] | None = None,
) -> Letters:
    """Return letters that say which columns are larger than which.

    Parameters
    ----------
    table : Crosstab or Means
        Shares or means by column; the columns do not overlap.
    level, second : float
        Confidence for capitals, and the lower one for small letters; None for capitals only.
    test : {"effective", "linearised"}
        z (shares, pooled) or Welch's t (means) on effective bases, as tabulation software does it; or the
        joint linearisation of the design, which also knows clusters and calibration.
    correction : {"none", "bonferroni", "holm", "benjamini_hochberg"}
        For many comparisons: Bonferroni within each row (and block), the others over the whole table.
    pairs : {"all", "adjacent"}
        Every pair, or each column with the one before it, such as waves.
    blocks : sequence, optional
        Banner question of each column; only columns of one block are compared.

    Returns
    -------
    Letters
        The letter of the smaller column stands in the larger column's cell. A missing letter is not "equal".

    Raises
    ------
    ParamError
        An unknown word, or a second level that is not below the first.

    Definition
    ----------
    z = (p_a − p_b) / √(P (1 − P) (1/e_a + 1/e_b)), P pooled on effective bases e; for means Welch's t with e
    in place of n. Pairs where both shares are 0 or both are 1, and columns with an effective base below 10,
    are not tested. Tests use unrounded numbers.

    Units and missing data
    ----------------------
    p-values are two-sided.

    Source
    ------
    Kish, L. (1965), Survey Sampling, for effective bases. Welch, B. (1947), Biometrika 34.

    Examples
    --------
    >>> from journey_lib.stats.tables.crosstab import crosstab
    >>> made = crosstab([1] * 80 + [0] * 20 + [1] * 50 + [0] * 50, ["a"] * 100 + ["b"] * 100)
    >>> letters(made).cells.tolist()
    [['', 'A'], ['B', '']]
    """
    chosen("test", test, ("effective", "linearised"))
    chosen("correction", correction, CORRECTIONS)
    chosen("pairs", pairs, ("all", "adjacent"))
    if second is not None and not second < level:
        raise ParamError(Problem("second", f"{second}", f"a level below {level}, or None"))
    values = np.atleast_2d(table.share if isinstance(table, Crosstab) else table.mean)
    tested = table.n_effective >= TOO_FEW
    compared = _pairs(len(table.columns), pairs, blocks, tested)
    p = np.full((len(values), len(table.columns), len(table.columns)), np.nan)
    for a, b in compared:
        p[:, a, b] = p[:, b, a] = _p_values(table, a, b, test)
    p = _corrected(p, compared, correction)
    names = tuple(letter(at) for at in range(len(table.columns)))
    cells = _cells(values, p, names, level, second)
    return Letters(names, cells, p, tested, _words(test, correction, isinstance(table, Means)))


def versus_rest(table: Crosstab | Means) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return by how much each column differs from all other respondents of the table.

    Parameters
    ----------
    table : Crosstab or Means
        Its columns may be part of a total: the rest is everybody else, so nothing overlaps.

    Returns
    -------
    tuple of ndarray, rows × columns
        Difference of the shares or means, its standard error from one joint linearisation, and a two-sided
        p-value.

    Definition
    ----------
    p-values have equivalent degrees of freedom (`stats.degrees.equivalent`). Those of shares measure the
    difference by the error it would have if column and rest shared one share, as pooled tests do: the error
    of a small share is smallest exactly where chance made the share small.

    Examples
    --------
    >>> from journey_lib.stats.tables.crosstab import crosstab
    >>> made = crosstab([1] * 80 + [0] * 20 + [1] * 50 + [0] * 50, ["a"] * 100 + ["b"] * 100)
    >>> versus_rest(made)[0].round(2).tolist()
    [[-0.3, 0.3], [0.3, -0.3]]
    """
    answers = table.answers[:, None] if table.answers.ndim == 1 else table.answers
    pooled, width = isinstance(table, Crosstab), len(table.columns)
    found = [_against_rest(y, table.codes, width, table.sample.design, pooled=pooled) for y in answers.T]
    gap, error, under_null, df = (np.vstack(part) for part in zip(*found, strict=True))
    error[~(error > 0)] = np.nan
    under_null[np.isnan(error) | ~(under_null > 0)] = np.nan
    return gap, error, two_sided(gap / under_null, df)


def two_sided(t: FloatArray, df: FloatArray) -> FloatArray:
    """Return two-sided p-values of Student's t."""
    from scipy import special

    found: FloatArray = np.asarray(2 * special.stdtr(df, -np.abs(t)), np.float64)
    return found


def _against_rest(
    answers: FloatArray, codes: IntArray, columns: int, design: Design, *, pooled: bool
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return, for one row of a table, each column less the rest, its errors (as is, pooled) and degrees."""
    rows = np.flatnonzero((codes >= 0) & ~np.isnan(answers) & (design.weights > 0))
    w, y, at = design.weights[rows], answers[rows], codes[rows]
    inside, ticked = (np.bincount(at, values, minlength=columns) for values in (w, w * y))
    rest, others = inside.sum() - inside, ticked.sum() - ticked
    mine = at[:, None] == np.arange(columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, other, whole = ticked / inside, others / rest, ticked.sum() / inside.sum()
        weight = np.where(mine, w[:, None] / inside, -w[:, None] / rest)
    known = np.isfinite(share) & np.isfinite(other)
    weight[:, ~known] = 0.0
    centre = np.where(mine, np.where(known, share, 0.0), np.where(known, other, 0.0))
    place, column = np.repeat(rows, columns), np.tile(np.arange(columns), len(rows))

    def error(of: FloatArray) -> FloatArray:
        made = design.variance(Scores(place, column, ((y[:, None] - of) * weight).ravel()), columns)
        return np.where(known, np.sqrt(made), np.nan)

    as_found = error(centre)
    under_null = error(np.full_like(centre, whole)) if pooled else as_found
    counted = np.full(codes.size, -1, np.intp)
    counted[rows] = 0
    most = design.degrees_of_freedom(counted, 1)[0]
    df = np.fmin(most, equivalent_of_each(design, place, column, weight.ravel(), columns))
    return np.where(known, share - other, np.nan), as_found, under_null, df


def letter(place: int) -> str:
    """Return the letter of a column: A for 0, Z for 25, AA for 26.

    Examples
    --------
    >>> letter(0), letter(25), letter(26), letter(52)
    ('A', 'Z', 'AA', 'BA')
    """
    first, last = divmod(place, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def _pairs(
    width: int, pairs: Pairs, blocks: Sequence[Any] | None, tested: npt.NDArray[np.bool_]
) -> list[tuple[int, int]]:
    every = combinations(range(width), 2) if pairs == "all" else pairwise(range(width))
    block = list(blocks) if blocks is not None else [""] * width
    return [(a, b) for a, b in every if block[a] == block[b] and tested[a] and tested[b]]


def _p_values(table: Crosstab | Means, a: int, b: int, test: Test) -> FloatArray:
    """Return the p-values of one pair of columns, one a row."""
    if test == "linearised":
        kind: Literal["mean", "proportion"] = "mean" if isinstance(table, Means) else "proportion"
        answers = table.answers[:, None] if table.answers.ndim == 1 else table.answers
        sides = table.codes == a, table.codes == b
        return np.array([_linearised(table.sample, column, *sides, kind)[2] for column in answers.T])
    return _welch(table, a, b) if isinstance(table, Means) else _pooled(table, a, b)


def _pooled(table: Crosstab, a: int, b: int) -> FloatArray:
    from scipy import special

    ea, eb = table.n_effective[a], table.n_effective[b]
    first, second = table.share[:, a], table.share[:, b]
    pooled = (first * ea + second * eb) / (ea + eb)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / ea + 1 / eb))
    z = np.divide(first - second, spread, out=np.full_like(spread, np.nan), where=spread > 0)
    found: FloatArray = 2 * special.ndtr(-np.abs(z))
    return found


def _welch(table: Means, a: int, b: int) -> FloatArray:
    from scipy import special

    first, second = (table.std_dev[at] ** 2 / table.n_effective[at] for at in (a, b))
    if not first + second > 0:
        return np.array([math.nan])
    t = (table.mean[a] - table.mean[b]) / math.sqrt(first + second)
    ea, eb = table.n_effective[a] - 1, table.n_effective[b] - 1
    df = (first + second) ** 2 / (first**2 / ea + second**2 / eb)
    return np.array([2 * special.stdtr(df, -abs(t))])


def _linearised(
    sample: Sample,
    answers: FloatArray,
    first: np.ndarray,
    second: np.ndarray,
    kind: Literal["mean", "proportion"],
) -> tuple[float, float, float]:
    from scipy import special

    found = sample.difference(answers, first, second, kind=kind, degrees="equivalent")
    if not found.std_error > 0:
        return found.estimate, found.std_error, math.nan
    p = 2 * special.stdtr(found.df, -abs(found.estimate / found.std_error))
    return found.estimate, found.std_error, float(p)


def _corrected(p: FloatArray, compared: list[tuple[int, int]], correction: Correction) -> FloatArray:
    """Adjust p-values for the number of comparisons; both halves of the matrix stay the same."""
    if correction == "none" or not compared:
        return p
    a, b = np.array(compared).T
    given = p[:, a, b]
    if correction == "bonferroni":
        made = np.minimum(given * (~np.isnan(given)).sum(axis=1, keepdims=True), 1.0)
    else:
        adjust = holm if correction == "holm" else benjamini_hochberg
        made = adjust(given.ravel()).reshape(given.shape)
    found = p.copy()
    found[:, a, b] = found[:, b, a] = made
    return found


def _cells(
    values: FloatArray, p: FloatArray, names: tuple[str, ...], level: float, second: float | None
) -> npt.NDArray[np.str_]:
    """Return for each cell the letters of the smaller columns, in the columns' order."""
    larger = values[:, :, None] > values[:, None, :]
    capital = larger & (p < 1 - level)
    small = larger & (p < 1 - second) & ~capital if second is not None else np.zeros_like(capital)
    text = np.full(values.shape, "", dtype=object)
    for at, name in enumerate(names):
        text = text + np.where(capital[:, :, at], name, np.where(small[:, :, at], name.lower(), ""))
    return text.astype(str)


def _words(test: Test, correction: Correction, of_means: bool) -> str:  # noqa: FBT001
    how = {"effective": "Welch's t" if of_means else "pooled z", "linearised": "joint linearisation"}[test]
    base = " on effective bases" if test == "effective" else ""
    return f"{how}{base}; correction: {correction.replace('_', '-')}"
