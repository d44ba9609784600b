"""How long do contacts, effort and moves between channels take, and how long do others take for the same?

Run as `python -m bench.journeys touchpoints`; see `bench/peers.py`. Our kernels count more in the same pass
(who came first and last, exact distributions, sums for intervals); the others just what is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.events import CHANNELS, NAMES
from bench.events import shuffled as drawn  # noqa: F401 - the log of this bench
from bench.peers import Peer, duckdb_base
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.touchpoints import Channels, Contacts
from journey_lib.stats.kernels.touchpoints.tally import Table
from journey_lib.study.events import EventLog

POINTS, STAGES = 16, 7  # the first names enter the stages, the next ones belong to touchpoints
SECOND, PAUSE, GAP = 1_000_000, 1_800_000_000, 2_592_000_000_000
Answer = list[float]

CONTACTS = """
with staged as (
  select customer, event, t, row, case when event between 7 and 22 then event - 7 end as point,
    max(case when event < 7 then event else -1 end) over (partition by customer order by t, row) as stay
  from {source}),
met as (
  select *, lag(point) over w as before,
    row_number() over (partition by customer, stay, point order by t, row) as k
  from staged where point is not null window w as (partition by customer, stay order by t, row)),
each as (
  select point, customer, count(*) as n, sum((k > 1)::int) as repeats,
    sum((before is not null and before <> point and k > 1)::int) as loops from met group by all)
select count(*), sum(n), sum(n * n), sum(repeats), sum(loops) from each group by point order by point
"""
EFFORT = """
with staged as (
  select customer, t, (event between 7 and 22)::int as contact,
    max(case when event < 7 then event else -1 end) over (partition by customer order by t, row) as stay
  from {source}),
spells as (
  select customer, stay, min(t) as began, sum(contact) as steps,
    lead(min(t)) over (partition by customer order by stay) as ended
  from staged group by customer, stay)
select count(*), count(ended), coalesce(sum(steps) filter (ended is not null), 0),
  coalesce(quantile_disc((ended - began) // 1000000, 0.5), -1)
from spells where stay >= 0 group by stay order by stay
"""
MOVES = """
with marked as (
  select customer, channel, t, row,
    coalesce(channel <> lag(channel) over w or t - lag(t) over w > 1800000000, true) as new
  from {source} window w as (partition by customer order by t, row)),
numbered as (select *, sum(new::int) over (partition by customer order by t, row) as visit from marked),
visits as (select customer, visit, any_value(channel) as channel, min(t) as began, max(t) as ended
  from numbered group by all),
moves as (
  select customer, channel as origin, lead(channel) over w as target,
    lead(began) over w - ended <= 2592000000000 as near
  from visits window w as (partition by customer order by visit)),
each as (select customer, origin, target, count(*) as n from moves where near group by all)
select sum(n), count(*), sum(n * n) from each group by origin, target order by origin, target
"""


def prepared(file: Path) -> Callable[[], Answer]:
    log = EventLog.from_file(file)
    assert (log.names, log.channels) == (tuple(NAMES), tuple(sorted(CHANNELS)))
    until = np.full(log.n_customers, int(log.time.max()))
    batch = Batch(log.offsets, log.time, log.event, log.customers, 0, until, {"channel": log.channel})
    return lambda: counted(batch)


def whole(file: Path) -> Answer:
    return prepared(file)()


def counted(batch: Batch) -> Answer:
    stage = tuple(at if at < STAGES else -1 for at in range(len(NAMES)))
    place = tuple(at - STAGES if STAGES <= at < STAGES + POINTS else -1 for at in range(len(NAMES)))
    home = tuple(at % STAGES for at in range(POINTS))
    found = Contacts(place, home, stage, STAGES).measure(batch)
    moved = Channels(stage, STAGES, len(CHANNELS), "channel", pause=PAUSE, gap=GAP).measure(batch)
    names = ("contacts_n", "contacts_sum", "contacts_squares", "repeats_sum", "loops_sum")
    contacts = np.column_stack([found[name][:, 0] for name in names])
    moved_on = found["moved"][:, 0].tolist()
    seconds = [median(found.tables["seconds"], at, n) for at, n in enumerate(moved_on)]
    effort = np.column_stack([found["entered"][:, 0], moved_on, found["steps_sum"][:, 0], seconds])
    moves = np.stack([moved[name] for name in ("moves", "movers", "moves_squares")], axis=-1)
    return told(contacts, effort, moves)


def median(seconds: Table, stage: int, n: int) -> float:
    """Return the lower median of those who moved on, -1 where nobody did."""
    return float(seconds.quantiles(range(stage, stage + 1), [(n + 1) // 2])[0]) if n else -1.0


def told(*parts: Any) -> Answer:
    """Return tables as one row of numbers."""
    flat = [np.asarray(part, dtype=float).ravel() for part in parts]
    return np.concatenate(flat).tolist()


def duckdb_asked(base: Any, source: str) -> Answer:
    asked = (base.execute(query.format(source=source)).fetchall() for query in (CONTACTS, EFFORT, MOVES))
    return told(*asked)


def numbered(base: Any) -> None:
    """Write down the codes of events and channels."""
    for table, names in (("names", NAMES), ("ways", sorted(CHANNELS))):
        rows = ", ".join(f"('{name}', {place})" for place, name in enumerate(names))
        base.execute(f"CREATE TABLE {table} AS SELECT * FROM (VALUES {rows}) v(name, code)")


def duckdb_read(file: Path, customer: str) -> str:
    return (
        f"SELECT {customer} AS customer, n.code AS event, w.code AS channel, epoch_us(time) AS t, "
        f"file_row_number AS row FROM read_parquet('{file}', file_row_number = true) l "
        "JOIN names n ON l.event = n.name JOIN ways w ON l.channel = w.name"
    )


def duckdb_prepared(file: Path) -> Callable[[], Answer]:
    base = duckdb_base()
    numbered(base)
    number = "(dense_rank() OVER (ORDER BY customer_id))::INTEGER"
    base.execute(f"CREATE TABLE log AS {duckdb_read(file, number)} ORDER BY 1, 4, 5")
    return lambda: duckdb_asked(base, "log")


def duckdb_whole(file: Path) -> Answer:
    base = duckdb_base()
    numbered(base)
    base.execute(f"CREATE TABLE log AS {duckdb_read(file, 'customer_id')}")
    return duckdb_asked(base, "log")


def polars_read(file: Path) -> Any:
    import polars as pl

    def code(name: str, words: list[str]) -> Any:
        return pl.col(name).cast(pl.Enum(words)).to_physical().cast(pl.Int32)

    return pl.scan_parquet(file).select(
        pl.col("customer_id").alias("customer"), code("event", list(NAMES)),
        code("channel", sorted(CHANNELS)),
        pl.col("time").dt.epoch("us").alias("t"),
    )  # fmt: skip


def polars_asked(frame: Any) -> Answer:
    import polars as pl

    event, same = pl.col("event"), pl.col("customer") == pl.col("customer").shift(1)
    point = pl.when(event.is_between(STAGES, STAGES + POINTS - 1)).then(event - STAGES).alias("point")
    stage = pl.when(event < STAGES).then(event).otherwise(-1)
    staged = frame.with_columns(point, stage.cum_max().over("customer").alias("stay"))
    new = (
        ~same
        | (pl.col("channel") != pl.col("channel").shift(1))
        | (pl.col("t") - pl.col("t").shift(1) > PAUSE)
    )
    marked = frame.with_columns(new.fill_null(value=True).cast(pl.Int64).cum_sum().alias("visit"))
    asked = [polars_contacts(staged), polars_effort(staged), polars_moves(marked)]
    return told(*(found.to_numpy() for found in pl.collect_all(asked)))


def polars_contacts(staged: Any) -> Any:
    import polars as pl

    before = pl.col("point").shift(1).over("customer", "stay")
    again = pl.int_range(pl.len()).over("customer", "stay", "point") > 0
    met = staged.filter(pl.col("point").is_not_null()).with_columns(
        before.alias("before"), again.alias("again")
    )
    back = (pl.col("before") != pl.col("point")).fill_null(value=False) & pl.col("again")
    n = pl.col("n")
    each = met.group_by("point", "customer").agg(
        n=pl.len().cast(pl.Int64), repeats=pl.col("again").sum(), loops=back.sum()
    )
    by_point = each.group_by("point").agg(
        n.len().alias("customers"),
        n.sum(),
        (n * n).sum().alias("squares"),
        pl.col("repeats").sum(),
        pl.col("loops").sum(),
    )
    return by_point.sort("point").drop("point")


def polars_effort(staged: Any) -> Any:
    import polars as pl

    spells = staged.group_by("customer", "stay").agg(began=pl.col("t").min(), steps=pl.col("point").count())
    spells = spells.sort("customer", "stay")
    follows = pl.col("customer").shift(-1) == pl.col("customer")
    ended = pl.when(follows).then(pl.col("began").shift(-1)).alias("ended")
    seconds = ((pl.col("ended") - pl.col("began")) // SECOND).quantile(0.5, "lower").fill_null(-1)
    by_stage = spells.with_columns(ended).filter(pl.col("stay") >= 0).group_by("stay").agg(
        pl.len(), pl.col("ended").count(), pl.col("steps").filter(pl.col("ended").is_not_null()).sum(),
        seconds.alias("seconds"),
    )  # fmt: skip
    return by_stage.sort("stay").drop("stay")


def polars_moves(marked: Any) -> Any:
    import polars as pl

    first = [pl.col(name).first() for name in ("customer", "channel")]
    visits = (
        marked.group_by("visit").agg(*first, began=pl.col("t").min(), ended=pl.col("t").max()).sort("visit")
    )
    after = pl.col("customer").shift(-1) == pl.col("customer")
    near = after & (pl.col("began").shift(-1) - pl.col("ended") <= GAP)
    pairs = visits.with_columns(pl.col("channel").shift(-1).alias("target"), near.alias("near")).filter(
        "near"
    )
    each = pairs.group_by("customer", "channel", "target").agg(n=pl.len().cast(pl.Int64))
    n = pl.col("n")
    table = each.group_by("channel", "target").agg(
        n.sum(), n.len().alias("movers"), (n * n).sum().alias("squares")
    )
    return table.sort("channel", "target").drop("channel", "target")


def polars_prepared(file: Path) -> Callable[[], Answer]:
    import polars as pl

    ready = polars_read(file).with_columns(pl.col("customer").rank("dense").cast(pl.Int32))
    ready = ready.sort("customer", "t", maintain_order=True).collect()
    return lambda: polars_asked(ready.lazy())


def polars_whole(file: Path) -> Answer:
    return polars_asked(polars_read(file).sort("customer", "t", maintain_order=True))


PEERS = {
    "journey_lib": Peer(prepared, whole),
    "duckdb": Peer(duckdb_prepared, duckdb_whole),
    "polars": Peer(polars_prepared, polars_whole),
}
