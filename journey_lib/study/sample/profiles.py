"""The customers table: what a company would know about the people in the study."""

from __future__ import annotations

from typing import Final

import numpy as np

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Column, Ints, numbered, ordered_cut, stream
from journey_lib.study.sample.journey import Journey
from journey_lib.study.sample.people import People, behaviours

# Behaviour in everyday units: name, mean, spread within a segment, decimals.
BEHAVIOURS: Final = (
    ("discount_share_pct", 42.0, 7.0, 1),
    ("minutes_per_week", 55.0, 8.0, 1),
    ("recipes_saved_per_month", 22.0, 3.5, 1),
    ("boxes_skipped_pct", 36.0, 6.0, 1),
    ("help_minutes_per_month", 21.0, 3.6, 1),
    ("new_recipes_pct", 48.0, 7.5, 1),
)
# Price, time and novelty: how much each segment holds with the three statements, on 1–7.
VALUES: Final = ((5.6, 3.6, 3.4), (3.6, 5.7, 3.7), (4.1, 4.3, 3.2), (3.3, 3.9, 5.8))
VALUE_NAMES: Final = ("values_price", "values_time", "values_novelty")
CONSENT: Final = 0.82


def customers_table(
    seed: int,
    people: People,
    journey: Journey,
    first_channel: Ints,
    variant: design.Variant,
    *,
    part: int = 0,
) -> dict[str, Column]:
    """Return the customers table of one block, column by column.

    Parameters
    ----------
    seed : int
        Seed of the study.
    people : People
        The block.
    journey : Journey
        Their journeys; only buyers have a plan.
    first_channel : array of int
        Channel of each customer's first contact.
    variant : Variant
        The switch in force.
    part : int
        Number of the block.

    Returns
    -------
    dict
        Column name → values. The true segment is not among them.
    """
    rng = stream(seed, "profiles", part)
    bought = np.isfinite(journey.first[:, 2:]).any(axis=1)
    region = np.array(design.REGIONS, dtype=object)[people.region]
    table: dict[str, Column] = {
        "customer_id": numbered("C", people.number, 7),
        "region": region,
        "country": region,
        "language": np.array(["en", "ko"], dtype=object)[people.korean.astype(int)],
        "signup_date": design.START + np.floor(people.arrival).astype("timedelta64[D]"),
        "acquisition_channel": np.array(design.CHANNELS, dtype=object)[first_channel],
        "plan": np.array(design.PLANS, dtype=object)[np.where(bought, people.plan, 0)],
        "age_band": np.array(design.AGES, dtype=object)[people.age],
        "household_id": numbered("H", people.household, 7),
        "consent": rng.random(len(people)) < CONSENT,
        "contacts_before": people.contacts,
    }
    table |= _values(rng, people, variant)
    drawn = behaviours(rng, people, variant)
    for column, (name, mean, spread, decimals) in enumerate(BEHAVIOURS):
        table[name] = np.round(mean + spread * drawn[:, column], decimals)
    return table


def _values(rng: np.random.Generator, people: People, variant: design.Variant) -> dict[str, Column]:
    centres = np.asarray(VALUES)
    level = centres[people.segment] if variant.segments else np.tile(centres.mean(axis=0), (len(people), 1))
    answers = ordered_cut(level + 1.2 * rng.standard_normal(level.shape), 7)
    return {name: answers[:, column] for column, name in enumerate(VALUE_NAMES)}
