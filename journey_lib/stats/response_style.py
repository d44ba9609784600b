"""How people use a rating scale, whatever they rate, and scores without that habit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.errors import DataError, ParamError, Problem

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray, IntArray

FEWEST: Final = 8  # answers from which a person's own mean and spread can be told


@dataclass(frozen=True, eq=False)
class Style:
    """What `response_style` returns: one value a person, NaN for people with too few answers.

    Attributes
    ----------
    extreme, middle : ndarray of float
        Share of a person's answers at the two ends, and at the midpoint (NaN on a scale without one).
    agreement : ndarray of float
        Share of answers above the midpoint less the share below, −1 to 1.
    spread : ndarray of float
        Standard deviation of a person's answers.
    level, own_level : ndarray of float
        Mean answer, and its distance from the midpoint in the person's own spread.
    answered : ndarray of int
        Answers of every person, also of those with too few.
    """

    extreme: FloatArray
    middle: FloatArray
    agreement: FloatArray
    spread: FloatArray
    level: FloatArray
    own_level: FloatArray
    answered: IntArray


def response_style(ratings: npt.ArrayLike, scale: tuple[float, float], *, fewest: int = FEWEST) -> Style:
    """Say how each person uses the scale: its ends, its middle, its upper half.

    Parameters
    ----------
    ratings : array_like of float, people × items
        Answers as given, items worded in reverse not turned; NaN where missing. All on one scale.
    scale : (float, float)
        Lowest and highest answer.
    fewest : int
        Answers a person needs, at least 2.

    Returns
    -------
    Style

    Raises
    ------
    ParamError
        A scale without room, or fewer than two answers asked for.
    DataError
        Ratings that are no table, or an answer beyond the scale.

    Definition
    ----------
    Extreme, middle and net acquiescence shares over a person's answers. Own level: (mean − midpoint) /
    spread. Where a habit stretches answers away from the midpoint, mean and spread stretch alike and their
    ratio does not.

    Units and missing data
    ----------------------
    Shares 0–1, agreement −1 to 1, own level in the person's standard deviations (n − 1); NaN there where all
    answers are equal. Satisfied people also choose the upper end: compare extreme with middle use, and do
    not read agreement as a habit unless items are worded both ways.

    Source
    ------
    Baumgartner, H. and Steenkamp, J. (2001), Response styles in marketing research, Journal of Marketing
    Research 38. Fischer, R. (2004), Standardization to account for cross-cultural response bias, Journal of
    Cross-Cultural Psychology 35.

    Examples
    --------
    >>> found = response_style([[1, 5, 5, 3], [3, 3, 4, 2]], (1, 5), fewest=4)
    >>> found.extreme.tolist(), found.middle.tolist(), found.agreement.tolist()
    ([0.75, 0.0], [0.25, 0.5], [0.25, 0.0])
    """
    low, high = scale
    if not high > low:
        raise ParamError(Problem("scale", f"{low:g} to {high:g}", "a lowest answer below the highest"))
    table, n = _counted(ratings, fewest)
    if ((table < low) | (table > high)).any():
        raise DataError(Problem("ratings", "an answer lies beyond the scale", f"{low:g} to {high:g}"))
    half = (low + high) / 2
    enough = n >= fewest
    middle = _share(table == half, n, enough)
    if half % 1 and float(low).is_integer():
        middle = np.full(middle.shape, np.nan)
    mean, spread = _moments(table, n, enough)
    return Style(
        extreme=_share((table == low) | (table == high), n, enough),
        middle=middle,
        agreement=_share(table > half, n, enough) - _share(table < half, n, enough),
        spread=spread,
        level=mean,
        own_level=np.divide(mean - half, spread, out=np.full(n.size, np.nan), where=spread > 0),
        answered=n,
    )


def within_person(ratings: npt.ArrayLike, *, fewest: int = FEWEST) -> FloatArray:
    """Return each answer as its distance from the person's own mean, in the person's own spread.

    Parameters
    ----------
    ratings : array_like of float, people × items
        Answers on one scale; NaN where missing.
    fewest : int
        Answers a person needs, at least 2.

    Returns
    -------
    ndarray of float, people × items
        Mean 0 and standard deviation 1 (n − 1) over the answers of each person; NaN for missing answers and
        for people with too few or only equal answers.

    Raises
    ------
    ParamError
        Fewer than two answers asked for.
    DataError
        Ratings that are no table.

    Definition
    ----------
    (answer − own mean) / own standard deviation. Adding a constant to a person's answers, or multiplying
    them, changes nothing. So does being happier with everything: what is left is which items a person rates
    above the others.

    Source
    ------
    Fischer (2004), Journal of Cross-Cultural Psychology 35; Hofstede (1980), Culture's Consequences.

    Examples
    --------
    >>> within_person([[1, 3, 5], [2, 3, 4]], fewest=3).tolist()
    [[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]
    """
    table, n = _counted(ratings, fewest)
    mean, spread = _moments(table, n, n >= fewest)
    usable = np.where(spread > 0, spread, np.nan)
    scores: FloatArray = (table - mean[:, None]) / usable[:, None]
    return scores


def _counted(ratings: npt.ArrayLike, fewest: int) -> tuple[FloatArray, IntArray]:
    if fewest < 2:
        raise ParamError(Problem("fewest", f"{fewest}", "2 answers or more"))
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2:
        raise DataError(Problem("ratings", f"have {table.ndim} dimensions", "people by items"))
    return table, (~np.isnan(table)).sum(axis=1)


def _share(marked: npt.NDArray[np.bool_], n: IntArray, enough: npt.NDArray[np.bool_]) -> FloatArray:
    found: FloatArray = np.divide(marked.sum(axis=1), n, out=np.full(n.size, np.nan), where=enough)
    return found


def _moments(table: FloatArray, n: IntArray, enough: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of the people with enough answers."""
    none = np.full(n.size, np.nan)
    mean = np.divide(np.nansum(table, axis=1), n, out=none.copy(), where=enough)
    rest = np.nansum(np.square(table - mean[:, None]), axis=1)
    spread = np.sqrt(np.divide(rest, n - 1, out=none, where=enough))
    # The mean of equal answers is rounded, so their spread need not come out as 0.
    missing = np.isnan(table)
    equal = np.where(missing, np.inf, table).min(axis=1) == np.where(missing, -np.inf, table).max(axis=1)
    return mean, np.where(enough & equal, 0.0, spread)
