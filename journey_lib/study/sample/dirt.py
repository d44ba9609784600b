"""What happens to a clean log on its way: anonymous ids, bots, wrong clocks, late rows, repeated rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from journey_lib.study.sample import design, ratings
from journey_lib.study.sample.draws import Bools, Floats, Ints, instants
from journey_lib.study.sample.people import People
from journey_lib.study.sample.sessions import CODE, EVENTS, NO_CHANNEL, Log

if TYPE_CHECKING:
    import pyarrow as pa

ANONYMOUS: Final = 0.40
STITCHED: Final = 0.85
BOTS: Final = 0.02
BOT_EVENTS: Final = (30, 60)
SKEWED: Final = 0.01
REPEATED: Final = 0.005
LATE: Final = 0.02
DEVICES: Final = ("desktop", "mobile")


@dataclass(frozen=True)
class Ids:
    """How each customer of a block appears in the log."""

    anonymous: Bools
    stitched: Bools
    signed_in: Floats
    skew: Floats


def draw_ids(rng: np.random.Generator, people: People, first_stay_ends: Floats) -> Ids:
    """Draw who starts anonymously, when they sign in, and whose clock is wrong.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the dirt.
    people : People
        The block.
    first_stay_ends : array
        End of each customer's first stay; everybody has signed in by then.

    Returns
    -------
    Ids
        Facts about the block's customers.
    """
    n = len(people)
    latest = np.minimum(first_stay_ends - people.arrival, 1.0)
    hours = np.where(rng.random(n) < 0.2, 8.0, 0.5) * 3600
    skewed = rng.random(n) < SKEWED
    return Ids(
        anonymous=rng.random(n) < ANONYMOUS,
        stitched=rng.random(n) < STITCHED,
        signed_in=people.arrival + latest * rng.uniform(0.1, 0.9, n),
        skew=np.where(skewed, np.sign(rng.random(n) - 0.5) * rng.uniform(0.4, 1.6, n) * hours, 0.0),
    )


def sign_ins(ids: Ids, log: Log) -> Log:
    """Add the moment each anonymous visitor signs in, which is what stitching works with."""
    who = np.flatnonzero(ids.anonymous)
    session = int(log.session.max(initial=-1)) + 1 + np.arange(len(who))
    empty = np.full(len(who), np.nan)
    minus = np.full(len(who), -1)
    added = Log(who, ids.signed_in[who], np.full(len(who), CODE["signed_in"]), session, minus, empty, minus)
    fields = ("customer", "time", "event", "session", "channel", "value", "method")
    whole = [np.concatenate([getattr(log, f), getattr(added, f)]) for f in fields]
    order = np.lexsort((whole[1], whole[0]))
    return Log(*(column[order] for column in whole))


def event_table(
    rng: np.random.Generator, people: People, ids: Ids, log: Log, *, part: int, first: int
) -> pa.Table:
    """Return the raw log of one block, in the order the rows arrived.

    Parameters
    ----------
    rng : numpy.random.Generator
        Stream of the dirt.
    people, ids, log
        The block.
    part, first : int
        Number of the block, and of its first customer.

    Returns
    -------
    pyarrow.Table
        The columns of the events table.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    log, bot = _with_bots(rng, len(people), log)
    n, people_n = len(log), len(people)
    person = np.where(bot, 0, log.customer)
    seconds = np.floor(log.time * 86400).astype(np.int64)
    skew = np.where(bot, 0.0, ids.skew[person]).astype(np.int64)
    lag = 1 + log.customer % 5 + np.where(rng.random(n) < LATE, rng.integers(3600, 3 * 86400, n), 0)
    arrived = seconds + lag
    copies = 1 + (rng.random(n) < REPEATED)
    order = np.repeat(np.lexsort((np.arange(n), arrived)), copies)
    number = np.repeat(np.arange(n), copies)
    before = bot | (ids.anonymous[person] & (log.time < ids.signed_in[person]))
    known = ~before
    cookie = np.where(before & ~bot & ~ids.stitched[person], people_n * 2, 0) + log.customer
    has_cookie = before | ids.anonymous[person]
    region = np.where(bot, log.customer % len(design.REGIONS), people.region[person])
    offset = np.asarray(design.REGION_OFFSET)[region]
    device = np.where(bot, 0, (people.mobile[person] ^ (log.session % 7 == 0)).astype(int))
    base = part * 100_000_000

    def text(names: tuple[str, ...], codes: Ints) -> pa.Array:
        table = pa.array([*names, ""])
        return table.take(pa.array(np.where(codes < 0, len(names), codes)[order]))

    customer = pc.if_else(pa.array(known[order]), _named("C", person[order] + first, 7), pa.scalar(""))
    anonymous = pc.if_else(
        pa.array(has_cookie[order]), _named("A", cookie[order] + 4 * first, 9), pa.scalar("")
    )
    return pa.table(
        {
            "event_id": _named("E", number + base, 11),
            "customer_id": customer,
            "anonymous_id": anonymous,
            "session_id": _named("S", log.session[order] + base, 11),
            "time": instants((seconds + skew)[order]),
            "event": text(EVENTS, log.event),
            "channel": text(design.CHANNELS, log.channel),
            "device": text(DEVICES, device),
            "country": text(design.REGIONS, region),
            "value": pa.array(log.value[order], from_pandas=True),
            "payment_method": text(ratings.PAYMENTS, log.method),
            "utc_offset": pa.array(offset[order].astype(np.int16)),
            "received_at": instants(arrived[order]),
        }
    )


def _named(prefix: str, numbers: Ints, width: int) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, pa.scalar(""))


def _with_bots(rng: np.random.Generator, people: int, log: Log) -> tuple[Log, Bools]:
    """Add crawlers: one burst of page views every two seconds, never signed in."""
    bots = round(BOTS * people)
    counts = rng.integers(*BOT_EVENTS, size=bots)
    who = people + np.repeat(np.arange(bots), counts)
    place = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    start = np.repeat(rng.uniform(0, design.DAYS - 1, bots), counts)
    event = np.where(place == 0, CODE["visit"], np.where(place == 1, CODE["brand_seen"], CODE["page_view"]))
    session = int(log.session.max(initial=-1)) + 1 + np.repeat(np.arange(bots), counts)
    n = len(who)
    channel = np.where(place == 0, 0, NO_CHANNEL)
    added = Log(who, start + place * 2 / 86400, event, session, channel, np.full(n, np.nan), np.full(n, -1))
    fields = ("customer", "time", "event", "session", "channel", "value", "method")
    whole = Log(*(np.concatenate([getattr(log, f), getattr(added, f)]) for f in fields))
    return whole, np.arange(len(whole)) >= len(log)
