"""How far a standard error made of uneven weights can be trusted: degrees of freedom that know weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from journey_lib.stats.inputs import added, summed

if TYPE_CHECKING:
    from journey_lib.stats.inputs import FloatArray, IntArray
    from journey_lib.stats.linearisation import Design, Stage

Degrees = Literal["design", "equivalent"]


def equivalent(design: Design, shares: FloatArray) -> float:
    """Say how many equally weighted answers would give as steady a standard error.

    Counting sampling units takes every answer for as telling as the next. Where a few heavy weights carry
    the variance, it varies as if there were far fewer, and t intervals on counted units are too short: most
    of all in the tail, where corrected comparisons look.

    Parameters
    ----------
    design : Design
        Sampling units and strata of all rows.
    shares : ndarray
        What each row's answer contributes to the estimate: weight over sum of weights, 0 outside.

    Returns
    -------
    float
        Never more than the counted degrees of freedom of a design with these units; NaN where nothing varies.

    Definition
    ----------
    Satterthwaite's 2 V² over var(V) for independent, equally spread answers: a sampling unit's part a is the
    sum of its squared shares. With n units a stratum and k what its finite population leaves times n/(n − 1),
    the first stage gives (Σ k T)² / Σ k² U; T = Σa (n − 1)/n, U = Σa² (n − 2)/n + (Σa)²/n².

    Units and missing data
    ----------------------
    Rows without an answer have share 0 and stay in the design.

    Source
    ------
    Potthoff, Woodbury and Manton (1992), "Equivalent sample size" and "equivalent degrees of freedom",
    JASA 87; Satterthwaite (1946), Biometrics Bulletin 2.

    Examples
    --------
    >>> from journey_lib.stats.inputs import Inputs
    >>> from journey_lib.stats.sampling import design
    >>> equal, uneven = np.full(8, 1 / 8), np.array([9, 1, 1, 1, 1, 1, 1, 1]) / 16
    >>> round(equivalent(design(Inputs(8), equal), equal), 6)
    7.0
    >>> round(equivalent(design(Inputs(8), uneven), uneven), 2)
    1.17
    """
    rows = np.flatnonzero(shares)
    return float(equivalent_of_each(design, rows, np.zeros(rows.size, np.intp), shares[rows], 1)[0])


def equivalent_of_each(
    design: Design, rows: IntArray, columns: IntArray, shares: FloatArray, width: int
) -> FloatArray:
    """Return what `equivalent` returns for each of many estimates at once.

    Parameters
    ----------
    design : Design
        Sampling units and strata of all rows.
    rows, columns : ndarray of int
        Row of the design and number of the estimate of each share; no row twice for one estimate.
    shares : ndarray
        What the row's answer contributes to that estimate.
    width : int
        Number of estimates.

    Returns
    -------
    ndarray
        One entry for each estimate; NaN where nothing varies.
    """
    stage = design.stages[0]
    cell, part = stage.unit[rows] * width + columns, np.square(shares)
    if not stage.of_rows:
        cell, part = summed(cell, part, stage.stratum_of_unit.size * width)
    unit, column = np.divmod(cell, width)
    at = stage.stratum_of_unit[unit] * width + column
    shape = (stage.units.size, width)
    whole = added(at, part, shape[0] * width).reshape(shape)
    squares = added(at, np.square(part), shape[0] * width).reshape(shape)
    return _satterthwaite(stage, whole, squares)


def equivalent_of_totals(design: Design, parts: FloatArray) -> FloatArray:
    """Return the same from the squared shares of every unit, units × estimates, already added up."""
    stage = design.stages[0]
    return _satterthwaite(stage, stage.by_stratum(parts), stage.by_stratum(np.square(parts)))


def _satterthwaite(stage: Stage, whole: FloatArray, squares: FloatArray) -> FloatArray:
    """Return degrees of freedom from sums of parts and of their squares, strata × estimates."""
    n = stage.units[:, None]
    left = (stage.unsampled * stage.units / np.maximum(stage.units - 1, 1))[:, None]
    mean = (left * whole * (n - 1) / n).sum(axis=0)
    variance = (np.square(left) * (squares * (n - 2) / n + np.square(whole / n))).sum(axis=0)
    found = np.full(mean.size, np.nan)
    np.divide(np.square(mean), variance, out=found, where=variance > 0)
    return found
