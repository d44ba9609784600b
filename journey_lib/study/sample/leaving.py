"""Leaving early: how open tickets, falling usage and a price rise multiply the hazard of leaving."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Floats


def early_exit(starts: Floats, leave: Floats, median: Floats, threshold: Floats) -> Floats:
    """Draw the extra exits that multiply the hazard of leaving by each driver's ratio.

    Parameters
    ----------
    starts : array of shape (3, n)
        Time into the stay at which tickets, falling usage and the price rise begin; infinite for never.
    leave : array
        Planned share of stays that end by leaving; the hazard of leaving is this share of the hazard of
        ending, because the length of a stay does not depend on where it ends.
    median : array
        Median length of the stay.
    threshold : array
        Unit exponential draws.

    Returns
    -------
    array
        Time into the stay of the extra exit, infinite where none comes.

    Examples
    --------
    >>> never = np.full((3, 1), np.inf)
    >>> early_exit(never, np.array([0.3]), np.array([9.0]), np.array([1.0]))
    array([inf])
    """
    ratios = np.array([design.TICKETS_HAZARD, design.USAGE_HAZARD, design.PRICE_HAZARD])
    order = np.argsort(starts, axis=0)
    times = np.take_along_axis(starts, order, axis=0)
    factor = np.cumprod(ratios[order], axis=0)
    left = threshold.copy()
    found = np.full(len(leave), np.inf)
    upper = np.concatenate([times[1:], np.full((1, len(leave)), np.inf)])
    for low, high, ratio in zip(times, upper, factor, strict=True):
        begun = np.isfinite(low) & np.isinf(found)
        begin = _cumulative(np.where(begun, low, 0.0), median)
        rate = (ratio - 1) * leave
        room = np.where(begun, rate * (_cumulative(high, median) - begin), 0.0)
        here = left < room
        target = begin[here] + left[here] / rate[here]
        found[here] = median[here] * np.exp(-design.DWELL_LOG_SD * ndtri(np.exp(-target)))
        left = np.where(here, 0.0, left - room)
    return found


def _cumulative(time: Floats, median: Floats) -> Floats:
    """Cumulative hazard of the log-normal stay; infinite at infinity."""
    with np.errstate(divide="ignore"):
        survival = ndtr(-np.log(time / median) / design.DWELL_LOG_SD)
        return np.asarray(-np.log(survival), dtype=np.float64)
