"""The journeys people take: a semi-Markov walk over the seven stages, with payment, help and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from journey_lib.study.sample import design
from journey_lib.study.sample.draws import Bools, Floats, Ints, stream
from journey_lib.study.sample.leaving import early_exit
from journey_lib.study.sample.people import People

AWARE, CONSIDER, BUY, ADOPT, KEEP, EXPAND, ADVOCATE, LAPSED, LEFT, GONE = range(10)
OPEN: Final = -1
MEDIAN: Final = (*design.DWELL_MEDIAN, design.WIN_BACK_MEDIAN, design.WIN_BACK_MEDIAN)
HOUSEHOLD_CORRELATION: Final = 0.3
# How far the first decision to buy follows from fondness of browsing; gives the covariate its r of .5.
AFFINITY_CORRELATION: Final = 0.45


@dataclass(frozen=True)
class Journey:
    """What happened to one block of customers.

    Attributes
    ----------
    customer, stage, entry, end, to : arrays
        One row per stay in a stage or in a lapse, ordered by customer and time. `to` is the next state or
        `OPEN` when the window closed first (then `end` is the end of the window).
    attempts : Attempts
        Payment attempts.
    first : array of shape (customers, 7)
        First time of each stage in days, NaN where never.
    tickets_at, usage_at : array
        When two unresolved tickets stand, when usage starts to fall; NaN where it never does.
    """

    customer: Ints
    stage: Ints
    entry: Floats
    end: Floats
    to: Ints
    attempts: Attempts
    first: Floats
    tickets_at: Floats
    usage_at: Floats


@dataclass(frozen=True)
class Attempts:
    """Rounds of paying: who, when it ended, how many attempts failed, whether one succeeded in the end."""

    customer: Ints
    time: Floats
    failed: Ints
    paid: Bools


def transition_matrix(*, purchase: float = 0.0, adoption: float = 0.0) -> Floats:
    """Write out the chances of each next state for a base customer.

    Parameters
    ----------
    purchase, adoption : float
        Changes of the forward chance out of consideration and out of purchase.

    Returns
    -------
    array of shape (9, 11)
        Rows: seven stages, lapsed prospect, left buyer. Columns: the same nine, gone for good, and staying
        for ever (advocates). Rows sum to one. A buyer who steps back and leaves counts as left.

    Examples
    --------
    >>> m = transition_matrix()
    >>> m.sum(axis=1).round(12).tolist() == [1.0] * 9
    True
    >>> float(m[1, 2])
    0.55
    """
    matrix = np.zeros((9, 11))
    for s in range(7):
        forward = design.FORWARD[s] + (purchase if s == CONSIDER else adoption if s == BUY else 0.0)
        parts = {s + 1: forward, s + 2: design.SKIP[s], s - 1: design.BACK[s]}
        for to, chance in parts.items():
            if chance:
                matrix[s, to] = chance
        matrix[s, 10] = design.ADVOCATE_STAYS if s == ADVOCATE else 0.0
        matrix[s, LAPSED if s < BUY else LEFT] = 1.0 - matrix[s].sum()
    matrix[LAPSED, [CONSIDER, GONE]] = design.WIN_BACK[0], 1 - design.WIN_BACK[0]
    matrix[LEFT, [KEEP, GONE]] = design.WIN_BACK[1], 1 - design.WIN_BACK[1]
    return matrix


def eventually_paid(success: float) -> float:
    """Return the chance that somebody who wants to pay ends up having paid.

    Examples
    --------
    >>> round(eventually_paid(0.9), 4)
    0.9626
    """
    return success / (1 - (1 - success) * (1 - design.PAY_GIVE_UP))


def walk(seed: int, people: People, variant: design.Variant, *, part: int = 0) -> Journey:
    """Send one block of customers through the journey.

    Parameters
    ----------
    seed : int
        Seed of the study.
    people : People
        The block.
    variant : Variant
        The switch in force.
    part : int
        Number of the block.

    Returns
    -------
    Journey
        Stays, payment attempts and first times.
    """
    return _Walk(stream(seed, "journey", part), people, variant).run()


class _Walk:
    """State of the walk: all customers who still move take one step at a time, together."""

    def __init__(self, rng: np.random.Generator, people: People, variant: design.Variant) -> None:
        self.rng, self.people, self.variant = rng, people, variant
        n = len(people)
        self.first = np.full((n, 7), np.nan)
        self.buyer = np.zeros(n, dtype=bool)
        self.assigned_at = np.full(n, np.nan)
        self.active_at = np.full(n, np.nan)
        self.tickets_at = np.full(n, np.inf)
        self.usage_at = np.full(n, np.inf)
        self.stays: list[tuple[Ints, Ints, Floats, Floats, Ints]] = []
        self.rounds: list[tuple[Ints, Floats, Ints, Bools]] = []
        households = int(people.household.max() - people.household.min()) + 1
        self.household = rng.standard_normal((2, households))
        self.trait_delay = np.exp(design.DWELL_LOG_SD * rng.standard_normal((2, n)))

    def run(self) -> Journey:
        who = np.arange(len(self.people))
        stage = np.zeros(len(who), dtype=np.int64)
        time = self.people.arrival.copy()
        while len(who):
            self._note_entry(who, stage, time)
            to, end = self._leave(who, stage, time)
            open_ = end >= design.DAYS
            to[open_] = OPEN
            self.stays.append((who, stage, time, np.minimum(end, design.DAYS), to))
            on = ~open_ & (to != GONE)
            who, stage, time = who[on], to[on], end[on]
        return self._collect()

    def _note_entry(self, who: Ints, stage: Ints, time: Floats) -> None:
        real = stage <= ADVOCATE
        at = self.first[who[real], stage[real]]
        self.first[who[real], stage[real]] = np.fmin(at, time[real])
        self.buyer[who[stage >= BUY]] |= True
        self.buyer[who[stage == LAPSED]] = False
        seen = stage == CONSIDER
        self.assigned_at[who[seen]] = np.fmin(self.assigned_at[who[seen]], time[seen])
        new = (stage >= ADOPT) & (stage <= ADVOCATE) & np.isnan(self.active_at[who])
        self._start_traits(who[new], time[new])

    def _start_traits(self, who: Ints, time: Floats) -> None:
        self.active_at[who] = time
        delay = self.trait_delay[:, who]
        tickets = np.where(self.people.tickets[who], time + design.TICKETS_MEDIAN * delay[0], np.inf)
        usage = np.where(self.people.usage_falls[who], time + design.USAGE_MEDIAN * delay[1], np.inf)
        self.tickets_at[who], self.usage_at[who] = tickets, usage

    def _leave(self, who: Ints, stage: Ints, time: Floats) -> tuple[Ints, Floats]:
        median = np.asarray(MEDIAN)[stage]
        dwell = median * np.exp(design.DWELL_LOG_SD * self.rng.standard_normal(len(who)))
        to = self._next(who, stage, time)
        dwell[to == GONE + 1] = np.inf
        to, dwell = self._hazards(who, stage, time, to, dwell)
        end = time + dwell
        wants = (to == BUY) & (end < design.DAYS)
        to[wants] = self._pay(who[wants], end[wants])
        return to, end

    def _next(self, who: Ints, stage: Ints, time: Floats) -> Ints:
        rows = transition_matrix()[stage]
        people, variant = self.people, self.variant
        effect = variant.effect * np.asarray(variant.arm_effect)[people.arm[who]]
        effect = np.where(np.isnan(self.assigned_at[who]), 0.0, effect)
        at = stage == CONSIDER
        shift = np.asarray(design.REGION_PURCHASE)[people.region[who]] + effect * design.EFFECT_PURCHASE
        self._move(rows, at, BUY, LAPSED, shift)
        at = stage == BUY
        self._move(rows, at, ADOPT, LEFT, effect * self._adoption_effect(who, time))
        # Everyone who wants to pay must try; the give-ups come off again in `_pay`.
        extra = rows[:, BUY] / eventually_paid(design.PAY_SUCCESS) - rows[:, BUY]
        rows[:, BUY] += extra
        rows[np.arange(len(who)), np.where(stage < BUY, LAPSED, LEFT)] -= extra
        back = self.buyer[who] & (stage < BUY)
        rows[back, LEFT] += rows[back, LAPSED]
        rows[back, LAPSED] = 0.0
        return self._choose(who, stage, time, rows)

    def _adoption_effect(self, who: Ints, time: Floats) -> Floats:
        segment = self.people.segment[who]
        shares = np.asarray(design.SEGMENT_SHARES)
        effects = np.asarray(design.EFFECT_ADOPTION)
        planned = effects[segment] if self.variant.segments else np.full(len(who), float(shares @ effects))
        if not self.variant.novelty_days:
            return np.asarray(planned, dtype=np.float64)
        since = np.nan_to_num(time - self.assigned_at[who])
        return np.asarray(planned * np.clip(1 - since / self.variant.novelty_days, 0, 1), dtype=np.float64)

    @staticmethod
    def _move(rows: Floats, at: Bools, to: int, leave: int, shift: Floats) -> None:
        rows[at, to] += shift[at]
        rows[at, leave] -= shift[at]

    def _choose(self, who: Ints, stage: Ints, time: Floats, rows: Floats) -> Ints:
        point = self.rng.random(len(who))
        # Only the first decision follows from the person, or later stays would no longer be a Markov chain.
        first = (stage == CONSIDER) & (self.assigned_at[who] == time)
        point = _mixed(point, -self.people.affinity[who], np.where(first, AFFINITY_CORRELATION, 0.0))
        if self.variant.clustered:
            home = self.people.household[who] - self.people.household.min()
            # One luck for buying and another for adopting, or the second chance would follow the first.
            base = self.household[(stage == BUY).astype(int), home]
            decides = (stage == CONSIDER) | (stage == BUY)
            point = _mixed(point, base, np.where(decides, HOUSEHOLD_CORRELATION, 0.0))
        # Forward is tried first, so that a low number always means moving on.
        forward = rows[np.arange(len(who)), stage + 1] * (stage < ADVOCATE)
        rest = rows.copy()
        rest[np.arange(len(who)), stage + 1] -= forward
        edges = forward[:, None] + np.cumsum(rest, axis=1)
        other = (point[:, None] >= edges[:, :-1]).sum(axis=1)
        return np.where(point < forward, stage + 1, other).astype(np.int64)

    def _hazards(self, who: Ints, stage: Ints, time: Floats, to: Ints, dwell: Floats) -> tuple[Ints, Floats]:
        at = np.flatnonzero((stage >= ADOPT) & (stage <= EXPAND))
        price = self.people.plan[who[at]] == design.PLANS.index(design.PRICE_PLAN)
        starts = np.stack(
            [
                self.tickets_at[who[at]],
                self.usage_at[who[at]],
                np.where(price, float(design.PRICE_DAY), np.inf),
            ]
        )
        leave = transition_matrix()[stage[at], LEFT]
        threshold = self.rng.exponential(size=len(at))
        early = early_exit(
            np.maximum(starts - time[at], 0.0), leave, np.asarray(MEDIAN)[stage[at]], threshold
        )
        sooner = at[early < dwell[at]]
        dwell[sooner] = early[early < dwell[at]]
        to[sooner] = LEFT
        return to, dwell

    def _pay(self, who: Ints, time: Floats) -> Ints:
        odds = pay_success(self.people.region[who], time)
        failed = np.zeros(len(who), dtype=np.int64)
        paid = np.zeros(len(who), dtype=bool)
        trying = np.arange(len(who))
        while len(trying):
            works = self.rng.random(len(trying)) < odds[trying]
            gives_up = self.rng.random(len(trying)) < design.PAY_GIVE_UP
            paid[trying[works]] = True
            failed[trying[~works]] += 1
            trying = trying[~works & ~gives_up]
        self.rounds.append((who, time, failed, paid))
        lost = np.where(self.buyer[who], LEFT, LAPSED)
        return np.where(paid, BUY, lost).astype(np.int64)

    def _collect(self) -> Journey:
        who, stage, entry, end, to = (np.concatenate(part) for part in zip(*self.stays, strict=True))
        order = np.lexsort((entry, who))
        rounds = [np.concatenate(part) for part in zip(*self.rounds, strict=True)]
        by_time = np.lexsort((rounds[1], rounds[0]))
        return Journey(
            customer=who[order],
            stage=stage[order],
            entry=entry[order],
            end=end[order],
            to=to[order],
            attempts=Attempts(*(a[by_time] for a in rounds)),
            first=self.first,
            tickets_at=np.where(np.isfinite(self.tickets_at), self.tickets_at, np.nan),
            usage_at=np.where(np.isfinite(self.usage_at), self.usage_at, np.nan),
        )


def _mixed(point: Floats, base: Floats, share: Floats) -> Floats:
    """Tie a uniform draw to a normal trait without changing its distribution."""
    tied: Floats = np.where(share > 0, ndtr(np.sqrt(share) * base + np.sqrt(1 - share) * ndtri(point)), point)
    return tied


def pay_success(region: Ints, time: Floats) -> Floats:
    """Return the odds that one payment attempt works, with the planted fault.

    Examples
    --------
    >>> pay_success(np.array([0, 0, 1]), np.array([249.0, 250.5, 250.5])).tolist()
    [0.9, 0.45, 0.9]
    """
    end = design.FAULT_START + design.FAULT_DAYS
    fault = (
        (time >= design.FAULT_START) & (time < end) & (region == design.REGIONS.index(design.FAULT_REGION))
    )
    return np.where(fault, design.FAULT_SUCCESS, design.PAY_SUCCESS)
