"""How fast are touch paths followed and credited? Prints ratios from one run.

Run as `python -m bench.journeys attribution` for rules of thumb and a Markov chain from a log, beside DuckDB
and Polars (see `bench/peers.py`; these count steps, a few lines of numpy solve their chain). Run as
`python -m bench.attribution` for a million paths beside a loop over customers, and ChannelAttribution
(heuristic_models and markov_model, C++), which needs an environment of its own: set CHANNEL_ATTRIBUTION to
the Python of one that has it. It is handed distinct paths as text; our kernel starts from sorted events.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.peers import Peer, duckdb_base, timed
from journey_lib.stats.attribution.chains import steps
from journey_lib.stats.attribution.rules import RULES, credited, shares
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.touches import Touched, TouchPaths
from journey_lib.study.events import EventLog

CUSTOMERS, CHANNELS = 1_000_000, 9
DAY = 86_400_000_000
KERNEL = TouchPaths((0,), (1,), CHANNELS, lookback=30 * DAY)
PEER = """
import sys, time, pandas as pd, ChannelAttribution as C
paths = pd.read_csv(sys.argv[1])
start = time.perf_counter()
C.heuristic_models(paths, "path", "sold", flg_pro=False)
heuristics = time.perf_counter() - start
start = time.perf_counter()
C.markov_model(paths, "path", "sold", var_null="failed", flg_pro=False, verbose=False, seed=1)
print("seconds", heuristics, time.perf_counter() - start)
"""


WEEK = 7 * DAY
EACH = 1 / 0.3 + 1 / 3  # events of a customer
COUNTED = ("first", "last", "linear", "u_shape", "time_decay")
Answer = list[float]  # credits of each rule by channel, then removal effects

TOUCHES = f"""
create temp table touches as
with marked as (
  select customer, channel, t, min(case when channel < 0 then t end) over w as sale from {{source}}
  window w as (partition by customer order by t rows between current row and unbounded following)),
lasting as (
  select *, max(t) over (partition by customer) as newest,
    bool_or(sale is not null) over (partition by customer) as buys
  from marked)
select customer, channel, t, sale, sale is not null as leads,
  row_number() over w as place, count(*) over (partition by customer, sale) as n,
  lag(channel) over w as before
from lasting where channel >= 0 and (
  sale - t <= {KERNEL.lookback} or
  (not buys and newest + {KERNEL.lookback} <= {{last}} and newest - t <= {KERNEL.lookback}))
window w as (partition by customer, sale order by t)
"""
CREDITS = f"""
with weighted as (
  select *, pow(2, (t - sale) / {WEEK}.0) as decay, sum(decay) over (partition by customer, sale) as whole
  from touches where leads)
select count(*) filter (place = 1), count(*) filter (place = n), sum(1 / n),
  sum(case when n = 1 then 1 when n = 2 then 0.5 when place in (1, n) then 0.4 else 0.2 / (n - 2) end),
  sum(decay / whole) from weighted group by channel order by channel
"""
STEPS = """
select coalesce(before, -1) as state, channel as follows, count(*) as n from touches group by all union all
select channel, case when leads then -1 else -2 end, count(*) from touches where place = n group by all
"""


def drawn(n: int) -> pd.DataFrame:
    """Draw a log of about n events in no order: text ids and channels, touches and orders."""
    made = batch_of(round(n / EACH))
    order = np.random.default_rng(18).permutation(made.n_events)
    channels = pd.Index([*(f"channel_{at}" for at in range(CHANNELS)), None], dtype="str")
    return pd.DataFrame(
        {
            "customer_id": made.ids.take(made.codes[order]),
            "event": np.array(["touch", "order"])[made.event[order]],
            "channel": channels.take(made.columns["channel"][order]),
            "time": pd.DatetimeIndex(made.time[order].astype("datetime64[us]"), tz="UTC"),
        }
    )


def prepared(file: Path) -> Callable[[], Answer]:
    log = EventLog.from_file(file)
    until = np.full(log.n_customers, int(log.time.max()))
    batch = Batch(log.offsets, log.time, log.event, log.customers, 0, until, {"channel": log.channel})
    codes = [(log.names.index(name),) for name in ("touch", "order")]
    kernel = TouchPaths(*codes, CHANNELS, lookback=KERNEL.lookback, half_life=WEEK)
    return lambda: credits_of(kernel.measure(batch))


def whole(file: Path) -> Answer:
    return prepared(file)()


def credits_of(touched: Touched) -> Answer:
    rows = [credited(touched.paths, shares(touched.paths, rule), touched.sold) for rule in COUNTED[:-1]]
    chain = steps(touched.paths, 1)
    effects = chain.removal(chain.count(touched.sold, touched.failed))[1]
    every = np.stack([*rows, touched.decayed[0], effects])
    return every[:, :CHANNELS].ravel().tolist()  # the last column stands for touches without a channel


def removed(state: Any, follows: Any, n: Any) -> np.ndarray:
    """Return removal effects from counted steps; -1 is the start or, after a touch, an order; -2 none."""
    state, follows = np.asarray(state, dtype=int), np.asarray(follows, dtype=int)
    counts = np.zeros((CHANNELS + 1, CHANNELS + 2))  # the last row starts; the last columns: none, an order
    counts[state, follows] = n
    share = counts / counts.sum(axis=1, keepdims=True)

    def rate(kept: np.ndarray) -> float:
        inner = share[np.ix_(kept, kept)]
        return float(share[-1, kept] @ np.linalg.solve(np.eye(len(kept)) - inner, share[kept, -1]))

    every = np.arange(CHANNELS)
    return np.array([1 - rate(np.delete(every, at)) / rate(every) for at in every])


def duckdb_read(file: Path, customer: str = "customer_id") -> str:
    channel = "coalesce(channel[9:]::TINYINT, -1)"
    return f"SELECT {customer} AS customer, {channel} AS channel, epoch_us(time) AS t FROM '{file}'"


def duckdb_asked(base: Any, source: str) -> Answer:
    last = base.execute(f"SELECT max(t) FROM {source}").fetchone()[0]
    base.execute("DROP TABLE IF EXISTS touches")
    base.execute(TOUCHES.format(source=source, last=last))
    rules = np.array(base.execute(CREDITS).fetchall(), dtype=float).T
    effects = removed(*zip(*base.execute(STEPS).fetchall(), strict=True))
    return np.concatenate([rules.ravel(), effects]).tolist()


def duckdb_prepared(file: Path) -> Callable[[], Answer]:
    base = duckdb_base()
    number = "(dense_rank() OVER (ORDER BY customer_id))::INTEGER"
    base.execute(f"CREATE TABLE log AS {duckdb_read(file, number)} ORDER BY 1, 3")
    return lambda: duckdb_asked(base, "log")


def duckdb_whole(file: Path) -> Answer:
    return duckdb_asked(duckdb_base(), f"({duckdb_read(file)})")


def polars_read(file: Path) -> Any:
    import polars as pl

    channel = pl.col("channel").str.slice(8).cast(pl.Int32).fill_null(-1)
    time_ = pl.col("time").dt.epoch("us").alias("t")
    return pl.scan_parquet(file).select(pl.col("customer_id").alias("customer"), channel, time_)


def polars_asked(frame: Any) -> Answer:
    import polars as pl

    t, sale, leads = pl.col("t"), pl.col("sale"), pl.col("sale").is_not_null()
    own = pl.when(pl.col("channel") < 0).then(t).backward_fill().over("customer").alias("sale")
    newest = t.max().over("customer")
    marked = frame.with_columns(own).with_columns(
        leads.any().over("customer").alias("buys"), newest.alias("newest")
    )
    closed = (
        ~pl.col("buys")
        & (pl.col("newest") + KERNEL.lookback <= t.max())
        & (pl.col("newest") - t <= KERNEL.lookback)
    )
    kept = (pl.col("channel") >= 0) & ((sale - t <= KERNEL.lookback).fill_null(value=False) | closed)
    path = ("customer", "sale")
    touches = marked.filter(kept).with_columns(
        (pl.int_range(pl.len()).over(path) + 1).alias("place"), pl.len().over(path).cast(pl.Int64).alias("n"),
        pl.col("channel").shift(1).over(path).fill_null(-1).alias("before"),
    )  # fmt: skip
    asked = pl.collect_all([polars_credits(touches), *polars_steps(touches)])
    following = np.concatenate([part.to_numpy() for part in asked[1:]])
    return np.concatenate([asked[0].to_numpy().T.ravel(), removed(*following.T)]).tolist()


def polars_credits(touches: Any) -> Any:
    import polars as pl

    n, place = pl.col("n"), pl.col("place")
    decay = (2.0 ** ((pl.col("t") - pl.col("sale")) / WEEK)).alias("decay")
    ends = pl.when(n == 1).then(1.0).when(n == 2).then(0.5).when((place == 1) | (place == n)).then(0.4)
    led = touches.filter(pl.col("sale").is_not_null()).with_columns(decay)
    share = pl.col("decay") / pl.col("decay").sum().over("customer", "sale")
    rules = led.select(
        "channel",
        first=place == 1,
        last=place == n,
        linear=1 / n,
        u=ends.otherwise(0.2 / (n - 2)),
        decay=share,
    )
    return rules.group_by("channel").agg(pl.all().sum()).sort("channel").drop("channel")


def polars_steps(touches: Any) -> tuple[Any, Any]:
    import polars as pl

    inner = touches.group_by("before", "channel").agg(n=pl.len().cast(pl.Int32))
    kind = pl.when(pl.col("sale").is_null()).then(-2).otherwise(-1).alias("follows")
    ends = (
        touches.filter(pl.col("place") == pl.col("n"))
        .group_by("channel", kind)
        .agg(n=pl.len().cast(pl.Int32))
    )
    return inner, ends


def polars_prepared(file: Path) -> Callable[[], Answer]:
    import polars as pl

    ready = polars_read(file).with_columns(pl.col("customer").rank("dense").cast(pl.Int32))
    ready = ready.sort("customer", "t").collect()
    return lambda: polars_asked(ready.lazy())


def polars_whole(file: Path) -> Answer:
    return polars_asked(polars_read(file).sort("customer", "t"))


PEERS = {
    "journey_lib": Peer(prepared, whole),
    "duckdb": Peer(duckdb_prepared, duckdb_whole),
    "polars": Peer(polars_prepared, polars_whole),
}


def batch_of(customers: int) -> Batch:
    """Draw customers with some touches over 25 days, a third of whom buy at the end."""
    rng = np.random.default_rng(17)
    touches = rng.geometric(0.3, customers)
    buys = rng.random(customers) < 1 / 3
    size = touches + buys
    offsets = np.append(0, np.cumsum(size))
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], size)
    event = (place == np.repeat(touches, size)).astype(np.int8)
    channel = np.where(event == 1, -1, rng.integers(0, CHANNELS, len(event))).astype(np.int32)
    time_ = np.repeat(rng.integers(0, 400 * DAY, customers), size) + place * (25 * DAY // 60)
    ids = pd.Index([f"C{i:07}" for i in range(customers)], dtype="str")
    return Batch(offsets, time_, event, ids, 0, np.full(customers, 540 * DAY), {"channel": channel})


def modelled(touched: Touched) -> None:
    """Return nothing: credit every rule and solve the chain."""
    for rule in RULES:
        credited(touched.paths, shares(touched.paths, rule), touched.sold)
    chain = steps(touched.paths, 1)
    chain.removal(chain.count(touched.sold, touched.failed))


def text(touched: Touched) -> pd.DataFrame:
    """Return the distinct paths as the peer wants them."""
    ends, names = touched.paths.offsets, [f"channel {c}" for c in touched.paths.codes]
    paths = [" > ".join(names[a:b]) for a, b in pairwise(ends)]
    return pd.DataFrame({"path": paths, "sold": touched.sold, "failed": touched.failed})


def by_hand(batch: Batch) -> None:
    """Follow the same paths customer by customer, and count what the models need."""
    channel, ends, times = batch.columns["channel"].tolist(), batch.offsets.tolist(), batch.time.tolist()
    sold: Counter[tuple[int, ...]] = Counter()
    failed: Counter[tuple[int, ...]] = Counter()
    for low, high in pairwise(ends):
        bought, early = channel[high - 1] < 0, times[high - 1] - KERNEL.lookback
        path = tuple([channel[i] for i in range(low, high - bought) if times[i] >= early])
        (sold if bought else failed)[path] += 1
    first, last, linear, walks = Counter(), Counter(), Counter(), Counter()
    for path, n in sold.items():
        first[path[0]] += n
        last[path[-1]] += n
        for one in path:
            linear[one] += n / len(path)
    for paths in (sold, failed):
        for path, n in paths.items():
            for pair in zip((-1, *path), path, strict=False):
                walks[pair] += n


def peer(paths: pd.DataFrame, python: str) -> tuple[float, float]:
    """Return the seconds of the peer's rules and chain on the same paths."""
    with tempfile.TemporaryDirectory() as folder:
        paths.to_csv(Path(folder, "paths.csv"), index=False)
        run = [python, "-W", "ignore", "-c", PEER, str(Path(folder, "paths.csv"))]
        told = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    words = next(line for line in told.splitlines() if line.startswith("seconds")).split()
    return float(words[1]), float(words[2])


def seconds(call: Callable[[], object]) -> float:
    return timed(call, 2)[1]


def main() -> None:
    batch = batch_of(CUSTOMERS)
    touched = KERNEL.measure(batch)
    follow, credit = seconds(lambda: KERNEL.measure(batch)), seconds(lambda: modelled(touched))
    print(f"{CUSTOMERS:,} paths, {batch.n_events:,} events, {len(touched.paths):,} distinct paths")
    print(f"following {follow:.2f} s, all rules and the chain {credit:.2f} s")
    with_draws = TouchPaths(**{**vars(KERNEL), "draws": 200})
    start = time.perf_counter()
    with_draws.measure(batch)
    drawn_seconds = time.perf_counter() - start
    print(f"following with 200 bootstrap draws {drawn_seconds:.1f} s: {drawn_seconds / follow:.0f} times")
    hand = seconds(lambda: by_hand(batch))
    print(f"a loop over customers takes {hand / (follow + credit):.1f} times as long as both")
    python = os.environ.get("CHANNEL_ATTRIBUTION", "")
    if not python:
        sys.exit("set CHANNEL_ATTRIBUTION to a Python that has the package ChannelAttribution for its ratio")
    rules, chain = peer(text(touched), python)
    print(
        f"ChannelAttribution on finished distinct paths: rules {rules:.2f} s, simulated chain {chain:.2f} s, "
        f"together {(rules + chain) / credit:.1f} times our models"
    )


if __name__ == "__main__":
    main()
