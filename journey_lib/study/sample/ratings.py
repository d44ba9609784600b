"""Every answer each person of a survey frame would give, before anybody declines to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from journey_lib.study.sample import design, scales
from journey_lib.study.sample.draws import Bools, Floats, Ints, ordered_cut, pick_rows

# Correlations of the drivers' noise that, with the halo, give the planted correlations of the answers.
NOISE_PAIRS: Final = {
    ("help", "payment"): 0.19,
    ("help", "first_box"): 0.592,
    ("payment", "first_box"): 0.475,
}
NOISE_REST: Final = -0.08
USE_CORRELATION: Final = 0.5
NPS_MIDDLE: Final = 7.4
NPS_SD: Final = 2.1
NPS_GAIN: Final = 1.075
OVERALL_LEVEL: Final = 3.65
OVERALL_SD: Final = 0.85
CSAT_LEVEL: Final = (3.55, 3.60, 3.80, 3.65, 3.75, 3.50, 3.70)
CSAT_FALL: Final = 0.22
EFFORT_LOADINGS: Final = (0.893, 0.893, 0.893, 0.36)
EFFORT_REVERSED: Final = 2
PAYMENTS: Final = (
    "card", "easy_pay", "convenience_store", "wallet", "invoice", "direct_debit", "instant_transfer",
    "instalments", "e_wallet", "bank_transfer",
)  # fmt: skip
PAY_PREFERRED: Final = np.array(
    [
        [0.46, 0.44, 0.00, 0.02, 0.00, 0.00, 0.02, 0.03, 0.00, 0.03],
        [0.55, 0.08, 0.28, 0.03, 0.01, 0.01, 0.00, 0.01, 0.00, 0.03],
        [0.61, 0.00, 0.00, 0.33, 0.02, 0.02, 0.00, 0.01, 0.00, 0.01],
        [0.14, 0.00, 0.00, 0.34, 0.26, 0.21, 0.00, 0.01, 0.00, 0.04],
        [0.19, 0.00, 0.00, 0.05, 0.02, 0.02, 0.44, 0.26, 0.00, 0.02],
        [0.12, 0.00, 0.06, 0.03, 0.00, 0.01, 0.02, 0.02, 0.46, 0.28],
    ]
)
SUPPORT_PREFERRED: Final = np.array(
    [
        [0.52, 0.24, 0.06, 0.18],
        [0.22, 0.26, 0.40, 0.12],
        [0.08, 0.27, 0.30, 0.35],
        [0.07, 0.26, 0.51, 0.16],
        [0.63, 0.13, 0.10, 0.14],
        [0.66, 0.12, 0.06, 0.16],
    ]
)
BRANDS: Final = ("saebom", "freshfork", "mealday", "cookbin", "greenpan")
BRAND_AWARE: Final = ((0.64, 0.97), (0.46, 0.50), (0.36, 0.38), (0.25, 0.24), (0.13, 0.15))  # panel, buyers
BRAND_CONSIDERED: Final = ((0.52, 0.92), (0.48, 0.40), (0.42, 0.33), (0.38, 0.30), (0.40, 0.35))


@dataclass(frozen=True)
class Frame:
    """The people a wave may ask: all buyers so far, and for three of them one who only knows the brand."""

    wave: int
    customer: Ints
    buyer: Bools
    reached: Ints
    region: Ints
    segment: Ints
    age: Ints
    plan: Ints
    halo: Floats

    def __len__(self) -> int:
        return len(self.customer)

    def only(self, rows: Bools) -> Frame:
        """Return the frame of some of its people."""
        parts = ("customer", "buyer", "reached", "region", "segment", "age", "plan", "halo")
        return Frame(self.wave, *(getattr(self, name)[rows] for name in parts))


def opinions(frame: Frame, scale: float) -> Floats:
    """Return what age band, plan, segment and halo add to every rating of a person."""
    shift = np.asarray(design.OPINION_AGE)[frame.age] + np.asarray(design.OPINION_PLAN)[frame.plan]
    return np.asarray(scale * shift + np.asarray(design.SEGMENT_RATING)[frame.segment] + frame.halo)


def driver_noise_correlation() -> Floats:
    """Return the correlation of the drivers' noise.

    Examples
    --------
    >>> bool(np.linalg.eigvalsh(driver_noise_correlation()).min() > 0)
    True
    """
    names = design.DRIVERS
    matrix = np.full((len(names), len(names)), NOISE_REST)
    np.fill_diagonal(matrix, 1.0)
    for (a, b), value in NOISE_PAIRS.items():
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = value
    return matrix


def touchpoint_ratings(
    rng: np.random.Generator, frame: Frame, base: Floats, scale: float
) -> dict[str, Floats]:
    """Draw the rating 1–5 each person would give each touchpoint.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the survey.
    frame : Frame
        Who is asked.
    base : array
        What `opinions` gave.
    scale : float
        Factor on the differences between age bands and plans, needed to plant the fall exactly.

    Returns
    -------
    dict
        Touchpoint id → answers.
    """
    names = [t.id for t in design.TOUCHPOINTS]
    noise = rng.standard_normal((len(frame), len(names)))
    at = [names.index(d) for d in design.DRIVERS]
    noise[:, at] = noise[:, at] @ np.linalg.cholesky(driver_noise_correlation()).T
    stretch = np.asarray(design.REGION_STRETCH)[frame.region]
    ratings = {}
    for column, point in enumerate(design.TOUCHPOINTS):
        level, spread = point.level, design.NOISE_SD
        if point.id == design.FALL_TOUCHPOINT and frame.wave >= design.FALL_WAVE:
            level -= scales.latent_fall(scale)
        if point.id == design.NOISY_TOUCHPOINT and frame.wave == design.NOISY_WAVE:
            spread = design.NOISY_SD
        ratings[point.id] = ordered_cut(level + base + spread * noise[:, column], 5, stretch)
    return ratings


def used(rng: np.random.Generator, frame: Frame) -> dict[str, Bools]:
    """Tell who has used each touchpoint; heavy users use most of them, so complete rows stay common."""
    shared = np.sqrt(USE_CORRELATION) * rng.standard_normal(len(frame))
    own = np.sqrt(1 - USE_CORRELATION) * rng.standard_normal((len(frame), len(design.TOUCHPOINTS)))
    least = {"delivery": 4, "addons": 5, "invite": 4}
    found = {}
    for column, point in enumerate(design.TOUCHPOINTS):
        share = point.used
        if point.id == design.NOISY_TOUCHPOINT and frame.wave == design.NOISY_WAVE:
            share = design.NOISY_SHARE
        early = point.stage in design.STAGES[:2]
        able = np.full(len(frame), early) | frame.buyer
        able &= frame.reached >= least.get(point.id, 0)
        found[point.id] = able & (ndtr(shared + own[:, column]) < share)
    return found


def recommend(rng: np.random.Generator, ratings: dict[str, Floats], scale: float) -> Floats:
    """Draw the likelihood to recommend, 0–10, from the drivers' answers."""
    cells, spread = scales.buyer_cells(scale), scales.rating_spread()
    beta = np.asarray(design.DRIVER_BETA)
    total = np.zeros(len(next(iter(ratings.values()))))
    for name, weight in zip(design.DRIVERS, beta, strict=True):
        mean, sd = scales.answer_moments(scales.touchpoint(name).level, spread, cells)
        total += NPS_GAIN * weight * (ratings[name] - mean) / sd
    rest = np.sqrt(max(0.0, 1 - float(beta @ driver_correlation() @ beta)))
    latent = NPS_MIDDLE + NPS_SD * (total + rest * rng.standard_normal(len(total)))
    score: Floats = np.clip(np.floor(latent + 0.5), 0, 10)
    return score


def driver_correlation() -> Floats:
    """Return the planted correlations of the drivers' answers.

    Examples
    --------
    >>> float(driver_correlation()[0, 1])
    0.3
    """
    names = design.DRIVERS
    matrix = np.full((len(names), len(names)), design.DRIVER_CORRELATION_REST)
    np.fill_diagonal(matrix, 1.0)
    for (a, b), value in design.DRIVER_CORRELATION.items():
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = value
    return matrix


def other_scales(rng: np.random.Generator, frame: Frame, base: Floats) -> dict[str, Floats]:
    """Draw overall opinion, satisfaction with each stage, ease and the four effort items."""
    stretch = np.asarray(design.REGION_STRETCH)[frame.region]
    n = len(frame)
    answers = {"overall": ordered_cut(OVERALL_LEVEL + base + OVERALL_SD * rng.standard_normal(n), 5, stretch)}
    for number, stage in enumerate(design.STAGES):
        fall = CSAT_FALL if stage == "adoption" and frame.wave >= design.FALL_WAVE else 0.0
        latent = CSAT_LEVEL[number] - fall + base + rng.standard_normal(n)
        answers[f"csat_{stage}"] = ordered_cut(latent, 5, stretch)
    factor = rng.standard_normal(n)
    latent = 5.0 + base - 0.7 * factor + 1.1 * rng.standard_normal(n)
    answers["ease"] = ordered_cut(latent, 7, stretch)
    for number, loading in enumerate(EFFORT_LOADINGS):
        own = np.sqrt(1 - loading**2) * rng.standard_normal(n)
        latent = 4 - 0.5 + 1.4 * (loading * factor + own)
        turned = 8 - latent if number == EFFORT_REVERSED else latent
        answers[f"effort_{number + 1}"] = ordered_cut(turned, 7)
    return answers


def brand_sets(rng: np.random.Generator, frame: Frame) -> dict[str, Floats]:
    """Draw unaided awareness and the consideration set; only brands that come to mind are considered."""
    kind = frame.buyer.astype(int)
    aware = rng.random((len(frame), len(BRANDS))) < np.asarray(BRAND_AWARE)[:, kind].T
    wanted = aware & (rng.random(aware.shape) < np.asarray(BRAND_CONSIDERED)[:, kind].T)
    columns = {}
    for prefix, chosen in (("aware", aware), ("consider", wanted)):
        for number, brand in enumerate(BRANDS):
            columns[f"{prefix}_{brand}"] = chosen[:, number].astype(float)
        columns[f"{prefix}_none"] = (~chosen.any(axis=1)).astype(float)
    return columns


def preferences(rng: np.random.Generator, frame: Frame) -> dict[str, Floats]:
    """Draw the preferred way to pay and to get help, coded from 1."""
    return {
        "pay_preferred": (pick_rows(rng, PAY_PREFERRED[frame.region]) + 1).astype(float),
        "support_preferred": (pick_rows(rng, SUPPORT_PREFERRED[frame.region]) + 1).astype(float),
    }


def offered() -> Floats:
    """Return which way to pay is offered where: everything people use there, but no instant transfer in BR.

    Examples
    --------
    >>> float(offered()[design.REGIONS.index("BR"), PAYMENTS.index("instant_transfer")])
    0.0
    """
    table = (PAY_PREFERRED > 0).astype(float)
    table[design.REGIONS.index("BR"), PAYMENTS.index("instant_transfer")] = 0.0
    return table
