"""What planted opinions look like once they are cut into answers: closed forms over cells of buyers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Floats


@dataclass(frozen=True)
class Cells:
    """Population cells that share one opinion: their share, how they differ, and their response style."""

    share: Floats
    shift: Floats
    stretch: Floats


@lru_cache(maxsize=8)
def buyer_cells(scale: float = 1.0) -> Cells:
    """Cross region, segment, age band and plan of the buyers.

    Parameters
    ----------
    scale : float
        Factor on the differences between age bands and plans (a variant makes them smaller).

    Returns
    -------
    Cells
        360 cells; shares add up to one. Regions differ in how many people buy, so they are reweighted.

    Examples
    --------
    >>> cells = buyer_cells()
    >>> len(cells.share), round(float(cells.share.sum()), 12)
    (360, 1.0)
    """
    bought = np.asarray(design.FORWARD)[1] + np.asarray(design.REGION_PURCHASE)
    region = np.asarray(design.REGION_SHARES) * bought
    axes = (
        region / region.sum(),
        np.asarray(design.SEGMENT_SHARES),
        np.asarray(design.AGE_SHARES),
        np.asarray(design.PLAN_SHARES[1:]),
    )
    shifts = (
        np.zeros(len(region)),
        np.asarray(design.SEGMENT_RATING),
        scale * np.asarray(design.OPINION_AGE),
        scale * np.asarray(design.OPINION_PLAN[1:]),
    )
    share, shift, stretch = np.ones(1), np.zeros(1), np.ones(1)
    for number, (weights, moves) in enumerate(zip(axes, shifts, strict=True)):
        share = np.multiply.outer(share, weights).ravel()
        shift = np.add.outer(shift, moves).ravel()
        style = design.REGION_STRETCH if number == 0 else np.ones(len(weights))
        stretch = np.multiply.outer(stretch, style).ravel()
    return Cells(share, shift, stretch)


def answer_shares(level: float, spread: float, cells: Cells, levels: int = 5) -> Floats:
    """Return the share of each answer 1 … `levels` for an item of a given level.

    Parameters
    ----------
    level : float
        Mean opinion in answer units, before the cells' own differences.
    spread : float
        Standard deviation of halo and noise together.
    cells : Cells
        Who answers.
    levels : int
        Number of answers.

    Returns
    -------
    array
        Shares that add up to one.

    Examples
    --------
    >>> one = Cells(np.ones(1), np.zeros(1), np.ones(1))
    >>> answer_shares(3.0, 1.0, one).round(3).tolist()
    [0.067, 0.242, 0.383, 0.242, 0.067]
    """
    middle = (levels + 1) / 2
    cuts = np.arange(1, levels) + 0.5
    edge = middle + (cuts - middle) / cells.stretch[:, None]
    below = ndtr((edge - level - cells.shift[:, None]) / spread)
    full = np.column_stack([np.zeros(len(below)), below, np.ones(len(below))])
    shares: Floats = cells.share @ np.diff(full, axis=1)
    return shares


def answer_moments(level: float, spread: float, cells: Cells, levels: int = 5) -> tuple[float, float]:
    """Return mean and standard deviation of the answers to an item.

    Examples
    --------
    >>> one = Cells(np.ones(1), np.zeros(1), np.ones(1))
    >>> round(answer_moments(3.0, 1.0, one)[0], 6)
    3.0
    """
    shares = answer_shares(level, spread, cells, levels)
    values = np.arange(1, levels + 1)
    mean = float(shares @ values)
    return mean, float(np.sqrt(shares @ (values - mean) ** 2))


def rating_spread() -> float:
    """Return the spread of a touchpoint's latent rating around its cell: halo and noise."""
    return float(np.hypot(design.HALO_SD, design.NOISE_SD))


def touchpoint(name: str) -> design.Touchpoint:
    """Return one touchpoint of the design by its id."""
    return next(t for t in design.TOUCHPOINTS if t.id == name)


@lru_cache(maxsize=8)
def latent_fall(scale: float = 1.0) -> float:
    """Solve for the latent change that lowers the mean answer by exactly the planted fall.

    Examples
    --------
    >>> cells, level = buyer_cells(), touchpoint(design.FALL_TOUCHPOINT).level
    >>> before = answer_moments(level, rating_spread(), cells)[0]
    >>> after = answer_moments(level - latent_fall(), rating_spread(), cells)[0]
    >>> round(before - after, 6)
    0.45
    """
    cells, level, spread = buyer_cells(scale), touchpoint(design.FALL_TOUCHPOINT).level, rating_spread()
    before = answer_moments(level, spread, cells)[0]

    low, high = 0.0, 2.0
    for _ in range(60):
        fall = (low + high) / 2
        enough = before - answer_moments(level - fall, spread, cells)[0] >= design.FALL
        low, high = (low, fall) if enough else (fall, high)
    return high
