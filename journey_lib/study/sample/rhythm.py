"""When people come: weekdays, holidays and local hours."""

from __future__ import annotations

from typing import Final

import numpy as np

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Floats, Ints, pick

STUDY_OFFSET: Final = 540  # the study's time zone, minutes east of UTC
WEEKDAY: Final = (0.92, 0.95, 0.97, 1.00, 1.05, 1.12, 1.10)  # Monday first
LUNAR_NEW_YEAR: Final = ((27, 31), (411, 414))
CHUSEOK: Final = ((276, 281),)
BLACK_FRIDAY: Final = ((331, 334),)
HOUR: Final = (
    1,
    0.6,
    0.4,
    0.3,
    0.3,
    0.5,
    1.2,
    2.4,
    3.2,
    3.4,
    3.6,
    4.4,
    5.2,
    4.2,
    3.6,
    3.4,
    3.6,
    4.6,
    5.6,
    6.2,
    6.8,
    7.0,
    5.4,
    2.8,
)


def day_weights(region: str) -> Floats:
    """Return how busy each day of the arrival period is in a region, with mean one.

    Examples
    --------
    >>> w = day_weights("KR")
    >>> len(w), bool(w[277] < w[270]), bool(w[331] > w[324])
    (450, True, True)
    """
    day = np.arange(design.ARRIVAL_DAYS)
    weight = np.asarray(WEEKDAY)[weekday(day)]
    for low, high in BLACK_FRIDAY:
        weight[low:high] *= 2.2
    if region == "KR":
        for low, high in (*LUNAR_NEW_YEAR, *CHUSEOK):
            weight[low:high] *= 0.45
    scaled: Floats = weight / weight.mean()
    return scaled


def weekday(day: Ints) -> Ints:
    """Return the weekday of a day of the window, 0 for Monday.

    Examples
    --------
    >>> int(weekday(np.array([250]))[0])  # the payment fault starts on a Monday
    0
    """
    first = (design.START.astype("datetime64[D]").astype(int) + 3) % 7
    return np.asarray((day + first) % 7, dtype=np.int64)


def draw_arrivals(rng: np.random.Generator, region: Ints) -> Floats:
    """Draw the moment of first contact, in days of the study's time zone."""
    arrival = np.empty(len(region))
    for code, name in enumerate(design.REGIONS):
        here = region == code
        day = pick(rng, day_weights(name), int(here.sum()))
        arrival[here] = day
    return np.asarray(
        np.minimum(arrival + local_hour(rng, region), design.ARRIVAL_DAYS - 1e-6), dtype=np.float64
    )


def local_hour(rng: np.random.Generator, region: Ints) -> Floats:
    """Draw a time of day by the hour people are awake where they live, as a part of the study's day."""
    local = pick(rng, HOUR, len(region)) + rng.random(len(region))
    east = (np.asarray(design.REGION_OFFSET)[region] - STUDY_OFFSET) / 60
    return np.asarray(((local - east) % 24) / 24, dtype=np.float64)
