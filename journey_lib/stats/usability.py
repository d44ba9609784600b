"""How usable people found a product and how they got on with its tasks: SUS, UMUX-Lite, success and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inputs import Inputs
from journey_lib.stats.intervals import t_quantile

if TYPE_CHECKING:
    import numpy.typing as npt

    from journey_lib.stats.inputs import FloatArray

_SUS, _UMUX_LITE = (10, 1, 5), (2, 1, 7)  # items, lowest and highest answer
MISSING = ("leave_out", "centre")


def sus(items: npt.ArrayLike, *, missing: str = "leave_out") -> FloatArray:
    """Return how usable each respondent found the product, from 0 to 100.

    Parameters
    ----------
    items : array of shape (respondents, 10)
        Answers 1–5 as given, in the published order of the items; NaN where unanswered.
    missing : {"leave_out", "centre"}
        `leave_out`: no score for a respondent with an unanswered item. `centre`: an unanswered item counts
        as the centre point 3, as Brooke asks respondents to mark it; without any answer there is no score.

    Returns
    -------
    ndarray
        One score a respondent, NaN where there is none.

    Raises
    ------
    DataError
        If there are not ten columns of answers 1–5.
    ParamError
        If `missing` is unknown.

    Definition
    ----------
    2.5 × the sum of (answer − 1) over odd items and (5 − answer) over even items.

    Units and missing data
    ----------------------
    Points from 0 to 100; not a percentage, and not a percentile.

    Source
    ------
    Brooke, J. (1996), SUS: a "quick and dirty" usability scale, in Usability Evaluation in Industry.

    Examples
    --------
    >>> sus([[5, 4, 2, 1, 2, 3, 2, 4, 5, 2]]).tolist()
    [55.0]
    """
    given = Inputs(len(np.atleast_2d(np.asarray(items))))
    given.word(missing, MISSING, "missing")
    answers = _answers(given, items, *_SUS)
    if missing == "centre":
        answers = np.where(np.isnan(answers) & ~np.isnan(answers).all(axis=1, keepdims=True), 3.0, answers)
    odd, even = answers[:, ::2] - 1, 5 - answers[:, 1::2]
    score: FloatArray = 2.5 * (odd.sum(axis=1) + even.sum(axis=1))
    return score


def umux_lite(items: npt.ArrayLike) -> FloatArray:
    """Return how usable each respondent found the product, from 0 to 100, from two answers.

    Parameters
    ----------
    items : array of shape (respondents, 2)
        Answers 1–7 to "meets my requirements" and "is easy to use"; NaN where unanswered.

    Returns
    -------
    ndarray
        One score a respondent, NaN where an item is unanswered. It is not on the level of SUS: see
        `umux_lite_regressed`.

    Raises
    ------
    DataError
        If there are not two columns of answers 1–7.

    Definition
    ----------
    (sum of both answers − 2) × 100 / 12.

    Units and missing data
    ----------------------
    Points from 0 to 100.

    Source
    ------
    Lewis, J. R., Utesch, B. S. and Maher, D. E. (2013), UMUX-LITE: when there's no time for the SUS, CHI '13.

    Examples
    --------
    >>> umux_lite([[7, 7], [4, 4], [1, 1]]).tolist()
    [100.0, 50.0, 0.0]
    """
    given = Inputs(len(np.atleast_2d(np.asarray(items))))
    answers = _answers(given, items, *_UMUX_LITE)
    score: FloatArray = (answers.sum(axis=1) - 2) * (100 / 12)
    return score


def umux_lite_regressed(items: npt.ArrayLike) -> FloatArray:
    """Return the SUS score that two UMUX-Lite answers predict (UMUX-LITEr).

    Parameters
    ----------
    items : array of shape (respondents, 2)
        As for `umux_lite`.

    Returns
    -------
    ndarray
        One predicted score a respondent, between 22.9 and 87.9.

    Raises
    ------
    DataError
        If there are not two columns of answers 1–7.

    Definition
    ----------
    0.65 × UMUX-Lite + 22.9.

    Units and missing data
    ----------------------
    Points of SUS; NaN where an item is unanswered.

    Source
    ------
    Lewis, Utesch and Maher (2013); checked on new data in Lewis, Utesch and Maher (2015), Investigating the
    correspondence between UMUX-LITE and SUS scores.

    Examples
    --------
    >>> umux_lite_regressed([[7, 7], [1, 1]]).round(1).tolist()
    [87.9, 22.9]
    """
    return 0.65 * umux_lite(items) + 22.9


def task_success(
    successes: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return which share completes a task, and the adjusted Wald interval that holds for few people too.

    Parameters
    ----------
    successes, n : array
        How many succeeded out of how many who tried; both may be effective numbers with fractions.
    level : float
        Confidence level.

    Returns
    -------
    share, low, high : ndarray
        The share as counted, and its limits, cut at 0 and 1; NaN where nobody tried.

    Raises
    ------
    DataError
        If there are more successes than attempts, or a number is negative.
    ParamError
        If `level` is not between 0 and 1.

    Definition
    ----------
    Wald's interval around (successes + z²/2) / (n + z²), as of n + z² attempts.

    Units and missing data
    ----------------------
    Shares from 0 to 1.

    Source
    ------
    Agresti, A. and Coull, B. (1998), The American Statistician 52. Sauro, J. and Lewis, J. R. (2005),
    Estimating completion rates from small samples, Proceedings of the HFES 49.

    Examples
    --------
    >>> [round(x.item(), 2) for x in task_success(4, 5)]
    [0.8, 0.36, 0.98]
    """
    from scipy.special import ndtri

    hits, tries = np.broadcast_arrays(np.atleast_1d(successes), np.atleast_1d(n))
    given = Inputs(len(tries))
    z2 = ndtri(0.5 + given.level(level) / 2) ** 2
    done, tried = given.numbers(hits, "successes"), given.numbers(tries, "n")
    if (wrong := (done < 0) | (done > tried * (1 + 1e-12))).any():
        given.fault("successes", f"{int(wrong.sum())} of {len(tries)} lie outside 0 to n", "0 to n")
    given.raise_all()
    tried = np.where(tried > 0, tried, np.nan)
    middle = (done + z2 / 2) / (tried + z2)
    half = np.sqrt(z2 * middle * (1 - middle) / (tried + z2))
    return done / tried, np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def time_on_task(seconds: npt.ArrayLike, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return how long a task typically takes: the geometric mean, with its t interval on the log scale.

    Parameters
    ----------
    seconds : array
        One time a person, more than 0; NaN where there is none.
    level : float
        Confidence level.

    Returns
    -------
    mean, low, high : float
        NaN where nobody was timed; limits NaN below two times.

    Raises
    ------
    DataError
        If a time is 0 or less.
    ParamError
        If `level` is not between 0 and 1.

    Definition
    ----------
    exp(mean ± t × sd / √n) of the natural logarithms, t with n − 1 degrees of freedom.

    Units and missing data
    ----------------------
    The unit of the times given; times of failed attempts belong out of them.

    Source
    ------
    Sauro, J. and Lewis, J. R. (2010), Average task times in usability tests: what to report?, CHI '10.

    Examples
    --------
    >>> [round(x) for x in time_on_task([55, 65, 75, 62, 45, 135])]
    [68, 46, 101]
    """
    times = np.atleast_1d(np.asarray(seconds, dtype=float))
    given = Inputs(len(times))
    given.level(level)
    known = given.numbers(times, "seconds")
    if short := int((known <= 0).sum()):
        given.fault("seconds", f"{short} of {len(times)} are 0 or less", "times of more than 0")
    given.raise_all()
    logs = np.log(known[~np.isnan(known)])
    if not logs.size:
        return np.nan, np.nan, np.nan
    middle, n = float(logs.mean()), logs.size
    error = float(logs.std(ddof=1)) / np.sqrt(n) if n > 1 else np.nan
    margin = t_quantile(level, np.array([n - 1.0])).item() * error
    return float(np.exp(middle)), float(np.exp(middle - margin)), float(np.exp(middle + margin))


def _answers(given: Inputs, items: npt.ArrayLike, width: int, low: int, high: int) -> FloatArray:
    """Read the answers of a questionnaire; all that is wrong with them is raised at once."""
    found = np.atleast_2d(np.asarray(items))
    if found.shape[1:] != (width,):
        given.fault("items", f"has shape {found.shape}", f"one column for each of the {width} items")
        given.raise_all()
    columns = []
    for place in range(width):
        column = given.numbers(found[:, place], f"item {place + 1}")
        given.choices(
            column, range(low, high + 1), f"item {place + 1}", f"{low} to {high}, NaN where missing"
        )
        columns.append(column)
    given.raise_all()
    return np.column_stack(columns)
