"""How far a standard error made of uneven weights can be trusted: degrees of freedom that know weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from journey_lib.stats.inputs import added

if TYPE_CHECKING:
    from journey_lib.stats.inputs import FloatArray
    from journey_lib.stats.linearisation import Design


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
    stage = design.stages[0]
    part = added(stage.unit, np.square(shares), stage.stratum_of_unit.size)
    strata, n = stage.units.size, stage.units
    whole = added(stage.stratum_of_unit, part, strata)
    squares = added(stage.stratum_of_unit, np.square(part), strata)
    left = stage.unsampled * n / np.maximum(n - 1, 1)
    mean = left * whole * (n - 1) / n
    variance = np.square(left) * (squares * (n - 2) / n + np.square(whole / n))
    return float(mean.sum() ** 2 / variance.sum()) if variance.sum() > 0 else float("nan")
