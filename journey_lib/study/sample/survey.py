"""The survey: who is asked in each wave, who answers, and the carelessness real answers come with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from journey_lib.study.sample import design, ratings
from journey_lib.study.sample.draws import Bools, Column, Floats, Ints, numbered, stream
from journey_lib.study.sample.journey import Journey
from journey_lib.study.sample.people import People
from journey_lib.study.sample.ratings import Frame

NOT_USED: Final = 8.0
DONT_KNOW: Final = 9.0
NPS_DONT_KNOW: Final = 99.0
NOT_ASKED: Final = 97.0
MOST: Final = 0.95
SPEED_MEDIAN: Final = 420.0


@dataclass(frozen=True)
class Survey:
    """The survey side of one study.

    Attributes
    ----------
    columns : dict
        The responses table, column by column, as the raw file holds it.
    margins : list of tuple
        wave, margin, category, target share.
    population : dict
        Wave → mean overall opinion of the whole frame, answered or not: what weighting should get back.
    raters : dict
        Facts about each row that only the truth file and the comments may use.
    """

    columns: dict[str, Column]
    margins: list[tuple[str, str, str, float]]
    population: dict[str, tuple[float, int]]
    raters: Raters


@dataclass(frozen=True)
class Raters:
    """What is true about each row of the responses beyond its answers."""

    customer: Ints
    wave: Ints
    careless: Bools
    straight: Bools
    repeated: Bools
    satisfied: Floats
    guide_rater: Bools
    rating: dict[str, Floats] = field(default_factory=dict)


def draw_survey(seed: int, people: People, journey: Journey, size: int, variant: design.Variant) -> Survey:
    """Run the six waves.

    Parameters
    ----------
    seed : int
        Seed of the study.
    people : People
        Customers the survey may draw from.
    journey : Journey
        Their journeys; they say who had bought by the time of a wave.
    size : int
        Customers of the study the survey draws from; sets how many answers are wanted.
    variant : Variant
        The switch in force.

    Returns
    -------
    Survey
        Responses, margins, and what is true about them.
    """
    rng = stream(seed, "survey")
    halo = design.HALO_SD * rng.standard_normal(len(people))
    waves = [_wave(rng, number, people, journey, halo, size, variant) for number in range(len(design.WAVES))]
    columns = {name: np.concatenate([w.columns[name] for w in waves]) for name in waves[0].columns}
    facts = {
        name: np.concatenate([getattr(w.raters, name) for w in waves])
        for name in ("customer", "wave", "careless", "straight", "repeated", "satisfied", "guide_rater")
    }
    true_ratings = {
        name: np.concatenate([w.raters.rating[name] for w in waves]) for name in waves[0].raters.rating
    }
    population = {name: value for w in waves for name, value in w.population.items()}
    return Survey(
        columns, [row for w in waves for row in w.margins], population, Raters(**facts, rating=true_ratings)
    )


def _wave(
    rng: np.random.Generator,
    number: int,
    people: People,
    journey: Journey,
    halo: Floats,
    size: int,
    variant: design.Variant,
) -> Survey:
    frame = frame_of(rng, number, people, journey, halo)
    scale = variant.opinion_scale
    base = ratings.opinions(frame, scale)
    given = ratings.touchpoint_ratings(rng, frame, base, scale)
    scored = ratings.other_scales(rng, frame, base)
    answered = _responds(rng, frame, design.WAVE_SHARE[number] * size, scored["overall"], variant)
    population = {design.WAVES[number]: (float(scored["overall"].mean()), len(frame))}
    asked = frame.only(answered)
    given = {name: values[answered] for name, values in given.items()}
    scored = {name: values[answered] for name, values in scored.items()}
    return _table(rng, asked, people, given, scored, scale, margins_of(frame), population)


def frame_of(rng: np.random.Generator, number: int, people: People, journey: Journey, halo: Floats) -> Frame:
    """Return the frame of one wave: all buyers so far and the panel of people who only know the brand."""
    start = design.WAVE_CLOSE[number] - design.FIELD_DAYS
    reached = np.where(journey.first < start, np.arange(7), -1).max(axis=1)
    buyers = np.flatnonzero(reached >= 2)
    others = np.flatnonzero((reached >= 0) & (reached < 2))
    panel = rng.permutation(others)[: round(len(buyers) * design.PANEL_PER_BUYER)]
    who = np.sort(np.concatenate([buyers, panel]))
    buyer = reached[who] >= 2
    return Frame(
        wave=number,
        customer=who,
        buyer=buyer,
        reached=reached[who],
        region=people.region[who],
        segment=people.segment[who],
        age=people.age[who],
        plan=np.where(buyer, people.plan[who], 0),
        halo=halo[who],
    )


def response_odds(frame: Frame, wanted: float, overall: Floats, variant: design.Variant) -> Floats:
    """Return each person's chance of answering: by age band and plan, in one variant also by opinion."""
    odds = np.asarray(design.RESPONSE_AGE)[frame.age] * np.asarray(design.RESPONSE_PLAN)[frame.plan]
    if variant.on_satisfaction:
        centred = overall - overall.mean()
        odds = odds * (1 + variant.on_satisfaction * centred / overall.var())
    factor = wanted / odds.sum()
    # Capping takes answers away; a few rounds of raising the factor bring them back.
    for _ in range(8):
        factor *= wanted / np.minimum(factor * odds, MOST).sum()
    capped: Floats = np.minimum(factor * odds, MOST)
    return capped


def _responds(
    rng: np.random.Generator, frame: Frame, wanted: float, overall: Floats, variant: design.Variant
) -> Bools:
    return np.asarray(rng.random(len(frame)) < response_odds(frame, wanted, overall, variant))


def margins_of(frame: Frame) -> list[tuple[str, str, str, float]]:
    """Return the frame's shares of each age band and plan, which a panel provider would publish."""
    rows = []
    for margin, codes, names in (("age_band", frame.age, design.AGES), ("plan", frame.plan, design.PLANS)):
        counts = np.bincount(codes, minlength=len(names))
        for name, count in zip(names, counts, strict=True):
            if count:
                rows.append((design.WAVES[frame.wave], margin, name, float(count / len(codes))))
    return rows


def _table(
    rng: np.random.Generator,
    frame: Frame,
    people: People,
    given: dict[str, Floats],
    scored: dict[str, Floats],
    scale: float,
    margins: list[tuple[str, str, str, float]],
    population: dict[str, tuple[float, int]],
) -> Survey:
    n = len(frame)
    careless = rng.random(n) < design.CARELESS
    straight = careless & (rng.random(n) < 0.5)
    uses = ratings.used(rng, frame)
    score = ratings.recommend(rng, given, scale)
    truth = {name: values.copy() for name, values in given.items()}
    columns = _who(rng, frame, people, careless)
    skip = _skipping(rng, n)
    for name, values in given.items():
        answer = np.where(straight, scored["overall"], values)
        answer = np.where(rng.random(n) < design.DONT_KNOW, DONT_KNOW, answer)
        columns[f"tp_{name}"] = skip(np.where(uses[name], answer, NOT_USED))
    columns["overall"] = skip(scored["overall"])
    for name in (k for k in scored if k != "overall"):
        asked = frame.buyer | (name in ("csat_awareness", "csat_consideration"))
        middle = np.where(straight & ~np.char.startswith(name, "csat"), 4.0, scored[name])
        columns[name] = np.where(asked, skip(middle), NOT_ASKED)
    score = np.where(rng.random(n) < design.DONT_KNOW, NPS_DONT_KNOW, score)
    columns["nps"] = np.where(frame.buyer, skip(score), NOT_ASKED)
    columns |= ratings.brand_sets(rng, frame) | ratings.preferences(rng, frame)
    again = np.sort(rng.choice(n, size=round(design.DUPLICATES * n), replace=False)) if n else np.arange(0)
    order = np.concatenate([np.arange(n), again])
    raters = Raters(
        customer=frame.customer[order],
        wave=np.full(len(order), frame.wave),
        careless=careless[order],
        straight=straight[order],
        repeated=np.arange(len(order)) >= n,
        satisfied=scored["overall"][order],
        guide_rater=uses[design.FALL_TOUCHPOINT][order],
        rating={name: values[order] for name, values in truth.items()},
    )
    return Survey({k: v[order] for k, v in columns.items()}, margins, population, raters)


def _who(rng: np.random.Generator, frame: Frame, people: People, careless: Bools) -> dict[str, Column]:
    n = len(frame)
    number = people.number[frame.customer]
    close = design.START + np.timedelta64(design.WAVE_CLOSE[frame.wave] - design.FIELD_DAYS, "D")
    seconds = SPEED_MEDIAN * np.exp(0.35 * rng.standard_normal(n))
    modes = np.array(["web", "app"], dtype=object)[(frame.buyer & (rng.random(n) < 0.6)).astype(int)]
    fails = rng.random(n) < np.where(careless, 0.6, 0.015)
    return {
        "respondent_id": numbered("R", number, 7),
        "customer_id": numbered("C", number, 7),
        "wave": np.full(n, design.WAVES[frame.wave], dtype=object),
        "date": close + rng.integers(0, design.FIELD_DAYS, n).astype("timedelta64[D]"),
        "mode": modes,
        "language": np.array(["en", "ko"], dtype=object)[people.korean[frame.customer].astype(int)],
        "base_weight": np.ones(n),
        "region": np.array(design.REGIONS, dtype=object)[frame.region],
        "age_band": np.array(design.AGES, dtype=object)[frame.age],
        "plan": np.array(design.PLANS, dtype=object)[frame.plan],
        "duration_s": np.round(np.where(careless, 0.2 * seconds, seconds)),
        "attention": 1.0 - fails,
    }


class _skipping:  # noqa: N801 - used as a function that remembers who skips
    """Leave answers out: a fifth of the people skip often, so that most rows stay complete."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        often = rng.random(n) < 0.2
        self.rng = rng
        self.odds = np.where(often, 0.22, (design.ITEM_MISSING - 0.2 * 0.22) / 0.8)

    def __call__(self, values: Floats) -> Floats:
        return np.where(self.rng.random(len(values)) < self.odds, np.nan, values)
