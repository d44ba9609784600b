"""Who the customers are before anything happens to them, including what only the truth file may know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journey_lib.study.sample import design, rhythm
from journey_lib.study.sample.draws import Bools, Floats, Ints, pick, stream


@dataclass(frozen=True)
class People:
    """One block of customers as parallel arrays; `number` is the customer's number in the whole study.

    Attributes
    ----------
    number, household : array of int
        Identity within the study.
    region, segment, age, plan : array of int
        Positions in the lists of `design`; `plan` is the plan chosen on buying.
    arrival : array of float
        First contact, in days since the start of the window in the study's time zone.
    arm : array of int
        Arm of the experiment they would be put into.
    returning, korean, mobile, tickets, usage_falls : array of bool
        Traits.
    contacts : array of int
        Support contacts before the first exposure.
    affinity : array of float
        How fond of browsing a person is (standard normal); makes the pre-period covariate predictive.
    """

    number: Ints
    household: Ints
    region: Ints
    segment: Ints
    age: Ints
    plan: Ints
    arrival: Floats
    arm: Ints
    returning: Bools
    korean: Bools
    mobile: Bools
    tickets: Bools
    usage_falls: Bools
    contacts: Ints
    affinity: Floats

    def __len__(self) -> int:
        return len(self.number)


def draw_people(seed: int, n: int, variant: design.Variant, *, part: int = 0, first: int = 0) -> People:
    """Draw one block of customers.

    Parameters
    ----------
    seed : int
        Seed of the study.
    n : int
        Customers in this block.
    variant : Variant
        The switch in force.
    part : int
        Number of the block.
    first : int
        Number of the block's first customer.

    Returns
    -------
    People
        Latent traits and observable attributes.
    """
    rng = stream(seed, "people", part)
    household = np.cumsum(rng.random(n) < 0.78) + first
    region = _shared(household, pick(rng, design.REGION_SHARES, n))
    segment = pick(rng, design.SEGMENT_SHARES, n)
    returning = rng.random(n) < design.RETURNING
    return People(
        number=np.arange(first, first + n, dtype=np.int64),
        household=household.astype(np.int64),
        region=region,
        segment=segment,
        age=pick(rng, design.AGE_SHARES, n),
        plan=pick(rng, design.PLAN_SHARES, n),
        arrival=rhythm.draw_arrivals(rng, region),
        arm=_arms(rng, region * 2 + returning, household, variant),
        returning=returning,
        korean=rng.random(n) < np.asarray(design.REGION_KOREAN)[region],
        mobile=rng.random(n) < 0.62,
        tickets=rng.random(n) < design.TICKETS_TRAIT,
        usage_falls=rng.random(n) < design.USAGE_TRAIT,
        contacts=_contacts(rng, segment, variant),
        affinity=rng.standard_normal(n),
    )


def behaviours(rng: np.random.Generator, people: People, variant: design.Variant) -> Floats:
    """Draw the six behaviours the segments differ on, in units of the spread within a segment.

    Without segments (the null file) everyone comes from one normal with the same overall spread, so that
    nothing but the grouping is missing.
    """
    centres = segment_centres()
    noise = rng.standard_normal((len(people), centres.shape[1]))
    if variant.segments:
        return centres[people.segment] + noise
    shares = np.asarray(design.SEGMENT_SHARES)
    middle = shares @ centres
    spread = (centres - middle).T @ ((centres - middle) * shares[:, None]) + np.eye(centres.shape[1])
    return middle + noise @ np.linalg.cholesky(spread).T


def segment_centres() -> Floats:
    """Place four centres in six dimensions at the planned distances from each other.

    Examples
    --------
    >>> c = segment_centres()
    >>> float(np.linalg.norm(c[0] - c[1]).round(6)), float(np.linalg.norm(c[2] - c[3]).round(6))
    (4.2, 2.8)
    """
    distance = np.full((4, 4), design.SEGMENT_DISTANCE)
    np.fill_diagonal(distance, 0.0)
    distance[2, 3] = distance[3, 2] = design.SEGMENT_DISTANCE_CLOSE
    centring = np.eye(4) - 0.25
    values, vectors = np.linalg.eigh(-0.5 * centring @ distance**2 @ centring)
    points = vectors[:, 1:] * np.sqrt(values[1:])
    # Turned rigidly (Procrustes), so that distances stay and each behaviour is highest where it belongs.
    wanted = np.asarray(design.SEGMENT_BEHAVIOUR)
    left, _, right = np.linalg.svd(points.T @ (wanted - wanted.mean(axis=0)), full_matrices=False)
    placed: Floats = points @ left @ right
    return placed


def _shared(household: Ints, values: Ints) -> Ints:
    """Give each member of a household the value of its first member."""
    _, first, inverse = np.unique(household, return_index=True, return_inverse=True)
    shared: Ints = values[first][inverse]
    return shared


def _contacts(rng: np.random.Generator, segment: Ints, variant: design.Variant) -> Ints:
    rates = np.asarray(design.CONTACTS_BEFORE)
    mean = rates[segment] if variant.segments else np.full(len(segment), rates @ design.SEGMENT_SHARES)
    return rng.poisson(mean).astype(np.int64)


def _arms(rng: np.random.Generator, stratum: Ints, household: Ints, variant: design.Variant) -> Ints:
    """Allot arms in the planned shares within each stratum, or by household when clustered."""
    edges = np.cumsum(variant.split)[:-1]
    if variant.clustered:
        _, inverse = np.unique(household, return_inverse=True)
        drawn: Ints = np.searchsorted(edges, rng.random(inverse.max() + 1))[inverse].astype(np.int64)
        return drawn
    order = np.lexsort((rng.random(len(stratum)), stratum))
    sizes = np.bincount(stratum)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    place = np.empty(len(stratum))
    rank = np.arange(len(stratum)) - starts[stratum[order]]
    # A random offset in each stratum keeps the remainder from always falling to the first arm.
    offset = rng.random(len(sizes))
    place[order] = ((rank + offset[stratum[order]]) / sizes[stratum[order]]) % 1.0
    arm: Ints = np.searchsorted(edges, place, side="right").astype(np.int64)
    return arm


def lost_units(rng: np.random.Generator, people: People, variant: design.Variant) -> Bools:
    """Tell which customers the faulty arm of the ratio-mismatch variant fails to log."""
    lost = rng.random(len(people)) < variant.lost_mobile
    return np.asarray(lost & people.mobile & (people.arm == len(variant.arms) - 1))
