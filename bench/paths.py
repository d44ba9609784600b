"""How long does a matrix of transitions take beside DuckDB and polars, and all that the report counts?

Run as `python -m bench.paths`: each size in a process of its own. "Prepared" means that the log is in order
and its names are numbers, for everybody; "end to end" starts at one shuffled frame with text ids. A peer
that is not installed is named and left out; every peer must give the same counts.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from bench.events import NAMES, SIZES, shuffled, watched
from bench.peers import timed
from journey_lib.measures.paths import paths
from journey_lib.stats.kernels import Batch
from journey_lib.stats.kernels.paths import PARTS, Paths, Plan
from journey_lib.study.engine import observe
from journey_lib.study.events import EventLog
from journey_lib.study.load import quick_study

DAY = 86_400_000_000
PLAN = Plan(tuple(range(len(NAMES))), tuple(range(len(NAMES))), 30 * DAY, steps=8)
Answer = tuple[np.ndarray, float]
FOLLOWS = """
select event, coalesce(next, -1) as next, count(*) as n from (
  select event, lead(event) over (partition by customer order by time, row) as next from log)
group by all
"""
MOMENTS = """
with follows as (
  select customer, event, coalesce(lead(event) over w, -1) as next, lead(time) over w - time as gap
  from log window w as (partition by customer order by time, row)),
each as (select customer, event, next, count(*) as n from follows group by all),
base as (select *, sum(n) over (partition by customer, event) as visits from each),
sums as (select event, next, sum(n) as n, count(*), sum(n * n), sum(n * visits) from base group by all),
times as (select event, next, quantile_disc(gap // 1000000, 0.5) as days from follows group by all)
select * from sums join times using (event, next)
"""


def matrix(event: Any, following: Any, n: Any) -> np.ndarray:
    """Return counts of pairs as a matrix; -1 follows the last event of a customer."""
    counts = np.zeros((len(NAMES), len(NAMES) + 1), dtype=np.int64)
    np.add.at(counts, (np.asarray(event), np.asarray(following)), np.asarray(n, dtype=np.int64))
    return counts


def ours(batch: Batch) -> np.ndarray:
    found = Paths(PLAN, parts=()).measure(batch).tables["counts"].dense(PLAN.cells)[:, 0]
    inner = found.reshape(-1, PLAN.columns)[: len(NAMES)]
    return np.column_stack([inner[:, : len(NAMES)], inner[:, len(NAMES) :].sum(axis=1)])


def prepared_frame(log: EventLog) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer": log.codes, "time": log.time, "row": np.arange(log.n_events), "event": log.event}
    )


def duckdb_prepared(log: EventLog) -> tuple[Answer, float]:
    import duckdb

    base = duckdb.connect()
    base.execute("set enable_progress_bar = false")
    base.register("frame", prepared_frame(log))
    base.execute("create table log as select * from frame")
    found, seconds = timed(lambda: base.execute(FOLLOWS).df())
    _, moments = timed(lambda: base.execute(MOMENTS).df(), 1)
    return (matrix(found["event"], found["next"], found["n"]), seconds), moments


def duckdb_whole(frame: pd.DataFrame) -> Answer:
    import duckdb

    base = duckdb.connect()
    base.execute("set enable_progress_bar = false")
    base.register("frame", frame)
    query = """
    select event, next, count(*) as n from (
      select event, lead(event) over (partition by customer_id order by time, row) as next
      from (select *, row_number() over () as row from frame)) group by all"""
    found, seconds = timed(lambda: base.execute(query).df(), 1)
    return named(found), seconds


def polars_prepared(log: EventLog) -> Answer:
    import polars as pl

    frame = pl.from_pandas(prepared_frame(log))
    found, seconds = timed(lambda: polars_follows(frame.lazy(), "customer"))
    return matrix(found["event"], found["next"].fill_null(-1), found["n"]), seconds


def polars_follows(frame: Any, customer: str) -> Any:
    import polars as pl

    same = pl.col(customer).shift(-1) == pl.col(customer)
    following = pl.when(same).then(pl.col("event").shift(-1)).alias("next")
    return frame.select("event", following).group_by("event", "next").agg(n=pl.len()).collect()


def polars_whole(frame: pd.DataFrame) -> Answer:
    import polars as pl

    given = pl.from_pandas(frame[["customer_id", "event", "time"]])

    def follow() -> Any:
        ordered = given.lazy().sort("customer_id", "time", maintain_order=True)
        return polars_follows(ordered, "customer_id")

    found, seconds = timed(follow, 1)
    return named(found.to_pandas()), seconds


def named(found: pd.DataFrame) -> np.ndarray:
    """Return counts of pairs of names as a matrix."""
    place = pd.Index(NAMES)
    return matrix(place.get_indexer(found["event"]), place.get_indexer(found["next"]), found["n"])


def beside(name: str, answer: Answer, wanted: np.ndarray, own: float) -> str:
    """Return a peer's time as a ratio, once it has said the same."""
    found, seconds = answer
    assert np.array_equal(found, wanted), f"{name} counts something else"
    return f"{name} {seconds:.2f} s ({seconds / own:.1f} times as long)"


def measured(n: int) -> str:
    frame = shuffled(n)
    log, loading, _ = watched(lambda: EventLog.from_frame(frame))
    assert log.names == tuple(NAMES)
    study, data = quick_study(events=log, journey=list(NAMES[:7]))
    observed = observe(study, data)
    batch = observed.batch(log)
    counts, own = timed(lambda: ours(batch))
    _, moments = timed(lambda: Paths(PLAN, parts=("moments", "gaps")).measure(batch))
    everything, full, above = watched(lambda: Paths(PLAN, parts=PARTS).measure(batch))
    assert everything.numbers["steps"] == n
    _, report = timed(lambda: paths(study, data), 1)
    (sql, sql_moments), peers, whole = duckdb_prepared(log), [], []
    peers.append(beside("DuckDB", sql, counts, own))
    whole.append(("DuckDB", duckdb_whole(frame)))
    missing = [name for name in ("polars",) if not find_spec(name)]
    if not missing:
        peers.append(beside("polars", polars_prepared(log), counts, own))
        whole.append(("polars", polars_whole(frame)))
    start = loading + own
    lines = [
        f"{n:>10,} events, prepared: transitions {own:.2f} s; " + ", ".join(peers),
        f"{'':>10}   with customers, squares and exact medians {moments:.2f} s; DuckDB {sql_moments:.2f} s "
        f"({sql_moments / moments:.1f} times as long)",
        f"{'':>10}   everything the report counts {full:.2f} s, peak {above / n:.0f} bytes an event above "
        f"the log; whole report on stages {report:.2f} s",
        f"{'':>10} end to end: transitions {start:.2f} s, of it ordering {loading:.2f} s; "
        + ", ".join(beside(name, answer, counts, start) for name, answer in whole),
    ]
    lines += [f"{'':>10} not installed, left out: {', '.join(missing)}"] if missing else []
    return "\n".join(lines)


def main() -> None:
    for n in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            print(pool.submit(measured, n).result(), flush=True)


if __name__ == "__main__":
    main()
