"""The truth about a generated study: what was planted, and what a correct estimator should find."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from journey_lib.study.sample import behaviour, comments, design, ratings, scales

if TYPE_CHECKING:
    from pathlib import Path

    from journey_lib.study.sample.draws import Bools, Ints
    from journey_lib.study.sample.people import People
    from journey_lib.study.sample.survey import Survey

VERSION: Final = 1
Told = dict[str, Any]
FINDINGS: Final = {
    "guide_fall": "the start guide lost .45 points from wave four on",
    "payment_fault": "payments in Korea failed for two weeks in September 2025",
    "first_driver": "the first-week helper goes most with the wish to recommend",
    "experiment_gain": "the new guide raises adoption, most where people had asked for help before",
    "missing_payment": "fewer people buy in Brazil, where instant transfer is not offered",
    "unresolved_tickets": "two unresolved tickets come before leaving",
    "rising_topic": "comments on the guide rise from 8 to 18 per cent with the fall",
}
DECOYS: Final = {
    "noisy_wave": "recipe cards in wave five: few raters, no change",
    "region_style": "Japan answers in the middle and Brazil at the ends; experience does not differ",
    "closing_channel": "e-mail closes half of the orders and causes none",
    "correlated_driver": "the first delivery correlates with recommending and has no coefficient",
}


DESIGN_NOTES: Final = (
    "Stages 2-7 are visited by about 12,300, 7,000, 5,200, 4,100, 1,800 and 670 of 20,000 customers: steps "
    "back, skips and returns add to the plain products of the forward chances.",
    "The drivers of leaving act on top of the transition matrix, so fewer move on from adoption, retention "
    "and expansion than the matrix says (see expected.journey.moved_on).",
    "Korea sees about six payment attempts a day.",
    "The effect on retention within 60 days is about .027, not .029: the window cuts a few late regulars.",
    "Of all customers 40 per cent start anonymously and sign in within a day; 85 per cent of these are "
    "linked by a sign-in with the same anonymous id.",
    "The raw log keeps every row of the 2 per cent bots, whose ids see the brand and never anything else.",
    "An assignment stands once for each customer and experiment; only in the variant double_assigned are .2 "
    "per cent of them logged in both arms (see both_arms), and lived through their first.",
)


@dataclass(frozen=True)
class Facts:
    """What a study's survey contributes to its truth."""

    survey: Told = field(default_factory=dict)
    comments: Told = field(default_factory=dict)


def all_facts(variant: design.Variant, facts: Facts) -> Told:
    """Return both layers of the truth.

    Parameters
    ----------
    variant : Variant
        The switch in force.
    facts : Facts
        What the survey of this very study contributes.

    Returns
    -------
    dict
        `structural` and `expected`, by subject.
    """
    return {
        "version": VERSION,
        "structural": structural(variant),
        "expected": {
            "survey": facts.survey,
            "comments": facts.comments,
            **behaviour.expected(variant),
        },
        "findings": FINDINGS,
        "design_notes": DESIGN_NOTES,
        "decoys": DECOYS,
    }


def structural(variant: design.Variant) -> Told:
    """Return the planted parameters, by subject.

    Parameters
    ----------
    variant : Variant
        The switch in force.

    Returns
    -------
    dict
        Everything `design` holds that a test may want to compare with.
    """
    return {
        "company": "Saebom Table (invented)",
        "variant": asdict(variant),
        "window": {"days": design.DAYS, "arrival_days": design.ARRIVAL_DAYS, "start": str(design.START)},
        "stages": list(design.STAGES),
        "regions": dict(zip(design.REGIONS, design.REGION_SHARES, strict=True)),
        "region_stretch": dict(zip(design.REGIONS, design.REGION_STRETCH, strict=True)),
        "region_purchase": dict(zip(design.REGIONS, design.REGION_PURCHASE, strict=True)),
        "segments": dict(zip(design.SEGMENTS, design.SEGMENT_SHARES, strict=True)),
        "survey": _survey_structure(),
        **behaviour.structural(),
    }


def _survey_structure() -> Told:
    return {
        "waves": list(design.WAVES),
        "closes_on_day": list(design.WAVE_CLOSE),
        "touchpoint_levels": {t.id: t.level for t in design.TOUCHPOINTS},
        "halo_sd": design.HALO_SD,
        "noise_sd": design.NOISE_SD,
        "fall": {
            "touchpoint": design.FALL_TOUCHPOINT,
            "from_wave": design.WAVES[design.FALL_WAVE],
            "size": design.FALL,
        },
        "noisy_decoy": {
            "touchpoint": design.NOISY_TOUCHPOINT,
            "wave": design.WAVES[design.NOISY_WAVE],
            "shown_to": design.NOISY_SHARE,
        },
        "drivers": dict(zip(design.DRIVERS, design.DRIVER_BETA, strict=True)),
        "driver_decoy": design.DRIVER_DECOY,
        "driver_correlation": ratings.driver_correlation().tolist(),
        "effort_alpha": design.EFFORT_ALPHA,
        "effort_reversed": f"effort_{ratings.EFFORT_REVERSED + 1}",
        "effort_bad_item": "effort_4",
        "careless": design.CARELESS,
        "duplicates": design.DUPLICATES,
        "item_missing": design.ITEM_MISSING,
    }


def survey_expected(survey: Survey, variant: design.Variant) -> Told:
    """Return what the survey measures should find.

    Parameters
    ----------
    survey : Survey
        The generated survey; its frames give the population means of this very study.
    variant : Variant
        The switch in force.

    Returns
    -------
    dict
        `overall_frame` is the mean of everybody in the frame, answered or not; the other values hold for
        the process that generates studies.
    """
    sizes = np.bincount(survey.raters.wave[~survey.raters.repeated], minlength=len(design.WAVES))
    means = np.array([survey.population[w][0] for w in design.WAVES])
    return {
        "overall_frame": dict(zip(design.WAVES, means.tolist(), strict=True)),
        "overall_frame_pooled": float(np.average(means, weights=sizes)),
        "raw_bias": 0.10 if not variant.on_satisfaction else 0.12,
        "raked_bias": 0.0 if not variant.on_satisfaction else 0.04,
        "design_effect": 1.4,
        "touchpoint_means": touchpoint_means(variant.opinion_scale),
        "fall": design.FALL * (1 - design.CARELESS / 2),
        "driver_order": [d for d, b in zip(design.DRIVERS, design.DRIVER_BETA, strict=True) if b],
        "driver_beta": dict(zip(design.DRIVERS, design.DRIVER_BETA, strict=True)),
        "drivers_by_correlation": simple_correlations(),
        "lmg_shares": lmg_shares(),
    }


def comments_expected(survey: Survey, written: comments.Written) -> Told:
    """Return what the comment measures should find, and the true topic and tone of every row.

    Parameters
    ----------
    survey : Survey
        The generated survey.
    written : Written
        Its comments.

    Returns
    -------
    dict
        Shares hold for the generating process; the strings have one character for each row of the raw
        file ("." where nothing was said).
    """
    said = written.topic >= 0
    secrets = [{"row": row, "kind": kind, "text": text} for row, kind, text in written.secrets]
    return {
        "topics": list(comments.TOPICS),
        "guide_share_of_raters": {"before": comments.GUIDE_SHARE[0], "after": comments.GUIDE_SHARE[1]},
        "contradiction": comments.CONTRADICTS,
        "writes": comments.WRITES,
        "noise": comments.NOISE,
        "topic_of_row": _digits(written.topic, said),
        "tone_of_row": _digits(written.tone, said),
        "guide_rater_of_row": _digits(
            survey.raters.guide_rater.astype(np.int64), np.ones(len(said), dtype=bool)
        ),
        "secrets": secrets,
    }


def _digits(codes: Ints, shown: Bools) -> str:
    return "".join(np.where(shown, codes.astype(str), ".").tolist())


def touchpoint_means(scale: float) -> dict[str, dict[str, float]]:
    """Return the mean answer of each touchpoint's buyers in each wave, in closed form.

    Touchpoints of the first two stages are also rated by the panel, whose opinions lie lower; they are
    left out here. Straight-lining (1.5 % of rows) is not in these means.
    """
    cells, spread = scales.buyer_cells(scale), scales.rating_spread()
    means = {}
    for point in design.TOUCHPOINTS[5:]:
        by_wave = {}
        for number, wave in enumerate(design.WAVES):
            fell = point.id == design.FALL_TOUCHPOINT and number >= design.FALL_WAVE
            noisy = point.id == design.NOISY_TOUCHPOINT and number == design.NOISY_WAVE
            level = point.level - (scales.latent_fall(scale) if fell else 0.0)
            wide = float(np.hypot(design.HALO_SD, design.NOISY_SD)) if noisy else spread
            by_wave[wave] = scales.answer_moments(level, wide, cells)[0]
        means[point.id] = by_wave
    return means


def simple_correlations() -> dict[str, float]:
    """Return each driver's correlation with the recommendation, from coefficients and correlations.

    Examples
    --------
    >>> found = simple_correlations()
    >>> sorted(found, key=found.get, reverse=True)[:3]
    ['help', 'payment', 'first_box']
    """
    found = ratings.driver_correlation() @ np.asarray(design.DRIVER_BETA)
    return dict(zip(design.DRIVERS, found.tolist(), strict=True))


def lmg_shares() -> dict[str, float]:
    """Return each driver's Shapley share of the explained variance, exactly.

    Examples
    --------
    >>> found = lmg_shares()
    >>> sorted(found, key=found.get, reverse=True)[:4]
    ['help', 'payment', 'support', 'first_box']
    """
    from itertools import combinations
    from math import comb

    within = ratings.driver_correlation()
    outcome = within @ np.asarray(design.DRIVER_BETA)
    k = len(outcome)

    def explained(chosen: tuple[int, ...]) -> float:
        rows = list(chosen)
        return (
            float(outcome[rows] @ np.linalg.solve(within[np.ix_(rows, rows)], outcome[rows])) if rows else 0.0
        )

    shares = {}
    for number, name in enumerate(design.DRIVERS):
        rest = [i for i in range(k) if i != number]
        shares[name] = sum(
            (explained((*sub, number)) - explained(sub)) / (k * comb(k - 1, size))
            for size in range(k)
            for sub in combinations(rest, size)
        )
    return shares


def write_truth(path: Path, facts: Told) -> None:
    """Write the truth as JSON with sorted keys and ten significant digits."""
    path.write_text(
        json.dumps(behaviour.rounded(facts), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
    )


def segment_string(people: People) -> str:
    """Return the true segment of each customer as one digit, in the order of customer numbers."""
    return "".join(people.segment.astype(str).tolist())
